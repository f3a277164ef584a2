"""Customers as points: variables read, checked and put on one scale, in an order of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from custlib.checks import require_columns, require_distinct, require_list, require_one_of
from custlib.errors import DataError, ParameterError
from custlib.segmentation.clusters.gower import gower_distances
from custlib.segmentation.customer_checks import is_number

Array = np.ndarray
METHODS = ("kmeans", "ward", "gaussian_mixture", "gower")
SCALES = ("z", "rank", "none")
LARGEST = {"ward": 10_000, "gower": 5_000}  # rows; their distances take 0.4 and 0.2 GB
ROUNDING = 1e-12  # a spread this small against the values is none


@dataclass(frozen=True, slots=True)
class Points:
    """Rows that can be clustered, sorted by their values so that no result hangs on row order."""

    method: str
    scale: str
    values: Array  # scaled numbers; for Gower parts of the range, and codes of categories
    nominal: Array  # columns that hold codes of categories
    where: Array  # position of each row in the table of customers
    lacking: Array  # per row of the table, whether it is left out
    distances: Array | None = None  # square, Gower only

    def __len__(self) -> int:
        return len(self.values)

    def rows(self, at: Array) -> Self:
        """Some of the points; `at` ascends, so that they stay sorted."""
        pairs = None if self.distances is None else self.distances[np.ix_(at, at)]
        return replace(self, values=self.values[at], where=self.where[at], distances=pairs)

    def with_values(self, values: Array) -> Self:
        """Other points on the same scale, sorted anew."""
        values = values[sorted_rows(values)]
        pairs = None if self.distances is None else gower_distances(values, self.nominal)
        return replace(self, values=values, where=np.arange(len(values)), distances=pairs)

    @property
    def distinct(self) -> int:
        """Points that differ in some variable from the one sorted before them."""
        before, after = self.values[:-1], self.values[1:]
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        return 1 + int((~same.all(axis=1)).sum())

    def require_distinct_rows(self, k: int) -> None:
        """There are at least k different points."""
        if self.distinct < k:
            raise DataError.because(
                f"{len(self)} customers with {self.distinct} different rows of values.",
                f"Expected at least as many different rows as segments, k={k}.",
                "Ask for fewer segments, or add customers or variables.",
            )


def read_points(
    customers: pd.DataFrame, *, variables: Sequence[str], method: str, scale: str | None
) -> Points:
    """Points of the customers that have every variable; for Gower, that have any."""
    require_one_of("method", method, METHODS)
    require_list("variables", variables)
    require_distinct(variables)
    require_columns(customers, variables)
    mixed = method == "gower"
    if mixed and scale is not None:
        raise ParameterError.because(
            f"scale is {scale!r} with method 'gower'.",
            "Expected no scale: Gower's distance divides each variable by its range.",
            "Leave scale out.",
        )
    scale = "range" if mixed else "z" if scale is None else scale
    if not mixed:
        require_one_of("scale", scale, SCALES)
    columns = [_read(customers, name, mixed) for name in variables]
    values = np.column_stack([column for column, _ in columns])
    absent = np.isnan(values)
    lacking = absent.all(axis=1) if mixed else absent.any(axis=1)
    where = np.flatnonzero(~lacking)
    _require_some_rows(where, method)
    where = where[sorted_rows(values[where])]
    nominal = np.array([is_nominal for _, is_nominal in columns])
    values = values[where]
    scaled = [_scaled(values[:, at], name, nominal[at], scale) for at, name in enumerate(variables)]
    values = np.column_stack(scaled)
    pairs = gower_distances(values, nominal) if mixed else None
    return Points(method, scale, values, nominal, where, lacking, pairs)


def sorted_rows(values: Array) -> Array:
    """Order of the rows by their first variable, then the second, and so on."""
    return np.lexsort(values.T[::-1])


def numbers(column: pd.Series) -> Array:
    """Numbers of a column that holds numbers, NaN where it holds nothing; none is infinite."""
    values = pd.to_numeric(column).to_numpy(float, na_value=np.nan)
    wrong = np.flatnonzero(np.isinf(values))
    if len(wrong):
        counted = "1 value is" if len(wrong) == 1 else f"{len(wrong)} values are"
        raise DataError.because(
            f"{counted} infinite in {column.name!r}; first rows: "
            f"{column.index[wrong[:5]].tolist()}.",
            "Expected finite numbers, or missing.",
            "Correct the division or overflow that made them, or set them to missing.",
        )
    return values


def require_no_dates(column: pd.Series) -> None:
    """A date is neither a number nor a category."""
    if column.dtype.kind in "mM" or isinstance(column.dtype, pd.PeriodDtype):
        raise DataError.because(
            f"{column.name!r} holds dates or spans of time.",
            "Expected numbers or categories.",
            "Pass days as a number, such as recency_days.",
        )


def _read(customers: pd.DataFrame, name: str, mixed: bool) -> tuple[Array, bool]:
    """Numbers or codes of one variable, and whether they are codes of unordered categories."""
    column = customers[name]
    require_no_dates(column)
    if is_number(column):
        return numbers(column), False
    if not mixed:
        shown = column.dropna().head(5).tolist()
        raise DataError.because(
            f"{name!r} holds text or categories; first: {', '.join(map(repr, shown))}.",
            "Expected numbers: means and squared distances are of no sense for categories.",
            'Leave the column out, or use method="gower", which takes categories.',
        )
    ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered
    if ordered:
        codes = column.cat.codes.to_numpy()
        return np.where(codes < 0, np.nan, codes), False
    codes, names = pd.factorize(column)
    # Codes follow the names, not the order of the rows.
    order = sorted(range(len(names)), key=lambda at: (str(names[at]), str(type(names[at]))))
    place = np.empty(len(names) + 1)
    place[order], place[-1] = np.arange(len(names)), np.nan
    return place[codes], True


def _scaled(column: Array, name: str, nominal: bool, scale: str) -> Array:
    low, high = np.nanmin(column), np.nanmax(column)
    if not high - low > ROUNDING * max(abs(low), abs(high)):
        raise DataError.because(
            f"{name!r} is the same for all {len(column)} customers that are compared.",
            "Expected a variable that differs between customers.",
            "Leave it out of the variables.",
        )
    if nominal or scale == "none":
        return column
    if scale == "range":
        return (column - low) / (high - low)
    ranked = rankdata(column) if scale == "rank" else column
    # Through the range first, since squares of very large or small numbers leave the machine's.
    part = (ranked - ranked.min()) / (ranked.max() - ranked.min())
    return (part - part.mean()) / part.std(ddof=1)


def _require_some_rows(where: Array, method: str) -> None:
    if not len(where):
        raise DataError.because(
            "No customer has a value in every variable.",
            "Expected customers with all variables present.",
            'Leave the emptiest variable out, or use method="gower", which compares what is there.',
        )
    limit = LARGEST.get(method, len(where))
    if len(where) > limit:
        raise DataError.because(
            f"{len(where)} customers.",
            f"Expected at most {limit} with method {method!r}, which keeps all their distances.",
            'Draw a sample of the customers, or use method="kmeans".',
        )
