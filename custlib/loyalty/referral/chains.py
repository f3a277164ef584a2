"""Chains of referrals: how they end, from the law of how many customers each one brings.

Geometric: a share of the customers brings anybody at all, and of those each further one is as
likely as the one before. Poisson: all are alike, and chance alone decides who brings nobody.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

Array = np.ndarray
LAWS = ("geometric", "poisson")
CONTRADICTION = "who refers brings at least one, so the mean cannot be below the share who refer"


def fate(mean: ArrayLike, low: ArrayLike = np.nan, high: ArrayLike = np.nan) -> Array:
    """Whether chains end for sure (mean at most 1), by the interval of the mean if there is one."""
    low, high = (np.where(np.isnan(end), mean, end) for end in (low, high))
    return np.select([high <= 1, low > 1], ["dies out", "may go on"], "not distinguishable")


def possible(law: str, mean: Array, referring: Array) -> Array:
    """Whether there is such a law: who refers brings at least one."""
    if law == "poisson":
        return mean >= 0
    return (referring > 0) & (referring <= 1) & (referring <= mean * (1 + 1e-12))


def childless(law: str, mean: Array, referring: Array) -> Array:
    """Chance of bringing nobody."""
    return np.exp(-mean) if law == "poisson" else 1 - referring


def variance(law: str, mean: Array, referring: Array) -> Array:
    """Variance of the number that one customer brings."""
    if law == "poisson":
        return mean
    stop = _stop(mean, referring)
    return referring * (2 - stop) / stop**2 - mean**2


def extinction(law: str, mean: Array, referring: Array) -> Array:
    """Chance that the chain of one customer ends, the smaller root of q = E(q to the number).

    Poisson −W(−K e^(−K))/K with Lambert's W; geometric (1 − f)/(1 − f/K).
    """
    grows = np.where(mean > 1, mean, 2.0)
    if law == "poisson":
        root = -special.lambertw(-grows * np.exp(-grows)).real / grows
    else:
        root = (1 - referring) / (1 - np.minimum(referring, 1) / grows)
    return np.where(mean > 1, root, 1.0)


def size_chances(law: str, mean: float, referring: float, founders: int, up_to: int) -> Array:
    """P(the founders' chains have n customers in all) for n from founders to up_to.

    (j/n) P(n customers bring n − j), the theorem of Otter and Dwass; with Poisson this is the law
    of Borel and Tanner.
    """
    n = np.arange(founders, up_to + 1)
    if law == "poisson":
        return founders / n * stats.poisson.pmf(n - founders, mean * n)
    stop = float(_stop(np.asarray(mean), np.asarray(referring)))
    chances = [
        _bring(size, size - founders, referring, stop) for size in range(founders, up_to + 1)
    ]
    return founders / n * np.array(chances)


def _stop(mean: Array, referring: Array) -> Array:
    """Chance that a referrer brings no further one; rounding must not carry it past 1."""
    return np.minimum(referring / mean, 1.0)


def _bring(customers: int, brought: int, referring: float, stop: float) -> float:
    """P(so many customers bring so many), summed over how many of them bring anybody at all."""
    if brought == 0:
        return float((1 - referring) ** customers)
    m = np.arange(1, min(customers, brought) + 1)
    return float(stats.binom.pmf(m, customers, referring) @ stats.nbinom.pmf(brought - m, m, stop))
