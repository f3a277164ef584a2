"""Figures of what is cited: a lift of profit, a count against a band, referrals, a search."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from custlib.charts.marks import MARKERS, dots, item_axis, legend
from custlib.charts.style import FAINT, HEAT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

# A lift beyond the last step has the color of the last one: near c + d = change it has no end.
LIFT_STEPS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0)
MARK, MARK_EDGE = PALETTE[1], "white"


def plot_lift_surface(
    results: pd.DataFrame,
    *,
    line: pd.DataFrame | None = None,
    marked: pd.DataFrame | None = None,
    period: str = "period",
    ax: Axes | None = None,
) -> Axes:
    """Lift of profit by churn and discount, with the line on which it is the one claimed.

    Parameters
    ----------
    results : DataFrame
        churn, discount, estimate, limit: a full grid, as from `churn_profit_lift(grid=True)`.
        Where there is no estimate the paper shows.
    line : DataFrame, optional
        churn, estimate (the discount), as from `churn_lift_line`.
    marked : DataFrame, optional
        churn, discount: cases to point out; their interval where ci_low and ci_high hold churn's.
    period : str, default "period"
        Word for the time that churn and discount are of, such as "year".
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["churn", "discount", "estimate", "limit"])
    ax = ax or axes_for_rows(8)
    grid = results.pivot_table(index="discount", columns="churn", values="estimate", dropna=False)
    norm = BoundaryNorm(LIFT_STEPS, HEAT.N, extend="max")
    shown: dict[str, Any] = {"levels": LIFT_STEPS, "cmap": HEAT, "norm": norm, "extend": "max"}
    ax.contourf(grid.columns, grid.index, grid.to_numpy(float), **shown)
    if line is not None and line["estimate"].notna().any():
        require_columns(line, ["churn", "estimate"])
        name = f"Lift of {100 * results['limit'].iloc[0]:g} %, more to the lower left"
        ax.plot(line["churn"], line["estimate"], color=MARK, linewidth=2, label=name)
    if marked is not None:
        require_columns(marked, ["churn", "discount"])
        if {"ci_low", "ci_high"} <= set(marked.columns):
            ends = (marked["ci_low"], marked["ci_high"])
            ax.hlines(marked["discount"], *ends, color=INK, linewidth=1.6)
        look: dict[str, Any] = {"color": INK, "markeredgecolor": MARK_EDGE, "markersize": 9}
        ax.plot(marked["churn"], marked["discount"], "D", label="This case", **look)
    ax.set_xlim(grid.columns.min(), grid.columns.max())
    ax.set_ylim(grid.index.min(), grid.index.max())
    ax.grid(visible=False)
    ax.set_xlabel(f"Churn a {period}")
    ax.set_ylabel(f"Discount a {period}")
    _in_percent(ax.xaxis, ax.yaxis)
    _scale(ax, norm, "Lift of profit", extend="max")
    legend(ax)
    return ax


def plot_count_band(
    results: pd.DataFrame, *, name: str = "Counted here", band: str = "Said of others",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A share with its interval against the band of shares it is compared with.

    Parameters
    ----------
    results : DataFrame
        estimate, ci_low, ci_high, limit, as from `count_against_shares`: the band goes from the
        smallest limit to the largest.
    name, band : str
        What the share and the band are.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["estimate", "ci_low", "ci_high", "limit"])
    ax = ax or axes_for_rows(2, per_row=0.5)
    low, high = results["limit"].min(), results["limit"].max()
    ax.barh([0], [high - low], left=[low], height=0.5, color=PALETTE[5], label=band)
    if low == high:
        ax.vlines([low], [-0.25], [0.25], color=PALETTE[5], linewidth=3)
    dots(ax, results.head(1), np.array([1.0]), PALETTE[0], MARKERS[0])
    item_axis(ax, [name, band], None)
    ax.set_xlim(0, 1.15 * max(float(high), float(results["ci_high"].max())))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("Share of all counted")
    _in_percent(ax.xaxis)
    return ax


