"""Segments do not depend on row order, on units, or on what other columns a table has."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.segmentation.clusters import (
    cluster_customers,
    segment_agreement,
    segment_profiles,
    segment_stability,
)
from custlib.segmentation.clusters.stability import jaccard_of_best_match

METHODS = ["kmeans", "ward", "gaussian_mixture", "gower"]
few = settings(max_examples=12)


@st.composite
def tables(draw):
    """Three groups that touch, and a text column."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = np.arange(36) % 3
    values = random.normal(size=(36, 2)) + np.array([[0, 0], [5, 0], [0, 5]])[kind]
    return pd.DataFrame(values, columns=["a", "b"]).assign(branch=np.array(list("xyz"))[kind])


def labels(table, method, **options):
    variables = ["a", "b", *(["branch"] if method == "gower" else [])]
    asked = {"variables": variables, "k": 3, "method": method, "n_starts": 3, "seed": 1}
    return cluster_customers(table, **(asked | options)).cases["segment"]


@pytest.mark.parametrize("method", METHODS)
@few
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(method, table, random):
    order = random.sample(range(len(table)), len(table))
    shuffled = table.iloc[order]
    assert labels(shuffled, method).equals(labels(table, method).iloc[order])


@pytest.mark.parametrize("method", METHODS)
@few
@given(tables(), st.sampled_from([-3.0, 0.001, 64.0]), st.sampled_from([0.0, 1000.0]))
def test_units_do_not_matter(method, table, factor, shift):
    other = table.assign(a=table["a"] * factor + shift)
    there, here = labels(table, method), labels(other, method)
    both = pd.DataFrame({"there": there, "here": here})
    # Names may swap between segments of equal size, since they follow the means.
    assert segment_agreement(both, first="there", second="here")["estimate"].iloc[0] == 1


@few
@given(tables())
def test_ranks_see_only_the_order(table):
    other = table.assign(a=np.exp(table["a"]))
    assert labels(other, "kmeans", scale="rank").equals(labels(table, "kmeans", scale="rank"))


@few
@given(tables())
def test_stability_does_not_depend_on_the_order_of_the_rows(table):
    asked = {"variables": ["a", "b"], "k": 3, "n_boot": 5, "n_noise": 0, "n_starts": 2, "seed": 3}
    there = segment_stability(table, **asked)
    here = segment_stability(table.iloc[::-1], **asked)
    pd.testing.assert_frame_equal(there, here)
    shares = there["estimate"]
    assert shares.between(0, 1).all()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30))
def test_the_best_match_is_that_of_sets(pairs):
    first, second = np.array(pairs).T
    expected = []
    for part in range(4):
        inside = set(np.flatnonzero(first == part))
        others = [set(np.flatnonzero(second == one)) for one in range(3)]
        expected.append(max(len(inside & one) / max(len(inside | one), 1) for one in others))
    assert jaccard_of_best_match(first, second, 4) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=4, max_size=25))
def test_agreement_is_symmetric_counts_pairs_and_forgets_names(pairs):
    table = pd.DataFrame(pairs, columns=["one", "two"])
    there = segment_agreement(table, first="one", second="two")["estimate"].iloc[0]
    back = segment_agreement(table.assign(one=9 - table["one"]), first="two", second="one")
    assert back["estimate"].iloc[0] == pytest.approx(there, nan_ok=True)
    rows = range(len(table))
    same = [
        [(i, j) for i in rows for j in rows if i < j and t[i] == t[j]]
        for t in zip(*pairs, strict=True)
    ]
    both, every = len(set(same[0]) & set(same[1])), len(table) * (len(table) - 1) / 2
    expected = len(same[0]) * len(same[1]) / every
    largest = (len(same[0]) + len(same[1])) / 2
    if largest > expected:
        assert there == pytest.approx((both - expected) / (largest - expected))
    else:
        assert np.isnan(there)


@given(tables())
def test_profiles_of_all_segments_average_to_the_whole(table):
    rows = segment_profiles(table, segment="branch", variables=["a"]).set_index("segment")
    parts = rows.drop("all")
    assert (parts["estimate"] * parts["n"]).sum() / parts["n"].sum() == pytest.approx(
        rows.loc["all", "estimate"]
    )
    assert (parts["effect"] * parts["n"]).sum() == pytest.approx(0, abs=1e-9)
    assert rows.loc["all", "effect"] == pytest.approx(0, abs=1e-12)
