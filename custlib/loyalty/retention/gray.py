"""Do groups leave for a reason alike? Gray's test of cumulative incidence."""

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_one_of
from custlib.columns import arrange
from custlib.groups import group_rows
from custlib.intervals import ADJUSTMENTS, adjust_p
from custlib.loyalty.retention.competing import reason_codes
from custlib.loyalty.retention.durations import read_spells

Array = np.ndarray


def compare_incidence(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    reason: str,
    by: str,
    event_value: object = None,
    adjust: str = "holm",
) -> pd.DataFrame:
    """Test for each reason whether the share that leaves for it is the same in all groups.

    Parameters
    ----------
    customers : DataFrame, one row a customer or contract
    duration, event, reason, event_value
        As in `cumulative_incidence`.
    by : str
        Column of the groups; rows without one form a group.
    adjust : {"holm", "bh", "bonferroni", "hochberg", "by", "none"}
        Adjustment over the reasons.

    Returns
    -------
    DataFrame, one row per reason
        reason, statistic, df, p_value, p_adjusted, events, n, n_missing, method, note. NaN with a
        note where nobody left for the reason, or there are fewer than two groups.

    Raises
    ------
    DataError
        A column is absent, a duration negative, an event not 0 or 1.

    Notes
    -----
    score_k = Σ_t (d_k − d R_k/Σ R); R_k = n_k (1 − F_k)/S_k; statistic = score' V⁻¹ score. At time
    t d_k leave group k for the reason, n_k are at risk, F_k is its incidence and S_k the share
    still there just before; V is the covariance of the scores. Gray's K-sample statistic with rho =
    0, chi-squared with groups − 1 degrees of freedom; R's `cmprsk::cuminc` gives the same. It
    compares the shares that leave, not the hazards: where more leave for one reason fewer are left
    for the others, so that the tests are not independent.

    Assumes: censoring has nothing to do with leaving or its reason; customers are independent; one
    reason each, told alike in all groups.

    Not for: what drives a reason among those still there (`churn_hazards` on that reason), many
    unknown reasons, or entries after the start, which this test has no place for.

    References
    ----------
    Gray, R. (1988). Annals of Statistics 16:1141–1154. doi:10.1214/aos/1176350951

    Examples
    --------
    >>> contracts = pd.DataFrame({"months": [1, 2, 3, 4, 5, 6], "left": [1, 1, 1, 1, 0, 0],
    ...                           "why": ["price"] * 3 + ["staff", None, None],
    ...                           "firm": list("ababab")})
    >>> roles = {"duration": "months", "event": "left", "reason": "why", "by": "firm"}
    >>> found = compare_incidence(contracts, **roles)  # R: cmprsk::cuminc
    >>> found[["reason", "df"]].values.tolist()
    [['price', 1.0], ['staff', 1.0]]
    """
    require_one_of("adjust", adjust, ADJUSTMENTS)
    spells = read_spells(customers, duration=duration, event=event, event_value=event_value)
    codes, names = reason_codes(customers, spells, reason)
    masks = [mask[spells.rows] for _, mask in group_rows(customers, by)]
    masks = [mask for mask in masks if mask.any()]
    group = np.zeros(len(spells), int)
    for code, mask in enumerate(masks):
        group[mask] = code
    rows = []
    for code, name in enumerate(names):
        kind = np.where(codes == code, 1, np.where(codes >= 0, 2, 0))
        events = int((kind == 1).sum())
        row = {"reason": name, "events": events, "n": len(spells), "n_missing": spells.n_missing}
        few = "fewer than two groups" if len(masks) < 2 else "nobody left for this reason"
        tested = {"statistic": np.nan, "df": np.nan, "p_value": np.nan, "note": few}
        if events and len(masks) > 1:
            tested = _gray(spells.time, kind, group, len(masks))
        rows.append(row | tested)
    columns = ["reason", "events", "n", "n_missing", "statistic", "df", "p_value", "note"]
    table = pd.DataFrame(rows, columns=columns).assign(method="Gray")
    table["p_adjusted"] = adjust_p(table["p_value"].to_numpy(float), adjust)
    return arrange(table, keys=["reason"])


def _gray(time: Array, kind: Array, group: Array, groups: int) -> dict:
    """Statistic of one reason: kind 1 left for it, 2 for another, 0 is still there."""
    times, place = np.unique(time, return_inverse=True)
    cells = (place * groups + group) * 3 + kind
    counts = np.bincount(cells, minlength=len(times) * groups * 3).reshape(-1, groups, 3)
    score, variance = _score(counts.astype(float))
    # The scores of all groups sum to 0: one of them is left out.
    inner = variance[:-1, :-1]
    df = int(np.linalg.matrix_rank(inner))
    statistic = float(score[:-1] @ np.linalg.pinv(inner) @ score[:-1])
    note = "" if df == groups - 1 else "a group without information: fewer degrees of freedom"
    p_value = float(stats.chi2.sf(statistic, df)) if df else np.nan
    return {"statistic": statistic, "df": df, "p_value": p_value, "note": note}


def _score(counts: Array) -> tuple[Array, Array]:
    """Score of each group and its covariance, summed over the times at which somebody left.

    Groups are weighed by n(1 − F)/S, the customers who would be at risk of this reason had those
    who left for others stayed. `carried` holds what an early change moves in all later terms.
    """
    groups = counts.shape[1]
    score, variance = np.zeros(groups), np.zeros((groups, groups))
    carried, cross, own = np.zeros((groups, groups)), np.zeros((groups, groups)), np.zeros(groups)
    at_risk, share, still, pooled = counts.sum(axis=(0, 2)), np.zeros(groups), np.ones(groups), 0.0
    for row in counts:
        n, first, other = at_risk, row[:, 1], row[:, 2]
        at_risk = at_risk - row.sum(axis=1)
        if not (first.any() or other.any()):
            continue
        there = n > 0
        safe = np.where(there, n, 1.0)
        size = np.where(there, n / np.where(still > 0, still, 1.0), 0.0)
        after = np.where(there, still * (safe - first - other) / safe, still)
        total, left = size.sum(), first.sum()
        now = pooled + left / total
        step = np.diag(size) - np.outer(size, size) / total
        carried = carried + step * left / (total * (1 - pooled))
        weight = size * (1 - share)
        score = score + first - left * weight / weight.sum()
        if left:
            kept = np.where(after > 0, 1 - (1 - now) / np.where(after > 0, after, 1.0), 1.0)
            tied = 1 - (left - 1) / (total * still - 1) if left > 1 else np.ones(groups)
            part = np.where(there, tied * still * left / (total * safe), 0.0)
            variance, cross, own = _add(variance, cross, own, step - kept * carried, kept, part)
        if other.any():
            move = (after > 0) & (other > 0)
            kept = np.where(move, (1 - now) / np.where(after > 0, after, 1.0), 0.0)
            tied = np.where(other > 1, 1 - (other - 1) / np.maximum(safe - 1, 1), 1.0)
            part = np.where(move, tied * still**2 * other / safe**2, 0.0)
            variance, cross, own = _add(variance, cross, own, kept * carried, -kept, part)
        share = share + np.where(there, still * first / safe, 0.0)
        still, pooled = after, now
    variance = variance + (carried * own) @ carried.T + carried @ cross.T + cross @ carried.T
    return score, variance


def _add(
    variance: Array, cross: Array, own: Array, change: Array, kept: Array, part: Array
) -> tuple[Array, Array, Array]:
    """Adds what one time brings: `part` is the variance of each group's own increment there."""
    return (
        variance + (change * part) @ change.T,
        cross + change * (kept * part),
        own + kept**2 * part,
    )
