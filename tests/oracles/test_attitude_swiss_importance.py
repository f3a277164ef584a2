"""Importance of drivers of the attitude and swiss data of R, against relaimpo and print."""

import pytest

from custlib.survey.drivers import driver_shares

OUTCOMES = {"attitude": "rating", "swiss": "Fertility"}
COEFFICIENTS = "regression coefficients are not offered; they are not unique for collinear drivers"
KINDS = {
    **dict.fromkeys(["b", "se", "beta_std"], COEFFICIENTS),
    **dict.fromkeys(
        ["relaimpo.betasq", "relaimpo.pratt"],
        "squared and product betas are not offered: they can be negative or miss R²",
    ),
    "relaimpo.car": "another decomposition; Johnson's, equal to Genizi's, is the one offered",
}
OUT_OF_SCOPE = {f"{name}.{kind}": why for name in OUTCOMES for kind, why in KINDS.items()}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("attitude_swiss_importance")


def found(reference, name, method):
    responses = reference.data(f"{name}.csv")
    drivers = [item for item in responses if item not in (OUTCOMES[name], "province")]
    return driver_shares(responses, outcome=OUTCOMES[name], drivers=drivers, method=method)


def by_item(result, measure):
    rows = result.estimates[result.estimates["measure"] == measure]
    return dict(zip(rows["item"], rows["estimate"], strict=True))


@pytest.mark.parametrize("name", OUTCOMES)
def test_lmg_from_two_programs(reference, name):
    result = found(reference, name, "lmg")
    reference.expect_all(f"{name}.lmg", by_item(result, "contribution"))
    reference.expect_all(f"{name}.relaimpo.lmg", by_item(result, "contribution"))
    reference.expect_all(f"{name}.lmg_share", by_item(result, "share"))


def test_lmg_as_printed(reference):
    contributions = by_item(found(reference, "swiss", "lmg"), "contribution")
    reference.expect_all("swiss.published_lmg", contributions)


@pytest.mark.parametrize("name", OUTCOMES)
def test_relative_weights_are_those_of_johnson_and_of_genizi(reference, name):
    result = found(reference, name, "relative_weights")
    reference.expect_all(f"{name}.johnson", by_item(result, "contribution"))
    reference.expect_all(f"{name}.johnson_share", by_item(result, "share"))
    reference.expect_all(f"{name}.relaimpo.genizi", by_item(result, "contribution"))


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("method", ["first", "last"])
def test_gains_when_first_and_last(reference, name, method):
    contributions = by_item(found(reference, name, method), "contribution")
    reference.expect_all(f"{name}.relaimpo.{method}", contributions)


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_regression_on_all_drivers(reference, name):
    result = found(reference, name, "lmg")
    fit = result.fit.set_index("measure")["estimate"]
    reference.expect(f"{name}.R2", fit["r_squared"])
    reference.expect(f"{name}.adjR2", fit["adjusted_r_squared"])
    reference.expect_all(f"{name}.vif", by_item(result, "variance_inflation"))
    if name == "attitude":
        reference.expect("attitude.published_R2", fit["r_squared"])


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("attitude_swiss_importance", OUT_OF_SCOPE)
