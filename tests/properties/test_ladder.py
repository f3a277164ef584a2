"""Invariants of the ladder that hold for every matrix."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from custlib.loyalty import (
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
from custlib.loyalty.ladder.budget import Response
from custlib.loyalty.ladder.order import _statistics
from custlib.loyalty.ladder.worth import Worth

DRAWS = {"n_draws": 100, "seed": 1}
NAMES = ["a", "b", "c", "out"]
few = settings(max_examples=25, deadline=None)
margins = hnp.arrays(float, 3, elements=st.floats(0, 100)).map(lambda one: [*one, 0.0])
rates = st.floats(0.01, 1)


@st.composite
def chains(draw):
    """Transitions of three rungs and an exit, each cell seen at least once."""
    counts = draw(hnp.arrays(int, (3, 4), elements=st.integers(1, 60)))
    rows = [
        {"stage": NAMES[i], "next_stage": NAMES[j], "prior_count": 0.0 if i == 3 else 0.25}
        | {"numerator": int(counts[i, j]) if i < 3 else 5 * int(j == 3)}
        for i in range(4)
        for j in range(4)
    ]
    return pd.DataFrame(rows)


def matrix(chain):
    counts = chain["numerator"].to_numpy(float).reshape(4, 4)
    return counts / counts.sum(axis=1, keepdims=True)


def estimates(table, measure=None):
    rows = table if measure is None else table[table["measure"] == measure]
    return rows["estimate"].to_numpy()


@few
@given(chains(), margins, rates)
def test_a_value_is_the_margin_now_and_the_value_of_where_one_goes(chain, paid, rate):
    value = estimates(ladder_value(chain, margins=paid, discount=rate, **DRAWS))
    assert value == pytest.approx(paid + matrix(chain) @ value / (1 + rate), abs=1e-9)


@few
@given(chains(), margins, rates, st.integers(0, 6))
def test_a_longer_horizon_never_lowers_a_value_and_none_is_above_all(chain, paid, rate, horizon):
    options = {"margins": paid, "discount": rate} | DRAWS
    near, far, every = (
        estimates(ladder_value(chain, horizon=one, **options))
        for one in (horizon, horizon + 1, None)
    )
    assert (near <= far + 1e-9).all()
    assert (far <= every + 1e-9).all()


@few
@given(chains(), margins, rates, st.floats(0.1, 50))
def test_values_grow_with_the_margins(chain, paid, rate, factor):
    options = {"discount": rate} | DRAWS
    once = ladder_value(chain, margins=paid, **options)
    more = ladder_value(chain, margins=[factor * one for one in paid], **options)
    for column in ("estimate", "ci_low", "ci_high"):
        assert more[column].to_numpy() == pytest.approx(factor * once[column], rel=1e-9)


@few
@given(chains())
def test_lifetimes_are_sums_of_visits_and_values_of_one_a_period(chain):
    lifetimes = estimates(ladder_lifetimes(chain, **DRAWS), "periods")
    visits = estimates(ladder_visits(chain, **DRAWS)).reshape(3, 3)
    ones = ladder_value(chain, margins=[1, 1, 1, 0], discount=0, **DRAWS)
    assert lifetimes == pytest.approx(visits.sum(axis=1))
    assert lifetimes == pytest.approx(estimates(ones)[:3])
    assert (lifetimes >= 1).all()


@few
@given(chains())
def test_a_higher_rung_is_reached_more_rarely_and_later(chain):
    climb = ladder_climb(chain, within=3, **DRAWS).set_index(["stage", "next_stage", "measure"])
    found = climb["estimate"]
    assert found["a", "c", "ever"] <= found["a", "b", "ever"] + 1e-12
    for pair in (("a", "b"), ("a", "c"), ("b", "c")):
        assert 0 < found[(*pair, "within")] <= found[(*pair, "ever")] <= 1
        assert found[(*pair, "periods")] >= 1
    numbers = climb[["ci_low", "estimate", "ci_high"]].to_numpy()
    assert (np.diff(numbers, axis=1) >= 0).all()


@few
@given(chains(), st.integers(1, 5))
def test_nobody_is_lost_on_the_way(chain, periods):
    ahead = ladder_occupancy(chain, customers=[10, 20, 30, 0], periods=periods, **DRAWS)
    assert ahead.groupby("period")["estimate"].sum().to_numpy() == pytest.approx(60)


@few
@given(chains(), margins, rates, st.sampled_from([None, 1, 3]), st.sampled_from([None, 2, 6]))
def test_a_slope_is_the_limit_of_a_small_change(chain, paid, rate, lasting, horizon):
    options = {"margins": paid, "discount": rate, "lasting": lasting, "horizon": horizon}
    options |= {"customers": [3, 2, 1, 0]} | DRAWS
    gains = ladder_gains(chain, **options)
    base = gains[gains["measure"] == "base"].iloc[0]
    tiny = 1e-5
    after = ladder_what_if(chain, changes=[("a", "b", "out", tiny)], **options)
    moved = after[(after["stage"] == "all") & (after["measure"] == "gain")]["estimate"].iloc[0]
    assert moved / tiny == pytest.approx(base["estimate"], rel=1e-4, abs=1e-6)


@few
@given(chains(), margins, st.floats(0, 1), st.integers(0, 70), st.integers(1, 70))
def test_periods_are_added_up_as_one_by_one_however_many_they_are(
    chain, paid, rate, horizon, lasting
):
    step, paid = matrix(chain) / (1 + rate), np.array(paid)
    path = [paid]
    for _ in range(horizon):
        path.append(paid + step @ path[-1])
    slopes, now = np.zeros((4, 4, 4)), np.eye(4)
    for at in range(min(lasting, horizon)):
        slopes += now[:, :, None] * path[horizon - 1 - at] / (1 + rate)
        now = now @ step
    worth = Worth(paid, rate, horizon, np.array([False] * 3 + [True]))
    assert worth.values(matrix(chain)) == pytest.approx(path[-1], rel=1e-12)
    found = worth.slopes(matrix(chain), lasting)
    assert found == pytest.approx(slopes, rel=1e-11, abs=1e-11 * max(slopes.max(), 1e-9))


@few
@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=6),
    st.floats(0, 1e5),
    st.sampled_from([0.0, 0.5, 2.0]),
    st.randoms(use_true_random=False),
)
def test_the_last_unit_brings_the_same_everywhere_and_never_too_little(
    slopes, budget, least, chance
):
    count = len(slopes)
    reach = np.array([chance.uniform(0.001, 0.1) for _ in range(count)])
    scale = np.array([chance.uniform(1, 1e4) for _ in range(count)])
    response = Response(reach, scale)
    spend = response.split(np.array(slopes), budget, least)
    assert (spend >= 0).all()
    assert spend.sum() <= budget * (1 + 1e-9) + 1e-6
    last = np.array(slopes) * reach / scale * np.exp(-spend / scale)
    paid = spend > 1e-6 * max(budget, 1)
    if paid.any():
        level = last[paid].max()
        assert last[paid] == pytest.approx(level, rel=1e-5)
        assert (last[~paid] <= level * (1 + 1e-5)).all()
        assert level >= least * (1 - 1e-9)
    if least == 0 and max(slopes) > 0:
        assert spend.sum() == pytest.approx(budget, rel=1e-9, abs=1e-6)


@few
@given(st.lists(st.text("abcg", min_size=3, max_size=6), min_size=2, max_size=12))
def test_every_pair_is_counted_once(paths):
    rows = [
        {"customer": at, "period": when, "stage": letter if letter != "g" else None}
        for at, path in enumerate(paths)
        for when, letter in enumerate(path)
    ]
    pairs = sum(len(path) - 1 for path in paths)
    seen = sum(a != "g" and b != "g" for path in paths for a, b in pairwise(path))
    stages = pd.DataFrame(rows)
    if not seen:
        return
    found = ladder_transitions(stages, ladder=list("abc"))
    counted = found.pairs.set_index("measure")["n"]
    assert counted.to_dict() == {"possible": pairs, "observed": seen, "skipped": pairs - seen}
    assert found.estimates["numerator"].sum() == seen
    shares = found.estimates.groupby("stage")["estimate"].sum(min_count=1).dropna()
    assert shares.to_numpy() == pytest.approx(1)


@few
@given(hnp.arrays(int, (3, 4), elements=st.integers(1, 40)), st.integers(2, 5))
def test_statistics_grow_with_the_counts_and_ignore_the_order_of_rows(table, factor):
    once, more, turned = (_statistics(one[None])[0] for one in (table, factor * table, table[::-1]))
    assert more == pytest.approx(factor * once, abs=1e-9)
    assert turned == pytest.approx(once, abs=1e-9)


@few
@given(st.permutations(range(6)), st.integers(1, 3))
def test_stages_hang_neither_on_the_order_of_rows_nor_on_other_customers(order, last):
    days = ["2024-01-05", "2024-02-01", "2024-05-07", "2024-07-01", "2024-11-30", "2024-12-31"]
    events = pd.DataFrame({"customer": list("aabbba"), "date": days, "event": "order"})
    rules = [f"many: order >= 2 in last {last}", "few: otherwise"]
    found = ladder_stages(events, rules=rules)
    pd.testing.assert_frame_equal(ladder_stages(events.iloc[list(order)], rules=rules), found)
    alone = ladder_stages(events[events["customer"] == "a"], rules=rules)
    own = found[found["customer"] == "a"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, own)
