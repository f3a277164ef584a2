"""The model of spending: its tables, what it refuses, and what must not matter to it."""

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats
from scipy.optimize import minimize

from custlib.errors import DataError, FitError, ParameterError
from custlib.loyalty import spend_model
from custlib.loyalty.value.draws import parameter_draws
from custlib.loyalty.value.spending import Spending

ROLES = {"frequency": "x", "spend": "z"}


@pytest.fixture(scope="module")
def customers():
    random = np.random.default_rng(1)
    x = random.integers(0, 6, 500)
    pace = random.gamma(3, 1 / 40, 500)
    z = np.where(x > 0, random.gamma(5 * np.maximum(x, 1)) / (pace * np.maximum(x, 1)), 0)
    return pd.DataFrame({"x": x, "z": z})


@pytest.fixture(scope="module")
def model(customers):
    return spend_model(customers, **ROLES)


def test_the_tables_have_the_words_of_the_house(customers, model):
    rows = model.estimates
    assert rows["term"].tolist() == ["p", "q", "v", "population_mean"]
    assert rows["measure"].tolist() == ["parameter"] * 3 + ["mean"]
    assert set(rows["n"]) == {(customers["x"] > 0).sum()}
    p, q, v = rows["estimate"][:3]
    assert rows["estimate"][3] == pytest.approx(p * v / (q - 1))
    assert ((rows["ci_low"] < rows["estimate"]) & (rows["estimate"] < rows["ci_high"])).all()
    values = model.fit.set_index("measure")["estimate"]
    assert values["aic"] == pytest.approx(6 - 2 * values["log_likelihood"])
    assert values["gradient"] < 1e-3
    assert values["left_out"] == 0
    buyers = customers[customers["x"] > 0]
    r, p_value = stats.pearsonr(buyers["x"], buyers["z"])
    assert values["correlation"] == pytest.approx(r)
    assert values["correlation_p_value"] == pytest.approx(p_value)


def test_dependence_of_spending_on_the_number_of_orders_is_seen(customers):
    dearer = customers.assign(z=customers["z"] * (1 + customers["x"]))
    values = spend_model(dearer, **ROLES).fit.set_index("measure")["estimate"]
    assert values["correlation"] > 0.2
    assert values["correlation_p_value"] < 0.001


def test_the_unit_of_the_amounts_does_not_matter(customers, model):
    cents = spend_model(customers.assign(z=customers["z"] * 100), **ROLES)
    assert cents.top.parameters / model.top.parameters == pytest.approx([1, 1, 100], rel=1e-6)
    found = cents.predict(customers.assign(z=customers["z"] * 100))["spend_expected"]
    plain = model.predict(customers)["spend_expected"]
    np.testing.assert_allclose(found, 100 * plain, rtol=1e-6)


@pytest.mark.parametrize("unit", [1, 0.0028])  # in the second the log-likelihood is nearly 0
def test_more_customers_ask_for_no_more_evaluations(monkeypatch, unit):
    asked = []
    evaluate = Spending.__call__
    monkeypatch.setattr(
        Spending, "__call__", lambda self, theta: asked.append(1) or evaluate(self, theta)
    )
    counts = {}
    for n in (3_000, 300_000):
        random = np.random.default_rng(2)
        x = random.integers(1, 9, n)
        z = unit * random.gamma(6 * x) / (random.gamma(4, 1 / 90, n) * x)
        asked.clear()
        spend_model(pd.DataFrame({"x": x, "z": z}), **ROLES)
        counts[n] = len(asked)
    assert counts[300_000] <= counts[3_000]


@pytest.mark.parametrize("seed", [3, 43, 51])
def test_an_interval_ends_also_where_the_other_parameters_run_away(seed):
    """Twice the log-likelihood of Fader & Hardie (2013, eq. 1a) has fallen by 3.841 at q's end."""
    random = np.random.default_rng(seed)
    x, pace = random.geometric(0.4, 300) - 1, random.gamma(3, 1, 300) / 50
    z = np.array([random.gamma(6 * k) / (n * k) if k else 0 for k, n in zip(x, pace, strict=True)])
    rows = spend_model(pd.DataFrame({"x": x, "z": z}), **ROLES).estimates.set_index("term")
    assert rows.loc["p", "ci_high"] == np.inf
    k, mean = x[x > 0], z[x > 0]

    def fall(p, q, mass):  # v = mass/p, of which only p → ∞ at the same mass is a ridge
        v = mass / p
        logs = special.gammaln(p * k + q) - special.gammaln(p * k) - special.gammaln(q)
        logs = logs + q * np.log(v) + (p * k - 1) * np.log(mean) + p * k * np.log(k)
        return -np.sum(logs - (p * k + q) * np.log(v + mean * k))

    def best(q=None):
        begin = np.log([20, 100, 3])[: 3 if q is None else 2]
        found = minimize(
            lambda free: fall(np.exp(free[0]), q or np.exp(free[2]), np.exp(free[1])),
            begin,
            method="Nelder-Mead",
            bounds=[(-5, 14), (-5, 12), (-3, 5)][: len(begin)],
            options={"xatol": 1e-8, "fatol": 1e-9, "maxiter": 5000, "maxfev": 5000},
        )
        return found.fun

    top = best()
    for end in ("ci_low", "ci_high"):
        held = rows.loc["q", end]
        assert 2 * (best(held) - top) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=2e-3)
    assert rows.loc["q", "note"] == ""


