"""What a feature gains by being there and costs by being absent: coefficients and scores."""

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.groups import group_rows
from custlib.survey.kano.categories import NONE, share_row
from custlib.survey.kano.evaluation import Coding, Columns, read_features, read_pairs
from custlib.survey.moments import CrossProducts
from custlib.survey.profile import mean_row

# Contradictory and reversed answers pull less than the others: −2 stands where 4 would.
SCORES = {
    "functional": np.array([4.0, 2.0, 0.0, -1.0, -2.0]),
    "dysfunctional": np.array([-2.0, -1.0, 0.0, 2.0, 4.0]),
}


def kano_coefficients(
    responses: pd.DataFrame,
    *,
    functional: Columns = None,
    dysfunctional: Columns = None,
    item: str | None = None,
    by: str | None = None,
    design: SurveyDesign | None = None,
    coding: Coding = (1, 2, 3, 4, 5),
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share whom a feature pleases (better, 0 to 1), and its absence angers (worse, −1 to 0).

    Parameters
    ----------
    responses, functional, dysfunctional, item, by, design, coding
        As in `kano_categories`; with `item` a table of counts.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, two rows ("better", "worse") per group and feature
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n (answers in A, O, M, I), n_effective, n_missing, numerator,
        denominator (unweighted counts), note (answers left out as R or Q).

    Raises
    ------
    DataError
        Answers off the coding, or counts that are not whole numbers.

    Notes
    -----
    Better = (A+O)/(A+O+M+I); worse = −(O+M)/(A+O+M+I). Each is a share of a domain: its variance is
    linearized, its interval Wilson's on the effective number of answers.

    Assumes: leaving out R and Q loses nobody of another mind; pairs are independent, or in the
    design's clusters.

    Not for: a feature that many reject or misread (the note counts them), or points of satisfaction
    to be won: better and worse are shares of people (`penalty_reward` has points).

    References
    ----------
    Berger, C. et al. (1993). Center for Quality of Management Journal 2(4):3–36.

    Examples
    --------
    >>> counts = {"M": [95], "O": [123], "A": [45], "I": [33], "R": [0], "Q": [0]}
    >>> table = pd.DataFrame({"feature": ["app"]} | counts)
    >>> kano_coefficients(table, item="feature")["estimate"].round(3).tolist()  # R: prop.table
    [0.568, -0.736]
    """
    require_conf_level(conf_level)
    rows = []
    for feature in read_features(responses, functional, dysfunctional, item, by, design, coding):
        missing = int(np.isnan(feature.classes[feature.inside]).sum())
        left_out = int(feature.counts()[4:].sum())
        note = f"left out as R or Q: {left_out}" if left_out else ""
        domain = feature.inside & (feature.among("MOAI") == 1)
        for measure, categories in (("better", "AO"), ("worse", "OM")):
            share = feature.mean(categories, domain)
            row = share_row(feature, share, categories, conf_level)
            if measure == "worse":
                row["estimate"] *= -1
                row["ci_low"], row["ci_high"] = -row["ci_high"], -row["ci_low"]
            row["note"] = (row["note"] or note) if share.n or not left_out else NONE
            rows.append(feature.keys | {"measure": measure} | row | {"n_missing": missing})
    return arrange(rows, keys=[*([by] if by else []), "item", "measure"])


def kano_scores(
    responses: pd.DataFrame,
    *,
    functional: Columns,
    dysfunctional: Columns,
    by: str | None = None,
    design: SurveyDesign | None = None,
    coding: Coding = (1, 2, 3, 4, 5),
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean score of each feature, −2 to 4: how much it pleases, and how much its absence angers.

    Parameters
    ----------
    responses, functional, dysfunctional, by, design, coding
        As in `kano_categories`.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, four rows per group and feature
        The `by` column if given, item, measure ("functional", "functional_sd", "dysfunctional",
        "dysfunctional_sd"), estimate, std_error, ci_low, ci_high, conf_level, df, n (complete
        pairs), n_effective, n_missing, note. Standard deviations have no interval.

    Raises
    ------
    DataError
        Answers off the coding.

    Notes
    -----
    Like, must be, neutral, live with, dislike score 4, 2, 0, −1, −2 if the feature is there and −2,
    −1, 0, 2, 4 if it is not. m = Σ w v/Σ w; sd = √(n/(n − 1) Σ w (v − m)²/Σ w). v is the score;
    means have the t interval of the linearized standard error (`satisfaction_profile`).

    Assumes: DuMouchel's numbers are distances, the same for everybody; pairs that contradict each
    other (Q) are kept and count like any other.

    Not for: a feature that pleases some and leaves others cold, where the mean describes neither
    (`kano_categories`), or many pairs in Q.

    References
    ----------
    DuMouchel, W., in Berger, C. et al. (1993). Center for Quality of Management Journal 2(4):3–36.

    Examples
    --------
    >>> pairs = pd.DataFrame({"with": [1, 1, 2, 1], "without": [5, 5, 5, 3]})
    >>> scores = kano_scores(pairs, functional={"app": "with"}, dysfunctional={"app": "without"})
    >>> scores.set_index("measure").loc[["functional", "dysfunctional"], "estimate"].tolist()
    [3.5, 3.0]
    """
    require_conf_level(conf_level)
    pairs = read_pairs(responses, functional, dysfunctional, coding)
    sample = (design or SurveyDesign()).sample(responses)
    rows = []
    for group, members in group_rows(responses, by):
        inside = sample.within_domain(members)
        for name, answers in pairs.items():
            keys = ({by: group} if by else {}) | {"item": name}
            known = ~np.isnan(answers[0])
            for (measure, weights), places in zip(SCORES.items(), answers, strict=True):
                values = np.where(known, weights[np.where(known, places, 0).astype(int)], np.nan)
                row = mean_row(sample.mean(values, inside), conf_level)
                spread = np.where(inside, values, np.nan)[:, None]
                variance = float(CrossProducts.of(spread, sample).moments().covariance[0, 0])
                kept = {key: row[key] for key in ("n", "n_missing", "note")}
                rows.append(keys | {"measure": measure} | row)
                deviation = max(variance, 0.0) ** 0.5 if row["n"] > 1 else np.nan
                rows.append(keys | {"measure": f"{measure}_sd", "estimate": deviation} | kept)
    return arrange(rows, keys=[*([by] if by else []), "item", "measure"])
