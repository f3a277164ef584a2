"""What is drawn of a forecast is what the table says."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib import charts
from custlib.charts import plot_forecast
from custlib.errors import DataError

PATH = pd.DataFrame(
    {
        "period": ["2024-01", "2024-02", "2024-03", "2024-04"],
        "measure": ["fitted", "fitted", "forecast", "forecast"],
        "estimate": [90.0, 210.0, 300.0, 380.0],
        "ci_low": [np.nan, np.nan, 280.0, 340.0],
        "ci_high": [np.nan, np.nan, 325.0, 430.0],
        "observed": [100.0, 200.0, 310.0, 450.0],
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


def band(ax):
    """Corners of the band by place: lowest and highest."""
    [area] = ax.collections
    corners = area.get_paths()[0].vertices
    places = sorted(set(corners[:, 0]))
    at = [corners[corners[:, 0] == place, 1] for place in places]
    return {place: (ys.min(), ys.max()) for place, ys in zip(places, at, strict=True)}


def test_lines_and_band_are_those_of_the_table():
    ax = plot_forecast(PATH)
    assert drawn(ax, "What happened") == [(0, 100), (1, 200), (2, 310), (3, 450)]
    assert drawn(ax, "Model, fitted") == [(0, 90), (1, 210)]
    # From what was known on the day of the forecast.
    assert drawn(ax, "Forecast") == [(1, 200), (2, 300), (3, 380)]
    assert band(ax) == {1: (200, 200), 2: (280, 325), 3: (340, 430)}
    assert [label.get_text() for label in ax.get_xticklabels()] == PATH["period"].tolist()
    assert ax.get_ylabel() == "Repeat purchases so far"
    assert ax.get_ylim()[0] == 0


def test_the_day_of_the_forecast_is_marked():
    ax = plot_forecast(PATH, made="1 March")
    [mark] = [
        line for line in ax.lines if line.get_linestyle() == ":" and line.get_label()[0] == "_"
    ]
    assert set(mark.get_xdata()) == {1}
    assert [text.get_text() for text in ax.texts] == ["1 March"]


def test_what_has_not_happened_yet_is_not_drawn():
    ax = plot_forecast(PATH.drop(columns="observed"))
    assert "What happened" not in [line.get_label() for line in ax.lines]
    assert drawn(ax, "Forecast") == [(2, 300), (3, 380)]


def test_a_table_of_one_kind_has_no_mark():
    fitted = plot_forecast(PATH.head(2))
    assert not fitted.texts
    assert not fitted.collections
    ahead = plot_forecast(PATH.tail(2))
    assert not ahead.texts
    assert drawn(ahead, "Forecast") == [(0, 300), (1, 380)]


def test_many_periods_leave_out_labels():
    long = pd.concat([PATH.tail(1)] * 60).assign(period=[f"p{at}" for at in range(60)])
    labels = [label.get_text() for label in plot_forecast(long).get_xticklabels()]
    assert len(labels) <= 9
    assert labels[:2] == ["p0", "p7"]


def test_periods_may_have_another_name():
    ax = plot_forecast(PATH.rename(columns={"period": "month"}), by="month")
    assert ax.get_xticklabels()[0].get_text() == "2024-01"


def test_a_missing_column_is_told():
    with pytest.raises(DataError, match="not in the table"):
        plot_forecast(PATH.drop(columns="ci_low"))
