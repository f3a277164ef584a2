"""Lenses on a base: what is refused, what is noted, and how sure a split is."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation import period_bridge, repeat_shares, revenue_change, value_deciles


def customers(amounts, orders=None, names=None):
    names = range(len(amounts)) if names is None else names
    orders = [1] * len(amounts) if orders is None else orders
    return pd.DataFrame({"customer": names, "n_orders": orders, "amount": amounts})


def test_group_sizes_differ_by_at_most_one():
    sizes = value_deciles(customers(np.arange(23.0)))["n"]
    assert sizes.sum() == 23
    assert sizes.max() - sizes.min() == 1


def test_a_group_without_orders_has_no_order_size():
    groups = value_deciles(customers([5.0, -1.0], orders=[1, 0]), groups=2)
    assert groups["amount_per_order"].isna().tolist() == [False, True]


def test_more_groups_than_customers_are_refused():
    with pytest.raises(DataError, match="2 customers for 10 groups"):
        value_deciles(customers([1.0, 2.0]))


def test_one_group_is_refused():
    with pytest.raises(ParameterError, match="groups is 1"):
        value_deciles(customers([1.0, 2.0]), groups=1)


@pytest.mark.parametrize("function", [period_bridge, revenue_change])
def test_a_customer_in_two_rows_is_refused(function):
    twice = customers([1.0, 2.0], names=["a", "a"])
    with pytest.raises(DataError, match="repeated customer"):
        function(twice, customers([1.0]))


@pytest.mark.parametrize("function", [period_bridge, revenue_change])
@pytest.mark.parametrize("column", ["amount", "n_orders"])
def test_a_missing_number_is_no_zero(function, column):
    whole = customers([1.0, 2.0])
    lacking = whole.assign(**{column: [1.0, np.nan]})
    with pytest.raises(DataError, match=rf"1 missing values in '{column}'; first rows: \[1\]"):
        function(whole, lacking)


@pytest.mark.parametrize("function", [period_bridge, revenue_change])
def test_names_as_numbers_and_as_text_are_not_taken_for_other_customers(function):
    with pytest.raises(DataError, match="numbers in one table and text in the other"):
        function(customers([1.0, 2.0], names=[1, 2]), customers([1.0, 2.0], names=["1", "2"]))


@pytest.mark.parametrize("dtype", [object, "category", "Int64"])
def test_numbers_are_one_kind_of_name_however_they_are_held(dtype):
    """Text never equals them: all would be lost and new; the same numbers are all kept."""
    held = customers([1.0, 2.0], names=pd.Series([1, 2], dtype=dtype))
    kept = customers([1.0, 2.0], names=[1, 2])
    for pair in ((held, kept), (kept, held)):
        assert period_bridge(*pair)["estimate"].eq(0).all()
    with pytest.raises(DataError, match="numbers in one table and text in the other"):
        period_bridge(held, customers([1.0, 2.0], names=["1", "2"]))


@pytest.mark.parametrize("amounts", [[5.0, -5, 0, 0], [5.0, -4, -2, -3]])
def test_a_sum_not_above_zero_has_no_shares_and_a_note(amounts):
    found = value_deciles(customers(amounts), groups=2)
    assert found["amount_share"].isna().all()
    assert set(found["note"]) == {"amount does not sum to more than zero"}
    assert set(value_deciles(customers([5.0, 1.0]), groups=2)["note"]) == {""}


def test_equal_values_are_parted_by_name_ascending_in_whatever_order_categories_stand():
    names = pd.Categorical([3, 10, 1, 2], categories=[10, 3, 2, 1])
    found = value_deciles(customers([1.0] * 4, orders=[30, 100, 10, 20], names=names), groups=2)
    assert found["orders_per_customer"].tolist() == [(10 + 20) / 2, (30 + 100) / 2]


@pytest.mark.parametrize("column", ["amount", "n_orders"])
def test_groups_by_value_refuse_a_missing_number(column):
    base = customers([1.0, 2.0, 3.0]).assign(**{column: [1.0, np.nan, 2.0]})
    with pytest.raises(DataError, match=f"1 missing values in '{column}'"):
        value_deciles(base, groups=2)


def test_the_split_adds_up_whatever_the_periods_hold():
    rng = np.random.default_rng(7)
    for size in (5, 60):
        first = customers(rng.gamma(2, 50, size), rng.integers(1, 9, size))
        second = customers(
            rng.gamma(2, 60, size), rng.integers(1, 9, size), names=range(2, size + 2)
        )
        rows = revenue_change(first, second)
        assert rows["estimate"][:3].sum() == pytest.approx(rows["estimate"][3], rel=1e-9)


def test_equal_periods_change_nothing():
    base = customers([10.0, 20.0, 5.0], orders=[1, 2, 1])
    rows = revenue_change(base, base)
    assert rows["estimate"].tolist() == [0, 0, 0, 0]
    assert rows["std_error"].tolist() == pytest.approx([0, 0, 0, 0])


def test_a_period_without_orders_has_no_split_but_a_change():
    rows = revenue_change(customers([10.0]), customers([-1.0], orders=[0]))
    assert rows["estimate"].isna().tolist() == [True, True, True, False]
    assert rows["estimate"].iloc[3] == -11
    assert rows["note"].str.contains("without orders").all()


def test_one_customer_has_no_interval():
    row = revenue_change(customers([10.0]), customers([30.0])).iloc[3]
    assert row["estimate"] == 20
    assert np.isnan(row["std_error"])
    assert row["note"] == "one customer tells nothing of chance"


def test_nobody_who_bought_gives_missing_shares():
    assert repeat_shares(customers([1.0], orders=[0]))["estimate"].isna().all()
    assert repeat_shares(customers([1.0], orders=[0]))["n"].tolist() == [0] * 5
    notes = repeat_shares(customers([1.0], orders=[0]))["note"]
    assert set(notes) == {"no customer with an order"}
