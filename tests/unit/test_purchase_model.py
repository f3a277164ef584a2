"""Models of repeat buying: their tables, what they refuse, what must not matter to them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from scipy.special import gammaln
from scipy.stats import beta, binom, norm

from custlib.errors import DataError, FitError, ParameterError
from custlib.loyalty import (
    buying_records,
    purchase_forecast,
    purchase_model,
    purchase_tracking,
    repeat_purchases,
    time_between,
)
from custlib.loyalty.value import forecasts
from custlib.loyalty.value.beta_geometric import BetaGeometric
from custlib.loyalty.value.draws import parameter_draws
from custlib.loyalty.value.maximum import climb, profile_ends
from custlib.loyalty.value.pareto import Pareto
from custlib.loyalty.value.purchases import EDGES
from custlib.loyalty.value.records import read_records

ROLES = {"frequency": "x", "recency": "t_x", "age": "T"}
MODELS = ["bg_nbd", "mbg_nbd", "pareto_nbd"]


def people(n=400, seed=8):
    """Customers who buy at rates of their own and may leave after each purchase."""
    random = np.random.default_rng(seed)
    age = random.integers(150, 300, n) / 7
    rate, chance = random.gamma(0.8, 1 / 8, n), random.beta(0.9, 2.5, n)
    x, t_x, now = np.zeros(n, int), np.zeros(n), np.zeros(n)
    there = np.ones(n, bool)
    while there.any():
        now[there] += np.ceil(7 * random.exponential(1 / rate[there])) / 7
        there &= now <= age
        x += there
        t_x[there] = now[there]
        there &= random.random(n) > chance
    return pd.DataFrame({"x": x, "t_x": t_x, "T": age})


@pytest.fixture(scope="module")
def customers():
    return people()


@pytest.fixture(scope="module")
def models(customers):
    return {
        name: purchase_model(customers, **ROLES, time_unit="week", model=name) for name in MODELS
    }


def parameters(model):
    return model.top.parameters


# --- tables ---


@pytest.mark.parametrize("name", MODELS)
def test_the_tables_have_the_words_of_the_house(models, name, customers):
    estimates, fit = models[name].estimates, models[name].fit
    assert list(estimates) == [
        *("measure", "term", "estimate", "std_error", "ci_low", "ci_high", "conf_level"),
        *("n", "method", "note"),
    ]
    leaving = ["s", "beta"] if name == "pareto_nbd" else ["a", "b"]
    mean = "leaving_rate" if name == "pareto_nbd" else "leaving_chance"
    assert estimates["term"].tolist() == ["r", "alpha", *leaving, "buying_rate", mean]
    assert (estimates["ci_low"] < estimates["estimate"]).all()
    assert (estimates["estimate"] < estimates["ci_high"]).all()
    assert set(estimates["n"]) == {len(customers)}
    values = fit.set_index("measure")["estimate"]
    assert values["aic"] == pytest.approx(8 - 2 * values["log_likelihood"])
    assert values["bic"] == pytest.approx(4 * np.log(400) - 2 * values["log_likelihood"])
    assert values["gradient"] < 1e-3
    assert values["repeat_buyers"] == (customers["x"] > 0).sum()
    assert values["repeat_purchases"] == customers["x"].sum()
    assert values["distinct_rows"] == len(customers.drop_duplicates())


def test_the_means_are_ratios_of_the_parameters(models):
    for name, model in models.items():
        r, alpha, one, two = parameters(model)
        means = model.estimates.query("measure == 'mean'")["estimate"].tolist()
        leaving = one / two if name == "pareto_nbd" else one / (one + two)
        assert means == pytest.approx([r / alpha, leaving])


@pytest.mark.parametrize("name", MODELS[:2])
def test_the_errors_of_the_means_are_those_of_drawn_parameters(models, name):
    draws = parameter_draws(models[name].top, 40_000, np.random.default_rng(1))
    rows = models[name].estimates.set_index("term")
    rate = np.log(draws[:, 0] / draws[:, 1])
    odds = np.log(draws[:, 2] / draws[:, 3])
    bought, left = (rows.loc[term] for term in ("buying_rate", "leaving_chance"))
    assert bought["std_error"] == pytest.approx(rate.std() * bought["estimate"], rel=0.03)
    spread = odds.std() * left["estimate"] * (1 - left["estimate"])
    assert left["std_error"] == pytest.approx(spread, rel=0.03)


def test_a_profile_interval_ends_where_the_likelihood_has_fallen_enough(customers):
    """At its ends no choice of the others comes nearer than half of chi-square, 3.841/2."""
    model = purchase_model(customers, **ROLES, time_unit="week")
    records = read_records(customers, **ROLES)
    for at, name in enumerate(model.process.names):
        row = model.estimates.set_index("term").loc[name]
        others = [place for place in range(4) if place != at]
        for end in ("ci_low", "ci_high"):

            def fall(free, at=at, others=others, held=row[end]):
                theta = np.empty(4)
                theta[at], theta[others] = np.log(held), free
                return -model.process.likelihood(theta, records)[0]

            best = minimize(fall, model.top.theta[others], method="Nelder-Mead").fun
            assert model.top.value + best == pytest.approx(3.841459 / 2, abs=2e-3), (name, end)


def test_an_interval_ends_also_where_all_leave_with_the_same_chance():
    """At the lower end of r the best a and b are infinite: every chance of leaving is c."""
    few = people(60, seed=5)
    model = purchase_model(few, **ROLES, time_unit="week", model="mbg_nbd")
    rows = model.estimates.set_index("term")
    assert (rows.loc[["r", "alpha", "a", "b"], "ci_high"] == np.inf).all()
    x, t_x, age = (few[name].to_numpy(float) for name in ("x", "t_x", "T"))
    r = rows.loc["r", "ci_low"]

    def fall(free):
        alpha, c = np.exp(free[0]), 1 / (1 + np.exp(-free[1]))
        ways = (1 - c) / (alpha + age) ** (r + x) + c / (alpha + t_x) ** (r + x)
        logs = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + x * np.log(1 - c)
        return -np.sum(logs + np.log(ways))

    best = minimize(fall, [2.0, -1.5], method="Nelder-Mead", options={"fatol": 1e-9}).fun
    assert model.top.value + best == pytest.approx(3.841459 / 2, abs=2e-3)


def test_a_wider_level_gives_wider_intervals(customers, models):
    wide = purchase_model(customers, **ROLES, time_unit="week", conf_level=0.99).estimates
    usual = models["bg_nbd"].estimates
    assert (wide["ci_low"] < usual["ci_low"]).all()
    assert (wide["ci_high"] > usual["ci_high"]).all()


def test_an_open_interval_says_so():
    small = pd.DataFrame(
        {
            "x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 6,
            "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 6,
            "T": [40] * 60,
        }
    )
    rows = purchase_model(small, **ROLES, time_unit="week").estimates.set_index("term")
    assert rows.loc["a", "ci_high"] == np.inf
    assert rows.loc["a", "note"] == "no upper end: the likelihood does not fall"


# --- what must not matter ---


@pytest.mark.parametrize("name", MODELS)
def test_the_unit_of_time_does_not_matter(customers, models, name):
    days = customers.assign(t_x=customers["t_x"] * 7, T=customers["T"] * 7)
    by_day = purchase_model(days, **ROLES, time_unit="day", model=name)
    factor = [1, 7, 1, 7 if name == "pareto_nbd" else 1]
    assert parameters(by_day) / parameters(models[name]) == pytest.approx(factor, rel=1e-5)
    # A density of x times a week is one of x times a day by the factor 7.
    expected = models[name].top.value - customers["x"].sum() * np.log(7)
    assert by_day.top.value == pytest.approx(expected, abs=1e-6)
    weeks = models[name].predict(customers, horizon=10)
    again = by_day.predict(days, horizon=70)
    for column in ("alive_probability", "purchases_expected"):
        np.testing.assert_allclose(again[column], weeks[column], rtol=1e-4)
    assert "day" in by_day.expected_purchases([7])["note"][0]


def test_the_order_of_the_customers_does_not_matter(customers, models):
    mixed = customers.sample(frac=1, random_state=3)
    again = purchase_model(mixed, **ROLES, time_unit="week")
    assert parameters(again) == pytest.approx(parameters(models["bg_nbd"]), rel=1e-7)
    found = models["bg_nbd"].predict(mixed, horizon=5)
    assert found.index.equals(mixed.index)
    plain = models["bg_nbd"].predict(customers, horizon=5)
    pd.testing.assert_frame_equal(found.sort_index(), plain)


def test_a_seed_repeats_a_forecast_and_another_changes_it(customers, models):
    options = {"model": models["bg_nbd"], "horizon": 10, "n_draws": 50}
    one, two, three = (
        purchase_forecast(customers, **options, seed=seed).cases for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one["purchases_high"].equals(three["purchases_high"])


# --- forecasts ---


@pytest.mark.parametrize("name", MODELS)
def test_drawn_futures_have_the_expected_mean(customers, models, name):
    """Parameters held, the mean of the drawn sums is the sum of the expectations."""
    model = models[name]
    sure = replace(model, top=replace(model.top, hessian=-1e12 * np.eye(4)))
    ahead = purchase_forecast(customers, model=sure, horizon=[5, 40], n_draws=1000, seed=2)
    rows = ahead.estimates
    expected = [sure.predict(customers, horizon=h)["purchases_expected"].sum() for h in (5, 40)]
    assert rows["estimate"].tolist() == pytest.approx(expected)
    middle = (rows["ci_low"] + rows["ci_high"]) / 2
    # Both ends are quantiles of 1,500 draws.
    assert (abs(middle - rows["estimate"]) < 0.1 * rows["std_error"] + 1).all()
    assert ahead.cases["purchases_expected"].sum() == pytest.approx(expected[1])


def test_the_ends_of_a_customer_are_whole_purchases(customers, models):
    ahead = purchase_forecast(customers, model=models["bg_nbd"], horizon=40, n_draws=75, seed=1)
    ends = ahead.cases[["purchases_low", "purchases_high"]]
    assert (ends % 1 == 0).all(axis=None)
    assert ends["purchases_high"].max() > 3
    assert (ends["purchases_low"] <= ends["purchases_high"]).all()


@pytest.mark.parametrize("name", MODELS[:2])  # the third has errors too large for a normal
def test_many_customers_take_the_way_of_moments_to_the_same_interval(
    customers, models, name, monkeypatch
):
    drawn = purchase_forecast(customers, model=models[name], horizon=20, n_draws=800, seed=3)
    monkeypatch.setattr(forecasts, "MOST_DRAWN", 1)
    moments = purchase_forecast(customers, model=models[name], horizon=20, n_draws=800, seed=3)
    one, two = drawn.estimates.iloc[0], moments.estimates.iloc[0]
    assert one["method"] != two["method"]
    assert two["std_error"] == pytest.approx(one["std_error"], rel=0.12)
    for end in ("ci_low", "ci_high"):
        assert two[end] == pytest.approx(one[end], abs=0.3 * one["std_error"])
    same = (drawn.cases["purchases_high"] - moments.cases["purchases_high"]).abs()
    assert same.mean() < 0.25


@pytest.mark.parametrize(
    "process, parameters",
    [
        (BetaGeometric(0), [0.3, 5, 0.8, 2]),
        (BetaGeometric(1), [1.5, 8, 40, 60]),
        (Pareto(), [0.6, 9, 0.5, 10]),
    ],
)
@pytest.mark.parametrize("horizon", [0.01, 15])
def test_the_sum_of_many_varies_as_that_of_every_single_one_drawn(process, parameters, horizon):
    """Two kinds of equal rows, so that each of them stands for thousands."""
    many = pd.DataFrame({"x": [0] * 24_000 + [4] * 6_000, "T": 40.0})
    many["t_x"] = np.where(many["x"] > 0, 30.0, 0.0)
    model = purchase_model(people(), **ROLES, time_unit="week")
    top = replace(model.top, theta=np.log(parameters), hessian=-1e12 * np.eye(4))
    model = replace(model, process=process, top=top)
    found = purchase_forecast(many, model=model, horizon=horizon, n_draws=1000, seed=1)
    rows = tuple(np.array(one) for one in ([0, 4], [0.0, 30], [40.0, 40]))
    random = np.random.default_rng(2)
    variance = 0.0
    for at, size in ((0, 24_000), (1, 6_000)):
        who, _ = process.purchase_times(
            np.array(parameters), rows, np.full(1_000_000, at), horizon, random
        )
        variance += size * np.bincount(who, minlength=1_000_000).var()
    row = found.estimates.iloc[0]
    assert row["method"] == forecasts.BY_MOMENTS
    assert row["std_error"] == pytest.approx(np.sqrt(variance), rel=0.05)
    assert row["ci_low"] >= 0


def test_few_purchases_of_many_come_as_whole_numbers():
    """Of 24,001 who buy 0.157 times together, e^−0.157 = 85 % of the sums are 0."""
    table = pd.DataFrame(
        {
            "x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12,
            "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12,
            "T": [40] * 120,
        }
    )
    model = purchase_model(table, **ROLES, time_unit="week")
    many = pd.DataFrame({"x": [0] * 24_001, "t_x": 0, "T": 40})
    for seed in (1, 2, 3):
        row = purchase_forecast(many, model=model, horizon=0.001, seed=seed).estimates.iloc[0]
        assert row["estimate"] == pytest.approx(0.157, abs=0.001)
        # Poisson's, and the error of the mean that a sure number of purchases would have.
        assert row["std_error"] == pytest.approx(np.sqrt(0.157 + 0.027**2), rel=0.01)
        assert row["ci_low"] == 0


@pytest.mark.parametrize(
    "a, b, time", [(300, 570, 39), (155, 294.5, 520), (31, 0.4, 1e4), (8e4, 2e5, 100)]
)
@pytest.mark.parametrize("chances", [0, 1])
def test_means_stay_numbers_where_all_leave_with_nearly_the_same_chance(a, b, time, chances):
    """The mean is that over chances of (1 − (1 + p t/α)^−r)/p, here by adaptive quadrature."""
    r, alpha = 1.3, 2.3
    chance = beta(a, b + chances)
    spans = chance.ppf(np.linspace(0, 1, 21).clip(1e-18)), chance.isf(1e-18)
    ends = np.unique([*spans[0], spans[1]])

    def bought(p):
        return chance.pdf(p) * -np.expm1(-r * np.log1p(p * time / alpha)) / p

    whole = sum(quad(bought, *pair)[0] for pair in pairwise(ends))
    found = BetaGeometric(chances).expected_new(np.array([r, alpha, a, b]), np.asarray(time))
    stays = b / (a + b) if chances else 1
    assert found == pytest.approx(stays * whole, rel=1e-8)


def test_unsure_parameters_widen_the_interval_of_the_sum(customers, models):
    model = models["bg_nbd"]
    sure = replace(model, top=replace(model.top, hessian=-1e12 * np.eye(4)))
    errors = [
        purchase_forecast(customers, model=one, horizon=40, n_draws=800, seed=1)
        .estimates["std_error"]
        .iloc[0]
        for one in (model, sure)
    ]
    assert errors[0] > 1.1 * errors[1]


def test_tracking_begins_with_what_was_bought(customers, models):
    times = [-60.0, -20.0, 0.0, 5.0, 10.0]
    came = [0, 100, customers["x"].sum(), 400, 500]
    path = purchase_tracking(
        customers, model=models["bg_nbd"], times=times, actual=came, n_draws=50, seed=1
    )
    assert path["measure"].tolist() == ["fitted"] * 3 + ["forecast"] * 2
    assert path["horizon"].tolist() == times
    assert path["observed"].tolist() == came
    assert path["estimate"][0] == 0
    ahead = models["bg_nbd"].predict(customers, horizon=10)["purchases_expected"].sum()
    assert path["estimate"][4] == pytest.approx(customers["x"].sum() + ahead)
    assert (path["ci_low"][3:] >= customers["x"].sum()).all()
    assert path["ci_low"][:3].isna().all()


# --- refusals ---


@pytest.mark.parametrize(
    "change, told",
    [
        ({"x": -1}, "negative numbers in 'x'"),
        ({"x": 1.5}, "not whole"),
        ({"x": np.nan}, "missing or infinite numbers in 'x'"),
        ({"t_x": -1.0}, "negative times"),
        ({"T": np.inf}, "missing or infinite numbers in 'T'"),
        ({"t_x": 1000.0, "x": 1}, "later than they were watched"),
        ({"x": 0, "t_x": 1.0}, "without a repeat order"),
        ({"x": 1, "t_x": 0.0}, "at the time of the first"),
    ],
)
def test_rows_that_contradict_themselves_are_refused_with_their_places(customers, change, told):
    wrong = customers.astype(float)
    wrong.index = [f"c{at}" for at in range(len(wrong))]
    for column, value in change.items():
        wrong.loc["c7", column] = value
    with pytest.raises(DataError, match=f"(?i){told}") as caught:
        purchase_model(wrong, **ROLES, time_unit="week")
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert lines[0].endswith(": 1, first rows: ['c7'].")


def test_nobody_is_refused(customers):
    with pytest.raises(DataError, match="no row"):
        purchase_model(customers.head(0), **ROLES, time_unit="week")
    with pytest.raises(DataError, match="not in the table"):
        purchase_model(customers, **ROLES | {"age": "tenure"}, time_unit="week")


def test_customers_who_bought_once_only_have_no_model(customers):
    once = customers.assign(x=0, t_x=0.0)
    with pytest.raises(FitError, match="All 400 customers have 0 in 'x'"):
        purchase_model(once, **ROLES, time_unit="week")


def test_too_few_who_bought_again_have_no_model(customers):
    few = customers.assign(x=0, t_x=0.0)
    few.loc[:8, ["x", "t_x"]] = [1, 5.0]
    with pytest.raises(FitError, match="9 of 400 customers bought again"):
        purchase_model(few, **ROLES, time_unit="week")


@pytest.mark.parametrize("name", MODELS)
def test_where_nobody_leaves_parameters_run_away_and_it_is_said(name):
    random = np.random.default_rng(4)
    rate, age = random.gamma(2, 1 / 4, 300), np.full(300, 50.0)
    x = random.poisson(rate * age)
    # The last of x purchases at random in the span.
    t_x = np.where(x > 0, age * random.beta(np.maximum(x, 1), 1), 0)
    table = pd.DataFrame({"x": x, "t_x": t_x, "T": age})
    with pytest.raises(FitError, match="as if nobody ever left") as caught:
        purchase_model(table, **ROLES, time_unit="week", model=name)
    assert len(str(caught.value).splitlines()) == 3


def test_where_all_buy_alike_it_is_said():
    random = np.random.default_rng(5)
    n = 2000
    chance, age = random.beta(2, 6, n), np.full(n, 50.0)
    x, t_x, now, there = np.zeros(n, int), np.zeros(n), np.zeros(n), np.ones(n, bool)
    while there.any():
        # More regular than any rates that differ from customer to customer.
        now[there] += random.gamma(20, 0.5 / 20, there.sum())
        there &= now <= age
        x += there
        t_x[there] = now[there]
        there &= random.random(n) > chance
    with pytest.raises(FitError, match=r"all bought at the same rate|gradient"):
        purchase_model(pd.DataFrame({"x": x, "t_x": t_x, "T": age}), **ROLES, time_unit="week")


@pytest.mark.parametrize("counts", [(3, 9), (40, 25), (1_000, 100), (1, 400)])
@pytest.mark.parametrize("conf_level", [0.5, 0.95, 0.999])
def test_profile_ends_of_a_ratio_of_poisson_means_are_those_of_a_binomial(counts, conf_level):
    asked = []

    def likelihood(theta):  # the second parameter is the ratio; all given the sum is binomial
        asked.append(theta)
        means = np.exp([theta[0], theta[0] + theta[1]])
        slopes = np.array(counts) - means
        ways = np.array([[1.0, 1], [0, 1]])
        value = np.dot(counts, np.log(means)) - means.sum()
        return value, ways @ slopes, -ways @ np.diag(means) @ ways.T

    theta = np.log([counts[0], counts[1] / counts[0]])
    top = climb(likelihood, theta, np.zeros(2), ("mean", "ratio"))
    asked.clear()
    found = np.log(profile_ends(likelihood, top, 1, conf_level=conf_level))
    assert len(asked) <= (4 if min(counts) >= 100 else 9)
    z, n = norm.ppf((1 + conf_level) / 2), sum(counts)

    def root(ratio):
        logs = [binom.logpmf(counts[1], n, 1 / (1 + np.exp(-way))) for way in (theta[1], ratio)]
        return np.sqrt(max(2 * (logs[0] - logs[1]), 0))

    for end, side in zip(found, (-1, 1), strict=True):
        wanted = brentq(lambda ratio: root(ratio) - z, theta[1], theta[1] + 12 * side)
        assert end == pytest.approx(wanted, abs=1e-5 * abs(wanted - theta[1]))
        assert root(end) == pytest.approx(z, abs=1e-5)


def test_rounding_of_terms_that_cancel_is_no_reason_to_look_for_another_way():
    counts, asked = np.array([9e10, 11e10]), []
    most = counts @ np.log(counts) - counts.sum()

    def likelihood(theta):  # two Poisson means, less what it is at the top: terms of 1e12 make 0
        asked.append(theta)
        means = np.exp(theta)
        return counts @ np.log(means) - means.sum() - most, counts - means, -np.diag(means)

    top = climb(likelihood, np.log([8e10, 12e10]), np.log(counts), ("one", "other"))
    assert top.parameters == pytest.approx(counts, rel=1e-9)
    assert len(asked) <= 6
    asked.clear()
    ends = profile_ends(likelihood, top, 0, conf_level=0.95)
    assert len(asked) <= 4
    assert np.log(ends / counts[0]) == pytest.approx(np.array([-1, 1]) * 1.96 / 3e5, rel=0.01)


@pytest.mark.parametrize(
    "ways, told",
    [
        ({"a": -1}, "nobody ever left"),
        ({"b": 1}, "nobody ever left"),
        ({"a": 1, "b": 1}, "all left with the same chance"),
        ({"s": -1}, "nobody ever left"),
        ({"beta": 1}, "nobody ever left"),
        ({"s": 1, "beta": 1}, "all left at the same rate"),
        ({"r": 1, "alpha": 1}, "all bought at the same rate"),
    ],
)
def test_what_it_means_that_parameters_run_away(ways, told):
    names = ("r", "alpha", "s", "beta") if {"s", "beta"} & set(ways) else ("r", "alpha", "a", "b")
    slope = np.array([ways.get(name, 0) for name in names], float)

    def plane(theta):  # up for ever where there is a slope, a hill elsewhere
        hill = np.where(slope == 0, 1.0, 0.0)
        value = float(slope @ theta - (hill * theta) @ theta / 2)
        return value, slope - hill * theta, -np.diag(hill)

    with pytest.raises(FitError, match=f"as if {told}"):
        climb(plane, np.ones(4), np.zeros(4), names, EDGES)


def test_a_likelihood_without_a_top_is_no_fit():
    def slope(theta):
        return float(theta.sum() * 1e-3), np.full(2, 1e-3), np.zeros((2, 2))

    with pytest.raises(FitError, match="run away"):
        climb(slope, np.zeros(2), np.zeros(2), ("a", "b"))

    def cliff(theta):  # a gradient that promises what the value does not keep
        return 0.0 if (theta == 0).all() else -1.0, np.ones(2), -np.eye(2)

    with pytest.raises(FitError, match="gradient of the log-likelihood is still 1"):
        climb(cliff, np.zeros(2), np.zeros(2), ("a", "b"))

    def ridge(theta):  # the second parameter may be anything
        return -float(theta[0] ** 2), np.array([-2 * theta[0], 0]), np.diag([-2.0, -1e-12])

    with pytest.raises(FitError, match="hardly changes with b"):
        climb(ridge, np.ones(2), np.zeros(2), ("a", "b"))


@pytest.mark.parametrize(
    "options, told",
    [
        ({"model": "bgnbd"}, "Did you mean 'bg_nbd'"),
        ({"time_unit": "weeks"}, "Did you mean 'week'"),
        ({"conf_level": 95}, "conf_level is 95"),
    ],
)
def test_wrong_arguments_are_refused(customers, options, told):
    with pytest.raises(ParameterError, match=told):
        purchase_model(customers, **ROLES, **{"time_unit": "week"} | options)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"horizon": 0}, "horizon is 0"),
        ({"horizon": np.inf}, "horizon is inf"),
        ({"horizon": [5, 5]}, "later than the one before"),
        ({"horizon": []}, "one or more"),
        ({"n_draws": 10}, "at least 50"),
        ({"conf_level": 1}, "conf_level"),
        ({"seed": None}, "seed is absent"),
    ],
)
def test_wrong_arguments_of_a_forecast_are_refused(customers, models, options, told):
    usual = {"model": models["bg_nbd"], "horizon": 5, "seed": 1}
    with pytest.raises(ParameterError, match=told):
        purchase_forecast(customers, **usual | options)


def test_columns_that_exist_are_not_written_over(customers, models):
    for name in ("alive_probability", "purchases_expected"):
        with pytest.raises(DataError, match=name):
            models["bg_nbd"].predict(customers.assign(**{name: 0}), horizon=5)
    taken = customers.assign(purchases_low=0)
    with pytest.raises(DataError, match="purchases_low"):
        purchase_forecast(taken, model=models["bg_nbd"], horizon=5, seed=1)


def test_tracking_wants_one_actual_a_time(customers, models):
    with pytest.raises(ParameterError, match="2 actual numbers for 1 times"):
        purchase_tracking(customers, model=models["bg_nbd"], times=[1.0], actual=[1, 2], seed=1)


# --- days and orders ---


def test_records_of_a_table_of_customers():
    table = pd.DataFrame(
        {"n_orders": [1, 4], "recency_days": [365.25, 0], "age_days": [365.25] * 2}
    )
    made = buying_records(table, time_unit="year")
    assert made[["frequency", "recency", "age"]].values.tolist() == [[0, 0, 1], [3, 1, 1]]
    assert list(made)[:3] == list(table)


@pytest.mark.parametrize(
    "change, told",
    [
        ({"n_orders": 0}, "without an order"),
        ({"recency_days": np.nan}, "missing or infinite"),
        ({"recency_days": 500}, "negative times"),
        ({"n_orders": 3, "recency_days": 365}, "at the time of the first"),
        ({"n_orders": 1, "recency_days": 300}, "without a repeat order"),
        ({"n_orders": 1.5}, "not whole"),
    ],
)
def test_customers_whose_days_contradict_their_orders_are_refused(change, told):
    row = {"n_orders": 2, "recency_days": 100, "age_days": 365} | change
    with pytest.raises(DataError, match=f"(?i){told}"):
        buying_records(pd.DataFrame([row]), time_unit="week")


def test_days_that_are_none_are_refused():
    with pytest.raises(ParameterError, match="Expected two dates"):
        time_between("yesterday evening", "2024-01-01", time_unit="day")
    with pytest.raises(ParameterError, match="Expected two dates"):
        time_between(None, "2024-01-01", time_unit="day")


@pytest.mark.parametrize("pair", [(2020, 2021), ("01/02/2020", "03/02/2020"), (pd.NaT, pd.NaT)])
def test_days_that_may_be_others_are_refused(pair):
    with pytest.raises(ParameterError, match="Expected two dates"):
        time_between(*pair, time_unit="day")


def test_two_days_are_read_by_one_rule():
    assert time_between("31.01.2020", "01.03.2020", time_unit="day") == 30  # of a leap year
    assert time_between("01.02.2020", "03.02.2020", time_unit="day") == 2
    assert time_between(pd.Timestamp("2020-02-28 18:00"), "2020-03-01", time_unit="day") == 2


@pytest.mark.parametrize(
    "change, told",
    [({"customer": ["a", None]}, "without a customer"), ({"n_orders": [2, 1.5]}, "whole counts")],
)
def test_orders_of_nobody_or_in_parts_are_refused(change, told):
    orders = {"customer": ["a", "b"], "period": [0, 2], "n_orders": [2, 1]} | change
    with pytest.raises(DataError, match=told) as caught:
        repeat_purchases(pd.DataFrame(orders), n_periods=3)
    assert "first rows: [1]" in str(caught.value)


def test_periods_beyond_the_last_are_refused():
    orders = pd.DataFrame({"customer": ["a"], "period": [3], "n_orders": [1]})
    with pytest.raises(DataError, match="Expected whole periods from 0 to 2"):
        repeat_purchases(orders, n_periods=3)


def test_a_hundred_thousand_customers_are_each_forecast():
    many = people(100_000, seed=2)
    model = purchase_model(many, **ROLES, time_unit="week")
    assert len(model.predict(many, horizon=10)) == len(many)
