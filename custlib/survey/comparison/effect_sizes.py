"""Effect sizes and their intervals: what a test statistic leaves unsaid."""

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

Interval = tuple[float, float]
UNKNOWN: Interval = (np.nan, np.nan)
_nodes, _weights = np.polynomial.legendre.leggauss(400)
NODES, NODE_WEIGHTS = (_nodes + 1) / 2, _weights / 2


def logit_interval(probability: float, std_error: float, quantile: float) -> Interval:
    """Interval of a probability that stays inside 0–1, symmetric on the logit scale.

    Half the logit of p is atanh(2p − 1), so twice its ends less one is the same interval for
    Cliff's delta. At 0 and 1 there is none.
    """
    spread = probability * (1 - probability)
    if not spread > 0:
        return UNKNOWN
    half = quantile * std_error / spread
    centre = special.logit(probability)
    return float(special.expit(centre - half)), float(special.expit(centre + half))


def cliffs_delta(probability: float, interval: Interval) -> dict[str, float | str]:
    """Cliff's delta, 2p − 1, with the interval of p: P(first higher) − P(second higher)."""
    low, high = interval
    return {
        "effect": 2 * probability - 1,
        "effect_low": 2 * low - 1,
        "effect_high": 2 * high - 1,
        "effect_kind": "Cliff's delta",
    }


def rank_biserial_error(n_first: int, n_second: int) -> float:
    """Standard error of atanh(Cliff's delta) where the groups do not differ, ties ignored."""
    return float(np.sqrt((n_first + n_second + 1) / (3 * n_first * n_second)))


def small_sample_factor(df: float) -> float:
    """Hedges' exact correction of Cohen's d for small samples."""
    log = special.gammaln(df / 2) - special.gammaln((df - 1) / 2)
    return float(np.exp(log) / np.sqrt(df / 2)) if df > 1 else np.nan


def noncentral_t(statistic: float, df: float, *, conf_level: float) -> Interval:
    """Noncentrality parameters of t between which the statistic is no surprise."""
    if not (np.isfinite(statistic) and df > 0):
        return UNKNOWN
    tail = (1 - conf_level) / 2

    def low_end(ncp: float) -> float:
        return 1 - noncentral_t_below(statistic, df, ncp) - tail

    def high_end(ncp: float) -> float:
        return noncentral_t_below(statistic, df, ncp) - tail

    reach = 2 + abs(statistic)
    return _root(low_end, statistic, -reach), _root(high_end, statistic, reach)


def noncentral_t_below(statistic: float, df: float, ncp: float) -> float:
    """Probability that a noncentral t falls below the statistic.

    Where the series of SciPy gives up (a statistic of thirty, say, far from its centre) the
    definition is integrated: a normal with mean ncp below the statistic times chi/sqrt(df).
    """
    below = float(special.nctdtr(df, ncp, statistic))
    if np.isnan(below):
        chi = np.sqrt(2 * special.gammaincinv(df / 2, NODES) / df)
        below = float(NODE_WEIGHTS @ special.ndtr(statistic * chi - ncp))
    return below


def noncentral_chi_square(statistic: float, df: float, *, conf_level: float) -> Interval:
    """Noncentrality parameters of chi-square between which the statistic is no surprise."""
    if not (np.isfinite(statistic) and df > 0):
        return UNKNOWN
    tail = (1 - conf_level) / 2

    def end(share: float) -> float:
        def gap(ncp: float) -> float:
            return float(special.chndtr(statistic, df, ncp)) - share

        if gap(0.0) <= 0:
            return 0.0
        return _root(gap, 0.0, statistic + 10 * np.sqrt(statistic + 1) + 10)

    return end(1 - tail), end(tail)


def share_explained(
    effect: float, statistic: float, df: float, *, conf_level: float
) -> tuple[Interval, Interval]:
    """Interval of an effect proportional to a chi-square statistic, and of its square root.

    The noncentrality interval is brought to the effect's scale by effect / statistic, which is
    1/(n − 1) for epsilon squared and takes in the design effect under a survey design. The
    upper end never falls below the estimate.
    """
    if not statistic > 0:
        return UNKNOWN, UNKNOWN
    ends = noncentral_chi_square(statistic, df, conf_level=conf_level)
    low, high = (min(end * effect / statistic, 1.0) for end in ends)
    high = max(high, effect)
    return (low, high), (float(np.sqrt(low)), float(np.sqrt(high)))


def _root(gap: Callable[[float], float], near: float, step: float) -> float:
    """Zero of a monotone function, searched from `near` in the direction of `step`."""
    far = near + step
    while gap(near) * gap(far) > 0:
        step *= 2
        far += step
        if abs(step) > 1e12:
            return np.nan
    return float(optimize.brentq(gap, near, far, xtol=1e-12, rtol=1e-14))
