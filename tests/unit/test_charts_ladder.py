"""What is drawn of the ladder is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from custlib import charts
from custlib.charts import (
    plot_ladder_budget,
    plot_ladder_flow,
    plot_ladder_matrix,
    plot_ladder_shares,
    plot_ladder_steps,
)
from custlib.charts.ladder import DOWN, NARROW, OUT, UP
from custlib.errors import DataError

MOVES = pd.DataFrame(
    [
        ("low", "up", 0.25, 1200),
        ("low", "stay", 0.625, 1200),
        ("low", "down", 0.0, 1200),
        ("low", "leave", 0.125, 1200),
        ("high", "up", 0.0, 40),
        ("high", "stay", 0.8, 40),
        ("high", "down", 0.2, 40),
        ("high", "leave", 0.0, 40),
        ("top", "up", np.nan, 0),
        ("top", "stay", np.nan, 0),
        ("top", "down", np.nan, 0),
    ],
    columns=["stage", "measure", "estimate", "n"],
)
MATRIX = pd.DataFrame(
    {
        "stage": ["low", "low", "high", "high"],
        "next_stage": ["low", "high"] * 2,
        "estimate": [0.996, 0.004, np.nan, np.nan],
        "denominator": [1500, 1500, 0, 0],
    }
)
STEPS = pd.DataFrame(
    {
        "stage": ["low", "high"],
        "next_stage": ["high", "top"],
        "estimate": [10.0, 2500.0],
        "ci_low": [5.0, 2000.0],
        "ci_high": [20.0, 3000.0],
        "probability_first": [0.0, 0.995],
    }
)
BUDGET = pd.DataFrame(
    [
        ("low", "high", "spend", 300.0, 200.0, 400.0),
        ("low", "high", "points", 1.25, 1.0, 1.5),
        ("low", "high", "gain", 1500.0, 1000.0, 2000.0),
        ("high", "top", "spend", 0.0, 0.0, 0.0),
        ("high", "top", "points", 0.0, 0.0, 0.0),
        ("high", "top", "gain", 0.0, 0.0, 0.0),
        ("all", "", "spend", 300.0, 200.0, 400.0),
    ],
    columns=["stage", "next_stage", "measure", "estimate", "ci_low", "ci_high"],
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def arrows(ax):
    """Color, tail and head of each arrow."""
    found = [text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    return {(text.arrowprops["color"], text.xyann[1], text.xy[1]): text for text in found}


def test_the_flow_shows_every_move_once_and_none_that_nobody_made():
    ax = plot_ladder_flow(MOVES, labels={"low": "Bottom"})
    shown = texts(ax)
    for text in ("Bottom", "high", "62 % stay · 1,200 seen", "25 %", "12 %", "20 %"):
        assert text in shown, text
    assert "moves not seen" in shown
    colors = [color for color, _, _ in arrows(ax)]
    assert sorted(colors) == sorted([UP, DOWN, OUT])


def test_arrows_point_up_down_and_out_and_are_as_wide_as_their_shares():
    found = arrows(plot_ladder_flow(MOVES, narrowest="low"))
    tail_head = {color: (tail, head) for color, tail, head in found}
    assert tail_head[NARROW][0] < tail_head[NARROW][1]
    assert tail_head[DOWN][0] > tail_head[DOWN][1]
    assert tail_head[OUT][0] == tail_head[OUT][1] == 0
    assert UP not in tail_head
    width = {color: text.arrow_patch.get_linewidth() for (color, _, _), text in found.items()}
    assert width[NARROW] == pytest.approx(2 * width[OUT])


def test_the_matrix_stands_with_its_rows_as_they_come():
    ax = plot_ladder_matrix(MATRIX)
    colored = np.asarray(ax.images[0].get_array())
    assert colored.tolist() == [[0.996, 0.004], [0, 0]]
    assert texts(ax) == ["99.6 %", "0.4 %", "?", "?"]
    assert to_hex(ax.texts[0].get_color()) == "#ffffff"
    assert [one.get_text() for one in ax.get_yticklabels()] == ["low (1,500)", "high (0)"]
    assert [one.get_text() for one in ax.get_xticklabels()] == ["low", "high"]


def test_steps_stand_from_the_lowest_up_with_their_intervals():
    ax = plot_ladder_steps(STEPS, meaning="Value, euro", labels={"low": "Bottom"})
    [line] = [one for one in ax.lines if len(one.get_xdata()) == 2]
    assert [*line.get_xdata()] == [10, 2500]
    names = {
        round(place): one.get_text()
        for place, one in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    }
    assert [names[round(y)] for y in line.get_ydata()] == ["Bottom → high", "high → top"]
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == [[5, 20], [2000, 3000]]
    assert texts(ax) == ["first in 99.5 % of the draws"]
    assert ax.get_xlabel() == "Value, euro"


def test_stages_without_a_step_stand_by_their_name():
    table = STEPS.drop(columns=["next_stage", "probability_first"])
    ax = plot_ladder_steps(table.assign(estimate=[0.1, 0.2]), meaning="Share", share=True)
    assert {one.get_text() for one in ax.get_yticklabels()} == {"low", "high"}
    assert ax.xaxis.get_major_formatter()(0.5, 0) == "50 %"
    assert not texts(ax)


def test_the_budget_has_a_bar_a_step_and_says_what_it_brings():
    ax = plot_ladder_budget(BUDGET, unit="euro")
    assert [bar.get_width() for bar in ax.patches] == [300, 0]
    assert texts(ax) == ["+1.2 points bring 1.5 k", "nothing"]
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == [[200, 400], [0, 0]]
    assert ax.get_xlabel() == "Spending, euro"
    assert [one.get_text() for one in ax.get_yticklabels()][::-1] == ["low → high", "high → top"]


def test_a_budget_of_nothing_is_drawn():
    ax = plot_ladder_budget(BUDGET.assign(estimate=0.0, ci_low=0.0, ci_high=0.0))
    assert texts(ax) == ["nothing", "nothing"]


def test_counted_shares_are_marks_and_expected_ones_lines():
    expected = pd.DataFrame(
        {
            "period": [0, 1, 0, 1],
            "stage": ["low", "low", "high", "high"],
            "estimate": [0.9, 0.8, 0.1, 0.2],
            "ci_low": [0.9, 0.7, 0.1, 0.1],
            "ci_high": [0.9, 0.9, 0.1, 0.3],
        }
    )
    observed = expected.assign(estimate=[0.9, 0.75, 0.1, 0.25])
    ax = plot_ladder_shares(observed, expected, labels={"low": "Bottom"})
    drawn = [[*line.get_ydata()] for line in ax.lines if len(line.get_xdata())]
    assert drawn == [[0.9, 0.8], [0.9, 0.75], [0.1, 0.2], [0.1, 0.25]]
    assert [one.get_text() for one in ax.get_figure().legends[0].get_texts()] == ["Bottom", "high"]


@pytest.mark.parametrize(
    "draw",
    [
        plot_ladder_flow,
        plot_ladder_matrix,
        lambda table: plot_ladder_steps(table, meaning="x"),
        plot_ladder_budget,
        lambda table: plot_ladder_shares(table, STEPS),
    ],
)
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}))
