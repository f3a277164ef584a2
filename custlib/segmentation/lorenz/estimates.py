"""Gini, shares and squares of sorted values with linearized errors, and the same in resamples."""

import numpy as np

from custlib.checks import require_whole
from custlib.segmentation.lorenz.shares import (
    SLACK,
    Scale,
    SortedValues,
    top_count,
    top_shares,
)

Array = np.ndarray
Row = dict
MEASURES = (
    "gini",
    "gini_unbiased",
    "top_share",
    "share_needed",
    "distance",
    "hhi",
    "effective_number",
)


def measure_rows(sample: SortedValues, top: float, target: float) -> list[Row]:
    return [*_gini_rows(sample), *_share_rows(sample, top, target), *_square_rows(sample)]


def _gini_rows(sample: SortedValues) -> list[Row]:
    """Gini in its population form and times n/(n − 1), with the error of its linearization.

    Customer i of mean absolute difference D_i from all moves the Gini by D_i/m − G x_i/m plus a
    constant; in sorted order D_i comes from the rank and the sum of the values so far.
    """
    n = sample.n
    rising = sample.values[::-1] / (sample.total / n)
    rank = np.arange(1, n + 1)
    gini = 2 * float(rank @ rising) / n**2 - (n + 1) / n if sample.spread else 0.0
    scores = 2 * (rank * rising - np.cumsum(rising)) / n - (gini + 1) * rising
    error = _error_of_mean(scores, sample)
    rows = [{"measure": "gini", "estimate": gini, "std_error": error}]
    factor = n / (n - 1) if n > 1 else np.nan
    unbiased = {"estimate": gini * factor, "std_error": error * factor}
    return [*rows, {"measure": "gini_unbiased"} | unbiased]


def _share_rows(sample: SortedValues, top: float, target: float) -> list[Row]:
    n = sample.n
    cumulated = np.cumsum(sample.values) / sample.total
    needed = int(np.argmax(cumulated >= target - SLACK)) + 1
    largest = top_count(n, top)
    (share, _), errors = top_shares(sample, np.array([largest, needed]))
    slope = sample.values[needed - 1] / (sample.total / n)
    errors = errors / [1, slope] if slope > 0 else np.array([errors[0], np.nan])
    if not sample.spread:
        errors = np.full(2, np.nan)
    held = {"estimate": float(share), "std_error": float(errors[0]), "customer_share": largest / n}
    enough = {"estimate": needed / n, "std_error": float(errors[1])}
    return [
        {"measure": "top_share"} | held,
        {"measure": "share_needed", "numerator": needed, "denominator": n} | enough,
        {"measure": "distance"} | held,
    ]


def _square_rows(sample: SortedValues) -> list[Row]:
    """Sum of squared shares for a base of this size, and its inverse."""
    scaled = sample.values / (sample.total / sample.n)
    squares = float(np.mean(scaled**2))
    relative = _error_of_mean(scaled**2 / squares - 2 * scaled, sample)
    hhi = squares / sample.n
    return [
        {"measure": "hhi", "estimate": hhi, "std_error": hhi * relative},
        {"measure": "effective_number", "estimate": 1 / hhi, "std_error": relative / hhi},
    ]


def _error_of_mean(scores: Array, sample: SortedValues) -> float:
    return float(np.std(scores, ddof=1) / sample.n**0.5) if sample.spread else np.nan


def resample_measures(
    sample: SortedValues, top: float, target: float, *, n_boot: int, seed: int
) -> Array:
    """Estimate and standard error of each measure in each resample, shape (n_boot, measures, 2)."""
    n_boot = require_whole("n_boot", n_boot, 2)
    drawn = np.full((n_boot, len(MEASURES), 2), np.nan)
    for at, stream in enumerate(np.random.SeedSequence(seed).spawn(n_boot)):
        picks = np.random.default_rng(stream).integers(sample.n, size=sample.n)
        # Counts of a sorted sample give the resample sorted, at a cost linear in the customers.
        again = np.repeat(sample.values, np.bincount(picks, minlength=sample.n))
        resample = SortedValues(again, 0)
        if resample.spread:
            rows = measure_rows(resample, top, target)
            drawn[at] = [[row["estimate"], row["std_error"]] for row in rows]
    return drawn


def bootstrap_steps(
    rows: list[Row], scales: list[Scale], drawn: Array, conf_level: float
) -> list[Array]:
    """Ends of the interval in standard errors: quantiles of how far resamples missed by."""
    tail, steps = (1 - conf_level) / 2, []
    for at, (row, scale) in enumerate(zip(rows, scales, strict=True)):
        centre, _ = scale.forth(row["estimate"], row["std_error"])
        places, errors = scale.forth(drawn[:, at, 0], drawn[:, at, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            missed = (places - centre) / errors
        missed = missed[np.isfinite(missed)]
        ends = np.quantile(missed, [1 - tail, tail]) if len(missed) else np.zeros(2)
        # Resamples that all agree know nothing of chance.
        steps.append(-ends if ends[0] - ends[1] > SLACK else np.full(2, np.nan))
    return steps
