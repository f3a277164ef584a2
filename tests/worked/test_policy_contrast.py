"""Own best against one for all, scenarios and splits of strategies by hand."""

import numpy as np
import pandas as pd
import pytest
from table import table

from custlib.errors import DataError, ParameterError
from custlib.segmentation import (
    assign_strategies,
    policy_contrast,
    strategy_scenarios,
    strategy_split,
)

# The best gains are 18 (loyalty), 29 (sales), 30.5 (costs) and 0; test_assign_strategies has how.
customers = table(
    """
    customer | group | value | revenue | potential | risk | cost_to_serve
    ---------+-------+-------+---------+-----------+------+--------------
    ann      | big   |   100 |     400 |       500 | 0.50 |            40
    bob      | big   |    20 |     100 |      1100 | 0.20 |            10
    cid      | small |   -10 |      50 |        50 | 0.10 |            60
    dee      | small |     5 |      30 |        20 | 0.10 |             2
    """
)
ROLES = {name: name for name in ("value", "revenue", "potential", "risk", "cost_to_serve")}
EFFECTS = {"raise_loyalty": 0.4, "stimulate_sales": 0.1, "cut_costs": 0.5}
COSTS = {"raise_loyalty": 2, "stimulate_sales": 1, "cut_costs": 1.5}
KNOWN = ROLES | {"effects": EFFECTS, "costs": COSTS, "margin": 0.3, "harm": 0.2, "seed": 1}


def test_the_contrast_is_the_sum_of_own_best_gains_less_that_of_the_best_single_one():
    # Sales for all: 2 + 29 − 1 − 1 = 29; costs for all: −1.5 − 0.5 + 30.5 − 1.5 = 27.
    # Loyalty for all: 18 − 0.4 − 2.4 − 1.8 = 13.4. Own best: 18 + 29 + 30.5 + 0 = 77.5.
    found = policy_contrast(customers, **KNOWN).iloc[0]
    assert found["contrast"] == "own_best - all_stimulate_sales"
    assert found["estimate"] == pytest.approx(77.5 - 29)
    assert found["n"] == 3  # bob has sales under both
    # Effects that are known leave nothing open.
    assert found["ci_low"] == pytest.approx(48.5)
    assert found["ci_high"] == pytest.approx(48.5)


def test_one_strategy_that_is_the_best_for_each_gains_nothing_more():
    found = policy_contrast(customers.iloc[[1]], **KNOWN).iloc[0]
    assert (found["estimate"], found["n"], found["note"]) == (0, 0, "no customer")


def test_a_customer_without_a_number_has_no_part_and_is_counted():
    gap = customers.assign(risk=[np.nan, 0.2, 0.1, 0.1])
    found = policy_contrast(gap, **KNOWN).iloc[0]
    # Costs for all: −0.5 + 30.5 − 1.5 = 28.5, sales for all 27; own best: 29 + 30.5 + 0 = 59.5.
    assert found["contrast"] == "own_best - all_cut_costs"
    assert (found["estimate"], found["n_missing"]) == (pytest.approx(31), 1)


def test_the_interval_is_that_of_the_difference_drawn_directly():
    ranges = {"raise_loyalty": (0.4, 0.8), "stimulate_sales": (0.0, 0.6), "cut_costs": 0.0}
    free = dict.fromkeys(ranges, 0)
    stakes = ROLES | {"margin": 0.3, "seed": 1, "costs": free, "n_draws": 20_000}
    pair = customers.iloc[:2]
    found = policy_contrast(pair, effects=ranges, **stakes).iloc[0]
    # Ann gets loyalty, 50 p, instead of sales, 0.3 × 100 s; bob has sales under both. Neither
    # range outweighs the other: ends put together as if both were normal miss by 2.
    draw = np.random.default_rng(7)
    apart = 50 * draw.uniform(0.4, 0.8, 400_000) - 30 * draw.uniform(0, 0.6, 400_000)
    assert found["contrast"] == "own_best - all_stimulate_sales"
    low, high = np.quantile(apart, [0.025, 0.975])
    assert found["estimate"] == pytest.approx(50 * 0.6 - 30 * 0.3)
    assert found["ci_low"] == pytest.approx(low, abs=0.3)
    assert found["ci_high"] == pytest.approx(high, abs=0.3)


def test_where_no_single_strategy_gains_the_own_best_is_held_against_leaving_all():
    nothing = {"effects": dict.fromkeys(EFFECTS, 0), "costs": dict.fromkeys(COSTS, 0)}
    found = policy_contrast(customers, **KNOWN | nothing).iloc[0]
    # Harm alone: cutting costs for all gains −0.2 × (100 + 20 − 10 + 5); cid alone gains 0.2 × 10.
    assert found["contrast"] == "own_best - all_leave_as_is"
    assert (found["estimate"], found["n"]) == (pytest.approx(2), 1)


