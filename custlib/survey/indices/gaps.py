"""Gaps of the service-quality model: what should be less what is, from paired measures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_columns, require_conf_level, require_numeric
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.groups import group_rows
from custlib.survey.comparison.rank_tests import NO_SAMPLING
from custlib.survey.profile import mean_row
from custlib.variance import Mean

EQUAL_GAPS = "all gaps are equal"

# The five gaps: which measure falls short of which.
SERVICE_GAPS = {
    "knowledge": ("expected", "management_view"),
    "standards": ("management_view", "standard"),
    "delivery": ("standard", "delivered"),
    "communication": ("promised", "delivered"),
    "service": ("expected", "perceived"),
}


def gap_scores(
    ratings: pd.DataFrame,
    *,
    gaps: Mapping[str, tuple[str, str]] = SERVICE_GAPS,
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean of each gap, first measure less second, in points of their common scale.

    Parameters
    ----------
    ratings : DataFrame, one row per pair of measures (a firm, or a respondent)
    gaps : mapping from gap to (minuend, subtrahend), default the five gaps
        Columns of numbers on one scale. Above zero the second falls short of the first.
    by : str, optional
        Column of groups.
    design : SurveyDesign, optional
        Respondents of one firm are a cluster; means per firm weigh the firms alike.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per group and gap
        The `by` column if given, dimension (the gap), measure ("gap"), estimate, std_error,
        ci_low, ci_high, conf_level, statistic (t), df, p_value (of no gap), n (complete pairs),
        n_effective, n_missing, note.

    Raises
    ------
    DataError
        A column is absent or not numeric, or the design does not fit the table.
    ParameterError
        No gap is named, or one is not a pair of two columns.

    Notes
    -----
    gap = Σ w (first − second)/Σ w over the rows that hold both measures; t = gap/std_error. The gap
    customers feel (service) depends on the other four, but is not their sum: where the chain
    expected, management_view, standard, delivered is complete, expected − perceived is the sum of
    the first three gaps and of delivered − perceived.

    Assumes: both measures stand on the same scale in the same row; rows or clusters are
    independent; the mean difference is near normal, which few rows of skewed answers do not grant.

    Not for: measures taken from two groups of people (`compare_groups`), or gaps of unlike scales.
    Where nearly all expect the most, a gap says no more than the perception does.

    References
    ----------
    Parasuraman, A., Zeithaml, V. & Berry, L. (1985). Journal of Marketing 49(4):41–50.

    Examples
    --------
    >>> firms = pd.DataFrame({"expected": [6.0, 5.5, 6.5], "perceived": [5.0, 4.0, 4.5]})
    >>> found = gap_scores(firms, gaps={"service": ("expected", "perceived")})
    >>> found.loc[0, ["estimate", "df"]].tolist()  # R: t.test(expected, perceived, paired = TRUE)
    [1.5, 2.0]
    """
    require_conf_level(conf_level)
    if not gaps or any(isinstance(pair, str) or len(set(pair)) != 2 for pair in gaps.values()):
        raise ParameterError.because(
            f"gaps is {dict(gaps)}.",
            "Expected a pair of two columns for each gap.",
            'Pass, for instance, {"service": ("expected", "perceived")}.',
        )
    named = dict.fromkeys(column for pair in gaps.values() for column in pair)
    require_columns(ratings, named)
    values = {column: require_numeric(ratings, column) for column in named}
    sample = (design or SurveyDesign()).sample(ratings)
    rows = []
    for group, members in group_rows(ratings, by):
        inside = sample.within_domain(members)
        for gap, (minuend, subtrahend) in gaps.items():
            mean = sample.mean(values[minuend] - values[subtrahend], inside)
            row = gap_row(mean, conf_level)
            row |= ({by: group} if by else {}) | {"dimension": gap, "measure": "gap"}
            rows.append(row)
    return arrange(rows, keys=[*([by] if by else []), "dimension", "measure"])


def gap_row(mean: Mean, conf_level: float) -> dict:
    """Row of a mean gap with its t test of no gap, or why there is no test."""
    row = mean_row(mean, conf_level) | {"statistic": np.nan, "p_value": np.nan}
    if row["std_error"] > 0:
        row["statistic"] = row["estimate"] / row["std_error"]
        row["p_value"] = 2 * stats.t.sf(abs(row["statistic"]), row["df"])
    elif not row["note"]:
        # Gaps that differ, and yet leave nothing to chance, tell what endlessly many would.
        row["note"] = NO_SAMPLING if np.isinf(row["n_effective"]) else EQUAL_GAPS
    return row
