"""Penalties, rewards and their asymmetry, against R's lm and svyglm."""

import pytest

from custlib.design import SurveyDesign
from custlib.survey.contrast import penalty_reward

ITEMS = ["quality", "delivery", "service", "claims", "speed"]
SCALE = {item: (1, 10) if item == "speed" else (1, 5) for item in ITEMS}
DESIGNS = {
    "design": SurveyDesign(weight="w", stratum="market", cluster="firm", population="N_firms"),
    "srs": None,
}
TESTED = ("estimate", "std_error", "statistic", "p_value", "p_adjusted", "ci_low", "ci_high")


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("penalty_reward")


@pytest.fixture(scope="module", params=DESIGNS)
def fitted(reference, request):
    answers = reference.data("responses.csv")
    asked = {"outcome": "overall", "items": ITEMS, "scale": SCALE}
    return request.param, penalty_reward(answers, design=DESIGNS[request.param], **asked)


def test_penalties_and_rewards_with_their_tests(reference, fitted):
    name, found = fitted
    rows = found.estimates.set_index(["item", "measure"])
    for item in ITEMS:
        for side in ("penalty", "reward"):
            row = rows.loc[(item, side)]
            values = {column: row[column] for column in (*TESTED, "numerator")}
            reference.expect_all(f"{name}.{item}.{side}", values)


def test_the_range_is_a_contrast_of_both(reference, fitted):
    name, found = fitted
    for _, row in found.estimates.query("measure == 'range'").iterrows():
        values = row[["estimate", "std_error", "ci_low", "ci_high"]]
        reference.expect_all(f"{name}.{row['item']}.range", values)


def test_the_asymmetry_has_fiellers_interval(reference, fitted):
    name, found = fitted
    for _, row in found.estimates.query("measure == 'asymmetry'").iterrows():
        values = row[["estimate", "ci_low", "ci_high"]]
        reference.expect_all(f"{name}.{row['item']}.asymmetry", values)


def test_the_fit(reference, fitted):
    name, found = fitted
    row = found.fit.iloc[0]
    reference.expect(f"{name}.r_squared", row["estimate"])
    reference.expect(f"{name}.df", row["df"])
    reference.expect(f"{name}.n", row["n"])


def test_every_key_is_accounted_for(account_for_every_key):
    account_for_every_key("penalty_reward", {})
