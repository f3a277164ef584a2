"""Intervals of the ladder hold the truth about as often as they say, with 100 and 450 customers.

Stated of 95 % intervals: shares 93 to 97 % (cells above 1 % by the truth), values, chances to
climb and times to climb 92 to 97 %, each a mean over stages and replicates. Beside that three
standard errors of so many replicates are allowed, as stages of one hold or miss together.
"""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate.ladder import simulate_ladder_events
from custlib.loyalty import (
    ladder_climb,
    ladder_gains,
    ladder_margins,
    ladder_rungs,
    ladder_shares,
    ladder_stages,
    ladder_tests,
    ladder_transitions,
    ladder_value,
)

LADDER = ["trial", "repeat", "regular", "partner", "advocate", "gone"]
P = np.array(
    [
        [0.35, 0.35, 0.05, 0, 0, 0.25],
        [0.10, 0.45, 0.27, 0.03, 0, 0.15],
        [0.02, 0.12, 0.60, 0.16, 0.02, 0.08],
        [0, 0.03, 0.14, 0.68, 0.11, 0.04],
        [0, 0, 0.05, 0.15, 0.78, 0.02],
        [0, 0, 0, 0, 0, 1],
    ]
)
START = [0.40, 0.25, 0.20, 0.10, 0.05]
MARGINS = np.array([40, 120, 300, 650, 900, 0.0])
RATE = 0.03
SLACK = 3


def stages_of(customers, seed, quarters=12, missing=0.02):
    random = np.random.default_rng(seed)
    paths = np.zeros((customers, quarters), int)
    paths[:, 0] = random.choice(5, customers, p=START)
    for at in range(1, quarters):
        chance = random.random(customers)[:, None]
        paths[:, at] = (chance > P.cumsum(axis=1)[paths[:, at - 1]][:, :-1]).sum(axis=1)
    names = np.array(LADDER, object)[paths]
    names[random.random(paths.shape) < missing] = None
    rows, columns = np.indices(paths.shape).reshape(2, -1)
    return pd.DataFrame(
        {
            "customer": rows,
            "period": columns,
            "stage": pd.Categorical(names.ravel(), categories=LADDER),
        }
    )


def truth(matrix=P, margins=MARGINS):
    """By iteration, not by the equations of the library."""
    value, weight = np.zeros(6), np.eye(6)
    for at in range(3000):
        value += weight @ margins / (1 + RATE) ** at
        weight = weight @ matrix
    ever, periods = np.full((5, 5), np.nan), np.full((5, 5), np.nan)
    for goal in range(1, 5):
        stopped = matrix.copy()
        stopped[goal:5] = np.eye(6)[goal:5]
        now, before, total = np.eye(6), np.zeros(6), np.zeros(6)
        for at in range(1, 3000):
            now = now @ stopped
            reached = now[:, goal:5].sum(axis=1)
            total += at * (reached - before)
            before = reached
        ever[:goal, goal], periods[:goal, goal] = before[:goal], total[:goal] / before[:goal]
    return {"value": value[:5], "ever": ever, "periods": periods}


def coverage(customers, replicates, n_draws=400):
    """Share of intervals that hold the truth, by kind of number."""
    known = truth()
    held = {"share": [], "value": [], "ever": [], "periods": []}
    for seed in range(replicates):
        stages = stages_of(customers, [customers, seed])
        moves = ladder_transitions(stages, absorbing=["gone"]).estimates
        cells = moves["prior_count"].gt(0) & (P.ravel() > 0.01)
        inside = moves["ci_low"].le(P.ravel()) & moves["ci_high"].ge(P.ravel())
        held["share"].append(inside[cells])
        options = {"n_draws": n_draws, "seed": seed}
        value = ladder_value(moves, margins=list(MARGINS), discount=RATE, **options).head(5)
        held["value"].append(
            value["ci_low"].le(known["value"]) & value["ci_high"].ge(known["value"])
        )
        climb = ladder_climb(moves, **options)
        for measure in ("ever", "periods"):
            rows = climb[climb["measure"] == measure]
            at = [LADDER.index(one) for one in rows["stage"]]
            to = [LADDER.index(one) for one in rows["next_stage"]]
            true = known[measure][at, to]
            held[measure].append(rows["ci_low"].le(true) & rows["ci_high"].ge(true))
    return {name: np.mean(np.concatenate(parts)) for name, parts in held.items()}


def check(found, replicates):
    # Values of the stages of one replicate go together: they count as one.
    allowed = SLACK * (0.95 * 0.05 / replicates) ** 0.5
    assert 0.93 - allowed <= found["share"] <= 0.97 + allowed, found
    for name in ("value", "ever", "periods"):
        assert 0.92 - allowed <= found[name] <= 0.97 + allowed, found


@pytest.mark.parametrize("customers", [100, 450])
def test_intervals_hold_the_truth(customers):
    check(coverage(customers, 100), 100)


@pytest.mark.slow
@pytest.mark.parametrize("customers", [100, 450])
def test_intervals_hold_the_truth_at_full_size(customers):
    check(coverage(customers, 1000), 1000)


def test_tests_of_a_true_chain_reject_as_often_as_they_say():
    p_values = {}
    for seed in range(40):
        found = ladder_tests(stages_of(450, [7, seed]), absorbing=["gone"])
        pearson = found[found["method"] == "Pearson"].set_index("term")["p_value"]
        for term, value in pearson.items():
            p_values.setdefault(term, []).append(value)
    assert max(p_values["independence"]) < 1e-6
    for term in ("second_order", "stationarity"):
        rejected = np.mean(np.array(p_values[term]) < 0.1)
        assert rejected <= 0.1 + 3 * (0.1 * 0.9 / 40) ** 0.5, term
        assert np.mean(p_values[term]) == pytest.approx(0.5, abs=4 * (1 / 12 / 40) ** 0.5), term


