"""How satisfied customers are: means, top boxes and answers of each item, by group."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_distinct,
    require_ends,
    require_scale,
    require_whole,
)
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.groups import group_rows
from custlib.intervals import share_interval, t_interval
from custlib.survey.codebook.book import MOST_ANSWERS
from custlib.variance import FEW_CLUSTERS, Mean

Scales = tuple[float, float] | Mapping[str, tuple[float, float]]


def satisfaction_profile(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    scale: Scales,
    by: str | None = None,
    design: SurveyDesign | None = None,
    top_box: int = 2,
    as_index: bool = False,
    min_base: int = 2,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean answer and share of top-box answers (0–1) of each item, by group.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str
        Columns of whole-number answers.
    scale : (low, high), or a mapping from item to (low, high)
        The scale as asked; an end nobody chose counts all the same.
    by : str, optional
        Column of groups. Empty categories keep their rows; respondents without a group form one.
    design : SurveyDesign, optional
        Weights, strata, clusters, finite population; a group keeps the whole design.
    top_box : int, default 2
        How many of the highest answers make the top box.
    as_index : bool, default False
        Means from 0 (lowest answer) to 100 (highest), which compares unlike scales.
    min_base : int, default 2
        Rows with fewer answers say so in `note`; below 2 answers there are no numbers.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, two rows ("mean", "top_box") per group and item
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n, n_effective, n_missing, numerator, denominator (unweighted counts of
        the top box), note.

    Raises
    ------
    DataError
        A column is absent, an answer is off the scale, or the design does not fit the table.
    ParameterError
        top_box does not leave the scale an answer outside it.

    Notes
    -----
    m = Σ w y/Σ w; variance = Σ_h (1 − f_h) n_h/(n_h − 1) Σ_i (z_hi − mean z_h)²; n_effective = n/(n
    − 1) (Σ w (y − m)²/Σ w)/variance. y is the answer, with as_index 100 (answer − low)/(high −
    low), or 1 above high − top_box and else 0; z_hi the sum of w (y − m)/Σ w over cluster i of
    stratum h, of whose clusters the share f_h was asked. Raked weights leave in z/w what their
    margins do not explain; a second stage adds its own variance. Means have the t interval on
    clusters less strata df, shares Wilson's on n_effective times the squared ratio of t quantiles
    at n − 1 and at these df. At shares of 0 and 1 nothing shows how alike the answers of a cluster
    are: n_effective is then (Σ w)²/Σ w².

    Assumes: a probability sample, or one raked to its population (`rake`), whose clusters are
    named; the mean takes steps of the scale as equal, the top box does not.

    Not for: volunteers as if drawn, as the interval then speaks of more volunteers; items whose
    answers crowd at an end, by the mean alone (`answer_shares`); differences read from two
    intervals (`compare_groups`).

    References
    ----------
    Korn, E. & Graubard, B. (1998). Survey Methodology 24:193–201.

    Examples
    --------
    >>> answers = pd.DataFrame({"delivery": [5, 4, 3, 5, None]})
    >>> profile = satisfaction_profile(answers, items=["delivery"], scale=(1, 5))
    >>> profile[["measure", "estimate", "n", "n_missing"]]  # R: survey::svymean
       measure  estimate  n  n_missing
    0     mean      4.25  4          1
    1  top_box      0.75  4          1
    """
    require_conf_level(conf_level)
    scales, answered = scaled_answers(responses, items, scale)
    _require_top_box(top_box, scales)
    require_whole("min_base", min_base, 0)
    sample = (design or SurveyDesign()).sample(responses)
    rows = []
    for group, members in group_rows(responses, by):
        inside = sample.within_domain(members)
        for item in items:
            answers, (low, high) = answered[item], scales[item]
            value = (answers - low) / (high - low) * 100 if as_index else answers
            top = np.where(np.isnan(answers), np.nan, answers > high - top_box)
            mean, share = sample.mean(value, inside), sample.mean(top, inside)
            numerator = int(np.nansum(top[inside]))
            keys = {by: group, "item": item} if by else {"item": item}
            rows.append(keys | {"measure": "mean"} | mean_row(mean, conf_level, min_base))
            shared = _share_row(share, numerator, conf_level, min_base)
            rows.append(keys | {"measure": "top_box"} | shared)
    return arrange(rows, keys=[*([by] if by else []), "item", "measure"])


