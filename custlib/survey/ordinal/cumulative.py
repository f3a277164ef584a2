"""Cumulative link models on a table of counts: likelihood, derivatives, Newton's method."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

Array = np.ndarray

TOLERANCE = 1e-10  # gain in log-likelihood that a further step promises
MOST_STEPS = 100
MOST_CELLS = 2_000_000  # of items × patterns × answers held at once


@dataclass(frozen=True, slots=True)
class Fit:
    """Maximum of the likelihood for each item of a stack, shape (items, ...)."""

    parameters: Array
    loglik: Array
    information: Array
    iterations: Array
    converged: Array


def threshold_rows(matrix: Array, answers: int, free: Array | None = None) -> Array:
    """Rows of the linear predictor, shape (patterns, answers − 1, parameters).

    Row j of a pattern is threshold_j − x·slopes. Columns of `free` get, beyond that, a deviation
    of their own at each threshold after the first: slopes that are not parallel.
    """
    patterns, cuts = len(matrix), answers - 1
    thresholds = np.broadcast_to(np.eye(cuts), (patterns, cuts, cuts))
    slopes = np.broadcast_to(-matrix[:, None, :], (patterns, cuts, matrix.shape[1]))
    parts = [thresholds, slopes]
    if free is not None:
        # einsum sets pattern g, threshold j, column k to −free[g, k] in block j only.
        blocks = -np.einsum("ij,gk->gijk", np.eye(cuts)[:, 1:], free)
        parts.append(blocks.reshape(patterns, cuts, -1))
    return np.concatenate(parts, axis=2)


def probabilities(predictor: Array, link: str) -> Array:
    """Probability of each answer; differences are taken in the tail that keeps their digits."""
    edges = np.full((*predictor.shape[:-1], 1), np.inf)
    high = np.concatenate([predictor, edges], axis=-1)
    low = np.concatenate([-edges, predictor], axis=-1)
    flip = low + np.where(np.isinf(high), 0, high) > 0
    cumulative = special.expit if link == "logit" else special.ndtr
    upper = np.where(flip, -low, high)
    lower = np.where(flip, -high, low)
    return cumulative(upper) - cumulative(lower)


def fit_stack(
    rows: Array, counts: Array, start: Array, link: str, active: Array | None = None
) -> Fit:
    """Fit every item of `counts` (items, patterns, answers) on the same rows, in blocks.

    Newton steps on all items at once, halved while the likelihood falls. Parameters that are
    not `active` (no answers speak of them) stay where they start.
    """
    active = np.ones(start.shape, bool) if active is None else active
    block = max(1, MOST_CELLS // counts[0].size)
    fits = [
        _newton(
            rows, counts[at : at + block], start[at : at + block], link, active[at : at + block]
        )
        for at in range(0, len(counts), block)
    ]
    names = ("parameters", "loglik", "information", "iterations", "converged")
    return Fit(*(np.concatenate([getattr(fit, name) for fit in fits]) for name in names))


def marginal_thresholds(counts: Array, link: str) -> Array:
    """Thresholds that give the overall shares of the answers, shape (items, answers − 1)."""
    totals = counts.sum(axis=1)
    below = np.cumsum(totals, axis=1)[:, :-1] / totals.sum(axis=1, keepdims=True)
    return special.logit(below) if link == "logit" else special.ndtri(below)


def null_loglik(counts: Array) -> Array:
    """Log-likelihood of thresholds alone, per item."""
    totals = counts.sum(axis=1)
    return special.xlogy(totals, totals / totals.sum(axis=1, keepdims=True)).sum(axis=1)


def cell_scores(rows: Array, parameters: Array, link: str) -> Array:
    """Score of one answer in each cell: shape (patterns, answers, parameters) for one item."""
    predictor = rows @ parameters
    shares = probabilities(predictor, link)
    density, _ = _densities(predictor, link)
    result = np.zeros((*shares.shape, rows.shape[2]))
    slope = density[..., None] * rows
    result[:, :-1] += slope
    result[:, 1:] -= slope
    return result / np.maximum(shares, np.finfo(float).tiny)[..., None]


def _newton(rows: Array, counts: Array, start: Array, link: str, active: Array) -> Fit:
    parameters, items = start.copy(), len(counts)
    value = _loglik(rows, counts, parameters, link)
    iterations, converged = np.zeros(items, int), np.zeros(items, bool)
    stuck = np.zeros(items, bool)
    for _ in range(MOST_STEPS):
        running = np.flatnonzero(~converged & ~stuck)
        if not len(running):
            break
        gradient, information = derivatives(
            rows, counts[running], parameters[running], link, active[running]
        )
        step = _solve(information, gradient)
        gain = (gradient * step).sum(axis=1)
        moved, reached = _climb(
            rows, counts[running], parameters[running], value[running], step, link
        )
        better = reached >= value[running]
        parameters[running[better]], value[running[better]] = moved[better], reached[better]
        iterations[running] += 1
        converged[running] = np.abs(gain) < TOLERANCE
        stuck[running] = ~better
    _, information = derivatives(rows, counts, parameters, link, active)
    return Fit(parameters, value, information, iterations, converged)


def _climb(
    rows: Array, counts: Array, parameters: Array, value: Array, step: Array, link: str
) -> tuple[Array, Array]:
    """The full step, or the largest of its halves that does not lower the likelihood."""
    moved = parameters + step
    reached = _loglik(rows, counts, moved, link)
    # Near the maximum the likelihood is flat to its last digits.
    floor = value - 1e-12 * np.abs(value)
    for _ in range(30):
        low = np.flatnonzero(~(reached >= floor))
        if not len(low):
            break
        step[low] /= 2
        moved[low] = parameters[low] + step[low]
        reached[low] = _loglik(rows, counts[low], moved[low], link)
    return moved, np.where(reached >= floor, np.maximum(reached, value), -np.inf)


def _predictor(rows: Array, parameters: Array) -> Array:
    flat = parameters @ rows.reshape(-1, rows.shape[2]).T
    return flat.reshape(len(parameters), *rows.shape[:2])


def _loglik(rows: Array, counts: Array, parameters: Array, link: str) -> Array:
    shares = probabilities(_predictor(rows, parameters), link)
    # Thresholds out of order make a share negative: no such model, the step is halved.
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(counts > 0, counts * np.log(shares), np.where(shares < 0, -np.inf, 0))
    value = terms.sum(axis=(1, 2))
    return np.where(np.isnan(value), -np.inf, value)


def _densities(predictor: Array, link: str) -> tuple[Array, Array]:
    """First and second derivative of the link's distribution function."""
    if link == "logit":
        share = special.expit(predictor)
        density = share * special.expit(-predictor)
        return density, density * (1 - 2 * share)
    density = stats.norm.pdf(predictor)
    return density, -predictor * density


