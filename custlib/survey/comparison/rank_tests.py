"""Tests that use only the order of the answers, plain and under a survey design.

Answers come as whole numbers from 0 in their order, which counting takes without sorting.
"""

import numpy as np
from scipy import special, stats

from custlib.survey.comparison.effect_sizes import (
    UNKNOWN,
    Interval,
    cliffs_delta,
    logit_interval,
    rank_biserial_error,
    share_explained,
)
from custlib.variance import Sample

Array = np.ndarray
Row = dict[str, float | str]

ALL_EQUAL = "every answer is the same: nothing to test"
SEPARATED = "every answer of one group is above every answer of the other: no standard error"
NO_SAMPLING = "no sampling error is left: the clusters agree, or all of them are in the sample"
FEW_CLUSTERS = "too few clusters for a test"
ROUNDING = 1e-20  # variance of a probability below which only rounding is left


def midranks(codes: Array, weights: Array) -> Array:
    """Weight below each answer plus half the weight at it: midranks less ½ where weights are 1."""
    at_level = np.bincount(codes, weights)
    return (np.cumsum(at_level) - at_level / 2)[codes]


def superiority(codes: Array, first: Array, weights: Array) -> tuple[float, Array]:
    """P(first higher) + P(equal)/2, and each answer's own share of the other group it supports.

    `first` is true for rows of the first group and false for rows of the second.
    """
    levels = int(codes.max()) + 1
    mine = np.bincount(codes[first], weights[first], minlength=levels)
    yours = np.bincount(codes[~first], weights[~first], minlength=levels)
    totals = np.cumsum(mine), np.cumsum(yours)
    above = (totals[1] - yours / 2) / totals[1][-1]
    below = 1 - (totals[0] - mine / 2) / totals[0][-1]
    # One sum divided by a like one is exactly 1 where the groups are apart.
    return float((mine * above).sum() / mine.sum()), np.where(first, above[codes], below[codes])


def brunner_munzel(
    codes: Array, first: Array, inside: Array, sample: Sample | None, conf_level: float
) -> Row:
    """Probability that the first group answers higher; spreads of the groups may differ."""
    weights = np.ones(len(codes)) if sample is None else sample.weights
    x, of_first, w = codes[inside], first[inside], weights[inside]
    probability, placement = superiority(x, of_first, w)
    if sample is None:
        parts = np.array([placement[m].var(ddof=1) / m.sum() for m in (of_first, ~of_first)])
        sizes = np.array([of_first.sum(), (~of_first).sum()])
        variance = float(parts.sum())
        df = variance**2 / float((parts**2 / (sizes - 1)).sum()) if variance > 0 else np.nan
    else:
        variance = _linearized(placement - probability, of_first, inside, sample)
        df = sample.degrees_of_freedom(inside)
    note = _why_unknown(x, probability, variance, df)
    if note and note != NO_SAMPLING:
        variance = np.nan
    row = _probability_row(probability, variance, df, conf_level)
    if note == SEPARATED and sample is None:
        # Of all ways to deal the answers out to the two groups, one a side is as extreme as this.
        n1, n = float(of_first.sum()), float(len(x))
        row["p_value"] = min(1.0, 2 * (n + 1) * special.beta(n1 + 1, n - n1 + 1))
        note += "; p value of the permutation test"
    return row | {"method": "Brunner–Munzel", "note": note}


def mann_whitney(
    codes: Array,
    first: Array,
    inside: Array,
    sample: Sample | None,
    conf_level: float,
    *,
    continuity: bool = True,
) -> Row:
    """Wilcoxon–Mann–Whitney: the first group's U, or under a design the regression of ranks."""
    x, of_first = codes[inside], first[inside]
    if sample is not None:
        return _weighted_wilcoxon(codes, first, inside, sample, conf_level)
    n1, n2, n = int(of_first.sum()), int((~of_first).sum()), len(x)
    probability, _ = superiority(x, of_first, np.ones(n))
    ties = np.bincount(x).astype(float)
    variance = n1 * n2 / 12 * (n + 1 - (ties**3 - ties).sum() / (n * (n - 1)))
    pairs_won = round(2 * n1 * n2 * probability) / 2
    excess = pairs_won - n1 * n2 / 2
    if continuity:
        excess -= 0.5 * np.sign(excess)
    logit_error = 2 * rank_biserial_error(n1, n2)
    spread = probability * (1 - probability)
    quantile = stats.norm.ppf((1 + conf_level) / 2)
    interval = logit_interval(probability, spread * logit_error, quantile)
    equal = variance <= 0
    row = _probability_columns(probability, UNKNOWN if equal else interval)
    return row | {
        "std_error": spread * logit_error if spread > 0 and not equal else np.nan,
        "statistic": pairs_won,
        "p_value": np.nan if equal else 2 * stats.norm.sf(abs(excess) / np.sqrt(variance)),
        "method": "Mann–Whitney",
        "note": ALL_EQUAL if equal else SEPARATED if spread == 0 else "",
    }


