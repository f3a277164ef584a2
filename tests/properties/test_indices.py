"""Indices: the order of rows and columns does not matter, and shifts and scales go through."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from custlib.survey import (
    composite_index,
    element_scores,
    gap_scores,
    maturity_level,
    rater_agreement,
    satisfaction_index,
)

NAMES = ["staff", "style", "skills"]
tables = arrays(float, st.tuples(st.integers(3, 8), st.just(3)), elements=st.integers(1, 99))


def composite(values, names=NAMES, **options):
    table = pd.DataFrame(values, columns=NAMES).assign(firm=np.arange(len(values)))
    return composite_index(table, unit="firm", indicators=names, **options)


def estimates(result, measure="index"):
    rows = result.estimates[result.estimates["measure"] == measure]
    return rows.set_index("firm")["estimate"].sort_index().to_numpy()


@given(
    values=tables, order=st.permutations(NAMES), how=st.sampled_from(["arithmetic", "geometric"])
)
def test_the_order_of_indicators_does_not_matter(values, order, how):
    found = estimates(composite(values, aggregation=how))
    np.testing.assert_allclose(estimates(composite(values, order, aggregation=how)), found)


@given(values=tables, seed=st.integers(0, 9))
def test_the_order_of_units_does_not_matter(values, seed):
    options = {"concentration": 3, "aggregation": ["arithmetic", "geometric"], "seed": seed}
    options |= {"n_draws": 20}
    table = pd.DataFrame(values, columns=NAMES).assign(firm=np.arange(len(values)))
    shuffled = table.sample(frac=1, random_state=seed)
    one, other = (
        composite_index(rows, unit="firm", indicators=NAMES, **options)
        for rows in (table, shuffled)
    )
    keys = ["firm", "measure"]
    pd.testing.assert_frame_equal(
        one.estimates.sort_values(keys, ignore_index=True),
        other.estimates.sort_values(keys, ignore_index=True),
    )


@given(values=tables)
def test_an_index_lies_among_its_indicators_and_geometric_below_arithmetic(values):
    arithmetic = estimates(composite(values))
    geometric = estimates(composite(values, aggregation="geometric"))
    assert (values.min(axis=1) - 1e-9 <= geometric).all()
    assert (geometric <= arithmetic + 1e-9).all()
    assert (arithmetic <= values.max(axis=1) + 1e-9).all()


@given(values=tables, shift=st.integers(-50, 50), factor=st.integers(1, 9))
def test_bounds_on_another_scale_give_the_same_index(values, shift, factor):
    moved = composite(values * factor + shift, bounds=(shift, 100 * factor + shift))
    np.testing.assert_allclose(estimates(moved), estimates(composite(values)), atol=1e-9)
    np.testing.assert_allclose(estimates(moved, "rank"), estimates(composite(values), "rank"))


answers = arrays(float, st.tuples(st.integers(3, 9), st.just(2)), elements=st.integers(1, 10))


@given(values=answers)
def test_a_scale_turned_upside_down_turns_the_index(values):
    def index(rows):
        table = pd.DataFrame(rows, columns=["overall", "ideal"])
        return satisfaction_index(table, items=["overall", "ideal"], scale=(1, 10)).loc[0]

    found, turned = index(values), index(11 - values)
    assert 0 <= found["estimate"] <= 100
    assert turned["estimate"] == pytest.approx(100 - found["estimate"])
    assert turned["ci_low"] == pytest.approx(100 - found["ci_high"])


codes = arrays(float, st.tuples(st.integers(3, 8), st.integers(2, 4)), elements=st.integers(1, 5))


def agreement(values, level="interval"):
    long = pd.DataFrame(values).melt(ignore_index=False, var_name="rater").reset_index()
    roles = {"subject": "index", "rater": "rater", "rating": "value"}
    return rater_agreement(long, **roles, level=level).set_index("measure")["estimate"]


@given(values=codes, level=st.sampled_from(["nominal", "ordinal", "interval"]), data=st.data())
def test_agreement_does_not_depend_on_who_is_who_or_on_the_unit(values, level, data):
    order = data.draw(st.permutations(range(values.shape[1])))
    found = agreement(values, level)
    for other in (values[:, order], values[::-1], 3 * values + 2):
        np.testing.assert_allclose(agreement(other, level), found, atol=1e-9)
    assert not (found > 1 + 1e-12).any()


@given(values=codes)
def test_ordinal_alpha_knows_only_the_order(values):
    found = agreement(values, "ordinal")["krippendorff_alpha"]
    np.testing.assert_allclose(agreement(values**3, "ordinal")["krippendorff_alpha"], found)


practices = arrays(int, st.tuples(st.integers(1, 8), st.just(5)), elements=st.integers(0, 1))
LEVELS = {"one": ["a", "b"], "two": ["c", "d"], "three": ["e"]}


@given(values=practices, share=st.sampled_from([0.5, 1.0]))
def test_another_practice_in_place_never_lowers_a_level(values, share):
    table = pd.DataFrame(values, columns=list("abcde"))
    for column in table:
        one, other = (
            maturity_level(rows.assign(firm=rows.index), unit="firm", levels=LEVELS, share=share)
            for rows in (table, table.assign(**{column: 1}))
        )
        assert (other.estimates["estimate"] >= one.estimates["estimate"]).all()


@given(values=practices)
def test_repairing_the_breaks_of_an_order_leaves_none(values):
    table = pd.DataFrame(values, columns=list("abcde")).assign(firm=np.arange(len(values)))
    result = maturity_level(table, unit="firm", levels=LEVELS)
    for row in result.breaks.itertuples():
        table.loc[row.firm, row.item] = int(row.measure == "missing")
    repaired = maturity_level(table, unit="firm", levels=LEVELS)
    assert repaired.breaks.empty
    assert repaired.fit["estimate"][0] == 1
    assert 0 <= result.fit["estimate"][0] <= 1


@given(values=codes)
def test_gaps_in_reverse_change_sign(values):
    table = pd.DataFrame(values[:, :2], columns=["what", "how"])
    one, other = (
        gap_scores(table, gaps={"g": g}).loc[0] for g in (("what", "how"), ("how", "what"))
    )
    assert one["estimate"] == pytest.approx(-other["estimate"])
    assert one["ci_low"] == pytest.approx(-other["ci_high"])


@given(values=codes)
def test_chances_of_being_weakest_sum_to_1_and_follow_the_units(values):
    long = pd.DataFrame(values).melt(ignore_index=False, var_name="element").reset_index()
    long = pd.concat([long.assign(firm="a"), long.assign(firm="b", value=6 - long["value"])])
    roles = {"unit": "firm", "element": "element", "rater": "index", "rating": "value"}
    one, other = (
        element_scores(rows, **roles, scale=(1, 5), n_draws=50, seed=1).weakest
        for rows in (long, long[::-1])
    )
    np.testing.assert_allclose(one.groupby("firm")["estimate"].sum(), 1)
    assert set(other["firm"]) == {"a", "b"}
