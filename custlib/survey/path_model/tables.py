"""Rows of a path model's tables: estimates beside what their resamples say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from custlib.resampling import Resamples
from custlib.survey.path_model.effects import explained
from custlib.survey.path_model.quantities import Quantity
from custlib.survey.path_model.solution import Solution
from custlib.survey.path_model.specification import Specification

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Base:
    """What all rows of a model's tables share."""

    n: int
    n_missing: int
    df: int
    conf_level: float
    n_boot: int
    undefined: int  # resamples without a solution

    @property
    def note(self) -> str:
        """What a reader must know of the resamples behind the intervals."""
        if not self.undefined:
            return ""
        return f"{self.undefined} of {self.n_boot} resamples without a solution"


def quantity_rows(
    said: Callable[[Solution], Iterable[Quantity]],
    solution: Solution,
    resampled: Solution | None,
    base: Base,
) -> list[dict]:
    """A row for each quantity said of the solution, with the interval its resamples give."""
    keys, columns, notes = zip(*said(solution), strict=True)
    values = np.array([column[0] for column in columns])
    spread = np.full((len(values), 3), np.nan)
    if resampled is not None:
        drawn = np.column_stack([column for _, column, _ in said(resampled)])
        usable = (np.isfinite(drawn).sum(axis=0) > 1) & np.isfinite(values)
        resamples = Resamples(values[usable], drawn[:, usable])
        low, high = resamples.interval(conf_level=base.conf_level)
        spread[usable] = np.column_stack([resamples.std_error, low, high])
    shared = {"conf_level": base.conf_level, "n": base.n, "n_missing": base.n_missing}
    result = []
    for key, value, (error, low, high), note in zip(keys, values, spread, notes, strict=True):
        numbers = {"estimate": value, "std_error": error, "ci_low": low, "ci_high": high}
        told = "; ".join(filter(None, [note, base.note]))
        result.append(key | numbers | shared | {"note": told})
    return result


def effect_tests(rows: list[dict], df: int) -> list[dict]:
    """Rows with the t test that a path or an effect is zero; NaN for other measures."""
    result = []
    for row in rows:
        tested = row["measure"] in ("path", "indirect_effect", "total_effect")
        error = row["std_error"] if tested and row["std_error"] > 0 else np.nan
        statistic = row["estimate"] / error
        p_value = 2 * stats.t.sf(abs(statistic), df)
        numbers = {"statistic": statistic, "p_value": p_value, "df": df if tested else np.nan}
        result.append(row | numbers)
    return result


def fit_rows(solution: Solution, specification: Specification, base: Base) -> list[dict]:
    """How the fit went, and Tenenhaus's goodness of fit."""
    own = np.arange(len(specification.items)), specification.block_of
    several = specification.sizes[specification.block_of] > 1
    shared = solution.structure[0][own][several] ** 2
    variance = explained(solution.paths, solution.correlation)[0][specification.links.any(axis=0)]
    communality = shared.mean() if several.any() else np.nan
    numbers = {
        "n": (base.n, ""),
        "n_missing": (base.n_missing, "respondents without an answer to every item"),
        "iterations": (solution.took[0], ""),
        "GoF": (np.sqrt(communality * variance.mean()), "" if several.any() else "one item each"),
        "resamples": (base.n_boot, ""),
        "undefined_resamples": (base.undefined, base.note),
    }
    return [{"measure": m, "estimate": value, "note": note} for m, (value, note) in numbers.items()]
