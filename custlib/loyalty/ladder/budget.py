"""A budget split over the rungs, so that the last unit brings the same on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.ladder.chain import Ladder, numbers_row
from custlib.loyalty.ladder.steps import (
    POINT,
    Step,
    chosen_steps,
    shifted,
    slopes_of,
    span_words,
    step_names,
)
from custlib.loyalty.ladder.value import Amounts, Drawn, prepared
from custlib.loyalty.ladder.worth import require_lasting

Array = np.ndarray
NOTHING = "nothing to spend"
NO_DONOR = "the donor has nothing to give"
NO_GAIN = "a step here brings nothing"
NO_MORE = "gains no more points than the donor has"
TOO_LARGE = "changes too large for slopes: gain_anew holds"
APART = 0.2  # from which the gain computed anew lies too far from that by slopes


@dataclass(frozen=True, slots=True)
class Response:
    """What a step gains at most (share, 0–1), and the spending that gains 63 % of it."""

    reach: Array
    scale: Array

    def gained(self, spend: Array) -> Array:
        """Share gained by each step's spending."""
        return self.reach * -np.expm1(-spend / self.scale)

    def split(self, slopes: Array, budget: float, least: float) -> Array:
        """Spending on each step, shape (…, steps), for slopes of the same shape.

        The last unit of money brings the same on every step that gets any, and no less than
        `least`. Steps join in the order of what their first unit brings.
        """
        first = np.maximum(slopes, 0) * self.reach / self.scale
        order = np.argsort(-first, axis=-1, kind="stable")
        sorted_first = np.take_along_axis(first, order, axis=-1)
        scale = self.scale[order]
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(sorted_first)
            weighted = np.where(sorted_first > 0, scale * logs, 0.0).cumsum(axis=-1)
            level = (weighted - budget) / scale.cumsum(axis=-1)
            # The set is the longest in which the weakest step still begins above the level.
            joins = (logs > level) & (sorted_first > 0)
        size = np.maximum(joins.sum(axis=-1, keepdims=True), 1)
        level = np.take_along_axis(level, size - 1, axis=-1)
        if least > 0:
            level = np.maximum(level, np.log(least))
        with np.errstate(divide="ignore"):
            return self.scale * np.maximum(np.log(first) - level, 0.0)


