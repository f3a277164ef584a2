"""One set of points cut into k parts, by each of the methods."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from custlib.errors import FitError
from custlib.segmentation.clusters.points import ROUNDING, Points

Array = np.ndarray
ITERATIONS = 1000
COARSE = 1e-4  # shift of the centres, over the variance, at which k-means on noise may end
EM_TOLERANCE = 1e-6  # gain in mean log likelihood at which EM ends
RIDGE = 1e-6  # of the mean variance, added to a mixture's variances against collapse


@dataclass(frozen=True, slots=True)
class Partition:
    """Part of each point, from 0, and what only some methods have."""

    labels: Array
    probability: Array | None = None  # posterior of the point's own part
    log_likelihood: float = np.nan
    parameters: int = 0
    height: float = np.nan  # of the merge that would leave one part fewer


def partitions(
    points: Points,
    ks: Sequence[int],
    *,
    n_starts: int,
    seed: np.random.SeedSequence,
    tolerance: float = 0,
) -> list[Partition]:
    """The points cut into each number of parts; a tree is grown only once.

    Without a tolerance k-means goes on until no single point's move would help.

    Raises
    ------
    FitError
        A Gaussian mixture did not converge, or left a part empty.
    """
    if points.method in ("ward", "gower"):
        tree = _tree(points)
        heights = np.append(tree[:, 2], np.nan)
        return [Partition(cut(tree, k), height=float(heights[-k])) for k in ks]
    state = int(seed.generate_state(1)[0])
    if points.method == "kmeans":
        return [_kmeans(points.values, k, n_starts, state, tolerance) for k in ks]
    return [_gaussian_mixture(points.values, k, n_starts, state) for k in ks]


def cut(tree: Array, k: int) -> Array:
    """Labels of exactly k parts, ties or not, as R's `cutree`."""
    n = len(tree) + 1
    merged = tree[: n - k, :2].astype(int)
    parent = np.arange(2 * n - 1)
    parent[merged] = n + np.arange(len(merged))[:, None]
    while (parent[parent] != parent).any():
        parent = parent[parent]
    return np.unique(parent[:n], return_inverse=True)[1]


def _tree(points: Points) -> Array:
    if points.distances is None:
        return linkage(points.values, "ward")
    return linkage(squareform(points.distances, checks=False), "average")


def _kmeans(values: Array, k: int, n_starts: int, state: int, tolerance: float) -> Partition:
    if k == 1:
        return Partition(np.zeros(len(values), int))
    from sklearn.cluster import k_means

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, labels, _ = k_means(
            values, k, n_init=n_starts, random_state=state, tol=tolerance, max_iter=ITERATIONS
        )
    # A resample may hold fewer different points than parts; then fewer parts are found.
    labels = np.unique(labels, return_inverse=True)[1]
    return Partition(labels if tolerance else exchanged(values, labels))


def exchanged(values: Array, labels: Array) -> Array:
    """Labels after moves of single points, while one lowers the sum of squares (Hartigan).

    Lloyd's iteration, which scikit-learn has, ends where each point is nearest to its own mean;
    moving the point moves the means too, so that a lower sum is often near.
    """
    labels, values = labels.copy(), values - values.mean(axis=0)
    squares = (values**2).sum(axis=1)
    members = np.eye(labels.max() + 1)[labels]
    sizes, sums = members.sum(axis=0), members.T @ values
    rows = np.arange(len(values))
    for _ in range(ITERATIONS):
        means = sums / sizes[:, None]
        apart = squares[:, None] - 2 * values @ means.T + (means**2).sum(axis=1)
        own = sizes[labels]
        # A part of one point loses nothing by keeping it.
        saved = np.where(own > 1, own / np.maximum(own - 1, 1), 0) * apart[rows, labels]
        paid = apart * (sizes / (sizes + 1))
        paid[rows, labels] = np.inf
        gain = saved - paid.min(axis=1)
        one = int(gain.argmax())
        if gain[one] <= ROUNDING * squares.sum():
            break
        old, new = labels[one], paid[one].argmin()
        labels[one] = new
        sizes[old], sizes[new] = sizes[old] - 1, sizes[new] + 1
        sums[old], sums[new] = sums[old] - values[one], sums[new] + values[one]
    return labels


def _gaussian_mixture(values: Array, k: int, n_starts: int, state: int) -> Partition:
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        k,
        n_init=n_starts if k > 1 else 1,
        tol=EM_TOLERANCE,
        max_iter=ITERATIONS,
        reg_covar=RIDGE * float(values.var(axis=0).mean()),
        random_state=state,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.fit(values)
        except ValueError as error:  # a part collapsed on fewer points than variables
            raise _unfit(k, f"failed: {error}") from error
    if not model.converged_:
        raise _unfit(k, f"did not converge in {ITERATIONS} rounds.")
    posterior = model.predict_proba(values)
    labels = posterior.argmax(axis=1)
    found = len(np.unique(labels))
    if found < k:
        raise _unfit(k, f"has customers in only {found} of its parts.")
    variables = values.shape[1]
    parameters = k - 1 + k * variables + k * variables * (variables + 1) // 2
    total = float(model.score(values)) * len(values)
    return Partition(labels, posterior.max(axis=1), total, parameters)


def _unfit(k: int, what: str) -> FitError:
    return FitError.because(
        f"The Gaussian mixture of {k} parts {what}",
        "Expected a fit that converges, with customers in every part, before it labels them.",
        'Ask for fewer segments, transform skewed variables, or use method="kmeans".',
    )
