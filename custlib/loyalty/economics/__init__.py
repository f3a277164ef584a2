"""What staying, a price and growth are worth: closed forms, each with its range and its notes."""

from custlib.loyalty.economics.break_evens import discount_break_even, price_break_even
from custlib.loyalty.economics.churn import churn_profit_lift
from custlib.loyalty.economics.growth import doubling_time
from custlib.loyalty.economics.lifetime import lifetime_value
from custlib.loyalty.economics.lift_lines import churn_lift_line

__all__ = [
    "churn_lift_line",
    "churn_profit_lift",
    "discount_break_even",
    "doubling_time",
    "lifetime_value",
    "price_break_even",
]
