"""Simulated surveys with firms as clusters: size of the tests, coverage of the intervals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.ordinal.model import cumulative_logit

SURVEYS = 400
FIRMS = 60
CUTS = [-1.2, -0.4, 0.4, 1.2]
BETWEEN = 1.0  # standard deviation of firms; respondents of a firm have 1
CLUSTERED = SurveyDesign(cluster="firm")
ITEMS = [f"survey_{at}" for at in range(SURVEYS)]


def surveys(shift, seed):
    """The same firms of 1 to 5 respondents asked anew in every column; traders `shift` higher."""
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(FIRMS), random.integers(1, 6, FIRMS))
    trader = (firm % 2)[:, None]
    mood = BETWEEN * random.normal(size=(FIRMS, SURVEYS))[firm]
    mood += random.normal(size=mood.shape) + shift * trader
    role = pd.Categorical.from_codes(firm % 2, ["end_user", "trader"])
    ratings = pd.DataFrame(np.digitize(mood, CUTS) + 1, columns=ITEMS)
    return ratings.assign(firm=firm, role=role)


def shares(shift):
    """True distribution of the answers."""
    scale = np.hypot(BETWEEN, 1)
    return np.diff([0, *stats.norm.cdf((np.array(CUTS) - shift) / scale), 1])


def truth(shift):
    """P(end user higher) + P(equal)/2, and the difference of means."""
    low, high = shares(0), shares(shift)
    below = np.cumsum(high) - high / 2
    return low @ below, (low - high) @ np.arange(1, 6)


def compare(responses, method, design):
    return compare_groups(responses, items=ITEMS, by="role", method=method, design=design)


@pytest.fixture(scope="module")
def equal():
    return surveys(0.0, seed=20150)


@pytest.fixture(scope="module")
def shifted():
    return surveys(0.8, seed=20151)


@pytest.mark.parametrize(
    "method", ["brunner_munzel", "welch", "mann_whitney", "kruskal_wallis", "chi_square"]
)
def test_under_the_design_a_test_rejects_equal_groups_about_as_often_as_it_says(equal, method):
    rejected = (compare(equal, method, CLUSTERED)["p_value"] < 0.05).mean()
    assert 0.025 < rejected < 0.08


@pytest.mark.parametrize("method", ["brunner_munzel", "mann_whitney"])
def test_answers_of_one_firm_taken_as_independent_reject_far_too_often(equal, method):
    assert (compare(equal, method, None)["p_value"] < 0.05).mean() > 0.15


@pytest.mark.parametrize("method", ["brunner_munzel", "welch", "mann_whitney"])
def test_intervals_under_the_design_cover_the_truth(shifted, method):
    probability, difference = truth(0.8)
    found = compare(shifted, method, CLUSTERED)
    true = difference if method == "welch" else probability
    covered = (found["ci_low"] <= true) & (true <= found["ci_high"])
    assert 0.92 <= covered.mean() <= 0.98
    chance = found["estimate"].std() / np.sqrt(SURVEYS)
    assert found["estimate"].mean() == pytest.approx(true, abs=4 * chance)


def test_odds_ratios_under_the_design_cover_the_truth():
    random = np.random.default_rng(20152)
    firm, true = np.repeat(np.arange(FIRMS), 3), 0.9
    role = random.integers(0, 2, len(firm))
    # In half of the firms all answers share one logistic draw, in the others none do.
    together = (random.random((FIRMS, SURVEYS)) < 0.5)[firm]
    common = random.logistic(size=(FIRMS, SURVEYS))[firm]
    noise = np.where(together, common, random.logistic(size=common.shape))
    ratings = np.digitize(noise + true * role[:, None], CUTS) + 1
    responses = pd.DataFrame(ratings, columns=ITEMS).assign(firm=firm, role=role)
    model = cumulative_logit(responses, items=ITEMS, terms=["role"], design=CLUSTERED)
    found = model.estimates
    covered = (found["ci_low"] <= true) & (true <= found["ci_high"])
    assert 0.92 <= covered.mean() <= 0.98
