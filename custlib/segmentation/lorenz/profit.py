"""The whale curve: profit cumulated from the most to the least profitable customer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_whole
from custlib.columns import arrange
from custlib.intervals import t_interval, wilson
from custlib.segmentation.lorenz.shares import (
    NO_VALUE,
    Scale,
    SortedValues,
    sort_values,
    t_steps,
)

Row = dict


@dataclass(frozen=True, slots=True)
class ProfitCurve:
    """Points of the curve for a chart, and what they say: the peak and the loss-makers."""

    points: pd.DataFrame
    estimates: pd.DataFrame


def profit_curve(
    customers: pd.DataFrame,
    *,
    profit: str = "profit",
    customer: str | None = "customer",
    points: int = 100,
    conf_level: float = 0.95,
) -> ProfitCurve:
    """Share of the whole profit earned by the most profitable customers; it passes 1 with losses.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    profit, customer : str
        Profit, losses negative; and names (None: not checked). A missing profit is left out.
    points : int, default 100
        Steps of the curve; the peak is added to them.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    ProfitCurve
        `.points`: measure ("curve", or "peak"), profit (cumulated), profit_share, customer_share,
        n (customers so far). `.estimates`: measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n, n_missing, numerator, denominator, method, note. Measures: total_profit;
        peak_share (share of the whole profit earned before the loss-makers, at least 1);
        peak_customers, loss_makers (shares of customers with profit above and below 0); losses
        (sum of the losses, at most 0).

    Raises
    ------
    DataError
        A column is absent or not numeric, or a customer has two rows.

    Notes
    -----
    Shares of customers have Wilson's interval, sums the t interval of n times a mean. With l =
    losses/gains, peak_share is 1/(1 − l); its interval is that of l on the logit scale, linearized.
    Where the profits do not sum to more than zero, shares of profit are missing and a note says so.

    Assumes: costs are charged to the customers who cause them; customers are independent, and total
    profit lies clearly above 0.

    Not for: costs spread by a key of revenue, which makes loss-makers by rule; the gain of dropping
    them, as fixed costs stay behind; profits around 0 in all, where shares run wild.

    References
    ----------
    Kaplan, R. & Narayanan, V. (2001). Measuring and managing customer profitability. J. Cost
    Management 15(5):5–15.

    Examples
    --------
    >>> firms = pd.DataFrame({"customer": list("abcd"), "profit": [60, 50, 10, -20]})
    >>> curve = profit_curve(firms, points=4)  # R: cumsum(sort(profit, TRUE)) / sum(profit)
    >>> curve.points["profit_share"].tolist()
    [0.0, 0.6, 1.1, 1.2, 1.0]
    """
    require_conf_level(conf_level)
    points = require_whole("points", points, 1)
    sample = sort_values(customers, profit, customer)
    return ProfitCurve(_points(sample, points), _estimates(sample, conf_level))


def _points(sample: SortedValues, points: int) -> pd.DataFrame:
    peak = int((sample.values > 0).sum())
    steps = np.round(np.linspace(0, sample.n, points + 1)).astype(int)
    counts = np.unique(np.append(steps, peak))
    cumulated = np.concatenate([[0.0], np.cumsum(sample.values)])[counts]
    usable = sample.usable
    table = pd.DataFrame(
        {
            "measure": np.where(counts == peak, "peak", "curve"),
            "profit": cumulated,
            "profit_share": cumulated / sample.total if usable else np.nan,
            "customer_share": counts / sample.n if sample.n else np.nan,
            "n": counts,
            "note": "" if usable else NO_VALUE,
        }
    )
    return arrange(table, keys=["measure"])


def _estimates(sample: SortedValues, conf_level: float) -> pd.DataFrame:
    losses = np.minimum(sample.values, 0)
    rows = [
        {"measure": "total_profit"} | _sum_row(sample.values, conf_level),
        {"measure": "peak_share"} | _peak_row(sample, losses, conf_level),
        {"measure": "peak_customers"} | _count_row(sample.values > 0, conf_level),
        {"measure": "loss_makers"} | _count_row(sample.values < 0, conf_level),
        {"measure": "losses"} | _sum_row(losses, conf_level),
    ]
    missing = dict.fromkeys(("estimate", "std_error", "ci_low", "ci_high", "df"), np.nan)
    blank = missing | {"numerator": pd.NA, "denominator": pd.NA, "method": "", "note": ""}
    counts = {"conf_level": conf_level, "n": sample.n, "n_missing": sample.n_missing}
    return arrange([blank | counts | row for row in rows], keys=["measure"])


def _sum_row(values: np.ndarray, conf_level: float) -> Row:
    n = len(values)
    if n < 2 or values.min() == values.max():
        note = "no interval: fewer than two customers, or all equal"
        return {"estimate": values.sum() if n else np.nan, "note": note}
    error = float(np.std(values, ddof=1) * n**0.5)
    low, high = t_interval(float(values.sum()), error, n - 1, conf_level=conf_level)
    ends = {"ci_low": low, "ci_high": high, "df": n - 1, "method": "t"}
    return {"estimate": values.sum(), "std_error": error} | ends


def _count_row(members: np.ndarray, conf_level: float) -> Row:
    if not len(members):
        return {"note": NO_VALUE}
    share = members.mean()
    low, high = wilson(share, len(members), conf_level=conf_level)
    counts = {"numerator": int(members.sum()), "denominator": len(members)}
    return {"estimate": share, "ci_low": low, "ci_high": high, "method": "Wilson"} | counts


def _peak_row(sample: SortedValues, losses: np.ndarray, conf_level: float) -> Row:
    if not sample.usable:
        return {"note": NO_VALUE}
    gains, n = np.maximum(sample.values, 0), sample.n
    ratio = float(-losses.sum() / gains.sum())
    estimate = {"estimate": 1 / (1 - ratio)}
    if n < 2 or ratio == 0:
        return estimate | {"note": "no loss-maker: no interval" if n > 1 else "one customer"}
    error = float(np.std((-losses - ratio * gains) / gains.mean(), ddof=1) / n**0.5)
    low, high = Scale("logit").interval(ratio, error, t_steps(n - 1, conf_level))
    # Losses that may eat all the gains leave the peak without an upper bound.
    low, high = (1 / (1 - end) if end < 1 else np.inf for end in (low, high))
    ends = {"ci_low": low, "ci_high": high, "df": n - 1, "method": "logit"}
    return estimate | {"std_error": error / (1 - ratio) ** 2} | ends
