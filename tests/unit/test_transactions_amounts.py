"""Amounts: how they are written, exact sums, limits, and what is no number."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation import customer_table, order_book


def book(amounts, **options):
    orders = pd.DataFrame({"who": "a", "on": "2024-01-05", "paid": amounts})
    return order_book(orders, customer="who", date="on", amount="paid", **options)


def total(amounts, **options):
    return customer_table(book(amounts, **options))["amount"].iloc[0]


@pytest.mark.parametrize(
    "texts, expected",
    [
        (["10.5", "1000.25"], 1010.75),
        (["10,5", "1000,25"], 1010.75),
        (["10,5", "1 000,25", "1\u00a0000", "2\u202f000,00"], 4010.75),
        (["1.000,25", "10"], 1010.25),
        (["1,000.25", "10"], 1010.25),
        (["1,000,000", "10"], 1_000_010.0),
        (["0,234", "5,123"], 5.357),
        (["1.234", "5.678"], 6.912),
        (["+1", "-0.5", "\u22120.25", " 7 "], 7.25),
        (["5.", ".5", "1e2", "2E-1"], 105.7),
        (["1'000.5", "2'000"], 3000.5),
    ],
)
def test_numbers_as_people_write_them(texts, expected):
    assert total(texts) == expected


def test_a_comma_that_may_be_either_is_asked_about():
    texts = ["1,234", "5,678"]
    with pytest.raises(DataError, match="leave open what their comma means: 1,234"):
        book(texts)
    assert total(texts, decimal=",") == 6.912
    assert total(texts, decimal=".") == 6912.0


def test_two_decimal_marks_in_one_column():
    with pytest.raises(DataError, match="decimal commas and decimal points"):
        book(["1,5", "1.25"])


def test_a_decimal_mark_that_is_none():
    with pytest.raises(ParameterError, match="decimal is ';'"):
        book(["1"], decimal=";")


@pytest.mark.parametrize("text", ["abc", "12 EUR", "(5.00)", "5-", "1..5", "NULL", "1,23,4"])
def test_text_that_is_no_number_is_shown_with_its_count(text):
    with pytest.raises(DataError) as caught:
        book(["1", text, text, ""])
    found, expected, do = str(caught.value).splitlines()
    assert found.endswith(f"how many of each form: {text!r} (2).")
    assert (expected, do[:12]) == ("Expected numbers, or nothing.", "Correct them")


def test_blank_amounts_are_missing():
    found = book(["1", "", "  ", None], missing_amount="leave_out")
    assert found.rules.set_index("rule").loc["missing_amount", "n"] == 3


@pytest.mark.parametrize("kind", ["float64", "float32", "Float64", "object", "decimal"])
def test_missing_amounts_of_each_kind(kind):
    amounts = [Decimal("1.5"), None] if kind == "decimal" else [1.5, None]
    column = pd.Series(amounts, dtype="object" if kind in ("object", "decimal") else kind)
    found = book(column, missing_amount="leave_out")
    assert found.rules.set_index("rule").loc["missing_amount", "n"] == 1
    assert customer_table(found)["amount"].tolist() == [1.5]


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64", "Int32", "object", "category"])
def test_whole_amounts_of_each_kind(kind):
    assert total(pd.Series([1, 2, 100]).astype(kind)) == 103.0


def test_dates_in_place_of_amounts():
    with pytest.raises(DataError, match="The amounts in 'paid' are of the kind timestamp"):
        book([pd.Timestamp("2024-01-05")])


def test_sums_are_exact():
    assert 0.1 + 0.2 != 0.3
    assert total([0.1, 0.2]) == 0.3
    assert total([0.1] * 10) == 1.0
    assert total([1e9, 0.01, -1e9]) == 0.01
    assert total(["0,1"] * 3) == 0.3


def test_whole_amounts_beyond_what_floats_hold():
    assert float(2**60 + 1) == float(2**60)
    assert total([2**60 + 1, -(2**60)], decimals=0) == 1.0


def test_ties_stay_ties():
    orders = pd.DataFrame(
        {
            "who": ["a", "a", "a", "b", "b", "c"],
            "paid": [0.1, 0.2, 0.3, 0.3, 0.3, 0.6],
            "on": "2024-01-05",
        }
    )
    found = order_book(orders, customer="who", date="on", amount="paid")
    assert customer_table(found)["amount"].tolist() == [0.6, 0.6, 0.6]


def test_amounts_are_rounded_to_the_decimals_asked_for():
    assert total([0.00004, 0.00004]) == 0.0
    assert total([0.00005, 0.00005]) == 0.0002
    assert total([0.00004, 0.00004], decimals=5) == 0.00008
    assert total([1.5, 2.5], decimals=0) == 5.0  # half away from zero: 2 + 3
    assert total([3, -1.5], decimals=0) == 1.0
    found = book([1.0, 0.00004]).rules.set_index("rule")
    assert found.loc["zeros", "n"] == 1


@pytest.mark.parametrize("decimals", [-1, 2.5, 19, "2"])
def test_decimals_are_a_whole_number(decimals):
    with pytest.raises(ParameterError, match="decimals is"):
        book([1.0], decimals=decimals)


@pytest.mark.parametrize(
    "amounts, size",
    [
        ([1.0, np.inf], "inf"),
        ([1.0, -np.inf], "inf"),
        ([1e15, 1.0], "1e\\+15"),
        ([10**18, 1], "1e\\+18"),
        ([5e14, -5e14], "1e\\+15"),
        (["1e300"], "1e\\+300"),
    ],
)
def test_amounts_too_large_for_exact_sums(amounts, size):
    with pytest.raises(DataError, match=rf"add up to {size} .*\nExpected less than 9e\+14"):
        book(amounts)


def test_fewer_decimals_make_room():
    assert total([1e15, 1.0], decimals=2) == 1e15 + 1


def test_products_and_profits_too_large():
    orders = pd.DataFrame({"who": "a", "on": "2024-01-05", "paid": [10**18, 1], "q": [100, 1]})
    with pytest.raises(DataError, match=r"add up to 1e\+20"):
        order_book(orders, customer="who", date="on", amount="paid", quantity="q")
    orders = pd.DataFrame({"who": "a", "on": "2024-01-05", "paid": [1, 1], "g": [1, np.inf]})
    with pytest.raises(DataError, match="add up to inf"):
        order_book(orders, customer="who", date="on", amount="paid", profit="g")


def test_amounts_that_are_not_a_number_are_missing():
    with pytest.raises(DataError, match="1 row has this fault: no amount"):
        book([1.0, np.nan])
