"""Latent classes do not hang on the order of rows, items or codes; weight 2 is a row twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custlib.segmentation.latent import latent_classes

ITEMS = ["a", "b", "c", "d"]
ANSWERS = [2, 2, 3, 2]
CLOSE = 1e-4  # of a probability: EM ends where a step adds 1e-10 to the log-likelihood


@st.composite
def customers(draw):
    """Two classes far apart, of different size, with some answers missing."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(120, 200))
    group = random.random(n) < 0.35
    table = {}
    for item, answers in zip(ITEMS, ANSWERS, strict=True):
        likely = np.where(group, answers - 1, 0)
        codes = np.where(random.random(n) < 0.8, likely, random.integers(0, answers, n))
        table[item] = np.where(random.random(n) < 0.05, np.nan, codes)
    return pd.DataFrame(table)


def fitted(table, items=ITEMS, **options):
    return latent_classes(table, items=items, k=2, seed=1, **options)


def numbers(model, column="estimate"):
    keys = ["segment", "measure", "item", "answer"]
    return model.estimates.set_index(keys)[column].astype(float).sort_index()


def same(here, there):
    for column in ("estimate", "std_error"):
        one, other = numbers(here, column), numbers(there, column)
        assert one.index.equals(other.index)
        assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=CLOSE, nan_ok=True)


@given(customers(), st.permutations(ITEMS), st.integers(0, 2**32 - 1))
def test_the_order_of_items_and_rows_does_not_matter(table, items, seed):
    there = fitted(table)
    shuffled = table.sample(frac=1, random_state=seed)
    here = fitted(shuffled, items)
    same(here, there)
    posterior = here.cases["segment_probability_1"].reindex(table.index)
    assert posterior.to_numpy() == pytest.approx(
        there.cases["segment_probability_1"].to_numpy(), abs=1e-3
    )


@given(customers(), st.permutations(range(3)))
def test_what_the_answers_are_called_does_not_matter(table, names):
    there = fitted(table)
    here = fitted(table.assign(c=table["c"].map(dict(enumerate(names)))))
    renamed = here.estimates.assign(
        answer=[
            names.index(row.answer) if row.item == "c" else row.answer
            for row in here.estimates.itertuples()
        ]
    )
    one = renamed.set_index(["segment", "measure", "item", "answer"])["estimate"]
    other = numbers(there)
    assert one[other.index].to_numpy() == pytest.approx(other.to_numpy(), abs=CLOSE)


@given(customers(), st.integers(0, 2**32 - 1))
def test_whole_weights_estimate_as_repeated_rows(table, seed):
    count = np.random.default_rng(seed).integers(1, 4, len(table))
    weighted = fitted(table.assign(w=count), weight="w")
    repeated = fitted(table.loc[table.index.repeat(count)])
    one, other = numbers(weighted), numbers(repeated)
    assert one.to_numpy() == pytest.approx(other.to_numpy(), abs=CLOSE)
    mean_loglik = [each.solution.loglik / each.solution.patterns.n for each in (weighted, repeated)]
    assert mean_loglik[0] == pytest.approx(mean_loglik[1], abs=1e-9)


@given(customers())
def test_mean_posteriors_are_the_shares(table):
    model = fitted(table)
    answered = model.cases["segment_note"] == ""
    means = (
        model.cases.loc[answered, ["segment_probability_1", "segment_probability_2"]]
        .mean()
        .to_numpy()
    )
    shares = model.estimates.query("measure == 'share'")["estimate"].to_numpy()
    assert means == pytest.approx(shares, abs=CLOSE)


@given(customers())
def test_the_errors_of_a_binary_item_are_alike_for_both_answers(table):
    model = fitted(table)
    rows = model.estimates.query("item == 'a'").set_index(["segment", "answer"])
    for segment in "12":
        no, yes = rows.loc[(segment, 0)], rows.loc[(segment, 1)]
        assert no["estimate"] + yes["estimate"] == pytest.approx(1)
        assert no["ci_low"] == pytest.approx(1 - yes["ci_high"], nan_ok=True)
