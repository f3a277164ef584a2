"""Intervals of concentration on lognormal customers: how often they hold the planted truth.

Long tails make them too short; the bounds here are what the docstring of `concentration` states.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.segmentation.lorenz.measures import concentration, lorenz_points
from custlib.segmentation.lorenz.theory import theoretical_top_share

# 95 % intervals, by sigma and number of customers: as the docstring of `concentration` has them.
STATED = {
    ("gini", 1.0, 100): 0.88,
    ("gini", 1.0, 1000): 0.93,
    ("gini", 1.7, 100): 0.73,
    ("gini", 1.7, 1000): 0.87,
    ("top_share", 1.0, 100): 0.89,
    ("top_share", 1.0, 1000): 0.94,
    ("top_share", 1.7, 100): 0.82,
    ("top_share", 1.7, 1000): 0.90,
}
BOOTSTRAP = {
    1.0: {"gini": 0.92, "top_share": 0.92},
    1.7: {"gini": 0.84, "top_share": 0.88},
}


def truth(sigma):
    normal = stats.norm
    gini = 2 * normal.cdf(sigma / 2**0.5) - 1
    return {
        "gini": gini,
        "top_share": theoretical_top_share(top=0.2, sigma=sigma),
        "share_needed": 1 - normal.cdf(sigma - normal.ppf(0.8)),
    }


def simulate(sigma, n, samples, seed, **options):
    random = np.random.default_rng(seed)
    tables = []
    for at in range(samples):
        customers = pd.DataFrame({"amount": random.lognormal(0, sigma, n)})
        if options:
            options["seed"] = at
        table = concentration(customers, customer=None, **options)
        tables.append(table.assign(sample=at))
    return pd.concat(tables).set_index("measure")


def coverage(found, measure, true):
    rows = found.loc[measure]
    return ((rows["ci_low"] <= true) & (true <= rows["ci_high"])).mean()


def error(share, samples):
    return 3 * (share * (1 - share) / samples) ** 0.5 + 0.005


def check_stated(sigma, n, samples):
    found, true = simulate(sigma, n, samples, seed=11), truth(sigma)
    for measure in ("gini", "top_share"):
        stated = STATED[measure, sigma, n]
        held = coverage(found, measure, true[measure])
        assert held == pytest.approx(stated, abs=error(stated, samples)), measure


def check_bootstrap(sigma, samples, n_boot):
    options = {"sigma": sigma, "n": 100, "samples": samples, "seed": 12}
    plain, drawn = simulate(**options), simulate(**options, n_boot=n_boot)
    for measure, stated in BOOTSTRAP[sigma].items():
        true = truth(sigma)[measure]
        held = coverage(drawn, measure, true)
        assert held >= coverage(plain, measure, true), measure
        assert held == pytest.approx(stated, abs=error(stated, samples)), measure


@pytest.mark.parametrize("sigma", [1.0, 1.7])
@pytest.mark.parametrize("n", [100, 1000])
def test_intervals_hold_as_often_as_stated(sigma, n):
    check_stated(sigma, n, samples=200)


@pytest.mark.parametrize("sigma", BOOTSTRAP)
def test_the_bootstrap_holds_more_often(sigma):
    check_bootstrap(sigma, samples=80, n_boot=80)


def test_standard_errors_are_the_spread_of_estimates():
    found, true = simulate(1.0, 1000, 300, seed=13), truth(1.0)
    for measure in true:
        rows = found.loc[measure]
        assert rows["std_error"].mean() == pytest.approx(rows["estimate"].std(), rel=0.12), measure
        assert rows["estimate"].mean() == pytest.approx(true[measure], abs=0.004), measure


def test_without_a_tail_intervals_hold_as_often_as_they_say():
    random, held = np.random.default_rng(14), []
    for _ in range(300):
        customers = pd.DataFrame({"amount": random.uniform(0, 1, 200)})
        row = concentration(customers, customer=None).set_index("measure").loc["gini"]
        held.append(row["ci_low"] <= 1 / 3 <= row["ci_high"])
    assert 0.92 <= np.mean(held) <= 0.98


def test_the_lorenz_curve_of_a_lognormal():
    random = np.random.default_rng(15)
    points = lorenz_points(
        pd.DataFrame({"amount": random.lognormal(0, 1, 20_000)}), customer=None, points=10
    ).iloc[1:-1]
    true = stats.norm.cdf(stats.norm.ppf(points["customer_share"]) - 1)
    assert (np.abs(points["estimate"] - true) <= 4 * points["std_error"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [1.0, 1.7])
@pytest.mark.parametrize("n", [100, 1000])
def test_at_full_size(sigma, n):
    check_stated(sigma, n, samples=3000)


@pytest.mark.slow
@pytest.mark.parametrize("sigma", BOOTSTRAP)
def test_the_bootstrap_at_full_size(sigma):
    check_bootstrap(sigma, samples=800, n_boot=300)
