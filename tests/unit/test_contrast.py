"""penalty_reward refuses what it cannot answer, and keeps a row for what is too thin."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey.contrast import penalty_reward

ITEMS = ["speed", "price"]


@pytest.fixture
def answers():
    random = np.random.default_rng(7)
    table = pd.DataFrame(random.integers(1, 6, (80, 3)), columns=[*ITEMS, "overall"])
    return table.assign(firm=np.arange(80) // 4, bonus=table["overall"] * 1.7 - 20)


def explain(responses, **options):
    asked = {"outcome": "overall", "items": ITEMS, "scale": (1, 5)} | options
    return penalty_reward(responses, **asked)


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"items": []}, ParameterError, "There are 0 items"),
        ({"items": ["speed", "speed"]}, ParameterError, "more than once: speed"),
        ({"outcome": "speed"}, ParameterError, "more than once: speed"),
        ({"outcome": "joy"}, DataError, "not in the table: joy"),
        ({"items": ["speed", "joy"]}, DataError, "not in the table: joy"),
        ({"scale": (1, 4)}, DataError, "off the scale"),
        ({"scale": {"speed": (1, 5)}}, ParameterError, "no entry for 'price'"),
        ({"low_box": 0}, ParameterError, "low_box is 0"),
        ({"top_box": 0}, ParameterError, "top_box is 0"),
        ({"low_box": 1.5}, ParameterError, "low_box is 1.5"),
        ({"top_box": 1.5}, ParameterError, "top_box is 1.5"),
        ({"low_box": 3, "top_box": 3}, ParameterError, "Expected no answer to be low and high"),
        ({"cut": 1}, ParameterError, "cut is 1"),
        ({"cut": -0.1}, ParameterError, "cut is -0.1"),
        ({"conf_level": 95}, ParameterError, "conf_level is 95"),
    ],
)
def test_wrong_arguments_are_refused(answers, options, error, told):
    with pytest.raises(error, match=told):
        explain(answers, **options)


@pytest.mark.parametrize(
    "change, told",
    [
        ({"overall": 3}, "All 80 rows give the same answer to 'overall'"),
        ({"overall": "good"}, "not a number"),
        ({"price": "dear"}, "not a number"),
        ({"overall": np.nan}, "0 rows answer 'overall' and all 2 items"),
    ],
)
def test_unusable_answers_are_refused(answers, change, told):
    with pytest.raises(DataError, match=told):
        explain(answers.assign(**change))


def test_an_empty_table_is_refused(answers):
    with pytest.raises(DataError, match="0 rows answer"):
        explain(answers.head(0))


def test_fewer_rows_than_terms_are_refused(answers):
    with pytest.raises(DataError, match=r"more than the \d terms"):
        explain(answers.head(4))


def test_an_item_that_repeats_another_is_named(answers):
    copied = answers.assign(price=answers["speed"])
    with pytest.raises(DataError, match="'price' a low answer follows from the other boxes"):
        explain(copied)


def test_boxes_that_leave_no_middle_are_refused(answers):
    with pytest.raises(DataError, match="leave answers between its boxes"):
        explain(answers, low_box=3, top_box=2)


def test_an_empty_box_keeps_a_noted_row_and_the_others_their_numbers(answers):
    polite = answers.assign(speed=answers["speed"].clip(lower=3))
    found = explain(polite)
    rows = found.estimates.set_index(["item", "measure"])
    assert rows.loc[("speed", "penalty"), "note"] == "nobody gave a low answer"
    assert np.isnan(rows.loc[("speed", "penalty"), "estimate"])
    assert np.isfinite(rows.loc[("speed", "reward"), "p_adjusted"])
    apart = rows.loc[[("speed", "range"), ("speed", "asymmetry")], "note"]
    assert apart.tolist() == ["penalty: nobody gave a low answer"] * 2
    assert rows.loc["price", "note"].loc[["range", "asymmetry"]].tolist() == ["", ""]
    row = found.classes.set_index("item").loc["speed"]
    assert np.isnan(row["estimate"])
    assert (row["verdict"], row["note"]) == ("undecided", "penalty: nobody gave a low answer")


def test_a_box_that_holds_everybody_is_noted(answers):
    found = explain(answers.assign(speed=5)).estimates.set_index(["item", "measure"])
    assert found.loc[("speed", "reward"), "note"] == "everybody gave a high answer"


def test_too_few_firms_give_no_standard_error_and_no_class(answers):
    few = answers.assign(firm=answers["firm"] // 5)
    found = explain(few, design=SurveyDesign(cluster="firm"))
    assert found.estimates["ci_low"].isna().all()
    assert found.estimates["note"].str.contains("too few clusters").all()
    effects = found.estimates.query("measure in ('penalty', 'reward')")
    assert set(effects["note"]) == {"too few clusters for a standard error"}
    assert set(found.classes["verdict"]) == {"undecided"}


def test_where_a_straight_line_does_not_rise_the_class_says_so(answers):
    found = explain(answers.assign(overall=6 - answers["speed"]), items=["speed"])
    row = found.classes.loc[0]
    assert np.isnan(row["estimate"])
    assert row["verdict"] == "no clear impact"
    assert row["note"] == "penalty: sign reversed; reward: sign reversed"


def test_the_outcome_needs_no_scale(answers):
    plain, bonus = explain(answers).estimates, explain(answers, outcome="bonus").estimates
    assert bonus["estimate"].to_numpy() == pytest.approx(
        np.where(plain["measure"] == "asymmetry", 1, 1.7) * plain["estimate"], nan_ok=True
    )


def test_boxes_follow_the_length_of_the_scale(answers):
    ten = answers.assign(speed=answers["speed"] * 2)
    found = explain(ten, scale={"speed": (1, 10), "price": (1, 5)}).estimates
    counts = found.set_index(["item", "measure"])["numerator"]
    assert counts["speed", "penalty"] == (ten["speed"] <= 4).sum()
    assert counts["speed", "reward"] == (ten["speed"] >= 9).sum()
    assert counts["price", "penalty"] == (ten["price"] <= 2).sum()
    assert counts["price", "reward"] == (ten["price"] == 5).sum()


def test_a_domain_keeps_the_design_and_counts_its_rows(answers):
    inside = answers.assign(inside=answers.index < 60)
    found = explain(inside, design=SurveyDesign(domain="inside")).estimates
    alone = explain(answers.head(60)).estimates
    assert found["estimate"].to_numpy() == pytest.approx(alone["estimate"], nan_ok=True)
    assert set(found["n"]) == {60}
    assert set(found["n_missing"]) == {0}


def test_degrees_of_freedom_are_never_below_0(answers):
    # Two firms and two items: 2 firms − 1 + 1 − 5 terms would be −3.
    found = explain(answers.assign(firm=answers["firm"] // 10), design=SurveyDesign(cluster="firm"))
    assert found.estimates["df"].dropna().eq(0).all()
