"""Net promoter scores by hand: shares, variance, adjustment, change, needed answers, the silent."""

import math

import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.design import SurveyDesign
from custlib.loyalty import (
    net_promoter_bounds,
    net_promoter_change,
    net_promoter_sample_size,
    net_promoter_score,
    promoter_retention,
    promoter_shares,
)

Z = stats.norm.ppf(0.975)
answers = table(
    """
    wave | recommend | days | firm | stayed
    -----+-----------+------+------+-------
    w1   | 10        | 1    | a    | 1
    w1   | 9         | 2    | a    | 1
    w1   | 9         | 12   | b    | 1
    w1   | 8         | 3    | b    | 0
    w1   | 6         | 15   | c    | 0
    w2   | 10        | 1    | a    | 1
    w2   | 7         | 4    | b    | 1
    w2   | 5         | 11   | c    | 0
    w2   | 0         | 20   | c    | 0
    w2   |           | 2    | d    | 1
    """
)


def test_the_score_is_promoters_less_detractors():
    found = net_promoter_score(answers, item="recommend").iloc[0]
    # Nine answers: four promoters, two passives, three detractors.
    assert found[["promoters", "passives", "detractors"]].tolist() == [4, 2, 3]
    assert found[["n", "n_missing"]].tolist() == [9, 1]
    assert found["estimate"] == pytest.approx(100 * (4 / 9 - 3 / 9))
    variance = 4 / 9 + 3 / 9 - (1 / 9) ** 2
    assert found["std_error"] == pytest.approx(100 * math.sqrt(variance / 9))
    assert found["method"] == "adjusted Wald; promoters 9–10, passives 7–8, detractors 0–6"


def test_three_answers_are_added_three_quarters_at_each_end():
    found = net_promoter_score(answers, item="recommend").iloc[0]
    up, down, n = 4.75 / 12, 3.75 / 12, 12
    half = Z * math.sqrt((up + down - (up - down) ** 2) / n)
    assert found["ci_low"] == pytest.approx(100 * (up - down - half))
    assert found["ci_high"] == pytest.approx(100 * (up - down + half))


def test_wald_is_the_score_and_its_error():
    found = net_promoter_score(answers, item="recommend", method="wald").iloc[0]
    assert found["ci_high"] == pytest.approx(found["estimate"] + Z * found["std_error"])


def test_all_promoters_have_an_interval_by_the_score_test():
    found = net_promoter_score(pd.DataFrame({"x": [10] * 20}), item="x", method="score").iloc[0]
    # With p + q = 1 under the null, z² = n (1 − d)/(1 + d), so d = (n − z²)/(n + z²).
    assert found["ci_low"] == pytest.approx(100 * (20 - Z**2) / (20 + Z**2))
    assert found["ci_high"] == 100


def test_all_passives_have_an_interval_by_the_score_test():
    found = net_promoter_score(pd.DataFrame({"x": [8] * 20}), item="x", method="score").iloc[0]
    # Nobody on the other side: z² = n d/(1 − d), so d = z²/(n + z²).
    assert found["ci_high"] == pytest.approx(100 * Z**2 / (20 + Z**2))
    assert found["ci_low"] == pytest.approx(-100 * Z**2 / (20 + Z**2))


def test_other_scales_have_other_cut_points():
    five = pd.DataFrame({"x": [5, 5, 4, 3, 1]})
    assert net_promoter_score(five, item="x", scale=(1, 5))["estimate"][0] == pytest.approx(0)
    ten = pd.DataFrame({"x": [10, 9, 8, 6, 1]})
    found = net_promoter_score(ten, item="x", scale=(1, 10)).iloc[0]
    assert found["estimate"] == pytest.approx(0)
    assert found["method"].endswith("promoters 9–10, passives 7–8, detractors 1–6")
    own = net_promoter_score(five, item="x", scale=(1, 5), promoters_from=4, detractors_to=2)
    assert own["estimate"][0] == pytest.approx(100 * (3 - 1) / 5)
    assert own["method"][0].endswith("promoters 4–5, passives 3, detractors 1–2")


def test_shares_and_their_counts():
    found = promoter_shares(answers, item="recommend", by="wave")
    assert found["numerator"].tolist() == [3, 1, 1, 1, 1, 2]
    assert found["denominator"].tolist() == [5, 5, 5, 4, 4, 4]
    assert found["estimate"].tolist() == pytest.approx([0.6, 0.2, 0.2, 0.25, 0.25, 0.5])


def test_a_change_is_the_later_less_the_earlier():
    found = net_promoter_change(answers, item="recommend", by="wave").iloc[0]
    assert found["contrast"] == "w2 - w1"
    assert found["estimate"] == pytest.approx(100 * (-0.25 - 0.4))
    # One and a half answers are added to either wave, ⅜ of one at either end.
    first, second = (3 + 0.375) / 6.5 - (1 + 0.375) / 6.5, (1 - 2) / 5.5
    spread = [4.75 / 6.5 - first**2, 3.75 / 5.5 - second**2]
    error = math.sqrt(spread[0] / 6.5 + spread[1] / 5.5)
    assert found["statistic"] == pytest.approx((second - first) / error)
    assert found["ci_low"] == pytest.approx(100 * (second - first - Z * error))
    assert found["p_value"] == pytest.approx(2 * stats.norm.sf(abs(second - first) / error))
    assert found["n"] == 9
    assert found["n_missing"] == 1