def kruskal_wallis(answers: Array, codes: Array, sample: Sample | None, conf_level: float) -> Row:
    """Differences of mean rank between all groups; rows with a negative code stay outside."""
    inside = codes >= 0
    n, groups = int(inside.sum()), int(np.count_nonzero(np.bincount(codes[inside])))
    weights = np.ones(len(codes)) if sample is None else sample.weights
    scores = np.full(len(codes), np.nan)
    scores[inside] = midranks(answers[inside], weights[inside]) / weights[inside].sum()
    effect = _between_share(scores[inside], codes[inside], weights[inside])
    row: Row = {"effect_kind": "epsilon squared", "method": "Kruskal–Wallis"}
    if np.isnan(effect):
        return row | {"note": ALL_EQUAL}
    row |= {"estimate": effect, "effect": effect}
    if sample is None:
        statistic, df = (n - 1) * effect, groups - 1
        row |= {"statistic": statistic, "df": df, "p_value": stats.chi2.sf(statistic, df)}
    else:
        statistic, df, denominator = rank_regression(scores, codes, sample)
        row["method"] = "rank test of Lumley & Scott, F"
        if not (denominator >= 1 and np.isfinite(statistic)):
            return row | {"note": FEW_CLUSTERS}
        if statistic > 1 / ROUNDING:
            return row | {"note": NO_SAMPLING}
        p_value = stats.f.sf(statistic / df, df, denominator)
        row |= {"statistic": statistic / df, "df": df, "df_denominator": denominator}
        row["p_value"] = p_value
    low, high = share_explained(effect, statistic, df, conf_level=conf_level)[0]
    return row | {"ci_low": low, "ci_high": high, "effect_low": low, "effect_high": high}


def rank_regression(scores: Array, codes: Array, sample: Sample) -> tuple[float, int, int]:
    """Wald chi-square, its df and the denominator df of group differences in mean score."""
    means, covariance = mean_scores(scores, codes, sample)
    df = len(means) - 1
    difference = np.eye(df + 1)[1:] - np.eye(df + 1)[0]
    covariance = difference @ covariance @ difference.T
    gap = difference @ means
    denominator = sample.degrees_of_freedom(codes >= 0) - df
    if np.linalg.matrix_rank(covariance) < df:
        return np.nan, df, denominator
    return float(gap @ np.linalg.solve(covariance, gap)), df, denominator


def mean_scores(scores: Array, codes: Array, sample: Sample) -> tuple[Array, Array]:
    """Weighted mean score of each group and the covariance of these means."""
    present = np.flatnonzero(np.bincount(codes[codes >= 0]))
    means, influence = np.empty(len(present)), np.zeros((len(scores), len(present)))
    for at, code in enumerate(present):
        member = codes == code
        weights = sample.weights[member]
        means[at] = np.average(scores[member], weights=weights)
        influence[member, at] = weights * (scores[member] - means[at]) / weights.sum()
    return means, sample.covariance(influence)


def _weighted_wilcoxon(
    answers: Array, first: Array, inside: Array, sample: Sample, conf_level: float
) -> Row:
    """Two groups under a design: a t test on the estimated distribution function."""
    x, weights = answers[inside], sample.weights[inside]
    scores = np.full(len(answers), np.nan)
    scores[inside] = midranks(x, weights) / weights.sum()
    codes = np.where(inside, np.where(first, 1, 0), -1)
    # The two mean scores differ by p − ½; their error is p's only where the groups are alike.
    _, covariance = mean_scores(scores, codes, sample)
    tested = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    probability, placement = superiority(x, first[inside], weights)
    variance = _linearized(placement - probability, first[inside], inside, sample)
    df = sample.degrees_of_freedom(inside) - 1
    note = _why_unknown(x, probability, min(variance, tested), df)
    row = _probability_row(probability, np.nan if note else variance, df, conf_level, tested)
    return row | {"method": "rank test of Lumley & Scott", "note": note}


def _linearized(residuals: Array, first: Array, inside: Array, sample: Sample) -> float:
    """Variance of p under the design, of groups that may differ, from placements less p."""
    weights, scores = sample.weights[inside], np.zeros(len(inside))
    total = np.where(first, weights[first].sum(), weights[~first].sum())
    scores[inside] = weights * residuals / total
    return float(sample.covariance(scores)[0, 0])


def _why_unknown(codes: Array, probability: float, variance: float, df: float) -> str:
    if codes.min() == codes.max():
        return ALL_EQUAL
    if probability in (0.0, 1.0):
        return SEPARATED
    if df < 1:
        return FEW_CLUSTERS
    return "" if variance > ROUNDING else NO_SAMPLING


def _probability_row(
    probability: float, variance: float, df: float, conf_level: float, tested: float | None = None
) -> Row:
    """Estimate, interval and t test of one half; only the estimate where variance is NaN or 0.

    `tested` is the variance under the hypothesis, where the test has one of its own.
    """
    std_error = float(np.sqrt(variance))
    if not std_error > 0:
        return _probability_columns(probability, UNKNOWN) | {"std_error": std_error}
    interval = logit_interval(probability, std_error, stats.t.ppf((1 + conf_level) / 2, df))
    statistic = (probability - 0.5) / np.sqrt(variance if tested is None else tested)
    return _probability_columns(probability, interval) | {
        "std_error": std_error,
        "statistic": statistic,
        "df": df,
        "p_value": 2 * stats.t.sf(abs(statistic), df),
    }


def _probability_columns(probability: float, interval: Interval) -> Row:
    return {
        "estimate": probability,
        "ci_low": interval[0],
        "ci_high": interval[1],
        **cliffs_delta(probability, interval),
    }


def _between_share(scores: Array, codes: Array, weights: Array) -> float:
    """Share of the scores' weighted sum of squares that lies between groups."""
    centred = scores - np.average(scores, weights=weights)
    total = float(weights @ centred**2)
    if total == 0 or scores.min() == scores.max():
        return np.nan
    sums = np.bincount(codes, weights * centred)
    sizes = np.bincount(codes, weights)
    present = sizes > 0
    return float((sums[present] ** 2 / sizes[present]).sum() / total)
