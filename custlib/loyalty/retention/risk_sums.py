"""Sums over those at risk at each time somebody left: what Cox's likelihood is made of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.loyalty.retention.durations import Spells

Array = np.ndarray
TIES = ("efron", "breslow")


@dataclass(frozen=True, slots=True)
class Sums:
    """Log-likelihood at a coefficient, and moments of the terms at risk, a row per leaving.

    Those who left together get a row each: Efron takes the part of them that is already gone
    out of the sums, Breslow nobody.
    """

    log_likelihood: float
    total: Array  # sum of the hazards at risk
    mean: Array  # of the terms, weighted with the hazards
    packed: Array  # covariance of the terms, its upper triangle

    def information(self, weights: Array | None = None) -> Array:
        """Sum of the covariances over the leavings, with a weight for each if given."""
        p = self.mean.shape[1]
        sums = self.packed.sum(axis=0) if weights is None else weights @ self.packed
        full = np.zeros((p, p))
        full[np.triu_indices(p)] = sums
        return full + np.triu(full, 1).T


class RiskSums:
    """Rows bound to the times at which somebody left, stratum by stratum."""

    def __init__(self, terms: Array, spells: Spells, strata: Array, *, ties: str) -> None:
        self.terms = terms
        self.time, self.event = spells.time, spells.event
        keys = pd.DataFrame({"stratum": strata[spells.event], "time": spells.time[spells.event]})
        keys = keys.drop_duplicates().sort_values(["stratum", "time"], ignore_index=True)
        self.stratum, self.times = keys["stratum"].to_numpy(), keys["time"].to_numpy()
        self.count = len(keys)
        self.behind = np.searchsorted(self.stratum, self.stratum, side="right")
        # Position of the last leaving of the stratum that a row lived to see; −1 for none.
        self.last = self._place(strata, spells.time)
        self.before = None if spells.entry is None else self._place(strata, spells.entry)
        self.leavers = np.flatnonzero(spells.event)
        at = self.last[self.leavers]
        order = np.argsort(at, kind="stable")
        self.leavers, self.at = self.leavers[order], at[order]
        self.size = np.bincount(self.at, minlength=self.count)
        self.left = terms[self.leavers].sum(axis=0)
        rank = np.arange(len(self.at)) - np.repeat(np.cumsum(self.size) - self.size, self.size)
        self.gone = rank / self.size[self.at] if ties == "efron" else np.zeros(len(self.at))

    def _place(self, strata: Array, time: Array) -> Array:
        place = np.full(len(time), -1)
        for code in np.unique(self.stratum):
            inside = strata == code
            first, stop = np.searchsorted(self.stratum, [code, code + 1])
            found = np.searchsorted(self.times[first:stop], time[inside], side="right")
            place[inside] = np.where(found > 0, first + found - 1, -1)
        return place

    def at_risk(self, values: Array) -> Array:
        """Sum of the values over those at risk at each time of leaving."""
        sums = self._binned(self.last, values)
        if self.before is not None:
            sums = sums - self._binned(self.before, values)
        backwards = np.append(np.cumsum(sums[::-1])[::-1], 0.0)
        # What the strata behind hold is no part of this one.
        return backwards[:-1] - backwards[self.behind]

    def _binned(self, place: Array, values: Array) -> Array:
        return np.bincount(place + 1, weights=values, minlength=self.count + 1)[1:]

    def leaving(self, values: Array) -> Array:
        """Sum of the values over those who left at each time."""
        return np.bincount(self.at, weights=values[self.leavers], minlength=self.count)

    def moments(self, beta: Array) -> Sums:
        """Everything that the likelihood, its slope and its curvature at `beta` need."""
        terms, p = self.terms, self.terms.shape[1]
        line = terms @ beta
        hazard = np.exp(line)

        def still(values: Array) -> Array:
            return self.at_risk(values)[self.at] - self.gone * self.leaving(values)[self.at]

        total = still(hazard)
        weighted = [hazard * terms[:, j] for j in range(p)]
        mean = np.column_stack([still(one) / total for one in weighted])
        rows, columns = np.triu_indices(p)
        packed = np.empty((len(total), len(rows)))
        for at, (j, k) in enumerate(zip(rows, columns, strict=True)):
            packed[:, at] = still(weighted[j] * terms[:, k]) / total - mean[:, j] * mean[:, k]
        value = float(line[self.leavers].sum() - np.log(total).sum())
        return Sums(value, total, mean, packed)

    def slope(self, sums: Sums) -> Array:
        return self.left - sums.mean.sum(axis=0)

    def schoenfeld(self, sums: Sums) -> Array:
        """Terms of each leaver less their mean at risk then (averaged over a tie)."""
        return self.terms[self.leavers] - self._tied(sums.mean)[self.at] / self.size[self.at, None]

    def _tied(self, values: Array) -> Array:
        return np.column_stack(
            [np.bincount(self.at, weights=one, minlength=self.count) for one in values.T]
        )

    def score_residuals(self, sums: Sums, beta: Array) -> Array:
        """Each row's share in the slope; their sum is the slope (R: residuals type "score")."""
        pace = np.column_stack([np.ones(len(sums.total)), sums.mean]) / sums.total[:, None]
        steps = self._tied(pace)
        run = np.vstack([np.zeros(pace.shape[1]), np.cumsum(steps, axis=0)])
        first = np.searchsorted(self.stratum, self.stratum, side="left")

        def up_to(place: Array) -> Array:
            begun = run[first[np.maximum(place, 0)]]
            return np.where(place[:, None] < 0, 0.0, run[place + 1] - begun)

        lived = up_to(self.last)
        if self.before is not None:
            lived -= up_to(self.before)
        # Those of a tie are at risk only for the part of it that Efron leaves them.
        lived[self.leavers] -= self._tied(pace * self.gone[:, None])[self.at]
        hazard = np.exp(self.terms @ beta)[:, None]
        residuals = -hazard * (self.terms * lived[:, :1] - lived[:, 1:])
        residuals[self.leavers] += self.schoenfeld(sums)
        return residuals
