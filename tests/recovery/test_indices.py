"""Planted scores, raters and variance components: intervals cover, chances come true."""

import numpy as np
import pandas as pd
import pytest

from custlib.survey import composite_index, element_scores, rater_agreement

UNITS = 1500
NAMES = ["staff", "style", "skills"]
TRUE_WEIGHTS = {"staff": 0.5, "style": 0.3, "skills": 0.2}
RELATED = pd.DataFrame(0.5 + 0.5 * np.eye(3), NAMES, NAMES)


@pytest.fixture(scope="module")
def planted():
    """Units whose true scores are known, and estimates with correlated errors of known size."""
    random = np.random.default_rng(20161)
    true = random.uniform(20, 90, (UNITS, 3))
    spread = random.uniform(2, 6, (UNITS, 3))
    errors = random.multivariate_normal(np.zeros(3), RELATED, UNITS) * spread
    table = pd.DataFrame(true + errors, columns=NAMES).assign(firm=np.arange(UNITS))
    for name, column in zip(NAMES, spread.T, strict=True):
        table[f"{name}_error"] = column
    return table, true @ np.array(list(TRUE_WEIGHTS.values()))


def composite(table, **options):
    return composite_index(
        table,
        unit="firm",
        indicators=NAMES,
        weights=TRUE_WEIGHTS,
        std_errors={name: f"{name}_error" for name in NAMES},
        bounds=(-20, 120),
        n_draws=1000,
        seed=20162,
        thresholds=(50,),
        **options,
    ).estimates


def covered(rows, true):
    return ((rows["ci_low"] <= true) & (true <= rows["ci_high"])).mean()


def test_intervals_of_the_index_cover_under_known_weights(planted):
    table, true = planted
    scaled = (true + 20) / 1.4
    rows = composite(table, error_correlation=RELATED).query("measure == 'index'")
    assert 0.935 <= covered(rows, scaled) <= 0.965
    # Errors that go together are far from cancelling.
    apart = composite(table).query("measure == 'index'")
    assert covered(apart, scaled) < 0.92


def test_chances_of_passing_a_threshold_come_true(planted):
    table, true = planted
    rows = composite(table, error_correlation=RELATED).query("measure == 'above 50'")
    above = (true + 20) / 1.4 > 50
    chances = rows["estimate"].to_numpy()
    for low, high in [(0.02, 0.35), (0.35, 0.65), (0.65, 0.98)]:
        inside = (low < chances) & (chances < high)
        expected = chances[inside].mean()
        slack = 4 * np.sqrt(expected * (1 - expected) / inside.sum())
        assert above[inside].mean() == pytest.approx(expected, abs=slack)


@pytest.fixture(scope="module")
def audited():
    """Many units of five raters, lenient and strict, and the true scores of three elements."""
    random = np.random.default_rng(20163)
    firms, raters = 800, 5
    true = 50 + random.normal(0, 4, (firms, 3))
    lenient = random.normal(0, 8, (firms, raters, 1))
    answers = true[:, None, :] + lenient + random.normal(0, 8, (firms, raters, 3))
    at = pd.MultiIndex.from_product([range(firms), range(raters), NAMES])
    ratings = pd.Series(answers.ravel(), at, name="rating").rename_axis(
        ["firm", "rater", "element"]
    )
    return ratings.reset_index(), true


@pytest.mark.parametrize("spread", ["pooled", "own"])
def test_intervals_of_elements_cover_and_the_weakest_comes_true(audited, spread):
    ratings, true = audited
    roles = {"unit": "firm", "element": "element", "rater": "rater", "rating": "rating"}
    found = element_scores(
        ratings, **roles, scale=(0, 100), spread=spread, n_draws=1000, seed=20164
    )
    assert 0.935 <= covered(found.estimates, true.ravel()) <= 0.965
    assert found.error_correlation.loc["staff", "style"] == pytest.approx(0.5, abs=0.05)
    weakest = (true == true.min(axis=1, keepdims=True)).ravel()
    chances = found.weakest["estimate"].to_numpy()
    # The draws know nothing of how elements scatter between firms, so large chances are a little
    # too large: regression to the mean.
    for low, high in [(0.0, 0.2), (0.3, 0.6)]:
        inside = (low <= chances) & (chances <= high)
        assert weakest[inside].mean() == pytest.approx(chances[inside].mean(), abs=0.1)


