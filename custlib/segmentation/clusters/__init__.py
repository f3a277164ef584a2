"""Which customers resemble each other, and would other customers show the same segments?"""

from custlib.segmentation.clusters.agreement import segment_agreement
from custlib.segmentation.clusters.choice import cluster_choice
from custlib.segmentation.clusters.profiles import segment_profiles
from custlib.segmentation.clusters.segments import CustomerClusters, cluster_customers
from custlib.segmentation.clusters.stability import segment_stability

__all__ = [
    "CustomerClusters",
    "cluster_choice",
    "cluster_customers",
    "segment_agreement",
    "segment_profiles",
    "segment_stability",
]
