"""Confidence intervals and multiplicity, shared by every estimator."""

import numpy as np
from scipy import stats

from custlib.checks import require_conf_level, require_one_of
from custlib.variance import Mean

Array = np.ndarray
Numbers = float | np.ndarray
ADJUSTMENTS = ("holm", "bh", "bonferroni", "hochberg", "by", "none")


def t_interval(
    estimate: float, std_error: float, df: float, *, conf_level: float = 0.95
) -> tuple[float, float]:
    """Estimate ± t quantile × standard error; NaN where df is below 1."""
    require_conf_level(conf_level)
    half = stats.t.ppf((1 + conf_level) / 2, df) * std_error if df >= 1 else np.nan
    return float(estimate - half), float(estimate + half)


def wilson(share: Numbers, n: Numbers, *, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Interval of a share, 0–1, that never leaves 0–1 and works for shares of 0 and 1.

    Parameters
    ----------
    share : float or array, 0–1
    n : float or array
        Answers, or the effective number of answers under a design.
    conf_level : float in (0, 1), default 0.95

    Notes
    -----
    Centre (p + z²/2n)/(1 + z²/n), half width z sqrt(p(1−p)/n + z²/4n²)/(1 + z²/n).

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> low, high = wilson(17 / 25, 25)  # R: prop.test(17, 25, correct = FALSE)
    >>> round(float(low), 4), round(float(high), 4)
    (0.4841, 0.8279)
    """
    require_conf_level(conf_level)
    z = stats.norm.ppf((1 + conf_level) / 2)
    return _score_interval(np.asarray(share, float), np.asarray(n, float), z**2)


def share_of(count: Numbers, n: Numbers, *, conf_level: float = 0.95) -> dict[str, Numbers]:
    """Columns of a counted share, 0–1: estimate, Wilson's interval, and the counts behind it.

    Parameters
    ----------
    count, n : int, or arrays that go together
        Cases that have it, of how many; of none the share is missing.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    dict
        estimate, ci_low, ci_high, conf_level, n, numerator, denominator: what a row of a result
        table says of a share, a number each or an array each.

    Examples
    --------
    >>> row = share_of(17, 25)
    >>> float(row["estimate"]), row["numerator"], row["denominator"]
    (0.68, 17, 25)
    >>> share_of([0, 0], [4, 0])["estimate"]
    array([ 0., nan])
    """
    found, of = np.asarray(count, float), np.asarray(n, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = found / of
        low, high = wilson(share, of, conf_level=conf_level)
    ends = {"estimate": share[()], "ci_low": low[()], "ci_high": high[()]}
    return ends | {"conf_level": conf_level, "n": n, "numerator": count, "denominator": n}


def goodman(counts: Array, *, conf_level: float = 0.95) -> tuple[Array, Array]:
    """Simultaneous intervals of the k shares of one multinomial, 0–1.

    Parameters
    ----------
    counts : array, shape (k,)
        Answers per category, or effective counts under a design.
    conf_level : float in (0, 1), default 0.95
        Probability that all k intervals hold at once, at least.

    Returns
    -------
    tuple of two arrays, shape (k,)

    Notes
    -----
    Wilson's interval with z² replaced by the 1 − alpha/k quantile of chi-square, 1 df.

    References
    ----------
    Goodman, L. (1965). Technometrics 7:247–254. doi:10.1080/00401706.1965.10490252

    Examples
    --------
    >>> low, high = goodman([91, 49, 37, 43])  # statsmodels: method="goodman"
    >>> [round(float(end), 3) for end in low]
    [0.334, 0.161, 0.115, 0.137]
    """
    require_conf_level(conf_level)
    counts = np.asarray(counts, float)
    total = counts.sum()
    quantile = stats.chi2.ppf(1 - (1 - conf_level) / len(counts), 1)
    return _score_interval(counts / total, total, quantile)


def clopper_pearson(successes: int, n: int, *, conf_level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a share of n independent answers (R's `binom.test`)."""
    exact = stats.binomtest(int(successes), int(n)).proportion_ci(conf_level, method="exact")
    return float(exact.low), float(exact.high)


def share_interval(mean: Mean, *, conf_level: float = 0.95) -> tuple[float, float]:
    """Wilson interval of a share under a design.

    The effective size is scaled by the squared ratio of the t quantiles at n − 1 and at the
    design's degrees of freedom (Korn & Graubard 1998), so that few clusters widen the interval
    and a simple random sample gives Wilson's own.
    """
    require_conf_level(conf_level)
    if mean.n < 2 or mean.df < 1:
        return np.nan, np.nan
    level = (1 + conf_level) / 2
    few = (stats.t.ppf(level, mean.n - 1) / stats.t.ppf(level, mean.df)) ** 2
    low, high = wilson(mean.estimate, mean.n_effective * few, conf_level=conf_level)
    return float(low), float(high)


def adjust_p(p_values: Array, method: str = "holm") -> Array:
    """Adjust p values for the number of tests; missing ones stay missing and do not count.

    Parameters
    ----------
    p_values : array, shape (tests,)
    method : {"holm", "bh", "bonferroni", "hochberg", "by", "none"}
        holm, hochberg, bonferroni keep the chance of any false claim below the level; bh and by
        keep the expected share of false claims below it.

    Returns
    -------
    array, shape (tests,)
        Never above 1, never below the p value itself.

    References
    ----------
    Holm, S. (1979). Scand. J. Statistics 6:65–70. Benjamini, Y. & Hochberg, Y. (1995).
    J. R. Statist. Soc. B 57:289–300. doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> adjust_p([0.01, 0.04, 0.03])  # R: p.adjust(c(.01, .04, .03), "holm")
    array([0.03, 0.06, 0.06])
    """
    require_one_of("adjust", method, ADJUSTMENTS)
    p_values = np.asarray(p_values, float)
    result = p_values.copy()
    present = np.flatnonzero(~np.isnan(p_values))
    order = present[np.argsort(p_values[present], kind="stable")]
    p, count = p_values[order], len(order)
    rank = np.arange(1, count + 1)
    if method == "bonferroni":
        adjusted = p * count
    elif method == "holm":
        adjusted = np.maximum.accumulate(p * (count - rank + 1))
    elif method in ("hochberg", "bh", "by"):
        series = (1 / rank).sum() if method == "by" else 1.0
        factor = count - rank + 1 if method == "hochberg" else count / rank * series
        adjusted = np.minimum.accumulate((p * factor)[::-1])[::-1]
    else:
        adjusted = p
    result[order] = np.minimum(adjusted, 1)
    return result


def _score_interval(share: Array, n: Array, z2: float) -> tuple[Array, Array]:
    shrink = 1 + z2 / n
    centre = (share + z2 / (2 * n)) / shrink
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / shrink
    # Rounding must not put an end on the far side of a share of 0 or 1.
    return np.clip(centre - half, 0, share), np.clip(centre + half, share, 1)
