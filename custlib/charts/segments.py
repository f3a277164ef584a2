"""Figures of segments: what may segment, which segments last, what they are like, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from custlib.charts.marks import Labels, item_axis, legend, text_of
from custlib.charts.style import ANSWERS, FAINT, INK, PALETTE, axes_for_rows
from custlib.checks import require_columns

# Fill, mark and ink of a verdict: a reader who sees no color still sees the mark.
VERDICTS = {
    "passes": ("#CFE3F2", "✓", INK),
    "not certain": ("#EFEFED", "?", INK),
    "fails": ("#D9702B", "✗", "white"),
}
# Marker, fill and ink of a segment by what its stability says.
LASTING = {
    "stable": ("o", PALETTE[0], PALETTE[0]),
    "pattern": ("o", "white", PALETTE[0]),
    "doubtful": ("X", PALETTE[1], PALETTE[1]),
    "no more stable than noise": ("D", "white", PALETTE[4]),
    "noise not looked at": ("o", PALETTE[0], PALETTE[0]),
}
LIMITS = {0.75: "stable from .75", 0.60: "a pattern from .60"}
DIVERGING = LinearSegmentedColormap.from_list("diverging", ANSWERS)
WIDEST = 1.5  # standard deviations from the whole at which the color is full
DARK = 1.0  # from which the color asks for white ink
SPREAD = 0.42  # width that the segments of one number take
NARROW = 0.07  # a part of a bar narrower than this has no room for its number
SHADES = ("#0072B2", "#E69F00", "#56B4E9", "#E4E4E2", "#CC79A7", "#009E73")


def plot_variable_audit(
    results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Map of an audit: variables down, criteria across, a color and a mark a verdict.

    Parameters
    ----------
    results : DataFrame
        item, criterion, term, measure, verdict: one row a variable and criterion, as the verdicts
        of `audit_variables`. Where a variable does not pass, the cell names what it was held
        against.
    labels : mapping, optional
        Text of variables, criteria, terms and measures.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["item", "criterion", "term", "measure", "verdict"])
    items = list(dict.fromkeys(results["item"]))
    criteria = list(dict.fromkeys(results["criterion"]))
    ax = ax or axes_for_rows(len(items), per_row=0.4)
    for row in results.itertuples():
        place = criteria.index(row.criterion), len(items) - 1 - items.index(row.item)
        _cell(ax, place, row, labels)
    item_axis(ax, items, labels)
    ax.set_xlim(-0.5, len(criteria) - 0.5)
    names = [text_of(labels, name, width=18) for name in criteria]
    ax.set_xticks(range(len(criteria)), names)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    _name_parts(ax, {f"{mark}  {verdict}": fill for verdict, (fill, mark, _) in VERDICTS.items()})
    return ax


def _cell(ax: Axes, place: tuple[int, int], row: Any, labels: Labels) -> None:
    """One verdict, and below a bad one what it comes from."""
    fill, mark, ink = VERDICTS[row.verdict]
    across, up = place
    ax.add_patch(Rectangle((across - 0.48, up - 0.45), 0.96, 0.9, facecolor=fill, linewidth=0))
    known = row.verdict == "passes" or row.measure in ("", "none")
    why = "" if known else text_of(labels, row.term or row.measure, width=22).split("\n")[0]
    lift = 0.15 if why else 0.0
    ax.text(across, up + lift, mark, ha="center", va="center", color=ink, fontsize=10)
    if why:
        ax.text(across, up - 0.22, why, ha="center", va="center", color=ink, fontsize=7)


def _name_parts(ax: Axes, colors: Mapping[str, str]) -> None:
    """Legend of filled parts, without a bar that has them."""
    for name, color in colors.items():
        ax.bar(0, 0, bottom=-9, color=color, label=name)
    legend(ax)


def plot_stability(results: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Stability of each segment for each number of segments, beside that of pure noise.

    Parameters
    ----------
    results : DataFrame
        clusters, segment, measure, estimate, verdict: tables of `segment_stability` below one
        another, with the number of segments in front. Rows "jaccard" of single segments are
        drawn, and the largest of the rows "noise_…_largest" of each number as a bar:
        the mean of the segments must lie above it for them to be more stable than noise.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["clusters", "segment", "measure", "estimate", "verdict"])
    own = results[(results["measure"] == "jaccard") & (results["segment"] != "all")]
    ax = ax or axes_for_rows(8)
    numbers = sorted(own["clusters"].unique())
    for limit, name in LIMITS.items():
        ax.axhline(limit, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        beside = (1.01, limit)
        ax.annotate(name, beside, xycoords=("axes fraction", "data"), va="center", fontsize=8)
    noise = results[results["measure"].str.match(r"noise_[a-z]+_largest$")]
    top = noise.groupby("clusters")["estimate"].max().reindex(numbers)
    width = SPREAD + 0.3
    at = np.arange(len(numbers))
    bar: dict[str, Any] = {"color": INK, "linewidth": 2.2, "label": "Largest of pure noise"}
    ax.hlines(top, at - width / 2, at + width / 2, **bar)
    drawn = own.assign(x=[_beside(row, own, numbers) for row in own.itertuples()])
    for verdict, (marker, fill, ink) in LASTING.items():
        rows = drawn[drawn["verdict"] == verdict]
        if len(rows):
            look: dict[str, Any] = {"color": ink, "markerfacecolor": fill, "markersize": 6.5}
            look |= {"markeredgewidth": 1.4, "zorder": 3, "label": _first_up(verdict)}
            ax.plot(rows["x"], rows["estimate"], marker, **look)
    ax.set_xticks(at, [str(number) for number in numbers])
    ax.set_xlim(-0.6, len(numbers) - 0.4)
    ax.set_ylim(min(0.5, float(np.nanmin([*own["estimate"], 1.0])) - 0.05), 1.03)
    ax.grid(visible=False, axis="x")
    ax.set_xlabel("Number of segments")
    ax.set_ylabel("Jaccard with resamples, 0 to 1")
    legend(ax)
    return ax


def _beside(row: Any, own: pd.DataFrame, numbers: Sequence[int]) -> float:
    """Place of a segment among those of its number, the first at the left."""
    peers = list(own.loc[own["clusters"] == row.clusters, "segment"])
    step = SPREAD / max(len(peers) - 1, 1)
    start = -SPREAD / 2 if len(peers) > 1 else 0.0
    return numbers.index(row.clusters) + start + step * peers.index(row.segment)


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def plot_segment_profiles(
    results: pd.DataFrame, *, labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Segments across, variables down: the numbers, colored by their distance from the whole.

    Parameters
    ----------
    results : DataFrame
        segment, item, group, measure, estimate, effect, as from `segment_profiles`; the last
        segment, "all", stands at the right without color. Shares are written in per cent.
    labels : mapping, optional
        Text of variables.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, ["segment", "item", "group", "measure", "estimate", "effect"])
    segments = list(dict.fromkeys(results["segment"]))
    pairs = list(dict.fromkeys(zip(results["item"], results["group"].map(str), strict=True)))
    ax = ax or axes_for_rows(len(pairs), per_row=0.36)
    scale = Normalize(-WIDEST, WIDEST)
    for row in results.itertuples():
        up = len(pairs) - 1 - pairs.index((row.item, str(row.group)))
        across = segments.index(row.segment)
        plain = row.segment == "all" or np.isnan(row.effect)
        color = "white" if plain else DIVERGING(scale(row.effect))
        ax.add_patch(Rectangle((across - 0.48, up - 0.46), 0.96, 0.92, facecolor=color))
        ink = "white" if not plain and abs(row.effect) > DARK else INK
        text = _size(row.estimate, row.measure)
        ax.text(across, up, text, ha="center", va="center", fontsize=8, color=ink)
    names = [text_of(labels, item) + (f": {group}" if group else "") for item, group in pairs]
    item_axis(ax, names, None)
    ax.set_xlim(-0.5, len(segments) - 0.5)
    ax.set_xticks(range(len(segments)), [text_of(labels, name) for name in segments])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    figure = ax.get_figure(root=True)
    if isinstance(figure, Figure):
        shades = ScalarMappable(scale, DIVERGING)
        bar = figure.colorbar(shades, ax=ax, shrink=0.8, pad=0.015, extend="both")
        bar.outline.set_visible(False)
        bar.set_label("Standard deviations from all")
    return ax


def _size(value: float, measure: str) -> str:
    """A mean with three figures, a share in whole per cents."""
    if np.isnan(value):
        return "–"
    if measure == "share":
        return f"{value * 100:.0f} %"
    text = f"{value:,.{0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2}f}"
    return text.replace("-", "−")


def plot_strategy_shares(
    results: pd.DataFrame, *, by: str = "segment", labels: Labels = None, ax: Axes | None = None
) -> Axes:
    """Of each segment the share of customers that gets each strategy, one bar a segment.

    Parameters
    ----------
    results : DataFrame
        The column `by`, strategy, customer_share (of the segment, 0–1); segments from top to
        bottom and strategies from left to right as they come.
    by : str, default "segment"
    labels : mapping, optional
        Text of segments and strategies.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    require_columns(results, [by, "strategy", "customer_share"])
    names = list(dict.fromkeys(results[by]))
    ax = ax or axes_for_rows(len(names), per_row=0.5)
    y = np.arange(len(names))[::-1].astype(float)
    start = np.zeros(len(names))
    for at, strategy in enumerate(dict.fromkeys(results["strategy"])):
        rows = results[results["strategy"] == strategy].set_index(by)["customer_share"]
        shares = rows.reindex(names).fillna(0.0).to_numpy(float)
        color = SHADES[at % len(SHADES)]
        ax.barh(y, shares, left=start, height=0.62, color=color, edgecolor="white",
                label=text_of(labels, strategy))  # fmt: skip
        for place, share, left in zip(y, shares, start, strict=True):
            if share >= NARROW:
                ink = "white" if at == 0 else INK
                text, middle = f"{share * 100:.0f} %", left + share / 2
                ax.text(middle, place, text, ha="center", va="center", fontsize=8, color=ink)
        start = start + shares
    item_axis(ax, names, labels)
    ax.set_xlim(0, 1)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_xlabel("Share of the customers of the segment")
    legend(ax)
    return ax
