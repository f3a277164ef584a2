"""Right answers and wrong turns of the lesson on segments.

They are computed another way than the solutions: by the library where a solution counts by hand,
and by hand where it calls the library.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import comb

from custlib import segmentation as seg
from custlib.lessons.exercise import Given
from custlib.lessons.planted_segments import COLUMNS, FALSE_SEGMENTS, NEEDS, segments_drawn_again
from custlib.segmentation.clusters.stability import jaccard_of_best_match

SCORES = ["recency_score", "frequency_score", "monetary_score"]
PLANTED_COUNT = 3
N_STARTS = 10
N_BOOT = 30


def best_customers(given: Given, *, backwards: bool = False) -> int:
    """Customers with a score of 4 or 5 in all three questions."""
    scored = seg.rfm_scores(given.customers)
    if backwards:
        scored["recency_score"] = 6 - scored["recency_score"]
    return int((scored[SCORES] >= 4).all(axis=1).sum())


def best_by_sum(given: Given) -> int:
    """Customers whose three scores sum to 12 or more."""
    return int((seg.rfm_scores(given.customers)[SCORES].sum(axis=1) >= 12).sum())


def met_by_rules(given: Given) -> dict[str, float]:
    """Customers in no rule, and in several: those whose segment hangs on the order of rules."""
    scored = seg.rfm_scores(given.customers)
    found = [
        seg.rfm_segments(scored, rules=rules, overlap="first", rest="none")["segment"]
        for rules in (given.rules, given.rules[::-1].reset_index(drop=True))
    ]
    return {"none": int((found[0] == "none").sum()), "several": int((found[0] != found[1]).sum())}


def met_by_difference(given: Given) -> dict[str, float]:
    """What is left after taking the size of each rule off, overlaps twice."""
    scored = seg.rfm_scores(given.customers)
    sizes = sum(
        int((seg.rfm_segments(scored, rules=rule, rest="")["segment"] != "").sum())
        for _, rule in given.rules.groupby(given.rules.index)
    )
    return met_by_rules(given) | {"none": len(scored) - sizes}


def amount_share(given: Given, *, power: int = 2) -> float:
    """Part of the columns' squared distances (power 2) that comes from the amount."""
    spread = given.customers[list(COLUMNS)].to_numpy(float).std(axis=0) ** power
    return float(spread[2] / spread.sum())


def amount_share_of_means(given: Given) -> float:
    """Part of the columns' means that is the amount's."""
    means = given.customers[list(COLUMNS)].mean()
    return float(means["amount"] / means.sum())


@lru_cache(maxsize=4)
def clustered(given: Given, scale: str = "z") -> seg.CustomerClusters:
    """The customers cut into as many segments as were planted."""
    how: dict[str, Any] = {"variables": COLUMNS, "k": PLANTED_COUNT, "seed": given.seed}
    return seg.cluster_customers(given.customers, **how, scale=scale)


def agreement(given: Given, *, adjusted: bool = True) -> dict[str, float]:
    """Rand index of found and planted segments, by counting pairs."""
    return {
        name: _rand(clustered(given, scale).cases, adjusted=adjusted)
        for name, scale in (("unscaled", "none"), ("scaled", "z"))
    }


def turned(found: dict[str, float]) -> dict[str, float]:
    """Two numbers under each other's name."""
    return dict(zip(found, reversed(found.values()), strict=True))


def silhouette(given: Given, scale: str = "z") -> float:
    """Mean silhouette of the segments, as the library has it."""
    fit = clustered(given, scale).fit.set_index("measure")["estimate"]
    return float(fit["silhouette"])


def silhouette_with_self(given: Given) -> float:
    """The same where a customer counts among its own neighbors."""
    return _silhouette(given, power=1, own_size_less=0)


def silhouette_of_squares(given: Given) -> float:
    """The same by squared distances."""
    return _silhouette(given, power=2, own_size_less=1)


