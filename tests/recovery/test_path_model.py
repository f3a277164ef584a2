"""Planted ECSI effects: covered by PLSc's intervals, missed by plain mode A, which shrinks them."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.survey.path_models import ecsi_paths, path_model

CUSTOMERS = 250
EFFECTS = {
    ("image", "expectation"): 0.55,
    ("expectation", "quality"): 0.60,
    ("expectation", "value"): 0.10,
    ("quality", "value"): 0.55,
    ("image", "satisfaction"): 0.20,
    ("expectation", "satisfaction"): 0.05,
    ("quality", "satisfaction"): 0.45,
    ("value", "satisfaction"): 0.25,
    ("satisfaction", "complaints"): 0.50,
    ("image", "loyalty"): 0.20,
    ("satisfaction", "loyalty"): 0.50,
    ("complaints", "loyalty"): 0.10,
}
LOADINGS = {
    "image": [0.80, 0.75, 0.70, 0.78, 0.65],
    "expectation": [0.78, 0.70, 0.76],
    "quality": [0.82, 0.75, 0.72, 0.78, 0.74, 0.70, 0.80],
    "value": [0.88, 0.90],
    "satisfaction": [0.85, 0.82, 0.84],
    "complaints": [1.0],
    "loyalty": [0.85, 0.65, 0.88],
}
BLOCKS = {name: [f"{name}_{at}" for at in range(len(x))] for name, x in LOADINGS.items()}
TERMS = [f"{a} -> {b}" for a, b in EFFECTS]
FIRM_SHARE = 0.5  # of the variance, where respondents share firms


def surveys(count, seed, firms=None):
    """Answers from -40 to 40 in tenths of a standard deviation, hardly rounded at all."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        firm = np.arange(CUSTOMERS) if firms is None else np.arange(CUSTOMERS) % firms

        def chance(firm=firm):
            own = random.normal(size=CUSTOMERS)
            if firms is None:
                return own
            shared = random.normal(size=firms)[firm]
            return np.sqrt(FIRM_SHARE) * shared + np.sqrt(1 - FIRM_SHARE) * own

        constructs, answers = {}, {"firm": firm}
        for name in BLOCKS:
            causes = {a: effect for (a, b), effect in EFFECTS.items() if b == name}
            signal = sum(effect * constructs[a] for a, effect in causes.items())
            constructs[name] = signal + np.sqrt(1 - explained(name)) * chance()
        for name, loadings in LOADINGS.items():
            for item, loading in zip(BLOCKS[name], loadings, strict=True):
                answer = loading * constructs[name] + np.sqrt(1 - loading**2) * chance()
                answers[item] = np.clip(np.round(10 * answer), -60, 60)
        yield pd.DataFrame(answers)


def explained(name):
    """R² of a construct in the population, from the planted effects."""
    names = list(BLOCKS)
    correlation = np.eye(len(names))
    for at, one in enumerate(names):
        effects = np.array([EFFECTS.get((a, one), 0.0) for a in names[:at]])
        correlation[at, :at] = correlation[:at, at] = effects @ correlation[:at, :at]
        if one == name:
            return float(effects @ correlation[:at, :at] @ effects)
    raise LookupError(name)


def fit(table, **options):
    return path_model(
        table, blocks=BLOCKS, paths=ecsi_paths(BLOCKS), scale=(-60, 60), **options
    ).estimates


def paths(count, stream, firms=None, **options):
    """Table of all data sets' paths with the truth beside."""
    found = []
    for table in surveys(count, stream, firms):
        rows = fit(table, **options)
        found.append(rows[rows["measure"] == "path"].set_index("term").loc[TERMS])
    return pd.concat(found).assign(truth=np.tile(list(EFFECTS.values()), count))


def coverage(rows):
    return ((rows["ci_low"] <= rows["truth"]) & (rows["truth"] <= rows["ci_high"])).mean()


def assert_consistent_pls_covers(count, n_boot):
    rows = paths(count, 31, consistent=True, n_boot=n_boot, seed=1)
    # Twelve intervals a data set: the share covered is known to about sqrt(.05 × .95 / 12 / count).
    assert 0.93 < coverage(rows) < 0.98
    bias = (rows["estimate"] - rows["truth"]).groupby(level=0).mean()
    assert bias.abs().max() < 0.03
    spread = rows["estimate"].groupby(level=0).std() / rows["std_error"].groupby(level=0).mean()
    assert spread.median() == pytest.approx(1, abs=0.1)


def test_intervals_of_consistent_pls_cover_the_planted_paths():
    assert_consistent_pls_covers(count=100, n_boot=200)


@pytest.mark.slow
def test_intervals_of_consistent_pls_cover_the_planted_paths_in_many_surveys():
    assert_consistent_pls_covers(count=1000, n_boot=1000)


def test_plain_mode_a_shrinks_paths_and_inflates_loadings():
    rows = paths(30, 32)
    ratio = (rows["estimate"] / rows["truth"]).groupby(level=0).mean()
    strong = ["image -> expectation", "expectation -> quality", "satisfaction -> loyalty"]
    assert (ratio[strong] < 0.92).all()
    (table,) = surveys(1, 33)
    loadings = fit(table).query("measure == 'loading'").set_index("term")["estimate"]
    planted = [x for block in LOADINGS.values() for x in block]
    assert (loadings - np.array(planted)).mean() > 0.03


def test_firms_drawn_whole_cover_where_respondents_drawn_alone_do_not():
    options = {"consistent": True, "n_boot": 200, "seed": 1}
    clustered = SurveyDesign(cluster="firm")
    assert coverage(paths(40, 34, firms=50, design=clustered, **options)) > 0.90
    assert coverage(paths(40, 34, firms=50, **options)) < 0.88
