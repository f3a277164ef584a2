"""Satisfaction between its causes and its consequences: PLS path models."""

from custlib.survey.path_models.model import PathModel, path_model
from custlib.survey.path_models.ready import acsi_paths, ecsi_paths
from custlib.survey.path_models.structure import PathStructure, path_structure
from custlib.survey.path_models.variants import effect_by_method

__all__ = [
    "PathModel",
    "PathStructure",
    "acsi_paths",
    "ecsi_paths",
    "effect_by_method",
    "path_model",
    "path_structure",
]
