"""How long customers stay: periods until they leave, where they spend them, the long run."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.loyalty.ladder.chain import (
    NUMBERS,
    Ladder,
    ladder_chain,
    posterior_ends,
    reachable,
    require_exit,
)

Array = np.ndarray
NO_EXIT = "no way out was seen from here"
SEPARATE = "stages that do not lead to each other last equally long: no long run of them all"
BY_STAGE = ("periods", "periods_sd", "long_run_share")
METHOD = "fundamental matrix, posterior draws"


def ladder_lifetimes(
    transitions: pd.DataFrame,
    *,
    customers: Mapping | Sequence | None = None,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Periods until a customer leaves, the present one among them, and what lasts in the long run.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions` with an absorbing stage.
    customers : mapping by stage, or list in the order of the ladder, optional
        Adds the mean over these customers, as stage "all".
    n_draws : int, default 2000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, measure, estimate, std_error, ci_low, ci_high, conf_level, n, method, note.
        measure: periods (expected until absorbed), periods_sd (their standard deviation over
        customers), long_run_share (of those who have not left, after a long time), and for stage
        "all" long_run_retention (dominant eigenvalue: share of them that stays one period more).

    Raises
    ------
    DataError
        No absorbing stage, or none that anybody was seen to go to.

    Notes
    -----
    N = (I − Q)⁻¹ over the stages that are left some day; periods N·1, variance
    (2N − I)t − t². long_run_share is the left eigenvector of Q. Where no way out was seen from a
    stage, or from one it leads to, its row stays without numbers.

    Assumes: leaving is for good, the chance to leave hangs on the stage alone, and shares stay as
    they are far beyond the record.

    Not for: stages nobody was seen to leave, contracts with ends on record (`restricted_mean` needs
    no chain), or customers who return from "gone".

    References
    ----------
    Kemeny, J. & Snell, J. (1976). Finite Markov Chains. Springer. Darroch, J. & Seneta, E. (1965).
    J. Appl. Probability 2:88–100. doi:10.2307/3211876

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": [1, 1, 2, 2], "period": [1, 2, 1, 2],
    ...                      "stage": ["buyer", "gone", "buyer", "buyer"]})
    >>> moves = ladder_transitions(seen, absorbing=["gone"]).estimates
    >>> ladder_lifetimes(moves, seed=1)["estimate"].iloc[:2].round(3).tolist()  # 1/0.5
    [2.0, 1.414]
    >>> # R: markovchain::meanAbsorptionTime
    """
    ladder = ladder_chain(transitions)
    inside = _leaving(ladder)
    weights = np.zeros(len(ladder.names)) if customers is None else ladder.customers(customers)
    known = bool(weights.any()) and not weights[~_covered(ladder, inside)].any()

    def spans(matrices: Array) -> Array:
        visits = _visits(matrices, inside)
        periods = visits.sum(axis=-1)
        squares = (2 * visits - np.eye(visits.shape[-1])) @ periods[..., None]
        spread = np.sqrt(np.maximum(squares[..., 0] - periods**2, 0))
        retention, shares = _long_run(matrices, inside)
        parts = [periods, spread, shares, retention[..., None]]
        if known:
            share = weights[ladder.kept][inside] / weights.sum()
            parts.append((periods @ share)[..., None])
        return np.concatenate(parts, axis=-1)

    drawn = ladder.chain.draws(n_draws, seed)
    found = np.array(posterior_ends(spans, ladder.chain, drawn, conf_level=conf_level))
    k = len(inside)
    by_stage = {name: found[:, at * k : (at + 1) * k] for at, name in enumerate(BY_STAGE)}
    retention, mean = found[:, 3 * k], found[:, -1] if known else None
    if not _one_long_run(ladder.chain.matrix, inside):
        by_stage["long_run_share"][:] = retention[:] = np.nan
    rows = []
    names = [ladder.chain.names[at] for at in inside]
    for place, name in enumerate(ladder.names):
        for measure, numbers in by_stage.items():
            if not ladder.absorbing[place]:
                own = numbers[:, names.index(name)] if name in names else None
                note = "" if name in names else ladder.notes[place] or NO_EXIT
                rows.append(_row(name, measure, own, int(ladder.totals[place]), note))
    total = int(ladder.totals[~ladder.absorbing].sum())
    rows.append(_row("all", "long_run_retention", retention, total, ""))
    if customers is not None:
        why = "" if known else "customers stand on stages that are not computed"
        rows.append(_row("all", "periods", mean, total, why))
    for row in rows:
        if "long_run" in row["measure"] and not row["note"] and np.isnan(row["estimate"]):
            row["note"] = SEPARATE
    return arrange([row | {"conf_level": conf_level} for row in rows], keys=["stage", "measure"])


