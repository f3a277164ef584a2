"""What a step is worth: the value that one point more of a share adds, and what-ifs."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.ladder.chain import Ladder, numbers_row
from custlib.loyalty.ladder.steps import (
    POINT,
    Step,
    chosen_steps,
    slopes_of,
    span_words,
    step_names,
    unknown_steps,
)
from custlib.loyalty.ladder.value import Amounts, Drawn, prepared
from custlib.loyalty.ladder.worth import require_lasting

Array = np.ndarray


def ladder_gains(
    transitions: pd.DataFrame,
    *,
    margins: Amounts,
    discount: float,
    donor: str | Mapping | None = None,
    customers: Mapping | Sequence | None = None,
    lasting: int | None = None,
    horizon: int | None = None,
    steps: str = "up",
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Value that one percentage point more of a share adds, taken from a named donor cell.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    margins, discount, horizon
        As in `ladder_value`.
    donor : str, or mapping from stage to str, optional
        Stage whose share of the row shrinks, so that the row stays at 1; "stay" takes the stage
        itself. By default the first absorbing stage, else "stay".
    customers : mapping by stage, or list in the order of the ladder, optional
        Customers who stand on each stage now: adds what the point is worth over all of them.
    lasting : int, optional
        Periods in which the share is higher, from now on; by default it stays so.
    steps : {"up", "all"}
        Steps to the next rung, or every transition.
    n_draws : int, default 2000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, next_stage, donor, measure, estimate, std_error, ci_low, ci_high, conf_level,
        probability_first, n, method, note. measure: per_customer (of one who stands on the stage
        now), base (all customers). probability_first is how often in the draws the step has the
        highest gain of its measure.

    Raises
    ------
    DataError
        No step from one rung to the next.
    ParameterError
        A donor that is no stage, or is the goal itself.

    Notes
    -----
    dV/dp_ij = [(I − P/(1 + d))⁻¹]_{·i} (V_j − V_donor)/(1 + d), times 0.01. A change that lasts L
    periods replaces the inverse by the sum of (P/(1 + d))^t for t below L, the discounted
    occupancy meanwhile: with L = 1 it is the present one. Slopes hold for small changes;
    `ladder_what_if` computes large ones.

    Assumes: one share moves and all others stay, the donor alone giving way; margins are known
    unless drawn.

    Not for: large moves (`ladder_what_if`), a ranking of steps without what a point costs at each
    (`ladder_budget`), or causes: a chain says what follows a change, not how to make it.

    References
    ----------
    Pfeifer, P. & Carraway, R. (2000). J. Interactive Marketing 14(2):43–55. Caswell, H. (2001).
    Matrix Population Models, 2nd ed. Sinauer.

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": list("aabbcc"), "period": [1, 2] * 3,
    ...                      "stage": ["low", "high", "low", "gone", "high", "gone"]})
    >>> moves = ladder_transitions(seen, ladder=["low", "high", "gone"], absorbing=["gone"])
    >>> gain = ladder_gains(moves.estimates, margins=[0, 100, 0], discount=0.25, seed=1)
    >>> gain["estimate"].round(9).tolist()  # 0.01 × 100/1.25
    [0.8]
    >>> # R: V(moved(1)) - V(P), V by solve
    """
    require_lasting(lasting)
    if steps not in ("up", "all"):
        raise ParameterError.not_one_of("steps", steps, ("up", "all"))
    drawn = prepared(transitions, margins, discount, horizon, n_draws, seed, conf_level)
    ladder = drawn.ladder
    wanted = chosen_steps(ladder, steps, donor)
    weights = None if customers is None else ladder.standing(customers)
    rows = []
    for measure, best, sample in _measures(drawn, wanted, weights, lasting):
        first = np.bincount(sample.argmax(axis=1), minlength=len(wanted)) / len(sample)
        for at, step in enumerate(wanted):
            row = step_names(ladder, step) | {"measure": measure, "conf_level": conf_level}
            row |= numbers_row(best[at], sample[:, at], conf_level)
            row |= {"probability_first": first[at]}
            row |= {"n": int(ladder.chain.counts[step[0]].sum()), "method": span_words(lasting)}
            rows.append(row | {"note": _impossible(ladder, step)})
    rows += unknown_steps(ladder, steps)
    return arrange(rows, keys=["stage", "next_stage", "donor", "measure"])


def _measures(
    drawn: Drawn, steps: list[Step], weights: Array | None, lasting: int | None
) -> Iterator[tuple[str, Array, Array]]:
    best, sample = slopes_of(drawn, steps, lasting)
    starts, columns = [step[0] for step in steps], range(len(steps))
    yield "per_customer", POINT * best[starts, columns], POINT * sample[:, starts, columns]
    if weights is not None:
        yield "base", POINT * weights @ best, POINT * np.einsum("s,dst->dt", weights, sample)


def _impossible(ladder: Ladder, step: Step) -> str:
    start, _, donor = step
    if ladder.chain.matrix[start, donor] < POINT:
        return "the donor has less than one point to give"
    return ""
