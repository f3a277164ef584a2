"""Consistent PLS: correlations and loadings freed of what the items' errors take off them."""

import numpy as np

from custlib.survey.path_models.effects import solved
from custlib.survey.path_models.measurement import reflective
from custlib.survey.path_models.specification import Specification

Array = np.ndarray


def known_reliability(reliability: Array, specification: Specification) -> Array:
    """rho_A of each score; 1 for single items and mode B; NaN where it is no share of variance."""
    known = np.where(reflective(specification), reliability, 1.0)
    return np.where((known > 0) & (known <= 1), known, np.nan)


def corrected(
    structure: Array, weights: Array, reliability: Array, specification: Specification
) -> Array:
    """Correlations of the items (rows) with what the scores measure.

    For the items of a construct itself these are the consistent loadings w rho_A^(1/2) / w'w.
    """
    root = np.sqrt(known_reliability(reliability, specification))
    member = specification.member
    length = (weights**2) @ member
    own = (weights * ((root / length) @ member.T))[:, :, None] * member
    apart = structure / root[:, None, :]
    return np.where((member > 0) & reflective(specification), own, apart)


def disattenuated(correlation: Array, reliability: Array, specification: Specification) -> Array:
    """Correlations of what the scores measure; NaN where these are no correlation matrix."""
    root = np.sqrt(known_reliability(reliability, specification))
    result = correlation / (root[:, :, None] * root[:, None, :])
    own = np.arange(len(specification.names))
    result[:, own, own] = 1.0
    # Elimination fails on what is not positive definite.
    proper = np.isfinite(solved(result, result)).all(axis=(1, 2), keepdims=True)
    return np.where(proper, result, np.nan)
