"""Rows of a cumulative model's tables: slopes, thresholds and what the fit is worth."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special

from custlib.survey.ordinal.cumulative import Fit, null_loglik
from custlib.survey.ordinal.stack import Answers, Stack, told_apart
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
Row = dict[str, Any]

FLAT = 1e3  # standard error on the link's scale beyond which a maximum is only apparent
EFFECTS = ("effect", "effect_low", "effect_high")


@dataclass(frozen=True, slots=True)
class Solution:
    """One item's parameters in the units of the data, thresholds first, or why there are none."""

    answers: Answers
    parameters: Array
    covariance: Array
    df: float  # of t; infinite where the test is normal
    reason: str

    @property
    def thresholds(self) -> Array:
        """Cut points between the answers given."""
        return self.parameters[: max(len(self.answers.given) - 1, 0)]

    @property
    def slopes(self) -> Array:
        """One for each column of the terms."""
        return self.parameters[max(len(self.answers.given) - 1, 0) :]


def solve(stack: Stack, fit: Fit, at: int, sample: Sample | None) -> Solution:
    """Parameters and covariance of one item, back in the units of its terms."""
    cuts, scale = stack.answers - 1, stack.covariates.scale
    active = stack.switched(stack.active)[at]
    inverse = np.linalg.pinv(fit.information[at], hermitian=True)
    reason = _reason(stack, fit, at, np.diag(inverse)[active])
    below = np.inf if sample is None else stack.denominator(at, sample)
    if sample is not None and not reason:
        inverse = stack.sandwich(at, fit, sample)
    back = np.diag(np.concatenate([np.ones(cuts), 1 / scale]))
    back[:cuts, cuts:] = stack.covariates.centre / scale
    parameters, covariance = back @ fit.parameters[at], back @ inverse @ back.T
    parameters[~active] = covariance[~active] = np.nan
    if reason:
        parameters[:] = covariance[:] = np.nan
    return Solution(stack.items[at], parameters, covariance, below, reason)


def unsolved(answers: Answers, columns: int) -> Solution:
    """An item with fewer than two answers to tell apart."""
    reason = "every answer is the same" if answers.given else "no answers"
    nothing = np.full(columns, np.nan)
    return Solution(answers, nothing, np.full((columns, columns), np.nan), np.inf, reason)


def slope_rows(solution: Solution, names: list[str], link: str, level: float) -> list[Row]:
    """A row for each column of the terms, with odds ratios where the link has them."""
    rows = _wald_rows(solution, level)[len(solution.parameters) - len(names) :]
    found = []
    for name, row in zip(names, rows, strict=True):
        if link == "logit":
            ends = [np.exp(row[key]) for key in ("estimate", "ci_low", "ci_high")]
            row |= dict(zip(EFFECTS, ends, strict=True)) | {"effect_kind": "odds ratio"}
        lost = np.isnan(row["estimate"]) and not solution.reason
        note = "no answers to estimate it from" if lost else ""
        found.append(_keyed(solution, name, row, note))
    return found


def threshold_table_rows(solution: Solution, level: float) -> list[Row]:
    """A row for each cut point between two answers given."""
    labels = [str(solution.answers.labels[at]) for at in solution.answers.given]
    rows = []
    for (low, high), row in zip(pairwise(labels), _wald_rows(solution, level), strict=False):
        # That a cut point is not zero answers no question, so it has no p value.
        del row["p_value"]
        rows.append(_keyed(solution, f"{low}|{high}", row, ""))
    return rows


def fit_rows(solution: Solution, stack: Stack, fit: Fit, at: int, weighted: bool) -> list[Row]:
    """Log-likelihoods, what follows from them, and how the search ended."""
    value, null = float(fit.loglik[at]), float(null_loglik(stack.counts[at : at + 1])[0])
    parameters = int(stack.switched(stack.active)[at].sum())
    aic = np.nan if weighted else 2 * parameters - 2 * value
    found = {
        "log-likelihood": (value, parameters),
        "null log-likelihood": (null, stack.answers - 1),
        "McFadden R2": (1 - value / null, np.nan),
        "AIC": (aic, parameters),
        "deviance": (-2 * value, np.nan),
        "iterations": (fit.iterations[at], np.nan),
    }
    if solution.reason:
        found = dict.fromkeys(found, (np.nan, np.nan))
    found["converged"] = (float(not solution.reason), np.nan)
    return [
        _counted(solution, {"measure": name, "estimate": number, "df": df}, "")
        for name, (number, df) in found.items()
    ]


def no_fit_rows(solution: Solution) -> list[Row]:
    """The row that says an item was not fitted."""
    return [_counted(solution, {"measure": "converged", "estimate": 0.0, "df": np.nan}, "")]


def _reason(stack: Stack, fit: Fit, at: int, variances: Array) -> str:
    if not told_apart(stack, at):
        return "the answers do not tell the terms apart, or the base category has none"
    if not (np.all(variances > 0) and np.sqrt(variances.max()) < FLAT):
        return "separated: some answers are predicted without error, so there is no maximum"
    return "" if fit.converged[at] else f"no convergence in {fit.iterations[at]} steps"


def _wald_rows(solution: Solution, level: float) -> list[Row]:
    """Estimate, t interval and t test of each parameter; only the estimate without a variance."""
    variance = np.diag(solution.covariance)
    known = (variance > 0) & (solution.df >= 1)
    std_error = np.sqrt(np.where(known, variance, np.nan))
    normal = np.isinf(solution.df)
    tail = (1 + level) / 2
    quantile = special.ndtri(tail) if normal else special.stdtrit(solution.df, tail)
    estimate = solution.parameters
    statistic = estimate / std_error
    below = -np.abs(statistic)
    p_value = 2 * (special.ndtr(below) if normal else special.stdtr(solution.df, below))
    columns = {
        "estimate": estimate,
        "std_error": std_error,
        "ci_low": estimate - quantile * std_error,
        "ci_high": estimate + quantile * std_error,
        "statistic": statistic,
        "df": np.where(known & ~normal, solution.df, np.nan),
        "p_value": p_value,
    }
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _keyed(solution: Solution, term: str, row: Row, note: str) -> Row:
    if solution.df < 1 and not solution.reason:
        note = FEW_CLUSTERS
    return _counted(solution, {"term": term} | row, note)


def _counted(solution: Solution, row: Row, note: str) -> Row:
    answers = solution.answers
    parts = [part for part in (solution.reason, note, answers.note) if part]
    counts = {"item": answers.item, "n": answers.n, "n_missing": answers.n_missing}
    return row | counts | {"note": "; ".join(parts)}
