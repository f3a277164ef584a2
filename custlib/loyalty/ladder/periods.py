"""Days of events, and which of their periods are over."""

from typing import Any

import numpy as np
import pandas as pd

from custlib.errors import DataError
from custlib.periods import PERIODS, day_of, month_of
from custlib.texts.dates import read_dates


def days_of(events: pd.DataFrame, column: str, style: str | None = None) -> pd.Series:
    """Days of a column of dates or of their texts; every row has one."""
    days = events[column]
    if pd.api.types.is_string_dtype(days):
        # Few days stand in many rows: each text is read once.
        texts = days.astype("str").where(days.notna())
        different = pd.Series(texts.dropna().unique())
        read = (
            _by_style(different, column, style) if style else read_dates(different, column=column)
        )
        known = dict(zip(different, read, strict=True))
        days = pd.to_datetime(texts.map(known))
    elif not pd.api.types.is_datetime64_any_dtype(days):
        try:
            days = pd.to_datetime(days)
        except (ValueError, TypeError) as problem:
            raise _no_days(column, days.iloc[0]) from problem
        if pd.api.types.is_numeric_dtype(events[column]):
            raise _no_days(column, events[column].iloc[0])
    if days.dt.tz is not None:
        days = days.dt.tz_localize(None)
    gaps = np.flatnonzero(days.isna())
    if len(gaps):
        rows = events.index[gaps[:5]].tolist()
        raise DataError.because(
            f"{len(gaps)} events without a day in {column!r}; first at rows {rows}.",
            "Expected a day in every row.",
            "Fill in the days, or leave the rows out and say so.",
        )
    return days


def last_over(until: Any, period: str) -> int:
    """Number of the last period that was over on this day, counted from the year 0."""
    after = day_of("until", until) + pd.Timedelta(days=1)
    return month_of(after) // PERIODS[period] - 1


def _by_style(texts: pd.Series, column: str, style: str) -> pd.Series:
    days = pd.to_datetime(texts, format=style, errors="coerce")
    wrong = texts[days.isna()]
    if len(wrong):
        raise DataError.because(
            f"{len(wrong)} days in {column!r} are not written as {style}; first:"
            f" {', '.join(map(repr, wrong.head(5)))}.",
            "Expected one form throughout.",
            "Correct date_format, or leave it out.",
        )
    return days


def _no_days(column: str, value: object) -> DataError:
    return DataError.because(
        f"{column!r} is no column of days: it holds {value!r}.",
        "Expected dates, or text such as 2024-03-31.",
        "Name the column of the days with date=.",
    )
