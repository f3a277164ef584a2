"""Intervals of a surviving share on three scales, and where the data leave none."""

import numpy as np
from scipy import stats

from custlib.checks import require_conf_level, require_one_of

Array = np.ndarray
SCALES = ("log-log", "log", "plain")
NO_EVENT = "nobody left so far: exact bound from those at risk"
ALL_LEFT = "all at risk left: no interval"


def z_quantile(conf_level: float) -> float:
    require_conf_level(conf_level)
    return float(stats.norm.ppf((1 + conf_level) / 2))


def survival_limits(
    share: Array, variance: Array, at_risk: Array, *, ci: str, conf_level: float
) -> tuple[Array, Array]:
    """Ends of the interval of each share, 0–1.

    `variance` is that of the log share. Where nobody has left yet the curve has no error to go
    by: the lower end is Clopper and Pearson's for none of those still at risk. Where all at risk
    left, log and log-log have no interval, and the plain one would be of no width: all are NaN.
    """
    require_one_of("ci", ci, SCALES)
    z, level = z_quantile(conf_level), (1 - conf_level) / 2
    inner = (share > 0) & (variance > 0)
    p = np.where(inner, share, 0.5)
    error = np.sqrt(np.where(inner, variance, 1.0))
    if ci == "plain":
        low, high = p * (1 - z * error), p * (1 + z * error)
    elif ci == "log":
        low, high = p * np.exp(-z * error), p * np.exp(z * error)
    else:
        step = z * error / np.log(p)
        low, high = p ** np.exp(-step), p ** np.exp(step)
    still = share == 1
    bound = level ** (1 / np.maximum(at_risk, 1))
    low = np.where(inner, np.clip(low, 0, 1), np.where(still & (at_risk > 0), bound, np.nan))
    high = np.where(inner, np.clip(high, 0, 1), np.where(still, 1.0, np.nan))
    return low, high


def limit_notes(share: Array) -> Array:
    return np.select([share == 1, share == 0], [NO_EVENT, ALL_LEFT], default="").astype(object)
