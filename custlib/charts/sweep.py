"""Figure of a sweep: how the findings of a study move from run to run."""

import math
from collections.abc import Sequence
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from custlib.charts.marks import MARKERS, dots, text_of, thousands
from custlib.charts.style import FAINT, MARGIN, PALETTE, WIDTH
from custlib.checks import require_columns

MOST_PANELS, PANELS_IN_A_ROW = 6, 3
MOST_COLORS = 5
MOST_TICKS, TICK_LETTERS, STEPS = 4, 24, [1, 2, 3, 5, 10]
ROW_INCHES, GAP = 0.24, 0.6
LABEL_INCHES = 2.1
MOST_WRITTEN_OUT = 10_000


def varying_findings(results: pd.DataFrame, *, most: int = MOST_PANELS) -> list[tuple[str, str]]:
    """Findings that are numbers and not the same in every run, the first ones.

    Parameters
    ----------
    results : DataFrame
        key, value, unit, and the tolerance of the value (rtol, atol), one row a run and finding.
    most : int, default 6

    Returns
    -------
    list of (key, unit)
        The unit is empty where there is none. A finding that has several stands there with each.

    Examples
    --------
    >>> table = pd.DataFrame({"key": ["gap", "n", "gap", "n"], "value": [1, 9, 2, 9]})
    >>> varying_findings(table.assign(unit="points", rtol=1e-9, atol=0.0))
    [('gap', 'points')]
    """
    require_columns(results, ["key", "value", "unit", "rtol", "atol"])
    found = []
    numeric = results[[_is_number(value) for value in results["value"]]]
    for key, rows in numeric.groupby("key", sort=False):
        rtol, atol = rows["rtol"].min(), rows["atol"].min()
        if not math.isclose(*rows["value"].agg(["min", "max"]), rel_tol=rtol, abs_tol=atol):
            found += [(str(key), unit) for unit in rows["unit"].map(_unit).unique()]
    return found[:most]


