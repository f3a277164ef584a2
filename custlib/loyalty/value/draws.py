"""Drawn futures: parameters as unsure as the fit says, then what each customer may do."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from custlib.loyalty.value.maximum import Maximum
from custlib.loyalty.value.purchases import Process
from custlib.loyalty.value.records import Records

Array = np.ndarray
BLOCK = 20_000  # customers whose drawn futures are held at once
MOST_DRAWN = 20_000_000  # customers times draws, above which the sum is taken from its moments

# What a draw of purchases is worth, given its number, whose they are and when they come.
Worth = Callable[[int, Array, Array, np.random.Generator], Array]


@dataclass(frozen=True, slots=True)
class Futures:
    """Sums over all customers in each draw at each time, and each customer's interval."""

    totals: Array
    low: Array
    high: Array


def parameter_draws(top: Maximum, n_draws: int, random: np.random.Generator) -> Array:
    """Parameters from the normal distribution of their logarithms, shape (n_draws, parameters)."""
    root = np.linalg.cholesky(top.covariance)
    return np.exp(top.theta + random.standard_normal((n_draws, len(root))) @ root.T)


def drawn_futures(
    process: Process,
    parameters: Array,
    records: Records,
    customers: Array,
    counts: Array,
    *,
    times: Array,
    tails: tuple[float, float],
    streams: list[np.random.SeedSequence],
    worth: Worth | None = None,
) -> Futures:
    """Purchases (or their worth) up to each of the ascending `times` in each draw of parameters.

    `customers` are the rows of `records` to be drawn, each of which counts `counts` times in the
    sums. The interval of each is that of the last time.
    """
    rows = (records.x, records.recency, records.age)
    totals = np.zeros((len(parameters), len(times)))
    ends = []
    for block, first in enumerate(range(0, len(customers), BLOCK)):
        random = np.random.default_rng(streams[block])
        chosen = slice(first, first + BLOCK)
        distinct, at = np.unique(customers[chosen], return_inverse=True)
        few = (rows[0][distinct], rows[1][distinct], rows[2][distinct])
        size = counts[chosen]
        kept = np.empty((len(parameters), len(at)), np.int32 if worth is None else np.float64)
        for draw, p in enumerate(parameters):
            who, when = process.purchase_times(p, few, at, times[-1], random)
            each = None if worth is None else worth(draw, who + first, when, random)
            for place, time in enumerate(times):
                due = when <= time
                found = np.bincount(who[due], None if each is None else each[due], len(at))
                totals[draw, place] += found @ size
            kept[draw] = found
        # Whole numbers: the ends are drawn ones, and at most a tail lies beyond each.
        ends.append(np.quantile(kept, tails, axis=0, method="inverted_cdf"))
    low, high = np.concatenate(ends, axis=1)
    return Futures(totals, low, high)
