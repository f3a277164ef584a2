"""Figures of a sales funnel: how many go on, and the chance of enough sales by calls."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from custlib.charts.marks import Labels, item_axis, legend, text_of
from custlib.charts.style import FAINT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

LINES = ("-", (0, (5, 2)), (0, (1, 1.2)))  # one a curve, so that they differ by more than color
MARKS = "osD"


def plot_funnel(results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None) -> Axes:
    """Rates of the steps as bars with their intervals, the counts written beside them.

    Parameters
    ----------
    results : DataFrame
        stage, next_stage, measure, estimate, ci_low, ci_high, numerator, denominator, as from
        `funnel_rates`; rows "rate" are drawn, from top to bottom as they come. A column limit, a
        rate to compare with, is drawn as a mark.
    labels : mapping, optional
        Text of the stages.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    names = ["stage", "next_stage", "measure", "estimate", "ci_low", "ci_high"]
    require_columns(results, [*names, "numerator", "denominator"])
    steps = results[results["measure"] == "rate"]
    ax = ax or axes_for_rows(len(steps), per_row=0.62)
    y = np.arange(len(steps))[::-1].astype(float)
    rates = steps["estimate"].to_numpy(float)
    ax.barh(y, np.nan_to_num(rates), height=0.62, color="#BFD9EA", zorder=1)
    ax.hlines(y, steps["ci_low"], steps["ci_high"], color=PALETTE[0], linewidth=2.2, zorder=3)
    ax.plot(rates, y, "o", color=PALETTE[0], markersize=6, zorder=4)
    if "limit" in steps and steps["limit"].notna().any():
        known = steps["limit"].notna().to_numpy()
        ax.plot(steps["limit"][known], y[known], "D", color=PALETTE[1], markersize=6, zorder=5,
                markerfacecolor="white", markeredgewidth=1.5, label="Compared with")  # fmt: skip
        legend(ax)
    for place, row in zip(y, steps.itertuples(), strict=True):
        ends = [row.ci_high, getattr(row, "limit", np.nan), 0.0]
        text = f"{row.numerator:,} of {row.denominator:,}" if row.denominator else "nobody decided"
        ax.annotate(text, (float(np.nanmax(ends)), place), xytext=(7, 0),
                    textcoords="offset points", va="center", fontsize=8, color=INK)  # fmt: skip
    pairs = [
        f"{text_of(labels, row.stage)} → {text_of(labels, row.next_stage)}"
        for row in steps.itertuples()
    ]
    item_axis(ax, pairs, None)
    top = np.nanmax([*steps["ci_high"], *rates, 0.05]) if len(steps) else 1.0
    ax.set_xlim(0, min(1.28 * float(top) + 0.02, 1.25))
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= 1])
    ax.set_xlabel("Share that goes on to the next stage")
    return ax


def plot_target_chances(
    results: pd.DataFrame,
    *,
    levels: Sequence[float] = (),
    marked: int | None = None,
    target: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Chance of enough sales by number of calls, one curve a scenario.

    Parameters
    ----------
    results : DataFrame
        scenario, measure, calls, estimate, as from `funnel_scenarios`. Rows "curve" make the
        curves; rows "calls_needed" are marked on them.
    levels : list of float, optional
        Chances wanted, drawn as lines across.
    marked : int, optional
        Number of calls marked by a line upwards.
    target : int, optional
        Sales wanted, named on the axis.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["scenario", "measure", "calls", "estimate"])
    ax = ax or axes_for_rows(9)
    for level in levels:
        ax.axhline(level, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
        ax.annotate(f"{level * 100:g} %", (1.01, level), xycoords=("axes fraction", "data"),
                    va="center", fontsize=8)  # fmt: skip
    if marked is not None:
        ax.axvline(marked, color=INK, linewidth=1, linestyle=":", zorder=1)
        ax.annotate(f"{marked:,} calls", (marked, 0.02), xytext=(4, 0), fontsize=8, color=INK,
                    textcoords="offset points", xycoords=("data", "axes fraction"))  # fmt: skip
    scenarios = list(dict.fromkeys(results["scenario"]))
    for at, name in enumerate(scenarios):
        own = results[results["scenario"] == name]
        curve = own[own["measure"] == "curve"].sort_values("calls")
        color = PALETTE[at % len(PALETTE)]
        ax.plot(curve["calls"].astype(float), curve["estimate"], color=color, zorder=3,
                linestyle=LINES[at % len(LINES)], linewidth=2, label=str(name))  # fmt: skip
        needed = own[(own["measure"] == "calls_needed") & own["calls"].notna()]
        ax.plot(needed["calls"].astype(float), needed["estimate"], MARKS[at % len(MARKS)],
                color=color, markersize=6, zorder=4, markerfacecolor="white",
                markeredgewidth=1.6)  # fmt: skip
        # Between the first and the last curve there is no room for numbers.
        if at not in (0, len(scenarios) - 1):
            continue
        for row in needed.itertuples():
            place, side = ((-7, 5), "right") if at == 0 else ((8, -9), "left")
            ax.annotate(f"{row.calls:,}", (row.calls, row.estimate), xytext=place, fontsize=7.5,
                        textcoords="offset points", ha=side, color=color)  # fmt: skip
    ax.set_ylim(0, 1.03)
    ax.set_xlim(left=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_xlabel("Calls")
    wanted = "enough sales" if target is None else f"{target:,} sales or more"
    ax.set_ylabel(f"Chance of {wanted}")
    legend(ax)
    return ax
