"""Intervals of curves, medians, means and hazards hold the truth about as often as they say, and a
test of groups that leave alike errs as often as it says.
"""

import math

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty import (
    churn_hazards,
    compare_survival,
    restricted_mean,
    survival_curve,
    survival_times,
)

ROLES = {"duration": "months", "event": "left"}
MEAN = 10  # months; exponential lives, so that S(t) = exp(−t/10)
LEFT = (0.1, 0.5, 0.85)  # shares that have left where the curve is read


def contracts(reps, n, seed, *, late=False):
    """Samples one below the other; watched for 5 to 30 months, some only from a later age."""
    random = np.random.default_rng(seed)
    size = reps * n
    life, watch = random.exponential(MEAN, size), random.uniform(5, 30, size)
    entry = np.where(random.random(size) < 0.5, 0, random.uniform(0, 8, size)) if late else 0
    table = pd.DataFrame(
        {
            "sample": np.repeat(np.arange(reps), n),
            "entry": entry,
            "months": np.minimum(life, watch),
            "left": life <= watch,
        }
    )
    return table[table["months"] > table["entry"]]


def coverage(found, truth):
    """Share of intervals that hold the truth; one without an end or an estimate does not."""
    return float((found["ci_low"].le(truth) & found["ci_high"].ge(truth)).mean())


def curve_coverage(reps, n, ci, seed=1, **options):
    table = contracts(reps, n, seed, late="entry" in options)
    times = [-MEAN * math.log(1 - left) for left in LEFT]
    found = survival_curve(table, **ROLES, by="sample", times=times, ci=ci, **options)
    return [
        coverage(found[found["time"] == time], 1 - left)
        for time, left in zip(times, LEFT, strict=True)
    ]


def median_coverage(reps, n, ci, seed=2):
    found = survival_times(contracts(reps, n, seed), **ROLES, by="sample", left=[0.5], ci=ci)
    low, high = found["ci_low"].fillna(0), found["ci_high"].fillna(np.inf)
    truth = MEAN * math.log(2)
    return float((low.le(truth) & high.ge(truth)).mean())


def mean_coverage(reps, n, horizon, seed=3):
    table = contracts(reps, n, seed)
    found = restricted_mean(table, **ROLES, by="sample", horizon=horizon).dropna(subset="ci_low")
    return coverage(found, MEAN * (1 - math.exp(-horizon / MEAN)))


def customers(n, random):
    """Lives with hazard exp(0.7 paper + 0.4 price) / 10, in whole months."""
    paper, price = random.integers(0, 2, n), random.normal(size=n)
    life = random.exponential(MEAN / np.exp(0.7 * paper + 0.4 * price))
    watch = random.uniform(5, 30, n)
    months = np.ceil(np.minimum(life, watch))
    return pd.DataFrame({"paper": paper, "price": price, "months": months, "left": life <= watch})


def hazard_coverage(reps, n, seed=4):
    held, sums = np.zeros(2), np.zeros(2)
    truth = np.array([0.7, 0.4])
    for stream in np.random.SeedSequence(seed).spawn(reps):
        table = customers(n, np.random.default_rng(stream))
        found = churn_hazards(table, **ROLES, terms=["paper", "price"]).estimates
        held += ((found["ci_low"] <= truth) & (found["ci_high"] >= truth)).to_numpy()
        sums += found["estimate"].to_numpy()
    return held / reps, sums / reps - truth


def firm_coverage(reps, firms, each, seed=6):
    """Coverage of no effect of the firm's size, where firms pull their customers together."""
    held = {None: 0, "firm": 0}
    for stream in np.random.SeedSequence(seed).spawn(reps):
        random = np.random.default_rng(stream)
        firm = np.repeat(np.arange(firms), each)
        life = random.exponential(MEAN / np.exp(random.normal(0, 0.7, firms)[firm]))
        watch = random.uniform(5, 30, len(firm))
        table = pd.DataFrame({"months": np.minimum(life, watch), "left": life <= watch})
        table = table.assign(firm=firm, size=random.normal(size=firms)[firm])
        for cluster in held:
            row = churn_hazards(table, **ROLES, terms=["size"], cluster=cluster).estimates.iloc[0]
            held[cluster] += row["ci_low"] <= 0 <= row["ci_high"]
    return held[None] / reps, held["firm"] / reps


def rejected(reps, n, seed=5, **options):
    """How often groups that leave alike are called different at 5 %."""
    count = 0
    for stream in np.random.SeedSequence(seed).spawn(reps):
        random = np.random.default_rng(stream)
        table = contracts(1, n, random, late="entry" in options)
        table = table.assign(plan=random.integers(0, 3, len(table)))
        table["region"] = random.integers(0, 2, len(table))
        tests = compare_survival(table, **ROLES, by="plan", **options).tests
        count += tests["p_value"].iloc[-1] < 0.05
    return count / reps


def near(share, claimed, reps, *, short=0.0):
    """Within three standard errors of what is claimed, and what the docstring says it may lack."""
    chance = 3 * math.sqrt(claimed * (1 - claimed) / reps)
    assert claimed - short - chance <= share <= claimed + 0.025 + chance


def check_curves(reps):
    for share in curve_coverage(reps, 50, "log-log"):
        near(share, 0.95, reps, short=0.015)
    near(median_coverage(reps, 50, "log-log"), 0.95, reps)
    for horizon in (6, 12, 24):
        near(mean_coverage(reps, 50, horizon), 0.95, reps, short=0.015)


def test_curves_medians_and_means_of_fifty():
    check_curves(200)


def test_late_entry():
    for share in curve_coverage(120, 50, "log-log", entry="entry"):
        near(share, 0.95, 120, short=0.015)


def test_hazards_in_whole_months():
    held, bias = hazard_coverage(40, 100)
    for share in held:
        near(share, 0.95, 40)
    assert np.abs(bias).max() < 0.1


def test_errors_between_firms():
    plain, between = firm_coverage(30, 40, 5)
    near(between, 0.95, 30, short=0.02)
    assert plain < between


def test_a_test_of_groups_that_leave_alike():
    near(1 - rejected(120, 60), 0.95, 120)


@pytest.mark.slow
def test_curves_at_full_size():
    check_curves(2000)


@pytest.mark.slow
@pytest.mark.parametrize("ci, short", [("log-log", 0.005), ("log", 0.02), ("plain", 0.025)])
def test_curves_of_two_hundred_at_full_size(ci, short):
    for share in curve_coverage(2000, 200, ci):
        near(share, 0.95, 2000, short=short)
    near(median_coverage(2000, 200, ci), 0.95, 2000, short=0.01)


@pytest.mark.slow
def test_the_plain_interval_fails_in_the_tails_of_small_groups():
    """Why log-log is the default: at n = 50 and S = 0.9 the others hold in less than 0.9."""
    for ci in ("log", "plain"):
        assert curve_coverage(2000, 50, ci)[0] < 0.9


@pytest.mark.slow
def test_hazards_at_full_size():
    for n in (100, 400):
        held, bias = hazard_coverage(600, n)
        for share in held:
            near(share, 0.95, 600, short=0.005)
        assert np.abs(bias).max() < 0.03
    plain, between = firm_coverage(500, 40, 5)
    near(between, 0.95, 500, short=0.04)
    assert plain < 0.86


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{}, {"rho": 1}, {"stratum": "region"}, {"trend": True}, {"entry": "entry"}]
)
def test_groups_that_leave_alike_at_full_size(options):
    near(1 - rejected(1000, 60, **options), 0.95, 1000, short=0.01)
