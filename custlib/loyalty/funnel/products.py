"""The product of rates that are known only from counts: its distribution as a Gauss rule."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import special, stats
from scipy.linalg import eigh_tridiagonal

Array = np.ndarray
NODES = 96  # a rule of m nodes has the first 2m − 1 moments right
NEGLIGIBLE = 1e-20
FEW = 25  # targets below it ask about rates so near 0 that a Beta's edge there matters


def beta_rule(a: float, b: float, nodes: int = NODES) -> tuple[Array, Array]:
    """Nodes and weights, summing to 1, of the Gauss rule of a Beta(a, b) on 0–1.

    Notes
    -----
    Golub & Welsch (1969) on the recurrence of Jacobi polynomials, written for the density itself
    and not for its power weight, whose integral overflows with a few hundred counts.
    """
    k = np.arange(nodes, dtype=float)
    p, q = b - 1.0, a - 1.0  # exponents of 1 − x and of x
    s = 2 * k + p + q
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (q**2 - p**2) / (s * (s + 2))
        square = 4 * k * (k + p) * (k + q) * (k + p + q) / (s**2 * (s + 1) * (s - 1))
    diagonal[0] = (q - p) / (p + q + 2)
    # Where a + b = 1 the second factor is 0/0; its limit is that of k + p + q over s − 1.
    square[1] = 4 * (1 + p) * (1 + q) / ((p + q + 2) ** 2 * (p + q + 3))
    points, vectors = eigh_tridiagonal(diagonal, np.sqrt(square[1:]))
    weights = vectors[0] ** 2
    return np.clip((points + 1) / 2, 0.0, 1.0), weights / weights.sum()


def reach_probability(shapes: Sequence[tuple[float, float]], *, target: int, calls: int) -> float:
    """P(at least `target` of `calls` go through all steps), 0–1, rates being independent Betas.

    Notes
    -----
    Given the product x of the rates it is I_x(k, N − k + 1), the chance that a Beta(k, N − k + 1)
    lies below x. So it is the chance that one product of Betas exceeds another Beta, and the widest
    of them all is integrated in closed form: what is left for the rules is smooth. For small
    targets that closed form has an edge at 0, while the chance itself is smooth in x: there it is
    summed over the rule of the product. Errors are below 1e-6 either way.
    """
    if calls < target:
        return 0.0
    own = (float(target), float(calls - target + 1))
    shapes = tuple(sorted(shapes, key=_width))
    if target < FEW or _width(own) >= _width(shapes[-1]):
        points, weights = product_rule(shapes)
        return _share(weights @ stats.binom.sf(target - 1, calls, points))
    points, weights = product_rule(shapes[:-1]) if shapes[1:] else (np.ones(1), np.ones(1))
    needed, shares = beta_rule(*own)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.minimum(np.divide.outer(needed, points), 1.0)
    return _share(shares @ special.betaincc(*shapes[-1], rest) @ weights)


def _share(value: float) -> float:
    """A sum of weights may round to a little more than 1."""
    return min(max(float(value), 0.0), 1.0)


def _width(shape: tuple[float, float]) -> float:
    """Squared coefficient of variation of a Beta."""
    a, b = shape
    return b / (a * (a + b + 1))


@lru_cache(maxsize=64)  # a search for the number of calls asks for the same one each time
def product_rule(shapes: tuple[tuple[float, float], ...]) -> tuple[Array, Array]:
    """Gauss rule of the product of independent Betas, each given by its two shapes."""
    points, weights = beta_rule(*shapes[0])
    for shape in shapes[1:]:
        more, shares = beta_rule(*shape)
        points, weights = _fewer(
            np.multiply.outer(points, more).ravel(), np.multiply.outer(weights, shares).ravel()
        )
    return points, weights


def _fewer(points: Array, weights: Array) -> tuple[Array, Array]:
    """Gauss rule of a discrete distribution, by Lanczos with every step made orthogonal anew."""
    # Most pairs of nodes weigh nothing that a number of double precision could tell.
    kept = weights > NEGLIGIBLE * weights.max()
    points, weights = points[kept], weights[kept] / weights[kept].sum()
    centre, scale = weights @ points, np.sqrt(weights @ (points - weights @ points) ** 2)
    if scale == 0:
        return np.array([centre]), np.ones(1)
    x = (points - centre) / scale
    count = min(NODES, len(x))
    basis = np.zeros((count, len(x)))
    diagonal, beside = np.zeros(count), np.zeros(count)
    vector = np.sqrt(weights)
    for at in range(count):
        basis[at] = vector
        step = x * vector
        diagonal[at] = vector @ step
        known = basis[: at + 1]
        for _ in range(2):
            step = step - known.T @ (known @ step)
        beside[at] = np.linalg.norm(step)
        if beside[at] < 1e-13 or at + 1 == count:
            count = at + 1
            break
        vector = step / beside[at]
    found, vectors = eigh_tridiagonal(diagonal[:count], beside[: count - 1])
    return np.clip(centre + scale * found, 0.0, 1.0), vectors[0] ** 2
