"""What lesson 2 asks for, and what its wrong turns lead to, from ratings of 1 to 5."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib import survey
from custlib.intervals import adjust_p
from custlib.lessons.exercise import Given

GROUPS = ("end user", "trader")
ITEMS = ("delivery", "claims", "price", "range", "advice", "documents", "packaging", "invoices")
CANNOT_SAY = 99
# What the sentences of the last exercise say, in the order in which its notebook lists them.
SENTENCES = ("alike", "times", "cause", "order", "unknown")


def ratings(given: Given, item: str, group: str, *, missing: float | None = None) -> pd.Series:
    """Answers of a group to an item; "cannot say" is left out, or put as `missing`."""
    found = given.ratings.loc[given.ratings["group"] == group, item].astype(float)
    given_none = found == CANNOT_SAY
    return found[~given_none] if missing is None else found.mask(given_none, missing)


def mean_of_counts(given: Given, item: str, group: str) -> float:
    """Mean of the answers 1 to 5, from how often each was given."""
    counts = ratings(given, item, group).value_counts()
    return float((counts * counts.index).sum() / counts.sum())


def spreads(given: Given, *, of_sample: bool = True) -> pd.Series:
    """Standard deviation of delivery in each group, from the counts, over n − 1 or over n."""
    found = {}
    for group in GROUPS:
        counts = ratings(given, "delivery", group).value_counts()
        off = counts.index.to_numpy() - mean_of_counts(given, "delivery", group)
        found[group] = np.sqrt((counts * off**2).sum() / (counts.sum() - of_sample))
    return pd.Series(found)


def spreads_with_code(given: Given) -> pd.Series:
    """As `spreads`, with "cannot say" as an answer of 99."""
    return given.ratings.groupby("group")["delivery"].std()


def top_two(given: Given, item: str) -> pd.Series:
    """Share of 4 and 5 in each group."""
    profile = survey.satisfaction_profile(
        _present(given, [item]), items=[item], scale=(1, 5), by="group", top_box=2
    )
    found = profile[profile["measure"] == "top_box"]
    return pd.Series(found["estimate"].to_numpy(), found["group"].astype(str))


def at_least(given: Given, lowest: int, *, missing: float | None = None) -> pd.Series:
    """Share of answers about delivery in each group that are `lowest` or more."""
    answers = {group: ratings(given, "delivery", group, missing=missing) for group in GROUPS}
    return pd.Series({group: (found >= lowest).mean() for group, found in answers.items()})


def chances(given: Given, item: str) -> tuple[float, float]:
    """How often a trader's answer is above an end user's, and how often equal, over all pairs."""
    end_user, trader = (ratings(given, item, group) for group in GROUPS)
    off = np.subtract.outer(trader.to_numpy(), end_user.to_numpy())
    return float((off > 0).mean()), float((off == 0).mean())


def comparison(given: Given, *, items: Sequence[str] = ITEMS, adjust: str = "holm") -> pd.DataFrame:
    """Brunner–Munzel for each item; estimate and effect are for end users over traders."""
    table = survey.compare_groups(
        _present(given, items), items=items, by="group", method="brunner_munzel", adjust=adjust
    )
    return table.set_index("item")


def p_values(given: Given, *, adjust: str = "holm") -> pd.Series:
    """Of each item the p value, adjusted for their number."""
    return comparison(given, adjust=adjust)["p_adjusted"].astype(float)


def adjusted(given: Given, method: str) -> pd.Series:
    """Of each item the p value, adjusted in another way than Holm's."""
    p = p_values(given, adjust="none")
    return pd.Series(adjust_p(p.to_numpy(), method), p.index)


def odds(given: Given, item: str, group: str) -> float:
    """Odds of an answer of 4 or 5."""
    found = ratings(given, item, group)
    return float((found >= 4).sum() / (found < 4).sum())


def truth(given: Given) -> str:
    """The sentence that the answers about claims bear out."""
    return "order" if p_values(given)["claims"] < 0.05 else "unknown"


def _present(given: Given, items: Sequence[str]) -> pd.DataFrame:
    """Ratings of these items, with "cannot say" as missing."""
    found = given.ratings[["group", *items]]
    return found.mask(found == CANNOT_SAY)
