"""What every table with one row a customer must satisfy, and the one order of its rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric, require_rows
from custlib.errors import DataError, ParameterError

Array = np.ndarray
NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal"}


def require_customers(customers: pd.DataFrame, customer: str | None) -> None:
    """The table has a row, and each customer has one row and a name; None checks no names."""
    require_rows(customers, "customers")
    if customer is None:
        return
    require_columns(customers, [customer])
    names = customers[customer]
    for found, wrong in (("missing", names.isna()), ("repeated", names.duplicated(keep=False))):
        rows = np.flatnonzero(wrong.to_numpy())
        if len(rows):
            first = [f"row {row}: {names.iloc[row]!r}" for row in rows[:5]]
            raise DataError.because(
                f"{len(rows)} rows with a {found} customer in {customer!r}; first: "
                f"{', '.join(first)}.",
                "Expected one row a customer, each with a name of its own.",
                "Sum the orders of a customer first, or name the right column.",
            )


def read_values(customers: pd.DataFrame, column: str) -> Array:
    """Numbers of the column, NaN where missing; an infinite one is refused."""
    require_columns(customers, [column])
    return require_numeric(customers, column)


def read_complete(customers: pd.DataFrame, column: str) -> Array:
    """Finite numbers of the column, one for every customer; a missing one is refused."""
    values = read_values(customers, column)
    gaps = np.flatnonzero(np.isnan(values))
    if len(gaps):
        raise DataError.because(
            f"{len(gaps)} missing values in {column!r}; first rows: {gaps[:5].tolist()}.",
            "Expected a number for every customer.",
            "Fill them (0 for none), or leave those customers out.",
        )
    return values


def require_mapping(name: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The entries of a mapping, none where it is not given."""
    if given is not None and not isinstance(given, Mapping):
        raise ParameterError.because(
            f"{name} is {given!r}.",
            "Expected a mapping from names of columns or questions.",
            f"Pass {name}={{name: ...}}, with an entry of each.",
        )
    return dict(given or {})


def is_number(column: pd.Series) -> bool:
    """Whether the column holds numbers; true and false are categories, text is text."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return False
    if pd.api.types.is_numeric_dtype(column.dtype):
        return True
    is_object = column.dtype == object
    return is_object and pd.api.types.infer_dtype(column, skipna=True) in NUMBERS


def require_one_kind_of_name(
    *names: pd.Index | pd.Series, of: str = "Customers", place: str = "table"
) -> None:
    """Numbers never equal text: all customers would be gone and new without anybody noticing."""
    kinds = {
        pd.api.types.infer_dtype(pd.Index(one).astype(object)) in NUMBERS | {"boolean"}
        for one in names
        if len(one)
    }
    if len(kinds) > 1:
        raise DataError.because(
            f"{of} are numbers in one {place} and text in the other.",
            f"Expected names of one kind, so that {of.lower()} can be found again.",
            "Turn both columns into text, or both into numbers.",
        )


def name_order(names: pd.Series) -> Array:
    """Positions that put the names in ascending order; names of mixed types go by their text."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        names = names.astype(names.cat.categories.dtype)
    if names.is_monotonic_increasing:
        return np.arange(len(names))
    try:
        return names.argsort(kind="stable").to_numpy()
    except TypeError:
        return names.astype(str).argsort(kind="stable").to_numpy()


def ascending(names: Iterable[object]) -> list:
    """Names in ascending order, numbers as numbers; names of mixed types go by their text."""
    column = pd.Series(list(names), dtype=object)
    return column.iloc[name_order(column)].tolist()


def require_own_rows(segments: Sequence[object]) -> None:
    """No two rows of the result are called alike, be they found, named or added."""
    twice = [name for name in dict.fromkeys(segments) if list(segments).count(name) > 1]
    if twice:
        raise DataError.because(
            f"More than one segment would be called {twice[0]!r}.",
            "Expected segments that are told apart, also from a row that is added to them.",
            "Rename the segment, or name it once.",
        )


def descending(values: Array, names: pd.Series) -> Array:
    """Positions from the largest value to the smallest, ties by name ascending, NaN last."""
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    if not (ranked[1:] == ranked[:-1]).any():
        return order
    # Sorting by name first makes the stable sort break ties by name.
    by_name = name_order(names)
    return by_name[np.argsort(-values[by_name], kind="stable")]
