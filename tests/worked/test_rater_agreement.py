"""Rater agreement: alpha from disagreements counted by hand, correlations from mean squares."""

import math

import pandas as pd
import pytest
from table import table

from custlib.survey import rater_agreement

ratings = table(
    """
    shop | visitor | rating
    -----+---------+-------
    a    | x       |      1
    a    | y       |      1
    b    | x       |      2
    b    | y       |      4
    c    | x       |      4
    c    | y       |      4
    """
)
ROLES = {"subject": "shop", "rater": "visitor", "rating": "rating"}


def found(level, column="estimate", rows=ratings):
    return rater_agreement(rows, **ROLES, level=level).set_index("measure")[column]


def test_nominal_alpha_counts_pairs_that_differ():
    # Within shops 2 of 6 ordered pairs differ. Among all 6 × 5 ordered pairs of ratings equal are
    # 1-1 (2) and 4-4 (3 × 2): 22 of 30 differ.
    assert found("nominal")["krippendorff_alpha"] == pytest.approx(1 - (2 / 6) / (22 / 30))


def test_interval_alpha_counts_squared_distances():
    observed = 2 * (4 - 2) ** 2 / 6
    # Ratings 1, 1, 2, 4, 4, 4; unordered pairs: 1-2 twice, 1-4 six times, 2-4 three times.
    expected = 2 * (2 * 1 + 6 * 9 + 3 * 4) / 30
    assert found("interval")["krippendorff_alpha"] == pytest.approx(1 - observed / expected)


def test_ordinal_alpha_counts_squared_distances_of_mid_ranks():
    # Mid-ranks, ties sharing: 1 -> 1.5, 2 -> 3, 4 -> 5.
    observed = 2 * (5 - 3) ** 2 / 6
    expected = 2 * (2 * 1.5**2 + 6 * 3.5**2 + 3 * 2**2) / 30
    assert found("ordinal")["krippendorff_alpha"] == pytest.approx(1 - observed / expected)


def test_the_interval_of_alpha_leaves_out_one_shop_at_a_time():
    # Nominal, two ratings a shop: without a the ratings are 2, 4, 4, 4, Do = 2/4, De = 6/12;
    # without b they are 1, 1, 4, 4 and agree; without c 1, 1, 2, 4, Do = 2/4, De = 10/12.
    whole, left_out = 1 - (2 / 6) / (22 / 30), [0, 1, 1 - 6 / 10]
    mean = sum(left_out) / 3
    error = math.sqrt(2 / 3 * sum((one - mean) ** 2 for one in left_out))
    row = rater_agreement(ratings, **ROLES, level="nominal").loc[0]
    assert row["estimate"] == pytest.approx(whole)
    assert row["std_error"] == pytest.approx(error)
    # On Fisher's scale agreement without b is beyond all bounds, and so is the interval.
    assert row["note"] == "too little disagreement for an interval"
    four = pd.concat([ratings, table("shop | visitor | rating\n d | x | 2\n d | y | 1")])
    values = [found("nominal", rows=four)["krippendorff_alpha"]] + [
        found("nominal", rows=four[four["shop"] != shop])["krippendorff_alpha"] for shop in "abcd"
    ]
    scaled = [math.log((1 + value) / (1 - value)) for value in values]
    mean = sum(scaled[1:]) / 4
    error = math.sqrt(3 / 4 * sum((one - mean) ** 2 for one in scaled[1:]))
    row = rater_agreement(four, **ROLES, level="nominal").loc[0]
    # With two ratings a shop the scale is that of 2 atanh(alpha); 3.182446 is t at 3 df.
    assert row["ci_low"] == pytest.approx(math.tanh((scaled[0] - 3.182446 * error) / 2))
    assert row["ci_high"] == pytest.approx(math.tanh((scaled[0] + 3.182446 * error) / 2))


def test_correlations_follow_from_mean_squares():
    # Means of shops 1, 3, 4, grand mean 8/3; of visitors 7/3 and 3.
    between = 2 * ((1 - 8 / 3) ** 2 + (3 - 8 / 3) ** 2 + (4 - 8 / 3) ** 2) / 2
    within = (1 + 1) / 3
    raters = 3 * 2 * (1 / 3) ** 2
    error = (2 - raters) / 2
    icc = found("interval")
    assert icc["icc_1_1"] == pytest.approx((between - within) / (between + within))
    assert icc["icc_3_1"] == pytest.approx((between - error) / (between + error))
    random = (between - error) / (between + error + 2 * (raters - error) / 3)
    assert icc["icc_2_1"] == pytest.approx(random)
    assert icc["icc_1_k"] == pytest.approx((between - within) / between)
    assert icc["icc_3_k"] == pytest.approx((between - error) / between)
    assert found("interval", "statistic")["icc_3_k"] == pytest.approx(between / error)


def test_a_rating_without_a_pair_is_counted_as_missing():
    more = pd.concat([ratings, table("shop | visitor | rating\n d | x | 3")])
    row = rater_agreement(more, **ROLES, level="interval").iloc[0]
    assert row["estimate"] == found("interval")["krippendorff_alpha"]
    assert row[["n", "n_missing"]].tolist() == [6, 1]


def test_raters_of_their_own_for_each_shop_have_one_way_correlations():
    nested = ratings.assign(visitor=list("uvwxyz"))
    assert found("interval", rows=nested)["icc_1_1"] == found("interval")["icc_1_1"]
    assert found("interval", "note", rows=nested)["icc_2_1"] == "not every rater on every subject"
