"""How consistently a block of items measures: Cronbach's alpha and what each item adds to it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_conf_level, require_one_of
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.survey.moments import NO_SPREAD, Moments
from custlib.survey.reliability.blocks import (
    Block,
    Scales,
    correlations,
    item_rest,
    read_blocks,
    tabulate,
)

Array = np.ndarray
MEASURES = ("alpha", "standardized_alpha", "lambda_6", "mean_correlation", "median_correlation")
FEW_CLUSTERS = "too few clusters for an interval"
FOLLOWS = "an item follows from the others"
SINGULAR = 1e-10  # smallest eigenvalue below which one item is a sum of others


def cronbach_alpha(
    responses: pd.DataFrame,
    *,
    items: Sequence[str] | None = None,
    scales: Scales | None = None,
    design: SurveyDesign | None = None,
    missing: str = "listwise",
    interval: str = "feldt",
    n_boot: int = 0,
    seed: int | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Reliability of a sum of items, at most 1, if they measure one thing equally well.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str, or scales : mapping from dimension to list of str
        One set of items, or several; reversed items turned by the codebook beforehand.
    design : SurveyDesign, optional
    missing : {"listwise", "pairwise"}
        Leave a respondent out who lacks an item, or only out of that item's pairs.
    interval : {"feldt", "bootstrap"}
        The first takes answers as normal and independent; the second draws whole clusters.
    n_boot, seed : int
        Resamples and their seed, for interval="bootstrap".
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, five rows (alpha, standardized_alpha, lambda_6, mean_ and median_correlation) a set
        dimension if given, measure, estimate, std_error, ci_low, ci_high, conf_level, n (complete
        rows, or the smallest pair), n_missing, method, note. Feldt's is for alpha alone.

    Raises
    ------
    DataError, ParameterError
        Columns absent, repeated or not numeric; "feldt" under unequal weights or clusters.

    Notes
    -----
    alpha = k/(k−1) (1 − sum of item variances / variance of the sum); standardized from
    correlations; lambda_6 = 1 − sum(1 − smc)/sum(R). Feldt: 1 − (1 − alpha) F quantiles on n − 1
    and (n − 1)(k − 1), beside it the standard error of normal answers (Duhachek & Iacobucci).
    Resamples of whole clusters give t intervals of log(1 − alpha), which hold their level with few
    clusters too. psych's pairwise interval counts all rows, this one the smallest pair.

    Assumes: items carry the one thing equally (tau-equivalent) with errors that do not correlate:
    else alpha is too low, or with correlated errors too high. Feldt adds normal answers of
    independent people.

    Not for: proof that there is one dimension, unequal loadings (`mcdonald_omega`), items that make
    up a construct instead of showing it, or clustered answers under Feldt (interval="bootstrap").

    References
    ----------
    Cronbach, L. (1951). Psychometrika 16:297–334. Feldt, L. (1965). Psychometrika 30:357–370.
    Duhachek, A. & Iacobucci, D. (2004). J. Applied Psychology 89:792–808.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "c": [1, 3, 3, 5]})
    >>> table = cronbach_alpha(answers, items=list("abc"))  # R: psych::alpha, alpha.ci
    >>> table.loc[0, ["estimate", "ci_low", "ci_high"]].astype(float).round(3).tolist()
    [0.933, 0.56, 0.995]
    """
    require_conf_level(conf_level)
    require_one_of("interval", interval, ["feldt", "bootstrap"])
    if interval == "bootstrap":
        require_at_least("n_boot", n_boot, 2)
    rows: list[dict] = []
    for block in read_blocks(responses, items, scales, design, missing):
        if interval == "feldt":
            _require_independent(block)
        table = np.full((len(MEASURES), 4), np.nan)
        if not block.problem:
            table[:, 0] = coefficients(block.moments)
            if interval == "bootstrap":
                table[:, 1:] = block.resampled(
                    coefficients, n_boot, seed, conf_level, at_most_one=True
                )
            else:
                ends = feldt_interval(table[0, 0], block.n, len(block.items), conf_level=conf_level)
                table[0, 1:] = _standard_error(block.moments.covariance, block.n), *ends
        how = {"conf_level": conf_level, "method": interval}
        few = interval == "bootstrap" and block.products.sample.degrees_of_freedom() < 1
        for measure, numbers in zip(MEASURES, table, strict=True):
            row = block.row(measure, numbers) | how
            if not block.problem:
                row["note"] = _noted(row, FEW_CLUSTERS if few else "")
            rows.append(row)
    return tabulate(rows)


