"""Data sets: the catalogue and the simulations with known truth."""

from custlib.datasets.catalogue import Dataset, list_datasets, load, verify
from custlib.datasets.sources import (
    SurveySource,
    TableSource,
    customer_source,
    order_source,
    survey_source,
)

__all__ = [
    "Dataset",
    "SurveySource",
    "TableSource",
    "customer_source",
    "list_datasets",
    "load",
    "order_source",
    "survey_source",
    "verify",
]
