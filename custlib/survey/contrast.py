"""Does a poor attribute hurt more than a good one pleases? Penalties, rewards and asymmetry."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib import checks
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.intervals import adjust_p, t_interval
from custlib.survey.profile import Scales, scaled_answers
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
LOW_SHARE, TOP_SHARE = 0.4, 0.2  # of the scale's answers; 2 and 1 of five, 4 and 2 of ten
SIDES = ("penalty", "reward")


@dataclass(frozen=True, slots=True)
class PenaltyReward:
    """What low and high answers to each item go with: effects, classes of the items, the fit."""

    estimates: pd.DataFrame
    classes: pd.DataFrame
    fit: pd.DataFrame


def penalty_reward(
    responses: pd.DataFrame,
    *,
    outcome: str,
    items: Sequence[str],
    scale: Scales,
    low_box: int | None = None,
    top_box: int | None = None,
    cut: float = 0.2,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> PenaltyReward:
    """Change of the outcome (points) with low and with high answers to each item, and asymmetry.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    outcome, items : str, list of str
        Column that is explained, and columns of whole-number answers.
    scale : (low, high), or a mapping from item to (low, high)
    low_box, top_box : int, optional
        How many of the lowest answers are low, of the highest high; by default 40 % and 20 %.
    cut : float in [0, 1), default 0.2
        A performance factor's asymmetry beyond the line is surely within ±cut.
    design, conf_level : SurveyDesign, optional; float in (0, 1), default 0.95

    Returns
    -------
    PenaltyReward
        `.estimates`: item, measure ("penalty", "reward": coefficients; "range": reward less
        penalty; "asymmetry": IA as published, −1 only a penalty to 1 only a reward), estimate,
        std_error, ci_low, ci_high, conf_level, statistic, df, p_value, p_adjusted (Holm, over
        penalties and rewards), n, n_missing, numerator (answers in the box), denominator, note.
        `.classes`: item, measure ("asymmetry_beyond_line", −1 to 1, 0 on a straight line),
        estimate, ci_low, ci_high, conf_level, n, verdict, note. `.fit`: estimate (R²), df, n.

    Raises
    ------
    DataError
        Answers off the scale, one outcome for all, too few rows, or terms that determine others.

    Notes
    -----
    Y = b0 + Σ(p D⁻ + r D⁺). Weighted least squares over complete rows, linearized errors, t on
    clusters − strata − terms. D⁻ is 1 for a low answer, D⁺ for a high one. Range = r − p (RIOCS);
    SGP = r/(r − p), DGP = −p/(r − p); asymmetry IA = SGP − DGP = (r + p)/(r − p). A reversed sign
    is no effect (noted), intervals are Fieller's. Skewed answers move it off 0 even on a straight
    line. By a rule of ours classes are judged beyond the line: Y is regressed on the answers, that
    line on the boxes, and p and r are divided by the size of its p and r, taken as fixed. Verdict:
    "no clear impact" if the range is not surely above 0; else "performance" if the interval is
    within ±cut, "basic" or "excitement" if below or above 0, else "undecided".

    Assumes: effects add up; within low, middle and high no answer matters further; who skipped an
    item differs in the outcome no more than the other answers tell.

    Not for: boxes that few ticked (read `numerator`), items nearly the same (`driver_shares` has
    their variance_inflation), or a forecast of what mending an item brings.

    References
    ----------
    Brandt, R. (1987), in Add Value to Your Service, AMA, 61–65. Mikulić, J. & Prebežac, D.
    (2008). Managing Service Quality 18:559–576. Fieller, E. (1954). JRSS B 16:175–185.

    Examples
    --------
    >>> answers = pd.DataFrame({"speed": [1, 1, 3, 3, 5, 5], "overall": [1, 2, 4, 5, 5, 5]})
    >>> found = penalty_reward(answers, outcome="overall", items=["speed"], scale=(1, 5))
    >>> found.estimates["estimate"].head(2).round(2).tolist()  # R: lm(overall ~ low + high)
    [-3.0, 0.5]
    """
    checks.require_conf_level(conf_level)
    checks.require_distinct(items, outcome=outcome)
    if not 0 <= cut < 1:
        raise ParameterError.because(
            f"cut is {cut}.", "Expected at least 0 and below 1.", "Pass cut=0.2, the default."
        )
    checks.require_columns(responses, [outcome])
    scales, answers = scaled_answers(responses, items, scale)
    explained = checks.require_numeric(responses, outcome)
    sample = (design or SurveyDesign()).sample(responses)
    complete = sample.domain & ~np.isnan(np.column_stack([explained, *answers.values()])).any(
        axis=1
    )
    edges = [_box_edges(item, scales[item], low_box, top_box) for item in items]
    boxes = [
        complete & inside
        for item, (low, top) in zip(items, edges, strict=True)
        for inside in (answers[item] <= low, answers[item] >= top)
    ]
    given = np.column_stack([answers[item] for item in items])
    fit = _regression(explained, given, boxes, [outcome, *items], sample, complete)
    common = {"conf_level": conf_level, "n": fit.n, "n_missing": int(sample.domain.sum()) - fit.n}
    rows, classes = [], []
    for at, item in enumerate(items):
        sides = slice(2 * at, 2 * at + 2)
        b, v, line = fit.effects[sides], fit.covariance[sides, sides], fit.line[sides]
        effects = _effects(b, v, fit.df, conf_level)
        beyond = _asymmetry(b / line, v / np.outer(line, line), fit.df, conf_level)
        for measure, row, inside in zip(SIDES, effects, boxes[sides], strict=False):
            counts = {"numerator": int(inside.sum()), "denominator": fit.n}
            row["note"] = _note(measure, row, counts)
            rows.append({"item": item, "measure": measure} | common | row | counts)
        notes = [f"{row['measure']}: {row['note']}" for row in rows[-2:] if row["note"]]
        notes += ["no rising straight line"] if np.isnan(line).any() and not notes else []
        for measure, row in zip(("range", "asymmetry"), effects[2:], strict=True):
            row["note"] = "; ".join(notes) if np.isnan(row["ci_low"]) else ""
            rows.append({"item": item, "measure": measure} | common | row)
        classed = beyond | {"verdict": _verdict(effects[2], beyond, cut), "note": "; ".join(notes)}
        classes.append({"item": item, "measure": "asymmetry_beyond_line"} | common | classed)
    estimates = pd.DataFrame(rows)
    tested = estimates["measure"].isin(SIDES)
    estimates["p_adjusted"] = adjust_p(estimates["p_value"].where(tested))
    whole = {"measure": "r_squared", "estimate": fit.r_squared, "df": fit.df} | common
    return PenaltyReward(
        arrange(estimates, keys=["item", "measure"]),
        arrange(classes, keys=["item", "measure"]),
        arrange([whole], keys=["measure"]),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """Penalty and reward of one item after the other, NaN where a box is empty or holds all."""

    effects: Array
    line: Array  # their sizes on a straight line, NaN for an item where it does not rise
    covariance: Array
    df: int
    r_squared: float
    n: int


def _regression(
    outcome: Array,
    answers: Array,
    boxes: list[Array],
    names: list[str],
    sample: Sample,
    complete: Array,
) -> _Fit:
    """Weighted least squares with the covariance that the design gives its coefficients."""
    n = int(complete.sum())
    kept = [at for at, inside in enumerate(boxes) if 0 < inside.sum() < n]
    x = np.column_stack([complete, *(boxes[at] for at in kept)]).astype(float)
    _require_estimable(x, outcome[complete], names, kept)
    y = np.where(complete, outcome, 0.0)
    weighted = x * sample.weights[:, None]
    bread = np.linalg.inv(weighted.T @ x)
    coefficients = bread @ (weighted.T @ y)
    residual = y - x @ coefficients
    scores = weighted * residual[:, None] @ bread
    w = sample.weights * complete
    r_squared = 1 - w @ residual**2 / (w @ (y - w @ y / w.sum()) ** 2)
    straight = np.where(complete[:, None], np.column_stack([complete, answers]), 0.0)
    root = np.sqrt(sample.weights)
    slopes = np.linalg.lstsq(straight * root[:, None], y * root, rcond=None)[0]
    effects, line = np.full((2, len(boxes)), np.nan)
    line[kept] = (bread @ (weighted.T @ (straight @ slopes)))[1:]
    sizes = line.reshape(-1, 2) * [-1, 1]
    line = np.where(sizes.min(axis=1, keepdims=True) > 0, sizes, np.nan).ravel()
    covariance = np.full((len(boxes), len(boxes)), np.nan)
    effects[kept] = coefficients[1:]
    covariance[np.ix_(kept, kept)] = sample.covariance(scores)[1:, 1:]
    # R's svyglm: clusters less strata, less the terms beside the constant.
    df = max(sample.degrees_of_freedom(complete) + 1 - x.shape[1], 0)
    return _Fit(effects, line, covariance, df, float(r_squared), n)


def _effects(b: Array, v: Array, df: int, conf_level: float) -> list[dict]:
    """Rows of an item's penalty, reward, range and asymmetry as published."""
    estimates = [b[0], b[1], b[1] - b[0]]
    variances = [v[0, 0], v[1, 1], v[0, 0] + v[1, 1] - 2 * v[0, 1]]
    rows = []
    for estimate, std_error in zip(estimates, np.sqrt(variances), strict=True):
        known = std_error > 0 and df >= 1
        statistic = estimate / std_error if known else np.nan
        low, high = t_interval(estimate, std_error, df, conf_level=conf_level)
        row = {"estimate": estimate, "std_error": std_error, "ci_low": low, "ci_high": high}
        p_value = 2 * stats.t.sf(abs(statistic), df) if known else np.nan
        rows.append(row | {"statistic": statistic, "df": df, "p_value": p_value})
    return [*rows, _asymmetry(b, v, df, conf_level)]