def item_statistics(
    responses: pd.DataFrame,
    *,
    items: Sequence[str] | None = None,
    scales: Scales | None = None,
    design: SurveyDesign | None = None,
    missing: str = "listwise",
) -> pd.DataFrame:
    """How each item goes with the others of its block: points, correlations, alpha without it.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str, or scales : mapping from dimension to list of str
        One set of items, or several; reversed items turned by the codebook beforehand.
    design : SurveyDesign, optional
        Its weights enter; there are no standard errors here.
    missing : {"listwise", "pairwise"}
        Leave a respondent out who lacks an item, or only out of that item's pairs.

    Returns
    -------
    DataFrame, eight rows an item
        dimension if given, item, measure, estimate, n, n_missing, note. Measures: mean,
        standard_deviation, item_total (the item's correlation with the sum),
        standardized_item_total, item_rest (with the sum of the others), corrected_item_total
        (its own variance replaced by its smc), alpha_if_dropped, standardized_alpha_if_dropped.

    Raises
    ------
    DataError, ParameterError
        Columns absent, repeated or not numeric; neither or both of items and scales.

    Notes
    -----
    item_total = c_j/(s_j s_T); item_rest = (c_j − s_j²)/(s_j √(s_T² − 2 c_j + s_j²));
    corrected_item_total = (Σ_k r_jk − 1 + smc_j)/√(Σ r − k + Σ smc); standardized_item_total = Σ_k
    r_jk/√(Σ r). c_j is the covariance of the item with the sum T of all k, smc its R² on the
    others; alpha_if_dropped is `cronbach_alpha` of the rest. item_total holds the item itself and
    flatters it; read item_rest. A negative one is noted, not turned: the codebook's `reversed` does
    that. Pairwise n of a correlation is the smallest pair.

    Assumes: items of a set are turned the same way and relate in straight lines; steps of the scale
    are equal.

    Not for: items dropped until alpha looks well in the same answers: what is left flatters itself,
    try it on others. Two items have no rest worth reading (`cronbach_alpha`).

    References
    ----------
    Nunnally, J. & Bernstein, I. (1994). Psychometric Theory, 3rd ed. McGraw-Hill.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "c": [1, 3, 3, 5]})
    >>> table = item_statistics(answers, items=list("abc"))  # R: psych::alpha()$item.stats$r.drop
    >>> table.loc[table["measure"] == "item_rest", "estimate"].round(3).tolist()
    [1.0, 0.8, 0.857]
    """
    rows = []
    for block in read_blocks(responses, items, scales, design, missing):
        measured = _item_measures(block)
        for at, item in enumerate(block.items):
            for measure, numbers in measured.items():
                row = block.row(measure, numbers[at : at + 1]) | {"item": item}
                if measure in ("mean", "standard_deviation"):
                    answered = int(block.products.n[at, at])
                    row |= {"n": answered, "n_missing": block.n + block.n_missing - answered}
                rows.append(row if block.problem else row | {"note": _noted(row)})
    return tabulate(rows)


def coefficients(moments: Moments) -> Array:
    """The measures in their order, along a new last axis."""
    correlation = correlations(moments)
    k = correlation.shape[-1]
    above = correlation[..., *np.triu_indices(k, 1)]
    mean, total = above.mean(axis=-1), correlation.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        lambda_6 = 1 - (1 - _squared_multiple(correlation)).sum(axis=-1) / total
    alphas = [raw_alpha(moments.covariance), raw_alpha(correlation), lambda_6]
    return np.stack([*alphas, mean, np.median(above, axis=-1)], axis=-1)


