"""The map of priorities shows the numbers of its tables, and every label can be read."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.transforms import Bbox

from custlib import charts
from custlib.errors import DataError, ParameterError

mpl.use("Agg")
QUADRANTS = ["concentrate here", "keep up the good work", "low priority", "possible overkill"]


def tables(places):
    """Estimates, crosshair and quadrants of items at these (performance, importance)."""
    rows = [
        {"item": item, "measure": m, "estimate": at, "ci_low": at - 0.1, "ci_high": at + 0.2}
        for item, place in places.items()
        for m, at in zip(("performance", "importance"), place, strict=True)
    ]
    lines = [
        {"measure": m, "estimate": at, "ci_low": at - 0.05, "ci_high": at + 0.05}
        for m, at in (("importance", 4.0), ("performance", 3.0))
    ]
    names = [2 * (up < 4) + (right >= 3) for right, up in places.values()]
    verdicts = [
        {"item": item, "verdict": QUADRANTS[at]} for item, at in zip(places, names, strict=True)
    ]
    return pd.DataFrame(rows), pd.DataFrame(lines), pd.DataFrame(verdicts)


def drawn(places, **options):
    results, crosshair, verdicts = tables(places)
    with charts.style():
        ax = charts.plot_priorities(results, crosshair=crosshair, verdicts=verdicts, **options)
    ax.figure.draw_without_rendering()
    return ax


FOUR = {"price": (2, 5), "speed": (4, 5), "paint": (2, 2), "gifts": (4, 2)}


def labels_of(ax, names):
    return [text for text in ax.texts if text.get_text().replace("\n", " ") in names]


def test_points_lie_where_the_table_says_and_quadrants_differ_in_color():
    ax = drawn(FOUR)
    markers = {
        tuple(xy): line.get_color()
        for line in ax.lines
        if line.get_marker() not in ("None", None, "")
        for xy in line.get_xydata().tolist()
    }
    assert set(markers) == {tuple(map(float, place)) for place in FOUR.values()}
    assert len(set(markers.values())) == 4


def test_crosses_span_the_intervals():
    ax = drawn({"price": (2, 5)})
    segments = [segment.tolist() for part in ax.collections for segment in part.get_segments()]
    assert np.allclose(segments[0], [[1.9, 5], [2.2, 5]])
    assert np.allclose(segments[1], [[2, 4.9], [2, 5.2]])


def test_the_lines_divide_at_the_crosshair():
    ax = drawn(FOUR)
    assert 3.0 in [line.get_xdata()[0] for line in ax.lines]
    assert 4.0 in [line.get_ydata()[0] for line in ax.lines]
    assert {text.get_text() for text in ax.texts} >= {name.capitalize() for name in QUADRANTS}


def test_labels_of_a_crowd_do_not_cover_one_another_and_stay_inside():
    random = np.random.default_rng(3)
    places = {f"attribute number {at}": tuple(random.normal(3.5, 0.3, 2)) for at in range(14)}
    ax = drawn(places)
    boxes = [text.get_window_extent() for text in labels_of(ax, places)]
    assert len(boxes) == 14
    shared = [Bbox.intersection(*pair) for pair in combinations(boxes, 2)]
    assert sum(one.width * one.height for one in shared if one) < 30
    frame = ax.get_window_extent().padded(2)
    assert all(frame.contains(*box.min) and frame.contains(*box.max) for box in boxes)


def test_labels_and_units_are_those_given():
    ax = drawn(FOUR, labels={"price": "Цена"}, units=("Mean", "Share"))
    assert "Цена" in {text.get_text() for text in ax.texts}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Mean", "Share")


def test_an_item_without_numbers_is_left_out_and_none_at_all_is_refused():
    results, crosshair, verdicts = tables(FOUR)
    results.loc[results["item"] == "price", ["estimate", "ci_low", "ci_high"]] = np.nan
    lost = verdicts.assign(verdict=verdicts["verdict"].where(verdicts["item"] != "price", ""))
    ax = charts.plot_priorities(results, crosshair=crosshair, verdicts=lost)
    assert "price" not in {text.get_text() for text in ax.texts}
    with pytest.raises(DataError, match="No item has both"):
        charts.plot_priorities(results.head(2), crosshair=crosshair, verdicts=lost)


def test_lacking_columns_are_named():
    results, crosshair, verdicts = tables(FOUR)
    with pytest.raises(DataError, match="ci_low"):
        charts.plot_priorities(
            results.drop(columns="ci_low"), crosshair=crosshair, verdicts=verdicts
        )


def test_without_lines_and_verdicts_all_points_are_alike():
    results, _, _ = tables(FOUR)
    with charts.style():
        ax = charts.plot_priorities(results)
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in points] == [4]
    texts = {text.get_text() for text in ax.texts}
    assert not texts & {name.capitalize() for name in QUADRANTS}


def test_places_of_each_method_lie_on_the_row_of_their_item():
    rows = pd.DataFrame(
        {
            "item": ["price", "price", "speed", "speed"],
            "method": ["ranks", "LMG", "ranks", "LMG"],
            "estimate": [1.0, 2.0, 2.0, 1.0],
        }
    )
    with charts.style():
        ax = charts.plot_places(rows, labels={"speed": "Geschwindigkeit"})
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    assert drawn["ranks"][:, 0].tolist() == [1, 2]
    assert drawn["LMG"][:, 0].tolist() == [2, 1]
    assert np.round(drawn["ranks"][:, 1]).tolist() == [1, 0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["price", "Geschwindigkeit"]
    assert [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()] == [[1, 2]] * 2


def test_a_verdict_that_is_no_quadrant_is_refused():
    results, _, verdicts = tables(FOUR)
    with pytest.raises(ParameterError, match="verdict is 'overkill'"):
        charts.plot_priorities(results, verdicts=verdicts.assign(verdict="overkill"))
