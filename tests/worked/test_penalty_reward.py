"""Penalty and reward: the outcome after low and after high answers, less that after others."""

import numpy as np
import pytest
from table import table

from custlib.survey.contrast import penalty_reward

answers = table(
    """
    firm | speed | overall
    -----+-------+--------
    a    |     1 |       2
    b    |     2 |       3
    c    |     3 |       4
    d    |     4 |       5
    e    |     3 |       3
    f    |     5 |       4
    g    |     5 |       5
    h    |     5 |       6
    """
)


def explain(responses, **options):
    asked = {"outcome": "overall", "items": ["speed"], "scale": (1, 5)} | options
    return penalty_reward(responses, **asked)


def measures(found):
    return dict(zip(found.estimates["measure"], found.estimates["estimate"], strict=True))


LOW, MIDDLE, HIGH = (2 + 3) / 2, (4 + 5 + 3) / 3, (4 + 5 + 6) / 3


def test_one_item_gives_differences_of_means():
    found = measures(explain(answers))
    assert found["penalty"] == pytest.approx(LOW - MIDDLE)
    assert found["reward"] == pytest.approx(HIGH - MIDDLE)
    assert found["range"] == pytest.approx(HIGH - LOW)


def test_asymmetry_is_reward_share_less_penalty_share():
    penalty, reward = MIDDLE - LOW, HIGH - MIDDLE
    expected = reward / (penalty + reward) - penalty / (penalty + reward)
    assert measures(explain(answers))["asymmetry"] == pytest.approx(expected)


def test_a_class_is_judged_by_what_a_straight_line_would_give():
    # Mean answers: low 3/2, middle 10/3, high 5. Per scale point the effects of a line are alike.
    penalty, reward = (MIDDLE - LOW) / (10 / 3 - 3 / 2), (HIGH - MIDDLE) / (5 - 10 / 3)
    expected = (reward - penalty) / (reward + penalty)
    row = explain(answers).classes.loc[0]
    assert row["measure"] == "asymmetry_beyond_line"
    assert row["estimate"] == pytest.approx(expected)


def test_a_line_is_no_basic_factor_though_its_penalty_is_the_larger():
    # Most are content: mean answers 3/2, 26/7 and 5 lie 31/14 and 9/7 apart.
    skewed = table(
        """
        speed | people
        ------+-------
        1     |      2
        2     |      2
        3     |      4
        4     |     10
        5     |      8
        """
    )
    people = skewed.loc[skewed.index.repeat(50 * skewed["people"])].reset_index(drop=True)
    people["overall"] = people["speed"] / 2 + 0.02 * (-1.0) ** people.index
    found = explain(people)
    assert measures(found)["penalty"] == pytest.approx(-31 / 28)
    assert measures(found)["reward"] == pytest.approx(9 / 14)
    assert measures(found)["asymmetry"] == pytest.approx((9 / 7 - 31 / 14) / (9 / 7 + 31 / 14))
    row = found.classes.loc[0]
    assert row["estimate"] == pytest.approx(0, abs=1e-12)
    assert row["verdict"] == "performance"


def test_the_standard_error_is_that_of_the_sandwich():
    # Residuals of low: -.5 .5; of the middle: 0 1 -1; of high: -1 0 1. Variance of a mean:
    # sum of squares / count², and n/(n - 1) for the design.
    low, high = 0.5 / 2**2, 2 / 3**2
    rows = explain(answers).estimates.set_index("measure")
    assert rows.loc["range", "std_error"] == pytest.approx(np.sqrt((low + high) * 8 / 7))
    assert rows.loc["range", "df"] == 8 - 1 + 1 - 3


def test_r_squared_is_the_share_of_squares_explained():
    overall = answers["overall"]
    unexplained = 0.5 + 2 + 2
    expected = 1 - unexplained / ((overall - overall.mean()) ** 2).sum()
    assert explain(answers).fit.loc[0, "estimate"] == pytest.approx(expected)


def test_the_boxes_can_be_moved():
    # Low: only the answer 1; high: 4 and 5.
    found = explain(answers, low_box=1, top_box=2)
    between = (3 + 4 + 3) / 3
    assert measures(found)["penalty"] == pytest.approx(2 - between)
    assert measures(found)["reward"] == pytest.approx((5 + 4 + 5 + 6) / 4 - between)
    counted = found.estimates.query("measure in ('penalty', 'reward')")
    assert counted["numerator"].tolist() == [1, 4]


def test_unanswered_rows_are_counted_and_left_out():
    found = explain(answers.assign(overall=answers["overall"].where(answers["firm"] != "a")))
    assert measures(found)["penalty"] == pytest.approx(3 - MIDDLE)
    assert found.fit.loc[0, ["n", "n_missing"]].tolist() == [7, 1]


def test_a_reversed_sign_counts_as_no_effect_and_is_told():
    turned = answers.assign(overall=[4, 5, 4, 5, 3, 6, 7, 8])  # low 4.5, middle 4, high 7
    row = explain(turned).classes.loc[0]
    assert row["estimate"] == 1
    assert row["note"] == "penalty: sign reversed"


@pytest.mark.parametrize(
    "gain, loss, verdict",
    [(0, 3, "basic"), (3, 0, "excitement"), (3, 4, "performance"), (0, 0, "no clear impact")],
)
def test_the_classes(gain, loss, verdict):
    # The boxes lie 2 and 3/2 apart, so that 4 and 3 are 2 per scale point each.
    several = table(
        """
        speed | noise
        ------+------
        1     |  0.1
        1     | -0.1
        2     |  0.2
        2     | -0.2
        3     |  0.2
        3     | -0.2
        4     |  0.1
        4     | -0.1
        5     |  0.2
        5     | -0.2
        5     |  0.1
        5     | -0.1
        """
    )
    high, low = several["speed"] == 5, several["speed"] <= 2
    overall = 5 + gain * high - loss * low + several["noise"]
    assert explain(several.assign(overall=overall)).classes.loc[0, "verdict"] == verdict


def test_a_wide_interval_leaves_the_class_undecided():
    noisy = answers.assign(overall=[1, 5, 4, 7, 4, 5, 9, 8])  # low 3, middle 5, high 22/3
    row = explain(noisy, conf_level=0.9).classes.loc[0]
    penalty, reward = 2 / (11 / 6), (7 / 3) / (5 / 3)
    assert row["estimate"] == pytest.approx((reward - penalty) / (reward + penalty))
    # Within ±cut is the estimate, but not the interval.
    assert abs(row["estimate"]) < 0.2 < row["ci_high"]
    assert row["verdict"] == "undecided"
