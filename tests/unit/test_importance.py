"""importance_performance refuses what it cannot place, and keeps rows for what is too thin."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey.importance import importance_performance
from custlib.survey.ranking.unplaced import share_places_left

ITEMS = ["price", "speed", "advice"]
STATED = {"stated": {item: f"i_{item}" for item in ITEMS}, "stated_scale": (1, 5)}
DERIVED = {"outcome": "overall"}


@pytest.fixture
def answers():
    random = np.random.default_rng(5)
    names = [*ITEMS, *STATED["stated"].values(), "overall"]
    table = pd.DataFrame(random.integers(1, 6, (60, 7)), columns=names)
    return table.assign(role=np.repeat(["trader", "maker"], 30), firm=np.arange(60) // 3)


def chart(responses, **options):
    asked = {"items": ITEMS, "scale": (1, 5), "n_boot": 40, "seed": 1} | options
    return importance_performance(responses, **asked)


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({}, ParameterError, "Given: neither outcome nor stated"),
        (DERIVED | STATED, ParameterError, "Given: outcome, stated, stated_scale"),
        ({"stated": STATED["stated"]}, ParameterError, r"Given: stated\."),
        ({"stated_scale": (1, 5)} | DERIVED, ParameterError, "Given: outcome, stated_scale"),
        (STATED | {"stated": {"price": "i_price"}}, ParameterError, "no column for: speed, advice"),
        (DERIVED | {"items": ["price"]}, ParameterError, "There is 1 item"),
        (DERIVED | {"items": ["price", "price"]}, ParameterError, "more than once: price"),
        ({"outcome": "price"}, ParameterError, "more than once: price"),
        ({"outcome": "joy"}, DataError, "not in the table: joy"),
        (DERIVED | {"by": "size"}, DataError, "not in the table: size"),
        (DERIVED | {"crosshair": "mode"}, ParameterError, "crosshair is 'mode'"),
        (DERIVED | {"method": "beta"}, ParameterError, "method is 'beta'"),
        (DERIVED | {"missing": "zero"}, ParameterError, "missing is 'zero'"),
        (STATED | {"stated_best": "1"}, ParameterError, "stated_best is '1'"),
        (STATED | {"stated_scale": (1, 3)}, DataError, "'i_price' off the scale"),
        (DERIVED | {"scale": (1, 3)}, DataError, "'price' off the scale"),
        (DERIVED | {"n_boot": 1}, ParameterError, "n_boot is 1"),
        (DERIVED | {"n_boot": -1}, ParameterError, "n_boot is -1"),
        (DERIVED | {"conf_level": 95}, ParameterError, "conf_level is 95"),
    ],
)
def test_wrong_arguments_are_refused(answers, options, error, told):
    with pytest.raises(error, match=told):
        chart(answers, **options)


def test_words_among_the_answers_are_refused(answers):
    with pytest.raises(DataError, match="not a number"):
        chart(answers.assign(price="dear"), **DERIVED)


def test_an_item_nobody_answered_is_left_out_of_the_crosshair(answers):
    found = chart(answers.assign(price=np.nan), **STATED)
    rows = found.estimates.set_index(["item", "measure"])
    assert rows.loc["price", "estimate"].isna().all()
    assert set(rows.loc["price", "note"]) == {"no answers"}
    others = rows.loc[[("speed", "performance"), ("advice", "performance")], "estimate"]
    line = found.crosshair.set_index("measure").loc["performance", "estimate"]
    assert line == pytest.approx(others.mean())
    lost = found.quadrants.query("item == 'price'")
    assert set(lost["verdict"]) == {""}
    assert lost["denominator"].tolist() == [0] * 4
    assert found.quadrants.query("item == 'speed'")["estimate"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "change, note",
    [
        ({"price": 3}, "an item or the outcome does not vary"),
        ({"overall": 3}, "an item or the outcome does not vary"),
        ({"overall": np.nan}, "no answers"),
    ],
)
def test_what_derives_no_importance_is_noted(answers, change, note):
    found = chart(answers.assign(**change), **DERIVED)
    assert set(found.estimates["note"]) == {note}
    assert found.estimates["estimate"].isna().all()
    assert set(found.quadrants["note"]) == {note}


def test_a_group_too_thin_is_noted_and_the_other_is_not(answers):
    few = answers.assign(role=np.where(answers.index < 4, "trader", "maker"))
    found = chart(few, **DERIVED, by="role").estimates.set_index("role")
    assert set(found.loc["trader", "note"]) == {"too few answers to derive importance"}
    assert set(found.loc["maker", "note"]) == {""}


def test_correlations_that_no_answers_could_have_are_noted():
    a = np.tile([1, 2, 3, 4, 5], 4).astype(float)
    first = pd.DataFrame({"price": a, "speed": a, "advice": np.nan})
    second = pd.DataFrame({"price": a, "speed": np.nan, "advice": a})
    third = pd.DataFrame({"price": np.nan, "speed": a, "advice": 6 - a})
    table = pd.concat([first, second, third], ignore_index=True)
    table["overall"] = np.random.default_rng(1).normal(size=len(table))
    found = chart(table, **DERIVED, missing="pairwise")
    assert set(found.estimates["note"]) == {"pairwise correlations contradict"}


def test_pairwise_keeps_the_answers_that_listwise_loses(answers):
    gappy = answers.assign(advice=answers["advice"].where(answers.index % 3 > 0))
    listwise = chart(gappy, **DERIVED).estimates
    pairwise = chart(gappy, **DERIVED, missing="pairwise").estimates.set_index("item")
    assert set(listwise["n"]) == {40}
    assert pairwise.loc["price", "n"].tolist() == [60, 60]
    assert pairwise.loc["advice", "n"].tolist() == [40, 40]


def test_an_empty_table_is_noted(answers):
    found = chart(answers.head(0), **DERIVED)
    assert set(found.estimates["note"]) == {"no answers"}


def test_an_undefined_resample_does_not_count(answers):
    rare = answers.assign(price=answers["price"].where(answers["firm"] < 2))
    found = chart(rare, **STATED, design=SurveyDesign(cluster="firm")).quadrants
    denominators = found["denominator"].unique()
    assert len(denominators) == 1
    assert 0 < denominators[0] < 40
    shares = found.groupby("item")["estimate"].sum()
    assert shares.to_numpy() == pytest.approx(1)


@pytest.mark.parametrize(
    "row, expected",
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([1, None, None, 4], [1, 2.5, 2.5, 4]),
        ([1.5, 1.5, None, None], [1.5, 1.5, 3.5, 3.5]),
        ([1, 1, 1, None], [1, 1, 1, 4]),
        ([None, 2, None, None], [8 / 3, 2, 8 / 3, 8 / 3]),
        ([None] * 4, [np.nan] * 4),
    ],
)
def test_unplaced_items_share_what_a_row_left_over(row, expected):
    places = np.array([row, [1, 2, 3, 4]], float).T
    found, shared = share_places_left(list(places), scale=(1, 4))
    assert [column[0] for column in found] == pytest.approx(expected, nan_ok=True)
    empty = np.isnan(np.array(row, float))
    assert shared[0].tolist() == (empty & ~empty.all()).tolist()
    assert [column[1] for column in found] == [1, 2, 3, 4]


def test_an_item_that_nobody_placed_stays_missing():
    places = [np.array([1.0, 1.0]), np.array([2.0, np.nan]), np.full(2, np.nan)]
    found, shared = share_places_left(places, scale=(1, 2))
    assert np.isnan(found[2]).all()
    assert found[1].tolist() == [2, 2]
    assert shared.tolist() == [[False, False, False], [False, True, False]]


def test_a_group_counts_only_its_own_places_left_over(answers):
    gappy = answers.assign(i_price=1, i_speed=2, i_advice=3.0)
    gappy.loc[:4, "i_advice"] = np.nan
    found = chart(gappy, **STATED | {"stated_scale": (1, 3)}, stated_best="low", by="role")
    notes = found.estimates.query("item == 'advice'").set_index(["role", "measure"])["note"]
    assert notes["trader", "importance"] == "5 without a place share the places left over"
    assert notes.drop(("trader", "importance")).tolist() == [""] * 3
    assert "" not in set(found.quadrants["verdict"])


@pytest.mark.parametrize("how", [DERIVED, STATED])
def test_all_from_one_firm_leaves_no_standard_error(answers, how):
    found = chart(answers.assign(firm=1), **how, design=SurveyDesign(cluster="firm"))
    for table in (found.estimates, found.crosshair):
        unsure = table["std_error"].isna()
        assert unsure.any()
        assert set(table.loc[unsure, "note"]) == {"too few clusters for a standard error"}


def test_a_scale_may_be_a_list(answers):
    pairs = chart(answers, **STATED)
    lists = chart(answers, scale=[1, 5], **(STATED | {"stated_scale": [1, 5]}))
    pd.testing.assert_frame_equal(lists.estimates, pairs.estimates)
