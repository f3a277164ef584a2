"""Weights that make a sample speak for its population."""

from custlib.survey.weights.adjustment import rake, trim, weight_summary
from custlib.survey.weights.raking import Raking

__all__ = ["Raking", "rake", "trim", "weight_summary"]