def plot_referral_map(
    results: pd.DataFrame, *, marked: pd.DataFrame | None = None, period: str = "period",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Customers that each one must bring, by the share who are referred and by growth.

    Parameters
    ----------
    results : DataFrame
        referred_share, growth, estimate, limit: a full grid, as from `referral_map`. The line is
        where the estimate equals the limit, from which on referrals alone keep the base growing.
    marked : DataFrame, optional
        referred_share, growth: cases to point out.
    period : str, default "period"
        Word for the time that the growth is of, such as "year".
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["referred_share", "growth", "estimate", "limit"])
    ax = ax or axes_for_rows(8)
    grid = results.pivot_table(index="growth", columns="referred_share", values="estimate")
    values = grid.to_numpy(float)
    norm = Normalize(0, max(float(values.max()), 1.0))
    ax.pcolormesh(grid.columns, grid.index, values, cmap=HEAT, norm=norm, shading="nearest",
                  rasterized=True)  # fmt: skip
    limit = float(results["limit"].iloc[0])
    if values.min() < limit <= values.max():
        ax.contour(grid.columns, grid.index, values, levels=[limit], colors=[MARK], linewidths=2)
        ax.plot([], [], color=MARK, linewidth=2, label=f"Each customer brings {limit:g}")
    if marked is not None:
        require_columns(marked, ["referred_share", "growth"])
        look: dict[str, Any] = {"color": INK, "markeredgecolor": MARK_EDGE, "markersize": 9}
        ax.plot(marked["referred_share"], marked["growth"], "D", label="These numbers",
                clip_on=False, zorder=4, **look)  # fmt: skip
    ax.grid(visible=False)
    ax.set_xlabel("New customers who come by referral")
    ax.set_ylabel(f"Growth a {period}")
    _in_percent(ax.xaxis, ax.yaxis)
    _scale(ax, norm, "Customers each one brings")
    legend(ax)
    return ax


def plot_give_up_curve(
    results: pd.DataFrame, *, marked: Sequence[float] = (), ax: Axes | None = None
) -> Axes:
    """Chance that a visit succeeds, by the share of those who search who give up.

    Parameters
    ----------
    results : DataFrame
        measure, mean_attempts, give_up_share, estimate, and ci_low, ci_high where there are
        intervals, as from `search_success`: the rows of measure "success", a line for each
        number of visits. At the left, where nobody gives up, stands what finders alone suggest.
    marked : list of shares, optional
        Shares who give up, marked by upright lines.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["measure", "mean_attempts", "give_up_share", "estimate"])
    ax = ax or axes_for_rows(7)
    rows = results[results["measure"] == "success"]
    for at, (visits, part) in enumerate(rows.groupby("mean_attempts")):
        line = part.sort_values("give_up_share")
        color, style = PALETTE[at % len(PALETTE)], ("-", "--", ":", "-.")[at % 4]
        x = line["give_up_share"].to_numpy(float)
        if {"ci_low", "ci_high"} <= set(line.columns):
            ends = (line[name].to_numpy(float) for name in ("ci_low", "ci_high"))
            ax.fill_between(x, *ends, color=color, alpha=0.12, linewidth=0)
        name = f"{visits:.3g} visits on average"
        ax.plot(x, line["estimate"], style, color=color, label=name)
    for share in marked:
        ax.axvline(share, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    ax.set_xlim(0, float(rows["give_up_share"].max()))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Of those who search, share who give up")
    ax.set_ylabel("Chance that a visit succeeds")
    _in_percent(ax.xaxis, ax.yaxis)
    legend(ax)
    return ax


def _in_percent(*axes: Any) -> None:
    for axis in axes:
        axis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %".replace("-", "−"))


def _scale(ax: Axes, norm: Normalize, meaning: str, *, extend: str = "neither") -> None:
    """Bar of colors beside the axes; lifts in per cent, numbers of customers as they are."""
    figure = ax.get_figure(root=True)
    if isinstance(figure, Figure):
        bar = figure.colorbar(ScalarMappable(norm, HEAT), ax=ax, shrink=0.9, pad=0.015,
                              extend=extend)  # fmt: skip
        bar.outline.set_visible(False)
        bar.set_label(meaning)
        if isinstance(norm, BoundaryNorm):
            bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
