"""The shifted beta-geometric law of contracts: fitted, projected, held against what came."""

from custlib.loyalty.retention.geometric.estimation import shifted_beta_geometric
from custlib.loyalty.retention.geometric.holdout import retention_holdout
from custlib.loyalty.retention.geometric.model import ShiftedBetaGeometric

__all__ = ["ShiftedBetaGeometric", "retention_holdout", "shifted_beta_geometric"]
