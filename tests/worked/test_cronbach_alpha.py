"""Alpha, its items and omega by hand: variances, sums, correlations of a few answers."""

import math

import pandas as pd
import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey.reliability.consistency import cronbach_alpha, item_statistics
from custlib.survey.reliability.one_factor import mcdonald_omega

answers = table(
    """
    firm | fast | kind | clear | weight
    -----+------+------+-------+-------
    a    |    1 |    2 |     1 |      1
    a    |    2 |    2 |     3 |      1
    b    |    3 |    4 |     3 |      2
    c    |    4 |    4 |     5 |      1
    """
)
ITEMS = ["fast", "kind", "clear"]


def by_measure(result, column="estimate"):
    return dict(zip(result["measure"], result[column], strict=True))


def of_item(item, **options):
    found = item_statistics(answers, items=ITEMS, **options)
    return by_measure(found[found["item"] == item])


def test_alpha_compares_the_items_variances_with_that_of_their_sum():
    # Squared deviations: fast 5, kind 4, clear 8, each over 3; sums 4, 7, 10, 13: 45 over 3.
    found = by_measure(cronbach_alpha(answers, items=ITEMS))
    assert found["alpha"] == pytest.approx(3 / 2 * (1 - (5 / 3 + 4 / 3 + 8 / 3) / (45 / 3)))


def test_the_standardized_alpha_rests_on_the_mean_correlation():
    # Sums of products: fast with kind 4, fast with clear 6, kind with clear 4.
    pairs = [4 / math.sqrt(5 * 4), 6 / math.sqrt(5 * 8), 4 / math.sqrt(4 * 8)]
    mean = sum(pairs) / 3
    found = by_measure(cronbach_alpha(answers, items=ITEMS))
    assert found["mean_correlation"] == pytest.approx(mean)
    assert found["median_correlation"] == pytest.approx(sorted(pairs)[1])
    assert found["standardized_alpha"] == pytest.approx(3 * mean / (1 + 2 * mean))


def test_lambda_6_of_two_items_rests_on_their_squared_correlation():
    r = 4 / math.sqrt(5 * 4)
    found = by_measure(cronbach_alpha(answers, items=["fast", "kind"]))
    assert found["lambda_6"] == pytest.approx(1 - 2 * (1 - r**2) / (2 + 2 * r))


def test_a_weight_of_two_counts_an_answer_twice_in_the_estimate():
    twice = pd.concat([answers, answers.iloc[[2]]])
    weighted = cronbach_alpha(
        answers,
        items=ITEMS,
        design=SurveyDesign(weight="weight"),
        interval="bootstrap",
        n_boot=2,
        seed=1,
    )
    expected = by_measure(cronbach_alpha(twice, items=ITEMS))
    assert by_measure(weighted) == pytest.approx(expected, nan_ok=True)
    assert weighted["n"].tolist() == [4] * 5


def test_an_item_with_the_sum_of_the_others():
    # kind + clear: 3, 5, 7, 9, deviations -3, -1, 1, 3; fast: -1.5, -.5, .5, 1.5.
    products, squares = 4.5 + 0.5 + 0.5 + 4.5, 9 + 1 + 1 + 9
    found = of_item("fast")
    assert found["item_rest"] == pytest.approx(products / math.sqrt(5 * squares))
    # With fast + kind + clear: deviations -4.5, -1.5, 1.5, 4.5.
    assert found["item_total"] == pytest.approx((6.75 + 0.75) * 2 / math.sqrt(5 * 45))
    assert found["mean"] == 2.5
    assert found["standard_deviation"] == pytest.approx(math.sqrt(5 / 3))


def test_alpha_without_an_item_is_that_of_the_others():
    # Without fast: variances 4/3 and 8/3, sums 3, 5, 7, 9 with variance 20/3.
    assert of_item("fast")["alpha_if_dropped"] == pytest.approx(2 * (1 - (4 + 8) / 20))


def test_a_respondent_without_an_answer_is_not_counted():
    gappy = pd.concat([answers, answers.iloc[[0]].assign(clear=None)], ignore_index=True)
    found = cronbach_alpha(gappy, items=ITEMS)
    assert set(found["n"]) == {4}
    assert set(found["n_missing"]) == {1}
    whole = cronbach_alpha(answers, items=ITEMS)
    assert by_measure(found, "ci_low")["alpha"] == by_measure(whole, "ci_low")["alpha"]


def test_omega_of_three_items_follows_from_their_three_correlations():
    # One factor fits three correlations of .42, .48 and .56 exactly: loadings .6, .7, .8.
    square = table(
        """
        a | b | c
        --+---+--
        1 | 1 | 1
        1 | 1 | 0
        1 | 0 | 1
        0 | 1 | 1
        0 | 0 | 0
        0 | 0 | 1
        0 | 1 | 0
        1 | 0 | 0
        """
    )
    square["weight"] = [
        (1 + sign_a * 0.42 + sign_b * 0.48 + sign_c * 0.56) / 8
        for sign_a, sign_b, sign_c in [
            (1, 1, 1),
            (1, -1, -1),
            (-1, 1, -1),
            (-1, -1, 1),
            (1, 1, 1),
            (1, -1, -1),
            (-1, 1, -1),
            (-1, -1, 1),
        ]
    ]
    for extraction in ("ml", "minres"):
        found = mcdonald_omega(
            square, items=list("abc"), design=SurveyDesign(weight="weight"), extraction=extraction
        )
        loadings = found[found["measure"] == "loading"].set_index("item")["estimate"].to_dict()
        assert loadings == pytest.approx({"a": 0.6, "b": 0.7, "c": 0.8}, abs=1e-5)
        omega = by_measure(found)["omega"]
        assert omega == pytest.approx(2.1**2 / (2.1**2 + 0.64 + 0.51 + 0.36), abs=1e-5)
