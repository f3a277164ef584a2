"""Regressions among constructs, from their correlations; many matrices at once."""

import numpy as np

from custlib.survey.path_models.specification import Specification

Array = np.ndarray
SINGULAR = 1e-10  # unexplained share of a predictor below which it repeats the others


def solved(matrix: Array, right: Array) -> Array:
    """Solutions x of matrix x = right, shapes (…, m, m) and (…, m, r); NaN where singular.

    The matrices are correlations, so that a pivot is the share the predictors before it leave
    unexplained; elimination over all matrices at once outruns one call of LAPACK for each.
    """
    work = np.concatenate([matrix, right], axis=-1)
    size = matrix.shape[-1]
    for at in range(size):
        pivot = work[:, at, at]
        row = work[:, at] / np.where(pivot > SINGULAR, pivot, np.nan)[:, None]
        work -= work[:, :, at, None] * row[:, None]
        work[:, at] = row
    return work[:, :, size:]


def path_coefficients(correlation: Array, specification: Specification) -> Array:
    """Standardized coefficient of each path (row acts on column), zero where there is none."""
    paths = np.zeros(correlation.shape)
    for target, causes in specification.targets:
        right = correlation[:, causes, target]
        if len(causes) > 1:
            right = solved(correlation[:, causes[:, None], causes], right[..., None])[..., 0]
        paths[:, causes, target] = right
    return paths


def total_effects(paths: Array) -> Array:
    """Direct and indirect effects together: the sum over all routes of their products."""
    total, step = paths.copy(), paths
    for _ in range(paths.shape[-1] - 2):
        step = step @ paths
        total += step
    return total


def inflation(correlation: Array, specification: Specification) -> Array:
    """VIF of each path's cause among the causes of its target; NaN where there is no path."""
    result = np.full(correlation.shape, np.nan)
    for target, causes in specification.targets:
        if len(causes) == 1:
            result[:, causes, target] = 1.0
            continue
        matrix = correlation[:, causes[:, None], causes]
        inverse = solved(matrix, np.broadcast_to(np.eye(len(causes)), matrix.shape))
        result[:, causes, target] = np.diagonal(inverse, axis1=1, axis2=2)
    return result
