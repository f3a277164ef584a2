"""Leaving for one of several reasons: counts by time and reason, and the shares they give."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.groups import MISSING
from custlib.loyalty.retention.durations import Spells
from custlib.loyalty.retention.risk_sets import count_at_risk

Array = np.ndarray
STILL_THERE = -1


def reason_codes(customers: pd.DataFrame, spells: Spells, reason: str) -> tuple[Array, list]:
    """Code of each spell's reason, −1 for who is still there, and the names behind the codes.

    Names come in the order of their categories, empty ones too, or by how many left for them; a
    customer who left without a reason on record has "(missing)", which comes last. What the
    column holds for customers who are still there says nothing.
    """
    require_columns(customers, [reason])
    column = customers[reason].iloc[spells.rows]
    left = column[spells.event]
    names = reason_names(left)
    known = {name: code for code, name in enumerate(names)}
    if left.isna().any():
        names = [*names, MISSING]
    of_left = left.astype(object).map(known).to_numpy(float, na_value=np.nan)
    codes = np.full(len(spells), STILL_THERE)
    codes[spells.event] = np.where(np.isnan(of_left), len(names) - 1, of_left)
    return codes, names


def reason_names(why: pd.Series) -> list:
    """Reasons in the order of their categories, or by how many left for them."""
    if isinstance(why.dtype, pd.CategoricalDtype):
        return list(why.cat.categories)
    return why.value_counts().index.tolist()


@dataclass(frozen=True, slots=True)
class Incidence:
    """Share that has left for each reason after each time, and its error; rows are reasons."""

    times: Array
    at_risk: Array
    events: Array
    share: Array
    std_error: Array

    def before(self, when: Array) -> Array:
        """Position of the last time not after `when`; −1 before the first."""
        return np.searchsorted(self.times, when, side="right") - 1


def aalen_johansen(spells: Spells, codes: Array, n_reasons: int) -> Incidence:
    """Shares by reason at the distinct times, with the error of the delta method.

    The variance of F(t) sums, over the times t_j up to t with n at risk, d leaving and k of them
    for this reason, (F(t) − F_j)² d/(n(n − d)) + S² k(n − k)/n³ − 2(F(t) − F_j) S k/n²; S is the
    share still there just before. With one reason it is Greenwood's.
    """
    sets = count_at_risk(spells)
    places = np.searchsorted(sets.times, spells.time[spells.event])
    of_reason = codes[spells.event] * len(sets.times) + places
    size = n_reasons * len(sets.times)
    events = np.bincount(of_reason, minlength=size).reshape(n_reasons, -1)
    n, d = np.maximum(sets.at_risk, 1).astype(float), sets.events
    after = np.cumprod((n - d) / n)
    still = np.concatenate([[1.0], after[:-1]])
    share = np.cumsum(still * events / n, axis=1)
    with np.errstate(divide="ignore"):
        # Where all leave nothing comes later, and the term it would weigh is 0.
        whole = np.where(d < n, d / (n * (n - d)), 0.0)
    own, both = still**2 * events * (n - events) / n**3, still * events / n**2
    parts = [whole * np.ones_like(share), whole * share, whole * share**2]
    parts += [own, both, both * share]
    a, af, aff, b, c, cf = (np.cumsum(part, axis=-1) for part in parts)
    variance = share**2 * a - 2 * share * af + aff + b - 2 * share * c + 2 * cf
    error = np.sqrt(np.maximum(variance, 0.0))
    return Incidence(sets.times, sets.at_risk, events, share, error)
