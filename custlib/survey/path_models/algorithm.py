"""Weights of the items by partial least squares, from correlations alone; many matrices at once."""

from dataclasses import dataclass

import numpy as np

from custlib.survey.path_models.effects import path_coefficients, solved
from custlib.survey.path_models.specification import Specification

Array = np.ndarray
SCHEMES = ("path", "factorial", "centroid")


@dataclass(frozen=True, slots=True)
class Method:
    """How a model is estimated, and when the iteration ends."""

    scheme: str
    tolerance: float
    max_iterations: int
    consistent: bool


def outer_weights(
    correlation: Array,
    specification: Specification,
    method: Method,
    direction: Array | None,
) -> tuple[Array, Array]:
    """Weights (…, items, constructs) of scores with variance 1, and the rounds they took.

    Where they do not settle the rounds are 0, where a regression is singular -1, and the weights
    are NaN. A score is turned so that its items' correlations with it, weighted by their column
    of `direction`, have a positive sum.
    """
    weights = np.full((len(correlation), *specification.member.shape), np.nan)
    took = np.full(len(correlation), -1)
    at = np.flatnonzero(np.isfinite(correlation).all(axis=(1, 2)))
    correlation = correlation[at]
    start = np.broadcast_to(specification.member, (len(at), *specification.member.shape))
    current, covariance = _unit_variance(correlation, start, direction)
    for count in range(1, method.max_iterations + 1):
        among = np.swapaxes(current, 1, 2) @ covariance
        proxy = covariance @ _inner(among, specification, method.scheme) * specification.member
        for construct in np.flatnonzero(specification.formative):
            own = specification.block(construct)
            matrix, right = correlation[:, own[:, None], own], proxy[:, own, construct, None]
            proxy[:, own, construct] = solved(matrix, right)[..., 0]
        following, covariance = _unit_variance(correlation, proxy, direction)
        change = np.abs(following - current).max(axis=(1, 2), initial=0)
        settled, current = change <= method.tolerance, following
        weights[at[settled]], took[at[settled]] = current[settled], count
        running = change > method.tolerance  # false for a NaN, which no round mends
        if not running.all():
            at, correlation = at[running], correlation[running]
            current, covariance = current[running], covariance[running]
        if not len(at):
            break
    took[at] = 0
    return weights, took


def _inner(among: Array, specification: Specification, scheme: str) -> Array:
    """Weight of each construct (row) in the stand-in for its neighbour (column)."""
    links = specification.links
    if scheme == "path":
        return path_coefficients(among, specification) + among * links.T
    return (np.sign(among) if scheme == "centroid" else among) * (links | links.T)


def _unit_variance(
    correlation: Array, weights: Array, direction: Array | None
) -> tuple[Array, Array]:
    """Weights scaled to scores of variance 1, and the items' correlations with these."""
    covariance = correlation @ weights
    variance = (weights * covariance).sum(axis=1, keepdims=True)
    scale = 1 / np.sqrt(np.where(variance > 0, variance, np.nan))
    if direction is not None:
        along = (covariance * direction).sum(axis=1, keepdims=True)
        scale = np.where(along < 0, -scale, scale)
    return weights * scale, covariance * scale
