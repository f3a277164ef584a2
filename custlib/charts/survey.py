"""Figures of survey results: profiles, answers and contrasts; tables in, Axes out."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from custlib.charts.marks import MARKERS, Labels, dots, item_axis, legend, text_of
from custlib.charts.style import FAINT, INK, PALETTE, answer_colors, axes_for_rows
from custlib.charts.words import say
from custlib.checks import require_columns
from custlib.errors import ParameterError

LABELLED = 0.08  # narrower pieces of a bar have no room for their number


def plot_profile(
    results: pd.DataFrame,
    *,
    by: str | None = None,
    labels: Labels = None,
    unit: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Dots with intervals: one row an item, one color and marker a group.

    Parameters
    ----------
    results : DataFrame
        One measure of `satisfaction_profile`; items from top to bottom as they come.
    by : str, optional
        Column of the groups.
    labels : mapping, optional
        Text of items and groups.
    unit : str, optional
        What the x axis measures; "Mean answer" unless told.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["item", "estimate", "ci_low", "ci_high", by])
    items = list(dict.fromkeys(results["item"]))
    groups = list(dict.fromkeys(results[by])) if by else [None]
    ax = ax or axes_for_rows(len(items), per_row=0.3 + 0.06 * len(groups))
    places = {item: len(items) - 1 - at for at, item in enumerate(items)}
    offsets = np.linspace(0.11, -0.11, len(groups)) * (len(groups) - 1)
    for at, group in enumerate(groups):
        rows = results[results[by] == group] if by else results
        y = rows["item"].map(places).to_numpy(float) + offsets[at]
        dots(ax, rows, y, PALETTE[at % len(PALETTE)], MARKERS[at % len(MARKERS)])
        ax.lines[-1].set_label(text_of(labels, group))
    item_axis(ax, items, labels)
    ax.set_xlabel(unit or say("Mean answer"))
    if by:
        legend(ax)
    return ax


def plot_answers(
    results: pd.DataFrame,
    *,
    labels: Labels = None,
    answer_labels: Mapping | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Diverging bars: dissatisfied answers to the left, satisfied to the right of the middle.

    Parameters
    ----------
    results : DataFrame
        One group of `answer_shares`, items on one scale, from top to bottom as they come.
    labels : mapping, optional
        Text of items.
    answer_labels : mapping, optional
        Text of answers.
    ax : Axes, optional

    Returns
    -------
    Axes
        The middle answer of an odd scale is split at zero.
    """
    require_columns(results, ["item", "answer", "estimate"])
    shares = results.pivot_table(index="item", columns="answer", values="estimate", sort=False)
    answers = sorted(shares.columns)
    counts = results.groupby("item", sort=False)["answer"].nunique()
    if counts.nunique() > 1:
        raise ParameterError.because(
            "The items have scales of different length.",
            "Expected items on one scale.",
            "Draw the items of each scale in a figure of their own.",
        )
    ax = ax or axes_for_rows(len(shares), per_row=0.36)
    values = shares[answers].to_numpy()
    half = len(answers) // 2
    below = values[:, :half].sum(axis=1) + (values[:, half] / 2 if len(answers) % 2 else 0)
    edges = np.column_stack([-below, values]).cumsum(axis=1)
    y = np.arange(len(shares))[::-1]
    for at, (answer, color) in enumerate(zip(answers, answer_colors(len(answers)), strict=True)):
        ax.barh(
            y,
            values[:, at],
            left=edges[:, at],
            height=0.72,
            color=color,
            edgecolor="white",
            linewidth=0.8,
            label=text_of(answer_labels, answer),
        )
        _numbers(ax, y, values[:, at], edges[:, at], color)
    ax.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
    ax.margins(x=0.03)
    item_axis(ax, list(shares.index), labels)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{abs(share) * 100:.0f} %"))
    ax.set_xlabel(say("Share of answers"))
    legend(ax)
    return ax


def plot_contrasts(
    results: pd.DataFrame,
    *,
    labels: Labels = None,
    alpha: float = 0.05,
    ax: Axes | None = None,
) -> Axes:
    """Forest of effect sizes with intervals; filled where the adjusted p value is below alpha.

    Parameters
    ----------
    results : DataFrame
        One contrast of `compare_groups`, items from top to bottom as they come.
    labels : mapping, optional
        Text of items and groups.
    alpha : float, default 0.05
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(
        results,
        ["item", "contrast", "effect", "effect_low", "effect_high", "effect_kind", "p_adjusted"],
    )
    if results["contrast"].nunique() != 1:
        raise ParameterError.because(
            f"The table holds {results['contrast'].nunique()} contrasts.",
            "Expected one.",
            "Select the rows of one contrast.",
        )
    items = list(results["item"])
    ax = ax or axes_for_rows(len(items), per_row=0.33)
    y = np.arange(len(items))[::-1].astype(float)
    effect = {"effect": "estimate", "effect_low": "ci_low", "effect_high": "ci_high"}
    rows = results[list(effect)].rename(columns=effect)
    clear = (results["p_adjusted"] < alpha).to_numpy()
    for chosen, inside, name in (
        (clear, PALETTE[0], say("Groups differ")),
        (~clear, "white", say("Difference not certain")),
    ):
        if chosen.any():
            dots(ax, rows[chosen], y[chosen], PALETTE[0], "o", inside)
            ax.lines[-1].set_label(name)
    ax.axvline(0, color=FAINT, linewidth=0.8, zorder=0)
    item_axis(ax, items, labels)
    first, second = (text_of(labels, name) for name in results["contrast"].iloc[0].split(" - ", 1))
    sides = say("← {second} higher   ·   {first} higher →", first=first, second=second)
    ax.set_xlabel(f"{say(results['effect_kind'].iloc[0])}\n{sides}")
    legend(ax)
    return ax


def _numbers(ax: Axes, y: np.ndarray, shares: np.ndarray, left: np.ndarray, color: tuple) -> None:
    """Whole per cents inside the pieces that have room for them."""
    dark = np.dot(color[:3], (0.299, 0.587, 0.114)) < 0.55
    for place, share, start in zip(y, shares, left, strict=True):
        if share >= LABELLED:
            ax.text(
                start + share / 2,
                place,
                f"{share * 100:.0f}",
                ha="center",
                va="center",
                fontsize=8,
                color="white" if dark else INK,
            )
