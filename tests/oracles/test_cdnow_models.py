"""The models of repeat buying and of spending, on the purchases that papers compare them on."""

from dataclasses import replace

import numpy as np
import pytest

from custlib.loyalty import purchase_model, spend_model

# The keys of the oracle that this file answers for.
CDNOW = (
    "bgnbd",
    "mbgnbd",
    "paretonbd",
    "gammagamma",
    "calib_bin0.bgnbd_expected",
    "calib_bin0.paretonbd_expected",
    "calib_bin0.published_bgnbd",
    "calib_bin0.published_paretonbd",
    "calib_bin1.bgnbd_expected",
    "calib_bin1.paretonbd_expected",
    "calib_bin1.published_bgnbd",
    "calib_bin1.published_paretonbd",
    "calib_bin2.bgnbd_expected",
    "calib_bin2.paretonbd_expected",
    "calib_bin2.published_bgnbd",
    "calib_bin2.published_paretonbd",
    "calib_bin3.bgnbd_expected",
    "calib_bin3.paretonbd_expected",
    "calib_bin3.published_bgnbd",
    "calib_bin3.published_paretonbd",
    "calib_bin4.bgnbd_expected",
    "calib_bin4.paretonbd_expected",
    "calib_bin4.published_bgnbd",
    "calib_bin4.published_paretonbd",
    "calib_bin5.bgnbd_expected",
    "calib_bin5.paretonbd_expected",
    "calib_bin5.published_bgnbd",
    "calib_bin5.published_paretonbd",
    "calib_bin6.bgnbd_expected",
    "calib_bin6.paretonbd_expected",
    "calib_bin6.published_bgnbd",
    "calib_bin6.published_paretonbd",
    "calib_bin7.bgnbd_expected",
    "calib_bin7.paretonbd_expected",
    "calib_bin7.published_bgnbd",
    "calib_bin7.published_paretonbd",
)
MODELS = {"bgnbd": "bg_nbd", "mbgnbd": "mbg_nbd", "paretonbd": "pareto_nbd"}
ROLES = {"frequency": "x", "recency": "t_x", "age": "T", "time_unit": "week"}
SPENT = {"exact": "zbar_repeat", "rounded": "zbar"}
BTYD = ("bgnbd", "paretonbd")
BINS = range(8)  # repeat orders so far, seven or more in the last
PUBLISHED_SPENDING = (6.25, 3.74, 15.44)  # p, q, v of the note of 2013


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("cdnow")


@pytest.fixture(scope="module")
def tables(reference):
    return {name: reference.data(f"cdnow_summary_{name}.csv") for name in SPENT}


@pytest.fixture(scope="module")
def models(tables):
    return {
        (key, name): purchase_model(tables[name], **ROLES, model=MODELS[key])
        for key in MODELS
        for name in tables
    }


@pytest.fixture(scope="module")
def spending(tables):
    return {
        name: spend_model(table, frequency="x", spend=SPENT[name]) for name, table in tables.items()
    }


def parameters(model):
    rows = model.estimates.query("measure == 'parameter'")
    return dict(zip(rows["term"], rows["estimate"], strict=True))


def fitted(model, measure):
    return model.fit.set_index("measure").loc[measure, "estimate"]


@pytest.mark.parametrize("name", SPENT)
@pytest.mark.parametrize("key", MODELS)
def test_the_fit_is_that_of_the_oracle(reference, models, key, name):
    model = models[key, name]
    reference.expect(f"{key}.{name}.LL", fitted(model, "log_likelihood"))
    for term, value in parameters(model).items():
        reference.expect(f"{key}.{name}.{term}", value)


@pytest.mark.parametrize("key", MODELS)
def test_the_fit_is_that_of_the_papers(reference, models, key):
    model = models[key, "exact"]
    for term, value in parameters(model).items():
        reference.expect(f"{key}.published.{term}", value)
    if key in BTYD:
        for name in ("LL", "LL_btyd"):
            reference.expect(f"{key}.published.{name}", fitted(model, "log_likelihood"))


@pytest.mark.parametrize("key", BTYD)
def test_a_new_customer_in_a_year(reference, models, key):
    mean = models[key, "exact"].expected_purchases([52])["estimate"][0]
    reference.expect(f"{key}.expectation_t52", mean)
    reference.expect(f"{key}.published.expectation_t52", mean)


@pytest.mark.parametrize("key", BTYD)
def test_the_customer_of_the_vignette_who_bought_26_times(reference, tables, models, key):
    exact = tables["exact"]
    [row] = exact.index[(exact["x"] == 26) & (exact["T"] == 31)]
    found = models[key, "exact"].predict(exact.loc[[row]], horizon=52).iloc[0]
    for prefix in (key, f"{key}.published"):
        reference.expect(f"{prefix}.cond_exp_x26_t52", found["purchases_expected"])
        reference.expect(f"{prefix}.palive_x26", found["alive_probability"])


def test_the_first_customer_of_the_note(reference, tables, models):
    first = models["bgnbd", "rounded"].predict(tables["rounded"].head(1), horizon=39)
    reference.expect("bgnbd.cond_exp_cust1_t39", first["purchases_expected"].iloc[0])
    reference.expect("bgnbd.published.cond_exp_cust1_t39", first["purchases_expected"].iloc[0])


@pytest.mark.parametrize("key", BTYD)
def test_the_forecast_of_the_second_39_weeks(reference, tables, models, key):
    found = models[key, "exact"].predict(tables["exact"], horizon=39)
    reference.expect(f"{key}.sum_cond_exp39", found["purchases_expected"].sum())
    means = found.groupby(found["x"].clip(upper=max(BINS)))["purchases_expected"].mean()
    for at in BINS:
        reference.expect(f"calib_bin{at}.{key}_expected", means[at])
        reference.expect(f"calib_bin{at}.published_{key}", means[at])


@pytest.mark.parametrize("name", SPENT)
def test_spending(reference, spending, name):
    model = spending[name]
    prefix = f"gammagamma.{name}"
    reference.expect(f"{prefix}.LL", fitted(model, "log_likelihood"))
    for term, value in parameters(model).items():
        reference.expect(f"{prefix}.{term}", value)
    whole = model.estimates.set_index("term").loc["population_mean"]
    reference.expect(f"{prefix}.mean_population", whole["estimate"])
    reference.expect(f"{prefix}.n_used", whole["n"])


def test_spending_in_the_note(reference, spending):
    for term, value in parameters(spending["exact"]).items():
        reference.expect(f"gammagamma.published.{term}", value)
    correlation = fitted(spending["rounded"], "correlation")
    reference.expect("gammagamma.corr_x_zbar", correlation)


def test_means_of_the_first_ten_customers_at_the_published_parameters(reference, tables, spending):
    """The fitted model with its parameters put to those of the note."""
    model = spending["rounded"]
    top = replace(model.top, theta=np.log(PUBLISHED_SPENDING))
    at_published = replace(model, top=top)
    found = at_published.predict(tables["rounded"].head(10))["spend_expected"]
    for at, mean in enumerate(found, start=1):
        reference.expect(f"gammagamma.cond_mean_at_published_params.customer{at}", mean)
        reference.expect(f"gammagamma.published.cond_mean_customer{at}", mean)


def test_every_key_of_the_models_is_pinned(account_for_every_key):
    account_for_every_key("cdnow", {}, within=CDNOW)