def ladder_visits(
    transitions: pd.DataFrame, *, n_draws: int = 2000, seed: int, conf_level: float = 0.95
) -> pd.DataFrame:
    """Periods that a customer of one stage spends on each before leaving: the fundamental matrix.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions` with an absorbing stage.
    n_draws : int, default 2000
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, next_stage, estimate (periods, the present one among them), std_error, ci_low,
        ci_high, conf_level, n, method, note.

    Raises
    ------
    DataError
        No absorbing stage, or none that anybody was seen to go to.

    Notes
    -----
    N = (I − Q)⁻¹. Q are the moves among stages that are left some day. See `ladder_lifetimes`.

    Assumes: a customer's further way forgets how the stage was reached; the absorbing stage is
    never left.

    Not for: time spent so far, which `ladder_stages` counts; periods beyond those that data support
    are an extrapolation (`ladder_occupancy` has a horizon).

    References
    ----------
    Kemeny, J. & Snell, J. (1976). Finite Markov Chains. Springer.

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": [1, 1, 2, 2], "period": [1, 2, 1, 2],
    ...                      "stage": ["buyer", "gone", "buyer", "buyer"]})
    >>> moves = ladder_transitions(seen, absorbing=["gone"]).estimates
    >>> ladder_visits(moves, seed=1)[["stage", "next_stage", "estimate"]].values.tolist()
    [['buyer', 'buyer', 2.0]]
    >>> # R: sum of 200 periods
    """
    ladder = ladder_chain(transitions)
    inside = _leaving(ladder)

    def flat(matrices: Array) -> Array:
        visits = _visits(matrices, inside)
        return visits.reshape(*visits.shape[:-2], -1)

    drawn = ladder.chain.draws(n_draws, seed)
    found = np.array(posterior_ends(flat, ladder.chain, drawn, conf_level=conf_level))
    visits = found.reshape(-1, len(inside), len(inside))
    names = [ladder.chain.names[at] for at in inside]
    rungs = [at for at in range(len(ladder.names)) if not ladder.absorbing[at]]
    rows = []
    for place in rungs:
        for other in rungs:
            name, to = ladder.names[place], ladder.names[other]
            both = name in names and to in names
            own = visits[:, names.index(name), names.index(to)] if both else None
            note = ladder.notes[place] or ladder.notes[other] or ("" if both else NO_EXIT)
            row = _row(name, None, own, int(ladder.totals[place]), note)
            rows.append(row | {"next_stage": to, "conf_level": conf_level})
    return arrange(rows, keys=["stage", "next_stage"])


def _row(stage: str, measure: str | None, own: Array | None, n: int, note: str) -> dict:
    numbers = [np.nan] * 4 if own is None else own.tolist()
    row = {"stage": stage} | ({} if measure is None else {"measure": measure})
    return row | dict(zip(NUMBERS, numbers, strict=True)) | {"n": n, "method": METHOD, "note": note}


def _leaving(ladder: Ladder) -> Array:
    """Places in the chain of the stages that are surely left some day."""
    chain = ladder.chain
    out = require_exit(ladder)
    # Who may come to a stage without a way out stays there for ever with some chance.
    trapped = reachable(chain.matrix)[:, ~out].any(axis=1)
    return np.flatnonzero(~trapped & ~chain.absorbing)


def _covered(ladder: Ladder, inside: Array) -> Array:
    """Which of all stages have a number, or end in the absorbing ones at once."""
    covered = ladder.absorbing.copy()
    covered[ladder.kept[inside]] = True
    return covered


def _visits(matrices: Array, inside: Array) -> Array:
    part = matrices[..., inside[:, None], inside]
    return np.linalg.inv(np.eye(len(inside)) - part)


def _long_run(matrices: Array, inside: Array) -> tuple[Array, Array]:
    """Dominant eigenvalue of the part that is left, and its left eigenvector with sum 1."""
    part = matrices[..., inside[:, None], inside]
    values, vectors = np.linalg.eig(np.swapaxes(part, -1, -2))
    first = values.real.argmax(axis=-1)
    vector = np.take_along_axis(vectors, first[..., None, None], axis=-1)[..., 0].real
    top = np.take_along_axis(values.real, first[..., None], axis=-1)[..., 0]
    return top, vector / vector.sum(axis=-1, keepdims=True)


def _one_long_run(matrix: Array, inside: Array) -> bool:
    """Whether one eigenvalue lies above all others."""
    values = np.sort(np.linalg.eigvals(matrix[np.ix_(inside, inside)]).real)
    return len(values) < 2 or bool(values[-1] - values[-2] > 1e-9)
