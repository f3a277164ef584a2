"""The simulated ladder is that of the stored data, and large ones show what was planted."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate.ladder import (
    AMOUNT,
    JOINING,
    MOVES,
    ORDERS,
    STAGES,
    START,
    UNOBSERVED,
    simulate_ladder_events,
)
from custlib.errors import ParameterError
from custlib.loyalty import ladder_stages

RUNGS = STAGES[:-1]


@pytest.fixture(scope="module")
def many():
    return simulate_ladder_events(seed=5, n=3000)


def codes(truth):
    """Planted stage by customer and quarter, −1 before the first."""
    letters = [*truth["letters"]]
    paths = [
        [letters.index(one) if one != "." else -1 for one in p] for p in truth["paths"].values()
    ]
    return np.array(paths)


def test_the_seed_of_the_card_gives_the_stored_files(tmp_path):
    stored = load("ladder_events")
    simulate_ladder_events(seed=stored.card.seed).write(tmp_path)
    for file in ("events.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()


def test_the_planted_shares_are_whole():
    for row in (*MOVES, START, JOINING):
        assert sum(row) == pytest.approx(1)
    assert MOVES[-1] == (0, 0, 0, 0, 0, 1)


def test_paths_begin_and_move_as_planted(many):
    paths = codes(many.truth)
    first = (paths >= 0).argmax(axis=1)
    assert (first == 0).mean() == pytest.approx(2 / 3, abs=1e-3)
    for began, shares in ((first == 0, START), (first > 0, JOINING)):
        found = paths[np.flatnonzero(began), first[began]]
        share = np.bincount(found, minlength=6) / began.sum()
        error = np.sqrt(np.array(shares) * (1 - np.array(shares)) / began.sum())
        assert (np.abs(share - shares) <= 4 * error).all()
    start, end = paths[:, :-1].ravel(), paths[:, 1:].ravel()
    for at, planted in enumerate(MOVES):
        reached = end[start == at]
        share = np.bincount(reached, minlength=6) / len(reached)
        error = np.sqrt(np.array(planted) * (1 - np.array(planted)) / len(reached))
        assert (np.abs(share - planted) <= 4 * error).all(), STAGES[at]


def test_the_rules_find_every_observed_stage_exactly(many):
    stages = ladder_stages(many.events, rules=many.truth["rules"], unobserved="no_record")
    assert list(stages["stage"].cat.categories) == [*STAGES]
    wide = stages.assign(stage=stages["stage"].cat.codes)
    wide = wide.pivot_table(index="customer", columns="period", values="stage", aggfunc="sum")
    planted = codes(many.truth)
    found = wide.to_numpy(float)
    hidden = np.zeros(planted.shape, bool)
    names = list(many.truth["paths"])
    for entry in many.truth["unobserved"]:
        name, quarter = entry.split()
        hidden[names.index(name), int(quarter) - 1] = True
    assert (found[hidden] == -1).all()
    assert np.isnan(found[planted < 0]).all()
    seen = ~hidden & (planted >= 0)
    assert (found[seen] == planted[seen]).all()


def test_quarters_are_lost_as_often_as_planted(many):
    paths = codes(many.truth)
    after = np.arange(paths.shape[1]) > (paths >= 0).argmax(axis=1)[:, None]
    possible = (after & (paths != STAGES.index("lost"))).sum()
    error = (UNOBSERVED / possible) ** 0.5
    assert len(many.truth["unobserved"]) / possible == pytest.approx(UNOBSERVED, abs=4 * error)
    assert (many.events["event"] == "no_record").sum() == len(many.truth["unobserved"])


def test_the_revenue_of_a_quarter_is_that_of_the_truth(many):
    stages = ladder_stages(
        many.events, rules=many.truth["rules"], unobserved="no_record", amount="amount"
    )
    by_stage = stages.groupby("stage", observed=True)["amount"].agg(["mean", "std", "size"])
    for name, planted in many.truth["revenue_a_quarter"].items():
        row = by_stage.loc[name]
        assert row["mean"] == pytest.approx(planted, abs=4 * row["std"] / row["size"] ** 0.5 + 1e-9)
    for name, (least, more) in ORDERS.items():
        assert many.truth["revenue_a_quarter"][name] == pytest.approx((least + more) * AMOUNT[name])


def test_amounts_belong_to_orders_and_days_to_their_quarter(many):
    events = many.events
    assert (events["amount"].notna() == (events["event"] == "order")).all()
    assert (events.loc[events["event"] == "order", "amount"] > 0).all()
    days = pd.to_datetime(events["date"])
    assert days.min() == pd.Timestamp("2022-01-01")
    assert days.max() <= pd.Timestamp("2024-12-31")
    closed = events[events["event"] == "closed"]
    assert closed["customer"].is_unique


def test_a_negative_seed_and_too_few_customers_or_quarters_are_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate_ladder_events(seed=-1)
    with pytest.raises(ParameterError, match="n is 19"):
        simulate_ladder_events(seed=1, n=19)
    with pytest.raises(ParameterError, match="quarters is 3"):
        simulate_ladder_events(seed=1, quarters=3)
