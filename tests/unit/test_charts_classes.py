"""What is drawn of classes of customers is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from custlib import charts
from custlib.charts import (
    plot_class_certainty,
    plot_class_matrix,
    plot_lorenz,
    plot_profit_curve,
)
from custlib.charts.classes import LOSS
from custlib.charts.marks import thousands
from custlib.errors import DataError

LORENZ = pd.DataFrame(
    {
        "customer_share": [0.0, 0.5, 1.0],
        "estimate": [0.0, 0.1, 1.0],
        "ci_low": [np.nan, 0.05, np.nan],
        "ci_high": [np.nan, 0.2, np.nan],
    }
)
MATRIX = pd.DataFrame(
    {
        "abc": list("AAABBBCCC"),
        "xyz": list("XYZ") * 3,
        "n": [1200, 2, 3, 4, 5, 6, 7, 8, 0],
        "amount_share": [0.5, 0.2, 0.1, 0.08, 0.06, 0.04, 0.016, 0.004, 0.0],
        "profit_share": [0.6, 0.2, 0.1, 0.08, 0.06, 0.04, -0.084, 0.004, 0.0],
    }
)
WHALE = pd.DataFrame(
    {
        "measure": ["curve", "curve", "peak", "curve"],
        "customer_share": [0.0, 0.4, 0.8, 1.0],
        "profit": [0.0, 900.0, 1500.0, 1000.0],
        "profit_share": [0.0, 0.9, 1.5, 1.0],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def drawn(ax, label):
    [line] = [line for line in ax.lines if line.get_label() == label]
    return [*zip(line.get_xdata(), line.get_ydata(), strict=True)]


def test_the_lorenz_curve_goes_through_its_points_and_marks_the_claim():
    ax = plot_lorenz(LORENZ, claim=(0.2, 0.8), whole="profit")
    assert drawn(ax, "Customers, the smallest first") == [(0, 0), (0.5, 0.1), (1, 1)]
    [claim] = drawn(ax, "20/80 would pass here")
    # The largest fifth holds 80 % where the smallest four fifths hold 20 %.
    assert claim == pytest.approx((0.8, 0.2))
    assert ax.get_ylabel() == "Share of all profit"


def test_without_a_claim_nothing_is_marked():
    ax = plot_lorenz(LORENZ, claim=None)
    assert len(ax.lines) == 2


def test_the_nine_cells_have_their_shares_as_color_and_their_numbers_as_text():
    ax = plot_class_matrix(MATRIX)
    colored = np.asarray(ax.images[0].get_array())
    assert colored.tolist() == [[0.5, 0.2, 0.1], [0.08, 0.06, 0.04], [0.016, 0.004, 0.0]]
    texts = {text.get_text(): text for text in ax.texts}
    assert {"1,200 customers", "50 % of revenue", "60 % of profit", "–"} <= set(texts)
    assert "0.4 % of revenue" in texts
    assert to_hex(texts["−8 % of profit"].get_color()) == LOSS.lower()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["X", "Y", "Z"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A", "B", "C"]


def test_cells_stand_where_their_classes_are_whatever_the_order_of_the_rows():
    ax = plot_class_matrix(MATRIX[::-1])
    [most] = [text for text in ax.texts if text.get_text() == "50 % of revenue"]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[round(most.get_position()[1])] == "A"
    assert np.asarray(ax.images[0].get_array())[2, 2] == 0.5


def test_without_profit_the_cells_speak_of_revenue_alone():
    ax = plot_class_matrix(MATRIX.drop(columns="profit_share"))
    assert not any("profit" in text.get_text() for text in ax.texts)


def test_cells_without_a_share_are_drawn_empty():
    ax = plot_class_matrix(MATRIX.assign(amount_share=np.nan, profit_share=np.nan))
    assert not any("%" in text.get_text() for text in ax.texts)


def test_the_whale_shows_its_peak_and_what_is_lost_after_it():
    ax = plot_profit_curve(WHALE)
    assert drawn(ax, "Profit so far") == [(0, 0), (0.4, 0.9), (0.8, 1.5), (1, 1)]
    assert drawn(ax, "Customers who lose money") == [(0.8, 1.5), (1, 1)]
    assert {y for _, y in drawn(ax, "In the end")} == {1.0}
    assert [text.get_text() for text in ax.texts] == ["Peak 150 %"]


def test_without_a_whole_profit_the_whale_stands_in_its_unit():
    ax = plot_profit_curve(WHALE.assign(profit_share=np.nan))
    assert drawn(ax, "Customers who lose money") == [(0.8, 1500), (1, 1000)]
    assert [text.get_text() for text in ax.texts] == ["Peak 1.5 k"]
    assert ax.get_ylabel() == "Profit so far"


def test_customers_stand_in_the_order_of_the_table_each_class_by_itself():
    cases = pd.DataFrame({"abc": ["A", "B", "A", "C"], "abc_probability": [1.0, 0.5, 0.75, 0.25]})
    ax = plot_class_certainty(cases, level=0.95)
    assert drawn(ax, "A") == [(1, 1.0), (3, 0.75)]
    assert drawn(ax, "B") == [(2, 0.5)]
    assert drawn(ax, "C") == [(4, 0.25)]
    assert {y for _, y in drawn(ax, "Uncertain below 95 %")} == {0.95}


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (12.5, "12.5"),
        (999.4, "999"),
        (999.6, "1 k"),
        (-1234, "−1.23 k"),
        (999_600, "1 m"),
    ],
)
def test_amounts_are_short_and_never_powers_of_ten(value, text):
    assert thousands(value) == text


@pytest.mark.parametrize(
    "draw", [plot_lorenz, plot_class_matrix, plot_profit_curve, plot_class_certainty]
)
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}))
