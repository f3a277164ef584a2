"""What comes first for customers: rankings, best-worst choices and how far people agree."""

from custlib.survey.ranking.agreement import RankAgreement, rank_agreement
from custlib.survey.ranking.best_worst import best_worst_counts, best_worst_worths
from custlib.survey.ranking.worths import rank_worths

__all__ = [
    "RankAgreement",
    "best_worst_counts",
    "best_worst_worths",
    "rank_agreement",
    "rank_worths",
]
