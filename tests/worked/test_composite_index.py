"""Composite index: arithmetic of the certain parts, closed forms of the uncertain ones."""

import math

import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.survey import composite_index

scores = table(
    """
    firm | staff | style | skills | staff_error | style_error
    -----+-------+-------+--------+-------------+------------
    a    |    80 |    60 |     40 |           4 |           3
    b    |    50 |    70 |     90 |           4 |           3
    c    |    20 |    50 |     50 |           4 |           3
    """
)
THREE = ["staff", "style", "skills"]
WEIGHTS = {"staff": 2, "style": 1, "skills": 1}


def made(indicators=THREE, rows=scores, **options):
    return composite_index(rows, unit="firm", indicators=indicators, **options)


def of(result, measure, column="estimate"):
    rows = result.estimates[result.estimates["measure"] == measure]
    return dict(zip(rows["firm"], rows[column], strict=True))


def test_nothing_uncertain_gives_the_exact_index_and_rank():
    result = made(weights=WEIGHTS)
    assert of(result, "index") == {
        "a": pytest.approx((2 * 80 + 60 + 40) / 4),
        "b": pytest.approx((2 * 50 + 70 + 90) / 4),
        "c": pytest.approx((2 * 20 + 50 + 50) / 4),
    }
    assert of(result, "index", "ci_low") == of(result, "index", "ci_high")
    assert of(result, "rank") == {"a": 1.5, "b": 1.5, "c": 3}
    assert of(result, "above 55") == {"a": 1, "b": 1, "c": 0}
    assert result.sensitivity.empty
    assert all(math.isnan(level) for level in of(result, "above 55", "conf_level").values())


def test_geometric_means_multiply():
    found = of(made(weights=WEIGHTS, aggregation="geometric"), "index")
    assert found["a"] == pytest.approx((80**2 * 60 * 40) ** 0.25)


@pytest.mark.parametrize("aggregation", ["arithmetic", "geometric"])
@pytest.mark.parametrize("mark", [55, 200 / 3])
def test_an_index_at_a_threshold_is_not_above_it(aggregation, mark):
    # The square root of 55 squared is 55, though not to the last digit.
    rows = pd.DataFrame({"firm": ["a"], "staff": [mark], "style": [mark]})
    result = made(THREE[:2], rows, aggregation=aggregation, thresholds=[mark, mark - 1e-6])
    chances = result.estimates["estimate"].tolist()
    assert chances == [pytest.approx(mark), 1, 0, 1]


def test_a_geometric_mean_takes_scores_below_1_for_1_and_says_so():
    zero = scores.assign(staff=[0, 50, 20])
    result = made(rows=zero, aggregation="geometric")
    assert of(result, "index")["a"] == pytest.approx((1 * 60 * 40) ** (1 / 3))
    assert of(result, "index", "note")["a"] == "a score below 1 counts as 1 in geometric means"
    assert of(result, "index", "note")["b"] == ""


def test_observed_bounds_stretch_each_indicator():
    found = of(made(["staff", "skills"], bounds="observed"), "index")
    assert found == {"a": (100 + 0) / 2, "b": (50 + 100) / 2, "c": (0 + 20) / 2}


def test_bounds_in_reverse_turn_an_indicator():
    found = of(made(["staff", "style"], bounds={"staff": (100, 0), "style": (50, 70)}), "index")
    assert found == {"a": (20 + 50) / 2, "b": (50 + 100) / 2, "c": (80 + 0) / 2}


def test_z_scores_come_back_with_the_common_mean_and_spread():
    # staff 80, 50, 20: mean 50, sd 30; style 60, 70, 50: mean 60, sd 10; together 55 and
    # sqrt((900 + 100) / 2).
    common = math.sqrt(500)
    found = of(made(["staff", "style"], normalization="z"), "index")
    assert found["a"] == pytest.approx(55 + common * (1 + 0) / 2)
    assert found["b"] == pytest.approx(55 + common * (0 + 1) / 2)
    assert found["c"] == pytest.approx(55 + common * (-1 - 1) / 2)


