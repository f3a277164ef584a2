"""What leaves alpha and omega as they are: units, order of items, copies for weights."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.survey.reliability.consistency import cronbach_alpha, item_statistics
from custlib.survey.reliability.one_factor import mcdonald_omega


@st.composite
def surveys(draw):
    """Answers of 30 to 80 respondents to three to six items with something in common."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    rows, k = draw(st.integers(30, 80)), draw(st.integers(3, 6))
    common = rng.normal(size=(rows, 1)) * rng.uniform(0.5, 1.5, k)
    rated = np.clip(np.round(4 + common + rng.normal(size=(rows, k))), 1, 7)
    return pd.DataFrame(rated, columns=[f"q{at}" for at in range(k)])


def estimates(table):
    keys = [key for key in ("item", "measure") if key in table]
    return table.set_index(keys)["estimate"].to_dict()


@given(surveys(), st.floats(-50, 50), st.randoms(use_true_random=False))
def test_a_shift_of_an_item_or_another_order_changes_nothing(responses, shift, random):
    items = list(responses)
    shuffled = random.sample(items, len(items))
    shifted = responses.assign(q0=responses["q0"] + shift)
    for measure in (cronbach_alpha, mcdonald_omega):
        plain = estimates(measure(responses, items=items))
        assert estimates(measure(shifted, items=shuffled)) == pytest.approx(plain, abs=2e-5)


@given(surveys(), st.floats(0.1, 10))
def test_one_unit_for_all_items_changes_nothing_and_one_for_each_only_the_raw_measures(
    responses, unit
):
    items = list(responses)
    plain = estimates(cronbach_alpha(responses, items=items))
    assert estimates(cronbach_alpha(responses * unit, items=items)) == pytest.approx(plain)
    stretched = estimates(cronbach_alpha(responses.assign(q0=responses["q0"] * unit), items=items))
    raw = plain.pop("alpha"), stretched.pop("alpha")
    assert stretched == pytest.approx(plain)
    assert max(raw) <= 1


@given(surveys(), st.integers(1, 29))
def test_a_respondent_twice_is_a_weight_of_two(responses, at):
    items = list(responses)
    twice = pd.concat([responses, responses.iloc[[at]]])
    weighted = responses.assign(w=np.where(np.arange(len(responses)) == at, 2.0, 1.0))
    design = SurveyDesign(weight="w")
    assert estimates(mcdonald_omega(weighted, items=items, design=design)) == pytest.approx(
        estimates(mcdonald_omega(twice, items=items)), abs=2e-5
    )
    found = estimates(item_statistics(weighted, items=items, design=design))
    expected = estimates(item_statistics(twice, items=items))
    for name in expected:
        # The divisor n - 1 counts respondents, not weights.
        if name[1] != "standard_deviation":
            assert found[name] == pytest.approx(expected[name])


@given(surveys())
def test_without_gaps_pairs_and_complete_rows_agree_and_alpha_is_in_its_interval(responses):
    items = list(responses)
    listwise = cronbach_alpha(responses, items=items)
    pairwise = cronbach_alpha(responses, items=items, missing="pairwise")
    pd.testing.assert_frame_equal(listwise, pairwise)
    alpha = listwise.loc[0]
    assert alpha["ci_low"] < alpha["estimate"] < alpha["ci_high"] < 1


@given(surveys())
def test_alpha_without_an_item_is_the_alpha_of_the_others(responses):
    items = list(responses)
    found = estimates(item_statistics(responses, items=items))
    for item in items:
        rest = [other for other in items if other != item]
        alpha = estimates(cronbach_alpha(responses, items=rest))
        assert found[item, "alpha_if_dropped"] == pytest.approx(alpha["alpha"])
        assert found[item, "standardized_alpha_if_dropped"] == pytest.approx(
            alpha["standardized_alpha"]
        )
