"""The order book: orders under stated rules, as one customer × month cube on their engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import pandas as pd

from custlib.checks import require_one_of
from custlib.errors import DataError, ParameterError
from custlib.periods import PERIODS, day_of, month_of
from custlib.segmentation.transactions.cube import cells_of, orders_of
from custlib.segmentation.transactions.engine import embedded_engine, of_an_engine
from custlib.segmentation.transactions.rows import AuditedRows, Roles, audited_rows
from custlib.segmentation.transactions.rules import chosen, rule_table
from custlib.segmentation.transactions.tables import OrderSource, unreadable

LONG_SILENCE = 12  # months without an order before the last one, after which its day is doubted


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Orders summed by customer and month, and what was done with rows that are no plain sale.

    `cube` is an Ibis table on the engine (customer, month, units, profit_units, n_orders,
    n_returns, first_day, last_day), computed once; `rules` says by rule how many rows it met.
    """

    cube: ibis.Table
    rules: pd.DataFrame
    as_of: pd.Timestamp
    first_date: pd.Timestamp
    last_date: pd.Timestamp
    decimals: int
    has_profit: bool
    engine: str
    # Lazy engines may read the orders again, so what was made of them lives as long as the book.
    source: Any = field(default=None, repr=False, compare=False)

    @property
    def scale(self) -> float:
        """Units in one whole of the amounts."""
        return float(10**self.decimals)

    @property
    def last_month(self) -> int:
        """Month of `as_of`, or of a later order that was kept."""
        return month_of(max(self.as_of, self.last_date))

    def n_periods(self, period: str = "month") -> int:
        """Periods from the first order's to that of the day the orders are looked at."""
        require_one_of("period", period, PERIODS)
        width = PERIODS[period]
        return self.last_month // width - month_of(self.first_date) // width + 1


