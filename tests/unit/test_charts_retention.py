"""What is drawn of leaving and staying is what the tables say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib import charts
from custlib.charts import (
    plot_hazard_ratios,
    plot_incidence,
    plot_reason_shares,
    plot_retention,
)
from custlib.errors import DataError

CURVE = pd.DataFrame(
    {
        "firm": ["a", "a", "b", "b"],
        "time": [0, 2, 0, 3],
        "estimate": [1.0, 0.6, 1.0, 0.8],
        "ci_low": [1.0, 0.4, 1.0, 0.5],
        "ci_high": [1.0, 0.8, 1.0, 0.9],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def points(line):
    return [tuple(map(float, one)) for one in zip(*line.get_data(), strict=True)]


def test_each_group_has_its_steps_and_its_name():
    ax = plot_retention(CURVE, by="firm", labels={"a": "Small"})
    assert [line.get_label() for line in ax.lines] == ["Small", "b"]
    assert points(ax.lines[0]) == [(0, 1), (2, 0.6)]
    assert all(line.get_drawstyle() == "steps-post" for line in ax.lines)
    assert ax.get_xlabel() == "Time since the start (months)"
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.4, 1.0)


def test_the_law_is_dashed_where_it_was_not_fitted():
    one = CURVE.query("firm == 'a'")
    law = pd.DataFrame({"time": [0, 1, 2, 3], "estimate": [1, 0.8, 0.7, 0.65]})
    law = law.assign(ci_low=law["estimate"] - 0.1, ci_high=law["estimate"])
    ax = plot_retention(one, fitted=law, fitted_to=1, unit="years")
    steps, fitted, ahead, limit = ax.lines
    assert points(fitted) == [(0, 1), (1, 0.8)]
    assert points(ahead) == [(1, 0.8), (2, 0.7), (3, 0.65)]
    assert (fitted.get_linestyle(), ahead.get_linestyle()) == ("-", "--")
    assert limit.get_xdata()[0] == 1
    assert steps.get_label() == "Observed"
    assert "years" in ax.get_xlabel()


def test_a_law_fitted_to_all_has_no_forecast():
    law = CURVE.query("firm == 'a'")
    ax = plot_retention(law, fitted=law)
    assert [line.get_label() for line in ax.lines] == ["Observed", "Fitted law"]


def test_reasons_are_stacked_from_the_first_up():
    table = pd.DataFrame(
        {
            "reason": ["staff", "staff", "price", "price"],
            "time": [0, 4, 0, 4],
            "estimate": [0.0, 0.2, 0.0, 0.1],
        }
    )
    ax = plot_incidence(table, labels={"staff": "Our staff"})
    tops = [band.get_paths()[0].vertices[:, 1].max() for band in ax.collections]
    assert tops == pytest.approx([0.2, 0.3])
    assert points(ax.lines[0]) == [(0, 0), (4, pytest.approx(0.3))]
    assert [band.get_label() for band in ax.collections] == ["Our staff", "price"]


def test_found_shares_stand_beside_the_cited_ones_and_the_test_is_left_out():
    table = pd.DataFrame(
        {
            "reason": ["staff", "other", "all"],
            "estimate": [0.3, 0.7, np.nan],
            "ci_low": [0.2, 0.6, np.nan],
            "ci_high": [0.4, 0.8, np.nan],
            "limit": [0.67, 0.33, np.nan],
        }
    )
    ax = plot_reason_shares(table)
    found, cited = ax.lines
    assert points(found) == [(0.3, 1), (0.7, 0)]
    assert points(cited) == [(0.67, 1), (0.33, 0)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["staff", "other"]


def test_names_of_terms_are_words_and_names_with_a_hyphen_of_their_own_stay():
    contrasts = ["18 - 25 - 26 - 35", "per unit"]
    table = pd.DataFrame({"term": ["age_group", "contact_person"], "contrast": contrasts})
    ax = plot_hazard_ratios(table.assign(effect=1.0, effect_low=0.5, effect_high=2.0))
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Age group: 18 - 25 - 26 - 35", "Contact person: per unit"]


def test_hazard_ratios_lie_on_a_logarithmic_axis():
    table = pd.DataFrame(
        {
            "term": ["contract", "visits"],
            "contrast": ["annual - monthly", "per unit"],
            "effect": [0.5, 1.2],
            "effect_low": [0.4, 1.0],
            "effect_high": [0.6, 1.4],
        }
    )
    ax = plot_hazard_ratios(table, labels={"visits": "Visits a year"})
    assert ax.get_xscale() == "log"
    assert points(ax.lines[0]) == [(0.5, 1), (1.2, 0)]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Contract: annual − monthly",
        "Visits a year: per unit",
    ]
    assert ax.lines[1].get_xdata()[0] == 1


@pytest.mark.parametrize(
    "draw", [plot_retention, plot_incidence, plot_reason_shares, plot_hazard_ratios]
)
def test_a_missing_column_is_told(draw):
    with pytest.raises(DataError, match="not in the table"):
        draw(pd.DataFrame({"x": [1]}))
