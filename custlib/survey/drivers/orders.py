"""What each driver adds to R² when drivers enter one after another, in any orders."""

import numpy as np

Array = np.ndarray
REDUNDANT = 1e-10  # share of a driver's variance below which the others leave nothing of it
BLOCK_CELLS = 2**18  # numbers held at once: small enough to stay in the processor's cache


def entered(state: Array) -> tuple[Array, Array]:
    """Column of the first variable against the others, and their slopes on it.

    `state` (m, m, …) holds covariances; those net of the first variable are
    `state[1:, 1:] - slopes[:, None] * column`. A variable the earlier ones leave nothing of has
    slopes 0: it adds nothing, which is what a pseudo-inverse makes of it.
    """
    pivot, column = state[0, 0], state[0, 1:]
    inverse = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > REDUNDANT)
    return column, column * inverse


def gains(correlations: Array, places: Array) -> Array:
    """Variance of the last variable that each other one explains as it enters.

    Parameters
    ----------
    correlations : array, shape (replicates, q, q)
    places : array of int, shape (orders, m)
        In each row the variables in the order they enter; the last one is explained.

    Returns
    -------
    array, shape (replicates, orders, m - 1)
        In the order of entry.
    """
    replicates, (orders, m) = len(correlations), places.shape
    result = np.empty((replicates, orders, m - 1))
    block = max(BLOCK_CELLS // (replicates * m * m), 1)
    for start in range(0, orders, block):
        here = places[start : start + block]
        state = correlations[:, here[:, :, None], here[:, None, :]].transpose(2, 3, 0, 1)
        state = np.ascontiguousarray(state)
        for at in range(m - 1):
            column, slopes = entered(state)
            # A square over a variance: never negative, and 0 exactly for a redundant variable.
            result[:, start : start + block, at] = slopes[-1] * column[-1]
            state = state[1:, 1:] - slopes[:, None] * column
    return result


def each_last(p: int) -> Array:
    """Orders of p variables in which each comes last once, in their own order."""
    return (np.arange(1, p + 1)[:, None] + np.arange(p)) % p


def explained(correlations: Array) -> Array:
    """R² of the last variable given all others, shape (replicates,)."""
    order = np.arange(correlations.shape[-1])[None, :]
    return gains(correlations, order).sum(axis=2)[:, 0]


def variance_inflation(correlations: Array) -> Array:
    """1 / (1 - R²) of each variable given the others, shape (p,); infinite where they make it."""
    left = 1 - gains(correlations[None], each_last(len(correlations)))[0].sum(axis=1)
    return np.divide(1.0, left, out=np.full(len(left), np.inf), where=left > REDUNDANT)


def balanced_orders(p: int, *, n_orders: int, seed: int) -> Array:
    """Random orders of p drivers in Williams squares, n_orders or the next whole number of them.

    In a square of p orders each driver holds each place once and, for even p, directly follows
    each other one once (Williams 1949, Aust. J. Sci. Res. A 2:149–168): an eighth of the
    orders drawn one by one gives the same precision. There are two squares at least.
    """
    zigzag = np.zeros(p, int)
    zigzag[1::2] = np.arange(1, p // 2 + 1)
    zigzag[2::2] = -np.arange(1, (p + 1) // 2)
    square = (np.arange(p)[:, None] + zigzag) % p
    squares = max(-(-n_orders // p), 2)
    # The root stream: resamples draw from streams spawned off the same seed.
    generator = np.random.default_rng(seed)
    labels = generator.permuted(np.tile(np.arange(p), (squares, 1)), axis=1)
    return labels[:, square].reshape(-1, p)
