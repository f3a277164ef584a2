"""Marks that several figures share: dots with intervals, axes of items, legends, texts."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Labels = Mapping | None
MARKERS = "osD^vP*X"  # one a group, so that groups differ by more than color
LABEL_WIDTH = 34  # letters of an item's name before it is broken
LEGEND_MARK, LEGEND_LETTERS = 6, 15  # letters a mark takes; letters an inch of legend holds


def dots(
    ax: Axes, rows: pd.DataFrame, y: np.ndarray, color: str, marker: str, fill: str | None = None
) -> None:
    """Intervals as lines and estimates as markers; rows without numbers leave their place empty."""
    ax.hlines(y, rows["ci_low"], rows["ci_high"], color=color, linewidth=1.6, zorder=2)
    ax.plot(
        rows["estimate"],
        y,
        marker,
        color=color,
        markersize=5.5,
        zorder=3,
        markerfacecolor=fill or color,
        markeredgewidth=1.4,
    )


def item_axis(ax: Axes, items: list, labels: Labels) -> None:
    """Names of the items on the y axis, the first on top."""
    ax.set_yticks(np.arange(len(items))[::-1], [text_of(labels, item) for item in items])
    ax.set_ylim(-0.6, len(items) - 0.4)


def legend(ax: Axes) -> None:
    """Above the axes, in as many columns as the figure has room for."""
    handles, texts = ax.get_legend_handles_labels()
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        return
    letters = sum(len(text) + LEGEND_MARK for text in texts)
    rows = int(np.ceil(letters / (figure.get_figwidth() * LEGEND_LETTERS)))
    columns = int(np.ceil(len(texts) / max(rows, 1)))
    figure.legend(handles, texts, loc="outside upper left", ncols=columns)


def text_of(labels: Labels, name: object, *, width: int = LABEL_WIDTH) -> str:
    """Label of a name, broken where it is long; the name itself where it has none."""
    return fill(str((labels or {}).get(name, name)), width)


def in_words(labels: Labels, name: str) -> str:
    """Label of a variable; where it has none its name as words, as tables write it."""
    words = name.replace("_", " ")
    return text_of({name: words[:1].upper() + words[1:]} | dict(labels or {}), name)


def minus_between(contrast: str) -> str:
    """ "first - second" with a minus sign; names that hold such a hyphen themselves stay."""
    return contrast.replace(" - ", " − ") if contrast.count(" - ") == 1 else contrast


def thousands(value: float, _: object = None) -> str:
    """An amount short enough for an axis; the second argument is the place a formatter passes."""
    for size, mark in ((1e9, " bn"), (1e6, " m"), (1e3, " k")):
        # Three digits write 999.6 as a thousand, which is one of the next mark.
        if abs(value) >= 0.9995 * size:
            return f"{value / size:.3g}{mark}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")
