"""The customer table and the table of periods: windows, recency, steadiness, by hand."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation import customer_periods, customer_table, order_book

COLUMNS = [
    "customer",
    "n_orders",
    "n_returns",
    "amount",
    "first_date",
    "last_date",
    "recency_days",
    "age_days",
    "n_active",
    "n_periods",
    "active_share",
    "amount_cv",
    "amount_cv_since_first",
]


def book(*rows, **options):
    orders = pd.DataFrame(list(rows), columns=["who", "on", "paid"])
    return order_book(orders, customer="who", date="on", amount="paid", **options)


def monthly(who, amounts, first="2024-01-15"):
    days = pd.date_range(first, periods=len(amounts), freq=pd.DateOffset(months=1))
    return [(who, day, paid) for day, paid in zip(days, amounts, strict=True) if paid]


def of(table, customer="a"):
    return table.set_index("customer").loc[customer]


def test_columns_and_kinds():
    table = customer_table(book(("b", "2024-01-05", 1), ("a", "2024-01-07", 1)))
    assert table.columns.tolist() == COLUMNS
    assert table["customer"].tolist() == ["a", "b"]
    kinds = {name: str(kind) for name, kind in table.dtypes.items() if name != "customer"}
    whole = {"n_orders", "n_returns", "n_active", "n_periods"}
    times = {"first_date", "last_date"}
    for name, kind in kinds.items():
        known = "int64" if name in whole else "datetime64[s]" if name in times else "float64"
        assert kind == known, name


def test_a_table_by_hand():
    found = book(
        ("a", "2024-01-10", 100),
        ("a", "2024-03-20", 60),
        ("a", "2024-03-25", -10),
        ("b", "2024-02-29", 50),
        as_of="2024-04-30",
    )
    table = customer_table(found)
    row = of(table)
    assert (row["n_orders"], row["n_returns"], row["amount"]) == (2, 1, 150.0)
    assert (row["recency_days"], row["age_days"]) == (41.0, 111.0)
    assert (row["n_active"], row["n_periods"], row["active_share"]) == (2, 4, 0.5)
    # Months 100, 0, 50, 0: mean 37.5, squares 3906.25 + 1406.25 + 156.25 + 1406.25 = 6875.
    assert row["amount_cv"] == pytest.approx((6875 / 3) ** 0.5 / 37.5, rel=1e-14)
    assert row["amount_cv_since_first"] == row["amount_cv"]
    row = of(table, "b")
    assert (row["recency_days"], row["age_days"], row["active_share"]) == (61.0, 61.0, 0.25)
    # 0, 50, 0, 0: the deviation is 25 and the mean 12.5; from February on 50, 0, 0.
    assert row["amount_cv"] == 2.0
    assert row["amount_cv_since_first"] == pytest.approx(3**0.5, rel=1e-14)


@pytest.mark.parametrize("amount", [10.0, 0.1, 1234.5678, 99_999_999.99])
@pytest.mark.parametrize("months", [2, 3, 7, 12, 24])
def test_equal_amounts_each_month_vary_by_exactly_nothing(amount, months):
    row = of(customer_table(book(*monthly("a", [amount] * months))))
    assert row["amount_cv"] == 0.0
    assert np.isnan(row["amount_cv_since_first"]) if months < 3 else True
    assert months < 3 or row["amount_cv_since_first"] == 0.0


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.07, 0.0003, 1_234.56, 12_345.67])
def test_a_variation_of_exactly_one_half(scale):
    amounts = [round(scale * part, 4) for part in (1, 2, 3)]  # mean 2, deviation 1
    assert of(customer_table(book(*monthly("a", amounts))))["amount_cv"] == 0.5


def test_a_variation_needs_two_periods_and_a_sum_above_zero():
    table = customer_table(book(("a", "2024-01-05", 10), ("b", "2024-01-06", 5)))
    assert table["amount_cv"].isna().all()
    rows = [("a", "2024-01-05", 10), ("a", "2024-02-05", -10), ("b", "2024-03-06", 5)]
    table = customer_table(book(*rows))
    assert of(table)["amount"] == 0.0
    assert np.isnan(of(table)["amount_cv"])
    assert of(table, "b")["amount_cv"] == pytest.approx(3**0.5)


def test_a_return_before_the_first_order_is_not_since_it():
    rows = [("a", "2024-01-05", -10), *monthly("a", [30, 30, 30], "2024-03-05")]
    found = book(*rows, ("b", "2024-01-09", 5), ("c", "2024-02-05", -1), as_of="2024-05-31")
    table = customer_table(found)
    assert of(table)["amount"] == 80.0
    assert of(table)["amount_cv_since_first"] == 0.0
    # -10, 0, 30, 30, 30: mean 16, squares 676 + 256 + 3 × 196 = 1520.
    assert of(table)["amount_cv"] == pytest.approx(380**0.5 / 16, rel=1e-14)
    assert np.isnan(of(table, "c")["amount_cv_since_first"])


PERIODS = {"month": (13, 4), "quarter": (5, 4), "half_year": (3, 3), "year": (2, 2)}


@pytest.mark.parametrize("period", PERIODS)
def test_periods_of_each_length(period):
    days = ["2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01"]
    found = book(*[("a", day, 1) for day in days], as_of="2024-12-31")
    row = of(customer_table(found, period=period))
    assert (row["n_periods"], row["n_active"]) == PERIODS[period]
    assert found.n_periods(period) == PERIODS[period][0]
    assert (row["n_orders"], row["recency_days"]) == (4, 183.0)


def test_quarters_by_hand():
    found = book(*monthly("a", [1, 2, 3, 0, 0, 6, 6, 0, 0]))
    row = of(customer_table(found, period="quarter"))
    assert (row["amount_cv"], row["n_active"]) == (0.0, 3)


def test_a_period_that_is_none():
    found = book(("a", "2024-01-05", 1))
    for function in (customer_table, customer_periods):
        with pytest.raises(ParameterError, match="period is 'week'"):
            function(found, period="week")
    with pytest.raises(ParameterError, match="period is 'week'"):
        found.n_periods("week")


def test_a_window_of_months():
    found = book(
        ("a", "2024-01-31", 1),
        ("a", "2024-02-01", 2),
        ("a", "2024-03-31", 4),
        ("b", "2024-04-01", 8),
    )
    table = customer_table(found, since="2024-02-01", until="2024-03-31")
    assert table["customer"].tolist() == ["a"]
    row = of(table)
    assert (row["n_orders"], row["amount"], row["n_periods"]) == (2, 6.0, 2)
    assert (row["recency_days"], row["age_days"]) == (0.0, 59.0)
    later = of(customer_table(found, until="2024-03-31", as_of="2024-05-31"))
    assert (later["amount"], later["recency_days"], later["n_periods"]) == (7.0, 61.0, 3)
    before = of(customer_table(found, since="2023-11-01"))
    assert (before["n_periods"], before["age_days"]) == (6, 61.0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"since": "2024-02-02"}, "since is 2024-02-02, inside a month.*\n.*\nPass 2024-02-01"),
        ({"until": "2024-02-28"}, "until is 2024-02-28, inside a month.*\n.*\nPass 2024-02-29"),
        ({"since": "soon"}, "since is 'soon'"),
        ({"until": pd.NaT}, "until is NaT"),
        ({"as_of": "2024-03-30"}, "as_of is 2024-03-30, and there are orders up to 2024-03-31"),
    ],
)
def test_windows_that_are_none(options, message):
    found = book(("a", "2024-01-31", 1), ("a", "2024-03-31", 4))
    with pytest.raises(ParameterError, match=message):
        customer_table(found, **options)


@pytest.mark.parametrize("window", [("2025-01-01", "2025-02-28"), ("2024-02-01", "2024-01-31")])
def test_a_window_without_orders(window):
    found = book(("a", "2024-01-31", 1), ("a", "2024-03-31", 4))
    with pytest.raises(DataError, match="Nobody bought between"):
        customer_table(found, since=window[0], until=window[1])


def test_one_order():
    found = book(("a", "2024-01-31", 4.5))
    row = of(customer_table(found))
    assert (row["n_orders"], row["amount"], row["recency_days"]) == (1, 4.5, 0.0)
    assert (row["n_periods"], row["active_share"]) == (1, 1.0)
    assert row[["amount_cv", "amount_cv_since_first"]].isna().all()


def test_all_orders_on_one_day_and_of_one_amount():
    table = customer_table(book(*[(who, "2024-01-31", 5) for who in "aabbbc"]))
    assert table["n_orders"].tolist() == [2, 3, 1]
    assert table["amount"].tolist() == [10.0, 15.0, 5.0]
    assert (table["recency_days"] == 0).all()
    assert (table["n_active"] == 1).all()


def test_a_table_of_periods_by_hand():
    found = book(
        ("a", "2024-01-10", 100),
        ("a", "2024-01-12", 20),
        ("a", "2024-04-20", -10),
        ("b", "2024-02-29", 50),
        as_of="2024-05-01",
    )
    assert customer_periods(found).values.tolist() == [
        ["a", 0, 120.0, 2],
        ["a", 3, -10.0, 0],
        ["b", 1, 50.0, 1],
    ]
    assert customer_periods(found, period="quarter").values.tolist() == [
        ["a", 0, 120.0, 2],
        ["a", 1, -10.0, 0],
        ["b", 0, 50.0, 1],
    ]
    assert found.n_periods() == 5


def test_periods_sum_to_the_customer_table():
    rng = np.random.default_rng(1)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, 300), unit="D")
    rows = zip(rng.integers(0, 9, 300), days, rng.integers(-99, 999, 300) / 100, strict=True)
    found = book(*rows)
    table = customer_table(found, since=found.first_date.replace(day=1))
    summed = customer_periods(found).groupby("customer")["amount"].sum().round(4)
    assert summed.tolist() == table["amount"].tolist()


def test_a_later_day_of_looking_adds_no_empty_periods_after_the_last_that_counts():
    monthly = pd.DataFrame({"customer": ["a"] * 12, "amount": [10.0] * 12})
    monthly["date"] = [f"2024-{month:02d}-05" for month in range(1, 13)]
    book = order_book(monthly, customer="customer", date="date", amount="amount")
    row = customer_table(book, until="2024-06-30", as_of="2024-12-31").iloc[0]
    assert row[["n_active", "n_periods", "active_share", "amount_cv"]].tolist() == [6, 6, 1, 0]
    assert row["recency_days"] == 209  # 5 June to 31 December
