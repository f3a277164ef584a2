"""Indices refuse what they cannot use, with the remedy, and note what is thin."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey import (
    SEVEN_S,
    composite_index,
    customer_effort_score,
    element_scores,
    gap_scores,
    maturity_level,
    rater_agreement,
    satisfaction_index,
)
from custlib.survey.indices.recipe import Recipe
from custlib.survey.indices.sobol import sobol_shares

ANSWERS = pd.DataFrame({"overall": [8, 9, 4, 6], "ideal": [7, 9, 5, 6], "role": list("uuut")})
SCORES = pd.DataFrame(
    {"firm": list("abc"), "staff": [60, 40, 50], "style": [55, 65, 20], "error": [3, 3, 3]}
)
AUDITS = pd.DataFrame({"firm": list("ab"), "greets": [1, 1], "knows": [1, 0], "plans": [0, 0]})
LEVELS = {"courteous": ["greets"], "competent": ["knows"], "proactive": ["plans"]}
RATINGS = pd.DataFrame(
    {
        "firm": list("aabb"),
        "element": "staff",
        "rater": ["p", "q", "p", "q"],
        "rating": [4, 3, 2, 5],
    }
)
AGREEMENT = {"subject": "firm", "rater": "rater", "rating": "rating"}
ELEMENTS = {"unit": "firm", "element": "element", "rater": "rater", "rating": "rating"}


def index(responses=ANSWERS, items=("overall", "ideal"), **options):
    return satisfaction_index(responses, items=items, scale=(1, 10), **options)


def composite(scores=SCORES, indicators=("staff", "style"), **options):
    return composite_index(scores, unit="firm", indicators=indicators, **options)


def maturity(audits=AUDITS, levels=LEVELS, **options):
    return maturity_level(audits, unit="firm", levels=levels, **options)


def agreement(ratings=RATINGS, **options):
    return rater_agreement(ratings, **(AGREEMENT | options))


def elements(ratings=RATINGS, **options):
    return element_scores(ratings, **ELEMENTS, scale=(1, 5), **({"seed": 1} | options))


ONE_SEES_ALL = pd.DataFrame({"staff": [1.0, 2.0], "style": [2.0, 1.0]}, ["staff", "style"])


@pytest.mark.parametrize(
    "call, error, says",
    [
        (lambda: index(weights={"overall": 1, "ideal": -1}), ParameterError, "-1"),
        (lambda: index(weights={"overall": 1}), ParameterError, "each of: overall, ideal"),
        (lambda: index(weights={"overall": 1, "ideal": 1, "x": 1}), ParameterError, "'x'"),
        (lambda: index(items=[]), ParameterError, "0 items"),
        (lambda: index(items=["ideal", "ideal"]), ParameterError, "more than once: ideal"),
        (lambda: index(ANSWERS.assign(ideal=11)), DataError, "off the scale"),
        (lambda: index(ANSWERS.assign(ideal="good")), DataError, "not a number"),
        (lambda: index(conf_level=95), ParameterError, "conf_level"),
        (
            lambda: customer_effort_score(ANSWERS, item="ideal", scale=(1, 10), easy="left"),
            ParameterError,
            "left",
        ),
        (lambda: composite(SCORES.assign(firm="a")), DataError, "repeat or lack a 'firm'"),
        (lambda: composite(SCORES.iloc[:0]), DataError, "0 of 0 rows"),
        (lambda: composite(weights={"staff": 1, "style": 0}), ParameterError, "positive"),
        (lambda: composite(indicators=["staff", "staff"]), ParameterError, "more than once"),
        (lambda: composite(SCORES.assign(staff=120)), DataError, "3 scores out of bounds"),
        (lambda: composite(SCORES.assign(staff="high")), DataError, "not a number"),
        (lambda: composite(SCORES.assign(staff=None)), DataError, "No unit has a score"),
        (lambda: composite(SCORES.assign(staff=50), bounds="observed"), DataError, "staff"),
        (lambda: composite(SCORES.assign(staff=50), normalization="z"), DataError, "staff"),
        (lambda: composite(SCORES.iloc[:1], bounds="observed"), DataError, "same in all units"),
        (lambda: composite(bounds=(5, 5)), ParameterError, "different ends"),
        (lambda: composite(bounds={"staff": (0, 100)}), ParameterError, "each of: staff, style"),
        (lambda: composite(bounds="natural"), ParameterError, "natural"),
        (lambda: composite(normalization="rank"), ParameterError, "rank"),
        (lambda: composite(aggregation=["arithmetic", "harmonic"]), ParameterError, "harmonic"),
        (lambda: composite(aggregation=[]), ParameterError, "aggregation"),
        (lambda: composite(concentration=0), ParameterError, "concentration is 0"),
        (lambda: composite(concentration=2), ParameterError, "seed"),
        (lambda: composite(n_draws=1), ParameterError, "n_draws"),
        (lambda: composite(std_errors={"skills": "error"}, seed=1), ParameterError, "skills"),
        (
            lambda: composite(SCORES.assign(error=-1), std_errors={"staff": "error"}, seed=1),
            DataError,
            "3 standard errors",
        ),
        (lambda: composite(error_correlation=ONE_SEES_ALL), ParameterError, "correlation matrix"),
        (lambda: maturity(AUDITS.assign(knows=2)), DataError, "off the scale"),
        (lambda: maturity(AUDITS.assign(firm="a")), DataError, "repeat"),
        (lambda: maturity(levels={"one": ["greets"]}), ParameterError, "two or more levels"),
        (lambda: maturity(levels=LEVELS | {"last": []}), ParameterError, "'last': 0"),
        (lambda: maturity(levels=LEVELS | {"last": ["knows"]}), ParameterError, "knows"),
        (lambda: maturity(share=0), ParameterError, "share is 0"),
        (lambda: maturity(levels=LEVELS | {"last": "x1"}), ParameterError, r"levels\['last'\] is"),
        (lambda: composite(indicators="ab"), ParameterError, "is the text 'ab'"),
        (lambda: maturity(levels=LEVELS | {"last": ["sings"]}), DataError, "sings"),
        (lambda: agreement(pd.concat([RATINGS, RATINGS[:1]])), DataError, "repeat a rater"),
        (lambda: agreement(RATINGS.assign(rater=None)), DataError, "lack a name"),
        (lambda: agreement(RATINGS[RATINGS["rater"] == "p"]), DataError, "two ratings"),
        (lambda: agreement(RATINGS.assign(rating="good")), DataError, "not a number"),
        (
            lambda: agreement(RATINGS.assign(rating=[-1, 0, 1, 2]), level="ratio"),
            ParameterError,
            "zero",
        ),
        (lambda: agreement(level="rank"), ParameterError, "rank"),
        (lambda: elements(RATINGS.assign(rating=6)), DataError, "off the scale"),
        (lambda: elements(RATINGS.assign(element=None)), DataError, "4 of 4 rows lack a name"),
        (lambda: elements(RATINGS.assign(rating=None)), DataError, "4 lack a rating"),
        (lambda: elements(spread="none"), ParameterError, "none"),
        (lambda: gap_scores(SCORES, gaps={}), ParameterError, "pair of two columns"),
        (lambda: gap_scores(SCORES, gaps={"own": ("staff", "staff")}), ParameterError, "pair"),
        (lambda: gap_scores(SCORES, gaps={"own": "staff"}), ParameterError, "pair"),
        (lambda: gap_scores(SCORES), DataError, "expected"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(call, error, says):
    with pytest.raises(error, match=says) as caught:
        call()
    assert len(str(caught.value).splitlines()) == 3


def test_an_empty_category_and_a_group_of_one_keep_their_rows():
    groups = pd.Categorical(ANSWERS["role"], ["u", "t", "x"])
    found = index(ANSWERS.assign(role=groups), by="role")
    assert found["note"].tolist() == ["", "one answer", "no answers"]
    assert found["estimate"].isna().tolist() == [False, True, True]


def test_equal_answers_have_an_exact_index():
    row = index(ANSWERS.assign(overall=10, ideal=10)).loc[0]
    assert row[["estimate", "ci_low", "ci_high"]].tolist() == [100, 100, 100]


def test_one_unit_has_an_index_and_no_rival():
    result = composite(SCORES.iloc[:1])
    assert result.estimates["estimate"].tolist() == [57.5, 1, 1, 0]
    assert result.fit["note"].tolist() == ["", "no standard errors, or units do not differ"]


def test_equal_ratings_leave_agreement_undefined():
    found = agreement(RATINGS.assign(rating=3))
    assert found["estimate"].isna().all()
    assert (
        found["note"].tolist()
        == ["all ratings equal: agreement is undefined"] + ["all ratings equal"] * 6
    )


def test_one_subject_has_no_correlation():
    found = agreement(RATINGS[:2])
    assert found["note"].tolist()[1:] == ["one subject"] * 6


@pytest.mark.parametrize(
    "rated",
    [
        [[2, 5, 3], [1, 4, 4], [5, 1, 1], [5, 1, 3]],
        [[1, 2, 3], [3, 1, 2], [2, 3, 1]],
        [[1, 3], [2, 2]],
    ],
)
def test_raters_at_odds_never_have_a_mean_of_reliability_above_1(rated):
    rows = pd.DataFrame(rated).melt(ignore_index=False, var_name="rater", value_name="rating")
    found = agreement(
        rows.assign(rating=rows["rating"].astype(int)).rename_axis("firm").reset_index()
    )
    of_means = found[found["measure"].str.endswith("_k")]
    assert not (of_means[["estimate", "ci_low", "ci_high"]] > 1).any(axis=None)
    assert np.isfinite(of_means["estimate"].dropna()).all()
    lost = of_means["estimate"].isna()
    assert lost.any()
    assert of_means.loc[lost, "note"].str.startswith("raters agree less than by chance").all()


def test_two_rated_twice_give_alpha_without_an_interval():
    rows = pd.DataFrame({"shop": list("aabbc"), "visitor": [1, 2] * 2 + [1]})
    rows["rating"] = [1, 2, 4, 5, 3]
    alpha = rater_agreement(rows, subject="shop", rater="visitor", rating="rating").iloc[0]
    assert np.isfinite(alpha["estimate"])
    assert alpha[["std_error", "ci_low", "ci_high"]].isna().all()
    assert alpha["note"] == "fewer than three rated twice: no interval"


def test_raters_who_agree_to_the_last_point_correlate_at_1():
    found = agreement(RATINGS.assign(rating=[4, 4, 2, 2])).set_index("measure")
    assert (found["estimate"] == 1).all()
    assert found.loc["icc_1_1", ["ci_low", "ci_high"]].tolist() == [1, 1]
    assert found.loc["krippendorff_alpha", "note"] == "too little disagreement for an interval"


def test_thousands_of_raters_of_one_subject_each_take_no_table_of_their_own():
    random = np.random.default_rng(1)
    many = pd.DataFrame({"firm": np.repeat(np.arange(2000), 2), "rater": np.arange(4000)})
    many["rating"] = random.integers(1, 6, 4000)
    tracemalloc.start()
    agreement(many, level="nominal")
    agreement(many, level="interval")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The jackknife's 2000 × 2000 numbers take 32 MB, a table of subjects by raters 64 MB.
    assert peak < 250e6


def test_text_may_be_rated_at_the_nominal_level():
    found = agreement(RATINGS.assign(rating=list("xyzz")), level="nominal")
    assert found["measure"].tolist() == ["krippendorff_alpha"]


def test_a_firm_with_one_rater_has_an_interval_from_the_others():
    more = pd.concat(
        [
            RATINGS,
            pd.DataFrame({"firm": ["c"], "element": ["staff"], "rater": ["p"], "rating": [3]}),
        ]
    )
    pooled, own = elements(more).estimates, elements(more, spread="own")
    assert pooled["note"].tolist() == ["", "", "alone: spread from other units"]
    assert own.estimates["std_error"].isna().tolist() == [False, False, True]
    assert own.weakest["note"].tolist()[2] == "an element without ratings or spread"


def test_equal_raters_leave_the_weakest_element_without_doubt():
    both = pd.concat([RATINGS.assign(rating=3), RATINGS.assign(rating=2, element="style")])
    assert elements(both).weakest["estimate"].tolist() == [0, 1, 0, 1]


def test_equal_differences_have_no_test():
    row = gap_scores(SCORES.assign(more=SCORES["staff"] + 1), gaps={"g": ("more", "staff")}).loc[0]
    assert row[["estimate", "ci_low", "ci_high"]].tolist() == [1, 1, 1]
    assert np.isnan(row["p_value"])
    assert row["note"] == "all gaps are equal"


def test_differences_of_all_units_there_are_have_no_test():
    row = gap_scores(SCORES, gaps={"g": ("staff", "style")}, design=SurveyDesign(population=3))
    assert row.loc[0, ["estimate", "std_error"]].tolist() == [(5 - 25 + 30) / 3, 0]
    assert row.loc[0, ["statistic", "p_value"]].isna().all()
    assert row.loc[0, "note"].startswith("no sampling error is left")


def test_practices_all_in_place_leave_no_scalability():
    fit = maturity(AUDITS.assign(knows=1, plans=1)).fit
    assert fit["note"].tolist() == ["", "", "no practice differs between units"]
    assert fit["verdict"].tolist() == ["at least 0.9", "", ""]


def test_elements_of_the_frame_are_seven():
    assert len(set(SEVEN_S)) == 7


def test_draws_above_a_threshold_are_counted_not_computed_from_their_share():
    # 1/49 × 49 is not 1, so a share of the draws does not give the count back.
    rows = composite(concentration=2, thresholds=range(20, 70), n_draws=49, seed=1).estimates
    rows = rows[rows["measure"].str.startswith("above")]
    assert rows["numerator"].nunique() > 20
    np.testing.assert_allclose(rows["numerator"] / rows["denominator"], rows["estimate"])


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_blocks_do_not_change_the_draws(monkeypatch, size):
    options = {
        "concentration": 2,
        "normalization": ["min_max", "z"],
        "aggregation": ["geometric", "arithmetic"],
        "std_errors": {"staff": "error"},
        "n_draws": 50,
        "seed": 3,
    }
    whole = composite(**options)
    monkeypatch.setattr("custlib.survey.indices.recipe.BLOCK_CELLS", 4 * SCORES.size * size)
    parts = composite(**options)
    pd.testing.assert_frame_equal(whole.estimates, parts.estimates)
    pd.testing.assert_frame_equal(whole.sensitivity, parts.sensitivity)


def linear(coefficients, draws, seed):
    """Outputs of A, B and A with one factor from B, for y = sum of a x, x normal."""
    first, second = np.random.default_rng(seed).normal(size=(2, draws, len(coefficients)))
    swapped = []
    for at in range(len(coefficients)):
        mixed = first.copy()
        mixed[:, at] = second[:, at]
        swapped.append(mixed @ coefficients[:, None])
    return first @ coefficients[:, None], second @ coefficients[:, None], swapped


def test_sobol_shares_of_a_linear_model_are_its_squared_coefficients():
    coefficients = np.array([1.0, 2.0, 3.0])
    shares, errors = sobol_shares(*linear(coefficients, 40000, seed=1))
    expected = coefficients**2 / (coefficients**2).sum()
    assert (np.abs(shares - expected[:, None]) < 4 * errors).all()
    assert errors.max() < 0.02


def test_sobol_shares_are_those_of_scipy():
    first, second, swapped = linear(np.array([1.0, 2.0]), 1024, seed=2)
    shares, _ = sobol_shares(first, second, swapped)
    given = {"f_A": first.T, "f_B": second.T, "f_AB": np.stack([one.T for one in swapped])}
    scipy = stats.sobol_indices(func=given, n=1024)
    # scipy takes the variance about the mean of both samples together, as is done here.
    np.testing.assert_allclose(shares[:, 1], scipy.total_order.ravel(), rtol=1e-3)
    np.testing.assert_allclose(shares[:, 0], scipy.first_order.ravel(), atol=0.02)


def test_the_errors_of_sobol_shares_are_their_spread_over_repetitions():
    runs = [sobol_shares(*linear(np.array([1.0, 2.0]), 500, seed)) for seed in range(400)]
    spread = np.std([shares for shares, _ in runs], axis=0, ddof=1)
    np.testing.assert_allclose(np.mean([errors for _, errors in runs], axis=0), spread, rtol=0.15)


def test_certain_factors_are_not_drawn():
    recipe = Recipe(
        np.ones((2, 1)),
        np.ones(1),
        None,
        ("min_max",),
        ("arithmetic",),
        None,
        np.full(2, np.inf),
        np.eye(1),
    )
    assert recipe.uncertain == []
