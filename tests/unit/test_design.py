"""A design bound to a table: variance by hand, domains, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError

RATINGS = [3.0, 5.0, 4.0, 1.0, 2.0, 4.0]


@pytest.fixture
def firms():
    """Six respondents of four firms in two markets; index labels repeat."""
    return pd.DataFrame(
        {
            "market": ["home", "home", "home", "export", "export", "export"],
            "firm": ["a", "a", "b", "c", "d", "d"],
            "weight": [1.0, 1.0, 2.0, 2.0, 1.0, 1.0],
            "people": [4, 4, 1, 3, 2, 2],
            "firms": [10, 10, 10, 4, 4, 4],
            "rating": RATINGS,
        },
        index=[0, 1, 2, 0, 1, 2],
    )


def error_of(design, table, **options):
    return design.sample(table).mean(table["rating"], **options).std_error


def test_no_design_is_the_error_of_a_simple_random_sample(firms):
    mean = SurveyDesign().sample(firms).mean(firms["rating"])
    assert mean.estimate == pytest.approx(np.mean(RATINGS))
    assert mean.std_error == pytest.approx(np.std(RATINGS, ddof=1) / 6**0.5)
    assert (mean.df, mean.n, mean.n_missing) == (5, 6, 0)
    assert mean.n_effective == pytest.approx(6)


def test_a_known_population_shrinks_the_variance_by_the_share_not_sampled(firms):
    whole, known = SurveyDesign(), SurveyDesign(population=24)
    assert error_of(known, firms) == pytest.approx(error_of(whole, firms) * (1 - 6 / 24) ** 0.5)
    assert error_of(SurveyDesign(population=6), firms) == 0


def test_weights_enter_the_mean_and_its_error(firms):
    mean = SurveyDesign(weight="weight").sample(firms).mean(firms["rating"])
    estimate = (3 + 5 + 2 * 4 + 2 * 1 + 2 + 4) / 8
    scores = np.array([3, 5, 4, 1, 2, 4]) - estimate
    scores *= np.array([1, 1, 2, 2, 1, 1]) / 8
    assert mean.estimate == estimate
    assert mean.std_error == pytest.approx((6 / 5 * (scores**2).sum()) ** 0.5)


def test_respondents_of_one_firm_count_as_one_cluster(firms):
    scores = (np.array(RATINGS) - np.mean(RATINGS)) / 6
    clusters = [scores[0] + scores[1], scores[2], scores[3], scores[4] + scores[5]]
    variance = 4 / 3 * np.square(clusters).sum()
    design = SurveyDesign(cluster="firm")
    assert error_of(design, firms) == pytest.approx(variance**0.5)
    assert design.sample(firms).degrees_of_freedom() == 3


def test_strata_add_up_their_own_variances_and_corrections(firms):
    scores = (np.array(RATINGS) - np.mean(RATINGS)) / 6
    home = 2 * np.var([scores[0] + scores[1], scores[2]], ddof=1)
    export = 2 * np.var([scores[3], scores[4] + scores[5]], ddof=1)
    design = SurveyDesign(stratum="market", cluster="firm")
    assert error_of(design, firms) == pytest.approx((home + export) ** 0.5)
    assert design.sample(firms).degrees_of_freedom() == 4 - 2
    corrected = (home * (1 - 2 / 10) + export * (1 - 2 / 4)) ** 0.5
    for population in ("firms", {"home": 10, "export": 4}):
        known = SurveyDesign(stratum="market", cluster="firm", population=population)
        assert error_of(known, firms) == pytest.approx(corrected)


def test_the_second_stage_adds_what_is_left_to_chance_within_firms(firms):
    first = SurveyDesign(cluster="firm", population=8)
    both = SurveyDesign(cluster="firm", population=8, cluster_population="people")
    scores = (np.array(RATINGS) - np.mean(RATINGS)) / 6
    # Firm d is asked in full, b and c through one person; only two of four in firm a are left.
    within = 4 / 8 * (1 - 2 / 4) * 2 * np.var(scores[:2], ddof=1)
    gain = error_of(both, firms) ** 2 - error_of(first, firms) ** 2
    assert gain == pytest.approx(within)


def test_a_domain_keeps_the_firms_outside_it_in_the_variance(firms):
    inside = (firms["market"] == "home").to_numpy()
    sample = SurveyDesign(cluster="firm").sample(firms)
    mean = sample.mean(firms["rating"], inside)
    scores = np.array([(3 - 4) / 3 + (5 - 4) / 3, 0, 0, 0])
    assert mean.estimate == 4
    assert mean.std_error == pytest.approx((4 / 3 * (scores**2).sum()) ** 0.5)
    assert (mean.n, mean.df) == (3, 2 - 1)
    assert (mean.scores[3:] == 0).all()
    named = SurveyDesign(cluster="firm", domain="is_home").sample(firms.assign(is_home=inside))
    assert named.mean(firms["rating"]).std_error == mean.std_error
    assert named.mean(firms["rating"]).n == 3


def test_missing_answers_are_a_domain_and_are_counted(firms):
    gaps = firms["rating"].where(firms["rating"] > 1)
    sample = SurveyDesign(weight="weight", cluster="firm").sample(firms)
    mean = sample.mean(gaps)
    assert (mean.n, mean.n_missing) == (5, 1)
    inside = gaps.notna().to_numpy()
    assert mean.std_error == sample.mean(firms["rating"], inside).std_error


def test_a_difference_of_domains_uses_their_covariance(firms):
    sample = SurveyDesign(cluster="firm").sample(firms)
    odd = np.array([True, False] * 3)
    first, second = sample.mean(firms["rating"], odd), sample.mean(firms["rating"], ~odd)
    matrix = sample.covariance(np.column_stack([first.scores, second.scores]))
    assert matrix[0, 0] == pytest.approx(first.std_error**2)
    difference = sample.covariance(first.scores - second.scores)[0, 0]
    assert difference == pytest.approx(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1])
    assert abs(matrix[0, 1]) > 0.01


def test_a_total_has_the_error_of_its_weighted_values(firms):
    total = SurveyDesign(weight="weight").sample(firms).total(firms["rating"])
    values = np.array(RATINGS) * firms["weight"].to_numpy()
    assert total.estimate == values.sum()
    assert total.std_error == pytest.approx((6 * np.var(values, ddof=1)) ** 0.5)


@pytest.mark.parametrize("answer", [0.1, 3.0, 4.7])
def test_equal_answers_have_no_error_and_the_size_the_weights_leave(answer):
    weights = np.linspace(0.3, 1.7, 50)
    table = pd.DataFrame({"weight": weights, "rating": answer})
    mean = SurveyDesign(weight="weight").sample(table).mean(table["rating"])
    assert mean.std_error == 0
    assert mean.n_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_a_share_the_strata_fix_has_no_error_and_an_endless_size():
    table = pd.DataFrame({"market": [0, 1] * 50, "weight": [1.7, 2.3] * 50})
    mean = SurveyDesign(weight="weight", stratum="market").sample(table).mean(table["market"])
    assert mean.std_error == pytest.approx(0, abs=1e-15)
    assert mean.n_effective == np.inf


def test_thin_data_give_numbers_that_say_so(firms):
    sample = SurveyDesign(cluster="firm").sample(firms)
    one = sample.mean(firms["rating"], np.arange(6) == 2)
    assert (one.estimate, one.n, one.df) == (4.0, 1, 0)
    assert np.isnan([one.std_error, one.n_effective]).all()
    none = sample.mean(firms["rating"], np.zeros(6, bool))
    assert none.n == 0
    assert np.isnan([none.estimate, none.std_error]).all()
    alone = SurveyDesign().sample(firms.iloc[:1])
    assert np.isnan(alone.total([3.0]).std_error)


def test_a_total_of_a_domain_of_one_firm_still_has_an_error(firms):
    inside = (firms["firm"] == "b").to_numpy()
    expected = (4 / 3 * (4**2 - 4 * 1**2)) ** 0.5
    total = SurveyDesign(cluster="firm").sample(firms).total(firms["rating"], inside)
    assert total.std_error == pytest.approx(expected)
    named = SurveyDesign(cluster="firm", domain="is_b").sample(firms.assign(is_b=inside))
    assert named.total(firms["rating"]).std_error == pytest.approx(expected)


def test_a_respondent_without_a_firm_is_a_cluster_of_one(firms):
    loose = firms.assign(firm=["a", "a", None, None, "d", "d"])
    named = firms.assign(firm=["a", "a", "x", "y", "d", "d"])
    design = SurveyDesign(cluster="firm")
    assert error_of(design, loose) == pytest.approx(error_of(design, named))


def test_rows_without_a_stratum_form_a_stratum_of_their_own(firms):
    loose = firms.assign(market=["home"] * 3 + [None] * 3)
    design = SurveyDesign(stratum="market", cluster="firm")
    assert error_of(design, loose) == pytest.approx(error_of(design, firms))
    known = {"home": 10, "(missing)": 4}
    design = SurveyDesign(stratum="market", cluster="firm", population=known)
    assert error_of(design, loose) > 0


def test_empty_categories_of_a_stratum_change_nothing(firms):
    kinds = pd.CategoricalDtype(["transit", "export", "home"])
    design = SurveyDesign(stratum="market", cluster="firm")
    assert error_of(design, firms.astype({"market": kinds})) == error_of(design, firms)


def test_raking_from_equal_weights_needs_no_start_column(firms):
    raked = firms.assign(start=1.0)
    margins = {"weight": "weight", "margins": ("market",)}
    implied = error_of(SurveyDesign(**margins), raked)
    assert implied == pytest.approx(error_of(SurveyDesign(**margins, base_weight="start"), raked))
    other = error_of(SurveyDesign(**margins, base_weight="weight"), raked)
    assert implied != pytest.approx(other)


@pytest.mark.parametrize("wrong, shown", [(0, "0"), (-2, "-2"), (None, "nan"), (np.inf, "inf")])
def test_a_weight_that_is_not_positive_is_named_with_its_row(firms, wrong, shown):
    firms = firms.assign(weight=[1, 1, 1, 1, wrong, 1]).set_axis(range(6))
    with pytest.raises(DataError, match=f"1 weight in 'weight' is .*first: row 4: {shown}"):
        SurveyDesign(weight="weight").sample(firms)


def test_a_column_the_table_lacks_is_named(firms):
    design = SurveyDesign(weight="tonnes", margins=("region", ("market", "size")), domain="inside")
    with pytest.raises(DataError, match="not in the table: inside, region, size, tonnes"):
        design.sample(firms)


def test_a_firm_in_two_markets_is_named(firms):
    torn = firms.assign(market=["home", "export", "home", "export", "home", "export"])
    with pytest.raises(
        DataError, match=r"'firm' in more than one stratum of 'market'; first: a, d"
    ):
        SurveyDesign(stratum="market", cluster="firm").sample(torn)


def test_a_stratum_of_a_single_firm_is_refused_unless_it_was_taken_whole(firms):
    lonely = firms.assign(market=["home"] * 3 + ["export"] + ["transit"] * 2)
    design = {"stratum": "market", "cluster": "firm"}
    with pytest.raises(DataError, match="single cluster: export, transit"):
        SurveyDesign(**design).sample(lonely)
    known = {"home": 9, "export": 1, "transit": 1}
    assert error_of(SurveyDesign(**design, population=known), lonely) > 0


@pytest.mark.parametrize(
    "population, complaint", [(10, "10, one number for 2"), ({"home": 9}, "export")]
)
def test_strata_need_a_population_each(firms, population, complaint):
    with pytest.raises(ParameterError, match=complaint):
        SurveyDesign(stratum="market", cluster="firm", population=population).sample(firms)


@pytest.mark.parametrize("population", [{"home": 1, "export": 4}, {"home": np.nan, "export": 4}])
def test_a_population_smaller_than_its_sample_is_refused(firms, population):
    with pytest.raises(DataError, match=r"home \(2 of (1|nan)\)"):
        SurveyDesign(stratum="market", cluster="firm", population=population).sample(firms)


def test_a_population_that_varies_within_a_stratum_is_refused(firms):
    uneven = firms.assign(firms=[10, 10, 11, 4, 4, 4]).set_axis(range(6))
    with pytest.raises(DataError, match=r"'firms' is missing or differs .* rows \[0, 1\]"):
        SurveyDesign(stratum="market", cluster="firm", population="firms").sample(uneven)


def test_more_answers_than_people_in_a_firm_are_refused(firms):
    design = SurveyDesign(cluster="firm", population=8, cluster_population="people")
    with pytest.raises(DataError, match="smaller than the respondents of its cluster"):
        design.sample(firms.assign(people=[1, 1, 1, 3, 2, 2]))


@pytest.mark.parametrize("gap", [None, np.nan, "yes"])
def test_a_domain_that_is_neither_true_nor_false_is_refused(firms, gap):
    unclear = firms.assign(inside=[True, False, True, gap, True, False]).set_axis(range(6))
    with pytest.raises(DataError, match=r"'inside' is neither true nor false in 1 rows.*\[3\]"):
        SurveyDesign(domain="inside").sample(unclear)
