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
                found[_smallest(np.nan_to_num(found)) < -REDUNDANT] = np.nan
            yield found


def read_answers(
    responses: pd.DataFrame, names: Sequence[str], sample: Sample, *, pairwise: bool
) -> Answers:
    """Correlations of the named items, the outcome last."""
    values = np.column_stack([require_numeric(responses, name) for name in names])
    _require_finite(values, names)
    products = CrossProducts.of(values, sample, pairwise=pairwise)
    asked = int(sample.domain.sum())
    _require_enough(int(products.n.min()), asked, len(names) - 1)
    correlations = products.moments().correlation
    _require_spread(correlations, names)
    if pairwise and _smallest(correlations) < -REDUNDANT:
        raise DataError.because(
            f"Pairwise correlations contradict one another: the smallest eigenvalue of their "
            f"matrix is {_smallest(correlations):.3g}.",
            "Expected correlations that one set of answers could have.",
            'Pass missing="listwise", or leave out the items with most gaps.',
        )
    return Answers(products, correlations, asked, pairwise)


def _smallest(correlations: Array) -> Array:
    return np.linalg.eigvalsh(correlations)[..., 0]


def _require_finite(values: Array, names: Sequence[str]) -> None:
    infinite = [name for at, name in enumerate(names) if np.isinf(values[:, at]).any()]
    if infinite:
        raise DataError.because(
            f"Infinite answers in: {', '.join(infinite)}.",
            "Expected finite numbers, or missing.",
            "Make the infinite answers missing, or correct them.",
        )


def _require_enough(n: int, asked: int, p: int) -> None:
    if n <= p + 1:
        drivers = "1 driver" if p == 1 else f"{p} drivers"
        raise DataError.because(
            f"{n} of {asked} respondents answered the outcome and what is set against it: "
            f"{drivers}.",
            f"Expected more than {p + 1}; with fewer, R² is 1 whatever the answers are.",
            "Take fewer drivers, leave out those with most gaps, or ask more customers.",
        )


def _require_spread(correlations: Array, names: Sequence[str]) -> None:
    undefined = np.isnan(correlations)
    if not undefined.any():
        return
    own = np.flatnonzero(undefined.diagonal()).tolist()
    # Pairwise, an item may vary on the whole and not among those who answered another one.
    found = [names[at] for at in own] or [
        f"{names[at]} among those who answered {names[other]}"
        for at, other in np.argwhere(np.triu(undefined))[:5].tolist()
    ]
    raise DataError.because(
        f"All answers are equal in: {', '.join(found)}.",
        "Expected at least two different answers in the outcome and in every driver.",
        "Leave these drivers out; an outcome without differences has nothing to explain.",
    )
