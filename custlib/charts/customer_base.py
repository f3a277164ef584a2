"""Figures of a base of customers: shares by group, cohorts over time, from one year to the next."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from custlib.charts.marks import Labels, item_axis, legend, text_of, thousands
from custlib.charts.style import FAINT, HEAT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

PALE = "#BFD9EA"  # what there is of customers, beside the full blue of what they pay
MOST_LABELLED = 14  # more columns than this leave no room for a number in each cell
BAR = 0.38
SAME_SIZE = 0.01  # groups whose shares of the customers differ by less are drawn as of one size


def plot_share_pairs(
    results: pd.DataFrame, *, by: str, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Share of customers beside share of revenue, one pair of bars a group.

    Groups of one size need no bar to say so: a line marks what each would have if all were alike.

    Parameters
    ----------
    results : DataFrame
        The column `by`, customer_share, amount_share; groups from top to bottom as they come.
    by : str
        Column of the groups.
    labels : mapping, optional
        Text of groups.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "customer_share", "amount_share"])
    ax = ax or axes_for_rows(len(results), per_row=0.42)
    y = np.arange(len(results))[::-1].astype(float)
    customers = results["customer_share"].to_numpy(float)
    equal = bool(np.ptp(customers) < SAME_SIZE)
    half = 0.0 if equal else BAR / 2
    if equal:
        ax.axvline(customers.mean(), color=INK, linewidth=1, linestyle=":", label="Equal share")
    else:
        _bars(ax, y + half, customers, PALE, "Customers")
    _bars(ax, y - half, results["amount_share"].to_numpy(float), PALETTE[0], "Revenue")
    item_axis(ax, list(results[by]), labels)
    ax.grid(visible=False, axis="y")
    ax.axvline(0, color=FAINT, linewidth=0.8)
    ax.margins(x=0.09)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlabel("Share of all revenue" if equal else "Share of all customers, and of all revenue")
    legend(ax)
    return ax


def _bars(ax: Axes, y: np.ndarray, shares: np.ndarray, color: str, name: str) -> None:
    """Bars with their whole per cents at the end."""
    ax.barh(y, shares, height=BAR, color=color, label=name)
    for place, share in zip(y, shares, strict=True):
        if np.isfinite(share):
            text = f" {share * 100:.0f} %".replace("-", "−")
            ax.text(max(share, 0.0), place, text, va="center", fontsize=7.5, color=INK)


def plot_cohorts(results: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Triangle of cohorts: how many of each bought again, by periods since their first order.

    Parameters
    ----------
    results : DataFrame
        cohort, age, estimate, as from `cohort_table`; the first period, always 100 %, is left out.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["cohort", "age", "estimate"])
    later = results[results["age"] > 0]
    shares = later.pivot_table(index="cohort", columns="age", values="estimate", sort=False)
    shares = shares.reindex(columns=sorted(shares.columns))
    ax = ax or axes_for_rows(len(shares), per_row=0.34)
    values = shares.to_numpy(float)
    drawn = ax.imshow(np.ma.masked_invalid(values), cmap=HEAT, aspect="auto", vmin=0)
    top = np.nanmax(values) if np.isfinite(values).any() else 1.0
    if shares.shape[1] <= MOST_LABELLED:
        for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
            share = values[row, column]
            color = "white" if share > 0.55 * top else INK
            text = f"{share * 100:.0f}"
            ax.text(column, row, text, ha="center", va="center", fontsize=8, color=color)
    ax.set_yticks(range(len(shares)), list(shares.index))
    ages = list(shares.columns)
    step = max(len(ages) // 12, 1)
    ax.set_xticks(range(0, len(ages), step), [str(age) for age in ages[::step]])
    ax.grid(visible=False)
    ax.set_xlabel("Periods since the first order")
    ax.set_ylabel("First order in")
    figure = ax.get_figure(root=True)
    if isinstance(figure, Figure):
        bar = figure.colorbar(drawn, ax=ax, shrink=0.8, pad=0.015)
        bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        bar.outline.set_visible(False)
        bar.set_label("Share that bought")
    return ax


def plot_cohort_revenue(results: pd.DataFrame, *, most: int = 6, ax: Axes | None = None) -> Axes:
    """Revenue of each period, stacked by the cohort it came from, the oldest at the bottom.

    Parameters
    ----------
    results : DataFrame
        cohort, period, amount, as from `cohort_table`.
    most : int, default 6
        Cohorts drawn for themselves; with more, the youngest are drawn together.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["cohort", "period", "amount"])
    sums = results.pivot_table(
        index="period", columns="cohort", values="amount", aggfunc="sum", sort=False
    ).fillna(0)
    sums = sums.reindex(index=sorted(sums.index), columns=sorted(sums.columns))
    if sums.shape[1] > most:
        late = list(sums.columns[most - 1 :])
        sums = sums.assign(**{f"{late[0]} and later": sums[late].sum(axis=1)}).drop(columns=late)
    ax = ax or axes_for_rows(8)
    places, base = np.arange(len(sums)), np.zeros(len(sums))
    colors = HEAT(np.linspace(0.95, 0.15, sums.shape[1]))
    for name, color in zip(sums.columns, colors, strict=True):
        heights = sums[name].to_numpy(float)
        ax.bar(places, heights, bottom=base, width=0.85, color=color, label=str(name))
        base = base + heights
    step = -(-len(sums) // 7)
    ax.set_xticks(places[::step], list(sums.index[::step]))
    ax.yaxis.set_major_formatter(FuncFormatter(thousands))
    ax.grid(visible=False, axis="x")
    ax.set_ylabel("Revenue")
    ax.set_xlabel("Period")
    legend(ax)
    return ax


def plot_bridge(
    results: pd.DataFrame,
    *,
    by: str = "segment",
    ends: Sequence[str] = ("Before", "After"),
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Steps from the revenue of one period to that of the next.

    Parameters
    ----------
    results : DataFrame
        The column `by`, estimate, amount_before, amount_after, as from `period_bridge`; its last
        row holds the whole.
    by : str, default "segment"
    ends : two str
        Names of the two periods.
    labels : mapping, optional
        Text of the steps.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "estimate", "amount_before", "amount_after"])
    steps, whole = results.iloc[:-1], results.iloc[-1]
    names = [ends[0], *(text_of(labels, name) for name in steps[by]), ends[1]]
    ax = ax or axes_for_rows(len(names))
    heights = [whole["amount_before"], *steps["estimate"], whole["amount_after"]]
    starts = [0.0, *(whole["amount_before"] + np.concatenate([[0.0], steps["estimate"].cumsum()]))]
    starts = [*starts[: len(steps) + 1], 0.0]
    gain, loss = PALETTE[2], PALETTE[1]
    colors = ["#8C8C8C", *(gain if step >= 0 else loss for step in steps["estimate"]), "#8C8C8C"]
    y = np.arange(len(names))[::-1]
    ax.barh(y, heights, left=starts, color=colors, height=0.62)
    reach = max(abs(value) for value in heights) or 1.0
    for place, height, start in zip(y, heights, starts, strict=True):
        edge = max(start, start + height) + 0.01 * reach
        ax.text(edge, place, thousands(height, None), va="center", fontsize=8, color=INK)
    item_axis(ax, names, None)
    ax.axvline(0, color=FAINT, linewidth=0.8)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.12)
    ax.xaxis.set_major_formatter(FuncFormatter(thousands))
    ax.set_xlabel("Revenue")
    return ax
