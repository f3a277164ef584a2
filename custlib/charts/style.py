"""The one look of every figure: fonts that exist everywhere, colors that everybody can tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import fill
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from custlib.charts.words import Words, mark_axes, marked, say, speaking

# Okabe & Ito (2008), the pale ones last: a thin line in them is lost on white paper.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#555555", "#E69F00", "#56B4E9")
# Dissatisfied to satisfied; orange against blue survives every common color deficiency.
ANSWERS = ("#B8500C", "#EBAA72", "#E4E4E2", "#7DB4DB", "#0A629F")
# From nothing to most, one hue from pale to dark.
HEAT = LinearSegmentedColormap.from_list("heat", ["#F4F7FA", *ANSWERS[3:], "#083A63"])
INK, FAINT, PAPER = "#2B2B2B", "#6A6A6A", "#FFFFFF"
WIDTH, HEIGHT = 7.2, 4.0  # inches; the column of a report
MARGIN = 1.5  # inches of a figure taken by its axis, legend and footer
FOOTER_SIZE = 7.5

LOOK: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "figure.figsize": (WIDTH, HEIGHT),
    "figure.dpi": 144,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "savefig.facecolor": PAPER,
    "savefig.dpi": "figure",
    "axes.facecolor": PAPER,
    "axes.edgecolor": "#B5B5B5",
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.unicode_minus": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.7,
    "xtick.color": "#B5B5B5",
    "ytick.color": "#B5B5B5",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.6,
    "svg.hashsalt": "custlib",
    # Labels of a survey may hold dollars: "Cost ($) against value ($)" is no formula.
    "text.parse_math": False,
}


@contextmanager
def report_style(words: Words | None = None) -> Iterator[None]:
    """Draw in the look of the reports inside a `with`, and leave matplotlib as it was after it.

    Parameters
    ----------
    words : callable, optional
        Words of the report's language, as `report.words.catalogue` gives them; English without.

    Yields
    ------
    None

    Notes
    -----
    Exported as `charts.style`. Figures must be made inside the `with`: matplotlib fixes sizes
    and fonts when an artist is made, not when it is drawn.

    Examples
    --------
    >>> with report_style():
    ...     mpl.rcParams["axes.grid"]
    True
    """
    shown_at_once = mpl.is_interactive()
    try:
        with mpl.rc_context(LOOK), speaking(words):
            try:
                yield
            finally:
                # A notebook's backend turns this on as it draws its first figure, once for all.
                shown_at_once = mpl.is_interactive()
    finally:
        mpl.interactive(shown_at_once)


def axes_for_rows(rows: int, *, per_row: float = 0.36) -> Axes:
    """Axes tall enough for this many horizontal rows of one item each.

    Parameters
    ----------
    rows : int
        Items listed on the y axis.
    per_row : float, default 0.36
        Inches a row takes.

    Returns
    -------
    Axes, on a figure of its own that a notebook shows.

    Examples
    --------
    >>> axes_for_rows(10, per_row=0.4).figure.get_size_inches().tolist()
    [7.2, 5.5]
    """
    from matplotlib import pyplot as plt

    height = MARGIN + max(rows, 2) * per_row
    return plt.subplots(figsize=(WIDTH, height), layout="constrained")[1]


def answer_colors(count: int) -> list[tuple[float, ...]]:
    """Colors of the answers of a scale, from the lowest to the highest.

    Parameters
    ----------
    count : int
        Answers on the scale; an odd number has a gray one in the middle.

    Returns
    -------
    list of (red, green, blue), each 0–1, darker towards both ends.

    Examples
    --------
    >>> [round(float(part), 2) for part in answer_colors(5)[2]]
    [0.89, 0.89, 0.89]
    """
    ramp = LinearSegmentedColormap.from_list("answers", ANSWERS, N=1025)
    places = [at / (count - 1) if count > 1 else 0.5 for at in range(count)]
    return [tuple(map(float, ramp(place)[:3])) for place in places]


def finish(
    ax: Axes,
    *,
    source: str,
    n: int | str | None = None,
    conf_level: float | None = None,
    simulated: bool = False,
    note: str = "",
) -> Axes:
    """Write the footer every figure of a report carries: source, n, interval level.

    Parameters
    ----------
    ax : Axes
        Any of the figure's axes; the footer belongs to the figure and is written once.
    source : str
        Where the data come from, as the card names it.
    n : int or str, optional
        Answers behind the figure; words where it differs from row to row.
    conf_level : float in (0, 1), optional
        Level of the intervals drawn.
    simulated : bool, default False
        Opens the footer with "Simulated data".
    note : str, optional
        What else a reader must know.

    Returns
    -------
    Axes, the one passed in.

    Examples
    --------
    >>> ax = finish(axes_for_rows(3), source="steel_survey", n=1204, conf_level=0.95)
    >>> ax.figure.get_supxlabel()
    'Source: steel_survey · n = 1,204 · 95 % intervals'
    """
    parts = [say("Simulated data")] if simulated else []
    parts.append(say("Source: {source}", source=source))
    if n is not None:
        parts.append(f"n = {marked(f'{n:,}')}" if isinstance(n, int) else f"n = {n}")
    if conf_level is not None:
        parts.append(say("{level} % intervals", level=marked(f"{100 * conf_level:g}")))
    parts += [note] if note else []
    figure = ax.get_figure(root=True)
    if isinstance(figure, Figure):
        mark_axes(figure)
        _write_footer(figure, " · ".join(parts))
    return ax


def _write_footer(figure: Figure, text: str) -> None:
    """Lower left edge; the layout engine keeps its place free of axes and labels."""
    if figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")
    # An average letter of the footer is about half as wide as its size.
    columns = max(int(figure.get_figwidth() * 72 / (FOOTER_SIZE * 0.52)), 20)
    figure.supxlabel(
        fill(text, columns), x=0.008, ha="left", fontsize=FOOTER_SIZE, color=FAINT, linespacing=1.4
    )
