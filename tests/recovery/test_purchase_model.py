"""Customers are made to live as each model says, one purchase after another; what is fitted and
forecast on the first part of their lives must cover the truth, and the second part, as often as
it says.
"""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import FitError
from custlib.loyalty import customer_value, purchase_forecast, purchase_model, spend_model

TRUTHS = {
    "bg_nbd": {"r": 0.6, "alpha": 6.0, "a": 0.8, "b": 2.5},
    "mbg_nbd": {"r": 0.9, "alpha": 7.0, "a": 0.9, "b": 2.2},
    "pareto_nbd": {"r": 0.7, "alpha": 8.0, "s": 0.9, "beta": 12.0},
}
SPENDING = {"p": 4.0, "q": 4.0, "v": 30.0}
AHEAD = 30.0  # weeks
ROLES = {"frequency": "x", "recency": "t_x", "age": "T", "time_unit": "week"}


def lives(model, n, random):
    """Purchases before and after the day of the fit, drawn step by step as the papers tell it."""
    p = TRUTHS[model]
    age = random.uniform(30, 60, n)
    rate = random.gamma(p["r"], 1 / p["alpha"], n)
    death = np.full(n, np.inf)
    if model == "pareto_nbd":
        death = random.exponential(1 / random.gamma(p["s"], 1 / p["beta"], n))
        chance = np.zeros(n)
    else:
        chance = random.beta(p["a"], p["b"], n)
    there = np.ones(n, bool) if model != "mbg_nbd" else random.random(n) > chance
    x, t_x, later, now = np.zeros(n, int), np.zeros(n), np.zeros(n, int), np.zeros(n)
    paid, paid_later = np.zeros(n), np.zeros(n)
    pace = random.gamma(SPENDING["q"], 1 / SPENDING["v"], n)
    while there.any():
        now[there] += random.exponential(1 / rate[there])
        there &= now < np.minimum(death, age + AHEAD)
        amount = random.gamma(SPENDING["p"], 1 / pace)
        early = there & (now <= age)
        late = there & (now > age)
        x += early
        t_x[early] = now[early]
        later += late
        paid += np.where(early, amount, 0)
        paid_later += np.where(late, amount, 0)
        there &= random.random(n) > chance
    mean = np.divide(paid, x, out=np.zeros(n), where=x > 0)
    columns = {"x": x, "t_x": t_x, "T": age, "later": later, "z": mean, "paid_later": paid_later}
    return pd.DataFrame(columns)


def expected_of_new(model, time, random):
    """Mean of repeat purchases in the time after the first, by drawing very many customers."""
    p = TRUTHS[model]
    n = 400_000
    rate = random.gamma(p["r"], 1 / p["alpha"], n)
    if model == "pareto_nbd":
        leaving = random.gamma(p["s"], 1 / p["beta"], n)
        return float((rate * -np.expm1(-leaving * time) / leaving).mean())
    chance = random.beta(p["a"], p["b"], n)
    mean = -np.expm1(-rate * chance * time) / chance
    return float((mean * (1 - chance if model == "mbg_nbd" else 1)).mean())


def replicate(model, n, seed, draws):
    """Which intervals hold the truth; None where the model refuses."""
    random = np.random.default_rng([seed, list(TRUTHS).index(model)])
    customers = lives(model, n, random)
    try:
        fitted = purchase_model(customers, **ROLES, model=model)
    except FitError:
        return None
    rows = fitted.estimates.query("measure == 'parameter'").set_index("term")
    holds = {
        name: rows.loc[name, "ci_low"] <= value <= rows.loc[name, "ci_high"]
        for name, value in TRUTHS[model].items()
    }
    mean = fitted.expected_purchases([52]).iloc[0]
    holds["mean"] = mean["ci_low"] <= NEW[model] <= mean["ci_high"]
    ahead = purchase_forecast(customers, model=fitted, horizon=AHEAD, n_draws=draws, seed=seed)
    total = ahead.estimates.iloc[0]
    holds["total"] = total["ci_low"] <= customers["later"].sum() <= total["ci_high"]
    cases = ahead.cases
    holds["single"] = cases["later"].between(cases["purchases_low"], cases["purchases_high"]).mean()
    holds["error"] = total["estimate"] / customers["later"].sum() - 1
    spent = spend_model(customers, frequency="x", spend="z")
    chance = {"horizon": AHEAD, "annual_discount": 0.0, "n_draws": draws, "seed": seed}
    worth = customer_value(customers, purchases=fitted, spending=spent, **chance)
    total, cases = worth.estimates.iloc[0], worth.cases
    came = customers["paid_later"]
    holds["value"] = total["ci_low"] <= came.sum() <= total["ci_high"]
    holds["single_value"] = came.between(cases["value_low"], cases["value_high"]).mean()
    holds["value_error"] = total["estimate"] / came.sum() - 1
    return holds


NEW = {model: expected_of_new(model, 52, np.random.default_rng(9)) for model in TRUTHS}


def coverage(model, n, times, draws):
    found = [replicate(model, n, seed, draws) for seed in range(times)]
    kept = pd.DataFrame([one for one in found if one is not None]).astype(float)
    return kept, times - len(kept)


def near(share, level, times):
    """Three and a third standard errors of a share: one test in a thousand fails by chance."""
    return abs(share - level) <= 3.3 * np.sqrt(level * (1 - level) / times)


def check(kept, refused, times):
    shares = kept.mean()
    told = shares.to_string()
    assert refused <= 0.06 * times + 1
    for name in [*kept.columns[:4], "mean"]:
        assert near(shares[name], 0.95, len(kept)), told
    for name in ("total", "value"):
        assert near(shares[name], 0.80, len(kept)), told
    # Ends are whole purchases, and most buy nothing: at least the share that is said.
    assert min(shares["single"], shares["single_value"]) >= 0.80, told
    for name in ("error", "value_error"):
        # The share of what came is a little skew, by the square of its spread.
        chance = 3.3 * kept[name].std() / np.sqrt(len(kept))
        assert abs(shares[name]) <= chance + 2 * kept[name].var(), told


@pytest.mark.parametrize("model, times", [("bg_nbd", 24), ("mbg_nbd", 24), ("pareto_nbd", 6)])
def test_parameters_and_forecasts_cover_the_truth(model, times):
    check(*coverage(model, 500, times, 50), times)


@pytest.mark.slow
@pytest.mark.parametrize("model", TRUTHS)
def test_at_full_size(model):
    kept, refused = coverage(model, 1000, 300, 200)
    check(kept, refused, 300)


def spending_replicate(n, seed):
    random = np.random.default_rng([seed, 7])
    x = random.geometric(0.5, n)
    pace = random.gamma(SPENDING["q"], 1 / SPENDING["v"], n)
    z = random.gamma(SPENDING["p"] * x) / (pace * x)
    fitted = spend_model(pd.DataFrame({"x": x, "z": z}), frequency="x", spend="z").estimates
    rows = fitted.set_index("term")
    truth = SPENDING | {"population_mean": 4.0 * 30.0 / 3.0}
    return {k: rows.loc[k, "ci_low"] <= v <= rows.loc[k, "ci_high"] for k, v in truth.items()}


def check_spending(n, times):
    shares = pd.DataFrame([spending_replicate(n, seed) for seed in range(times)]).mean()
    assert near(shares, 0.95, times).all(), shares.to_string()


def test_spending_covers_its_parameters_and_its_mean():
    check_spending(400, 60)


@pytest.mark.slow
def test_spending_at_full_size():
    check_spending(1000, 1000)
