"""What a notebook records: exact values, checked before they are kept."""

import base64
import decimal
import hashlib
import json
from types import SimpleNamespace

import IPython
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from custlib import study
from custlib.errors import ParameterError
from custlib.study.findings import FIGURE, FINDING, TABLE


@pytest.fixture
def published(monkeypatch):
    """Outputs that a notebook would have got."""
    outputs = []
    shell = SimpleNamespace(display_pub=SimpleNamespace(publish=outputs.append))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    return outputs


def finding(published, value, **options):
    study.find("gap", value, sentence="A gap.", **options)
    return json.loads(json.dumps(published[-1][FINDING], allow_nan=False))


@pytest.mark.parametrize(
    "value, kept",
    [
        (np.float64(0.1) + np.float64(0.2), 0.1 + 0.2),
        (np.float32(0.1), 0.10000000149011612),
        (np.int64(2**62 + 1), 2**62 + 1),
        (10**30, 10**30),
        (np.bool_(True), True),
        (np.array(3.5), 3.5),
        (pd.Series([1.5, 2.5]), [1.5, 2.5]),
        (np.array([1, 2]), [1, 2]),
        (("a", None, 2), ["a", None, 2]),
        ("traders", "traders"),
        (False, False),
    ],
)
def test_a_value_is_kept_exactly(published, value, kept):
    found = finding(published, value)["value"]
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT, [1.0, np.nan]])
def test_a_missing_number_is_null_and_its_verdict_says_so(published, missing):
    found = finding(published, missing, verdict="lower")
    assert found["value"] in (None, [1.0, None])
    assert found["verdict"] == "not computed"


@pytest.mark.parametrize(
    "value",
    [float("inf"), -np.inf, [1, np.inf], decimal.Decimal(1), {"a": 1}, {1}, 1j, [[1]],
     pd.Timestamp("2024-01-01"), np.eye(2), pd.DataFrame({"a": [1]}), b"x"],
)  # fmt: skip
def test_what_json_cannot_hold_is_refused(published, value):
    with pytest.raises(ParameterError, match="Finding 'gap' holds"):
        finding(published, value)
    assert not published


def test_interval_count_unit_and_tolerance_travel_with_the_value(published):
    found = finding(
        published, 0.5, low=np.float64(0.25), high=1, n=np.float64(207), unit="points", rtol=1e-4
    )
    assert (found["low"], found["high"], found["n"], found["unit"]) == (0.25, 1, 207, "points")
    assert (found["rtol"], found["atol"], found["verdict"]) == (1e-4, 0.0, None)


def test_an_end_of_the_interval_that_could_not_be_computed_is_null(published):
    found = finding(published, 0.5, low=np.nan, high=np.nan, verdict="unclear")
    assert (found["low"], found["high"], found["verdict"]) == (None, None, "unclear")


@pytest.mark.parametrize("low, high", [(0.6, 0.9), (0.1, 0.4), (0.9, 0.1)])
def test_an_interval_without_its_value_is_refused(published, low, high):
    with pytest.raises(ParameterError, match="Expected low <= value <= high"):
        finding(published, 0.5, low=low, high=high)


def test_an_interval_may_miss_its_value_by_rounding(published):
    assert finding(published, 0.1 + 0.2, low=0.0, high=0.3)["high"] == 0.3


@pytest.mark.parametrize("options", [{"n": -1}, {"n": 2.5}, {"n": True}, {"n": [3]}])
def test_a_count_is_a_whole_number(published, options):
    with pytest.raises(ParameterError, match="n of finding 'gap'"):
        finding(published, 1, **options)


@pytest.mark.parametrize("options", [{"rtol": -1}, {"atol": "a"}, {"rtol": None}])
def test_a_tolerance_is_a_number_not_below_zero(published, options):
    with pytest.raises(ParameterError, match="tolerance of finding 'gap'"):
        finding(published, 1, **options)


@pytest.mark.parametrize("key", ["", "a b", "../up", "a/b", "-a", 3, "x" * 81, "a\n"])
def test_a_key_that_is_no_name_is_refused(published, key):
    with pytest.raises(ParameterError, match="The key is"):
        study.find(key, 1, sentence="One.")


def test_a_key_may_be_made_of_the_names_of_any_codebook(published):
    study.find("mean_качество-1", 1, sentence="One.")
    assert published[0][FINDING]["key"] == "mean_качество-1"


@pytest.mark.parametrize("sentence", ["", "  \n", None, 3])
def test_a_finding_without_a_sentence_is_refused(published, sentence):
    with pytest.raises(ParameterError, match="sentence of finding 'gap'"):
        study.find("gap", 1, sentence=sentence)


@pytest.mark.parametrize(
    ("rows", "told"), [([1.0], "1 row, 2 columns"), ([1.0, 2.0], "2 rows, 2 columns")]
)
def test_a_table_tells_its_size_in_the_right_number(published, rows, told):
    study.table("means", pd.DataFrame({"item": "price", "estimate": rows}))
    assert published[0]["text/plain"] == f"Table means: {told}."


def test_a_finding_reads_as_its_sentence_where_only_text_is_shown(published):
    study.find("gap", 1, sentence=" A gap of one. ")
    assert published[0]["text/plain"] == "A gap of one."


def test_outside_a_notebook_a_finding_is_checked_and_goes_nowhere(capsys):
    study.find("gap", 1, sentence="One.")
    assert capsys.readouterr() == ("", "")


