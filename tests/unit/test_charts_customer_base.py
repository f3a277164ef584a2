"""What is drawn of a base of customers is what the tables say."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib import charts
from custlib.charts import plot_bridge, plot_cohort_revenue, plot_cohorts, plot_share_pairs
from custlib.errors import DataError

COHORTS = pd.DataFrame(
    {
        "cohort": ["2024 Q1", "2024 Q1", "2024 Q1", "2024 Q2", "2024 Q2", "2024 Q3"],
        "period": ["2024 Q1", "2024 Q2", "2024 Q3", "2024 Q2", "2024 Q3", "2024 Q3"],
        "age": [0, 1, 2, 0, 1, 0],
        "estimate": [1.0, 0.5, 0.25, 1.0, 0.4, 1.0],
        "amount": [10.0, 4.0, 2.0, 8.0, 3.0, 6.0],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def widths(ax):
    return [[round(bar.get_width(), 9) for bar in group] for group in ax.containers]


def test_unequal_groups_have_a_bar_of_customers_beside_that_of_revenue():
    shares = pd.DataFrame(
        {"s": ["a", "b"], "customer_share": [0.8, 0.2], "amount_share": [0.4, 0.6]}
    )
    ax = plot_share_pairs(shares, by="s", labels={"a": "Many"})
    assert widths(ax) == [[0.8, 0.2], [0.4, 0.6]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Many", "b"]
    assert [text.get_text().strip() for text in ax.texts] == ["80 %", "20 %", "40 %", "60 %"]


def test_equal_groups_have_one_bar_and_a_line_at_the_equal_share():
    shares = pd.DataFrame({"s": [1, 2], "customer_share": [0.5, 0.5], "amount_share": [0.9, 0.1]})
    ax = plot_share_pairs(shares, by="s")
    assert widths(ax) == [[0.9, 0.1]]
    assert ax.lines[0].get_xdata()[0] == 0.5


def test_the_triangle_leaves_out_the_first_period_and_cells_that_are_not_there():
    ax = plot_cohorts(COHORTS)
    drawn = ax.images[0].get_array()
    assert drawn.filled(-1).tolist() == [[0.5, 0.25], [0.4, -1]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2024 Q1", "2024 Q2"]
    assert {text.get_text() for text in ax.texts} == {"50", "25", "40"}


def test_revenue_is_stacked_from_the_oldest_cohort_up():
    ax = plot_cohort_revenue(COHORTS)
    heights = [[bar.get_height() for bar in group] for group in ax.containers]
    assert heights == [[10, 4, 2], [0, 8, 3], [0, 0, 6]]
    assert [bar.get_y() for bar in ax.containers[1]] == [10, 4, 2]


def test_the_youngest_cohorts_are_drawn_together_where_there_are_many():
    ax = plot_cohort_revenue(COHORTS, most=2)
    assert [group.get_label() for group in ax.containers] == ["2024 Q1", "2024 Q2 and later"]
    assert [bar.get_height() for bar in ax.containers[1]] == [0, 8, 9]


def test_the_steps_begin_where_the_one_before_ends():
    steps = pd.DataFrame(
        {
            "segment": ["lost", "new", "all"],
            "estimate": [-30.0, 50.0, 20.0],
            "amount_before": [30.0, 0.0, 100.0],
            "amount_after": [0.0, 50.0, 120.0],
        }
    )
    ax = plot_bridge(steps, ends=("2023", "2024"))
    bars = ax.patches[:4]
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [
        (0, 100),
        (100, -30),
        (70, 50),
        (0, 120),
    ]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2023", "lost", "new", "2024"]


@pytest.mark.parametrize("draw", [plot_cohorts, plot_cohort_revenue, plot_bridge])
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}))
