"""The customers of a steel works: what is planted, who is asked, what they answer."""

from custlib.datasets.simulate.steel.survey import simulate_steel_survey

__all__ = ["simulate_steel_survey"]
