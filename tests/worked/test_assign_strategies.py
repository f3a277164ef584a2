"""Strategies for customers: gains, choices, policies and regret by hand."""

import numpy as np
import pytest
from table import table

from custlib.segmentation.strategy import STRATEGIES, assign_strategies

customers = table(
    """
    customer | group | value | revenue | potential | risk | service
    ---------+-------+-------+---------+-----------+------+--------
    ann      | big   |   100 |     400 |       500 | 0.50 |      40
    bob      | big   |    20 |     100 |      1100 | 0.20 |      10
    cid      | small |   -10 |      50 |        50 | 0.10 |      60
    dee      | small |     5 |      30 |        20 | 0.10 |       2
    """
)
ROLES = {
    "value": "value",
    "revenue": "revenue",
    "potential": "potential",
    "risk": "risk",
    "cost_to_serve": "service",
}
FIXED = {
    "effects": {"raise_loyalty": 0.4, "stimulate_sales": 0.1, "cut_costs": 0.5},
    "margin": 0.3,
    "harm": 0.2,
    "costs": {"raise_loyalty": 2, "stimulate_sales": 1, "cut_costs": 1},
}
# Loyalty: 0.4 × risk × value − 2. Sales: 0.1 × unused × 0.3 − 1. Cutting: 0.5 × service − 0.2 ×
# value − 1. Dee's potential is already exceeded; cid costs money, so to lose a part of it gains.
GAINS = {
    "ann": (0.4 * 50 - 2, 0.03 * 100 - 1, 20 - 20 - 1),
    "bob": (0.4 * 4 - 2, 0.03 * 1000 - 1, 5 - 4 - 1),
    "cid": (0.4 * -1 - 2, 0 - 1, 30 + 2 - 1),
    "dee": (0.4 * 0.5 - 2, 0 - 1, 1 - 1 - 1),
}
BEST = {"ann": 18, "bob": 29, "cid": 31, "dee": 0}


def assign(table=customers, **options):
    return assign_strategies(table, **(ROLES | FIXED | {"seed": 1, "n_draws": 20} | options))


def test_gains_of_the_three_strategies():
    cases = assign().cases.set_index("customer")
    for name, gains in GAINS.items():
        found = cases.loc[name, [f"gain_{strategy}" for strategy in STRATEGIES]]
        assert found.tolist() == pytest.approx(list(gains)), name


def test_each_customer_gets_what_gains_most_or_is_left_as_it_is():
    cases = assign().cases.set_index("customer")["strategy"].to_dict()
    assert cases == {
        "ann": "raise_loyalty",
        "bob": "stimulate_sales",
        "cid": "cut_costs",
        "dee": "leave_as_is",
    }


def test_known_effects_leave_nothing_to_regret():
    found = assign()
    assert (found.cases["probability_best"] == 1).all()
    assert (found.cases["regret"] == 0).all()
    rows = found.estimates.set_index(["strategy", "measure"])
    for strategy, gain in zip((*STRATEGIES, "leave_as_is"), (18, 29, 31, 0), strict=True):
        row = rows.loc[(strategy, "gain")]
        assert [row["estimate"], row["ci_low"], row["ci_high"]] == pytest.approx([gain] * 3)
        assert (row["n"], row["customer_share"]) == (1, 0.25)


def test_policies_against_the_best_for_each():
    rows = assign(segment="group").policies.set_index(["policy", "measure"])["estimate"]
    total = [sum(gains[at] for gains in GAINS.values()) for at in range(3)]
    best = sum(BEST.values())
    # Big: 18 − 0.4 = 17.6 by loyalty, 2 + 29 = 31 by sales. Small: 31 − 1 = 30 by cutting costs.
    # Medians: value 12.5 and unused 50. Ann and bob have more unused: sales; cid and dee less of
    # both: cut costs.
    gains = {
        "own_best": best,
        "segment_best": 31 + 30,
        "value_by_potential": (2 + 29) + (31 - 1),
        "all_raise_loyalty": total[0],
        "all_stimulate_sales": total[1],
        "all_cut_costs": total[2],
        "all_leave_as_is": 0,
    }
    for policy, gain in gains.items():
        assert rows[policy, "gain"] == pytest.approx(gain), policy
        assert rows[policy, "regret"] == pytest.approx(best - gain), policy
        assert rows[policy, "regret_share"] == pytest.approx((best - gain) / best), policy


