"""Numbers that a caller gives instead of a table: checked, and laid out one row each."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.errors import ParameterError

Array = np.ndarray
Check = Callable[[Array], Array]


def laid_out(*, grid: bool = False, **given: ArrayLike) -> pd.DataFrame:
    """One row for each set of numbers: lists of one length side by side, or every combination.

    A single number stands in every row. With `grid` the last argument varies fastest.
    """
    arrays = {name: _numbers(name, value) for name, value in given.items()}
    if grid:
        crossed = np.meshgrid(*arrays.values(), indexing="ij")
        return pd.DataFrame(
            {name: all_.ravel() for name, all_ in zip(arrays, crossed, strict=True)}
        )
    lengths = {name: len(array) for name, array in arrays.items() if len(array) != 1}
    if len(set(lengths.values())) > 1:
        raise ParameterError.because(
            "Lists of " + ", ".join(f"{many} ({name})" for name, many in lengths.items()) + ".",
            "Expected lists of one length, or single numbers.",
            "Give each list as many numbers, or pass one number for all.",
        )
    rows = next(iter(lengths.values()), 1)
    return pd.DataFrame({name: np.resize(array, rows) for name, array in arrays.items()})


def require_inside(table: pd.DataFrame, inside: Mapping[str, Check], expected: str) -> None:
    """Every number of these columns passes its check; NaN passes none."""
    for name, check in inside.items():
        values = table[name].to_numpy(float)
        wrong = np.flatnonzero(~check(values))
        if len(wrong):
            shown = ", ".join(f"{value:g}" for value in values[wrong[:5]])
            many = f"{name}: {len(wrong)} of {len(values)} wrong; first: {shown}."
            raise ParameterError.because(
                f"{name} is {shown}." if len(values) == 1 else many,
                f"Expected {expected}.",
                f"Correct {name}.",
            )


def share(values: Array) -> Array:
    """Whether each is a share, 0–1, ends included."""
    return (values >= 0) & (values <= 1)


def not_negative(values: Array) -> Array:
    """Whether each is a finite number from 0 up."""
    return (values >= 0) & np.isfinite(values)


def positive(values: Array) -> Array:
    """Whether each is a finite number above 0."""
    return (values > 0) & np.isfinite(values)


def _numbers(name: str, value: ArrayLike) -> Array:
    try:
        array = np.atleast_1d(np.asarray(value, float))
    except (TypeError, ValueError):
        array = np.empty((0, 0))
    if array.ndim != 1:
        raise ParameterError.because(
            f"{name} is {value!r}.", "Expected a number, or a list of numbers.", f"Correct {name}."
        )
    return array