def _noted(row: dict, more: str = "") -> str:
    """The row's note, with why a measure that needs each item's R² on the others lacks it."""
    lacking = row["measure"] in ("lambda_6", "corrected_item_total") and np.isnan(row["estimate"])
    return "; ".join(text for text in (row["note"], FOLLOWS if lacking else "", more) if text)


def feldt_interval(alpha: float, n: int, k: int, *, conf_level: float) -> tuple[float, float]:
    """Feldt's interval of alpha from n respondents and k items."""
    tail = (1 - conf_level) / 2
    high, low = stats.f.ppf([tail, 1 - tail], n - 1, (n - 1) * (k - 1))
    return float(1 - (1 - alpha) * low), float(1 - (1 - alpha) * high)


def raw_alpha(matrix: Array) -> Array:
    """Alpha of each covariance matrix; NaN where the sum of the items has no variance."""
    own, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1))
    return _alpha(own, total, matrix.shape[-1])


def _alpha(own: Array, total: Array, k: int) -> Array:
    """Alpha of k items whose variances add up to `own`, that of their sum being `total`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > NO_SPREAD * own, k / (k - 1) * (1 - own / total), np.nan)


def _squared_multiple(correlation: Array) -> Array:
    """R² of each item on the others (smc); NaN where an item is a sum of others."""
    known = np.isfinite(correlation).all(axis=(-2, -1))[..., None, None]
    values, vectors = np.linalg.eigh(np.where(known, correlation, np.eye(correlation.shape[-1])))
    inverse = (vectors**2 / np.maximum(values, SINGULAR)[..., None, :]).sum(axis=-1)
    return np.where((values[..., :1] > SINGULAR) & known[..., 0], 1 - 1 / inverse, np.nan)


def _standard_error(covariance: Array, n: int) -> float:
    """Standard error of alpha where answers are normal."""
    k, square = len(covariance), covariance @ covariance
    total, own = covariance.sum(), np.trace(covariance)
    spread = total * (np.trace(square) + own**2) - 2 * own * square.sum()
    return float(k / (k - 1) * np.sqrt(2 / total**3 * spread / n)) if total > 0 else np.nan


def _require_independent(block: Block) -> None:
    weights, clusters = block.products.sample.weights, block.products.sample.stratum_of_cluster
    if len(clusters) < len(weights) or (weights != weights[:1]).any():
        raise ParameterError.because(
            'interval is "feldt", while respondents share clusters or weigh differently.',
            "Expected independent respondents of one weight, which that interval assumes.",
            'Pass interval="bootstrap" with n_boot and seed.',
        )


def _item_measures(block: Block) -> dict[str, Array]:
    covariance, correlation = block.moments.covariance, correlations(block.moments)
    deviation, corrected = np.sqrt(np.diag(covariance)), correlation.copy()
    result = {"mean": block.moments.mean, "standard_deviation": deviation}
    np.fill_diagonal(corrected, _squared_multiple(correlation))
    with np.errstate(invalid="ignore", divide="ignore"):
        related = {
            "item_total": covariance.sum(axis=0) / (deviation * np.sqrt(covariance.sum())),
            "standardized_item_total": correlation.sum(axis=0) / np.sqrt(correlation.sum()),
            "item_rest": item_rest(covariance),
            "corrected_item_total": corrected.sum(axis=0) / np.sqrt(corrected.sum()),
            "alpha_if_dropped": _without_each(covariance),
            "standardized_alpha_if_dropped": _without_each(correlation),
        }
    lacking = np.full(len(block.items), np.nan)
    return result | (dict.fromkeys(related, lacking) if block.problem else related)


def _without_each(matrix: Array) -> Array:
    """Alpha of the block that is left when each item goes; NaN where one is left."""
    own, rest = np.diag(matrix), len(matrix) - 1
    left = matrix.sum() - 2 * matrix.sum(axis=0) + own
    return _alpha(own.sum() - own, left, rest) if rest > 1 else np.full(rest + 1, np.nan)
