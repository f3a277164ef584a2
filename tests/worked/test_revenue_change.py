"""Two periods side by side: who left, who came, and what the change of revenue is made of."""

import math

import pytest
from table import table

from custlib.segmentation import period_bridge, repeat_shares, revenue_change, value_deciles

before = table(
    """
    customer | n_orders | amount
    ---------+----------+-------
    ada      |        4 |    400
    ben      |        1 |    100
    cem      |        2 |    100
    dan      |        1 |    200
    """
)
after = table(
    """
    customer | n_orders | amount
    ---------+----------+-------
    ada      |        2 |    150
    cem      |        2 |    100
    dan      |        2 |    260
    eva      |        1 |     90
    """
)


def test_the_steps_lead_from_one_revenue_to_the_other():
    steps = period_bridge(before, after).set_index("segment")
    assert steps["estimate"].to_dict() == {
        "lost": -100,
        "kept, less": 150 - 400,
        "kept, as much or more": (100 - 100) + (260 - 200),
        "new": 90,
        "all": 600 - 800,
    }
    assert steps["n"].to_dict() == {
        "lost": 1,
        "kept, less": 1,
        "kept, as much or more": 2,
        "new": 1,
        "all": 5,
    }
    assert steps.loc["all", ["amount_before", "amount_after"]].tolist() == [800, 600]


def test_each_factor_gets_its_growth_times_the_mean_revenue():
    rows = revenue_change(before, after).set_index("term")
    mean = (600 - 800) / math.log(600 / 800)  # logarithmic mean of 800 and 600
    # Customers 4 and 4; orders 8 and 7; revenue 800 and 600.
    assert rows.loc["customers", "estimate"] == pytest.approx(0, abs=1e-12)
    assert rows.loc["orders per customer", "estimate"] == pytest.approx(mean * math.log(7 / 8))
    share = math.log((600 / 7) / (800 / 8))
    assert rows.loc["amount per order", "estimate"] == pytest.approx(mean * share)
    assert rows.loc["all", "estimate"] == -200
    assert rows["effect"].tolist() == pytest.approx([1, 7 / 8, 6 / 7, 0.75])
    assert rows["n"].tolist() == [5] * 4


def test_the_error_of_the_whole_is_that_of_a_sum_of_differences():
    differences = [-250, -100, 0, 60, 90]
    mean = sum(differences) / 5
    variance = sum((value - mean) ** 2 for value in differences) / 4
    row = revenue_change(before, after).set_index("term").loc["all"]
    assert row["std_error"] == pytest.approx(math.sqrt(5 * variance))
    assert row["ci_low"] == pytest.approx(-200 - 1.959964 * row["std_error"], rel=1e-6)


def test_groups_are_filled_from_the_best_down_and_ties_go_by_name():
    groups = value_deciles(before, groups=2)
    # ada 400 and dan 200 first; ben and cem have 100 each.
    assert groups["amount"].tolist() == [600, 200]
    assert groups["amount_share"].tolist() == [0.75, 0.25]
    assert groups["orders_per_customer"].tolist() == [5 / 2, 3 / 2]
    assert groups["amount_per_order"].tolist() == [600 / 5, 200 / 3]


def test_shares_count_only_those_who_bought():
    nobody = before.assign(n_orders=[4, 1, 2, 0])
    rows = repeat_shares(nobody).set_index("measure")
    assert rows.loc["one order", ["numerator", "denominator"]].tolist() == [1, 3]
    assert rows.loc["at least 2 orders", "estimate"] == pytest.approx(2 / 3)
    assert rows.loc["at least 3 orders", "numerator"] == 1
    assert rows.loc["at least 5 orders", "estimate"] == 0
