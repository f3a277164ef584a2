"""The net promoter score of each group, with an interval that behaves at small numbers."""

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_conf_level, require_one_of, require_seed
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.intervals import goodman, share_interval
from custlib.loyalty.recommendation.grouped import NO_SPREAD, POINTS, Grouped, count_groups
from custlib.loyalty.recommendation.scales import CATEGORIES, cut_points
from custlib.loyalty.recommendation.trinomial import ENDS, bootstrap_ends
from custlib.resampling import Resamples, cluster_draws, multinomial_bootstrap

Array = np.ndarray
METHODS = {
    "adjusted_wald": "adjusted Wald",
    "score": "trinomial score",
    "wald": "Wald",
    "bootstrap": "bootstrap percentiles",
}
MEASURE = "net_promoter_score"


def net_promoter_score(
    responses: pd.DataFrame,
    *,
    item: str,
    scale: tuple[float, float] = (0, 10),
    promoters_from: int | None = None,
    detractors_to: int | None = None,
    by: str | None = None,
    design: SurveyDesign | None = None,
    method: str = "adjusted_wald",
    min_base: int = 2,
    conf_level: float = 0.95,
    n_boot: int | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """Share of promoters less share of detractors, in points (−100…100), by group.

    Parameters
    ----------
    responses : DataFrame, one row a respondent
    item : str
        Column of whole-number answers to "would you recommend us".
    scale : (low, high), default (0, 10)
    promoters_from, detractors_to : int, optional
        Cut points; as the field has them 9 and 6 on 0–10 and 1–10, 5 and 3 on 1–5.
    by : str, optional
        Column of groups or waves; empty categories keep their rows.
    design : SurveyDesign, optional
    method : {"adjusted_wald", "score", "wald", "bootstrap"}
    min_base : int, default 2
        Rows with fewer answers say so in `note`.
    conf_level : float in (0, 1), default 0.95
    n_boot, seed : int, optional
        Of the bootstrap, needed under a design; without them its exact distribution is used.

    Returns
    -------
    DataFrame, one row a group
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high, conf_level,
        df, promoters, passives, detractors (answers), n, n_effective, n_missing, method, note.
        `method` states the cut points.

    Raises
    ------
    DataError
        A column is absent, or an answer is off the scale.
    ParameterError
        A scale without usual cut points and none given, or cut points that do not fit it.

    Notes
    -----
    score = 100 (P − D); variance = 100² [P + D − (P − D)²]/n; wald = score ± z √variance.
    adjusted_wald adds ¾ of an answer to promoters and to detractors and 3 to n first; score inverts
    the multinomial score test; both have an interval where all answers count alike, wald and
    bootstrap then have none. Under a design wald is the t interval of the linearized mean of −100,
    0, 100; adjusted_wald and score take its effective number of answers; the bootstrap draws
    clusters. Only wald may leave −100…100. Coverage of 95 % intervals at n = 20, 60, 400, in the
    bases tried, from nearly all detractors to nearly all promoters: adjusted_wald and score 0.945
    to 0.968; wald down to 0.81, 0.90, 0.94 and bootstrap to 0.81, 0.91, 0.95, where nearly all are
    promoters. Exact sums at n = 20 without detractors find lower ones: adjusted_wald 0.89 at 10.5 %
    promoters, score 0.84 at 99.1 %.

    Assumes: independent answers, or a design with its clusters, of people drawn from all customers;
    cut points are those in `method`.

    Not for: volunteers or buyers asked at the till, as if they were all customers
    (`net_promoter_bounds`); bases below 20, untried here; loyalty itself, which
    `promoter_retention` looks at.

    References
    ----------
    Rocks, B. (2016). The American Statistician 70:365–372. doi:10.1080/00031305.2016.1158124.
    Tango, T. (1998). Statistics in Medicine 17:891–908.

    Examples
    --------
    >>> answers = pd.DataFrame({"recommend": [10, 9, 9, 8, 7, 6, 0, 10, None]})
    >>> found = net_promoter_score(answers, item="recommend").iloc[0]  # R: mean(score(recommend))
    >>> float(found["estimate"]), found["promoters"], found["detractors"], found["n_missing"]
    (25.0, np.int64(4), np.int64(2), np.int64(1))
    """
    require_conf_level(conf_level)
    require_one_of("method", method, METHODS)
    cuts = cut_points(scale, promoters_from, detractors_to)
    found = count_groups(responses, item, cuts=cuts, by=by, design=design)
    if method == "bootstrap":
        low, high, error = _bootstrap(found, cuts.scores(responses, item), conf_level, n_boot, seed)
    else:
        low, high = ENDS[method](found.shares, stats.norm.isf((1 - conf_level) / 2))
        error = found.shares.std_error
    named = f"{METHODS[method]}; {cuts.text}"
    table = pd.DataFrame(score_columns(found, low, high, min_base))
    table["std_error"] = np.where(found.usable, error, np.nan) * POINTS
    if method in ("wald", "bootstrap"):
        bare = found.usable & found.shares.alike
        table["note"] = np.where(bare, f"{NO_SPREAD}: no interval by {method}", table["note"])
    table = table.assign(item=item, measure=MEASURE, conf_level=conf_level, method=named)
    if by:
        table[by] = pd.Series(found.names, dtype=object)
    return arrange(table, keys=[*([by] if by else []), "item", "measure"])


def score_columns(found: Grouped, low: Array, high: Array, min_base: int) -> dict:
    """Columns of the scores of some groups in points; a single answer is no estimate."""
    shares, blank = found.shares, np.where(found.usable, POINTS, np.nan)
    return {
        "estimate": np.where(shares.n > 1, POINTS, np.nan) * shares.score,
        "std_error": blank * shares.std_error,
        "ci_low": blank * low,
        "ci_high": blank * high,
        "df": np.where(np.isinf(shares.df), np.nan, shares.df),
        **dict(zip(CATEGORIES, found.counts.T, strict=True)),
        "n": shares.n.astype(int),
        "n_effective": shares.n_effective,
        "n_missing": found.n_missing,
        "note": [found.note(at, min_base) for at in range(len(found.names))],
    }


def promoter_shares(
    responses: pd.DataFrame,
    *,
    item: str,
    scale: tuple[float, float] = (0, 10),
    promoters_from: int | None = None,
    detractors_to: int | None = None,
    by: str | None = None,
    design: SurveyDesign | None = None,
    min_base: int = 2,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of promoters, passives and detractors, by group.

    Parameters
    ----------
    responses, item, scale, promoters_from, detractors_to, by, design, min_base, conf_level
        As in `net_promoter_score`.

    Returns
    -------
    DataFrame, three rows a group
        The `by` column if given, item, category, estimate, ci_low, ci_high, conf_level, n,
        n_missing, numerator, denominator (unweighted counts), method, note.

    Raises
    ------
    DataError, ParameterError
        As `net_promoter_score`.

    Notes
    -----
    share = answers of the category/answers; ends = [p + q/2n ± √(q (p(1 − p)/n + q/4n²))]/(1 +
    q/n), q the quantile of chi-square on 1 df at 1 − (1 − conf_level)/3. Without a design Goodman's
    intervals, which hold for the three at once; under a design Wilson's on the effective number of
    answers, one at a time.

    Assumes: one answer a customer, independent, or clustered in the design; scale and cut points as
    in `net_promoter_score`.

    Not for: the score, whose interval does not follow from these three (`net_promoter_score`), or
    joint intervals under a design.

    References
    ----------
    Goodman, L. (1965). Technometrics 7:247–254. doi:10.1080/00401706.1965.10490252

    Examples
    --------
    >>> answers = pd.DataFrame({"recommend": [10, 9, 8, 3]})
    >>> promoter_shares(answers, item="recommend")["estimate"].tolist()
    [0.5, 0.25, 0.25]
    >>> # R: prop.table(table(cut(...)))
    """
    require_conf_level(conf_level)
    cuts = cut_points(scale, promoters_from, detractors_to)
    found = count_groups(responses, item, cuts=cuts, by=by, design=design)
    scores, rows = cuts.scores(responses, item), []
    for at, name in enumerate(found.names):
        counts, total = found.counts[at], int(found.shares.n[at])
        low = high = estimates = np.full(3, np.nan)
        if found.sample is not None:
            is_one = [np.where(np.isnan(scores), np.nan, scores == one) for one in (1, 0, -1)]
            means = [found.sample.mean(one, found.rows[at]) for one in is_one]
            estimates = np.array([mean.estimate for mean in means])
            ends = [share_interval(mean, conf_level=conf_level) for mean in means]
            low, high = np.array(ends).T
        elif total:
            estimates = counts / total
            low, high = goodman(counts, conf_level=conf_level)
        for cell, category in enumerate(CATEGORIES):
            row = {by: name} if by else {}
            row |= {"item": item, "category": category, "estimate": estimates[cell]}
            row |= {"ci_low": low[cell], "ci_high": high[cell], "conf_level": conf_level}
            row |= {"n": total, "n_missing": found.n_missing[at], "numerator": counts[cell]}
            row |= {"denominator": total, "note": _thin(total, min_base)}
            rows.append(row | {"method": f"{_share_method(found)}; {cuts.text}"})
    return arrange(rows, keys=[*([by] if by else []), "item", "category"])


def _thin(n: int, min_base: int) -> str:
    """A share of one answer is a share, if a poor one."""
    return "no answers" if n == 0 else f"fewer than {min_base} answers" if n < min_base else ""


def _share_method(found: Grouped) -> str:
    return "Goodman, the three at once" if found.sample is None else "Wilson, effective n"


def _bootstrap(
    found: Grouped, scores: Array, conf_level: float, n_boot: int | None, seed: int | None
) -> tuple[Array, Array, Array]:
    """Percentile interval and standard error; exact without a design and without n_boot."""
    shares, usable = found.shares, found.usable & ~found.shares.alike
    if found.sample is None and n_boot is None:
        return *bootstrap_ends(shares, conf_level), shares.std_error
    low, high, error = (np.full(len(shares.n), np.nan) for _ in range(3))
    start = require_seed(seed)
    require_at_least("n_boot", n_boot or 0, 2)
    if usable.any() and n_boot is not None:
        if found.sample is None:
            worth = np.array([1, 0, -1])
            drawn = multinomial_bootstrap(found.counts[usable], worth, n_boot=n_boot, seed=start)
        else:
            drawn = _cluster_bootstrap(found, scores, np.flatnonzero(usable), n_boot, start)
        low[usable], high[usable] = drawn.interval(conf_level=conf_level)
        error[usable] = drawn.std_error
    return low, high, error


def _cluster_bootstrap(
    found: Grouped, scores: Array, places: Array, n_boot: int, seed: int
) -> Resamples:
    """Scores of the groups in resamples of clusters: ratios of two totals over clusters."""
    sample = found.sample
    if sample is None:  # the caller has one
        raise TypeError("no design")
    size = len(sample.stratum_of_cluster)
    totals = []
    for at in places:
        used = found.rows[at] & ~np.isnan(scores)
        weight = sample.weights * used
        value = weight * np.where(used, scores, 0.0)
        pair = [np.bincount(sample.clusters, one, minlength=size) for one in (value, weight)]
        totals.append(np.column_stack(pair))
    blocks = []
    for drawn in cluster_draws(sample, n_boot=n_boot, seed=seed):
        with np.errstate(invalid="ignore", divide="ignore"):
            columns = [(drawn @ pair) for pair in totals]
            blocks.append(np.column_stack([pair[:, 0] / pair[:, 1] for pair in columns]))
    return Resamples(found.shares.score[places], np.vstack(blocks))
