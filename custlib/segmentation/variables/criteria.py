"""Rows of the audit, one criterion after another: estimate, interval, limit and verdict."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.intervals import share_of
from custlib.segmentation.agreement import kappa_agreement
from custlib.segmentation.variables.limits import (
    FAILS,
    OPEN,
    PASSES,
    AuditLimits,
    at_least,
    at_most,
)
from custlib.segmentation.variables.readings import Variable
from custlib.segmentation.variables.resamples import Drawn

RELATIONSHIP, MEASURABLE = "independent_of_relationship", "measurable"
OTHERS, BUYING = "independent_of_others", "similar_buying"
CRITERIA = (RELATIONSHIP, MEASURABLE, OTHERS, BUYING)
HIGH_WANTED = ("kappa", "icc", "smallest_group_share")
WORST_FIRST = (FAILS, OPEN, PASSES)
Pair = tuple[str, str]


def relationship_rows(
    found: Mapping[Pair, Drawn], limits: AuditLimits, conf_level: float
) -> list[dict]:
    """How much each variable shares with each trait of the relationship."""
    rows = [keys(RELATIONSHIP, *pair) | one.row(conf_level) for pair, one in found.items()]
    return [judged(row, at_most, limits.relationship) for row in rows]


def buying_rows(found: Mapping[Pair, Drawn], limits: AuditLimits, conf_level: float) -> list[dict]:
    """How much of each behaviour the groups of each variable explain."""
    rows = [keys(BUYING, *pair) | one.row(conf_level) for pair, one in found.items()]
    return [judged(row, at_least, limits.buying) for row in rows]


def missing_row(variable: Variable, limits: AuditLimits, conf_level: float) -> dict:
    """Share of customers without a value."""
    n, known = len(variable.values), int(variable.known.sum())
    row = keys(MEASURABLE, variable.name) | _share("missing_share", n - known, n, conf_level)
    return judged(row, at_most, limits.missing)


def smallest_group_row(variable: Variable, limits: AuditLimits, conf_level: float) -> dict:
    """Share of customers in the smallest group of a nominal variable."""
    known = variable.values[variable.known]
    smallest = int(np.bincount(known).min()) if len(known) else 0
    share = _share("smallest_group_share", smallest, len(known), conf_level)
    row = keys(MEASURABLE, variable.name) | share
    row["n_missing"] = len(variable.values) - len(known)
    return judged(row, at_least, limits.group)


def agreement_row(
    customers: pd.DataFrame,
    pair: Pair,
    drawn: Drawn | None,
    limits: AuditLimits,
    conf_level: float,
) -> dict:
    """Agreement of two measurements of one variable."""
    row = keys(MEASURABLE, *pair)
    if drawn is not None:
        row |= drawn.row(conf_level)
    else:
        table = kappa_agreement(customers, first=pair[0], second=pair[1], conf_level=conf_level)
        row |= table.iloc[0].to_dict()
    return judged(row, at_least, limits.agreement)


def keys(criterion: str, item: str, term: str = "") -> dict:
    """What identifies a row."""
    return {"item": item, "criterion": criterion, "term": term}


def judged(row: dict, rule: Callable[[float, float, float], str], limit: float) -> dict:
    """The row with the limit and the verdict of its interval."""
    return row | {"limit": limit, "verdict": rule(row["ci_low"], row["ci_high"], limit)}


def settle(rows: Sequence[dict]) -> dict[Pair, str]:
    """Verdict of every item and criterion there are rows of."""
    pairs = dict.fromkeys((row["item"], row["criterion"]) for row in rows)
    return {pair: settling(of_one(rows, *pair))["verdict"] for pair in pairs}


def settling(rows: Sequence[dict]) -> dict:
    """The row that settles one criterion of one item.

    The worst row does; of several alike the one nearest to, or farthest over, its limit. Buying
    is settled by the best row: groups need to be alike in one behaviour, not in all.
    """
    best_counts = rows[0]["criterion"] == BUYING
    scale = WORST_FIRST[::-1] if best_counts else WORST_FIRST

    def place(row: dict) -> tuple[int, float]:
        strain = row["estimate"] / (row["limit"] or 1.0)
        wanted_high = row["measure"] in HIGH_WANTED and not best_counts
        return scale.index(row["verdict"]), np.nan_to_num(strain if wanted_high else -strain)

    return min(rows, key=place)


def of_one(rows: Sequence[dict], item: str, criterion: str) -> list[dict]:
    """Rows of one criterion of one item."""
    return [row for row in rows if (row["item"], row["criterion"]) == (item, criterion)]


def empty(item: str, criterion: str) -> dict:
    """Row of a criterion that nothing was named for; a lone candidate repeats no other."""
    alone = criterion == OTHERS
    return keys(criterion, item) | {
        "measure": "none",
        **dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high", "conf_level"], np.nan),
        "limit": np.nan,
        "n": 0,
        "n_missing": 0,
        "verdict": PASSES if alone else OPEN,
        "method": "none",
        "note": "no other candidate" if alone else "nothing to hold it against",
    }


def _share(measure: str, count: int, n: int, conf_level: float) -> dict:
    told = {"n_missing": 0, "method": "wilson", "note": "" if n else "no value at all"}
    return {"measure": measure} | share_of(count, n, conf_level=conf_level) | told
