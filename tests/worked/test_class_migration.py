"""Migration between two periods: shares of a row with their counts, and net changes."""

import math

import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.segmentation.migration import class_migration

before = table(
    """
    customer | abc
    ---------+----
    1        | A
    2        | A
    3        | A
    4        | A
    5        | B
    6        | B
    7        | C
    """
)
after = table(
    """
    customer | abc
    ---------+----
    9        | A
    5        | A
    4        | C
    3        | B
    2        | A
    1        | A
    8        | C
    7        | C
    """
)


@pytest.fixture(scope="module")
def moved():
    return class_migration(before, after)


def test_shares_are_of_the_starting_class(moved):
    rows = moved.estimates.set_index(["class_before", "class_after"])
    expected = {
        ("A", "A"): (2, 4), ("A", "B"): (1, 4), ("A", "C"): (1, 4), ("A", "gone"): (0, 4),
        ("B", "A"): (1, 2), ("B", "B"): (0, 2), ("B", "C"): (0, 2), ("B", "gone"): (1, 2),
        ("C", "A"): (0, 1), ("C", "B"): (0, 1), ("C", "C"): (1, 1), ("C", "gone"): (0, 1),
        ("new", "A"): (1, 2), ("new", "B"): (0, 2), ("new", "C"): (1, 2),
    }  # fmt: skip
    assert rows.index.tolist() == list(expected)
    for key, (count, total) in expected.items():
        assert rows.loc[key, ["numerator", "denominator"]].tolist() == [count, total]
        assert rows.loc[key, "estimate"] == pytest.approx(count / total)


def test_intervals_of_a_row_hold_at_once(moved):
    row = moved.estimates.set_index(["class_before", "class_after"]).loc[("A", "B")]
    # Goodman: Wilson's interval at the 1 − 0.05/4 quantile of chi-squared.
    z2 = stats.chi2.ppf(1 - 0.05 / 4, 1)
    p, n = 1 / 4, 4
    half = math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n**2)))
    assert row["ci_low"] == pytest.approx((p + z2 / (2 * n) - half) / (1 + z2 / n))
    assert row["ci_high"] == pytest.approx((p + z2 / (2 * n) + half) / (1 + z2 / n))
    assert row["method"] == "Goodman, one class at once"


def test_or_each_by_itself():
    found = class_migration(before, after, interval="wilson").estimates
    row = found.set_index(["class_before", "class_after"]).loc[("A", "B")]
    z2 = stats.norm.ppf(0.975) ** 2
    half = math.sqrt(z2 * (3 / 16 / 4 + z2 / 64))
    assert row["ci_low"] == pytest.approx((1 / 4 + z2 / 8 - half) / (1 + z2 / 4))


def test_net_changes(moved):
    found = moved.changes.set_index(["category", "measure"])["estimate"]
    assert {name: found["A", name] for name in ("before", "after", "stayed")} == {
        "before": 4, "after": 4, "stayed": 2
    }  # fmt: skip
    assert (found["A", "arrived"], found["A", "left"], found["A", "net_change"]) == (2, 2, 0)
    assert (found["B", "arrived"], found["B", "left"], found["B", "net_change"]) == (1, 2, -1)
    assert (found["C", "arrived"], found["C", "left"], found["C", "net_change"]) == (2, 0, 2)


def test_the_error_of_a_net_change_is_that_of_a_sum_over_everybody(moved):
    # Nine customers in either period; for C two came and seven did neither.
    steps = pd.Series([1, 1, 0, 0, 0, 0, 0, 0, 0])
    row = moved.changes.set_index(["category", "measure"]).loc[("C", "net_change")]
    assert row["n"] == 9
    assert row["std_error"] == pytest.approx(3 * steps.std())
    assert row["ci_high"] == pytest.approx(2 + stats.t.ppf(0.975, 8) * 3 * steps.std())
