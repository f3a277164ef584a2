"""Figure of a path model: constructs as boxes, paths as arrows with their coefficients."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from custlib.charts.marks import Labels, text_of
from custlib.charts.style import FAINT, INK, PALETTE, PAPER, WIDTH
from custlib.checks import require_columns
from custlib.errors import DataError

ARROW = " -> "
# Where the constructs of the ready models stand, so that no arrow crosses a box.
PLACES = {
    "image": (0.0, 2.0),
    "expectation": (0.0, 0.95),
    "quality": (0.9, -0.85),
    "value": (1.3, 0.25),
    "satisfaction": (2.5, 0.95),
    "complaints": (3.5, 0.0),
    "loyalty": (3.5, 1.8),
}
WIDE, HIGH = 3.5, 1.3  # other models: width, and half height of the ellipse they stand on
HEIGHT = 4.6  # inches
BOX = (0.37, 0.17)  # half width and half height of a box
LABEL = (0.19, 0.10)  # half width and half height of a coefficient with its interval
ALONG = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73)  # where on its arrow a label may stand
NAME_WIDTH = 17  # letters of a construct's name before it is broken


def plot_path_diagram(
    results: pd.DataFrame,
    *,
    constructs: pd.DataFrame | None = None,
    labels: Labels = None,
    ax: Axes | None = None,
) -> Axes:
    """Path diagram; a solid blue arrow is clear of zero, a dashed gray one is not.

    Parameters
    ----------
    results : DataFrame
        Rows "path" of `PathModel.estimates`: term "cause -> effect", estimate and interval.
    constructs : DataFrame, optional
        `PathModel.constructs`, whose "r_squared" is written into the boxes.
    labels : mapping, optional
        Text of constructs.
    ax : Axes, optional

    Returns
    -------
    Axes
        The wider an arrow, the larger its coefficient.
    """
    require_columns(results, ["term", "estimate", "ci_low", "ci_high"])
    terms = [str(term).split(ARROW) for term in results["term"]]
    if not terms or any(len(term) != 2 for term in terms):
        raise DataError.because(
            f"The terms are {results['term'].tolist()[:5]}.",
            f"Expected paths, written cause{ARROW}effect.",
            'Select the rows whose measure is "path".',
        )
    paths = [(cause, effect) for cause, effect in terms]
    places = _places(paths)
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")[1]
    taken = [(place, BOX) for place in places.values()]
    for (cause, effect), row in zip(paths, results.itertuples(), strict=True):
        clear = row.ci_low > 0 or row.ci_high < 0
        _arrow(ax, places[cause], places[effect], row.estimate, clear=clear)
        spot = _free_spot(places[cause], places[effect], taken)
        taken.append((spot, LABEL))
        _coefficient(ax, spot, row, clear=clear)
    explained: dict[str, float] = {}
    if constructs is not None:
        rows = constructs[constructs["measure"] == "r_squared"]
        explained = dict(zip(rows["dimension"], rows["estimate"], strict=True))
    for name, place in places.items():
        _box(ax, place, text_of(labels, name, width=NAME_WIDTH), explained.get(name))
    across, up = np.array(list(places.values())).T
    ax.set_xlim(across.min() - BOX[0] - 0.05, across.max() + BOX[0] + 0.05)
    ax.set_ylim(up.min() - BOX[1] - 0.08, up.max() + BOX[1] + 0.08)
    ax.axis("off")
    return ax


def _places(paths: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Centre of each box: the ready models' own places, else layers from cause to effect."""
    names = list(dict.fromkeys(name for path in paths for name in path))
    if all(name.casefold() in PLACES for name in names):
        return {name: PLACES[name.casefold()] for name in names}
    steps = dict.fromkeys(names, 0)
    for _ in names:
        for cause, effect in paths:
            steps[effect] = max(steps[effect], steps[cause] + 1)
    # On an ellipse, causes left and effects right, no straight arrow runs through another box.
    angles = np.linspace(0, np.pi, len(names))
    ordered = sorted(names, key=lambda name: steps[name])
    return {
        name: (WIDE / 2 * (1 - np.cos(angle)), HIGH * np.sin(angle) * (1 if at % 2 else -1))
        for at, (name, angle) in enumerate(zip(ordered, angles, strict=True))
    }


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], size: float, *, clear: bool
) -> None:
    color = PALETTE[0] if clear else "#9A9A9A"
    ax.add_patch(
        FancyArrowPatch(
            _edge(start, end),
            _edge(end, start),
            arrowstyle="-|>",
            mutation_scale=11,
            shrinkA=0,
            shrinkB=1,
            color=color,
            linewidth=0.8 + 3.2 * min(abs(size), 1.0),
            linestyle="-" if clear else (0, (4, 3)),
            zorder=1,
        )
    )


def _edge(box: tuple[float, float], towards: tuple[float, float]) -> tuple[float, float]:
    """Where the line between two boxes leaves the first."""
    step = np.subtract(towards, box)
    scale = min(half / abs(part) for half, part in zip(BOX, step, strict=True) if part)
    return float(box[0] + scale * step[0]), float(box[1] + scale * step[1])


def _free_spot(
    start: tuple[float, float], end: tuple[float, float], taken: list
) -> tuple[float, float]:
    """Spot on the arrow where a label overlaps least with boxes and the labels before it."""
    first, last = np.array(_edge(start, end)), np.array(_edge(end, start))
    spots = [first + share * (last - first) for share in ALONG]

    def overlap(spot: np.ndarray) -> float:
        shared = 0.0
        for place, half in taken:
            sides = np.add(half, LABEL) - np.abs(spot - place)
            shared += float(np.prod(np.maximum(sides, 0)))
        return shared

    best = min(spots, key=overlap)
    return float(best[0]), float(best[1])


def _coefficient(ax: Axes, spot: tuple[float, float], row: object, *, clear: bool) -> None:
    """Estimate and, below it, the interval, on white, so that no arrow runs through them."""
    low, high, estimate = (getattr(row, name) for name in ("ci_low", "ci_high", "estimate"))
    paper: dict[str, Any] = {"boxstyle": "square,pad=0.12", "facecolor": PAPER, "edgecolor": "none"}
    known = not (np.isnan(low) or np.isnan(high))
    span = f"\n{low:.2f} to {high:.2f}" if known else ""
    ax.text(
        *spot,
        f"{estimate:.2f}{span}".replace("-", "−"),
        ha="center",
        va="center",
        fontsize=7,
        color=INK if clear else FAINT,
        linespacing=1.05,
        bbox=paper,
        zorder=3,
    )


def _box(ax: Axes, place: tuple[float, float], name: str, explained: float | None) -> None:
    corner = (place[0] - BOX[0], place[1] - BOX[1])
    ax.add_patch(
        FancyBboxPatch(
            corner,
            2 * BOX[0],
            2 * BOX[1],
            boxstyle="round,pad=0,rounding_size=0.07",
            facecolor="#EAF2F8",
            edgecolor=PALETTE[0],
            linewidth=1.1,
            zorder=2,
        )
    )
    share = "" if explained is None or np.isnan(explained) else f"\nR² {explained:.2f}"
    ax.text(*place, name + share, ha="center", va="center", fontsize=8.5, color=INK, zorder=4)
