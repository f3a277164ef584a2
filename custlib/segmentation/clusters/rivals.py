"""Divisions of the same customers held beside one another."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from custlib.checks import require_columns, require_list
from custlib.columns import arrange
from custlib.segmentation.clusters.agreement import segment_agreement
from custlib.segmentation.clusters.segments import cluster_customers

UNITS = {"z": "standardized numbers", "rank": "ranks"}
RIVALS = (("kmeans", "z"), ("kmeans", "rank"), ("ward", "z"), ("ward", "rank"))


def agreement_by_pair(customers: pd.DataFrame, *, segments: Mapping[str, str]) -> pd.DataFrame:
    """Adjusted Rand index of every pair of divisions: 1 if the same, about 0 if unrelated.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    segments : mapping of str to str
        Columns of labels, and what to call each division; one that is absent or empty is passed
        over.

    Returns
    -------
    DataFrame, one row per pair
        contrast ("segments and classes"), measure, estimate, n, n_missing, note.

    Raises
    ------
    DataError
        A column of labels stands twice in the table.

    Notes
    -----
    index = (Σ C(n_ij, 2) − e)/((a + b)/2 − e); e = a b/C(n, 2), for each pair of divisions. The
    letters are those of `segment_agreement`. Customers that lack one of the two labels are left out
    of that pair.

    Assumes: as `segment_agreement`.

    Not for: which division is right: two may agree on the same mistake.

    Examples
    --------
    >>> table = pd.DataFrame({"by_value": list("aaabbb"), "by_need": list("xxyyyy")})
    >>> names = {"by_value": "values", "by_need": "needs", "by_use": "uses"}
    >>> agreement_by_pair(table, segments=names)[["contrast", "estimate"]].round(3).values.tolist()
    [['values and needs', 0.324]]
    >>> # R: mclust::adjustedRandIndex
    """
    present = [name for name in segments if name in customers]
    require_columns(customers, present)
    known = [name for name in present if customers[name].notna().any()]
    rows: list[dict] = []
    for first, second in combinations(known, 2):
        found = segment_agreement(customers, first=first, second=second).to_dict("records")
        rows += [{"contrast": f"{segments[first]} and {segments[second]}"} | {**found[0]}]
    columns = ["contrast", "measure", "estimate", "n", "n_missing", "note"]
    return arrange(pd.DataFrame(rows, columns=columns), keys=["contrast", "measure"])


def method_agreement(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    k: int,
    method: str = "kmeans",
    scale: str = "z",
    segment: str = "segment",
    n_starts: int = 10,
    seed: int,
) -> pd.DataFrame:
    """Adjusted Rand index of segments with those of other methods and another scale.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        Has the segments to compare; at most 10,000 rows.
    variables, k, n_starts, seed : as in `cluster_customers`
    method, scale : str
        Of the segments, which are not compared with themselves.
    segment : str, default "segment"
        Column of the segments.

    Returns
    -------
    DataFrame, one row per rival
        contrast ("segments and ward on ranks"), measure, estimate, n, n_missing, note.

    Raises
    ------
    DataError
        As in `cluster_customers`.

    Notes
    -----
    index = (Σ C(n_ij, 2) − e)/((a + b)/2 − e); e = a b/C(n, 2). The letters are those of
    `segment_agreement`. Rivals are k-means and Ward, each on standardized numbers and on ranks.

    Assumes: the segments were made of the same variables and the same number of segments.

    Not for: proof that segments exist: one cloud cut alike by two methods agrees as well, and
    methods with the same notion of a segment agree more than others (`segment_stability`,
    `cluster_choice`).

    Examples
    --------
    >>> firms = pd.DataFrame({"n_orders": [1, 2, 3, 30, 31, 32], "segment": list("bbaaaa")})
    >>> found = method_agreement(firms, variables=["n_orders"], k=2, seed=1)
    >>> ward = found["contrast"].str.contains("ward on standardized")
    >>> found.loc[ward, "estimate"].round(3).tolist()
    [0.324]
    >>> # R: mclust::adjustedRandIndex, hclust
    """
    require_list("variables", variables)
    require_columns(customers, [*variables, segment])
    table = customers[[*dict.fromkeys([*variables, segment])]]
    tables = []
    for rival in RIVALS:
        if rival != (method, scale):
            how = {"method": rival[0], "scale": rival[1]}
            other = cluster_customers(
                table,
                variables=variables,
                k=k,
                segment="rival",
                n_starts=n_starts,
                seed=seed,
                **how,
            ).cases
            found = segment_agreement(other, first=segment, second="rival")
            tables.append(found.assign(contrast=f"segments and {rival[0]} on {UNITS[rival[1]]}"))
    return arrange(pd.concat(tables), keys=["contrast", "measure"])
