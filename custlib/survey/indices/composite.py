"""A composite index of several indicators, and how far its making decides it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_conf_level, require_seed
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.survey.indices.ingredients import (
    Bounds,
    complete_scores,
    df_of,
    ends_of,
    errors_of,
    methods_of,
    require_spread,
    root_of,
)
from custlib.survey.indices.inputs import crossed_table, require_units, weights_of
from custlib.survey.indices.recipe import FLOOR, Recipe
from custlib.survey.indices.sobol import sobol_shares

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class CompositeIndex:
    """Index and rank of each unit, what their uncertainty comes from, and the whole's figures."""

    estimates: pd.DataFrame
    sensitivity: pd.DataFrame
    fit: pd.DataFrame


def composite_index(
    scores: pd.DataFrame,
    *,
    unit: str,
    indicators: Sequence[str],
    weights: Mapping[str, float] | None = None,
    concentration: float | None = None,
    normalization: str | Sequence[str] = "min_max",
    aggregation: str | Sequence[str] = "arithmetic",
    bounds: Bounds = (0, 100),
    std_errors: Mapping[str, str] | None = None,
    error_df: str | None = None,
    error_correlation: pd.DataFrame | None = None,
    n_draws: int = 4000,
    seed: int | None = None,
    thresholds: Sequence[float] = (55, 80),
    conf_level: float = 0.95,
) -> CompositeIndex:
    """Composite index of units, 0–100, with what weights, method and sampling do to it.

    Parameters
    ----------
    scores : DataFrame, one row per unit
    unit : str
        Column of units; `indicators` are columns of numbers.
    weights : mapping from indicator to positive number, optional
        Equal without it.
    concentration : float, optional
        Weights are Dirichlet(concentration × weights), with these means. Only with equal weights
        does their number make all sets alike likely; more is surer. Without it they are certain.
    normalization : {"min_max", "z"}; aggregation : {"arithmetic", "geometric"}
        One, or several drawn with equal chance; the first makes the estimate.
    bounds : (low, high), mapping from indicator to it, or "observed", default (0, 100)
        Ends of min–max. (high, low) turns an indicator of which less is better.
    std_errors : mapping from indicator to column, optional
        Standard errors of the scores; indicators left out are exact. A unit that lacks one has
        a noted row without interval and chances; other units' ranks take its scores as they are.
    error_df : str, optional
        Column of the degrees of freedom of a unit's standard errors (`ElementScores`: the least
        df of its elements); draws are multivariate t, too wide where errors of elements
        differ: .985 for .95 with 3 raters, correlation .5 (simulated). Without it errors are known.
    error_correlation : DataFrame, indicators by indicators, optional
        Of a unit's errors, as in `ElementScores.error_correlation`; without it none.
    n_draws : int, default 4000; seed : int, needed where anything is uncertain
    thresholds : list of float, default (55, 80)
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    CompositeIndex
        `.estimates`: the `unit` column, measure ("index", "rank" with 1 the best, "above 55", …),
        estimate, std_error, monte_carlo_error (of chances), ci_low, ci_high, conf_level, n
        (indicators), n_missing, numerator and denominator (draws above, draws), note.
        `.sensitivity`: outcome ("index", "rank_shift"), term (the factor), measure
        ("first_order", "total"), estimate, monte_carlo_error, note. `.fit`: measure
        ("rank_shift", "reliability"), estimate, monte_carlo_error, n (units), denominator
        (draws), note.

    Raises
    ------
    DataError
        A unit comes twice, a score is not a number or out of bounds, an indicator is the same
        for all units where its spread is needed.
    ParameterError
        A weight is not positive, a method unknown, seed absent.

    Notes
    -----
    Index = sum w x, or prod x^w with scores below 1 taken for 1; z scores get back the mean and
    spread of all min–max scores. Intervals are percentiles of the draws, not cut at 0 and 100;
    sampling errors are normal, or t with error_df; of 2 degrees of freedom or fewer t has no
    variance: no std_error, no shares of the index. rank_shift is the mean absolute shift from the
    estimate's rank. Sobol shares of the index sum variances over units of known error.
    reliability = 1 − mean sampling variance / variance between units. Ranks of scores drawn about
    estimates scatter more than true ranks do.

    Assumes: all indicators point one way once bounds are set; a low score may be made up for by a
    high one, wholly under arithmetic, in part under geometric means; errors of units are
    independent.

    Not for: a league table of units whose chances of rank overlap, trends under "observed" bounds
    (each wave has other ends), or matters in which nothing makes up for a gap (`maturity_level`).

    References
    ----------
    OECD/JRC (2008). Handbook on Constructing Composite Indicators. Saisana, M., Saltelli, A. &
    Tarantola, S. (2005). J. R. Statist. Soc. A 168:307–323.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm": ["a", "b"], "staff": [60, 40], "style": [90, 60]})
    >>> made = composite_index(firms, unit="firm", indicators=["staff", "style"])
    >>> made.estimates.query("measure == 'index'")["estimate"].tolist()
    [75.0, 50.0]
    """
    require_conf_level(conf_level)
    require_at_least("n_draws", n_draws, 2)
    units, shares = require_units(scores, unit), weights_of(weights, indicators)
    normalizations = methods_of("normalization", normalization, ["min_max", "z"])
    aggregations = methods_of("aggregation", aggregation, ["arithmetic", "geometric"])
    if concentration is not None and not 0 < concentration < np.inf:
        raise ParameterError.because(
            f"concentration is {concentration}.",
            "Expected a number above 0; the larger, the surer the weights.",
            "Leave it out where the weights are certain.",
        )
    values, used = complete_scores(scores, indicators)
    worst, best = ends_of(values[used], indicators, bounds)
    if "z" in normalizations:
        require_spread(values[used], indicators)
    factor, errors = 100 / (best - worst), None
    if std_errors:
        errors = errors_of(scores[used], std_errors, indicators) * factor
    scaled, root = (values[used] - worst) * factor, root_of(error_correlation, indicators)
    known = errors is not None and ~np.isnan(errors).any(axis=1)
    df = df_of(scores[used], error_df, np.broadcast_to(known, used.sum()))
    recipe = Recipe(scaled, shares, concentration, normalizations, aggregations, errors, df, root)
    # A certain index needs no chance; two draws of it are the same.
    chance = (n_draws, require_seed(seed)) if recipe.uncertain else (2, 0)
    draws = _Draws.of(recipe, n_draws=chance[0], seed=chance[1])
    gaps = pd.DataFrame({unit: units, "gaps": np.isnan(values).sum(axis=1)})
    return CompositeIndex(
        _estimates(recipe, draws, gaps, thresholds, conf_level),
        _sensitivity(recipe, draws),
        _fit(recipe, draws),
    )


