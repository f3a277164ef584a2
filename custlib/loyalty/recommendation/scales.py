"""Who counts as promoter and as detractor: cut points of a scale, and scores of the answers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_ends, require_scale
from custlib.errors import ParameterError

Array = np.ndarray
# What the field uses: highest detractor, lowest promoter. Other scales need them said.
USUAL = {(0, 10): (6, 9), (1, 10): (6, 9), (1, 5): (3, 5)}
CATEGORIES = ("promoters", "passives", "detractors")


@dataclass(frozen=True, slots=True)
class CutPoints:
    """A scale, and the answers up to which one detracts and from which one promotes."""

    low: int
    high: int
    detractors_to: int
    promoters_from: int

    @property
    def text(self) -> str:
        """The answers of each category in words, as they stand in results."""
        between = _span(self.detractors_to + 1, self.promoters_from - 1)
        parts = [f"promoters {_span(self.promoters_from, self.high)}"]
        parts += [f"passives {between}"] if self.detractors_to + 1 < self.promoters_from else []
        return ", ".join([*parts, f"detractors {_span(self.low, self.detractors_to)}"])

    def scores(self, responses: pd.DataFrame, item: str) -> Array:
        """1 for a promoter, 0 for a passive, −1 for a detractor, NaN where there is no answer."""
        require_columns(responses, [item])
        answers = require_scale(responses, item, low=self.low, high=self.high)
        score = (answers >= self.promoters_from).astype(float) - (answers <= self.detractors_to)
        return np.where(np.isnan(answers), np.nan, score)


def cut_points(
    scale: tuple[float, float], promoters_from: int | None, detractors_to: int | None
) -> CutPoints:
    """Cut points as given, or as the field uses them on this scale."""
    low, high = require_ends(scale)
    _require_whole(low, high, detractors_to, promoters_from)
    usual = USUAL.get((int(low), int(high)), (None, None))
    detractors = usual[0] if detractors_to is None else detractors_to
    promoters = usual[1] if promoters_from is None else promoters_from
    known = ", ".join(f"{a}–{b}" for a, b in USUAL)
    if detractors is None or promoters is None:
        raise ParameterError.because(
            f"The scale runs from {low:g} to {high:g}, and nobody says who is a promoter on it.",
            f"Expected one of the scales {known}, or cut points.",
            "Pass promoters_from and detractors_to.",
        )
    if not low <= detractors < promoters <= high:
        raise ParameterError.because(
            f"Detractors up to {detractors:g}, promoters from {promoters:g}.",
            f"Expected the first below the second, both on the scale {low:g}–{high:g}.",
            "Correct promoters_from or detractors_to.",
        )
    return CutPoints(int(low), int(high), int(detractors), int(promoters))


def _require_whole(*ends: float | None) -> None:
    """A cut between two whole answers would count one of them on the wrong side."""
    odd = [f"{end:g}" for end in ends if end is not None and not float(end).is_integer()]
    if odd:
        raise ParameterError.because(
            f"An end of the scale, or a cut point, is not whole: {', '.join(odd)}.",
            "Expected whole numbers, as the answers are.",
            "Pass the lowest whole answer of a promoter and the highest of a detractor.",
        )


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
