"""Units of time: how many days each has, and what a rate by the year is in it."""

from math import log1p
from numbers import Number
from typing import Any

import pandas as pd

from custlib.checks import require_one_of
from custlib.errors import ParameterError
from custlib.loyalty.ladder.periods import days_of

YEAR_DAYS = 365.25
DAYS = {
    "day": 1.0,
    "week": 7.0,
    "month": YEAR_DAYS / 12,
    "quarter": YEAR_DAYS / 4,
    "year": YEAR_DAYS,
}


def unit_days(time_unit: str) -> float:
    """Days of one unit; a month, a quarter and a year are mean ones."""
    require_one_of("time_unit", time_unit, DAYS)
    return DAYS[time_unit]


def discount_rate(annual_discount: float, time_unit: str) -> float:
    """Continuous rate a unit of time at which money later is worth less."""
    if not 0 <= annual_discount <= 1:
        raise ParameterError.because(
            f"annual_discount is {annual_discount!r}.",
            "Expected a share a year, from 0 (no discount) to 1 (half the worth each year).",
            "For ten per cent a year pass annual_discount=0.10.",
        )
    return log1p(annual_discount) * unit_days(time_unit) / YEAR_DAYS


def require_horizon(horizon: float) -> None:
    """A finite span of time above zero."""
    if not 0 < horizon < float("inf"):
        raise ParameterError.because(
            f"horizon is {horizon!r}.",
            "Expected a finite time above 0, in the unit of time of the model.",
            "Pass the weeks (or days, or months) to look ahead.",
        )


def time_between(start: Any, end: Any, *, time_unit: str) -> float:
    """Time from the end of one day to the end of another, in `time_unit`; below 0 backwards.

    Parameters
    ----------
    start, end : date, or text such as "1997-09-30"
        Two texts have one form, which leaves no choice of day and month.
    time_unit : {"day", "week", "month", "quarter", "year"}
        A month, a quarter and a year are mean ones, of 365.25 days a year.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        The unit is none of these, or a day is no date, or may be two.

    Notes
    -----
    time = (end − start in days)/days of a unit. A month has 365.25/12 of them, a quarter 365.25/4.

    Examples
    --------
    >>> time_between("1997-09-30", "1998-06-30", time_unit="week")
    39.0
    """
    days = unit_days(time_unit)
    given = pd.Series([start, end], ["start", "end"], dtype=object)
    written = given.map(lambda day: isinstance(day, str))
    try:
        if given.map(lambda day: isinstance(day, Number) or pd.isna(day)).any():
            raise TypeError
        if written.any():
            given[written] = days_of(pd.DataFrame({"day": given[written]}), "day")
        first, last = (pd.Timestamp(day).normalize() for day in given)
        return (last - first).days / days
    except (AttributeError, TypeError, ValueError) as problem:
        raise ParameterError.because(
            f"The days are {start!r} and {end!r}.",
            "Expected two dates, and no doubt which is the day and which the month.",
            'Write them as "2024-12-31".',
        ) from problem
