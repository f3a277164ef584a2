"""Simulated data with the truth they were drawn from; one subpackage or module a data set."""

from custlib.datasets.simulate.audit import simulate_audit_7s
from custlib.datasets.simulate.contacts import simulate_contact_matrix
from custlib.datasets.simulate.contracts import simulate_contracts
from custlib.datasets.simulate.ecsi import simulate_ecsi
from custlib.datasets.simulate.firms import simulate_b2b_firms
from custlib.datasets.simulate.funnel import simulate_funnel_log
from custlib.datasets.simulate.ladder import simulate_ladder_events
from custlib.datasets.simulate.orders import simulate_orders
from custlib.datasets.simulate.sources import simulate_sources
from custlib.datasets.simulate.steel import simulate_steel_survey
from custlib.datasets.simulate.waves import simulate_nps_waves

__all__ = [
    "simulate_audit_7s",
    "simulate_b2b_firms",
    "simulate_contact_matrix",
    "simulate_contracts",
    "simulate_ecsi",
    "simulate_funnel_log",
    "simulate_ladder_events",
    "simulate_nps_waves",
    "simulate_orders",
    "simulate_sources",
    "simulate_steel_survey",
]
