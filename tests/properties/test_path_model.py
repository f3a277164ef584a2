"""What must hold for any answers: order of items and blocks, units, weights as repetitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.errors import FitError
from custlib.survey.path_models import path_model

BLOCKS = {"image": ["i1", "i2", "i3"], "value": ["v1", "v2"], "loyalty": ["l1", "l2"]}
PATHS = [("image", "value"), ("value", "loyalty"), ("image", "loyalty")]
ITEMS = [item for block in BLOCKS.values() for item in block]
SCHEMES = ["path", "factorial", "centroid"]


@st.composite
def surveys(draw):
    """Customers with one mood, so that items agree, and chance of their own."""
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows = draw(st.integers(15, 40))
    answers = 2 * random.normal(size=(rows, 1)) + random.normal(size=(rows, len(ITEMS)))
    return pd.DataFrame((answers + 5.5).round().clip(1, 10), columns=ITEMS)


def fit(table, **options):
    chosen = {"blocks": BLOCKS, "paths": PATHS, "scale": (1, 10), "tolerance": 1e-12} | options
    try:
        return path_model(table, **chosen)
    except FitError:
        assume(False)


def numbers(table):
    keys = list(table.columns[:2])
    table = table[~table["measure"].isin(["index_sd"])]
    return table.set_index(keys)["estimate"].sort_index()


def assert_same(model, other):
    for name in ("estimates", "constructs"):
        found, expected = numbers(getattr(model, name)), numbers(getattr(other, name))
        pd.testing.assert_series_equal(found, expected, rtol=1e-7, atol=1e-8)


@given(surveys(), st.sampled_from(SCHEMES), st.randoms(use_true_random=False))
def test_the_order_of_blocks_items_and_respondents_does_not_matter(table, scheme, random):
    names = list(BLOCKS)
    random.shuffle(names)
    blocks = {name: random.sample(BLOCKS[name], len(BLOCKS[name])) for name in names}
    paths = random.sample(PATHS, len(PATHS))
    shuffled = table.sample(frac=1, random_state=random.randrange(1000))
    other = fit(shuffled, blocks=blocks, paths=paths, scheme=scheme)
    assert_same(fit(table, scheme=scheme), other)
    # A pair is told once, by the order of its blocks.
    pairs, others = fit(table, scheme=scheme).pairs, other.pairs
    assert sorted(pairs["estimate"]) == pytest.approx(sorted(others["estimate"]))


@given(surveys(), st.integers(1, 7), st.integers(-20, 20))
def test_another_unit_of_an_item_changes_nothing(table, factor, shift):
    scale = dict.fromkeys(ITEMS, (1, 10)) | {"i2": (shift + factor, shift + 10 * factor)}
    assert_same(fit(table), fit(table.assign(i2=shift + factor * table["i2"]), scale=scale))


@given(surveys(), st.data())
def test_a_weight_of_two_is_a_respondent_asked_twice(table, data):
    repeats = data.draw(st.lists(st.integers(1, 3), min_size=len(table), max_size=len(table)))
    weighted = fit(table.assign(weight=repeats), design=SurveyDesign(weight="weight"))
    repeated = fit(table.loc[np.repeat(table.index, repeats)])
    for measure in ("path", "total_effect", "loading", "weight", "index_weight"):
        pd.testing.assert_series_equal(
            *(
                numbers(model.estimates[model.estimates["measure"] == measure])
                for model in (weighted, repeated)
            ),
            rtol=1e-7,
            atol=1e-8,
        )
    for measure in ("alpha", "rho_A", "AVE", "index", "r_squared"):
        found = numbers(weighted.constructs[weighted.constructs["measure"] == measure])
        expected = numbers(repeated.constructs[repeated.constructs["measure"] == measure])
        pd.testing.assert_series_equal(found, expected, rtol=1e-7, atol=1e-8)


@given(surveys(), st.sampled_from(SCHEMES), st.booleans())
def test_effects_add_up_and_indices_stay_on_their_scale(table, scheme, consistent):
    model = fit(table, scheme=scheme, consistent=consistent)
    wide = model.estimates.pivot_table("estimate", index="term", columns="measure")
    effects = wide[wide["total_effect"].notna()]
    added = effects["path"].fillna(0) + effects["indirect_effect"].fillna(0)
    assert added.to_numpy() == pytest.approx(effects["total_effect"].to_numpy())
    weights = model.estimates[model.estimates["measure"] == "index_weight"]
    assume((weights["estimate"] >= 0).all())
    indices = model.cases[[f"{name}_index" for name in BLOCKS]]
    assert indices.min(axis=None) >= -1e-9
    assert indices.max(axis=None) <= 100 + 1e-9
    means = model.constructs.query("measure == 'index'")["estimate"]
    assert means.tolist() == pytest.approx(indices.mean().tolist())
    scores = model.cases[[f"{name}_score" for name in BLOCKS]]
    assert scores.mean().to_numpy() == pytest.approx(0, abs=1e-9)
    assert scores.std().to_numpy() == pytest.approx(1)


@given(surveys())
def test_scores_regressed_on_each_other_give_the_paths(table):
    model = fit(table)
    scores = [model.cases[f"{name}_score"].to_numpy() for name in BLOCKS]
    image, value, loyalty = scores
    slopes = np.linalg.lstsq(np.column_stack([image, value]), loyalty, rcond=None)[0]
    paths = numbers(model.estimates[model.estimates["measure"] == "path"]).droplevel(1)
    assert paths["image -> loyalty"] == pytest.approx(slopes[0], abs=1e-8)
    assert paths["value -> loyalty"] == pytest.approx(slopes[1], abs=1e-8)
    assert paths["image -> value"] == pytest.approx(np.corrcoef(image, value)[0, 1])
