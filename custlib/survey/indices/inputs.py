"""What several indices take in, checked, and the long table they give back."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_distinct
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError


def require_units(table: pd.DataFrame, unit: str) -> list:
    """Names of the units: at least one, none missing, none twice."""
    require_columns(table, [unit])
    wrong = table.index[table[unit].isna() | table[unit].duplicated()].tolist()
    if wrong or table.empty:
        raise DataError.because(
            f"{len(wrong)} of {len(table)} rows repeat or lack a {unit!r}; first: {wrong[:5]}.",
            "Expected one row for each unit, with its name.",
            "Take the mean of a unit's rows first, or give its parts names of their own.",
        )
    return table[unit].tolist()


def weights_of(weights: Mapping[str, float] | None, names: Sequence[str]) -> np.ndarray:
    """Weights in the order of the names, scaled to sum to 1; equal where none are given."""
    require_distinct(names)
    given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    values = np.array(list(given.values()), float)
    if set(given) != set(names) or not (np.isfinite(values) & (values > 0)).all():
        raise ParameterError.because(
            f"Weights are {given}.",
            f"Expected a positive number for each of: {', '.join(names)}.",
            "Leave out what shall not count, reverse what counts against the index.",
        )
    return np.array([given[name] for name in names], float) / values.sum()


def crossed_table(
    rows: Mapping[str, Sequence], columns: Mapping[str, Sequence], **values: Any
) -> pd.DataFrame:
    """Long table of values of shape (rows, columns), or of what broadcasts to it."""
    shape = len(next(iter(rows.values()), [0])), len(next(iter(columns.values()), [0]))
    table = {name: np.repeat(np.array(keys, object), shape[1]) for name, keys in rows.items()}
    table |= {name: np.tile(np.array(keys, object), shape[0]) for name, keys in columns.items()}
    table |= {name: np.broadcast_to(value, shape).ravel() for name, value in values.items()}
    return arrange(pd.DataFrame(table), keys=[*rows, *columns])
