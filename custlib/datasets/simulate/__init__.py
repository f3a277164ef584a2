"""Simulated data with the truth they were drawn from; one subpackage or module a data set."""

from custlib.datasets.simulate.audit import simulate_audit_7s
from custlib.datasets.simulate.ecsi import simulate_ecsi
from custlib.datasets.simulate.steel import simulate_steel_survey

__all__ = ["simulate_audit_7s", "simulate_ecsi", "simulate_steel_survey"]
