"""Who was at risk of leaving at each time, how many left, how many were last seen there."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.loyalty.retention.durations import Spells

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Counts at the distinct times at which a customer left or was last seen, ascending."""

    times: Array
    at_risk: Array
    events: Array
    censored: Array
    start: float  # when the first customer began to be watched


def count_at_risk(spells: Spells) -> RiskSets:
    """Counts by distinct time: the rows are met once, all else is a matter of the times.

    At risk at t are those watched before t and still there: entry < t <= end.
    """
    # Hashing meets the rows in linear time; only the distinct times are sorted.
    codes, times = pd.factorize(spells.time)
    order = np.argsort(times)
    events = np.bincount(codes[spells.event], minlength=len(times))[order]
    ended = np.bincount(codes, minlength=len(times))[order]
    times = times[order]
    gone = np.cumsum(ended) - ended
    came, start = np.full(len(times), len(spells)), 0.0
    if spells.entry is not None and len(spells):
        came = np.searchsorted(np.sort(spells.entry), times, side="left")
        start = float(spells.entry.min())
    return RiskSets(times, came - gone, events, ended - events, start)


@dataclass(frozen=True, slots=True)
class Survival:
    """Product-limit estimate after each time, and the sum behind Greenwood's error."""

    sets: RiskSets
    share: Array
    hazard_variance: Array  # of log share: sum of d/(n(n − d)); infinite where the share is 0

    def at(self, when: Array) -> Array:
        """Position of the last time not after `when`; −1 before the first."""
        return np.searchsorted(self.sets.times, when, side="right") - 1


def product_limit(sets: RiskSets) -> Survival:
    """Kaplan and Meier's estimate at each of the times."""
    n, d = sets.at_risk, sets.events
    stay = (n - d) / np.maximum(n, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(d > 0, d / (n * (n - d)), 0.0)
    share = np.cumprod(np.where(d > 0, stay, 1.0))
    return Survival(sets, share, np.cumsum(steps))
