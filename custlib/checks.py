"""Checks of arguments and tables that raise before anything is computed."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from numbers import Real

import numpy as np
import pandas as pd

from custlib.errors import DataError, ParameterError


def require_rows(table: pd.DataFrame, what: str = "") -> None:
    """The table of such things has a row."""
    if not len(table):
        raise DataError.because(
            f"The table{' of ' * bool(what)}{what} has no row.",
            "Expected at least one.",
            "Look at the filter, or at the period, that left nothing.",
        )


def require_list(name: str, values: object) -> None:
    """Several values are no single text, whose letters would be taken for them."""
    if isinstance(values, str):
        raise ParameterError.because(
            f"{name} is the text {values!r}.",
            "Expected a list, of one entry too.",
            f"Pass {name}=[{values!r}].",
        )


def require_columns(table: pd.DataFrame, names: Iterable[str | None]) -> None:
    """Every named column exists once; None stands for an option not taken."""
    named = [name for name in names if name is not None]
    missing = [name for name in named if name not in table.columns]
    if missing:
        raise DataError.missing_columns(missing, table.columns)
    twice = table.columns[table.columns.duplicated()]
    repeated = sorted(set(named) & set(twice))
    if repeated:
        raise DataError.duplicate_columns(repeated)


def require_new_columns(table: pd.DataFrame, names: Iterable[str]) -> None:
    """None of the names is taken: a function that adds columns never writes over one."""
    taken = [name for name in names if name in table.columns]
    if taken:
        raise DataError.because(
            f"The table already has: {', '.join(taken)}.",
            "Expected a table without the columns that are added to it.",
            "Drop or rename them, or pass another name for the new column.",
        )


def require_distinct(
    items: Sequence[str], *, outcome: str | None = None, at_least: int = 1
) -> None:
    """Items are a list, named once each, are enough, and the outcome is none of them."""
    require_list("items", items)
    named = [*items, *([outcome] if outcome is not None else [])]
    repeated = sorted({name for name in named if named.count(name) > 1})
    if repeated or len(items) < at_least:
        counted = "There is 1 item." if len(items) == 1 else f"There are {len(items)} items."
        raise ParameterError.because(
            f"Named more than once: {', '.join(repeated)}." if repeated else counted,
            f"Expected at least {at_least}, each named once, and the outcome not among them.",
            "Correct the list of items, or the outcome.",
        )


def require_numeric(table: pd.DataFrame, column: str, *, finite: bool = True) -> np.ndarray:
    """Numbers of the column, NaN where it holds nothing; it holds nothing else.

    An infinite one passes only where `finite` is false: it may be a result, but no answer.
    """
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = np.flatnonzero(np.isnan(values) & table[column].notna().to_numpy())
    if len(wrong):
        first = wrong[:5]
        raise DataError.not_numeric(
            column, len(wrong), table.index[first].tolist(), table[column].iloc[first].tolist()
        )
    wrong = np.flatnonzero(np.isinf(values) & finite)
    if len(wrong):
        shown = ", ".join(f"row {table.index[at]}: {values[at]:g}" for at in wrong[:5])
        raise DataError.because(
            f"{len(wrong)} infinite value{'s' * (len(wrong) > 1)} in {column!r}; first: {shown}.",
            "Expected finite numbers, or missing.",
            "Correct the division or the overflow that made them, or set them to missing.",
        )
    return values


def require_ends(scale: tuple[float, float], name: str = "scale") -> tuple[float, float]:
    """Both ends of a scale, the lower one first."""
    with suppress(TypeError, ValueError):
        low, high = scale
        if high - low > 0:
            return low, high
    raise ParameterError.because(
        f"{name} is {scale!r}.",
        "Expected two numbers, the lowest answer before the highest.",
        "Pass (1, 5) for answers from 1 to 5, whichever end is the best.",
    )


def require_scale(table: pd.DataFrame, column: str, *, low: float, high: float) -> np.ndarray:
    """Answers of the column, whole numbers from low to high, NaN where missing."""
    answers = require_numeric(table, column)
    whole = (low <= answers) & (answers <= high) & (answers == np.floor(answers))
    off = np.flatnonzero(~np.isnan(answers) & ~whole)
    if len(off):
        first = off[:5]
        raise DataError.off_scale(
            column,
            len(off),
            table.index[first].tolist(),
            table[column].iloc[first].tolist(),
            f"whole numbers from {low:g} to {high:g}",
        )
    return answers


def require_weights(table: pd.DataFrame, column: str | None) -> np.ndarray:
    """Weights of the rows, each a positive number; ones where no column is named."""
    if column is None:
        return np.ones(len(table))
    require_columns(table, [column])
    weights = require_numeric(table, column, finite=False)
    wrong = np.flatnonzero(~(weights > 0) | np.isinf(weights))
    if len(wrong):
        first = wrong[:5]
        pairs = zip(table.index[first].tolist(), weights[first].tolist(), strict=True)
        origin = "" if table.index[0] else " (the first respondent is row 0)"
        counted = "1 weight" if len(wrong) == 1 else f"{len(wrong)} weights"
        verb = "is" if len(wrong) == 1 else "are"
        raise DataError.because(
            f"{counted} in {column!r} {verb} zero, negative, infinite or missing; first: "
            + ", ".join(f"row {row}: {value:g}" for row, value in pairs)
            + f"{origin}.",
            "Expected a positive number in every row.",
            "Drop respondents who stand for nobody, or give them the weight they should have.",
        )
    return weights


def require_conf_level(conf_level: float) -> None:
    """The level is a share strictly between 0 and 1."""
    if not isinstance(conf_level, Real) or not 0 < conf_level < 1:
        raise ParameterError.because(
            f"conf_level is {conf_level!r}.",
            "Expected a share strictly between 0 and 1.",
            "For a 95 % interval pass conf_level=0.95.",
        )


def require_one_of(name: str, value: object, allowed: Iterable[object]) -> None:
    """The value is one of those allowed."""
    allowed = list(allowed)
    if value not in allowed:
        raise ParameterError.not_one_of(name, value, allowed)


def require_at_least(name: str, value: float, low: float) -> None:
    """The value is a number not below low."""
    if not isinstance(value, Real) or not value >= low:
        raise ParameterError.because(
            f"{name} is {value!r}.", f"Expected at least {low:g}.", f"Pass {low:g} or more."
        )


def require_whole(name: str, value: object, low: int) -> int:
    """The value as a whole number not below low."""
    whole = float(value) if isinstance(value, Real) else np.nan
    if not (whole.is_integer() and whole >= low):
        raise ParameterError.because(
            f"{name} is {value!r}.",
            f"Expected a whole number, at least {low}.",
            f"Pass {low} or more, without decimals.",
        )
    return int(whole)


def require_seed(seed: int | None) -> int:
    """The seed itself, where chance is used."""
    if seed is None:
        raise ParameterError.because(
            "The seed is absent.",
            "Expected a whole number, since resampling uses chance.",
            "Pass seed=1, or any other, and keep it.",
        )
    return require_whole("seed", seed, 0)