def derivatives(
    rows: Array, counts: Array, parameters: Array, link: str, active: Array
) -> tuple[Array, Array]:
    """Gradient and observed information; inactive parameters are cut off."""
    predictor = _predictor(rows, parameters)
    shares = np.maximum(probabilities(predictor, link), np.finfo(float).tiny)
    density, curvature = _densities(predictor, link)
    ratio = counts / shares
    square = ratio / shares
    slope = density * (ratio[..., :-1] - ratio[..., 1:])
    diagonal = density**2 * (square[..., :-1] + square[..., 1:])
    diagonal -= curvature * (ratio[..., :-1] - ratio[..., 1:])
    beside = -density[..., :-1] * density[..., 1:] * square[..., 1:-1]
    items, flat = len(counts), rows.reshape(-1, rows.shape[2])
    gradient = slope.reshape(items, -1) @ flat
    left, right = rows[:, :-1].reshape(-1, rows.shape[2]), rows[:, 1:].reshape(-1, rows.shape[2])
    information = np.empty((items, rows.shape[2], rows.shape[2]))
    for item in range(items):
        cross = (left * beside[item].reshape(-1, 1)).T @ right
        own = (flat * diagonal[item].reshape(-1, 1)).T @ flat
        information[item] = own + cross + cross.T
    both = active[:, :, None] & active[:, None, :]
    identity = np.eye(rows.shape[2], dtype=bool)
    return np.where(active, gradient, 0.0), np.where(both, information, identity.astype(float))


def _solve(information: Array, gradient: Array) -> Array:
    """Newton's step; a likelihood flat in some direction gets a slight slope there."""
    try:
        return np.linalg.solve(information, gradient[..., None])[..., 0]
    except np.linalg.LinAlgError:
        diagonal = np.einsum("ijj->ij", information)
        ridge = 1e-8 * np.maximum(diagonal, 1e-8)[:, None, :] * np.eye(information.shape[1])
        return np.linalg.solve(information + ridge, gradient[..., None])[..., 0]
