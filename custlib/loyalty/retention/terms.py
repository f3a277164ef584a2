"""Columns of a model from columns of a table: numbers as they are, labels against a reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_distinct, require_list
from custlib.errors import DataError, FitError, ParameterError
from custlib.loyalty.retention.durations import refuse_rows

Array = np.ndarray
NUMERIC = "per unit"


@dataclass(frozen=True, slots=True)
class Terms:
    """A column of numbers for each coefficient, and the term and contrast it belongs to."""

    values: Array
    term: list[str]
    contrast: list[str]

    def owned(self) -> dict[str, list[int]]:
        """Columns of each term."""
        return {
            term: [at for at, one in enumerate(self.term) if one == term]
            for term in dict.fromkeys(self.term)
        }


def complete_rows(customers: pd.DataFrame, terms: Sequence[str]) -> Array:
    """True where no term is missing."""
    require_list("terms", terms)
    require_distinct(terms)
    require_columns(customers, terms)
    return customers[list(terms)].notna().all(axis=1).to_numpy()


def model_terms(
    customers: pd.DataFrame, terms: Sequence[str], reference: Mapping[str, object] | None
) -> Terms:
    """Terms of complete rows; numbers and truth values one column, labels one a further level.

    The level that others are compared with is the reference named, else the first of a
    categorical column, else the most frequent (of equals the first by name).
    """
    wanted = dict(reference or {})
    strangers = [name for name in wanted if name not in terms]
    if strangers:
        raise ParameterError.because(
            f"reference names {', '.join(map(repr, strangers))}, no term of the model.",
            f"Expected terms only: {', '.join(terms)}.",
            "Correct the name, or add the term.",
        )
    values: list[Array] = []
    names: list[tuple[str, str]] = []
    for term in terms:
        column = customers[term]
        if term not in wanted and _is_number(column):
            values.append(_finite(customers, term))
            names.append((term, NUMERIC))
            continue
        levels = _levels(column, term, wanted)
        labels = [level_name(level) for level in levels]
        for level, label in zip(levels[1:], labels[1:], strict=True):
            values.append((column == level).to_numpy(float))
            names.append((term, f"{label} - {labels[0]}"))
    return Terms(np.column_stack(values), [name for name, _ in names], [name for _, name in names])


def level_name(level: object) -> str:
    """A level in a contrast; 2.0, which a missing value made of 2, is 2 again."""
    return f"{level:g}" if isinstance(level, float) and level.is_integer() else str(level)


def _is_number(column: pd.Series) -> bool:
    return bool(
        pd.api.types.is_numeric_dtype(column)  # truth values too
        and not isinstance(column.dtype, pd.CategoricalDtype)
    )


def _finite(customers: pd.DataFrame, term: str) -> Array:
    values = customers[term].to_numpy(float)
    do = "Correct the division or the overflow that made them."
    refuse_rows(
        customers, ~np.isfinite(values), "an infinite value", term, "finite numbers, or missing", do
    )
    return values


def _levels(column: pd.Series, term: str, wanted: Mapping[str, object]) -> list:
    """Levels with a row, the reference first."""
    if pd.api.types.is_datetime64_any_dtype(column):
        raise DataError.because(
            f"{term!r} holds dates.",
            "Expected numbers or labels.",
            "Make a number of it (months since a day), or a label (the year).",
        )
    sizes = column.value_counts(sort=False)
    sizes = sizes[sizes > 0]
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [level for level in column.cat.categories if level in sizes.index]
    else:
        levels = sorted(sizes.index, key=lambda level: (-sizes[level], str(level)))
    if len(levels) < 2:
        raise constant_term([term], len(column))
    if len(levels) > max(50, len(column) // 10):
        raise DataError.because(
            f"{term!r} has {len(levels)} levels in {len(column)} rows.",
            "Expected a label that many customers share.",
            "Leave out names and keys of customers, or join rare levels.",
        )
    first = wanted.get(term, levels[0])
    if first not in levels:
        raise ParameterError.not_one_of(f"reference of {term!r}", first, levels)
    return [first, *(level for level in levels if level != first)]


def constant_term(terms: Sequence[str], n: int) -> FitError:
    return FitError.because(
        f"Constant over the {n} customers used: {', '.join(map(repr, terms))}.",
        "Expected terms that differ between customers.",
        "Leave the term out, or look at the filter that left one value.",
    )
