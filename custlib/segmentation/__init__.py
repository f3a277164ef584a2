"""Who are they?

Orders come first: `order_book` reads them under rules that are counted; `customer_table`,
`customer_periods`, `cohort_table` and `period_pair` tell what its customers did.

Everything else starts from a table with one row a customer. Who carries sales: `concentration`,
`lorenz_points`, `profit_curve`. Classes and scores: `abc_classes`, `xyz_classes`, `abc_xyz_matrix`,
`class_certainty`, `class_migration`, `rfm_scores`, `rfm_segments`. A look at the whole base:
`value_deciles`, `repeat_shares`, `period_bridge`, `revenue_change`, `cohort_contrast`.

Segments by needs: `audit_variables` says which variables may segment, `cluster_customers`,
`cluster_choice`, `segment_stability` and `latent_classes` find them, `segment_profiles` describes
them, `assign_strategies` says what pays for whom.
"""

from custlib.segmentation.abc_xyz import (
    ClassCertainty,
    abc_classes,
    abc_limits,
    abc_xyz_matrix,
    class_certainty,
    xyz_classes,
)
from custlib.segmentation.agreement import kappa_agreement
from custlib.segmentation.clusters import (
    CustomerClusters,
    cluster_choice,
    cluster_customers,
    segment_agreement,
    segment_profiles,
    segment_stability,
)
from custlib.segmentation.clusters.by_number import noise_like, stability_by_number, stable_number
from custlib.segmentation.clusters.rivals import agreement_by_pair, method_agreement
from custlib.segmentation.latent import LatentClasses, latent_class_choice, latent_classes
from custlib.segmentation.lenses import (
    period_bridge,
    repeat_shares,
    revenue_change,
    value_deciles,
)
from custlib.segmentation.lorenz import (
    ProfitCurve,
    concentration,
    lorenz_points,
    profit_curve,
    shape_for_top_share,
    theoretical_top_share,
)
from custlib.segmentation.migration import ClassMigration, class_migration
from custlib.segmentation.plan import SegmentPlan, segment_plan
from custlib.segmentation.rfm import (
    check_rules,
    rfm_cuts,
    rfm_rules,
    rfm_scores,
    rfm_segments,
    rfm_summary,
)
from custlib.segmentation.strategy import STRATEGIES, AssignedStrategies, assign_strategies
from custlib.segmentation.strategy.contrasts import (
    policy_contrast,
    strategy_scenarios,
    strategy_split,
)
from custlib.segmentation.transactions import (
    OrderBook,
    PeriodPair,
    cohort_contrast,
    cohort_table,
    customer_periods,
    customer_table,
    order_book,
    period_pair,
)
from custlib.segmentation.variables import AuditLimits, VariableAudit, audit_variables

__all__ = [
    "STRATEGIES",
    "AssignedStrategies",
    "AuditLimits",
    "ClassCertainty",
    "ClassMigration",
    "CustomerClusters",
    "LatentClasses",
    "OrderBook",
    "PeriodPair",
    "ProfitCurve",
    "SegmentPlan",
    "VariableAudit",
    "abc_classes",
    "abc_limits",
    "abc_xyz_matrix",
    "agreement_by_pair",
    "assign_strategies",
    "audit_variables",
    "check_rules",
    "class_certainty",
    "class_migration",
    "cluster_choice",
    "cluster_customers",
    "cohort_contrast",
    "cohort_table",
    "concentration",
    "customer_periods",
    "customer_table",
    "kappa_agreement",
    "latent_class_choice",
    "latent_classes",
    "lorenz_points",
    "method_agreement",
    "noise_like",
    "order_book",
    "period_bridge",
    "period_pair",
    "policy_contrast",
    "profit_curve",
    "repeat_shares",
    "revenue_change",
    "rfm_cuts",
    "rfm_rules",
    "rfm_scores",
    "rfm_segments",
    "rfm_summary",
    "segment_agreement",
    "segment_plan",
    "segment_profiles",
    "segment_stability",
    "shape_for_top_share",
    "stability_by_number",
    "stable_number",
    "strategy_scenarios",
    "strategy_split",
    "theoretical_top_share",
    "value_deciles",
    "xyz_classes",
]
