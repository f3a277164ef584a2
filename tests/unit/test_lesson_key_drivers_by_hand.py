"""The third lesson: keys by arithmetic, mistakes that are told, a slider that draws."""

import numpy as np
import pandas as pd
import pytest

from custlib.lessons import driver_keys as keys
from custlib.lessons.driver_overlap import importance_measures, simulate_answers, slide_overlap
from custlib.lessons.exercise import Given
from custlib.lessons.key_drivers_by_hand import EXERCISES
from custlib.lessons.wording import lettered

# Eight people in a factorial plan: the three drivers do not correlate at all.
PLAN = pd.DataFrame(
    {
        "quality": [1, 1, 1, 1, 3, 3, 3, 3],
        "delivery": [1, 1, 3, 3, 1, 1, 3, 3],
        "claims": [1, 3, 1, 3, 1, 3, 1, 3],
        "quality_stated": [5, 5, 9, 5, 5, 5, 5, 5],
        "delivery_stated": [4, 4, 4, 4, 2, 2, 9, 9],
        "claims_stated": [1, 2, 1, 2, 1, 2, 1, 2],
    }
)
# Satisfaction is 2 quality + 1 delivery + 2 claims: contributions go as 4 to 1 to 4.
PLAN["satisfaction"] = 2 * PLAN["quality"] + PLAN["delivery"] + 2 * PLAN["claims"]


def test_keys_are_those_of_the_arithmetic():
    plan = Given(answers=PLAN, truth={}, seed=1)
    ninth = 1 / 9
    assert keys.stated(plan) == pytest.approx({"quality": 5, "delivery": 20 / 6, "claims": 1.5})
    each = {"quality": 2 / 3, "delivery": 1 / 3, "claims": 2 / 3}
    assert keys.simple(plan) == pytest.approx(each)
    assert keys.weights(plan) == pytest.approx(each)
    points = {"quality": 2, "delivery": 1, "claims": 2}
    assert keys.weights_in_points(plan, of_drivers=True) == pytest.approx(points)
    explained = keys.r_squared(plan)
    assert explained["quality+delivery"] == pytest.approx(5 * ninth)
    assert explained["quality+claims"] == pytest.approx(8 * ninth)
    assert explained["quality+delivery+claims"] == pytest.approx(1)
    shares = {"quality": 4 * ninth, "delivery": ninth, "claims": 4 * ninth}
    assert keys.shares(plan) == pytest.approx(shares)
    # Where drivers do not overlap, every way to share R² is the same.
    ways = (keys.shares_in_one_order, keys.shares_by_first, keys.shares_by_weight)
    for way in (*ways, keys.shares_by_product):
        assert way(plan) == pytest.approx(shares)


def test_the_planted_weights_are_found_and_delivery_has_a_share_for_nothing():
    answers, truth = simulate_answers(n=20_000, overlap=0.7, seed=5)
    given = Given(answers=answers, truth=truth, seed=5)
    # Rounding adds a variance of 1/12 to every column (Sheppard), which pales correlations.
    ties = np.array([[1, 0.7, 0.2], [0.7, 1, 0.2], [0.2, 0.2, 1]])
    planted = np.array([truth[name] for name in keys.DRIVERS])
    spread = np.array([1.0, 1.5, 1.9])
    kept = spread / np.sqrt(spread**2 + 1 / 12)
    variance = 1.5**2 * (planted @ ties @ planted + 0.36)
    outcome = 1.5 * ties @ planted / np.sqrt(variance + 1 / 12)
    seen = ties * np.outer(kept, kept)
    np.fill_diagonal(seen, 1)
    expected = dict(zip(keys.DRIVERS, np.linalg.solve(seen, outcome * kept), strict=True))
    assert keys.weights(given) == pytest.approx(expected, abs=0.02)
    assert keys.shares(given)["delivery"] > 0.08


def test_the_statement_on_shares_is_borne_out_only_where_the_shares_bear_it():
    strong = PLAN.assign(delivery=PLAN["claims"], claims=PLAN["delivery"])
    for answers, right in ((PLAN, {"larger", "sampled"}), (strong, {"sampled"})):
        for seed in (1, 2, 3):
            shown = lettered(keys.STATEMENTS, seed)
            found = keys.supported(Given(answers=answers, seed=seed))
            assert {shown[letter] for letter in found} == right


def test_drivers_that_come_first_are_measured_below_the_mean_rating():
    """Claims have a mean of 2, the others of 3: the line is at 8/3, and claims 2/3 below it."""
    higher = {name: PLAN[name] + 1 for name in ("quality", "delivery")}
    given = Given(answers=PLAN.assign(**higher), truth={}, seed=1)
    assert EXERCISES[6].key(given) == pytest.approx(2 / 3)
    assert keys.below(lambda _: ["quality", "claims"])(given) == pytest.approx(-1 / 3 + 2 / 3)


def test_delivery_is_said_to_matter_only_where_it_goes_with_satisfaction():
    shown = EXERCISES[1].shown
    assert "and delivery too" in shown(Given(answers=PLAN))
    without = PLAN.assign(satisfaction=PLAN["quality"] + PLAN["claims"])
    assert "and delivery too" not in shown(Given(answers=without))


def test_a_driver_that_can_wait_and_no_driver_at_all_are_told():
    answers, truth = simulate_answers(n=300, overlap=0.7, seed=3)
    given = Given(answers=answers, truth=truth, seed=3)
    assert "A number is asked for" in EXERCISES[6].wrong(given, None)
    rated = answers[list(keys.DRIVERS)].mean()
    assert "rated well already" in EXERCISES[6].wrong(given, rated.mean() - rated["quality"])


def test_the_slider_draws_what_the_overlap_makes_of_importance():
    box = slide_overlap(n=300, seed=3)
    slider = box.children[0]
    deliveries = []
    for overlap in (0.0, 0.9):
        slider.value = overlap
        answers, _ = simulate_answers(n=300, overlap=overlap, seed=3)
        table = importance_measures(answers, n_boot=200, seed=3)
        drawn = np.sort(np.concatenate([line.get_xdata() for line in _dots(box.result)]))
        assert drawn == pytest.approx(np.sort(table["estimate"]))
        deliveries.append(table[table["item"] == "delivery"].set_index("measure")["estimate"])
    none, much = deliveries
    assert much["Correlation"] > none["Correlation"] + 0.2
    assert much["LMG share"] > none["LMG share"] + 0.1
    assert abs(much["Regression weight"]) < 0.2


def _dots(ax):
    return [line for line in ax.lines if len(line.get_xdata()) == 3]
