"""What is drawn of funnels and contacts is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from custlib import charts
from custlib.charts.contacts import LESS, MORE
from custlib.errors import DataError

RATES = pd.DataFrame(
    {
        "stage": ["call", "offer", "call"],
        "next_stage": ["offer", "sale", "sale"],
        "measure": ["rate", "rate", "through"],
        "estimate": [0.5, 0.1, 0.05],
        "ci_low": [0.4, 0.05, 0.02],
        "ci_high": [0.6, 0.2, 0.1],
        "numerator": pd.array([1200, 3, None], "Int64"),
        "denominator": pd.array([2400, 30, None], "Int64"),
    }
)
PLANS = pd.DataFrame(
    {
        "scenario": ["cited"] * 3 + ["log"] * 3,
        "measure": ["calls_needed", "curve", "curve"] * 2,
        "calls": pd.array([1134, 0, 2000, None, 0, 2000], "Int64"),
        "estimate": [0.9, 0.0, 0.99, np.nan, 0.0, 0.6],
    }
)
CELLS = pd.DataFrame(
    {
        "segment": ["key", "key", "rest", "rest"],
        "kind": ["visit", "call"] * 2,
        "cost": [25000.0, 900.0, 0.0, np.nan],
    }
)
SWUNG = pd.DataFrame(
    {
        "term": ["value", "value", "cap", "cap"],
        "direction": ["less", "more"] * 2,
        "estimate": [80.0, 130.0, 90.0, 105.0],
        "limit": 100.0,
        "regret": [0.0, 2.0, np.nan, np.nan],
    }
)
SOURCES = pd.DataFrame(
    {
        "source": ["web", "posters", "web"],
        "measure": ["cost_per_client", "cost_per_client", "share"],
        "estimate": [20.0, np.nan, 0.5],
        "ci_low": [15.0, np.nan, 0.4],
        "ci_high": [30.0, np.nan, 0.6],
        "bound_low": [10.0, 5.0, 0.2],
        "bound_high": [40.0, np.nan, 0.8],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_a_funnel_has_a_bar_an_interval_and_its_counts_a_step():
    ax = charts.plot_funnel(RATES)
    assert [bar.get_width() for bar in ax.patches] == [0.5, 0.1]
    spans = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert spans == [[0.4, 0.6], [0.05, 0.2]]
    assert texts(ax) == ["1,200 of 2,400", "3 of 30"]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["call → offer", "offer → sale"]
    assert [bar.get_y() > 0.5 for bar in ax.patches] == [True, False]


def test_the_rates_compared_with_are_marked_where_there_are_any():
    ax = charts.plot_funnel(RATES.assign(limit=[0.45, np.nan, np.nan]))
    [mark] = [line for line in ax.lines if line.get_label() == "Compared with"]
    assert mark.get_xdata().tolist() == [0.45]
    assert len(charts.plot_funnel(RATES).lines) == 1


def test_a_step_without_decided_leads_says_so():
    none = RATES.assign(
        estimate=[0.5, np.nan, np.nan], ci_high=[0.6, np.nan, np.nan],
        denominator=pd.array([2400, 0, None], "Int64"),
    )  # fmt: skip
    assert texts(charts.plot_funnel(none))[1] == "nobody decided"


def test_curves_of_chances_and_the_calls_needed():
    ax = charts.plot_target_chances(PLANS, levels=[0.9], marked=800, target=10)
    curves = {line.get_label(): line for line in ax.lines}
    assert curves["cited"].get_xdata().tolist() == [0, 2000]
    assert curves["log"].get_ydata().tolist() == [0, 0.6]
    assert {"1,134", "800 calls", "90 %"} <= set(texts(ax))
    assert ax.get_ylabel() == "Chance of 10 sales or more"
    assert curves["cited"].get_linestyle() != curves["log"].get_linestyle()


def test_cells_have_their_number_and_a_shade_that_grows_with_it():
    ax = charts.plot_contact_matrix(CELLS, value="cost", name="Cost, euro")
    assert texts(ax) == ["25 k", "900", "0", "–"]
    shades = np.asarray(ax.images[0].get_array())
    assert shades[0].tolist() == pytest.approx([1, np.sqrt(900 / 25000)])
    assert np.ma.getmaskarray(ax.images[0].get_array())[1].tolist() == [False, True]
    assert ax.get_xlabel() == "Cost, euro"
    assert to_hex(ax.texts[0].get_color()) == "#ffffff"


def test_a_matrix_of_zeros_is_drawn_pale():
    ax = charts.plot_contact_matrix(CELLS.assign(cost=0.0), value="cost")
    assert np.asarray(ax.images[0].get_array()).max() == 0


def test_a_tornado_starts_at_the_value_believed():
    ax = charts.plot_tornado(SWUNG)
    bars = [(bar.get_x(), bar.get_width(), to_hex(bar.get_facecolor())) for bar in ax.patches]
    assert bars == [
        (100, -20, LESS.lower()), (100, -10, LESS.lower()),
        (100, 30, MORE.lower()), (100, 5, MORE.lower()),
    ]  # fmt: skip
    assert texts(ax) == ["–", "2", "Regret"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["value", "cap"]
    assert len(charts.plot_tornado(SWUNG, most=1).patches) == 2
    assert texts(charts.plot_tornado(SWUNG.drop(columns="regret"))) == []


def test_bounds_intervals_and_a_source_that_may_have_brought_nobody():
    ax = charts.plot_source_bounds(SOURCES)
    bounds, interval = (one.get_segments() for one in ax.collections[:2])
    assert bounds[0][:, 0].tolist() == [10, 40]
    assert interval[0][:, 0].tolist() == [15, 30]
    assert "may have brought nobody" in texts(ax)
    [label, _] = [one.get_text() for one in ax.get_yticklabels()]
    assert label == "web"


@pytest.mark.parametrize(
    "draw",
    [
        charts.plot_funnel,
        charts.plot_target_chances,
        charts.plot_tornado,
        charts.plot_source_bounds,
        lambda table: charts.plot_contact_matrix(table, value="cost"),
    ],
)
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}))
