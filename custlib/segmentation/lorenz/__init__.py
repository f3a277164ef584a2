"""Who carries how much: concentration, the Lorenz curve, and the profit curve."""

from custlib.segmentation.lorenz.measures import concentration, lorenz_points
from custlib.segmentation.lorenz.profit import ProfitCurve, profit_curve
from custlib.segmentation.lorenz.theory import shape_for_top_share, theoretical_top_share

__all__ = [
    "ProfitCurve",
    "concentration",
    "lorenz_points",
    "profit_curve",
    "shape_for_top_share",
    "theoretical_top_share",
]
