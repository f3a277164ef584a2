"""Which drivers carry an outcome? R² taken apart among them."""

from custlib.survey.drivers.decompositions import contributions
from custlib.survey.drivers.orders import balanced_orders
from custlib.survey.drivers.shares import DriverShares, driver_shares

__all__ = ["DriverShares", "balanced_orders", "contributions", "driver_shares"]
