"""What rankings and choices refuse, and what they note."""

import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, FitError, ParameterError
from custlib.survey.ranking import (
    best_worst_counts,
    best_worst_worths,
    rank_agreement,
    rank_worths,
)

ITEMS = ["price", "quality", "speed"]
TASK = {"shown": ["first", "second"], "best": "best", "worst": "worst"}


@pytest.fixture
def places():
    return pd.DataFrame(
        {"price": [1, 2, 3, 1], "quality": [2, 3, 1, 3], "speed": [3, 1, 2, 2]},
        index=["a", "b", "c", "d"],
    )


@pytest.fixture
def tasks():
    return pd.DataFrame(
        {
            "first": ["price", "price", "speed", "speed"],
            "second": ["speed", "speed", "price", "price"],
            "best": ["price", "speed", "price", "speed"],
            "worst": ["speed", "price", "speed", "price"],
        }
    )


def test_a_place_given_twice_is_refused_with_its_row(places):
    places.loc["b", "quality"] = 2
    with pytest.raises(DataError, match=r"1 ranking give one place twice; first at rows \['b'\]"):
        rank_worths(places, items=ITEMS)


def test_an_item_that_is_always_first_has_no_finite_worth(places):
    places["price"] = 0
    with pytest.raises(FitError, match=r"Always before the other items.*: price\."):
        rank_worths(places, items=ITEMS)


def test_with_groups_it_becomes_a_note_and_the_other_group_its_numbers(places):
    both = pd.concat([places, places.assign(price=0)]).assign(role=["user"] * 4 + ["trader"] * 4)
    result = rank_worths(both, items=ITEMS, by="role")
    trader = result[result["role"] == "trader"]
    assert trader["estimate"].isna().all()
    assert trader["note"].str.contains("price").all()
    user = result[(result["role"] == "user") & (result["measure"] == "worth")]
    assert user["estimate"].sum() == pytest.approx(1)


def test_an_empty_group_has_a_noted_row(places):
    role = pd.Categorical(["user"] * 4, categories=["user", "trader"])
    result = rank_worths(places.assign(role=role), items=ITEMS, by="role")
    trader = result[result["role"] == "trader"]
    assert trader["n"].eq(0).all()
    assert trader["note"].ne("").all()
    fit = rank_agreement(places.assign(role=role), items=ITEMS, by="role").fit
    assert fit.loc[fit["role"] == "trader", "note"].str.contains("fewer than 2").all()


def test_partial_and_absent_rankings_are_counted(places):
    places.loc["a", ["quality", "speed"]] = None
    places.loc["b"] = None
    worths = rank_worths(pd.concat([places, places]), items=ITEMS)
    assert worths["n"].eq(6).all()
    assert worths["n_missing"].eq(2).all()
    agreement = rank_agreement(places, items=ITEMS)
    assert agreement.fit["n"].eq(2).all()
    assert agreement.fit["n_missing"].eq(2).all()


def test_agreement_of_nobody_and_of_the_undecided_is_noted(places):
    alone = rank_agreement(places.iloc[:1], items=ITEMS).fit
    assert alone["estimate"].isna().all()
    tied = rank_agreement(places * 0, items=ITEMS).fit
    assert tied["note"].eq("every ranking ties all items").all()


def test_weights_are_said_to_be_left_out_of_w(places):
    places["w"] = [1, 2, 3, 4]
    fit = rank_agreement(places, items=ITEMS, design=SurveyDesign(weight="w")).fit
    assert fit["note"].str.contains("weights and clusters are left out").all()


def test_text_repeated_items_and_a_single_item_are_refused(places):
    with pytest.raises(DataError, match="not a number"):
        rank_worths(places.assign(price="first"), items=ITEMS)
    with pytest.raises(ParameterError, match="price"):
        rank_worths(places, items=["price", "price"])
    with pytest.raises(ParameterError, match="1 item"):
        rank_agreement(places, items=["price"])


def test_mean_ranks_of_one_firm_have_no_standard_error(places):
    found = rank_agreement(
        places.assign(firm="a"), items=ITEMS, design=SurveyDesign(cluster="firm")
    )
    assert found.estimates["note"].eq("too few clusters for a standard error").all()


def test_columns_shown_are_no_text(tasks):
    letters = tasks.rename(columns={"first": "f", "second": "s"})
    with pytest.raises(ParameterError, match="shown is the text 'fs'"):
        best_worst_counts(letters, **TASK | {"shown": "fs"})


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("best", "taste", "pick what they did not show"),
        ("worst", "price", "pick one item as best and worst"),
        ("second", "price", "show one item twice"),
    ],
)
def test_impossible_tasks_are_refused_with_their_row(tasks, column, value, message):
    tasks.loc[0, column] = value
    with pytest.raises(DataError, match=message) as caught:
        best_worst_counts(tasks, **TASK)
    assert "rows [0]" in str(caught.value)


def test_a_task_without_an_answer_is_missing_not_dropped_in_silence(tasks):
    tasks.loc[0, "worst"] = None
    counts = best_worst_counts(tasks, **TASK)
    assert counts["n"].eq(3).all()
    assert counts["n_missing"].eq(1).all()
    assert best_worst_worths(pd.concat([tasks] * 2), **TASK)["n_missing"].eq(2).all()


def test_an_item_never_rejected_has_no_finite_worth(tasks):
    with pytest.raises(FitError, match="Always before"):
        best_worst_worths(tasks.iloc[[0, 2]], **TASK)


def test_an_item_that_is_always_last_is_named_and_not_those_before_it(places):
    with pytest.raises(FitError, match=r"Always behind the other items.*: price\."):
        rank_worths(places.assign(price=9), items=ITEMS)


def test_a_group_called_all_keeps_its_rows_apart(places):
    named = places.assign(role=["all", "all", "user", "user"])
    agreement = rank_agreement(named, items=ITEMS, by="role")
    assert set(agreement.estimates["role"]) == {"all", "user"}
    assert agreement.fit["role"].tolist()[4:6] == ["(all)", "(all)"]


def test_empty_tables_say_so(places, tasks):
    with pytest.raises(FitError, match="no choice"):
        rank_worths(places.iloc[:0], items=ITEMS)
    with pytest.raises(DataError, match="No item is shown in the 0 tasks"):
        best_worst_counts(tasks.iloc[:0], **TASK)


def test_shares_stay_between_0_and_1_and_one_cluster_has_no_standard_error(tasks):
    few = best_worst_counts(tasks.iloc[[0, 0, 0, 2]], **TASK)
    shares = few[few["measure"] != "best_less_worst"]
    assert shares["ci_low"].ge(0).all()
    assert shares["ci_high"].le(1).all()
    assert few["ci_high"].le(1).all()
    alone = best_worst_counts(tasks.assign(p="a"), **TASK, design=SurveyDesign(cluster="p"))
    assert alone["note"].eq("too few clusters for a standard error").all()
    assert alone["ci_low"].isna().all()


def test_worths_of_one_firm_have_no_standard_error(places):
    found = rank_worths(
        places.assign(firm="only"), items=ITEMS, design=SurveyDesign(cluster="firm")
    )
    assert found["std_error"].isna().all()
    assert found["note"].eq("too few clusters for a standard error").all()
