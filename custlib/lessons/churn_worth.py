"""A slider of churn, and what a customer is worth before and after it falls by a point."""

from functools import partial
from typing import Any

import pandas as pd

from custlib import charts, loyalty
from custlib.lessons.retention_keys import POINT
from custlib.lessons.slider import slide
from custlib.lessons.wording import percents

LOWEST = 0.025  # churn a month


def plot_worth(churn: float, *, margin: float, discount: float) -> Any:
    """Lifetime value at a churn a month, what one point less adds, and the value then."""
    at = [churn, churn - POINT, LOWEST - POINT]
    found = loyalty.lifetime_value(churn=at, margin=margin, discount=discount)
    now, then, most = found["estimate"]
    steps = pd.DataFrame({"segment": ["One point less adds", "all"], "estimate": then - now})
    ends = f"At {percents([churn])} a month", f"At {percents([churn - POINT])} a month"
    with charts.style():
        ax = charts.plot_bridge(steps.assign(amount_before=now, amount_after=then), ends=ends)
        ax.set(xlabel="Worth of a new customer (euro)", xlim=(0, 1.15 * most))
        return charts.finish(ax, source="computed from margin, discount and churn")


def slide_churn(margin: float, discount: float) -> Any:
    """A slider of churn a month above the figure of what a customer is worth at it."""
    draw = partial(plot_worth, margin=margin, discount=discount)
    return slide(draw, name="Churn", start=0.06, low=LOWEST, high=0.15, step=0.005, readout=".1%")
