"""What a customer is worth who stays with the same chance in every period."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.checks import require_one_of
from custlib.columns import arrange
from custlib.loyalty.given import laid_out, not_negative, require_inside, share

Array = np.ndarray
TIMINGS = ("now", "next")
ENDLESS = "nobody leaves and money keeps its worth: the sum has no end"
UNDISCOUNTED = "discount 0: money keeps its worth"
HALVED = "discount 1: each period halves the worth of money; a factor of 1 is a rate of 0"


def lifetime_value(
    *,
    margin: ArrayLike,
    churn: ArrayLike,
    discount: ArrayLike,
    timing: str = "now",
    acquisition_cost: ArrayLike = 0.0,
    fixed_cost: ArrayLike = 0.0,
) -> pd.DataFrame:
    """Value of a newly won customer, in the unit of the margin, at a constant rate of churn.

    Parameters
    ----------
    margin : number or list
        Contribution of a customer who is there, each period.
    churn : share, 0–1, or list
        Chance of leaving at each renewal.
    discount : rate from 0 to 1, or list
        Per period; 0.1 makes money in a period's time worth 1/1.1.
    timing : {"now", "next"}
        The first margin comes on the day the customer is won, or a period later if they stay.
    acquisition_cost, fixed_cost : number or list, at least 0
        Spent to win the customer, and the firm's cost that each one won must bear; both as worth
        on the day they are won.

    Returns
    -------
    DataFrame, one row a set of numbers
        measure ("lifetime_value"), churn, discount, estimate, method, note. NaN with a note where
        churn and discount are both 0.

    Raises
    ------
    ParameterError
        Churn or discount outside 0–1, a cost below 0, lists of unequal length.

    Notes
    -----
    Let m be the margin, c churn, d the discount, and r = 1 − c. Value now = m(1 + d)/(1 + d − r);
    value next = m r/(1 + d − r); both less acquisition and fixed cost. The two differ by one
    margin, paid on the day the customer is won.

    Assumes: churn and margin are constant and alike for all, leaving is seen (a contract), and
    money is discounted at one rate.

    Not for: customers who differ: the mean churn of new ones gives too low a value, the churn
    counted over a standing base too high a one (`shifted_beta_geometric`). Those who leave unseen
    have `customer_value`, those who change stages `ladder_value`.

    References
    ----------
    Fader, P. & Hardie, B. (2012). Reconciling and clarifying CLV
    formulas. brucehardie.com/notes/024

    Examples
    --------
    >>> lifetime_value(margin=100, churn=0.2, discount=0.1)["estimate"].round(2).tolist()
    [366.67]
    >>> # R: sum(100 * (.8 / 1.1)^(0:999))
    """
    require_one_of("timing", timing, TIMINGS)
    table = laid_out(
        margin=margin, churn=churn, discount=discount,
        acquisition_cost=acquisition_cost, fixed_cost=fixed_cost,
    )  # fmt: skip
    require_rates(table)
    c, d = table["churn"].to_numpy(), table["discount"].to_numpy()
    gross = table["margin"].to_numpy() * margins_worth(c, d, timing)
    net = gross - table["acquisition_cost"].to_numpy() - table["fixed_cost"].to_numpy()
    rows = table[["churn", "discount"]].assign(
        measure="lifetime_value", estimate=net, method=f"first margin {timing}",
        note=np.where(c + d == 0, ENDLESS, rate_notes(d)),
    )  # fmt: skip
    return arrange(rows, keys=["measure", "churn", "discount"])


def margins_worth(churn: Array, discount: Array, timing: str) -> Array:
    """How many margins a customer is worth; NaN where the sum has no end."""
    both = np.asarray(churn + discount, float)
    first = (1 + discount) if timing == "now" else (1 - churn)
    return np.divide(first, both, out=np.full(both.shape, np.nan), where=both > 0)


def rate_notes(discount: Array) -> Array:
    """What a reader must know of a discount at the ends of its range."""
    return np.select([discount == 0, discount == 1], [UNDISCOUNTED, HALVED], "")


def require_rates(table: pd.DataFrame) -> None:
    """Churn and discount from 0 to 1, costs from 0 up, and a margin that is a number."""
    require_inside(table, {"churn": share}, "shares from 0 to 1; 5 % is 0.05")
    require_inside(table, {"discount": share}, "rates a period from 0 to 1; 10 % is 0.1")
    costs = {"acquisition_cost": not_negative, "fixed_cost": not_negative}
    require_inside(table, costs, "amounts from 0 up, in the unit of the margin")
    if "margin" in table:
        require_inside(table, {"margin": np.isfinite}, "the contribution of a period, a number")
