"""What must hold of penalties and rewards for any answers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.survey.contrast import penalty_reward

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
