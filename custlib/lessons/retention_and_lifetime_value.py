"""Lesson 5: how long customers stay when many stories are not over, and what staying is worth."""

import numpy as np

from custlib import loyalty
from custlib.lessons import retention_keys as keys
from custlib.lessons.answers import Number, Values
from custlib.lessons.exercise import Exercise, Given, Mistake
from custlib.lessons.wording import percents
from custlib.report import numbers

GIVENS = ("contracts", "margin", "discount")


def shown_naive(given: Given) -> str:
    remain = numbers.percent(1 - given.contracts["left"].mean())
    stayed = numbers.number(keys.months_of_leavers(given).mean(), 1)
    told = f"Those who left had stayed {stayed} months."
    return f"{told} But {remain} of the customers are still there, the long stays among them."


def shown_curve(given: Given) -> str:
    shares = percents(keys.still_there(given, keys.FIRST))
    told = f"Still there after one, two and three months: {shares}."
    return f"{told} Who had not left counted as long as seen, and then dropped out unmarked."


def shown_mean(given: Given) -> str:
    found, naive = (
        numbers.number(one, 1)
        for one in (keys.mean_stay(given), keys.months_of_leavers(given).mean())
    )
    told = f"A customer is there for {found} of the first {keys.HORIZON} months."
    return f"{told} The list of those who left said {naive}, with no limit to its months."


def shown_constant(given: Given) -> str:
    bands = loyalty.churn_rate(given.contracts, over=1, ages=[0, 6, 12, 24], **keys.SPELL)[
        "estimate"
    ]
    churn = keys.monthly_churn(given)
    return (
        f"A churn of {percents([churn])} a month would make a mean stay of "
        f"{numbers.number(1 / churn, 1)} months, if it were the same at every age. In months 1–6, "
        f"7–12 and 13–24 it was {percents(bands)}."
    )


def shown_sifted(given: Given) -> str:
    means = percents(keys.own_churn(given).values())
    told = f"Mean own churn of those there in months 1, 13, 25: {means}."
    return f"{told} Nobody's own churn ever changed; those with a high one went first."


def shown_value(given: Given) -> str:
    ends = (keys.discounted(given), given.margin * keys.mean_stay(given))
    found, plain = (numbers.number(one, 0) for one in ends)
    told = f"The first {keys.HORIZON} months are worth {found} euro, or {plain} undiscounted."
    return f"{told} No law was needed: those months were seen."


def shown_gain(given: Given) -> str:
    found, before = keys.gain(given), keys.worth(given)
    return (
        f"{numbers.number(found, 0)} euro a customer, {numbers.percent(found / before)} of "
        f"{numbers.number(before, 0)}. More than that a point must not cost for each new customer, "
        "and even that leans on a churn that is the same at every age."
    )


