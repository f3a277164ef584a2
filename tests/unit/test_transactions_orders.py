"""What makes an order: single rows, lines of one id, days; returns; first and last dates."""

import pandas as pd
import pytest

from custlib.errors import DataError
from custlib.segmentation import customer_table, order_book

ROLES = {"customer": "who", "date": "on", "amount": "paid"}
LINES = pd.DataFrame(
    [
        ("a", "2024-01-05", 10.0, "1"),
        ("a", "2024-01-05", 20.0, "1"),
        ("a", "2024-01-05", 40.0, "2"),
        ("a", "2024-02-01", 5.0, None),  # two lines without an id, one day
        ("a", "2024-02-01", 6.0, ""),
        ("a", "2024-02-02", 7.0, " "),
        ("b", "2024-01-31", 1.0, "3"),  # one order over two days and two months
        ("b", "2024-02-01", 2.0, "3"),
        ("c", "2024-01-09", 9.0, "1"),  # the id of another customer's order
    ],
    columns=["who", "on", "paid", "id"],
)


def found(orders, *columns, **options):
    table = customer_table(order_book(orders, **(ROLES | options))).set_index("customer")
    return {name: tuple(row) for name, row in table[list(columns)].iterrows()}


@pytest.mark.parametrize(
    "options, orders",
    [
        ({}, {"a": 6, "b": 2, "c": 1}),
        ({"order": "id"}, {"a": 4, "b": 1, "c": 1}),
        ({"merge_days": True}, {"a": 3, "b": 2, "c": 1}),
        ({"order": "id", "merge_days": True}, {"a": 3, "b": 1, "c": 1}),
    ],
)
def test_lines_and_days_that_are_one_order(options, orders):
    table = found(LINES, "n_orders", "amount", **options)
    assert {name: row[0] for name, row in table.items()} == orders
    assert {name: row[1] for name, row in table.items()} == {"a": 88.0, "b": 3.0, "c": 9.0}


def test_an_order_over_two_days_is_of_its_first():
    table = found(LINES, "first_date", "last_date", "n_active", order="id")
    first = pd.Timestamp("2024-01-31")
    assert table["b"] == (first, first, 1)
    assert found(LINES, "last_date", "n_active")["b"] == (pd.Timestamp("2024-02-01"), 2)


def test_ids_that_are_numbers():
    orders = LINES.assign(id=[1, 1, 2, None, None, None, 3, 3, 1])
    assert found(orders, "n_orders", order="id")["a"] == (4,)
    orders["id"] = orders["id"].astype("Int64")
    assert found(orders, "n_orders", order="id")["a"] == (4,)


def lines(*rows):
    return pd.DataFrame(list(rows), columns=["who", "on", "paid", "id"])


def test_returns_are_net_and_no_orders():
    orders = lines(
        ("a", "2024-01-05", 100.0, "1"),
        ("a", "2024-01-07", -30.0, "2"),
        ("a", "2024-02-07", -30.0, "3"),
        ("b", "2024-02-07", -5.0, "4"),
    )
    columns = ["n_orders", "n_returns", "amount", "first_date", "last_date", "n_active"]
    table = customer_table(order_book(orders, **ROLES)).set_index("customer")
    day = pd.Timestamp("2024-01-05")
    assert tuple(table.loc["a", columns]) == (1, 2, 40.0, day, day, 1)
    assert tuple(table.loc["b", columns[:3]]) == (0, 1, -5.0)
    assert table.loc["b", ["first_date", "last_date", "recency_days", "age_days"]].isna().all()
    assert pd.isna(table.loc["b", "amount_cv"])


def test_lines_taken_back_within_their_order():
    orders = lines(
        ("a", "2024-01-05", 10.0, "1"),
        ("a", "2024-01-05", -3.0, "1"),  # 7 are left: an order
        ("b", "2024-01-05", 10.0, "2"),
        ("b", "2024-01-06", -10.0, "2"),  # nothing is left: neither order nor return
        ("c", "2024-01-05", 10.0, "3"),
        ("c", "2024-01-05", -12.0, "3"),  # a return
        ("d", "2024-01-05", 0.0, "4"),  # a gift is an order
    )
    table = found(orders, "n_orders", "n_returns", "amount", order="id")
    assert table == {"a": (1, 0, 7), "b": (0, 0, 0), "c": (0, 1, -2), "d": (1, 0, 0)}
    apart = found(orders, "n_orders", "n_returns", "amount")
    assert apart == {"a": (1, 1, 7), "b": (1, 1, 0), "c": (1, 1, -2), "d": (1, 0, 0)}


def test_a_day_with_a_cancelled_and_a_good_order_is_one_order():
    orders = lines(("a", "2024-01-05", 10.0, "1"), ("a", "2024-01-05", 4.0, "C1"))
    options = {"order": "id", "cancelled_prefix": "C", "merge_days": True}
    assert found(orders, "n_orders", "amount", **options) == {"a": (1, 14.0)}


def test_zeros_are_orders_unless_left_out():
    orders = lines(("a", "2024-01-05", 10.0, "1"), ("a", "2024-03-05", 0.0, "2"))
    assert found(orders, "n_orders", "n_active") == {"a": (2, 2)}
    assert found(orders, "n_orders", "n_active", zeros="leave_out") == {"a": (1, 1)}


@pytest.mark.parametrize("kind", ["int64", "float64", "str"])
def test_amounts_times_quantities(kind):
    orders = lines(("a", "2024-01-05", 3, "1"), ("a", "2024-01-06", 5, "2")).assign(q=[2, -1])
    orders["paid"] = orders["paid"].astype(kind)
    table = found(orders, "n_orders", "n_returns", "amount", quantity="q")
    assert table == {"a": (1, 1, 1.0)}


def test_profits_are_summed_and_a_missing_one_is_a_missing_amount():
    orders = lines(("a", "2024-01-05", 3, "1"), ("a", "2024-01-06", 5, "2")).assign(g=[1.25, -2.0])
    assert found(orders, "amount", "profit", profit="g") == {"a": (8.0, -0.75)}
    assert "profit" not in customer_table(order_book(orders, **ROLES))
    orders["g"] = [1.25, None]
    with pytest.raises(DataError, match="no amount"):
        found(orders, "amount", profit="g")
    assert found(orders, "amount", profit="g", missing_amount="leave_out") == {"a": (3.0,)}


def test_returns_alone_are_no_book():
    with pytest.raises(DataError, match="There are returns, but no order"):
        found(lines(("a", "2024-01-05", -3, "1"), ("b", "2024-01-06", -5, "2")), "amount")
