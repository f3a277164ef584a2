"""Weights that make a sample speak for its population: raking, trimming and what they cost."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_weights
from custlib.columns import arrange
from custlib.errors import ConvergenceWarning, DataError, ParameterError, WeightWarning
from custlib.groups import group_rows
from custlib.survey.weights.margins import bind_margins
from custlib.survey.weights.raking import (
    Cells,
    Raking,
    largest_gap,
    margin_table,
    raked,
    raked_under_cap,
    trimmed,
)

Array = np.ndarray
SPREAD = ("weight_sum", "weight_min", "weight_max", "weight_cv", "deff_w", "n_effective")
COSTLY = 2.0  # design effect from which weights leave less than half of the sample's precision


def rake(
    responses: pd.DataFrame,
    *,
    targets: Mapping,
    base_weight: str | None = None,
    cap: float | None = None,
    repeat: bool = False,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    name: str = "weight",
) -> Raking:
    """Weights under which every margin has its known shares, nearest to the start weights.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    targets : mapping
        {column: {category: share or total}}; a tuple of columns is a margin of crossed
        categories. Shares sum to 1; any other sum is a total, the same in all margins.
    base_weight : str, optional
        Start weights, such as inverse sampling probabilities; equal when not given.
    cap : float above 1, optional
        Trim the raked weights at this multiple of their mean (see `trim`).
    repeat : bool, default False
        Rake and trim in turn until margins and cap hold together, or come no nearer.
    tolerance, max_iterations : float, int
        Converged once a round through the margins changes no weight by a larger share of itself.
    name : str, default "weight"
        Column to add; it must be new.

    Returns
    -------
    Raking
        `cases`: responses and the weight, which sums to the total (n where shares are given).
        `estimates`: margin, group, estimate (share reached), target_share, start_share, n.
        `fit`: n, n_effective, deff_w, iterations, largest_gap, trimmed_share, note.

    Raises
    ------
    DataError, ParameterError
        Gaps in a margin or weight; categories that data and targets do not share.
    FitError
        Not converged; names the margin and category furthest from its target.

    Notes
    -----
    w <- w T_c / (sum of w in c), margin after margin, on the table of crossed margins; a single
    margin is post-stratification. R: `rake`. Standard errors through `Raking.design` follow the
    regression weighted with the start weights, as after R's `calibrate(calfun = "raking")`.
    Warns where deff_w is above 2, half of the precision lost (WeightWarning), and where `repeat`
    leaves a margin off target (ConvergenceWarning); `fit` has the gap that remains.

    Assumes: targets are right, and for the people sampled; within each cell of the margins those
    who answered are like those who did not; effects of margins on answering multiply.

    Not for: margins that have nothing to do with the answers (only noise comes in), cells with
    hardly anybody, or volunteers: margins mend what they name, and no other difference.

    References
    ----------
    Deming, W. & Stephan, F. (1940). Ann. Math. Stat. 11:427–444. doi:10.1214/aoms/1177731829

    Examples
    --------
    >>> firms = pd.DataFrame({"market": ["home", "home", "home", "export"]})
    >>> raked = rake(firms, targets={"market": {"home": 0.6, "export": 0.4}})
    >>> raked.cases["weight"].round(3).tolist()  # R: rake(design, ~market, shares)
    [0.8, 0.8, 0.8, 1.6]
    """
    _require_new(responses, name)
    _require_cap(cap, repeat)
    require_at_least("max_iterations", max_iterations, 1)
    base = require_weights(responses, base_weight)
    margins, total = bind_margins(responses, targets)
    cells = Cells.crossed(margins)
    weights, rounds = raked(base, cells, tolerance, max_iterations)
    if cap is not None and repeat:
        weights, more = raked_under_cap(weights, cells, cap, tolerance, max_iterations)
        rounds += more
    elif cap is not None:
        weights = trimmed(weights, cap)
    fit = _fit_table(cells, weights, rounds, cap)
    _warn(fit.iloc[0], repeat and bool(fit["largest_gap"].iloc[0] > tolerance))
    columns = tuple(m.columns[0] if len(m.columns) == 1 else m.columns for m in margins)
    cases = responses.assign(**{name: weights * (len(base) if total is None else total)})
    estimates = margin_table(cells, base, weights)
    return Raking(cases, estimates, fit, name, base_weight, columns)


def trim(
    responses: pd.DataFrame, *, weight: str, cap: float, name: str = "weight_trimmed"
) -> pd.DataFrame:
    """Weights cut to `cap` times their mean, what is cut off spread equally over the others.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    weight : str
        Column of positive weights.
    cap : float above 1
        Upper limit as a multiple of the mean weight.
    name : str, default "weight_trimmed"
        Column to add; it must be new.

    Returns
    -------
    DataFrame
        `responses` and the trimmed weight; its sum is that of `weight`.

    Raises
    ------
    DataError, ParameterError
        Weights that are not positive numbers; a cap of 1 or less; `name` exists already.

    Notes
    -----
    trimmed = min(limit, w + c); limit = cap × Σ w/n. It has the one c that keeps the sum: the end
    point of adding the surplus to the untrimmed weights until none is above the limit. R:
    `trimWeights(design, upper = limit, strict = TRUE)`. Margins raked before no longer hold
    exactly; `rake(cap=..., repeat=True)` restores them.

    Assumes: few large weights cost more precision than their cut adds bias; `cap` was chosen before
    results were seen.

    Not for: totals that must be free of bias, or heavy weights that stand for a group nobody else
    speaks for: ask more of that group, and let `rake` set fewer margins.

    References
    ----------
    Potter, F. (1990). A study of procedures to identify and trim extreme sampling weights.
    Proceedings of the Survey Research Methods Section, ASA, 225–230.

    Examples
    --------
    >>> cases = pd.DataFrame({"weight": [1, 1, 1, 5]})
    >>> trim(cases, weight="weight", cap=1.75)["weight_trimmed"].tolist()
    [1.5, 1.5, 1.5, 3.5]
    >>> # R: survey::trimWeights(design, upper = 1.75 * mean(w))
    """
    _require_new(responses, name)
    _require_cap(cap)
    weights = require_weights(responses, weight)
    return responses.assign(**{name: trimmed(weights, cap)})


def weight_summary(responses: pd.DataFrame, *, weight: str, by: str | None = None) -> pd.DataFrame:
    """How unequal weights are and what that costs: design effect, 1 or more, and effective size.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    weight : str
        Column of positive weights.
    by : str, optional
        Column of groups: one row of results per group, empty categories included.

    Returns
    -------
    DataFrame, one row per group
        The `by` column if given, then weight_sum, weight_min, weight_max, weight_cv, deff_w, n,
        n_effective, note.

    Raises
    ------
    DataError
        A weight is zero, negative, infinite or missing.

    Notes
    -----
    n_effective = (sum w)²/(sum w²); deff_w = n/n_effective, which is 1 + cv² with the standard
    deviation taken over n; weight_cv takes it over n − 1.

    Assumes: weights have nothing to do with the answers: only then is deff_w the whole loss.

    Not for: the precision of a given item, where clusters cost more and raked weights may cost
    less: n_effective of `satisfaction_profile` counts both.

    References
    ----------
    Kish, L. (1992). Weighting for unequal Pi. Journal of Official Statistics 8:183–200.

    Examples
    --------
    >>> cases = pd.DataFrame({"weight": [1.0, 1.0, 4.0]})
    >>> weight_summary(cases, weight="weight")[["weight_sum", "deff_w", "n_effective"]]
       weight_sum  deff_w  n_effective
    0         6.0     1.5          2.0
    >>> # R: 1 + mean((w / mean(w) - 1)^2)
    """
    weights = require_weights(responses, weight)
    rows = []
    for group, inside in group_rows(responses, by):
        key = {} if by is None else {by: group}
        rows.append(key | _spread(weights[inside]))
    return arrange(rows, keys=[] if by is None else [by])


def _fit_table(cells: Cells, weights: Array, rounds: int, cap: float | None) -> pd.DataFrame:
    """What raking reached and what it cost, as one row."""
    spread = _spread(weights)
    row: dict = {name: spread[name] for name in ("n", "n_effective", "deff_w")}
    gap = largest_gap(cells, weights)
    row |= {"iterations": rounds, "largest_gap": gap, "trimmed_share": 0.0, "note": ""}
    if cap is not None:
        # Weights at the cap are equal up to the last rounding.
        row["trimmed_share"] = float((weights > cap * weights.mean() * (1 - 1e-9)).mean())
        row["note"] = f"Trimmed at {cap:g} mean weights; margins are up to {gap:.2g} off target."
    return arrange([row])


def _warn(fit: pd.Series, unmet: bool) -> None:
    if unmet:
        warnings.warn(
            f"{fit['note']}\nExpected cap and margins to hold at once.\n"
            "Raise the cap, or merge small categories of the margins.",
            ConvergenceWarning,
            stacklevel=3,
        )
    if fit["deff_w"] > COSTLY:
        warnings.warn(
            f"The weights have a design effect of {fit['deff_w']:.2f}: {fit['n']} respondents "
            f"tell as much as {fit['n_effective']:.0f} of equal weight.\n"
            f"Expected a design effect of at most {COSTLY:g}.\n"
            "Trim with cap=, or merge small categories of the margins.",
            WeightWarning,
            stacklevel=3,
        )


def _spread(weights: Array) -> dict:
    """Sum, range and design effect of weights; numbers are NaN where there are none."""
    n = len(weights)
    if n == 0:
        nothing = dict.fromkeys(SPREAD, np.nan)
        return nothing | {"n": 0, "note": "No respondents."}
    total, squares = weights.sum(), weights @ weights
    deviation = weights.std(ddof=1) if n > 1 else np.nan
    numbers = (total, weights.min(), weights.max(), deviation / weights.mean())
    cost = (n * squares / total**2, total**2 / squares)
    return dict(zip(SPREAD, (*numbers, *cost), strict=True)) | {"n": n, "note": ""}


def _require_new(responses: pd.DataFrame, name: str) -> None:
    if name in responses.columns:
        raise DataError.because(
            f"The table has a column {name!r} already.",
            "Expected a new name for the weight, as no column is overwritten.",
            "Pass another name=, or drop the old column.",
        )


def _require_cap(cap: float | None, repeat: bool = False) -> None:
    if (cap is None and repeat) or (cap is not None and not cap > 1):
        raise ParameterError.because(
            f"cap is {cap!r}" + (" with repeat=True." if repeat else "."),
            "Expected a multiple of the mean weight above 1.",
            "Pass for instance cap=3, or leave both out.",
        )
