"""Ordered answers as they are: cumulative models."""

from custlib.survey.ordinal.model import CumulativeModel, cumulative_logit

__all__ = ["CumulativeModel", "cumulative_logit"]
