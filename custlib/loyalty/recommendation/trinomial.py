"""Intervals of the difference of two shares of one sample, for many groups at once.

All is in shares, −1 to 1. Confidence is a normal quantile z, so that a test can ask at which z an
interval reaches a value. Methods that need a number of answers take an effective one.
"""

from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

Array = np.ndarray
PSEUDO = 3.0  # answers added by the adjusted Wald, a quarter of them to either end (Rocks 2016)
HALVINGS = 46  # leave 3e-14 of an interval of length 2
WIDEST_Z = 37.0  # a normal tail beyond it is zero in a double
WIDEST_RATIO_Z = 8.0  # beyond it t quantiles are infinite, and their ratio with them
REACH = 12.0  # standard deviations from the mean beyond which a bootstrap distribution ends


@dataclass(frozen=True, slots=True)
class Shares:
    """Promoters and detractors of some groups, and what their precision rests on."""

    promoters: Array
    detractors: Array
    std_error: Array
    n: Array
    n_effective: Array
    df: Array  # infinite without a design

    @property
    def score(self) -> Array:
        """Promoters less detractors."""
        return self.promoters - self.detractors

    @property
    def alike(self) -> Array:
        """Groups in which nothing varies, so that no spread can be estimated."""
        return ~(self.std_error > 0)

    def take(self, places: Array) -> "Shares":
        """Some of the groups, in the order of their places."""
        return Shares(*(getattr(self, name)[places] for name in self.__slots__))

    def answers_at(self, z: float | Array) -> Array:
        """Effective answers, fewer where the design has few degrees of freedom.

        Scaled by the squared ratio of the t quantiles at n − 1 and at the design's own degrees of
        freedom (Korn & Graubard 1998), as `intervals.share_interval` does.
        """
        tail = stats.norm.sf(np.minimum(z, WIDEST_RATIO_Z))
        with np.errstate(all="ignore"):
            ratio = stats.t.isf(tail, self.n - 1) / stats.t.isf(tail, self.df)
            return np.where(np.isinf(self.df), self.n_effective, self.n_effective * ratio**2)


def wald_ends(shares: Shares, z: float | Array) -> tuple[Array, Array]:
    """Score ± quantile × standard error: normal, or t under a design; none where all are alike."""
    tail = stats.norm.sf(z)
    quantile = np.where(np.isinf(shares.df), z, stats.t.isf(tail, shares.df))
    half = np.where(shares.alike, np.nan, quantile * shares.std_error)
    return shares.score - half, shares.score + half


def adjusted(shares: Shares, n: Array, pseudo: float = PSEUDO) -> Shares:
    """Shares after adding answers to n, a quarter of them at each end, and their error.

    Nothing is alike any more, so that there is always a spread.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # a group without an answer
        added = pseudo / n
    up, down = ((part + added / 4) / (1 + added) for part in (shares.promoters, shares.detractors))
    error = np.sqrt((up + down - (up - down) ** 2) / (n + pseudo))
    return Shares(up, down, error, shares.n, n + pseudo, shares.df)


def adjusted_ends(shares: Shares, z: float | Array) -> tuple[Array, Array]:
    """Wald of the adjusted shares; never beyond ±1."""
    moved = adjusted(shares, shares.answers_at(z))
    low = np.maximum(moved.score - z * moved.std_error, -1)
    high = np.minimum(moved.score + z * moved.std_error, 1)
    # At low levels the adjusted centre may lie farther from an extreme score than the half width.
    return np.minimum(low, shares.score), np.maximum(high, shares.score)


def score_ends(shares: Shares, z: float | Array) -> tuple[Array, Array]:
    """Values that a score test of the difference does not reject (Tango 1998)."""
    return score_end(shares, z, -1.0), score_end(shares, z, 1.0)


def score_end(shares: Shares, z: float | Array, outer: float | Array) -> Array:
    """One end of that interval, towards −1 or 1, by halving."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a group without an answer
        limit = z**2 / shares.answers_at(z)
    kept, rejected = shares.score, np.broadcast_to(outer, np.shape(shares.score)).astype(float)
    for _ in range(HALVINGS):
        middle = (kept + rejected) / 2
        inside = (shares.score - middle) ** 2 <= limit * _null_variance(shares, middle)
        kept, rejected = np.where(inside, middle, kept), np.where(inside, rejected, middle)
    return np.where(np.isnan(limit), np.nan, kept)


