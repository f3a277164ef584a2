"""Who are they?"""

from custlib.segmentation.transactions import (
    OrderBook,
    cohort_table,
    customer_periods,
    customer_table,
    order_book,
)

__all__ = ["OrderBook", "cohort_table", "customer_periods", "customer_table", "order_book"]
