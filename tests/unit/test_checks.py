"""Checks that every floor shares: what they refuse, in three parts, and what they let pass."""

import numpy as np
import pandas as pd
import pytest

from custlib import survey
from custlib.checks import (
    require_at_least,
    require_conf_level,
    require_distinct,
    require_ends,
    require_list,
    require_numeric,
    require_rows,
    require_seed,
    require_whole,
)
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.groups import group_codes, group_rows
from custlib.loyalty import net_promoter_score

EMPTY = pd.DataFrame({"by": []})
ENDLESS = pd.DataFrame({"a": [1, np.inf, 4, -np.inf]})
ANSWERS = pd.DataFrame(
    {
        "a": [1, 2, 3, 4, 5, 3],
        "b": [2, 1, 3, 5, 4, 3],
        "c": [3, 1, 2, 5, 4, 3],
        "group": ["x", "x", "x", "y", "y", "y"],
    }
)
ENDLESS_ANSWERS = ANSWERS.assign(a=[1, 2, np.inf, 4, 5, 3])
RATED = {"subject": "b", "rater": "group", "rating": "a"}
TWICE = pd.DataFrame({"by": ["x", None, "(missing)"]})


@pytest.mark.parametrize(
    "call, error, told",
    [
        (lambda: require_rows(EMPTY, "contacts"), DataError, "The table of contacts has no row."),
        (lambda: group_rows(EMPTY, "by"), DataError, "The table has no row."),
        (lambda: require_list("items", "price"), ParameterError, "items is the text 'price'."),
        (lambda: require_distinct("price"), ParameterError, "Pass items=['price']."),
        (lambda: require_whole("k", 2.5, 1), ParameterError, "k is 2.5."),
        (lambda: require_whole("k", float("nan"), 1), ParameterError, "at least 1."),
        (lambda: require_whole("k", "3", 1), ParameterError, "k is '3'."),
        (lambda: require_seed(None), ParameterError, "The seed is absent."),
        (lambda: require_seed(-1), ParameterError, "seed is -1."),
        (lambda: require_at_least("n_boot", "x", 2), ParameterError, "n_boot is 'x'."),
        (lambda: require_at_least("n_boot", None, 2), ParameterError, "n_boot is None."),
        (lambda: require_conf_level("95"), ParameterError, "conf_level is '95'."),
        (lambda: require_conf_level(None), ParameterError, "conf_level is None."),
        (lambda: require_ends((5, 1)), ParameterError, "scale is (5, 1)."),
        (lambda: require_ends((3, 3), "stated_scale"), ParameterError, "stated_scale is (3, 3)."),
        (lambda: require_ends((1,)), ParameterError, "scale is (1,)."),
        (lambda: require_ends(5), ParameterError, "scale is 5."),
        (lambda: require_ends(("1", "5")), ParameterError, "scale is ('1', '5')."),
        (lambda: require_ends((1, np.nan)), ParameterError, "scale is (1, nan)."),
        (lambda: require_numeric(ENDLESS, "a"), DataError, "2 infinite values in 'a'; first: row"),
        (lambda: group_rows(TWICE, "by"), DataError, "'by' has the value '(missing)', and rows"),
        (lambda: group_codes(TWICE, "by"), DataError, "'by' has the value '(missing)', and rows"),
        (lambda: arrange([{"n": 1}], keys=["n"]), ParameterError, "'n' has a name"),
        (lambda: arrange([{"item": 1}], keys=["item", "item"]), ParameterError, "'item_group'"),
    ],
)
def test_what_is_refused_is_told_in_three_parts(call, error, told):
    with pytest.raises(error) as caught:
        call()
    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float64(3)])
def test_a_whole_number_of_any_type_is_taken_as_such(value):
    assert require_whole("k", value, 3) == 3
    assert type(require_seed(value)) is int


def test_groups_of_an_empty_table_are_its_categories():
    table = pd.DataFrame({"by": pd.Categorical([], categories=["a", "b"])})
    assert [name for name, _ in group_rows(table, "by")] == ["a", "b"]


def test_the_value_missing_is_a_group_where_no_row_lacks_one():
    table = pd.DataFrame({"by": ["x", "(missing)"]})
    assert [name for name, _ in group_rows(table, "by")] == ["x", "(missing)"]
    assert group_codes(table, "by")[1] == ["x", "(missing)"]


def test_a_category_of_that_name_is_refused_beside_gaps_too():
    table = pd.DataFrame({"by": pd.Categorical(["x", None], categories=["x", "(missing)"])})
    with pytest.raises(DataError, match="Rename the value"):
        group_rows(table, "by")


def test_an_infinite_number_passes_where_it_is_a_result():
    assert require_numeric(ENDLESS, "a", finite=False).tolist() == [1, np.inf, 4, -np.inf]


@pytest.mark.parametrize(
    "call",
    [
        lambda: survey.cronbach_alpha(ENDLESS_ANSWERS, items=["a", "b"]),
        lambda: survey.mcdonald_omega(ENDLESS_ANSWERS, items=["a", "b", "c"]),
        lambda: survey.item_statistics(ENDLESS_ANSWERS, items=["a", "b"]),
        lambda: survey.item_deviations(ENDLESS_ANSWERS, items=["a", "b"]),
        lambda: survey.compare_groups(ENDLESS_ANSWERS, items=["a"], by="group", method="welch"),
        lambda: survey.penalty_reward(ENDLESS_ANSWERS, outcome="a", items=["b"], scale=(1, 5)),
        lambda: survey.rater_agreement(ENDLESS_ANSWERS, **RATED, level="interval"),
        lambda: survey.driver_shares(ENDLESS_ANSWERS, outcome="a", drivers=["b", "c"]),
    ],
)
def test_an_infinite_answer_is_named_and_not_taken_for_answers_that_are_equal_or_few(call):
    with pytest.raises(DataError, match="1 infinite value in 'a'; first: row 2: inf"):
        call()


@pytest.mark.parametrize("scale", [(5, 1), (1,), {"a": (5, 1)}])
@pytest.mark.parametrize(
    "call",
    [
        lambda scale: survey.satisfaction_profile(ANSWERS, items=["a"], scale=scale),
        lambda scale: survey.satisfaction_index(ANSWERS, items=["a"], scale=scale),
        lambda scale: survey.customer_effort_score(ANSWERS, item="a", scale=scale),
    ],
)
def test_ends_the_wrong_way_round_are_no_fault_of_the_answers(call, scale):
    with pytest.raises(ParameterError, match=r"scale is \((5, 1|1,)\)"):
        call(scale)


def test_a_promoter_needs_a_scale_that_rises():
    for scale in ((10, 0), (1,)):
        with pytest.raises(ParameterError, match="the lowest answer before the highest"):
            net_promoter_score(ANSWERS, item="a", scale=scale)


def test_stated_importance_needs_a_scale_that_rises():
    with pytest.raises(ParameterError, match=r"stated_scale is \(5, 1\)"):
        survey.importance_performance(
            ANSWERS, items=["a", "b"], scale=(1, 5), stated={"a": "c", "b": "c"},
            stated_scale=(5, 1), n_boot=9, seed=1,
        )  # fmt: skip
