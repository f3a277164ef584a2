"""How customers class each feature: shares of the classes, and the class that stands for all."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_conf_level
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.intervals import share_interval
from custlib.survey.kano.evaluation import CATEGORIES, Coding, Columns, Feature, read_features
from custlib.survey.profile import mean_row
from custlib.variance import Mean

Array = np.ndarray
FONG = 1.65  # one-sided 5 %, as printed
SMALLEST_EXPECTED = 5  # answers per class below which chi-squared is no guide
ROUNDING = 1e-12  # shares equal, or exactly the slack apart, must not fall out by rounding
NONE = "nobody in M, O, A, I"


@dataclass(frozen=True, slots=True)
class KanoCategories:
    """Shares of the classes, the class of each feature by two rules, and how clear it is."""

    estimates: pd.DataFrame
    classes: pd.DataFrame
    fit: pd.DataFrame


def kano_categories(
    responses: pd.DataFrame,
    *,
    functional: Columns = None,
    dysfunctional: Columns = None,
    item: str | None = None,
    by: str | None = None,
    design: SurveyDesign | None = None,
    coding: Coding = (1, 2, 3, 4, 5),
    slack: float = 0.05,
    simultaneous: bool = False,
    conf_level: float = 0.95,
) -> KanoCategories:
    """Share (0–1) of each Kano class per feature, and the feature's class by two rules.

    Parameters
    ----------
    responses : DataFrame, one row per respondent; with `item`, one row per feature
    functional, dysfunctional : mapping from feature to column
        Answers if the feature is there, and if it is not. Half a pair counts as missing.
    item : str, optional
        Column of features in a table of counts with columns M, O, A, I, R, Q, such as a
        published one; then `functional`, `dysfunctional`, `by` and `design` are left out.
    by, design : str, SurveyDesign, optional
    coding : five codes, default (1, 2, 3, 4, 5)
        Codes of: like, must be, neutral, live with, dislike.
    slack : share in [0, 1], default 0.05
        Classes at most this far below the largest count as equally large in the M>O>A>I rule.
    simultaneous : bool, default False
        All six intervals of a feature hold at once (Goodman 1965).
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    KanoCategories
        `.estimates`: `by` if given, item, category, estimate, std_error, ci_low, ci_high,
        conf_level, df, n, n_effective, n_missing, numerator, denominator, method, note.
        `.classes`: item, measure ("maximum", "first_of_moai"), category, estimate (its share), n,
        n_missing, verdict ("distinct", "not distinct"; "maximum", "within slack"), note.
        `.fit`: item, measure: total_strength (share of M, O, A), category_strength (largest less
        second share; statistic, one-sided p_value and verdict are Fong's), equal_shares
        (chi-squared test of equal M, O, A, I; n leaves R and Q out).

    Raises
    ------
    DataError
        Answers off the coding, or counts that are not whole numbers.
    ParameterError
        A feature with one question of the two, or a coding that is not five codes.

    Notes
    -----
    share = Σ w 1(class)/Σ w; z = (a − b)/√((a + b)(2n − a − b)/(2n)); equal_shares = 4 m Σ (p −
    ¼)², p the shares in M, O, A and I of the m answers there. The top two counts a, b of n are
    distinct if Fong's z ≥ 1.65. That takes them as independent; the interval of category_strength
    does not, and is wider unless the lead is clear; it is cut at −1 and 1. Neither allows for the
    two having been picked as largest: of two shares of .30 among 100 answers, truly equal, it calls
    up to 17 % distinct, not the 10 that 1.65 stands for when either may lead. Under a design counts
    are effective counts, and chi-squared is divided by the mean design effect (Rao–Scott, first
    order). A class few are in shows little of how alike colleagues answer: its interval is then
    somewhat short.

    Assumes: both questions were read as meant (many in Q say they were not), and the respondents,
    or clusters, are independent draws of one kind of customer.

    Not for: two camps in one base, whose classes mix into a third (`by`); a feature that is "not
    distinct", which has two classes; strength of effects on satisfaction (`penalty_reward`).

    References
    ----------
    Fong, D. (1996). Center for Quality of Management Journal 5:21–24. Rao, J. & Scott, A. (1981).
    JASA 76:221–230. doi:10.1080/01621459.1981.10477633

    Examples
    --------
    >>> counts = {"M": [95], "O": [123], "A": [45], "I": [33], "R": [0], "Q": [0]}
    >>> table = pd.DataFrame({"feature": ["app"]} | counts)
    >>> kano_categories(table, item="feature").classes[["measure", "category", "verdict"]]
             measure category   verdict
    0        maximum        O  distinct
    1  first_of_moai        O   maximum
    """
    require_conf_level(conf_level)
    require_at_least("slack", slack, 0)
    shares, classes, fit = [], [], []
    for feature in read_features(responses, functional, dysfunctional, item, by, design, coding):
        means = [feature.mean(category) for category in CATEGORIES]
        for category, mean in zip(CATEGORIES, means, strict=True):
            row = share_row(feature, mean, category, conf_level, simultaneous)
            method = {"category": category, "method": "Goodman" if simultaneous else "Wilson"}
            shares.append(feature.keys | method | row)
        known = np.array([mean.estimate for mean in means])
        # Weights add up differently in classes that are equally large.
        order = np.argsort(np.rint((known.max() - known) / ROUNDING), kind="stable")
        total = share_row(feature, feature.mean("MOA"), "MOA", conf_level)
        lead = _category_strength(feature, means, order, conf_level)
        strengths = [{"measure": "total_strength"} | total, lead, _equal_shares(feature)]
        fit += [feature.keys | row for row in strengths]
        counts = {name: lead[name] for name in ("n", "n_missing")}
        thin = {"category": "", "estimate": np.nan, "verdict": "", "note": lead["note"]}
        for rule in (_maximum(means, order, lead["verdict"]), _first_of_moai(means, order, slack)):
            classes.append(feature.keys | rule | counts | ({} if lead["n"] > 1 else thin))
    keys = [*([by] if by else []), "item"]
    return KanoCategories(
        arrange(shares, keys=[*keys, "category"]),
        arrange(classes, keys=[*keys, "measure", "category"]),
        arrange(fit, keys=[*keys, "measure"]),
    )


def share_row(
    feature: Feature, share: Mean, categories: str, conf_level: float, simultaneous: bool = False
) -> dict:
    """Row of a share of some classes, with Wilson's interval and the unweighted counts."""
    # Goodman's quantile for six classes is Wilson's at one sixth of the error.
    level = 1 - (1 - conf_level) / len(CATEGORIES) if simultaneous else conf_level
    low, high = share_interval(share, conf_level=level)
    counted = sum(feature.counts()[CATEGORIES.index(category)] for category in categories)
    counts = {"numerator": int(counted), "denominator": share.n}
    return mean_row(share, conf_level) | {"ci_low": low, "ci_high": high} | counts


def _category_strength(
    feature: Feature, means: list[Mean], order: Array, conf_level: float
) -> dict:
    """Largest less second share, and Fong's test that they differ."""
    first, second = (feature.among(CATEGORIES[at]) for at in order[:2])
    lead = feature.sample.mean(first - second, feature.inside)
    both = means[order[0]].estimate + means[order[1]].estimate
    n = _effective_size(feature, lead)
    with np.errstate(invalid="ignore"):  # no lead and no variance: nothing to test
        statistic = lead.estimate * np.sqrt(2 * n / (both * (2 - both)))
    verdict = "distinct" if statistic >= FONG else "not distinct"
    tested = {"statistic": statistic, "p_value": stats.norm.sf(statistic)}
    tested |= {"measure": "category_strength", "verdict": "" if np.isnan(statistic) else verdict}
    row = mean_row(lead, conf_level)
    row["ci_low"], row["ci_high"] = np.clip([row["ci_low"], row["ci_high"]], -1, 1)
    return row | tested


def _equal_shares(feature: Feature) -> dict:
    """Chi-squared test of equal M, O, A, I, over its mean design effect."""
    inside = feature.inside & (feature.among("MOAI") == 1)
    cells = [feature.mean(category, inside) for category in "MOAI"]
    n, shares = cells[0].n, np.array([cell.estimate for cell in cells])
    design_effect = (1 - shares) @ [n / _effective_size(feature, cell) for cell in cells] / 3
    # Without a design effect above 0 (one cluster, a census) there is no test.
    known = n > 1 and design_effect > 0
    statistic = 4 * n * ((shares - 0.25) ** 2).sum() / design_effect if known else np.nan
    few = "" if n >= 4 * SMALLEST_EXPECTED else "fewer than 5 expected answers per class"
    row = {"measure": "equal_shares", "n": n, "note": few if n else NONE}
    row["n_missing"] = int(np.isnan(feature.classes[feature.inside]).sum())
    return row | {"statistic": statistic, "df": 3, "p_value": stats.chi2.sf(statistic, 3)}


def _effective_size(feature: Feature, mean: Mean) -> float:
    """Effective answers of a share: n itself in a simple random sample, and in a part of one."""
    rows, n = len(feature.sample.weights), mean.n
    # The variance in a part of the sample has the factor rows/(rows - 1), not n/(n - 1).
    factor = rows * (n - 1) / (n * (rows - 1)) if mean.std_error > 0 else 1
    return mean.n_effective * factor


def _maximum(means: list[Mean], order: Array, verdict: str) -> dict:
    """The largest class; of classes equally large the first in M, O, A, I, R, Q."""
    top = means[order[0]].estimate
    tied = [CATEGORIES[at] for at in order[1:] if means[at].estimate >= top - ROUNDING]
    row = {"measure": "maximum", "category": CATEGORIES[order[0]], "estimate": top}
    note = f"as many answers in {', '.join(tied)}" if tied else ""
    return row | {"verdict": verdict, "note": note}


def _first_of_moai(means: list[Mean], order: Array, slack: float) -> dict:
    """The first of M, O, A, I that lies within the slack of the largest of them."""
    shares = np.array([mean.estimate for mean in means[:4]])
    row = {"measure": "first_of_moai", "category": "", "estimate": np.nan, "verdict": ""}
    if not shares.max() > 0:
        return row | {"note": NONE}
    at = int(np.argmax(shares >= shares.max() - slack - ROUNDING))
    verdict = "maximum" if shares[at] >= shares.max() - ROUNDING else "within slack"
    note = f"{CATEGORIES[order[0]]} is larger than M, O, A, I" if order[0] > 3 else ""
    row |= {"category": CATEGORIES[at], "estimate": shares[at]}
    return row | {"verdict": verdict, "note": note}
