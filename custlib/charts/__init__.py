"""Figures: tables in, matplotlib Axes out."""

from custlib.charts.style import finish
from custlib.charts.style import report_style as style

__all__ = ["finish", "style"]
