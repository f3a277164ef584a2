"""How far two labelings put the same customers together."""

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.columns import arrange


def segment_agreement(customers: pd.DataFrame, *, first: str, second: str) -> pd.DataFrame:
    """Adjusted Rand index of two labelings: 1 if they are the same, about 0 if unrelated.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    first, second : str
        Columns of labels; what the labels are called does not matter.

    Returns
    -------
    DataFrame, one row
        measure ("adjusted_rand"), estimate, n, n_missing (customers that lack a label), note.

    Raises
    ------
    DataError
        A column is absent.

    Notes
    -----
    index = (Σ C(n_ij, 2) − e)/((a + b)/2 − e); e = a b/C(n, 2); a = Σ C(n_i, 2); b = Σ C(n_j, 2),
    with C(n, 2) = n(n − 1)/2. Of n customers, n_ij are in segment i of the first labeling, which
    has n_i, and j of the second, with n_j: pairs that both keep together, less those expected. It
    may fall below 0. Two labelings without any pair to tell apart (one segment each, or every
    customer alone in both) have no index.

    Assumes: both labelings are of the same customers; chance is taken with the sizes of the
    segments as they are.

    Not for: which of two labelings is right, classes in the same words (`kappa_agreement`), or
    stability: two fits to the same rows share their accidents (`segment_stability`).

    References
    ----------
    Hubert, L. & Arabie, P. (1985). J. Classification 2:193–218. doi:10.1007/BF01908075

    Examples
    --------
    >>> table = pd.DataFrame({"by_value": list("aaabbb"), "by_need": list("xxyyyy")})
    >>> segment_agreement(table, first="by_value", second="by_need")["estimate"].round(3).tolist()
    [0.324]
    >>> # R: mclust::adjustedRandIndex
    """
    require_columns(customers, [first, second])
    left, right = (pd.factorize(customers[name])[0] for name in (first, second))
    both = (left >= 0) & (right >= 0)
    row = {"measure": "adjusted_rand", "n": int(both.sum()), "n_missing": int((~both).sum())}
    index = _adjusted_rand(left[both], right[both])
    note = "no pair of customers to tell apart" if np.isnan(index) else ""
    return arrange([row | {"estimate": index, "note": note}], keys=["measure"])


def _adjusted_rand(left: np.ndarray, right: np.ndarray) -> float:
    cells = np.unique(np.column_stack([left, right]), axis=0, return_counts=True)[1]
    together, in_left, in_right = (
        _pairs(counts) for counts in (cells, np.bincount(left), np.bincount(right))
    )
    every = _pairs(np.array([len(left)]))
    expected = in_left * in_right / every if every else 0.0
    largest = (in_left + in_right) / 2
    return (together - expected) / (largest - expected) if largest > expected else np.nan


def _pairs(counts: np.ndarray) -> float:
    counts = counts.astype(float)
    return float((counts * (counts - 1)).sum() / 2)
