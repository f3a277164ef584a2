"""Migration between periods: who is found again, and what bad input gives."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation.migration import class_migration


def period(customers, classes):
    return pd.DataFrame({"customer": customers, "abc": classes})


def counts(found):
    rows = found.estimates.query("numerator > 0")
    keys = zip(rows["class_before"], rows["class_after"], strict=True)
    return dict(zip(keys, rows["numerator"], strict=True))


def test_nobody_is_lost_and_nobody_counted_twice():
    random = np.random.default_rng(1)
    tables = [
        period(random.choice(500, 300, replace=False), random.choice(list("ABC"), 300))
        for _ in range(2)
    ]
    found = class_migration(*tables)
    everybody = len(set(tables[0]["customer"]) | set(tables[1]["customer"]))
    assert found.estimates["numerator"].sum() == everybody
    assert set(found.changes["n"]) == {everybody}
    merged = tables[0].merge(tables[1], on="customer", how="outer")
    keys = zip(merged["abc_x"].fillna("new"), merged["abc_y"].fillna("gone"), strict=True)
    assert counts(found) == pd.Series(list(keys)).value_counts().to_dict()


def test_a_missing_class_is_a_class_of_its_own():
    found = class_migration(period([1, 2], ["A", None]), period([1, 2], [None, "A"]))
    assert counts(found) == {("A", "(missing)"): 1, ("(missing)", "A"): 1}


def test_other_columns_and_words():
    before = pd.DataFrame({"firm": ["x", "y"], "segment": ["Lost", "Lost"]})
    after = pd.DataFrame({"firm": ["y", "z"], "segment": ["Champions", "Lost"]})
    found = class_migration(
        before, after, category="segment", customer="firm", absent="left", new="came"
    )
    assert counts(found) == {
        ("Lost", "Champions"): 1,
        ("Lost", "left"): 1,
        ("came", "Lost"): 1,
    }


def test_classes_that_are_numbers_keep_the_order_of_numbers():
    found = class_migration(period([1, 2, 3], [10, 2, 2]), period([1, 2, 3], [10, None, 2]))
    assert found.changes["category"].drop_duplicates().tolist() == [2, 10, "(missing)"]


def test_named_classes_keep_their_order_and_empty_ones_a_noted_row():
    found = class_migration(period([1], ["C"]), period([1], ["A"]), classes=["C", "B", "A"])
    rows = found.estimates
    assert rows["class_before"].drop_duplicates().tolist() == ["C", "B", "A", "new"]
    empty = rows.query("class_before == 'B'")
    assert empty["estimate"].isna().all()
    assert set(empty["note"]) == {"no customer"}
    with pytest.raises(DataError, match="not among those named: A"):
        class_migration(period([1], ["C"]), period([1], ["A"]), classes=["C"])


def test_nobody_before_or_nobody_after():
    nobody, one = period([], []).astype(object), period([1], ["A"])
    assert counts(class_migration(nobody, one)) == {("new", "A"): 1}
    assert counts(class_migration(one, nobody)) == {("A", "gone"): 1}


def test_nobody_at_all_is_refused():
    with pytest.raises(DataError, match="The table of customers has no row"):
        class_migration(period([], []), period([], []))


def test_when_nobody_moves_a_net_change_has_no_interval():
    found = class_migration(period([1, 2], ["A", "B"]), period([1, 2], ["A", "B"]))
    net = found.changes.query("measure == 'net_change'")
    assert net["estimate"].tolist() == [0, 0]
    assert net["ci_low"].isna().all()
    assert set(net["note"]) == {"nobody moved: no interval"}


def test_numbers_in_one_table_and_text_in_the_other_are_refused():
    with pytest.raises(DataError, match="numbers in one table and text in the other"):
        class_migration(period([1], ["A"]), period(["1"], ["A"]))


def test_a_customer_with_two_rows_is_refused():
    with pytest.raises(DataError, match="repeated customer"):
        class_migration(period([1, 1], ["A", "B"]), period([1], ["A"]))


@pytest.mark.parametrize("options", [{"absent": "A"}, {"new": "gone"}, {"interval": "exact"}])
def test_words_that_a_class_has_are_refused(options):
    with pytest.raises(ParameterError):
        class_migration(period([1], ["A"]), period([1], ["A"]), **options)


def test_none_of_a_million_customers_is_lost():
    random = np.random.default_rng(2)
    names = pd.Series(np.arange(10**6)).map("C{:07d}".format)
    tables = [period(names, random.choice(list("ABC"), 10**6)) for _ in range(2)]
    found = class_migration(*tables)
    assert found.estimates["numerator"].sum() == 10**6
