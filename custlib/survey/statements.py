"""Statements put to the test: what a text claims, as bounds that intervals must keep."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.columns import VOCABULARY, arrange
from custlib.errors import ParameterError
from custlib.survey.codebook.parts import Condition, Statement

HOLDS, FAILS, OPEN, UNTESTABLE = "holds", "does not hold", "undecided", "cannot be tested"


def statement_verdicts(
    statements: Mapping[str, Statement], *, results: Sequence[pd.DataFrame] | pd.DataFrame
) -> pd.DataFrame:
    """Verdict on each statement of a codebook, from tables already estimated.

    Parameters
    ----------
    statements : mapping from key to Statement
        `Codebook.statements`: each holds if all its conditions do. A condition names a measure,
        items, perhaps a group or a contrast, and one bound: `above` or `below`.
    results : DataFrame, or a list of them
        Tables of `satisfaction_profile`, `item_deviations` (measure "deviation") and
        `compare_groups` (measure "difference"), at one interval level.

    Returns
    -------
    DataFrame, one row per statement
        statement, numerator (bounds kept), denominator (bounds there are), verdict, note.
        holds: every interval lies beyond its bound. does not hold: at least one lies wholly on
        the wrong side, whatever the others say. cannot be tested: else, a row a condition needs
        is not in the results; the note names it. undecided: some interval holds its bound inside.

    Notes
    -----
    kept = ci_low > above, or ci_high < below; lost = ci_high ≤ above, or ci_low ≥ below. A
    statement holds where all its bounds are kept and does not hold where one is lost. To hold, a
    statement needs all its bounds at once (an intersection–union test), so for this verdict no
    bound is adjusted for the number of the others. "does not hold" takes one bound of k, each wrong
    with a chance of up to (1 − conf_level)/2: by chance up to k times as often.

    Assumes: statements and bounds were written before the answers were read; all tables rest on the
    same survey and level.

    Not for: statements drawn from these very answers, "undecided" taken for "does not hold", or
    "holds" taken for the chance of being true.

    References
    ----------
    Berger, R. (1982). Technometrics 24:295–300. doi:10.1080/00401706.1982.10487790

    Examples
    --------
    >>> from custlib.survey.profile import satisfaction_profile
    >>> answers = pd.DataFrame({"price": [1, 1, 2, 1, 2, 1]})
    >>> profile = satisfaction_profile(answers, items=["price"], scale=(1, 5))
    >>> cheap = Statement.model_validate(
    ...     {"holds_if": [{"measure": "mean", "items": ["price"], "above": 3}]}
    ... )
    >>> statement_verdicts({"fair_price": cheap}, results=[profile])["verdict"].tolist()
    ['does not hold']
    """
    tables = [results] if isinstance(results, pd.DataFrame) else list(results)
    if not tables:
        raise ParameterError.because(
            "results holds no table.",
            "Expected at least one table of estimates.",
            "Pass the result of satisfaction_profile, item_deviations or compare_groups.",
        )
    rows = []
    for key, statement in statements.items():
        bounds = [bound for condition in statement.holds_if for bound in _bounds(condition, tables)]
        verdict, note = _verdict(bounds)
        kept = sum(state == HOLDS for _, state in bounds)
        counts = {"numerator": kept, "denominator": len(bounds)}
        rows.append({"statement": key} | counts | {"verdict": verdict, "note": note})
    columns = ["statement", "numerator", "denominator", "verdict", "note"]
    return arrange(pd.DataFrame(rows, columns=columns), keys=["statement"])


def _verdict(bounds: list[tuple[str, str]]) -> tuple[str, str]:
    """Verdict on all bounds together, and the rows that stand in its way."""
    for state in (FAILS, UNTESTABLE, OPEN):
        blocking = [name for name, found in bounds if found == state]
        if blocking:
            return state, f"{state}: " + ", ".join(blocking)
    return HOLDS, ""


def _bounds(condition: Condition, results: Sequence[pd.DataFrame]) -> Iterable[tuple[str, str]]:
    """Name and state of every row the condition speaks about."""
    rows = pd.concat([_matching(condition, table) for table in results])
    wanted = list(dict.fromkeys(rows["item"])) if condition.items == "all" else condition.items
    wanted = [item for item in wanted if item not in condition.excluded]
    where = condition.group or " - ".join(condition.contrast or [])
    for item in wanted or ["all items"]:
        found = rows[rows["item"] == item]
        state = _state(condition, found.iloc[0]) if len(found) else UNTESTABLE
        yield f"{item} ({condition.measure}{', ' * bool(where)}{where})", state


def _state(condition: Condition, row: pd.Series) -> str:
    if np.isnan(row["ci_low"]) or np.isnan(row["ci_high"]):
        return UNTESTABLE
    if condition.above is not None:
        beyond, short = row["ci_low"] > condition.above, row["ci_high"] <= condition.above
    else:
        beyond, short = row["ci_high"] < condition.below, row["ci_low"] >= condition.below
    return HOLDS if beyond else FAILS if short else OPEN


def _matching(condition: Condition, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of one result table that measure what the condition asks for, among its groups."""
    none = pd.DataFrame({"item": [], "ci_low": [], "ci_high": []})
    grouping = [name for name in table.columns if name not in VOCABULARY]
    if condition.measure == "difference":
        return _differences(condition, table) if "contrast" in table.columns else none
    if "measure" not in table.columns or grouping != [name for name in [condition.by] if name]:
        return none
    rows = table["measure"] == condition.measure
    if condition.by:
        rows &= table[condition.by].astype(str) == condition.group
    return table.loc[rows, ["item", "ci_low", "ci_high"]]


def _differences(condition: Condition, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the contrast; a contrast estimated the other way round changes its sign."""
    first, second = condition.contrast or ("", "")
    if "measure" in table.columns:
        table = table[table["measure"] == "difference"]
    same = table.loc[table["contrast"] == f"{first} - {second}", ["item", "ci_low", "ci_high"]]
    turned = table.loc[table["contrast"] == f"{second} - {first}", ["item", "ci_low", "ci_high"]]
    turned = turned.assign(ci_low=-turned["ci_high"], ci_high=-turned["ci_low"])
    return pd.concat([same, turned])
