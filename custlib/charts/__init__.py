"""Figures: tables in, matplotlib Axes out."""

from custlib.charts.audit import plot_element_profile, plot_index_ranks
from custlib.charts.classes import (
    plot_class_certainty,
    plot_class_matrix,
    plot_lorenz,
    plot_profit_curve,
)
from custlib.charts.contacts import plot_contact_matrix, plot_source_bounds, plot_tornado
from custlib.charts.customer_base import (
    plot_bridge,
    plot_cohort_revenue,
    plot_cohorts,
    plot_share_pairs,
)
from custlib.charts.economics import (
    plot_count_band,
    plot_give_up_curve,
    plot_lift_surface,
    plot_referral_map,
)
from custlib.charts.forecast import plot_forecast
from custlib.charts.funnel import plot_funnel, plot_target_chances
from custlib.charts.ladder import (
    plot_ladder_budget,
    plot_ladder_flow,
    plot_ladder_matrix,
    plot_ladder_shares,
    plot_ladder_steps,
)
from custlib.charts.path import plot_path_diagram
from custlib.charts.priorities import plot_places, plot_priorities
from custlib.charts.recommendation import (
    plot_needed_answers,
    plot_net_promoter,
    plot_promoter_groups,
    plot_promoter_shares,
)
from custlib.charts.retention import (
    plot_hazard_ratios,
    plot_incidence,
    plot_reason_shares,
    plot_retention,
)
from custlib.charts.segments import (
    plot_segment_profiles,
    plot_stability,
    plot_strategy_shares,
    plot_variable_audit,
)
from custlib.charts.style import finish
from custlib.charts.style import report_style as style
from custlib.charts.survey import plot_answers, plot_contrasts, plot_profile
from custlib.charts.sweep import plot_swept_findings, swept_png, varying_findings

__all__ = [
    "finish",
    "plot_answers",
    "plot_bridge",
    "plot_class_certainty",
    "plot_class_matrix",
    "plot_cohort_revenue",
    "plot_cohorts",
    "plot_contact_matrix",
    "plot_contrasts",
    "plot_count_band",
    "plot_element_profile",
    "plot_forecast",
    "plot_funnel",
    "plot_give_up_curve",
    "plot_hazard_ratios",
    "plot_incidence",
    "plot_index_ranks",
    "plot_ladder_budget",
    "plot_ladder_flow",
    "plot_ladder_matrix",
    "plot_ladder_shares",
    "plot_ladder_steps",
    "plot_lift_surface",
    "plot_lorenz",
    "plot_needed_answers",
    "plot_net_promoter",
    "plot_path_diagram",
    "plot_places",
    "plot_priorities",
    "plot_profile",
    "plot_profit_curve",
    "plot_promoter_groups",
    "plot_promoter_shares",
    "plot_reason_shares",
    "plot_referral_map",
    "plot_retention",
    "plot_segment_profiles",
    "plot_share_pairs",
    "plot_source_bounds",
    "plot_stability",
    "plot_strategy_shares",
    "plot_swept_findings",
    "plot_target_chances",
    "plot_tornado",
    "plot_variable_audit",
    "style",
    "swept_png",
    "varying_findings",
]
