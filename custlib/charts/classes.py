"""Figures of customers by value: who holds how much, the nine classes, how sure each class is."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter, StrMethodFormatter

from custlib.charts.marks import MARKERS, legend, thousands
from custlib.charts.style import ANSWERS, FAINT, HEAT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

LOSS, LOSS_ON_DARK = PALETTE[1], ANSWERS[1]
DARK = 0.5  # part of the darkest color from which ink must be white
MOST_DOTS = 600  # more customers than this need smaller dots


def plot_lorenz(
    results: pd.DataFrame,
    *,
    claim: tuple[float, float] | None = (0.2, 0.8),
    whole: str = "revenue",
    ax: Axes | None = None,
) -> Axes:
    """Share that the smallest customers hold, against what it would be if all were alike.

    Parameters
    ----------
    results : DataFrame
        customer_share, estimate, ci_low, ci_high, as from `lorenz_points`.
    claim : two shares or None, default (0.2, 0.8)
        What the largest are said to hold; a cross marks where the curve would then pass.
    whole : str, default "revenue"
        What is shared out.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["customer_share", "estimate", "ci_low", "ci_high"])
    ax = ax or axes_for_rows(9)
    x = results["customer_share"].to_numpy(float)
    ends = (results[name].to_numpy(float) for name in ("ci_low", "ci_high"))
    ax.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=":", label="If all were alike")
    ax.fill_between(x, *ends, color=PALETTE[0], alpha=0.2, linewidth=0)
    ax.plot(x, results["estimate"], color=PALETTE[0], label="Customers, the smallest first")
    if claim is not None:
        top, held = claim
        name = f"{100 * top:g}/{100 * held:g}"
        ax.plot([1 - top], [1 - held], "X", color=LOSS, ms=9, label=f"{name} would pass here")
    ax.set_xlim(0, 1)
    ax.set_xlabel("Share of all customers, from the smallest up")
    ax.set_ylabel(f"Share of all {whole}")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    legend(ax)
    return ax


def plot_class_matrix(results: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Nine cells of value by steadiness, darker with their share of revenue.

    Parameters
    ----------
    results : DataFrame
        abc, xyz, n, amount_share, and profit_share where profit is known, as from
        `abc_xyz_matrix`. A cell served at a loss has its profit in another color.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["abc", "xyz", "n", "amount_share"])
    rows, columns = (list(dict.fromkeys(results[name])) for name in ("abc", "xyz"))
    ax = ax or axes_for_rows(8)
    shares = results.pivot_table(index="abc", columns="xyz", values="amount_share", dropna=False)
    shares = shares.reindex(index=rows, columns=columns)
    values = np.nan_to_num(shares.to_numpy(float))
    ax.imshow(values, cmap=HEAT, aspect="auto", vmin=0, vmax=max(values.max(), 1e-9))
    for _, cell in results.iterrows():
        place = columns.index(cell["xyz"]), rows.index(cell["abc"])
        dark = bool(cell["amount_share"] > DARK * values.max())
        _write_cell(ax, place, cell, dark=dark)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.grid(visible=False)
    ax.set_xlabel("Class by steadiness")
    ax.set_ylabel("Class by value")
    return ax


def _write_cell(ax: Axes, place: tuple[int, int], cell: pd.Series, *, dark: bool) -> None:
    """Customers, revenue and profit of one cell, under each other; nothing where nobody is."""
    x, y = place
    centered: dict[str, Any] = {"ha": "center", "va": "center"}
    color, loss = ("white", LOSS_ON_DARK) if dark else (INK, LOSS)
    if not cell["n"]:
        ax.text(x, y, "–", color=FAINT, fontsize=9, **centered)
        return
    profit = cell.get("profit_share", np.nan)
    lines = [(f"{cell['n']:,} customers", "normal", color)]
    if pd.notna(cell["amount_share"]):
        lines.append((f"{_percent(cell['amount_share'])} of revenue", "bold", color))
    if pd.notna(profit):
        lines.append((f"{_percent(profit)} of profit", "normal", loss if profit < 0 else color))
    for at, (text, weight, ink) in enumerate(lines):
        step = 0.23 * (at - (len(lines) - 1) / 2)
        ax.text(x, y + step, text, color=ink, fontsize=8.5, fontweight=weight, **centered)


def _percent(share: float) -> str:
    """Whole per cents, with a decimal where a small share would be written as none."""
    decimals = 0 if abs(share) >= 0.01 or share == 0 else 1
    return f"{100 * share:.{decimals}f} %".replace("-", "−")


def plot_profit_curve(results: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """The whale curve: profit cumulated from the most profitable customer to the least.

    Parameters
    ----------
    results : DataFrame
        measure, customer_share, profit, profit_share, as the points of `profit_curve`. Profit
        stands in its unit where the whole is not above zero and there are no shares.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["measure", "customer_share", "profit", "profit_share"])
    shares = bool(results["profit_share"].notna().all())
    drawn = "profit_share" if shares else "profit"
    ax = ax or axes_for_rows(8)
    peak = results[results["measure"] == "peak"].iloc[0]
    after = results[results["customer_share"] >= peak["customer_share"]]
    ax.plot(results["customer_share"], results[drawn], color=PALETTE[0], label="Profit so far")
    label = "Customers who lose money"
    ax.plot(after["customer_share"], after[drawn], color=LOSS, linewidth=2.4, label=label)
    ax.axhline(results[drawn].iloc[-1], color=FAINT, linewidth=1, linestyle=":", label="In the end")
    text = _percent(peak[drawn]) if shares else thousands(peak[drawn])
    ax.plot([peak["customer_share"]], [peak[drawn]], "o", color=INK, markersize=5)
    offset: dict[str, Any] = {
        "xytext": (0, 7),
        "textcoords": "offset points",
        "ha": "center",
        "fontsize": 8.5,
    }
    ax.annotate(f"Peak {text}", (peak["customer_share"], peak[drawn]), color=INK, **offset)
    ax.set_xlim(0, 1.02)
    ax.margins(y=0.12)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    whole = PercentFormatter(1, decimals=0, symbol=" %")
    ax.yaxis.set_major_formatter(whole if shares else FuncFormatter(thousands))
    ax.set_xlabel("Share of all customers, from the most profitable down")
    ax.set_ylabel("Profit so far, share of the whole" if shares else "Profit so far")
    legend(ax)
    return ax


def plot_class_certainty(
    results: pd.DataFrame,
    *,
    by: str = "abc",
    probability: str = "abc_probability",
    level: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Probability that each customer's class is right, customers from left to right as they come.

    Parameters
    ----------
    results : DataFrame
        The columns `by` and `probability`, as the cases of `class_certainty`, sorted by value.
    by, probability : str
    level : float, optional
        A line below which a class counts as uncertain.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, probability])
    ax = ax or axes_for_rows(7)
    place = np.arange(1, len(results) + 1)
    size = 4 if len(results) <= MOST_DOTS else 2
    for at, name in enumerate(sorted(results[by].dropna().unique())):
        own = (results[by] == name).to_numpy()
        chances = results[probability].to_numpy(float)[own]
        ax.plot(place[own], chances, MARKERS[at], color=PALETTE[at], ms=size, label=str(name))
    if level is not None:
        label = f"Uncertain below {100 * level:g} %"
        ax.axhline(level, color=INK, linewidth=1, linestyle="--", label=label)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_ylim(top=1.03)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_xlabel("Customers, the largest first")
    ax.set_ylabel("Probability that the class is right")
    legend(ax)
    return ax
