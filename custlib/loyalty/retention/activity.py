"""Durations of contracts from a record of who was there in which period."""

from contextlib import suppress

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_new_columns,
    require_one_of,
    require_rows,
    require_whole,
)
from custlib.errors import DataError, ParameterError
from custlib.loyalty.retention.durations import refuse_rows

Array = np.ndarray
GAPS = ("refuse", "stay", "leave")
EARLIER = "may have begun before the record"


def contract_durations(
    activity: pd.DataFrame,
    *,
    customer: str,
    period: str,
    until: object = None,
    gaps: str = "refuse",
) -> pd.DataFrame:
    """Time each customer stayed, in periods from 1 up, and whether the customer has left.

    Parameters
    ----------
    activity : DataFrame, one row per customer and period in which the customer was there
    customer, period : str
        Names; and whole numbers or pandas periods. Repeated rows count once.
    until : int or Period, optional
        Last period of the record; otherwise the last in the table.
    gaps : {"refuse", "stay", "leave"}
        What periods between two of a customer's mean: an error; that the customer stayed; or that
        the customer left at the first of them, for good.

    Returns
    -------
    DataFrame, one row a customer, in order of first appearance
        `customer`, cohort (first period), duration (periods there), event (1 where the customer was
        not there in the last period of the record, else 0), note.

    Raises
    ------
    DataError
        A missing name or period, periods of another kind, a gap, a period after `until`; or
        `customer` is called as one of the other columns of the result.
    ParameterError
        An unknown word for gaps, or an `until` that is no period of the record's kind.

    Notes
    -----
    Customers of the first period of the table may have begun earlier; a note says so. Their
    duration is a lower bound: leave them out, or give their age then as `entry`.

    Examples
    --------
    >>> seen = pd.DataFrame({"firm": list("aaabb"), "year": [1, 2, 3, 2, 2]})
    >>> found = contract_durations(seen, customer="firm", period="year")
    >>> found[["firm", "cohort", "duration", "event"]].values.tolist()
    [['a', 1, 3, 0], ['b', 2, 1, 1]]
    """
    require_one_of("gaps", gaps, GAPS)
    require_columns(activity, [customer, period])
    require_new_columns(activity[[customer]], ["cohort", "duration", "event", "note"])
    _require_complete(activity, customer, period)
    periods = activity[period].infer_objects()
    numbers = _numbers(periods, period)
    last = numbers.max() if until is None else _last(until, periods, numbers, period)
    codes, names = pd.factorize(activity[customer])
    table = pd.DataFrame({"code": codes, "at": numbers})
    table = table.sort_values(["code", "at"], ignore_index=True)
    step = table["at"].diff().where(table["code"].eq(table["code"].shift()), 1)
    jump = step.gt(1)
    if gaps == "refuse" and jump.any():
        raise _gap_error(table[jump], step[jump], names, customer)
    if gaps == "leave":
        table = table[~jump.groupby(table["code"]).cummax()]
    ends = table.groupby("code")["at"].agg(["min", "max"])
    first = periods.iloc[_first_rows(codes, numbers)]
    return pd.DataFrame(
        {
            customer: names,
            "cohort": first.to_numpy() if first.dtype.kind in "iuf" else first.array,
            "duration": (ends["max"] - ends["min"] + 1).to_numpy(),
            "event": (ends["max"] < last).astype(int).to_numpy(),
            "note": np.where(ends["min"] == numbers.min(), EARLIER, ""),
        }
    )


def _first_rows(codes: Array, numbers: Array) -> Array:
    """Row of each customer's first period."""
    order = np.lexsort((numbers, codes))
    return order[np.searchsorted(codes[order], np.arange(codes.max() + 1))]


def _require_complete(activity: pd.DataFrame, customer: str, period: str) -> None:
    require_rows(activity, "activity")
    for column in (customer, period):
        absent = activity[column].isna().to_numpy()
        expected = "who was there, and when, in every row"
        do = "Fill them, or leave those rows out."
        refuse_rows(activity, absent, "a missing value", column, expected, do)


def _numbers(column: pd.Series, period: str) -> Array:
    if isinstance(column.dtype, pd.PeriodDtype):
        return column.array.asi8
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(float)
        if (values == np.floor(values)).all():
            return values.astype(np.int64)
    raise DataError.because(
        f"{period!r} holds {column.dtype} values, such as {column.iloc[0]!r}.",
        "Expected whole numbers, one apart from period to period, or pandas periods.",
        'Turn dates into periods: pd.PeriodIndex(dates, freq="M").',
    )


def _last(until: object, column: pd.Series, numbers: Array, period: str) -> int:
    if isinstance(column.dtype, pd.PeriodDtype):
        last = _ordinal(until, column)
    else:
        last = require_whole("until", until, int(numbers.min()))
    late = int((numbers > last).sum())
    if late:
        raise DataError.because(
            f"{late} rows have a {period!r} after {until}.",
            "Expected a record that ends with `until`.",
            "Pass the last period of the record, or leave those rows out.",
        )
    return last


def _ordinal(until: object, periods: pd.Series) -> int:
    with suppress(ValueError, TypeError, AttributeError):  # the last where it is a gap
        return pd.Period(until, freq=periods.dtype.freq).ordinal
    raise ParameterError.because(
        f"until is {until!r}.", f"Expected a period such as {periods.max()}.", "Correct it."
    )


def _gap_error(rows: pd.DataFrame, steps: pd.Series, names: pd.Index, customer: str) -> DataError:
    who = rows["code"].drop_duplicates()
    first = ", ".join(
        f"{names[code]!r} for {int(steps[at]) - 1}" for at, code in who.head(5).items()
    )
    return DataError.because(
        f"{len(who)} of {customer!r} were away for some periods and came back; first: {first}.",
        "Expected customers who are there without a break until they leave.",
        'Say what a break means: gaps="stay" or gaps="leave".',
    )
