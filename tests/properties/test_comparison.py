"""What must hold for any answers: mirror images, order, relabelling, units of weights."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.ordinal.model import cumulative_logit

PAIRS = ["brunner_munzel", "mann_whitney", "welch"]
METHODS = [*PAIRS, "kruskal_wallis", "chi_square"]
DESIGN = SurveyDesign(weight="weight", cluster="firm")


@st.composite
def surveys(draw, groups=2):
    answer = st.integers(1, 5)
    sizes = [draw(st.integers(3, 12)) for _ in range(groups)]
    rows = sum(sizes)
    table = pd.DataFrame(
        {
            "role": np.repeat(list("abc"[:groups]), sizes),
            "quality": draw(st.lists(answer, min_size=rows, max_size=rows)),
            "firm": draw(st.lists(st.integers(0, 9), min_size=rows, max_size=rows)),
            "weight": draw(st.lists(st.integers(1, 4), min_size=rows, max_size=rows)),
        }
    )
    assume(table["firm"].nunique() > 4)
    return table


def compare(responses, method, design=None, **options):
    return compare_groups(
        responses, items=["quality"], by="role", method=method, design=design, **options
    )


def same(found, expected, columns):
    for column in columns:
        np.testing.assert_allclose(
            found[column].astype(float), expected[column].astype(float), rtol=1e-7, atol=1e-9
        )


NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "statistic", "p_value", "effect"]


@pytest.mark.parametrize("design", [None, DESIGN])
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(responses=surveys(), seed=st.integers(0, 9))
def test_the_order_of_the_rows_does_not_matter(method, design, responses, seed):
    shuffled = responses.sample(frac=1, random_state=seed)
    shuffled["role"] = pd.Categorical(shuffled["role"], ["a", "b"])
    same(compare(shuffled, method, design), compare(responses, method, design), NUMBERS)


@pytest.mark.parametrize("design", [None, DESIGN])
@pytest.mark.parametrize("method", PAIRS)
@settings(max_examples=8, deadline=None)
@given(responses=surveys())
def test_exchanged_groups_mirror_the_estimate(method, design, responses):
    turned = responses.assign(role=pd.Categorical(responses["role"], ["b", "a"]))
    found, mirror = compare(responses, method, design), compare(turned, method, design)
    same(found, mirror, ["std_error", "p_value", "df"])
    about = 0 if method == "welch" else 1
    same({"estimate": found["estimate"]}, {"estimate": about - mirror["estimate"]}, ["estimate"])
    same({"effect": found["effect_low"]}, {"effect": -mirror["effect_high"]}, ["effect"])


@pytest.mark.parametrize("design", [None, DESIGN])
@pytest.mark.parametrize("method", ["brunner_munzel", "mann_whitney", "kruskal_wallis"])
@settings(max_examples=8, deadline=None)
@given(responses=surveys(groups=3))
def test_rank_methods_see_only_the_order_of_the_answers(method, design, responses):
    stretched = responses.assign(quality=np.exp(responses["quality"]))
    same(compare(stretched, method, design), compare(responses, method, design), NUMBERS)


@pytest.mark.parametrize("design", [None, DESIGN])
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(responses=surveys())
def test_numbers_stay_in_their_range(method, design, responses):
    row = compare(responses, method, design).iloc[0]
    if np.isnan(row["p_value"]):
        assert row["note"]
        return
    assert 0 <= row["p_value"] <= 1
    if not np.isnan(row["ci_low"]):
        assert row["ci_low"] <= row["estimate"] <= row["ci_high"]
        assert row["effect_low"] <= row["effect"] <= row["effect_high"]
    if method != "welch":
        assert -1 <= row["effect"] <= 1


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(responses=surveys(), unit=st.sampled_from([1e-6, 7.0, 1e6]))
def test_the_unit_of_the_weights_does_not_matter(method, responses, unit):
    scaled = responses.assign(weight=responses["weight"] * unit)
    same(compare(scaled, method, DESIGN), compare(responses, method, DESIGN), NUMBERS)


@settings(max_examples=20, deadline=None)
@given(responses=surveys())
def test_a_whole_weight_is_that_many_pairs(responses):
    repeated = responses.loc[responses.index.repeat(responses["weight"])]
    weighted = compare(responses, "brunner_munzel", SurveyDesign(weight="weight"))
    same(weighted, compare(repeated, "brunner_munzel"), ["estimate", "effect"])


@settings(max_examples=20, deadline=None)
@given(responses=surveys())
def test_the_rank_test_of_lumley_and_scott_estimates_the_same_probability(responses):
    rank_test = compare(responses, "mann_whitney", DESIGN)
    same(rank_test, compare(responses, "brunner_munzel", DESIGN), ["estimate", "effect"])
    kruskal = compare(responses, "kruskal_wallis", DESIGN)
    if np.isfinite(rank_test["statistic"][0]) and np.isfinite(kruskal["statistic"][0]):
        assert kruskal["statistic"][0] == pytest.approx(rank_test["statistic"][0] ** 2, rel=1e-6)
        assert kruskal["p_value"][0] == pytest.approx(rank_test["p_value"][0], rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(responses=surveys(groups=3))
def test_adjusted_p_values_are_never_smaller_and_keep_the_order(responses):
    for adjust in ("holm", "bh", "bonferroni"):
        table = compare(responses, "mann_whitney", adjust=adjust).dropna(subset="p_value")
        assert (table["p_adjusted"] >= table["p_value"]).all()
        assert table.sort_values("p_value")["p_adjusted"].is_monotonic_increasing


@settings(max_examples=10, deadline=None)
@given(responses=surveys(groups=3))
def test_a_cumulative_logit_turned_upside_down_changes_sign(responses):
    assume(responses["quality"].nunique() > 1)
    turned = responses.assign(quality=-responses["quality"])
    model, mirror = (
        cumulative_logit(each, items=["quality"], terms=["role"]) for each in (responses, turned)
    )
    np.testing.assert_allclose(
        model.estimates["estimate"], -mirror.estimates["estimate"], rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        model.thresholds["estimate"], -mirror.thresholds["estimate"][::-1], rtol=1e-5, atol=1e-7
    )