def plot_swept_findings(results: pd.DataFrame, *, keys: Sequence[str]) -> Axes:
    """Each finding that moves in a panel of its own, the runs of a sweep below one another in all.

    Parameters
    ----------
    results : DataFrame, one row a run and finding
        The columns `keys`, then key, value, low, high, unit, rtol, atol, run_number, status.
    keys : sequence of str
        Columns by which runs differ; the last gives the color where it has few values.

    Returns
    -------
    Axes, the first panel; the others are on the same figure.

    Raises
    ------
    DataError
        A column is absent.
    """
    from matplotlib import pyplot as plt

    require_columns(results, [*keys, "low", "high", "run_number", "status"])
    drawn = varying_findings(results)
    first = results.drop_duplicates("run_number").set_index("run_number")
    runs, ends = first[[*keys]], first["status"]
    y = _places(runs)
    across = min(max(len(drawn), 1), PANELS_IN_A_ROW)
    down = -(-max(len(drawn), 1) // across)
    height = down * (MARGIN * 0.7 + (y[0] + 1) * ROW_INCHES) + 0.4
    width = max(WIDTH, LABEL_INCHES + 2.3 * across)
    figure, grid = plt.subplots(
        down, across, figsize=(width, height), sharey=True, squeeze=False, layout="constrained"
    )
    panels: list[Axes] = list(grid.flat)
    for ax, (key, unit) in zip(panels, drawn, strict=False):
        of_panel = (results["key"] == key) & (results["unit"].map(_unit) == unit)
        _draw(ax, results[of_panel], runs, y)
        ax.set_title(text_of(None, key.replace("_", " ").replace("-", " ").capitalize(), width=26))
        ax.set_xlabel(text_of(None, unit or "value", width=26))
        _write_ticks(ax, share=unit == "share")
    for ax in panels[len(drawn) :]:
        ax.set_axis_off()
    labels = map(_label, runs.to_numpy(object), ends)
    panels[0].set_yticks(y, [*labels])
    panels[0].set_ylim(-0.7, y[0] + 0.7)
    colored = f" (color: {_plain(keys[-1])})" if len(_colors(runs)) > 1 else ""
    title = f"How the findings move with {_listed(keys)}{colored}"
    figure.suptitle(fill(title, int(width * 12)), x=0.008, ha="left", fontweight="bold")
    return panels[0]


def swept_png(
    results: pd.DataFrame, *, keys: Sequence[str], source: str, alt: str, note: str = ""
) -> bytes:
    """The figure as a PNG that carries its alternative text; the same table gives the same bytes.

    Parameters
    ----------
    results : DataFrame
    keys : sequence of str
        As in `plot_swept_findings`.
    source, note : str
        What the footer names, and what else it says.
    alt : str
        Words for whoever does not see the figure.

    Returns
    -------
    bytes
    """
    import io

    from matplotlib import pyplot as plt

    from custlib.charts.style import finish, report_style

    with report_style():
        finish(plot_swept_findings(results, keys=keys), source=source, note=note)
        stream = io.BytesIO()
        plt.savefig(stream, format="png", metadata={"Software": None, "Description": alt})
        plt.close()
    return stream.getvalue()


def _draw(ax: Axes, rows: pd.DataFrame, runs: pd.DataFrame, y: np.ndarray) -> None:
    """One finding over the runs; a run without it leaves its line empty."""
    rows = rows[[_is_number(value) for value in rows["value"]]].set_index("run_number")
    wanted = rows[["value", "low", "high"]].astype(float).reindex(runs.index)
    wanted.columns = pd.Index(["estimate", "ci_low", "ci_high"])
    wanted = wanted.where(np.isfinite(wanted))
    low, high = float(np.nanmin(wanted)), float(np.nanmax(wanted))
    room = 0.05 * ((high - low) or abs(high) or 1.0)
    ax.set_xlim(low - room, high + room)
    one_sided = wanted.isna().sum(axis=1) == 1
    # An interval that has one end runs to the edge, and an arrow there says that it goes on.
    for name, edge, mark in zip(("ci_low", "ci_high"), ax.get_xlim(), "<>", strict=True):
        is_open = one_sided & wanted[name].isna()
        for at in y[is_open]:
            ax.plot(edge, at, mark, color=FAINT, clip_on=False)
        wanted.loc[is_open, name] = edge
    for mask, color, marker in zip(_colors(runs), PALETTE, MARKERS, strict=False):
        dots(ax, wanted[mask], y[mask], color, marker)
    if wanted["estimate"].min() <= 0 <= wanted["estimate"].max():
        ax.axvline(0, color=FAINT, linewidth=0.9)


def _write_ticks(ax: Axes, *, share: bool) -> None:
    """Ticks short enough to stand side by side, of which no two read the same."""
    ticks = MaxNLocator(MOST_TICKS, steps=STEPS).tick_values(*ax.get_xlim())
    write = _percent if share else _tick
    if len(set(map(write, ticks))) < len(ticks):
        write = _digits
    longest = max(len(write(tick)) for tick in ticks)
    most = min(MOST_TICKS, max(TICK_LETTERS // longest, 1))
    ax.xaxis.set_major_locator(MaxNLocator(most, steps=STEPS))
    ax.xaxis.set_major_formatter(FuncFormatter(write))


def _colors(runs: pd.DataFrame) -> list[np.ndarray]:
    """Rows of each value of the last key; all rows together where color would say nothing."""
    last = runs.iloc[:, -1].astype(str)
    levels = list(dict.fromkeys(last))
    if runs.shape[1] < 2 or not 1 < len(levels) <= MOST_COLORS:
        return [np.ones(len(runs), dtype=bool)]
    return [(last == level).to_numpy() for level in levels]


def _places(runs: pd.DataFrame) -> np.ndarray:
    """Heights of the runs, the first on top, with a gap where the first of several keys changes."""
    first = runs.iloc[:, 0].astype(str).to_numpy()
    changes = np.r_[False, first[1:] != first[:-1]]
    grouped = runs.shape[1] > 1 and 0 < changes.sum() < len(runs) - 1
    down = np.arange(len(runs)) + (GAP * np.cumsum(changes) if grouped else 0.0)
    return np.asarray(down[-1] - down, dtype=float)


def _label(values: Sequence[Any], status: str) -> str:
    """What a run was set to, and how it ended where it did not end well."""
    texts = ("none" if value is None else str(value) for value in values)
    text = " · ".join(text if len(text) <= 28 else f"{text[:18]}…{text[-8:]}" for text in texts)
    return text if status == "ok" else f"{text} ({status})"


def _listed(keys: Sequence[str]) -> str:
    names = [*map(_plain, keys)]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _plain(key: str) -> str:
    return key.removeprefix("parameter_")


def _tick(value: float, _: object = None) -> str:
    return thousands(value) if abs(value) >= MOST_WRITTEN_OUT else _digits(value)


def _percent(value: float, _: object = None) -> str:
    return f"{_digits(100 * value)} %"


def _digits(value: float, _: object = None) -> str:
    return f"{value:,.12g}".replace("-", "−")


def _unit(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    return number and bool(np.isfinite(value))  # type: ignore[call-overload]
