"""Rules for rows that are no plain sale: each with each action, its count and its amount."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation import customer_table, order_book
from custlib.segmentation.transactions.rules import ACTIONS

ROLES = {"customer": "who", "date": "on", "amount": "paid"}


def table(*rows, columns=("who", "on", "paid")):
    return pd.DataFrame(list(rows), columns=list(columns))


def book(orders, **options):
    return order_book(orders, **(ROLES | options))


def counts(found):
    rules = found.rules.set_index("rule")
    return {name: (row["n"], row["amount"]) for name, row in rules.iterrows() if row["n"]}


def customers(orders, *columns, **options):
    found = customer_table(book(orders, **options)).set_index("customer")
    return {name: tuple(row) for name, row in found[list(columns)].iterrows()}


# One plain row of 100 by "a" and one row that meets the rule and no other.
MET = {
    "missing_customer": (None, "2024-01-10", 7.0),
    "missing_date": ("b", None, 7.0),
    "missing_amount": ("b", "2024-01-10", None),
    "returns": ("b", "2024-01-10", -7.0),
    "zeros": ("b", "2024-01-10", 0.0),
    "future": ("b", "2024-03-10", 7.0),
    "duplicates": ("a", "2024-01-05", 100.0),
}
CASES = [(rule, action) for rule in MET for action in ACTIONS[rule] if action != "ignore"]


@pytest.mark.parametrize("rule, action", CASES)
def test_every_rule_under_every_action(rule, action):
    orders = table(("a", "2024-01-05", 100.0), MET[rule])
    options = {rule: action, "as_of": "2024-01-31"}
    if action == "refuse":
        with pytest.raises(DataError, match=r"1 row has this fault: .*\nExpected none.*\n.*pass"):
            book(orders, **options)
        return
    found = counts(book(orders, **options))
    amount = MET[rule][2]
    met = found[rule]
    assert met[0] == 1
    unknown = rule == "missing_amount" or (rule, action) == ("duplicates", "keep")
    assert np.isnan(met[1]) if unknown else met[1] == amount
    assert found["all rows"] == (2, 100.0 + (amount or 0.0))
    left = action == "leave_out"
    assert found["used"] == ((1, 100.0) if left else (2, 100.0 + amount))
    row = book(orders, **options).rules.set_index("rule").loc[rule]
    assert row["action"] == action


@pytest.mark.parametrize("action", ACTIONS["cancellations"])
def test_cancelled_orders_under_every_action(action):
    orders = table(
        ("a", "2024-01-05", 100.0, "1"),
        ("a", "2024-01-06", -30.0, "C1"),
        ("b", "2024-01-07", 20.0, "C2"),
        columns=("who", "on", "paid", "id"),
    )
    options = {"order": "id", "cancelled_prefix": "C", "cancellations": action}
    if action == "refuse":
        with pytest.raises(DataError, match="2 rows have this fault: cancelled order"):
            book(orders, **options)
        return
    found = counts(book(orders, **options))
    assert found["cancellations"] == (2, -10.0)
    assert "returns" not in found  # a row is a return or a cancellation, not both
    bought = customers(orders, "n_orders", "amount", **options)
    # A cancelled order is no order whatever the sign of its amount.
    assert bought == ({"a": (1, 70.0), "b": (0, 20.0)} if action == "net" else {"a": (1, 100.0)})


def test_what_is_done_if_nothing_is_said():
    rules = book(table(("a", "2024-01-05", 1.0))).rules
    assert dict(zip(rules["rule"], rules["action"], strict=True)) == {
        "all rows": "",
        "missing_customer": "leave_out",
        "missing_date": "refuse",
        "missing_amount": "refuse",
        "returns": "net",
        "cancellations": "net",
        "zeros": "keep",
        "duplicates": "ignore",
        "future": "leave_out",
        "timezone": "convert",
        "used": "",
    }


def test_an_action_that_the_rule_does_not_have():
    with pytest.raises(ParameterError, match="zeros is 'net'"):
        book(table(("a", "2024-01-05", 1.0)), zeros="net")


def test_all_rows_are_those_used_and_those_left_out():
    orders = table(
        ("a", "2024-01-05", 100.0),
        ("a", "2024-01-05", 100.0),
        (None, "2024-01-05", 1.0),
        ("", "2024-01-06", 2.0),
        ("b", None, 4.0),
        ("b", "2024-01-07", None),
        ("b", "2024-01-08", -8.0),
        ("b", "2024-01-09", 0.0),
        ("b", "2025-01-09", 16.0),
    )
    left = dict.fromkeys(MET, "leave_out")
    found = counts(book(orders, as_of="2024-12-31", **left))
    assert found["used"] == (1, 100.0)
    assert found["all rows"] == (9, 100 + 100 + 1 + 2 + 4 - 8 + 16)
    met = [found[rule] for rule in MET]
    assert sum(n for n, _ in met) + found["used"][0] == found["all rows"][0]
    assert np.nansum([amount for _, amount in met]) + 100.0 == found["all rows"][1]
    assert found["missing_customer"] == (2, 3.0)


def test_a_row_counts_under_each_rule_it_meets():
    found = counts(book(table(("a", "2024-01-05", 5.0), (None, "2024-01-06", -3.0))))
    assert found["missing_customer"] == (1, -3.0)
    assert found["returns"] == (1, -3.0)
    assert found["used"] == (1, 5.0)


def test_a_message_shows_the_rows_and_what_to_do():
    orders = table(("a", "2024-01-05", 5.0), ("b", "2024-01-06", None), (None, "2024-01-07", None))
    with pytest.raises(DataError) as caught:
        book(orders)
    found, expected, do = str(caught.value).splitlines()
    assert found == (
        "2 rows have this fault: no amount; for example: customer b, day 2024-01-06, amount none;"
        " customer none, day 2024-01-07, amount none."
    )
    assert expected.startswith("Expected none")
    assert do == "Correct the rows, or pass missing_amount='leave_out'."


@pytest.mark.parametrize(
    "ids, codes, left",
    [
        ([1, 1, 2], [2], 1),
        ([1, 1, 2], ["2"], 1),
        ([1, 1, 2], [2.0], 1),
        ([1, 1, 2], ["guest"], 2),
        ([1.0, 1.0, 2.0], ["2"], 1),
        (["1", "1", "2"], [2], 1),
        (["1", "1", "2"], [2.0], 1),
        (["x", "x", "guest "], ["guest"], 1),
        (["x", "x", "Guest"], ["guest"], 2),
        (["x", "n/a", "-"], ["n/a", "-"], 1),
    ],
)
def test_codes_that_stand_for_nobody(ids, codes, left):
    orders = pd.DataFrame({"who": ids, "on": "2024-01-05", "paid": 1.0})
    assert len(customer_table(book(orders, unknown=codes))) == left


@pytest.mark.parametrize("options", [{}, {"order": "id", "cancelled_prefix": ""}])
def test_a_beginning_of_cancelled_ids_needs_the_ids(options):
    orders = table(("a", "2024-01-05", 1.0)).assign(id="1")
    with pytest.raises(ParameterError, match="cancelled_prefix is"):
        book(orders, **({"cancelled_prefix": "C"} | options))


def test_returns_before_the_first_order_of_all_are_noted():
    orders = table(("a", "2024-01-05", -10.0), ("a", "2024-03-01", 30.0), ("b", "2024-04-01", 5.0))
    rules = book(orders).rules.set_index("rule")
    assert rules.loc["returns", "note"].endswith("in no period")
    assert customers(orders, "amount") == {"a": (30.0,), "b": (5.0,)}
    found = customer_table(book(orders), since="2024-01-01")
    assert found["amount"].tolist() == [20.0, 5.0]
    assert "no period" not in book(orders.iloc[1:]).rules.set_index("rule").loc["returns", "note"]


def test_a_day_after_a_long_silence_is_doubted():
    orders = table(("a", "2022-01-05", 1.0), ("a", "2023-02-01", 1.0))
    assert book(orders).rules["note"].iloc[-1].startswith("no order in the 12 months")
    orders = table(("a", "2022-01-05", 1.0), ("a", "2023-01-31", 1.0))
    assert book(orders).rules["note"].iloc[-1] == ""


def test_equal_rows_are_equal_in_every_column():
    orders = table(("a", "2024-01-05", 1.0), ("a", "2024-01-05", 1.0)).assign(line=[1, 2])
    assert "duplicates" not in counts(book(orders, duplicates="keep"))
    triple = pd.concat([orders.iloc[:1]] * 3)
    assert counts(book(triple, duplicates="leave_out"))["duplicates"] == (2, 2.0)
    assert counts(book(triple, duplicates="keep"))["duplicates"][0] == 2


def test_later_orders_that_are_kept_are_in_no_table_as_of_an_earlier_day():
    orders = table(("a", "2024-01-05", 1.0), ("a", "2024-05-05", 2.0))
    found = book(orders, as_of="2024-02-29", future="keep")
    assert (found.n_periods(), found.as_of) == (5, pd.Timestamp("2024-02-29"))
    with pytest.raises(ParameterError, match="there are orders up to 2024-05-05"):
        customer_table(found)
    assert customer_table(found, as_of="2024-05-31")["amount"].tolist() == [3.0]
    assert customer_table(found, until="2024-02-29")["amount"].tolist() == [1.0]


def test_a_line_of_totals_is_doubted():
    orders = table(*[(name, "2024-01-05", size) for size, name in enumerate("abcdefghij", 1)])
    both = pd.concat([orders, table(("Total", "2024-01-31", 55.0))])
    assert book(both).rules["note"].iloc[-1] == (
        "one row holds as much as all others together; is it their sum?"
    )
    late = pd.concat([orders, table(("Total", "2025-03-31", 55.0))])
    assert book(late).rules["note"].iloc[-1] == (
        "one row holds as much as all others together; is it their sum?; "
        "no order in the 13 months before the last; is its day right?"
    )
    for other in (54.99, 55.01):
        near = pd.concat([orders, table(("k", "2024-01-31", other))])
        assert book(near).rules["note"].iloc[-1] == ""
    assert book(both.iloc[1:].assign(paid=1.0)).rules["note"].iloc[-1] == ""


@pytest.mark.parametrize("kind", ["Int64", "Float64", "boolean", "string", object])
def test_a_column_without_a_single_customer_is_refused(kind):
    nobody = pd.array([None] * 3, dtype=kind)
    orders = pd.DataFrame({"who": nobody, "day": "2024-01-31", "sum": 1.0})
    with pytest.raises(DataError, match="None of the 3 rows can be used: 3 no customer"):
        order_book(orders, customer="who", date="day", amount="sum")