def _asymmetry(b: Array, v: Array, df: int, conf_level: float) -> dict:
    """Row of the asymmetry of a penalty and a reward, with Fieller's interval."""
    total, span = b.sum(), b[1] - b[0]
    t2 = stats.t.ppf((1 + conf_level) / 2, df) ** 2 if df >= 1 else np.nan
    a = span**2 - t2 * (v[0, 0] + v[1, 1] - 2 * v[0, 1])
    half = total * span - t2 * (v[1, 1] - v[0, 0])
    c = total**2 - t2 * v.sum()
    # Where the range may be 0, any asymmetry is possible.
    ends = np.full(2, np.nan) if np.isnan(a) else np.array([-1.0, 1.0])
    if a > 0 and span > 0:
        root = max(half**2 - a * c, 0.0) ** 0.5
        ends = np.clip([(half - root) / a, (half + root) / a], -1, 1)
    estimate = np.clip(total / span, -1, 1) if span > 0 else np.nan
    return {"estimate": estimate, "ci_low": ends[0], "ci_high": ends[1]}


def _verdict(span: dict, asymmetry: dict, cut: float) -> str:
    if np.isnan(span["ci_low"]):
        return "undecided"
    if span["ci_low"] <= 0:
        return "no clear impact"
    if -cut <= asymmetry["ci_low"] and asymmetry["ci_high"] <= cut:
        return "performance"
    if asymmetry["ci_high"] < 0:
        return "basic"
    return "excitement" if asymmetry["ci_low"] > 0 else "undecided"


