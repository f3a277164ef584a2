"""Agreement, worths and best-worst counts where the answer is a fraction on paper."""

import math

import pandas as pd
import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.survey.ranking import (
    best_worst_counts,
    best_worst_worths,
    rank_agreement,
    rank_worths,
)

ITEMS = ["price", "quality", "speed"]
SHOWN = {"shown": ["first", "second"], "best": "best", "worst": "worst"}

places = table(
    """
    price | quality | speed
    ------+---------+------
        1 |       2 |     3
        1 |       3 |     2
        2 |       1 |     3
        1 |       2 |     3
    """
)
tasks = table(
    """
    person | first | second  | best    | worst
    -------+-------+---------+---------+--------
    a      | price | speed   | price   | speed
    a      | price | quality | quality | price
    b      | speed | price   | price   | speed
    b      | price | quality | price   | quality
    c      | price | speed   | speed   | price
    c      | price | quality | price   | quality
    """
)


def values(result, measure, column="estimate"):
    rows = result[result["measure"] == measure]
    return dict(zip(rows["item"], rows[column], strict=True))


def test_kendall_w_from_the_rank_sums():
    agreement = rank_agreement(places, items=ITEMS)
    sums = [5, 8, 11]  # mean 8
    squares = sum((total - 8) ** 2 for total in sums)
    w = 12 * squares / (4**2 * (3**3 - 3))
    row = agreement.fit.set_index("measure").loc["kendall_W"]
    assert row["estimate"] == pytest.approx(w)
    assert row["statistic"] == pytest.approx(4 * 2 * w)
    assert row["p_value"] == pytest.approx(math.exp(-4 * 2 * w / 2))  # chi-square with 2 df
    assert values(agreement.estimates, "mean_rank") == {"price": 1.25, "quality": 2, "speed": 2.75}


def test_ties_share_their_ranks_and_shrink_what_w_could_reach():
    tied = pd.DataFrame({"price": [1, 1], "quality": [1, 2], "speed": [3, 3]})
    # Ranks 1.5 1.5 3 and 1 2 3: sums 2.5 3.5 6, mean 4; one tie of two: T = 2³ − 2 = 6.
    squares = 1.5**2 + 0.5**2 + 2**2
    w = 12 * squares / (2**2 * 24 - 2 * 6)
    row = rank_agreement(tied, items=ITEMS).fit.iloc[0]
    assert row["estimate"] == pytest.approx(w)


def test_two_groups_with_opposite_orders_disagree_wholly():
    both = pd.concat([places, 4 - places]).assign(role=["user"] * 4 + ["trader"] * 4)
    fit = rank_agreement(both, items=ITEMS, by="role").fit.set_index(["role", "measure"])
    assert fit.loc[("user - trader", "Spearman_between"), "estimate"] == pytest.approx(-1)
    assert fit.loc[("(all)", "kendall_W"), "estimate"] == pytest.approx(0)
    assert fit.loc[("user", "kendall_W"), "estimate"] == pytest.approx(
        fit.loc[("trader", "kendall_W"), "estimate"]
    )


def test_of_two_items_the_worth_is_the_share_of_firsts():
    pairs = pd.DataFrame({"price": [1, 1, 1, 2, 1], "speed": [2, 2, 2, 1, 2]})
    result = rank_worths(pairs, items=["price", "speed"])
    assert values(result, "worth") == pytest.approx({"price": 4 / 5, "speed": 1 / 5})
    half = math.log(4) / 2
    assert values(result, "log_worth") == pytest.approx({"price": half, "speed": -half})
    # Linearized: the share's scores are (y − p)/n; d log odds = d p / (p (1 − p)).
    variance = 5 / 4 * (4 * 0.2**2 + 0.8**2) / 25
    assert values(result, "worth", "std_error")["price"] == pytest.approx(variance**0.5)