EXERCISES = (
    Exercise(
        kind=Number(0.05, low=0, unit="a mean of months"),
        key=lambda given: np.average(given.contracts["months"], weights=given.contracts["left"]),
        mistakes=(
            Mistake(lambda given: given.contracts["months"].mean(), "Those still there are in it."),
            Mistake(lambda given: keys.months_of_leavers(given).median(), "A mean is asked for."),
        ),
        hints=("Who is on a list of those who left?", "Take the rows with `left == 1`."),
        shown=shown_naive,
    ),
    Exercise(
        kind=Values(0.0005, tuple(map(str, keys.FIRST))),
        key=lambda given: keys.still_there(given, keys.FIRST).to_dict(),
        mistakes=(
            Mistake(lambda given: 1 - keys.kept_by_month(given), "Those leave. Who stays?"),
            Mistake(keys.kept_by_month, "Who is there later has stayed in each month before."),
            Mistake(
                lambda given: keys.still_there_of(given, lambda rows, _: rows["months"] > 0),
                "Below the line everybody who began stands each month, also who was gone.",
            ),
            Mistake(
                lambda given: keys.still_there_of(
                    given, lambda rows, month: rows["months"] > month
                ),
                "Who is last seen in a month was at risk in it, and you took them out before.",
            ),
            Mistake(
                lambda given: keys.still_there_of(given, keys.leavers_there),
                "Only those who left are at risk here; the others could have left as well.",
            ),
        ),
        hints=(
            "For each month: who could have left in it, and who did?",
            "At risk in month m: `months >= m`. Gone in it: `months == m` and `left == 1`.",
            "Month 1: 1 − gone / at risk. Later: their own such share, times the one before.",
        ),
        shown=shown_curve,
    ),
    Exercise(
        kind=Number(0, low=0, unit="a month"),
        key=keys.median_stay,
        mistakes=(
            Mistake(
                lambda given: given.contracts["months"].median(),
                "That is the median of the months so far, as if everybody had left today.",
            ),
            Mistake(lambda given: keys.months_of_leavers(given).median(), "Only those who left."),
            Mistake(lambda given: keys.median_stay(given) - 1, "More than half are there then."),
        ),
        hints=(
            "The curve is the running product (`cumprod`) of 1 − gone / at_risk.",
            "`curve.index[curve <= 0.5]` lists the months at which it is low enough.",
        ),
        shown=lambda given: (
            f"By month {keys.median_stay(given):.0f} half have left, and no unfinished "
            "stay had to be guessed for it."
        ),
    ),
    Exercise(
        kind=Number(0.01, low=0, high=keys.HORIZON, unit="a mean of 24 months"),
        key=keys.mean_stay,
        mistakes=(
            Mistake(
                lambda given: keys.still_there(given, range(1, keys.HORIZON + 1)).sum(),
                "In the first month everybody was there; your sum begins after it.",
            ),
            Mistake(lambda given: keys.mean_stay(given) - 1, "That has 23 months."),
            Mistake(lambda given: keys.still_there(given, range(25)).sum(), "That has 25 months."),
            Mistake(
                lambda given: given.contracts["months"].clip(upper=keys.HORIZON).mean(),
                "That takes the months so far for whole stays.",
            ),
        ),
        hints=(
            "A month adds the share who saw it begin: who was still there after the month before.",
            "1 for the first month, and the sum of the curve after months 1 to 23.",
        ),
        shown=shown_mean,
    ),
    Exercise(
        kind=Number(0.01, low=0, unit="a mean of months"),
        key=lambda given: 1 / keys.monthly_churn(given),
        mistakes=(
            Mistake(
                lambda given: 1 / given.contracts["left"].mean(),
                "The share who left so far is no churn a month: it has no unit of time.",
            ),
            Mistake(
                lambda given: keys.months_of_leavers(given).mean(),
                "The months of those who are still there were under watch too.",
            ),
            Mistake(keys.monthly_churn, "That is the churn. How long is a stay at that churn?"),
        ),
        hints=(
            "How many customer-months were watched, and how many of them ended with a leaving?",
            "Churn is the leavers over the sum of everybody's months; turn it upside down.",
        ),
        shown=shown_constant,
    ),
    Exercise(
        kind=Values(0.0005, tuple(map(str, keys.AGES))),
        key=keys.own_churn,
        mistakes=(
            Mistake(
                lambda given: keys.own_churn(given, lambda rows, age: rows["months"] == age),
                "Those were last seen in that very month; asked is who saw it begin.",
            ),
            Mistake(
                lambda given: keys.own_churn(given, keys.leavers_there),
                "Those who are still there today were there in that month as well.",
            ),
        ),
        hints=("Who saw month 13 begin?", "All last seen in month 13 or later, left or not."),
        shown=shown_sifted,
    ),
    Exercise(
        kind=Number(0.1, low=0, unit="an amount"),
        key=keys.discounted,
        mistakes=(
            Mistake(
                lambda given: given.margin * keys.mean_stay(given),
                "Money of the second year counts there as much as money of today.",
            ),
            Mistake(
                lambda given: keys.discounted(given, late=1),
                "The first margin comes on the first day, and you discounted it by a month.",
            ),
            Mistake(
                lambda given: keys.discounted(given, from_age=1),
                "On the first day everybody pays; your shares begin a month later.",
            ),
            Mistake(keys.worth, "That is for ever, at a constant churn; 24 months are asked."),
        ),
        hints=(
            "24 payments: the margin, times who is there to pay, times what the money is worth.",
            "Ages 0 to 23: `margin * share / (1 + discount) ** age`, with the share then there.",
        ),
        shown=shown_value,
    ),
    Exercise(
        kind=Number(0.1, unit="an amount"),
        key=keys.gain,
        mistakes=(
            Mistake(
                lambda given: keys.gain(given, less=keys.POINT * keys.monthly_churn(given)),
                "You took one per cent of the churn off it; a point is 0.01 of all customers.",
            ),
            Mistake(
                lambda given: keys.gain(Given(**vars(given) | {"discount": 0.0})),
                "Money of later years counts there as much as money of today.",
            ),
            Mistake(lambda given: -keys.gain(given, less=-keys.POINT), "That is one point more."),
            Mistake(lambda given: keys.gain(given) / keys.worth(given), "An amount is asked for."),
            Mistake(lambda given: keys.worth(given, less=keys.POINT), "That is the value after."),
        ),
        hints=(
            "Two values, before and after, and their difference.",
            "Churn is the leavers over the sum of everybody's months; afterwards it is 0.01 less.",
        ),
        shown=shown_gain,
    ),
)
