"""Lesson 2: what may be computed from answers of 1 to 5, and what may then be said."""

from collections.abc import Callable

from custlib.lessons import rating_keys as keys
from custlib.lessons.answers import Choice, Number, Values, share
from custlib.lessons.exercise import Exercise, Given, Mistake
from custlib.lessons.rating_keys import CANNOT_SAY, GROUPS, ITEMS
from custlib.lessons.wording import letters
from custlib.report.numbers import count, number, p_value, percent

GIVENS = ("ratings", "seed")
BORNE_OUT = {
    "order": "The sentence says order, not cause and not size.",
    "unknown": "Not to be told from chance is not the same as alike; more answers could tell.",
}


def _superior(given: Given) -> float:
    """Chance that an end user's answer about delivery is the higher one, ties half."""
    return float(keys.comparison(given, items=["delivery"])["estimate"]["delivery"])


def _cliff(given: Given) -> float:
    """Cliff's delta of claims, traders over end users."""
    return -float(keys.comparison(given, items=["claims"])["effect"]["claims"])


def _odds_ratio(given: Given) -> float:
    """Odds of 4 or 5 for claims, traders over end users."""
    end_user, trader = (keys.odds(given, "claims", group) for group in GROUPS)
    return trader / end_user


def _letter(sentence: str) -> Callable[[Given], str]:
    """The letter under which the notebook shows the sentence."""
    return lambda given: letters(keys.SENTENCES, given.seed, sentence)[0]


def _claims_shares(given: Given) -> list[float]:
    return [float(keys.top_two(given, "claims")[group]) for group in GROUPS]


