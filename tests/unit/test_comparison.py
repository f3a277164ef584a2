"""Comparisons on data that resist: thin groups, equal answers, missing groups, few clusters."""

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, stats

from custlib.columns import VOCABULARY
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.comparison.effect_sizes import (
    logit_interval,
    noncentral_chi_square,
    noncentral_t,
    share_explained,
    small_sample_factor,
)

PAIRS = ["brunner_munzel", "mann_whitney", "welch"]
OVERALL = ["kruskal_wallis", "chi_square"]
METHODS = PAIRS + OVERALL
NUMBERS = ["std_error", "ci_low", "ci_high", "statistic", "df", "p_value", "effect_low"]


def survey(**groups):
    """Answers by group; None is a missing answer."""
    return pd.DataFrame(
        [(name, value) for name, values in groups.items() for value in values],
        columns=["role", "quality"],
    )


RATINGS = survey(trader=[5, 4, 3, 5, 4], end_user=[2, 3, 3, 1, 4])


def compare(responses, method="brunner_munzel", **options):
    return compare_groups(responses, items=["quality"], by="role", method=method, **options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("design", [None, SurveyDesign(weight="weight", cluster="firm")])
def test_the_columns_are_the_vocabulary_in_order(method, design):
    responses = RATINGS.assign(weight=[1, 2] * 5, firm=list("abcdeabcde"))
    table = compare(responses, method, design=design)
    keys, numbers = list(table)[:3], list(table)[3:]
    assert keys == ["item", "contrast", "measure"]
    assert numbers == [name for name in VOCABULARY if name in numbers]
    assert {"effect_kind", "p_adjusted", "conf_level", "n", "n_missing", "note"} <= set(numbers)
    assert table.index.equals(pd.RangeIndex(len(table)))


@pytest.mark.parametrize("method", METHODS)
def test_one_group_only_is_refused(method):
    with pytest.raises(DataError, match=r"trader \(5 rows\); 5 rows without a group") as caught:
        compare(RATINGS.replace({"role": {"end_user": None}}), method)
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("method", PAIRS)
def test_an_empty_category_keeps_a_noted_row_for_each_of_its_pairs(method):
    roles = ["trader", "stockist", "end_user"]
    table = compare(RATINGS.assign(role=pd.Categorical(RATINGS["role"], roles)), method)
    assert table["contrast"].tolist() == [
        "trader - stockist",
        "trader - end_user",
        "stockist - end_user",
    ]
    assert table["note"][0] == "no answers in stockist: two are needed"
    assert table["estimate"].isna().tolist() == [True, False, True]
    assert table["n"].tolist() == [5, 10, 5]


@pytest.mark.parametrize("method", PAIRS)
def test_a_group_with_one_answer_is_not_tested(method):
    row = compare(survey(a=[3], b=[1, 2, 5]), method).iloc[0]
    assert row["note"] == "1 answer in a: two are needed"
    assert row[["estimate", *NUMBERS]].isna().all()


@pytest.mark.parametrize("method", OVERALL)
def test_a_group_with_one_answer_is_left_out_of_a_test_over_all(method):
    whole, rest = survey(a=[3], b=[1, 2, 5, 1], c=[4, 5, 2, 5]), ["b", "c"]
    row = compare(whole, method).iloc[0]
    without = compare(whole[whole["role"].isin(rest)], method).iloc[0]
    assert "left out: 1 answer in a" in row["note"]
    assert row["n"] == 8
    assert row["statistic"] == without["statistic"]


@pytest.mark.parametrize("method", METHODS)
def test_an_item_nobody_answered_keeps_its_row(method):
    row = compare(RATINGS.assign(quality=np.nan), method).iloc[0]
    assert row["n"] == 0
    assert row["n_missing"] == 10
    assert np.isnan(row["p_value"])
    assert row["note"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("design", [None, SurveyDesign(cluster="firm")])
def test_equal_answers_leave_nothing_to_test(method, design):
    same = RATINGS.assign(quality=0.1, firm=list("abcdeabcde"))
    row = compare(same, method, design=design).iloc[0]
    assert row["note"].startswith("every answer is the same: nothing to test")
    assert np.isnan(row["p_value"])
    if method in ("brunner_munzel", "mann_whitney"):
        assert row["estimate"] == 0.5
        assert row["effect"] == 0


def test_separated_groups_get_the_p_value_of_a_permutation():
    row = compare(survey(low=[1, 2, 2], high=[3, 4, 4])).iloc[0]
    assert row["estimate"] == 0
    assert row["effect"] == -1
    assert row[NUMBERS].drop("p_value").isna().all()
    assert row["p_value"] == pytest.approx(2 / 20)  # two of the 20 ways to choose three of six
    assert "p value of the permutation test" in row["note"]


def test_separated_groups_under_a_design_are_noted_without_a_p_value():
    responses = survey(low=[1, 2, 2], high=[3, 4, 4]).assign(firm=list("abcabc"))
    row = compare(responses, design=SurveyDesign(cluster="firm")).iloc[0]
    assert row["estimate"] == 0
    assert np.isnan(row["p_value"])
    assert row["note"].startswith("every answer of one group is above every answer of the other")


def test_mann_whitney_tests_separated_groups_but_gives_no_interval():
    row = compare(survey(low=[1, 2, 2] * 5, high=[3, 4, 4] * 5), "mann_whitney").iloc[0]
    assert row["p_value"] < 1e-4
    assert np.isnan(row["ci_low"])
    assert row["note"].startswith("every answer of one group")


def test_a_firm_a_group_leaves_no_standard_error_of_the_means():
    responses = survey(u=[1, 2], v=[2, 3]).assign(firm=list("aabb"))
    row = compare(responses, "welch", design=SurveyDesign(cluster="firm")).iloc[0]
    assert row["estimate"] == -1
    assert np.isnan(row["std_error"])
    assert row["note"].startswith("too few clusters for a test")
    # A population asked as a whole has no sampling error, and that is known.
    whole = compare(responses, "welch", design=SurveyDesign(population=4)).iloc[0]
    assert whole["std_error"] == 0


def test_constant_groups_have_no_t_test():
    row = compare(survey(a=[1, 1, 1], b=[2, 2, 2]), "welch").iloc[0]
    assert row["estimate"] == -1
    assert np.isnan(row["p_value"])
    assert "answers do not vary inside the groups" in row["note"]


@pytest.mark.parametrize("method", METHODS)
def test_too_few_clusters_are_noted(method):
    one_firm = RATINGS.assign(firm=["a"] * 10)
    row = compare(one_firm, method, design=SurveyDesign(cluster="firm")).iloc[0]
    assert np.isnan(row["p_value"])
    assert "too few clusters" in row["note"]


@pytest.mark.parametrize("seed", range(4))
def test_groups_that_answer_as_one_leave_no_error_however_weights_round(seed):
    alike = survey(trader=[1] * 5, end_user=[2] * 7, stockist=[3] * 6)
    weighted = alike.assign(weight=np.random.default_rng(seed).random(18))
    row = compare(weighted, "kruskal_wallis", design=SurveyDesign(weight="weight")).iloc[0]
    assert row["estimate"] == pytest.approx(1)
    assert row[["ci_low", "ci_high", "p_value"]].isna().all()
    assert row["note"]


def test_a_population_that_answered_whole_has_no_sampling_error():
    design = SurveyDesign(weight="one", population=10)
    row = compare(RATINGS.assign(one=1.0), design=design).iloc[0]
    assert row["std_error"] == 0
    assert row["estimate"] > 0.5
    assert np.isnan(row["p_value"])
    assert "no sampling error is left" in row["note"]


def test_rows_without_a_group_are_left_out_and_counted():
    lost = pd.concat([RATINGS, pd.DataFrame({"role": [None, np.nan], "quality": [1, 5]})])
    found, without = compare(lost).iloc[0], compare(RATINGS).iloc[0]
    assert "2 rows without role left out" in found["note"]
    assert found[["estimate", "p_value", "n"]].equals(without[["estimate", "p_value", "n"]])


def test_missing_answers_are_counted_in_the_contrasts_groups():
    responses = survey(a=[1, 2, None, 3], b=[2, None, 4, 4], c=[None, 5, 5, 4])
    table = compare(responses).set_index("contrast")
    assert table["n"].tolist() == [6, 6, 6]
    assert table["n_missing"].tolist() == [2, 2, 2]


def test_small_groups_are_named():
    row = compare(survey(a=[1, 2, 4], b=[1, 2, 3, 4] * 4)).iloc[0]
    assert row["note"] == "only 3 answers in a"


def test_repeated_index_labels_do_not_matter():
    stacked = pd.concat([RATINGS, RATINGS])
    again = stacked.reset_index(drop=True)
    pd.testing.assert_frame_equal(compare(stacked), compare(again))


def test_ordered_categories_compare_as_their_order():
    words = pd.Categorical(RATINGS["quality"].map(dict(enumerate("abcde", 1))), ordered=True)
    pd.testing.assert_frame_equal(compare(RATINGS), compare(RATINGS.assign(quality=words)))


def test_words_are_not_numbers():
    with pytest.raises(DataError, match="'quality' not a number"):
        compare(RATINGS.assign(quality=list("abcdefghij")))


def test_chi_square_takes_words():
    words = RATINGS["quality"].map(dict(enumerate("edcba", 1)))
    found = compare(RATINGS.assign(quality=words), "chi_square")
    pd.testing.assert_frame_equal(found, compare(RATINGS, "chi_square"))


def test_chi_square_refuses_answers_that_are_no_categories():
    amounts = survey(a=np.arange(70) / 7, b=np.arange(70) / 3)
    with pytest.raises(DataError, match="different answers"):
        compare(amounts, "chi_square")


@pytest.mark.parametrize("method", METHODS)
def test_a_domain_keeps_other_rows_out_of_the_answer(method):
    other = survey(trader=[1, 1, 1], end_user=[5, 5, 5], stockist=[2, 3, 4])
    both = pd.concat([RATINGS.assign(here=True), other.assign(here=False)])
    design = SurveyDesign(domain="here")
    found = compare(both, method, design=design)
    if method in PAIRS:
        found = found[found["contrast"] == "trader - end_user"]
    alone = compare(RATINGS, method)
    columns = ["estimate", "statistic", "df", "n", "ci_low", "p_value"]
    assert found.iloc[0][columns].equals(alone.iloc[0][columns])


def test_rao_scott_with_an_empty_cell_is_the_sum_over_cells():
    responses = survey(a=[1, 1, 2, 2, 2, 1], b=[2, 2, 3, 3, 2, 3], c=[1, 2, 3, 1, 2, 3])
    responses = responses.assign(firm=list("aabcdeabcccefbaafe"))
    sample = SurveyDesign(cluster="firm").sample(responses)
    row = compare(responses, "chi_square", design=SurveyDesign(cluster="firm")).iloc[0]
    # As R's svychisq: covariance of the nine cell shares, contrasts orthogonal to both margins.
    group = pd.factorize(responses["role"])[0]
    cells = np.eye(9)[group * 3 + responses["quality"].to_numpy() - 1]
    shares = cells.mean(axis=0)
    covariance = sample.covariance((cells - shares) / len(responses))
    margins = np.hstack([np.repeat(np.eye(3), 3, axis=0), np.tile(np.eye(3), (3, 1))])
    contrasts = linalg.null_space(margins.T)
    scaled = np.where(shares > 0, 1 / np.where(shares > 0, shares, 1), 0)[:, None] * contrasts
    effects = np.linalg.solve(contrasts.T @ scaled / 18, scaled.T @ covariance @ scaled)
    assert row["df"] == pytest.approx(np.trace(effects) ** 2 / np.trace(effects @ effects))
    expected = np.outer(margins[:, :3].T @ shares, margins[:, 3:].T @ shares).ravel()
    pearson = 18 * ((shares - expected) ** 2 / expected).sum()
    assert row["statistic"] == pytest.approx(pearson / np.trace(effects))


def test_a_domain_keeps_the_clusters_of_the_whole_sample():
    both = RATINGS.assign(here=[True] * 8 + [False] * 2, firm=list("abcdeabcde"))
    domain = compare(both, "welch", design=SurveyDesign(cluster="firm", domain="here")).iloc[0]
    alone = compare(both[both["here"]], "welch", design=SurveyDesign(cluster="firm")).iloc[0]
    assert domain["estimate"] == alone["estimate"]
    # Firms d and e keep a row in the domain, so the degrees of freedom agree and only n / (n − 1)
    # could differ: it does not, as all five firms are in both.
    assert domain["std_error"] == pytest.approx(alone["std_error"])
    fewer = both["firm"].isin(list("abc"))
    design = SurveyDesign(cluster="firm", domain="here")
    domain = compare(both.assign(here=fewer), "welch", design=design).iloc[0]
    alone = compare(both[fewer], "welch", design=SurveyDesign(cluster="firm")).iloc[0]
    assert domain["std_error"] == pytest.approx(alone["std_error"] * np.sqrt(5 / 4 / (3 / 2)))


@pytest.mark.parametrize(
    "options, found",
    [
        ({"method": "wilcoxon"}, "method is 'wilcoxon'"),
        ({"method": "welch", "adjust": "fdr"}, "adjust is 'fdr'"),
        ({"method": "welch", "conf_level": 95}, "conf_level is 95"),
    ],
)
def test_arguments_out_of_range_are_refused(options, found):
    with pytest.raises(ParameterError, match=found):
        compare(RATINGS, **options)


def test_no_items_and_no_such_column_are_refused():
    for items, told in (([], "0 items"), (["quality"] * 2, "more than once"), ("quality", "text")):
        with pytest.raises(ParameterError, match=told):
            compare_groups(RATINGS, items=items, by="role", method="welch")
    with pytest.raises(DataError, match="Columns not in the table: market"):
        compare_groups(RATINGS, items=["quality"], by="market", method="welch")


def test_an_interval_of_a_probability_stays_inside():
    low, high = logit_interval(0.98, 0.05, 1.96)
    assert 0 < low < 0.98 < high < 1
    assert np.isnan(logit_interval(1.0, 0.0, 1.96)).all()


def test_noncentral_intervals_hold_the_statistic_at_both_ends():
    low, high = noncentral_t(2.5, 12, conf_level=0.9)
    assert stats.nct.sf(2.5, 12, low) == pytest.approx(0.05)
    assert stats.nct.cdf(2.5, 12, high) == pytest.approx(0.05)
    low, high = noncentral_chi_square(20.0, 3, conf_level=0.9)
    assert stats.ncx2.sf(20.0, 3, low) == pytest.approx(0.05)
    assert stats.ncx2.cdf(20.0, 3, high) == pytest.approx(0.05)


def test_a_small_statistic_gives_an_interval_from_zero_that_holds_the_estimate():
    (low, high), (root_low, root_high) = share_explained(0.02, 0.1, 4, conf_level=0.95)
    assert (low, root_low) == (0, 0)
    assert high == 0.02
    assert root_high == pytest.approx(0.02**0.5)


def test_hedges_factor_is_near_its_approximation():
    assert small_sample_factor(18) == pytest.approx(1 - 3 / (4 * 18 - 1), abs=2e-4)
    assert np.isnan(small_sample_factor(1))


def test_groups_far_apart_still_have_an_interval_for_their_effect():
    # t near −64 at 198 df, where the usual series of the noncentral t gives no number. With that
    # many degrees of freedom its centre has standard deviation sqrt(1 + t²/(2 df)), nearly normal.
    answers = pd.DataFrame(
        {"x": [1, 1, 1, 2] * 25 + [9, 9, 9, 10] * 25, "g": ["a"] * 100 + ["b"] * 100}
    )
    row = compare_groups(answers, items=["x"], by="g", method="welch").iloc[0]
    ncp = row["statistic"]
    half = 1.96 * (1 + ncp**2 / (2 * 198)) ** 0.5 / abs(ncp)
    assert row["effect_low"] / row["effect"] == pytest.approx(1 + half, abs=0.01)
    assert row["effect_high"] / row["effect"] == pytest.approx(1 - half, abs=0.01)
