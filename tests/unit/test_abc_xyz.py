"""ABC, XYZ and the certainty of classes: rules at the edges, and what bad input gives."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation.abc_xyz import (
    abc_classes,
    abc_limits,
    abc_xyz_matrix,
    class_certainty,
    xyz_classes,
)


def base(amounts, **columns):
    return pd.DataFrame({"customer": range(len(amounts)), "amount": amounts} | columns)


# --- abc ---


def test_rows_and_columns_stay_as_they_came():
    table = base([1.0, 9, 5]).set_axis([7, 7, 3]).assign(other="x")
    found = abc_classes(table, name="class")
    assert found.columns.tolist() == ["customer", "amount", "other", "class", "class_share"]
    pd.testing.assert_frame_equal(found[table.columns.tolist()], table)
    assert "class" not in table


def test_a_missing_value_has_neither_class_nor_share():
    found = abc_classes(base([1.0, np.nan, 9]))
    assert found["abc"].isna().tolist() == [False, True, False]
    assert found["abc_share"].isna().tolist() == [False, True, False]
    assert abc_limits(base([1.0, np.nan, 9]))["n_missing"].tolist() == [1] * 5


def test_one_customer_is_a_and_lies_beyond_the_cuts_when_going_down():
    assert abc_classes(base([5.0]))["abc"].tolist() == ["A"]
    assert abc_classes(base([5.0]), crossing="down")["abc"].tolist() == ["C"]
    assert abc_classes(base([5.0]), limits="computed")["abc"].tolist() == ["A"]


def test_equal_values_are_said_to_tell_nothing_apart():
    assert set(abc_limits(base([3.0] * 8))["note"]) == {
        "all values equal: classes tell nothing apart"
    }


def test_names_of_mixed_type_break_ties_by_their_text():
    table = pd.DataFrame({"customer": [2, "b", 10, "a"], "amount": [1.0] * 4})
    found = abc_classes(table)["abc_share"].tolist()
    # As text: 10, 2, a, b.
    assert found == [0.5, 1.0, 0.25, 0.75]


@pytest.mark.parametrize(
    "options",
    [
        {"a_cut": 0.95, "b_cut": 0.8},
        {"a_cut": 0},
        {"b_cut": 1.5},
        {"crossing": "left"},
        {"limits": "mine"},
    ],
)
def test_rules_that_make_no_sense_are_refused(options):
    with pytest.raises(ParameterError):
        abc_classes(base([1, 2]), **options)


def test_a_taken_name_and_a_customer_with_two_rows_are_refused():
    with pytest.raises(DataError, match="already has: abc"):
        abc_classes(base([1, 2], abc="A"))
    with pytest.raises(DataError, match="already has: abc_share"):
        abc_classes(base([1, 2], abc_share=1))
    with pytest.raises(DataError, match="repeated customer"):
        abc_classes(pd.DataFrame({"customer": [1, 1], "amount": [1, 2]}))


# --- xyz ---


def test_a_customer_at_a_cut_is_in_the_better_class():
    table = pd.DataFrame({"active_share": [18 / 24, 6 / 24, 5 / 24], "amount_cv": [0.5, 1.0, 1.1]})
    assert xyz_classes(table)["xyz"].tolist() == ["X", "Y", "Z"]
    assert xyz_classes(table, rule="variation")["xyz"].tolist() == ["X", "Y", "Z"]


def test_undefined_variation_is_missing_or_z():
    table = pd.DataFrame({"amount_cv": [0.2, np.nan, -0.3]})
    found = xyz_classes(table, rule="variation")["xyz"]
    assert found.isna().tolist() == [False, True, False]
    assert found.iloc[2] == "Z"
    as_z = xyz_classes(table, rule="variation", undefined="Z")["xyz"].tolist()
    assert as_z == ["X", "Z", "Z"]


def test_variation_since_the_first_order_has_its_own_column():
    table = pd.DataFrame({"amount_cv": [3.0], "amount_cv_since_first": [0.4]})
    assert xyz_classes(table, rule="variation", since_first=True)["xyz"].tolist() == ["X"]
    with pytest.raises(ParameterError, match="since_first"):
        xyz_classes(table, since_first=True)


@pytest.mark.parametrize(
    "options",
    [
        {"rule": "size"},
        {"x_cut": 0.2, "z_cut": 0.5},
        {"x_cut": 75, "z_cut": 25},
        {"rule": "variation", "x_cut": 2},
        {"undefined": "Y"},
    ],
)
def test_xyz_rules_that_make_no_sense_are_refused(options):
    with pytest.raises(ParameterError):
        xyz_classes(pd.DataFrame({"active_share": [1], "amount_cv": [1]}), **options)


# --- matrix ---


def test_a_class_that_is_none_of_the_three_is_refused():
    with pytest.raises(DataError, match="'D'"):
        abc_xyz_matrix(pd.DataFrame({"abc": ["D"], "xyz": ["X"], "amount": [1]}))


def test_a_base_without_classes_has_nine_noted_rows():
    found = abc_xyz_matrix(pd.DataFrame({"abc": [None], "xyz": ["X"], "amount": [1]}))
    assert len(found) == 9
    assert set(found["note"]) == {"no customer has both classes"}
    assert found["customer_share"].isna().all()


# --- certainty ---


def periods_of(amounts):
    rows, columns = np.nonzero(amounts)
    cells = {"customer": rows, "period": columns, "amount": amounts[rows, columns]}
    return pd.DataFrame(cells | {"n_orders": 1})


def certainty(amounts, **options):
    options = {"n_periods": amounts.shape[1], "n_boot": 60, "seed": 1} | options
    return class_certainty(periods_of(amounts), **options)


@pytest.fixture(scope="module")
def amounts():
    random = np.random.default_rng(3)
    bought = random.random((300, 12)) < random.random((300, 1))
    bought[:, 0] = True
    return bought * np.round(random.lognormal(3, 1, (300, 12)) + 1)


@pytest.mark.parametrize("rule", ["frequency", "variation"])
def test_the_classes_are_those_of_the_table_of_customers(amounts, rule):
    cases = certainty(amounts, rule=rule).cases
    mean = amounts.mean(axis=1)
    table = base(
        amounts.sum(axis=1),
        active_share=(amounts > 0).mean(axis=1),
        amount_cv=amounts.std(axis=1, ddof=1) / mean,
    )
    expected = xyz_classes(abc_classes(table), rule=rule)
    assert cases["customer"].tolist() == list(range(300))
    assert cases["abc"].tolist() == expected["abc"].tolist()
    assert cases["xyz"].tolist() == expected["xyz"].tolist()


@pytest.mark.parametrize("meaning", ["long_run", "next_window"])
def test_replicates_are_those_of_classing_drawn_periods_anew(amounts, meaning):
    # One replicate, drawn as the documentation says: the first stream of the seed.
    random = np.random.default_rng(np.random.SeedSequence(9).spawn(1)[0])
    drawn = random.integers(12, size=12)
    if meaning == "next_window":
        drawn = drawn[random.integers(12, size=12)]
    cases = certainty(amounts, n_boot=1, seed=9, meaning=meaning).cases
    again = amounts[:, drawn]
    table = base(again.sum(axis=1), active_share=(again > 0).mean(axis=1))
    expected = xyz_classes(abc_classes(table))
    same_abc = (expected["abc"] == cases["abc"]).astype(float)
    same_xyz = (expected["xyz"] == cases["xyz"]).astype(float)
    assert cases["abc_probability"].tolist() == same_abc.tolist()
    assert cases["xyz_probability"].tolist() == same_xyz.tolist()
    assert cases["class_probability"].tolist() == (same_abc * same_xyz).tolist()


def test_ties_go_by_name_in_replicates_too():
    # Six equal customers, each with an order a period: nothing can change in any draw.
    found = certainty(np.full((6, 4), 5.0), n_boot=20).cases
    assert found["abc_probability"].tolist() == [1.0] * 6
    assert found["abc"].tolist() == ["A", "A", "A", "A", "A", "B"]


def test_blocks_keep_neighbours_together_round_the_circle(amounts):
    random = np.random.default_rng(np.random.SeedSequence(9).spawn(1)[0])
    # Three runs of five cover twelve periods; the last three of fifteen fall away.
    runs = [(start + step) % 12 for start in random.integers(12, size=3) for step in range(5)]
    again = amounts[:, runs[:12]]
    expected = abc_classes(base(again.sum(axis=1)))["abc"]
    cases = certainty(amounts, n_boot=1, seed=9, block=5).cases
    assert cases["abc_probability"].tolist() == (expected == cases["abc"]).tolist()


def test_a_block_of_the_whole_window_changes_nothing(amounts):
    found = certainty(amounts, block=12).cases
    assert (found[["abc_probability", "xyz_probability", "class_probability"]] == 1).all(axis=None)


def test_one_more_window_is_less_certain(amounts):
    right, stays = (
        certainty(amounts, n_boot=200, meaning=meaning).estimates.set_index("measure")["estimate"]
        for meaning in ("long_run", "next_window")
    )
    for measure in ("abc_right", "xyz_right", "class_right"):
        assert stays[measure] < right[measure]


def test_replicates_held_at_once_do_not_change_the_answer(amounts, monkeypatch):
    whole = certainty(amounts).cases
    monkeypatch.setattr("custlib.segmentation.abc_xyz.certainty.HELD_CELLS", 700)
    pd.testing.assert_frame_equal(certainty(amounts).cases, whole)


def test_the_order_of_the_rows_and_the_first_period_do_not_matter(amounts):
    rows = periods_of(amounts)
    shuffled = rows.sample(frac=1, random_state=1).assign(period=lambda table: table["period"] + 40)
    options = {"n_periods": 12, "n_boot": 30, "seed": 2, "block": 3}
    first, second = (class_certainty(table, **options).cases for table in (rows, shuffled))
    pd.testing.assert_frame_equal(first, second)


def test_the_summary_counts_customers_below_the_level(amounts):
    found = certainty(amounts, conf_level=0.9)
    summary = found.estimates.set_index("measure")
    for name in ("abc", "xyz", "class"):
        probability = found.cases[f"{name}_probability"]
        assert summary.loc[f"{name}_uncertain", "numerator"] == (probability < 0.9).sum()
        assert summary.loc[f"{name}_uncertain", "denominator"] == 300
        assert summary.loc[f"{name}_right", "estimate"] == pytest.approx(probability.mean())
    joint = found.cases["class_probability"]
    assert (joint <= found.cases[["abc_probability", "xyz_probability"]].min(axis=1)).all()


@pytest.mark.parametrize(
    "change, match",
    [
        ({"period": [0, 0, 1]}, "repeat a customer and period"),
        ({"period": [0, 1.5, 1]}, "whole numbers"),
        ({"period": [0, 9, 1]}, "span at most n_periods"),
        ({"amount": [1, None, 1]}, "Missing values: 1 in 'amount'"),
        ({"customer": ["a", None, "b"]}, "Missing values: 1 in 'customer'"),
        ({"n_orders": ["one", 1, 1]}, "not a number"),
    ],
)
def test_unusable_periods_are_refused(change, match):
    table = pd.DataFrame(
        {"customer": ["a", "a", "b"], "period": [0, 1, 1], "amount": 1.0, "n_orders": 1} | change
    )
    with pytest.raises(DataError, match=match):
        class_certainty(table, n_periods=4, n_boot=5, seed=1)


@pytest.mark.parametrize(
    "options",
    [
        {"block": 0},
        {"block": 13},
        {"block": 2.5},
        {"n_boot": 2.5},
        {"n_periods": 2},
        {"n_boot": 0},
        {"seed": None},
        {"rule": "x"},
        {"meaning": "luck"},
    ],
)
def test_unusable_arguments_are_refused(amounts, options):
    with pytest.raises(ParameterError):
        certainty(amounts, **options)


def test_a_million_customers_with_one_order_each_are_classed():
    n = 10**6
    table = base(np.ones(n), active_share=1 / 24, profit=1.0)
    found = xyz_classes(abc_classes(table))
    cells = abc_xyz_matrix(found, profit="profit").set_index(["abc", "xyz"])["n"]
    assert cells["A", "Z"] == 800_000
    long = pd.DataFrame({"customer": table["customer"], "period": table["customer"] % 24})
    sure = class_certainty(long.assign(amount=1.0, n_orders=1), n_periods=24, n_boot=3, seed=1)
    assert len(sure.cases) == n
