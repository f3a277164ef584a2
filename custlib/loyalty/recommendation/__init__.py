"""Will they tell others? The net promoter score, its change, and what both rest on."""

from custlib.loyalty.recommendation.changes import net_promoter_change
from custlib.loyalty.recommendation.outcomes import promoter_retention
from custlib.loyalty.recommendation.plan import RecommendationPlan, recommendation_plan
from custlib.loyalty.recommendation.scores import net_promoter_score, promoter_shares
from custlib.loyalty.recommendation.silence import net_promoter_bounds
from custlib.loyalty.recommendation.sizes import net_promoter_sample_size
from custlib.loyalty.recommendation.views import net_promoter_views

__all__ = [
    "RecommendationPlan",
    "net_promoter_bounds",
    "net_promoter_change",
    "net_promoter_sample_size",
    "net_promoter_score",
    "net_promoter_views",
    "promoter_retention",
    "promoter_shares",
    "recommendation_plan",
]
