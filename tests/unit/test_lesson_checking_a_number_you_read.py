"""Lesson 6: keys against arithmetic and published numbers, every mistake told, and the slider."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib.lessons import checking_a_number_you_read as lesson
from custlib.lessons.exercise import Given


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def small():
    """Numbers for which every answer is arithmetic, or stands in a paper."""
    asked, satisfied = [80, 70], [48, 56]
    people = {"attempts": [1, 2, 3, 4], "outcome": ["found", "found", "gave_up", "gave_up"]}
    return Given(
        base=20,
        exits=pd.DataFrame({"reason": ["staff", "price", None, None, "staff"]}),
        published=pd.DataFrame({"year": [1, 2], "asked": asked, "satisfied": satisfied}),
        reviews={"negative": 1, "n": 20},
        firm=pd.Series({"churn": 0.15, "discount": 0.1, "margin": 100.0, "cost": 220.0}),
        profits=pd.Series([80.0, 5, 5, 5, 5]),
        searches=pd.DataFrame(people),
    )


def score_ends(count, n):
    """Ends of Wilson's interval: the roots of (p − π)² = z²π(1 − π)/n."""
    z2, p = 1.959963984540054**2, count / n
    return sorted(np.roots([1 + z2 / n, -(2 * p + z2 / n), p * p]).tolist())


ONE_BELOW = 0.85**20 + 20 * 0.15 * 0.85**19


@pytest.mark.parametrize(
    "number, key",
    [
        (1, {"reasons": 2 / 3, "leavers": 2 / 5, "customers": 2 / 20}),
        (2, dict(zip(("low", "high"), score_ends(56, 70), strict=True))),
        # Newcombe (1998), Table II, case (a), method 10: 56/70 less 48/80.
        (3, {"low": 0.0524, "high": 0.3339}),
        (4, ONE_BELOW),
        # 110 / 0.25 = 440; 110 / 0.2425 = 453.61; 110 / 0.2 = 550; 440 − 220 is half of 440.
        (5, {"relative": 1 / 0.97 - 1, "points": 0.25, "after_cost": 2 * (1 / 0.97 - 1)}),
        (6, 0.8),
        (7, 2 / 10),
    ],
)
def test_a_key_is_what_arithmetic_or_a_paper_gives(small, number, key):
    exercise = lesson.EXERCISES[number - 1]
    assert exercise.key(small) == pytest.approx(key, abs=5e-5)


ONE_BELOW_A_FIFTH = 0.8**20 + 20 * 0.2 * 0.8**19
# Without a discount a customer is worth 100 / 0.15 euro, and 5 per cent less churn adds a 19th.
UNDISCOUNTED = {"relative": 1 / 19, "points": 0.5, "after_cost": 2000 / 57 / (2000 / 3 - 220)}
EURO = {"relative": 440 * 3 / 97, "points": 110, "after_cost": 440 * 3 / 97}


@pytest.mark.parametrize(
    "number, answer, told",
    [
        (2, dict(zip(("high", "low"), score_ends(56, 70), strict=True)), "swapped"),
        # Newcombe (1998), Table II, case (a), method 1.
        (3, {"low": 0.0575, "high": 0.3425}, "sides are not alike"),
        (4, ONE_BELOW_A_FIFTH, "upper end"),
        (5, UNDISCOUNTED, "as much as that of today"),
        (5, EURO, "Those are euro"),
    ],
)
def test_a_wrong_turn_is_known_by_its_arithmetic(small, number, answer, told):
    assert told in lesson.EXERCISES[number - 1].wrong(small, answer)


def test_claims_are_judged_by_the_rule(small):
    """5 points hold at c + d = 0.25, and 5 per cent never do."""
    small.published = small.published.assign(satisfied=[40, 69])
    small.firm = small.firm.replace({0.15: 0.14})
    assert lesson.EXERCISES[7].key(small) == ["churn_lift"]
    readings = lesson.claim_readings(**vars(small)).set_index("reading")["holds"]
    assert readings["5 points of churn"]
    assert not readings["5 per cent of churn"]


@pytest.mark.parametrize(
    "profits, readings",
    [
        ([80, 5, 5, 5, 5], [True, True]),  # 80 % are 80 %
        ([1000] * 10 + [1] * 90, [False, True]),  # hardly less than all, in every sample
        ([1] * 100, [False, False]),  # a fifth has a fifth
    ],
)
def test_twenty_eighty_can_hold_and_can_hold_only_in_part_and_not_at_all(small, profits, readings):
    small.profits = pd.Series(profits, dtype=float)
    claims = lesson.claim_readings(**vars(small)).set_index("statement")["holds"]
    assert claims["twenty_eighty"].tolist() == readings


def test_the_cited_numbers_are_told_as_they_are(small):
    """12 of 300: Wilson 2.3 to 6.9 %; 3.5 visits and one half: 1/7, and 2/7 by finders alone."""
    said = lesson.EXERCISES[3].shown(small).replace("\xa0", " ")
    assert "12 of 300 are 4.0 % (2.3 to 6.9 %), p < 0.001" in said
    said = lesson.EXERCISES[6].shown(small).replace("\xa0", " ")
    assert "it is 14.3 % and not 28.6 %" in said


@pytest.mark.parametrize("n", [20, 1000])
def test_the_slider_draws_the_interval_of_so_many_and_of_four_times_as_many(n):
    widget = lesson.slide_n(0.8)
    widget.children[0].value = n
    ax = widget.result
    drawn = np.array([part[:, 0] for part in ax.collections[0].get_segments()])
    assert drawn == pytest.approx(np.array([score_ends(0.8 * n, n), score_ends(3.2 * n, 4 * n)]))
    width = f"{math.floor(1000 * np.ptp(drawn[0]) + 0.5) / 10} points"
    assert width in " ".join(label.get_text() for label in ax.get_yticklabels())
