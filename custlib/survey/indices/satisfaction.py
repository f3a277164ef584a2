"""Indices of one survey: a satisfaction index from 0 to 100, and how much effort customers had."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.groups import group_rows
from custlib.survey.indices.inputs import weights_of
from custlib.survey.profile import Scales, mean_row, satisfaction_profile, scaled_answers


def satisfaction_index(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    scale: Scales,
    weights: Mapping[str, float] | None = None,
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Satisfaction index, 0 (all gave the lowest answers) to 100 (all the highest), by group.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str
        Columns of whole-number answers on satisfaction.
    scale : (low, high), or a mapping from item to (low, high)
    weights : mapping from item to positive number, optional
        Taken as known, for instance outer weights of a path model. Without it all weigh alike.
    by : str, optional
        Column of groups.
    design : SurveyDesign, optional
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per group
        The `by` column if given, measure ("index"), estimate, std_error, ci_low, ci_high,
        conf_level, df, n (answers to the item answered least), n_missing, note.

    Raises
    ------
    DataError
        A column is absent, an answer is off the scale, or the design does not fit the table.
    ParameterError
        A weight is absent, not positive, or for no item.

    Notes
    -----
    100 (sum w mean − sum w low) / (sum w high − sum w low), each mean over those who answered
    the item. The standard error is that of this linear combination under the design; the t
    interval is not cut at 0 and 100.

    Assumes: items are signs of one satisfaction, high is good in each, steps are equal; who skipped
    an item would have answered as others did; weights are known, so the interval leaves out their
    error.

    Not for: items that do not hang together (`cronbach_alpha`, `mcdonald_omega`), or weights taken
    from the same answers with their error (`path_model` gives index and weights in one).

    References
    ----------
    Fornell, C., Johnson, M., Anderson, E., Cha, J. & Bryant, B. (1996). Journal of Marketing
    60(4):7–18.

    Examples
    --------
    >>> answers = pd.DataFrame({"overall": [8, 10, 6], "expected": [7, 9, 5]})
    >>> index = satisfaction_index(answers, items=["overall", "expected"], scale=(1, 10))
    >>> index["estimate"].round(2).tolist()  # R: t.test
    [72.22]
    """
    require_conf_level(conf_level)
    weight = weights_of(weights, list(items))
    scales, answered = scaled_answers(responses, items, scale)
    low, high = np.array([scales[item] for item in items], float).T
    worth = 100 * weight / (weight @ (high - low))
    sample = (design or SurveyDesign()).sample(responses)
    rows = []
    for group, members in group_rows(responses, by):
        means = [sample.mean(answered[item], sample.within_domain(members)) for item in items]
        estimates, errors = np.array([(mean.estimate, mean.std_error) for mean in means]).T
        scores = np.column_stack([mean.scores for mean in means]) @ worth
        known = not np.isnan(errors).any()
        std_error = float(sample.covariance(scores)[0, 0]) ** 0.5 if known else np.nan
        least = min(means, key=lambda mean: mean.n)
        df = min(mean.df for mean in means)
        index = replace(least, estimate=worth @ (estimates - low), std_error=std_error, df=df)
        row = mean_row(index, conf_level) | ({by: group} if by else {}) | {"measure": "index"}
        rows.append({name: value for name, value in row.items() if name != "n_effective"})
    return arrange(rows, keys=[*([by] if by else []), "measure"])


def customer_effort_score(
    responses: pd.DataFrame,
    *,
    item: str,
    scale: tuple[float, float],
    easy: str = "high",
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean answer on the effort a request took, and share of low-effort answers (0–1).

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    item : str
        Column of whole-number answers.
    scale : (low, high)
        As asked, usually (1, 5) or (1, 7).
    easy : {"high", "low"}, default "high"
        Which end means little effort: "high" where agreement that it was easy is asked, "low"
        where the effort itself is.
    by : str, optional
    design : SurveyDesign, optional
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, two rows ("mean", "low_effort") per group
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n, n_effective, n_missing, numerator, denominator (unweighted counts of
        low-effort answers), note.

    Raises
    ------
    DataError
        The column is absent or an answer is off the scale.
    ParameterError
        `easy` is neither "high" nor "low".

    Notes
    -----
    mean = Σ w y/Σ w; low_effort = Σ w 1(y easier than (low + high)/2)/Σ w. Convention: an answer is
    low effort where it lies beyond the midpoint of the scale on its easy side: 5–7 of 1–7, 4–5 of
    1–5 (1–3 and 1–2 where easy is "low"). The mean stays on the scale as asked. Errors and
    intervals are those of `satisfaction_profile`.

    Assumes: the question came soon after a request really made, in one wording for all; answers are
    independent or clustered in the design; the mean takes steps as equal.

    Not for: customers who gave up before they were asked, scores of 1–5 beside scores of 1–7, or
    the relationship as a whole (`satisfaction_index`).

    References
    ----------
    Dixon, M., Freeman, K. & Toman, N. (2010). Harvard Business Review 88(7–8):116–122.

    Examples
    --------
    >>> answers = pd.DataFrame({"made_it_easy": [7, 5, 4, 2]})
    >>> score = customer_effort_score(answers, item="made_it_easy", scale=(1, 7))
    >>> score["estimate"].tolist()  # R: t.test, prop.test
    [4.5, 0.5]
    """
    require_one_of("easy", easy, ["high", "low"])
    scales, answers = scaled_answers(responses, [item], scale)
    low, high = scales[item]
    turned = low + high - answers[item] if easy == "low" else answers[item]
    rows = satisfaction_profile(
        responses.assign(**{item: turned}),
        items=[item],
        scale=scale,
        by=by,
        design=design,
        top_box=int(high - low + 1) // 2,
        conf_level=conf_level,
    )
    if easy == "low":
        means = rows["measure"] == "mean"
        ends = low + high - rows.loc[means, ["estimate", "ci_high", "ci_low"]]
        rows.loc[means, ["estimate", "ci_low", "ci_high"]] = ends.to_numpy()
    return rows.assign(measure=rows["measure"].replace("top_box", "low_effort"))
