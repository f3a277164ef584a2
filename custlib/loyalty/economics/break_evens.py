"""How much volume a higher price may cost, and how much more a discount must bring."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.columns import arrange
from custlib.loyalty.given import laid_out, not_negative, require_inside

Array = np.ndarray
NO_VOLUME = "the discount takes the whole margin: no volume makes up for it"
NO_CUSTOMER = "the fixed cost saved is more than all the contribution: every sale may go"


def price_break_even(
    *, rise: ArrayLike, margin: ArrayLike, fixed_cost_change: ArrayLike = 0.0, grid: bool = False
) -> pd.DataFrame:
    """Change of the volume sold at which a higher price earns as before (−0.333 is a third less).

    Parameters
    ----------
    rise : share of the price, at least 0, or list
        0.15 is 15 % more.
    margin : share of the price, in (0, 1], or list
        Contribution margin before the rise: price less the cost that varies with volume.
    fixed_cost_change : share of present sales, or list, default 0
        Fixed cost added by the change (or saved, below 0).
    grid : bool, default False
        Every rise with every margin, instead of lists side by side.

    Returns
    -------
    DataFrame, one row a set of numbers
        measure ("volume_change"), rise, margin, estimate (share of the present volume), method,
        note. A rise pays if the volume lost is smaller than this.

    Raises
    ------
    ParameterError
        A rise below 0, a margin outside (0, 1], lists of unequal length.

    Notes
    -----
    ΔP is the rise and CM the margin before it, as shares of the price, F the change of fixed cost,
    as a share of present sales. Change of volume = (F − ΔP)/(CM + ΔP).

    Assumes: the cost of a unit is the same at any volume, one price and margin hold for all, rivals
    stay as they are.

    Not for: a forecast of how customers react, which is what the break-even is to be compared with,
    or customers of unlike margins taken by their mean. The other direction is
    `discount_break_even`.

    References
    ----------
    Nagle, T. & Müller, G. (2018). The Strategy and Tactics of Pricing, 6th ed. Routledge.

    Examples
    --------
    >>> price_break_even(rise=0.15, margin=0.3)["estimate"].round(4).tolist()  # R: uniroot
    [-0.3333]
    """
    table = laid_out(rise=rise, margin=margin, fixed_cost_change=fixed_cost_change, grid=grid)
    require_inside(table, {"rise": not_negative}, "shares of the price from 0 up; 15 % is 0.15")
    return _break_even(table, "rise", 1.0)


def discount_break_even(
    *,
    discount: ArrayLike,
    margin: ArrayLike,
    fixed_cost_change: ArrayLike = 0.0,
    grid: bool = False,
) -> pd.DataFrame:
    """Change of the volume sold at which a discount earns as before (0.5 is half as much again).

    Parameters
    ----------
    discount : share of the price, 0–1, or list
        0.1 is 10 % off, on everything sold.
    margin, fixed_cost_change, grid
        As in `price_break_even`.

    Returns
    -------
    DataFrame, one row a set of numbers
        measure ("volume_change"), discount, margin, estimate (share of the present volume),
        method, note. NaN with a note where the discount is not below the margin.

    Raises
    ------
    ParameterError
        A discount or margin outside its range, lists of unequal length.

    Notes
    -----
    D is the discount and CM the margin, as shares of the price, F the change of fixed cost, as a
    share of present sales. Change of volume = (F + D)/(CM − D). A discount of which only a part of
    the customers makes use (a card) counts by its mean over everything sold.

    Assumes: one margin for all that is sold, and the discount leaves the cost of a unit alone;
    buyers do not merely buy ahead.

    Not for: whether volume will rise so far (a trial tells), goods short of capacity, or a discount
    as large as the margin, which no volume makes good.

    References
    ----------
    Nagle & Müller (2018), as in `price_break_even`.

    Examples
    --------
    >>> discount_break_even(discount=0.1, margin=0.3)["estimate"].round(4).tolist()  # R: uniroot
    [0.5]
    """
    table = laid_out(
        discount=discount, margin=margin, fixed_cost_change=fixed_cost_change, grid=grid
    )
    inside = {"discount": lambda values: (values >= 0) & (values <= 1)}
    require_inside(table, inside, "shares of the price from 0 to 1; 10 % is 0.1")
    return _break_even(table, "discount", -1.0)


def _break_even(table: pd.DataFrame, moved: str, sign: float) -> pd.DataFrame:
    inside = {"margin": lambda values: (values > 0) & (values <= 1)}
    require_inside(table, inside, "shares of the price above 0 and up to 1; 30 % is 0.3")
    require_inside(table, {"fixed_cost_change": np.isfinite}, "shares of present sales")
    step, fixed = sign * table[moved].to_numpy(), table["fixed_cost_change"].to_numpy()
    after = table["margin"].to_numpy() + step
    # A margin of 0.1 less a discount of 0.1 need not be 0 in binary fractions.
    none = after <= 1e-12
    change = np.divide(fixed - step, after, out=np.full(len(after), np.nan), where=~none)
    rows = table[[moved, "margin"]].assign(
        measure="volume_change", estimate=np.maximum(change, -1.0),
        method="contribution before and after is equal",
        note=np.select([none, change < -1], [NO_VOLUME, NO_CUSTOMER], ""),
    )  # fmt: skip
    return arrange(rows, keys=["measure", moved, "margin"])