MEAN = Exercise(
    kind=Number(0.005),
    key=lambda given: keys.mean_of_counts(given, "delivery", "end user"),
    mistakes=(
        Mistake(
            lambda given: keys.ratings(given, "delivery", "end user", missing=CANNOT_SAY).mean(),
            "No answer is above 5, so a mean above 5 says that a code was taken for an answer.",
        ),
        Mistake(
            lambda given: keys.ratings(given, "delivery", "end user", missing=0).mean(),
            '"Cannot say" went in as 0, which is worse than the worst answer.',
        ),
    ),
    hints=(
        "Look at the largest value of the column before you average it.",
        "Keep the end users' rows in which delivery is not 99.",
        "`ratings.query(\"group == 'end user' and delivery != 99\")` keeps these rows.",
    ),
    shown=lambda given: (
        f"The mean is {number(keys.mean_of_counts(given, 'delivery', 'end user'))}; with the code "
        "99 it would have been "
        f"{number(keys.ratings(given, 'delivery', 'end user', missing=CANNOT_SAY).mean())}."
    ),
)
TOP_TWO = Exercise(
    kind=Values(0.001, GROUPS),
    key=lambda given: keys.top_two(given, "delivery"),
    mistakes=(
        Mistake(
            lambda given: keys.at_least(given, 4, missing=CANNOT_SAY),
            "99 is above 4 too: those who cannot say were counted as satisfied.",
        ),
        Mistake(
            lambda given: keys.at_least(given, 4, missing=0),
            "Those who cannot say are in the base, though they did not judge.",
        ),
        Mistake(lambda given: keys.at_least(given, 5), "Only 5 is counted; 4 is in the top two."),
    ),
    hints=(
        "First leave out 99, then ask which answers are at least 4, then average by group.",
        "The mean of a column of True and False is a share.",
        "A column of True and False can be grouped too: `(...).groupby(valid.group)`.",
    ),
    shown=lambda given: (
        f"{percent(keys.top_two(given, 'delivery')['end user'])} of the end users and "
        f"{percent(keys.top_two(given, 'delivery')['trader'])} of the traders are satisfied; the "
        f"means are {number(keys.mean_of_counts(given, 'delivery', 'end user'))} and "
        f"{number(keys.mean_of_counts(given, 'delivery', 'trader'))}."
    ),
)
SPREAD = Exercise(
    kind=Values(0.001, GROUPS),
    key=keys.spreads,
    mistakes=(
        Mistake(
            lambda given: keys.spreads(given, of_sample=False),
            "Divided by n, as if these people were all the customers. NumPy does so unless told.",
        ),
        Mistake(lambda given: keys.spreads(given) ** 2, "This is the variance; take its root."),
        Mistake(keys.spreads_with_code, "The code 99 is in it, far from all of the answers."),
    ),
    hints=(
        "The standard deviation of a sample, for each group, without 99.",
        "pandas divides by n - 1, NumPy by n. These people are a sample.",
        "`std` of a groupby divides by n - 1; `np.std` does so with `ddof=1`.",
    ),
    shown=lambda given: (
        f"End users {number(keys.spreads(given)['end user'])}, traders "
        f"{number(keys.spreads(given)['trader'])}: end users are split, traders are not."
    ),
)
SUPERIORITY = Exercise(
    kind=share(),
    key=_superior,
    mistakes=(
        Mistake(
            lambda given: 1 - sum(keys.chances(given, "delivery")),
            "Pairs with equal answers were left out above the line; each counts one half.",
        ),
        Mistake(
            lambda given: 1 - keys.chances(given, "delivery")[0],
            "Pairs with equal answers were counted as won; each counts one half.",
        ),
        Mistake(
            lambda given: 1 - _superior(given),
            "The other way round: this is the chance that the trader's answer is the higher one.",
        ),
    ),
    hints=(
        "Put every end user beside every trader, and look who gave the higher answer.",
        "`np.subtract.outer(end_users, traders)` is a table of all the differences.",
        "`(difference > 0).mean()` is the share of pairs won. Half of the equal ones joins it.",
    ),
    shown=lambda given: (
        f"{number(_superior(given), 3)}, where 0.5 would mean that neither group tends to answer "
        "higher."
    ),
)
CLIFF = Exercise(
    kind=Number(0.001),
    key=_cliff,
    mistakes=(
        Mistake(
            lambda given: (1 + _cliff(given)) / 2,
            "That is the chance that the trader is higher, ties half. Delta is 0 where neither is.",
        ),
        Mistake(lambda given: -_cliff(given), "The sign is turned: traders come first here."),
        Mistake(
            lambda given: keys.chances(given, "claims")[0],
            "Only the pairs that traders win are counted; take off those that they lose.",
        ),
    ),
    hints=(
        "Of all pairs: the share that traders win, less the share that they lose.",
        "Ties are neither; they are in the base and nowhere else.",
        "`np.sign` makes each difference 1, 0 or -1: won, equal or lost.",
    ),
    shown=lambda given: (
        f"{number(_cliff(given))}: of 100 pairs, traders win {count(100 * abs(_cliff(given)))} "
        f"{'more' if _cliff(given) > 0 else 'fewer'} than they lose."
    ),
)
ODDS = Exercise(
    kind=Number(0.01),
    key=_odds_ratio,
    mistakes=(
        Mistake(
            lambda given: _claims_shares(given)[1] / _claims_shares(given)[0],
            "A ratio of shares. Odds are the satisfied over the others, not over all.",
        ),
        Mistake(lambda given: 1 / _odds_ratio(given), "The traders' odds belong above the line."),
    ),
    hints=(
        "Odds: how many gave 4 or 5 for each one who gave 1, 2 or 3.",
        "share / (1 - share) in each group, then traders over end users.",
        "The share: `(valid.claims >= 4).groupby(valid.group).mean()`.",
    ),
    shown=lambda given: (
        f"{number(_odds_ratio(given))}, where the ratio of the shares is "
        f"{number(_claims_shares(given)[1] / _claims_shares(given)[0])}: odds lie farther from 1."
    ),
)
HOLM = Exercise(
    kind=Values(0.0005, ITEMS),
    key=keys.p_values,
    mistakes=(
        Mistake(
            lambda given: keys.p_values(given, adjust="none"),
            "These are the p values as they were. Eight of them were looked at.",
        ),
        Mistake(
            lambda given: keys.adjusted(given, "bonferroni"),
            "That is Bonferroni's factor, 8 for each; Holm's falls by steps.",
        ),
        Mistake(
            lambda given: keys.adjusted(given, "bh"),
            "That is Benjamini and Hochberg's way. It limits the part of false findings among "
            "all findings, not the chance of a single one.",
        ),
    ),
    hints=(
        "Sort from the smallest on. The smallest is multiplied by 8, the next by 7, and so on.",
        "None may be below the one before it (`cummax`), and none above 1 (`clip`).",
        "The factors of the sorted p values are `np.arange(len(ordered), 0, -1)`.",
    ),
    shown=lambda given: (
        f"Of {len(ITEMS)} p values, those below 0.05: "
        f"{count((keys.p_values(given, adjust='none') < 0.05).sum())} before, "
        f"{count((keys.p_values(given) < 0.05).sum())} now."
    ),
)
SENTENCE = Exercise(
    kind=Choice(("a", "b", "c", "d", "e")),
    key=lambda given: _letter(keys.truth(given))(given),
    mistakes=(
        Mistake(_letter("alike"), "Equal means are not equal answers: look at the bars again."),
        Mistake(_letter("times"), "A ratio of odds is no ratio of how satisfied people are."),
        Mistake(_letter("cause"), "Nobody was made a trader by lot. What else may differ?"),
        Mistake(
            lambda given: _letter("unknown" if keys.truth(given) == "order" else "order")(given),
            "Look at the adjusted p value of claims, and compare it with 0.05.",
        ),
    ),
    hints=(
        "Which sentences say more than was measured?",
        'Cause, equal steps and "times as satisfied" were not measured. Two sentences remain.',
        "Adjust the p value of claims, and see on which side of 0.05 it lies.",
    ),
    shown=lambda given: (
        f"The adjusted p value of claims is {p_value(keys.p_values(given)['claims'])}. "
        f"{BORNE_OUT[keys.truth(given)]}"
    ),
)
EXERCISES = (MEAN, TOP_TWO, SPREAD, SUPERIORITY, CLIFF, ODDS, HOLM, SENTENCE)
