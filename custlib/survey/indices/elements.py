"""Scores of the elements of an organization, from raters of each unit, and the weakest of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import (
    require_at_least,
    require_columns,
    require_conf_level,
    require_ends,
    require_numeric,
    require_one_of,
    require_seed,
)
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.survey.indices.inputs import crossed_table

Array = np.ndarray
# The elements of the 7S frame (Waterman, Peters & Phillips 1980, Business Horizons 23(3):14–26).
SEVEN_S = ("strategy", "structure", "systems", "shared_values", "skills", "style", "staff")


@dataclass(frozen=True, slots=True)
class ElementScores:
    """Scores of units and over all units, chances of being weakest, correlation of errors."""

    estimates: pd.DataFrame
    weakest: pd.DataFrame
    profile: pd.DataFrame
    error_correlation: pd.DataFrame


def element_scores(
    ratings: pd.DataFrame,
    *,
    unit: str,
    element: str,
    rater: str,
    rating: str,
    scale: tuple[float, float],
    spread: str = "pooled",
    n_draws: int = 4000,
    seed: int,
    conf_level: float = 0.95,
) -> ElementScores:
    """Mean of each element per unit, 0 (all raters at the low end) to 100, and which is weakest.

    Parameters
    ----------
    ratings : DataFrame, one row per rating (long)
        A rater's several ratings of an element are averaged first. Raters are counted within
        their unit: a name that occurs in two units stands for two raters.
    unit, element, rater, rating : str
        Columns; elements are whatever names occur, `SEVEN_S` for a 7S audit.
    scale : (low, high)
    spread : {"pooled", "own"}, default "pooled"
        Variance between raters: one per element for all units (a unit with one rater has an
        interval too), or each unit's own.
    n_draws : int, default 4000
        Draws behind the chances of being weakest.
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    ElementScores
        `.estimates`: the `unit` column, dimension (the element), measure ("score"), estimate,
        std_error, ci_low, ci_high, conf_level, df, n (raters), n_missing, note. `.weakest`: the
        same keys, measure ("weakest"), estimate (probability, 0–1), monte_carlo_error, n, note.
        `.profile`: both measures over the units, each unit alike, n counting units.
        `.error_correlation`: elements by elements, for `composite_index`.

    Raises
    ------
    DataError
        A column is absent, a rating is off the scale or not a number, a name is missing.

    Notes
    -----
    x = 100 (rating − low)/(high − low), a rater's several ones averaged; score = Σ x/n over the n
    raters of the unit; std_error = √(s²/n); s² = Σ (x − score)²/Σ (n − 1) over all units, or over
    the unit alone. t intervals over raters (in the profile over units, whose scores are its x), not
    cut at 0 and 100. Chances of being weakest: share of draws of score + std_error × t with the
    lowest, t multivariate with the least df of the unit's elements and the correlation of raters'
    deviations from their unit; unequal numbers of raters keep that correlation.

    Assumes: raters are drawn from those who could judge the unit and do not confer; steps of the
    scale are equal; "pooled" takes raters to differ as much in one unit as in another.

    Not for: a unit all of whose people rated it, as nothing is sampled then; "own" spread of two
    raters, a t on one degree of freedom; raters who see different things (`rater_agreement` first).

    References
    ----------
    Waterman, R., Peters, T. & Phillips, J. (1980). Business Horizons 23(3):14–26.

    Examples
    --------
    >>> audit = pd.DataFrame({"firm": ["f"] * 4, "element": ["staff", "style"] * 2,
    ...                       "rater": ["a", "a", "b", "b"], "rating": [4, 2, 5, 3]})
    >>> roles = {"unit": "firm", "element": "element", "rater": "rater", "rating": "rating"}
    >>> found = element_scores(audit, **roles, scale=(1, 5), seed=1)
    >>> found.estimates["estimate"].tolist(), found.weakest["estimate"].round(2).tolist()
    ([87.5, 37.5], [0.0, 1.0])
    """
    require_conf_level(conf_level)
    require_one_of("spread", spread, ["pooled", "own"])
    require_at_least("n_draws", n_draws, 2)
    scores = _rater_scores(ratings, (unit, rater, element), rating, scale)
    of_unit, units = pd.factorize(scores.index.get_level_values(0))
    within = _Means.of(scores.to_numpy(), of_unit, pooled=spread == "pooled")
    across = _Means.of(within.mean, np.zeros(len(units), int), pooled=True)
    elements, generator = list(scores.columns), np.random.default_rng(require_seed(seed))
    # All units share the draws, so that the order of the units does not matter.
    shape = (n_draws, len(elements))
    chance = generator.standard_normal(shape), generator.random((n_draws, 1))
    estimates = _score_table(within, {unit: units}, elements, conf_level)
    weakest = _weakest_table(within, {unit: units}, elements, chance)
    profile = [
        _score_table(across, {}, elements, conf_level),
        _weakest_table(across, {}, elements, chance),
    ]
    correlation = pd.DataFrame(within.correlation, elements, elements)
    profiled = arrange(pd.concat(profile), keys=["dimension", "measure"])
    return ElementScores(estimates, weakest, profiled, correlation)


@dataclass(frozen=True, slots=True)
class _Means:
    """Means of groups by element, shape (groups, elements), and the correlation of their errors."""

    mean: Array
    std_error: Array
    df: Array
    n: Array
    n_missing: Array
    correlation: Array

    @classmethod
    def of(cls, values: Array, codes: Array, *, pooled: bool) -> "_Means":
        """Means of the rows of each group, with the variance between them, own or pooled."""
        member = np.eye(int(codes.max()) + 1)[codes].T
        present = ~np.isnan(values)
        n = member @ present
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = member @ np.nan_to_num(values) / n
            rest = np.where(present, values - mean[codes], 0.0)
            squares, df = member @ rest**2, np.maximum(n - 1, 0)
            if pooled:
                squares, df = (np.broadcast_to(one.sum(axis=0), n.shape) for one in (squares, df))
            std_error = np.sqrt(squares / df / np.where(n > 0, n, np.nan))
            complete = rest[present.all(axis=1)]
            length = np.sqrt((complete**2).sum(axis=0))
            correlation = np.nan_to_num(complete.T @ complete / np.outer(length, length))
        np.fill_diagonal(correlation, 1.0)
        return cls(mean, std_error, df, n, member.sum(axis=1)[:, None] - n, correlation)


def _rater_scores(
    ratings: pd.DataFrame, roles: tuple[str, str, str], rating: str, scale: tuple[float, float]
) -> pd.DataFrame:
    """Score of each rater (rows: unit, rater) for each element, 0–100, in order of appearance."""
    require_columns(ratings, [*roles, rating])
    low, high = require_ends(scale)
    given = require_numeric(ratings, rating)
    off = np.flatnonzero((given < low) | (given > high))
    nameless = np.flatnonzero(ratings[list(roles)].isna().any(axis="columns"))
    if len(off):
        rows, values = ratings.index[off[:5]].tolist(), given[off[:5]].tolist()
        expected = f"numbers from {low:g} to {high:g}"
        raise DataError.off_scale(rating, len(off), rows, values, expected)
    if len(nameless) or np.isnan(given).all():
        raise DataError.because(
            f"{len(nameless)} of {len(ratings)} rows lack a name in {', '.join(roles)}; first: "
            f"{ratings.index[nameless[:5]].tolist()}. {int(np.isnan(given).sum())} lack a rating.",
            "Expected who rated which element of which unit in every row, and some ratings.",
            "Name them, or drop these rows.",
        )
    score = pd.Series((given - low) / (high - low) * 100)
    names = [ratings[role].astype(object).to_numpy() for role in roles]
    return score.groupby(names, sort=False).mean().unstack(sort=False)  # noqa: PD010


def _score_table(
    means: _Means, names: Mapping[str, Sequence], elements: list, conf_level: float
) -> pd.DataFrame:
    half = stats.t.ppf((1 + conf_level) / 2, np.maximum(means.df, 1)) * means.std_error
    thin = [means.n == 0, np.isnan(means.std_error), means.n == 1]
    notes = ["no ratings", "a single one has no spread", "alone: spread from other units"]
    return crossed_table(
        names,
        {"dimension": elements, "measure": ["score"] * len(elements)},
        estimate=means.mean,
        std_error=means.std_error,
        ci_low=means.mean - half,
        ci_high=means.mean + half,
        conf_level=conf_level,
        df=means.df,
        n=means.n,
        n_missing=means.n_missing,
        note=np.select(thin, notes, ""),
    )


def _weakest_table(
    means: _Means, names: Mapping[str, Sequence], elements: list, chance: tuple[Array, Array]
) -> pd.DataFrame:
    """Share of joint draws in which an element is the lowest; ties count in equal parts."""
    normal, uniform = chance
    values, vectors = np.linalg.eigh(means.correlation)
    normal = normal @ (vectors * np.sqrt(np.maximum(values, 0))).T
    share = np.full(means.mean.shape, np.nan)
    for row in np.flatnonzero(~np.isnan(means.std_error).any(axis=1)):
        df = means.df[row].min()
        t = normal / np.sqrt(stats.chi2.ppf(uniform, df) / df)
        drawn = means.mean[row] + means.std_error[row] * t
        lowest = drawn == drawn.min(axis=1, keepdims=True)
        share[row] = (lowest / lowest.sum(axis=1, keepdims=True)).mean(axis=0)
    return crossed_table(
        names,
        {"dimension": elements, "measure": ["weakest"] * len(elements)},
        estimate=share,
        monte_carlo_error=np.sqrt(share * (1 - share) / len(normal)),
        n=means.n,
        n_missing=means.n_missing,
        note=np.where(np.isnan(share), "an element without ratings or spread", ""),
    )
