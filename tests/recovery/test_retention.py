"""Contracts drawn from known laws: intervals hold the truth about as often as they say.

Measured at full size (2,000 samples): see the numbers beside each test. A share of samples may lie
three standard errors of itself below what the interval promises, and `slack` is what is stated.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from custlib.errors import DataError, FitError
from custlib.loyalty import (
    churn_rate,
    compare_incidence,
    cumulative_incidence,
    retention_holdout,
    shifted_beta_geometric,
)

ROLES = {"duration": "t", "event": "left"}
A, B, AGES = 0.9, 4.0, 10


def planted_survival(age):
    return np.exp(special.betaln(A, B + age) - special.betaln(A, B))


def contracts(random, n, *, ages=AGES, oldest=None):
    """Contracts of differing customers, begun over time and looked at once."""
    leaves = random.geometric(random.beta(A, B, n))
    watched = random.integers(0, ages + 1, n) if oldest is None else np.full(n, oldest)
    return pd.DataFrame({"t": np.minimum(leaves, watched), "left": leaves <= watched}), leaves


def check(hits, tried, *, level=0.95, slack=0.0):
    share, chance = hits / tried, 3 * np.sqrt(level * (1 - level) / tried)
    assert level - slack - chance <= share <= level + slack + chance, f"{share:.3f} of {tried}"


def law_coverage(samples, n, seed):
    """How often the interval of a, of survival beyond the ages seen, and of a count is right."""
    random = np.random.default_rng(seed)
    hits, fits = np.zeros(3), 0
    for _ in range(samples):
        table, _ = contracts(random, n)
        try:
            law = shifted_beta_geometric(table, **ROLES)
        except FitError:
            continue
        fits += 1
        a = law.estimates.iloc[0]
        later = law.retention([2 * AGES]).query("measure == 'survival'").iloc[0]
        ahead = law.forecast(100, age=3, ahead=[5]).iloc[0]
        came = random.binomial(100, planted_survival(8) / planted_survival(3))
        hits += [
            a["ci_low"] <= A <= a["ci_high"],
            later["ci_low"] <= planted_survival(2 * AGES) <= later["ci_high"],
            ahead["ci_low"] <= came <= ahead["ci_high"],
        ]
    return hits, fits


def check_law(samples, n, seed):
    hits, fits = law_coverage(samples, n, seed)
    assert fits >= 0.97 * samples  # else churn does not fall with age in the sample
    check(hits[0], fits)
    check(hits[1], fits, slack=0.01)
    # Counts are whole numbers, so that the interval promises a little more than it must.
    check(hits[2], fits, slack=0.025)


def test_the_law_and_what_it_forecasts():
    check_law(60, 500, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("n", [300, 1000])
def test_the_law_at_full_size(n):
    check_law(2000, n, seed=2)


def holdout_coverage(samples, n, seed):
    random = np.random.default_rng(seed)
    hits, tried = 0, 0
    for _ in range(samples):
        table, _ = contracts(random, n, oldest=AGES)
        try:
            held = retention_holdout(table, **ROLES, up_to=6)
        except FitError:
            continue
        last = held.query("measure == 'survival'").iloc[-1]
        hits, tried = hits + (last["verdict"] == "inside"), tried + 1
    return hits, tried


def test_what_comes_lies_in_the_interval_of_the_holdout():
    check(*holdout_coverage(50, 400, seed=3), slack=0.02)


@pytest.mark.slow
def test_the_holdout_at_full_size():
    check(*holdout_coverage(2000, 400, seed=4), slack=0.02)


HAZARDS = np.array([0.02, 0.05, 0.01])  # a month, for three reasons


def competing(random, n):
    leaves = random.geometric(HAZARDS.sum(), n)
    why = random.choice(3, size=n, p=HAZARDS / HAZARDS.sum())
    watched = random.integers(3, 31, n)
    left = leaves <= watched
    table = pd.DataFrame({"t": np.minimum(leaves, watched), "left": left, "why": why})
    return table.assign(why=pd.Categorical(why, categories=[0, 1, 2]))


def incidence_coverage(samples, n, seed):
    """Hits and samples by reason and time; a time after the last observed has no interval."""
    random = np.random.default_rng(seed)
    hits, tried = np.zeros((3, 3)), np.zeros((3, 3))
    times = np.array([6, 12, 24])
    gone = 1 - (1 - HAZARDS.sum()) ** times
    truth = np.outer(HAZARDS / HAZARDS.sum(), gone)
    for _ in range(samples):
        found = cumulative_incidence(competing(random, n), **ROLES, reason="why", times=times)
        low, high = found[["ci_low", "ci_high"]].to_numpy().reshape(3, 3, 2).transpose(2, 0, 1)
        hits += (low <= truth) & (truth <= high)
        tried += ~np.isnan(low)
    return hits.ravel(), tried.ravel()


def test_cumulative_incidence_holds_its_planted_shares():
    for hits, tried in zip(*incidence_coverage(150, 120, seed=5), strict=True):
        check(hits, tried, slack=0.015)


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 120, 500])
def test_cumulative_incidence_at_full_size(n):
    for hits, tried in zip(*incidence_coverage(2000, n, seed=6), strict=True):
        assert tried > 1500
        check(hits, tried, slack=0.03 if n == 60 else 0.015)


def rejections(samples, n, seed):
    """How often Gray's test finds a difference where there is none."""
    random = np.random.default_rng(seed)
    found = 0
    for _ in range(samples):
        table = competing(random, n).assign(g=random.integers(0, 3, n))
        tests = compare_incidence(table, **ROLES, reason="why", by="g", adjust="none")
        found += tests["p_value"].iloc[1] < 0.05
    return found


