"""Leads of a funnel: how far each came, when, and whether its next step is decided yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_distinct, require_list, require_one_of
from custlib.errors import DataError, ParameterError
from custlib.texts.dates import in_utc, read_dates

Array = np.ndarray
SKIPPED = ("passed", "left_out")
DAY = np.timedelta64(1, "D")
EPOCH = np.datetime64("1970-01-01")


@dataclass(frozen=True, slots=True)
class Leads:
    """Leads as arrays; `at` says which rows of the table they are.

    `passed` (leads, stages): came to the stage or to a later one. `day` (leads, stages): when, as
    days since 1970, for a skipped stage the day of the next one; NaN where not passed or without
    dates. `skipped` (leads, stages): passed without a word of it. `lost` (leads,): said to be
    lost, or None where nobody says so. `as_of`: the day the leads are looked at.
    """

    at: Array
    passed: Array
    day: Array
    skipped: Array
    lost: Array | None
    as_of: float
    dated: bool

    def judged(self, stage: int, patience_days: float | None) -> Array:
        """Leads at a stage whose next step is decided, whatever it became.

        With patience all that arrived long enough ago, so that quick wins among young leads do not
        count before the losses beside them; else who moved on, and of the others who is lost.
        """
        here = self.passed[:, stage]
        if self.dated and patience_days is not None:
            with np.errstate(invalid="ignore"):
                return here & (self.day[:, stage] <= self.as_of - patience_days)
        if self.lost is None:
            return here
        return here & (self.passed[:, stage + 1] | self.lost)


def read_leads(
    leads: pd.DataFrame,
    *,
    stages: Sequence[str],
    reached: str | None,
    lost: str | None,
    as_of: str | pd.Timestamp | None,
    skipped: str,
) -> Leads:
    """Leads that came to any stage, from a column a stage or from one of the stage reached."""
    require_list("stages", stages)
    require_distinct(stages, at_least=2)
    require_one_of("skipped", skipped, SKIPPED)
    require_columns(leads, [*(stages if reached is None else [reached]), lost])
    if reached is None:
        there, day = _from_columns(leads, stages)
    else:
        there = _from_furthest(leads, stages, reached)
        day = np.full(there.shape, np.nan)
    dated = bool(np.isfinite(day).any())
    if as_of is not None and not dated:
        raise ParameterError.because(
            f"as_of is {as_of}, and the stages have no dates.",
            "Expected dates in the columns of the stages.",
            "Leave as_of out, or give columns with dates.",
        )
    until = np.nanmax(day) if dated else np.nan
    if as_of is not None:
        moment = in_utc(pd.Series([as_of])).to_numpy("datetime64[s]")[0]
        until = float((moment - EPOCH) / DAY)
        there, day = there & ~(day > until), np.where(day > until, np.nan, day)
    _require_order(leads, stages, day)
    passed = np.logical_or.accumulate(there[:, ::-1], axis=1)[:, ::-1]
    missed = passed & ~there
    keep = passed[:, 0] & ((skipped == "passed") | ~missed.any(axis=1))
    known = np.fmin.accumulate(day[:, ::-1], axis=1)[:, ::-1]
    return Leads(
        at=np.flatnonzero(keep),
        passed=passed[keep],
        day=np.where(passed, known, np.nan)[keep],
        skipped=missed[keep],
        lost=None if lost is None else _flags(leads[lost], lost)[keep],
        as_of=float(until),
        dated=dated,
    )


def _from_columns(leads: pd.DataFrame, stages: Sequence[str]) -> tuple[Array, Array]:
    """Who came to each stage, and when, from a column of dates or of yes and no a stage."""
    there = np.zeros((len(leads), len(stages)), bool)
    day = np.full(there.shape, np.nan)
    for at, stage in enumerate(stages):
        column = leads[stage]
        if _is_flags(column):
            there[:, at] = _flags(column, stage)
            continue
        if not pd.api.types.is_datetime64_any_dtype(column):
            column = read_dates(column.astype("string"), column=stage)
        times = in_utc(column).to_numpy("datetime64[s]")
        there[:, at] = ~np.isnat(times)
        day[:, at] = np.where(there[:, at], (times - EPOCH) / DAY, np.nan)
    plain = [stage for at, stage in enumerate(stages) if np.isnan(day[there[:, at], at]).any()]
    if plain and np.isfinite(day).any():
        raise DataError.because(
            f"Some stages have dates, and others say only yes or no: {', '.join(plain)}.",
            "Expected dates at every stage, or at none.",
            "Give the dates of these stages, or turn the others into yes and no.",
        )
    return there, day


def _from_furthest(leads: pd.DataFrame, stages: Sequence[str], reached: str) -> Array:
    """Who came to each stage, where a column names the furthest one."""
    codes = pd.Index(stages).get_indexer(pd.Index(leads[reached]))
    strange = np.flatnonzero((codes < 0) & leads[reached].notna().to_numpy())
    if len(strange):
        raise DataError.because(
            f"{len(strange)} leads with a stage that is not among those named; first: "
            + _shown(leads, reached, strange),
            f"Expected one of: {', '.join(map(str, stages))}, or nothing.",
            "Add the stage to stages, or correct the name.",
        )
    return codes[:, None] >= np.arange(len(stages))


def _is_flags(column: pd.Series) -> bool:
    """Whether a column says yes and no; one with nothing in it does, as nobody came there."""
    values = column.dropna()
    if pd.api.types.is_bool_dtype(column) or not len(values):
        return True
    return bool(pd.api.types.is_numeric_dtype(column) or values.isin((0, 1)).all())


def _flags(column: pd.Series, name: str) -> Array:
    """Yes and no as booleans; a date or any text means yes where it tells when or why one left."""
    if not _is_flags(column):
        return column.notna().to_numpy() & column.astype("string").str.strip().ne("").to_numpy(
            bool, na_value=False
        )
    values = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=0.0)
    wrong = np.flatnonzero(~np.isin(values, (0.0, 1.0)))
    if len(wrong):
        raise DataError.because(
            f"{len(wrong)} values in {name!r} are neither a date nor yes or no; first: "
            + _shown(column.to_frame(name), name, wrong),
            "Expected dates, true and false, or 1 and 0, and nothing where a lead did not come.",
            "Correct the column, or name the column of the stage.",
        )
    return values == 1.0


def _require_order(leads: pd.DataFrame, stages: Sequence[str], day: Array) -> None:
    """Nobody is at a later stage before an earlier one."""
    latest = np.fmax.accumulate(day, axis=1)
    with np.errstate(invalid="ignore"):
        wrong = np.argwhere(day < latest)
    if len(wrong):
        told = [f"row {leads.index[row]}: {stages[at]}" for row, at in wrong[:5]]
        raise DataError.because(
            f"{len(wrong)} dates of a stage lie before one of an earlier stage; first: "
            + ", ".join(told)
            + ".",
            f"Expected dates that do not fall in the order {', '.join(stages)}.",
            "Correct the dates, or the order of the stages.",
        )


def _shown(table: pd.DataFrame, column: str, rows: Array) -> str:
    first = rows[:5]
    pairs = zip(table.index[first], table[column].iloc[first], strict=True)
    return ", ".join(f"row {row}: {value!r}" for row, value in pairs) + "."
