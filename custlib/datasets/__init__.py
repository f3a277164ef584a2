"""Data sets: the catalogue and the simulations with known truth."""

from custlib.datasets.catalogue import Dataset, list_datasets, load, verify
from custlib.datasets.sources import (
    SurveySource,
    TableSource,
    survey_source,
    table_source,
)

__all__ = [
    "Dataset",
    "SurveySource",
    "TableSource",
    "list_datasets",
    "load",
    "survey_source",
    "table_source",
    "verify",
]
