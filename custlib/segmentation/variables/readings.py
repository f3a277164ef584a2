"""Columns as the auditor reads them: names of groups, or numbers that can be cut into groups."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from custlib.segmentation.customer_checks import is_number, read_values

Array = np.ndarray
MOST_CLASSES = 50  # a name of more groups than that describes customers one by one


@dataclass(frozen=True, slots=True)
class Variable:
    """One column: numbers with NaN, or for a nominal one the places of its classes with −1."""

    name: str
    values: Array
    classes: int  # 0 for numbers

    @property
    def nominal(self) -> bool:
        """Whether the values are names and not numbers."""
        return self.classes > 0

    @property
    def known(self) -> Array:
        """Where there is a value."""
        return self.values >= 0 if self.nominal else ~np.isnan(self.values)


def read_variable(customers: pd.DataFrame, name: str, nominal: Collection[str] = ()) -> Variable:
    """The column as numbers if it holds numbers and is not declared nominal, else as classes."""
    column = customers[name]
    if name in nominal or not is_number(column):
        codes, levels = pd.factorize(column.astype(object), sort=False)
        return Variable(name, codes, max(len(levels), 1))
    return Variable(name, read_values(customers, name), 0)


def cut_in_groups(variable: Variable, n_groups: int) -> Variable:
    """Numbers as groups: their own values where these are few, else equally large parts."""
    if variable.nominal:
        return variable
    known = variable.known
    numbers = variable.values[known]
    codes = np.full(len(variable.values), -1)
    cuts = np.unique(numbers)
    if len(cuts) > n_groups:
        # Equal numbers stay together: a cut that falls twice on one number is made once.
        cuts = np.unique(np.quantile(numbers, np.arange(1, n_groups) / n_groups))
    filled, codes[known] = np.unique(np.searchsorted(cuts, numbers), return_inverse=True)
    return replace(variable, values=codes, classes=max(len(filled), 1))
