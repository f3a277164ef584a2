"""Calendar periods made of whole months, counted from the year 0."""

from typing import Any

import pandas as pd

from custlib.errors import ParameterError

# Months in each.
PERIODS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def month_of(day: Any) -> int:
    """Number of the month of a day."""
    return day.year * 12 + day.month - 1


def period_label(number: int, period: str) -> str:
    """How a period is written: 2024-03, 2024 Q1, 2024 H1, 2024.

    Examples
    --------
    >>> [period_label(2024 * 12 // width + 1, name) for name, width in PERIODS.items()]
    ['2024-02', '2024 Q2', '2024 H2', '2025']
    """
    year, rest = divmod(int(number) * PERIODS[period], 12)
    if period == "month":
        return f"{year}-{rest + 1:02d}"
    part = rest // PERIODS[period] + 1
    return {"quarter": f"{year} Q{part}", "half_year": f"{year} H{part}"}.get(period, f"{year}")


def month_start(name: str, day: Any) -> int:
    """Number of the month that begins on this day."""
    moment = day_of(name, day)
    if moment.day != 1:
        raise _inside(name, moment, "the first day of a month", moment.replace(day=1))
    return month_of(moment)


def month_end(name: str, day: Any) -> int:
    """Number of the month that ends on this day."""
    moment = day_of(name, day)
    if not moment.is_month_end:
        raise _inside(name, moment, "the last day of a month", moment + pd.offsets.MonthEnd(0))
    return month_of(moment)


def day_of(name: str, day: Any) -> pd.Timestamp:
    """The day asked for, without a time."""
    try:
        return pd.Timestamp(day).tz_localize(None).normalize()
    except (ValueError, TypeError, AttributeError) as problem:
        raise ParameterError.because(
            f"{name} is {day!r}.", "Expected a day, such as 2024-01-01.", "Correct it."
        ) from problem


def _inside(name: str, day: pd.Timestamp, expected: str, nearest: pd.Timestamp) -> ParameterError:
    return ParameterError.because(
        f"{name} is {day:%Y-%m-%d}, inside a month.",
        f"Expected {expected}, as orders are summed by months.",
        f"Pass {nearest:%Y-%m-%d}, or filter the orders before.",
    )
