"""R² of all 2^p subsets of drivers in p steps, and the Shapley values that follow from them."""

import numpy as np
from scipy.special import comb

from custlib.survey.drivers.orders import entered

Array = np.ndarray


def residual_variances(correlations: Array) -> Array:
    """Variance of the last variable net of each subset of the others, shape (2^p, replicates).

    Bit j of a subset's number says whether variable j is in it. In step j every subset of the
    variables before j is taken twice: without j, which is dropped, and with j, which is swept
    out. What is dropped leaves no rounding behind.
    """
    state = np.ascontiguousarray(correlations.transpose(1, 2, 0))[:, :, None, :]
    while len(state) > 1:
        m, subsets = len(state) - 1, state.shape[2]
        column, slopes = entered(state)
        grown = np.empty((m, m, 2 * subsets, state.shape[3]))
        grown[:, :, :subsets] = state[1:, 1:]
        with_it = grown[:, :, subsets:]
        np.multiply(slopes[:, None], column, out=with_it)
        np.subtract(state[1:, 1:], with_it, out=with_it)
        state = grown
    return state[0, 0]


def shapley_values(correlations: Array) -> Array:
    """LMG of each variable but the last, which is explained; shape (replicates, p).

    With w(s) = s! (p - s - 1)! / p!, the value of j is
    sum over subsets T of R²(T) [w(|T| - 1) if j in T else -w(|T|)], which is a sum over the
    subsets with j and a constant; the constant follows from the values' sum, R² of all.
    """
    p = correlations.shape[-1] - 1
    size = np.zeros(1, int)
    for _ in range(p):
        size = np.concatenate([size, size + 1])
    inside = np.zeros(p + 1)
    inside[1:] = 1 / (p * comb(p - 1, np.arange(p)))
    outside = np.append(inside[1:], 0.0)
    explained = 1 - residual_variances(correlations)
    whole = explained[-1]
    explained = explained * (inside + outside)[size][:, None]
    values = np.empty((p, len(correlations)))
    for j in reversed(range(p)):
        half = len(explained) // 2
        values[j] = explained[half:].sum(axis=0)
        explained = explained[:half] + explained[half:]
    return (values + (whole - values.sum(axis=0)) / p).T
