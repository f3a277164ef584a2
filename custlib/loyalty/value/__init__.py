"""How often customers buy, for how much, until when, and what they are worth."""

from custlib.loyalty.value.forecasts import (
    PurchaseForecast,
    purchase_forecast,
)
from custlib.loyalty.value.holdout import HoldoutComparison, holdout_comparison
from custlib.loyalty.value.plan import ForecastPlan, HeldForecast, forecast_plan
from custlib.loyalty.value.purchases import PurchaseModel, purchase_model
from custlib.loyalty.value.records import buying_records
from custlib.loyalty.value.spending import SpendModel, spend_model
from custlib.loyalty.value.tracking import purchase_tracking, repeat_purchases
from custlib.loyalty.value.units import time_between
from custlib.loyalty.value.worth import CustomerValue, customer_value

__all__ = [
    "CustomerValue",
    "ForecastPlan",
    "HeldForecast",
    "HoldoutComparison",
    "PurchaseForecast",
    "PurchaseModel",
    "SpendModel",
    "buying_records",
    "customer_value",
    "forecast_plan",
    "holdout_comparison",
    "purchase_forecast",
    "purchase_model",
    "purchase_tracking",
    "repeat_purchases",
    "spend_model",
    "time_between",
]