def test_the_order_of_customers_adds_nothing_to_a_likelihood():
    random = np.random.default_rng(3)
    x, z = random.integers(1, 9, 100_000), random.gamma(3, 20, 100_000)
    theta, turned = np.log([6, 4, 15]), slice(None, None, -1)
    (value, *slopes), (other, *others) = (
        Spending(*pair)(theta) for pair in ((x, z), (x[turned], z[turned]))
    )
    assert value == pytest.approx(other, rel=1e-14)
    for one, two in zip(slopes, others, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-11)


def test_the_delta_error_of_the_population_mean_is_that_of_drawn_parameters(model):
    draws = parameter_draws(model.top, 20_000, np.random.default_rng(1))
    means = draws[:, 0] * draws[:, 2] / (draws[:, 1] - 1)
    row = model.estimates.set_index("term").loc["population_mean"]
    assert means.std() == pytest.approx(row["std_error"], rel=0.05)


def test_a_customer_with_many_orders_is_taken_by_their_own_word(model):
    found = model.predict(pd.DataFrame({"x": [0, 1, 1000], "z": [0.0, 99.0, 99.0]}))
    whole, near, own = found["spend_expected"]
    assert whole == pytest.approx(model.estimates["estimate"][3])
    assert own == pytest.approx(99, rel=1e-3)
    assert min(whole, own) < near < max(whole, own)


def test_customers_without_an_order_need_no_mean(customers, model):
    gaps = customers.assign(z=customers["z"].where(customers["x"] > 0))
    again = spend_model(gaps, **ROLES)
    assert again.top.parameters == pytest.approx(model.top.parameters)
    assert again.predict(gaps)["spend_expected"].notna().all()


@pytest.mark.parametrize("value", [0.0, -5.0])
def test_spending_of_zero_or_less_is_refused_or_taken_as_unknown(customers, model, value):
    wrong = customers.copy()
    [at, *_] = np.flatnonzero(wrong["x"] > 0)
    wrong.loc[at, "z"] = value
    with pytest.raises(DataError, match="mean in 'z' is zero or negative") as told:
        spend_model(wrong, **ROLES)
    assert f": 1, first rows: [{at}]." in str(told.value)
    assert len(str(told.value).splitlines()) == 3
    without = spend_model(wrong, **ROLES, nonpositive="leave_out")
    assert without.fit.set_index("measure").loc["left_out", "estimate"] == 1
    dropped = spend_model(customers.drop(index=at), **ROLES)
    assert without.top.parameters == pytest.approx(dropped.top.parameters)
    found = without.predict(wrong).loc[at]
    assert found["spend_expected"] == pytest.approx(without.estimates["estimate"][3])
    assert found["spend_note"] == "mean not above 0: taken as unknown"
    with pytest.raises(DataError, match="zero or negative"):
        model.predict(wrong)


def test_a_heavy_tail_has_no_population_mean():
    random = np.random.default_rng(2)
    x = random.integers(1, 5, 800)
    z = random.gamma(4 * x) / (random.gamma(0.7, 1, 800) * x)
    model = spend_model(pd.DataFrame({"x": x, "z": z}), **ROLES)
    row = model.estimates.set_index("term").loc["population_mean"]
    assert np.isnan(row["estimate"])
    assert "infinite" in row["note"]
    found = model.predict(pd.DataFrame({"x": [0, 2], "z": [0.0, 10.0]}))
    assert found["spend_expected"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    "change, told",
    [
        ({"x": -1}, "negative or missing"),
        ({"x": np.nan}, "negative or missing"),
        ({"x": 2, "z": np.nan}, "negative or missing"),
        ({"x": 2, "z": np.inf}, "negative or missing"),
    ],
)
def test_rows_that_are_none_are_refused(customers, change, told):
    wrong = customers.astype(float)
    for column, value in change.items():
        wrong.loc[3, column] = value
    with pytest.raises(DataError, match=f"(?i){told}"):
        spend_model(wrong, **ROLES)


def test_too_few_customers_or_no_difference_between_them_are_no_fit(customers):
    with pytest.raises(FitError, match="9 customers have orders"):
        spend_model(customers[customers["x"] > 0].head(9), **ROLES)
    with pytest.raises(FitError, match="All 40 customers spend 25 an order"):
        spend_model(pd.DataFrame({"x": [1, 2] * 20, "z": 25.0}), **ROLES)


def test_where_all_spend_alike_in_the_mean_it_is_said():
    random = np.random.default_rng(3)
    x = random.integers(1, 9, 400)
    z = random.gamma(3 * x) / (0.1 * x)
    with pytest.raises(FitError, match="as if all customers spent the same in the mean"):
        spend_model(pd.DataFrame({"x": x, "z": z}), **ROLES)


def test_wrong_arguments_are_refused(customers):
    with pytest.raises(ParameterError, match="Did you mean 'leave_out'"):
        spend_model(customers, **ROLES, nonpositive="leaveout")
    with pytest.raises(DataError, match="spend_expected"):
        spend_model(customers, **ROLES).predict(customers.assign(spend_expected=1))
