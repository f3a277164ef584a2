"""What is drawn of net promoter scores is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from custlib import charts
from custlib.charts import (
    plot_needed_answers,
    plot_net_promoter,
    plot_promoter_groups,
    plot_promoter_shares,
)
from custlib.charts.recommendation import FILLS
from custlib.errors import DataError

WAVES = pd.DataFrame(
    {
        "wave": ["2024Q1", "2024Q2", "2024Q3"],
        "estimate": [30.0, np.nan, -12.0],
        "ci_low": [18.0, np.nan, -25.0],
        "ci_high": [41.0, np.nan, 2.0],
    }
)
SHARES = pd.DataFrame(
    {
        "wave": ["b", "b", "b", "a", "a", "a"],
        "category": ["promoters", "passives", "detractors"] * 2,
        "estimate": [0.5, 0.3, 0.2, 0.42, 0.55, 0.03],
    }
)
NEEDED = pd.DataFrame(
    {
        "measure": ["score", "score", "score", "change", "change"],
        "target_points": [10.0, 5.0, 2.0, 5.0, 10.0],
        "estimate": [269.0, 1076.0, 6722.0, 4395.0, 1099.0],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def test_the_line_goes_through_the_scores_and_the_band_through_their_ends():
    ax = plot_net_promoter(WAVES, by="wave", labels={"2024Q1": "spring"})
    line = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(line.get_ydata(), [30, np.nan, -12])
    segments = [one for one in ax.collections[1].get_segments() if len(one)]
    ends = [segment[:, 1].tolist() for segment in segments]
    assert ends[0] == [18, 41]
    assert ends[-1] == [-25, 2]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["spring", "2024Q2", "2024Q3"]
    assert ax.get_ylabel() == "Net promoter score, points"


def test_the_band_is_drawn_between_the_ends():
    ax = plot_net_promoter(WAVES.dropna(), by="wave")
    corners = ax.collections[0].get_paths()[0].vertices
    assert {(0.0, 18.0), (0.0, 41.0), (1.0, -25.0), (1.0, 2.0)} <= {
        tuple(map(float, corner)) for corner in corners
    }


@pytest.mark.parametrize(
    "draw, ends", [(plot_net_promoter, "ydata"), (plot_promoter_groups, "xdata")]
)
def test_zero_is_marked_where_intervals_come_near_it(draw, ends):
    near = [
        line
        for line in draw(WAVES, by="wave").lines
        if list(line.get_data()[ends == "ydata"]) == [0, 0]
    ]
    far = draw(WAVES.iloc[:1], by="wave").lines
    assert len(near) == 1
    assert all(list(line.get_data()[ends == "ydata"]) != [0, 0] for line in far)


def test_groups_stand_below_one_another_with_their_intervals():
    ax = plot_promoter_groups(WAVES, by="wave")
    marks = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(marks.get_xdata(), [30, np.nan, -12])
    assert marks.get_ydata().tolist() == [2, 1, 0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == WAVES["wave"].tolist()


def test_bars_have_the_shares_in_the_order_against_silent_for():
    ax = plot_promoter_shares(SHARES, by="wave")
    widths = {
        name: [bar.get_width() for bar in bars]
        for name, bars in zip(FILLS, ax.containers, strict=True)
    }
    assert widths["detractors"] == pytest.approx([0.2, 0.03])
    assert widths["passives"] == pytest.approx([0.3, 0.55])
    assert widths["promoters"] == pytest.approx([0.5, 0.42])
    starts = [bars[0].get_x() for bars in ax.containers]
    assert starts == pytest.approx([0, 0.2, 0.5])
    assert [to_hex(bars[0].get_facecolor()) for bars in ax.containers] == [
        color.lower() for color in FILLS.values()
    ]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["20 %", "30 %", "55 %", "50 %", "42 %"]  # 3 % has no room
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "a"]


def test_one_bar_where_there_are_no_waves():
    ax = plot_promoter_shares(SHARES.iloc[:3])
    assert [bars[0].get_width() for bars in ax.containers] == [0.2, 0.3, 0.5]


def test_a_wave_without_answers_has_a_bar_of_no_width():
    ax = plot_promoter_shares(SHARES.assign(estimate=np.nan), by="wave")
    assert {bar.get_width() for bars in ax.containers for bar in bars} == {0.0}
    assert not ax.texts


def test_curves_run_from_small_margins_to_large_ones_and_the_target_has_its_number():
    ax = plot_needed_answers(NEEDED, target=5.0)
    lines = {line.get_label(): line for line in ax.lines}
    score = lines["Margin of error of a score"]
    assert score.get_xdata().tolist() == [2, 5, 10]
    assert score.get_ydata().tolist() == [6722, 1076, 269]
    assert lines["Change between two waves, each"].get_ydata().tolist() == [4395, 1099]
    assert [text.get_text() for text in ax.texts] == ["1,076", "4,395"]
    assert ax.get_yscale() == "log"


def test_one_curve_and_no_target():
    ax = plot_needed_answers(NEEDED[NEEDED["measure"] == "score"])
    assert len(ax.lines) == 1
    assert not ax.texts


@pytest.mark.parametrize("draw", [plot_net_promoter, plot_promoter_groups, plot_promoter_shares])
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}), by="wave")
    with pytest.raises(DataError, match="not in the table"):
        plot_needed_answers(pd.DataFrame({"x": [1]}))
