"""What is drawn is what the table says."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib import charts
from custlib.charts.survey import plot_answers, plot_contrasts, plot_profile
from custlib.errors import DataError, ParameterError

PROFILE = pd.DataFrame(
    {
        "role": ["user", "user", "trader", "trader"],
        "item": ["price", "delivery", "price", "delivery"],
        "estimate": [2.0, 4.0, 3.0, np.nan],
        "ci_low": [1.5, 3.5, 2.5, np.nan],
        "ci_high": [2.5, 4.5, 3.5, np.nan],
    }
)
SHARES = pd.DataFrame(
    {
        "item": ["price"] * 3 + ["delivery"] * 3,
        "answer": [1, 2, 3] * 2,
        "estimate": [0.5, 0.2, 0.3, 0.1, 0.0, 0.9],
    }
)
CONTRASTS = pd.DataFrame(
    {
        "item": ["price", "delivery"],
        "contrast": ["user - trader"] * 2,
        "estimate": [0.3, 0.55],
        "ci_low": [0.2, 0.45],
        "ci_high": [0.4, 0.65],
        "effect": [-0.4, 0.1],
        "effect_low": [-0.6, -0.1],
        "effect_high": [-0.2, 0.3],
        "effect_kind": ["Cliff's delta"] * 2,
        "p_adjusted": [0.001, 0.4],
    }
)
LABELS = {"price": "Price", "delivery": "Delivery date", "user": "End users", "trader": "Traders"}


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def names(ax):
    """Item text by its place on the y axis."""
    ticks = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    return {float(place): label.get_text() for place, label in ticks}


def test_a_profile_has_one_dot_a_row_at_its_estimate():
    ax = plot_profile(PROFILE, by="role", labels=LABELS)
    drawn = [line.get_xdata().tolist() for line in ax.lines]
    assert drawn[0] == [2.0, 4.0]
    assert drawn[1][0] == 3.0
    assert np.isnan(drawn[1][1])


def test_the_dots_of_an_item_stand_at_its_name():
    ax = plot_profile(PROFILE, by="role", labels=LABELS)
    for line in ax.lines:
        places = [names(ax)[round(float(y))] for y in line.get_ydata()]
        assert places == ["Price", "Delivery date"]


def test_the_intervals_are_those_of_the_table():
    ax = plot_profile(PROFILE[:2], labels=LABELS)
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == [[1.5, 2.5], [3.5, 4.5]]


def test_the_legend_names_the_groups():
    ax = plot_profile(PROFILE, by="role", labels=LABELS)
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == [
        "End users",
        "Traders",
    ]


def test_the_bars_are_as_long_as_the_shares():
    ax = plot_answers(SHARES, labels=LABELS)
    widths = [[bar.get_width() for bar in bars] for bars in ax.containers]
    np.testing.assert_allclose(widths, [[0.5, 0.1], [0.2, 0.0], [0.3, 0.9]], atol=1e-12)


def test_the_middle_answer_is_split_at_zero():
    ax = plot_answers(SHARES, labels=LABELS)
    middle = ax.containers[1][0]
    assert middle.get_x() + middle.get_width() / 2 == pytest.approx(0)


def test_an_even_scale_parts_at_zero():
    even = SHARES[SHARES["answer"] < 3].assign(estimate=0.5)
    ax = plot_answers(even, labels=LABELS)
    assert ax.containers[1][0].get_x() == pytest.approx(0)


def test_only_pieces_with_room_carry_a_number():
    ax = plot_answers(SHARES, labels=LABELS)
    assert sorted(text.get_text() for text in ax.texts) == ["10", "20", "30", "50", "90"]


def test_scales_of_different_length_are_refused():
    uneven = SHARES.drop(index=5)
    with pytest.raises(ParameterError, match="different length"):
        plot_answers(uneven)


def test_a_contrast_is_filled_where_it_is_distinguishable():
    ax = plot_contrasts(CONTRASTS, labels=LABELS)
    clear, unclear = ax.lines[0], ax.lines[1]
    assert clear.get_xdata().tolist() == [-0.4]
    assert unclear.get_xdata().tolist() == [0.1]
    assert unclear.get_markerfacecolor() == "white"


def test_the_axis_says_which_side_is_whose():
    ax = plot_contrasts(CONTRASTS, labels=LABELS)
    assert ax.get_xlabel() == "Cliff's delta\n← Traders higher   ·   End users higher →"


def test_two_contrasts_are_refused():
    with pytest.raises(ParameterError, match="2 contrasts"):
        plot_contrasts(CONTRASTS.assign(contrast=["a - b", "a - c"]))


@pytest.mark.parametrize("plot", [plot_profile, plot_answers, plot_contrasts])
def test_a_table_without_the_columns_is_refused(plot):
    with pytest.raises(DataError, match="item"):
        plot(pd.DataFrame({"x": [1]}))


def test_axes_that_are_passed_in_are_used():
    _, ax = plt.subplots()
    assert plot_profile(PROFILE[:2], ax=ax) is ax
