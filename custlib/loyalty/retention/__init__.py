"""How long do customers stay, who leaves sooner, and is it the same for all cohorts?"""

from custlib.loyalty.retention.activity import contract_durations
from custlib.loyalty.retention.cohorts import cohort_retention
from custlib.loyalty.retention.comparison import SurvivalComparison, compare_survival
from custlib.loyalty.retention.curve import survival_curve
from custlib.loyalty.retention.hazards import ChurnHazards, churn_hazards
from custlib.loyalty.retention.lifetimes import restricted_mean, survival_times

__all__ = [
    "ChurnHazards",
    "SurvivalComparison",
    "churn_hazards",
    "cohort_retention",
    "compare_survival",
    "contract_durations",
    "restricted_mean",
    "survival_curve",
    "survival_times",
]
