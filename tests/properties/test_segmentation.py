"""What must hold of concentration, classes, scores and rules for any customers."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custlib.errors import DataError
from custlib.segmentation.abc_xyz import abc_classes, abc_limits, xyz_classes
from custlib.segmentation.lorenz.measures import concentration, lorenz_points
from custlib.segmentation.lorenz.profit import profit_curve
from custlib.segmentation.migration import class_migration
from custlib.segmentation.rfm import check_rules, rfm_rules, rfm_scores, rfm_segments

NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
QUESTIONS = ["recency", "frequency", "monetary"]
SCORES = ["recency_score", "frequency_score", "monetary_score"]


@st.composite
def bases(draw, *, negative=True):
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(1, 60))
    # Few distinct amounts, so that there are ties.
    amount = random.integers(-5 if negative else 0, draw(st.integers(2, 40)), n).astype(float)
    table = pd.DataFrame(
        {
            "customer": random.permutation(n),
            "amount": amount,
            "profit": random.integers(-9, 20, n).astype(float),
            "n_orders": random.geometric(0.4, n),
            "recency_days": random.integers(0, 50, n).astype(float),
            "active_share": random.integers(0, 13, n) / 12,
        }
    )
    return table.mask(random.random(table.shape) < 0.05).assign(
        customer=table["customer"], n_orders=table["n_orders"]
    )


def classed(table):
    return xyz_classes(abc_classes(table))


def close(found, expected):
    np.testing.assert_allclose(
        found.astype(float).to_numpy(), expected.astype(float).to_numpy(), rtol=1e-8, atol=1e-9
    )


@given(bases(), st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter_to_concentration(table, seed):
    mixed = table.sample(frac=1, random_state=seed)
    close(concentration(mixed)[NUMBERS], concentration(table)[NUMBERS])
    close(profit_curve(mixed).estimates[NUMBERS], profit_curve(table).estimates[NUMBERS])


@given(bases(), st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter_to_classes(table, seed):
    mixed = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(classed(mixed).sort_index(), classed(table))
    close(abc_limits(mixed)[["estimate", "n"]], abc_limits(table)[["estimate", "n"]])


@given(bases(), st.integers(0, 10**6), st.sampled_from(["below", "package", "equal_groups"]))
def test_the_order_of_the_rows_does_not_matter_to_scores(table, seed, ties):
    table = table.assign(amount=table["amount"].fillna(0))
    found = rfm_scores(table.sample(frac=1, random_state=seed), ties=ties)
    pd.testing.assert_frame_equal(found.sort_index(), rfm_scores(table, ties=ties))


@given(bases(), st.sampled_from([0.001, 3.7, 1e6]))
def test_the_unit_of_the_amounts_does_not_matter(table, factor):
    scaled = table.assign(amount=table["amount"] * factor)
    close(concentration(scaled)[NUMBERS], concentration(table)[NUMBERS])
    close(lorenz_points(scaled)[NUMBERS], lorenz_points(table)[NUMBERS])
    for options in ({}, {"crossing": "down"}, {"limits": "computed"}):
        first, second = (abc_classes(one, **options) for one in (table, scaled))
        assert first["abc"].equals(second["abc"])
        close(first[["abc_share"]], second[["abc_share"]])


@given(bases(negative=False))
def test_measures_keep_to_their_ranges(table):
    found = concentration(table).set_index("measure")
    if np.isnan(found.loc["gini", "estimate"]):
        return
    n = found.loc["gini", "n"]
    assert 0 <= found.loc["gini", "estimate"] <= 1 - 1 / n + 1e-12
    assert found.loc["top_share", "customer_share"] - 1e-12 <= found.loc["top_share", "estimate"]
    assert 1 - 1e-9 <= found.loc["effective_number", "estimate"] <= n + 1e-9
    inside = found.dropna(subset=["ci_low"])
    assert (inside["ci_low"] <= inside["estimate"]).all()
    assert (inside["estimate"] <= inside["ci_high"]).all()
    curve = lorenz_points(table, points=50)
    assert (np.diff(curve["estimate"]) >= -1e-12).all()
    assert (curve["estimate"] <= curve["customer_share"] + 1e-12).all()


@given(bases(negative=False))
def test_giving_from_the_largest_to_the_smallest_makes_customers_more_equal(table):
    table = table.dropna(subset=["amount"])
    if len(table) < 2 or table["amount"].sum() == 0:
        return
    most, least = table["amount"].idxmax(), table["amount"].idxmin()
    given_away = (table["amount"][most] - table["amount"][least]) / 4
    fairer = table.copy()
    fairer.loc[most, "amount"] -= given_away
    fairer.loc[least, "amount"] += given_away
    before, after = (concentration(one).set_index("measure")["estimate"] for one in (table, fairer))
    for measure in ("gini", "top_share", "hhi"):
        assert after[measure] <= before[measure] + 1e-12


@given(bases(), st.floats(0.05, 0.9))
def test_classes_are_ordered_by_value_and_keep_to_their_cuts(table, a_cut):
    cuts = {"a_cut": a_cut, "b_cut": (a_cut + 1) / 2}
    for crossing in ("up", "down"):
        found = abc_classes(table, crossing=crossing, **cuts).dropna(subset=["abc"])
        spans = found.groupby("abc")["amount"].agg(["min", "max"])
        for better, worse in (("A", "B"), ("B", "C"), ("A", "C")):
            if {better, worse} <= set(spans.index):
                assert spans.loc[better, "min"] >= spans.loc[worse, "max"]
        held = found.query("abc == 'A'")["amount"].sum()
        total = found["amount"].clip(lower=0).sum()
        if total > 0:
            reached = held / total >= a_cut - 1e-9
            assert reached if crossing == "up" else held / total <= a_cut + 1e-9


@given(bases())
def test_better_is_never_scored_worse(table):
    table = table.assign(
        amount=table["amount"].fillna(0), recency_days=table["recency_days"].fillna(99)
    )
    for ties in ("below", "package", "equal_groups"):
        found = rfm_scores(table, ties=ties)
        for column, question, sign in (
            ("recency_days", "recency", -1),
            ("n_orders", "frequency", 1),
            ("amount", "monetary", 1),
        ):
            ordered = found.assign(key=sign * found[column]).sort_values(
                ["key", f"{question}_score"]
            )
            assert ordered[f"{question}_score"].is_monotonic_increasing
            if ties == "equal_groups":
                sizes = ordered[f"{question}_score"].value_counts()
                assert sizes.max() - min(sizes.min(), sizes.max()) <= 1


@st.composite
def broken_rules(draw):
    """The shipped table with some bounds moved: it may still be a partition, or not."""
    rules = rfm_rules()
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(0, len(rules) - 1))
        question = draw(st.sampled_from(["recency", "frequency", "monetary"]))
        low, high = sorted(draw(st.tuples(st.integers(1, 5), st.integers(1, 5))))
        rules.loc[row, [f"{question}_low", f"{question}_high"]] = [low, high]
    return rules.iloc[draw(st.integers(0, 1)) :]


@given(broken_rules())
def test_rules_pass_exactly_when_each_of_the_125_cells_has_one_rule(rules):
    # A row a cell, a column a rule: whether the cell lies in the rule.
    cells = np.array(list(product(range(1, 6), repeat=3)))
    bounds = [rules[f"{one}_{end}"].to_numpy() for one in QUESTIONS for end in ("low", "high")]
    inside = np.ones((125, len(rules)), bool)
    for at in range(3):
        inside &= (bounds[2 * at] <= cells[:, [at]]) & (cells[:, [at]] <= bounds[2 * at + 1])
    names = rules["segment"].to_numpy()
    matches = {
        tuple(cell): names[row].tolist() for cell, row in zip(cells.tolist(), inside, strict=True)
    }
    none = [cell for cell, found in matches.items() if not found]
    several = [cell for cell, found in matches.items() if len(found) > 1]
    first = [found[0] if found else "Others" for found in matches.values()]
    loose = rfm_segments(
        pd.DataFrame(cells, columns=SCORES), rules=rules, overlap="first", rest="Others"
    )
    assert loose["segment"].tolist() == first
    if not none and not several:
        check_rules(rules)
        return
    with pytest.raises(DataError) as raised:
        check_rules(rules)
    for wrong, words in ((several, "in several rules"), (none, "in no rule")):
        if wrong:
            named = ", ".join(map(str, wrong[:5]))
            assert f"{len(wrong)} of 125 cells {words}: {named}" in str(raised.value)


@given(bases(), bases())
def test_migration_counts_every_customer_once(before, after):
    found = class_migration(abc_classes(before), abc_classes(after))
    everybody = set(before["customer"]) | set(after["customer"])
    assert found.estimates["numerator"].sum() == len(everybody)
    shares = found.estimates.groupby("class_before")["estimate"].sum(min_count=1).dropna()
    assert shares.to_numpy() == pytest.approx(np.ones(len(shares)))
    sizes = found.changes.pivot_table(index="category", columns="measure", values="estimate")
    assert (sizes["before"] + sizes["net_change"]).tolist() == sizes["after"].tolist()