def test_a_chain_of_second_order_and_one_that_changes_are_found():
    stages = stages_of(450, 3, missing=0)
    # Half the customers stay where they are for good: given the stage, the past tells who.
    stays = stages["customer"] % 2 == 0
    first = stages[stages["period"] == 0].set_index("customer")["stage"]
    mixed = stages.assign(stage=stages["stage"].astype(object))
    mixed.loc[stays, "stage"] = mixed.loc[stays, "customer"].map(first)
    found = ladder_tests(mixed, ladder=LADDER, absorbing=["gone"]).set_index(["term", "method"])
    assert found.loc[("second_order", "Pearson"), "p_value"] < 1e-6
    late = (stages["period"] >= 6) & stays
    changed = stages.assign(stage=stages["stage"].astype(object))
    held = stages[stages["period"] == 6].set_index("customer")["stage"]
    changed.loc[late, "stage"] = changed.loc[late, "customer"].map(held)
    found = ladder_tests(changed, ladder=LADDER, absorbing=["gone"]).set_index(["term", "method"])
    assert found.loc[("stationarity", "Pearson"), "p_value"] < 1e-6


# The planted ladder of the data set.


@pytest.fixture(scope="module")
def stored():
    data = load("ladder_events")
    return data, ladder_stages(
        data.tables["events"], rules=data.truth["rules"], unobserved="no_record", amount="amount"
    )


def planted(data):
    """The planted moves, and 35 % of what a customer brings on each stage."""
    revenue = np.array([*data.truth["revenue_a_quarter"].values()])
    return np.array(data.truth["moves"]), 0.35 * revenue


def planted_gains(moves, margins, customers, lasting=4):
    """Value over all customers when a step has a point more in so many periods, by iteration."""
    after = truth(moves, margins)["value"]
    now = np.array([*customers, 0.0])
    before = customers @ after
    found = []
    for step in range(4):
        wider = moves.copy()
        wider[step, [step + 1, 5]] += [0.01, -0.01]
        standing, total = now, 0.0
        for at in range(lasting):
            total += standing @ margins / (1 + RATE) ** at
            standing = standing @ wider
        found.append(total + standing[:5] @ after / (1 + RATE) ** lasting - before)
    return np.array(found)


def test_the_planted_moves_lie_in_their_intervals(stored):
    data, stages = stored
    moves = ladder_transitions(stages, absorbing=["lost"]).estimates
    known = planted(data)[0].ravel()
    rung = moves["prior_count"].gt(0)
    held = (moves["ci_low"] - 1e-12 <= known) & (known <= moves["ci_high"] + 1e-12)
    # Of 30 intervals of 95 % at least 25 hold with a chance of 0.997.
    assert held[rung].sum() >= 25


def test_the_planted_narrowest_rung_is_found(stored):
    data, stages = stored
    options = {"n_draws": 1000, "seed": 1}
    rungs = ladder_rungs(ladder_transitions(stages, absorbing=["lost"]).estimates, **options)
    moves, _ = planted(data)
    ever = np.diag(truth(moves)["ever"], 1)
    up = [moves[at, at + 1 : 5].sum() for at in range(4)]
    for measure, known in {"ever": ever, "up": up}.items():
        found = rungs[rungs["measure"] == measure]
        assert data.truth["stages"][np.argmin(known)] == "buyer"
        row = found.loc[found["estimate"].idxmin()]
        assert row["stage"] == "buyer"
        assert row["probability_first"] > 0.9


def test_the_planted_values_and_the_best_step_are_found(stored):
    data, stages = stored
    moves = ladder_transitions(stages, absorbing=["lost"]).estimates
    margins = ladder_margins(stages, margin_share=0.35)
    options = {"discount": 0.03, "seed": 1}
    value = ladder_value(moves, margins=margins, n_draws=1000, **options)
    true = truth(*planted(data))["value"]
    own = value.set_index("stage").loc[data.truth["stages"][:5]]
    assert (own["ci_low"].le(true) & own["ci_high"].ge(true)).all()
    last = ladder_shares(stages[stages["period"] == stages["period"].max()])
    customers = last[last["stage"] != "lost"].set_index("stage")["numerator"].to_dict()
    rungs = data.truth["stages"][:5]
    gains = {"customers": customers, "lasting": 4, "n_draws": 500}
    base = ladder_gains(moves, margins=margins, **gains, **options).query("measure == 'base'")
    known = planted_gains(*planted(data), np.array([customers[one] for one in rungs]))
    assert base.loc[base["estimate"].idxmax(), "stage"] == "buyer"
    assert rungs[np.argmax(known)] == "buyer"


@pytest.mark.slow
def test_many_customers_give_the_planted_moves_back():
    data = simulate_ladder_events(seed=11, n=20_000)
    stages = ladder_stages(data.events, rules=data.truth["rules"], unobserved="no_record")
    moves = ladder_transitions(stages, absorbing=["lost"]).estimates
    known = planted(data)[0].ravel()
    error = np.sqrt(known * (1 - known) / moves["n"].clip(lower=1))
    assert ((moves["estimate"] - known).abs() <= 4 * error + 1e-12).all()
