"""Worths from choices: a ranking is a row of choices of the best, and so is a best-worst task."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import expit, logit

from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import FitError
from custlib.groups import group_rows
from custlib.intervals import t_interval
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
MOST_STEPS, CLOSE = 100, 1e-10  # the step after a step this small is lost in rounding


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices among k items, one row each.

    `sign` is 1 where the chosen item is the best of those available, -1 where it is the worst;
    `respondent` is the row of the table that the choice was read from.
    """

    available: Array  # (choices, k), true or false
    chosen: Array  # (choices,), position of the item
    sign: Array  # (choices,)
    respondent: Array  # (choices,)

    def of(self, inside: Array) -> "Choices":
        """The choices of the respondents that are inside."""
        kept = inside[self.respondent]
        return Choices(
            self.available[kept], self.chosen[kept], self.sign[kept], self.respondent[kept]
        )


@dataclass(frozen=True, slots=True)
class Worths:
    """Log worths with mean zero, their covariance under the design, degrees of freedom."""

    log_worth: Array
    covariance: Array
    df: int


def fit_worths(choices: Choices, items: list[str], sample: Sample) -> Worths:
    """Maximum of the weighted likelihood; FitError where an item's worth has no finite value."""
    _require_connected(choices, items)
    weights = sample.weights[choices.respondent]
    # Beside weights in millions the constant that makes the Hessian regular would be lost.
    weights = weights / weights.mean()
    picked = np.eye(len(items))[choices.chosen] * choices.sign[:, None]
    u = np.zeros(len(items))
    for _ in range(MOST_STEPS):
        share = _shares(u, choices)
        score = picked - share * choices.sign[:, None]
        information = _information(share, weights)
        step = information @ (weights @ score)
        # A long step from a flat start may overshoot; the likelihood is concave.
        u = u + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < CLOSE:
            break
    else:
        raise FitError.because(
            f"The worths did not settle in {MOST_STEPS} steps.",
            "Expected rankings in which every item wins and loses often enough.",
            "Leave out items that nearly always come first or last.",
        )
    per_row = np.zeros((len(sample.weights), len(items)))
    np.add.at(per_row, choices.respondent, weights[:, None] * score)
    covariance = sample.covariance(per_row @ information)
    inside = np.isin(np.arange(len(per_row)), choices.respondent)
    return Worths(u - u.mean(), covariance, sample.degrees_of_freedom(inside))


def worth_rows(worths: Worths, items: list[str], conf_level: float) -> list[dict]:
    """Rows "worth" (share of 1, interval on the log-odds scale) and "log_worth" of each item."""
    u, variance = worths.log_worth, worths.covariance
    share = np.exp(u - u.max())
    share /= share.sum()
    # d log-odds(share_i) / d u_j = (1[i = j] - share_j) / (1 - share_i)
    slope = (np.eye(len(u)) - share) / (1 - share)[:, None]
    odds_error = np.sqrt(np.einsum("ij,jk,ik->i", slope, variance, slope))
    rows = []
    for at, item in enumerate(items):
        ends = t_interval(logit(share[at]), odds_error[at], worths.df, conf_level=conf_level)
        low, high = expit(ends)
        error = odds_error[at] * share[at] * (1 - share[at])
        rows.append(_row(item, "worth", share[at], error, low, high))
        error = variance[at, at] ** 0.5
        low, high = t_interval(u[at], error, worths.df, conf_level=conf_level)
        rows.append(_row(item, "log_worth", u[at], error, low, high))
    common = {"conf_level": conf_level, "df": worths.df, "note": ""}
    if worths.df < 1:
        common |= {"std_error": np.nan, "note": FEW_CLUSTERS}
    return [row | common for row in rows]


def grouped_worths(
    table: pd.DataFrame,
    choices: Choices,
    answered: Array,
    *,
    items: list[str],
    by: str | None,
    design: SurveyDesign | None,
    conf_level: float,
) -> pd.DataFrame:
    """Worths of each group as a result table; a group without finite worths gets a note."""
    sample = (design or SurveyDesign()).sample(table)
    rows = []
    for group, members in group_rows(table, by):
        inside = sample.within_domain(members)
        counts = {"n": int((inside & answered).sum()), "n_missing": int((inside & ~answered).sum())}
        try:
            found = worth_rows(fit_worths(choices.of(inside), items, sample), items, conf_level)
        except FitError as problem:
            if by is None:
                raise
            found = unknown_rows(items, conf_level, str(problem).split("\n", 1)[0])
        rows += [({by: group} if by else {}) | row | counts for row in found]
    return arrange(rows, keys=[*([by] if by else []), "item", "measure"])


def unknown_rows(items: list[str], conf_level: float, note: str) -> list[dict]:
    """The same rows where there is nothing to estimate, and why."""
    nothing = float("nan")
    return [
        _row(item, measure, nothing, nothing, nothing, nothing)
        | {"conf_level": conf_level, "df": 0, "note": note}
        for item in items
        for measure in ("worth", "log_worth")
    ]


def _row(item: str, measure: str, estimate: float, error: float, low: float, high: float) -> dict:
    ends = {"ci_low": low, "ci_high": high}
    return {"item": item, "measure": measure, "estimate": estimate, "std_error": error} | ends


def _shares(u: Array, choices: Choices) -> Array:
    """Probability of each available item to be chosen, shape (choices, k)."""
    utility = np.where(choices.available, choices.sign[:, None] * u, -np.inf)
    power = np.exp(utility - utility.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


def _information(share: Array, weights: Array) -> Array:
    """Inverse of the negative Hessian, on worths that sum to zero."""
    weighted = share * weights[:, None]
    flat = np.full((share.shape[1],) * 2, 1 / share.shape[1])
    # A constant in all worths changes nothing; filling that direction makes the matrix regular.
    hessian = np.diag(weighted.sum(axis=0)) - share.T @ weighted
    return np.linalg.inv(hessian + flat) - flat


def _require_connected(choices: Choices, items: list[str]) -> None:
    """Every item beats some and is beaten by some (Hunter 2004), or its worth is infinite."""
    if not len(choices.chosen):
        raise FitError.because(
            "There is no choice among two items or more.",
            "Expected rankings or tasks with answers.",
            "Check the columns and the group; an empty one has no worths.",
        )
    k = len(items)
    chosen = np.eye(k)[choices.chosen]
    others = choices.available - chosen
    best = choices.sign > 0
    beats = chosen[best].T @ others[best] + others[~best].T @ chosen[~best]
    count, part = connected_components(csr_array(beats > 0), directed=True, connection="strong")
    if count == 1:
        return
    across = (beats > 0) & (part[:, None] != part)
    ahead = [part == one for one in range(count) if not across[:, part == one].any()]
    behind = [part == one for one in range(count) if not across[part == one].any()]
    # The smaller set is the odd one out: an item that is always last, not all those before it.
    sets = [(members, "before") for members in ahead] + [(members, "behind") for members in behind]
    members, side = min(sets, key=lambda one: one[0].sum())
    names = ", ".join(np.array(items, object)[members])
    raise FitError.because(
        f"Always {side} the other items, or never compared with them: {names}.",
        "Expected each item to come before some others and behind some others.",
        f"Leave out what is always {side}; its worth has no finite value. Or ask more people.",
    )
