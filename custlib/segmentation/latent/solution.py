"""A fitted model of latent classes: its parameters, who belongs where, and how well it fits."""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from custlib.segmentation.latent.algorithm import SAME_MAXIMUM, climb, memberships
from custlib.segmentation.latent.patterns import Patterns

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Solution:
    """The best of the starts: `shares` (classes,), `answers` (classes, answers of all items)."""

    patterns: Patterns
    shares: Array
    answers: Array
    loglik: float
    converged: bool
    rounds: int
    n_starts: int
    at_best: int

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.shares)

    @property
    def n_parameters(self) -> int:
        """Free shares and probabilities."""
        return count_parameters(self.patterns, self.k)

    @property
    def aic(self) -> float:
        """Akaike's criterion, lower is better."""
        return -2 * self.loglik + 2 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion on the rows used, lower is better."""
        return float(-2 * self.loglik + np.log(self.patterns.n) * self.n_parameters)

    def memberships(self, indicators: Array | None = None) -> Array:
        """Probability of each class (patterns, classes) given what the pattern has answered."""
        rows = self.patterns.indicators if indicators is None else indicators
        return memberships(rows, self.shares[None], self.answers[None])[0][0].T

    def entropy_r2(self, posterior: Array) -> float:
        """1 where every pattern is surely of one class, 0 where nothing is known."""
        if self.k == 1:
            return np.nan
        loss = special.entr(posterior).sum(axis=1) @ self.patterns.weights
        return float(1 - loss / (self.patterns.weights.sum() * np.log(self.k)))

    def classification_error(self, posterior: Array) -> float:
        """Share expected in another class than the most probable one."""
        weights = self.patterns.weights
        return float(1 - posterior.max(axis=1) @ weights / weights.sum())

    def goodness(self) -> tuple[float, float, float]:
        """G², Pearson's X² against the table of all patterns, and their degrees of freedom."""
        observed = self.patterns.weights
        logs = memberships(self.patterns.indicators, self.shares[None], self.answers[None])[1][0]
        expected = observed.sum() * np.exp(logs)
        g2 = 2 * float(special.xlogy(observed, observed / expected).sum())
        # Patterns that nobody has add what is expected of them.
        unseen = observed.sum() - expected.sum()
        x2 = float(((observed - expected) ** 2 / expected).sum() + max(unseen, 0.0))
        return g2, x2, self.patterns.cells - 1 - self.n_parameters


def fit_classes(
    patterns: Patterns, *, k: int, n_starts: int, max_rounds: int, seed: int
) -> Solution:
    """The start that ends at the highest likelihood, and how many end there."""
    ends = climb(patterns, k=k, n_starts=n_starts, max_rounds=max_rounds, seed=seed)
    at = ends.best
    near = ends.converged & (ends.loglik >= ends.loglik[at] - SAME_MAXIMUM)
    return Solution(
        patterns,
        ends.shares[at],
        ends.answers[at],
        float(ends.loglik[at]),
        bool(ends.converged[at]),
        int(ends.rounds[at]),
        n_starts,
        int(near.sum()),
    )


def why_unfit(patterns: Patterns, k: int) -> str:
    """What forbids so many classes on these answers; empty if nothing does."""
    if k > len(patterns.codes):
        return f"{k} classes for {len(patterns.codes)} distinct patterns of answers"
    parameters, most = count_parameters(patterns, k), patterns.cells - 1
    if parameters > most:
        return f"{k} classes have {parameters} parameters, the table of answers {most:g} free cells"
    return ""


def count_parameters(patterns: Patterns, k: int) -> int:
    """Free parameters of k classes: k − 1 shares, and all but one probability of an item."""
    return k - 1 + k * (len(patterns.item_of_answer) - len(patterns.scales))


def chi_square_p(statistic: float, df: float) -> float:
    """Upper tail of the chi-square distribution; NaN without degrees of freedom."""
    return float(stats.chi2.sf(statistic, df)) if df > 0 else np.nan