def order_book(
    orders: Any,
    *,
    customer: str,
    date: str,
    amount: str,
    quantity: str | None = None,
    profit: str | None = None,
    order: str | None = None,
    merge_days: bool = False,
    as_of: Any = None,
    unknown: Sequence[Any] = (),
    cancelled_prefix: str | None = None,
    missing_customer: str = "leave_out",
    missing_date: str = "refuse",
    missing_amount: str = "refuse",
    returns: str = "net",
    cancellations: str = "net",
    zeros: str = "keep",
    duplicates: str = "ignore",
    future: str = "leave_out",
    timezone: str = "UTC",
    date_format: str | Sequence[str] | None = None,
    decimal: str | None = None,
    decimals: int = 4,
    engine: Any = None,
    memory_limit: str | None = None,
    spill_folder: str | None = None,
) -> OrderBook:
    """Orders of any size as a customer × month cube, with every rule counted.

    Parameters
    ----------
    orders : DataFrame, path or glob of csv or parquet files, or Ibis table
        One row a purchase, or one row a line of an order if `order` names its id.
    customer, date, amount : str
        Columns. `amount` times `quantity`, if that is named.
    profit : str, optional
        Column of the profit of the row.
    order : str, optional
        Column of the order's id: its lines are one order, those without an id one order a day.
        By default each row is an order; `merge_days` makes one of all that a customer bought
        on a day.
    as_of : date, optional
        The day the orders are looked at; by default the day of the last one.
    unknown : list
        Values of `customer` that stand for nobody.
    cancelled_prefix : str, optional
        Orders whose id begins so are cancellations.
    missing_customer, missing_date, missing_amount, returns, cancellations, zeros, duplicates,
    future : str
        What is done with such rows: "leave_out", "refuse" (an error), "keep", or "net": the
        amount counts with its sign, the row is no order. "ignore" does not look for duplicates,
        which takes a pass over every column.
    timezone : str, default "UTC"
        Times that carry a zone are turned into this one; others are taken as they stand.
    date_format, decimal : optional
        How dates and numbers are written as text; found by evidence unless given.
    decimals : int, default 4
        Amounts are rounded to so many decimals, and their sums are then exact.
    engine : Ibis backend, optional
        Reads frames and files; by default DuckDB in this process, within `memory_limit`.

    Returns
    -------
    OrderBook
        cube, rules (rule, action, n, amount, note), as_of, first_date, last_date.

    Raises
    ------
    DataError
        A column is absent or of the wrong kind, a rule refuses rows, or no row is left.
    ParameterError
        An action is none of the rule's, or `as_of` is no date.

    Examples
    --------
    >>> sales = pd.DataFrame({"who": ["a", "a", None], "paid": [10.0, -2.5, 4.0],
    ...                       "on": ["2024-01-05", "2024-03-01", "2024-02-02"]})
    >>> book = order_book(sales, customer="who", date="on", amount="paid")
    >>> book.rules.query("n > 0")[["rule", "n"]].values.tolist()
    [['all rows', 3], ['missing_customer', 1], ['returns', 1], ['used', 2]]
    """
    require_one_of("decimals", decimals, range(19))
    if cancelled_prefix is not None and (order is None or not cancelled_prefix):
        raise ParameterError.because(
            f"cancelled_prefix is {cancelled_prefix!r} and order is {order!r}.",
            "Expected the column of the ids whose beginning is looked at, and that beginning.",
            "Name the column with order=, or leave cancelled_prefix out.",
        )
    actions = chosen(
        {
            "missing_customer": missing_customer,
            "missing_date": missing_date,
            "missing_amount": missing_amount,
            "returns": returns,
            "cancellations": cancellations,
            "zeros": zeros,
            "duplicates": duplicates,
            "future": future,
        }
    )
    roles = Roles(customer, date, amount, quantity, profit, order, cancelled_prefix, tuple(unknown))
    if engine is not None and (memory_limit or spill_folder):
        raise ParameterError.because(
            "memory_limit or spill_folder is given beside an engine.",
            "Expected them for the embedded engine alone.",
            "Set them on the engine that is passed, or leave engine= out.",
        )
    if engine is None:
        engine = embedded_engine(memory_limit=memory_limit, spill_folder=spill_folder)
    day = None if as_of is None else day_of("as_of", as_of)
    whole = actions["duplicates"] != "ignore"
    source = OrderSource(orders, columns=roles.columns, engine=engine, whole=whole)
    try:
        written = {"timezone": timezone, "date_format": date_format, "decimal": decimal}
        rows = audited_rows(source.table, roles, actions, day, decimals, written)
        merged = orders_of(rows.table, order=order, merge_days=merge_days)
        cube = cells_of(merged, has_profit=profit is not None).cache()
        return _bound(cube, rows, decimals, profit is not None, source)
    except Exception as problem:  # what is wrong far down in a file is seen when it is read
        if source.files is None or not of_an_engine(problem):
            raise
        raise unreadable(source.files, problem) from problem
    finally:
        source.close()


def _bound(
    cube: ibis.Table, rows: AuditedRows, decimals: int, has_profit: bool, source: OrderSource
) -> OrderBook:
    """The book of a cube that is there, its first and last order known."""
    months = cube.group_by("month").aggregate(
        first=ibis._.first_day.min().cast("string"), last=ibis._.last_day.max().cast("string")
    )
    months = months.order_by("month").to_pandas()
    found = months[months["first"].notna()]
    if not len(found):
        raise DataError.because(
            "There are returns, but no order.",
            "Expected at least one amount above zero.",
            "Check the sign of the column that amount= names.",
        )
    gap = int(found["month"].diff().iloc[-1]) - 1 if len(found) > 1 else 0
    if gap >= LONG_SILENCE:
        told = f"no order in the {gap} months before the last; is its day right?"
        rows.rules[-1]["note"] = "; ".join(filter(None, [rows.rules[-1]["note"], told]))
    if months["month"].iloc[0] < found["month"].iloc[0]:
        at = next(at for at, row in enumerate(rows.rules) if row["rule"] == "returns")
        rows.rules[at]["note"] += "; some before the month of the first order, so in no period"
    return OrderBook(
        cube=cube,
        rules=rule_table(rows.rules),
        as_of=rows.as_of,
        first_date=pd.Timestamp(found["first"].iloc[0]),
        last_date=pd.Timestamp(found["last"].iloc[-1]),
        decimals=decimals,
        has_profit=has_profit,
        engine=cube.get_backend().name,
        source=source,
    )
