"""Orders of any size, on any engine: the rules for dirty rows, the cube, and what it feeds."""

from custlib.segmentation.transactions.book import OrderBook, order_book
from custlib.segmentation.transactions.cohorts import cohort_contrast, cohort_table
from custlib.segmentation.transactions.customers import customer_periods, customer_table
from custlib.segmentation.transactions.windows import PeriodPair, period_pair

__all__ = [
    "OrderBook",
    "PeriodPair",
    "cohort_contrast",
    "cohort_table",
    "customer_periods",
    "customer_table",
    "order_book",
    "period_pair",
]