def answer_shares(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    scale: Scales,
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of each answer on the scale, per item and group; unchosen answers are there.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str
        Columns of whole-number answers on a scale of at most 11.
    scale, by, design, conf_level
        As in `satisfaction_profile`.

    Returns
    -------
    DataFrame, one row per group, item and answer, in the order of the scale
        The `by` column if given, item, answer, estimate, std_error, ci_low, ci_high,
        conf_level, df, n, n_effective, n_missing, numerator, denominator, note.

    Raises
    ------
    DataError
        A column is absent, an answer is off the scale, or the design does not fit the table.
    ParameterError
        A scale with more than 11 answers.

    Notes
    -----
    share = Σ w 1(y = answer)/Σ w; Wilson's ends = [p + z²/2n ± z √(p(1 − p)/n + z²/4n²)]/(1 +
    z²/n). Here p is the share and n the effective number of answers, which like the standard error
    is that of `satisfaction_profile`. The shares of an item and group sum to 1; intervals are one
    at a time.

    Assumes: every row is one independent answer, or belongs to a cluster of the design; who kept
    silent would have spread over the scale like those who spoke.

    Not for: all answers of an item at once (their level needs `intervals.goodman`), or groups
    compared by whether intervals overlap (`compare_groups`).

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> answers = pd.DataFrame({"delivery": [3, 3, 1, 3]})
    >>> answer_shares(answers, items=["delivery"], scale=(1, 3))["estimate"].tolist()
    [0.25, 0.0, 0.75]
    >>> # R: prop.table(table(...)), prop.test
    """
    require_conf_level(conf_level)
    scales, answered = scaled_answers(responses, items, scale)
    for item, (low, high) in scales.items():
        if high - low >= MOST_ANSWERS:
            raise ParameterError.because(
                f"The scale of {item!r} has {high - low + 1:g} answers.",
                f"Expected at most {MOST_ANSWERS}.",
                "Leave the item out here; its mean is in satisfaction_profile.",
            )
    sample = (design or SurveyDesign()).sample(responses)
    rows = []
    for group, members in group_rows(responses, by):
        inside = sample.within_domain(members)
        for item in items:
            answers, (low, high) = answered[item], scales[item]
            for answer in range(int(low), int(high) + 1):
                chosen = np.where(np.isnan(answers), np.nan, answers == answer)
                share = sample.mean(chosen, inside)
                keys = {by: group, "item": item} if by else {"item": item}
                numerator = int(np.nansum(chosen[inside]))
                shared = _share_row(share, numerator, conf_level, 2)
                rows.append(keys | {"answer": answer} | shared)
    return arrange(rows, keys=[*([by] if by else []), "item", "answer"])


def mean_row(mean: Mean, conf_level: float, min_base: int = 2) -> dict:
    """Row of a mean with its t interval; a single answer is no estimate."""
    low, high = t_interval(mean.estimate, mean.std_error, mean.df, conf_level=conf_level)
    return _row(mean, low, high, conf_level, min_base)


def _share_row(share: Mean, numerator: int, conf_level: float, min_base: int) -> dict:
    low, high = share_interval(share, conf_level=conf_level)
    counts = {"numerator": numerator, "denominator": share.n}
    return _row(share, low, high, conf_level, min_base) | counts


def _row(mean: Mean, low: float, high: float, conf_level: float, min_base: int) -> dict:
    """One row of a profile; a single answer is no estimate."""
    thin = mean.n < 2
    note = "no answers" if mean.n == 0 else "one answer" if mean.n == 1 else ""
    if not thin and np.isnan(mean.std_error):
        note = FEW_CLUSTERS
    elif not thin and mean.n < min_base:
        note = f"fewer than {min_base} answers"
    return {
        "estimate": np.nan if thin else mean.estimate,
        "std_error": np.nan if thin else mean.std_error,
        "ci_low": low,
        "ci_high": high,
        "conf_level": conf_level,
        "df": mean.df,
        "n": mean.n,
        "n_effective": mean.n_effective,
        "n_missing": mean.n_missing,
        "note": note,
    }


def scaled_answers(
    responses: pd.DataFrame, items: Sequence[str], scale: Scales
) -> tuple[dict, dict[str, np.ndarray]]:
    """Scale and answers of every item, once columns and answers have passed their checks."""
    require_distinct(items)
    require_columns(responses, items)
    scales, answers = {}, {}
    for item in items:
        if isinstance(scale, Mapping) and item not in scale:
            raise ParameterError.because(
                f"scale has no entry for {item!r}.",
                f"Expected (low, high) for each of: {', '.join(items)}.",
                "Add the item's scale, or pass one (low, high) for all.",
            )
        ends = scale[item] if isinstance(scale, Mapping) else scale
        scales[item] = low, high = require_ends(ends)
        answers[item] = require_scale(responses, item, low=low, high=high)
    return scales, answers


def _require_top_box(top_box: int, scales: dict) -> None:
    require_whole("top_box", top_box, 1)
    for item, (low, high) in scales.items():
        if top_box > high - low:
            raise ParameterError.because(
                f"top_box is {top_box}, but the scale of {item!r} runs from {low:g} to {high:g}.",
                "Expected at least one answer below the top box.",
                f"Pass a top_box of at most {high - low:g}.",
            )
