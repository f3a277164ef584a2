"""How the best plan and its value change when an input is more or less than believed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_list, require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.contact.allocation import problem_of, solve
from custlib.loyalty.contact.response import Problem

Array = np.ndarray
BY_KIND = ("value", "reach", "saturation", "cost")
INPUTS = ("value", "reach", "saturation", "cost", "preparation", "cap", "capacity")


def allocation_sensitivity(
    contacts: pd.DataFrame,
    *,
    cap: float | None,
    swing: float = 0.2,
    by_kind: Sequence[str] = ("reach",),
    segment: str = "segment",
    kind: str = "kind",
    clients: str = "clients",
    cost: str = "cost",
    reach: str = "reach",
    saturation: str = "saturation",
    value: str = "value",
    preparation: str | None = None,
    most: str | None = None,
    capacity: str | Mapping[str, float] | None = None,
    whole: bool = False,
) -> pd.DataFrame:
    """Net value (money) of the best plan when one input is a part less or more: a tornado.

    Parameters
    ----------
    contacts, cap, segment, kind, clients, cost, reach, saturation, value, preparation, most,
    capacity, whole
        As for `allocate_contacts`.
    swing : float in (0, 1), default 0.2
        Part by which each input is made less and more, in all cells at once; a share of clients
        stays at most 1.
    by_kind : list of str, default ["reach"]
        Inputs changed for one kind of contact at a time: reach, saturation, cost, value.

    Returns
    -------
    DataFrame, two rows per input, the largest reach of net values first
        term, direction (less, more), measure ("net"), estimate (of the plan made anew), effect
        (money of contacts that moves to other cells, a share of today's spending), effect_kind,
        regret (what keeping the old plan loses against it), limit (net value as believed), note.

    Raises
    ------
    DataError, ParameterError
        As for `allocate_contacts`; a swing outside 0–1, an input that `by_kind` cannot name.

    Notes
    -----
    estimate = net value of the best plan with the input × (1 ± swing); regret = estimate − net
    value of the old plan then. A regret near zero says that the plan is right whatever the input
    is. Reach and value only count as a product, so both of them in all cells at once say the same.
    Where the old plan would go beyond the cap it cannot be kept, and has no regret.

    Assumes: one input is wrong at a time, by the same part in all cells (or all of one kind); what
    is changed stays within its range.

    Not for: how likely an input is wrong, as `swing` is a choice and no interval, or doubts about
    the form of the response: see `allocate_contacts`.

    References
    ----------
    Eschenbach, T. (1992). Interfaces 22:40–46. doi:10.1287/inte.22.6.40

    Examples
    --------
    >>> cell = {"segment": "A", "kind": "call", "clients": 10, "cost": 1.0, "reach": 0.5,
    ...         "saturation": 2.0, "value": 8.0}
    >>> swung = allocation_sensitivity(pd.DataFrame([cell]), cap=None)
    >>> list(zip(swung["term"], swung["direction"]))[0], swung["limit"].round(2).iloc[0].item()
    (('value', 'less'), 6.14)
    """
    if not 0 < swing < 1:
        raise ParameterError.because(
            f"swing is {swing}.", "Expected a part strictly between 0 and 1.", "Pass swing=0.2."
        )
    require_list("by_kind", by_kind)
    for name in by_kind:
        require_one_of("by_kind", name, BY_KIND)
    columns: dict[str, str | None] = {"clients": clients, "cost": cost, "reach": reach}
    columns |= {"saturation": saturation, "value": value, "preparation": preparation, "most": most}
    problem, _, _ = problem_of(contacts, segment, kind, columns, capacity, cap)
    base = solve(problem, whole=whole)
    believed = problem.net(base.contacts)
    pairs = []
    for name, inside in _inputs(problem, list(dict.fromkeys(contacts[kind])), by_kind):
        rows = []
        for direction, factor in (("less", 1 - swing), ("more", 1 + swing)):
            turned = _turned(problem, name.split(": ")[0], inside, factor)
            plan = solve(turned, whole=whole)
            row: dict[str, Any] = {"term": name, "direction": direction, "measure": "net"}
            row |= {"estimate": turned.net(plan.contacts), "limit": believed}
            row |= {"effect": _moved(problem, base.contacts, plan.contacts)}
            rows.append(row | _regret(turned, plan.contacts, base.contacts))
        pairs.append(rows)
    pairs.sort(key=lambda rows: -abs(rows[1]["estimate"] - rows[0]["estimate"]))
    flat = [row | {"effect_kind": "share of spending moved"} for rows in pairs for row in rows]
    return arrange(flat, keys=["term", "direction", "measure"])


def _inputs(
    problem: Problem, kinds: Sequence[str], by_kind: Sequence[str]
) -> Iterator[tuple[str, Array | None]]:
    """Name of each input and the cells it is changed in, None for all; only inputs there are."""
    for term in INPUTS:
        values = np.atleast_1d(getattr(problem, term))
        if not (np.isfinite(values) & (values > 0)).any():
            continue
        if term not in by_kind:
            yield term, None
            continue
        yield from ((f"{term}: {one}", problem.kind == at) for at, one in enumerate(kinds))


def _turned(problem: Problem, term: str, cells: Array | None, factor: float) -> Problem:
    factors = factor if cells is None else np.where(cells, factor, 1.0)
    values = getattr(problem, term) * factors
    return replace(problem, **{term: np.minimum(values, 1.0) if term == "reach" else values})


def _moved(problem: Problem, before: Array, after: Array) -> float:
    """Half the distance of the shares of spending: how much of it goes elsewhere."""
    first, second = problem.spent(before), problem.spent(after)
    if first.sum() == 0 or second.sum() == 0:
        return np.nan
    return float(np.abs(first / first.sum() - second / second.sum()).sum() / 2)


def _regret(problem: Problem, best: Array, kept: Array) -> dict:
    """What the old plan loses against the new one, where it can be carried out at all."""
    paid = float(problem.spent(kept).sum()) + problem.prepared(kept)
    over = (problem.made(kept) > problem.capacity * (1 + 1e-9)).any()
    if paid > problem.cap * (1 + 1e-9) or over:
        return {"regret": np.nan, "note": "the old plan goes beyond a limit"}
    new, old = problem.net(best), problem.net(kept)
    # A difference below the accuracy of the root finding is none.
    return {"regret": new - old if new - old > 1e-9 * abs(new) else 0.0, "note": ""}
