"""Figures of the net promoter score: over waves, by group, its parts, and the answers it needs."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from custlib.charts.marks import MARKERS, Labels, dots, item_axis, legend, text_of
from custlib.charts.style import ANSWERS, FAINT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

# From the left: who speaks against, who says nothing, who speaks for.
FILLS = {"detractors": ANSWERS[0], "passives": ANSWERS[2], "promoters": ANSWERS[4]}
LABELLED = 0.06  # narrower pieces of a bar have no room for their number
CURVES = {"score": "Margin of error of a score", "change": "Change between two waves, each"}
WAVE_LETTERS = 12  # of a wave's name before it is broken


def plot_net_promoter(
    results: pd.DataFrame, *, by: str, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Score over waves: a line through the estimates, a band of their intervals.

    Parameters
    ----------
    results : DataFrame
        The column `by`, estimate, ci_low, ci_high, as from `net_promoter_score`; waves from left
        to right as they come. One without numbers leaves a gap.
    by : str
        Column of the waves.
    labels : mapping, optional
        Text of the waves.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "estimate", "ci_low", "ci_high"])
    ax = ax or axes_for_rows(7)
    at = np.arange(len(results))
    ends = (results["ci_low"].to_numpy(float), results["ci_high"].to_numpy(float))
    ax.fill_between(at, *ends, color=PALETTE[0], alpha=0.16, linewidth=0)
    # A wave between two gaps has no width in a band: its own line shows its interval.
    ax.vlines(at, *ends, color=PALETTE[0], linewidth=1.2, alpha=0.55)
    ax.plot(at, results["estimate"], "o-", color=PALETTE[0], markersize=5.5)
    _zero(ax.axhline, [*ends[0], *ends[1]])
    ax.set_xticks(at, [text_of(labels, name, width=WAVE_LETTERS) for name in results[by]])
    ax.set_xlim(-0.5, len(results) - 0.5)
    ax.grid(visible=False, axis="x")
    ax.yaxis.set_major_formatter(FuncFormatter(_signed))
    ax.set_ylabel("Net promoter score, points")
    return ax


def plot_promoter_groups(
    results: pd.DataFrame, *, by: str, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Score of each group, one row each, with its interval.

    Parameters
    ----------
    results : DataFrame
        The column `by`, estimate, ci_low, ci_high, as from `net_promoter_score`; groups from top
        to bottom as they come.
    by : str
        Column of the groups.
    labels : mapping, optional
        Text of the groups.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "estimate", "ci_low", "ci_high"])
    names = list(results[by])
    ax = ax or axes_for_rows(len(names), per_row=0.4)
    dots(ax, results, np.arange(len(names))[::-1].astype(float), PALETTE[0], MARKERS[0])
    item_axis(ax, names, labels)
    _zero(ax.axvline, [*results["ci_low"], *results["ci_high"]])
    ax.xaxis.set_major_formatter(FuncFormatter(_signed))
    ax.set_xlabel("Net promoter score, points")
    return ax


def plot_promoter_shares(
    results: pd.DataFrame,
    *,
    by: str | None = None,
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Of each wave or group the detractors, passives and promoters, one bar each.

    Parameters
    ----------
    results : DataFrame
        The column `by`, category, estimate (0–1), as from `promoter_shares`; bars from top to
        bottom as they come.
    by : str, optional
        Column of the waves or groups; without it there is one bar.
    labels : mapping, optional
        Text of waves or groups, and of the categories.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["category", "estimate", by])
    names = list(dict.fromkeys(results[by])) if by else ["all"]
    ax = ax or axes_for_rows(len(names), per_row=0.42)
    y, start = np.arange(len(names))[::-1], np.zeros(len(names))
    for category, color in FILLS.items():
        rows = results[results["category"] == category]
        shares = rows.set_index(by)["estimate"].reindex(names) if by else rows["estimate"]
        width = shares.fillna(0.0).to_numpy(float)
        name = text_of(labels, category).capitalize()
        ax.barh(y, width, left=start, height=0.68, color=color, edgecolor="white", label=name)
        for place, share, left in zip(y, width, start, strict=True):
            if share >= LABELLED:
                look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8}
                look["color"] = INK if category == "passives" else "white"
                ax.text(left + share / 2, place, f"{100 * share:.0f} %", **look)
        start = start + width
    item_axis(ax, names, labels)
    ax.set_xlim(0, 1)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlabel("Share of the answers")
    legend(ax)
    return ax


def plot_needed_answers(
    results: pd.DataFrame, *, target: float | None = None, ax: Axes | None = None
) -> Axes:
    """Answers needed, by the margin of error or the change they are needed for.

    Parameters
    ----------
    results : DataFrame
        measure, target_points, estimate, as from `net_promoter_sample_size` for one pair of
        shares.
    target : float, optional
        A margin or change to mark; its number of answers is written beside each curve.
    ax : Axes, optional

    Returns
    -------
    Axes
        The number of answers on a logarithmic scale.
    """
    require_columns(results, ["measure", "target_points", "estimate"])
    ax = ax or axes_for_rows(7)
    for at, (measure, name) in enumerate(CURVES.items()):
        rows = results[results["measure"] == measure].sort_values("target_points")
        if rows.empty:
            continue
        color, style = PALETTE[at], ("-", (0, (5, 2)))[at]
        ax.plot(rows["target_points"], rows["estimate"], linestyle=style, color=color, label=name)
        for _, row in rows[rows["target_points"] == target].iterrows():
            place = (row["target_points"], row["estimate"])
            ax.plot(*place, "o", color=color, markersize=6)
            look: dict[str, Any] = {"textcoords": "offset points", "xytext": (7, 5)}
            ax.annotate(f"{row['estimate']:,.0f}", place, color=color, fontsize=9, **look)
    if target is not None:
        ax.axvline(target, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    ax.set_xlabel("Margin of error, or change to be seen, in points")
    ax.set_ylabel("Answers needed")
    legend(ax)
    return ax


def _zero(line: Any, ends: list[float]) -> None:
    """A line at 0, where the intervals come near it."""
    finite = [end for end in ends if np.isfinite(end)]
    if finite and min(finite) <= 0 <= max(finite):
        line(0, color=FAINT, linewidth=0.8, zorder=0)


def _signed(value: float, _: object = None) -> str:
    return f"{value:+.0f}".replace("-", "−") if value else "0"