def _note(measure: str, row: dict, counts: dict) -> str:
    kind, sign = ("low", 1) if measure == "penalty" else ("high", -1)
    if counts["numerator"] == 0:
        return f"nobody gave a {kind} answer"
    if counts["numerator"] == counts["denominator"]:
        return f"everybody gave a {kind} answer"
    if row["df"] < 1:
        return FEW_CLUSTERS
    return "sign reversed" if row["estimate"] * sign > 0 else ""


def _box_edges(
    item: str, scale: tuple[float, float], low_box: int | None, top_box: int | None
) -> tuple[float, float]:
    """Highest of the low answers and lowest of the high ones."""
    low, high = scale
    answers = high - low + 1
    lows = max(round(LOW_SHARE * answers), 1) if low_box is None else low_box
    tops = max(round(TOP_SHARE * answers), 1) if top_box is None else top_box
    checks.require_whole("low_box", lows, 1)
    checks.require_whole("top_box", tops, 1)
    if lows + tops > answers:
        raise ParameterError.because(
            f"low_box is {lows} and top_box {tops}, but {item!r} has {answers:g} answers.",
            "Expected no answer to be low and high at once.",
            "Pass a smaller low_box or top_box.",
        )
    return low + lows - 1, high - tops + 1


def _require_estimable(x: Array, outcome: Array, names: list[str], kept: list[int]) -> None:
    """More rows than terms, an outcome that varies, and no term that follows from the others."""
    if len(outcome) <= x.shape[1]:
        raise DataError.because(
            f"{len(outcome)} rows answer {names[0]!r} and all {len(names) - 1} items.",
            f"Expected more than the {x.shape[1]} terms of the regression.",
            "Leave out the items most often unanswered, or take fewer items.",
        )
    if np.ptp(outcome) == 0:
        raise DataError.because(
            f"All {len(outcome)} rows give the same answer to {names[0]!r}.",
            "Expected an outcome that varies.",
            "Take another outcome.",
        )
    ranks = [np.linalg.matrix_rank(x[:, : at + 1]) for at in range(x.shape[1])]
    if ranks[-1] < x.shape[1]:
        at = kept[int(np.argmin(np.diff(ranks)))]
        side = ("low", "high")[at % 2]
        raise DataError.because(
            f"Who gives {names[1 + at // 2]!r} a {side} answer follows from the other boxes.",
            "Expected boxes that do not determine one another.",
            "Leave the item out, or leave answers between its boxes (low_box, top_box).",
        )
