"""How tight parts are and how far apart: sums of squares, silhouettes, dispersion."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import cdist, pdist

from custlib.segmentation.clusters.points import Points

Array = np.ndarray
BLOCK_CELLS = 2**22  # distances held at once (32 MiB)


def centres(values: Array, labels: Array) -> Array:
    """Mean of each part, shape (parts, variables)."""
    sizes = np.bincount(labels)
    sums = [np.bincount(labels, weights=column) for column in values.T]
    return np.column_stack(sums) / sizes[:, None]


def distances_to_centres(values: Array, labels: Array) -> Array:
    """Euclidean distance of each point to the mean of its own part."""
    return np.sqrt(((values - centres(values, labels)[labels]) ** 2).sum(axis=1))


def sums_of_squares(values: Array, labels: Array) -> tuple[float, float]:
    """Squared distances to the parts' means, and of these to the mean of all."""
    within = float((distances_to_centres(values, labels) ** 2).sum())
    total = float(((values - values.mean(axis=0)) ** 2).sum())
    return within, total - within


def calinski_harabasz(within: float, between: float, n: int, k: int) -> float:
    """Between over within sum of squares, each over its degrees of freedom; NaN for one part."""
    if k < 2 or n <= k or within <= 0:
        return np.nan
    return between / (k - 1) / (within / (n - k))


def silhouettes(points: Points, cuts: Sequence[Array]) -> list[float]:
    """Mean silhouette of each set of labels; distances are computed once, a block at a time.

    References
    ----------
    Rousseeuw, P. (1987). J. Comput. Appl. Math. 20:53–65. doi:10.1016/0377-0427(87)90125-7
    """
    n = len(points)
    members = [np.eye(labels.max() + 1)[labels] for labels in cuts]
    sums = [np.empty_like(member) for member in members]
    step = max(BLOCK_CELLS // n, 1)
    for start in range(0, n, step):
        block = slice(start, start + step)
        if points.distances is None:
            distances = cdist(points.values[block], points.values)
        else:
            distances = points.distances[block]
        for total, member in zip(sums, members, strict=True):
            total[block] = distances @ member
    return [_silhouette(total, labels) for total, labels in zip(sums, cuts, strict=True)]


def _silhouette(sums: Array, labels: Array) -> float:
    sizes = np.bincount(labels)
    if (sizes > 0).sum() < 2:
        return np.nan
    rows = np.arange(len(labels))
    own = sizes[labels]
    inside = sums[rows, labels] / np.maximum(own - 1, 1)
    with np.errstate(invalid="ignore"):
        means = np.where(sizes > 0, sums / sizes, np.inf)
    means[rows, labels] = np.inf
    outside = means.min(axis=1)
    largest = np.maximum(inside, outside)
    # A customer alone in its part has no distance inside it: 0 by Rousseeuw's rule.
    alone = (own == 1) | (largest == 0)
    return float(np.where(alone, 0, (outside - inside) / np.where(alone, 1, largest)).mean())


def log_dispersion(values: Array, labels: Array, power: int) -> float:
    """Logarithm of the gap statistic's W, R's `clusGap(d.power = power)`.

    Half the sum over the parts of the distances to the power, over the part's size; for power 2
    that is half the sum of squares within.
    """
    if power == 2:
        total = sums_of_squares(values, labels)[0]
    else:
        parts = [values[labels == part] for part in np.unique(labels)]
        total = sum(float(pdist(part).sum()) / len(part) for part in parts)
    with np.errstate(divide="ignore"):
        return float(np.log(total / 2))
