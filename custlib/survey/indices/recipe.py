"""How a composite index is made from scores, and what of the making is uncertain."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from custlib.resampling import BLOCK_CELLS

Array = np.ndarray
Choices = dict[str, Array]  # by factor, one choice a draw
FACTORS = ("weights", "normalization", "aggregation", "scores")
FLOOR = 1.0  # a geometric mean takes lower scores, of 0–100, for this one


@dataclass(frozen=True, slots=True)
class Recipe:
    """Scores of units by indicators, 0–100, and the choices that make an index of them."""

    scores: Array
    weights: Array
    concentration: float | None
    normalizations: tuple[str, ...]
    aggregations: tuple[str, ...]
    errors: Array | None  # standard errors like the scores, NaN where unknown
    df: Array  # degrees of freedom of each unit's errors, infinite if they are known exactly
    root: Array  # of the correlation between the errors of a unit's indicators

    @property
    def judged(self) -> Array:
        """Which units' errors are known, so that draws tell something of them."""
        every = np.ones(len(self.scores), bool)
        return every if self.errors is None else ~np.isnan(self.errors).any(axis=1)

    @property
    def uncertain(self) -> list[str]:
        """Names of the factors that vary."""
        many = [len(self.normalizations) > 1, len(self.aggregations) > 1]
        varies = [
            self.concentration is not None,
            *many,
            self.errors is not None and self.judged.any(),
        ]
        return [name for name, open_ in zip(FACTORS, varies, strict=True) if open_]

    def nominal(self, count: int = 1) -> Choices:
        """The choices as given: nominal weights, first methods, scores without error."""
        weights, first = np.tile(self.weights, (count, 1)), np.zeros(count, int)
        choices = (weights, first, first, np.zeros((count, 1, 1)))
        return dict(zip(FACTORS, choices, strict=True))

    def blocks(self, *, n_draws: int, seed: int | None) -> Iterator[tuple[Choices, Choices]]:
        """Two independent samples of the choices, drawn together in blocks."""
        size = max(BLOCK_CELLS // 4 // self.scores.size, 1)
        streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(10)]
        for start in range(0, n_draws, size):
            count = min(size, n_draws - start)
            one, other = [*streams[:4], streams[8]], [*streams[4:8], streams[9]]
            yield self._draw(one, count), self._draw(other, count)

    def index(self, choices: Choices) -> Array:
        """Index of each unit under each choice, shape (draws, units)."""
        scores, weights = self.scores + choices["scores"], choices["weights"][:, None, :]
        if "z" in self.normalizations:
            chosen = np.array(self.normalizations)[choices["normalization"]] == "z"
            scores = np.where(chosen[:, None, None], _standardized(scores), scores)
        index = (scores * weights).sum(axis=2)
        if "geometric" in self.aggregations:
            chosen = np.array(self.aggregations)[choices["aggregation"]] == "geometric"
            geometric = np.exp((np.log(np.maximum(scores, FLOOR)) * weights).sum(axis=2))
            index = np.where(chosen[:, None], geometric, index)
        return index

    def _draw(self, streams: list[np.random.Generator], count: int) -> Choices:
        choices = self.nominal(count)
        if self.concentration is not None:
            choices["weights"] = streams[0].dirichlet(self.concentration * self.weights, count)
        choices["normalization"] = streams[1].integers(len(self.normalizations), size=count)
        choices["aggregation"] = streams[2].integers(len(self.aggregations), size=count)
        if self.errors is not None and self.judged.any():
            normal = streams[3].standard_normal((count, *self.scores.shape))
            # Units of unknown error stand still in the draws, and are told nothing of.
            errors = np.where(self.judged[:, None], self.errors, 0.0)
            choices["normal"] = normal @ self.root.T * errors
            # One chi-square per unit: its elements were rated by the same few raters.
            known = np.isfinite(self.df)
            chi = streams[4].chisquare(np.where(known, self.df, 1.0), (count, len(known)))
            factor = np.where(known, np.sqrt(self.df / chi), 1.0)
            choices["scores"] = choices["normal"] * factor[:, :, None]
        return choices


def _standardized(scores: Array) -> Array:
    """Every indicator with one mean and one spread over the units: those of all scores together.

    A z score has no unit; given back the common mean and root mean square spread it stays on
    0–100, and thresholds keep their meaning.
    """
    mean, spread = scores.mean(axis=1, keepdims=True), scores.std(axis=1, ddof=1, keepdims=True)
    common = np.sqrt((spread**2).mean(axis=2, keepdims=True))
    return mean.mean(axis=2, keepdims=True) + common * (scores - mean) / spread
