"""Checks that every floor shares: what they refuse, in three parts, and what they let pass."""

import numpy as np
import pandas as pd
import pytest

from custlib.checks import require_distinct, require_list, require_rows, require_seed, require_whole
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.groups import group_rows

EMPTY = pd.DataFrame({"by": []})


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