@pytest.mark.parametrize("scale", [1e-9, 1, 1e9, 1e15])
def test_the_unit_of_the_weights_does_not_matter(scale):
    pairs = pd.DataFrame({"price": [1, 1, 2, 1], "speed": [2, 2, 1, 2], "w": [1, 2, 1, 1]})
    design = SurveyDesign(weight="w")
    result = rank_worths(
        pairs.assign(w=scale * pairs["w"]), items=["price", "speed"], design=design
    )
    assert values(result, "worth") == pytest.approx({"price": 4 / 5, "speed": 1 / 5})
    # Scores w (y − p)/Σ w: 1 × .2, 2 × .2, 1 × −.8, 1 × .2 over 5.
    variance = 4 / 3 * (0.2**2 + 0.4**2 + 0.8**2 + 0.2**2) / 25
    errors = values(result, "worth", "std_error")
    assert errors == pytest.approx(dict.fromkeys(["price", "speed"], variance**0.5), rel=1e-9)


def test_three_items_whose_likelihood_solves_by_hand():
    rankings = pd.DataFrame(
        {"price": [1, 1, 1, 1, 3, 3], "quality": [2, 2, 3, 3, 1, 2], "speed": [3, 3, 2, 2, 2, 1]}
    )
    # Quality and speed are exchangeable, so worths are v : 1 : 1. Price won 4 of 6 first places,
    # each with chance v/(v + 2), and neither of the two second places it was left for, each with
    # v/(v + 1). The score is zero where 4 = 6 v/(v + 2) + 2 v/(v + 1), that is 4v² − 2v − 8 = 0.
    v = (2 + math.sqrt(4 + 128)) / 8
    result = rank_worths(rankings, items=ITEMS)
    expected = {"price": v / (v + 2), "quality": 1 / (v + 2), "speed": 1 / (v + 2)}
    assert values(result, "worth") == pytest.approx(expected)


def test_a_place_not_given_is_behind_those_given():
    partial = pd.DataFrame({"price": [1, 1, None], "quality": [None, 2, 1], "speed": [None] * 3})
    partial = pd.concat([partial, pd.DataFrame({"price": [2], "quality": [3], "speed": [1]})])
    filled = partial.copy()
    # One item left over is behind the others, whether it is said or not.
    filled.iloc[1, 2], filled.iloc[3, 1] = 3, None
    first = rank_worths(partial, items=ITEMS)
    second = rank_worths(filled, items=ITEMS)
    assert values(first, "worth") == pytest.approx(values(second, "worth"))


def test_best_less_worst_per_time_shown():
    result = best_worst_counts(tasks, **SHOWN)
    # Price: shown 6 times, best in 4, worst in 2; speed 3, 1, 2; quality 3, 1, 2.
    expected = {"price": 2 / 6, "speed": -1 / 3, "quality": -1 / 3}
    assert values(result, "best_less_worst") == pytest.approx(expected)
    assert values(result, "best", "numerator") == {"price": 4, "speed": 1, "quality": 1}
    assert values(result, "worst", "denominator") == {"price": 6, "speed": 3, "quality": 3}


def test_people_are_the_clusters_of_their_tasks():
    result = best_worst_counts(tasks, **SHOWN, design=SurveyDesign(cluster="person"))
    # Price, best less worst per person: 0, 2, 0 with mean 1/3 a task over 2 tasks each.
    residuals = [0 - 2 / 3, 2 - 2 / 3, 0 - 2 / 3]
    variance = 3 / 2 * sum(one**2 for one in residuals) / 6**2
    assert values(result, "best_less_worst", "std_error")["price"] == pytest.approx(variance**0.5)


def test_sets_of_two_are_a_logit_of_the_wins():
    result = best_worst_worths(tasks, **SHOWN)
    # Price beats speed 2 to 1 and quality 2 to 1, so the odds are 2 and the worths 2 : 1 : 1.
    assert values(result, "worth") == pytest.approx({"price": 0.5, "speed": 0.25, "quality": 0.25})
