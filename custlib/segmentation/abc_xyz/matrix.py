"""The nine cells of ABC by XYZ: how many customers, how much revenue, how much profit in each."""

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.segmentation.abc_xyz.steadiness import XYZ
from custlib.segmentation.abc_xyz.value import ABC
from custlib.segmentation.customer_checks import read_values

Array = np.ndarray


def abc_xyz_matrix(
    customers: pd.DataFrame,
    *,
    abc: str = "abc",
    xyz: str = "xyz",
    value: str = "amount",
    profit: str | None = None,
) -> pd.DataFrame:
    """Customers, revenue and profit in each of the nine cells, in their units and as shares.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    abc, xyz : str
        Columns of the two classes.
    value, profit : str
        Column of revenue, and of profit if there is one. Missing numbers count as nothing.

    Returns
    -------
    DataFrame, always nine rows, AX to CZ
        abc, xyz, amount, amount_share, profit, profit_share, customer_share, n, n_missing
        (customers without one of the classes, the same in each row), note. Without `profit` its
        two columns are missing. Shares are of the customers in the nine cells.

    Raises
    ------
    DataError
        A column is absent, or holds a class other than A, B, C or X, Y, Z.

    Notes
    -----
    amount_share = Σ amount of the cell/Σ amount of the nine; customer_share = n/Σ n. A share of
    revenue or profit is missing where the nine cells do not sum to more than zero. A cell served at
    a loss has a negative share of profit, and the others then pass 1 together.

    Assumes: both classes are of the same window; a description, without chance.

    Not for: cells of few customers, who may stand there by chance (`class_certainty`).

    Examples
    --------
    >>> firms = pd.DataFrame({"abc": ["A", "C"], "xyz": ["X", "Z"], "amount": [90, 10]})
    >>> abc_xyz_matrix(firms).query("n > 0")[["abc", "xyz", "amount_share", "n"]].values.tolist()
    [['A', 'X', 0.9, 1], ['C', 'Z', 0.1, 1]]
    """
    rows, columns = _codes(customers, abc, ABC), _codes(customers, xyz, XYZ)
    known = (rows >= 0) & (columns >= 0)
    cells = (3 * rows + columns)[known]
    n = np.bincount(cells, minlength=9)
    table = pd.DataFrame({abc: np.repeat(ABC, 3), xyz: np.tile(XYZ, 3), "n": n})
    table["customer_share"] = n / known.sum() if known.any() else np.nan
    notes = [] if known.any() else ["no customer has both classes"]
    for name, column in (("amount", value), ("profit", profit)):
        sums, total = np.full(9, np.nan), 0.0
        if column is not None:
            numbers = np.nan_to_num(read_values(customers, column))[known]
            sums = np.bincount(cells, weights=numbers, minlength=9)
            total = sums.sum()
            if total <= 0 and known.any():
                notes.append(f"{name} does not sum to more than zero")
        table[name] = sums
        table[f"{name}_share"] = sums / total if total > 0 else np.nan
    table = table.assign(n_missing=len(known) - known.sum(), note="; ".join(notes))
    return arrange(table, keys=[abc, xyz])


def _codes(customers: pd.DataFrame, column: str, classes: tuple[str, ...]) -> Array:
    """Place of each customer's class, −1 where it is missing; any other class is refused."""
    require_columns(customers, [column])
    codes = pd.Index(classes).get_indexer(customers[column])
    wrong = customers[column][(codes < 0) & customers[column].notna().to_numpy()]
    if len(wrong):
        shown = ", ".join(repr(one) for one in wrong.unique()[:5])
        raise DataError.because(
            f"{len(wrong)} classes in {column!r} that are none of the three, such as {shown}.",
            f"Expected {', '.join(classes)}, or missing.",
            "Name the column that abc_classes or xyz_classes made.",
        )
    return codes
