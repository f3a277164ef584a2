"""R² taken apart among drivers, from correlation matrices: one survey or all its resamples."""

from collections.abc import Callable

import numpy as np

from custlib.checks import require_one_of
from custlib.errors import ParameterError
from custlib.survey.drivers.orders import BLOCK_CELLS, REDUNDANT, each_last, gains
from custlib.survey.drivers.subsets import shapley_values

Array = np.ndarray
METHODS = ("lmg", "relative_weights", "first", "last")
MOST_EXACT = 20  # drivers whose subsets are all visited; each further one doubles time and memory


def contributions(
    correlations: Array, *, method: str = "lmg", orders: Array | None = None
) -> Array:
    """Contribution of each driver in units of R², from correlations with the outcome last.

    Parameters
    ----------
    correlations : array, shape (…, p + 1, p + 1)
        Positive semidefinite; where one entry is NaN all contributions are.
    method : {"lmg", "relative_weights", "first", "last"}, default "lmg"
    orders : array of int, shape (orders, p), optional
        LMG as the mean over these orders instead of all, as `balanced_orders` draws them.

    Returns
    -------
    array, shape (…, p)

    Raises
    ------
    ParameterError
        LMG of more than 20 drivers without orders.
    """
    require_one_of("method", method, METHODS)
    p = correlations.shape[-1] - 1
    if method == "lmg" and orders is None and p > MOST_EXACT:
        raise ParameterError.because(
            f"LMG of {p} drivers has 2^{p} subsets.",
            f"Expected at most {MOST_EXACT} drivers, or orders to average over.",
            "Pass method='relative_weights', or name fewer; driver_shares samples orders.",
        )
    flat = correlations.reshape(-1, p + 1, p + 1)
    defined = ~np.isnan(flat).any(axis=(1, 2))
    parts = np.full((len(flat), p), np.nan)
    if defined.any():
        parts[defined] = _decomposed(flat[defined], method, orders)
    return parts.reshape(*correlations.shape[:-2], p)


def gains_by_driver(correlations: Array, orders: Array) -> Array:
    """What each driver adds in each order, shape (replicates, orders, p), drivers as they stand."""
    found = gains(correlations, _with_outcome(orders))
    result = np.empty_like(found)
    np.put_along_axis(result, np.broadcast_to(orders, found.shape), found, axis=2)
    return result


def order_error(correlations: Array, orders: Array) -> Array:
    """Standard error that the draw of balanced orders leaves in each contribution, shape (p,)."""
    gained = gains_by_driver(correlations[None], orders)[0]
    # The orders of one square depend on one another; squares do not.
    squares = gained.reshape(-1, orders.shape[1], orders.shape[1]).mean(axis=1)
    return squares.std(axis=0, ddof=1) / len(squares) ** 0.5


def _decomposed(flat: Array, method: str, orders: Array | None) -> Array:
    p = flat.shape[-1] - 1
    if method == "first":
        return flat[:, :-1, -1] ** 2
    if method == "relative_weights":
        return _relative_weights(flat)
    if method == "last":
        places = _with_outcome(each_last(p))
        return _in_blocks(lambda part: gains(part, places)[:, :, -1], flat, p**3)
    if orders is not None:
        return _in_blocks(lambda part: gains_by_driver(part, orders).mean(1), flat, orders.size)
    return _in_blocks(shapley_values, flat, 2 ** (p + 3))


def _with_outcome(orders: Array) -> Array:
    """The orders, and after the drivers the outcome they explain."""
    return np.pad(orders, ((0, 0), (0, 1)), constant_values=orders.shape[1])


def _in_blocks(function: Callable[[Array], Array], flat: Array, cells: int) -> Array:
    """The function of all replicates, few enough at a time to bound the memory it takes."""
    block = max(BLOCK_CELLS // cells, 1)
    starts = range(0, len(flat), block)
    return np.concatenate([function(flat[start : start + block]) for start in starts])


def _relative_weights(flat: Array) -> Array:
    """Johnson's weights; directions without spread are left out, as a pseudo-inverse does."""
    values, vectors = np.linalg.eigh(flat[:, :-1, :-1])
    root = np.sqrt(np.maximum(values, 0))
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=values > REDUNDANT)
    turned = np.swapaxes(vectors, 1, 2)
    loadings = (vectors * root[:, None, :]) @ turned
    slopes = (vectors * inverse[:, None, :]) @ (turned @ flat[:, :-1, -1:])
    return (loadings**2 @ slopes**2)[:, :, 0]
