"""How much two columns share, 0–1, from sums over customers: resampling is then a product."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from custlib.segmentation.variables.readings import MOST_CLASSES, Variable

Array = np.ndarray
FEWEST = 10  # customers with both values; below it an interval says nothing
# Mean fourth power of the standardized numbers; above it resamples of a few hundred miss the tail.
LONG_TAIL = 12.0
WHOLE = 1 - 1e-12  # a share of variation this large is all of it but for rounding


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity computed from sums of terms over customers, one row of `statistic` a resample."""

    name: str
    method: str
    terms: Callable[[], Array]
    statistic: Callable[[Array], Array]
    n: int
    n_missing: int
    note: str = ""  # why nothing can be computed
    caution: str = ""

    def in_table(self) -> Array:
        """The quantity in the table as it is."""
        return self.statistic(self.terms().sum(axis=0)[None, :])[0]


def association(first: Variable, second: Variable) -> Measure:
    """Shared variation by the kinds of the two: V², omega² or r², each corrected for chance."""
    if first.nominal and second.nominal:
        return _of_names(first, second)
    if first.nominal or second.nominal:
        return _of_names_and_numbers(*((first, second) if first.nominal else (second, first)))
    return _of_numbers(first, second)


def _of_names(first: Variable, second: Variable) -> Measure:
    both = first.known & second.known
    shape = (first.classes, second.classes)
    cells = np.where(both, first.values * shape[1] + second.values, -1)

    def terms() -> Array:
        return _indicators(cells, shape[0] * shape[1])

    def shared(sums: Array) -> Array:
        return cramers_v_squared(sums.reshape(-1, *shape))

    n = int(both.sum())
    note = _unusable(first, second, both)
    return Measure("cramers_v_squared", "bergsma", terms, shared, n, len(both) - n, note)


def _of_names_and_numbers(groups: Variable, numbers: Variable) -> Measure:
    both = groups.known & numbers.known
    codes, measured = np.where(both, groups.values, -1), _standard(numbers.values, both)

    def terms() -> Array:
        inside = _indicators(codes, groups.classes)
        return np.column_stack([inside, inside * measured[:, None], measured**2])

    n = int(both.sum())
    note = _unusable(groups, numbers, both)
    long = (measured**4).sum() > LONG_TAIL * n
    caution = "long tail: the interval is too short, take logarithms" if long else ""
    method = "analysis of variance"
    return Measure("omega_squared", method, terms, omega, n, len(both) - n, note, caution)


def _of_numbers(first: Variable, second: Variable) -> Measure:
    both = first.known & second.known
    x, y = _standard(first.values, both), _standard(second.values, both)

    def terms() -> Array:
        return np.column_stack([both, x, y, x * x, y * y, x * y])

    n = int(both.sum())
    note = _unusable(first, second, both)
    return Measure("r_squared", "pearson, adjusted", terms, r_squared, n, len(both) - n, note)


def intraclass(first: Variable, second: Variable) -> Measure:
    """Agreement of two measurements in numbers: ICC(A,1), absolute agreement of single ones."""
    both = first.known & second.known
    n = int(both.sum())
    note = _few(n)
    pooled = np.concatenate([first.values[both], second.values[both]])
    if not note and np.ptp(pooled) == 0:
        note = "all values alike"
    centre, scale = (pooled.mean(), pooled.std() or 1.0) if n else (0.0, 1.0)
    x, y = (np.where(both, (one.values - centre) / scale, 0.0) for one in (first, second))

    def terms() -> Array:
        return np.column_stack([both, x, y, x * x, y * y, x * y])

    return Measure("icc", "icc_a_1", terms, absolute_agreement, n, len(both) - n, note)


def covariances(variables: list[Variable]) -> Measure:
    """Covariance matrices of numeric variables over the customers that have them all."""
    complete = np.logical_and.reduce([one.known for one in variables])
    n, size = int(complete.sum()), len(variables)
    numbers = np.column_stack([_standard(one.values, complete) for one in variables])
    upper = np.triu_indices(size)

    def terms() -> Array:
        return np.column_stack([complete, numbers, numbers[:, upper[0]] * numbers[:, upper[1]]])

    def matrices(sums: Array) -> Array:
        means = sums[:, 1 : size + 1] / sums[:, :1]
        found = np.empty((len(sums), size, size))
        found[:, upper[0], upper[1]] = sums[:, size + 1 :] / sums[:, :1]
        found[:, upper[1], upper[0]] = found[:, upper[0], upper[1]]
        return found - means[:, :, None] * means[:, None, :]

    return Measure("vif", "regression", terms, matrices, n, len(complete) - n, _few(n - size))


