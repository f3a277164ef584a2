"""Events laid out by customer and period, and whether a condition holds in each."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric, require_rows
from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.periods import days_of, require_no_gaps
from custlib.loyalty.ladder.rules import ANY, Condition, StageRule, lacking_kinds
from custlib.periods import PERIODS, month_of

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class History:
    """What conditions ask for: counts and amounts by kind, each of shape (customers, periods)."""

    customers: pd.Index
    first_number: int
    entered: Array  # period of the first event, from 0
    counts: dict[str, Array]
    amounts: dict[str, Array]
    unobserved: Array

    def holds(self, condition: Condition) -> Array:
        """Whether the condition holds, by customer and period."""
        value = MEASURED[condition.measure](self, condition)
        signs = {">=": np.greater_equal, "<=": np.less_equal, "=": np.equal}
        return signs[condition.sign](value, condition.number)


def event_history(
    events: pd.DataFrame,
    *,
    customer: str,
    date: str,
    event: str | None,
    amount: str | None,
    period: str,
    last_number: int | None,
    unobserved: str | None,
    date_format: str | None,
    rules: Sequence[StageRule],
) -> History:
    """The events by customer and period; `unobserved` is the kind that marks a gap in records.

    Only kinds that rules count are laid out, as each takes a number a customer and period. One
    that never occurs may be lacking by right; one written nearly like another tells of a slip.
    """
    require_columns(events, [customer, date, event, amount])
    require_rows(events, "events")
    require_no_gaps(events[customer], "events")
    _require_amounts(rules, amount)
    days = days_of(events, date, date_format)
    numbers = np.asarray(month_of(days.dt)) // PERIODS[period]
    kinds = np.full(len(events), "order", object) if event is None else _kinds(events, event)
    paid = np.zeros(len(events)) if amount is None else _amounts(events, amount)
    lacking = lacking_kinds(rules, {*pd.unique(kinds)} - {unobserved})
    if any("?" in one for one in lacking):
        warnings.warn(f"Rules count kinds that never occur: {', '.join(lacking)}.", stacklevel=3)
    if last_number is not None:
        kept = numbers <= last_number
        if not kept.any():
            raise DataError.because(
                f"All {len(events):,} events lie in periods that were not over on that day.",
                "Expected events before the day until which records go.",
                "Pass a later day as until, or a shorter period.",
            )
        events, numbers, kinds, paid = events[kept], numbers[kept], kinds[kept], paid[kept]
    first, last = int(numbers.min()), int(numbers.max()) if last_number is None else last_number
    codes, customers = pd.factorize(events[customer], sort=True)
    shape = len(customers), last - first + 1
    place = codes * shape[1] + numbers - first

    def laid(rows: Array, weights: Array | None = None) -> Array:
        size = shape[0] * shape[1]
        some = None if weights is None else weights[rows]
        return np.bincount(place[rows], some, size).reshape(shape).astype(float)

    marked = kinds == unobserved
    named: dict[bool, list[str]] = {True: [ANY] if amount is not None else [], False: []}
    for one in (one for rule in rules for one in rule.conditions):
        named[one.measure == "amount"].append(one.event)
    rows_of = {kind: ~marked & (kinds == kind) for kind in {*named[True], *named[False]}}
    rows_of[ANY] = ~marked
    entered = np.full(shape[0], shape[1])
    np.minimum.at(entered, codes, numbers - first)
    return History(
        customers=pd.Index(customers, name=customer),
        first_number=first,
        entered=entered,
        counts={kind: laid(rows_of[kind]) for kind in {*named[False]}},
        amounts={kind: laid(rows_of[kind], paid) for kind in {*named[True]}},
        unobserved=laid(marked) > 0,
    )


def _kinds(events: pd.DataFrame, event: str) -> Array:
    require_no_gaps(events[event], "events")
    return events[event].astype(str).to_numpy(object)


def _amounts(events: pd.DataFrame, amount: str) -> Array:
    """Amounts, where an event without one is worth nothing."""
    return np.nan_to_num(require_numeric(events, amount))


def _require_amounts(rules: Sequence[StageRule], amount: str | None) -> None:
    """Rules on amounts have a column to add up."""
    asking = [one.text for one in rules if "amount" in {part.measure for part in one.conditions}]
    if asking and amount is None:
        raise ParameterError.because(
            f"amount is not named, and a rule asks for it: {asking[0]}.",
            "Expected the column of what each event brought in.",
            "Pass amount=<its name>, or leave the rule out.",
        )


def _window_sum(values: Array, last: int | None) -> Array:
    """Sum over the period and those before it, `last` in all."""
    if last is None or last >= values.shape[1]:
        return values.cumsum(axis=1)
    # Differences of running sums would leave rounding in a window of nothing.
    padded = np.pad(values, ((0, 0), (last - 1, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, last, axis=1).sum(axis=2)


def _count(history: History, condition: Condition) -> Array:
    return _window_sum(history.counts[condition.event], condition.last)


def _amount(history: History, condition: Condition) -> Array:
    value = _window_sum(history.amounts[condition.event], condition.last)
    # Sums of cents miss a round limit by rounding alone.
    near = np.abs(value - condition.number) <= 1e-9 * max(condition.number, 1.0)
    return np.where(near, condition.number, value)


def _active_periods(history: History, condition: Condition) -> Array:
    happened = history.counts[condition.event] > 0
    return _window_sum(happened.astype(float), condition.last)


def _periods_since(history: History, condition: Condition) -> Array:
    """Periods since the last event, 0 in its own period, infinite before the first."""
    happened = history.counts[condition.event] > 0
    at = np.arange(happened.shape[1], dtype=float)
    latest = np.maximum.accumulate(np.where(happened, at, -np.inf), axis=1)
    return at - latest


MEASURED: dict[str, Callable[[History, Condition], Array]] = {
    "count": _count,
    "amount": _amount,
    "active_periods": _active_periods,
    "periods_since": _periods_since,
}
