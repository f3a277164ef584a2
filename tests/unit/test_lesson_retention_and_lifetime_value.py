"""Lesson 5: keys against arithmetic on four contracts, every mistake told, and the slider."""

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from custlib.lessons import retention_and_lifetime_value as lesson
from custlib.lessons.churn_worth import slide_churn
from custlib.lessons.exercise import Given


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def four():
    """Two left, after months 1 and 3; one was seen for 2 months, and one for 30."""
    rows = {"months": [1, 2, 3, 30], "left": [1, 0, 1, 0], "own_churn": [0.4, 0.3, 0.2, 0.1]}
    return Given(contracts=pd.DataFrame(rows), margin=100.0, discount=0.25)


# Curve of the four: 3/4 after months 1 and 2, and 3/4 × 1/2 from month 3 on.
LATER = 0.375
PAID = 1 + 0.75 / 1.25 + 0.75 / 1.25**2 + sum(LATER / 1.25**age for age in range(3, 24))
CHURN = 2 / 36


@pytest.mark.parametrize(
    "number, key",
    [
        (1, (1 + 3) / 2),
        (2, {"1": 0.75, "2": 0.75, "3": 0.375}),
        (3, 3),
        (4, 1 + 0.75 + 0.75 + 21 * LATER),
        (5, 36 / 2),
        (6, {"1": 0.25, "13": 0.1, "25": 0.1}),
        (7, 100 * PAID),
        (8, 100 * 1.25 / (CHURN - 0.01 + 0.25) - 100 * 1.25 / (CHURN + 0.25)),
    ],
)
def test_a_key_is_what_arithmetic_gives(four, number, key):
    exercise = lesson.EXERCISES[number - 1]
    assert exercise.kind.same(exercise.key(four), key)
    assert exercise.key(four) == pytest.approx(
        {int(name): value for name, value in key.items()} if isinstance(key, dict) else key
    )


@pytest.mark.parametrize(
    "number, answer, told",
    [
        (2, {1: 3 / 4, 2: 3 / 3, 3: 1 / 2}, "has stayed in each month before"),
        (4, 0.75 + 0.75 + 21 * LATER, "23 months"),
        (8, 100 / (CHURN - 0.01) - 100 / CHURN, "as much as money of today"),
    ],
)
def test_a_wrong_turn_is_known_by_its_arithmetic(four, number, answer, told):
    assert told in lesson.EXERCISES[number - 1].wrong(four, answer)


@pytest.mark.parametrize("churn", [0.05, 0.1])
def test_the_slider_draws_the_worth_at_its_churn_and_what_a_point_adds(churn):
    """40 × 1.01/(0.05 + 0.01) is 673 euro, and one point less makes it 808."""
    widget = slide_churn(40.0, 0.01)
    widget.children[0].value = churn
    now, then = 40 * 1.01 / (churn + 0.01), 40 * 1.01 / churn
    bars = [(bar.get_x(), bar.get_width()) for bar in widget.result.patches]
    assert bars == [pytest.approx(one) for one in ((0, now), (now, then - now), (0, then))]
    assert widget.result.get_yticklabels()[0].get_text() == f"At {100 * churn:.1f}\xa0% a month"
