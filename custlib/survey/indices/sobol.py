"""Shares of an output's variance that each uncertain factor answers for (Sobol)."""

from collections.abc import Sequence

import numpy as np

Array = np.ndarray


def sobol_shares(first: Array, second: Array, exchanged: Sequence[Array]) -> tuple[Array, Array]:
    """First-order and total shares (columns) of each factor (rows), and their errors by chance.

    Parameters
    ----------
    first, second : array, shape (draws, outputs)
        Outputs of two independent samples of the factors, A and B.
    exchanged : sequence of arrays like `first`
        For each factor the outputs of A with that factor taken from B.

    Returns
    -------
    tuple of two arrays, shape (factors, 2)
        NaN where no output varies.

    Notes
    -----
    First order: mean f(B)(f(AB) − f(A)) / V, f centred; total: mean (f(A) − f(AB))² / 2V. Several
    outputs are one: their variances are summed (Gamboa et al. 2014), so each counts by how much
    it varies.

    References
    ----------
    Saltelli, A. et al. (2010). Computer Physics Communications 181:259–270.
    doi:10.1016/j.cpc.2009.09.018

    Examples
    --------
    >>> draws = np.random.default_rng(1).random((2, 4000, 2)) * [1, 2]  # y = x1 + 2 x2
    >>> first, second = draws.sum(axis=-1, keepdims=True)
    >>> swapped = [draws[1, :, :1] + draws[0, :, 1:], draws[0, :, :1] + draws[1, :, 1:]]
    >>> shares, errors = sobol_shares(first, second, swapped)  # 1/5 and 4/5, both orders
    >>> shares.round(1).tolist()
    [[0.2, 0.2], [0.8, 0.8]]
    """
    centre = (first.mean(axis=0) + second.mean(axis=0)) / 2
    spread = (((first - centre) ** 2 + (second - centre) ** 2) / 2).sum(axis=1)
    variance = spread.mean()
    shares, errors = [], []
    for swapped in exchanged:
        terms = np.column_stack(
            [
                ((second - centre) * (swapped - first)).sum(axis=1),
                ((first - swapped) ** 2).sum(axis=1) / 2,
            ]
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            share = terms.mean(axis=0) / variance
            # Linearized: both numerator and variance come from the same draws.
            rest = terms - share * spread[:, None]
            errors.append(rest.std(axis=0, ddof=1) / len(first) ** 0.5 / variance)
        shares.append(share)
    return np.reshape(shares, (-1, 2)), np.reshape(errors, (-1, 2))
