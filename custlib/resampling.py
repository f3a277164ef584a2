"""Resampling: whole clusters drawn anew within their strata, one stream of chance a replicate."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_columns, require_conf_level
from custlib.errors import ParameterError
from custlib.groups import group_codes
from custlib.variance import Sample

Array = np.ndarray
BLOCK_CELLS = 2**23  # numbers held at once while replicates are drawn (64 MiB)


@dataclass(frozen=True, slots=True)
class Resamples:
    """Bootstrap replicates, shape (n_boot, statistics); undefined ones (NaN) do not count."""

    estimate: Array
    replicates: Array

    @property
    def std_error(self) -> Array:
        """Standard deviation over the replicates, per statistic; NaN where none is defined."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            return np.nanstd(self.replicates, axis=0, ddof=1)

    def interval(self, *, conf_level: float = 0.95) -> tuple[Array, Array]:
        """Percentile interval per statistic; NaN where no replicate is defined."""
        require_conf_level(conf_level)
        tail = (1 - conf_level) / 2
        quantile = np.nanquantile if np.isnan(self.replicates).any() else np.quantile
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            low, high = quantile(self.replicates, [tail, 1 - tail], axis=0)
        return low, high


def bootstrap(
    responses: pd.DataFrame,
    statistic: Callable[[pd.DataFrame], float | Array],
    *,
    n_boot: int,
    seed: int,
    cluster: str | None = None,
    stratum: str | None = None,
) -> Resamples:
    """Case bootstrap of any statistic: whole clusters are drawn, within their strata.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    statistic : callable
        Takes a table like `responses`, returns a number or a one-dimensional array.
    n_boot : int, at least 2
    seed : int
        Each replicate has a stream of its own.
    cluster, stratum : str, optional
        Columns of the clusters drawn together and of the strata drawn separately. A respondent
        without a cluster is a cluster of one.

    Returns
    -------
    Resamples
        The statistic on `responses` itself, and its replicates.

    References
    ----------
    Efron, B. (1979). Annals of Statistics 7:1–26. doi:10.1214/aos/1176344552

    Examples
    --------
    >>> ratings = pd.DataFrame({"firm": list("aabbcc"), "rating": [1, 1, 3, 3, 5, 5]})
    >>> drawn = bootstrap(ratings, lambda t: t["rating"].mean(), n_boot=99, seed=1, cluster="firm")
    >>> drawn.estimate.tolist(), drawn.replicates.shape
    ([3.0], (99, 1))
    """
    require_columns(responses, [cluster, stratum])
    require_at_least("n_boot", n_boot, 2)
    order, starts, sizes, strata = _units(responses, cluster, stratum)
    replicates = []
    for stream in np.random.SeedSequence(seed).spawn(n_boot):
        generator = np.random.default_rng(stream)
        drawn = [members[generator.integers(len(members), size=len(members))] for members in strata]
        units = np.concatenate(drawn)
        lengths = sizes[units]
        # Positions start, start + 1, … of every unit drawn, without a loop over units.
        jumps = np.repeat(starts[units] - (lengths.cumsum() - lengths), lengths)
        rows = order[jumps + np.arange(len(jumps))]
        replicates.append(np.atleast_1d(statistic(responses.iloc[rows])))
    return Resamples(np.atleast_1d(np.asarray(statistic(responses), float)), np.array(replicates))


