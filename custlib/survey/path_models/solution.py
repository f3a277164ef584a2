"""A path model solved for many correlation matrices at once: the answers' own, or resamples'."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from custlib.errors import FitError
from custlib.survey.moments import Moments
from custlib.survey.path_models.algorithm import Method, outer_weights
from custlib.survey.path_models.consistent import corrected, disattenuated, known_reliability
from custlib.survey.path_models.effects import path_coefficients, total_effects
from custlib.survey.path_models.measurement import alphas, heterotrait, rho_a
from custlib.survey.path_models.specification import Specification

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Solution:
    """Solved models along the first axis; what follows from a model without solution is NaN."""

    specification: Specification
    took: Array  # rounds until the weights settled; 0 where they did not, -1 where singular
    item_mean: Array  # from 0 to 100
    weights: Array  # of each standardized item in the score of its own construct
    structure: Array  # correlations of items (rows) with constructs
    correlation: Array  # of constructs
    rho: Array  # rho_A
    alpha: Array
    standardized_alpha: Array
    htmt: Array
    paths: Array  # row acts on column
    total: Array
    index_weights: Array  # of each item from 0 to 100, summing to 1 within its construct
    index_mean: Array
    index_sd: Array
    unit: Array  # index points per standard deviation of what the score measures

    @classmethod
    def of(
        cls,
        moments: Moments,
        specification: Specification,
        method: Method,
        direction: Array | None,
    ) -> Self:
        """Solve for moments of items from 0 to 100, with the models along the first axis."""
        member = specification.member
        matrix, took = outer_weights(moments.correlation, specification, method, direction)
        structure = moments.correlation @ matrix
        correlation = np.swapaxes(matrix, 1, 2) @ structure
        weights = matrix.sum(axis=2)
        rho = rho_a(weights, specification)
        variance = np.diagonal(moments.covariance, axis1=1, axis2=2)
        raw = weights / np.sqrt(np.where(variance > 0, variance, np.nan))
        sums = raw @ member
        index_weights = raw / (sums @ member.T)
        unit = 1 / sums  # negative where items of negative weight lead the index
        if method.consistent:
            structure = corrected(structure, weights, rho, specification)
            correlation = disattenuated(correlation, rho, specification)
            unit = unit * np.sqrt(known_reliability(rho, specification))
        paths = path_coefficients(correlation, specification)
        return cls(
            specification=specification,
            took=took,
            item_mean=moments.mean,
            weights=weights,
            structure=structure,
            correlation=correlation,
            rho=rho,
            alpha=alphas(moments.covariance, specification),
            standardized_alpha=alphas(moments.correlation, specification),
            htmt=heterotrait(moments.correlation, specification),
            paths=paths,
            total=total_effects(paths),
            index_weights=index_weights,
            index_mean=(index_weights * moments.mean) @ member,
            index_sd=1 / np.abs(sums),
            unit=unit,
        )

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """Blocks of resamples as one."""
        parts = list(parts)
        names = [field.name for field in fields(cls)[1:]]
        joined = (np.concatenate([getattr(one, name) for one in parts]) for name in names)
        return cls(parts[0].specification, *joined)

    @property
    def undefined(self) -> int:
        """How many models lack a number for a path."""
        return int((~np.isfinite(self.paths).all(axis=(1, 2))).sum())

    @property
    def explained(self) -> Array:
        """R² of each construct, zero where nothing acts on it."""
        return (self.paths * self.correlation).sum(axis=1)

    @property
    def loadings(self) -> Array:
        """Correlation of each item with its own construct."""
        return (self.structure * self.specification.member).sum(axis=2)


def require_solution(solution: Solution, method: Method) -> None:
    """The model has one; without it nothing is told."""
    if not solution.undefined:
        return
    if solution.took[0] == 0:
        raise FitError.because(
            f"The weights have not settled after {method.max_iterations} rounds.",
            f"Expected them to change by at most {method.tolerance:g} in the last.",
            "Allow more max_iterations, take another scheme, or join blocks that hardly differ.",
        )
    if solution.took[0] < 0 or not method.consistent:
        raise FitError.because(
            "A regression has no solution: a construct, or an item of mode B, repeats others.",
            "Expected causes of one construct that are not sums of each other.",
            "Leave out one of them, take mode A, or ask more respondents than items.",
        )
    names, rho, alike = solution.specification.names, solution.rho[0], np.triu(solution.htmt[0], 1)
    a, b = np.unravel_index(alike.argmax(), alike.shape)
    outside = [f"{name} {x:.3g}" for name, x in zip(names, rho, strict=True) if x <= 0 or x > 1]
    reason = (
        f"rho_A outside 0–1: {', '.join(outside)}"
        if outside
        else "the corrected correlations contradict one another"
    )
    raise FitError.because(
        f"PLSc has no admissible solution: {reason}; "
        f"hardest to tell apart: {names[a]} ~ {names[b]} (HTMT {alike[a, b]:.3g}).",
        "Expected reliabilities from 0 to 1 and corrected correlations that items could have.",
        "Pass consistent=False (on a command line -p consistent=false), or join constructs and "
        "drop items that fail to measure one thing.",
    )
