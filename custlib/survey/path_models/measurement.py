"""How well the items of each construct measure it, and how far constructs can be told apart."""

import numpy as np

from custlib.survey.path_models.specification import Specification
from custlib.survey.reliability.consistency import raw_alpha

Array = np.ndarray


def rho_a(weights: Array, specification: Specification) -> Array:
    """Dijkstra and Henseler's reliability of each construct's score; NaN for a single item.

    The scores have variance 1, so w'Sw = 1 and w'(S - diag S)w = 1 - w'w.
    """
    square = weights**2 @ specification.member
    fourth = weights**4 @ specification.member
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(
            reflective(specification), square**2 * (1 - square) / (square**2 - fourth), np.nan
        )


def reflective(specification: Specification) -> Array:
    """True for constructs with several items of mode A: only they have a reliability."""
    return (specification.sizes > 1) & ~specification.formative


def alphas(matrix: Array, specification: Specification) -> Array:
    """Cronbach's alpha of each construct, from covariances or (standardized) correlations."""
    result = np.full((len(matrix), len(specification.names)), np.nan)
    for at in np.flatnonzero(reflective(specification)):
        own = specification.block(at)
        result[:, at] = raw_alpha(matrix[:, own[:, None], own])
    return result


def composite_reliability(loadings: Array, specification: Specification) -> tuple[Array, Array]:
    """rho_c and average variance extracted of each construct, from its items' loadings."""
    total, square = loadings @ specification.member, loadings**2 @ specification.member
    known = np.where(reflective(specification), 1.0, np.nan)
    error = specification.sizes - square
    return known * total**2 / (total**2 + error), known * square / specification.sizes


def heterotrait(correlation: Array, specification: Specification) -> Array:
    """HTMT of each pair of constructs; a single item agrees with itself fully."""
    sizes, member = specification.sizes, specification.member
    sums = member.T @ np.abs(correlation) @ member
    own = np.diagonal(sums, axis1=1, axis2=2)
    within = np.where(sizes > 1, (own - sizes) / np.maximum(sizes * (sizes - 1), 1), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / np.outer(sizes, sizes) / np.sqrt(within[:, :, None] * within[:, None, :])
