"""A number that a text cites, read in every way it can be read: does it hold?"""

from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.columns import arrange
from custlib.errors import DataError

HOLDS, CONDITIONAL, FAILS = "holds", "holds only if", "not supported"
NOT_COMPUTED = "not computed"


def claim_verdicts(readings: pd.DataFrame) -> pd.DataFrame:
    """Verdict on each cited claim, from what the arithmetic says under each of its readings.

    Parameters
    ----------
    readings : DataFrame, one row a reading of a claim
        statement (key of the claim), reading (how it is understood, once a claim), holds (true,
        false or missing); optional: condition (what must be true besides), estimate and limit
        (the numbers compared: where only one of them is missing nothing was compared, and the
        reading counts as not computed whatever `holds` says).

    Returns
    -------
    DataFrame, one row a claim, as they first appear
        statement, numerator (readings that hold), denominator (readings), verdict, note. holds:
        under every reading. holds only if: under some and not under others; the note gives their
        conditions, or their readings where no condition is named. not supported: under none. not
        computed: else, as a reading lacks its number; the note names it.

    Raises
    ------
    DataError
        A column is absent, a claim or reading has no name or stands twice, or `holds` is
        something else than true or false.

    Notes
    -----
    No chance is involved: a reading that rests on a sample must say in `holds` what its interval
    says. A reading the text itself rules out does not belong in the table, as it would turn
    "holds" into "holds only if".

    Assumes: the readings are all that the words allow, each computed from numbers that are right.

    Not for: whether a claim is true of some other firm or time: it judges what is cited. A reading
    left out can turn "holds only if" into "holds"; a claim about a cause has to be tried.

    Examples
    --------
    >>> readings = pd.DataFrame({
    ...     "statement": ["lift", "lift"], "reading": ["5 % of churn", "5 points of churn"],
    ...     "holds": [False, True], "condition": ["", "churn and discount sum to 0.25 at most"]})
    >>> claim_verdicts(readings)[["statement", "verdict", "note"]].values.tolist()
    [['lift', 'holds only if', 'churn and discount sum to 0.25 at most']]
    """
    require_columns(readings, ["statement", "reading", "holds"])
    _require_names(readings)
    table = readings.assign(holds=_holds(readings), condition=_conditions(readings))
    rows = [
        {"statement": statement} | _verdict(part)
        for statement, part in table.groupby("statement", sort=False)
    ]
    columns = ["statement", "numerator", "denominator", "verdict", "note"]
    return arrange(pd.DataFrame(rows, columns=columns), keys=["statement"])


def _verdict(part: pd.DataFrame) -> dict[str, Any]:
    """Verdict on one claim, its counts and what a reader must know."""
    kept, unknown = part["holds"].eq(1), part["holds"].isna()
    counts = {"numerator": int(kept.sum()), "denominator": len(part)}
    told = part["condition"].where(part["condition"].ne(""), part["reading"])
    if kept.all():
        return counts | {"verdict": HOLDS, "note": _joined(part["condition"])}
    if kept.any() and (~kept & ~unknown).any():
        return counts | {"verdict": CONDITIONAL, "note": _joined(told[kept])}
    if unknown.any():
        note = f"no clear number for: {'; '.join(part.loc[unknown, 'reading'].astype(str))}"
        return counts | {"verdict": NOT_COMPUTED, "note": note}
    return counts | {"verdict": FAILS, "note": ""}


def _joined(texts: pd.Series) -> str:
    """Each text once, in order, empty ones left out."""
    return "; or ".join(dict.fromkeys(text for text in texts if text))


def _holds(readings: pd.DataFrame) -> np.ndarray:
    """1, 0, or NaN where nothing was compared."""
    given = readings["holds"]
    missing = given.isna().to_numpy()
    strange = [not isinstance(one, bool | np.bool_) and not pd.isna(one) for one in given]
    _require_none(readings, np.array(strange, bool), "holds", "true, false or missing")
    holds = np.array([np.nan if lost else float(one)
                      for one, lost in zip(given, missing, strict=True)], float)  # fmt: skip
    if {"estimate", "limit"} <= set(readings.columns):
        pair = (require_numeric(readings, name, finite=False) for name in ("estimate", "limit"))
        lost = [np.isnan(numbers) for numbers in pair]
        # A comparison with NaN is false in every language, and must not count as a refutation.
        holds[lost[0] ^ lost[1]] = np.nan
    return holds


def _conditions(readings: pd.DataFrame) -> pd.Series:
    if "condition" not in readings:
        return pd.Series("", index=readings.index)
    return readings["condition"].fillna("").astype(str)


def _require_names(readings: pd.DataFrame) -> None:
    """Claims and readings have names, and no reading of a claim stands twice."""
    for column in ("statement", "reading"):
        unnamed = readings[column].isna() | readings[column].astype(str).str.strip().eq("")
        _require_none(readings, unnamed.to_numpy(bool), column, "a name in every row")
    twice = readings.duplicated(["statement", "reading"])
    _require_none(readings, twice.to_numpy(bool), "reading", "each reading of a claim once")


def _require_none(readings: pd.DataFrame, wrong: np.ndarray, column: str, expected: str) -> None:
    at = np.flatnonzero(wrong)
    if len(at):
        first = at[:5]
        pairs = zip(readings.index[first], readings[column].iloc[first], strict=True)
        counted = "1 row is" if len(at) == 1 else f"{len(at)} rows are"
        raise DataError.because(
            f"{counted} not usable in {column!r}; first: "
            + ", ".join(f"row {row}: {value!r}" for row, value in pairs)
            + ".",
            f"Expected {expected}.",
            "Correct the table of readings.",
        )
