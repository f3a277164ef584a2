"""The ladder by hand: three stages, ten customers on each, one step in time."""

import numpy as np
import pandas as pd
import pytest
from table import table

from custlib.loyalty import (
    ladder_budget,
    ladder_climb,
    ladder_gains,
    ladder_lifetimes,
    ladder_occupancy,
    ladder_stages,
    ladder_transitions,
    ladder_value,
    ladder_visits,
    ladder_what_if,
)

LADDER = ["low", "high", "gone"]
DRAWS = {"n_draws": 100, "seed": 1}
MARGINS = {"low": 10, "high": 40}
# With a discount of 0.25 and d = det(I − P/1.25) = 0.6 × 0.44 − 0.24 × 0.16.
DET = 0.6 * 0.44 - 0.24 * 0.16
LOW = (0.44 * 10 + 0.24 * 40) / DET
HIGH = (0.16 * 10 + 0.6 * 40) / DET

counts = table(
    """
    stage | next_stage | customers
    ------+------------+----------
    low   | low        | 5
    low   | high       | 3
    low   | gone       | 2
    high  | low        | 2
    high  | high       | 7
    high  | gone       | 1
    """
)


@pytest.fixture(scope="module")
def stages():
    first = counts.loc[counts.index.repeat(counts["customers"])].reset_index(drop=True)
    parts = [
        pd.DataFrame({"customer": first.index, "period": at, "stage": first[column]})
        for at, column in enumerate(["stage", "next_stage"])
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def moves(stages):
    return ladder_transitions(stages, ladder=LADDER, absorbing=["gone"]).estimates


def values(results, measure="value"):
    rows = results[results["measure"] == measure]
    return dict(zip(rows["stage"], rows["estimate"], strict=True))


def test_shares_of_each_row(moves):
    assert moves["estimate"].tolist() == [0.5, 0.3, 0.2, 0.2, 0.7, 0.1, 0, 0, 1]
    assert moves["std_error"].iloc[1] == pytest.approx((0.3 * 0.7 / 10) ** 0.5)


def test_moves_up_stay_down_and_leave(stages):
    found = ladder_transitions(stages, ladder=LADDER, absorbing=["gone"]).moves
    rows = found.set_index(["stage", "measure"])["numerator"]
    low = [rows["low", name] for name in ("up", "stay", "down", "leave", "retention")]
    high = [rows["high", name] for name in ("up", "stay", "down", "leave", "retention")]
    assert (low, high) == ([3, 5, 0, 2, 8], [0, 7, 2, 1, 9])


def test_values_without_end(moves):
    found = values(ladder_value(moves, margins=MARGINS, discount=0.25, **DRAWS))
    assert found == pytest.approx({"low": LOW, "high": HIGH, "gone": 0})


@pytest.mark.parametrize(
    "horizon, low, high",
    [
        (0, 10, 40),
        (1, 10 + 0.4 * 10 + 0.24 * 40, 40 + 0.16 * 10 + 0.56 * 40),
        (2, 10 + 0.4 * 23.6 + 0.24 * 64, 40 + 0.16 * 23.6 + 0.56 * 64),
    ],
)
def test_values_with_a_horizon(moves, horizon, low, high):
    options = {"margins": MARGINS, "discount": 0.25, "horizon": horizon}
    found = values(ladder_value(moves, **options, **DRAWS))
    assert found == pytest.approx({"low": low, "high": high, "gone": 0})


@pytest.mark.parametrize("horizon", [15, 16, 37, 64])
def test_a_long_horizon_adds_up_what_the_plain_sum_does(moves, horizon):
    # One period more: what is paid now, and what is worth where one goes, over 1.25.
    low, high = 10.0, 40.0
    for _ in range(horizon):
        low, high = 10 + 0.4 * low + 0.24 * high, 40 + 0.16 * low + 0.56 * high
    options = {"margins": MARGINS, "discount": 0.25, "horizon": horizon}
    found = values(ladder_value(moves, **options, **DRAWS))
    assert found == pytest.approx({"low": low, "high": high, "gone": 0}, rel=1e-12)


@pytest.mark.parametrize("horizon", [10**6, 10**12])
def test_a_horizon_without_a_sensible_end_comes_to_the_value_without_end(moves, horizon):
    options = {"margins": MARGINS, "discount": 0.25, "horizon": horizon}
    found = values(ladder_value(moves, **options, **DRAWS))
    assert found == pytest.approx({"low": LOW, "high": HIGH, "gone": 0})
    gains = ladder_gains(moves, lasting=horizon, **options, **DRAWS)
    assert gains["estimate"].tolist() == pytest.approx([0.01 * 0.44 / DET * HIGH / 1.25])
    changed = {"changes": [("low", "high", "gone", 10)], "lasting": horizon}
    after = values(ladder_what_if(moves, **changed, **options, **DRAWS), "after")
    # I − P/1.25 has −0.32 where −0.24 was.
    det = 0.6 * 0.44 - 0.32 * 0.16
    assert after["low"] == pytest.approx((0.44 * 10 + 0.32 * 40) / det)


def test_who_stays_for_ever_pays_once_a_period_without_a_discount():
    # One stage of two customers who stay: a million and one periods at 3 each.
    stages = pd.DataFrame({"customer": [1, 1, 2, 2], "period": [1, 2] * 2, "stage": "high"})
    found = ladder_transitions(stages).estimates
    options = {"margins": [3], "discount": 0, "horizon": 10**6}
    assert values(ladder_value(found, **options, **DRAWS)) == {"high": 3 * (10**6 + 1)}


def test_a_discount_of_one_halves_every_period(moves):
    # I − P/2 = [0.75, −0.15; −0.1, 0.65].
    det = 0.75 * 0.65 - 0.15 * 0.1
    found = values(ladder_value(moves, margins=MARGINS, discount=1, **DRAWS))
    low, high = (0.65 * 10 + 0.15 * 40) / det, (0.1 * 10 + 0.75 * 40) / det
    assert found == pytest.approx({"low": low, "high": high, "gone": 0})


def test_a_discount_of_zero_adds_up_what_is_earned_until_they_leave(moves):
    # N = [0.3, 0.3; 0.2, 0.5] / 0.09.
    found = values(ladder_value(moves, margins=MARGINS, discount=0, **DRAWS))
    assert found == pytest.approx({"low": 15 / 0.09, "high": 22 / 0.09, "gone": 0})


def test_margins_at_the_end_of_a_period_and_a_cost_of_winning(moves):
    options = {"margins": [10, 40, 0], "discount": 0.25, "paid": "end", "one_off": {"low": -5}}
    found = values(ladder_value(moves, **options, **DRAWS))
    assert found == pytest.approx({"low": LOW / 1.25 - 5, "high": HIGH / 1.25, "gone": 0})


def test_equity_of_three_low_and_two_high(moves):
    options = {"margins": MARGINS, "discount": 0.25, "customers": {"low": 3, "high": 2}}
    found = values(ladder_value(moves, **options, **DRAWS), "equity")
    assert found == pytest.approx({"all": 3 * LOW + 2 * HIGH})


def test_periods_until_they_leave_and_where_they_are_spent(moves):
    visits = ladder_visits(moves, **DRAWS)["estimate"].tolist()
    assert visits == pytest.approx([0.3 / 0.09, 0.3 / 0.09, 0.2 / 0.09, 0.5 / 0.09])
    lifetimes = ladder_lifetimes(moves, customers=[1, 3, 0], **DRAWS)
    low, high = 0.6 / 0.09, 0.7 / 0.09
    found = values(lifetimes, "periods")
    assert found == pytest.approx({"low": low, "high": high, "all": (low + 3 * high) / 4})
    # The larger root of (0.5 − x)(0.7 − x) = 0.06.
    root = 0.6 + (0.01 + 0.06) ** 0.5
    assert values(lifetimes, "long_run_retention")["all"] == pytest.approx(root)
    # Left vector: 0.5 a + 0.2 b = root × a.
    ratio = (root - 0.5) / 0.2
    shares = values(lifetimes, "long_run_share")
    assert shares == pytest.approx({"low": 1 / (1 + ratio), "high": ratio / (1 + ratio)})


def test_climbing_is_geometric_with_one_rung_above(moves):
    climb = ladder_climb(moves, within=2, **DRAWS).set_index("measure")["estimate"]
    expected = {"ever": 0.3 / 0.5, "periods": 1 / 0.5, "within": 0.3 + 0.5 * 0.3}
    assert climb.to_dict() == pytest.approx(expected)


def test_occupancy(moves):
    ahead = ladder_occupancy(moves, customers=[100, 0, 0], periods=2, **DRAWS)
    found = ahead["estimate"].to_numpy().reshape(3, 3)
    assert found[1] == pytest.approx([50, 30, 20])
    assert found[2] == pytest.approx([50 * 0.5 + 30 * 0.2, 50 * 0.3 + 30 * 0.7, 20 + 10 + 3])


@pytest.mark.parametrize(
    "options, slope",
    [
        ({}, 0.44 / DET * HIGH / 1.25),
        ({"donor": "stay"}, 0.44 / DET * (HIGH - LOW) / 1.25),
        ({"donor": {"low": "low"}}, 0.44 / DET * (HIGH - LOW) / 1.25),
        ({"lasting": 1}, HIGH / 1.25),
        # The second period: those still low, 0.4 of them after discounting.
        ({"lasting": 2}, 1.4 * HIGH / 1.25),
        ({"horizon": 1}, 40 / 1.25),
        ({"horizon": 2, "lasting": 1}, 64 / 1.25),
        ({"horizon": 2}, 64 / 1.25 + 0.4 * 40 / 1.25),
    ],
)
def test_a_point_more_of_low_to_high(moves, options, slope):
    gains = ladder_gains(moves, margins=MARGINS, discount=0.25, **options, **DRAWS)
    assert gains["estimate"].tolist() == pytest.approx([0.01 * slope])


def test_a_point_over_all_customers(moves):
    # Whoever is high comes to be low as well: 0.16 / DET discounted periods.
    options = {"margins": MARGINS, "discount": 0.25, "customers": [5, 5, 0]}
    gains = ladder_gains(moves, **options, **DRAWS).set_index("measure")["estimate"]
    base = 0.01 * 5 * (0.44 + 0.16) / DET * HIGH / 1.25
    assert gains["base"] == pytest.approx(base)


def test_every_transition_has_a_slope_but_that_to_its_donor(moves):
    gains = ladder_gains(moves, margins=MARGINS, discount=0.25, steps="all", **DRAWS)
    found = gains.set_index(["stage", "next_stage"])["estimate"] / 0.01
    visits = {"low": 0.44 / DET, "high": 0.6 / DET}
    ends = {"low": LOW, "high": HIGH}
    expected = {(a, b): visits[a] * ends[b] / 1.25 for a in visits for b in ends}
    assert found.to_dict() == pytest.approx(expected)
    assert set(gains["donor"]) == {"gone"}


def test_what_if_ten_points_more(moves):
    # P(low → high) = 0.4, P(low → gone) = 0.1: I − P/1.25 has −0.32 where −0.24 was.
    det = 0.6 * 0.44 - 0.32 * 0.16
    after = {"low": (0.44 * 10 + 0.32 * 40) / det, "high": (0.16 * 10 + 0.6 * 40) / det, "gone": 0}
    options = {"margins": MARGINS, "discount": 0.25, "customers": [2, 1, 0]}
    found = ladder_what_if(moves, changes=[("low", "high", "gone", 10)], **options, **DRAWS)
    total = 2 * after["low"] + after["high"]
    assert values(found, "after") == pytest.approx(after | {"all": total})
    gain = total - 2 * LOW - HIGH
    assert values(found, "gain")["all"] == pytest.approx(gain)


def test_what_if_for_one_period_only(moves):
    options = {"margins": MARGINS, "discount": 0.25, "lasting": 1}
    found = ladder_what_if(moves, changes=[("low", "high", "gone", 10)], **options, **DRAWS)
    assert values(found, "gain") == pytest.approx({"low": 0.1 * HIGH / 1.25, "high": 0, "gone": 0})


@pytest.mark.parametrize("budget", [0, 30, 2000])
def test_money_on_one_step_until_the_last_unit_brings_too_little(moves, budget):
    options = {"margins": MARGINS, "discount": 0.25, "lasting": 1, "customers": [10, 0, 0]}
    options |= {"budget": budget, "reach_points": 10, "scale": 100} | DRAWS
    slope = 10 * HIGH / 1.25
    first = slope * 0.1 / 100  # what the first unit brings: less than one, so nothing is spent
    assert first < 1
    none = ladder_budget(moves, **options)
    assert values(none[none["stage"] == "all"], "spend") == {"all": 0}
    some = ladder_budget(moves, least_return=first / 2, **options)
    rows = some[some["stage"] == "all"].set_index("measure")["estimate"]
    best = min(budget, 100 * np.log(2))
    assert rows["spend"] == pytest.approx(best)
    assert rows["kept"] == pytest.approx(budget - best)
    gain = slope * 0.1 * (1 - np.exp(-best / 100))
    assert rows["gain"] == pytest.approx(gain)
    assert rows["gain_anew"] == pytest.approx(gain)


events = table(
    """
    customer | date       | event    | amount
    ---------+------------+----------+-------
    a        | 2024-01-10 | visit    |
    a        | 2024-04-02 | order    | 30
    a        | 2024-05-02 | order    | 20
    a        | 2024-12-24 | order    | 10
    b        | 2024-04-30 | order    | 70
    b        | 2024-07-01 | order    | 40
    b        | 2024-07-02 | referral |
    """
)
expected = table(
    """
    rule                                          | a                       | b
    ----------------------------------------------+-------------------------+-------------
    order >= 2 in last 1                          | no yes no no            | no no no
    order >= 2 in last 2                          | no yes yes no           | no yes no
    order >= 2                                    | no yes yes yes          | no yes yes
    order = 0 in last 2                           | yes no no no            | no no no
    amount of order >= 50 in last 1               | no yes no no            | yes no no
    amount of order >= 60                         | no no no yes            | yes yes yes
    periods with order >= 2 in last 3             | no no no yes            | no yes yes
    periods since order >= 1                      | yes no yes no           | no no yes
    periods since order <= 1                      | no yes yes yes          | yes yes yes
    periods since referral <= 5                   | no no no no             | no yes yes
    any >= 1 in last 1                            | yes yes no yes          | yes yes no
    referral >= 1 and order >= 2 in last 2        | no no no no             | no yes no
    """
)


@pytest.mark.parametrize("row", expected.to_dict("records"), ids=lambda row: row["rule"])
def test_rules_by_quarter(row):
    rules = [f"yes: {row['rule']}", "no: otherwise"]
    found = ladder_stages(events, rules=rules, amount="amount")
    for name in "ab":
        stages = found.loc[found["customer"] == name, "stage"].astype(str)
        assert " ".join(stages) == row[name]


def test_amounts_by_quarter():
    found = ladder_stages(events, rules=["all: otherwise"], amount="amount")
    assert found["amount"].tolist() == [0, 50, 0, 10, 70, 40, 0]
    assert found["period"].tolist()[:4] == ["2024 Q1", "2024 Q2", "2024 Q3", "2024 Q4"]
