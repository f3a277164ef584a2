"""Raking and trimming as pure functions of arrays, and the result that carries them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import FitError
from custlib.survey.weights.margins import Columns, Margin

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Raking:
    """Raked weights beside the respondents, the margins they meet and what they cost."""

    cases: pd.DataFrame
    estimates: pd.DataFrame
    fit: pd.DataFrame
    weight: str
    base_weight: str | None
    margins: tuple[Columns, ...]

    def design(
        self,
        *,
        stratum: str | None = None,
        cluster: str | None = None,
        population: str | int | Mapping | None = None,
        cluster_population: str | None = None,
        domain: str | None = None,
    ) -> SurveyDesign:
        """Design of `cases` whose standard errors know that the margins are not left to chance."""
        return SurveyDesign(
            weight=self.weight,
            stratum=stratum,
            cluster=cluster,
            population=population,
            cluster_population=cluster_population,
            base_weight=self.base_weight,
            margins=self.margins,
            domain=domain,
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """Combinations of all margins that have respondents; raking changes weights cell by cell."""

    margins: list[Margin]
    of_row: Array
    codes: list[Array]  # per margin, the group of every cell

    @classmethod
    def crossed(cls, margins: list[Margin]) -> Self:
        """Cross the margins, keeping only the combinations that occur."""
        of_row, codes = margins[0].codes, [np.arange(len(margins[0].groups))]
        for margin in margins[1:]:
            width = len(margin.groups)
            of_row = of_row * width + margin.codes
            wide = len(codes[0]) * width
            used = np.flatnonzero(np.bincount(of_row, minlength=wide))
            codes = [code[used // width] for code in codes] + [used % width]
            if len(used) < wide:
                position = np.empty(wide, np.intp)
                position[used] = np.arange(len(used))
                of_row = position[of_row]
        return cls(margins, of_row, codes)

    def table(self, weights: Array) -> Array:
        """Share of the weight in each cell."""
        sums = np.bincount(self.of_row, weights=weights, minlength=len(self.codes[0]))
        return sums / sums.sum()

    def shares(self, table: Array) -> list[Array]:
        """Share of each group, per margin."""
        return [
            np.bincount(code, weights=table, minlength=len(margin.groups))
            for code, margin in zip(self.codes, self.margins, strict=True)
        ]


def raked(weights: Array, cells: Cells, tolerance: float, max_iterations: int) -> tuple[Array, int]:
    """Weights that sum to 1 and meet every margin, and the rounds it took."""
    start = cells.table(weights)
    table = start
    steps = [(code, m.shares) for code, m in zip(cells.codes, cells.margins, strict=True)]
    # Margins that cannot be met drive cells to zero, at last out of the range of floats.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for iteration in range(1, max_iterations + 1):
            change = 0.0
            for code, wanted in steps:
                factor = wanted / np.bincount(code, weights=table, minlength=len(wanted))
                table = table * factor[code]
                change = max(change, float(np.abs(factor - 1).max()))
            if change <= tolerance:
                return weights / weights.sum() * (table / start)[cells.of_row], iteration
            if not np.isfinite(change):
                break
    raise _not_converged(cells, table, iteration, tolerance)


def trimmed(weights: Array, cap: float) -> Array:
    """min(limit, w + c), the limit being `cap` mean weights and c keeping the sum."""
    total = weights.sum()
    limit = cap * total / len(weights)
    held = weights > limit
    if not held.any():
        return weights
    while True:
        rest = total - limit * held.sum()
        spread = weights + (rest - weights[~held].sum()) / (~held).sum()
        over = spread > limit
        if (over <= held).all():
            return np.where(held, limit, spread)
        held |= over


def raked_under_cap(
    weights: Array, cells: Cells, cap: float, tolerance: float, max_iterations: int
) -> tuple[Array, int]:
    """Raked weights trimmed and raked in turn until both hold, or the gap stops closing.

    Ends with a trim, so that the cap always holds; the rounds are those of all rakings.
    """
    rounds, before = 0, np.inf
    weights = trimmed(weights, cap)
    for _ in range(max_iterations):
        gap = largest_gap(cells, weights)
        # Where cap and margins exclude each other the gap settles above zero.
        if gap <= tolerance or gap > before * (1 - 1e-6):
            break
        before = gap
        weights, more = raked(weights, cells, tolerance, max_iterations)
        weights, rounds = trimmed(weights, cap), rounds + more
    return weights, rounds


def largest_gap(cells: Cells, weights: Array) -> float:
    """Largest difference between a share reached and its target."""
    reached = cells.shares(cells.table(weights))
    gaps = [np.abs(share - m.shares).max() for share, m in zip(reached, cells.margins, strict=True)]
    return float(max(gaps))


def margin_table(cells: Cells, base: Array, weights: Array) -> pd.DataFrame:
    """Shares before and after, and respondents, per margin and group."""
    start, reached = cells.shares(cells.table(base)), cells.shares(cells.table(weights))
    counts = cells.shares(np.bincount(cells.of_row))
    columns = {
        "margin": np.repeat(
            [m.name for m in cells.margins], [len(m.groups) for m in cells.margins]
        ),
        "group": [label for m in cells.margins for label in m.labels],
        "estimate": np.concatenate(reached),
        "target_share": np.concatenate([m.shares for m in cells.margins]),
        "start_share": np.concatenate(start),
        "n": np.concatenate(counts),
    }
    return arrange(pd.DataFrame(columns), keys=["margin", "group"])


def _not_converged(cells: Cells, table: Array, rounds: int, tolerance: float) -> FitError:
    """Names the margin and category that are furthest from their target."""
    reached = cells.shares(np.nan_to_num(table))
    gaps = [share - m.shares for share, m in zip(reached, cells.margins, strict=True)]
    worst = max(range(len(gaps)), key=lambda at: np.abs(gaps[at]).max())
    margin, group = cells.margins[worst], int(np.abs(gaps[worst]).argmax())
    possible = math.prod(len(m.groups) for m in cells.margins)
    return FitError.because(
        f"Raking did not converge in {rounds} rounds; furthest off is margin {margin.name!r}, "
        f"category {margin.labels[group]!r}: share {reached[worst][group]:.6g}, target "
        f"{margin.shares[group]:.6g}, gap {gaps[worst][group]:+.2g}.",
        f"Expected no margin to change a weight by more than {tolerance:g} of itself.",
        f"{possible - len(table)} of {possible} combinations of the margins have no respondents, "
        "so the targets may exclude each other: merge categories, drop a margin, or raise "
        "max_iterations or tolerance.",
    )
