"""Reliability of the attitude ratings: alpha, its interval and its items, against R psych."""

import numpy as np
import pytest

from custlib.survey.reliability.consistency import cronbach_alpha, item_statistics
from custlib.survey.reliability.one_factor import mcdonald_omega

SCORES = "scores of respondents are the business of survey.indices"
OUT_OF_SCOPE = {
    "attitude.score_mean": SCORES,
    "attitude.score_sd": SCORES,
    "attitude.published.mean": SCORES,
    "attitude.published.sd": SCORES,
    "attitude.split_half": "a search over all halves is not offered; alpha averages over them",
}
NAMES = {
    "raw_alpha": "alpha",
    "std_alpha": "standardized_alpha",
    "lambda6": "lambda_6",
    "average_r": "mean_correlation",
}
ITEM_NAMES = {
    "raw.r": "item_total",
    "std.r": "standardized_item_total",
    "r.cor": "corrected_item_total",
    "r.drop": "item_rest",
    "mean": "mean",
    "sd": "standard_deviation",
}
DROPPED = {
    "alpha_if_dropped": "alpha_if_dropped",
    "std_alpha_if_dropped": "standardized_alpha_if_dropped",
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("attitude_reliability")


@pytest.fixture(scope="module")
def ratings(reference):
    return reference.data("attitude.csv")


def test_alpha_and_its_relatives_with_their_precision(reference, ratings):
    found = cronbach_alpha(ratings, items=list(ratings)).set_index("measure")
    for name, measure in NAMES.items():
        reference.expect(f"attitude.{name}", found["estimate"][measure])
        reference.expect(f"attitude.published.{name}", found["estimate"][measure])
    reference.expect("attitude.median_r", found["estimate"]["median_correlation"])
    alpha = found.loc["alpha"]
    reference.expect("attitude.ase", alpha["std_error"])
    reference.expect("attitude.published.ase", alpha["std_error"])
    reference.expect("attitude.feldt_lower", alpha["ci_low"])
    reference.expect("attitude.feldt_upper", alpha["ci_high"])
    # R's other interval is the estimate -+ 1.96 of these standard errors.
    reference.expect("attitude.duhachek_lower", alpha["estimate"] - 1.96 * alpha["std_error"])
    reference.expect("attitude.duhachek_upper", alpha["estimate"] + 1.96 * alpha["std_error"])
    assert np.isnan(found["ci_low"].drop("alpha")).all()


def test_every_item_with_the_others_and_alpha_without_it(reference, ratings):
    table = item_statistics(ratings, items=list(ratings))
    found = table.set_index(["item", "measure"])["estimate"]
    for item in ratings:
        named = {name: found[item, measure] for name, measure in ITEM_NAMES.items()}
        reference.expect_all(f"attitude.item.{item}", named)
        for name, measure in DROPPED.items():
            reference.expect(f"attitude.{name}.{item}", found[item, measure])


def test_omega_of_one_factor_by_maximum_likelihood(reference, ratings):
    found = mcdonald_omega(ratings, items=list(ratings)).set_index("measure")["estimate"]
    reference.expect("attitude.omega_total_1factor_ML", found["standardized_omega"])


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("attitude_reliability", OUT_OF_SCOPE)
