"""Figures: tables in, matplotlib Axes out."""

from custlib.charts.audit import plot_element_profile, plot_index_ranks
from custlib.charts.classes import (
    plot_class_certainty,
    plot_class_matrix,
    plot_lorenz,
    plot_profit_curve,
)
from custlib.charts.customer_base import (
    plot_bridge,
    plot_cohort_revenue,
    plot_cohorts,
    plot_share_pairs,
)
from custlib.charts.path import plot_path_diagram
from custlib.charts.priorities import plot_places, plot_priorities
from custlib.charts.segments import (
    plot_segment_profiles,
    plot_stability,
    plot_strategy_shares,
    plot_variable_audit,
)
from custlib.charts.style import finish
from custlib.charts.style import report_style as style
from custlib.charts.survey import plot_answers, plot_contrasts, plot_profile

__all__ = [
    "finish",
    "plot_answers",
    "plot_bridge",
    "plot_class_certainty",
    "plot_class_matrix",
    "plot_cohort_revenue",
    "plot_cohorts",
    "plot_contrasts",
    "plot_element_profile",
    "plot_index_ranks",
    "plot_lorenz",
    "plot_path_diagram",
    "plot_places",
    "plot_priorities",
    "plot_profile",
    "plot_profit_curve",
    "plot_segment_profiles",
    "plot_share_pairs",
    "plot_stability",
    "plot_strategy_shares",
    "plot_variable_audit",
    "style",
]
