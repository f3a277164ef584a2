"""Amounts and orders of customers by period, as sparse matrices with a row a customer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from custlib.checks import require_columns, require_rows
from custlib.errors import DataError
from custlib.segmentation.customer_checks import name_order, read_values

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class PeriodTable:
    """Customers in ascending order, and what they bought in each period of the window."""

    names: Array
    amounts: sparse.csr_array
    active: sparse.csr_array


def read_periods(
    customer_periods: pd.DataFrame,
    *,
    n_periods: int,
    customer: str,
    period: str,
    amount: str,
    orders: str,
) -> PeriodTable:
    """Check a long table of customers and periods, and turn it into matrices."""
    require_columns(customer_periods, [customer, period, amount, orders])
    require_rows(customer_periods, "customers and periods")
    numbers = {name: read_values(customer_periods, name) for name in (period, amount, orders)}
    gaps = {name: int(np.isnan(values).sum()) for name, values in numbers.items()}
    gaps[customer] = int(customer_periods[customer].isna().sum())
    if any(gaps.values()):
        raise DataError.because(
            f"Missing values: {', '.join(f'{n} in {name!r}' for name, n in gaps.items() if n)}.",
            "Expected every row to name its customer, period, amount and orders.",
            "Drop the rows, or say what they are.",
        )
    codes, names = _ordered_codes(customer_periods[customer])
    at = _period_places(numbers[period], n_periods, period)
    cells = codes * n_periods + at
    doubled = len(cells) - len(np.unique(cells))
    if doubled:
        raise DataError.because(
            f"{doubled} rows repeat a customer and period.",
            "Expected one row a customer and period.",
            "Sum the amounts and orders of each customer and period first.",
        )
    shape = (len(names), n_periods)
    ordered = (numbers[orders] > 0).astype(float)
    amounts, active = (
        sparse.csr_array((values, (codes, at)), shape=shape)
        for values in (numbers[amount], ordered)
    )
    return PeriodTable(names, amounts, active)


def _ordered_codes(column: pd.Series) -> tuple[Array, Array]:
    codes, names = pd.factorize(column)
    labels = pd.Series(names)
    order = name_order(labels)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place[codes], labels.iloc[order].to_numpy()


def _period_places(periods: Array, n_periods: int, column: str) -> Array:
    first = periods.min()
    if (periods != np.floor(periods)).any() or periods.max() - first >= n_periods:
        raise DataError.because(
            f"Periods in {column!r} run from {first:g} to {periods.max():g}.",
            f"Expected whole numbers that span at most n_periods, {n_periods}.",
            "Number the periods one apart, or pass the length of the window as n_periods.",
        )
    # Runs of periods go round in a circle, so it does not matter which of them is the first.
    return (periods - first).astype(np.int64)
