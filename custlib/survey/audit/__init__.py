"""An audit of several units by raters: ratings, agreement, and an index that knows its doubts."""

from custlib.survey.audit.index import audit_index, index_verdicts, index_views
from custlib.survey.audit.ratings import (
    Audit,
    audit_agreement,
    audit_ratings,
    practice_levels,
)

__all__ = [
    "Audit",
    "audit_agreement",
    "audit_index",
    "audit_ratings",
    "index_verdicts",
    "index_views",
    "practice_levels",
]
