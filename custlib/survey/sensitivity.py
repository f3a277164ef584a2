"""Does the answer hang on an assumption? One difference, estimated in more than one way."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_columns, require_numeric
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.groups import group_rows
from custlib.resampling import Resamples, cluster_draws
from custlib.survey.comparison.contrasts import compare_groups
from custlib.variance import Sample

PLANNED = "as planned"
RESAMPLED = "clusters resampled"
ALIKE = "every answer alike and independent"
ALONE = "a group has one cluster: nothing to resample"


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
    difference = Σ w y/Σ w in the first group − the same in the second; weight in a resample = w r
    n/(n − 1). Of the n clusters of a stratum n − 1 are drawn, this one r times. Resampling keeps
    the weights as they are: it knows neither the finite population nor what raking gains, so its
    interval is the wider one where much of the population was asked. The errors of the other rows
    are those of `compare_groups`.

    Assumes: the contrast was chosen beforehand, and each stratum has clusters enough to be drawn
    from, two at the very least. A group in one cluster alone is noted and not resampled.

    Not for: taking the shortest of three intervals: the planned one stands, the others say what the
    design does to it. Many contrasts at once: `compare_groups` adjusts for them.

    References
    ----------
    Rao, J. & Wu, C. (1988). JASA 83:231–241. doi:10.1080/01621459.1988.10478591
    """
    require_columns(responses, [item, by])
    require_at_least("n_boot", n_boot, 2)
    planned = _welch(responses, item, by, contrast, design, conf_level)
    sample = design.sample(responses)
    sums = _cluster_sums(responses, item, by, contrast, sample)
    drawn = _resampled(sums, sample, n_boot, seed)
    # The answers outside the domain are no part of what is taken as alike.
    if design.domain is not None:
        responses = responses[responses[design.domain].to_numpy(bool)]
    alike = _welch(responses, item, by, contrast, SurveyDesign(), conf_level)
    low, high = drawn.interval(conf_level=conf_level)
    errors = {"std_error": drawn.std_error[0], "ci_low": low[0], "ci_high": high[0]}
    undefined = int(np.isnan(drawn.replicates).sum())
    note = f"{undefined} of {n_boot} resamples lacked a group" if undefined else ""
    # Resamples of a single cluster would all be alike, which looks like certainty.
    if (sums[:, 1::2] > 0).sum(axis=0).min() < 2:
        errors = dict.fromkeys(errors, np.nan)
        note = "" if np.isnan(planned["estimate"]) else ALONE
    note = "; ".join(filter(None, [planned["note"], note]))
    rows = [
        planned | {"method": PLANNED},
        planned | errors | {"method": RESAMPLED, "note": note},
        alike | {"method": ALIKE},
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
    return found.iloc[0][[*kept, "n", "n_missing", "note"]].to_dict()


def _resampled(sums: np.ndarray, sample: Sample, n_boot: int, seed: int) -> Resamples:
    """Replicates of the weighted difference, whole clusters drawn within strata."""
    # The plan's row knows how many of all clusters were asked; this one is not to know it.
    endless = replace(sample, fraction=np.zeros_like(sample.fraction))
    drawn = [counts @ sums for counts in cluster_draws(endless, n_boot=n_boot, seed=seed)]
    replicates = _differences(np.concatenate(drawn))[:, None]
    return Resamples(_differences(sums.sum(axis=0, keepdims=True)), replicates)


def _cluster_sums(
    responses: pd.DataFrame, item: str, by: str, contrast: str, sample: Sample
) -> np.ndarray:
    """Weighted answers and weights of both groups, summed over each cluster."""
    # A group's own name may hold " - ", so the contrast is looked up, not taken apart.
    pairs = permutations(group_rows(responses, by), 2)
    groups = next((x, y) for (a, x), (b, y) in pairs if f"{a} - {b}" == contrast)
    answers = require_numeric(responses, item)
    columns = []
    for members in groups:
        inside = sample.within_domain(members & ~np.isnan(answers))
        columns += [
            np.bincount(sample.clusters, weights=np.where(inside, value, 0.0))
            for value in (sample.weights * answers, sample.weights)
        ]
    return np.column_stack(columns)


def _differences(sums: np.ndarray) -> np.ndarray:
    """Weighted mean of the first group less that of the second; NaN where one is absent."""
    first, first_weight, second, second_weight = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = first / first_weight - second / second_weight
    return np.where((first_weight > 0) & (second_weight > 0), difference, np.nan)
