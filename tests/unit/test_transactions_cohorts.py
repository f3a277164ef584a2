"""Cohorts by hand: who came first when, who came again, and what is not over yet."""

import pandas as pd
import pytest

from custlib.errors import ParameterError
from custlib.intervals import wilson
from custlib.segmentation import cohort_contrast, cohort_table, order_book

ORDERS = pd.DataFrame(
    [
        ("a", "2024-01-05", 10.0, 4.0),
        ("a", "2024-01-09", 10.0, 4.0),
        ("a", "2024-04-01", 30.0, 5.0),
        ("a", "2024-10-01", 1.0, 0.5),
        ("b", "2024-02-02", 5.0, 1.0),
        ("b", "2024-05-02", -5.0, -1.0),  # a return is not coming again
        ("c", "2024-06-30", 7.0, 2.0),
        ("c", "2024-07-01", 9.0, 2.0),
        ("d", "2024-03-01", -2.0, -2.0),  # a return before the first order: in no cohort
        ("d", "2024-05-01", 8.0, 2.0),
        ("e", "2024-02-01", -3.0, -1.0),  # returns only
    ],
    columns=["who", "on", "paid", "gain"],
)
ROLES = {"customer": "who", "date": "on", "amount": "paid"}
# cohort, period, age, amount, profit, orders, who bought, customers
BY_HAND = [
    ("2024 Q1", "2024 Q1", 0, 25.0, 9.0, 3, 2, 2),
    ("2024 Q1", "2024 Q2", 1, 25.0, 4.0, 1, 1, 2),
    ("2024 Q1", "2024 Q3", 2, 0.0, 0.0, 0, 0, 2),
    ("2024 Q1", "2024 Q4", 3, 1.0, 0.5, 1, 1, 2),
    ("2024 Q2", "2024 Q2", 0, 15.0, 4.0, 2, 2, 2),
    ("2024 Q2", "2024 Q3", 1, 9.0, 2.0, 1, 1, 2),
    ("2024 Q2", "2024 Q4", 2, 0.0, 0.0, 0, 0, 2),
]
COLUMNS = ["cohort", "period", "age", "amount", "profit", "n_orders", "numerator", "denominator"]


def table(orders=ORDERS, period="quarter", conf_level=0.95, **options):
    book = order_book(orders, profit="gain", **(ROLES | options))
    return cohort_table(book, period=period, conf_level=conf_level)


def test_cohorts_of_quarters_by_hand():
    found = table()
    assert [tuple(row) for row in found[COLUMNS].values] == BY_HAND
    assert found["estimate"].tolist() == [row[6] / row[7] for row in BY_HAND]
    low, high = wilson(found["estimate"].to_numpy(), found["denominator"].to_numpy())
    assert found["ci_low"].tolist() == low.tolist()
    assert found["ci_high"].tolist() == high.tolist()


@pytest.mark.parametrize(
    "period, cohorts, ages",
    [
        ("month", ["2024-01", "2024-02", "2024-05", "2024-06"], 10 + 9 + 6 + 5),
        ("half_year", ["2024 H1"], 2),
        ("year", ["2024"], 1),
    ],
)
def test_cohorts_of_other_periods(period, cohorts, ages):
    found = table(period=period)
    assert found["cohort"].unique().tolist() == cohorts
    assert len(found) == ages
    assert found.loc[found["age"] == 0, "denominator"].sum() == 4


@pytest.mark.parametrize(
    "as_of, period, noted",
    [
        ("2024-12-31", "quarter", []),
        ("2024-12-30", "quarter", ["2024 Q4"]),
        ("2024-11-30", "quarter", ["2024 Q4"]),
        ("2024-11-30", "month", []),
        ("2024-11-29", "month", ["2024-11"]),
        ("2024-12-31", "year", []),
        ("2024-12-30", "year", ["2024"]),
        ("2024-12-31", "half_year", []),
    ],
)
def test_a_period_that_is_not_over_is_noted(as_of, period, noted):
    found = table(period=period, as_of=as_of)
    assert found.loc[found["note"] != "", "period"].unique().tolist() == noted
    assert set(found["note"]) <= {"", "period not over"}


def test_periods_after_the_last_order_are_rows_of_nothing():
    found = table(as_of="2025-03-31")
    last = found[found["period"] == "2025 Q1"]
    assert last["numerator"].tolist() == [0, 0]
    assert last["amount"].tolist() == [0.0, 0.0]


def test_one_customer_and_no_profit():
    book = order_book(ORDERS.head(1), **ROLES)
    found = cohort_table(book)
    assert "profit" not in found
    assert found[["estimate", "numerator", "denominator"]].values.tolist() == [[1.0, 1, 1]]


def test_later_orders_that_are_kept_have_rows():
    found = table(as_of="2024-05-31", future="keep")
    assert found["amount"].sum() == sum(row[3] for row in BY_HAND)


def test_arguments_that_are_none():
    with pytest.raises(ParameterError, match="period is 'week'"):
        table(period="week")
    with pytest.raises(ParameterError, match="conf_level is 95"):
        table(conf_level=95)


SHARES = pd.DataFrame(
    {
        "cohort": ["2021", "2021", "2022", "2022", "2023"],
        "age": [1, 2, 1, 2, 1],
        "numerator": [12, 5, 15, 9, 4],
        "denominator": [60, 60, 50, 50, 5],
        "note": ["", "", "", "period not over", ""],
    }
)


def test_cohorts_are_compared_at_the_age_most_have_reached():
    rows = cohort_contrast(SHARES, min_base=10)
    assert rows["cohort"].tolist() == ["2021", "2022"]
    # 27 of 110 bought: 14.727 and 12.273 expected, 45.273 and 37.727 of those who did not.
    apart = 12 - 60 * 27 / 110
    expected = [60 * 27 / 110, 50 * 27 / 110, 60 * 83 / 110, 50 * 83 / 110]
    statistic = sum(apart**2 / one for one in expected)
    assert rows["statistic"].tolist() == pytest.approx([statistic] * 2)
    assert rows["df"].tolist() == [1, 1]


def test_one_cohort_or_nobody_who_bought_has_no_test():
    assert cohort_contrast(SHARES, age=2)["p_value"].isna().all()
    nobody = cohort_contrast(SHARES.assign(numerator=0), min_base=10)
    assert nobody["p_value"].isna().tolist() == [True, True]
