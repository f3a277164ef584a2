"""What a fitted law says at each age, with the error that the two parameters bring."""

from collections.abc import Callable

import numpy as np
from scipy import special, stats

from custlib.loyalty.retention.geometric.likelihood import Peak

Array = np.ndarray
STEP = 1e-4  # of log a and log b, in a numerical derivative


def still_there(logs: Array, ages: Array) -> Array:
    """Share of all customers who pass the renewals of that many periods."""
    a, b = np.exp(logs)
    steps = np.arange(max(int(ages.max(initial=0)), 1))
    logarithm = np.concatenate([[0.0], np.cumsum(np.log1p(-a / (a + b + steps)))])
    return np.exp(logarithm[ages])


def renewed(logs: Array, ages: Array) -> Array:
    """Share of those still there who pass the renewal that ends period `age`, from 1."""
    a, b = np.exp(logs)
    return (b + ages - 1) / (a + b + ages - 1)


def periods_left(
    logs: Array, ages: Array, *, discount: float, horizon: int | None, first: int
) -> Array:
    """Expected periods to come after `ages` renewals, each worth 1/(1 + d) of the one before.

    `first` is 0 where the period now beginning counts, 1 where the sum starts after its renewal.
    """
    a, b = np.exp(logs)
    if horizon is not None:
        steps = np.arange(first, horizon + first)
        stay = still_there(logs, ages[:, None] + steps) / still_there(logs, ages)[:, None]
        return (stay / (1 + discount) ** steps).sum(axis=1)
    if discount == 0:
        whole = (a + b + ages - 1) / (a - 1) if a > 1 else np.full(len(ages), np.inf)
    else:
        whole = special.hyp2f1(1, b + ages, a + b + ages, 1 / (1 + discount))
    return whole - first


def delta_error(of: Callable[[Array], Array], peak: Peak) -> Array:
    """Standard error of a function of log a and log b, by its slopes at the peak."""
    shifts = STEP * np.eye(2)
    slopes = [(of(peak.logs + shift) - of(peak.logs - shift)) / (2 * STEP) for shift in shifts]
    slope = np.stack(slopes, axis=-1)
    return np.sqrt(np.einsum("...i,ij,...j->...", slope, peak.covariance, slope))


def share_ends(share: Array, error: Array, conf_level: float) -> tuple[Array, Array]:
    """Interval that is even in the logit, so that it stays between 0 and 1."""
    z = stats.norm.ppf((1 + conf_level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.where(error > 0, z * error / (share * (1 - share)), 0.0)
    middle = special.logit(share)
    return special.expit(middle - half), special.expit(middle + half)


def count_ends(
    share: Array, error: Array, n: Array, conf_level: float
) -> tuple[Array, Array, Array]:
    """Standard error and interval of a binomial count out of n whose share is itself uncertain.

    The share has a beta law of that mean and error, the count is then beta-binomial.
    """
    variance = n * share * (1 - share) + n * (n - 1) * error**2
    tail = (1 - conf_level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        size = share * (1 - share) / error**2 - 1
        ends = [stats.betabinom.ppf(at, n, share * size, (1 - share) * size)
                for at in (tail, 1 - tail)]  # fmt: skip
    certain = [stats.binom.ppf(at, n, share) for at in (tail, 1 - tail)]
    low, high = (np.where(error > 0, end, sure) for end, sure in zip(ends, certain, strict=True))
    return np.sqrt(variance), low, high
