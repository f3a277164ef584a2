"""Intervals, resampling and multiplicity against printed tables, peers and arithmetic."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import multinomial_proportions_confint

from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.intervals import (
    adjust_p,
    clopper_pearson,
    goodman,
    share_interval,
    share_of,
    t_interval,
    wilson,
)

# Newcombe 1998, Statistics in Medicine 17:857–872, table I: methods 3 (score) and 5 (exact).
NEWCOMBE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0000, 0.1611), (0.0000, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]


@pytest.mark.parametrize("successes, n, score, exact", NEWCOMBE)
def test_intervals_of_a_share_are_those_newcombe_printed(successes, n, score, exact):
    assert wilson(successes / n, n) == pytest.approx(score, abs=5e-5)
    assert clopper_pearson(successes, n) == pytest.approx(exact, abs=5e-5)


def test_wilson_takes_arrays_levels_and_endless_samples():
    low, high = wilson(np.array([0.0, 0.5, 1.0]), np.array([10.0, 40.5, 10.0]), conf_level=0.9)
    assert low[0] == 0
    assert high[2] == 1
    assert low[2] == pytest.approx(1 - high[0])
    assert high[1] - 0.5 == pytest.approx(0.5 - low[1])
    # Ends solve |p - end| = z sqrt(end (1 - end) / n).
    z = 1.6448536269514722
    assert (0.5 - low[1]) ** 2 == pytest.approx(z**2 * low[1] * (1 - low[1]) / 40.5)
    assert wilson(0.3, np.inf) == (0.3, 0.3)


def test_a_counted_share_carries_wilsons_ends_and_its_counts():
    row = share_of(15, 148)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert row["estimate"] == 15 / 148
    assert (row["n"], row["numerator"], row["denominator"]) == (148, 15, 148)
    assert share_of(3, 4, conf_level=0.5)["conf_level"] == 0.5


def test_shares_of_nobody_are_missing_and_those_beside_them_are_not():
    rows = share_of(np.array([1, 0]), np.array([4, 0]))
    assert rows["estimate"][0] == 0.25
    assert np.isnan([rows["estimate"][1], rows["ci_low"][1], rows["ci_high"][1]]).all()


def test_goodman_agrees_with_statsmodels():
    counts = [91, 49, 37, 0, 43]
    low, high = goodman(counts)
    peer = multinomial_proportions_confint(counts, method="goodman")
    assert np.column_stack([low, high]) == pytest.approx(peer, abs=1e-12)


def test_goodman_of_one_category_is_wider_than_wilson():
    low, high = goodman([30, 70])
    alone = wilson(0.3, 100)
    assert low[0] < alone[0] < alone[1] < high[0]


def test_a_t_interval_uses_the_quantile_of_its_degrees_of_freedom():
    # Tables: t(10) 97.5 % = 2.228139, t(1) 95 % = 6.313752.
    assert t_interval(5, 2, 10) == pytest.approx((5 - 2 * 2.228139, 5 + 2 * 2.228139), rel=1e-6)
    assert t_interval(0, 1, 1, conf_level=0.9) == pytest.approx((-6.313752, 6.313752), rel=1e-6)
    assert np.isnan(t_interval(5, 2, 0)).all()


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan])
def test_a_level_that_is_not_a_share_is_refused(level):
    for call in (
        lambda: t_interval(0, 1, 5, conf_level=level),
        lambda: wilson(0.5, 10, conf_level=level),
        lambda: goodman([1, 2], conf_level=level),
    ):
        with pytest.raises(ParameterError, match="strictly between 0 and 1"):
            call()


def test_a_share_in_a_simple_random_sample_gets_wilsons_own_interval():
    satisfied = np.array([1.0] * 7 + [0.0] * 18)
    mean = SurveyDesign().sample(pd.DataFrame({"y": satisfied})).mean(satisfied)
    assert share_interval(mean) == pytest.approx(tuple(map(float, wilson(7 / 25, 25))))


def test_few_firms_widen_the_interval_of_a_share():
    satisfied = np.array([1.0] * 10 + [0.0] * 30)
    table = pd.DataFrame({"firm": [0] * 5 + [1] * 5 + [2] * 15 + [3] * 15})
    mean = SurveyDesign(cluster="firm").sample(table).mean(satisfied)
    low, high = share_interval(mean)
    few = (stats.t.ppf(0.975, 39) / stats.t.ppf(0.975, 3)) ** 2
    assert (low, high) == pytest.approx(tuple(map(float, wilson(0.25, mean.n_effective * few))))
    assert high - low > np.ptp(wilson(0.25, 40))


def test_a_share_of_all_or_nobody_still_has_an_interval_and_thin_data_none():
    table = pd.DataFrame({"weight": np.linspace(1, 2, 20)})
    sample = SurveyDesign(weight="weight").sample(table)
    low, high = share_interval(sample.mean(np.zeros(20)))
    assert low == 0
    assert 0.1 < high < 0.2
    assert np.isnan(share_interval(sample.mean(np.ones(20), np.arange(20) == 0))).all()


@pytest.mark.parametrize(
    "method, peer",
    [
        ("holm", "holm"),
        ("bh", "fdr_bh"),
        ("by", "fdr_by"),
        ("bonferroni", "bonferroni"),
        ("hochberg", "simes-hochberg"),
    ],
)
def test_adjusted_p_values_agree_with_statsmodels(method, peer):
    p_values = np.array([0.01, 0.5, 0.04, 0.04, 0.001, 0.9])
    expected = multipletests(p_values, method=peer)[1]
    assert adjust_p(p_values, method) == pytest.approx(expected, rel=1e-12)


def test_missing_p_values_stay_missing_and_do_not_count():
    adjusted = adjust_p([0.02, np.nan, 0.03], "bonferroni")
    assert adjusted[[0, 2]].tolist() == [0.04, 0.06]
    assert np.isnan(adjusted[1])
    assert adjust_p([0.02, 0.03], "none").tolist() == [0.02, 0.03]
    assert adjust_p([], "holm").tolist() == []


def test_a_misspelt_adjustment_is_answered_with_the_right_one():
    with pytest.raises(ParameterError, match="Did you mean 'hochberg'"):
        adjust_p([0.1], "hochburg")
