"""Data sets: the catalogue and the simulations with known truth."""

from custlib.datasets.catalogue import Dataset, list_datasets, load, verify

__all__ = ["Dataset", "list_datasets", "load", "verify"]
