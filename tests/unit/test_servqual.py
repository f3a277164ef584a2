"""What the service-quality gaps do with wrong items, wrong points and thin answers."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey import servqual_gaps, servqual_table_check

ANSWERS = pd.DataFrame(
    {
        "e1": [5, 5, 4, 5],
        "p1": [4, 3, 4, 4],
        "e2": [4, 5, 5, 3],
        "p2": [4, 4, 5, 2],
        "w1": [50.0, 60, 70, 20],
        "w2": [50.0, 40, 30, 80],
    }
)
ASKED = {
    "expectations": {"prompt": "e1", "polite": "e2"},
    "perceptions": {"prompt": "p1", "polite": "p2"},
    "dimensions": {"reliable": ["prompt"], "courteous": ["polite"]},
}
POINTS = {"reliable": "w1", "courteous": "w2"}


def test_answers_in_words_or_off_the_scale_are_refused():
    with pytest.raises(DataError, match="'p1' not a number"):
        servqual_gaps(ANSWERS.assign(p1="good"), **ASKED)
    with pytest.raises(DataError, match="'p1' off the scale; first: row 0: 99"):
        servqual_gaps(ANSWERS.assign(p1=99), **ASKED, scale=(1, 5))
    with pytest.raises(DataError, match="p1"):
        servqual_gaps(ANSWERS.drop(columns="p1"), **ASKED)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"perceptions": {"prompt": "p1"}}, "polite"),
        ({"dimensions": {"reliable": ["prompt"]}}, "polite"),
        ({"dimensions": {"reliable": ["prompt", "polite"], "courteous": []}}, "courteous"),
        ({"importance": {"reliable": "w1"}}, "courteous"),
    ],
)
def test_items_dimensions_and_importances_match(change, named):
    with pytest.raises(ParameterError, match=f"Without a counterpart: {named}"):
        servqual_gaps(ANSWERS, **(ASKED | change))


@pytest.mark.parametrize(
    "change",
    [
        {"perceptions": {"prompt": "p1", "polite": "p1"}},
        {"dimensions": {"reliable": ["prompt", "polite"], "courteous": ["polite"]}},
        {"dimensions": {"overall": ["prompt"], "courteous": ["polite"]}},
    ],
)
def test_columns_items_and_dimensions_are_named_once(change):
    with pytest.raises(ParameterError, match="more than once"):
        servqual_gaps(ANSWERS, **(ASKED | change))


def test_items_of_a_dimension_are_no_text():
    one = {role: {"q": column} for role, column in (("expectations", "e1"), ("perceptions", "p1"))}
    with pytest.raises(ParameterError, match=r"dimensions\['reliable'\] is the text 'q'"):
        servqual_gaps(ANSWERS, **one, dimensions={"reliable": "q"})


def test_points_are_not_negative_and_sum_to_100():
    table = ANSWERS.assign(w1=[50, 60, -30, 20], w2=[50, 40, 130, 80])
    with pytest.raises(DataError, match=r"in 1 rows; first: row 2: \[-30\.0, 130\.0\]"):
        servqual_gaps(table, **ASKED, importance=POINTS)
    with pytest.raises(DataError, match="not summing to 100 in 1 rows; first: row 3"):
        servqual_gaps(ANSWERS.assign(w2=[50, 40, 30, 8]), **ASKED, importance=POINTS)
    with pytest.raises(DataError, match="not summing to 100"):
        servqual_gaps(ANSWERS, **ASKED, importance={"reliable": 0.5, "courteous": 0.5})
    with pytest.raises(DataError, match="'w1' not a number"):
        servqual_gaps(ANSWERS.assign(w1="much"), **ASKED, importance=POINTS)


def test_points_rounded_by_the_respondent_are_taken():
    table = ANSWERS.assign(w1=33.33, w2=66.66)
    found = servqual_gaps(table, **ASKED, importance=POINTS).set_index("measure")
    gaps = (ANSWERS["p1"] - ANSWERS["e1"]) / 3 + (ANSWERS["p2"] - ANSWERS["e2"]) * 2 / 3
    assert found.loc["weighted_gap", "estimate"] == pytest.approx(gaps.mean())


def test_points_left_open_are_missing():
    table = ANSWERS.assign(w1=[np.nan, 60, 70, 20])
    found = servqual_gaps(table, **ASKED, importance=POINTS).set_index(["dimension", "measure"])
    for key in (("overall", "weighted_gap"), ("courteous", "importance")):
        assert found.loc[key, "n"].tolist() in (3, [3])
        assert np.ravel(found.loc[key, "n_missing"]).tolist() == [1]


def test_equal_gaps_have_no_test_and_say_so():
    found = servqual_gaps(ANSWERS.assign(p1=ANSWERS["e1"] - 1), **ASKED)
    gap = found.query("item == 'prompt' and measure == 'gap'").iloc[0]
    assert gap["estimate"] == -1
    assert gap["std_error"] == 0
    assert np.isnan(gap["statistic"])
    assert np.isnan(gap["effect"])
    assert gap["note"] == "all gaps are equal"


def test_a_population_asked_as_a_whole_has_a_size_and_no_test():
    found = servqual_gaps(ANSWERS, **ASKED, design=SurveyDesign(population=4))
    gap = found.query("item == 'prompt' and measure == 'gap'").iloc[0]
    assert gap["std_error"] == 0
    assert gap[["statistic", "p_value"]].isna().all()
    # Gaps −1, −2, 0, −1: mean −1, variance (1 + 1)/3.
    assert gap["effect"] == pytest.approx(-1 / (2 / 3) ** 0.5)
    assert gap["note"].startswith("no sampling error is left")


@pytest.mark.parametrize("n", [0, 1])
def test_an_empty_group_and_a_group_of_one_keep_noted_rows(n):
    groups = pd.Categorical(["a"] * (4 - n) + ["b"] * n, categories=["a", "b"])
    found = servqual_gaps(ANSWERS.assign(group=groups), **ASKED, importance=POINTS, by="group")
    thin = found.query("group == 'b'")
    assert len(thin) == len(found) / 2
    assert thin["estimate"].isna().all()
    assert thin["note"].tolist() == ["one answer" if n else "no answers"] * len(thin)


def test_all_from_one_firm_leaves_no_standard_error():
    design = SurveyDesign(cluster="firm")
    found = servqual_gaps(ANSWERS.assign(firm="a"), **ASKED, design=design)
    assert found["note"].tolist() == ["too few clusters for a standard error"] * len(found)


def test_a_printed_table_needs_its_columns_numbers_and_size():
    names = ["expectation", "expectation_sd", "perception", "perception_sd"]
    names += ["gap", "ci_low", "ci_high", "statistic"]
    printed = pd.DataFrame([[4.5, 0.5, 4.0, 0.5, -0.5, -0.6, -0.4, -10]], columns=names)
    printed = printed.assign(dimension="reliable")
    with pytest.raises(DataError, match="statistic"):
        servqual_table_check(printed.drop(columns="statistic"), n=100)
    with pytest.raises(DataError, match="not a number"):
        servqual_table_check(printed.assign(gap="-0.5*"), n=100)
    with pytest.raises(ParameterError, match="n is 1"):
        servqual_table_check(printed, n=1)
    with pytest.raises(DataError, match=r"ci_low is above ci_high in rows \[0\]"):
        servqual_table_check(printed.assign(ci_low=-0.4, ci_high=-0.6), n=100)
    with pytest.raises(DataError, match="table of dimensions has no row"):
        servqual_table_check(printed.iloc[:0], n=100)
    unknown = servqual_table_check(printed.assign(statistic=np.nan), n=100)
    assert unknown["verdict"].tolist() == [""] * 7
    # A gap of .0049 and this t would put the correlation within -1 to 1, as would many others.
    small = printed.assign(gap=0.0, statistic=0.26, expectation_sd=0.46, perception_sd=0.49)
    small = small.assign(perception=4.5, ci_low=-0.03, ci_high=0.03)
    for table in (small, small.assign(gap=0.01, statistic=0.0)):
        verdicts = servqual_table_check(table, n=386).set_index("measure")["verdict"]
        assert verdicts["correlation_from_t"] == ""
    turned = servqual_table_check(printed.assign(statistic=10), n=100).set_index("measure")
    assert turned.loc["t_from_ci", "verdict"] == "does not fit"
