"""What is drawn of cited numbers is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib import charts
from custlib.charts import (
    plot_count_band,
    plot_give_up_curve,
    plot_lift_surface,
    plot_referral_map,
)
from custlib.errors import DataError

CHURN, DISCOUNT = [0.1, 0.2, 0.3], [0.0, 0.1, 0.2]
LIFTS = pd.DataFrame(
    [(c, d, 0.05 / (c + d - 0.05), 0.25) for c in CHURN for d in DISCOUNT],
    columns=["churn", "discount", "estimate", "limit"],
)
LINE = pd.DataFrame({"churn": [0.1, 0.2, 0.3], "estimate": [0.15, 0.05, np.nan]})
CASE = pd.DataFrame({"churn": [0.2], "discount": [0.1], "ci_low": [0.15], "ci_high": [0.28]})
BAND = pd.DataFrame({"estimate": 0.04, "ci_low": 0.023, "ci_high": 0.069, "limit": [0.15, 0.2]})
MAP = pd.DataFrame(
    [(s, g, s * (1 + g), 1.0) for s in (0.2, 0.6, 1.0) for g in (0.0, 0.5)],
    columns=["referred_share", "growth", "estimate", "limit"],
)
SEARCH = pd.DataFrame(
    [(m, a, q, (1 - q) / a if m == "success" else 9.0)
     for m in ("success_naive", "success") for a in (3, 3.5) for q in (0.8, 0.0, 0.4)],
    columns=["measure", "mean_attempts", "give_up_share", "estimate"],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def drawn(ax, label):
    [line] = [line for line in ax.lines if line.get_label() == label]
    return [*zip(line.get_xdata(), line.get_ydata(), strict=True)]


def texts(ax):
    [legend] = ax.figure.legends
    return [text.get_text() for text in legend.get_texts()]


def ticks(axis, values):
    return [axis.get_major_formatter()(value) for value in values]


def test_axes_name_the_period_that_the_study_counts_in():
    ax = plot_lift_surface(LIFTS, period="year")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Churn a year", "Discount a year")
    assert plot_lift_surface(LIFTS).get_xlabel() == "Churn a period"
    assert plot_referral_map(MAP, period="year").get_ylabel() == "Growth a year"


def test_the_surface_of_lifts_is_that_of_the_table():
    ax = plot_lift_surface(LIFTS, line=LINE, marked=CASE)
    [area] = [one for one in ax.collections if hasattr(one, "zmin")]
    assert area.zmin == pytest.approx(LIFTS["estimate"].min())
    assert area.zmax == pytest.approx(LIFTS["estimate"].max())
    assert area.levels.tolist()[:2] == [0.0, 0.02]
    assert 0.25 in area.levels
    points = drawn(ax, "Lift of 25 %, more to the lower left")
    assert points[:2] == [(0.1, 0.15), (0.2, 0.05)]
    assert drawn(ax, "This case") == [(0.2, 0.1)]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.1, 0.3), (0.0, 0.2))


def test_the_case_brings_the_interval_of_its_churn_where_it_has_one():
    def ends(marked):
        ax = plot_lift_surface(LIFTS, marked=marked)
        lines = [one for one in ax.collections if hasattr(one, "get_segments")]
        return [one.get_segments()[0].tolist() for one in lines if len(one.get_segments()) == 1]

    assert [[0.15, 0.1], [0.28, 0.1]] in ends(CASE)
    assert ends(CASE.drop(columns=["ci_low", "ci_high"])) == []


def test_a_line_that_does_not_exist_is_not_in_the_legend():
    ax = plot_lift_surface(LIFTS, line=LINE.assign(estimate=np.nan), marked=CASE)
    assert texts(ax) == ["This case"]


def test_lifts_without_a_number_leave_the_paper_blank():
    holes = LIFTS.assign(estimate=LIFTS["estimate"].where(LIFTS["churn"] > 0.1))
    ax = plot_lift_surface(holes)
    [area] = [one for one in ax.collections if hasattr(one, "zmin")]
    assert area.zmax == pytest.approx(LIFTS.loc[LIFTS["churn"] > 0.1, "estimate"].max())
    assert ax.get_xlim() == (0.1, 0.3)


def test_a_count_stands_over_the_band_of_others():
    ax = plot_count_band(BAND, name="Here", band="There")
    [bar] = ax.patches
    assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx((0.15, 0.2))
    assert [*zip(*ax.lines[0].get_data(), strict=True)] == [(0.04, 1.0)]
    [ends] = ax.collections[-1].get_segments()
    assert ends[:, 0].tolist() == pytest.approx([0.023, 0.069])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Here", "There"]
    assert ax.get_xlim() == pytest.approx((0, 0.23))
    assert ticks(ax.xaxis, [0.025, 0.2]) == ["2.5 %", "20 %"]


def test_a_band_of_one_share_is_a_line_one_can_see():
    ax = plot_count_band(BAND.head(1))
    places = [one.get_segments()[0][:, 0].tolist() for one in ax.collections]
    assert [0.15, 0.15] in places


def test_the_map_of_referrals_is_that_of_the_table_with_the_line_where_it_is_one():
    marked = pd.DataFrame({"referred_share": [0.9], "growth": [0.15]})
    ax = plot_referral_map(MAP, marked=marked)
    mesh = ax.collections[0]
    assert mesh.get_array().ravel().tolist() == pytest.approx([0.2, 0.6, 1.0, 0.3, 0.9, 1.5])
    assert drawn(ax, "These numbers") == [(0.9, 0.15)]
    [line] = [one for one in ax.collections if hasattr(one, "levels")]
    assert list(line.levels) == [1.0]
    # At growth of 50 % the shares 0.6 and 1 bring 0.9 and 1.5, so 1 lies a sixth of the way.
    ends = line.get_paths()[0].vertices
    assert ends[ends[:, 1].argmax()] == pytest.approx([0.6 + 0.4 / 6, 0.5])
    assert texts(ax) == ["Each customer brings 1", "These numbers"]
    assert ticks(ax.yaxis, [-0.2, 0.5]) == ["−20 %", "50 %"]


def test_a_map_that_never_reaches_one_has_no_line():
    below = MAP[MAP["referred_share"] < 0.6]
    below = pd.concat([below, below.assign(referred_share=0.4, estimate=below["estimate"] * 2)])
    marked = pd.DataFrame({"referred_share": [0.3], "growth": [0.1]})
    assert texts(plot_referral_map(below, marked=marked)) == ["These numbers"]


def test_the_curve_of_giving_up_goes_through_its_points_in_order():
    ax = plot_give_up_curve(SEARCH, marked=[0.5])
    points = np.array(drawn(ax, "3 visits on average"))
    assert points == pytest.approx(np.array([(0, 1 / 3), (0.4, 0.2), (0.8, 0.2 / 3)]))
    assert texts(ax) == ["3 visits on average", "3.5 visits on average"]
    assert [0.5, 0.5] in [list(line.get_xdata()) for line in ax.lines]
    assert not ax.collections


def test_intervals_of_the_curve_are_bands():
    bands = SEARCH.assign(ci_low=SEARCH["estimate"] - 0.05, ci_high=SEARCH["estimate"] + 0.02)
    first, second = plot_give_up_curve(bands).collections
    corners = first.get_paths()[0].vertices
    assert corners[:, 1].min() == pytest.approx(0.2 / 3 - 0.05)
    assert corners[:, 1].max() == pytest.approx(1 / 3 + 0.02)
    assert second.get_paths()[0].vertices[:, 1].max() == pytest.approx(1 / 3.5 + 0.02)


@pytest.mark.parametrize(
    "plot, table, column",
    [
        (plot_lift_surface, LIFTS, "limit"),
        (plot_count_band, BAND, "ci_low"),
        (plot_referral_map, MAP, "growth"),
        (plot_give_up_curve, SEARCH, "give_up_share"),
    ],
)
def test_a_table_without_a_column_is_refused_by_name(plot, table, column):
    with pytest.raises(DataError, match=column):
        plot(table.drop(columns=column))


@pytest.mark.parametrize(
    "plot, table",
    [
        (plot_lift_surface, LIFTS),
        (plot_count_band, BAND),
        (plot_referral_map, MAP),
        (plot_give_up_curve, SEARCH),
    ],
)
def test_a_figure_is_drawn_on_the_axes_given_and_leaves_the_table(plot, table):
    ax, before = plt.subplots()[1], table.copy()
    assert plot(table, ax=ax) is ax
    pd.testing.assert_frame_equal(table, before)
