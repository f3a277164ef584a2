"""A slider that spreads answers and keeps their mean."""

from typing import Any

import numpy as np
import pandas as pd

from custlib import charts
from custlib.lessons.slider import slide
from custlib.report.numbers import number, percent

MIDDLING = np.array([0.02, 0.10, 0.42, 0.38, 0.08])  # shares of the answers 1 to 5
ANSWERS = np.arange(1, 6)


def spread_answers(moved: float) -> pd.DataFrame:
    """Shares of the answers 1 to 5 (0–1), before and after a part of the 3s went to 1 and 5.

    Parameters
    ----------
    moved : float, 0–1
        Part of the answers 3 that moves, half of it to 1 and half to 5, so that the mean stays.

    Returns
    -------
    DataFrame, ten rows
        item (with mean, top two and median), answer, estimate.
    """
    away = MIDDLING[2] * moved
    after = MIDDLING + away * np.array([0.5, 0, -1, 0, 0.5])
    # Each pair of answers is won, drawn or lost; a draw counts half.
    higher = float(after @ (np.cumsum(MIDDLING) - MIDDLING / 2))
    texts = (
        _described("Before", MIDDLING),
        f"{_described('After', after)}, higher {number(higher)}",
    )
    rows = [
        {"item": text, "answer": answer, "estimate": one}
        for text, shares in zip(texts, (MIDDLING, after), strict=True)
        for answer, one in zip(ANSWERS, shares, strict=True)
    ]
    return pd.DataFrame(rows)


def _described(name: str, shares: np.ndarray) -> str:
    median = int(ANSWERS[np.searchsorted(np.cumsum(shares), 0.5)])
    mean, top_two = number(shares @ ANSWERS), percent(shares[3:].sum())
    return f"{name}: mean {mean}, top two {top_two}, median {median}"


def slide_spread() -> Any:
    """A slider that moves answers from the middle to both ends, and what becomes of summaries."""

    def draw(moved: float) -> Any:
        with charts.style():
            ax = charts.plot_answers(spread_answers(moved))
            return charts.finish(ax, source="shares of this lesson", simulated=True)

    return slide(draw, name="Moving 3s", start=0.5, low=0, high=1, step=0.05)
