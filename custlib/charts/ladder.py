"""Figures of the loyalty ladder: who climbs, who falls, what a step is worth, where money goes."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from custlib.charts.marks import MARKERS, Labels, dots, item_axis, legend, text_of, thousands
from custlib.charts.style import FAINT, HEAT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

UP, DOWN, OUT, NARROW = PALETTE[0], PALETTE[4], PALETTE[3], PALETTE[1]
WIDEST, LEAST = 9.0, 0.8  # points of the widest and the thinnest arrow
DARK = 0.5  # share from which the color asks for white ink
BOX = (0.30, 0.40)  # where a rung begins, and how wide it is
PLACES = {"up": 0.38, "down": 0.62}  # of the arrows, across


def plot_ladder_flow(
    results: pd.DataFrame,
    *,
    narrowest: str | None = None,
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Rungs on top of each other, with the shares that climb, fall, stay and leave in a period.

    Parameters
    ----------
    results : DataFrame
        stage, measure (up, stay, down, leave), estimate, n, as the moves of `ladder_transitions`;
        the lowest rung first.
    narrowest : str, optional
        Stage whose way up is drawn in another color.
    labels : mapping, optional
        Text of stages.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["stage", "measure", "estimate", "n"])
    stages = list(dict.fromkeys(results["stage"]))
    ax = ax or axes_for_rows(len(stages), per_row=0.85)
    shares = results.drop_duplicates(["stage", "measure"]).set_index(["stage", "measure"])
    for at, stage in enumerate(stages):
        of = {
            name: float(shares["estimate"].get((stage, name), np.nan))
            for name in ("up", "stay", "down", "leave")
        }
        _rung(ax, at, text_of(labels, stage), of["stay"], int(shares["n"].get((stage, "stay"), 0)))
        color = NARROW if stage == narrowest else UP
        if at < len(stages) - 1:
            _arrow(ax, (PLACES["up"], at + 0.27), (PLACES["up"], at + 0.75), of["up"], color)
        if at > 0:
            _arrow(ax, (PLACES["down"], at - 0.27), (PLACES["down"], at - 0.75), of["down"], DOWN)
        _arrow(ax, (sum(BOX) + 0.01, at), (sum(BOX) + 0.13, at), of["leave"], OUT)
    for place, text, color in (
        (PLACES["up"], "climb", UP),
        (PLACES["down"], "fall", DOWN),
        (sum(BOX) + 0.07, "leave", OUT),
    ):
        ax.text(place, len(stages) - 0.55, text, ha="center", color=color, fontsize=9)
    ax.set_xlim(0.15, 1.0)
    ax.set_ylim(-0.45, len(stages) - 0.35)
    ax.set_axis_off()
    return ax


def _rung(ax: Axes, at: int, name: str, stays: float, n: int) -> None:
    left, width = BOX
    box = FancyBboxPatch(
        (left, at - 0.23), width, 0.46, boxstyle="round,pad=0,rounding_size=0.03",
        facecolor="#E8EFF5", edgecolor="none",
    )  # fmt: skip
    ax.add_patch(box)
    middle = left + width / 2
    centered: dict[str, Any] = {"ha": "center", "va": "center"}
    ax.text(middle, at + 0.08, name, fontweight="bold", fontsize=9, **centered)
    stay = "moves not seen" if np.isnan(stays) else f"{_percent(stays)} stay · {n:,} seen"
    ax.text(middle, at - 0.1, stay, color=FAINT, fontsize=7.5, **centered)


def _arrow(
    ax: Axes, tail: tuple[float, float], head: tuple[float, float], share: float, color: str
) -> None:
    """An arrow as wide as the share that takes it, with the share beside; none for none."""
    if not share > 0:
        return
    width = max(WIDEST * share / 0.5, LEAST)
    style: dict[str, Any] = {"color": color, "linewidth": min(width, WIDEST)}
    style |= {"arrowstyle": "-|>", "mutation_scale": 12, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=head, xytext=tail, arrowprops=style)
    upright = tail[0] == head[0]
    place = (head[0] + 0.025, (tail[1] + head[1]) / 2) if upright else (head[0] + 0.015, head[1])
    ax.text(*place, _percent(share), va="center", fontsize=8.5, color=color)


def plot_ladder_matrix(
    results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Shares of each stage that stand on each stage one period later, darker with the share.

    Parameters
    ----------
    results : DataFrame
        stage, next_stage, estimate, denominator, as the estimates of `ladder_transitions`.
    labels : mapping, optional
        Text of stages.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["stage", "next_stage", "estimate", "denominator"])
    rows, columns = (list(dict.fromkeys(results[name])) for name in ("stage", "next_stage"))
    ax = ax or axes_for_rows(len(rows), per_row=0.45)
    values = np.full((len(rows), len(columns)), np.nan)
    seen = dict(zip(results["stage"], results["denominator"], strict=True))
    for row in results.itertuples():
        values[rows.index(row.stage), columns.index(row.next_stage)] = row.estimate
    ax.imshow(np.nan_to_num(values), cmap=HEAT, aspect="auto", vmin=0, vmax=1)
    for (up, across), share in np.ndenumerate(values):
        ink = "white" if share > DARK else INK if share > 0 else FAINT
        text = "?" if np.isnan(share) else _percent(share) if share > 0 else "–"
        ax.text(across, up, text, ha="center", va="center", color=ink, fontsize=8.5)
    ax.set_xticks(range(len(columns)), [text_of(labels, name, width=14) for name in columns])
    names = [f"{text_of(labels, name)} ({seen[name]:,})" for name in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("Stage one period later")
    ax.set_ylabel("Stage now (periods seen)")
    return ax


def plot_ladder_steps(
    results: pd.DataFrame,
    *,
    meaning: str,
    share: bool = False,
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """A number with its interval for each step, or each stage, of the ladder, the lowest below.

    Parameters
    ----------
    results : DataFrame
        stage, estimate, ci_low, ci_high; next_stage where rows are steps, probability_first where
        it shall stand beside.
    meaning : str
        What is drawn, with its unit: the label of the axis.
    share : bool, default False
        Whether numbers are shares, written in per cent.
    labels : mapping, optional
        Text of stages.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["stage", "estimate", "ci_low", "ci_high"])
    ax = ax or axes_for_rows(len(results), per_row=0.5)
    y = np.arange(len(results), dtype=float)
    dots(ax, results, y, PALETTE[0], "o")
    names = [_step_name(row, labels) for _, row in results.iterrows()]
    item_axis(ax, names[::-1], None)
    if "probability_first" in results:
        for place, (_, row) in zip(y, results.iterrows(), strict=True):
            if row["probability_first"] > 0:
                text = f"first in {_percent(row['probability_first'])} of the draws"
                beside = (row["estimate"], place)
                ax.annotate(text, beside, xytext=(0, 6), textcoords="offset points", ha="center",
                            va="bottom", fontsize=7.5, color=FAINT)  # fmt: skip
    whole = PercentFormatter(1, decimals=0, symbol=" %")
    ax.xaxis.set_major_formatter(whole if share else FuncFormatter(thousands))
    ax.set_xlim(left=min(0.0, float(np.nanmin([*results["ci_low"], 0.0])) * 1.05))
    ax.set_ylim(-0.6, len(results) - 0.25)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(meaning)
    return ax


