"""Linearized variance: what a design makes of a mean, a ratio, a total or any other estimate."""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
FEW_CLUSTERS = "too few clusters for a standard error"  # note on an estimate without one


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean (or ratio), its linearized values and what its precision rests on."""

    estimate: float
    std_error: float
    df: int
    n: int
    n_effective: float
    n_missing: int
    scores: Array


@dataclass(frozen=True, slots=True)
class Sample:
    """A design bound to one table; all arrays follow the table's rows, or its clusters."""

    weights: Array
    strata: Array
    clusters: Array
    stratum_of_cluster: Array
    fraction: Array  # sampled share of the clusters of each stratum
    second_stage: Array | None  # sampled share of the people of each cluster
    margins: Array  # indicators of the categories raked on
    projection: Array  # takes values to their regression coefficients on the margins
    domain: Array  # true for the rows that results are about

    def covariance(self, scores: Array) -> Array:
        """Covariance matrix of the column sums of `scores`, shape (rows, estimates).

        Scores are linearized values that include the weight and are zero outside the domain.
        """
        scores = np.asarray(scores, float)
        scores = scores[:, None] if scores.ndim == 1 else scores
        if self.margins.shape[1]:
            scores = self._residuals(scores)
        strata = len(self.fraction)
        totals = _sums(scores, self.clusters, len(self.stratum_of_cluster))
        sizes = np.bincount(self.stratum_of_cluster, minlength=strata).astype(float)
        means = _sums(totals, self.stratum_of_cluster, strata) / sizes[:, None]
        deviations = totals - means[self.stratum_of_cluster]
        # A stratum taken whole has no sampling variance, even with a single cluster.
        factor = (1 - self.fraction) * sizes / np.maximum(sizes - 1, 1)
        result = (deviations * factor[self.stratum_of_cluster][:, None]).T @ deviations
        return (
            result
            if self.second_stage is None
            else result + self._within(scores, self.second_stage)
        )

    def within_domain(self, inside: Array | None = None) -> Array:
        """Rows of the domain, of those `inside` where it is given."""
        return self.domain if inside is None else self.domain & np.asarray(inside, bool)

    def degrees_of_freedom(self, inside: Array | None = None) -> int:
        """Clusters less strata, counted where `inside` is true (R's `degf`)."""
        rows = self.within_domain(inside)
        # Counting codes is linear in the rows; np.unique would sort them for every estimate.
        clusters = np.count_nonzero(np.bincount(self.clusters[rows]))
        return int(clusters - np.count_nonzero(np.bincount(self.strata[rows])))

    def mean(self, values: Array, inside: Array | None = None) -> Mean:
        """Weighted mean of the values present, over the rows that are inside."""
        return self.ratio(values, np.ones(len(self.weights)), inside)

    def ratio(self, numerator: Array, denominator: Array, inside: Array | None = None) -> Mean:
        """Ratio of two weighted totals over the rows inside where both are present."""
        y, x = np.asarray(numerator, float), np.asarray(denominator, float)
        inside = self.within_domain(inside)
        used = inside & ~np.isnan(y) & ~np.isnan(x)
        n, n_missing = int(used.sum()), int((inside & ~used).sum())
        y, x, w = np.where(used, y, 0.0), np.where(used, x, 0.0), self.weights * used
        total = w @ x
        if n == 0 or total == 0:
            nothing = np.full(len(y), np.nan)
            return Mean(np.nan, np.nan, 0, n, np.nan, n_missing, nothing)
        estimate = float(w @ y / total)
        residual = y - estimate * x
        # Equal answers differ from their own mean by rounding, which is no spread.
        if np.abs(residual).max() <= 1e-12 * np.abs(y).max():
            residual = np.zeros(len(y))
        scores = w * residual / total
        df = self.degrees_of_freedom(used)
        if n < 2 or df < 1:
            return Mean(estimate, np.nan, df, n, np.nan, n_missing, scores)
        variance = float(self.covariance(scores)[0, 0])
        spread = float(w @ residual**2 / w.sum()) * n / (n - 1)
        n_effective = _effective_size(spread, variance, w[used])
        return Mean(estimate, variance**0.5, df, n, n_effective, n_missing, scores)

    def total(self, values: Array, inside: Array | None = None) -> Mean:
        """Weighted total of the values present, over the rows that are inside."""
        y = np.asarray(values, float)
        inside = self.within_domain(inside)
        used = inside & ~np.isnan(y)
        scores = self.weights * np.where(used, y, 0.0)
        n, n_missing = int(used.sum()), int((inside & ~used).sum())
        # A domain may hold one cluster, but a whole sample of one says nothing of its spread.
        known = len(self.stratum_of_cluster) > len(self.fraction)
        std_error = float(self.covariance(scores)[0, 0]) ** 0.5 if known else np.nan
        df = self.degrees_of_freedom(used)
        return Mean(float(scores.sum()), std_error, df, n, np.nan, n_missing, scores)

    def _residuals(self, scores: Array) -> Array:
        """Scores after regression on the raked margins, weighted with the base weights."""
        per_weight = scores / self.weights[:, None]
        fitted = self.margins @ (self.projection @ per_weight)
        return self.weights[:, None] * (per_weight - fitted)

    def _within(self, scores: Array, share: Array) -> Array:
        """Variance of the second stage: respondents sampled within their clusters."""
        count = len(self.stratum_of_cluster)
        sizes = np.bincount(self.clusters, minlength=count).astype(float)
        means = _sums(scores, self.clusters, count) / sizes[:, None]
        deviations = scores - means[self.clusters]
        # A cluster seen through one respondent adds nothing (R: lonely.psu = "certainty").
        factor = (1 - share) * sizes / np.maximum(sizes - 1, 1)
        factor = factor * self.fraction[self.stratum_of_cluster]
        return (deviations * factor[self.clusters][:, None]).T @ deviations


def _sums(values: Array, codes: Array, count: int) -> Array:
    """Column sums of `values` per code, shape (count, columns)."""
    sums = np.empty((count, values.shape[1]))
    for at, column in enumerate(values.T):
        sums[:, at] = np.bincount(codes, weights=column, minlength=count)
    return sums


def _effective_size(spread: float, variance: float, weights: Array) -> float:
    """Simple random answers that would be as precise; from the weights where all answers agree."""
    if spread == 0:
        return float(weights.sum() ** 2 / (weights**2).sum())
    return spread / variance if variance > 1e-20 * spread else float("inf")
