"""Lesson 6: a cited number is asked for its base, its chain of sources, its interval, its sense."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from custlib import loyalty
from custlib.lessons import claim_keys as keys
from custlib.lessons.answers import Choices, Values, share
from custlib.lessons.claim_keys import claim_readings
from custlib.lessons.exercise import Exercise, Given, Mistake
from custlib.lessons.interval_width import slide_n
from custlib.lessons.wording import percents
from custlib.report import numbers

__all__ = ["EXERCISES", "GIVENS", "claim_readings", "slide_n"]

GIVENS = ("base", "exits", "published", "reviews", "firm", "profits", "searches")
CLAIMS = ("satisfied", "churn_lift", "twenty_eighty", "reviews", "search", "exit_reasons")
ENDS, COLUMNS = ("low", "high"), ["estimate", "ci_low", "ci_high"]
SWAPPED = {"relative": "points", "points": "relative"}


def with_interval(row: Any) -> str:
    estimate, low, high = row
    return numbers.estimate_with_interval(estimate, low, high, 1, unit="share")


def shown_base(given: Given) -> str:
    told = f"The same people are {percents(keys.staff_shares(given).values())} of the three bases."
    return f"{told} Which of them a headline takes hangs on what it wants to say."


def shown_interval(given: Given) -> str:
    return f"{with_interval(keys.share_ends(given))}: all these shares agree with the count."


def shown_difference(given: Given) -> str:
    low, high = keys.difference(given).values()
    told = "0 lies inside, so a change is not shown" if low <= 0 <= high else "0 lies outside"
    (_, _, high_1), (_, low_2, _) = (keys.share_ends(given, row) for row in (0, -1))
    beside = "overlap" if low_2 < high_1 else "do not overlap"
    both = numbers.interval(100 * low, 100 * high, 1, unit="points")
    return f"The change is {both}; {told}. The intervals of the two years {beside}."


def shown_chance(given: Given) -> str:
    cited = loyalty.count_against_shares(count=12, n=300, shares=keys.RIVALS).iloc[0]
    silent = loyalty.silent_share(count=12, n=300, shares=keys.RIVALS)["estimate"].item()
    return (
        f"The chance of so few by luck is {percents([keys.chance_of_so_few(given)])}. The cited "
        f"12 of 300 are {with_interval(cited[COLUMNS])}, p {numbers.p_value(cited['p_value'])}. If "
        f"{percents([silent])} of the unhappy kept silent, and nobody else, 15 % would be unhappy."
    )


def shown_lift(given: Given) -> str:
    both = numbers.number(given.firm["churn"] + given.firm["discount"], 3)
    return (
        f"Profit rises by {percents(keys.lifts(given).values())}. Before costs 5 per cent of churn "
        "never bring more than 5.3 %, and 5 points bring 25 % only if churn and discount sum to "
        f"0.25 or less; here they sum to {both}."
    )


def shown_top(given: Given) -> str:
    row = keys.concentrated(given)[COLUMNS]
    low, high = row["ci_low"], row["ci_high"]
    place = "above" if high < 0.8 else "below" if low > 0.8 else "inside"
    return f"The largest fifth brings {with_interval(row)}; 80 % lies {place} the interval."


def shown_visits(given: Given) -> str:
    cited = loyalty.search_success(mean_attempts=3.5, give_up_share=0.5)["estimate"]
    return (
        f"A visit succeeds in {percents([keys.visits(given, 'success')])}; finders alone suggest "
        f"{percents([keys.visits(given, 'success_naive')])}. At 3.5 visits with one half giving "
        f"up, as cited, it is {percents([cited[1]])} and not {percents([cited[0]])}."
    )


def shown_verdicts(given: Given) -> str:
    found = {
        word: keys.claims_with(given, word) for word in ("holds", "holds only if", "not supported")
    }
    return "; ".join(f"{word}: {', '.join(names) or 'none'}" for word, names in found.items()) + "."


EXERCISES = (
    Exercise(
        kind=Values(0.0005, ("reasons", "leavers", "customers")),
        key=keys.staff_shares,
        mistakes=(
            Mistake(
                lambda given: (
                    keys.staff_shares(given) | {"reasons": keys.staff_shares(given)["leavers"]}
                ),
                "Who left without a reason on record is no part of the reasons known.",
            ),
        ),
        hints=("The upper number is the same each time.", "`.count()` leaves missing reasons out."),
        shown=shown_base,
    ),
    Exercise(
        kind=Values(0.0005, ENDS),
        key=keys.share_interval,
        mistakes=(
            Mistake(lambda given: keys.around(given, -1), "Wilson's interval has another middle."),
            Mistake(lambda given: keys.share_interval(given, -1, "exact"), "That one is exact."),
            Mistake(lambda given: keys.ends(*keys.share_ends(given)[:0:-1]), "They are swapped."),
            Mistake(lambda given: keys.share_interval(given, 0), "That is 2024."),
        ),
        hints=(
            "First the middle, (p + z²/(2n))/(1 + z²/n), then the half width.",
            "Below the root: p(1 − p)/n + z²/(4n²). `intervals.wilson(p, n)` has both, to compare.",
        ),
        shown=shown_interval,
    ),
    Exercise(
        kind=Values(0.00005, ENDS),
        key=keys.difference,
        mistakes=(
            Mistake(lambda given: keys.around(given, 0, -1), "Newcombe's sides are not alike."),
            Mistake(
                lambda given: keys.ends(
                    *np.subtract(keys.share_ends(given)[1:], keys.share_ends(given, 0)[:0:-1])
                ),
                "Both shares will hardly be at their worst ends at once.",
            ),
            Mistake(lambda given: keys.difference(given, (-1, 0)), "That is 2024 less 2025."),
        ),
        hints=(
            "Wilson's interval of each year, then the distances from each share to its ends.",
            "Down: later share to its low end, earlier one to its high end, joined by `np.hypot`.",
        ),
        shown=shown_difference,
    ),
    Exercise(
        kind=share(0.00005),
        key=keys.chance_of_so_few,
        mistakes=(
            Mistake(
                lambda given: stats.binom.pmf(*given.reviews.values(), keys.RIVALS),
                "That is the chance of just so many; fewer would have surprised you as well.",
            ),
            Mistake(lambda given: 1 - keys.chance_of_so_few(given), "That is the chance of more."),
            Mistake(
                lambda given: stats.binomtest(*given.reviews.values(), keys.RIVALS).pvalue,
                "That has two sides; many negative reviews would not speak for the clinic.",
            ),
            Mistake(lambda given: keys.chance_of_so_few(given, 0.2), "That is their upper end."),
        ),
        hints=(
            "Were it like its rivals, how often would so few or fewer come?",
            "`stats.binom.cdf(k, n, p)` is the chance of k or fewer.",
        ),
        shown=shown_chance,
    ),
    Exercise(
        kind=Values(0.0005, ("relative", "points", "after_cost")),
        key=keys.lifts,
        mistakes=(
            Mistake(
                lambda given: pd.Series(keys.lifts(given)).rename(SWAPPED),
                "The two readings have changed places.",
            ),
            Mistake(
                lambda given: keys.lifts(given) | {"after_cost": keys.lifts(given)["relative"]},
                "The cost of winning a customer lowers the profit that the rise is a part of.",
            ),
            Mistake(keys.lifts_undiscounted, "Later money counts there as much as that of today."),
            Mistake(keys.rises, "Those are euro; asked is the rise as a share of profit."),
        ),
        hints=(
            '`churn_profit_lift(churn=…, discount=…, reading="points")["estimate"].item()`',
            "After cost: add `margin=…` and `acquisition_cost=…` to the relative reading.",
        ),
        shown=shown_lift,
    ),
    Exercise(
        kind=share(),
        key=lambda given: keys.concentrated(given)["estimate"],
        mistakes=(
            Mistake(
                lambda given: keys.concentrated(given, "share_needed")["estimate"],
                "That is the share of customers who bring 80 %.",
            ),
            Mistake(
                lambda given: given.profits.nlargest(20).sum() / given.profits.sum(),
                "Those are 20 customers, not 20 % of them.",
            ),
        ),
        hints=("How many customers are 20 %?", "Sum the largest ones: `.nlargest(n).sum()`."),
        shown=shown_top,
    ),
    Exercise(
        kind=share(),
        key=lambda given: keys.visits(given, "success"),
        mistakes=(
            Mistake(
                lambda given: keys.visits(given, "success_naive"),
                "The visits of those who gave up are missing below the line.",
            ),
            Mistake(
                lambda given: given.searches["outcome"].eq("found").mean(),
                "That is the share of people who found; asked is a visit.",
            ),
        ),
        hints=("A visit succeeds or not. Whose visits count?", "Finders over everybody's visits."),
        shown=shown_visits,
    ),
    Exercise(
        kind=Choices(CLAIMS),
        key=lambda given: keys.claims_with(given, "holds only if"),
        mistakes=(
            Mistake(
                lambda given: keys.claims_with(given, "holds", "holds only if"),
                "A claim that every reading bears needs no condition.",
            ),
            Mistake(
                lambda given: keys.claims_with(given, "holds only if", "not supported"),
                "A claim that no reading bears is not supported, whatever else is true.",
            ),
        ),
        hints=("Some readings bear it, others do not.", "The mean of `holds`, by `statement`."),
        shown=shown_verdicts,
    ),
)
