"""Figures of an audit: elements of one unit among the others, an index and the ranks it allows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from custlib.charts.marks import Labels, dots, item_axis, legend, text_of
from custlib.charts.style import FAINT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns, require_one_of


def plot_element_profile(
    results: pd.DataFrame,
    *,
    by: str,
    unit: str,
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Elements of one unit with intervals, before the same elements of all the other units.

    Parameters
    ----------
    results : DataFrame
        Rows of `element_scores`, elements from top to bottom as they come.
    by : str
        Column of the units.
    unit : str
        The unit to show; the others are gray.
    labels : mapping, optional
        Text of elements and units.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "dimension", "estimate", "ci_low", "ci_high"])
    require_one_of(by, unit, results[by].unique())
    elements = list(dict.fromkeys(results["dimension"]))
    ax = ax or axes_for_rows(len(elements), per_row=0.4)
    places = {element: len(elements) - 1 - at for at, element in enumerate(elements)}
    own, others = results[results[by] == unit], results[results[by] != unit]
    y = others["dimension"].map(places).to_numpy(float)
    ax.plot(others["estimate"], y, "|", color="#9A9A9A", markersize=11, label="Others", zorder=1)
    dots(ax, own, own["dimension"].map(places).to_numpy(float), PALETTE[0], "o")
    ax.lines[-1].set_label(text_of(labels, unit))
    item_axis(ax, elements, labels)
    ax.set_xlim(0, 100)
    ax.set_xlabel("Score, 0 (lowest answer) to 100 (highest)")
    legend(ax)
    return ax


def plot_index_ranks(
    results: pd.DataFrame,
    *,
    by: str,
    thresholds: Sequence[float] = (),
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Index of each unit with its interval, best first, and the ranks the uncertainty allows.

    Parameters
    ----------
    results : DataFrame
        Rows "index" and "rank" of `composite_index`.
    by : str
        Column of the units.
    thresholds : list of float
        Vertical lines at these values of the index.
    labels : mapping, optional
        Text of units.
    ax : Axes, optional

    Returns
    -------
    Axes
        The ranks stand at the right: the estimate, and in brackets its interval.
    """
    require_columns(results, [by, "measure", "estimate", "ci_low", "ci_high"])
    index = results[results["measure"] == "index"].sort_values("estimate", ascending=False)
    ranks = results[results["measure"] == "rank"].set_index(by)
    units = list(index[by])
    ax = ax or axes_for_rows(len(units), per_row=0.3)
    y = np.arange(len(units))[::-1].astype(float)
    dots(ax, index, y, PALETTE[0], "o")
    for threshold in thresholds:
        ax.axvline(threshold, color=PALETTE[1], linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
        ax.annotate(
            f"{threshold:g}",
            (threshold, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=PALETTE[1],
            fontsize=8.5,
        )
    _write_ranks(ax, y, ranks.loc[units])
    item_axis(ax, units, labels)
    ax.set_xlim(0, 100)
    ax.set_xlabel("Index, 0 to 100")
    return ax


def _write_ranks(ax: Axes, y: np.ndarray, ranks: pd.DataFrame) -> None:
    """Estimate and interval of each rank, right of the axes."""
    beside = blended_transform_factory(ax.transAxes, ax.transData)
    style: dict[str, Any] = {"transform": beside, "va": "center", "fontsize": 8.5}
    ax.text(1.02, len(y) - 0.35, "Rank", color=FAINT, **style)
    for place, row in zip(y, ranks.itertuples(), strict=True):
        span = f"{row.ci_low:.0f}–{row.ci_high:.0f}".replace("nan–nan", "unknown")
        if row.ci_low == row.ci_high:
            span = f"{row.ci_low:.0f}"
        text = "–" if np.isnan(row.estimate) else f"{row.estimate:g}  ({span})"
        ax.text(1.02, place, text, color=INK, **style)
