"""What is drawn of an audit is what the tables say."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib import charts
from custlib.charts import plot_element_profile, plot_index_ranks
from custlib.errors import DataError, ParameterError

ELEMENTS = pd.DataFrame(
    {
        "firm": ["a", "a", "b", "b"],
        "dimension": ["skills", "staff"] * 2,
        "estimate": [40.0, 60.0, 20.0, 80.0],
        "ci_low": [30.0, 50.0, 10.0, 70.0],
        "ci_high": [50.0, 70.0, 30.0, 90.0],
    }
)
INDEX = pd.DataFrame(
    {
        "firm": ["a", "b", "c"] * 2,
        "measure": ["index"] * 3 + ["rank"] * 3,
        "estimate": [50.0, 70.0, 30.0, 2.0, 1.0, 3.0],
        "ci_low": [45.0, 60.0, 20.0, 1.0, 1.0, 3.0],
        "ci_high": [55.0, 80.0, 40.0, 2.0, 2.0, 3.0],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def test_one_unit_stands_out_from_the_others():
    ax = plot_element_profile(ELEMENTS, by="firm", unit="a", labels={"a": "Works"})
    others, own = ax.lines
    assert others.get_xdata().tolist() == [20, 80]
    assert own.get_xdata().tolist() == [40, 60]
    assert others.get_ydata().tolist() == own.get_ydata().tolist() == [1, 0]
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == ["Others", "Works"]
    segments = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    assert segments == [[30, 50], [50, 70]]


def test_an_unknown_unit_is_refused():
    with pytest.raises(ParameterError, match="firm is 'z'"):
        plot_element_profile(ELEMENTS, by="firm", unit="z")


def test_units_stand_best_first_with_their_ranks_and_thresholds():
    ax = plot_index_ranks(INDEX, by="firm", thresholds=[55, 80])
    assert ax.lines[0].get_xdata().tolist() == [70, 50, 30]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a", "c"]
    assert [line.get_xdata()[0] for line in ax.lines[1:]] == [55, 80]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["55", "80", "Rank", "1  (1–2)", "2  (1–2)", "3  (3)"]


def test_a_rank_without_interval_is_written_as_unknown():
    numbers = ["ci_low", "ci_high"]
    lacking = INDEX.assign(**{name: INDEX[name].where(INDEX["firm"] != "c") for name in numbers})
    ax = plot_index_ranks(lacking, by="firm")
    assert ax.texts[-1].get_text() == "3  (unknown)"


def test_a_table_without_ranks_is_refused():
    with pytest.raises(DataError, match="measure"):
        plot_index_ranks(INDEX.drop(columns="measure"), by="firm")
