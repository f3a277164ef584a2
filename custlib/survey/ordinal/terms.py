"""Terms of a model: how columns of a table become columns of a design matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.errors import DataError, ParameterError

Array = np.ndarray
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")  # as pandas names what it finds


@dataclass(frozen=True, slots=True)
class Term:
    """A numeric column as it is, or a categorical one against its first category with rows."""

    name: str
    levels: tuple | None = None
    base: object = None

    @property
    def columns(self) -> list[str]:
        """Names of the term's columns: the column itself, or one per category but the base."""
        if self.levels is None:
            return [self.name]
        return [f"{self.name}: {level}" for level in self.levels if level != self.base]

    def codes(self, table: pd.DataFrame) -> Array:
        """Values of a numeric term, positions in `levels` of a categorical one; NaN if missing."""
        column = table[self.name]
        if self.levels is None:
            return pd.to_numeric(column).to_numpy(float, na_value=np.nan)
        codes, values = pd.factorize(column)
        at = pd.Index(self.levels, dtype=object).get_indexer(np.asarray(values, object))
        if (at < 0).any():
            named = sorted(str(value) for value in np.asarray(values, object)[at < 0])
            raise DataError.because(
                f"{self.name!r} has values the model was not fitted on: {', '.join(named[:5])}.",
                f"Expected one of: {', '.join(map(str, self.levels))}.",
                "Leave these rows out, or fit the model on a table that has them.",
            )
        return np.where(codes < 0, np.nan, at[codes])

    def matrix(self, codes: Array) -> Array:
        """Columns of the design matrix, shape (rows, len(columns))."""
        if self.levels is None:
            return codes[:, None]
        kept = [at for at, level in enumerate(self.levels) if level != self.base]
        return (codes[:, None] == kept).astype(float)


def read_terms(responses: pd.DataFrame, names: Sequence[str]) -> list[Term]:
    """Terms of the named columns; each must take at least two values."""
    require_columns(responses, names)
    if not 0 < len(names) == len(set(names)):
        raise ParameterError.because(
            f"terms is {list(names)}." if len(names) else "terms is empty.",
            "Expected at least one column, each named once.",
            "Name the terms of the model.",
        )
    return [_read_term(responses[name], name) for name in names]


def _read_term(column: pd.Series, name: str) -> Term:
    present = column.dropna().unique()
    if len(present) < 2:
        raise DataError.because(
            f"Term {name!r} takes {len(present)} value{'' if len(present) == 1 else 's'}.",
            "Expected at least two, or there is nothing to compare.",
            "Leave the term out.",
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = tuple(column.cat.categories)
        return Term(name, levels, next(level for level in levels if level in set(present)))
    if pd.api.types.is_numeric_dtype(column):
        return Term(name)
    if pd.api.types.infer_dtype(present) in NUMBERS:
        raise DataError.because(
            f"Term {name!r} holds numbers, but its type is {column.dtype}.",
            "Expected a type that tells numbers from categories.",
            "Convert it with pd.to_numeric, or make it categorical: astype('category').",
        )
    levels = tuple(sorted(present, key=str))
    return Term(name, levels, levels[0])


def distinct_rows(codes: Sequence[Array]) -> tuple[Array, Array]:
    """Number of each row's pattern (−1 where a value is missing) and a first row of each."""
    pattern = np.zeros(len(codes[0]), int)
    for column in codes:
        values, uniques = pd.factorize(column)
        joint = np.where((pattern < 0) | (values < 0), -1, pattern * (len(uniques) + 1) + values)
        pattern = pd.factorize(np.where(joint < 0, np.nan, joint))[0]
    used = np.flatnonzero(pattern >= 0)
    return pattern, used[np.unique(pattern[used], return_index=True)[1]]
