"""What holds for every table of contracts: shares sum to one, order and unit do not matter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.errors import FitError
from custlib.loyalty import (
    compare_incidence,
    cumulative_incidence,
    reason_shares,
    shifted_beta_geometric,
    survival_curve,
)

ROLES = {"duration": "t", "event": "left"}
row = st.tuples(
    st.integers(1, 8),
    st.booleans(),
    st.sampled_from(["price", "staff", "quality", None]),
    st.sampled_from(["a", "b"]),
)
tables = st.lists(row, min_size=2, max_size=40).map(
    lambda rows: pd.DataFrame(rows, columns=["t", "left", "why", "g"])
)


@settings(max_examples=40)
@given(tables)
def test_the_shares_gone_and_the_share_still_there_are_all(table):
    found = cumulative_incidence(table, **ROLES, reason="why")
    if table["left"].any():
        still = survival_curve(table, **ROLES).set_index("time")["estimate"]
        gone = found.groupby("time")["estimate"].sum()
        assert (gone + still).to_numpy() == pytest.approx(np.ones(len(still)))
        rising = found.groupby("reason")["estimate"].agg(lambda part: part.is_monotonic_increasing)
        assert rising.all()


@settings(max_examples=40)
@given(tables)
def test_an_interval_of_incidence_holds_its_share_within_0_and_1(table):
    found = cumulative_incidence(table, **ROLES, reason="why").dropna(subset=["ci_low", "ci_high"])
    ends = found[["ci_low", "estimate", "ci_high"]].to_numpy()
    assert ((ends >= 0) & (ends <= 1)).all()
    assert (np.diff(ends, axis=1) >= -1e-12).all()


@settings(max_examples=25)
@given(tables, st.randoms(use_true_random=False), st.sampled_from([0.5, 12.0]))
def test_neither_the_order_of_rows_nor_the_unit_of_time_matters(table, random, unit):
    order = list(range(len(table)))
    random.shuffle(order)
    other = table.iloc[order].assign(t=lambda part: unit * part["t"])
    keys = ["reason", "time"]
    here, there = (
        cumulative_incidence(one, **ROLES, reason="why").sort_values(keys) for one in (table, other)
    )
    for name in ("estimate", "std_error", "ci_low", "ci_high"):
        assert there[name].to_numpy() == pytest.approx(here[name].to_numpy(), nan_ok=True)
    tests = [compare_incidence(one, **ROLES, reason="why", by="g") for one in (table, other)]
    here, there = (one.sort_values("reason")["statistic"].to_numpy() for one in tests)
    assert there == pytest.approx(here, rel=1e-6, abs=1e-9, nan_ok=True)


@given(tables)
def test_shares_of_reasons_sum_to_one_and_unknown_ones_lie_in_the_bounds(table):
    found = reason_shares(table, event="left", reason="why")
    if table["left"].any():
        assert found["estimate"].sum() == pytest.approx(1)
        assert (found["bound_low"] <= found["bound_high"]).all()


lost = st.lists(st.integers(0, 40), min_size=2, max_size=6)


@given(lost, st.integers(0, 60), st.sampled_from([2.0, 0.25]))
def test_a_law_is_a_law_or_says_why_not(counts, kept, unit):
    ages = np.array([*range(1, len(counts) + 1), len(counts)])
    table = pd.DataFrame({"t": ages, "left": [1] * len(counts) + [0], "n": [*counts, kept]})
    options = {**ROLES, "count": "n"}
    try:
        law = shifted_beta_geometric(table, **options)
    except FitError:
        return
    found = law.retention(range(12)).set_index(["measure", "time"])["estimate"]
    assert found["survival"].is_monotonic_decreasing
    assert found["retention_rate"].is_monotonic_increasing
    ends = law.estimates[["ci_low", "estimate", "ci_high"]].to_numpy()
    assert (np.diff(ends, axis=1) >= 0).all()
    other = shifted_beta_geometric(table.assign(t=unit * ages), **options, period=unit)
    assert other.peak.a == pytest.approx(law.peak.a, rel=1e-5)
    # More of the same customers: the same law, known better.
    double = shifted_beta_geometric(table.assign(n=2 * table["n"]), **options)
    assert double.peak.logs == pytest.approx(law.peak.logs, abs=1e-4)
    assert double.peak.covariance == pytest.approx(law.peak.covariance / 2, rel=1e-3)
