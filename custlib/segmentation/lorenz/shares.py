"""Curves of values sorted by size: shares of the largest, their errors, intervals inside 0–1."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib.segmentation.customer_checks import read_values, require_customers

Array = np.ndarray
SLACK = 1e-12  # a share that equals a limit must not miss it by rounding
NO_VALUE = "the values do not sum to more than zero"


@dataclass(frozen=True, slots=True)
class SortedValues:
    """Known values of the customers from the largest down, and how many are missing."""

    values: Array
    n_missing: int

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def total(self) -> float:
        return float(self.values.sum())

    @property
    def note(self) -> str:
        """Why no number, or no interval, can be had of these values; empty where it can."""
        if self.n == 0 or self.total <= 0:
            return NO_VALUE
        if self.n == 1:
            return "one customer: no interval"
        if self.values[0] == self.values[-1]:
            return "all values equal: no interval"
        return "negative values: measures may leave 0–1" if self.values[-1] < 0 else ""

    @property
    def usable(self) -> bool:
        return self.note != NO_VALUE

    @property
    def spread(self) -> bool:
        """Whether the values differ, so that there is something to estimate an error from."""
        return self.usable and self.n > 1 and bool(self.values[0] > self.values[-1])


def sort_values(customers: pd.DataFrame, value: str, customer: str | None) -> SortedValues:
    """Check the table and sort its values; missing ones are left out and counted."""
    require_customers(customers, customer)
    values = read_values(customers, value)
    known = np.sort(values[~np.isnan(values)])[::-1]
    return SortedValues(known, len(values) - len(known))


def top_count(n: int, top: float) -> int:
    """Customers in the top share: the smallest whole number not below it, at least one."""
    return max(int(np.ceil(top * n - n * SLACK)), 1)


def top_shares(sample: SortedValues, counts: Array) -> tuple[Array, Array]:
    """Share of the total that the k largest hold, and its standard error, for each k.

    With q the k-th largest value, m the mean and T the share, a customer of value x moves T by
    [(x − q)₊ − T x]/m plus a constant; the sums of its squares come from cumulated sums. Values
    are measured from their mean, so that nearly equal ones lose no digits.
    """
    n, counts = sample.n, np.asarray(counts, int)
    apart = sample.values / (sample.total / n) - 1
    sums, squares = (np.concatenate([[0.0], np.cumsum(apart**power)]) for power in (1, 2))
    cumulated = np.concatenate([[0.0], np.cumsum(sample.values)])
    # By the last of these sums: those who hold all must not miss 1 by rounding.
    share = cumulated[counts] / cumulated[-1]
    edge = apart[np.maximum(counts, 1) - 1]
    first = sums[counts] - counts * edge
    second = squares[counts] - 2 * edge * sums[counts] + counts * edge**2
    cross = squares[counts] - edge * sums[counts]
    spread = second - 2 * share * cross + share**2 * squares[-1] - first**2 / n
    inner = (counts > 0) & (counts < n)
    variance = np.where(inner, np.maximum(spread, 0), 0) / max(n - 1, 1) / n
    return share, np.sqrt(variance)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where an interval is symmetric: the number itself, its log, or its logit from low to high."""

    method: str
    low: float = 0.0
    high: float = 1.0

    def forth(self, estimate: Array, std_error: Array) -> tuple[Array, Array]:
        """Place and standard error on the scale; NaN where the number has no place there."""
        estimate, std_error = np.asarray(estimate, float), np.asarray(std_error, float)
        if self.method == "normal":
            return estimate, std_error
        # Without spread there is no error, and a share of 0 or 1 has no logit.
        inside = (self.low < estimate) & (estimate < self.high) & (std_error > 0)
        at = np.where(inside, estimate, np.nan)
        if self.method == "log":
            return np.log(at), std_error / at
        below, above = at - self.low, self.high - at
        return np.log(below / above), std_error * (self.high - self.low) / (below * above)

    def back(self, place: Array) -> Array:
        """The number at a place of the scale."""
        if self.method == "normal":
            return place
        if self.method == "log":
            return np.clip(np.exp(place), self.low, self.high)
        # 1 / (1 + exp(−x)) without overflow at extreme ends.
        return self.low + (self.high - self.low) * (1 + np.tanh(place / 2)) / 2

    def interval(self, estimate: float, std_error: float, steps: Array) -> tuple[float, float]:
        """Ends that lie `steps` standard errors of the scale from the estimate."""
        place, error = self.forth(np.array(estimate), np.array(std_error))
        low, high = self.back(place + np.asarray(steps) * error).tolist()
        return low, high


def t_steps(df: float, conf_level: float) -> Array:
    """Both ends of a t interval, in standard errors; NaN without a degree of freedom."""
    return np.array([-1, 1]) * (stats.t.ppf((1 + conf_level) / 2, df) if df >= 1 else np.nan)
