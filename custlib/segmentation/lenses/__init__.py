"""Five ways to look at a base of customers; the cohorts among them are with the orders."""

from custlib.segmentation.lenses.change import period_bridge, revenue_change
from custlib.segmentation.lenses.makeup import repeat_shares, value_deciles

__all__ = ["period_bridge", "repeat_shares", "revenue_change", "value_deciles"]
