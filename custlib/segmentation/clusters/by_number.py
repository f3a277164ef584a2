"""Stability of segments by their number, the number that lasts, and noise to hold beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import (
    require_at_least,
    require_columns,
    require_distinct,
    require_numeric,
    require_seed,
)
from custlib.columns import arrange
from custlib.errors import DataError, FitError, ParameterError
from custlib.segmentation.clusters.stability import segment_stability, spread_like

ALL_STABLE, NOT_ALL = "all stable", "not all stable"


def stability_by_number(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    k_range: Sequence[int],
    seed: int,
    method: str = "kmeans",
    scale: str | None = None,
    min_base: int = 2,
    n_boot: int = 100,
    n_noise: int = 20,
    n_starts: int = 10,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Jaccard (0–1) of each segment, for every number of segments, beside that of noise.

    Parameters
    ----------
    customers, variables, method, scale, n_boot, n_noise, n_starts, seed, conf_level
        As in `segment_stability`.
    k_range : list of int
        Fewest and most segments, in any order, the fewest at least 2.
    min_base : int, default 2
        Customers a segment needs to count as stable here.

    Returns
    -------
    DataFrame
        clusters, then the columns and rows of `segment_stability`, and for each number one row of
        segment "all" and measure "stable_segments": estimate (how many are stable), verdict
        ("all stable", "not all stable"). A number whose mixture did not converge has that row
        alone, with a note.

    Raises
    ------
    DataError, ParameterError
        As in `segment_stability`, or k_range is no range from 2.

    Notes
    -----
    stable_segments = Σ 1(verdict stable and n ≥ min_base). Verdicts and Jaccard are those of
    `segment_stability`. Of numbers at which all segments are stable the largest says most; the
    smaller ones are then often the same segments, some of them together.

    Assumes: as `segment_stability`, for each number by itself: customers are independent draws, and
    the method and scale are those of the segments that will be used.

    Not for: proof of segments: a cut of one cloud can come back each time, so read the rows of
    noise beside it, and `cluster_choice` for whether one segment will do. Numbers with many
    segments of few customers look unstable by their size alone.

    Examples
    --------
    >>> firms = pd.DataFrame({"n_orders": [1, 2, 3, 4, 30, 31, 32, 33]})
    >>> how = {"variables": ["n_orders"], "n_noise": 0, "seed": 1}
    >>> found = stability_by_number(firms, k_range=(2, 2), **how)
    >>> found.loc[found["measure"] == "stable_segments", ["clusters", "estimate", "verdict"]]
       clusters  estimate     verdict
    7         2       2.0  all stable
    """
    if not k_range or min(k_range) < 2:
        raise ParameterError.because(
            f"k_range is {list(k_range)}.",
            "Expected the fewest segments, 2 or more, and the most.",
            "Pass k_range=(2, 6), say.",
        )
    require_at_least("min_base", min_base, 1)
    how: dict[str, Any] = {"variables": variables, "method": method, "scale": scale, "seed": seed}
    how |= {"n_boot": n_boot, "n_noise": n_noise, "n_starts": n_starts, "conf_level": conf_level}
    tables = []
    for k in range(min(k_range), max(k_range) + 1):
        count = {"segment": "all", "measure": "stable_segments", "n": len(customers)}
        try:
            found = segment_stability(customers, k=k, **how)
        except FitError as problem:
            found = pd.DataFrame()
            count |= {"verdict": NOT_ALL, "note": str(problem).splitlines()[0]}
        else:
            own = found[(found["measure"] == "jaccard") & (found["segment"] != "all")]
            stable = int((own["verdict"].eq("stable") & own["n"].ge(min_base)).sum())
            count |= {"estimate": float(stable), "n": int(own["n"].sum())}
            count |= {"verdict": ALL_STABLE if stable == k else NOT_ALL, "note": ""}
        tables.append(pd.concat([found, pd.DataFrame([count])]).assign(clusters=k))
    table = pd.concat(tables, ignore_index=True)
    table["n_missing"] = table["n_missing"].fillna(0) if "n_missing" in table else 0
    return arrange(table, keys=["clusters", "segment", "measure"])


def stable_number(stability: pd.DataFrame, *, choice: pd.DataFrame) -> int:
    """The largest number of segments at which all are stable; else the largest silhouette's.

    Parameters
    ----------
    stability : DataFrame
        As from `stability_by_number`.
    choice : DataFrame
        As from `cluster_choice`, for the same numbers at least.

    Returns
    -------
    int

    Notes
    -----
    number = largest k with stable_segments = k, else argmax of the mean silhouette. Whether it is
    stable says its row "stable_segments".

    Assumes: both tables are of the same customers and variables, with resamples enough to tell
    (`n_boot`).

    Not for: the number of segments that exist: it was picked by looking, and stable cuts of one
    cloud count too (`cluster_choice`).

    Examples
    --------
    >>> rows = pd.DataFrame({"clusters": [2, 3], "measure": "stable_segments",
    ...                      "verdict": [ALL_STABLE, NOT_ALL]})
    >>> widths = pd.DataFrame({"clusters": [2, 3], "measure": "silhouette", "estimate": [0.4, 0.5]})
    >>> stable_number(rows, choice=widths)
    2
    """
    require_columns(stability, ["clusters", "measure", "verdict"])
    require_columns(choice, ["clusters", "measure", "estimate"])
    lasting = stability.loc[stability["verdict"] == ALL_STABLE, "clusters"]
    if len(lasting):
        return int(lasting.max())
    tried = choice["measure"].eq("silhouette") & choice["clusters"].isin(stability["clusters"])
    widths = choice[tried].set_index("clusters")["estimate"].dropna()
    return int(widths.idxmax()) if len(widths) else int(stability["clusters"].min())


def noise_like(customers: pd.DataFrame, *, variables: Sequence[str], seed: int) -> pd.DataFrame:
    """As many rows of normal noise with the covariances of the variables, and no segments.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    variables : list of str
        Numbers; customers without a value in one of them have no part.
    seed : int

    Returns
    -------
    DataFrame
        The variables alone, with the means and covariances of the customers as expectation.

    Raises
    ------
    DataError, ParameterError
        A column is absent, not numeric or named twice, fewer than two customers have a value in
        all, or the seed is negative.

    Notes
    -----
    row = mean + Σ_j z_j √λ_j q_j, with z standard normal and λ_j, q_j the eigenvalues and
    eigenvectors of the covariance matrix. A check for any method: whatever it finds here is what it
    makes of nothing.

    Assumes: covariances say all there is to say of the variables, as in one normal cloud.

    Not for: long tails, which this noise lacks: take logarithms or ranks before.

    Examples
    --------
    >>> firms = pd.DataFrame({"n_orders": [1.0, 2, 3, 4], "amount": [1.0, 5, 2, 9]})
    >>> noise_like(firms, variables=["n_orders", "amount"], seed=1).shape
    (4, 2)
    """
    require_distinct(variables)
    require_columns(customers, variables)
    table = pd.DataFrame({name: require_numeric(customers, name) for name in variables}).dropna()
    if len(table) < 2:
        raise DataError.because(
            f"{len(table)} of {len(customers)} customers have a value in every variable.",
            "Expected two at least, as one has no spread.",
            "Leave the emptiest variable out.",
        )
    values = table.to_numpy()
    draw = np.random.default_rng(require_seed(seed)).normal(size=values.shape)
    values = spread_like(values, draw) + values.mean(axis=0)
    return pd.DataFrame(values, columns=list(variables))