@dataclass(frozen=True, slots=True)
class _Draws:
    """Indices of two samples of the choices, and of the first with each factor exchanged."""

    nominal: Array
    first: Array
    second: Array
    sampled: Array  # nominal choices, only the scores with their errors
    exchanged: list[Array]

    @classmethod
    def of(cls, recipe: Recipe, *, n_draws: int, seed: int) -> "_Draws":
        parts = []
        for one, other in recipe.blocks(n_draws=n_draws, seed=seed):
            # Squared standard errors are right on average without the t's wider tails.
            plain = {"scores": one.get("normal", one["scores"])}
            made = [one, other, recipe.nominal(len(one["weights"])) | plain]
            made += [one | {name: other[name]} for name in recipe.uncertain]
            parts.append([recipe.index(choices) for choices in made])
        first, second, sampled, *exchanged = map(np.concatenate, zip(*parts, strict=True))
        return cls(recipe.index(recipe.nominal()), first, second, sampled, exchanged)

    def shift(self, index: Array) -> Array:
        """Mean absolute shift in rank from the estimate, shape (draws, 1)."""
        return np.abs(_ranks(index) - _ranks(self.nominal)).mean(axis=1, keepdims=True)


def _ranks(index: Array) -> Array:
    return stats.rankdata(-_settled(index), axis=1)


def _settled(index: Array) -> Array:
    """Index whose order, or side of a threshold, does not turn on the last digit of a sum."""
    return np.round(index, 9)


