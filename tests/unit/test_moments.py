"""Moments against numpy and pandas; resampled moments against a direct computation."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.resampling import cluster_draws
from custlib.survey.moments import CrossProducts


@pytest.fixture
def answers():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.integers(1, 8, (60, 4)) + 100.0, columns=list("abcd"))
    table["d"] += table["a"]
    return table.assign(w=rng.uniform(1, 3, 60), firm=rng.integers(0, 20, 60))


@pytest.fixture
def gappy(answers):
    gaps = np.random.default_rng(2).random((60, 4)) < 0.15
    return answers.assign(**{c: answers[c].mask(gaps[:, at]) for at, c in enumerate("abcd")})


def products(table, *, pairwise=False, **design):
    values = table[list("abcd")].to_numpy(float)
    return CrossProducts.of(values, SurveyDesign(**design).sample(table), pairwise=pairwise)


def test_complete_answers_have_the_moments_of_numpy(answers):
    found = products(answers).moments()
    values = answers[list("abcd")].to_numpy()
    assert found.mean == pytest.approx(values.mean(axis=0))
    assert found.covariance == pytest.approx(np.cov(values.T))
    assert found.correlation == pytest.approx(np.corrcoef(values.T))


def test_weights_enter_as_in_a_weighted_covariance(answers):
    found = products(answers, weight="w").moments()
    values, w = answers[list("abcd")].to_numpy(), answers["w"].to_numpy()
    expected = np.cov(values.T, aweights=w, ddof=0) * 60 / 59
    assert found.covariance == pytest.approx(expected)
    assert found.mean == pytest.approx(np.average(values, axis=0, weights=w))


def test_listwise_drops_the_row_and_pairwise_only_the_pair(gappy):
    items = gappy[list("abcd")]
    listwise, pairwise = products(gappy), products(gappy, pairwise=True)
    complete = items.dropna()
    assert listwise.moments().covariance == pytest.approx(complete.cov().to_numpy())
    assert (listwise.n == len(complete)).all()
    assert pairwise.moments().covariance == pytest.approx(items.cov().to_numpy())
    assert pairwise.moments().correlation == pytest.approx(items.corr().to_numpy())
    assert np.diag(pairwise.n).tolist() == items.notna().sum().tolist()


@pytest.mark.parametrize("pairwise", [False, True])
def test_a_resample_has_the_moments_of_the_rows_it_drew(gappy, pairwise):
    design = {"cluster": "firm", "weight": "w"}
    built = products(gappy, pairwise=pairwise, **design)
    blocks = list(built.replicates(n_boot=5, seed=3))
    counts = np.concatenate(list(cluster_draws(built.sample, n_boot=5, seed=3)))
    drawn = gappy.assign(w=gappy["w"] * counts[2][built.sample.clusters])
    drawn = drawn[drawn["w"] > 0]
    again = products(drawn, pairwise=pairwise, weight="w").moments()
    assert blocks[0].mean[2] == pytest.approx(again.mean)
    assert blocks[0].correlation[2] == pytest.approx(again.correlation)


def test_an_item_without_spread_has_no_correlation(answers):
    found = products(answers.assign(b=0.1)).moments()
    assert np.isnan(found.correlation[1]).all()
    assert found.covariance[1, 1] == pytest.approx(0, abs=1e-12)
    assert not np.isnan(found.correlation[0, 2])


def test_rows_outside_the_domain_do_not_count(answers):
    inside = answers.assign(here=answers["firm"] < 10)
    found = products(inside, domain="here").moments()
    expected = inside[inside["here"]][list("abcd")].corr().to_numpy()
    assert found.correlation == pytest.approx(expected)


@pytest.mark.parametrize("pairwise", [False, True])
def test_one_cluster_tells_nothing_of_chance(gappy, pairwise):
    """Resamples of a single firm are all that firm: alike, which is not the same as sure."""
    built = products(gappy.assign(firm="only"), pairwise=pairwise, cluster="firm")
    (block,) = built.replicates(n_boot=4, seed=1)
    assert np.isnan(block.mean).all()
    assert np.isnan(block.correlation).all()
    some = gappy.assign(b=gappy["b"].where(gappy["firm"] == 1))
    (block,) = products(some, pairwise=True, cluster="firm").replicates(n_boot=4, seed=1)
    assert np.isnan(block.mean[:, 1]).all()
    assert not np.isnan(block.mean[:, 0]).any()


def test_one_cluster_in_each_stratum_is_certain_where_all_were_asked():
    """Three markets of one firm each, and there are no other firms: nothing is left to chance."""
    firms = pd.DataFrame({"firm": ["x", "y", "z"], "d": [4.0, 6.0, 11.0]})
    firms = firms.assign(a=[1.0, 2.0, 6.0], b=[2.0, 4.0, 12.0], c=[3.0, 2.0, -2.0])
    design = {"stratum": "firm", "cluster": "firm", "population": dict.fromkeys("xyz", 1)}
    for pairwise in (False, True):
        (block,) = products(firms, pairwise=pairwise, **design).replicates(n_boot=4, seed=1)
        assert block.mean == pytest.approx(np.tile([3.0, 6.0, 1.0, 7.0], (4, 1)))
        # b is twice a, and c is 4 less a.
        assert block.correlation[:, 0, 1:3] == pytest.approx(np.tile([1.0, -1.0], (4, 1)))


def test_what_only_one_cluster_of_each_stratum_answered_has_no_resamples():
    """Item b: firms 1 and 3 of markets m and n; item a: two of m; item c: two of each."""
    table = pd.DataFrame({"firm": [1, 2, 3, 4], "market": ["m", "m", "n", "n"]})
    table = table.assign(a=[1, 2, 4, np.nan], b=[3, np.nan, 5, np.nan], c=[1, 4, 2, 2], d=1.0)
    built = products(table, pairwise=True, stratum="market", cluster="firm")
    (block,) = built.replicates(n_boot=4, seed=1)
    assert np.isnan(block.mean).all(axis=0).tolist() == [False, True, False, False]
    assert np.isnan(block.covariance[:, 0, 1]).all()
    assert not np.isnan(block.covariance[:, 0, 2]).any()


def test_many_strata_take_no_table_of_clusters_by_strata():
    """Of 4,000 clusters in 2,000 strata such a table alone would take 64 MB."""
    table = pd.DataFrame(np.arange(16_000).reshape(4_000, 4) % 7, columns=list("abcd"))
    built = products(table.assign(market=table.index // 2), stratum="market")
    tracemalloc.start()
    list(built.replicates(n_boot=2, seed=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6


def test_a_seed_is_asked_for(answers):
    with pytest.raises(ParameterError, match="seed is absent"):
        next(products(answers).replicates(n_boot=4, seed=None))