def test_a_segment_is_refused():
    with pytest.raises(ParameterError, match="segment"):
        policy_contrast(customers, **KNOWN, segment="group")


def shares(found, scenario):
    rows = found[found["policy"] == scenario].set_index("strategy")
    return rows.loc[rows["customer_share"] > 0, "customer_share"].to_dict()


def test_scenarios_change_effects_and_costs_as_their_names_say():
    found = strategy_scenarios(customers.iloc[[1]], **KNOWN)
    # bob: loyalty 0.4 × 4 − 2, sales 0.03 × 1000 − 1 = 29, costs 5 − 4 − 1.5: sales in all of them.
    assert [shares(found, name) for name in found["policy"].unique()] == [
        {"stimulate_sales": 1}
    ] * 5
    spans = EFFECTS | {"stimulate_sales": (0.002, 0.1)}
    few = ROLES | {"margin": 0.3, "harm": 0.2, "seed": 1, "effects": spans}
    dear = strategy_scenarios(customers.iloc[[1]], **few, costs=COSTS | {"stimulate_sales": 14})
    # Sales gain 300 s: 15.3 at the middle 0.051, 7.65 halved, 30 at the top, 0.6 at the bottom.
    assert shares(dear, "as given") == {"stimulate_sales": 1}
    assert shares(dear, "effects halved") == {"leave_as_is": 1}
    assert shares(dear, "costs doubled") == {"leave_as_is": 1}
    assert shares(dear, "effects at upper ends") == {"stimulate_sales": 1}
    assert shares(dear, "effects at lower ends") == {"leave_as_is": 1}


def test_the_split_adds_up_gains_in_each_segment_and_in_all():
    cases = assign_strategies(customers, **KNOWN).cases
    found = strategy_split(cases, segment="group").set_index(["segment", "strategy"])
    assert found.loc[("big", "raise_loyalty"), "estimate"] == pytest.approx(18)
    assert found.loc[("big", "stimulate_sales"), "customer_share"] == 0.5
    assert found.loc[("small", "leave_as_is"), "estimate"] == 0
    assert found.loc[("all", "cut_costs"), "estimate"] == pytest.approx(30.5)
    assert found.loc["all"]["customer_share"].tolist() == [0.25] * 4
    assert found.loc[("small", "raise_loyalty"), "note"] == "no customer"


@pytest.mark.parametrize("dtype", ["Float64", "category", "double[pyarrow]", object])
def test_the_split_reads_numbers_of_every_kind(dtype):
    cases = assign_strategies(customers, **KNOWN).cases
    kinds = {name: dtype for name in cases if name.startswith("gain_")} | {"regret": dtype}
    retyped = cases.assign(probability_best=[None, *cases["probability_best"][1:]])
    plain = strategy_split(retyped, segment="group")
    found = strategy_split(retyped.astype(kinds | {"probability_best": dtype}), segment="group")
    pd.testing.assert_frame_equal(found, plain)


def test_customers_without_segment_or_strategy_are_kept_apart():
    cases = assign_strategies(customers.assign(risk=[np.nan, 0.2, 0.1, 0.1]), **KNOWN).cases
    found = strategy_split(cases.assign(group=["big", None, "small", "small"]), segment="group")
    assert list(dict.fromkeys(found["segment"])) == ["(none)", "big", "small", "all"]
    big = found[found["segment"] == "big"]
    assert big["customer_share"].isna().all()
    assert big["n_missing"].tolist() == [1] * 4
    with pytest.raises(DataError, match="not in the table"):
        strategy_split(pd.DataFrame({"segment": ["a"]}))


def test_a_segment_called_as_the_row_of_all_is_refused():
    cases = assign_strategies(customers, **KNOWN).cases
    with pytest.raises(DataError, match="More than one segment would be called 'all'"):
        strategy_split(cases.assign(group=["all", "big", "all", "big"]), segment="group")


def test_segments_of_the_split_stand_in_the_order_of_their_numbers():
    cases = assign_strategies(customers, **KNOWN).cases
    for names in ([10, 2, None, 2], [(10,), (2,), None, (2,)]):
        found = strategy_split(cases.assign(group=pd.Series(names, dtype=object)), segment="group")
        assert list(dict.fromkeys(found["segment"])) == ["(none)", names[1], names[0], "all"]
        assert found.groupby("segment", sort=False)["n"].sum().tolist() == [1, 2, 1, 4]


@pytest.mark.parametrize("given", ["much", (0.1,), (0.4, 0.2)])
def test_scenarios_refuse_an_effect_that_is_no_range(given):
    spans = EFFECTS | {"cut_costs": given}
    few = ROLES | {"margin": 0.3, "harm": 0.2, "seed": 1, "effects": spans}
    with pytest.raises(ParameterError, match=r"effects\['cut_costs'\] is"):
        strategy_scenarios(customers, **few, costs=COSTS)
