"""What is drawn of segments is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from custlib import charts
from custlib.charts import (
    plot_segment_profiles,
    plot_stability,
    plot_strategy_shares,
    plot_variable_audit,
)
from custlib.errors import DataError


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def written(ax):
    """Texts inside the axes by their place."""
    return {
        (round(t.get_position()[0]), round(t.get_position()[1])): t.get_text() for t in ax.texts
    }


AUDIT = pd.DataFrame(
    {
        "item": ["size", "size", "mood", "mood"],
        "criterion": ["measurable", "buying", "measurable", "buying"],
        "term": ["", "orders", "", "orders"],
        "measure": ["missing_share", "omega", "missing_share", "omega"],
        "verdict": ["passes", "not certain", "fails", "passes"],
    }
)


def test_each_verdict_has_a_mark_and_a_color_at_its_variable_and_criterion():
    ax = plot_variable_audit(AUDIT, labels={"mood": "Mood of the day"})
    texts = [(text.get_position(), text.get_text()) for text in ax.texts]
    at = {(round(x), round(y)): mark for (x, y), mark in texts if mark in ("✓", "?", "✗")}
    assert at == {(0, 1): "✓", (1, 1): "?", (0, 0): "✗", (1, 0): "✓"}
    assert ticks(ax.yaxis) == ["size", "Mood of the day"]
    assert ticks(ax.xaxis) == ["measurable", "buying"]
    cells = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_y() > -1]
    assert len({to_hex(cell.get_facecolor()) for cell in cells[:4]}) == 3


def test_what_does_not_pass_names_what_it_was_held_against():
    texts = [text.get_text() for text in plot_variable_audit(AUDIT).texts]
    assert "orders" in texts
    assert "missing_share" in texts
    assert len(texts) == 6


STABILITY = pd.DataFrame(
    [
        (2, "all", "jaccard", 0.97, ""),
        (2, "1", "jaccard", 0.98, "no more stable than noise"),
        (2, "2", "jaccard", 0.96, "no more stable than noise"),
        (2, "all", "noise_normal", 0.95, ""),
        (2, "all", "noise_uniform", 0.99, ""),
        (2, "all", "noise_normal_largest", 0.98, ""),
        (2, "all", "noise_uniform_largest", 1.0, ""),
        (3, "1", "jaccard", 0.9, "stable"),
        (3, "2", "jaccard", 0.7, "pattern"),
        (3, "3", "jaccard", 0.4, "doubtful"),
        (3, "all", "noise_normal", 0.6, ""),
        (3, "all", "noise_normal_largest", 0.65, ""),
    ],
    columns=["clusters", "segment", "measure", "estimate", "verdict"],
)


def drawn(ax):
    """Heights by label of the marker, from left to right."""
    lines = {line.get_label(): line for line in ax.lines}
    return {name: list(line.get_ydata()) for name, line in lines.items() if name[0] != "_"}


def test_segments_stand_at_their_number_by_verdict_and_the_whole_is_left_out():
    ax = plot_stability(STABILITY)
    assert drawn(ax) == {
        "Stable": [0.9],
        "Pattern": [0.7],
        "Doubtful": [0.4],
        "No more stable than noise": [0.98, 0.96],
    }
    assert ticks(ax.xaxis) == ["2", "3"]
    places = {line.get_label(): np.round(line.get_xdata(), 3).tolist() for line in ax.lines}
    assert places["No more stable than noise"] == [-0.21, 0.21]
    assert places["Pattern"] == [1.0]


def test_noise_is_the_largest_of_all_its_tables_as_the_verdicts_take_it():
    """Both segments of two lie above the mean of the noise, and not above its largest."""
    [bars] = plot_stability(STABILITY).collections
    assert [bar[0][1] for bar in bars.get_segments()] == [1.0, 0.65]
    assert bars.get_label() == "Largest of pure noise"


def test_both_limits_are_drawn_and_low_segments_stay_in_the_picture():
    ax = plot_stability(STABILITY)
    levels = {line.get_ydata()[0] for line in ax.lines if line.get_label().startswith("_")}
    assert levels == {0.75, 0.6}
    assert ax.get_ylim()[0] < 0.4


def test_without_noise_segments_are_drawn_alone():
    alone = STABILITY[~STABILITY["measure"].str.startswith("noise")]
    assert drawn(plot_stability(alone))["Stable"] == [0.9]


PROFILE = pd.DataFrame(
    [
        ("1", "price", "", "mean", 78.26, 1.4),
        ("1", "branch", "steel", "share", 0.256, -0.2),
        ("2", "price", "", "mean", np.nan, np.nan),
        ("2", "branch", "steel", "share", 1.0, 0.8),
        ("all", "price", "", "mean", 1234.4, 0.0),
        ("all", "branch", "steel", "share", 0.5, 0.0),
    ],
    columns=["segment", "item", "group", "measure", "estimate", "effect"],
)


def test_a_profile_writes_every_number_at_its_segment_and_variable():
    ax = plot_segment_profiles(PROFILE, labels={"1": "First", "price": "Price"})
    assert written(ax) == {
        (0, 1): "78.3",
        (0, 0): "26 %",
        (1, 1): "–",
        (1, 0): "100 %",
        (2, 1): "1,234",
        (2, 0): "50 %",
    }
    assert ticks(ax.yaxis) == ["Price", "branch: steel"]
    assert ticks(ax.xaxis) == ["First", "2", "all"]


def test_the_whole_and_what_is_not_known_have_no_color():
    drawn_cells = plot_segment_profiles(PROFILE).patches
    colors = [to_hex(cell.get_facecolor()) for cell in drawn_cells]
    assert [color == "#ffffff" for color in colors] == [False, False, True, False, True, True]


def test_shares_of_strategies_add_up_from_the_left():
    shares = pd.DataFrame(
        {
            "segment": ["a", "a", "b", "b"],
            "strategy": ["care", "leave", "care", "leave"],
            "customer_share": [0.25, 0.75, 0.98, 0.02],
        }
    )
    ax = plot_strategy_shares(shares, labels={"a": "A", "care": "Care"})
    parts = [[(bar.get_x(), round(bar.get_width(), 9)) for bar in one] for one in ax.containers]
    assert parts == [[(0, 0.25), (0, 0.98)], [(0.25, 0.75), (0.98, 0.02)]]
    assert [one.get_label() for one in ax.containers] == ["Care", "leave"]
    assert ticks(ax.yaxis) == ["A", "b"]
    assert [text.get_text() for text in ax.texts] == ["25 %", "98 %", "75 %"]


@pytest.mark.parametrize(
    "draw", [plot_variable_audit, plot_stability, plot_segment_profiles, plot_strategy_shares]
)
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}))
