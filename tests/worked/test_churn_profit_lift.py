"""Lower churn and profit: sums of margins added up by hand, term by term, before any formula."""

import pytest
from table import table

from custlib.loyalty import churn_lift_line, churn_profit_lift, lifetime_value

TERMS = 4000


def added_up(margin, churn, discount, timing):
    """Margins of the periods a customer may still be there, each discounted."""
    first = 0 if timing == "now" else 1
    stay = (1 - churn) / (1 + discount)
    return sum(margin * stay**period for period in range(first, TERMS))


CASES = table(
    """
    timing | margin | churn | discount
    -------+--------+-------+---------
    now    | 100    | 0.20  | 0.10
    next   | 100    | 0.20  | 0.10
    now    | 35     | 0.05  | 0.01
    next   | 35     | 0.60  | 0.25
    now    | 10     | 1.00  | 0.10
    next   | 10     | 1.00  | 0.10
    now    | 10     | 0.00  | 0.05
    """
).to_dict("records")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_value_is_the_sum_of_discounted_margins(case):
    given = {name: case[name] for name in ("margin", "churn", "discount", "timing")}
    value = lifetime_value(**given, acquisition_cost=7, fixed_cost=3).loc[0, "estimate"]
    assert value == pytest.approx(added_up(**given) - 10, rel=1e-9)


def test_paying_now_or_a_period_later_differs_by_one_margin():
    now, later = (
        lifetime_value(margin=80, churn=0.3, discount=0.12, timing=timing).loc[0, "estimate"]
        for timing in ("now", "next")
    )
    assert now - later == pytest.approx(80, rel=1e-12)


@pytest.mark.parametrize("timing", ["now", "next"])
@pytest.mark.parametrize("reading, after", [("relative", 0.16), ("points", 0.1)])
def test_the_lift_is_that_of_the_sums_less_the_costs(timing, reading, after):
    # 20 % of 0.2 is 0.04; 10 points of 0.2 leave 0.1.
    change = 0.2 if reading == "relative" else 0.1
    before, then = (added_up(50, churn, 0.1, timing) for churn in (0.2, after))
    lift = churn_profit_lift(
        churn=0.2, discount=0.1, change=change, reading=reading, timing=timing,
        margin=50, acquisition_cost=40, fixed_cost=20,
    ).loc[0]  # fmt: skip
    assert lift["estimate"] == pytest.approx((then - before) / (before - 60), rel=1e-9)
    assert lift["effect"] == pytest.approx((then - before) / before, rel=1e-9)


def test_costs_make_the_same_rise_a_larger_share_of_what_they_leave():
    # c + d = 0.25 and 5 points: 25 % without costs. The value is 100·1.1/0.25 = 440; costs of 220
    # halve the profit, so they double the share that the same rise is of it.
    given = {"churn": 0.15, "discount": 0.1, "reading": "points", "margin": 100}
    plain, costly = (
        churn_profit_lift(**given, acquisition_cost=cost).loc[0, "estimate"] for cost in (0, 220)
    )
    assert plain == pytest.approx(0.25)
    assert costly == pytest.approx(0.5)


def test_the_interval_of_churn_becomes_that_of_the_lift():
    # Points without costs: 0.05/(c + d − 0.05), at c + d of 0.2, 0.25 and 0.3.
    lift = churn_profit_lift(
        churn=0.15, discount=0.1, reading="points", churn_low=0.1, churn_high=0.2
    ).loc[0]
    ends = lift[["ci_low", "estimate", "ci_high"]].tolist()
    assert ends == pytest.approx([0.05 / 0.25, 0.05 / 0.2, 0.05 / 0.15])
    assert lift["verdict"] == "not distinguishable"


def test_the_verdict_takes_the_side_on_which_the_whole_interval_lies():
    given = {"discount": 0.1, "reading": "points"}
    low = churn_profit_lift(churn=0.08, churn_low=0.06, churn_high=0.12, **given).loc[0]
    high = churn_profit_lift(churn=0.3, churn_low=0.2, churn_high=0.4, **given).loc[0]
    assert (low["verdict"], high["verdict"]) == ("reached", "not reached")


def test_an_interval_over_which_the_lift_turns_has_the_extreme_inside():
    # First margin next, 5 points, no discount: (r + 0.05)/r · c/(c − 0.05) falls, then rises; with
    # r = 1 − c its least value is at c = 0.525, where it is (0.525/0.475)² − 1.
    lift = churn_profit_lift(
        churn=0.525, discount=0, reading="points", timing="next", churn_low=0.325, churn_high=0.725
    ).loc[0]
    assert lift["ci_low"] == pytest.approx((0.525 / 0.475) ** 2 - 1, rel=1e-9)
    ends = [(1 - c + 0.05) / (1 - c) * c / (c - 0.05) - 1 for c in (0.325, 0.725)]
    assert lift["ci_high"] == pytest.approx(max(ends), rel=1e-9)


@pytest.mark.parametrize("timing", ["now", "next"])
@pytest.mark.parametrize("cost", [0, 10, 20])
@pytest.mark.parametrize("reading, change", [("points", 0.05), ("relative", 0.4)])
def test_on_the_line_the_lift_is_the_target(timing, cost, reading, change):
    given = {"churn": 0.12, "change": change, "reading": reading, "timing": timing}
    given |= {"margin": 50, "acquisition_cost": cost}
    discount = churn_lift_line(**given, target=0.3).loc[0, "estimate"]
    before, after = (
        added_up(50, churn, discount, timing)
        for churn in (0.12, 0.12 - change if reading == "points" else 0.12 * (1 - change))
    )
    assert (after - before) / (before - cost) == pytest.approx(0.3, rel=1e-6)


def test_the_line_for_per_cent_needs_more_than_a_fifth_of_churn():
    # d = c(e/t − 1 + e): 0.1·(0.4/0.25 − 0.6) = 0.1; at 5 % it is 0.2 − 0.95 < 0, so no line.
    line = churn_lift_line(churn=0.1, change=[0.4, 0.05], reading="relative")
    assert line["estimate"].tolist()[0] == pytest.approx(0.1)
    assert line["estimate"].isna().tolist() == [False, True]
    assert "below the target at every discount" in line.loc[1, "note"]


def lift_by_sums(cost, discount):
    before, after = (added_up(50, churn, discount, "now") for churn in (0.12, 0.07))
    return (after - before) / (before - cost)


def test_costs_may_bring_the_target_back_at_a_high_discount():
    given = {"churn": 0.12, "reading": "points", "margin": 50, "target": 0.3}
    row = churn_lift_line(**given, acquisition_cost=85).loc[0]
    assert lift_by_sums(85, row["estimate"]) == pytest.approx(0.3)
    other = float(row["note"].split("discount of ")[1].split(",")[0])
    assert lift_by_sums(85, other) == pytest.approx(0.3, rel=1e-3)
    assert lift_by_sums(85, (row["estimate"] + other) / 2) < 0.3
    always = churn_lift_line(**given, acquisition_cost=88.5).loc[0]
    assert min(lift_by_sums(88.5, step / 100) for step in range(101)) > 0.3
    assert "above the target at every discount" in always["note"]
