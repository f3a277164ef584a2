"""Answers of outcome and drivers as correlations, refused where R² could not be taken apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_numeric
from custlib.errors import DataError
from custlib.survey.drivers.orders import REDUNDANT
from custlib.survey.moments import CrossProducts
from custlib.variance import Sample

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Answers:
    """Correlations of the drivers and, last, the outcome; respondents behind them."""

    products: CrossProducts
    correlations: Array
    asked: int
    pairwise: bool

    @property
    def n(self) -> int:
        """Respondents of the thinnest pair; all pairs have as many unless taken pairwise."""
        return int(self.products.n.min())

    @property
    def note(self) -> str:
        """What pairwise correlations rest on."""
        if not self.pairwise:
            return ""
        return f"pairwise: correlations rest on {self.n} to {self.products.n.max()} respondents"

    def replicates(self, *, n_boot: int, seed: int) -> Iterator[Array]:
        """Correlations of resamples, in blocks; NaN where no answers could have them."""
        for moments in self.products.replicates(n_boot=n_boot, seed=seed):
            found = moments.correlation
            if self.pairwise:
                found[contradictory(found)] = np.nan
            yield found


def read_answers(
    responses: pd.DataFrame, names: Sequence[str], sample: Sample, *, pairwise: bool
) -> Answers:
    """Correlations of the named items, the outcome last."""
    values = np.column_stack([require_numeric(responses, name) for name in names])
    products = CrossProducts.of(values, sample, pairwise=pairwise)
    asked = int(sample.domain.sum())
    _require_enough(int(products.n.min()), asked, len(names) - 1)
    correlations = products.moments().correlation
    _require_spread(correlations, names)
    if pairwise and contradictory(correlations):
        raise DataError.because(
            f"Pairwise correlations contradict one another: the smallest eigenvalue of their "
            f"matrix is {_smallest(correlations):.3g}.",
            "Expected correlations that one set of answers could have.",
            'Pass missing="listwise", or leave out the items with most gaps.',
        )
    return Answers(products, correlations, asked, pairwise)


def contradictory(correlations: Array) -> Array:
    """Whether no answers could have these correlations, as pairwise gaps can make it."""
    return _smallest(correlations) < -REDUNDANT


def _smallest(correlations: Array) -> Array:
    return np.linalg.eigvalsh(np.nan_to_num(correlations))[..., 0]


def _require_enough(n: int, asked: int, p: int) -> None:
    if n <= p + 1:
        raise DataError.because(
            f"{n} of {asked} respondents answered the outcome and all drivers, {p} in number.",
            f"Expected more than {p + 1}; with fewer, R² is 1 whatever the answers are.",
            "Take fewer drivers, leave out those with most gaps, or ask more customers.",
        )


def _require_spread(correlations: Array, names: Sequence[str]) -> None:
    undefined = np.isnan(correlations)
    if undefined.any():
        own = undefined.diagonal()
        # Pairwise, an item may vary on the whole and not among those who answered another one.
        at = np.flatnonzero(own if own.any() else undefined.any(axis=0)).tolist()
        found = [names[item] for item in at]
        raise DataError.because(
            f"Answers are all equal in: {', '.join(found)}.",
            "Expected at least two different answers in each item (pairwise: in each two items).",
            "Leave these drivers out; an outcome without differences has nothing to explain.",
        )
