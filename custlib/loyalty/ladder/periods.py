"""Days of events, which of their periods are over, and the order of periods."""

import re
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_rows
from custlib.errors import DataError
from custlib.periods import PERIODS, day_of, month_of
from custlib.texts.dates import read_dates

# What a time of a day ends with where it tells its zone.
ZONE = r"(:\d\d(\.\d+)?) ?(Z|[+-]\d\d(:?\d\d)?)$"


def days_of(events: pd.DataFrame, column: str, style: str | None = None) -> pd.Series:
    """Days of a column of dates or of their texts, as their own clocks show them; no gaps."""
    days = events[column]
    if pd.api.types.is_numeric_dtype(days):
        raise DataError.because(
            f"{column!r} is no column of days: it holds {days.iloc[0]!r}.",
            "Expected dates, or text such as 2024-03-31.",
            "Name the column of the days with date=.",
        )
    if not pd.api.types.is_datetime64_any_dtype(days):
        # Few days stand in many rows: each text is read once.
        texts = days.astype("str").where(days.notna())
        different = pd.Series(texts.dropna().unique())
        plain = different.str.replace(ZONE, r"\1", regex=True)
        if style and pd.api.types.is_string_dtype(days):
            read = _by_style(plain, column, style.replace("%z", "").rstrip())
        else:
            read = read_dates(plain, column=column)
        days = pd.to_datetime(texts.map(dict(zip(different, read, strict=True))))
    days = days.dt.tz_localize(None)
    require_no_gaps(days, "events")
    return days


def require_no_gaps(column: pd.Series, what: str) -> None:
    """Every row of such things has an entry in the column."""
    gaps = np.flatnonzero(column.isna())
    if len(gaps):
        rows = column.index[gaps[:5]].tolist()
        raise DataError.because(
            f"{len(gaps)} {what} without an entry in {column.name!r}; first at rows {rows}.",
            "Expected one in every row.",
            "Fill it in, or leave the rows out and say so.",
        )


def last_over(until: Any, period: str) -> int:
    """Number of the last period that was over on this day, counted from the year 0."""
    after = day_of("until", until) + pd.Timedelta(days=1)
    return month_of(after) // PERIODS[period] - 1


def in_order(stages: pd.DataFrame, period: str) -> list:
    """Periods that occur, the first one first; texts that sort in more than one way are refused.

    Numbers, dates and ordered categories have their order. Texts that differ in their digits alone
    follow their only number, or the year and what stands beside it: 2024 Q2, 2024-10, Q2 2024.
    """
    require_rows(stages, "customers and periods")
    periods = stages[period]
    require_no_gaps(periods, "rows")
    if isinstance(periods.dtype, pd.CategoricalDtype) and periods.cat.ordered:
        return [*periods.cat.remove_unused_categories().cat.categories]
    labels = [*periods.unique()]
    keys: dict = {one: _numbers(one) if isinstance(one, str) else one for one in labels}
    forms = {re.sub("[0-9]+", "", one) for one in labels if isinstance(one, str)}
    try:
        if len(forms) < 2 and len({*keys.values()}) == len(labels):
            return sorted(labels, key=keys.__getitem__)
    except TypeError:  # texts beside numbers, or texts whose numbers are not clear
        pass
    raise DataError.because(
        f"Periods sort in more than one way: {', '.join(map(str, labels[:5]))}.",
        "Expected numbers, dates, ordered categories, or texts such as 2024 Q2, Q2 2024 or 7.",
        "Turn them into dates or numbers, or into an ordered pd.Categorical.",
    )


def _numbers(text: str) -> tuple[int, ...] | None:
    """Numbers of a text in the order in which they count, None where that is not clear."""
    parts = re.findall("[0-9]+", text)
    if len(parts) == 2 and len(parts[0]) < 4 == len(parts[1]):
        parts.reverse()
    clear = len(parts) == 1 or (len(parts) > 1 and len(parts[0]) == 4)
    return tuple(map(int, parts)) if clear else None


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
