"""Dates and times written as text, in the order of day and month that the column proves."""

from typing import Any

import pandas as pd

from custlib.errors import DataError

TIMES = ("", " %H:%M", " %H:%M:%S")
DATES = ("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d")
FORMATS = ("ISO8601", *(date + time for date in DATES for time in TIMES))


def read_dates(texts: pd.Series, *, column: str) -> pd.Series:
    """Times of a text column, NaT where blank; raises where no format, or two, fit every text.

    What is written with a zone is turned into the time of UTC.
    """
    written = texts.str.strip().replace("", None)
    fits: dict[str, pd.Series] = {}
    for style in FORMATS:
        times = in_utc(written, format=style, errors="coerce")
        if times.isna().equals(written.isna()):
            fits[style] = times
    if not fits:
        raise DataError.because(
            f"{column!r} is no column of times: it holds {written.dropna().iloc[0]!r}"
            " and others in no one format.",
            "Expected one format throughout, such as 2025-03-31 14:05 or 31.03.2025 14:05.",
            "Write the times in one format, or give a number that orders the respondents.",
        )
    times, *others = fits.values()
    if any(not times.equals(other) for other in others):
        raise DataError.because(
            f"{column!r} leaves open which is the day and which the month,"
            f" as in {written.dropna().iloc[0]!r}.",
            "Expected one day above 12, or the year first.",
            "Write the times as 2025-03-31.",
        )
    return times


def in_utc(times: pd.Series, **read: Any) -> pd.Series:
    """Times as UTC has them where they have a zone, as they stand where they have none.

    One instant is one time, whether it was kept as text or as a time, and in whatever zone.
    """
    return pd.to_datetime(times, utc=True, **read).dt.tz_localize(None)