def cramers_v_squared(tables: Array) -> Array:
    """Bias-corrected V², possibly below 0, of tables of counts, shape (tables, rows, columns)."""
    n = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    expected = rows[:, :, None] * columns[:, None, :] / n[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(expected > 0, tables**2 / expected, 0.0)
        phi = parts.sum(axis=(1, 2)) / n - 1
        r, c = (rows > 0).sum(axis=1), (columns > 0).sum(axis=1)
        phi = phi - (r - 1) * (c - 1) / (n - 1)
        # Fewer classes count as the correction takes away what chance gives at each.
        smaller = np.minimum(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
        return np.where(smaller > 0, phi / smaller, np.nan)


def omega(sums: Array) -> Array:
    """Omega², possibly below 0, from counts and sums by group and the sum of squares."""
    size = (sums.shape[1] - 1) // 2
    counts, totals, squares = sums[:, :size], sums[:, size:-1], sums[:, -1]
    n, filled = counts.sum(axis=1), (counts > 0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = totals.sum(axis=1) ** 2 / n
        explained = np.where(counts > 0, totals**2 / counts, 0.0).sum(axis=1) - level
        whole = squares - level
        error = (whole - explained) / (n - filled)
        found = (explained - (filled - 1) * error) / (whole + error)
        return np.where((filled > 1) & (n > filled) & (whole > 0), found, np.nan)


def r_squared(sums: Array) -> Array:
    """Squared correlation from count, sums, squares and product, corrected as adjusted R²."""
    n, xx, yy, xy, _ = _central(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - (1 - xy**2 / (xx * yy)) * (n - 1) / (n - 2)
        return np.where((xx > 0) & (yy > 0), found, np.nan)


def absolute_agreement(sums: Array) -> Array:
    """ICC(A,1) of two measurements from count, sums, squares and product."""
    n, xx, yy, xy, gap = _central(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        xx, yy, xy = xx / (n - 1), yy / (n - 1), xy / (n - 1)
        error = (xx + yy - 2 * xy) / 2
        whole = xx + yy + gap**2 - 2 * error / n
        return np.where(whole > 0, 2 * xy / whole, np.nan)


def share_repeated(matrices: Array, of: int, others: list[int]) -> Array:
    """R² of one variable on others, from covariance matrices."""
    inner = matrices[:, others][:, :, others]
    cross = matrices[:, others, of]
    solved = np.einsum("bij,bj->bi", np.linalg.pinv(inner, hermitian=True), cross)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (cross * solved).sum(axis=1) / matrices[:, of, of]
    return np.clip(share, 0.0, 1.0)


def inflation(share: float) -> float:
    """Variance inflation factor of a share repeated."""
    return float("inf") if share >= WHOLE else 1 / (1 - share)


def _central(sums: Array) -> tuple[Array, ...]:
    n, x, y = sums[:, 0], sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
    return n, sums[:, 3] - n * x * x, sums[:, 4] - n * y * y, sums[:, 5] - n * x * y, x - y


def _indicators(codes: Array, size: int) -> Array:
    return (codes[:, None] == np.arange(size)).astype(float)


def _standard(values: Array, inside: Array) -> Array:
    """Centred and scaled, 0 outside: sums of squares then lose no digits."""
    chosen = values[inside]
    if not len(chosen) or np.ptp(chosen) == 0:
        return np.zeros(len(values))
    return np.where(inside, (values - chosen.mean()) / chosen.std(), 0.0)


def _few(n: int) -> str:
    return "" if n >= FEWEST else f"fewer than {FEWEST} customers have both"


def _unusable(first: Variable, second: Variable, both: Array) -> str:
    note = _few(int(both.sum()))
    for one in (first, second):
        inside = one.values[both]
        if one.classes > MOST_CLASSES:
            note = note or f"{one.name} has more than {MOST_CLASSES} classes"
        elif len(inside) and np.ptp(inside) == 0:
            note = note or f"{one.name} does not vary"
    return note
