"""Weighted means, covariances and correlations of answers, and those of their resamples."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from custlib.resampling import cluster_draws
from custlib.variance import Sample

Array = np.ndarray
NO_SPREAD = 1e-12  # variance over mean square below which answers are all equal but for rounding


@dataclass(frozen=True, slots=True)
class Moments:
    """Means (…, p), covariances and correlations (…, p, p); NaN where there is no spread."""

    mean: Array
    covariance: Array
    correlation: Array


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """Sums of answers and of their products over each cluster: all that resamples need.

    A resample is then a product of counts with these sums, however many rows there are.

    Attributes
    ----------
    n : array of int, shape (p, p)
        Respondents behind each pair of items.
    """

    sample: Sample
    n: Array
    centre: Array  # taken off the answers, which keeps the digits of their spread
    sums: Array  # one row a cluster, one column a sum
    places: tuple[Array, Array, Array, Array]  # column of each pair's weight, sum, square, product

    @classmethod
    def of(cls, values: Array, sample: Sample, *, pairwise: bool = False) -> Self:
        """Sums of `values`, shape (rows, p), NaN where missing.

        A row with a missing item is left out, or with `pairwise` left out of that item's pairs
        only; rows outside the sample's domain are left out.
        """
        present = ~np.isnan(values) & sample.domain[:, None]
        if not pairwise:
            present &= present.all(axis=1, keepdims=True)
        weight = sample.weights[:, None] * present
        total = weight.sum(axis=0)
        centre = (weight * np.nan_to_num(values)).sum(axis=0) / np.where(total > 0, total, np.nan)
        x = np.where(present, values - np.nan_to_num(centre), 0.0)
        m = present.astype(float)
        p = values.shape[1]
        first, second = np.triu_indices(p)
        triangle = np.empty((p, p), int)
        triangle[first, second] = triangle[second, first] = np.arange(len(first))
        if pairwise:
            left, right = np.divmod(np.arange(p * p), p)
            columns = [m[:, first] * m[:, second], x[:, left] * m[:, right]]
            columns += [x[:, left] ** 2 * m[:, right], x[:, first] * x[:, second]]
            square = np.arange(p * p).reshape(p, p)
            starts = np.cumsum([0, *(part.shape[1] for part in columns)])
            kinds = (triangle, square, square, triangle)
            places = tuple(start + kind for start, kind in zip(starts, kinds, strict=False))
        else:
            columns = [m[:, :1], x, x[:, first] * x[:, second]]
            own = np.broadcast_to(np.arange(p)[:, None], (p, p))
            product = 1 + p + triangle
            places = (np.zeros((p, p), int), 1 + own, np.diag(product)[own], product)
        sums = _per_cluster(columns, sample)
        return cls(sample, (m.T @ m).astype(int), centre, sums, places)

    def moments(self) -> Moments:
        """Moments of the answers themselves."""
        whole = self._moments(self.sums.sum(axis=0, keepdims=True))
        return Moments(whole.mean[0], whole.covariance[0], whole.correlation[0])

    def replicates(self, *, n_boot: int, seed: int) -> Iterator[Moments]:
        """Moments of the resamples, in blocks with the replicates along the first axis."""
        alone = self._alone()
        for counts in cluster_draws(self.sample, n_boot=n_boot, seed=seed):
            drawn = self._moments(counts @ self.sums)
            drawn.mean[:, alone.diagonal()] = np.nan
            drawn.covariance[:, alone] = drawn.correlation[:, alone] = np.nan
            yield drawn

    def _alone(self) -> Array:
        """Pairs of items, shape (p, p), that no stratum answered in two clusters.

        Their resamples would all be alike, which looks like certainty and is ignorance.
        """
        columns, of_pair = np.unique(self.places[0], return_inverse=True)
        seen = self.sums[:, columns] > 0
        strata = [self.sample.stratum_of_cluster[own] for own in seen.T]
        df = np.array([len(own) - np.count_nonzero(np.bincount(own)) for own in strata])
        # A population asked as a whole leaves nothing to chance, however few its clusters.
        whole = bool((self.sample.fraction == 1).all())
        return ((df < 1) & (not whole))[of_pair].reshape(self.places[0].shape)

    def _moments(self, totals: Array) -> Moments:
        """Moments from rows of totals; a resample keeps the divisor n - 1 of the answers."""
        with np.errstate(invalid="ignore", divide="ignore"):
            weight, total, square, product = (totals[:, place] for place in self.places)
            mean, square = total / weight, square / weight
            other = np.swapaxes(mean, 1, 2)
            variance = square - mean**2
            variance[variance <= NO_SPREAD * square] = np.nan
            covariance = product / weight - mean * other
            correlation = covariance / np.sqrt(variance * np.swapaxes(variance, 1, 2))
            covariance = covariance * (self.n / (self.n - 1))
        own = np.arange(len(self.centre))
        correlation[:, own, own] = np.where(np.isnan(variance[:, own, own]), np.nan, 1.0)
        return Moments(self.centre + mean[:, own, own], covariance, correlation)


def _per_cluster(columns: list[Array], sample: Sample) -> Array:
    """Weighted sums of the columns over each cluster, shape (clusters, columns)."""
    count = len(sample.stratum_of_cluster)
    values = np.concatenate(columns, axis=1) * sample.weights[:, None]
    if count == len(values) and (sample.clusters == np.arange(count)).all():
        return values
    sums = np.empty((count, values.shape[1]))
    for at, column in enumerate(values.T):
        sums[:, at] = np.bincount(sample.clusters, weights=column, minlength=count)
    return sums
