"""Does the answer hang on an assumption? One difference, estimated in more than one way."""

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.groups import group_rows
from custlib.intervals import Resamples, bootstrap
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.profile import numeric_answers

PLANNED = "as planned"
RESAMPLED = "clusters resampled"
ALIKE = "every answer alike and independent"


def difference_by_method(
    responses: pd.DataFrame,
    *,
    item: str,
    by: str,
    contrast: str,
    design: SurveyDesign,
    n_boot: int,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Difference of two group means under the design, by resampling, and with no design at all.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    item : str
        Column of answers.
    by : str
        Column of groups.
    contrast : str
        "first - second", as `compare_groups` names it.
    design : SurveyDesign
        Weights, strata and clusters of the planned analysis.
    n_boot : int, at least 2
        Resamples of whole clusters within their strata (respondents, where there are none).
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, three rows
        item, contrast, estimate, std_error, ci_low, ci_high, conf_level, n, n_missing, method:
        "as planned" (linearized), "clusters resampled" (percentile interval of the weighted
        difference), "every answer alike and independent" (Welch, no weights); and note.

    Raises
    ------
    DataError
        A column is absent, or the design does not fit the table.
    ParameterError
        The contrast is none of the groups' pairs.

    Notes
    -----
    Resampling keeps the weights as they are and knows no finite population: its interval is the
    wider one where much of the population was asked.

    References
    ----------
    Rao, J. & Wu, C. (1988). JASA 83:231–241. doi:10.1080/01621459.1988.10478591
    """
    require_columns(responses, [item, by])
    planned = _welch(responses, item, by, contrast, design, conf_level)
    # The answers outside the domain are no part of what is resampled or taken as alike.
    if design.domain is not None:
        responses = responses[responses[design.domain].to_numpy(bool)]
    alike = _welch(responses, item, by, contrast, SurveyDesign(), conf_level)
    drawn = _resampled(responses, item, by, contrast, design, n_boot, seed)
    low, high = drawn.interval(conf_level=conf_level)
    ends = {"ci_low": float(low[0]), "ci_high": float(high[0])}
    undefined = int(np.isnan(drawn.replicates).sum())
    note = f"{undefined} of {n_boot} resamples lacked a group" if undefined else ""
    resampled = planned | ends | {"std_error": float(drawn.std_error[0]), "note": note}
    rows = [
        planned | {"method": PLANNED, "note": ""},
        resampled | {"method": RESAMPLED},
        alike | {"method": ALIKE, "note": ""},
    ]
    return arrange(rows, keys=["item", "contrast"])


def _welch(
    responses: pd.DataFrame,
    item: str,
    by: str,
    contrast: str,
    design: SurveyDesign,
    conf_level: float,
) -> dict:
    """The difference of means as `compare_groups` finds it."""
    table = compare_groups(
        responses, items=[item], by=by, method="welch", design=design, conf_level=conf_level
    )
    found = table[table["contrast"] == contrast]
    if not len(found):
        raise ParameterError.not_one_of("contrast", contrast, table["contrast"].unique())
    kept = ["item", "contrast", "estimate", "std_error", "ci_low", "ci_high", "conf_level"]
    return found.iloc[0][[*kept, "n", "n_missing"]].to_dict()


def _resampled(
    responses: pd.DataFrame,
    item: str,
    by: str,
    contrast: str,
    design: SurveyDesign,
    n_boot: int,
    seed: int,
) -> Resamples:
    """Replicates of the weighted difference, whole clusters drawn within strata."""
    members = {str(name): rows for name, rows in group_rows(responses, by)}
    first, second = (members[name] for name in contrast.split(" - "))
    answers = numeric_answers(responses, item)
    table = pd.DataFrame(
        {
            "answer": answers,
            "weight": responses[design.weight].to_numpy(float) if design.weight else 1.0,
            "sign": first.astype(int) - second.astype(int),
        }
    )
    for role, column in (("cluster", design.cluster), ("stratum", design.stratum)):
        table[role] = responses[column].to_numpy() if column else 0
    table = table[(table["sign"] != 0) & table["answer"].notna()]
    cluster = "cluster" if design.cluster else None
    return bootstrap(
        table, _difference, n_boot=n_boot, seed=seed, cluster=cluster, stratum="stratum"
    )


def _difference(table: pd.DataFrame) -> float:
    """Weighted mean of the first group less that of the second."""
    answers, weights = table["answer"].to_numpy(), table["weight"].to_numpy()
    first = table["sign"].to_numpy() > 0
    if first.all() or not first.any():
        return np.nan
    means = [np.average(answers[rows], weights=weights[rows]) for rows in (first, ~first)]
    return float(means[0] - means[1])
