"""What became of those who recommend and of those who do not: the share that stayed."""

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_conf_level, require_scale
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.intervals import share_interval, t_interval, wilson
from custlib.loyalty.recommendation.scales import CATEGORIES, cut_points
from custlib.loyalty.recommendation.trinomial import mover_ends
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
CONTRAST = "promoters - detractors"


def promoter_retention(
    responses: pd.DataFrame,
    *,
    item: str,
    retained: str,
    scale: tuple[float, float] = (0, 10),
    promoters_from: int | None = None,
    detractors_to: int | None = None,
    design: SurveyDesign | None = None,
    min_base: int = 2,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of promoters, passives and detractors who stayed, and whether it rises.

    Parameters
    ----------
    responses : DataFrame, one row a respondent
    item, scale, promoters_from, detractors_to
        As in `net_promoter_score`.
    retained : str
        Column of 1 (stayed), 0 (left), missing where it is not known yet.
    design : SurveyDesign, optional
        A customer with several answers is a cluster.
    min_base : int, default 2
        Rows with fewer answers say so in `note`.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, five rows
        item, category, measure, estimate, std_error, ci_low, ci_high, conf_level, statistic, df,
        p_value, n, n_missing, numerator, denominator (unweighted counts), method, note. Measures:
        retained_share of each category; difference of promoters and detractors; trend, the share
        gained with each step from detractor to promoter.

    Raises
    ------
    DataError
        A column is absent, an answer is off the scale, or `retained` is neither 0 nor 1.

    Notes
    -----
    retained_share = stayed/known; difference = share of promoters − share of detractors; trend = Σ
    (x − mean x) y/Σ (x − mean x)²; statistic = (Σ (x − mean x) y)²/(m (1 − m) Σ (x − mean x)²). x
    is 1, 0 or −1, y whether one stayed, m its mean. Shares have Wilson's interval, the difference
    MOVER's of the two (Newcombe 1998). The trend is tested by Cochran and Armitage's chi-square
    with equal steps (R: `prop.trend.test`), under a design by the t test of the weighted slope (R:
    `svyglm`).

    Assumes: answers came before the outcome was known; customers are independent, or clusters; all
    had the same time to leave.

    Not for: customers watched for unlike times (`survival_curve` with `by`), or the effect of
    making a promoter of somebody: other traits may move both.

    References
    ----------
    Armitage, P. (1955). Biometrics 11:375–386. doi:10.2307/3001775.
    Newcombe, R. (1998). Statistics in Medicine 17:873–890.

    Examples
    --------
    >>> answers = pd.DataFrame({"recommend": [10, 9, 9, 8, 7, 6, 3, 2],
    ...                         "stayed": [1, 1, 1, 1, 0, 1, 0, 0]})
    >>> found = promoter_retention(answers, item="recommend", retained="stayed")
    >>> found["estimate"].round(2).tolist()  # R: prop.test, prop.trend.test
    [1.0, 0.5, 0.33, 0.67, 0.33]
    """
    require_conf_level(conf_level)
    cuts = cut_points(scale, promoters_from, detractors_to)
    scores = cuts.scores(responses, item)
    stayed = require_scale(responses, retained, low=0, high=1)
    sample = None if design is None else design.sample(responses)
    inside = np.ones(len(scores), bool) if sample is None else sample.domain
    parts = [
        _category(stayed, inside & (scores == one), sample, conf_level, min_base)
        for one in (1, 0, -1)
    ]
    rows = [
        {"category": category, "measure": "retained_share"} | part[0]
        for category, part in zip(CATEGORIES, parts, strict=True)
    ]
    rows.append(_difference(parts, sample))
    known = inside & ~np.isnan(scores) & ~np.isnan(stayed)
    trend = _trend(scores, stayed, known, sample, conf_level)
    rows.append({"category": "all", "measure": "trend", "n": int(known.sum())} | trend)
    table = pd.DataFrame(rows).assign(item=item, conf_level=conf_level)
    table.loc[table["measure"] != "retained_share", "n_missing"] = int((inside & ~known).sum())
    table["method"] = table["method"] + f"; {cuts.text}"
    return arrange(table, keys=["item", "category", "measure"])


def _category(
    stayed: Array, members: Array, sample: Sample | None, conf_level: float, min_base: int
) -> tuple[dict, Array | None]:
    """Share that stayed, and its linearized values under a design."""
    known = members & ~np.isnan(stayed)
    n, kept = int(known.sum()), int(np.nansum(stayed[members]))
    row: dict = {"n": n, "n_missing": int(members.sum()) - n, "numerator": kept, "denominator": n}
    row |= dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high"], np.nan)
    row |= {"method": "Wilson", "note": f"fewer than {min_base} answers" if n < min_base else ""}
    if n == 0:
        return row | {"note": "no answers"}, None
    if sample is None:
        share = kept / n
        low, high = wilson(share, n, conf_level=conf_level)
        row |= {"estimate": share, "std_error": (share * (1 - share) / n) ** 0.5}
        return row | {"ci_low": float(low), "ci_high": float(high)}, None
    mean = sample.mean(stayed, members)
    row["ci_low"], row["ci_high"] = share_interval(mean, conf_level=conf_level)
    if np.isnan(mean.std_error):
        row["note"] = FEW_CLUSTERS
    row |= {"estimate": mean.estimate, "std_error": mean.std_error}
    return row | {"method": "Wilson, effective n"}, mean.scores


def _difference(parts: list[tuple[dict, Array | None]], sample: Sample | None) -> dict:
    """Share of promoters who stayed less that of detractors."""
    (first, scores), (last, others) = parts[0], parts[-1]
    row: dict = {"category": CONTRAST, "measure": "difference", "n": first["n"] + last["n"]}
    row |= {"method": "Wilson's intervals, MOVER", "note": ""}
    if np.isnan([first["ci_low"], last["ci_low"]]).any():
        return row | {"note": "too few promoters or detractors"}
    errors, rho = np.array([first["std_error"], last["std_error"]]), 0.0
    if sample is not None and scores is not None and others is not None and errors.prod() > 0:
        joint = sample.covariance(np.column_stack([scores, others]))[0, 1]
        rho = float(joint / errors.prod())
    ends = ((first["ci_low"], first["ci_high"]), (last["ci_low"], last["ci_high"]))
    low, high = mover_ends((first["estimate"], last["estimate"]), ends, (1, -1), rho)
    error = float(np.sqrt(max(errors @ errors - 2 * rho * errors.prod(), 0.0)))
    row |= {"estimate": first["estimate"] - last["estimate"], "std_error": error}
    return row | {"ci_low": float(low), "ci_high": float(high)}


def _trend(
    scores: Array, stayed: Array, known: Array, sample: Sample | None, conf_level: float
) -> dict:
    """Slope of staying on the category, with the test of no slope."""
    row: dict = dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high"], np.nan)
    row |= {"statistic": np.nan, "df": np.nan, "p_value": np.nan, "note": ""}
    row["method"] = "Cochran–Armitage" if sample is None else "slope under the design, t"
    if not known.any() or np.ptp(scores[known]) == 0 or np.ptp(stayed[known]) == 0:
        return row | {"note": "one category only, or all alike: no trend"}
    weights = np.where(known, 1.0 if sample is None else sample.weights, 0.0)
    x, y = np.where(known, scores, 0.0), np.where(known, stayed, 0.0)
    x = x - weights @ x / weights.sum()
    mean = weights @ y / weights.sum()
    slope = float(weights @ (x * y) / (weights @ x**2))
    if sample is None:
        chi2 = float((weights @ (x * y)) ** 2 / (mean * (1 - mean) * (weights @ x**2)))
        tested = {"statistic": chi2, "df": 1, "p_value": float(stats.chi2.sf(chi2, 1))}
        return row | {"estimate": slope} | tested
    residual = weights * x * (y - mean - slope * x) / (weights @ x**2)
    error = float(sample.covariance(residual)[0, 0]) ** 0.5
    df = sample.degrees_of_freedom(known) - 1
    if not (error > 0 and df >= 1):
        return row | {"estimate": slope, "note": FEW_CLUSTERS}
    low, high = t_interval(slope, error, df, conf_level=conf_level)
    tested = {"statistic": slope / error, "df": df}
    tested["p_value"] = float(2 * stats.t.sf(abs(slope / error), df))
    return row | {"estimate": slope, "std_error": error, "ci_low": low, "ci_high": high} | tested
