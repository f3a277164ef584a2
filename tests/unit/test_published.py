"""Published values are found again to their last printed digit, or are told not to be."""

import pandas as pd
import pytest

from custlib.errors import DataError
from custlib.survey import published_agreement

FOUND = pd.DataFrame(
    {
        "measure": ["path", "path", "total_effect"],
        "term": ["image -> loyalty", "quality -> value", "image -> loyalty"],
        "estimate": [0.19535, -0.55721, 0.45],
    }
)


def verdicts(**columns):
    return published_agreement(FOUND, published=pd.DataFrame(columns))["verdict"].tolist()


@pytest.mark.parametrize(
    "printed, verdict",
    [
        ("0.195", "agrees"),
        ("0.2", "agrees"),
        ("0.20", "agrees"),
        ("0.196", "differs"),
        ("0.1953", "agrees"),
        ("0.1954", "agrees"),
        ("0.1955", "differs"),
        ("0", "agrees"),
        ("1", "differs"),
        (".195", "agrees"),
        ("0,195", "agrees"),
        ("2e-1", "agrees"),
        ("1.9e-1", "differs"),
        ("\u22120.195", "differs"),
    ],
)
def test_a_value_agrees_within_half_a_unit_of_its_last_digit(printed, verdict):
    assert verdicts(term=["image -> loyalty"], estimate=[printed]) == [verdict]


def test_writers_may_differ_in_case_blanks_and_arrows():
    terms = ["Image→Loyalty", "QUALITY ->value", "price -> loyalty"]
    found = verdicts(term=terms, estimate=["0.195", "-0.557", "0.1"])
    assert found == ["agrees", "agrees", "not estimated"]


def test_a_column_tells_which_measure_is_meant():
    table = {"term": ["image -> loyalty"] * 2, "estimate": ["0.195", "0.450"]}
    assert verdicts(measure=["path", "total_effect"], **table) == ["agrees", "agrees"]


def test_ones_own_value_is_shown_with_as_many_digits():
    table = pd.DataFrame(
        {"term": ["Quality→VALUE", "image -> loyalty"], "estimate": ["-0.55", "0,2"]}
    )
    found = published_agreement(FOUND, published=table[:1])
    row = found.iloc[0]
    assert (row["term"], row["printed"], row["rounded"]) == ("quality -> value", "-0.55", "−0.56")
    assert list(row.index) == [
        "measure",
        "term",
        "estimate",
        "printed",
        "rounded",
        "verdict",
        "note",
    ]


@pytest.mark.parametrize(
    "term, told",
    [
        ("image -> loyalt", "perhaps image -> loyalty"),
        ("zzz", "no path of this name"),
    ],
)
def test_a_term_that_is_not_there_is_told_with_the_nearest(term, told):
    table = pd.DataFrame({"term": [term], "estimate": ["0.2"]})
    assert told in published_agreement(FOUND, published=table)["note"].item()


def test_a_term_of_another_measure_says_so():
    table = pd.DataFrame({"term": ["quality -> value"], "estimate": ["0.2"]})
    found = published_agreement(FOUND, published=table, measure="total_effect")
    assert found["note"].tolist() == ["there as path: name the measure in a column measure"]


def test_published_names_are_those_of_the_model_and_not_of_the_codebook():
    own = pd.DataFrame({"measure": ["path"], "term": ["imag -> cusl"], "estimate": [0.195]})
    table = pd.DataFrame({"term": ["Image -> Loyalty"], "estimate": ["0.195"]})
    names = {"image": "imag", "loyalty": "cusl"}
    found = published_agreement(own, published=table, names=names)
    assert found[["term", "verdict"]].to_numpy().tolist() == [["imag -> cusl", "agrees"]]


@pytest.mark.parametrize(
    "text",
    ["\ufeffterm;estimate\nimage -> loyalty;0,195\n", "term,estimate\nimage -> loyalty,0.195\n"],
)
def test_a_file_as_people_save_it_is_read(tmp_path, text):
    file = tmp_path / "напечатано.csv"
    file.write_text(text, encoding="utf-8")
    assert published_agreement(FOUND, published=file)["verdict"].tolist() == ["agrees"]


def test_a_workbook_is_read(tmp_path):
    file = tmp_path / "printed.xlsx"
    pd.DataFrame({"term": ["quality -> value"], "estimate": [-0.557]}).to_excel(file, index=False)
    assert published_agreement(FOUND, published=file)["verdict"].tolist() == ["agrees"]


