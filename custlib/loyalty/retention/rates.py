"""Churn a year, or over any other time: from all the months that customers were under watch."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.intervals import wilson
from custlib.loyalty.retention.curve import spells_by_group
from custlib.loyalty.retention.durations import read_spells

Array = np.ndarray
METHODS = {True: "Wilson, compounded", False: "exact Poisson, exponential"}


def churn_rate(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_value: object = None,
    by: str | None = None,
    over: float = 12.0,
    ages: Sequence[float] | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of customers that leaves within a time, at the pace of the ages watched.

    Parameters
    ----------
    customers, duration, event, event_value, by
        As in `survival_curve`. Whole durations count units, such as months, that of leaving too;
        if one is not whole, all are read as exact times.
    over : float, default 12
        Units of time the churn is for; 12 makes months a year.
    ages : list of float, optional
        Ends of bands of age, ascending, such as [0, 12, 24]: a churn for each band; otherwise one
        for all ages.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per group and band
        `by`, time (age at which the band begins), measure ("churn_rate"), estimate, ci_low,
        ci_high, conf_level, horizon (age at which it ends), events, at_risk (units of time under
        watch, such as customer-months, to the nearest whole one), n, n_missing, method ("Wilson,
        compounded", or for exact times "exact Poisson, exponential"), note. NaN where nobody was
        watched.

    Raises
    ------
    DataError
        A column is absent, a duration negative, an event not 0 or 1.
    ParameterError
        Bands that do not ascend, or a time not above 0.

    Notes
    -----
    m = events / units under watch. Whole units: churn 1 − (1 − m)^over, interval by Wilson's for m,
    a unit of one customer being one trial; who left in a unit was under watch for the whole of it,
    who left at 0 for one unit. Exact times: churn 1 − exp(−m over), interval by the exact one of
    Poisson's law.

    Assumes: one constant hazard within a band of age; units of one customer count as independent
    trials; last seen has nothing to do with leaving.

    Not for: churn that falls fast within a band (give `ages`, or `survival_curve`), clusters that
    leave together, or a young base's churn as that of an old one.

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953. Garwood, F. (1936).
    Biometrika 28:437–442. doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    >>> contracts = pd.DataFrame({"months": [12, 12, 6, 20], "left": [1, 0, 0, 0]})
    >>> found = churn_rate(contracts, duration="months", event="left")  # R: prop.test(1, 50)
    >>> found[["estimate", "at_risk"]].round(4).values.tolist()  # 1 − (49/50)^12
    [[0.2153, 50]]
    """
    require_conf_level(conf_level)
    bands = _bands(ages, over)
    spells = read_spells(customers, duration=duration, event=event, event_value=event_value)
    whole = _in_whole_units(spells.time, bands)
    rows = []
    for name, part, n_missing in spells_by_group(customers, spells, by):
        own = {} if by is None else {by: name}
        own |= {"n": len(part), "n_missing": n_missing}
        for low, high in bands:
            # Who left at 0 was there in the first unit, if units are what is counted.
            time = np.where(part.event & whole, np.maximum(part.time, 1), part.time)
            watched = np.clip(time, low, high) - low
            left = part.event & (time <= high) & ((time > low) | (low == 0))
            row = _row(int(left.sum()), float(watched.sum()), over, conf_level, whole)
            rows.append(own | {"time": low, "horizon": high} | row)
    table = pd.DataFrame(rows).assign(
        measure="churn_rate", conf_level=conf_level, method=METHODS[whole]
    )
    table["horizon"] = table["horizon"].replace(np.inf, np.nan)
    return arrange(table, keys=[*([] if by is None else [by]), "time", "measure"])


def _in_whole_units(time: Array, bands: list[tuple[float, float]]) -> bool:
    """Durations and ends of bands count units, so that nobody leaves within one."""
    ends = [end for band in bands for end in band if np.isfinite(end)]
    return all((values == np.floor(values)).all() for values in (time, np.array(ends)))


def _row(events: int, watched: float, over: float, conf_level: float, whole: bool) -> dict:
    row = {"events": events, "at_risk": round(watched), "note": ""}
    names = ("estimate", "ci_low", "ci_high")
    if not watched:
        return row | dict.fromkeys(names, np.nan) | {"note": "nobody was under watch"}
    pace = np.full(3, events / watched)
    if whole:
        pace[1:] = wilson(pace[0], watched, conf_level=conf_level)
        churn = 1 - (1 - pace) ** over
    else:
        tails = (1 + np.array([-1, 1]) * conf_level) / 2
        pace[1:] = stats.gamma.ppf(tails, [max(events, 1e-12), events + 1]) / watched
        churn = -np.expm1(-pace * over)
    return row | dict(zip(names, churn.tolist(), strict=True))


def _bands(ages: Sequence[float] | None, over: float) -> list[tuple[float, float]]:
    ends = [0.0, np.inf] if ages is None else list(map(float, ages))
    rising = len(ends) > 1 and ends[0] >= 0 and all(np.diff(ends) > 0)
    if not rising or not over > 0:
        raise ParameterError.because(
            f"ages is {ages!r}, over is {over!r}.",
            "Expected ages from 0 up, ascending, two at the least, and a time above 0.",
            "Pass for instance ages=[0, 12, 24], over=12.",
        )
    return list(pairwise(ends))
