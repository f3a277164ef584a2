"""The simulated firms are those of the stored data, and large ones show what was planted."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate.firms import (
    ANSWERS,
    DECOYS,
    GOOD,
    NEEDS,
    ROLES,
    SEGMENTS,
    simulate_b2b_firms,
)
from custlib.errors import ParameterError


@pytest.fixture(scope="module")
def many():
    return simulate_b2b_firms(seed=5, n=40_000)


@pytest.fixture(scope="module")
def grouped(many):
    return many.customers.assign(segment=many.truth["membership"]).groupby("segment")


def test_the_seed_of_the_card_gives_the_stored_files(tmp_path):
    stored = load("b2b_firms")
    simulate_b2b_firms(seed=stored.card.seed).write(tmp_path)
    for file in ("customers.csv", "truth.json"):
        assert (tmp_path / file).read_bytes() == (stored.folder / file).read_bytes()


def test_the_planted_shares_are_whole():
    assert sum(one.share for one in SEGMENTS) == pytest.approx(1)
    for one in SEGMENTS:
        assert sum(one.processes) == pytest.approx(1), one.name


def test_every_column_of_a_role_is_there(many):
    names = [*GOOD, *DECOYS, *NEEDS, *ANSWERS, *ROLES["relationship"], *ROLES["behaviour"]]
    assert {*names, *ROLES["repeated"].values()} <= set(many.customers)
    assert many.customers["customer"].is_unique


def test_segments_show_their_shares_needs_and_answers(many, grouped):
    shares = pd.Series(many.truth["membership"]).value_counts(normalize=True)
    for name, planted in many.truth["segments"].items():
        firms = grouped.get_group(name)
        assert shares[name] == pytest.approx(planted["share"], abs=0.01)
        for need, mean in planted["needs"].items():
            assert firms[need].mean() == pytest.approx(mean, abs=0.6)  # the ends are cut
            assert firms[need].std() == pytest.approx(many.truth["need_sd"], abs=0.7)
        for answer, levels in planted["answers"].items():
            found = firms[answer].value_counts(normalize=True)
            assert found.to_dict() == pytest.approx(levels, abs=0.02)


def test_answers_are_independent_within_a_segment(grouped):
    for _, firms in grouped:
        decisive = (firms[list(ANSWERS)] == "decisive").corr().to_numpy()
        assert np.abs(decisive - np.eye(len(ANSWERS))).max() < 0.06


def test_the_relationship_knows_no_segment(grouped):
    for trait in ROLES["relationship"]:
        means, spread = grouped[trait].mean(), grouped[trait].std().mean()
        assert np.ptp(means) < 0.06 * spread, trait


def test_readings_are_lost_and_wrong_as_often_as_planted(many):
    firms = many.customers
    assert firms["planning_style"].isna().mean() == pytest.approx(0.30, abs=0.01)
    assert firms["process"].isna().mean() == pytest.approx(0.02, abs=0.005)
    both = firms[["planning_style", "planning_style_second"]].dropna()
    # Both right, or both wrong in the same one of two ways.
    alike = 0.65**2 + 0.35**2 / 2
    agreeing = (both["planning_style"] == both["planning_style_second"]).mean()
    assert agreeing == pytest.approx(alike, abs=0.01)


def test_money_is_in_bounds(many):
    firms = many.customers
    assert firms["risk"].between(0, 1).all()
    assert (firms[["revenue", "potential", "cost_to_serve"]] > 0).all().all()
    assert (firms["revenue"] <= firms["potential"]).all()


def test_a_negative_seed_and_too_few_firms_are_refused():
    with pytest.raises(ParameterError, match="seed is -1"):
        simulate_b2b_firms(seed=-1)
    with pytest.raises(ParameterError, match="n is 19"):
        simulate_b2b_firms(seed=1, n=19)
