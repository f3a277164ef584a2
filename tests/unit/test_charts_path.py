"""A path diagram draws the paths, coefficients and boxes that the tables hold."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from custlib import charts
from custlib.charts import plot_path_diagram
from custlib.charts.path import BOX, _places
from custlib.errors import DataError
from custlib.survey.path_models import acsi_paths, ecsi_paths

ECSI = ["image", "expectation", "quality", "value", "satisfaction", "complaints", "loyalty"]
PATHS = pd.DataFrame(
    {
        "term": ["price -> value", "value -> loyalty", "price -> loyalty"],
        "estimate": [0.5, -0.25, 0.05],
        "ci_low": [0.4, -0.4, -0.1],
        "ci_high": [0.6, -0.1, np.nan],
    }
)


@pytest.fixture(autouse=True)
def _closed_figures():
    with charts.style():
        yield
    plt.close("all")


def test_every_path_is_an_arrow_and_every_construct_a_box():
    constructs = pd.DataFrame(
        {
            "dimension": ["value", "loyalty", "price"],
            "measure": ["r_squared", "r_squared", "AVE"],
            "estimate": [0.31, np.nan, 0.7],
        }
    )
    ax = plot_path_diagram(PATHS, constructs=constructs, labels={"price": "Price level"})
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert len(arrows) == len(boxes) == 3
    texts = [text.get_text() for text in ax.texts]
    assert texts[:3] == ["0.50\n0.40 to 0.60", "−0.25\n−0.40 to −0.10", "0.05"]
    assert set(texts[3:]) == {"Price level", "value\nR² 0.31", "loyalty"}


def test_only_a_path_clear_of_zero_is_solid_and_a_larger_one_is_wider():
    ax = plot_path_diagram(PATHS)
    first, second, third = (one for one in ax.patches if isinstance(one, FancyArrowPatch))
    assert [one.get_linestyle() == "-" for one in (first, second, third)] == [True, True, False]
    assert first.get_linewidth() > second.get_linewidth() > third.get_linewidth()


def crosses(start, end, box):
    """Whether the straight arrow runs through the box."""
    spots = np.array(start) + np.linspace(0, 1, 400)[:, None] * np.subtract(end, start)
    return (np.abs(spots - np.array(box)) < np.array(BOX)).all(axis=1).any()


@pytest.mark.parametrize(
    "paths",
    [
        ecsi_paths({name: [] for name in ECSI}),
        acsi_paths({name: [] for name in ECSI[1:]}),
        [(f"own {cause}", f"own {effect}") for cause, effect in ecsi_paths(dict.fromkeys(ECSI))],
    ],
    ids=["ecsi", "acsi", "own names"],
)
def test_no_arrow_runs_through_a_box_and_no_boxes_overlap(paths):
    places = _places(paths)
    for cause, effect in paths:
        for other in places.keys() - {cause, effect}:
            assert not crosses(places[cause], places[effect], places[other]), (cause, effect, other)
    for one, two in combinations(places.values(), 2):
        assert (np.abs(np.subtract(one, two)) > 2 * np.array(BOX)).any()


def test_rows_that_are_no_paths_are_refused():
    with pytest.raises(DataError, match="Expected paths"):
        plot_path_diagram(PATHS.assign(term="image =~ IMAG1"))