def test_the_rule_by_medians_raises_loyalty_where_value_is_high_and_little_is_unused():
    full = customers.assign(potential=[400, 1100, 150, 100])
    # Unused 0, 1000, 100, 70, median 85; value median 12.5: ann loyalty, bob and cid sales, dee
    # costs.
    rows = assign(full).policies.set_index(["policy", "measure"])
    gain = 18 + 29 + (0.03 * 100 - 1) + (1 - 1 - 1)
    assert rows.loc[("value_by_potential", "gain"), "estimate"] == pytest.approx(gain)
    note = rows.loc[("value_by_potential", "gain"), "note"]
    assert note == "high is above the median: value 12.5, unused potential 85"


def test_options_for_a_whole_segment():
    rows = assign(segment="group").segments.set_index(["segment", "strategy"])
    assert rows.loc["big", "estimate"].tolist() == pytest.approx([17.6, 31, -1, 0])
    assert rows.loc["small", "estimate"].tolist() == pytest.approx([-4.2, -2, 30, 0])
    assert rows.query("verdict == 'best'").index.tolist() == [
        ("big", "stimulate_sales"),
        ("small", "cut_costs"),
    ]


def test_regret_of_an_uncertain_effect():
    # Loyalty gains e × 50 − 2 with e uniform on 0–0.4, on average 8; to cut costs gains 7 for
    # sure. Loyalty is behind where e < 0.18, in 45 % of the cases, by 9 − 50e, on average
    # ∫(9 − 50e) de / 0.4 from 0 to 0.18 = (9 × 0.18 − 25 × 0.18²)/0.4 = 2.025.
    one = customers.iloc[:1].assign(service=16, potential=400)
    found = assign(
        one,
        effects={"raise_loyalty": (0, 0.4), "stimulate_sales": 0, "cut_costs": 0.5},
        harm=0,
        n_draws=200_000,
    )
    case = found.cases.iloc[0]
    assert case["strategy"] == "raise_loyalty"
    assert case["gain_raise_loyalty"] == pytest.approx(8)
    assert case["gain_cut_costs"] == pytest.approx(7)
    assert case["probability_best"] == pytest.approx(0.55, abs=0.004)
    assert case["regret"] == pytest.approx(2.025, abs=0.03)
    gain = found.policies.set_index(["policy", "measure"]).loc[("own_best", "gain")]
    # The middle 95 % of e are 0.01 to 0.39.
    assert [gain["ci_low"], gain["ci_high"]] == pytest.approx([-1.5, 17.5], abs=0.1)


def test_one_draw_for_all_keeps_errors_from_cancelling():
    # A hundred like ann gain a hundred times as much, and their interval is as wide again.
    hundred = customers.iloc[[0] * 100].reset_index(drop=True)
    uncertain = {"effects": FIXED["effects"] | {"raise_loyalty": (0.2, 0.6)}, "n_draws": 400}
    widths = []
    for crowd in (customers.iloc[:1], hundred):
        rows = assign(crowd, **uncertain).estimates.set_index(["strategy", "measure"])
        row = rows.loc[("raise_loyalty", "gain")]
        widths.append(row["ci_high"] - row["ci_low"])
    assert widths[1] / widths[0] == pytest.approx(100)
    assert np.isfinite(widths).all()


def test_the_customer_at_the_median_counts_as_low():
    # Of ann, bob and dee bob is at the median of value, 20, and ann at that of unused, 100.
    three = customers.iloc[[0, 1, 3]]
    rows = assign(three).policies.set_index(["policy", "measure"])["estimate"]
    # Ann little unused and high value: loyalty; bob much unused: sales; dee: cut costs.
    assert rows["value_by_potential", "gain"] == pytest.approx(18 + 29 - 1)


def test_a_value_at_the_median_is_low_too():
    # Unused 600, 0, 0; values 100, 20, 5: ann much unused, sales; bob and dee little and low.
    three = customers.iloc[[0, 1, 3]].assign(potential=[1000, 100, 20])
    rows = assign(three).policies.set_index(["policy", "measure"])["estimate"]
    assert rows["value_by_potential", "gain"] == pytest.approx((0.03 * 600 - 1) + 0 - 1)
