"""What must hold of penalties, rewards and priorities for any answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.survey.contrast import penalty_reward
from custlib.survey.importance import importance_performance

ITEMS = ["speed", "price", "quality"]


@st.composite
def surveys(draw):
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows = draw(st.integers(40, 90))
    table = pd.DataFrame(random.integers(1, 6, (rows, 4)), columns=[*ITEMS, "overall"])
    firm, weight = random.integers(0, 25, rows), random.integers(1, 4, rows)
    return table.assign(firm=firm, weight=weight.astype(float))


def same(found, expected, columns=("estimate", "std_error", "ci_low", "ci_high")):
    for column in columns:
        np.testing.assert_allclose(found[column], expected[column], rtol=1e-7, atol=1e-9)


def explain(responses, items=ITEMS, design=None):
    return penalty_reward(responses, outcome="overall", items=items, scale=(1, 5), design=design)


@given(responses=surveys(), seed=st.integers(0, 99))
@settings(max_examples=15)
def test_the_order_of_rows_and_items_does_not_matter_to_penalties(responses, seed):
    design = SurveyDesign(weight="weight", cluster="firm")
    expected = explain(responses, design=design)
    shuffled = responses.sample(frac=1, random_state=seed)
    same(explain(shuffled, design=design).estimates, expected.estimates)
    turned = explain(responses, items=ITEMS[::-1], design=design).estimates
    order = pd.MultiIndex.from_frame(expected.estimates[["item", "measure"]])
    same(turned.set_index(["item", "measure"]).loc[order], expected.estimates)


@given(responses=surveys())
@settings(max_examples=15)
def test_a_respondent_of_weight_two_counts_as_two(responses):
    twice = responses.loc[responses.index.repeat(responses["weight"].astype(int))]
    weighted = explain(responses, design=SurveyDesign(weight="weight", cluster="firm"))
    repeated = explain(twice, design=SurveyDesign(cluster="firm"))
    same(repeated.estimates, weighted.estimates)


@given(responses=surveys())
@settings(max_examples=15)
def test_a_scale_turned_round_swaps_penalty_and_reward(responses):
    # With boxes of one answer each, 6 - answer makes high answers of low ones.
    asked = {"outcome": "overall", "items": ITEMS, "scale": (1, 5), "low_box": 1, "top_box": 1}
    plain = penalty_reward(responses, **asked).estimates.set_index("measure")["estimate"]
    turned = penalty_reward(6 - responses[[*ITEMS, "overall"]], **asked)
    turned = turned.estimates.set_index("measure")["estimate"]
    assert turned["reward"].to_numpy() == pytest.approx(-plain["penalty"].to_numpy())
    assert turned["penalty"].to_numpy() == pytest.approx(-plain["reward"].to_numpy())
    assert turned["range"].to_numpy() == pytest.approx(plain["range"].to_numpy())


DERIVED, STATED = {"outcome": "overall"}, {"stated": {i: f"{i}_rated" for i in ITEMS}}


def chart(responses, items=ITEMS, design=None, **importance):
    stated = {"stated_scale": (1, 5)} if "stated" in importance else {}
    asked = {"items": items, "scale": (1, 5), "n_boot": 40, "seed": 2, "design": design}
    return importance_performance(responses, **asked, **importance, **stated)


def rated(responses):
    random = np.random.default_rng(len(responses))
    ratings = random.integers(1, 6, (len(responses), len(ITEMS)))
    return responses.assign(**{f"{i}_rated": ratings[:, at] for at, i in enumerate(ITEMS)})


@pytest.mark.parametrize("importance", [DERIVED, STATED], ids=["derived", "stated"])
@given(responses=surveys())
@settings(max_examples=8)
def test_the_quadrants_of_an_item_share_all_resamples(importance, responses):
    found = chart(rated(responses), **importance).quadrants
    assert found.groupby("item")["estimate"].sum().to_numpy() == pytest.approx(1)
    assert (found["numerator"] <= found["denominator"]).all()


@pytest.mark.parametrize("importance", [DERIVED, STATED], ids=["derived", "stated"])
@given(responses=surveys())
@settings(max_examples=8)
def test_the_order_of_the_items_does_not_matter_to_the_chart(importance, responses):
    responses = rated(responses)
    plain, turned = (chart(responses, items=i, **importance) for i in (ITEMS, ITEMS[::-1]))
    for name, keys in (("estimates", ["item", "measure"]), ("quadrants", ["item", "quadrant"])):
        expected, found = (getattr(one, name).set_index(keys) for one in (plain, turned))
        same(found.loc[expected.index], expected, ["estimate"])
    same(turned.crosshair, plain.crosshair)


@pytest.mark.parametrize("importance", [DERIVED, STATED], ids=["derived", "stated"])
@given(responses=surveys())
@settings(max_examples=8)
def test_on_the_chart_too_a_respondent_of_weight_two_counts_as_two(importance, responses):
    responses = rated(responses).sort_values("firm")
    twice = responses.loc[responses.index.repeat(responses["weight"].astype(int))]
    weighted = chart(responses, design=SurveyDesign(weight="weight", cluster="firm"), **importance)
    repeated = chart(twice, design=SurveyDesign(cluster="firm"), **importance)
    same(repeated.estimates, weighted.estimates)
    same(repeated.quadrants, weighted.quadrants, ["estimate"])


@given(responses=surveys())
@settings(max_examples=8)
def test_places_turned_round_are_ratings(responses):
    responses = rated(responses)
    turned = responses.assign(**{f"{i}_rated": 6 - responses[f"{i}_rated"] for i in ITEMS})
    found = chart(turned, **STATED, stated_best="low")
    same(found.estimates, chart(responses, **STATED).estimates)


@given(responses=surveys())
@settings(max_examples=8)
def test_shares_of_importance_sum_to_one(responses):
    found = chart(responses, **DERIVED).estimates
    shares = found[found["measure"] == "importance"]["estimate"]
    assert shares.sum() == pytest.approx(1)
    assert (shares >= 0).all()
