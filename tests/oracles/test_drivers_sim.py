"""Twelve correlated drivers with and without weights, against R relaimpo and lm."""

import pytest

from custlib.design import SurveyDesign
from custlib.survey.drivers import driver_shares
from custlib.survey.moments import CrossProducts

DRIVERS = [f"d{at:02}" for at in range(1, 13)]
DESIGNS = {"unweighted": None, "weighted": SurveyDesign(weight="weight")}
COEFFICIENTS = "regression coefficients are not offered; they are not unique for collinear drivers"
NEGATIVE = "squared and product betas are not offered: they can be negative or miss R²"
KINDS = {"b": COEFFICIENTS, "se": COEFFICIENTS, "beta_std": COEFFICIENTS} | dict.fromkeys(
    ["betasq", "pratt"], NEGATIVE
)
OUT_OF_SCOPE = {f"{name}.{kind}": why for name in DESIGNS for kind, why in KINDS.items()} | {
    "unweighted.car": "another decomposition; Johnson's, equal to Genizi's, is the one offered"
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("drivers_sim")


@pytest.fixture(scope="module")
def customers(reference):
    return reference.data("drivers_sim.csv")


def found(customers, method, name, drivers=DRIVERS, **options):
    return driver_shares(
        customers,
        outcome="satisfaction",
        drivers=drivers,
        method=method,
        design=DESIGNS[name],
        **options,
    )


def by_item(result, measure, column="estimate"):
    rows = result.estimates[result.estimates["measure"] == measure]
    return dict(zip(rows["item"], rows[column], strict=True))


@pytest.mark.parametrize("name", DESIGNS)
def test_lmg_its_shares_and_ranks(reference, customers, name):
    result = found(customers, "lmg", name)
    reference.expect_all(f"{name}.lmg", by_item(result, "contribution"))
    reference.expect_all(f"{name}.lmg_share", by_item(result, "share"))
    reference.expect_all(f"{name}.lmg_rank", by_item(result, "rank"))


@pytest.mark.parametrize("name", DESIGNS)
def test_relative_weights_and_gains_when_first_and_last(reference, customers, name):
    johnson = found(customers, "relative_weights", name)
    reference.expect_all(f"{name}.johnson", by_item(johnson, "contribution"))
    reference.expect_all(f"{name}.johnson_share", by_item(johnson, "share"))
    for method in ("first", "last"):
        result = found(customers, method, name)
        reference.expect_all(f"{name}.{method}", by_item(result, "contribution"))


@pytest.mark.parametrize("name", DESIGNS)
def test_the_regression_on_all_drivers(reference, customers, name):
    result = found(customers, "lmg", name)
    fit = result.fit.set_index("measure")["estimate"]
    reference.expect(f"{name}.R2", fit["r_squared"])
    reference.expect(f"{name}.adjR2", fit["adjusted_r_squared"])
    reference.expect(f"{name}.condition_number", fit["condition_number"])
    reference.expect_all(f"{name}.vif", by_item(result, "variance_inflation"))
    reference.expect_all(f"{name}.pearson", by_item(result, "correlation"))


@pytest.mark.parametrize("name", DESIGNS)
def test_the_means_behind_the_correlations(reference, customers, name):
    items = ["satisfaction", *DRIVERS]
    sample = (DESIGNS[name] or SurveyDesign()).sample(customers)
    mean = CrossProducts.of(customers[items].to_numpy(float), sample).moments().mean
    reference.expect_all(f"{name}.mean", dict(zip(items, mean, strict=True)))


def test_percentile_intervals_of_the_shares_of_six_drivers(reference, customers):
    result = found(customers, "lmg", "unweighted", DRIVERS[:6], n_boot=4000, seed=1)
    reference.expect_all("boot6.lmg_share", by_item(result, "share"))
    reference.expect_all("boot6.lmg_share_lo95", by_item(result, "share", "ci_low"))
    reference.expect_all("boot6.lmg_share_hi95", by_item(result, "share", "ci_high"))
    reference.expect("boot6.R2", result.fit["estimate"][0])


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("drivers_sim", OUT_OF_SCOPE)
