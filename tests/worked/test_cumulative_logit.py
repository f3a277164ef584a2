"""Cumulative logits with closed forms: odds ratios of tables, logits of cumulated shares."""

import math

import numpy as np
import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey.ordinal.model import cumulative_logit

cells = table(
    """
    role     | happy | people
    ---------+-------+-------
    end_user |     0 |     30
    end_user |     1 |     10
    trader   |     0 |     20
    trader   |     1 |     40
    """
)


def logit(share):
    return math.log(share / (1 - share))


def fitted(model):
    return model.fit.set_index("measure")["estimate"]


def test_two_answers_and_two_groups_give_the_odds_ratio_of_the_table():
    model = cumulative_logit(cells, items=["happy"], terms=["role"], weight="people")
    row = model.estimates.iloc[0]
    assert row["term"] == "role: trader"
    assert row["effect"] == pytest.approx(30 * 40 / (10 * 20))
    assert row["std_error"] == pytest.approx(math.sqrt(1 / 30 + 1 / 10 + 1 / 20 + 1 / 40))
    assert row["n"] == 100
    threshold = model.thresholds.iloc[0]
    assert threshold["term"] == "0|1"
    assert threshold["estimate"] == pytest.approx(logit(30 / 40))


def test_the_interval_of_the_odds_ratio_is_the_interval_of_its_logarithm():
    row = cumulative_logit(
        cells, items=["happy"], terms=["role"], weight="people", conf_level=0.9
    ).estimates.iloc[0]
    half = 1.6448536269514722 * row["std_error"]
    assert row["ci_high"] - row["estimate"] == pytest.approx(half)
    assert row["effect_low"] == pytest.approx(math.exp(row["estimate"] - half))


def test_the_likelihood_ratio_of_the_only_term_is_that_of_the_table():
    model = cumulative_logit(cells, items=["happy"], terms=["role"], weight="people")
    counts = np.array([[30, 10], [20, 40]])
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / 100
    test = model.tests.iloc[0]
    assert test["statistic"] == pytest.approx(2 * (counts * np.log(counts / expected)).sum())
    assert test["df"] == 1
    null = 50 * math.log(0.5) + 50 * math.log(0.5)
    assert fitted(model)["null log-likelihood"] == pytest.approx(null)
    assert fitted(model)["McFadden R2"] == pytest.approx(test["statistic"] / 2 / -null)


def test_groups_shifted_along_the_scale_have_parallel_slopes():
    # Logits of the cumulated shares: end users logit(.2), logit(.8); traders both lower by 1.
    shifted = [1 / (1 + math.exp(-(logit(share) - 1))) for share in (0.2, 0.8)]
    shares = [0.2, 0.6, 0.2, shifted[0], shifted[1] - shifted[0], 1 - shifted[1]]
    people = [round(share * 1e9) for share in shares]
    answers = table(
        """
        role     | rating
        ---------+-------
        end_user |      1
        end_user |      2
        end_user |      3
        trader   |      1
        trader   |      2
        trader   |      3
        """
    ).assign(people=people)
    model = cumulative_logit(answers, items=["rating"], terms=["role"], weight="people")
    assert model.estimates["estimate"][0] == pytest.approx(1, abs=1e-7)
    assert model.thresholds["estimate"].tolist() == pytest.approx(
        [logit(0.2), logit(0.8)], abs=1e-7
    )
    parallel = model.tests.set_index("measure").loc["parallel slopes"]
    assert parallel["statistic"] == pytest.approx(0, abs=1e-3)
    assert parallel["df"] == 1


def test_free_slopes_of_a_single_group_variable_fit_the_table_exactly():
    answers = table(
        """
        role     | rating | people
        ---------+--------+-------
        end_user |      1 |     10
        end_user |      2 |     20
        end_user |      3 |     30
        trader   |      1 |     25
        trader   |      2 |      5
        trader   |      3 |     30
        """
    )
    model = cumulative_logit(answers, items=["rating"], terms=["role"], weight="people")
    counts = np.array([[10, 20, 30], [25, 5, 30]])
    saturated = (counts * np.log(counts / counts.sum(axis=1, keepdims=True))).sum()
    parallel = model.tests.set_index("measure").loc["parallel slopes"]
    expected = 2 * (saturated - fitted(model)["log-likelihood"])
    assert parallel["statistic"] == pytest.approx(expected)


def test_under_a_design_the_log_odds_have_the_linearized_error_of_the_two_shares():
    answers = table(
        """
        role     | happy | firm | weight
        ---------+-------+------+-------
        end_user |     0 |    a |      1
        end_user |     1 |    a |      2
        end_user |     0 |    b |      1
        end_user |     1 |    c |      1
        trader   |     0 |    b |      2
        trader   |     1 |    b |      1
        trader   |     1 |    d |      1
        trader   |     0 |    e |      1
        """
    )
    design = SurveyDesign(weight="weight", cluster="firm")
    row = cumulative_logit(answers, items=["happy"], terms=["role"], design=design).estimates.iloc[
        0
    ]
    first, second = 3 / 5, 2 / 5
    assert row["estimate"] == pytest.approx(logit(second) - logit(first))
    # Residuals w (y − p) / (sum w · p (1 − p)), end users with a minus, summed by firm.
    u = np.array([-first, 2 * (1 - first), -first, 1 - first]) / (5 * first * (1 - first))
    t = np.array([-2 * second, 1 - second, 1 - second, -second]) / (5 * second * (1 - second))
    firms = np.array([-u[0] - u[1], -u[2] + t[0] + t[1], -u[3], t[2], t[3]])
    assert row["std_error"] == pytest.approx(math.sqrt(5 / 4 * (firms**2).sum()))
    assert row["df"] == 5 - 1 - 1


def test_probabilities_add_up_and_follow_the_thresholds():
    model = cumulative_logit(cells, items=["happy"], terms=["role"], weight="people")
    found = model.predict(cells[["role"]].drop_duplicates())
    assert found["role"].tolist() == ["end_user", "end_user", "trader", "trader"]
    assert found["answer"].tolist() == [0, 1, 0, 1]
    assert found["estimate"].tolist() == pytest.approx([30 / 40, 10 / 40, 20 / 60, 40 / 60])
