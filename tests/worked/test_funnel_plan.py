"""Plans of calls by hand: a few calls whose chances can be added up, and the range of sales."""

import pandas as pd
import pytest

from custlib.loyalty import funnel_plan, funnel_scenarios


def row(plan, measure, at=0):
    return plan[plan["measure"] == measure].iloc[at]


def test_two_sales_of_three_calls():
    plan = funnel_plan([0.5, 0.4], target=2, probability=(), calls=3)
    # 3 × 0.2² × 0.8 + 0.2³
    assert row(plan, "probability")["estimate"] == pytest.approx(3 * 0.04 * 0.8 + 0.008)


def test_the_smallest_number_of_calls_and_not_one_more():
    # One sale: 1 − 0.8^N, which passes 0.9 between 10 (0.8926) and 11 (0.9141).
    plan = funnel_plan([0.2], target=1, probability=0.9)
    assert row(plan, "calls_needed")["calls"] == 11
    assert row(plan, "calls_needed")["estimate"] == pytest.approx(1 - 0.8**11)
    assert row(plan, "calls_needed")["limit"] == 0.9


def test_the_range_of_sales_leaves_no_more_than_the_level_on_each_side():
    # Binomial(4, ½): 1/16, 4/16, 6/16, 4/16, 1/16; a tenth on each side.
    plan = funnel_plan([0.5], target=1, probability=(), calls=4, conf_level=0.8)
    sales = row(plan, "sales")
    assert sales[["estimate", "ci_low", "ci_high"]].tolist() == [2, 1, 3]


def test_one_uncertain_rate_is_a_beta_binomial():
    # One of two moved on: Beta(1.5, 1.5). P(at least 1 of 2) = 1 − E[(1 − p)²] = 1 − (1/4 + 1/16).
    rates = pd.DataFrame({"stage": ["call"], "next_stage": ["sale"], "measure": ["rate"],
                          "numerator": [1], "denominator": [2]})  # fmt: skip
    plan = funnel_plan(rates, target=1, probability=(), calls=2)
    assert row(plan, "probability")["estimate"] == pytest.approx(1 - 1 / 4 - 1 / 16)
    known = funnel_plan(rates, target=1, probability=(), calls=2, uncertain=False)
    assert row(known, "probability")["estimate"] == pytest.approx(1 - 1 / 4)


def test_a_single_lead_is_enough_for_a_rate_and_says_little():
    # One of one: Beta(1.5, 0.5), mean 3/4; P(both of 2) = 1.5 × 2.5 / (2 × 3).
    rates = pd.DataFrame({"stage": ["call"], "next_stage": ["sale"], "measure": ["rate"],
                          "numerator": [1], "denominator": [1]})  # fmt: skip
    plan = funnel_plan(rates, target=1, probability=(), calls=1)
    assert row(plan, "probability")["estimate"] == pytest.approx(0.75)
    both = funnel_plan(rates, target=2, probability=(), calls=2)
    assert row(both, "probability")["estimate"] == pytest.approx(1.5 * 2.5 / 6)


def test_two_uncertain_rates_multiply_their_moments():
    # P(both of 2 sell) = E[p²]E[q²], E[p²] = a(a+1)/((a+b)(a+b+1)).
    rates = pd.DataFrame({"stage": ["call", "offer"], "next_stage": ["offer", "sale"],
                          "measure": "rate", "numerator": [3, 1],
                          "denominator": [10, 3]})  # fmt: skip
    plan = funnel_plan(rates, target=2, probability=(), calls=2)
    first = 3.5 * 4.5 / (11 * 12)
    second = 1.5 * 2.5 / (4 * 5)
    assert row(plan, "probability")["estimate"] == pytest.approx(first * second)
    assert row(plan, "sales")["estimate"] == pytest.approx(2 * 3.5 / 11 * 1.5 / 4)


def test_capacity_counts_periods():
    plan = funnel_plan([0.2], target=1, probability=0.9, calls=[4], capacity=5)
    assert row(plan, "calls_needed")["verdict"] == "beyond capacity"
    assert row(plan, "calls_needed")["note"] == "3 periods of 5 calls"
    assert row(plan, "probability")["verdict"] == "within capacity"


def test_scenarios_share_the_calls_of_their_curves():
    found = funnel_scenarios({"a": [0.2], "b": [0.1]}, target=1, probability=0.9, points=4)
    curves = found[found["measure"] == "curve"]
    # 22 calls are needed at a tenth; a fifth more is 26.
    assert curves.groupby("scenario")["calls"].agg(list).to_dict() == {
        "a": [0, 8, 17, 26],
        "b": [0, 8, 17, 26],
    }
    b = curves[curves["scenario"] == "b"].set_index("calls")["estimate"]
    assert b[8] == pytest.approx(1 - 0.9**8)
