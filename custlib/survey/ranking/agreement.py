"""How far people agree on an order: mean ranks, Kendall's W, Friedman's test."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_conf_level, require_distinct
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.groups import group_rows
from custlib.intervals import t_interval
from custlib.survey.ranking.worths import read_places
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
ALL = "(all)"
FEW = "fewer than 2 complete rankings"
UNWEIGHTED = "every ranking counts alike; weights and clusters are left out"


@dataclass(frozen=True, slots=True)
class RankAgreement:
    """Mean rank of each item, and how far the rankings agree.

    Attributes
    ----------
    estimates : DataFrame
        The `by` column if given, item, measure ("mean_rank"), estimate, std_error, ci_low,
        ci_high, conf_level, df, n, n_effective, n_missing, note.
    fit : DataFrame
        The `by` column if given, measure, estimate, statistic, df, p_value, n, n_missing, method,
        note: "kendall_W" with Friedman's test and "mean_Spearman" within each group and among
        "(all)"; with `by` "Spearman_between" the mean ranks of each two groups.
    """

    estimates: pd.DataFrame
    fit: pd.DataFrame


def rank_agreement(
    rankings: pd.DataFrame,
    *,
    items: Sequence[str],
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> RankAgreement:
    """Mean rank of each item, 1 (first) to k, and Kendall's W, 0 (no agreement) to 1 (full).

    Parameters
    ----------
    rankings : DataFrame, one row per respondent
    items : list of str
        Columns of places, or of any scores where the lowest is the best; equal ones share the
        mean of their ranks. Rankings that leave an item out do not count (see `rank_worths`).
    by : str, optional
        Column of groups.
    design : SurveyDesign, optional
        For the mean ranks; W and its test take every ranking alike and as independent.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    RankAgreement

    Raises
    ------
    DataError
        A column is absent or not numeric, or the design does not fit the table.

    Notes
    -----
    W = 12 S / (m²(k³ − k) − m ΣT), S the squared deviations of the rank sums, T = Σ(t³ − t) over
    the ties of a ranking; Friedman's chi-square is m(k − 1)W. The mean Spearman correlation of
    two people equals (mW − 1)/(m − 1) where nobody has ties.

    Assumes: complete rankings by people who did not confer; Friedman's chi-square is a law for many
    of them, under which each order is equally likely.

    Not for: rankings with gaps (`rank_worths`), colleagues as if independent in the test of W, or a
    low W as lack of opinions: two camps that contradict each other also give one (`by`).

    References
    ----------
    Kendall, M. & Babington Smith, B. (1939). Annals of Mathematical Statistics 10:275–287.
    Friedman, M. (1937). JASA 32:675–701. doi:10.1080/01621459.1937.10503522

    Examples
    --------
    >>> places = pd.DataFrame({"price": [1, 1, 2], "quality": [2, 2, 1], "speed": [3, 3, 3]})
    >>> agreement = rank_agreement(places, items=["price", "quality", "speed"])
    >>> agreement.fit["estimate"].round(3).tolist()  # R: friedman.test(...)$statistic / (3 * 2)
    [0.778, 0.667]
    """
    require_conf_level(conf_level)
    items = list(items)
    require_distinct(items, at_least=2)
    sample = (design or SurveyDesign()).sample(rankings)
    places = read_places(rankings, items)
    complete = ~np.isnan(places).any(axis=1)
    ranks = np.full(places.shape, np.nan)
    ranks[complete] = stats.rankdata(places[complete], axis=1)
    note = "" if design is None else UNWEIGHTED
    estimates, fit, means = [], [], {}
    groups = group_rows(rankings, by)
    for group, members in groups:
        key = {by: group} if by else {}
        inside = sample.within_domain(members)
        rows = _mean_ranks(sample, ranks, items, inside, conf_level)
        estimates += [key | row for row in rows]
        means[group] = [row["estimate"] for row in rows]
        fit += [key | row for row in _concordance(ranks, inside, note)]
    if by:
        everybody = _concordance(ranks, sample.within_domain(), note)
        fit += [{by: ALL} | row for row in everybody]
        fit += [{by: pair} | row for pair, row in _between(means)]
    keys = [by] if by else []
    return RankAgreement(
        arrange(estimates, keys=[*keys, "item", "measure"]), arrange(fit, keys=[*keys, "measure"])
    )


def _mean_ranks(
    sample: Sample, ranks: Array, items: list[str], inside: Array, conf_level: float
) -> list[dict]:
    rows = []
    for item, column in zip(items, ranks.T, strict=True):
        mean = sample.mean(column, inside)
        low, high = t_interval(mean.estimate, mean.std_error, mean.df, conf_level=conf_level)
        rows.append(
            {
                "item": item,
                "measure": "mean_rank",
                "estimate": mean.estimate if mean.n > 1 else np.nan,
                "std_error": mean.std_error,
                "ci_low": low,
                "ci_high": high,
                "conf_level": conf_level,
                "df": mean.df,
                "n": mean.n,
                "n_effective": mean.n_effective,
                "n_missing": mean.n_missing,
                "note": FEW if mean.n < 2 else FEW_CLUSTERS if np.isnan(mean.std_error) else "",
            }
        )
    return rows


def _concordance(all_ranks: Array, inside: Array, note: str) -> list[dict]:
    """Kendall's W with Friedman's test, and the mean Spearman correlation of two rankings."""
    ranks = all_ranks[inside & ~np.isnan(all_ranks).any(axis=1)]
    m, k = ranks.shape
    nothing = {"statistic": np.nan, "df": np.nan, "p_value": np.nan, "n": m, "method": ""}
    nothing["n_missing"] = int(inside.sum()) - m
    deviation = ranks - (k + 1) / 2
    # Per ranking the squared deviations are (k³ − k − T) / 12, so W needs no count of ties.
    spread = (deviation**2).sum(axis=1)
    if m < 2 or not spread.any():
        note = FEW if m < 2 else "every ranking ties all items"
        return [
            nothing | {"measure": measure, "estimate": np.nan, "note": note}
            for measure in ("kendall_W", "mean_Spearman")
        ]
    w = float((deviation.sum(axis=0) ** 2).sum() / (m * spread.sum()))
    chi2 = m * (k - 1) * w
    test = {"statistic": chi2, "df": k - 1, "p_value": stats.chi2.sf(chi2, k - 1)}
    unit = deviation[spread > 0] / np.sqrt(spread[spread > 0])[:, None]
    pairs = len(unit) * (len(unit) - 1)
    mean = ((unit.sum(axis=0) ** 2).sum() - len(unit)) / pairs if pairs else np.nan
    return [
        nothing
        | {"measure": "kendall_W", "estimate": w, "method": "Friedman", "note": note}
        | test,
        nothing | {"measure": "mean_Spearman", "estimate": float(mean), "note": note},
    ]


def _between(means: dict) -> Iterator[tuple[str, dict]]:
    """Spearman correlation of the mean ranks of each two groups; items are few, so no test."""
    for (first, one), (second, two) in combinations(means.items(), 2):
        known = not np.isnan([*one, *two]).any()
        # One group may give all items the same mean rank.
        moved = known and np.ptp(one) > 0 and np.ptp(two) > 0
        rho = float(stats.spearmanr(one, two).statistic) if moved else np.nan
        yield (
            f"{first} - {second}",
            {
                "measure": "Spearman_between",
                "estimate": rho,
                "n": len(one),
                "n_missing": 0,
                "method": "",
                "note": "n counts items" if moved else "mean ranks are unknown or all equal",
            },
        )
