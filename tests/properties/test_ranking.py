"""Worths do not depend on the order of items or rows, and weight 2 is a respondent twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custlib.design import SurveyDesign
from custlib.survey.ranking import rank_worths

ITEMS = ["a", "b", "c", "d"]


@st.composite
def rankings(draw):
    """Rankings in which every item beats every other at least once."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = [rng.permutation(4) + 1 for _ in range(draw(st.integers(2, 12)))]
    cycle = [np.roll([1, 2, 3, 4], shift) for shift in range(4)]
    return pd.DataFrame([*cycle, *rows], columns=ITEMS)


def worths(table, items, **options):
    found = rank_worths(table, items=items, **options).query("measure == 'worth'")
    return found.set_index("item")["estimate"]


@given(rankings(), st.permutations(ITEMS))
def test_permuting_items_permutes_worths(table, order):
    there, here = worths(table, ITEMS), worths(table, order)
    assert list(here.index) == order
    assert here[ITEMS].to_numpy() == pytest.approx(there.to_numpy(), abs=1e-9)
    assert there.sum() == pytest.approx(1)


@given(rankings(), st.data())
def test_a_respondent_twice_is_a_respondent_of_weight_2(table, data):
    row = data.draw(st.integers(0, len(table) - 1))
    doubled = pd.concat([table, table.iloc[[row]]])
    weighted = table.assign(w=np.where(np.arange(len(table)) == row, 2.0, 1.0))
    found = worths(weighted, ITEMS, design=SurveyDesign(weight="w"))
    assert found.to_numpy() == pytest.approx(worths(doubled, ITEMS).to_numpy(), abs=1e-9)
