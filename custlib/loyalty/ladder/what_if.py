"""What if: value by stage before and after some shares of the ladder are changed."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.loyalty.ladder.chain import NUMBERS, numbers_row
from custlib.loyalty.ladder.steps import POINT, one_step, require_room, shifted, span_words
from custlib.loyalty.ladder.value import Amounts, prepared
from custlib.loyalty.ladder.worth import require_lasting

Array = np.ndarray


def ladder_what_if(
    transitions: pd.DataFrame,
    *,
    changes: Sequence[tuple[str, str, str, float]],
    margins: Amounts,
    discount: float,
    customers: Mapping | Sequence | None = None,
    lasting: int | None = None,
    horizon: int | None = None,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Value by stage before and after shares are changed, computed anew and not by slopes.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    changes : list of (stage, next_stage, donor, points)
        Percentage points that the share gains and the donor's loses.
    margins, discount, horizon
        As in `ladder_value`.
    customers : mapping by stage, or list in the order of the ladder, optional
        Adds the sum over these customers, as stage "all".
    lasting : int, optional
        Periods in which the shares are changed; by default they stay so.
    n_draws : int, default 2000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, measure (before, after, gain), estimate, std_error, ci_low, ci_high, conf_level, n,
        method, note.

    Raises
    ------
    ParameterError
        A donor has fewer points than it shall lose.

    Notes
    -----
    gain = V(changed P) − V(P). V is that of `ladder_value`. Before and after use the same draws, so
    that the gain's interval is that of a pair. Where the donor of a draw has fewer points than it
    shall lose, it loses what it has.

    Assumes: the change happens as stated, at once, for all on the stage, and moves nothing else;
    the chain holds before and after.

    Not for: whether an action reaches those points, what it costs (`ladder_budget`), or a change of
    margins, which goes into `ladder_value` twice.

    References
    ----------
    Pfeifer, P. & Carraway, R. (2000). J. Interactive Marketing 14(2):43–55.

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": list("aabbcc"), "period": [1, 2] * 3,
    ...                      "stage": ["low", "high", "low", "gone", "high", "gone"]})
    >>> moves = ladder_transitions(seen, ladder=["low", "high", "gone"], absorbing=["gone"])
    >>> better = ladder_what_if(moves.estimates, changes=[("low", "high", "gone", 10)],
    ...                         margins=[0, 100, 0], discount=0.25, seed=1)
    >>> better["estimate"].iloc[:3].round(9).tolist()  # 0.5 and 0.6 of 100/1.25
    [40.0, 48.0, 8.0]
    >>> # R: V(moved(10)) - V(P), V by solve
    """
    require_lasting(lasting)
    drawn = prepared(transitions, margins, discount, horizon, n_draws, seed, conf_level)
    ladder, chain = drawn.ladder, drawn.ladder.chain
    named = [(one_step(ladder, *change[:3]), float(change[3]) * POINT) for change in changes]
    require_room(ladder, named)
    worth = drawn.worth
    sides = []
    for matrices, paid in ((chain.matrix[None], worth.margins), (drawn.matrices, drawn.margins)):
        before = worth.values(matrices, paid)
        after = worth.changed(matrices, shifted(matrices, named), lasting, paid)
        sides.append({"before": before, "after": after, "gain": after - before})
    rows = []
    for at, name in enumerate(ladder.names):
        known = not ladder.notes[at]
        own = np.eye(chain.k)[chain.names.index(name)] if known else None
        total = {"n": int(ladder.totals[at]), "note": ladder.notes[at]}
        rows += [{"stage": name} | row | total for row in _summed(sides, own, conf_level)]
    if customers is not None:
        weights = ladder.standing(customers)
        total = {"n": int(chain.counts[~chain.absorbing].sum()), "note": ""}
        rows += [{"stage": "all"} | row | total for row in _summed(sides, weights, conf_level)]
    common = {"conf_level": conf_level, "method": span_words(lasting)}
    return arrange([row | common for row in rows], keys=["stage", "measure"])


def _summed(sides: list[dict], weights: Array | None, conf_level: float) -> list[dict]:
    rows = []
    for measure in ("before", "after", "gain"):
        numbers = dict.fromkeys(NUMBERS, np.nan)
        if weights is not None:
            best, sample = (side[measure] @ weights for side in sides)
            numbers = numbers_row(best[0], sample, conf_level)
        rows.append({"measure": measure} | numbers)
    return rows
