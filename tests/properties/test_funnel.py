"""What must hold of every funnel, plan and allocation, whatever the numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp, minimize

from custlib.loyalty import (
    allocate_contacts,
    contact_budget,
    funnel_bottleneck,
    funnel_plan,
    funnel_rates,
    source_costs,
)

STAGES = ["a", "b", "c", "d"]
shares = st.floats(0.05, 1.0)
reached = st.lists(st.sampled_from(STAGES), min_size=1, max_size=60)


def of(plan, measure, term="plan"):
    return float(plan.estimates.set_index(["measure", "term"])["estimate"][measure, term])


@settings(max_examples=60, deadline=None)
@given(reached, st.randoms())
def test_counts_of_a_funnel_chain_and_do_not_hang_on_the_order_of_rows(stages, random):
    leads = pd.DataFrame({"at": stages})
    found = funnel_rates(leads, stages=STAGES, reached="at")
    steps = found[found["measure"] == "rate"]
    assert steps["denominator"].tolist()[1:] == steps["numerator"].tolist()[:-1]
    through = found.iloc[-1]
    if through["estimate"] > 0:
        assert through["estimate"] == pytest.approx(stages.count("d") / len(stages))
    known = found.dropna(subset="estimate")
    assert ((known["ci_low"] <= known["estimate"]) & (known["estimate"] <= known["ci_high"])).all()
    mixed = stages[:]
    random.shuffle(mixed)
    again = funnel_rates(pd.DataFrame({"at": mixed}), stages=STAGES, reached="at")
    pd.testing.assert_frame_equal(found, again)


@settings(max_examples=40, deadline=None)
@given(st.lists(shares, min_size=1, max_size=3), st.integers(1, 12), st.floats(0.1, 0.97))
def test_the_calls_needed_are_the_smallest_that_do(rates, target, wanted):
    calls = int(funnel_plan(rates, target=target, probability=wanted)["calls"].iloc[0])
    chance = funnel_plan(rates, target=target, probability=(), calls=[calls - 1, calls])["estimate"]
    assert chance.iloc[0] < wanted <= chance.iloc[1]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=1, max_size=2),
       st.integers(1, 15))  # fmt: skip
def test_the_chance_grows_with_calls_and_falls_with_the_target(pairs, target):
    rates = pd.DataFrame(
        {
            "stage": range(len(pairs)),
            "next_stage": range(1, len(pairs) + 1),
            "measure": "rate",
            "numerator": [x for x, _ in pairs],
            "denominator": [x + more for x, more in pairs],
        }
    )
    ask = {"probability": (), "calls": [0, 10, 50, 190, 700]}
    first = funnel_plan(rates, target=target, **ask)["estimate"].iloc[:5].to_numpy()
    second = funnel_plan(rates, target=target + 1, **ask)["estimate"].iloc[:5].to_numpy()
    assert (np.diff(first) >= -1e-6).all()
    assert (second <= first + 1e-6).all()
    assert ((first >= 0) & (first <= 1)).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 60)), min_size=2, max_size=4),
       st.sampled_from(["points", "loss"]), st.integers(0, 9))  # fmt: skip
def test_the_lowest_rate_gains_most_by_points_and_by_loss(pairs, lift, seed):
    rates = pd.DataFrame(
        {
            "stage": range(len(pairs)),
            "next_stage": range(1, len(pairs) + 1),
            "measure": "rate",
            "n": [x + more for x, more in pairs],
            "numerator": [x for x, _ in pairs],
            "denominator": [x + more for x, more in pairs],
            "ci_low": 0.0,
            "ci_high": 1.0,
        }
    )
    found = funnel_bottleneck(rates, lift=lift, size=0.01, seed=seed, n_draws=100)
    lowest = (rates["numerator"] / rates["denominator"]).min()
    top = found["estimate"].idxmax()
    assert rates["numerator"][top] / rates["denominator"][top] == pytest.approx(lowest)
    assert found["probability_best"].sum() == pytest.approx(1)


def cells_of(draw):
    segments, kinds = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rows = []
    for kind in range(kinds):
        prepared = draw(st.sampled_from([0.0, 0.0, 40.0, 400.0]))
        for segment in range(segments):
            rows.append(
                {
                    "segment": f"s{segment}",
                    "kind": f"k{kind}",
                    "clients": float(draw(st.integers(1, 50))),
                    "contacts": draw(st.floats(0, 5)),
                    "cost": draw(st.floats(1, 20)),
                    "reach": draw(st.floats(0.05, 0.3)),
                    "saturation": draw(st.floats(0.5, 5)),
                    "value": draw(st.floats(10, 400)),
                    "preparation": prepared,
                }
            )
    return pd.DataFrame(rows)


@st.composite
def matrices(draw):
    return cells_of(draw)


@settings(max_examples=40, deadline=None)
@given(matrices())
def test_a_budget_adds_up_in_every_direction(cells):
    found = contact_budget(cells, preparation="preparation")
    sums = found.groupby("measure")["cost"].sum()
    total = sums["total"]
    by_hand = (cells["clients"] * cells["contacts"] * cells["cost"]).sum()
    by_hand += cells.drop_duplicates("kind")["preparation"].sum()
    assert total == pytest.approx(by_hand)
    assert sums["cell"] + sums["preparation"] == pytest.approx(total)
    assert sums["kind"] == pytest.approx(total)
    assert sums["segment"] + sums["preparation"] == pytest.approx(total)


@settings(max_examples=15, deadline=None)
@given(matrices(), st.floats(20, 3000), st.floats(5, 300))
def test_the_plan_is_that_of_a_general_optimizer(cells, cap, room):
    cells = cells.assign(preparation=0.0)
    found = allocate_contacts(cells, cap=cap, capacity={"k0": room})
    n, c, k0 = (cells[name].to_numpy() for name in ("clients", "cost", "kind"))
    worth, scale = n * (cells["value"] * cells["reach"]).to_numpy(), cells["saturation"].to_numpy()

    def loss(k):
        return -(worth * -np.expm1(-k / scale) - n * c * k).sum() / 100

    def slope(k):
        return -(worth / scale * np.exp(-k / scale) - n * c) / 100

    inside = n * (k0 == "k0")
    limits = [{"type": "ineq", "fun": lambda k: 1 - (n * c * k).sum() / cap},
              {"type": "ineq", "fun": lambda k: 1 - (inside * k).sum() / room}]  # fmt: skip
    other = minimize(loss, np.zeros(len(cells)), jac=slope, method="SLSQP", constraints=limits,
                     bounds=Bounds(0, 60), options={"ftol": 1e-13, "maxiter": 500})  # fmt: skip
    scale_of = max(-other.fun * 100, 1.0)
    assert of(found, "net") >= -other.fun * 100 - 1e-6 * scale_of
    assert of(found, "net") == pytest.approx(-other.fun * 100, abs=5e-3 * scale_of)
    assert of(found, "cost") <= cap * (1 + 1e-9)
    made = (cells["clients"] * found.cases["best_contacts"])[cells["kind"] == "k0"].sum()
    assert made <= room * (1 + 1e-9)


@settings(max_examples=25, deadline=None)
@given(matrices(), st.floats(50, 4000))
def test_no_plan_near_the_best_is_better_and_more_money_never_hurts(cells, cap):
    options = {"preparation": "preparation"}
    found = allocate_contacts(cells, cap=cap, **options)
    more = allocate_contacts(cells, cap=1.05 * cap, **options)
    assert of(more, "net") >= of(found, "net") - 1e-7 * (1 + abs(of(found, "net")))
    k = found.cases["best_contacts"].to_numpy()
    # Where contacts are made, the last unit of money brings the same, and elsewhere no more.
    price = of(found, "shadow_price", "budget") + 1
    used, marginal = k > 1e-9, found.cases["marginal_value"].to_numpy()
    assert marginal[used] == pytest.approx(np.full(used.sum(), price), rel=1e-6)
    opened = set(cells["kind"][used]) | set(cells["kind"][cells["preparation"] == 0])
    idle = ~used & cells["kind"].isin(opened).to_numpy()
    assert (marginal[idle] <= price * (1 + 1e-6)).all()


@settings(max_examples=25, deadline=None)
@given(matrices(), st.floats(50, 4000))
def test_a_whole_plan_is_whole_within_the_cap_and_below_the_bound(cells, cap):
    found = allocate_contacts(cells, cap=cap, whole=True, preparation="preparation")
    k = found.cases["best_contacts"].to_numpy()
    assert (k == np.round(k)).all()
    assert of(found, "cost") + of(found, "preparation") <= cap * (1 + 1e-8)
    net, bound = of(found, "net"), of(found, "bound")
    assert 0 <= net <= bound + 1e-7 * (1 + abs(bound))


def exact_whole(cells, cap):
    """The best whole plan by a mixed-integer programme: each contact a yes or no."""
    steps = [(at, j) for at in range(len(cells)) for j in range(12)]
    row = [cells.iloc[at] for at, _ in steps]
    gain = np.array([one["clients"] * one["value"] * one["reach"]
                     * (np.exp(-j / one["saturation"]) - np.exp(-(j + 1) / one["saturation"]))
                     for one, (_, j) in zip(row, steps, strict=True)])  # fmt: skip
    price = np.array([one["clients"] * one["cost"] for one in row])
    found = milp(price - gain, integrality=np.ones(len(steps)), bounds=Bounds(0, 1),
                 constraints=LinearConstraint(price[None] / cap, ub=1),
                 options={"mip_rel_gap": 0})  # fmt: skip
    return -found.fun


@settings(max_examples=15, deadline=None)
@given(matrices(), st.floats(300, 3000))
def test_a_whole_plan_comes_near_the_exact_one(cells, cap):
    cells = cells.assign(most=12.0)
    found = allocate_contacts(cells, cap=cap, whole=True, most="most")
    best = exact_whole(cells, cap)
    assert of(found, "net") <= best + 1e-6 * (1 + best)
    assert of(found, "net") >= 0.9 * best - 1e-6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["w", "f", "r", None]), min_size=1, max_size=40), st.data())
def test_bounds_and_ranks_hold_for_every_division_of_the_unknown(answers, data):
    paid = pd.DataFrame({"source": ["w", "f", "r"], "cost": data.draw(
        st.lists(st.integers(0, 100), min_size=3, max_size=3))})  # fmt: skip
    found = source_costs(pd.DataFrame({"source": answers}), source="source", costs=paid)
    rows = found[found["measure"] == "cost_per_client"].set_index("source")
    lost = [at for at, one in enumerate(answers) if one is None]
    given_to = data.draw(st.lists(st.sampled_from(["w", "f", "r"]),
                                  min_size=len(lost), max_size=len(lost)))  # fmt: skip
    true = [one for one in answers if one is not None] + given_to
    cost = dict(zip(paid["source"], paid["cost"], strict=True))
    each = {name: cost[name] / true.count(name) if true.count(name)
            else (np.inf if cost[name] else 0.0) for name in cost}  # fmt: skip
    for name in cost:
        rank = 1 + sum(each[other] < each[name] for other in cost if other != name)
        assert rows.loc[name, "rank_low"] <= rank <= rows.loc[name, "rank_high"]
        if true.count(name):
            assert rows.loc[name, "bound_low"] <= each[name] * (1 + 1e-12)
            high = rows.loc[name, "bound_high"]
            assert np.isnan(high) or each[name] <= high * (1 + 1e-12)
