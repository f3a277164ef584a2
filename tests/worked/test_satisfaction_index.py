"""Satisfaction index and customer effort score, by arithmetic."""

import math

import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey import customer_effort_score, satisfaction_index

answers = table(
    """
    firm | market | overall | expected | ideal | weight
    -----+--------+---------+----------+-------+-------
    a    | home   |      10 |        8 |     9 |      1
    a    | home   |       7 |        7 |     5 |      1
    b    | home   |       4 |        6 |     4 |      2
    c    | abroad |       9 |        9 |     9 |      1
    d    | abroad |       5 |          |     7 |      1
    """
)
ITEMS = ["overall", "expected", "ideal"]


def index(rows=answers, **options):
    return satisfaction_index(rows, items=ITEMS, scale=(1, 10), **options)


def test_weighted_means_less_their_lowest_over_their_range():
    weights = {"overall": 0.5, "expected": 0.3, "ideal": 0.2}
    means = 35 / 5 * 0.5 + 30 / 4 * 0.3 + 34 / 5 * 0.2
    found = index(weights=weights).loc[0]
    assert found["estimate"] == pytest.approx(100 * (means - 1) / 9)
    # 5 answered overall and ideal, 4 expected.
    assert found[["n", "n_missing"]].tolist() == [4, 1]


def test_only_the_proportions_of_weights_matter():
    one = index(weights={"overall": 5, "expected": 3, "ideal": 2})["estimate"][0]
    other = index(weights={"ideal": 0.2, "overall": 0.5, "expected": 0.3})["estimate"][0]
    assert one == pytest.approx(other)


def test_complete_answers_have_the_interval_of_each_respondents_own_index():
    home = answers[answers["market"] == "home"]
    own = [100 * (9 - 1) / 9, 100 * (19 / 3 - 1) / 9, 100 * (14 / 3 - 1) / 9]
    mean = sum(own) / 3
    variance = sum((value - mean) ** 2 for value in own) / 2 / 3
    found = index(home).loc[0]
    assert found["estimate"] == pytest.approx(mean)
    assert found["std_error"] == pytest.approx(math.sqrt(variance))
    assert found["df"] == 2
    # The t quantile at 2 degrees of freedom is 4.30265.
    assert found["ci_high"] == pytest.approx(mean + 4.302653 * math.sqrt(variance))


def test_weights_and_firms_enter_through_the_design():
    home = answers[answers["market"] == "home"]
    own = [800 / 9, 100 * 16 / 27, 100 * 11 / 27]
    mean = (own[0] + own[1] + 2 * own[2]) / 4
    firms = [(own[0] - mean + own[1] - mean) / 4, 2 * (own[2] - mean) / 4]
    found = index(home, design=SurveyDesign(weight="weight", cluster="firm")).loc[0]
    assert found["estimate"] == pytest.approx(mean)
    assert found["std_error"] == pytest.approx(math.sqrt(2 * sum(value**2 for value in firms)))


def test_groups_in_order_and_a_group_without_answers_to_an_item():
    found = index(by="market")
    assert found["market"].tolist() == ["home", "abroad"]
    assert found["note"].tolist() == ["", "one answer"]
    assert math.isnan(found["estimate"][1])


def test_items_on_unlike_scales_count_by_their_range():
    scale = {"overall": (1, 10), "ideal": (1, 9)}
    found = satisfaction_index(answers, items=list(scale), scale=scale)["estimate"][0]
    assert found == pytest.approx(100 * (35 / 5 + 34 / 5 - 2) / (9 + 8))


effort = table(
    """
    channel | easy | hard
    --------+------+-----
    shop    |    7 |    1
    shop    |    5 |    2
    shop    |    4 |    3
    phone   |    2 |    5
    phone   |    6 |    2
    phone   |      |    4
    """
)


def test_answers_beyond_the_midpoint_are_low_effort():
    found = customer_effort_score(effort, item="easy", scale=(1, 7), by="channel")
    shop, phone = (
        found[found["channel"] == name].set_index("measure") for name in ["shop", "phone"]
    )
    assert shop.loc["mean", "estimate"] == pytest.approx(16 / 3)
    assert shop.loc["low_effort", "estimate"] == pytest.approx(2 / 3)  # 7 and 5; 4 is the midpoint
    assert phone.loc["low_effort", ["numerator", "denominator", "n_missing"]].tolist() == [1, 2, 1]


def test_where_low_answers_mean_little_effort_the_mean_stays_as_asked():
    found = customer_effort_score(effort, item="hard", scale=(1, 5), easy="low")
    found = found.set_index("measure")
    assert found.loc["mean", "estimate"] == pytest.approx(17 / 6)
    assert found.loc["low_effort", "estimate"] == pytest.approx(3 / 6)  # 1, 2 and 2
    half = 17 / 6 - found.loc["mean", "ci_low"]
    assert found.loc["mean", "ci_high"] - 17 / 6 == pytest.approx(half)
    variance = sum((value - 17 / 6) ** 2 for value in [1, 2, 3, 5, 2, 4]) / 5 / 6
    assert half == pytest.approx(2.570582 * math.sqrt(variance))  # t quantile at 5 df
