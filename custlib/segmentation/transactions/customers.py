"""One row a customer: how often, how lately, for how much and how steadily somebody bought."""

from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import Table, Value

from custlib.checks import require_one_of
from custlib.errors import DataError, ParameterError
from custlib.periods import (
    PERIODS,
    day_of,
    month_end,
    month_of,
    month_start,
)
from custlib.segmentation.transactions.book import OrderBook
from custlib.segmentation.transactions.cube import by_period

# A spread below this share of the mean square is rounding.
ROUNDING = 1e-13
FEWEST_PERIODS = 3  # from a customer's first on, for a coefficient of variation of their own


def customer_table(
    book: OrderBook,
    *,
    since: Any = None,
    until: Any = None,
    as_of: Any = None,
    period: str = "month",
) -> pd.DataFrame:
    """One row a customer, sorted by customer: orders, revenue, recency, steadiness.

    Parameters
    ----------
    book : OrderBook
    since, until : date, optional
        First day of a month and last day of a month between which orders count.
    as_of : date, optional
        Day from which recency and age are counted; by default `until`, or the book's.
    period : {"month", "quarter", "half_year", "year"}, default "month"
        Periods over which steadiness is measured.

    Returns
    -------
    DataFrame
        customer, n_orders, n_returns, amount (net), profit (if the book has it), first_date,
        last_date (of orders; NaT where there are returns only), recency_days, age_days,
        n_active (periods with an order), n_periods, active_share, amount_cv (standard deviation
        over mean of the amounts by period, those without orders counting 0; NaN where the net
        amount is not above 0), amount_cv_since_first (from the first order's period on).

    Raises
    ------
    ParameterError
        `since` or `until` lies inside a month, or `as_of` before the last order counted.
    DataError
        Nobody bought between the two days.

    Notes
    -----
    active_share = n_active/n_periods; amount_cv = √(Σ (x − mean)²/(n_periods − 1))/mean, x the
    amounts by period. The periods run from that of `since`, or of the first order of all, to that
    of `until`, or else of `as_of`. Money is summed as whole units, so sums are exact. A customer
    seen for fewer than three periods since the first order has no amount_cv_since_first.

    Assumes: a customer has one name in the book, and each period counts alike, short months too.

    Not for: newcomers beside old customers by active_share or amount_cv, which count the periods
    before they came as empty (amount_cv_since_first does not).

    Examples
    --------
    >>> from custlib.segmentation import order_book
    >>> sales = pd.DataFrame({"who": ["a", "a", "b"], "paid": [10.0, 30.0, 5.0],
    ...                       "on": ["2024-01-05", "2024-03-01", "2024-02-02"]})
    >>> book = order_book(sales, customer="who", date="on", amount="paid")
    >>> customer_table(book)[["customer", "n_orders", "amount", "recency_days"]].values.tolist()
    [['a', 2, 40.0, 0.0], ['b', 1, 5.0, 28.0]]
    """
    require_one_of("period", period, PERIODS)
    width = PERIODS[period]
    start = month_of(book.first_date) if since is None else month_start("since", since)
    end = book.last_month if until is None else month_end("until", until)
    last_asked = next((day for day in (as_of, until) if day is not None), book.as_of)
    seen = day_of("as_of", last_asked)
    cells = book.cube.filter(ibis._.month.between(start, end))
    cells = by_period(cells, width)
    table = as_frame(_summed(cells, has_profit=book.has_profit))
    if not len(table):
        raise DataError.because(
            f"Nobody bought between {since or book.first_date!s:.10} and"
            f" {until or book.as_of!s:.10}.",
            f"Expected days between {book.first_date:%Y-%m-%d} and {book.last_date:%Y-%m-%d}.",
            "Correct since= and until=.",
        )
    latest = table["last_date"].max()
    if seen < latest:
        raise ParameterError.because(
            f"as_of is {seen:%Y-%m-%d}, and there are orders up to {latest:%Y-%m-%d}.",
            "Expected a day not before the last order that counts.",
            "Pass a later as_of, or an earlier until.",
        )
    own = _own(table, cells)
    # Months whose orders do not count would look empty; quiet ones up to the last day do count.
    last = month_of(seen) if until is None else min(month_of(seen), end)
    return _described(table, own, book, seen, start // width, last // width)


def customer_periods(book: OrderBook, *, period: str = "month") -> pd.DataFrame:
    """One row a customer and period with an order or a return, sorted by both.

    Parameters
    ----------
    book : OrderBook
    period : {"month", "quarter", "half_year", "year"}, default "month"

    Returns
    -------
    DataFrame
        customer, period (0 is that of the first order of all; `book.n_periods(period)` of them),
        amount, profit (if the book has it), n_orders.

    Examples
    --------
    >>> from custlib.segmentation import order_book
    >>> sales = pd.DataFrame({"who": ["a", "a"], "on": ["2024-01-05", "2024-03-01"],
    ...                       "paid": [10.0, 30.0]})
    >>> book = order_book(sales, customer="who", date="on", amount="paid")
    >>> customer_periods(book)[["period", "amount"]].values.tolist(), book.n_periods()
    ([[0.0, 10.0], [2.0, 30.0]], 3)
    """
    require_one_of("period", period, PERIODS)
    width = PERIODS[period]
    cells = by_period(book.cube, width)
    first = month_of(book.first_date) // width
    columns = {"customer": cells["customer"], "period": cells["period"] - first}
    columns["amount"] = cells["units"].cast("float64") / book.scale
    if book.has_profit:
        columns["profit"] = cells["profit_units"].cast("float64") / book.scale
    rows = cells.select(**columns, n_orders=cells["n_orders"].cast("int64"))
    return as_frame(rows.filter(rows["period"] >= 0).order_by("customer", "period"))


def as_frame(table: Table) -> pd.DataFrame:
    """Rows of an engine as a data frame, each column freed once it is turned."""
    rows = table.to_pyarrow()
    shared = [name for name in rows.column_names if rows[name].num_chunks <= 1]
    frame = rows.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
    for name in shared:  # this column may still be the engine's memory, which nobody can write to
        frame[name] = frame[name].copy()
    return frame


def _summed(cells: Table, *, has_profit: bool) -> Table:
    """Sums over the periods of each customer, exact in whole units."""
    exact = cells["units"].cast("decimal(19, 0)")
    active: Value = cells["n_orders"] > 0
    profit = {"profit_units": cells["profit_units"].sum().cast("int64")} if has_profit else {}
    sums = cells.group_by("customer").aggregate(
        n_orders=cells["n_orders"].sum().cast("int64"),
        n_returns=cells["n_returns"].sum().cast("int64"),
        units=cells["units"].sum().cast("int64"),
        **profit,
        squares=(exact * exact).sum().cast("float64"),
        first_date=cells["first_day"].min(),
        last_date=cells["last_day"].max(),
        first_cell=cells["period"].min(),
        first_period=cells["period"].min(where=active),
        n_active=active.sum().cast("int64"),
    )
    return sums.order_by("customer")


def _own(table: pd.DataFrame, cells: Table) -> pd.DataFrame | None:
    """The sums from the first order's period on, where returns came before it; else none."""
    if not (table["first_cell"] < table["first_period"]).any():
        return None
    first = cells.filter(cells["n_orders"] > 0).group_by("customer")
    joined = cells.inner_join(first.aggregate(first=ibis._.period.min()), "customer")
    own = _summed(joined.filter(joined["period"] >= joined["first"]), has_profit=False)
    own = as_frame(own.select("customer", "units", "squares"))
    return table[["customer"]].merge(own, how="left", on="customer")


def _described(
    table: pd.DataFrame,
    own: pd.DataFrame | None,
    book: OrderBook,
    seen: pd.Timestamp,
    first: int,
    last: int,
) -> pd.DataFrame:
    """The columns people read; sums are taken out of the table where they are used up."""
    count = last - first + 1
    since = last - table.pop("first_period").to_numpy(float, na_value=np.nan) + 1
    columns: dict[str, Any] = {
        name: table.pop(name) for name in ("customer", "n_orders", "n_returns")
    }
    units, squares = (table.pop(name).to_numpy(float) for name in ("units", "squares"))
    columns["amount"] = units / book.scale
    if book.has_profit:
        columns["profit"] = table.pop("profit_units").to_numpy(float) / book.scale
    for name in ("first_date", "last_date"):
        columns[name] = table.pop(name).astype("datetime64[s]")
    columns["recency_days"] = (seen - columns["last_date"]).dt.days.astype(float)
    columns["age_days"] = (seen - columns["first_date"]).dt.days.astype(float)
    columns["n_active"] = table.pop("n_active")
    columns["n_periods"] = np.full(len(table), count)
    columns["active_share"] = columns["n_active"].to_numpy(float) / count
    columns["amount_cv"] = _variation(units, squares, np.full(len(table), float(count)))
    if own is not None:
        units, squares = (own[name].to_numpy(float) for name in ("units", "squares"))
    since[since < FEWEST_PERIODS] = np.nan
    columns["amount_cv_since_first"] = _variation(units, squares, since)
    return pd.DataFrame(columns, copy=False)


def _variation(total: np.ndarray, squares: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Standard deviation (n − 1) over mean of `count` amounts; NaN where there is none."""
    # Whole numbers below 2^53 are exact; hundredths get that far with two zeros less.
    zeros = np.where((total % 100 == 0) & (squares % 10_000 == 0), 100.0, 1.0)
    total, squares = total / zeros, squares / zeros**2
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = count * squares - total**2
        spread = np.where(spread > ROUNDING * count * squares, spread, 0.0)
        variation = np.sqrt(count * spread / ((count - 1) * total**2))
    return np.where((total > 0) & (count > 1), variation, np.nan)
