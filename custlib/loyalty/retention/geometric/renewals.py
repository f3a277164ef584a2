"""Renewals by age: how many customers faced each, and how many left at it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.errors import ParameterError
from custlib.loyalty.retention.durations import Spells, read_spells, refuse_rows

Array = np.ndarray
WHOLE = 1e-9  # a duration this near to a whole number of periods is that many


@dataclass(frozen=True, slots=True)
class Renewals:
    """Customers lost and kept at each renewal; entry 0 is the end of the first period."""

    lost: Array
    kept: Array
    n: float  # customers who faced a renewal at all
    n_missing: float
    not_yet: float  # still in their first period: they say nothing of churn

    @property
    def faced(self) -> Array:
        """Customers at risk at each renewal."""
        return self.lost + self.kept

    def up_to(self, age: int) -> "Renewals":
        """The first `age` renewals alone; whoever is there after them counts as still there."""
        return Renewals(self.lost[:age], self.kept[:age], self.n, self.n_missing, self.not_yet)


def read_renewals(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_value: object = None,
    count: str | None = None,
    period: float = 1.0,
) -> Renewals:
    """Renewals of a table with one row a customer, or of `count` customers a row.

    Contracts end at renewals only: who left was lost at that of their duration (at 0: the first),
    who is still there has passed the renewals of all periods that are over.
    """
    if not (period > 0 and np.isfinite(period)):
        raise ParameterError.because(
            f"period is {period!r}.",
            "Expected the length of a period in the unit of the durations, above 0.",
            "Pass 1 where durations count periods, 12 for years where they count months.",
        )
    spells = read_spells(customers, duration=duration, event=event, event_value=event_value)
    weights = _counts(customers, count)
    used = weights[spells.rows]
    ages = spells.time / period
    _require_ends_at_renewals(customers, duration, spells, period)
    lost_at = np.maximum(np.rint(ages), 1).astype(int)[spells.event]
    passed = np.floor(ages + WHOLE).astype(int)[~spells.event]
    longest = int(max(lost_at.max(initial=0), passed.max(initial=0)))
    lost = np.bincount(lost_at, weights=used[spells.event], minlength=longest + 1)[1:]
    still = np.bincount(passed, weights=used[~spells.event], minlength=longest + 1)
    # Kept at a renewal are all who end at a later one, and those last seen at it or later.
    after = np.cumsum(lost[::-1])[::-1] - lost
    kept = after + np.cumsum(still[::-1])[::-1][1:]
    not_yet = float(still[0])
    whole = float(weights.sum())
    return Renewals(
        lost=lost,
        kept=kept,
        n=float(used.sum()) - not_yet,
        n_missing=whole - float(used.sum()),
        not_yet=not_yet,
    )


def _counts(customers: pd.DataFrame, count: str | None) -> Array:
    """How many customers each row stands for, whole numbers from 0 up."""
    if count is None:
        return np.ones(len(customers))
    require_columns(customers, [count])
    values = require_numeric(customers, count)
    refuse_rows(
        customers,
        ~((values >= 0) & (values == np.floor(values)) & np.isfinite(values)),
        "a count that cannot be used",
        count,
        "whole numbers of customers, from 0 up, in every row",
        "Give counts, not percentages: multiply shares by the size of the cohort.",
    )
    return values


def _require_ends_at_renewals(
    customers: pd.DataFrame, duration: str, spells: Spells, period: float
) -> None:
    """Nobody left within a period.

    Who did cannot be set beside customers watched as far into that period and still there: to count
    the one as lost at its end, and the others as not having faced it, would raise every churn.
    """
    ages, wrong = spells.time / period, np.zeros(len(customers), bool)
    wrong[spells.rows] = spells.event & (np.abs(ages - np.rint(ages)) > WHOLE)
    refuse_rows(
        customers,
        wrong,
        f"a customer who left between renewals, {period:g} apart",
        duration,
        f"that contracts end at renewals, so that who left did so at a multiple of {period:g}",
        "If they do, give the duration up to that renewal, and count as still there who has only "
        "given notice. If customers leave at any time, count calendar months, that of leaving too, "
        "and pass period=1.",
    )
