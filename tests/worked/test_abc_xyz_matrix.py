"""The nine cells: customers, revenue and profit, in units and as shares."""

import numpy as np
import pandas as pd
import pytest
from table import table

from custlib.segmentation.abc_xyz import abc_xyz_matrix

customers = table(
    """
    abc | xyz | amount | profit
    ----+-----+--------+-------
    A   | X   |    500 |    120
    A   | X   |    300 |     90
    B   | Z   |    150 |     10
    C   | Z   |     30 |    -40
    C   | Y   |     20 |     20
    """
)


@pytest.fixture
def cells():
    return abc_xyz_matrix(customers, profit="profit").set_index(["abc", "xyz"])


def test_there_are_always_nine_rows_in_order():
    found = abc_xyz_matrix(customers)
    assert ["".join(pair) for pair in found[["abc", "xyz"]].to_numpy()] == [
        "AX", "AY", "AZ", "BX", "BY", "BZ", "CX", "CY", "CZ"
    ]  # fmt: skip


def test_sums_and_shares_of_a_cell(cells):
    row = cells.loc[("A", "X")]
    assert (row["n"], row["amount"], row["profit"]) == (2, 800, 210)
    assert row["customer_share"] == pytest.approx(2 / 5)
    assert row["amount_share"] == pytest.approx(800 / 1000)
    assert row["profit_share"] == pytest.approx(210 / 200)


def test_a_cell_served_at_a_loss_has_a_negative_share(cells):
    assert cells.loc[("C", "Z"), "profit_share"] == pytest.approx(-40 / 200)
    assert cells["profit_share"].sum() == pytest.approx(1)


def test_an_empty_cell_has_zeros(cells):
    assert cells.loc[("B", "X"), ["n", "amount", "amount_share", "profit"]].tolist() == [0] * 4


def test_without_profit_its_columns_are_missing():
    assert abc_xyz_matrix(customers)[["profit", "profit_share"]].isna().all(axis=None)


def test_customers_without_a_class_are_counted_and_take_no_share():
    more = pd.concat([customers, pd.DataFrame({"abc": ["A"], "xyz": [None], "amount": [999]})])
    found = abc_xyz_matrix(more)
    assert set(found["n_missing"]) == {1}
    assert found["amount"].sum() == 1000
    assert found["customer_share"].sum() == pytest.approx(1)


def test_profits_that_sum_to_a_loss_give_no_share():
    found = abc_xyz_matrix(customers.assign(profit=-1.0), profit="profit")
    assert found["profit_share"].isna().all()
    assert set(found["note"]) == {"profit does not sum to more than zero"}
    assert np.nansum(found["profit"]) == -5
