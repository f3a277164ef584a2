"""Figure of a forecast beside what then happened."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from custlib.charts.marks import legend, thousands
from custlib.charts.style import FAINT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

MOST_TICKS = 9  # labels of periods that stand side by side without touching


def plot_forecast(
    results: pd.DataFrame,
    *,
    by: str = "period",
    made: str = "Forecast made",
    ax: Axes | None = None,
) -> Axes:
    """Purchases summed up to each period: what happened, what the model says, and its band.

    Parameters
    ----------
    results : DataFrame, one row a period in order of time
        The column `by`, measure ("fitted" up to the forecast, "forecast" after), estimate, ci_low,
        ci_high, and observed where that is known, as from `purchase_tracking`.
    by : str, default "period"
        Column of the periods' names.
    made : str
        What is written at the line between the two.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "measure", "estimate", "ci_low", "ci_high"])
    ax = ax or axes_for_rows(8)
    x = np.arange(len(results))
    fitted = (results["measure"] == "fitted").to_numpy()
    if fitted.any():
        ax.plot(
            x[fitted],
            results["estimate"].to_numpy(float)[fitted],
            color=PALETTE[0],
            linestyle=":",
            label="Model, fitted",
        )
    _draw_ahead(ax, results, x, ~fitted)
    if fitted.any() and not fitted.all():
        _mark_split(ax, x[fitted][-1], made)
    if "observed" in results:
        known = results["observed"].to_numpy(float)
        ax.plot(x, known, color=INK, marker="o", markersize=3.5, label="What happened")
    step = max(-(-len(x) // MOST_TICKS), 1)
    ax.set_xticks(x[::step], list(results[by])[::step])
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(FuncFormatter(thousands))
    ax.grid(visible=False, axis="x")
    ax.set_xlabel("End of the period")
    ax.set_ylabel("Repeat purchases so far")
    legend(ax)
    return ax


def _draw_ahead(ax: Axes, results: pd.DataFrame, x: np.ndarray, ahead: np.ndarray) -> None:
    """Forecast and band; they start from what was known on the day of the forecast."""
    if not ahead.any():
        return
    lines = [results[name].to_numpy(float)[ahead] for name in ("estimate", "ci_low", "ci_high")]
    at = x[ahead]
    if "observed" in results and at[0] > 0:
        start = float(results["observed"].to_numpy(float)[at[0] - 1])
        at = np.concatenate([[at[0] - 1], at])
        lines = [np.concatenate([[start], line]) for line in lines]
    means, low, high = lines
    ax.fill_between(at, low, high, color=PALETTE[0], alpha=0.18, linewidth=0, label="Interval")
    ax.plot(at, means, color=PALETTE[0], linestyle="--", label="Forecast")


def _mark_split(ax: Axes, place: float, made: str) -> None:
    ax.axvline(place, color=FAINT, linewidth=0.9, linestyle=":")
    ax.annotate(
        made,
        (place, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -2),
        textcoords="offset points",
        va="top",
        fontsize=8,
        color=FAINT,
    )
