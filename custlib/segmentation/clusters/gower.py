"""Gower's distance between customers described by numbers and categories."""

import numpy as np
from scipy.spatial.distance import pdist, squareform

from custlib.errors import DataError

Array = np.ndarray


def gower_distances(values: Array, nominal: Array) -> Array:
    """Square matrix of distances, 0–1: the mean difference over the variables both rows have.

    Parameters
    ----------
    values : array, shape (rows, variables)
        Numbers as parts of their range, ordered categories likewise, others as codes.
    nominal : array of bool, shape (variables,)
        Columns of codes: they differ by 0 or 1.

    Raises
    ------
    DataError
        Two rows share no variable, so that they have no distance.

    References
    ----------
    Gower, J. (1971). Biometrics 27:857–871. doi:10.2307/2528823
    """
    pairs = len(values) * (len(values) - 1) // 2
    total, shared = np.zeros(pairs), np.zeros(pairs)
    for column, is_code in zip(values.T, nominal, strict=True):
        gap = pdist(column[:, None], "cityblock")
        known = ~np.isnan(gap)
        total += np.where(known, (gap > 0) if is_code else gap, 0.0)
        shared += known
    if pairs and not shared.all():
        raise DataError.because(
            f"{int((shared == 0).sum())} pairs of customers have no variable in common.",
            "Expected every two customers to share a variable that both have.",
            "Drop customers with few values, or leave out the variables that are mostly missing.",
        )
    return squareform(total / shared, checks=False)
