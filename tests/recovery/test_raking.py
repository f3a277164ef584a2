"""Samples of firms from one fixed population: the raked mean's interval holds what it promises."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.intervals import t_interval
from custlib.survey.weights.adjustment import rake

SAMPLED = {"large": 45, "medium": 45, "small": 45}  # firms drawn; all their contacts answer

DRAWN = {"stratum": "size", "cluster": "firm", "population": "firms"}


@pytest.fixture(scope="module")
def population():
    """900 firms of three sizes, one to four contacts each, whose ratings differ by all of it."""
    rng = np.random.default_rng(20)
    sizes = ["large"] * 120 + ["medium"] * 280 + ["small"] * 500
    firms = pd.DataFrame({"firm": range(900), "size": sizes})
    firms["market"] = rng.choice(["home", "near", "far"], 900, p=[0.5, 0.3, 0.2])
    firms["mood"] = rng.normal(0, 0.7, 900)
    people = firms.loc[np.repeat(firms.index, rng.integers(1, 5, 900))].reset_index(drop=True)
    people["role"] = rng.choice(["buyer", "user"], len(people), p=[0.4, 0.6])
    level = people["market"].map({"home": 6.4, "near": 7.4, "far": 8.6})
    level = level + people["role"].map({"buyer": 0.8, "user": -0.3}) + people["mood"]
    level = level - (people["size"] == "large") * 0.8
    people["rating"] = np.clip(np.round(level + rng.normal(0, 1, len(people))), 1, 10)
    return people.assign(firms=people["size"].map(firms["size"].value_counts()))


@pytest.fixture(scope="module")
def by_firm(population):
    return {size: rows["firm"].unique() for size, rows in population.groupby("size")}


def estimates(population, by_firm, runs, seed):
    """Raked mean, its error, its interval, and the error a design blind to raking would give."""
    margins = ("market", "role")
    targets = {margin: population[margin].value_counts().to_dict() for margin in margins}
    rows = []
    for stream in np.random.SeedSequence(seed).spawn(runs):
        rng = np.random.default_rng(stream)
        drawn = [rng.choice(by_firm[size], count, replace=False) for size, count in SAMPLED.items()]
        answers = population[population["firm"].isin(np.concatenate(drawn))]
        answers = answers.assign(start=answers["firms"] / answers["size"].map(SAMPLED))
        raked = rake(answers, targets=targets, base_weight="start")
        mean = raked.design(**DRAWN).sample(raked.cases).mean(answers["rating"])
        blind = SurveyDesign(weight="weight", **DRAWN).sample(raked.cases).mean(answers["rating"])
        low, high = t_interval(mean.estimate, mean.std_error, mean.df)
        rows.append((mean.estimate, mean.std_error, low, high, blind.std_error))
    return pd.DataFrame(rows, columns=["estimate", "std_error", "low", "high", "blind"])


def coverage(found, truth):
    return ((found["low"] <= truth) & (truth <= found["high"])).mean()


@pytest.fixture(scope="module")
def found(population, by_firm):
    return estimates(population, by_firm, runs=250, seed=1)


def test_the_interval_covers_the_population_about_as_often_as_it_says(found, population):
    assert 0.92 <= coverage(found, population["rating"].mean()) <= 0.98


def test_the_raked_mean_is_right_on_average(found, population):
    error = found["estimate"] - population["rating"].mean()
    assert abs(error.mean()) < 3 * error.std() / len(error) ** 0.5 + 0.01


def test_the_standard_error_is_the_spread_of_the_raked_means(found):
    assert found["std_error"].mean() == pytest.approx(found["estimate"].std(), rel=0.1)


def test_a_design_blind_to_raking_claims_too_large_an_error(found):
    assert found["blind"].mean() > 1.15 * found["estimate"].std()


@pytest.mark.slow
def test_the_interval_covers_the_population_in_a_long_run(population, by_firm):
    found = estimates(population, by_firm, runs=3000, seed=2)
    assert 0.935 <= coverage(found, population["rating"].mean()) <= 0.965
    assert found["std_error"].mean() == pytest.approx(found["estimate"].std(), rel=0.03)
