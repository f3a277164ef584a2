"""What to do for which customer: raise loyalty, stimulate sales, cut costs, or leave as is."""

from custlib.segmentation.strategy.choice import AssignedStrategies, assign_strategies
from custlib.segmentation.strategy.gains import LEAVE, STRATEGIES

__all__ = ["LEAVE", "STRATEGIES", "AssignedStrategies", "assign_strategies"]
