"""Simulated data with the truth they were drawn from; one subpackage or module a data set."""

from custlib.datasets.simulate.audit import simulate_audit_7s
from custlib.datasets.simulate.ecsi import simulate_ecsi
from custlib.datasets.simulate.firms import simulate_b2b_firms
from custlib.datasets.simulate.orders import simulate_orders
from custlib.datasets.simulate.steel import simulate_steel_survey

__all__ = [
    "simulate_audit_7s",
    "simulate_b2b_firms",
    "simulate_ecsi",
    "simulate_orders",
    "simulate_steel_survey",
]
