"""Decoys fail their own criterion and no other, good variables pass, and intervals cover."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from custlib.datasets.simulate.firms import DECOYS, GOOD, ROLES, simulate_b2b_firms
from custlib.segmentation.agreement import kappa_agreement
from custlib.segmentation.variables import audit_variables
from custlib.segmentation.variables.readings import Variable
from custlib.segmentation.variables.resamples import draw
from custlib.segmentation.variables.shared_variation import association, intraclass

FULL = pytest.param(400, marks=pytest.mark.slow)
MEANS = np.array([-1.0, -1.0, 1.0, 1.0])


def settled(seed, n=600):
    """Verdicts on the simulated firms: (planted, found) for each variable and criterion."""
    firms = simulate_b2b_firms(seed=seed, n=n).customers
    found = audit_variables(firms, variables=[*DECOYS, *GOOD], **ROLES, seed=seed, n_boot=200)
    planted = [
        "fails" if DECOYS.get(item) == criterion else "passes"
        for item, criterion in zip(found.verdicts["item"], found.verdicts["criterion"], strict=True)
    ]
    return Counter(zip(planted, found.verdicts["verdict"], strict=True))


@pytest.mark.parametrize("seeds", [20, pytest.param(150, marks=pytest.mark.slow)])
def test_each_decoy_fails_its_own_criterion_and_only_it(seeds):
    counts = sum((settled(seed) for seed in range(seeds)), Counter())
    # 8 variables × 4 criteria, of which each of 4 decoys breaks one.
    assert counts["fails", "fails"] >= 0.99 * 4 * seeds
    assert counts["passes", "passes"] >= 0.985 * 28 * seeds
    assert counts["passes", "fails"] <= 0.005 * 28 * seeds


def test_few_firms_leave_more_open_but_accuse_nobody():
    counts = sum((settled(seed, n=100) for seed in range(12)), Counter())
    assert counts["passes", "fails"] <= 0.02 * 28 * 12
    assert counts["passes", "not certain"] > 0.08 * 28 * 12


def misses(make, truth, n, runs):
    """Shares of intervals that lie above and below the truth."""
    above = below = 0
    for run in range(runs):
        measure = make(np.random.default_rng([run, n]), n)
        drawn = draw(pd.DataFrame(index=range(n)), {("a",): measure}, n_boot=150, seed=run)
        row = drawn["a",].row(0.95)
        above += row["ci_low"] > truth
        below += row["ci_high"] < truth
    return above / runs, below / runs


def grouped(spread, noise):
    """Four equally likely groups, and numbers with noise of variance 1 about their means."""

    def make(random, n):
        groups = random.integers(4, size=n)
        numbers = spread * MEANS[groups] + noise(random, n)
        return association(Variable("groups", groups, 4), Variable("numbers", numbers, 0))

    return make


def normal(random, n):
    return random.standard_normal(n)


def skewed(random, n):
    return random.exponential(size=n) - 1


def long_tailed(random, n):
    values = np.exp(random.standard_normal(n))
    return (values - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e)


@pytest.mark.parametrize("runs", [100, FULL])
@pytest.mark.parametrize("noise", [normal, skewed])
@pytest.mark.parametrize("spread", [0.25, 0.6])
def test_the_share_explained_is_covered(spread, noise, runs):
    truth = spread**2 / (1 + spread**2)
    above, below = misses(grouped(spread, noise), truth, 200, runs)
    assert 0.87 <= 1 - above - below <= 1


def test_no_relation_is_hardly_ever_taken_for_one():
    above, below = misses(grouped(0.0, normal), 0.0, 150, 150)
    assert (above <= 0.02, below) == (True, 0)


def test_a_long_tail_makes_the_interval_too_short_and_too_high():
    above, below = misses(grouped(0.6, long_tailed), 0.36 / 1.36, 200, 100)
    assert 0.08 < above < 0.30
    assert below < 0.03


@pytest.mark.parametrize("runs", [100, FULL])
@pytest.mark.parametrize("tie", [0.2, 0.5])
def test_the_association_of_names_is_covered(tie, runs):
    tied = np.zeros((3, 4))
    tied[0, 0] = tied[1, 1] = 1 / 3
    tied[2, 2:] = 1 / 6
    shares = (1 - tie) / 12 + tie * tied
    chance = shares.sum(axis=1)[:, None] * shares.sum(axis=0)
    truth = ((shares - chance) ** 2 / chance).sum() / 2

    def make(random, n):
        cells = random.choice(12, p=shares.ravel(), size=n)
        return association(Variable("a", cells // 4, 3), Variable("b", cells % 4, 4))

    above, below = misses(make, truth, 200, runs)
    assert 0.88 <= 1 - above - below <= 1


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_agreement_of_numbers_is_covered(shift):
    def make(random, n):
        true = random.standard_normal(n)
        first, second = true + 0.5 * random.standard_normal((2, n))
        return intraclass(Variable("x", first, 0), Variable("y", second + shift, 0))

    # Half the squared shift is the variance between the two measurements.
    above, below = misses(make, 1 / (1.25 + shift**2 / 2), 150, 100)
    assert 0.88 <= 1 - above - below <= 1


@pytest.mark.parametrize("right, n", [(0.6, 60), (0.9, 300)])
def test_kappa_is_covered(right, n):
    shares = np.array([0.5, 0.3, 0.2])

    def reading(random, true):
        return np.where(random.random(n) < right, true, random.choice(3, p=shares, size=n))

    covered = 0
    for run in range(300):
        random = np.random.default_rng([run, n])
        true = random.choice(3, p=shares, size=n)
        pair = pd.DataFrame({"one": reading(random, true), "two": reading(random, true)})
        row = kappa_agreement(pair, first="one", second="two").iloc[0]
        # Both readers know with probability right²; otherwise chance alone makes them agree.
        covered += row["ci_low"] <= right**2 <= row["ci_high"]
    assert 0.91 <= covered / 300 <= 0.98
