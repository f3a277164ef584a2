"""Resampling: whole clusters drawn anew within their strata, one stream of chance a replicate."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from custlib.checks import require_at_least, require_conf_level, require_seed
from custlib.errors import ParameterError
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
    of a mean have the variance of its formula, however few clusters there are. Where a share f of
    the population's clusters was asked and everybody in them, counts c become
    1 + √(1 − f)(c − 1). With a second stage f is left out, and raked weights stay as they are:
    there intervals are a little long.

    References
    ----------
    Rao, J. & Wu, C. (1988). JASA 83:231–241. doi:10.1080/01621459.1988.10478591
    """
    require_at_least("n_boot", n_boot, 2)
    require_seed(seed)
    count = len(sample.stratum_of_cluster)
    sizes = np.bincount(sample.stratum_of_cluster, minlength=len(sample.fraction))
    drawn = np.maximum(sizes - 1, 1)
    # All strata are drawn at once: a draw has its stratum's first cluster, and their number.
    order: Array | slice = np.argsort(sample.stratum_of_cluster, kind="stable")
    first, below = np.repeat(np.cumsum(sizes) - sizes, drawn), np.repeat(sizes, drawn)
    if len(sizes) == 1:  # the same draws, much faster from one number and to a whole row
        order, below = slice(None), sizes[0]
    worth = np.repeat(sizes / drawn, sizes)
    # With a second stage the finite population is left out: its variance is not drawn here.
    known = sample.second_stage is None
    shrink = np.repeat(np.sqrt(1 - sample.fraction) if known else np.ones(len(sizes)), sizes)
    block = max(BLOCK_CELLS // max(count, 1), 1)
    streams = np.random.SeedSequence(seed).spawn(n_boot)
    for start in range(0, n_boot, block):
        counts = np.empty((min(block, n_boot - start), count))
        for row, stream in zip(counts, streams[start : start + block], strict=False):
            picks = np.random.default_rng(stream).integers(below, size=len(first), dtype=np.int32)
            times = np.bincount(first + picks, minlength=count) * worth
            row[order] = 1 + shrink * (times - 1)
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
    require_seed(seed)
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
