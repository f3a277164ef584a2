"""A slider of how many were asked, and how wide the interval of a share then is."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from custlib import charts
from custlib.intervals import wilson
from custlib.lessons.slider import slide
from custlib.report import numbers


def plot_width(n: int, *, found: float) -> Any:
    """Wilson's interval of a share (0–1) where n people were asked, and where four times n were."""
    sizes = np.array([n, 4 * n])
    low, high = wilson(found, sizes)
    told = [
        f"{numbers.count(asked)} asked: {numbers.number(100 * width, 1)} points wide"
        for asked, width in zip(sizes, high - low, strict=True)
    ]
    table = pd.DataFrame({"item": told, "estimate": found, "ci_low": low, "ci_high": high})
    with charts.style():
        ax = charts.plot_profile(table, unit="Share satisfied, 0–1")
        ax.set_xlim(0, 1)
        return charts.finish(ax, source="this lesson", conf_level=0.95, simulated=True)


def slide_n(found: float) -> Any:
    """A slider of how many were asked above the figure of the interval."""
    draw = partial(plot_width, found=found)
    return slide(draw, name="Asked", start=100, low=20, high=2000, step=20)