def _null_variance(shares: Shares, difference: Array) -> Array:
    """Variance of one answer's score where the true difference is given and the rest is likeliest.

    The detractors' share q then solves 2q² + bq + c = 0.
    """
    up, down = shares.promoters, shares.detractors
    b = (2 - up + down) * difference - up - down
    c = -down * difference * (1 - difference)
    q = (np.sqrt(np.maximum(b**2 - 8 * c, 0)) - b) / 4
    return np.maximum(2 * q + difference * (1 - difference), 0)


ENDS = {"adjusted_wald": adjusted_ends, "score": score_ends, "wald": wald_ends}


def bootstrap_ends(shares: Shares, conf_level: float) -> tuple[Array, Array]:
    """Percentiles of the bootstrap distribution itself: what ever more resamples tend to.

    The sum of n draws from the three answers has a known characteristic function; its inverse
    transform is the distribution, so nothing need be drawn.
    """
    ends = np.full((2, len(shares.n)), np.nan)
    tails = np.array([1 - conf_level, 1 + conf_level]) / 2
    for at in np.flatnonzero(~shares.alike & (shares.n > 1)):
        sums, cumulated = _sum_distribution(
            shares.promoters[at], shares.detractors[at], int(shares.n[at])
        )
        places = np.searchsorted(cumulated, tails - 1e-12)
        ends[:, at] = sums[np.minimum(places, len(sums) - 1)] / shares.n[at]
    return ends[0], ends[1]


def _sum_distribution(up: float, down: float, n: int) -> tuple[Array, Array]:
    """Values the sum of n scores can take near its mean, and their cumulated probability."""
    mean, spread = n * (up - down), np.sqrt(n * (up + down - (up - down) ** 2))
    length = fft.next_fast_len(min(2 * n + 1, int(2 * REACH * spread) + 101), real=True)
    angle = 2 * np.pi * np.arange(length // 2 + 1) / length
    one = up * np.exp(-1j * angle) + (1 - up - down) + down * np.exp(1j * angle)
    density = fft.irfft(one**n, length)
    # The transform knows sums up to multiples of its length only: the window says which is meant.
    start = -n if length > 2 * n else int(np.floor(mean)) - length // 2
    sums = np.arange(length) + start
    return sums, np.cumsum(np.maximum(density[sums % length], 0))


def mover_ends(
    estimates: tuple[Array, Array],
    ends: tuple[tuple[Array, Array], tuple[Array, Array]],
    weights: tuple[float | Array, float | Array],
    correlation: float | Array,
) -> tuple[Array, Array]:
    """Interval of a weighted sum of two estimates from the interval of each (MOVER).

    Each end lies as far from the estimate as the ends it is made of say together: squared
    distances add up like variances (Zou & Donner 2008; with a correlation Zou 2007).
    """
    centre = weights[0] * estimates[0] + weights[1] * estimates[1]
    result = []
    for side in (-1, 1):
        far = [
            weight * (np.where(side * np.asarray(weight) > 0, high, low) - estimate)
            for weight, estimate, (low, high) in zip(weights, estimates, ends, strict=True)
        ]
        sign = np.sign(np.asarray(weights[0]) * np.asarray(weights[1]))
        cross = 2 * sign * correlation * np.abs(far[0] * far[1])
        result.append(centre + side * np.sqrt(np.maximum(far[0] ** 2 + far[1] ** 2 + cross, 0)))
    return result[0], result[1]
