"""Reliability of a sum of items that measure one thing unequally well: McDonald's omega."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from scipy import optimize

from custlib.checks import require_at_least, require_conf_level, require_one_of
from custlib.design import SurveyDesign
from custlib.survey.moments import Moments
from custlib.survey.reliability.blocks import Scales, correlations, read_blocks, tabulate

Array = np.ndarray
LEAST_UNIQUE = 0.005  # share of an item's variance its own part keeps at least, as in R's factanal


def mcdonald_omega(
    responses: pd.DataFrame,
    *,
    items: Sequence[str] | None = None,
    scales: Scales | None = None,
    design: SurveyDesign | None = None,
    missing: str = "listwise",
    extraction: str = "ml",
    n_boot: int = 0,
    seed: int | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of a sum's variance that one common factor explains: omega total.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str, or scales : mapping from dimension to list of str
        One set of three or more items, or several; reversed items turned beforehand.
    design : SurveyDesign, optional
        Weights enter the correlations; resamples draw whole clusters.
    missing : {"listwise", "pairwise"}
    extraction : {"ml", "minres"}
        Maximum likelihood, or least squares of the correlations off the diagonal.
    n_boot, seed : int
        Resamples of the interval, a few seconds per thousand; 0 gives no interval.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, a row of each measure of a block and of each item's loading
        dimension if given, measure (omega of the sum, standardized_omega of the sum of
        standardized items, loading of a standardized item), item (empty for omega), estimate,
        std_error, ci_low, ci_high, conf_level, n, n_missing, method, note.

    Raises
    ------
    DataError, ParameterError
        Columns absent, repeated or not numeric; an unknown extraction; resampling without a seed.

    Notes
    -----
    (sum l)²/((sum l)² + sum u) with loadings l and unique variances u of one factor. An item
    left without a part of its own (a Heywood case) is held at 0.005 and noted.

    Assumes: one common factor, straight loadings of any size, unique parts that do not correlate;
    resampled rows or clusters are independent.

    Not for: items in like words, which make it too high; blocks of several factors, where it says
    neither the share of the common factor nor the reliability of the sum; fewer than three items;
    skewed answers of few steps, whose correlations come out too small.

    References
    ----------
    McDonald, R. (1999). Test Theory. Erlbaum.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [4, 3, 3, 5, 1, 3, 2, 2], "b": [4, 4, 2, 5, 2, 2, 5, 3],
    ...                         "c": [3, 3, 2, 5, 2, 2, 2, 4]})
    >>> table = mcdonald_omega(answers, items=list("abc"))  # R: factanal(answers, 1)$loadings
    >>> table.set_index("measure")["estimate"].head(2).round(3).to_dict()
    {'omega': 0.769, 'standardized_omega': 0.776}
    """
    require_conf_level(conf_level)
    require_one_of("extraction", extraction, ["ml", "minres"])
    if n_boot:
        require_at_least("n_boot", n_boot, 2)
    rows: list[dict] = []
    for block in read_blocks(responses, items, scales, design, missing):
        note = block.problem
        if not note and len(block.items) < 3:
            note = "one factor needs three items"
        table = np.full((2 + len(block.items), 4), np.nan)
        if not note:
            table[:, 0] = _solution(block.moments, extraction)
            held = np.array(block.items)[table[2:, 0] ** 2 > 1 - 1.001 * LEAST_UNIQUE]
            heywood = f"nothing of its own is left (Heywood case): {', '.join(held)}"
            note = heywood if len(held) else block.note
            if n_boot:
                again = partial(_solutions, extraction=extraction)
                table[:, 1:] = block.resampled(again, n_boot, seed, conf_level)
        how = {"conf_level": conf_level, "method": extraction, "note": note}
        omegas = zip(("omega", "standardized_omega"), table, strict=False)
        rows += [block.row(*one) | how | {"item": ""} for one in omegas]
        for item, numbers in zip(block.items, table[2:], strict=True):
            rows.append(block.row("loading", numbers) | how | {"item": item})
    return tabulate(rows)


def _solutions(moments: Moments, extraction: str) -> Array:
    every = zip(moments.mean, moments.covariance, moments.correlation, strict=True)
    return np.stack([_solution(Moments(*one), extraction) for one in every])


def _solution(moments: Moments, extraction: str) -> Array:
    """Omega, standardized omega, and the standardized loadings of one factor."""
    correlation, variance = correlations(moments), np.diag(moments.covariance)
    if np.isnan(correlation).any():
        return np.full(len(variance) + 2, np.nan)
    values, vectors = np.linalg.eigh(correlation)
    limit = np.sqrt(1 - LEAST_UNIQUE)
    loading = optimize.minimize(
        _likelihood_gap if extraction == "ml" else _residual_squares,
        np.clip(vectors[:, -1] * np.sqrt(values[-1]), -0.9, 0.9),
        args=(correlation,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-limit, limit)] * len(correlation),
        options={"ftol": 1e-14, "gtol": 1e-8},
    ).x
    loading *= np.sign(loading.sum()) or 1.0  # the factor points the way most items do
    common = np.array([loading @ np.sqrt(variance), loading.sum()]) ** 2
    unique = 1 - loading**2
    return np.append(common / (common + np.array([unique @ variance, unique.sum()])), loading)


def _likelihood_gap(loading: Array, correlation: Array) -> tuple[float, Array]:
    """log|S| + trace(S⁻¹R) and its gradient, S being what the loadings imply, 1 on its diagonal.

    At the optimum of maximum likelihood the diagonal of S is that of R, so nothing is lost.
    """
    unique = 1 - loading**2
    scaled = loading / unique
    common = 1 + loading @ scaled
    inverse = np.diag(1 / unique) - np.outer(scaled, scaled) / common
    weighted = inverse @ correlation
    slope = inverse - weighted @ inverse
    np.fill_diagonal(slope, 0)
    value = np.log(unique).sum() + np.log(common) + np.trace(weighted)
    return float(value), 2 * slope @ loading


def _residual_squares(loading: Array, correlation: Array) -> tuple[float, Array]:
    """Half the sum of squared residuals off the diagonal, and its gradient."""
    residual = np.outer(loading, loading) - correlation
    np.fill_diagonal(residual, 0)
    return float((residual**2).sum() / 2), 2 * residual @ loading
