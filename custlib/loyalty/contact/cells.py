"""The contact matrix: one row for each segment and kind of contact, checked before anything."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_new_columns, require_numeric, require_rows
from custlib.errors import DataError

Array = np.ndarray


def read_cells(
    contacts: pd.DataFrame, *, keys: Sequence[str], numbers: dict[str, str | None]
) -> pd.DataFrame:
    """Numbers of the cells by role, NaN where missing, beside the names that make a cell.

    There is a cell, and each has its names and stands once; a role without a column is not in the
    result.
    """
    require_rows(contacts, "contacts")
    named = {role: column for role, column in numbers.items() if column is not None}
    require_columns(contacts, [*keys, *named.values()])
    cells = contacts[list(keys)].reset_index(drop=True)
    require_new_columns(cells, named)
    for problem, wrong in (
        ("without a name in " + " or ".join(map(repr, keys)), cells.isna().any(axis=1)),
        ("of a cell that stands more than once", cells.duplicated(keep=False)),
    ):
        if wrong.any():
            raise DataError.because(
                f"{wrong.sum()} rows {problem}; first: {_rows(contacts, np.flatnonzero(wrong))}.",
                f"Expected one row for each combination of {', '.join(keys)}, with its names.",
                "Add up the rows of a cell, or name what sets them apart as the campaign.",
            )
    # An endless number lies in no range, and is refused with those outside it.
    values = {role: require_numeric(contacts, at, finite=False) for role, at in named.items()}
    return cells.assign(**values)


def require_range(
    contacts: pd.DataFrame, cells: pd.DataFrame, role: str, inside: Callable, expected: str
) -> None:
    """Every number of the role that is there lies in its range."""
    if role not in cells:
        return
    values = cells[role].to_numpy(float)
    wrong = np.flatnonzero(~np.isnan(values) & ~inside(values))
    if len(wrong):
        shown = ", ".join(f"row {contacts.index[row]}: {values[row]:g}" for row in wrong[:5])
        raise DataError.because(
            f"{len(wrong)} of {role.replace('_', ' ')} outside its range; first: {shown}.",
            f"Expected {expected}, or nothing.",
            "Correct the column, or leave the rows out.",
        )


def from_zero(values: Array) -> Array:
    """Finite and not below zero."""
    return (values >= 0) & np.isfinite(values)


def above_zero(values: Array) -> Array:
    """Finite and above zero."""
    return (values > 0) & np.isfinite(values)


def number_of_actions(
    contacts: pd.DataFrame,
    cells: pd.DataFrame,
    groups: Sequence[str],
    *,
    role: str = "preparation",
    absent: float = 0.0,
) -> pd.Series:
    """A number of each action, such as its preparation, which its rows repeat or name once."""
    if role not in cells:
        return pd.Series(absent, index=cells.groupby(list(groups), sort=False).size().index)
    named = cells.groupby(list(groups), sort=False)[role]
    if (named.nunique() > 1).any():
        rows = np.flatnonzero(named.transform("nunique").to_numpy() > 1)
        raise DataError.because(
            f"{len(rows)} rows with different numbers ({role}) of one action; first: "
            + _rows(contacts, rows)
            + ".",
            f"Expected one {role} for each kind of contact and campaign.",
            "Give the same number in each row of it: it is counted once.",
        )
    return named.first().fillna(absent)


def _rows(table: pd.DataFrame, rows: Array) -> str:
    return ", ".join(f"row {row}" for row in table.index[rows[:5]])
