"""What the models of buying see of a customer: how often again, until when, watched how long."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_new_columns, require_numeric, require_rows
from custlib.errors import DataError
from custlib.loyalty.value.units import unit_days

Array = np.ndarray
# Rounding of a table with two decimals may put the last order a little after the day watched.
SLACK = 1e-9
RECORD = ("frequency", "recency", "age")


@dataclass(frozen=True)
class Records:
    """Distinct rows (x, t_x, T) with how many customers have each, and each customer's row.

    `x_at`, `recency_at`, `age_at` say which of the distinct numbers `xs`, `recencies`, `ages` a
    row has, so that what depends on one of them alone is computed once for each.
    """

    xs: Array
    recencies: Array
    ages: Array
    x_at: Array
    recency_at: Array
    age_at: Array
    count: Array
    of_customer: Array

    @cached_property
    def x(self) -> Array:
        """Repeat purchases of each distinct row."""
        return self.xs[self.x_at]

    @cached_property
    def recency(self) -> Array:
        """Time from the first to the last purchase of each distinct row."""
        return self.recencies[self.recency_at]

    @cached_property
    def age(self) -> Array:
        """Time since the first purchase of each distinct row."""
        return self.ages[self.age_at]

    @property
    def n(self) -> int:
        """Customers."""
        return len(self.of_customer)

    @cached_property
    def at_x(self) -> Array:
        """Customers with each number of repeat purchases."""
        return np.bincount(self.x_at, self.count, len(self.xs))

    @cached_property
    def at_age(self) -> tuple[Array, Array]:
        """Customers of each age, and repeat purchases they made together."""
        n = np.bincount(self.age_at, self.count, len(self.ages))
        return n, np.bincount(self.age_at, self.count * self.x, len(self.ages))

    @cached_property
    def buyers(self) -> "Records":
        """The distinct rows with a repeat purchase; whose they are is not said."""
        kept, nobody = np.flatnonzero(self.x > 0), np.empty(0, int)
        at = (self.x_at[kept], self.recency_at[kept], self.age_at[kept])
        return Records(self.xs, self.recencies, self.ages, *at, self.count[kept], nobody)

    @cached_property
    def without_recency(self) -> tuple[Array, Array, Array]:
        """x and age of each distinct pair of them, and the pair of each distinct row."""
        pair_of_row, pairs = pd.factorize(self.x_at * len(self.ages) + self.age_at)
        x_at, age_at = np.divmod(pairs, len(self.ages))
        return self.xs[x_at], self.ages[age_at], pair_of_row


def buying_records(
    customers: pd.DataFrame,
    *,
    time_unit: str,
    orders: str = "n_orders",
    recency_days: str = "recency_days",
    age_days: str = "age_days",
) -> pd.DataFrame:
    """Customers with what models of buying ask for: repeat orders, recency and age in `time_unit`.

    Parameters
    ----------
    customers : DataFrame, one row a customer
        Such as `segmentation.customer_table` gives.
    time_unit : {"day", "week", "month", "quarter", "year"}
        Unit of the times made; days are turned into it here and nowhere else.
    orders, recency_days, age_days : str
        Columns of the days with an order (1 or more), of the days since the last one, and of the
        days since the first.

    Returns
    -------
    DataFrame
        The rows as they are, and frequency (orders after the first), recency (time from the first
        order to the last, t_x) and age (time since the first order, T).

    Raises
    ------
    DataError
        A column is absent or taken; a customer without an order, or whose days are not in order;
        several orders all on one day.

    Notes
    -----
    frequency = n_orders − 1; recency = (age_days − recency_days)/days of a unit; age =
    age_days/days of a unit. The models count *days with an order*: build the order book with
    `merge_days=True`. Mind that `recency` here grows with later orders, and `recency_days` falls.

    Assumes: both spans end on one day for all customers, the day of the table.

    Not for: orders counted by the receipt: two on one day are one purchase to the models.

    Examples
    --------
    >>> customers = pd.DataFrame({"n_orders": [3], "recency_days": [59], "age_days": [272]})
    >>> made = buying_records(customers, time_unit="week")
    >>> made[["frequency", "recency", "age"]].round(2).values.tolist()
    [[2.0, 30.43, 38.86]]
    """
    days = unit_days(time_unit)
    require_columns(customers, [orders, recency_days, age_days])
    require_new_columns(customers, RECORD)
    counts, since_last, since_first = (
        read_complete(customers, name) for name in (orders, recency_days, age_days)
    )
    refuse_rows(
        customers,
        counts < 1,
        f"customers without an order in {orders!r}",
        "Expected at least one order of every customer.",
        "Leave out those who only returned something.",
    )
    made = customers.copy()
    made["frequency"] = (counts - 1).astype(int) if (counts % 1 == 0).all() else counts - 1
    made["recency"], made["age"] = (since_first - since_last) / days, since_first / days
    read_records(made, frequency="frequency", recency="recency", age="age")
    return made


def read_records(customers: pd.DataFrame, *, frequency: str, recency: str, age: str) -> Records:
    """Check the three columns of every customer, and count equal rows."""
    require_columns(customers, [frequency, recency, age])
    require_rows(customers, "customers")
    x, t_x, T = (read_complete(customers, name) for name in (frequency, recency, age))
    doubts = {
        f"negative numbers in {frequency!r}": (x < 0, "Expected counts of orders after the first."),
        f"numbers in {frequency!r} that are not whole": (
            x != np.floor(x),
            "Expected whole numbers.",
        ),
        f"negative times in {recency!r} or {age!r}": (
            (t_x < 0) | (T < 0),
            "Expected times since the first order.",
        ),
        f"customers whose last order ({recency!r}) is later than they were watched ({age!r})": (
            t_x > T * (1 + SLACK),
            "Expected recency (first to last order) not above age (first order to now).",
        ),
        f"customers without a repeat order, and a time of it in {recency!r}": (
            (x == 0) & (t_x > 0),
            "Expected recency 0 where frequency is 0.",
        ),
        f"customers with repeat orders at the time of the first ({recency!r} is 0)": (
            (x > 0) & (t_x == 0),
            "Expected later days; orders of one day count as one.",
        ),
    }
    for found, (wrong, expected) in doubts.items():
        refuse_rows(
            customers,
            wrong,
            found,
            expected,
            "Make the columns with buying_records, from orders with the days merged.",
        )
    return _collapsed(x, np.minimum(t_x, T), T)


def read_complete(customers: pd.DataFrame, column: str) -> Array:
    """Finite numbers of the column, one for every customer."""
    require_columns(customers, [column])
    values = require_numeric(customers, column, finite=False)
    refuse_rows(
        customers,
        ~np.isfinite(values),
        f"missing or infinite numbers in {column!r}",
        "Expected a number for every customer.",
        "Leave out the customers who lack it.",
    )
    return values


def refuse_rows(customers: pd.DataFrame, wrong: Array, found: str, expected: str, do: str) -> None:
    """Raise with the count and the first five rows."""
    rows = np.flatnonzero(wrong)
    if len(rows):
        first = customers.index[rows[:5]].tolist()
        found = f"{found[:1].upper()}{found[1:]}: {len(rows)}, first rows: {first}."
        raise DataError.because(found, expected, do)


def _collapsed(x: Array, t_x: Array, T: Array) -> Records:
    """Count equal rows by whole-number keys, which costs a tenth of sorting rows of floats."""
    codes, values = zip(*(pd.factorize(one) for one in (x, t_x, T)), strict=True)
    key = (codes[0] * len(values[1]) + codes[1]) * len(values[2]) + codes[2]
    of_customer, keys = pd.factorize(key)
    rest, age_at = np.divmod(keys, len(values[2]))
    x_at, recency_at = np.divmod(rest, len(values[1]))
    count = np.bincount(of_customer).astype(float)
    xs, recencies, ages = values
    return Records(xs, recencies, ages, x_at, recency_at, age_at, count, of_customer)