@pytest.mark.parametrize(
    "table, told",
    [
        ({"path": ["a"], "estimate": ["1"]}, "has no column term; it has path, estimate"),
        ({"term": ["a", "b"], "estimate": ["1", "n.s."]}, "'n.s.' in row 2"),
        ({"term": ["a", "A"], "estimate": ["1", "2"]}, "has 'A' twice for one measure"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(table, told):
    with pytest.raises(DataError, match=told):
        published_agreement(FOUND, published=pd.DataFrame(table))


WITH_INTERVALS = FOUND.assign(
    ci_low=[0.1, -0.6, None], ci_high=[0.3, -0.5, None], conf_level=[0.95, 0.95, None]
)


@pytest.mark.parametrize(
    "printed, verdict",
    [("-0.557", "agrees"), ("-0.52", "in the interval"), ("-0.61", "outside the interval")],
)
def test_the_interval_of_ones_own_estimate_judges_what_does_not_agree(printed, verdict):
    table = pd.DataFrame({"term": ["quality -> value"], "estimate": [printed]})
    row = published_agreement(WITH_INTERVALS, published=table).iloc[0]
    assert row["verdict"] == verdict
    assert (row["ci_low"], row["ci_high"], row["conf_level"]) == (-0.6, -0.5, 0.95)


def test_numbers_are_printed_with_the_decimals_that_they_count_as_having():
    found = pd.DataFrame({"measure": "path", "term": ["a", "b", "c"], "estimate": [0.5, 0.1, -1]})
    printed = pd.DataFrame({"term": ["a", "b", "c"], "estimate": [0.6, 0.12, -1.0]})
    told = published_agreement(found, published=printed)
    assert told["printed"].tolist() == ["0.60", "0.12", "−1.00"]
    assert told["rounded"].tolist() == ["0.50", "0.10", "−1.00"]


def test_an_estimate_without_an_interval_differs_or_agrees():
    table = pd.DataFrame({"term": ["image -> loyalty"], "estimate": ["0.3"]})
    found = published_agreement(WITH_INTERVALS, published=table, measure="total_effect")
    assert found["verdict"].tolist() == ["differs"]


def test_numbers_that_lost_their_closing_zeros_count_as_long_as_the_longest():
    """Own 0.455: printed 0.5 would agree, but beside 0.12 the workbook's 0.5 was printed 0.50."""
    found = pd.DataFrame({"measure": "path", "term": ["a", "b"], "estimate": [0.455, 0.12]})
    numbers = pd.DataFrame({"term": ["a", "b"], "estimate": [0.5, 0.12]})
    assert published_agreement(found, published=numbers)["verdict"].tolist() == [
        "differs",
        "agrees",
    ]


def test_thousands_are_no_decimals():
    found = pd.DataFrame({"measure": "path", "term": ["a", "b"], "estimate": [1234567.3, 0.25]})
    printed = pd.DataFrame({"term": ["a", "b"], "estimate": ["1,234,567", "0.25"]})
    assert set(published_agreement(found, published=printed)["verdict"]) == {"agrees"}


def test_a_planted_value_is_judged_by_the_interval_alone():
    planted = pd.DataFrame({"term": ["image -> loyalty", "quality -> value"]})
    planted["estimate"] = [0.195, -0.7]
    found = published_agreement(WITH_INTERVALS, published=planted, exact=True)
    assert found["verdict"].tolist() == ["in the interval", "outside the interval"]


def test_results_of_several_groups_are_refused_where_the_term_is_asked_for():
    twice = pd.concat([FOUND, FOUND])
    table = pd.DataFrame({"term": ["quality -> value"], "estimate": ["-0.55"]})
    with pytest.raises(DataError, match="The table of results has 'quality -> value' twice"):
        published_agreement(twice, published=table)
    alone = pd.concat([FOUND, FOUND[:1]])
    assert len(published_agreement(alone, published=table)) == 1


def test_a_table_without_rows_gives_one():
    none = pd.DataFrame({"term": [], "estimate": []})
    assert published_agreement(FOUND, published=none, exact=True).empty


def test_the_decimal_mark_can_be_said_where_the_texts_leave_it_open():
    found = pd.DataFrame({"measure": ["path"], "term": ["a"], "estimate": [1.2341]})
    table = pd.DataFrame({"term": ["a"], "estimate": ["1,234"]})
    with pytest.raises(DataError, match="leave open what their comma means"):
        published_agreement(found, published=table)
    compared = published_agreement(found, published=table, decimal=",")
    assert compared["verdict"].tolist() == ["agrees"]


def test_results_that_are_no_estimates_are_refused():
    with pytest.raises(DataError, match="measure"):
        published_agreement(FOUND.drop(columns="measure"), published=FOUND[["term", "estimate"]])
