"""Resampling against formulas: clusters stay whole, strata keep their size, seeds repeat."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.resampling import BLOCK_CELLS, bootstrap, cluster_draws, multinomial_bootstrap


@pytest.fixture
def stacked():
    """Three firms of unlike size and a respondent without one; index labels repeat."""
    firms = ["a", "a", "a", "b", "c", "c", None]
    table = pd.DataFrame({"firm": firms, "market": [1, 1, 1, 1, 2, 2, 2], "row": range(7)})
    return table.set_axis([0, 1, 2, 0, 1, 2, 0])


def test_whole_firms_are_drawn_as_many_as_there_are(stacked):
    seen = []
    bootstrap(
        stacked, lambda t: seen.append(t["row"].tolist()) or 0.0, n_boot=200, seed=3, cluster="firm"
    )
    draws = seen[:200]
    units = {(0, 1, 2), (3,), (4, 5), (6,)}
    first = {0: (0, 1, 2), 3: (3,), 4: (4, 5), 6: (6,)}
    for rows in draws:
        drawn = []
        while rows:
            unit = first[rows[0]]
            assert tuple(rows[: len(unit)]) == unit
            drawn, rows = [*drawn, unit], rows[len(unit) :]
        assert len(drawn) == 4
        assert set(drawn) <= units
    assert len({tuple(rows) for rows in draws}) > 50


def test_every_stratum_keeps_its_number_of_firms(stacked):
    def shares(table):
        return (table["market"] == 1).sum()

    drawn = bootstrap(stacked, shares, n_boot=50, seed=1, stratum="market")
    assert set(drawn.replicates.ravel()) == {4}


def test_the_same_seed_gives_the_same_draws_and_more_draws_keep_the_first(stacked):
    options = {"statistic": lambda table: table["row"].mean(), "seed": 11, "cluster": "firm"}
    first = bootstrap(stacked, n_boot=20, **options).replicates
    more = bootstrap(stacked, n_boot=40, **options).replicates
    assert (more[:20] == first).all()
    other = bootstrap(stacked, n_boot=20, **options | {"seed": 12}).replicates
    assert (other != first).any()


def test_the_bootstrap_error_of_a_mean_is_near_the_formula():
    values = pd.DataFrame({"y": np.arange(60.0)})
    drawn = bootstrap(values, lambda t: t["y"].mean(), n_boot=2000, seed=1)
    assert drawn.std_error[0] == pytest.approx(np.std(values["y"]) / 60**0.5, rel=0.05)
    low, high = drawn.interval()
    inside = (drawn.replicates >= low) & (drawn.replicates <= high)
    assert inside.mean() == pytest.approx(0.95, abs=0.002)


def test_the_multinomial_bootstrap_has_the_error_of_a_mean_score():
    counts, scores = np.array([[20, 30, 50], [5, 5, 0]]), np.array([-100.0, 0.0, 100.0])
    drawn = multinomial_bootstrap(counts, scores, n_boot=20_000, seed=2)
    assert drawn.estimate.tolist() == [30, -50]
    variances = [(0.7 - 0.3**2) * 100**2 / 100, (0.5 - 0.5**2) * 100**2 / 10]
    assert drawn.std_error == pytest.approx(np.sqrt(variances), rel=0.02)
    with pytest.raises(ParameterError, match=r"positions \[1\]"):
        multinomial_bootstrap([[1, 2], [0, 0]], [0, 1], n_boot=10, seed=1)


def test_resampling_refuses_a_single_draw_and_an_absent_column(stacked):
    with pytest.raises(ParameterError, match="n_boot is 1"):
        bootstrap(stacked, len, n_boot=1, seed=1)
    with pytest.raises(DataError, match="not in the table: company"):
        bootstrap(stacked, len, n_boot=2, seed=1, cluster="company")


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