def plot_ladder_budget(
    results: pd.DataFrame, *, unit: str = "", labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Money on each step of the ladder, with the interval of the best split, the lowest below.

    Parameters
    ----------
    results : DataFrame
        stage, next_stage, measure (spend, points, gain), estimate, ci_low, ci_high, as from
        `ladder_budget`; rows of stage "all" are not drawn.
    unit : str
        Unit of the money.
    labels : mapping, optional
        Text of stages.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["stage", "next_stage", "measure", "estimate", "ci_low", "ci_high"])
    steps = results[results["stage"] != "all"]
    spend, points, gain = (
        steps[steps["measure"] == name].reset_index(drop=True)
        for name in ("spend", "points", "gain")
    )
    ax = ax or axes_for_rows(len(spend), per_row=0.55)
    y = np.arange(len(spend), dtype=float)
    ax.barh(y, spend["estimate"], height=0.5, color=PALETTE[6])
    ax.hlines(y, spend["ci_low"], spend["ci_high"], color=INK, linewidth=1.4)
    widest = float(np.nanmax([*spend["ci_high"], *spend["estimate"], 0.0]))
    for at, place in enumerate(y):
        end = np.nanmax([spend["ci_high"][at], spend["estimate"][at]])
        words = f"+{points['estimate'][at]:.1f} points bring {thousands(gain['estimate'][at])}"
        text = words if spend["estimate"][at] > 0 else "nothing"
        ax.text(end + 0.02 * widest, place, text, va="center", fontsize=8)
    names = [_step_name(row, labels) for _, row in spend.iterrows()]
    item_axis(ax, names[::-1], None)
    ax.set_xlim(0, widest * 1.45 or 1)
    ax.xaxis.set_major_formatter(FuncFormatter(thousands))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(f"Spending{f', {unit}' if unit else ''}")
    return ax


def plot_ladder_shares(
    observed: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Customers on each stage in each period: counted as marks, expected as lines with bands.

    Parameters
    ----------
    observed, expected : DataFrame
        period, stage, estimate, and of `expected` ci_low and ci_high: as from `ladder_shares` and
        `ladder_occupancy`, both with the same periods or numbers of periods ahead.
    labels : mapping, optional
        Text of stages.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(observed, ["period", "stage", "estimate"])
    require_columns(expected, ["period", "stage", "estimate", "ci_low", "ci_high"])
    ax = ax or axes_for_rows(9)
    for at, stage in enumerate(dict.fromkeys(expected["stage"])):
        color = PALETTE[at % len(PALETTE)]
        line, mark = (table[table["stage"] == stage] for table in (expected, observed))
        ends = (line[name].to_numpy(float) for name in ("ci_low", "ci_high"))
        ax.fill_between(line["period"], *ends, color=color, alpha=0.18, linewidth=0)
        ax.plot(line["period"], line["estimate"], color=color)
        ax.plot(mark["period"], mark["estimate"], MARKERS[at % len(MARKERS)], color=color, ms=4.5)
        ax.plot([], [], marker=MARKERS[at % len(MARKERS)], color=color, ms=4.5,
                label=text_of(labels, stage))  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Periods after the first")
    ax.set_ylabel("Share of the customers")
    legend(ax)
    return ax


def _step_name(row: pd.Series, labels: Labels) -> str:
    """From where to where; the stage alone where there is no step."""
    start = text_of(labels, row["stage"])
    return f"{start} → {text_of(labels, row['next_stage'])}" if "next_stage" in row else start


def _percent(share: float) -> str:
    """Whole per cents, with a decimal where a share would be written as none or all."""
    decimals = 1 if 0 < share < 0.01 or 0.99 < share < 1 else 0
    return f"{100 * share:.{decimals}f} %"
