"""By how much profit rises when fewer customers leave, under both readings of a fall."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.checks import require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.economics.lifetime import (
    ENDLESS,
    TIMINGS,
    margins_worth,
    rate_notes,
    require_rates,
)
from custlib.loyalty.given import laid_out, positive, require_inside, share

Array = np.ndarray
READINGS = ("relative", "points")
# Where the lift does not run one way in churn, its ends are looked for at so many places.
PLACES = 201
TOO_FEW = "churn cannot fall by more points than there are"
SPENT = "churn after the fall and the discount are both 0: the value has no end"
OPEN_ENDED = "somewhere in the interval of churn there is no lift, so it has no interval"
NO_PROFIT = "profit before is not above 0, so there is nothing a lift could be a share of"


def churn_profit_lift(
    *,
    churn: ArrayLike,
    discount: ArrayLike,
    change: ArrayLike = 0.05,
    reading: str = "relative",
    margin: ArrayLike | None = None,
    acquisition_cost: ArrayLike = 0.0,
    fixed_cost: ArrayLike = 0.0,
    timing: str = "now",
    target: float = 0.25,
    churn_low: ArrayLike | None = None,
    churn_high: ArrayLike | None = None,
    conf_level: float = 0.95,
    grid: bool = False,
) -> pd.DataFrame:
    """Rise of profit from a customer, as a share of it (0.25 is 25 %), when churn falls.

    Parameters
    ----------
    churn, discount : share and rate from 0 to 1, or lists
        Per period, as in `lifetime_value`.
    change : share, or list, default 0.05
    reading : {"relative", "points"}
        Churn c falls to c(1 − change), or to c − change.
    margin : number or list, optional
        Contribution of a period; needed once there are costs, without effect before.
    acquisition_cost, fixed_cost, timing
        As in `lifetime_value`; costs do not change with churn, so the same rise is a larger
        share of what they leave.
    target : number above 0, default 0.25
        Lift of the claim, which the verdict compares with.
    churn_low, churn_high : share or list, optional
        Ends of an interval of churn, at conf_level; both or neither.
    conf_level : float in (0, 1), default 0.95
    grid : bool, default False
        Every churn with every discount and so on, instead of lists side by side.

    Returns
    -------
    DataFrame, one row a set of numbers
        reading, churn, discount, estimate, ci_low, ci_high, conf_level, effect (lift before any
        cost), effect_kind, limit (the target), verdict (reached, not reached, not distinguishable
        where the interval has the target inside; empty where NaN), method, note. NaN with a note:
        a fall by more points than there are, a value without end, no profit before.

    Raises
    ------
    ParameterError
        A number outside its range, costs without a margin, one end of an interval.

    Notes
    -----
    relative = (c + d)/((1 − change) c + d) − 1; points = (c + d)/(c + d − change) − 1. They take
    the first margin now and no costs; the relative one is never above change/(1 − change). The
    interval is the range of the lift over the interval of churn: at its ends where the lift runs
    one way, else of 201 places.

    Assumes: one constant churn and margin for all, from the first period on and without end; lower
    churn costs nothing.

    Not for: churn that falls with age (`shifted_beta_geometric`), the profit of a year, which
    is no lifetime value, or a promise: it is arithmetic of a rate that somebody must first lower.

    References
    ----------
    Fader & Hardie (2012), as in `lifetime_value`. The claim: Reichheld, F. & Sasser, W. (1990).
    Zero defections. Harvard Business Review 68(5):105–111.

    Examples
    --------
    >>> both = [churn_profit_lift(churn=0.15, discount=0.1, reading=reading).loc[0]
    ...         for reading in ("relative", "points")]  # R: sums of 5,000 periods
    >>> [(round(float(row["estimate"]), 4), row["verdict"]) for row in both]
    [(0.0309, 'not reached'), (0.25, 'reached')]
    """
    require_one_of("reading", reading, READINGS)
    require_one_of("timing", timing, TIMINGS)
    require_conf_level(conf_level)
    ends = _ends(churn_low, churn_high, grid)
    table = laid_out(
        churn=churn, discount=discount, change=change, margin=margin_or_one(margin),
        acquisition_cost=acquisition_cost, fixed_cost=fixed_cost, **ends, grid=grid,
    )  # fmt: skip
    require_lift_numbers(table, target, margin)
    lift, gross, note = lifts(table, table["churn"].to_numpy(), reading, timing)
    low, high = np.full((2, len(lift)), np.nan)
    if ends:
        low, high = _range(table, reading, timing)
        note = np.where((note == "") & np.isnan(low), OPEN_ENDED, note)
    rows = table[["churn", "discount"]].assign(
        reading=reading, estimate=lift, ci_low=low, ci_high=high, conf_level=conf_level,
        effect=gross, effect_kind="lift before costs", limit=target,
        verdict=_verdicts(lift, low, high, target, bool(ends)),
        method=f"first margin {timing}", note=note,
    )  # fmt: skip
    return arrange(rows, keys=["reading", "churn", "discount"])


def lifts(
    table: pd.DataFrame, churn: Array, reading: str, timing: str
) -> tuple[Array, Array, Array]:
    """Lift of profit, lift before costs, and notes; churn has a row each, or a row and places."""
    wide = (slice(None),) + (np.newaxis,) * (churn.ndim - 1)
    told = {name: table[name].to_numpy(float)[wide] for name in table.columns}
    after = churn * (1 - told["change"]) if reading == "relative" else churn - told["change"]
    few = after < -1e-12
    after = np.where(few, np.nan, np.maximum(after, 0))
    before = told["margin"] * margins_worth(churn, told["discount"], timing)
    gain = told["margin"] * margins_worth(after, told["discount"], timing) - before
    profit = before - told["acquisition_cost"] - told["fixed_cost"]
    none = profit <= 0
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = np.where(none, np.nan, gain / profit)
        gross = np.where(before <= 0, np.nan, gain / before)
    note = np.select(
        [few, np.isnan(before), np.isnan(gain), none],
        [TOO_FEW, ENDLESS, SPENT, NO_PROFIT],
        rate_notes(told["discount"]),
    )
    return lift, gross, note


def _range(table: pd.DataFrame, reading: str, timing: str) -> tuple[Array, Array]:
    """Smallest and largest lift over the interval of churn; NaN where it has none somewhere."""
    low, high = table["churn_low"].to_numpy(), table["churn_high"].to_numpy()
    places = np.linspace(low, high, PLACES, axis=1)
    places[:, 0], places[:, -1] = low, high
    lift, _, _ = lifts(table, places, reading, timing)
    return lift.min(axis=1), lift.max(axis=1)


def _verdicts(lift: Array, low: Array, high: Array, target: float, unsure: bool) -> Array:
    """Reached where the lift, or all of its interval, is not below the target."""
    least = target * (1 - 1e-12)
    # Where churn is unsure and the lift has no interval, neither side is certain: NaN is neither.
    sure, never = (low >= least, high < least) if unsure else (lift >= least, lift < least)
    return np.select(
        [np.isnan(lift), sure, never], ["", "reached", "not reached"], "not distinguishable"
    )


def _ends(low: ArrayLike | None, high: ArrayLike | None, grid: bool) -> dict[str, ArrayLike]:
    if low is None and high is None:
        return {}
    if low is None or high is None or grid:
        raise ParameterError.because(
            "There is one end of the interval of churn."
            if not grid
            else "There is an interval of churn, and grid is true.",
            "Expected churn_low and churn_high, one pair a churn, and no grid.",
            "Pass both ends, or neither.",
        )
    return {"churn_low": low, "churn_high": high}


def margin_or_one(margin: ArrayLike | None) -> ArrayLike:
    return 1.0 if margin is None else margin


def require_lift_numbers(table: pd.DataFrame, target: float, margin: ArrayLike | None) -> None:
    require_rates(table)
    require_inside(table, {"change": share}, "shares from 0 to 1; 5 % and 5 points are 0.05")
    require_inside(pd.DataFrame({"target": [target]}), {"target": positive}, "a lift above 0")
    if margin is None and (table[["acquisition_cost", "fixed_cost"]] > 0).to_numpy().any():
        raise ParameterError.because(
            "There are costs, and no margin.",
            "Expected the margin of a period, in the unit of the costs.",
            "Pass margin=, or leave the costs out.",
        )
    if "churn_low" in table:
        require_inside(table, {"churn_low": share, "churn_high": share}, "shares from 0 to 1")
        order = (table["churn_low"] <= table["churn"]) & (table["churn"] <= table["churn_high"])
        if not order.all():
            row = table[~order].iloc[0]
            raise ParameterError.because(
                f"churn is {row['churn']:g}, its interval {row['churn_low']:g} to"
                f" {row['churn_high']:g}.",
                "Expected churn_low <= churn <= churn_high.",
                "Pass the ends of churn's own interval.",
            )
