"""Raking: weights that give every margin its known shares, and keep the odds of the sample."""

import pandas as pd
import pytest
from table import table

from custlib.survey.weights.adjustment import rake, trim, weight_summary

answers = table(
    """
    market | size  | sampled | rating
    -------+-------+---------+-------
    home   | small |       1 |      2
    home   | small |       1 |      4
    home   | small |       1 |      3
    home   | large |       3 |      5
    export | small |       2 |      1
    export | large |       2 |      4
    """
)


def weights(targets, **options):
    return rake(answers, targets=targets, **options).cases["weight"].tolist()


def test_one_margin_divides_the_known_share_by_the_share_of_the_sample():
    targets = {"market": {"home": 0.4, "export": 0.6}}
    home, export = 0.4 / (4 / 6), 0.6 / (2 / 6)
    assert weights(targets) == pytest.approx([home] * 4 + [export] * 2)


def test_totals_give_each_respondent_the_customers_he_stands_for():
    targets = {"market": {"home": 40, "export": 60}}
    assert weights(targets) == pytest.approx([40 / 4] * 4 + [60 / 2] * 2)


def test_start_weights_divide_a_group_among_its_members():
    targets = {"market": {"home": 0.4, "export": 0.6}}
    home, export = 6 * 0.4 / (1 + 1 + 1 + 3), 6 * 0.6 / (2 + 2)
    expected = [home] * 3 + [3 * home] + [2 * export] * 2
    assert weights(targets, base_weight="sampled") == pytest.approx(expected)


def test_two_margins_keep_the_odds_ratio_of_the_start():
    targets = {"market": {"home": 0.5, "export": 0.5}, "size": {"small": 0.6, "large": 0.4}}
    # Start: 3, 1 and 1, 1, an odds ratio of 3. The share a of small home customers then solves
    # a (a - 0.1) = 3 (0.5 - a) (0.6 - a), so 2 a² - 3.2 a + 0.9 = 0.
    a = (3.2 - (3.2**2 - 4 * 2 * 0.9) ** 0.5) / (2 * 2)
    shares = [a / 3] * 3 + [0.5 - a, 0.6 - a, a - 0.1]
    assert weights(targets) == pytest.approx([6 * share for share in shares])


def test_a_crossed_margin_is_met_cell_by_cell():
    cells = {
        ("home", "small"): 0.3,
        ("home", "large"): 0.2,
        ("export", "small"): 0.1,
        ("export", "large"): 0.4,
    }
    expected = [6 * 0.3 / 3] * 3 + [6 * 0.2, 6 * 0.1, 6 * 0.4]
    assert weights({("market", "size"): cells}) == pytest.approx(expected)


def test_what_is_cut_off_is_spread_equally_over_the_others():
    # Mean 10/6, limit 1.5 × 10/6 = 2.5; the one weight of 3 gives 0.5 to the other five.
    trimmed = trim(answers, weight="sampled", cap=1.5)["weight_trimmed"]
    assert trimmed.tolist() == pytest.approx([1.1, 1.1, 1.1, 2.5, 2.1, 2.1])


def test_a_weight_lifted_above_the_limit_is_cut_in_its_turn():
    # Mean 10/6, limit 2. First 1/5 to each of five others; both weights of 2 are now above, so
    # the three of 1 share the surplus alone: (10 - 3 × 2) / 3.
    trimmed = trim(answers, weight="sampled", cap=1.2)["weight_trimmed"]
    assert trimmed.tolist() == pytest.approx([4 / 3] * 3 + [2, 2, 2])


def test_start_and_target_shares_stand_beside_the_shares_reached():
    targets = {"market": {"export": 0.6, "home": 0.4}}
    result = rake(answers, targets=targets, base_weight="sampled").estimates
    assert result["group"].tolist() == ["export", "home"]
    assert result["start_share"].tolist() == [4 / 10, 6 / 10]
    assert result["target_share"].tolist() == [0.6, 0.4]
    assert result["estimate"].tolist() == pytest.approx([0.6, 0.4])
    assert result["n"].tolist() == [2, 4]


def test_the_design_effect_compares_the_squares_with_equal_weights():
    row = weight_summary(answers, weight="sampled").iloc[0]
    squares = 1 + 1 + 1 + 9 + 4 + 4
    assert row["weight_sum"] == 10
    assert row["n_effective"] == 10**2 / squares
    assert row["deff_w"] == 6 * squares / 10**2
    assert row["weight_cv"] == pytest.approx(((squares - 10**2 / 6) / 5) ** 0.5 / (10 / 6))


def test_weights_are_summed_up_group_by_group():
    summary = weight_summary(answers, weight="sampled", by="market").set_index("market")
    assert summary.loc["home", ["weight_sum", "weight_max", "n"]].tolist() == [6, 3, 4]
    assert summary.loc["home", "n_effective"] == 6**2 / (1 + 1 + 1 + 9)
    assert summary.loc["export", ["n_effective", "deff_w"]].tolist() == [2, 1]


def test_waves_stacked_with_repeated_labels_weigh_as_waves_do():
    targets = {"market": {"home": 0.4, "export": 0.6}}
    stacked = rake(pd.concat([answers, answers]), targets=targets).cases["weight"]
    assert stacked.tolist() == weights(targets) * 2


def test_the_error_of_a_mean_forgets_what_the_margin_fixes():
    # Ratings 1 apart within markets and 10 between them: only the spread within is left to chance.
    rows = [("home", 10), ("home", 11), ("export", 20), ("export", 21)]
    firms = pd.DataFrame(rows, columns=["market", "rating"])
    raked = rake(firms, targets={"market": {"home": 0.75, "export": 0.25}})
    mean = raked.design().sample(raked.cases).mean(firms["rating"])
    assert mean.estimate == pytest.approx(0.75 * 10.5 + 0.25 * 20.5)
    # Residuals ± 0.5, weights 1.5 and 0.5 of 4: n/(n-1) times the sum of (w e / sum w)².
    variance = 4 / 3 * (2 * (1.5 / 4 * 0.5) ** 2 + 2 * (0.5 / 4 * 0.5) ** 2)
    assert mean.std_error == pytest.approx(variance**0.5)
