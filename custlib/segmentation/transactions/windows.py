"""Two periods of the same length, one after the other, to be compared."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from custlib.errors import DataError
from custlib.periods import month_end, month_of, period_label
from custlib.segmentation.transactions.book import OrderBook
from custlib.segmentation.transactions.customers import customer_table


@dataclass(frozen=True, slots=True)
class PeriodPair:
    """Customers of two periods of `months` months each, and how the periods are called."""

    before: pd.DataFrame
    after: pd.DataFrame
    names: tuple[str, str]
    months: int


def period_pair(book: OrderBook, *, split: Any = None) -> PeriodPair:
    """Customer tables of the months up to a day, and of as many months after it.

    Parameters
    ----------
    book : OrderBook
    split : date, optional
        Last day of a month; by default such that both periods are as long as can be.

    Returns
    -------
    PeriodPair
        before, after (as `customer_table` gives them), names, months.

    Raises
    ------
    ParameterError
        `split` lies inside a month.
    DataError
        There is no month with orders on one side of the split.

    Notes
    -----
    Both periods have the same number of calendar months and touch at the split. The last month
    may not be over; `as_of` of the book says up to which day it goes.

    Examples
    --------
    >>> from custlib.segmentation import order_book
    >>> sales = pd.DataFrame({"who": ["a", "a", "b"], "paid": [10.0, 30.0, 5.0],
    ...                       "on": ["2024-01-05", "2024-03-01", "2024-04-02"]})
    >>> pair = period_pair(order_book(sales, customer="who", date="on", amount="paid"))
    >>> pair.names, pair.after["amount"].tolist()
    (('2024-01 to 2024-02', '2024-03 to 2024-04'), [30.0, 5.0])
    """
    first, last = month_of(book.first_date), month_of(book.as_of)
    middle = last - (last - first + 1) // 2
    at = middle if split is None else month_end("split", split)
    length = min(at - first + 1, last - at)
    if length < 1:
        raise DataError.because(
            f"Between {period_label(first, 'month')} and {period_label(last, 'month')} no two"
            " periods touch at the split.",
            "Expected at least one month on each side.",
            "Pass another split, or more months of orders.",
        )
    spans = [(at - length + 1, at), (at + 1, at + length)]
    tables = [
        customer_table(
            book,
            since=_first_day(start),
            until=_last_day(end),
            as_of=min(_last_day(end), book.as_of),
        )
        for start, end in spans
    ]
    before, after = (f"{period_label(a, 'month')} to {period_label(b, 'month')}" for a, b in spans)
    return PeriodPair(tables[0], tables[1], (before, after), length)


def _first_day(month: int) -> pd.Timestamp:
    return pd.Timestamp(year=month // 12, month=month % 12 + 1, day=1)


def _last_day(month: int) -> pd.Timestamp:
    return _first_day(month) + pd.offsets.MonthEnd(0)
