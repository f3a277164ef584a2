"""Climbs Cox's partial likelihood, and says where it has no top."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custlib.errors import FitError
from custlib.loyalty.retention.risk_sums import RiskSums, Sums

Array = np.ndarray
ROUNDS = 40
FLAT = 1e-9  # variance among those at risk, in variances of the term, below which there is none


@dataclass(frozen=True, slots=True)
class Maximum:
    """Coefficients in standard deviations of the terms, and the sums at them and at zero."""

    beta: Array
    sums: Sums
    at_zero: Sums
    iterations: int


def climb(sums: RiskSums, names: Sequence[str]) -> Maximum:
    """Newton's steps, halved where they go down, until they are nothing.

    Raises FitError where terms are collinear within the strata, or where the likelihood rises
    for ever (a level of which nobody, or everybody, left).
    """
    beta = np.zeros(len(names))
    start = here = sums.moments(beta)
    _require_independent(start.information() / len(start.total), names)
    for round_ in range(1, ROUNDS + 1):
        information = here.information()
        values = np.linalg.eigvalsh(information)
        if values[0] <= 1e-8 * np.linalg.eigvalsh(start.information())[0]:
            raise _no_top(beta, names)
        step = np.linalg.solve(information, sums.slope(here))
        beta, here, moved = _uphill(sums, beta, here, step)
        if np.abs(moved).max() < 1e-9:
            return Maximum(beta, here, start, round_)
    raise _no_top(beta, names)


def _uphill(sums: RiskSums, beta: Array, here: Sums, step: Array) -> tuple[Array, Sums, Array]:
    largest = np.abs(step).max()
    # A step of many standard deviations would leave the range of exp.
    step = step * min(1.0, 5.0 / largest) if largest else step
    slack = 1e-12 * abs(here.log_likelihood)
    for _ in range(30):
        there = sums.moments(beta + step)
        if there.log_likelihood >= here.log_likelihood - slack:
            return beta + step, there, step
        step = step / 2
    return beta, here, np.zeros_like(step)


def _require_independent(information: Array, names: Sequence[str]) -> None:
    variance = np.diag(information)
    flat = [name for name, one in zip(names, variance, strict=True) if one < FLAT]
    if flat:
        raise FitError.because(
            f"No difference among those at risk when somebody left: {', '.join(flat)}.",
            "Expected terms that differ between customers of the same stratum.",
            "Leave the term out: a stratum already allows for all it shares.",
        )
    values, vectors = np.linalg.eigh(information / np.sqrt(np.outer(variance, variance)))
    if values[0] < FLAT:
        bound = [name for name, one in zip(names, vectors[:, 0], strict=True) if abs(one) > 0.05]
        raise FitError.because(
            f"Collinear terms: {', '.join(bound)}.",
            "Expected terms of which none follows from the others.",
            "Leave one of them out.",
        )


def _no_top(beta: Array, names: Sequence[str]) -> FitError:
    far = np.abs(beta) > 0.5 * np.abs(beta).max()
    grown = ", ".join(name for name, one in zip(names, far, strict=True) if one)
    return FitError.because(
        f"The likelihood rises without end as these coefficients grow: {grown}.",
        "Expected that both of those with more and with less of each term left, and stayed.",
        "Join the level of which nobody (or everybody at once) left with another, or leave it out.",
    )
