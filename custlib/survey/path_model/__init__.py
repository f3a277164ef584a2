"""Satisfaction between its causes and its consequences: PLS path models."""

from custlib.survey.path_model.model import PathModel, path_model
from custlib.survey.path_model.ready import acsi_paths, ecsi_paths

__all__ = ["PathModel", "acsi_paths", "ecsi_paths", "path_model"]
