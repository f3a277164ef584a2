"""The bottleneck: the step of a funnel where a better rate brings most sales."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from custlib.checks import (
    require_at_least,
    require_columns,
    require_conf_level,
    require_one_of,
    require_seed,
)
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError

Array = np.ndarray
LIFTS = ("points", "relative", "loss", "benchmark")
PRIOR = 0.5  # Jeffreys
TIE = 1e-9  # gains that differ by less are the same


def funnel_bottleneck(
    rates: pd.DataFrame,
    *,
    lift: str = "points",
    size: float = 0.05,
    benchmark: Mapping[str, float] | None = None,
    n_draws: int = 10_000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """More sales (share of today's, 0 and up) if one step were better, and which step gains most.

    Parameters
    ----------
    rates : DataFrame
        Rows of `funnel_rates` of one group.
    lift : {"points", "relative", "loss", "benchmark"}
        A rate r becomes r + size, r(1 + size), r + size(1 − r), or that of the benchmark; 1 at
        the most.
    size : float, above 0 and at most 1, default 0.05
    benchmark : dict of float, optional
        Rate (0–1) by stage to which each step is compared; needed for lift "benchmark".
    n_draws : int, default 10,000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per step
        stage, next_stage, measure ("gain"), estimate, ci_low, ci_high, conf_level,
        monte_carlo_error (of probability_best), probability_best, n, numerator, denominator
        (of the rate), limit (benchmark), verdict (below, above or not distinguishable from it),
        method, note.

    Raises
    ------
    DataError
        Several groups, or no lead at a step.
    ParameterError
        Unknown lift, a size outside 0–1, a benchmark outside 0–1, or none where it is needed.

    Notes
    -----
    gain = better rate/rate − 1. Sales are a product of rates, so a step gains (better rate)/(rate)
    − 1, whatever the others are. By points and by loss the lowest rate is the bottleneck. By a
    relative lift every step gains the same, and there is none, unless a rate is held at 1. A
    benchmark asks which step lies furthest below what is possible. Draws are from Beta(x + ½, n − x
    + ½), one for each step.

    Assumes: rates of steps do not hang on each other: the leads that one step more lets through are
    as good as the others; each `lift` is equally hard to get at every step.

    Not for: what mending a step costs, rates of leads still open (`patience_days` in
    `funnel_rates`), or a step pushed with poor leads that fail at the next.

    References
    ----------
    Brown, L., Cai, T. & DasGupta, A. (2001). Statistical Science 16:101–133 (Jeffreys' prior).

    Examples
    --------
    >>> leads = pd.DataFrame({"call": [1] * 40, "offer": [1] * 20 + [0] * 20,
    ...                       "sale": [1] * 4 + [0] * 36})
    >>> from custlib.loyalty.funnel.rates import funnel_rates
    >>> rates = funnel_rates(leads, stages=["call", "offer", "sale"])
    >>> funnel_bottleneck(rates, seed=1)["estimate"].round(3).tolist()  # .05/.5 and .05/.2
    [0.1, 0.25]
    """
    require_one_of("lift", lift, LIFTS)
    require_conf_level(conf_level)
    require_at_least("n_draws", n_draws, 100)
    steps = _steps(rates)
    goals = _goals(steps, benchmark, lift, size)
    x, n = (steps[name].to_numpy(float) for name in ("numerator", "denominator"))
    rng = np.random.default_rng(require_seed(seed))
    drawn = rng.beta(x + PRIOR, n - x + PRIOR, size=(n_draws, len(steps)))
    gains = _gain(drawn, lift, size, goals)
    best = _bests(gains)
    tail = (1 - conf_level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(x > 0, _gain(x / n, lift, size, goals), np.nan)
    same = bool(np.ptp(best, axis=1).max() < TIE)
    why = f"every step gains the same: a {lift} lift names no bottleneck" if same else ""
    why = why if len(steps) > 1 else "the only step: none to compare it with"
    none = "no share of 0 is a gain; the interval is of rates above"
    none = f"nobody took this step: {none if lift == 'relative' else 'any gain is endless'}"
    none += f"; {why}" * bool(why)
    share = np.full(len(steps), np.nan) if same else best.mean(axis=0)
    table = steps[["stage", "next_stage", "n", "numerator", "denominator"]].assign(
        measure="gain",
        estimate=own,
        # No draw of a rate reaches 1, but the rate itself may.
        ci_low=np.fmin(np.quantile(gains, tail, axis=0), own),
        ci_high=np.fmax(np.quantile(gains, 1 - tail, axis=0), own),
        conf_level=conf_level,
        probability_best=share,
        monte_carlo_error=best.std(axis=0) / np.sqrt(n_draws) if not same else np.nan,
        limit=goals,
        verdict=_verdicts(steps, goals),
        method=f"{lift}, {n_draws} Beta draws",
        note=np.where(x > 0, why, none),
    )
    return arrange(table, keys=["stage", "next_stage", "measure"])


def _steps(rates: pd.DataFrame) -> pd.DataFrame:
    names = ["stage", "next_stage", "measure", "ci_low", "ci_high", "numerator", "denominator"]
    require_columns(rates, [*names, "n"])
    steps = rates[rates["measure"] == "rate"].reset_index(drop=True)
    if not len(steps) or steps["stage"].duplicated().any() or (steps["denominator"] == 0).any():
        raise DataError.because(
            f"{len(steps)} steps; leads at them: {steps['denominator'].tolist()[:5]}.",
            "Expected the steps of one funnel, each once and with leads.",
            "Select the rows of one group, or join a stage without leads to another.",
        )
    return steps


def _goals(
    steps: pd.DataFrame, benchmark: Mapping[str, float] | None, lift: str, size: float
) -> Array:
    """Rate of the benchmark of each step; NaN where there is none."""
    known = dict(benchmark or {})
    strange = sorted(set(known) - set(steps["stage"]))
    goals = np.array([known.get(stage, np.nan) for stage in steps["stage"]], float)
    outside = [f"{one:g}" for one in known.values() if not 0 < one <= 1]
    lacking = lift == "benchmark" and np.isnan(goals).any()
    if strange or outside or lacking or not 0 < size <= 1:
        found = [
            f"Size {size:g}" if not 0 < size <= 1 else "",
            f"benchmark of an unknown stage: {', '.join(strange)}" if strange else "",
            f"benchmark rates: {', '.join(outside)}" if outside else "",
            "steps without a benchmark" if lacking else "",
        ]
        raise ParameterError.because(
            "; ".join(filter(None, found)) + ".",
            f"Expected a size and rates above 0 and at most 1, by stage: "
            f"{', '.join(map(str, steps['stage']))}.",
            "Pass benchmark={'offer': 0.1}, by the stage that a step starts from.",
        )
    return goals


def _gain(rate: Array, lift: str, size: float, goals: Array) -> Array:
    """Sales gained, as a share of today's, if a rate were better; rates never pass 1."""
    better = {
        "points": rate + size,
        "relative": rate * (1 + size),
        "loss": rate + size * (1 - rate),
        "benchmark": np.fmax(rate, goals),
    }[lift]
    return np.minimum(better, 1.0) / rate - 1


def _bests(gains: Array) -> Array:
    """Which step gains most in each draw; steps that gain the same share the draw."""
    best = gains >= gains.max(axis=1, keepdims=True) - TIE
    return best / best.sum(axis=1, keepdims=True)


def _verdicts(steps: pd.DataFrame, goals: Array) -> Array:
    below, above = steps["ci_high"] < goals, steps["ci_low"] > goals
    words = np.where(below, "below", np.where(above, "above", "not distinguishable"))
    return np.where(np.isnan(goals), "", words)
