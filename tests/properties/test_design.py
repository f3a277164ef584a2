"""What a design may never do, whatever the sample."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custlib.design import SurveyDesign


@st.composite
def samples(draw):
    """Two strata of at least two firms, a few respondents each, with weights and ratings."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=4, max_size=9))
    firm = np.repeat(np.arange(len(sizes)), sizes)
    n = len(firm)
    numbers = st.lists(st.floats(0.1, 10), min_size=n, max_size=n)
    ratings = st.lists(st.integers(1, 5), min_size=n, max_size=n)
    return pd.DataFrame(
        {
            "firm": firm,
            "market": np.where(firm < 2, "home", "export"),
            "weight": draw(numbers),
            "rating": np.array(draw(ratings), float),
            "firms": np.where(firm < 2, 9, 30),
        }
    )


DESIGN = SurveyDesign(weight="weight", stratum="market", cluster="firm", population="firms")


def mean_of(design, table):
    return design.sample(table).mean(table["rating"])


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    first, second = mean_of(DESIGN, table), mean_of(DESIGN, table.iloc[order])
    assert second.estimate == pytest.approx(first.estimate)
    assert second.std_error == pytest.approx(first.std_error, abs=1e-12)


@given(samples(), st.floats(0.001, 1000), st.floats(-5, 5))
def test_the_unit_of_the_weights_and_the_origin_of_the_scale_do_not_matter(table, unit, shift):
    first = mean_of(DESIGN, table)
    other = table.assign(weight=table["weight"] * unit, rating=table["rating"] + shift)
    second = mean_of(DESIGN, other)
    assert second.estimate == pytest.approx(first.estimate + shift)
    assert second.std_error == pytest.approx(first.std_error, abs=1e-10)


@given(samples())
def test_index_labels_do_not_matter(table):
    stacked = table.set_axis(np.zeros(len(table), int))
    assert mean_of(DESIGN, stacked).std_error == mean_of(DESIGN, table).std_error


@given(samples())
def test_scores_sum_to_zero_and_lie_in_the_domain(table):
    inside = (table["rating"] > 2).to_numpy()
    mean = DESIGN.sample(table).mean(table["rating"], inside)
    if inside.any():
        assert mean.scores.sum() == pytest.approx(0, abs=1e-12)
        assert (mean.scores[~inside] == 0).all()


@given(samples())
def test_a_known_population_never_widens_the_error(table):
    endless = SurveyDesign(weight="weight", stratum="market", cluster="firm")
    assert mean_of(DESIGN, table).std_error <= mean_of(endless, table).std_error * (1 + 1e-12)


@given(samples())
def test_one_respondent_a_firm_is_the_design_without_firms(table):
    alone = table.groupby("firm").head(1)
    clustered = SurveyDesign(weight="weight", stratum="market", cluster="firm")
    plain = SurveyDesign(weight="weight", stratum="market")
    first, second = mean_of(clustered, alone), mean_of(plain, alone)
    assert first.std_error == pytest.approx(second.std_error, abs=1e-12)
    assert first.df == second.df


@given(samples())
def test_a_covariance_matrix_is_symmetric_with_no_negative_direction(table):
    sample = DESIGN.sample(table)
    shares = [sample.mean(table["rating"] == answer).scores for answer in range(1, 6)]
    matrix = sample.covariance(np.column_stack(shares))
    assert matrix == pytest.approx(matrix.T)
    assert np.linalg.eigvalsh(matrix).min() >= -1e-12
    # Shares of all answers sum to one, which has no error.
    assert matrix.sum() == pytest.approx(0, abs=1e-12)


@given(samples())
def test_a_mean_is_the_ratio_of_its_totals(table):
    sample = DESIGN.sample(table)
    ones = np.ones(len(table))
    total, people = sample.total(table["rating"]), sample.total(ones)
    assert sample.mean(table["rating"]).estimate == pytest.approx(total.estimate / people.estimate)
    assert sample.ratio(table["rating"], ones).std_error == sample.mean(table["rating"]).std_error


@given(samples())
def test_equal_weights_and_no_design_lose_nothing_of_the_sample(table):
    mean = mean_of(SurveyDesign(), table)
    assert mean.n_effective == pytest.approx(mean.n)
    assert mean.std_error == pytest.approx(table["rating"].std() / mean.n**0.5, abs=1e-12)


@given(samples())
def test_unequal_weights_alone_cost_what_kish_says_where_ratings_do_not_depend_on_them(table):
    # Every weight occurs with its mirror rating, so weights and squared deviations are unrelated.
    both = pd.concat([table.assign(rating=1.0), table.assign(rating=5.0)], ignore_index=True)
    mean = mean_of(SurveyDesign(weight="weight"), both)
    weights = both["weight"]
    kish = weights.sum() ** 2 / (weights**2).sum()
    assert mean.n_effective == pytest.approx(kish)