def test_the_index_of_three_raters_covers_as_their_few_degrees_of_freedom_say():
    random = np.random.default_rng(20168)
    true = random.uniform(35, 65, (600, 3))
    answers = true[:, None, :] + random.normal(0, 8, (600, 3, 1))
    # Elements that go together leave the index its raters' 2 degrees of freedom; where they differ
    # much it has more, and the interval is too long: .985 with a correlation of .5.
    answers = answers + random.normal(0, 3, (600, 3, 3))
    at = pd.MultiIndex.from_product([range(600), range(3), NAMES], names=["firm", "rater", "dim"])
    ratings = pd.Series(answers.ravel(), at, name="rating").reset_index()
    roles = {"unit": "firm", "element": "dim", "rater": "rater", "rating": "rating"}
    found = element_scores(ratings, **roles, scale=(0, 100), spread="own", n_draws=2, seed=1)
    wide = found.estimates.pivot_table(
        index="firm", columns="dimension", values=["estimate", "std_error"]
    )
    table = wide["estimate"].join(wide["std_error"].add_suffix("_error")).assign(df=2)
    options = {"unit": "firm", "indicators": NAMES, "n_draws": 1000, "seed": 20169}
    options |= {"std_errors": {name: f"{name}_error" for name in NAMES}, "bounds": (-200, 300)}
    options |= {"error_correlation": found.error_correlation}
    share = {}
    for name, df in [("t", "df"), ("normal", None)]:
        made = composite_index(table.reset_index(), **options, error_df=df).estimates
        rows = made.query("measure == 'index'")
        share[name] = covered(rows, (true.mean(axis=1) + 200) / 5)
    assert 0.92 <= share["t"] <= 0.98
    assert share["normal"] < 0.9  # what errors taken for known would give


SUBJECT, RATER, ERROR = 1.0, 0.4, 0.8  # planted variances


def judged(random, subjects, raters, *, crossed=True):
    who = random.normal(0, RATER**0.5, (1 if crossed else subjects, raters))
    values = random.normal(0, SUBJECT**0.5, (subjects, 1)) + who
    values = values + random.normal(0, ERROR**0.5, (subjects, raters))
    long = pd.DataFrame(values).melt(ignore_index=False, var_name="rater", value_name="rating")
    return long.rename_axis("subject").reset_index()


ROLES = {"subject": "subject", "rater": "rater", "rating": "rating", "level": "interval"}
ALL = SUBJECT + RATER + ERROR


@pytest.mark.parametrize(
    "form, crossed, true",
    [
        ("icc_1_1", False, SUBJECT / ALL),
        ("icc_2_1", True, SUBJECT / ALL),
        ("icc_3_1", True, SUBJECT / (SUBJECT + ERROR)),
    ],
)
def test_intervals_of_intraclass_correlations_cover(form, crossed, true):
    random = np.random.default_rng(20165)
    tables = [rater_agreement(judged(random, 15, 4, crossed=crossed), **ROLES) for _ in range(300)]
    rows = pd.concat(tables).query("measure == @form")
    assert 0.92 <= covered(rows, true) <= 0.98


def test_unequal_numbers_of_raters_still_cover():
    random, rows = np.random.default_rng(20166), []
    for _ in range(300):
        ratings = judged(random, 15, 5, crossed=False)
        kept = ratings["rater"] < 2 + ratings["subject"] % 4
        rows.append(rater_agreement(ratings[kept], **ROLES).query("measure == 'icc_1_1'"))
    assert 0.91 <= covered(pd.concat(rows), SUBJECT / ALL) <= 0.98


@pytest.mark.parametrize("subjects", [12, pytest.param(60, marks=pytest.mark.slow)])
def test_intervals_of_alpha_cover_with_few_subjects_too(subjects):
    # Interval alpha of many subjects, rated by raters of their own, is the one-way correlation.
    random = np.random.default_rng(20167)
    tables = [
        rater_agreement(judged(random, subjects, 4, crossed=False), **ROLES) for _ in range(300)
    ]
    rows = pd.concat(tables).query("measure == 'krippendorff_alpha'")
    assert 0.92 <= covered(rows, SUBJECT / ALL) <= 0.98
