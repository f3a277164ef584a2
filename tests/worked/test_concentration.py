"""Concentration of five customers by hand: Gini, shares, and how much each customer moves them."""

import math

import numpy as np
import pytest
from scipy import stats
from table import table

from custlib.segmentation.lorenz.measures import concentration, lorenz_points

customers = table(
    """
    customer | amount
    ---------+-------
    east     |     50
    north    |     20
    west     |     15
    south    |     10
    centre   |      5
    """
)
AMOUNTS = customers["amount"].to_numpy(float)
MEAN = 20


@pytest.fixture(scope="module")
def found():
    return concentration(customers, top=0.4).set_index("measure")


def error(moves):
    return np.std(moves, ddof=1) / math.sqrt(len(moves))


def test_gini_is_the_mean_difference_over_twice_the_mean(found):
    # Differences of the ten pairs: 30 35 40 45 · 5 10 15 · 5 10 · 5, sum 200; 25 ordered pairs
    # with oneself: 400/25 = 16 over 40.
    assert found.loc["gini", "estimate"] == pytest.approx(0.4)
    assert found.loc["gini_unbiased", "estimate"] == pytest.approx(0.5)


def test_the_error_of_gini_comes_from_how_far_each_customer_is_from_all(found):
    apart = np.abs(AMOUNTS[:, None] - AMOUNTS).mean(axis=1)
    moves = (apart - apart.mean()) / MEAN - 0.4 * (AMOUNTS - MEAN) / MEAN
    assert found.loc["gini", "std_error"] == pytest.approx(error(moves))
    assert found.loc["gini_unbiased", "std_error"] == pytest.approx(error(moves) * 5 / 4)


def test_the_share_of_the_two_largest_of_five(found):
    row = found.loc["top_share"]
    assert (row["estimate"], row["customer_share"]) == (pytest.approx(0.7), 0.4)
    # The second largest is 20: the largest moves the share by 30/20, all by 70 % of their own.
    moves = (np.maximum(AMOUNTS - 20, 0) - 0.7 * AMOUNTS) / MEAN
    assert row["std_error"] == pytest.approx(error(moves))
    half = stats.t.ppf(0.975, 4) * error(moves) / (0.7 * 0.3)
    ends = [1 / (1 + math.exp(-(math.log(7 / 3) + sign * half))) for sign in (-1, 1)]
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(ends)


def test_the_distance_is_the_share_less_the_target(found):
    share, distance = found.loc["top_share"], found.loc["distance"]
    for column in ("estimate", "ci_low", "ci_high"):
        assert distance[column] == pytest.approx(share[column] - 0.8)
    assert distance["std_error"] == share["std_error"]


def test_three_of_five_customers_make_eighty_percent(found):
    # 50 and 20 make 70 %, with 15 it is 85 %.
    row = found.loc["share_needed"]
    assert (row["estimate"], row["numerator"], row["denominator"]) == (0.6, 3, 5)
    # One more customer near the limit brings 15/20 of an average share.
    moves = (np.maximum(AMOUNTS - 15, 0) - 0.85 * AMOUNTS) / 15
    assert row["std_error"] == pytest.approx(error(moves))


def test_squares_of_the_shares_and_how_many_equal_customers_that_is(found):
    squares = 0.25 + 0.04 + 0.0225 + 0.01 + 0.0025
    assert found.loc["hhi", "estimate"] == pytest.approx(squares)
    assert found.loc["effective_number", "estimate"] == pytest.approx(1 / squares)
    moves = AMOUNTS**2 / np.mean(AMOUNTS**2) - 2 * AMOUNTS / MEAN
    assert found.loc["hhi", "std_error"] == pytest.approx(squares * error(moves))
    half = stats.t.ppf(0.975, 4) * error(moves)
    ends = [math.exp(-half) / squares, min(math.exp(half) / squares, 5)]
    row = found.loc["effective_number"]
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(ends)


def test_the_lorenz_curve_goes_from_the_smallest_customer_up():
    points = lorenz_points(customers, points=5)
    assert points["estimate"].tolist() == pytest.approx([0, 0.05, 0.15, 0.3, 0.5, 1])
    assert points["customer_share"].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
