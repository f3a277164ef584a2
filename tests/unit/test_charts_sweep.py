"""The figure of a sweep draws the numbers of the table, run under run."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from custlib import charts
from custlib.errors import DataError


def stacked(levels=("a", "b"), shops=(1, 2, 3), **changes):
    rows = []
    for shop in shops:
        for level in levels:
            value = shop / 10 + 0.01 * len(level)
            for key, number in (("mean_score", value), ("same", 1), ("words", level)):
                ends = (value - 0.05, value + 0.05) if key == "mean_score" else (None, None)
                rows.append((shop, level, key, number, *ends, "share"))
    columns = ["shops", "level", "key", "value", "low", "high", "unit"]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    table["run_number"] = table.groupby(["shops", "level"], sort=False).ngroup() + 1
    return table.assign(**({"rtol": 1e-9, "atol": 0.0, "status": "ok"} | changes))


def one_finding(values, **columns):
    """Runs a, b, … of which each found one number."""
    runs = [chr(ord("a") + at) for at in range(len(values))]
    table = pd.DataFrame({"run": runs, "key": "found", "value": values}, dtype=object)
    base = {"low": None, "high": None, "unit": "points", "rtol": 1e-9, "atol": 0.0, "status": "ok"}
    return table.assign(run_number=range(1, len(runs) + 1), **(base | columns))


def varying(**columns):
    table = pd.DataFrame(columns, dtype=object)
    return charts.varying_findings(table.assign(unit="share", rtol=1e-9, atol=0.0))


def tick_texts(ax):
    ax.figure.draw_without_rendering()
    low, high = ax.get_xlim()
    ticks = zip(ax.get_xticks(), ax.get_xticklabels(), strict=True)
    return [text.get_text() for at, text in ticks if low <= at <= high]


@pytest.fixture(autouse=True)
def closed():
    from matplotlib import pyplot as plt

    yield
    plt.close("all")


def drawn(ax):
    """Values by height, from the markers of a panel."""
    points = [(y, x) for line in ax.lines for x, y in zip(*line.get_data(), strict=True)]
    return {round(float(y), 6): float(x) for y, x in points if np.isfinite(x)}


def test_only_findings_that_are_numbers_and_differ_are_drawn():
    assert charts.varying_findings(stacked()) == [("mean_score", "share")]
    assert varying(key=["k", "k"], value=[True, False]) == []
    assert varying(key=["k"] * 3, value=[1, None, float("nan")]) == []


def test_at_most_the_first_six_findings_are_drawn():
    found = varying(key=[f"k{at // 2}" for at in range(20)], value=range(20))
    assert found == [(f"k{at}", "share") for at in range(6)]


def test_a_finding_within_its_own_tolerance_does_not_move():
    table = one_finding([0.3, 0.1 + 0.2])
    assert charts.varying_findings(table) == []
    assert charts.varying_findings(table.assign(rtol=0.0)) == [("found", "points")]
    apart = one_finding([0.3, 0.31])
    assert charts.varying_findings(apart) == [("found", "points")]
    assert charts.varying_findings(apart.assign(atol=0.02)) == []


@pytest.mark.filterwarnings("error")
def test_numbers_of_another_unit_have_a_panel_of_their_own():
    table = one_finding([0.2, 0.3, 12], unit=["share", "share", "points"])
    first = charts.plot_swept_findings(table, keys=["run"])
    second = first.figure.axes[1]
    assert (first.get_xlabel(), second.get_xlabel()) == ("share", "points")
    assert drawn(first) == {2.0: 0.2, 1.0: 0.3}
    assert drawn(second) == {0.0: 12.0}
    assert all(text.endswith(" %") for text in tick_texts(first))
    assert not any("%" in text for text in tick_texts(second))


@pytest.mark.parametrize("values", [[123456.7, 123460.1], [0.99999, 1.0], [2e6, 2e6 + 1]], ids=str)
@pytest.mark.parametrize("unit", ["share", "points"])
def test_no_two_ticks_of_an_axis_read_the_same(values, unit):
    texts = tick_texts(charts.plot_swept_findings(one_finding(values, unit=unit), keys=["run"]))
    assert len(texts) > 1
    assert len(set(texts)) == len(texts)


def test_large_numbers_are_short_where_that_tells_them_apart():
    ax = charts.plot_swept_findings(one_finding([120_000, 380_000]), keys=["run"])
    assert all(text.endswith("0 k") for text in tick_texts(ax))


@pytest.mark.parametrize("none", [None, float("inf")])
def test_an_interval_with_one_end_is_drawn_to_the_edge_with_an_arrow(none):
    ends = {"low": [0.5, None, None], "high": [none, 3.5, None]}
    ax = charts.plot_swept_findings(one_finding([1.0, 3.0, 2.0], **ends), keys=["run"])
    left, right = ax.get_xlim()
    lines = [path.vertices[:, 0].tolist() for path in ax.collections[0].get_paths()]
    assert lines[:2] == [[0.5, right], [left, 3.5]]
    assert not np.isfinite(lines[2:]).any()
    arrows = {line.get_marker(): line.get_xydata().tolist() for line in ax.lines}
    assert (arrows["<"], arrows[">"]) == ([[left, 1.0]], [[right, 2.0]])


@pytest.mark.parametrize("name", ["estimate", "ci_low"])
def test_a_parameter_may_have_any_name(name):
    table = one_finding([1.0, 3.0]).rename(columns={"run": name})
    assert drawn(charts.plot_swept_findings(table, keys=[name])) == {1.0: 1.0, 0.0: 3.0}


def test_runs_that_were_set_alike_keep_a_line_each():
    ax = charts.plot_swept_findings(one_finding([1.0, 3.0]).assign(run="a"), keys=["run"])
    assert drawn(ax) == {1.0: 1.0, 0.0: 3.0}


def test_each_run_has_its_line_and_its_number():
    table = stacked()
    ax = charts.plot_swept_findings(table, keys=["shops", "level"])
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["1 · a", "1 · b", "2 · a", "2 · b", "3 · a", "3 · b"]
    ticks = ax.get_yticks()
    assert (np.diff(ticks) < 0).all()
    wanted = table[table["key"] == "mean_score"]["value"].astype(float)
    found = drawn(ax)
    assert [found[round(float(y), 6)] for y in ticks] == pytest.approx(list(wanted))


def test_intervals_are_those_of_the_table():
    ax = charts.plot_swept_findings(stacked(levels=("a",)), keys=["shops"])
    ends = [path.vertices[:, 0].tolist() for path in ax.collections[0].get_paths()]
    assert np.array(ends) == pytest.approx(
        np.array([[0.06, 0.16], [0.16, 0.26], [0.26, 0.36]]), abs=1e-12
    )


def test_runs_of_one_first_value_stand_together():
    ax = charts.plot_swept_findings(stacked(), keys=["shops", "level"])
    steps = -np.diff(ax.get_yticks())
    assert steps[0] == steps[2] == steps[4] == 1
    assert steps[1] == steps[3] > 1


def test_a_failed_run_keeps_an_empty_line_that_says_so():
    table = stacked(levels=("a",))
    table.loc[table["shops"] == 2, ["key", "value", "low", "high", "rtol", "atol"]] = None
    table.loc[table["shops"] == 2, "status"] = "timeout"
    ax = charts.plot_swept_findings(table, keys=["shops"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1", "2 (timeout)", "3"]
    assert drawn(ax) == pytest.approx({2.0: 0.11, 0.0: 0.31})


def test_the_title_says_what_goes_from_run_to_run_and_what_color_means():
    table = stacked().rename(columns={"level": "parameter_level"})
    ax = charts.plot_swept_findings(table, keys=["shops", "parameter_level"])
    assert ax.figure.get_suptitle() == "How the findings move with shops and level (color: level)"
    assert (ax.get_title(), ax.get_xlabel()) == ("Mean score", "share")


def test_a_column_that_is_absent_is_named():
    with pytest.raises(DataError, match="wave"):
        charts.plot_swept_findings(stacked(), keys=["wave"])


def test_the_picture_carries_its_words_and_is_the_same_every_time():
    table, words = stacked(), "Mean from −0.1 to 0.3: ответы"
    pictures = [
        charts.swept_png(table, keys=["shops", "level"], source="demo", alt=words) for _ in range(2)
    ]
    assert pictures[0] == pictures[1]
    told = Image.open(io.BytesIO(pictures[0])).info
    assert told["Description"] == words
    assert "Software" not in told