def test_the_effective_number_of_answers_takes_the_place_of_n_under_a_design():
    design = SurveyDesign(cluster="firm")
    found = net_promoter_score(answers, item="recommend", design=design).iloc[0]
    score = [100, 100, 100, 0, -100, 100, 0, -100, -100]
    firm = list("aabbcabcc")
    mean = sum(score) / 9
    totals = dict.fromkeys("abcd", 0.0)
    for one, name in zip(score, firm, strict=True):
        totals[name] += (one - mean) / 9
    # Firm d has no answer, but is part of the sample.
    variance = 4 / 3 * sum(total**2 for total in totals.values())
    assert found["std_error"] == pytest.approx(math.sqrt(variance))
    spread = sum((one - mean) ** 2 for one in score) / 8
    n = spread / variance
    assert found["n_effective"] == pytest.approx(n)
    assert found["df"] == 2
    n *= (stats.t.ppf(0.975, 8) / stats.t.ppf(0.975, 2)) ** 2
    up, down = (4 / 9 + 0.75 / n) / (1 + 3 / n), (3 / 9 + 0.75 / n) / (1 + 3 / n)
    half = Z * math.sqrt((up + down - (up - down) ** 2) / (n + 3))
    assert found["ci_high"] == pytest.approx(min(100, 100 * (up - down + half)))


def test_needed_answers():
    sizes = net_promoter_sample_size(
        promoter_share=0.5, detractor_share=0.2, margin_points=5, change_points=5, power=0.9
    )
    spread = 0.7 - 0.3**2
    assert sizes["estimate"].tolist() == [
        math.ceil(Z**2 * spread / 0.05**2),
        math.ceil(2 * (Z + stats.norm.ppf(0.9)) ** 2 * spread / 0.05**2),
    ]
    small = net_promoter_sample_size(
        promoter_share=0.5, detractor_share=0.2, margin_points=5, population=1000, design_effect=1.5
    )
    n = 1.5 * Z**2 * spread / 0.05**2
    assert small["estimate"].tolist() == [math.ceil(n / (1 + (n - 1) / 1000))]


def test_a_small_population_needs_fewer():
    sizes = net_promoter_sample_size(
        promoter_share=0.5, detractor_share=0.5, margin_points=30, population=100
    )
    # n = z²/0.3² = 42.68 without limit; 42.68/(1 + 41.68/100) = 30.1.
    assert sizes["estimate"].tolist() == [31]


def test_who_took_just_as_long_is_not_late_yet():
    found = net_promoter_bounds(answers, item="recommend", days="days", late_after_days=11)
    sizes = found.set_index("measure")["n"]
    # The one of day 11 is early; days 12, 15 and 20 are late.
    assert sizes[["early", "late"]].tolist() == [6, 3]


def test_the_silent_like_the_late_and_the_silent_at_their_worst():
    found = net_promoter_bounds(
        answers, item="recommend", days="days", late_after_days=10, invited=20
    ).set_index("measure")
    # Early: 10, 9, 8, 10, 7 (3 promoters of 5). Late: 9, 6, 5, 0 (1 promoter, 3 detractors of 4).
    early, late, answered = 60.0, -50.0, 100 * (4 - 3) / 9
    rate = 9 / 20
    assert found.loc["early", "estimate"] == pytest.approx(early)
    assert found.loc["late", "estimate"] == pytest.approx(late)
    assert found.loc["answered", "estimate"] == pytest.approx(answered)
    assert found.loc["late_less_early", "estimate"] == pytest.approx(late - early)
    extrapolated = rate * answered + (1 - rate) * late
    assert found.loc["extrapolated", "estimate"] == pytest.approx(extrapolated)
    assert found.loc["silence_bias", "estimate"] == pytest.approx(answered - extrapolated)
    assert found.loc["extrapolated", "bound_low"] == pytest.approx(rate * answered - 55)
    assert found.loc["extrapolated", "bound_high"] == pytest.approx(rate * answered + 55)
    assert found["invited"].tolist() == [20] * 6
    # MOVER: distances of early and late from their own ends, each times its weight.
    weight = [rate * 5 / 9, rate * 4 / 9 + 1 - rate]
    down = [
        weight[at] * (found.loc[name, "estimate"] - found.loc[name, "ci_low"])
        for at, name in enumerate(("early", "late"))
    ]
    assert found.loc["extrapolated", "ci_low"] == pytest.approx(extrapolated - math.hypot(*down))


def test_who_stayed():
    found = promoter_retention(answers, item="recommend", retained="stayed").set_index("category")
    assert found.loc["promoters", ["numerator", "denominator"]].tolist() == [4, 4]
    assert found.loc["detractors", "estimate"] == 0
    assert found.loc["promoters - detractors", "estimate"] == 1
    # Cochran and Armitage: x = −1 (three), 0 (two), 1 (four); five of nine stayed.
    x = [1, 1, 1, 0, -1, 1, 0, -1, -1]
    y = [1, 1, 1, 0, 0, 1, 1, 0, 0]
    mean = sum(x) / 9
    top = sum((a - mean) * b for a, b in zip(x, y, strict=True)) ** 2
    chi2 = top / (5 / 9 * 4 / 9 * sum((a - mean) ** 2 for a in x))
    assert found.loc["all", "statistic"] == pytest.approx(chi2)