def test_a_table_is_kept_in_full_precision_with_its_order_and_types(published):
    results = pd.DataFrame(
        {
            "role": pd.Categorical(["trader", None], categories=["trader", "end_user"]),
            "estimate": [0.1 + 0.2, np.nan],
            "n": pd.array([5, None], dtype="Int64"),
            "odds": [np.inf, -np.inf],
            "day": pd.to_datetime(["2024-01-02", None]),
        }
    )
    assert study.table("gaps", results) is results
    content = json.loads(json.dumps(published[0][TABLE], allow_nan=False))
    assert content["columns"] == ["role", "estimate", "n", "odds", "day"]
    assert content["dtypes"][:3] == ["category", "float64", "Int64"]
    assert content["data"] == [
        ["trader", 0.30000000000000004, 5, "inf", "2024-01-02T00:00:00"],
        [None, None, None, "-inf", None],
    ]


def test_an_index_that_says_something_is_kept_as_a_column(published):
    study.table("gaps", pd.DataFrame({"n": [1, 2]}, index=pd.Index(["b", "a"], name="role")))
    assert published[0][TABLE]["data"] == [["b", 1], ["a", 2]]


def test_a_filtered_table_keeps_the_numbers_of_its_rows(published):
    study.table("gaps", pd.DataFrame({"n": [1, 2]}).iloc[1:])
    assert published[0][TABLE]["columns"] == ["index", "n"]


def test_an_empty_table_is_a_table(published):
    study.table("gaps", pd.DataFrame({"n": []}))
    assert published[0][TABLE]["data"] == []


@pytest.mark.parametrize("results", [[1, 2], None, pd.DataFrame([[1, 2]], columns=["a", "a"])])
def test_what_is_no_table_is_refused(published, results):
    with pytest.raises(ParameterError, match="Table 'gaps'"):
        study.table("gaps", results)


def drawn():
    figure = Figure(figsize=(2, 1))
    return figure, figure.subplots(1, 2)


def test_a_figure_is_kept_as_the_same_picture_each_time(published):
    for _ in range(2):
        study.figure("gaps", drawn()[1][0], alt=" Two empty panels. ")
    first, second = published
    picture = base64.b64decode(first["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert b"Software" not in picture
    assert first[FIGURE] == second[FIGURE]
    assert first[FIGURE]["sha256"] == hashlib.sha256(picture).hexdigest()
    assert first[FIGURE]["alt"] == first["text/plain"] == "Two empty panels."


def test_one_axes_several_axes_and_the_figure_give_the_same_picture(published):
    figure, axes = drawn()
    for given in (axes[0], axes, figure):
        study.figure("gaps", given, alt="Two empty panels.")
    assert len({output["image/png"] for output in published}) == 1


def test_a_recorded_figure_is_closed_so_that_it_is_not_shown_twice():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    study.figure("gaps", pyplot.subplots(figsize=(1, 1))[1], alt="An empty panel.")
    assert pyplot.get_fignums() == before


@pytest.mark.parametrize("alt", ["", " ", None])
def test_a_figure_without_words_is_refused(published, alt):
    with pytest.raises(ParameterError, match="alt text of figure 'gaps'"):
        study.figure("gaps", drawn()[1], alt=alt)


def test_a_vector_is_recorded_only_where_a_study_is_run(published, monkeypatch):
    study.figure("gaps", drawn()[1], alt="Two empty panels.")
    monkeypatch.setenv("CUSTLIB_VECTORS", "1")
    study.figure("gaps", drawn()[1], alt="Two empty panels.")
    alone, beside = published
    vector = beside.pop("image/svg+xml")
    assert beside == alone
    assert "image/svg+xml" not in alone
    assert vector.lstrip().startswith("<?xml")


def test_a_vector_has_the_same_bytes_each_time_and_needs_no_font(published, monkeypatch):
    monkeypatch.setenv("CUSTLIB_VECTORS", "1")
    for name in ("Опрос", "Опрос", "Anketa"):
        axes = drawn()[1]
        axes[0].scatter([1, 2], [2, 1], hatch="//", label=name)
        axes[0].legend()
        study.figure("gaps", axes, alt="A panel with two dots.")
    first, second, other = (output["image/svg+xml"] for output in published)
    assert first == second
    assert first != other
    assert "<text" not in first
    assert "date" not in first
    assert "Matplotlib" not in first


def test_a_vector_too_large_to_print_is_left_out(published, monkeypatch):
    monkeypatch.setenv("CUSTLIB_VECTORS", "1")
    for count in (10, 20_000):
        axes = drawn()[1]
        axes[0].scatter(range(count), range(count))
        study.figure("cloud", axes, alt="A cloud.")
    assert ["image/svg+xml" in output for output in published] == [True, False]
    assert all("image/png" in output for output in published)


def test_a_table_takes_along_the_labels_of_its_own_names(published):
    rows = pd.DataFrame({"item": ["price"], "contrast": ["user - trader"], "n": [3]})
    labels = {"item": "Item", "price": "Price", "user": "End user", "trader": "Trader", "x": "X"}
    study.table("gaps", rows, labels=labels)
    del labels["x"]
    assert published[0][TABLE]["labels"] == labels
    assert published[0][TABLE]["data"] == [["price", "user - trader", 3]]


def test_a_table_without_labels_says_nothing_of_them(published):
    study.table("gaps", pd.DataFrame({"item": ["price"]}))
    assert "labels" not in published[0][TABLE]
