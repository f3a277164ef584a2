"""Groups of rows in their own order: empty categories stay, rows without a group form one."""

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_rows
from custlib.errors import DataError

MISSING = "(missing)"


def group_rows(responses: pd.DataFrame, by: str | None) -> list[tuple[object, np.ndarray]]:
    """Name and row mask of each group.

    A categorical column gives its categories in their order, empty ones too; any other column
    its values in order of first appearance. Rows without a value come last, as "(missing)".
    Masks go by position, so repeated index labels (stacked waves) are counted right. A table
    without a row has no groups but categories, and is refused where there are none. So is a value
    "(missing)" beside gaps, as two groups would be called alike.
    """
    if by is None:
        return [(None, np.ones(len(responses), bool))]
    require_columns(responses, [by])
    column = responses[by]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(), list(column.cat.categories)
    else:
        codes, uniques = pd.factorize(column)
        names = list(uniques)
    groups = [(name, codes == code) for code, name in enumerate(names)]
    if (codes < 0).any():
        _require_own_name(by, names)
        groups.append((MISSING, codes < 0))
    if not groups:
        require_rows(responses)
    return groups


def group_codes(
    responses: pd.DataFrame, column: str | None, *, missing_alone: bool = False
) -> tuple[np.ndarray, list]:
    """Integer codes of a column and the names behind them, from 0 without a gap.

    Rows without a value share a code of their own, or have one each where `missing_alone`.
    """
    if column is None:
        return np.zeros(len(responses), int), ["all"]
    codes, names = pd.factorize(responses[column])
    gaps = np.flatnonzero(codes < 0)
    labels = list(names)
    if len(gaps):
        _require_own_name(column, labels)
        extra = len(gaps) if missing_alone else 1
        codes = codes.copy()
        codes[gaps] = len(labels) + (np.arange(len(gaps)) if missing_alone else 0)
        labels += [MISSING] * extra
    return codes, labels


def _require_own_name(column: str, names: list) -> None:
    """No value is called as the rows without one are."""
    if MISSING in names:
        raise DataError.because(
            f"{column!r} has the value {MISSING!r}, and rows without a value.",
            f"Expected {MISSING!r} to mean the rows without a value, and no others.",
            "Rename the value, or set it to missing where it says the same.",
        )
