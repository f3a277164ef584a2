"""Resampling against formulas: clusters stay whole, strata keep their size, seeds repeat."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.resampling import BLOCK_CELLS, Resamples, cluster_draws, multinomial_bootstrap


@pytest.fixture
def stacked():
    """Three firms of unlike size and a respondent without one; index labels repeat."""
    firms = ["a", "a", "a", "b", "c", "c", None]
    table = pd.DataFrame({"firm": firms, "market": [1, 1, 1, 1, 2, 2, 2], "row": range(7)})
    return table.set_axis([0, 1, 2, 0, 1, 2, 0])


def test_the_multinomial_bootstrap_has_the_error_of_a_mean_score():
    counts, scores = np.array([[20, 30, 50], [5, 5, 0]]), np.array([-100.0, 0.0, 100.0])
    drawn = multinomial_bootstrap(counts, scores, n_boot=20_000, seed=2)
    assert drawn.estimate.tolist() == [30, -50]
    variances = [(0.7 - 0.3**2) * 100**2 / 100, (0.5 - 0.5**2) * 100**2 / 10]
    assert drawn.std_error == pytest.approx(np.sqrt(variances), rel=0.02)
    with pytest.raises(ParameterError, match=r"positions \[1\]"):
        multinomial_bootstrap([[1, 2], [0, 0]], [0, 1], n_boot=10, seed=1)


def test_cluster_draws_keep_every_stratum_its_number_of_clusters(stacked):
    stacked = stacked.assign(region=["x", "x", "x", "x", "y", "y", "y"])
    sample = SurveyDesign(cluster="firm", stratum="region").sample(stacked)
    counts = np.concatenate(list(cluster_draws(sample, n_boot=300, seed=4)))
    assert counts.shape == (300, 4)
    for stratum in (0, 1):
        assert set(counts[:, sample.stratum_of_cluster == stratum].sum(axis=1)) == {2}


def test_cluster_draws_give_the_variance_of_nine_of_ten_counted_up_to_ten():
    sample = SurveyDesign().sample(pd.DataFrame({"y": range(10)}))
    counts = np.concatenate(list(cluster_draws(sample, n_boot=20_000, seed=1)))
    assert counts.mean(axis=0) == pytest.approx(np.ones(10), abs=0.03)
    # Binomial 9 x 0.1 x 0.9, times (10/9) squared.
    assert counts.var(axis=0) == pytest.approx(np.full(10, 1.0), rel=0.06)


@pytest.mark.parametrize("clusters", [2, 4])
def test_with_few_clusters_replicates_of_a_total_have_the_variance_of_the_formula(clusters):
    rng = np.random.default_rng(clusters)
    table = pd.DataFrame(
        {"market": np.repeat(range(20), clusters), "y": rng.normal(size=20 * clusters)}
    )
    sample = SurveyDesign(stratum="market").sample(table)
    counts = np.concatenate(list(cluster_draws(sample, n_boot=8_000, seed=1)))
    totals = counts @ table["y"].to_numpy()
    assert totals.std(ddof=1) == pytest.approx(sample.total(table["y"]).std_error, rel=0.03)


def test_strata_drawn_at_once_have_the_draws_they_would_have_one_after_another():
    """The stream of a replicate goes through the strata in order: n − 1 numbers for each."""
    market = np.random.default_rng(1).permutation(np.repeat([0, 1, 2, 3], [5, 1, 9, 2]))
    sizes = {0: 20, 1: 1, 2: 9, 3: 8}
    table = pd.DataFrame({"market": market})
    sample = SurveyDesign(stratum="market", population=sizes).sample(table)
    counts = np.concatenate(list(cluster_draws(sample, n_boot=40, seed=7)))
    codes = sample.stratum_of_cluster
    for row, stream in zip(counts, np.random.SeedSequence(7).spawn(40), strict=True):
        generator = np.random.default_rng(stream)
        for code, asked in enumerate(sample.fraction):
            members = np.flatnonzero(codes == code)
            n, drawn = len(members), max(len(members) - 1, 1)
            picks = [int(generator.integers(n, dtype=np.int32)) for _ in range(drawn)]
            times = np.array([picks.count(at) for at in range(n)]) * n / drawn
            assert row[members] == pytest.approx(1 + np.sqrt(1 - asked) * (times - 1))


def test_counts_of_parts_of_answers_are_refused():
    with pytest.raises(ParameterError, match=r"Counts such as 2\.5"):
        multinomial_bootstrap([[1, 2.5]], [0, 1], n_boot=10, seed=1)


def test_blocks_do_not_change_the_draws(monkeypatch):
    sample = SurveyDesign().sample(pd.DataFrame({"y": range(50)}))
    whole = np.concatenate(list(cluster_draws(sample, n_boot=9, seed=5)))
    monkeypatch.setattr("custlib.resampling.BLOCK_CELLS", 100)
    parts = list(cluster_draws(sample, n_boot=9, seed=5))
    assert [len(part) for part in parts] == [2, 2, 2, 2, 1]
    assert (np.concatenate(parts) == whole).all()
    assert BLOCK_CELLS > 100


def test_of_a_population_asked_in_large_part_little_is_left_to_chance():
    table = pd.DataFrame({"y": np.random.default_rng(1).normal(size=60)})
    sample = SurveyDesign(population=80).sample(table)
    counts = np.concatenate(list(cluster_draws(sample, n_boot=8_000, seed=1)))
    means = counts @ table["y"].to_numpy() / 60
    assert means.std(ddof=1) == pytest.approx(sample.mean(table["y"]).std_error, rel=0.03)
    assert (counts > 0).all()
    whole = SurveyDesign(population=60).sample(table)
    assert (next(cluster_draws(whole, n_boot=5, seed=1)) == 1).all()


def test_intervals_are_percentiles_and_missing_replicates_do_not_count():
    drawn = Resamples(
        np.array([0.0, 0.0]), np.column_stack([np.arange(101.0), np.full(101, np.nan)])
    )
    low, high = drawn.interval(conf_level=0.9)
    assert (low[0], high[0]) == pytest.approx((5, 95))
    assert np.isnan([low[1], high[1], drawn.std_error[1]]).all()


def test_a_second_stage_leaves_the_finite_population_out(stacked):
    stacked = stacked.assign(people=[4, 4, 4, 1, 2, 2, 1])
    options = {"cluster": "firm", "population": 5}
    plain = SurveyDesign(**options).sample(stacked)
    staged = SurveyDesign(**options, cluster_population="people").sample(stacked)
    endless = SurveyDesign(cluster="firm").sample(stacked)
    one, two, three = (
        next(cluster_draws(sample, n_boot=9, seed=1)) for sample in (plain, staged, endless)
    )
    assert (two == three).all()
    assert (one != three).any()
