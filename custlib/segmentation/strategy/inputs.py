"""Columns of customers as stakes: read, checked, and with the rows that lack a number set aside."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.errors import DataError, ParameterError
from custlib.segmentation.customer_checks import require_customers
from custlib.segmentation.strategy.gains import STRATEGIES, Stakes, require_strategies

Array = np.ndarray
ENDLESS = float("inf")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns by what they hold."""

    value: str
    revenue: str
    potential: str
    risk: str
    cost_to_serve: str


def read_stakes(
    customers: pd.DataFrame, columns: Columns, costs: Mapping[str, float | str]
) -> tuple[Stakes, Array, list[str]]:
    """Stakes of the complete rows, which rows these are, and a note for every row."""
    require_strategies("costs", costs)
    named = [cost for cost in costs.values() if isinstance(cost, str)]
    bounds = {
        columns.value: (-ENDLESS, ENDLESS),
        columns.revenue: (-ENDLESS, ENDLESS),
        columns.potential: (0, ENDLESS),
        columns.risk: (0, 1),
        columns.cost_to_serve: (0, ENDLESS),
    } | dict.fromkeys(named, (0, ENDLESS))
    require_columns(customers, bounds)
    require_customers(customers, None)
    numbers = {name: _bounded(customers, name, *ends) for name, ends in bounds.items()}
    lacking = {name: np.isnan(values) for name, values in numbers.items()}
    complete = ~np.logical_or.reduce(list(lacking.values()))
    notes = _notes(lacking, len(customers))
    kept = {name: values[complete] for name, values in numbers.items()}
    return (
        Stakes(
            at_risk=kept[columns.risk] * kept[columns.value],
            headroom=np.maximum(kept[columns.potential] - kept[columns.revenue], 0),
            cost_to_serve=kept[columns.cost_to_serve],
            value=kept[columns.value],
            costs=_costs(costs, kept, int(complete.sum())),
        ),
        complete,
        notes,
    )


def _costs(costs: Mapping[str, float | str], kept: dict[str, Array], n: int) -> Array:
    found = np.empty((n, len(STRATEGIES)))
    for at, name in enumerate(STRATEGIES):
        cost = costs[name]
        if not isinstance(cost, str) and not 0 <= cost < ENDLESS:
            raise ParameterError.because(
                f"costs[{name!r}] is {cost!r}.",
                "Expected the cost of the action for one customer, 0 or more, or a column.",
                "Pass 0 for an action that costs nothing.",
            )
        found[:, at] = kept[cost] if isinstance(cost, str) else cost
    return found


def _bounded(customers: pd.DataFrame, name: str, low: float, high: float) -> Array:
    values = require_numeric(customers, name)
    outside = (values < low) | (values > high)
    wrong = np.flatnonzero(outside)[:5]
    if len(wrong):
        within = f"numbers from {low:g} to {high:g}" if high < ENDLESS else f"at least {low:g}"
        raise DataError.because(
            f"{int(outside.sum())} out of range in {name!r}; first: "
            + ", ".join(f"row {customers.index[at]}: {values[at]:g}" for at in wrong)
            + ".",
            f"Expected {within}, or missing.",
            "Correct the values, or mark them as missing: such customers are kept with a note.",
        )
    return values


def _notes(lacking: dict[str, Array], n: int) -> list[str]:
    notes = np.full(n, "", dtype=object)
    for name, missing in lacking.items():
        notes[missing] = [f"{note}, {name}" if note else name for note in notes[missing]]
    return [f"missing: {note}" if note else "" for note in notes]
