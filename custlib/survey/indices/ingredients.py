"""What goes into a composite index, once it has passed its checks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric, require_one_of
from custlib.errors import DataError, ParameterError

Array = np.ndarray
Bounds = tuple[float, float] | Mapping[str, tuple[float, float]] | str


def methods_of(name: str, chosen: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The methods named, one or several."""
    methods = (chosen,) if isinstance(chosen, str) else tuple(chosen)
    for method in methods or ("",):
        require_one_of(name, method, known)
    return methods


def complete_scores(scores: pd.DataFrame, indicators: Sequence[str]) -> tuple[Array, Array]:
    """Scores, units by indicators, and which units have all of them."""
    require_columns(scores, indicators)
    values = np.column_stack([require_numeric(scores, name) for name in indicators])
    used = ~np.isnan(values).any(axis=1)
    if not used.any():
        raise DataError.because(
            f"No unit has a score for all of: {', '.join(indicators)}.",
            "Expected one complete unit or more.",
            "Leave out the indicators that are mostly missing.",
        )
    return values, used


def ends_of(values: Array, indicators: Sequence[str], bounds: Bounds) -> tuple[Array, Array]:
    """Ends of min–max, worst and best, of each indicator."""
    if isinstance(bounds, str):
        require_one_of("bounds", bounds, ["observed"])
        require_spread(values, indicators)
        return values.min(axis=0), values.max(axis=0)
    ends = bounds if isinstance(bounds, Mapping) else dict.fromkeys(indicators, bounds)
    if set(ends) != set(indicators) or any(low == high for low, high in ends.values()):
        raise ParameterError.because(
            f"bounds are {bounds}.",
            f"Expected two different ends for each of: {', '.join(indicators)}.",
            'Pass one (low, high) for all, one for each, or "observed".',
        )
    worst, best = np.array([ends[name] for name in indicators], float).T
    outside = (values < np.minimum(worst, best)) | (values > np.maximum(worst, best))
    if outside.any():
        at = int(np.flatnonzero(outside.any(axis=0))[0])
        raise DataError.because(
            f"{int(outside.sum())} scores out of bounds; {indicators[at]!r} runs from "
            f"{values[:, at].min():g} to {values[:, at].max():g}.",
            f"Expected {indicators[at]!r} between {worst[at]:g} and {best[at]:g}.",
            "Pass bounds= of the scale the scores are on.",
        )
    return worst, best


def require_spread(values: Array, indicators: Sequence[str]) -> None:
    """Every indicator differs between units."""
    spreads = zip(indicators, np.ptp(values, axis=0), strict=True)
    constant = [name for name, spread in spreads if spread == 0]
    if constant:
        raise DataError.because(
            f"The same in all units used ({len(values)}): {', '.join(constant)}.",
            "Expected scores that differ, since 'observed' bounds and 'z' divide by their spread.",
            "Pass the scale's own ends as bounds and use 'min_max', or leave the indicator out.",
        )


def errors_of(scores: pd.DataFrame, columns: Mapping[str, str], indicators: Sequence[str]) -> Array:
    """Standard errors, units by indicators; zero without a column, NaN where unknown."""
    for name in columns:
        require_one_of("an indicator of std_errors", name, indicators)
    require_columns(scores, columns.values())
    errors = np.zeros((len(scores), len(indicators)))
    for at, name in enumerate(indicators):
        if name in columns:
            errors[:, at] = require_numeric(scores, columns[name])
    wrong = errors < 0
    if wrong.any():
        raise DataError.because(
            f"{int(wrong.sum())} standard errors are negative.",
            "Expected zero or more, or nothing where the error is unknown.",
            "Check the columns of std_errors.",
        )
    return errors


def df_of(scores: pd.DataFrame, column: str | None, known: Array) -> Array:
    """Degrees of freedom of each unit's errors, infinite without a column or an error."""
    if column is None:
        return np.full(len(scores), np.inf)
    require_columns(scores, [column])
    df = np.where(known, require_numeric(scores, column, finite=False), np.inf)
    if not (df > 0).all():
        raise DataError.because(
            f"{int((~(df > 0)).sum())} units with standard errors lack degrees of freedom.",
            "Expected a number above 0 for each of them.",
            "Raters less one, say, or leave error_df out where errors are known exactly.",
        )
    return df


def root_of(correlation: pd.DataFrame | None, indicators: Sequence[str]) -> Array:
    """Matrix whose product with its transpose is the correlation of a unit's errors."""
    if correlation is None:
        return np.eye(len(indicators))
    require_columns(correlation, indicators)
    matrix = correlation.reindex(list(indicators))[list(indicators)].to_numpy(float)
    ones = np.allclose(np.diag(matrix), 1) and np.allclose(matrix, matrix.T)
    values, vectors = np.linalg.eigh(matrix) if ones else (np.array([-1.0]), matrix)
    if values.min() < -1e-8:
        raise ParameterError.because(
            "error_correlation is not a correlation matrix of the indicators.",
            "Expected rows and columns named like the indicators, ones on the diagonal.",
            "Pass ElementScores.error_correlation, or leave it out.",
        )
    return vectors * np.sqrt(np.maximum(values, 0))
