"""Differences of two means, plain (Welch) and under a survey design."""

import numpy as np
from scipy import stats

from custlib.intervals import t_interval
from custlib.survey.comparison.effect_sizes import noncentral_t, small_sample_factor
from custlib.survey.comparison.rank_tests import ALL_EQUAL, FEW_CLUSTERS
from custlib.variance import Sample

Array = np.ndarray
Row = dict[str, float | str]


def welch(
    values: Array, first: Array, inside: Array, sample: Sample | None, conf_level: float
) -> Row:
    """Mean of the first group less mean of the second, with Hedges' g."""
    groups = (inside & first, inside & ~first)
    if sample is None:
        difference, std_error, df = _independent(*(values[group] for group in groups))
    else:
        # A cluster may hold members of both groups, so the scores are subtracted row by row.
        (first_mean, added), (second_mean, taken) = (_scored(values, g, sample) for g in groups)
        difference = first_mean - second_mean
        std_error = float(np.sqrt(sample.covariance(added - taken)[0, 0]))
        df = sample.degrees_of_freedom(inside) - 1
    row: Row = {"estimate": difference, "std_error": np.nan if df < 1 else std_error}
    row["method"] = "Welch t" if sample is None else "difference of domain means, t"
    spread = pooled_deviation(values, groups, None if sample is None else sample.weights)
    if not (std_error > 0 and df >= 1 and spread > 0):
        equal = spread == 0 and difference == 0
        return row | {"note": ALL_EQUAL if equal else _why_unknown(df)}
    low, high = t_interval(difference, std_error, df, conf_level=conf_level)
    statistic = difference / std_error
    row |= {"ci_low": low, "ci_high": high, "statistic": statistic, "df": df}
    row["p_value"] = 2 * stats.t.sf(abs(statistic), df)
    sizes = [int(group.sum()) for group in groups]
    if sample is None:
        std_error, df = spread * float(np.sqrt(1 / sizes[0] + 1 / sizes[1])), sum(sizes) - 2
    return row | hedges_g(difference, spread, std_error, df, sum(sizes) - 2, conf_level)


def pooled_deviation(
    values: Array, groups: tuple[Array, Array], weights: Array | None = None
) -> float:
    """Standard deviation within the two groups, pooled over n − 1 of each."""
    squares, df = 0.0, 0
    for group in groups:
        x, n = values[group], int(group.sum())
        w = np.ones(n) if weights is None else weights[group]
        squares += n * float(np.average((x - _mean(x, w)) ** 2, weights=w))
        df += n - 1
    return float(np.sqrt(squares / df))


def hedges_g(
    difference: float, spread: float, std_error: float, df: float, df_spread: float, level: float
) -> Row:
    """Difference in pooled standard deviations, small-sample corrected, noncentral t interval."""
    factor = small_sample_factor(df_spread)
    ends = noncentral_t(difference / std_error, df, conf_level=level)
    low, high = (factor * end * std_error / spread for end in ends)
    return {
        "effect": factor * difference / spread,
        "effect_low": low,
        "effect_high": high,
        "effect_kind": "Hedges' g",
    }


def _scored(values: Array, group: Array, sample: Sample) -> tuple[float, Array]:
    """Weighted mean of a group and its linearized values."""
    weights = sample.weights[group]
    mean = _mean(values[group], weights)
    scores = np.zeros(len(values))
    scores[group] = weights * (values[group] - mean) / weights.sum()
    return mean, scores


def _mean(values: Array, weights: Array) -> float:
    """Weighted mean; of equal answers exactly the answer, which rounding would miss."""
    if values.min() == values.max():
        return float(values[0])
    return float(np.average(values, weights=weights))


def _independent(x: Array, y: Array) -> tuple[float, float, float]:
    """Difference of means, its standard error and Satterthwaite's degrees of freedom."""
    parts = np.array([x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)])
    variance = float(parts.sum())
    below = float((parts**2 / (np.array([len(x), len(y)]) - 1)).sum())
    df = variance**2 / below if below > 0 else np.nan
    return float(x.mean() - y.mean()), float(np.sqrt(variance)), df


def _why_unknown(df: float) -> str:
    if df < 1:
        return FEW_CLUSTERS
    return "answers do not vary inside the groups, or the sample is the population: no t test"