def test_sampling_errors_make_a_normal_index():
    errors = {"staff": "staff_error", "style": "style_error"}
    related = pd.DataFrame([[1, 0.5], [0.5, 1]], ["staff", "style"], ["staff", "style"])
    for correlation, spread in [
        (None, math.sqrt(16 + 9) / 2),
        (related, math.sqrt(16 + 9 + 2 * 0.5 * 4 * 3) / 2),
    ]:
        result = made(
            ["staff", "style"],
            std_errors=errors,
            error_correlation=correlation,
            n_draws=40000,
            seed=1,
            thresholds=(72,),
        )
        assert of(result, "index", "std_error")["a"] == pytest.approx(spread, rel=0.02)
        chance = stats.norm.sf(72, 70, spread)
        error = of(result, "above 72", "monte_carlo_error")["a"]
        assert of(result, "above 72")["a"] == pytest.approx(chance, abs=4 * error)
        fit = result.fit.set_index("measure")["estimate"]
        between = stats.tvar([70, 60, 35])
        assert fit["reliability"] == pytest.approx(1 - spread**2 / between, rel=0.01)


def test_uncertain_weights_vary_as_dirichlet_shares_do():
    # Two weights, Dirichlet(1, 1): the first is uniform on 0–1, so the index of a is uniform
    # between 60 and 80.
    result = made(["staff", "style"], concentration=2, n_draws=40000, seed=1)
    assert of(result, "index")["a"] == 70
    assert of(result, "index", "ci_low")["a"] == pytest.approx(60.5, abs=0.1)
    assert of(result, "index", "ci_high")["a"] == pytest.approx(79.5, abs=0.1)
    assert of(result, "index", "std_error")["a"] == pytest.approx(20 / math.sqrt(12), rel=0.02)


def test_the_index_is_shared_between_weights_and_errors_as_the_product_says():
    # Index = w x + (1 - w) y = y + w (x - y), w uniform, x and y normal with errors 4 and 3, all
    # independent. Per unit: V(E|weights) = (mean x - mean y)² / 12; V(E|scores) = (16 + 9) / 4;
    # both together: V(w) V(x - y) = 25 / 12. Differences of the means are 20, -20, -30.
    weights, errors, both = (400 + 400 + 900) / 12, 3 * 25 / 4, 3 * 25 / 12
    total = weights + errors + both
    result = made(
        ["staff", "style"],
        concentration=2,
        std_errors={"staff": "staff_error", "style": "style_error"},
        n_draws=40000,
        seed=1,
    )
    found = result.sensitivity[result.sensitivity["outcome"] == "index"]
    found = found.set_index(["term", "measure"])
    for term, expected in {
        ("weights", "first_order"): weights / total,
        ("weights", "total"): (weights + both) / total,
        ("scores", "first_order"): errors / total,
        ("scores", "total"): (errors + both) / total,
    }.items():
        row = found.loc[term]
        assert row["estimate"] == pytest.approx(expected, abs=4 * row["monte_carlo_error"])
        assert row["monte_carlo_error"] < 0.02


def test_the_mean_shift_in_rank_is_the_chance_that_two_units_change_places():
    two = pd.DataFrame({"firm": ["a", "b"], "staff": [60, 40], "style": [45, 60]})
    result = made(["staff", "style"], rows=two, concentration=2, n_draws=20000, seed=1)
    row = result.fit.set_index("measure").loc["rank_shift"]
    # Equal weights put a first: 52.5 to 50. It leads where 20 w > 15 (1 - w), w being uniform;
    # below w = 3/7 both shift by one rank.
    assert row["estimate"] == pytest.approx(3 / 7, abs=4 * row["monte_carlo_error"])


def test_a_unit_without_a_score_keeps_its_rows():
    result = made(rows=scores.assign(style=[60, None, 50]), bounds="observed")
    assert of(result, "index", "note")["b"] == "an indicator is missing"
    assert of(result, "index", "n_missing") == {"a": 0, "b": 1, "c": 0}
    assert math.isnan(of(result, "rank")["b"])
    # Observed bounds and ranks are those of the units used.
    assert of(result, "rank") == pytest.approx({"a": 1, "b": math.nan, "c": 2}, nan_ok=True)