def test_grays_test_is_wrong_as_often_as_it_says():
    check(80 - rejections(80, 150, seed=7), 80)


@pytest.mark.slow
def test_grays_test_at_full_size():
    check(2000 - rejections(2000, 150, seed=8), 2000, slack=0.01)


def yearly_contracts(random, n, *, within):
    """Contracts of differing customers begun over 60 months, who leave at a renewal or any time."""
    years = random.geometric(random.beta(1.2, 6.0, n))
    leaves = 12 * years - (random.integers(0, 12, n) if within else 0)
    watched = random.integers(0, 61, n)
    return pd.DataFrame({"t": np.minimum(leaves, watched), "left": leaves <= watched})


CHURN_BY_RENEWAL = 1.2 / (7.2 + np.arange(4))  # .167, .146, .130, .118


def test_churn_by_renewal_of_contracts_that_end_at_renewals():
    table = yearly_contracts(np.random.default_rng(10), 100_000, within=False)
    law = shifted_beta_geometric(table, **ROLES, period=12)
    seen = law.renewals.lost[:4] / law.renewals.faced[:4]
    assert seen == pytest.approx(CHURN_BY_RENEWAL, abs=0.006)
    fitted = law.retention([1, 2, 3, 4]).query("measure == 'churn_rate'")["estimate"]
    assert fitted.to_numpy() == pytest.approx(CHURN_BY_RENEWAL, abs=0.004)


def test_who_leaves_within_the_year_is_fitted_by_the_month():
    table = yearly_contracts(np.random.default_rng(11), 100_000, within=True)
    with pytest.raises(DataError, match="left between renewals"):
        shifted_beta_geometric(table, **ROLES, period=12)
    law = shifted_beta_geometric(table, **ROLES, period=1)
    years = law.retention([12, 24, 36, 48]).query("measure == 'survival'")["estimate"].to_numpy()
    # A chance that is even over the months of a year is not quite the law of a month.
    assert years == pytest.approx(np.cumprod(1 - CHURN_BY_RENEWAL), abs=0.01)


def test_the_churn_of_a_unit_from_exact_times():
    random = np.random.default_rng(12)
    lives, watched = random.exponential(1, 20_000), random.uniform(0, 3, 20_000)
    table = pd.DataFrame({"t": np.minimum(lives, watched), "left": lives <= watched})
    found = churn_rate(table, **ROLES, over=1)["estimate"].item()
    assert found == pytest.approx(1 - np.exp(-1), abs=0.01)  # .632; error .0031


def test_the_churn_of_a_year():
    random = np.random.default_rng(9)
    truth = 1 - (1 - HAZARDS.sum()) ** 12
    found = [churn_rate(competing(random, 150), **ROLES).iloc[0] for _ in range(150)]
    check(sum(row["ci_low"] <= truth <= row["ci_high"] for row in found), 150)
