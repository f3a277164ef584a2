"""Element scores: means over raters, spread pooled or own, and the weakest of two by t."""

import math

import pytest
from scipy import stats
from table import table

from custlib.survey import element_scores

# Rater p answers two statements on staff.
ratings = table(
    """
    firm | rater | element | rating
    -----+-------+---------+-------
    a    | p     | staff   |      4
    a    | p     | staff   |      5
    a    | q     | staff   |      3
    a    | r     | staff   |      3
    a    | p     | style   |      4
    a    | q     | style   |      2
    a    | r     | style   |      3
    b    | p     | staff   |      2
    b    | s     | staff   |      4
    b    | p     | style   |      1
    b    | s     | style   |
    """
)
ROLES = {"unit": "firm", "element": "element", "rater": "rater", "rating": "rating"}
# Scores of the raters, 0–100.
STAFF_A, STYLE_A = [87.5, 50, 50], [75, 25, 50]


def found(rows=ratings, **options):
    return element_scores(rows, **ROLES, scale=(1, 5), **({"seed": 1, "n_draws": 20000} | options))


def variance(values):
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def rows_of(table):
    return table.set_index([table.columns[0], "dimension"])


def test_ratings_of_one_rater_are_averaged_before_raters_are():
    score = rows_of(found().estimates)["estimate"]
    assert score["a", "staff"] == pytest.approx((87.5 + 50 + 50) / 3)
    assert score["b", "staff"] == pytest.approx((25 + 75) / 2)
    assert score["b", "style"] == 0


def test_own_spread_is_that_of_the_units_raters():
    row = rows_of(found(spread="own").estimates).loc[("a", "staff")]
    error = math.sqrt(variance(STAFF_A) / 3)
    assert row["std_error"] == pytest.approx(error)
    assert row["df"] == 2
    assert row["ci_low"] == pytest.approx(sum(STAFF_A) / 3 - 4.302653 * error)
    assert rows_of(found(spread="own").estimates)["note"]["b", "style"] == (
        "a single one has no spread"
    )


def test_pooled_spread_is_one_for_all_units():
    score = rows_of(found().estimates)
    pooled = (2 * variance(STAFF_A) + 1 * variance([25, 75])) / 3
    assert score["std_error"]["a", "staff"] == pytest.approx(math.sqrt(pooled / 3))
    assert score["std_error"]["b", "staff"] == pytest.approx(math.sqrt(pooled / 2))
    assert score["df"]["b", "staff"] == 3
    # Style has a spread in firm a alone, and a single rater in b.
    alone = score.loc[("b", "style")]
    assert alone["std_error"] == pytest.approx(math.sqrt(variance(STYLE_A)))
    assert alone[["n", "n_missing"]].tolist() == [1, 1]
    assert alone["note"] == "alone: spread from other units"


def test_errors_correlate_as_raters_deviations_do():
    # Complete raters: three in a (deviations 25, -12.5, -12.5 and 25, -25, 0), p in b (-25 and 0).
    products = 25 * 25 + 12.5 * 25
    squares = (25**2 + 2 * 12.5**2 + 25**2) * (25**2 + 25**2)
    correlation = found().error_correlation.loc["staff", "style"]
    assert correlation == pytest.approx(products / math.sqrt(squares))


def test_the_weaker_of_two_by_the_t_distribution_of_their_difference():
    whole = ratings[ratings["firm"] == "a"]
    result = found(whole, spread="own")
    r = (25 * 25 + 12.5 * 25) / math.sqrt((25**2 + 2 * 12.5**2) * (25**2 + 25**2))
    errors = [math.sqrt(variance(values) / 3) for values in (STAFF_A, STYLE_A)]
    spread = math.sqrt(errors[0] ** 2 + errors[1] ** 2 - 2 * r * errors[0] * errors[1])
    chance = stats.t.cdf((sum(STAFF_A) - sum(STYLE_A)) / 3 / spread, 2)
    row = result.weakest.set_index("dimension").loc["style"]
    assert row["estimate"] == pytest.approx(chance, abs=4 * row["monte_carlo_error"])
    assert result.weakest["estimate"].sum() == pytest.approx(1)


def test_the_profile_counts_units_alike():
    profile = found().profile.set_index(["measure", "dimension"]).loc["score"]
    staff = [sum(STAFF_A) / 3, 50]
    assert profile["estimate"]["staff"] == pytest.approx(sum(staff) / 2)
    assert profile["std_error"]["staff"] == pytest.approx(math.sqrt(variance(staff) / 2))
    assert profile["n"].tolist() == [2, 2]
