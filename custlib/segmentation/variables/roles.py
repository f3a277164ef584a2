"""What each column is to the audit: candidate, trait of the relationship, behaviour."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from custlib.checks import require_columns, require_distinct
from custlib.errors import ParameterError
from custlib.segmentation.customer_checks import require_customers
from custlib.segmentation.variables.readings import Variable, read_variable


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of the columns by role; no column has two."""

    variables: tuple[str, ...]
    relationship: tuple[str, ...]
    behaviour: tuple[str, ...]
    repeated: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """Every column that is read."""
        second = self.repeated.values()
        return [*self.variables, *self.relationship, *self.behaviour, *second]

    def require(self, customers: pd.DataFrame, nominal: Collection[str]) -> None:
        """The columns exist, have one role each, and there are customers."""
        require_distinct(self.variables)
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise ParameterError.because(
                f"In more than one role: {', '.join(map(str, twice))}.",
                "Expected each column once among variables, relationship, behaviour, repeated.",
                "A trait of the relationship is no candidate; leave the column in one role.",
            )
        loose = sorted(set(self.repeated) - set(self.variables))
        if loose:
            raise ParameterError.because(
                f"Measured twice, but no candidates: {', '.join(map(str, loose))}.",
                "Expected repeated to lead from a candidate to its second measurement.",
                "Name the candidate among the variables, or leave it out of repeated.",
            )
        require_columns(customers, [*self.names, *nominal])
        require_customers(customers, None)

    def read(self, customers: pd.DataFrame, nominal: Collection[str]) -> dict[str, Variable]:
        """Every column, a second measurement in the way of the first."""
        twins = [second for first, second in self.repeated.items() if first in nominal]
        return {name: read_variable(customers, name, [*nominal, *twins]) for name in self.names}
