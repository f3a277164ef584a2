"""At risk and leaving by group at each time and stratum: the tables behind the log-rank test."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.loyalty.retention.durations import Spells

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """One row a stratum and time at which somebody left; one column a group."""

    at_risk: Array
    events: Array
    weight: Array  # share still there just before, to the power rho


def count_groups(
    spells: Spells, groups: Array, strata: Array, *, k: int, rho: float
) -> GroupCounts:
    """Counts of each stratum by itself, one below the other."""
    parts = [
        _one_stratum(spells.only(strata == code), groups[strata == code], k, rho)
        for code in np.unique(strata)
    ]
    joined = (np.concatenate(column) for column in zip(*parts, strict=True))
    return GroupCounts(*joined)


def _one_stratum(spells: Spells, groups: Array, k: int, rho: float) -> tuple[Array, Array, Array]:
    codes, times = pd.factorize(spells.time)
    order = np.argsort(times)
    sorted_times, size = times[order], len(times)
    cells = codes * k + groups
    ended = np.bincount(cells, minlength=size * k).reshape(size, k)[order]
    events = np.bincount(cells[spells.event], minlength=size * k).reshape(size, k)[order]
    came = np.bincount(groups, minlength=k)[None, :]
    if spells.entry is not None:
        entries = [np.sort(spells.entry[groups == group]) for group in range(k)]
        came = np.column_stack([np.searchsorted(one, sorted_times, "left") for one in entries])
    at_risk = came - (np.cumsum(ended, axis=0) - ended)
    n, d = at_risk.sum(axis=1), events.sum(axis=1)
    stay = np.cumprod(np.where(n > 0, (n - d) / np.maximum(n, 1), 1.0))
    before = np.concatenate([[1.0], stay[:-1]])
    left = d > 0
    return at_risk[left], events[left], before[left] ** rho


def expected_events(counts: GroupCounts) -> Array:
    """Events each group would have had if leaving did not hang on the group."""
    n, d = counts.at_risk.sum(axis=1), counts.events.sum(axis=1)
    return (counts.at_risk * (d / n)[:, None]).sum(axis=0)


def weighted_scores(counts: GroupCounts) -> tuple[Array, Array]:
    """Weighted observed less expected events of each group, and their covariance matrix."""
    n, d = counts.at_risk.sum(axis=1), counts.events.sum(axis=1)
    share = counts.at_risk / n[:, None]
    scores = counts.weight @ (counts.events - d[:, None] * share)
    # Hypergeometric: a last customer at risk leaves nothing to chance.
    spread = counts.weight**2 * d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    return scores, covariance