def bic(given: Given) -> float:
    """BIC of three latent classes, from the table that compares numbers of classes."""
    return float(_classes(given)["bic"])


def aic(given: Given) -> float:
    """AIC of the same."""
    return float(_classes(given)["aic"])


def bic_without_shares(given: Given) -> float:
    """BIC that forgets the shares of the classes among the parameters."""
    row = _classes(given)
    return float(row["bic"] - (PLANTED_COUNT - 1) * np.log(row["n"]))


def jaccard(given: Given) -> float:
    """Mean Jaccard of the false segments with their likes after one draw."""
    first, again = _codes(given)
    return float(jaccard_of_best_match(first, again, FALSE_SEGMENTS).mean())


def jaccard_of_names(given: Given) -> float:
    """Mean Jaccard of segments that bear the same number."""
    first, again = _codes(given)
    return float(
        np.mean(
            [
                ((first == k) & (again == k)).sum() / ((first == k) | (again == k)).sum()
                for k in range(FALSE_SEGMENTS)
            ]
        )
    )


def share_kept(given: Given) -> float:
    """Mean share of a segment that stays together, whatever else joins it."""
    counts = pd.crosstab(*_codes(given))
    return float((counts.max(axis=1) / counts.sum(axis=1)).mean())


def stability(given: Given, *, take: str = "jaccard", k: int = PLANTED_COUNT) -> dict[str, float]:
    """Mean over segments of a measure of stability, for customers and for noise cut into k."""
    found = {}
    for name, parts in (("customers", PLANTED_COUNT), ("noise", k)):
        table = _drawn_many_times(given, name, parts)
        own = table[table["segment"].ne("all") & table["measure"].eq(take)]
        found[name] = float(own["estimate"].mean())
    return found


def _silhouette(given: Given, *, power: int, own_size_less: int) -> float:
    values = given.customers[list(COLUMNS)]
    z = ((values - values.mean()) / values.std()).to_numpy()
    labels = clustered(given).cases["segment"].astype(int).to_numpy() - 1
    apart = np.sqrt(((z[:, None] - z[None]) ** 2).sum(axis=2)) ** power
    member = np.eye(PLANTED_COUNT)[labels]
    sums, sizes = apart @ member, member.sum(axis=0)
    own = (sums / (sizes - own_size_less))[member == 1]
    other = np.where(member == 1, np.inf, sums / sizes).min(axis=1)
    return float(((other - own) / np.maximum(own, other)).mean())


@lru_cache(maxsize=4)
def _drawn_many_times(given: Given, name: str, k: int) -> pd.DataFrame:
    how: dict[str, Any] = {"variables": COLUMNS, "k": k, "seed": given.seed}
    return seg.segment_stability(getattr(given, name), **how, n_boot=N_BOOT, n_noise=0)


@lru_cache(maxsize=4)
def _codes(given: Given) -> tuple[np.ndarray, np.ndarray]:
    pair = segments_drawn_again(given.noise, seed=given.seed).astype(int) - 1
    return pair["first"].to_numpy(), pair["again"].to_numpy()


@lru_cache(maxsize=4)
def _classes(given: Given) -> pd.Series:
    how: dict[str, Any] = {"items": NEEDS, "n_starts": N_STARTS, "seed": given.seed}
    return seg.latent_class_choice(given.customers, ks=[PLANTED_COUNT], **how).iloc[0]


def _rand(cases: pd.DataFrame, *, adjusted: bool) -> float:
    counts = pd.crosstab(cases["segment"], cases["planted"]).to_numpy()
    both, every = comb(counts, 2).sum(), comb(counts.sum(), 2)
    first, second = (comb(counts.sum(axis=axis), 2).sum() for axis in (0, 1))
    if not adjusted:
        return float((every + 2 * both - first - second) / every)
    expected = first * second / every
    return float((both - expected) / ((first + second) / 2 - expected))
