"""Where churn and discount must lie for lower churn to lift profit by so much."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.checks import require_one_of
from custlib.columns import arrange
from custlib.loyalty.economics.churn import READINGS, lifts, margin_or_one, require_lift_numbers
from custlib.loyalty.economics.lifetime import TIMINGS, margins_worth
from custlib.loyalty.given import laid_out


def churn_lift_line(
    *,
    churn: ArrayLike,
    change: ArrayLike = 0.05,
    reading: str = "points",
    margin: ArrayLike | None = None,
    acquisition_cost: ArrayLike = 0.0,
    fixed_cost: ArrayLike = 0.0,
    timing: str = "now",
    target: float = 0.25,
) -> pd.DataFrame:
    """Discount a period at which lower churn lifts profit by just `target`: the line of the claim.

    Parameters
    ----------
    churn, change, reading, margin, acquisition_cost, fixed_cost, timing, target
        As in `churn_profit_lift`; a list of churns gives the line.

    Returns
    -------
    DataFrame, one row a set of numbers
        reading, churn, estimate (rate from 0 to 1; below it the lift is larger), effect (churn
        and discount together), effect_kind, limit (the target), method, note. NaN with a note
        where no discount from 0 to 1 gives just the target.

    Raises
    ------
    ParameterError
        As in `churn_profit_lift`.

    Notes
    -----
    Without costs, first margin now: c + d = change(1 + target)/target for points, which is 0.25
    for 5 points and 25 %; d = c(change/target − 1 + change) for per cent, which for 5 % and 25 %
    is below 0 at every churn. With costs K the equation V' − V = target(V − K) is a quadratic in
    1 + d. High discounts can bring profit so near to 0 that the target is met once more; the
    smaller root is given and the note names the other.

    Assumes: all that `churn_profit_lift` does: churn and margin constant, lower churn free of cost.

    Not for: a rate of discount one would choose to make a claim true: the line says what would have
    to hold. With an interval of churn take `churn_profit_lift`.

    References
    ----------
    Value of a customer: Fader & Hardie (2012), as in `lifetime_value`.

    Examples
    --------
    >>> line = churn_lift_line(churn=[0.1, 0.2], target=0.3)
    >>> line["effect"].round(4).tolist()  # 0.05 · 1.3/0.3
    [0.2167, 0.2167]
    >>> # R: uniroot
    """
    require_one_of("reading", reading, READINGS)
    require_one_of("timing", timing, TIMINGS)
    table = laid_out(
        churn=churn, change=change, margin=margin_or_one(margin),
        acquisition_cost=acquisition_cost, fixed_cost=fixed_cost, discount=0.0,
    )  # fmt: skip
    require_lift_numbers(table, target, margin)
    found = [_roots(row, reading, timing, target) for row in table.itertuples()]
    line = np.array([roots[0] if roots else np.nan for roots in found])
    note = [
        _line_note(row, roots, reading, timing, target)
        for row, roots in zip(table.itertuples(index=False), found, strict=True)
    ]
    rows = table[["churn"]].assign(
        reading=reading, estimate=line, effect=table["churn"] + line, limit=target,
        effect_kind="churn and discount together", method=f"first margin {timing}", note=note,
    )  # fmt: skip
    return arrange(rows, keys=["reading", "churn"])


def _roots(row: Any, reading: str, timing: str, target: float) -> list[float]:
    """Discounts from 0 to 1 at which the lift is just the target, ascending."""
    after = row.churn * (1 - row.change) if reading == "relative" else row.churn - row.change
    if after < -1e-12:
        return []
    r, s, m, cost = 1 - row.churn, 1 - max(after, 0), row.margin, row.acquisition_cost
    cost += row.fixed_cost
    gain = m * (s - r)
    if timing == "now":
        terms = [target * (m - cost), target * (cost * (r + s) - m * s) - gain]
        terms.append(-target * cost * r * s)
    else:
        terms = [-target * cost, target * (m * r + cost * (r + s)) - gain]
        terms.append(-target * (m + cost) * r * s)
    roots = np.roots(np.trim_zeros(terms, "f"))
    real = np.sort(roots[np.isreal(roots)].real)
    rates = np.clip(np.round(real - 1, 14), 0, None)[real >= 1 - 1e-12]
    worth = m * margins_worth(np.full(rates.shape, row.churn), rates, timing)
    # A denominator multiplied out adds roots at which there is no value or no profit.
    valid = (rates <= 1) & (worth > cost) & (after + rates > 0)
    return [float(rate) for rate in rates[valid]]


def _line_note(row: Any, roots: list[float], reading: str, timing: str, target: float) -> str:
    """Why there is no such discount, or which other one there is."""
    if len(roots) > 1:
        return f"met once more at a discount of {roots[1]:.4g}, where little profit is left"
    if roots:
        return ""
    at_end = pd.DataFrame([row._asdict()]).assign(discount=1.0)
    lift, _, note = lifts(at_end, at_end["churn"].to_numpy(), reading, timing)
    if np.isnan(lift[0]):
        return str(note[0])
    side = "above" if lift[0] > target else "below"
    return f"the lift is {side} the target at every discount from 0 to 1"
