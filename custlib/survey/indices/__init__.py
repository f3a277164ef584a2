"""Indices from 0 to 100, agreement of raters, maturity, elements and gaps of an organization."""

from custlib.survey.indices.agreement import rater_agreement
from custlib.survey.indices.composite import CompositeIndex, composite_index
from custlib.survey.indices.elements import SEVEN_S, ElementScores, element_scores
from custlib.survey.indices.gaps import SERVICE_GAPS, gap_scores
from custlib.survey.indices.maturity import MaturityLevels, maturity_level
from custlib.survey.indices.satisfaction import customer_effort_score, satisfaction_index

__all__ = [
    "SERVICE_GAPS",
    "SEVEN_S",
    "CompositeIndex",
    "ElementScores",
    "MaturityLevels",
    "composite_index",
    "customer_effort_score",
    "element_scores",
    "gap_scores",
    "maturity_level",
    "rater_agreement",
    "satisfaction_index",
]
