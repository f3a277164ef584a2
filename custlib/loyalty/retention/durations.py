"""What columns of durations, events and entries must satisfy, and the rows that can be used."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.errors import DataError

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Spells:
    """Customers whose time is known: from when they were watched, until when, and if they left."""

    rows: Array  # positions in the table, ascending
    time: Array
    event: Array  # true where the customer left at `time`, false where still there
    entry: Array | None  # watched from then on; None: everybody from 0
    n_missing: int

    def __len__(self) -> int:
        return len(self.rows)

    def at_risk(self, when: Array) -> Array:
        """Customers under watch just before each time, at 0 those watched from the start."""
        came: Array | int = len(self)
        if self.entry is not None:
            before = np.searchsorted(np.sort(self.entry), when, side="left")
            came = np.where(when > 0, before, (self.entry == 0).sum())
        return came - np.searchsorted(np.sort(self.time), when, side="left")

    def only(self, inside: Array) -> "Spells":
        """Those where `inside`, a mask over these spells, is true."""
        entry = None if self.entry is None else self.entry[inside]
        return Spells(self.rows[inside], self.time[inside], self.event[inside], entry, 0)


def read_spells(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_value: object = None,
    entry: str | None = None,
) -> Spells:
    """Checked spells of the customers; rows with a missing duration, event or entry are counted."""
    require_columns(customers, [duration, event, entry])
    time = require_durations(customers, duration)
    left = require_events(customers, event, event_value=event_value)
    start = None if entry is None else require_entries(customers, entry, duration=duration)
    known = ~np.isnan(time) & ~np.isnan(left)
    if start is not None:
        known &= ~np.isnan(start)
    rows = np.flatnonzero(known)
    return Spells(
        rows=rows,
        time=time[rows],
        event=left[rows] == 1,
        entry=None if start is None else start[rows],
        n_missing=len(customers) - len(rows),
    )


def require_durations(customers: pd.DataFrame, duration: str) -> Array:
    """Durations from 0 up, NaN where missing."""
    time = _numbers(customers, duration)
    refuse_rows(
        customers,
        time < 0,
        "negative duration",
        duration,
        "durations from 0 up",
        "Subtract the start from the end, not the end from the start; look for swapped dates.",
    )
    return time


def require_events(customers: pd.DataFrame, event: str, *, event_value: object = None) -> Array:
    """1 where the customer left, 0 where still there, NaN where missing.

    The column holds 0 and 1, or false and true; with `event_value` it holds anything, and a
    customer left where it has that value (or one of those values).
    """
    require_columns(customers, [event])
    column = customers[event]
    absent = column.isna().to_numpy()
    if event_value is not None:
        return np.where(absent, np.nan, _among(column, event, event_value))
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = ~absent & ~np.isin(numbers, (0.0, 1.0))
    values = column[~absent].unique()
    told = ", ".join(repr(value) for value in values[:5].tolist())
    refuse_rows(
        customers,
        wrong,
        "event that is not 0 or 1",
        event,
        f"0 (still there) and 1 (left), or false and true; the column holds {told}"
        + (" …" if len(values) > 5 else ""),
        "Recode it, or name the value that means the customer left: event_value=…",
    )
    return numbers


def require_entries(customers: pd.DataFrame, entry: str, *, duration: str) -> Array:
    """Ages from 0 at which customers began to be watched, before their end; NaN where missing."""
    start = _numbers(customers, entry)
    refuse_rows(
        customers,
        start < 0,
        "negative entry",
        entry,
        "the age at which a customer began to be watched, 0 for those watched from the start",
        "Subtract the customer's start from the first day of the record; give 0 where it is later.",
    )
    time = require_durations(customers, duration)
    refuse_rows(
        customers,
        start >= time,
        f"entry not before the end in {duration!r}",
        entry,
        "an age below the duration: both count from the customer's own start",
        "Leave out customers who were never watched, or give entry and duration one origin.",
    )
    return start


def _numbers(customers: pd.DataFrame, column: str) -> Array:
    require_columns(customers, [column])
    if pd.api.types.is_datetime64_any_dtype(customers[column]) or (
        pd.api.types.is_timedelta64_dtype(customers[column])
    ):
        raise DataError.because(
            f"{column!r} holds {customers[column].dtype} values.",
            "Expected numbers in one unit of time.",
            "Divide a difference of dates by the unit: (end - start) / pd.Timedelta(days=1).",
        )
    values = require_numeric(customers, column, finite=False)
    refuse_rows(
        customers,
        np.isinf(values),
        "infinite value",
        column,
        "finite numbers, or missing",
        "For a customer still there give the time watched so far, and event 0.",
    )
    return values


def _among(column: pd.Series, event: str, event_value: object) -> Array:
    listed = isinstance(event_value, Iterable) and not isinstance(event_value, str)
    wanted = list(event_value) if listed else [event_value]  # type: ignore[call-overload]
    found = column.dropna().unique().tolist()
    strange = [value for value in wanted if value not in found]
    if strange and found:
        raise DataError.because(
            f"{event!r} never holds {', '.join(repr(value) for value in strange)}.",
            f"Expected a value it has: {', '.join(repr(value) for value in found[:10])}.",
            "Correct event_value; if really nobody left, pass a column of 0.",
        )
    return column.isin(wanted).to_numpy()


def refuse_rows(
    customers: pd.DataFrame, wrong: Array, what: str, column: str, expected: str, do: str
) -> None:
    """A DataError that counts the rows where `wrong` is true and shows the first of them."""
    at = np.flatnonzero(wrong)
    if not len(at):
        return
    pairs = zip(
        customers.index[at[:5]].tolist(), customers[column].iloc[at[:5]].tolist(), strict=True
    )
    raise DataError.because(
        f"{column!r} has {len(at)} row{'s' if len(at) > 1 else ''} with {what}; first: "
        + ", ".join(f"row {row}: {value!r}" for row, value in pairs)
        + ".",
        f"Expected {expected}.",
        do,
    )
