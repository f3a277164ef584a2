"""Tests of whole terms in a cumulative link model: do they matter, are their slopes parallel?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from custlib.survey.ordinal.cumulative import Fit, derivatives, probabilities
from custlib.survey.ordinal.stack import Stack
from custlib.survey.ordinal.tables import Solution
from custlib.variance import Sample

Array = np.ndarray
Row = dict[str, Any]

EFFECT = "effect of the term"
PARALLEL = "parallel slopes"
NOT_ESTIMABLE = "the answers do not allow the test"


def term_tests(
    stack: Stack, fit: Fit, found: list[Solution], sample: Sample | None
) -> list[list[Row]]:
    """For each item of the stack, two rows per term; NaN where there is no solution."""
    rows: list[list[Row]] = [[] for _ in stack.items]
    for name, columns in stack.covariates.columns.items():
        effects = _effects(stack, fit, columns, found if sample is not None else None)
        parallels = _parallels(stack, fit, columns, sample)
        for measure, tests in ((EFFECT, effects), (PARALLEL, parallels)):
            for at, row in enumerate(tests):
                keys: Row = {"item": stack.items[at].item, "term": name, "measure": measure}
                unknown: Row = {"method": row["method"], "note": NOT_ESTIMABLE}
                rows[at].append(keys | (unknown if found[at].reason else row))
    return rows


def untested(item: str, terms: Sequence[str], reason: str) -> list[Row]:
    """Rows of an item that could not be fitted."""
    return [
        {"item": item, "term": term, "measure": measure, "method": "none", "note": reason}
        for term in terms
        for measure in (EFFECT, PARALLEL)
    ]


def _effects(
    stack: Stack, fit: Fit, columns: Sequence[int], weighted: list[Solution] | None
) -> list[Row]:
    """Likelihood ratio against the model without the term; under a design a Wald test."""
    active = stack.active[:, list(columns)]
    if weighted is None:
        others = [at for at in range(stack.active.shape[1]) if at not in columns]
        gain = 2 * (fit.loglik - stack.fit(others).loglik)
        return [
            _chi_square(gain[at], used.sum(), "likelihood ratio") for at, used in enumerate(active)
        ]
    rows = []
    for solution, used in zip(weighted, active, strict=True):
        chosen = stack.answers - 1 + np.asarray(columns)[used]
        values, covariance = solution.parameters, solution.covariance
        rows.append(_wald(values[chosen], covariance[np.ix_(chosen, chosen)], solution.df))
    return rows


def _parallels(stack: Stack, fit: Fit, columns: Sequence[int], sample: Sample | None) -> list[Row]:
    """Likelihood ratio against free slopes, or the score test where these have no maximum."""
    size = len(stack.items)
    if stack.answers < 3:
        return [{"method": "none", "note": "two answers have one threshold"}] * size
    if sample is not None:
        return [score_test(stack, fit, columns, at, sample) for at in range(size)]
    free = stack.fit_free(columns, fit.parameters)
    df = stack.active[:, list(columns)].sum(axis=1) * (stack.answers - 2)
    rows = []
    for at in range(size):
        if free.converged[at]:
            gain = max(2 * (free.loglik[at] - fit.loglik[at]), 0.0)
            rows.append(_chi_square(gain, df[at], "likelihood ratio"))
        else:
            rows.append(score_test(stack, fit, columns, at, None))
    return rows


def score_test(
    stack: Stack, fit: Fit, columns: Sequence[int], at: int, sample: Sample | None
) -> Row:
    """Score of the slopes' deviations at the parallel fit; under a design with its covariance."""
    rows, fixed = stack.rows(free=columns), fit.parameters.shape[1]
    parameters = np.concatenate([fit.parameters[at], np.zeros(rows.shape[2] - fixed)])
    used = np.tile(stack.active[at, list(columns)], stack.answers - 2)
    active = np.concatenate([stack.switched(stack.active)[at], used])[None]
    counts = stack.counts[at : at + 1]
    gradient, _ = derivatives(rows, counts, parameters[None], stack.link, active)
    # The expected information: the observed one is erratic where some cells are empty.
    expected = counts.sum(axis=2, keepdims=True) * probabilities(rows @ parameters, stack.link)
    _, information = derivatives(rows, expected, parameters[None], stack.link, active)
    slopes = np.flatnonzero(used) + fixed
    known, cross = information[0, :fixed, :fixed], information[0][:fixed, slopes]
    projection = np.linalg.solve(known, cross)
    score = gradient[0, slopes]
    if sample is None:
        covariance = information[0][np.ix_(slopes, slopes)] - cross.T @ projection
    else:
        scores = stack.scores(at, rows, parameters)
        covariance = sample.covariance(scores[:, slopes] - scores[:, :fixed] @ projection)
    name = "score test" if sample is None else "score test, F"
    if np.linalg.matrix_rank(covariance) < len(slopes) or not len(slopes):
        return {"method": name, "note": NOT_ESTIMABLE}
    statistic = float(score @ np.linalg.solve(covariance, score))
    if sample is None:
        note = "free slopes have no maximum: an answer is unused in some group"
        return _chi_square(statistic, len(slopes), name) | {"note": note}
    return _f_test(statistic, len(slopes), stack.denominator(at, sample), name)


def _wald(values: Array, covariance: Array, below: float) -> Row:
    name = "Wald test, F"
    if not len(values) or np.isnan(values).any():
        return {"method": name, "note": NOT_ESTIMABLE}
    if np.linalg.matrix_rank(covariance) < len(values):
        return {"method": name, "note": NOT_ESTIMABLE}
    statistic = float(values @ np.linalg.solve(covariance, values))
    return _f_test(statistic, len(values), below, name)


def _f_test(statistic: float, df: int, below: float, method: str) -> Row:
    if below < 1:
        return {"method": method, "note": "too few clusters for a test"}
    ratio = statistic / df
    tests = {"statistic": ratio, "df": df, "df_denominator": below}
    return tests | {"p_value": special.fdtrc(df, below, ratio), "method": method, "note": ""}


def _chi_square(statistic: float, df: float, method: str) -> Row:
    if df < 1:
        return {"method": method, "note": NOT_ESTIMABLE}
    p_value = float(special.chdtrc(df, statistic))
    return {
        "statistic": float(statistic),
        "df": float(df),
        "p_value": p_value,
        "method": method,
        "note": "",
    }
