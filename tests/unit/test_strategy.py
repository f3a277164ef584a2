"""assign_strategies refuses what it cannot use, keeps what lacks a number, adds columns only."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation.strategy import LEAVE, STRATEGIES, assign_strategies
from custlib.segmentation.strategy import gains as gains_module

ROLES = {
    "value": "value",
    "revenue": "revenue",
    "potential": "potential",
    "risk": "risk",
    "cost_to_serve": "service",
}
EFFECTS = {"raise_loyalty": (0.1, 0.5), "stimulate_sales": (0.0, 0.2), "cut_costs": (0.1, 0.3)}
COSTS = {"raise_loyalty": 3, "stimulate_sales": 2, "cut_costs": 1}


@pytest.fixture
def customers():
    random = np.random.default_rng(3)
    revenue = random.gamma(2, 50, 40)
    return pd.DataFrame(
        {
            "value": 0.2 * revenue - 5,
            "revenue": revenue,
            "potential": revenue * random.uniform(0.9, 3, 40),
            "risk": random.uniform(0, 0.5, 40),
            "service": random.gamma(2, 5, 40),
            "kind": random.choice(["a", "b"], 40),
        },
        index=range(100, 140),
    )


def assign(table, **options):
    asked = ROLES | {"effects": EFFECTS, "margin": (0.2, 0.3), "harm": (0, 0.1), "costs": COSTS}
    return assign_strategies(table, **(asked | {"seed": 1, "n_draws": 50} | options))


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"value": "joy"}, DataError, "not in the table: joy"),
        ({"segment": "joy"}, DataError, "not in the table: joy"),
        ({"effects": {"raise_loyalty": 0.2}}, ParameterError, "effects has: raise_loyalty"),
        ({"costs": {}}, ParameterError, "costs has: nothing"),
        ({"effects": EFFECTS | {"cut_costs": 20}}, ParameterError, "cut_costs'. is 20"),
        ({"effects": EFFECTS | {"cut_costs": (0.3, 0.1)}}, ParameterError, "is .0.3, 0.1"),
        ({"margin": (0.1, 0.2, 0.3)}, ParameterError, "margin is"),
        ({"harm": -0.1}, ParameterError, "harm is -0.1"),
        ({"costs": COSTS | {"cut_costs": -1}}, ParameterError, "cut_costs'. is -1"),
        ({"costs": COSTS | {"cut_costs": "joy"}}, DataError, "not in the table: joy"),
        ({"n_draws": 1}, ParameterError, "n_draws is 1"),
        ({"seed": None}, ParameterError, "seed is absent"),
        ({"conf_level": 0}, ParameterError, "conf_level is 0"),
    ],
)
def test_wrong_arguments_are_refused(customers, options, error, told):
    with pytest.raises(error, match=told):
        assign(customers, **options)


@pytest.mark.parametrize(
    "column, value, told",
    [
        ("potential", -1.0, "1 out of range in 'potential'; first: row 102: -1"),
        ("service", -1.0, "'service'"),
        ("risk", 1.2, "numbers from 0 to 1"),
        ("risk", -0.1, "numbers from 0 to 1"),
        ("value", np.inf, "finite numbers"),
        ("revenue", "much", "not a number"),
    ],
)
def test_numbers_out_of_bounds_are_refused(customers, column, value, told):
    customers[column] = customers[column].astype(object)
    customers.loc[102, column] = value
    with pytest.raises(DataError, match=told):
        assign(customers)


def test_no_rows_and_names_that_are_taken_are_refused(customers):
    with pytest.raises(DataError, match="no row"):
        assign(customers.iloc[:0])
    with pytest.raises(DataError, match="already has: regret"):
        assign(customers.assign(regret=1))


def test_rows_stay_as_they_are_and_get_columns(customers):
    cases = assign(customers).cases
    pd.testing.assert_frame_equal(cases[customers.columns], customers)
    added = [f"gain_{name}" for name in STRATEGIES]
    added += ["strategy", "probability_best", "regret", "strategy_note"]
    assert list(cases)[len(customers.columns) :] == added


def test_customers_that_lack_a_number_are_kept_with_a_note(customers):
    holes = customers.copy()
    holes.loc[100, "risk"] = np.nan
    holes.loc[101, ["risk", "value"]] = np.nan
    found = assign(holes)
    lacking = found.cases.loc[[100, 101]]
    assert lacking["strategy_note"].tolist() == ["missing: risk", "missing: value, risk"]
    assert lacking["strategy"].isna().all()
    assert lacking["regret"].isna().all()
    rest = assign(customers.drop(index=[100, 101]))
    pd.testing.assert_frame_equal(found.cases.drop(index=[100, 101]), rest.cases)
    assert set(found.policies["n"]) == {38}
    assert set(found.policies["n_missing"]) == {2}


def test_nobody_complete_gives_rows_without_numbers(customers):
    found = assign(customers.assign(risk=np.nan))
    assert (found.estimates["n"] == 0).all()
    assert found.cases["strategy"].isna().all()
    assert set(found.policies.query("measure == 'gain'")["estimate"]) == {0}


def test_where_nothing_pays_everybody_is_left_as_is(customers):
    found = assign(customers, costs=dict.fromkeys(STRATEGIES, 1e6))
    assert set(found.cases["strategy"]) == {LEAVE}
    assert (found.cases["probability_best"] == 1).all()
    assert (found.cases["regret"] == 0).all()
    rows = found.policies.set_index(["policy", "measure"])
    assert np.isnan(rows.loc[("own_best", "regret_share"), "estimate"])
    assert rows.loc[("own_best", "regret_share"), "note"] == "nothing can be gained"


def test_one_customer_and_customers_all_alike(customers):
    one = assign(customers.iloc[:1])
    alike = assign(customers.iloc[[0] * 5].reset_index(drop=True))
    assert len(one.cases) == 1
    assert set(alike.cases["strategy"]) == {one.cases["strategy"].iloc[0]}
    ratio = alike.policies["estimate"] / one.policies["estimate"]
    own = alike.policies["policy"] == "own_best"
    assert ratio[own & (alike.policies["measure"] == "gain")].tolist() == pytest.approx([5])


def test_the_cost_of_an_action_may_be_a_column(customers):
    priced = customers.assign(visit=np.arange(40.0))
    by_column = assign(priced, costs=COSTS | {"raise_loyalty": "visit"}).cases
    free = assign(customers, costs=COSTS | {"raise_loyalty": 0}).cases
    difference = free["gain_raise_loyalty"] - by_column["gain_raise_loyalty"]
    assert difference.tolist() == pytest.approx(list(range(40)))


def test_regret_is_never_negative_and_least_for_the_own_best(customers):
    found = assign(customers, segment="kind", n_draws=500)
    assert (found.cases["regret"] >= 0).all()
    regret = found.policies.query("measure == 'regret'").set_index("policy")["estimate"]
    assert regret.idxmin() == "own_best"
    assert regret["own_best"] == pytest.approx(found.cases["regret"].sum())
    by_strategy = found.estimates.query("measure == 'regret'")["estimate"]
    assert by_strategy.sum() == pytest.approx(regret["own_best"])


def test_customers_without_a_segment_form_one(customers):
    found = assign(customers.assign(kind=customers["kind"].where(customers["kind"] == "a")),
                   segment="kind")  # fmt: skip
    assert set(found.segments["segment"]) == {"a", "(none)"}
    assert assign(customers).segments.empty


def test_parts_of_the_customers_give_the_same_as_all_at_once(customers, monkeypatch):
    whole = assign(customers)
    monkeypatch.setattr(gains_module, "BLOCK_CELLS", 50 * 7)
    parts = assign(customers)
    pd.testing.assert_frame_equal(whole.cases, parts.cases)
    pd.testing.assert_frame_equal(whole.policies, parts.policies)


def test_the_seed_decides_the_draws(customers):
    one, again, other = (assign(customers, seed=seed).cases["regret"] for seed in (4, 4, 5))
    assert one.equals(again)
    assert not one.equals(other)
