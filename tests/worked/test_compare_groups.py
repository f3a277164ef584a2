"""Group differences worked by hand: pairs won, placements, rank sums, table cells."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.design import SurveyDesign
from custlib.survey.comparison.contrasts import compare_groups

answers = table(
    """
    role     | quality | firm | weight
    ---------+---------+------+-------
    end_user |       1 |    a |      1
    end_user |       2 |    a |      1
    end_user |       2 |    b |      2
    end_user |       4 |    c |      1
    trader   |       2 |    a |      1
    trader   |       3 |    b |      2
    trader   |       5 |    d |      1
    """
)


def only_row(responses=answers, *, method, **options):
    result = compare_groups(responses, items=["quality"], by="role", method=method, **options)
    assert len(result) == 1
    return result.iloc[0]


# Of the 4 × 3 pairs the end user wins one (4 against 3) twice over 2: 4 > 2 and 4 > 3; the two
# answers of 2 tie with the trader's 2.
WON = (2 + 0.5 * 2) / 12


@pytest.mark.parametrize("method", ["brunner_munzel", "mann_whitney"])
def test_the_estimate_is_the_share_of_pairs_the_first_group_wins(method):
    row = only_row(method=method)
    assert row["contrast"] == "end_user - trader"
    assert row["estimate"] == pytest.approx(WON)
    assert row["effect"] == pytest.approx(2 * WON - 1)
    assert row["effect_kind"] == "Cliff's delta"


def test_mann_whitney_counts_the_pairs_won():
    assert only_row(method="mann_whitney")["statistic"] == 12 * WON


def test_brunner_munzel_takes_its_variance_from_the_placements():
    # Share of the other group that lies below each answer, ties counting half.
    end_user = np.array([0, 1 / 6, 1 / 6, 2 / 3])
    trader = np.array([1 / 4 + 1 / 4, 3 / 4, 1])
    parts = end_user.var(ddof=1) / 4, trader.var(ddof=1) / 3
    row = only_row(method="brunner_munzel")
    assert row["std_error"] == pytest.approx(math.sqrt(sum(parts)))
    assert row["statistic"] == pytest.approx((WON - 0.5) / math.sqrt(sum(parts)))
    assert row["df"] == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 2))


def test_the_pain_scores_as_the_help_of_lawstat_prints_them():
    # Brunner & Munzel (2000) print other figures by a slip that Neubert & Brunner (2007) correct.
    y, n = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1], [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    pain = pd.DataFrame({"role": ["N"] * len(n) + ["Y"] * len(y), "quality": n + y})
    row = only_row(pain, method="brunner_munzel")
    assert row["statistic"] == pytest.approx(3.1375, abs=5e-5)
    assert row["df"] == pytest.approx(17.683, abs=5e-4)
    assert row["p_value"] == pytest.approx(0.005786, abs=5e-7)
    assert row["estimate"] == pytest.approx(0.788961, abs=5e-7)


def test_a_weight_of_two_counts_a_pair_twice():
    # Weights 1, 1, 2, 1 against 1, 2, 1: 5 × 4 pairs; 4 wins over 2 and 3 (1 × 1 + 1 × 2) and
    # the 2s, of weight 1 + 2, tie with the trader's 2.
    row = only_row(method="brunner_munzel", design=SurveyDesign(weight="weight"))
    assert row["estimate"] == pytest.approx((3 + 0.5 * 3) / 20)


def test_under_a_design_placements_are_summed_by_firm():
    row = only_row(method="brunner_munzel", design=SurveyDesign(cluster="firm"))
    # (placement − p)/n of end users and of traders, by firm a, b, c, d.
    end_user, trader = np.array([0, 1 / 6, 1 / 6, 2 / 3]), 1 - np.array([1 / 2, 3 / 4, 1])
    u, t = (end_user - WON) / 4, (trader - WON) / 3
    firms = np.array([u[0] + u[1] + t[0], u[2] + t[1], u[3], t[2]])
    assert row["std_error"] == pytest.approx(math.sqrt(4 / 3 * (firms**2).sum()))
    assert row["df"] == 4 - 1


def test_mann_whitney_under_a_design_has_the_error_of_p_and_tests_by_that_of_mean_ranks():
    row = only_row(method="mann_whitney", design=SurveyDesign(cluster="firm"))
    # (placement − p)/n summed by firm a, b, c, d, as above: end users and traders may differ.
    end_user, trader = np.array([0, 1 / 6, 1 / 6, 2 / 3]), 1 - np.array([1 / 2, 3 / 4, 1])
    u, t = (end_user - WON) / 4, (trader - WON) / 3
    error = math.sqrt(4 / 3 * sum(np.square([u[0] + u[1] + t[0], u[2] + t[1], u[3], t[2]])))
    assert row["std_error"] == pytest.approx(error)
    # Symmetric on the logit scale, whose slope is 1/(p (1 − p)); 4 clusters less 2: t = 4.302653.
    half = 4.302653 * error / (WON * (1 - WON))
    odds = np.array([math.exp(half), math.exp(-half)]) * (1 - WON) / WON
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(list(1 / (1 + odds)))
    # Of 7 answers 1 2 2 2 3 4 5 the ranks less ½ are 0.5 2.5 2.5 2.5 4.5 5.5 6.5, over 7.
    rank_u, rank_t = np.array([0.5, 2.5, 2.5, 5.5]) / 7, np.array([2.5, 4.5, 6.5]) / 7
    u, t = (rank_u - rank_u.mean()) / 4, (rank_t - rank_t.mean()) / 3
    alike = math.sqrt(4 / 3 * sum(np.square([u[0] + u[1] - t[0], u[2] - t[1], u[3], t[2]])))
    assert row["statistic"] == pytest.approx((WON - 1 / 2) / alike)


def test_a_p_value_that_contradicts_its_interval_is_noted():
    low, high = [1, 2, 2, 2, 2, 3, 3, 3, 4, 4], [2, 2, 3, 3, 5, 5, 5, 5, 5, 5]
    below = np.array([[(x > y) + (x == y) / 2 for y in high] for x in low])
    p, parts = below.mean(), [below.mean(axis=at).var(ddof=1) / 10 for at in (0, 1)]
    error, df = math.sqrt(sum(parts)), sum(parts) ** 2 / sum(part**2 / 9 for part in parts)
    quantile = stats.t.ppf(0.975, df)
    # Half lies more than the quantile away on the scale of p, and less on that of its logit.
    assert (0.5 - p) / error > quantile > math.log((1 - p) / p) * p * (1 - p) / error
    table = pd.DataFrame({"role": ["u"] * 10 + ["v"] * 10, "quality": low + high})
    row = only_row(table, method="brunner_munzel")
    assert row["p_value"] < 0.05 < 0.5 < row["ci_high"]
    assert row["note"] == "p value and interval disagree: they are of two scales"
    assert only_row(table, method="brunner_munzel", conf_level=0.9)["note"] == ""
    assert only_row(table, method="welch")["note"] == ""


def test_an_interval_that_contradicts_its_p_value_is_noted():
    low, high = [1, 1, 1, 2, 3, 3, 3, 3, 3, 4], [1, 2, 2, 4, 4, 4, 4, 4, 4, 4]
    # Won by 1s 3 × .5, by the 2 1 + .5 × 2, by 3s 5 × 3, by the 4 3 + .5 × 7: 25 of 100 pairs.
    # Of ties of 4, 3, 5 and 8 answers Σ(t³ − t) is 708, over 20 × 19; a half for continuity.
    z = (50 - 25 - 0.5) / math.sqrt(100 / 12 * (21 - 708 / 380))
    # Ties are left out of the interval: error of the logit 2 √(21/300).
    assert z < 1.959964 < math.log(3) / (2 * math.sqrt(21 / 300))
    table = pd.DataFrame({"role": ["u"] * 10 + ["v"] * 10, "quality": low + high})
    row = only_row(table, method="mann_whitney")
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(z))
    assert row["ci_high"] < 0.5
    told = "p value and interval disagree: the test's error is that of groups alike"
    assert row["note"] == told


def test_welch_is_the_difference_of_means():
    row = only_row(method="welch")
    x, y = np.array([1, 2, 2, 4]), np.array([2, 3, 5])
    parts = x.var(ddof=1) / 4, y.var(ddof=1) / 3
    assert row["measure"] == "difference"
    assert row["estimate"] == pytest.approx(9 / 4 - 10 / 3)
    assert row["std_error"] == pytest.approx(math.sqrt(sum(parts)))
    pooled = math.sqrt((3 * x.var(ddof=1) + 2 * y.var(ddof=1)) / 5)
    # For 5 degrees of freedom Hedges' factor is gamma(5/2) / (sqrt(5/2) gamma(2)).
    factor = math.gamma(2.5) / math.sqrt(2.5)
    assert row["effect"] == pytest.approx(factor * (9 / 4 - 10 / 3) / pooled)


def test_welch_under_a_design_subtracts_within_the_firm():
    row = only_row(method="welch", design=SurveyDesign(cluster="firm", weight="weight"))
    # Weighted means (1 + 2 + 4 + 4)/5 and (2 + 6 + 5)/4; residuals times weight by firm.
    first, second = 11 / 5, 13 / 4
    firms = np.array(
        [
            (1 - first + 2 - first) / 5 - (2 - second) / 4,
            2 * (2 - first) / 5 - 2 * (3 - second) / 4,
            (4 - first) / 5,
            -(5 - second) / 4,
        ]
    )
    assert row["estimate"] == pytest.approx(first - second)
    assert row["std_error"] == pytest.approx(math.sqrt(4 / 3 * (firms**2).sum()))
    assert row["df"] == 4 - 1 - 1


def test_kruskal_wallis_compares_rank_sums():
    # Ranks: 1 | 3, 3, 3 (the 2s) | 5 | 6 | 7; end users 1 + 3 + 3 + 6, traders 3 + 5 + 7.
    row = only_row(method="kruskal_wallis")
    uncorrected = 12 / (7 * 8) * (13**2 / 4 + 15**2 / 3) - 3 * 8
    statistic = uncorrected / (1 - (3**3 - 3) / (7**3 - 7))
    assert row["statistic"] == pytest.approx(statistic)
    assert row["df"] == 1
    assert row["effect"] == pytest.approx(statistic / 6)


def test_chi_square_compares_cells_with_what_the_margins_give():
    yes = pd.DataFrame({"role": list("aaaabbbbbb"), "quality": [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]})
    row = only_row(yes, method="chi_square")
    # 3, 1 against 2, 4: X2 = n (ad − bc)² / the product of the margins.
    statistic = 10 * (3 * 4 - 1 * 2) ** 2 / (4 * 6 * 5 * 5)
    assert row["statistic"] == pytest.approx(statistic)
    assert row["effect"] == pytest.approx(math.sqrt(statistic / 10))
    assert row["note"] == "4 of 4 expected counts below 5"


def test_the_order_of_the_groups_is_the_order_of_the_categories():
    turned = answers.assign(role=pd.Categorical(answers["role"], ["trader", "end_user"]))
    row = only_row(turned, method="brunner_munzel")
    assert row["contrast"] == "trader - end_user"
    assert row["estimate"] == pytest.approx(1 - WON)


def test_p_values_are_adjusted_over_all_rows_that_have_one():
    wide = answers.assign(other=[1, 1, 1, 1, 5, 4, 5], nothing=np.nan)
    items = ["quality", "nothing", "other"]
    result = compare_groups(wide, items=items, by="role", method="mann_whitney")
    p, adjusted = result["p_value"], result["p_adjusted"]
    assert adjusted[2] == pytest.approx(2 * p[2])
    assert adjusted[0] == p[0]
    assert np.isnan(adjusted[1])
