"""Which items stand out: each item's mean against the mean of all the others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_conf_level, require_distinct, require_numeric
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.intervals import t_interval
from custlib.variance import Mean, Sample


def item_deviations(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean of each item less the mean of the other items' means, in points of their scale.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str
        Columns of answers on one scale.
    design : SurveyDesign, optional
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per item
        item, measure ("deviation"), estimate, std_error, ci_low, ci_high, conf_level, df, n,
        n_missing, note.

    Raises
    ------
    DataError
        A column is absent or not numeric, or the design does not fit the table.

    Notes
    -----
    d_j = m_j − Σ_(k ≠ j) m_k/(K − 1); m_k = Σ w y_k/Σ w over those who answered k. The items of one
    respondent are correlated; the standard error is that of this combination of all K means under
    the design, from z = z_j − Σ z_k/(K − 1) with z_k = w (y_k − m_k)/Σ w, as R's
    `svycontrast(svymean(...))`. An item nobody answered is left out of the others' mean and keeps a
    noted row.

    Assumes: all items run the same way on one scale with equal steps; respondents or clusters are
    independent; who skipped an item would have answered it as others did.

    Not for: praise or blame in absolute terms: the best of poor items is still poor
    (`satisfaction_profile`). Nor for how much an item matters (`driver_shares`).

    Examples
    --------
    >>> answers = pd.DataFrame({"price": [1, 3, 2], "delivery": [4, 4, 4], "quality": [3, 5, 4]})
    >>> item_deviations(answers, items=["price", "delivery", "quality"])["estimate"].tolist()
    [-2.0, 1.0, 1.0]
    >>> # R: t.test(price, others, paired = TRUE)
    """
    require_conf_level(conf_level)
    require_distinct(items)
    require_columns(responses, items)
    sample = (design or SurveyDesign()).sample(responses)
    means = [sample.mean(require_numeric(responses, item)) for item in items]
    answered = [at for at, mean in enumerate(means) if not np.isnan(mean.std_error)]
    rows = []
    for at, item in enumerate(items):
        others = [other for other in answered if other != at]
        row = _deviation_row(sample, means, at, others if at in answered else [], conf_level)
        rows.append({"item": item, "measure": "deviation"} | row)
    return arrange(rows, keys=["item", "measure"])


def _deviation_row(
    sample: Sample, means: list[Mean], at: int, others: list[int], conf_level: float
) -> dict:
    mean = means[at]
    row = {"conf_level": conf_level, "n": mean.n, "n_missing": mean.n_missing}
    if not others:
        return (
            row
            | dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high", "df"], np.nan)
            | {"note": "too few answers" if len(means) > 1 else "no other item"}
        )
    estimate = float(mean.estimate - np.mean([means[other].estimate for other in others]))
    scores = mean.scores - np.mean([means[other].scores for other in others], axis=0)
    std_error = float(sample.covariance(scores)[0, 0]) ** 0.5
    df = min(means[one].df for one in [at, *others])
    low, high = t_interval(estimate, std_error, df, conf_level=conf_level)
    return row | {
        "estimate": estimate,
        "std_error": std_error,
        "ci_low": low,
        "ci_high": high,
        "df": df,
        "note": "",
    }