def ladder_budget(
    transitions: pd.DataFrame,
    *,
    budget: float,
    reach_points: float | Mapping[str, float],
    scale: float | Mapping[str, float],
    margins: Amounts,
    discount: float,
    customers: Mapping | Sequence,
    donor: str | Mapping | None = None,
    lasting: int | None = None,
    horizon: int | None = None,
    least_return: float = 1.0,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Best split of a budget over the steps from each rung to the next, in the unit of money.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    budget : float, at least 0
        Money for the whole time that the change lasts, in the unit of the margins.
    reach_points : float, or mapping by stage
        Percentage points that a step can gain at most; no more than its donor has.
    scale : float, or mapping by stage
        Spending that gains 63 % (1 − 1/e) of them.
    margins, discount, horizon, donor, customers, lasting
        As in `ladder_gains`.
    least_return : float, default 1
        What the last unit must bring; the rest is kept. 0 spends all.
    n_draws : int, default 2000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, next_stage, donor, measure, estimate, std_error, ci_low, ci_high, conf_level,
        probability_first, regret, n, method, note. measure by step: spend, points, gain; for stage
        "all": spend, kept, gain, gain_anew (computed anew, not by slopes), gain_even (the same
        money in equal parts). probability_first is how often in the draws the first unit goes to
        the step, NaN where its donor has nothing; regret what the split loses, on average, as the
        shares are not known exactly.

    Raises
    ------
    DataError
        No step from one rung to the next.
    ParameterError
        A budget below 0, or a reach or a scale not above 0.

    Notes
    -----
    The response is stated, not estimated: Δp = reach·(1 − exp(−spend/scale)). With slopes g the
    sum of g·Δp is concave, and the split that equates g·reach/scale·exp(−spend/scale) is exact.
    Intervals of spend are those of the split best in each draw; those of gain keep the split. A
    note says where the changes are too large for slopes.

    Assumes: the response is as stated at each step, steps do not touch each other's leads, the
    chain of `ladder_value` holds while it lasts.

    Not for: responses that nobody has tried, changes of more than a few points (`ladder_what_if`
    computes them anew), or money for single contacts (`allocate_contacts`).

    References
    ----------
    Little, J. (1979). Operations Research 27:629–667. doi:10.1287/opre.27.4.629. Boyd, S. &
    Vandenberghe, L. (2004). Convex Optimization, ex. 5.2. Cambridge University Press.

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": list("aabbcc"), "period": [1, 2] * 3,
    ...                      "stage": ["low", "high", "low", "gone", "high", "gone"]})
    >>> moves = ladder_transitions(seen, ladder=["low", "high", "gone"], absorbing=["gone"])
    >>> best = ladder_budget(moves.estimates, budget=50, reach_points=10, scale=100, seed=1,
    ...                      margins=[0, 100, 0], discount=0.25, customers=[30, 0, 0])
    >>> best.loc[best["measure"] == "spend", "estimate"].round(2).tolist()  # 100 ln 2.4 > 50
    [50.0, 50.0]
    """
    require_lasting(lasting)
    if not (budget >= 0 and np.isfinite(budget)) or not 0 <= least_return < np.inf:
        raise ParameterError.because(
            f"budget is {budget!r}, least_return is {least_return!r}.",
            "Expected amounts of 0 or more.",
            "Correct them.",
        )
    drawn = prepared(transitions, margins, discount, horizon, n_draws, seed, conf_level)
    steps = chosen_steps(drawn.ladder, "up", donor)
    weights = drawn.ladder.standing(customers)
    response = _response(drawn.ladder, steps, reach_points, scale)
    best, sample = slopes_of(drawn, steps, lasting)
    slopes = weights @ best, np.einsum("s,dst->dt", weights, sample)
    spend = response.split(slopes[0], budget, least_return)
    others = response.split(slopes[1], budget, least_return)
    rows = _step_rows(drawn.ladder, steps, response, slopes, (spend, others), conf_level)
    totals = _totals(slopes, response, spend, others, budget)
    totals["gain_anew"] = _anew(drawn, steps, response.gained(spend), weights, lasting)
    rows += _total_rows(drawn.ladder, totals, conf_level)
    method = f"slopes, {span_words(lasting)}"
    return arrange(
        [row | {"conf_level": conf_level, "method": method} for row in rows],
        keys=["stage", "next_stage", "donor", "measure"],
    )


def _response(
    ladder: Ladder,
    steps: list[Step],
    reach_points: float | Mapping[str, float],
    scale: float | Mapping[str, float],
) -> Response:
    names = [ladder.chain.names[start] for start, _, _ in steps]
    values = []
    for what, given in (("reach_points", reach_points), ("scale", scale)):
        lacking = [one for one in names if isinstance(given, Mapping) and one not in given]
        if lacking:
            raise ParameterError.because(
                f"{what} has no entry for {', '.join(map(str, lacking))}.",
                f"Expected one number, or one for each of: {', '.join(map(str, names))}.",
                "Add the stage.",
            )
        own = [float(given[one] if isinstance(given, Mapping) else given) for one in names]
        if not all(np.isfinite(one) and one > 0 for one in own):
            raise ParameterError.because(
                f"{what} is {given!r}.", "Expected numbers above 0.", "Correct it."
            )
        values.append(np.array(own))
    matrix = ladder.chain.matrix
    has = np.array([matrix[start, donor] for start, _, donor in steps])
    return Response(np.minimum(values[0] * POINT, has), values[1])


def _step_rows(
    ladder: Ladder,
    steps: list[Step],
    response: Response,
    slopes: tuple[Array, Array],
    spends: tuple[Array, Array],
    conf_level: float,
) -> list[dict]:
    first = slopes[1] * response.reach / response.scale
    leads = (first == first.max(axis=1, keepdims=True)) & (first > 0)
    often = np.where(response.reach > 0, leads.mean(axis=0), np.nan)
    spend, others = spends
    gained = response.gained(spend)
    measures = {
        "spend": (spend, others),
        "points": (gained / POINT, response.gained(others) / POINT),
        "gain": (slopes[0] * gained, slopes[1] * gained),
    }
    rows = []
    for at, step in enumerate(steps):
        has = ladder.chain.matrix[step[0], step[2]]
        note = NO_MORE if response.reach[at] == has else ""
        note = note if slopes[0][at] > 0 else NO_GAIN
        note = note if has > 0 else NO_DONOR
        for measure, (best, sample) in measures.items():
            row = step_names(ladder, step) | {"measure": measure, "note": note}
            row |= numbers_row(best[at], sample[:, at], conf_level)
            row["n"] = int(ladder.chain.counts[step[0]].sum())
            row["probability_first"] = often[at] if measure == "spend" else np.nan
            rows.append(row)
    return rows


def _totals(
    slopes: tuple[Array, Array], response: Response, spend: Array, others: Array, budget: float
) -> dict[str, tuple]:
    even = response.gained(np.full(len(spend), spend.sum() / len(spend)))
    gained = response.gained(spend)
    return {
        "spend": (spend.sum(), others.sum(axis=1)),
        "kept": (max(budget - spend.sum(), 0.0), np.maximum(budget - others.sum(axis=1), 0.0)),
        "gain": (slopes[0] @ gained, slopes[1] @ gained),
        "gain_even": (slopes[0] @ even, slopes[1] @ even),
        # What the split best in each draw would bring beyond the one chosen, less its extra cost.
        "regret": (
            (slopes[1] * response.gained(others)).sum(axis=1)
            - slopes[1] @ gained
            - others.sum(axis=1)
            + spend.sum(),
        ),
    }


def _total_rows(ladder: Ladder, totals: dict[str, tuple], conf_level: float) -> list[dict]:
    chain = ladder.chain
    [lost] = totals.pop("regret")
    n = int(chain.counts[~chain.absorbing].sum())
    note = "" if totals["spend"][0] + totals["kept"][0] > 0 else NOTHING
    gain, anew = totals["gain"][0], totals["gain_anew"][0]
    far = TOO_LARGE if abs(anew - gain) > APART * abs(gain) else note
    rows = []
    for measure, (best, sample) in totals.items():
        row: dict = {"stage": "all", "next_stage": "", "donor": "", "measure": measure}
        row |= numbers_row(best, sample, conf_level) | {"n": n}
        row["note"] = far if measure in ("gain", "gain_even") else note
        rows.append(row | {"regret": float(lost.mean()) if measure == "gain" else np.nan})
    return rows


def _anew(
    drawn: Drawn, steps: list[Step], gained: Array, weights: Array, lasting: int | None
) -> tuple[Array, Array]:
    """Value over all customers with the shares moved, less that without."""
    found = []
    for matrices, paid in (
        (drawn.ladder.chain.matrix[None], drawn.worth.margins),
        (drawn.matrices, drawn.margins),
    ):
        after = shifted(matrices, list(zip(steps, gained.tolist(), strict=True)))
        values = drawn.worth.changed(matrices, after, lasting, paid)
        found.append((values - drawn.worth.values(matrices, paid)) @ weights)
    return found[0][0], found[1]
