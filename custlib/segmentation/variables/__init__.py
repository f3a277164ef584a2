"""Which variables may segment: each held against four criteria, with intervals."""

from custlib.segmentation.variables.criteria import CRITERIA
from custlib.segmentation.variables.examination import VariableAudit, audit_variables
from custlib.segmentation.variables.limits import AuditLimits

__all__ = ["CRITERIA", "AuditLimits", "VariableAudit", "audit_variables"]