def cluster_draws(sample: Sample, *, n_boot: int, seed: int) -> Iterator[Array]:
    """What each cluster counts in each replicate, shape (replicates, clusters), in blocks.

    Parameters
    ----------
    sample : Sample
        A design bound to a table; without clusters every respondent is one.
    n_boot : int, at least 2
    seed : int
        Each replicate has a stream of its own, so blocks do not change the draws.

    Yields
    ------
    array, shape (replicates of the block, clusters)
        `counts[:, sample.clusters] * sample.weights` are replicate weights of the rows.

    Notes
    -----
    Of the n clusters of a stratum n − 1 are drawn, and each draw counts n/(n − 1): so replicates
    of a mean have the variance of its formula, however few clusters there are. Weights stay as
    they are: a finite population and what raking gains are not taken into account, so intervals
    are a little long where they matter.

    References
    ----------
    Rao, J. & Wu, C. (1988). JASA 83:231–241. doi:10.1080/01621459.1988.10478591
    """
    require_at_least("n_boot", n_boot, 2)
    count = len(sample.stratum_of_cluster)
    codes = range(len(sample.fraction))
    strata = [np.flatnonzero(sample.stratum_of_cluster == code) for code in codes]
    # Writing to a whole row is much faster than to places in it.
    places: Sequence[Any] = [slice(None)] if len(strata) == 1 else strata
    block = max(BLOCK_CELLS // max(count, 1), 1)
    streams = np.random.SeedSequence(seed).spawn(n_boot)
    for start in range(0, n_boot, block):
        counts = np.empty((min(block, n_boot - start), count))
        for row, stream in zip(counts, streams[start : start + block], strict=False):
            generator = np.random.default_rng(stream)
            for place, members in zip(places, strata, strict=True):
                size, drawn = len(members), max(len(members) - 1, 1)
                picks = generator.integers(size, size=drawn, dtype=np.int32)
                row[place] = np.bincount(picks, minlength=size) * (size / drawn)
        yield counts


def multinomial_bootstrap(counts: Array, scores: Array, *, n_boot: int, seed: int) -> Resamples:
    """Bootstrap of a mean score by resampling the counts per answer, not the rows.

    Parameters
    ----------
    counts : array, shape (groups, answers) or (answers,)
        How often each answer was given.
    scores : array, shape (answers,)
        What each answer is worth; 0 and 1 give a share.
    n_boot : int, at least 2
    seed : int

    Returns
    -------
    Resamples
        One statistic per group. The same distribution as drawing single answers, at a cost that
        does not grow with their number.

    Examples
    --------
    >>> drawn = multinomial_bootstrap([2, 3, 5], [0, 0, 1], n_boot=4000, seed=1)
    >>> drawn.estimate.tolist(), round(float(drawn.std_error[0]), 2)  # sqrt(.5 × .5 / 10) = .158
    ([0.5], 0.16)
    """
    require_at_least("n_boot", n_boot, 2)
    counts = np.atleast_2d(np.asarray(counts))
    if (counts != np.floor(counts)).any() or (counts < 0).any():
        raise ParameterError.because(
            f"Counts such as {counts[(counts != np.floor(counts)) | (counts < 0)][0]}.",
            "Expected whole numbers of answers, none below zero.",
            "Pass unweighted counts; for weighted answers resample clusters.",
        )
    counts = counts.astype(int)
    # Answers worth the same are one answer: fewer cells, the same distribution.
    scores, worth = np.unique(np.asarray(scores, float), return_inverse=True)
    counts = counts @ np.eye(len(scores), dtype=int)[worth]
    sizes = counts.sum(axis=1)
    if (sizes == 0).any():
        raise ParameterError.because(
            f"Groups without an answer, at positions {np.flatnonzero(sizes == 0)[:5].tolist()}.",
            "Expected at least one answer in every group.",
            "Leave the empty groups out, and say so.",
        )
    streams = np.random.SeedSequence(seed).spawn(len(counts))
    columns = [
        np.random.default_rng(stream).multinomial(size, row / size, size=n_boot) @ scores / size
        for stream, row, size in zip(streams, counts, sizes, strict=True)
    ]
    return Resamples(counts @ scores / sizes, np.column_stack(columns))


def _units(
    responses: pd.DataFrame, cluster: str | None, stratum: str | None
) -> tuple[Array, Array, Array, list[Array]]:
    """Rows in the order of their clusters, where each cluster starts, its size; strata of them."""
    codes = np.arange(len(responses))
    if cluster is not None:
        codes, _ = group_codes(responses, cluster, missing_alone=True)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    if stratum is None:
        return order, starts, sizes, [np.arange(len(starts))]
    of_unit = pd.factorize(responses[stratum])[0][order[starts]]
    return order, starts, sizes, [np.flatnonzero(of_unit == code) for code in np.unique(of_unit)]
