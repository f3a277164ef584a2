"""Figures of leaving and staying: curves over time, reasons, and hazard ratios."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, PercentFormatter

from custlib.charts.marks import (
    MARKERS,
    Labels,
    dots,
    in_words,
    item_axis,
    legend,
    minus_between,
    text_of,
)
from custlib.charts.style import FAINT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

ROWS = 8.0  # height of a figure over time, in rows of items
PERCENT = PercentFormatter(1, decimals=0, symbol=" %")
RATIOS = (0.1, 0.2, 0.33, 0.5, 0.67, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
CLAIM = "#B8500C"


def plot_retention(
    results: pd.DataFrame,
    *,
    by: str | None = None,
    fitted: pd.DataFrame | None = None,
    fitted_to: float | None = None,
    unit: str = "months",
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Share still there over time: observed steps with their band, and a fitted law as a line.

    Parameters
    ----------
    results : DataFrame
        time, estimate, ci_low, ci_high, as from `survival_curve`; the column `by`, if named.
    by : str, optional
        Column of the groups, a curve each.
    fitted : DataFrame, optional
        time, estimate, ci_low, ci_high of a law, as from `retention`.
    fitted_to : float, optional
        Time up to which the law was fitted; later it is dashed, as a forecast.
    unit : str, default "months"
        Unit of the times.
    labels : mapping, optional
        Text of groups.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["time", "estimate", "ci_low", "ci_high", by])
    ax = ax or axes_for_rows(1, per_row=ROWS * 0.2)
    groups = [(None, results)] if by is None else list(results.groupby(by, sort=False))
    for at, (name, rows) in enumerate(groups):
        color = PALETTE[at % len(PALETTE)]
        told = "Observed" if name is None else text_of(labels, name)
        ends = (rows["ci_low"], rows["ci_high"])
        ax.fill_between(rows["time"], *ends, step="post", color=color, alpha=0.16, linewidth=0)
        ax.step(rows["time"], rows["estimate"], where="post", color=color, label=told)
    if fitted is not None:
        require_columns(fitted, ["time", "estimate", "ci_low", "ci_high"])
        _law(ax, fitted, fitted_to)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_ylim(0, 1.02)
    ax.set_xlim(left=0)
    ax.set_xlabel(f"Time since the start ({unit})")
    ax.set_ylabel("Share of customers still there")
    legend(ax)
    return ax


def _law(ax: Axes, fitted: pd.DataFrame, fitted_to: float | None) -> None:
    """The law as a line in ink, dashed where it was not fitted, with its band."""
    color = PALETTE[1]
    ends = (fitted["ci_low"], fitted["ci_high"])
    ax.fill_between(fitted["time"], *ends, color=color, alpha=0.14, linewidth=0)
    seen = fitted["time"] <= (np.inf if fitted_to is None else fitted_to)
    ax.plot(fitted["time"][seen], fitted["estimate"][seen], color=color, label="Fitted law")
    if not seen.all():
        later = fitted[fitted["time"] >= fitted["time"][seen].max()]
        ax.plot(later["time"], later["estimate"], color=color, linestyle="--", label="Forecast")
        ax.axvline(fitted["time"][seen].max(), color=FAINT, linewidth=0.8, linestyle=":")


def plot_incidence(
    results: pd.DataFrame,
    *,
    unit: str = "months",
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Share that has left for each reason, stacked from the first reason up.

    Parameters
    ----------
    results : DataFrame
        reason, time, estimate, as from `cumulative_incidence` of one group; the reasons of a time
        sum to the share that has left.
    unit : str, default "months"
    labels : mapping, optional
        Text of reasons.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["reason", "time", "estimate"])
    shares = results.pivot_table(index="time", columns="reason", values="estimate", sort=False)
    shares = shares.sort_index()
    ax = ax or axes_for_rows(1, per_row=ROWS * 0.2)
    floor = np.zeros(len(shares))
    for at, name in enumerate(shares.columns):
        top = floor + shares[name].to_numpy(float)
        color = PALETTE[at % len(PALETTE)]
        told = text_of(labels, name)
        ax.fill_between(
            shares.index, floor, top, step="post", color=color, alpha=0.85, linewidth=0, label=told
        )
        floor = top
    ax.step(shares.index, floor, where="post", color=INK, linewidth=1)
    ax.yaxis.set_major_formatter(PERCENT)
    ax.set_xlim(0, shares.index.max())
    ax.set_ylim(0, min(1.0, max(1.15 * float(np.nanmax(floor)), 0.05)))
    ax.set_xlabel(f"Time since the start ({unit})")
    ax.set_ylabel("Share of customers that has left")
    legend(ax)
    return ax


def plot_reason_shares(
    results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Share of each reason among those who left, with its interval, beside the cited share.

    Parameters
    ----------
    results : DataFrame
        reason, estimate, ci_low, ci_high and limit (the cited share), as from `reason_fit`; the
        row of the whole test, without an estimate, is left out.
    labels : mapping, optional
        Text of reasons.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["reason", "estimate", "ci_low", "ci_high", "limit"])
    rows = results[results["limit"].notna()]
    ax = ax or axes_for_rows(len(rows))
    y = np.arange(len(rows))[::-1].astype(float)
    dots(ax, rows, y, PALETTE[0], MARKERS[0])
    ax.lines[-1].set_label("Found")
    ax.plot(rows["limit"], y, "D", color=CLAIM, markersize=6, markerfacecolor="none", label="Cited")
    item_axis(ax, list(rows["reason"]), labels)
    ax.xaxis.set_major_formatter(PERCENT)
    ax.set_xlim(left=0)
    ax.set_xlabel("Share of those who left with a reason on record")
    legend(ax)
    return ax


def plot_hazard_ratios(
    results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Hazard ratios with their intervals on a logarithmic axis; to the right of 1 leave sooner.

    Parameters
    ----------
    results : DataFrame
        term, contrast, effect, effect_low, effect_high, as the estimates of `churn_hazards`.
    labels : mapping, optional
        Text of terms.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["term", "contrast", "effect", "effect_low", "effect_high"])
    ax = ax or axes_for_rows(len(results))
    ends = {"effect": "estimate", "effect_low": "ci_low", "effect_high": "ci_high"}
    columns = ["term", "contrast", *ends]
    rows = results[columns].rename(columns=ends)
    dots(ax, rows, np.arange(len(rows))[::-1].astype(float), PALETTE[0], MARKERS[0])
    names = [
        f"{in_words(labels, term)}: {minus_between(contrast)}"
        for term, contrast in zip(rows["term"], rows["contrast"], strict=True)
    ]
    item_axis(ax, names, None)
    ax.axvline(1, color=FAINT, linewidth=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(RATIOS))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{ratio:g}" for ratio in RATIOS]))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("Hazard ratio (above 1: leave sooner)")
    return ax
