"""Simulated scales of known reliability: the intervals cover it as often as they say."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.survey.reliability.consistency import cronbach_alpha
from custlib.survey.reliability.one_factor import mcdonald_omega

LOADINGS = np.array([0.5, 0.6, 0.7, 0.8, 0.9])


def scales(surveys, answers):
    """Many five-item scales beside one another, all asked of the same respondents."""
    columns = {f"{at}_{item}": answers[:, at, item] for at in range(surveys) for item in range(5)}
    named = {str(at): [f"{at}_{item}" for item in range(5)] for at in range(surveys)}
    return pd.DataFrame(columns), named


def draw(surveys, rows, loadings, seed, firm=None):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(rows, surveys, 1))
    if firm is not None:  # respondents of a firm share half of the factor's variance
        shared = rng.normal(size=(firm.max() + 1, surveys, 1))[firm]
        factor = (factor + shared) * 0.5**0.5
    own = rng.normal(size=(rows, surveys, 5)) * np.sqrt(1 - loadings**2)
    return scales(surveys, loadings * factor + own)


def coverage(table, measure, truth):
    rows = table[table["measure"] == measure]
    return ((rows["ci_low"] <= truth) & (truth <= rows["ci_high"])).mean()


def feldt(surveys):
    responses, named = draw(surveys, 60, np.full(5, 0.6**0.5), seed=20301)
    truth = 5 * 0.6 / (1 + 4 * 0.6)
    table = cronbach_alpha(responses, scales=named)
    found = table[table["measure"] == "alpha"]
    chance = found["estimate"].std() / surveys**0.5
    assert found["estimate"].mean() == pytest.approx(truth, abs=4 * chance + 0.004)
    assert found["std_error"].mean() == pytest.approx(found["estimate"].std(), rel=0.15)
    return coverage(table, "alpha", truth)


def clustered(surveys, n_boot, firms=80):
    firm = np.repeat(np.arange(firms), 4)
    responses, named = draw(surveys, len(firm), np.full(5, 0.6**0.5), seed=20302, firm=firm)
    table = cronbach_alpha(
        responses.assign(firm=firm),
        scales=named,
        design=SurveyDesign(cluster="firm"),
        interval="bootstrap",
        n_boot=n_boot,
        seed=7,
    )
    return coverage(table, "alpha", 5 * 0.6 / (1 + 4 * 0.6))


def test_feldts_interval_covers_alpha_of_items_alike():
    assert 0.92 <= feldt(400) <= 0.98


def test_the_cluster_bootstrap_covers_alpha():
    assert 0.89 <= clustered(150, 200) <= 0.98


def test_with_few_firms_it_covers_too():
    # Percentiles hold the truth in about 0.86 of such surveys; 400 give a standard error of 0.011.
    assert 0.915 <= clustered(400, 200, firms=10) <= 0.98


@pytest.mark.parametrize("extraction", ["ml", "minres"])
def test_omega_finds_loadings_and_reliability_that_alpha_falls_short_of(extraction):
    responses, named = draw(3, 20_000, LOADINGS, seed=20303)
    truth = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())
    table = mcdonald_omega(responses, scales=named, extraction=extraction)
    omega = table.loc[table["measure"] == "omega", "estimate"]
    assert omega.to_numpy() == pytest.approx(truth, abs=0.01)
    loadings = table.loc[table["measure"] == "loading", "estimate"].to_numpy().reshape(3, 5)
    assert loadings == pytest.approx(np.tile(LOADINGS, (3, 1)), abs=0.03)
    alpha = cronbach_alpha(responses, scales=named)
    assert (alpha.loc[alpha["measure"] == "alpha", "estimate"].to_numpy() < omega).all()


def omega_coverage(surveys, n_boot):
    responses, named = draw(surveys, 200, LOADINGS, seed=20304)
    truth = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())
    table = mcdonald_omega(responses, scales=named, n_boot=n_boot, seed=3)
    return coverage(table, "omega", truth)


def test_the_bootstrap_of_omega_covers_it():
    assert omega_coverage(40, 60) >= 0.82


@pytest.mark.slow
def test_at_full_size_all_three_intervals_cover_about_as_often_as_they_say():
    assert 0.94 <= feldt(4000) <= 0.96
    assert 0.925 <= clustered(1000, 500) <= 0.965
    assert 0.9 <= omega_coverage(200, 200) <= 0.98
