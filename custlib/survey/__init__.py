"""What do customers think?"""

from custlib.survey.audit import (
    audit_agreement,
    audit_index,
    audit_ratings,
    index_verdicts,
    index_views,
    practice_levels,
)
from custlib.survey.codebook import Codebook
from custlib.survey.comparison import compare_groups
from custlib.survey.contrast import penalty_reward
from custlib.survey.deviations import item_deviations
from custlib.survey.draft import CodebookDraft, codebook_draft
from custlib.survey.drivers import driver_shares
from custlib.survey.evidence import first_driver, importance_evidence, method_agreement
from custlib.survey.exports import Export, read_export
from custlib.survey.importance import importance_performance
from custlib.survey.indices import (
    SERVICE_GAPS,
    SEVEN_S,
    composite_index,
    customer_effort_score,
    element_scores,
    gap_scores,
    maturity_level,
    rater_agreement,
    satisfaction_index,
)
from custlib.survey.kano import (
    evaluation_table,
    kano_categories,
    kano_coefficients,
    kano_scores,
)
from custlib.survey.ordinal import cumulative_logit
from custlib.survey.path_models import (
    acsi_paths,
    ecsi_paths,
    effect_by_method,
    path_model,
    path_structure,
)
from custlib.survey.plan import analysis_plan
from custlib.survey.profile import answer_shares, satisfaction_profile
from custlib.survey.published import published_agreement
from custlib.survey.quality import early_late, quality_summary, response_quality
from custlib.survey.ranking import (
    best_worst_counts,
    best_worst_worths,
    rank_agreement,
    rank_worths,
)
from custlib.survey.reading import missing_reasons, read_raw, read_responses
from custlib.survey.reliability import cronbach_alpha, item_statistics, mcdonald_omega
from custlib.survey.sensitivity import difference_by_method
from custlib.survey.servqual import servqual_gaps, servqual_table_check
from custlib.survey.statements import statement_verdicts
from custlib.survey.weights import rake, trim, weight_summary

__all__ = [
    "SERVICE_GAPS",
    "SEVEN_S",
    "Codebook",
    "CodebookDraft",
    "Export",
    "acsi_paths",
    "analysis_plan",
    "answer_shares",
    "audit_agreement",
    "audit_index",
    "audit_ratings",
    "best_worst_counts",
    "best_worst_worths",
    "codebook_draft",
    "compare_groups",
    "composite_index",
    "cronbach_alpha",
    "cumulative_logit",
    "customer_effort_score",
    "difference_by_method",
    "driver_shares",
    "early_late",
    "ecsi_paths",
    "effect_by_method",
    "element_scores",
    "evaluation_table",
    "first_driver",
    "gap_scores",
    "importance_evidence",
    "importance_performance",
    "index_verdicts",
    "index_views",
    "item_deviations",
    "item_statistics",
    "kano_categories",
    "kano_coefficients",
    "kano_scores",
    "maturity_level",
    "mcdonald_omega",
    "method_agreement",
    "missing_reasons",
    "path_model",
    "path_structure",
    "penalty_reward",
    "practice_levels",
    "published_agreement",
    "quality_summary",
    "rake",
    "rank_agreement",
    "rank_worths",
    "rater_agreement",
    "read_export",
    "read_raw",
    "read_responses",
    "response_quality",
    "satisfaction_index",
    "satisfaction_profile",
    "servqual_gaps",
    "servqual_table_check",
    "statement_verdicts",
    "trim",
    "weight_summary",
]
