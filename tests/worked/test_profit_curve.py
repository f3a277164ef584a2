"""Profit cumulated from the best customer to the worst: the peak, the loss-makers, their cost."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.intervals import wilson
from custlib.segmentation.lorenz.profit import profit_curve

customers = table(
    """
    customer | profit
    ---------+-------
    a        |    -30
    b        |     70
    c        |     50
    d        |      0
    e        |     40
    f        |    -30
    """
)


@pytest.fixture(scope="module")
def curve():
    return profit_curve(customers, points=6)


@pytest.fixture(scope="module")
def found(curve):
    return curve.estimates.set_index("measure")


def test_profit_rises_to_the_peak_and_falls_by_the_losses(curve):
    assert curve.points["n"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert curve.points["profit"].tolist() == [0, 70, 120, 160, 160, 130, 100]
    assert curve.points["profit_share"].tolist() == pytest.approx([0, 0.7, 1.2, 1.6, 1.6, 1.3, 1])
    assert curve.points["customer_share"].tolist() == pytest.approx(np.arange(7) / 6)
    assert curve.points.loc[curve.points["measure"] == "peak", "n"].tolist() == [3]


def test_the_peak_is_on_the_curve_whatever_the_steps():
    points = profit_curve(customers, points=1).points
    assert points["n"].tolist() == [0, 3, 6]


def test_who_earns_and_who_costs(found):
    assert found["estimate"].to_dict() == pytest.approx(
        {
            "total_profit": 100,
            "peak_share": 160 / 100,
            "peak_customers": 3 / 6,
            "loss_makers": 2 / 6,
            "losses": -60,
        }
    )
    assert found.loc["loss_makers", ["numerator", "denominator"]].tolist() == [2, 6]


def test_the_share_of_loss_makers_has_wilsons_interval(found):
    low, high = wilson(1 / 3, 6)
    assert found.loc["loss_makers", ["ci_low", "ci_high"]].tolist() == pytest.approx([low, high])


def test_sums_have_the_error_of_n_times_a_mean(found):
    losses = pd.Series([-30, 0, 0, 0, 0, -30])
    error = 6 * losses.std() / math.sqrt(6)
    row = found.loc["losses"]
    assert row["std_error"] == pytest.approx(error)
    assert row["ci_low"] == pytest.approx(-60 - stats.t.ppf(0.975, 5) * error)


def test_the_peak_has_the_interval_of_losses_over_gains_on_the_logit_scale(found):
    gains, losses = np.array([0, 70, 50, 0, 40, 0]), np.array([30, 0, 0, 0, 0, 30])
    ratio = 60 / 160
    error = np.std((losses - ratio * gains) / gains.mean(), ddof=1) / math.sqrt(6)
    half = stats.t.ppf(0.975, 5) * error / (ratio * (1 - ratio))
    low = 1 / (1 + math.exp(-(math.log(ratio / (1 - ratio)) - half)))
    assert found.loc["peak_share", "ci_low"] == pytest.approx(1 / (1 - low))
    assert found.loc["peak_share", "std_error"] == pytest.approx(error / (1 - ratio) ** 2)
