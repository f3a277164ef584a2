"""Figures of priorities: importance against performance, and places by method."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from custlib.charts.marks import MARKERS, Labels, item_axis, legend, text_of
from custlib.charts.style import FAINT, INK, PALETTE, PAPER, WIDTH, axes_for_rows
from custlib.charts.words import say
from custlib.checks import require_columns, require_one_of
from custlib.errors import DataError, ParameterError

# Corner, color and marker of each quadrant: at the right what performs, at the top what matters.
QUADRANTS = {
    "concentrate here": ((0, 1), PALETTE[1], "^"),
    "keep up the good work": ((1, 1), PALETTE[2], "o"),
    "low priority": ((0, 0), PALETTE[4], "s"),
    "possible overkill": ((1, 0), PALETTE[0], "D"),
}
AXES = ("performance", "importance")
LABEL_WIDTH = 22  # letters of a label before it is broken
POINT = 11  # pixels around a point that labels keep off
GAP = 3  # pixels between labels, since a footer still moves the axes a little
STRAY = 600.0  # area a label may cover rather than lie nearer to another point
NEAR = 8.0  # area a label may cover to come one point of type nearer
HEIGHT = 5.2  # inches; labels need the room
# Directions in which a label may leave its point, and how many points of type away.
DIRECTIONS = [(1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1)]
DISTANCES = (4, 8, 14, 22, 33, 46)
OUTSIDE = 4.0  # an overlap with the frame counts as so many with another label


def plot_priorities(
    results: pd.DataFrame,
    *,
    crosshair: pd.DataFrame | None = None,
    verdicts: pd.DataFrame | None = None,
    labels: Labels = None,
    units: tuple[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Items by performance (right) and importance (up), intervals as crosses, lines that divide.

    Parameters
    ----------
    results : DataFrame
        Rows "importance" and "performance" of each item, as in
        `ImportancePerformance.estimates`; an item without numbers is left out.
    crosshair : DataFrame, optional
        The lines, with their intervals as pale bands: `ImportancePerformance.crosshair`.
    verdicts : DataFrame, optional
        item and verdict, which gives the point its color: `ImportancePerformance.quadrants`.
        Without it all points are alike and no quadrant is named.
    labels : mapping, optional
        Text of items.
    units : (str, str), optional
        What the horizontal and the vertical axis measure; "Performance" and "Importance" unless
        told.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    numbers = ["measure", "estimate", "ci_low", "ci_high"]
    require_columns(results, ["item", *numbers])
    if crosshair is not None:
        require_columns(crosshair, numbers)
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")[1]
    axes = {axis: results[results["measure"] == axis].set_index("item") for axis in AXES}
    placed = axes[AXES[0]]["estimate"].notna() & axes[AXES[1]]["estimate"].notna()
    performance, importance = (axes[axis].loc[placed[placed].index] for axis in AXES)
    if not placed.any():
        raise DataError.because(
            "No item has both importance and performance.",
            "Expected at least one.",
            "The notes of the table say what is lacking.",
        )
    if crosshair is not None:
        _lines(ax, crosshair.set_index("measure"))
    x, y = performance["estimate"].to_numpy(), importance["estimate"].to_numpy()
    for color, marker, own in _kinds(verdicts, performance.index):
        faint: dict[str, Any] = {"color": color, "linewidth": 1.0, "alpha": 0.45, "zorder": 2}
        ax.hlines(y[own], performance["ci_low"][own], performance["ci_high"][own], **faint)
        ax.vlines(x[own], importance["ci_low"][own], importance["ci_high"][own], **faint)
        ax.plot(x[own], y[own], marker, color=color, markersize=6, zorder=3)
    ax.margins(0.06)
    across, up = units or (say("Performance"), say("Importance"))
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    ax.grid(visible=False)
    names = [text_of(labels, item, width=LABEL_WIDTH) for item in performance.index]
    _root(ax).draw_without_rendering()  # the layout settles where the axes lie
    _label(ax, x, y, names, _corners(ax) if verdicts is not None else [])
    return ax


def _kinds(verdicts: pd.DataFrame | None, items: pd.Index) -> list[tuple[str, str, np.ndarray]]:
    """Color, marker and items of each quadrant, or of all items alike."""
    if verdicts is None:
        return [(PALETTE[0], "o", np.ones(len(items), bool))]
    require_columns(verdicts, ["item", "verdict"])
    verdict = verdicts.drop_duplicates("item").set_index("item")["verdict"][items]
    for name in verdict.unique():
        require_one_of("verdict", name, QUADRANTS)
    return [
        (color, marker, (verdict == name).to_numpy())
        for name, (_, color, marker) in QUADRANTS.items()
    ]


def _lines(ax: Axes, crosshair: pd.DataFrame) -> None:
    """Dividing lines, each in a pale band where it is itself uncertain."""
    across, up = (crosshair.loc[axis] for axis in AXES)
    ax.axvline(across["estimate"], color=FAINT, linewidth=0.9, zorder=1)
    ax.axhline(up["estimate"], color=FAINT, linewidth=0.9, zorder=1)
    band: dict[str, Any] = {"color": FAINT, "alpha": 0.1, "linewidth": 0, "zorder": 0}
    ax.axvspan(across["ci_low"], across["ci_high"], **band)
    ax.axhspan(up["ci_low"], up["ci_high"], **band)


def _corners(ax: Axes) -> list[Bbox]:
    """Name of each quadrant in its corner, and the room it takes."""
    texts = [
        ax.text(
            0.012 + 0.976 * right,
            0.015 + 0.97 * top,
            _capitalized(say(name)),
            transform=ax.transAxes,
            ha="right" if right else "left",
            va="top" if top else "bottom",
            color=color,
            fontsize=8.5,
            fontweight="bold",
        )
        for name, ((right, top), color, _) in QUADRANTS.items()
    ]
    return [text.get_window_extent() for text in texts]


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _root(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise ParameterError.because(
            "The axes lie in no figure.", "Expected axes of one.", "Omit ax."
        )
    return figure


def _label(ax: Axes, x: np.ndarray, y: np.ndarray, names: list[str], taken: list[Bbox]) -> None:
    """Labels where they cover least: neither points nor labels, and inside the frame."""
    points = ax.transData.transform(np.column_stack([x, y]))
    per_point = _root(ax).dpi / 72
    around = [Bbox([point, point]).padded(POINT) for point in points]
    frame = ax.get_window_extent()
    for at, name in enumerate(names):
        text = ax.annotate(
            name, (x[at], y[at]), xytext=(0, 0), textcoords="offset points", fontsize=8, color=INK
        )
        text.set_path_effects([withStroke(linewidth=2.2, foreground=PAPER)])
        size = text.get_window_extent()
        # Lines may run under a label, which is outlined in white; points may not.
        room = taken + 3 * (around[:at] + around[at + 1 :])
        costs = {}
        for far, way in product(DISTANCES, DIRECTIONS):
            box = _beside(points[at], size, way, far * per_point)
            strays = int(np.argmin(_gaps(points, box)) != at)
            costs[far, way] = _covered(box, room, frame) + NEAR * far + STRAY * strays, strays
        far, way = min(costs, key=lambda place: costs[place][0])
        box = _beside(points[at], size, way, far * per_point)
        taken.append(box.padded(GAP))
        text.set_position((box.min - points[at]) / per_point)
        if far > DISTANCES[1] or costs[far, way][1]:
            _leader(ax, points[at], box)


def _gaps(points: np.ndarray, box: Bbox) -> np.ndarray:
    """Distance of each point from the box."""
    return np.linalg.norm(points - np.clip(points, box.min, box.max), axis=1)


def _beside(point: np.ndarray, size: Bbox, way: tuple[int, int], far: float) -> Bbox:
    """Box of a label that lies in this direction from its point, so far away."""
    half = np.array([size.width, size.height]) / 2
    centre = point + np.array(way) * (half + far)
    return Bbox([centre - half, centre + half])


def _covered(box: Bbox, room: list[Bbox], frame: Bbox) -> float:
    """Area of the box over what is taken, and outside the frame."""
    area = box.width * box.height
    shared = [Bbox.intersection(box, other) for other in room]
    inside = Bbox.intersection(box, frame)
    outside = area - (inside.width * inside.height if inside else 0)
    return round(sum(one.width * one.height for one in shared if one) + OUTSIDE * outside)


def _leader(ax: Axes, point: np.ndarray, box: Bbox) -> None:
    """A thin line from the point to the nearest edge of its label."""
    ends = [point, np.clip(point, box.min, box.max)]
    x, y = ax.transData.inverted().transform(ends).T
    ax.plot(x, y, color=FAINT, linewidth=0.6, zorder=1)


def plot_places(results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None) -> Axes:
    """Place of each item by each method: one row an item, one marker a method, a line between.

    Parameters
    ----------
    results : DataFrame
        item, method, estimate (1 = most important), as from `method_agreement`; items from top
        to bottom as they come.
    labels : mapping, optional
        Text of items.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["item", "method", "estimate"])
    items, methods = (list(dict.fromkeys(results[name])) for name in ("item", "method"))
    ax = ax or axes_for_rows(len(items))
    rows = {item: len(items) - 1 - at for at, item in enumerate(items)}
    reach = results.groupby("item", sort=False)["estimate"].agg(["min", "max"])
    ax.hlines(
        list(rows.values()), reach["min"], reach["max"], color="#C9C9C9", linewidth=3, zorder=1
    )
    offsets = np.linspace(0.27, -0.27, len(methods)) if len(methods) > 1 else [0.0]
    for at, (method, offset) in enumerate(zip(methods, offsets, strict=True)):
        own = results[results["method"] == method]
        y = own["item"].map(rows).to_numpy(float) + offset
        marker, color = MARKERS[at % len(MARKERS)], PALETTE[at % len(PALETTE)]
        name = say(str(method))
        ax.plot(own["estimate"], y, marker, color=color, markersize=6, label=name, zorder=3)
    item_axis(ax, items, labels)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(say("Place, 1 = most important"))
    legend(ax)
    return ax
