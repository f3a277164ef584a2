"""Figures of contacts: a matrix of segments and kinds, a tornado, a client's cost by source."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from custlib.charts.marks import Labels, item_axis, legend, text_of, thousands
from custlib.charts.style import FAINT, HEAT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

LESS, MORE = PALETTE[1], PALETTE[0]


def plot_contact_matrix(
    results: pd.DataFrame,
    *,
    value: str,
    across: str = "kind",
    name: str = "",
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Segments down, kinds of contact across, a number and a shade in each cell.

    Parameters
    ----------
    results : DataFrame
        segment, the column `across`, and `value`: one row a cell. A missing value is an empty
        cell with a dash.
    value : str
        Column of the number that is drawn.
    across : str, default "kind"
    name : str, optional
        What the number is, with its unit.
    labels : mapping, optional
        Text of segments and kinds.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["segment", across, value])
    segments = list(dict.fromkeys(results["segment"]))
    kinds = list(dict.fromkeys(results[across]))
    cells = results.pivot_table(
        index="segment", columns=across, values=value, sort=False, dropna=False
    )
    numbers = cells.reindex(index=segments, columns=kinds).to_numpy(float)
    ax = ax or axes_for_rows(len(segments), per_row=0.5)
    top = np.nanmax(numbers) if np.isfinite(numbers).any() else 1.0
    # Square roots, as one large cell would leave all others alike.
    shades = np.sqrt(np.clip(numbers, 0, None) / (top or 1.0))
    ax.imshow(np.ma.masked_invalid(shades), cmap=HEAT, aspect="auto", vmin=0, vmax=1)
    for (row, column), number in np.ndenumerate(numbers):
        text = "–" if np.isnan(number) else thousands(number)
        color = "white" if shades[row, column] > 0.52 else INK
        ax.text(column, row, text, ha="center", va="center", fontsize=8.5, color=color)
    ax.set_yticks(range(len(segments)), [text_of(labels, one) for one in segments])
    ax.set_xticks(range(len(kinds)), [text_of(labels, one, width=14) for one in kinds])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    if name:
        ax.set_xlabel(name)
    return ax


def plot_tornado(
    results: pd.DataFrame, *, most: int = 12, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Bars from the value as believed to that with each input less and more, the widest on top.

    Parameters
    ----------
    results : DataFrame
        term, direction (less, more), estimate, limit (as believed), as from
        `allocation_sensitivity`; terms from top to bottom as they come. A column regret is
        written at the right, the larger of the two.
    most : int, default 12
        Terms drawn; the narrowest beyond are left out.
    labels : mapping, optional
        Text of the terms.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["term", "direction", "estimate", "limit"])
    terms = list(dict.fromkeys(results["term"]))[:most]
    ax = ax or axes_for_rows(len(terms), per_row=0.36)
    for direction, color in (("less", LESS), ("more", MORE)):
        rows = results[results["direction"] == direction].drop_duplicates("term")
        rows = rows.set_index("term").reindex(terms)
        y = np.arange(len(terms))[::-1]
        start = rows["limit"].to_numpy(float)
        width = rows["estimate"].to_numpy(float) - start
        ax.barh(y, width, left=start, height=0.6, color=color, label=f"Input {direction}")
    believed = results["limit"].dropna()
    if len(believed):
        ax.axvline(float(believed.iloc[0]), color=INK, linewidth=1)
    if "regret" in results:
        regrets = results.groupby("term")["regret"].max()
        beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "fontsize": 8}
        for at, term in enumerate(reversed(terms)):
            text = "–" if np.isnan(regrets[term]) else thousands(regrets[term])
            ax.annotate(text, (1.09, at), ha="right", va="center", **beside)
        ax.annotate("Regret", (1.09, len(terms) - 0.3), ha="right", va="bottom", **beside)
    item_axis(ax, terms, labels)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.06)
    ax.xaxis.set_major_formatter(FuncFormatter(thousands))
    ax.set_xlabel("Net value of the best plan")
    legend(ax)
    return ax


def plot_source_bounds(
    results: pd.DataFrame,
    *,
    measure: str = "cost_per_client",
    name: str = "Cost of a client",
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """What each source costs a client: the estimate, its interval, and all that the unknown allow.

    Parameters
    ----------
    results : DataFrame
        source, measure, estimate, ci_low, ci_high, bound_low, bound_high, as from
        `source_costs`; rows of `measure` are drawn as they come. Bounds without an upper end, as
        a source may have brought nobody, end in an arrow.
    measure : str, default "cost_per_client"
    name : str
        What the axis is called.
    labels : mapping, optional
        Text of sources.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    ends = ["estimate", "ci_low", "ci_high", "bound_low", "bound_high"]
    require_columns(results, ["source", "measure", *ends])
    rows = results[results["measure"] == measure]
    ax = ax or axes_for_rows(len(rows), per_row=0.42)
    y = np.arange(len(rows))[::-1].astype(float)
    numbers = rows[ends].to_numpy(float)
    top = np.nanmax(numbers) if np.isfinite(numbers).any() else 1.0
    look: dict[str, Any] = {"zorder": 2, "label": "Bounds, whatever the unknown came by"}
    ax.hlines(y, numbers[:, 3], numbers[:, 4], color="#BFD9EA", linewidth=9, **look)
    ax.hlines(y, numbers[:, 1], numbers[:, 2], color=PALETTE[0], linewidth=2, zorder=3,
              label="Interval, unknown as the known")  # fmt: skip
    ax.plot(numbers[:, 0], y, "o", color=PALETTE[0], markersize=5.5, zorder=4)
    endless = np.isfinite(numbers[:, 3]) & np.isnan(numbers[:, 4])
    for place, low in zip(y[endless], numbers[endless, 3], strict=True):
        arrow: dict[str, Any] = {"arrowstyle": "->", "color": FAINT, "linewidth": 1.6}
        ax.annotate("", (1.12 * top, place), (low, place), arrowprops=arrow)
        ax.text(low, place + 0.18, "may have brought nobody", fontsize=7.5, color=INK)
    item_axis(ax, list(rows["source"]), labels)
    ax.set_xlim(0, 1.15 * top)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(thousands))
    ax.set_xlabel(name)
    legend(ax)
    return ax
