"""Intervals of Kano shares and of service-quality gaps cover planted truths, also in firms."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.survey.kano import kano_categories, kano_coefficients
from custlib.survey.servqual import servqual_gaps, servqual_table_check

SURVEYS = 300
FIRMS = 60
SHARES = {"M": 0.35, "O": 0.25, "A": 0.2, "I": 0.15, "R": 0.05}
# One pair of answers (with, without) for each class.
ANSWERS = {"M": (2, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "R": (3, 1)}
CLUSTERED = SurveyDesign(cluster="firm")
ITEMS = [f"survey_{at}" for at in range(SURVEYS)]


def survey(shares, seed):
    """Three people in each firm, who in half of the firms class a feature alike."""
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(FIRMS), 3)
    own = random.choice(len(shares), size=(len(firm), SURVEYS), p=list(shares.values()))
    common = random.choice(len(shares), size=(FIRMS, SURVEYS), p=list(shares.values()))
    alike = random.random((FIRMS, SURVEYS)) < 0.5
    classes = np.where(alike[firm], common[firm], own)
    pairs = np.array([ANSWERS[category] for category in shares])
    sides = [pd.DataFrame(pairs[classes, side]).add_prefix(f"{side}_") for side in (0, 1)]
    return pd.concat(sides, axis=1).assign(firm=firm)


@pytest.fixture(scope="module")
def features():
    return survey(SHARES, 19841)


PAIRS = {
    "functional": {item: f"0_{at}" for at, item in enumerate(ITEMS)},
    "dysfunctional": {item: f"1_{at}" for at, item in enumerate(ITEMS)},
}


def coverage(rows, true):
    return ((rows["ci_low"] <= true) & (true <= rows["ci_high"])).mean()


def test_shares_of_classes_are_covered_under_the_design(features):
    found = kano_categories(features, **PAIRS, design=CLUSTERED)
    covered = {}
    for category, true in SHARES.items():
        rows = found.estimates[found.estimates["category"] == category]
        assert rows["estimate"].mean() == pytest.approx(true, abs=0.012)
        covered[category] = coverage(rows, true)
    # Nine reversed answers of 180 show too little of how alike colleagues are.
    assert 0.85 <= covered.pop("R") < 0.95
    assert all(0.92 <= share <= 0.98 for share in covered.values()), covered
    total = found.fit.query("measure == 'total_strength'")
    assert 0.92 <= coverage(total, 0.8) <= 0.98


def test_colleagues_taken_as_independent_make_shares_look_too_sure(features):
    rows = kano_categories(features, **PAIRS).estimates.query("category == 'O'")
    assert coverage(rows, SHARES["O"]) < 0.92


def test_coefficients_are_covered_under_the_design(features):
    found = kano_coefficients(features, **PAIRS, design=CLUSTERED)
    for measure, true in (("better", 0.45 / 0.95), ("worse", -0.6 / 0.95)):
        assert 0.92 <= coverage(found[found["measure"] == measure], true) <= 0.98


def test_all_shares_at_once_are_covered(features):
    found = kano_categories(features, **PAIRS, design=CLUSTERED, simultaneous=True).estimates
    found = found[found["category"] != "Q"]
    true = found["category"].map(SHARES)
    hit = (found["ci_low"] <= true) & (true <= found["ci_high"])
    assert hit.groupby(found["item"]).all().mean() >= 0.92


def test_equal_shares_are_rejected_about_as_often_as_said_under_the_design():
    features = survey(dict.fromkeys("MOAI", 0.25), 19811)
    under = kano_categories(features, **PAIRS, design=CLUSTERED).fit
    plain = kano_categories(features, **PAIRS).fit
    rejected = [
        (fit.query("measure == 'equal_shares'")["p_value"] < 0.05).mean() for fit in (under, plain)
    ]
    assert 0.02 < rejected[0] < 0.09
    assert rejected[1] > 0.12


def test_gaps_are_covered_under_the_design():
    random = np.random.default_rng(19881)
    firm = np.repeat(np.arange(FIRMS), 3)

    def answers(level):
        mood = random.normal(size=(FIRMS, SURVEYS))[firm] + random.normal(size=(180, SURVEYS))
        return level + mood

    expected, perceived = answers(6.0), answers(5.5)
    table = pd.concat(
        [pd.DataFrame(expected).add_prefix("0_"), pd.DataFrame(perceived).add_prefix("1_")], axis=1
    ).assign(firm=firm)
    asked = {
        "expectations": PAIRS["functional"],
        "perceptions": PAIRS["dysfunctional"],
        "dimensions": {"all": ITEMS},
    }
    covered = []
    for design in (CLUSTERED, None):
        found = servqual_gaps(table, **asked, design=design)
        gaps = found[(found["item"] != "") & (found["measure"] == "gap")]
        covered.append(coverage(gaps, -0.5))
    assert 0.92 <= covered[0] <= 0.98
    assert covered[1] < 0.92


@pytest.mark.parametrize("gap", [0.0, -0.03, -0.5])
def test_true_tables_that_are_rounded_fit(gap):
    random = np.random.default_rng(1988)
    n, tables = 100, 300
    expected, perceived = random.normal(4.5, 0.5, (2, n, tables))
    gaps = perceived + gap - expected
    mean, error = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / n**0.5
    half = stats.t.ppf(0.975, n - 1) * error
    printed = {"expectation": expected.mean(axis=0), "perception": perceived.mean(axis=0) + gap}
    printed |= {"expectation_sd": expected.std(axis=0, ddof=1), "gap": mean}
    printed |= {"perception_sd": perceived.std(axis=0, ddof=1), "statistic": mean / error}
    printed |= {"ci_low": mean - half, "ci_high": mean + half}
    check = servqual_table_check(pd.DataFrame(printed).round(2).assign(dimension="one"), n=n)
    assert "does not fit" not in set(check["verdict"])
    assert (check["verdict"] == "agrees").sum() > 2 * tables
