"""Recency, frequency, monetary value: scores, rules that part the customers, and their sums."""

from custlib.segmentation.rfm.quantiles import rfm_cuts, rfm_scores
from custlib.segmentation.rfm.rules import check_rules, rfm_rules
from custlib.segmentation.rfm.segments import rfm_segments, rfm_summary

__all__ = ["check_rules", "rfm_cuts", "rfm_rules", "rfm_scores", "rfm_segments", "rfm_summary"]
