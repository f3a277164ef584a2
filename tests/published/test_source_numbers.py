"""What the arithmetic says of numbers that texts cite, to the digits that are printed."""

import pytest

from custlib.loyalty import (
    churn_lift_line,
    churn_profit_lift,
    count_against_shares,
    discount_break_even,
    doubling_time,
    price_break_even,
    referral_balance,
    search_success,
)


def by_measure(table):
    return table.set_index("measure")["estimate"]


@pytest.mark.parametrize("churn", [0.01, 0.05, 0.2, 0.9])
@pytest.mark.parametrize("discount", [0.01, 0.1, 0.3])
def test_five_per_cent_of_churn_give_at_most_5_26_per_cent(churn, discount):
    lift = churn_profit_lift(churn=churn, discount=discount).loc[0]
    assert 0 < lift["estimate"] < 0.0526316
    assert lift["verdict"] == "not reached"


def test_the_most_that_five_per_cent_can_give():
    lift = churn_profit_lift(churn=0.2, discount=0).loc[0, "estimate"]
    assert lift == pytest.approx(0.0526, abs=5e-5)


@pytest.mark.parametrize("churn", [0.06, 0.1, 0.15, 0.2, 0.249])
def test_five_points_give_25_per_cent_just_where_churn_and_discount_sum_to_a_quarter(churn):
    given = {"churn": churn, "reading": "points"}
    on, off = (churn_profit_lift(**given, discount=total - churn).loc[0] for total in (0.25, 0.251))
    assert on["estimate"] == pytest.approx(0.25, abs=1e-9)
    assert (on["verdict"], off["verdict"]) == ("reached", "not reached")
    line = churn_lift_line(churn=churn).loc[0]
    assert line["effect"] == pytest.approx(0.25, abs=1e-12)


def test_twelve_of_300_reviews():
    low, high = count_against_shares(count=12, n=300, shares=[0.15, 0.2]).to_dict("records")
    assert low["estimate"] == 0.04
    assert low["ci_low"] == pytest.approx(0.023, abs=5e-4)
    assert low["ci_high"] == pytest.approx(0.069, abs=5e-4)
    assert low["p_value"] == pytest.approx(7.0e-10, abs=5e-12)
    # R 4.2: binom.test(12, 300, .15, "less")$p.value and with .2
    assert low["p_value"] == pytest.approx(7.034987e-10, rel=1e-6)
    assert high["p_value"] == pytest.approx(5.346346e-16, rel=1e-6)
    assert [row["verdict"] for row in (low, high)] == ["below", "below"]


def test_ninety_per_cent_by_referral_while_every_third_refers():
    steady = referral_balance(referred_share=0.9, referring_share=1 / 3)
    assert by_measure(steady)["per_referrer"] == pytest.approx(2.7, abs=1e-12)
    assert by_measure(steady)["multiplier"] == pytest.approx(10, abs=1e-9)
    growing = referral_balance(referred_share=0.9, referring_share=1 / 3, growth=0.15)
    assert by_measure(growing)["offspring_mean"] == pytest.approx(1.035, abs=1e-12)


def test_a_search_of_three_to_four_visits_with_half_giving_up():
    found = by_measure(search_success(mean_attempts=3.5, give_up_share=0.5))
    assert found["success_naive"] == pytest.approx(0.286, abs=5e-4)
    assert found["success"] == pytest.approx(0.143, abs=5e-4)
    assert found["quit_hazard"] == pytest.approx(0.167, abs=5e-4)


@pytest.mark.parametrize("growth, years", [(0.15, 4.96), (0.30, 2.64), (0.40, 2.06)])
def test_years_to_double(growth, years):
    assert doubling_time(growth=growth).loc[0, "estimate"] == pytest.approx(years, abs=5e-3)


def test_a_price_15_per_cent_higher_at_a_margin_of_30_may_lose_a_third():
    change = price_break_even(rise=0.15, margin=0.3).loc[0, "estimate"]
    assert change == pytest.approx(-0.333, abs=5e-4)


def test_a_discount_of_10_per_cent_at_a_margin_of_30_needs_half_as_much_again():
    change = discount_break_even(discount=0.1, margin=0.3).loc[0, "estimate"]
    assert change == pytest.approx(0.50, abs=1e-12)
