"""Data frames made ready for an engine: columns of mixed objects become columns of one kind."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from custlib.errors import DataError

LARGEST_EXACT = 2**53  # whole numbers beyond it are not all there as floats


def plain_frame(orders: pd.DataFrame, columns: Sequence[str], *, whole: bool) -> pd.DataFrame:
    """The named columns, or the whole frame, with every column of one kind."""
    frame = orders.set_axis([str(name) for name in orders.columns], axis=1)
    if not whole:
        frame = frame.loc[:, frame.columns.isin(columns)]
    folded = frame.columns.str.casefold()  # engines do not tell Paid from paid
    repeated = frame.columns[folded.duplicated(keep=False)]
    if len(repeated):
        raise DataError.duplicate_columns(set(repeated))
    plain = {name: _plain(frame[name], named=name in columns) for name in frame.columns}
    return pd.DataFrame(plain, index=frame.index)


def with_written_times(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with times as text: not every engine keeps a zone, or the lack of one."""
    frame = frame.copy(deep=False)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.tz_convert("UTC").dt.strftime("%Y-%m-%d %H:%M:%SZ")
        elif frame[name].dtype.kind == "M":
            frame[name] = frame[name].dt.strftime("%Y-%m-%d %H:%M:%S")
        frame[name] = _without_null(frame[name])
    return frame


def _plain(column: pd.Series, *, named: bool) -> pd.Series:
    """The column as one kind that engines take in; one that nobody named may become text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        kind = column.cat.categories.dtype
        column = column.astype(object if kind.kind in "iub" and column.hasnans else kind)
    if isinstance(column.dtype, pd.PeriodDtype):
        column = _days(column) if named else column.astype("str")
    if column.dtype == object:
        column = _one_kind(column) if named else column.map(id_text)
    elif column.dtype.kind in "cmO" and not pd.api.types.is_string_dtype(column.dtype):
        column = column.astype("str")
    return _without_null(column)


def _days(column: pd.Series) -> pd.Series:
    """Periods of a day or less as times."""
    times = column.dt.start_time
    if (column.dt.end_time - times >= pd.Timedelta(days=1)).any():
        raise DataError.because(
            f"{column.name!r} holds periods such as {column.dropna().iloc[0]}.",
            "Expected days or times.",
            "Choose the day that stands for the period, as by .dt.start_time.",
        )
    return times


def _without_null(column: pd.Series) -> pd.Series:
    """The column as engines take it in: some make text of a null, and lose whole numbers by one."""
    if pd.api.types.is_string_dtype(column.dtype):
        return column.astype("str").fillna("")
    if pd.api.types.is_integer_dtype(column.dtype) and column.hasnans:
        fits = (column.abs() < LARGEST_EXACT).all()
        return column.astype("float64") if fits else column.map(id_text).astype("str").fillna("")
    return column


def _one_kind(column: pd.Series) -> pd.Series:
    """Numbers if all are numbers, times if all are times, else text."""
    present = column.dropna()
    if len(present) and present.map(_is_number).all():
        return pd.to_numeric(column)
    if present.map(lambda value: isinstance(value, date)).all():
        return column.map(_iso)
    return column.map(id_text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _iso(value: Any) -> str | None:
    """Times as ISO text, with their own zone where they have one."""
    return None if pd.isna(value) else pd.Timestamp(value).isoformat()


def id_text(value: Any) -> str | None:
    """Text of an id: 17850.0 and 17850 are the same customer."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float | np.floating) and np.isnan(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
