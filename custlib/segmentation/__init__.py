"""Who are they?"""

from custlib.segmentation.lenses import (
    period_bridge,
    repeat_shares,
    revenue_change,
    value_deciles,
)
from custlib.segmentation.rfm import (
    check_rules,
    rfm_cuts,
    rfm_rules,
    rfm_scores,
    rfm_segments,
    rfm_summary,
)
from custlib.segmentation.transactions import (
    OrderBook,
    PeriodPair,
    cohort_table,
    customer_periods,
    customer_table,
    order_book,
    period_pair,
)

__all__ = [
    "OrderBook",
    "PeriodPair",
    "check_rules",
    "cohort_table",
    "customer_periods",
    "customer_table",
    "order_book",
    "period_bridge",
    "period_pair",
    "repeat_shares",
    "revenue_change",
    "rfm_cuts",
    "rfm_rules",
    "rfm_scores",
    "rfm_segments",
    "rfm_summary",
    "value_deciles",
]
