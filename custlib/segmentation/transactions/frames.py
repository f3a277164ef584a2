"""Data frames made ready for an engine: columns of mixed objects become columns of one kind."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from custlib.errors import DataError

LARGEST_EXACT = 2**53  # whole numbers beyond it are not all there as floats


def plain_frame(orders: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The frame with every column of one kind; columns nobody named stay as text."""
    repeated = orders.columns[orders.columns.duplicated()]
    if len(repeated):
        raise DataError.duplicate_columns(repeated)
    frame = orders.copy(deep=False)
    frame.columns = [str(name) for name in frame.columns]
    for name in frame.columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(column.cat.categories.dtype)
        if column.dtype == object:
            column = _one_kind(column) if name in columns else column.map(_text)
        frame[name] = _without_null(column)
    return frame


def _without_null(column: pd.Series) -> pd.Series:
    """The column as engines take it in: some make text of a null, and lose whole numbers by one."""
    if pd.api.types.is_string_dtype(column.dtype):
        return column.astype("str").fillna("")
    if pd.api.types.is_integer_dtype(column.dtype) and column.hasnans:
        fits = column.abs().max() < LARGEST_EXACT
        return column.astype("float64") if fits else column.map(_text).astype("str").fillna("")
    return column


def _one_kind(column: pd.Series) -> pd.Series:
    """Numbers if all are numbers, times if all are times, else text."""
    present = column.dropna()
    if present.map(_is_number).all():
        return pd.to_numeric(column)
    if present.map(lambda value: isinstance(value, date)).all():
        return column.map(_iso)
    return column.map(_text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _iso(value: Any) -> str | None:
    """Times as ISO text, with their own zone where they have one."""
    return None if pd.isna(value) else pd.Timestamp(value).isoformat()


def _text(value: Any) -> str | None:
    """Text of an id: 17850.0 and 17850 are the same customer."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT:
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
