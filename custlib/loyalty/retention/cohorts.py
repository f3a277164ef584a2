"""Retention of cohorts with counts: who was still there at each age, where the age is over."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.intervals import share_of
from custlib.loyalty.retention.curve import spells_by_group
from custlib.loyalty.retention.durations import Spells, read_spells

Array = np.ndarray


def cohort_retention(
    customers: pd.DataFrame,
    *,
    cohort: str,
    duration: str,
    event: str,
    event_value: object = None,
    width: float = 1.0,
    ages: Sequence[int] | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of each cohort still there at each age, with its counts.

    Parameters
    ----------
    customers, duration, event, event_value : as in survival_curve
    cohort : str
        Label of the start, such as its quarter; customers without one form "(missing)".
    width : float, default 1
        Length of one age in the unit of the durations: 12 for years of months.
    ages : list of int, optional
        Ages in widths, from 0 up; otherwise 0 to the last that is over for some cohort.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per cohort, age and measure
        `cohort`, age, measure ("retained": of the whole cohort; "renewed": of those still there
        one age before), estimate, ci_low, ci_high (Wilson), conf_level, n (customers of the
        cohort), n_missing, numerator, denominator, method, note. An age that is not yet over
        for all still there is NaN, with their number in the note.

    Raises
    ------
    DataError, ParameterError
        As in survival_curve; a width not above 0, ages not whole numbers from 0 up.

    Notes
    -----
    retained = still there at the age/customers of the cohort; renewed = still there at the
    age/still there one age before. At age a are those whose duration passes a widths, or who were
    last seen there. Dropping only those not seen so far would count leavers alone, so the whole age
    is left out; survival_curve uses what is known of them.

    Assumes: leaving is on record, customers of a cohort are independent, an age counts only where
    all had it behind them.

    Not for: silence in orders (`cohort_table`), use of those not watched so far (`survival_curve`),
    or ages beyond the record (`shifted_beta_geometric`).

    References
    ----------
    Fader, P. & Hardie, B. (2007). J. Interactive Marketing 21(1):76–90. doi:10.1002/dir.20074

    Examples
    --------
    >>> base = pd.DataFrame({"year": 2023, "months": [1, 2, 2], "left": [1, 0, 0]})
    >>> found = cohort_retention(base, cohort="year", duration="months", event="left")
    >>> found.query("measure == 'retained'")[["age", "numerator"]].values.tolist()
    [[0, 3], [1, 2], [2, 2]]
    >>> # R: survfit, prop.test
    """
    require_conf_level(conf_level)
    if not width > 0 or np.isinf(width):
        raise ParameterError.because(
            f"width is {width!r}.", "Expected a length above 0.", "For months in years pass 12."
        )
    spells = read_spells(customers, duration=duration, event=event, event_value=event_value)
    groups = list(spells_by_group(customers, spells, cohort))
    asked = _require_ages(ages) if ages is not None else _ages_over(groups, width)
    rows = []
    for name, part, n_missing in groups:
        counts = {cohort: name, "conf_level": conf_level, "n": len(part)}
        counts |= {"n_missing": n_missing, "method": "Wilson"}
        for age in asked.tolist():
            rows += [row | counts for row in _age_rows(part, age, width, conf_level)]
    return arrange(rows, keys=[cohort, "age", "measure"])


def _require_ages(ages: Sequence[int]) -> Array:
    asked = np.asarray(list(ages), float)
    if not len(asked) or not ((asked >= 0) & (asked == np.floor(asked))).all():
        raise ParameterError.because(
            f"ages is {list(ages)!r}.",
            "Expected whole numbers from 0 up.",
            "Pass for instance ages=[0, 1, 2], in widths.",
        )
    return asked.astype(int)


def _last_over(part: Spells) -> float:
    """The age, in units of the durations, up to which all of the cohort is known."""
    if not len(part):
        return 0.0
    still = part.time[~part.event]
    return float(still.min() if len(still) else part.time.max())


def _ages_over(groups: list[tuple[object, Spells, int]], width: float) -> Array:
    latest = max((_last_over(part) for _, part, _ in groups), default=0.0)
    return np.arange(int(np.floor(latest / width + 1e-9)) + 1)


def _still_there(part: Spells, age: float) -> int:
    return int(((part.time > age) | ((part.time == age) & ~part.event)).sum())


def _age_rows(part: Spells, age: int, width: float, conf_level: float) -> list[dict]:
    rows: list[dict] = []
    reached = age * width
    unknown = int((~part.event & (part.time < reached)).sum())
    still = _still_there(part, reached)
    bases = {"retained": len(part)}
    if age:
        bases["renewed"] = _still_there(part, reached - width)
    for measure, base in bases.items():
        row: dict = {"age": age, "measure": measure, "note": ""}
        known = 0 if unknown else base
        row |= share_of(still if known else 0, known, conf_level=conf_level)
        if not known:
            verb = "customer is" if unknown == 1 else "customers are"
            row["note"] = "nobody left to renew" if len(part) else "no customer"
            if unknown:
                row["note"] = f"not yet over: {unknown} {verb} still there at an earlier age"
            row |= {"numerator": pd.NA, "denominator": pd.NA}
        rows.append(row)
    return rows