def _estimates(
    recipe: Recipe,
    draws: _Draws,
    gaps: pd.DataFrame,
    thresholds: Sequence[float],
    conf_level: float,
) -> pd.DataFrame:
    tail, count = [(1 - conf_level) / 2, (1 + conf_level) / 2], len(draws.first)
    judged, wild = recipe.judged, recipe.df <= 2
    ranks, marks = _ranks(draws.first), _settled(np.array(thresholds, float))
    above = _settled(draws.first)[:, :, None] > marks
    share, known = above.mean(axis=0), bool(recipe.uncertain)
    blank, none = np.full(share.shape, np.nan), np.full((len(recipe.scores), 2), np.nan)
    # A rank between two others is nobody's: the ends are ranks that were drawn.
    ends = np.quantile(ranks, tail, axis=0, method="inverted_cdf")
    low, high = np.stack([np.quantile(draws.first, tail, axis=0), ends], axis=2)
    spread = np.stack([draws.first.std(axis=0, ddof=1), ranks.std(axis=0, ddof=1)], axis=1)
    estimate = np.stack([draws.nominal[0], _ranks(draws.nominal)[0]], axis=1)
    found = {
        "estimate": np.hstack([estimate, share]),
        "std_error": np.hstack([spread, blank]),
        "ci_low": np.hstack([low, blank]),
        "ci_high": np.hstack([high, blank]),
        "conf_level": np.hstack([np.full(none.shape, conf_level), blank]),
        "monte_carlo_error": np.hstack([none, np.sqrt(share * (1 - share) / count)]),
        "numerator": np.hstack([none, np.where(known, above.sum(axis=0), blank)]),
        "denominator": np.hstack([none, np.where(known, count, blank)]),
    }
    found["std_error"][wild, 0] = np.nan
    for name, values in found.items():
        # The index and its rank stand, what draws would tell of them does not.
        values[~judged, 2 if name == "estimate" else 0 :] = np.nan
    complete = gaps["gaps"].to_numpy() == 0
    lifted = (recipe.scores < FLOOR).any(axis=1) & ("geometric" in recipe.aggregations)
    notes = np.where(complete, "", "an indicator is missing").astype(object)
    notes[np.flatnonzero(complete)[lifted]] = "a score below 1 counts as 1 in geometric means"
    notes[np.flatnonzero(complete)[wild]] = "an error of 2 degrees of freedom or fewer: heavy tails"
    notes[np.flatnonzero(complete)[~judged]] = "an error is unknown: too few raters for an interval"
    # Units without a score keep their rows, empty.
    at = np.where(complete, np.cumsum(complete) - 1, -1)
    wide = {
        name: np.vstack([values, np.full(values.shape[1], np.nan)])[at]
        for name, values in found.items()
    }
    unit = gaps.columns[0]
    return crossed_table(
        {unit: gaps[unit].tolist()},
        {"measure": ["index", "rank", *(f"above {threshold:g}" for threshold in thresholds)]},
        **wide,
        n=len(recipe.weights) - gaps[["gaps"]],
        n_missing=gaps[["gaps"]],
        note=notes[:, None],
    )


def _sensitivity(recipe: Recipe, draws: _Draws) -> pd.DataFrame:
    tables = []
    judged = recipe.judged
    outputs = {"index": lambda index: index[:, judged], "rank_shift": draws.shift}
    wild = "scores" in recipe.uncertain and (recipe.df <= 2).any()
    for outcome, output in outputs.items():
        swapped = [output(index) for index in draws.exchanged]
        shares, errors = sobol_shares(output(draws.first), output(draws.second), swapped)
        note = np.where(np.isnan(shares), f"{outcome} never changes", "")
        if outcome == "index" and wild:
            shares, errors = np.full_like(shares, np.nan), np.full_like(errors, np.nan)
            note = np.full(shares.shape, "errors of 2 degrees of freedom have no variance")
        table = crossed_table(
            {"term": recipe.uncertain},
            {"measure": ["first_order", "total"]},
            estimate=shares,
            monte_carlo_error=errors,
            note=note,
        )
        tables.append(table.assign(outcome=outcome))
    return arrange(pd.concat(tables), keys=["outcome", "term", "measure"])


def _fit(recipe: Recipe, draws: _Draws) -> pd.DataFrame:
    shift, units, judged = draws.shift(draws.first), len(recipe.scores), recipe.judged
    between = draws.nominal.var(ddof=1) if units > 1 else 0.0
    known = "scores" in recipe.uncertain and between > 0
    reliability = (
        1 - draws.sampled[:, judged].var(axis=0, ddof=1).mean() / between if known else np.nan
    )
    return crossed_table(
        {"measure": ["rank_shift", "reliability"]},
        {},
        estimate=np.array([[shift.mean()], [reliability]]),
        monte_carlo_error=np.array([[shift.std(ddof=1) / len(shift) ** 0.5], [np.nan]]),
        n=np.array([[units], [judged.sum()]]),
        denominator=len(shift) if recipe.uncertain else np.nan,
        note=np.array([[""], ["" if known else "no standard errors, or units do not differ"]]),
    )
