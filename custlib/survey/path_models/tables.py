"""Rows of a path model's tables: estimates beside what their resamples say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from custlib.resampling import Resamples
from custlib.survey.path_models.quantities import Quantity
from custlib.survey.path_models.solution import Solution

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Base:
    """What all rows of a model's tables rest on."""

    n: int
    n_missing: int
    df: int
    conf_level: float
    resampled: Solution | None

    @property
    def note(self) -> str:
        """What a reader must know of the resamples behind the intervals."""
        if self.resampled is None or not self.resampled.undefined:
            return ""
        drawn = len(self.resampled.took)
        return f"{self.resampled.undefined} of {drawn} resamples without a solution"


def quantity_rows(
    said: Callable[[Solution], Iterable[Quantity]], solution: Solution, base: Base
) -> list[dict]:
    """A row for each quantity said of the solution, with the interval its resamples give."""
    keys, columns, notes = zip(*said(solution), strict=True)
    values = np.array([column[0] for column in columns])
    spread = np.full((len(values), 3), np.nan)
    if base.resampled is not None:
        drawn = np.column_stack([column for _, column, _ in said(base.resampled)])
        usable = (np.isfinite(drawn).sum(axis=0) > 1) & np.isfinite(values)
        resamples = Resamples(values[usable], drawn[:, usable])
        low, high = resamples.interval(conf_level=base.conf_level)
        spread[usable] = np.column_stack([resamples.std_error, low, high])
    base_note = base.note
    shared = {"conf_level": base.conf_level, "n": base.n, "n_missing": base.n_missing}
    result = []
    for key, value, (error, low, high), note in zip(keys, values, spread, notes, strict=True):
        numbers = {"estimate": value, "std_error": error, "ci_low": low, "ci_high": high}
        told = "; ".join(filter(None, [note, base_note]))
        result.append(key | numbers | shared | {"note": told})
    return result


def effect_tests(rows: list[dict], df: int) -> list[dict]:
    """Rows with the t test that a path or an effect is zero; NaN for other measures."""
    result = []
    for row in rows:
        if row["measure"] in ("path", "indirect_effect", "total_effect"):
            statistic = row["estimate"] / (row["std_error"] or np.nan)
            p_value = 2 * stats.t.sf(abs(statistic), df)
            row = row | {"statistic": statistic, "df": df, "p_value": p_value}
        result.append(row)
    return result


def fit_rows(solution: Solution, base: Base) -> list[dict]:
    """How the fit went, and Tenenhaus's goodness of fit."""
    specification = solution.specification
    several = specification.sizes[specification.block_of] > 1
    communality = (solution.loadings[0][several] ** 2).sum() / max(several.sum(), 1)
    variance = solution.explained[0][specification.links.any(axis=0)].mean()
    numbers = {
        "n": (base.n, ""),
        "n_missing": (base.n_missing, "respondents without an answer to every item"),
        "iterations": (solution.took[0], ""),
        "GoF": (np.sqrt(communality * variance) if several.any() else np.nan, ""),
    }
    if base.resampled is not None:
        numbers["resamples"] = (len(base.resampled.took), "")
        numbers["undefined_resamples"] = (base.resampled.undefined, base.note)
    return [{"measure": m, "estimate": value, "note": note} for m, (value, note) in numbers.items()]
