"""Steps on the ladder: from where to where, and which share shrinks in return."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.chain import Ladder
from custlib.loyalty.ladder.value import Drawn

Array = np.ndarray
POINT = 0.01
Step = tuple[int, int, int]  # from, to, donor: places in the chain


def chosen_steps(ladder: Ladder, steps: str, donor: str | Mapping | None) -> list[Step]:
    """Steps in the chain; every one with the donor of its row."""
    chain = ladder.chain
    rungs = [at for at in range(chain.k) if not chain.absorbing[at]]
    if steps == "up":
        # A rung left out breaks the ladder there: the step over it is another one.
        pairs = [(a, b) for a, b in pairwise(rungs) if ladder.kept[b] - ladder.kept[a] == 1]
    else:
        pairs = [(start, goal) for start in rungs for goal in range(chain.k)]
    found = []
    for start, goal in pairs:
        giver = _donor(ladder, start, donor)
        if giver == goal and steps == "all":
            continue
        found.append(one_step(ladder, chain.names[start], chain.names[goal], chain.names[giver]))
    if not found:
        raise DataError.because(
            "There is no step from one rung to the next.",
            f"Expected at least two rungs; there are: {', '.join(map(str, ladder.names))}.",
            "Pass a ladder with more rungs.",
        )
    return found


def _donor(ladder: Ladder, start: int, donor: str | Mapping | None) -> int:
    chain = ladder.chain
    name: Any = donor.get(chain.names[start]) if isinstance(donor, Mapping) else donor
    if name is None and chain.absorbing.any():
        return int(chain.absorbing.argmax())
    return start if name is None or name == "stay" else ladder.position("donor", name)


def one_step(ladder: Ladder, start: str, goal: str, donor: str) -> Step:
    places = ladder.position("stage", start), ladder.position("next_stage", goal)
    giver = places[0] if donor == "stay" else ladder.position("donor", donor)
    if giver == places[1] or ladder.chain.absorbing[places[0]]:
        raise ParameterError.because(
            f"A step from {start!r} to {goal!r} at the expense of {donor!r}.",
            "Expected a stage that customers leave, and a donor other than the goal.",
            "Name another donor.",
        )
    return (*places, giver)


def unknown_steps(ladder: Ladder, steps: str) -> list[dict]:
    """Rows of the rungs left out, with the reason."""
    rungs = [at for at, ends in enumerate(ladder.absorbing) if not ends]
    rows = []
    for start, goal in pairwise(rungs) if steps == "up" else ():
        why = ladder.notes[start] or ladder.notes[goal]
        if why:
            row: dict = {"stage": ladder.names[start], "next_stage": ladder.names[goal]}
            row |= {"donor": "", "measure": "per_customer", "n": int(ladder.totals[start])}
            rows.append(row | {"note": why})
    return rows


def step_names(ladder: Ladder, step: Step) -> dict:
    names = [ladder.chain.names[at] for at in step]
    return dict(zip(("stage", "next_stage", "donor"), names, strict=True))


def require_room(ladder: Ladder, changes: Sequence[tuple[Step, float]]) -> None:
    """Donors have what they shall give, all their changes together."""
    chain = ladder.chain
    given: dict[tuple[int, int], float] = {}
    for (start, _, donor), share in changes:
        if share < 0:
            raise ParameterError.because(
                f"A change of {share / POINT:g} points.",
                "Expected points above 0, which the donor loses.",
                "Swap the goal and the donor.",
            )
        given[start, donor] = given.get((start, donor), 0.0) + share
    for (start, donor), share in given.items():
        has = chain.matrix[start, donor]
        if share > has + 1e-12:
            raise ParameterError.because(
                f"{chain.names[start]} → {chain.names[donor]} has {has / POINT:.3g} points and"
                f" shall lose {share / POINT:.3g}.",
                "Expected that a donor loses no more than it has.",
                "Name another donor, or fewer points.",
            )


def shifted(matrices: Array, changes: Sequence[tuple[Step, Any]]) -> Array:
    """The matrices with shares moved; a donor never gives more than it has."""
    after = matrices.copy()
    for (start, goal, donor), share in changes:
        moved = np.minimum(share, after[..., start, donor])
        after[..., start, goal] += moved
        after[..., start, donor] -= moved
    return after


def slopes_of(drawn: Drawn, steps: Sequence[Step], lasting: int | None) -> tuple[Array, Array]:
    """Slopes of the value of each stage by step, (stage, steps) and (draws, stage, steps)."""
    worth, chain = drawn.worth, drawn.ladder.chain

    def of(matrices: Array, margins: Array) -> Array:
        slopes = worth.slopes(matrices, lasting, margins)
        parts = [slopes[..., i, j] - slopes[..., i, donor] for i, j, donor in steps]
        return np.stack(parts, axis=-1)

    return of(chain.matrix[None], worth.margins)[0], of(drawn.matrices, drawn.margins)


def span_words(lasting: int | None) -> str:
    span = "change stays" if lasting is None else f"change lasts {lasting} periods"
    return f"Pfeifer–Carraway, {span}, posterior draws"
