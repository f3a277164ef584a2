"""How many customers will stand on each stage, period by period."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.columns import arrange
from custlib.loyalty.ladder.chain import NUMBERS, ladder_chain, posterior_ends

Array = np.ndarray
Amounts: TypeAlias = Mapping | Sequence


def ladder_occupancy(
    transitions: pd.DataFrame,
    *,
    customers: Amounts,
    periods: int,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Customers expected on each stage in each period ahead, in the unit of `customers`.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    customers : mapping by stage, or list in the order of the ladder
        Where they stand now; shares give shares.
    periods : int
        Periods ahead, at least 1.
    n_draws : int, default 2000
        Matrices drawn from the posterior, at least 100.
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        period (ahead, 0 is now), stage, estimate, std_error, ci_low, ci_high, conf_level, n,
        method, note.

    Raises
    ------
    ParameterError
        Customers below zero, or on a stage whose moves are not known.

    Notes
    -----
    customers in period t = start · P^t. The interval is that of the expectation, from draws of the
    matrix; the number that comes varies about it by chance as well.

    Assumes: today's customers move by the same matrix in each period; nobody new comes.

    Not for: a forecast of sales or of a growing base; a range that single counts will lie in, as
    the interval is that of their expectation.

    References
    ----------
    Kemeny, J. & Snell, J. (1976). Finite Markov Chains. Springer.

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": [1, 1, 2, 2], "period": [1, 2, 1, 2],
    ...                      "stage": ["buyer", "gone", "buyer", "buyer"]})
    >>> moves = ladder_transitions(seen, absorbing=["gone"]).estimates
    >>> ahead = ladder_occupancy(moves, customers=[100, 0], periods=2, seed=1)
    >>> ahead.loc[ahead["stage"] == "buyer", "estimate"].tolist()  # R: c(100, 0) %*% P %*% P
    [100.0, 50.0, 25.0]
    """
    require_at_least("periods", periods, 1)
    ladder = ladder_chain(transitions)
    start = ladder.standing(customers)

    def expected(matrices: Array) -> Array:
        now = np.broadcast_to(start, (*matrices.shape[:-2], 1, len(start)))
        ahead = [now]
        for _ in range(periods):
            now = now @ matrices
            ahead.append(now)
        return np.concatenate(ahead, axis=-2)

    drawn = ladder.chain.draws(n_draws, seed)
    found = posterior_ends(expected, ladder.chain, drawn, conf_level=conf_level)
    wide = [ladder.spread(one) for one in found]
    rows = []
    for at in range(periods + 1):
        for place, name in enumerate(ladder.names):
            row = {"period": at, "stage": name, "conf_level": conf_level}
            numbers = (one[at, place] for one in wide)
            row |= dict(zip(NUMBERS, numbers, strict=True))
            row |= {"n": int(ladder.totals[place]), "note": ladder.notes[place]}
            rows.append(row | {"method": "start × matrix, posterior draws"})
    return arrange(rows, keys=["period", "stage"])
