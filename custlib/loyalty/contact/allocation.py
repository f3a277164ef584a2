"""How many contacts of each kind for each segment, and what a larger budget would bring."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_new_columns
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.contact.cells import (
    above_zero,
    from_zero,
    number_of_actions,
    read_cells,
    require_range,
)
from custlib.loyalty.contact.response import Plan, Problem, best_plan
from custlib.loyalty.contact.whole import best_whole_plan

Array = np.ndarray
ADDED = ["best_contacts", "best_cost", "best_value", "marginal_value"]
BINDS = 1e-9  # a price below this part of a unit is none
NEEDED = ("clients", "cost", "reach", "saturation", "value")


@dataclass(frozen=True, slots=True)
class ContactAllocation:
    """The best contacts of each cell, and the sums, limits and prices of the plan."""

    cases: pd.DataFrame
    estimates: pd.DataFrame


def allocate_contacts(
    contacts: pd.DataFrame,
    *,
    cap: float | None,
    segment: str = "segment",
    kind: str = "kind",
    clients: str = "clients",
    cost: str = "cost",
    reach: str = "reach",
    saturation: str = "saturation",
    value: str = "value",
    preparation: str | None = None,
    mean_contacts: str | None = None,
    most: str | None = None,
    capacity: str | Mapping[str, float] | None = None,
    whole: bool = False,
) -> ContactAllocation:
    """Contacts a client of each segment should get of each kind, at the greatest net value.

    Parameters
    ----------
    contacts : DataFrame, one row per segment and kind of contact
    cap : float or None
        Budget for contacts and preparation, at least 0; None for as much as pays.
    segment, kind, clients, cost : str
        Columns as for `contact_budget`; a contact must cost something.
    reach, saturation, value : str
        Columns of the share of clients (0–1) that contacts can win at the most, of the contacts
        that win 63 % of them, and of what one of them is worth.
    preparation, mean_contacts, most : str, optional
        Columns of the cost of preparing a kind, of a client's contacts today and at the most.
    capacity : str or dict of float, optional
        Column of the most contacts of a kind, over all segments, or these numbers by kind.
    whole : bool, default False
        Whole contacts a client.

    Returns
    -------
    ContactAllocation
        `.cases`: the rows of the table with best_contacts (of a client), best_cost, best_value and
        marginal_value (of the next unit of money). `.estimates`: measure (value, cost,
        preparation, net, contacts, shadow_price, and with `whole` bound), term, estimate, limit,
        verdict (binds or slack), method, note; with `mean_contacts` the same sums of today's plan.

    Raises
    ------
    DataError
        No rows, a cell twice, a number outside its range.
    ParameterError
        A negative cap or capacity, a capacity of an unknown kind, too many kinds with preparation.

    Notes
    -----
    net = Σ clients v r (1 − e^(−k/κ)) − cost of the contacts and of preparing them, the largest
    within the limits; v is the value, r the reach, κ the saturation, k the contacts a client gets.
    Kinds add up; a note tells where together they would win more clients than there are. Divisible
    contacts are exact: water-filling, and with preparation every set of kinds is tried. Whole ones
    come near the best, and the row "bound" says what none can pass. The shadow price is the net
    value of one unit more of a limit. Rows without a number get no contacts, and the note counts
    them.

    Assumes: reach, saturation and value are known; each contact brings less than the one before,
    from the first on; kinds do not help or disturb each other.

    Not for: guesses without `allocation_sensitivity` beside them, contacts that work only from the
    third on, contacts that annoy, or value that comes in later years.

    References
    ----------
    Little, J. (1970). Management Science 16:B466–B485. doi:10.1287/mnsc.16.8.B466

    Examples
    --------
    >>> cell = {"segment": "A", "kind": "call", "clients": 10, "cost": 1.0, "reach": 0.5,
    ...         "saturation": 2.0, "value": 8.0}
    >>> plan = allocate_contacts(pd.DataFrame([cell]), cap=None)  # R: optimize
    >>> round(float(plan.cases["best_contacts"].iloc[0]), 4)  # κ ln(v r/κ c) = 2 ln 2
    1.3863
    """
    columns: dict[str, str | None] = {"clients": clients, "cost": cost, "reach": reach}
    columns |= {"saturation": saturation, "value": value, "preparation": preparation}
    columns |= {"today": mean_contacts, "most": most}
    require_new_columns(contacts, ADDED)
    problem, usable, today = problem_of(contacts, segment, kind, columns, capacity, cap)
    plan = solve(problem, whole=whole)
    filled = np.full((len(ADDED), len(contacts)), np.nan)
    filled[:, usable] = _case_columns(problem, plan)
    cases = contacts.assign(**dict(zip(ADDED, filled, strict=True)))
    rows = _sums(problem, plan.contacts, "plan")
    rows += _sums(problem, today, "today") if today is not None else []
    if whole:
        bound = problem.net(best_plan(problem).contacts)
        rows.append({"measure": "bound", "term": "plan", "estimate": bound})
    kinds = list(dict.fromkeys(contacts[kind]))
    rows += _prices(problem, plan, kinds)
    left = int((~usable).sum())
    note = f"{left} cells lack a number and get no contacts" if left else ""
    method = "whole contacts: rounded, exchanged" if whole else "divisible contacts: exact"
    blank = {"limit": np.nan, "verdict": "", "note": ""}
    rows = [blank | {"method": method} | row for row in rows]
    twice = _counted_twice(contacts, segment, reach)
    rows[0]["note"] = "; ".join(part for part in (note, twice) if part)
    return ContactAllocation(cases, arrange(rows, keys=["measure", "term"]))


def _counted_twice(contacts: pd.DataFrame, segment: str, reach: str) -> str:
    """Segments whose kinds together could win more clients than there are."""
    sums = contacts.groupby(segment, sort=False)[reach].sum()
    names = ", ".join(map(str, sums.index[sums > 1 + BINDS]))
    return f"kinds together reach more than everybody in: {names}" if names else ""


def problem_of(
    contacts: pd.DataFrame,
    segment: str,
    kind: str,
    columns: Mapping[str, str | None],
    capacity: str | Mapping[str, float] | None,
    cap: float | None,
) -> tuple[Problem, Array, Array | None]:
    """The problem of the cells that lack no number, which rows they are, and today's contacts."""
    if cap is not None:
        require_at_least("cap", cap, 0)
    named = dict(columns) | {"capacity": capacity if isinstance(capacity, str) else None}
    cells = read_cells(contacts, keys=[kind, segment], numbers=named)
    for role in ("clients", "value", "preparation", "today", "most", "capacity"):
        require_range(contacts, cells, role, from_zero, "a finite number from 0 up")
    for role in ("cost", "saturation"):
        require_range(contacts, cells, role, above_zero, "a finite number above 0")
    require_range(contacts, cells, "reach", lambda x: (x >= 0) & (x <= 1), "a share from 0 to 1")
    prepared = number_of_actions(contacts, cells, [kind])
    room = number_of_actions(contacts, cells, [kind], role="capacity", absent=np.inf)
    limits = capacity if isinstance(capacity, Mapping) else {}
    strange = sorted(str(one) for one in set(limits) - set(prepared.index))
    if strange or any(not limit >= 0 for limit in limits.values()):
        raise ParameterError.because(
            f"capacity is {dict(limits)}.",
            f"Expected numbers from 0 up for kinds among: {', '.join(map(str, prepared.index))}.",
            "Correct the name or the number.",
        )
    usable = cells[list(NEEDED)].notna().all(axis=1).to_numpy()
    kept = cells[usable]
    today = kept["today"].fillna(0.0).to_numpy() if "today" in cells else None
    numbers = {name: kept[name].to_numpy(float) for name in NEEDED}
    most = kept["most"].fillna(np.inf).to_numpy(float) if "most" in cells else np.inf
    problem = Problem(
        **numbers,
        most=np.broadcast_to(most, len(kept)),
        kind=prepared.index.get_indexer(kept[kind]),
        preparation=prepared.to_numpy(float),
        capacity=np.array([limits.get(one, room[one]) for one in prepared.index], float),
        cap=np.inf if cap is None else float(cap),
    )
    return problem, usable, today


def solve(problem: Problem, *, whole: bool) -> Plan:
    """The best plan, in whole contacts or in divisible ones."""
    return best_whole_plan(problem) if whole else best_plan(problem)


def _case_columns(problem: Problem, plan: Plan) -> tuple[Array, ...]:
    """What is added to the cells that lack no number, in the order of ADDED."""
    k = plan.contacts
    marginal = problem.first_worth * np.exp(-k / problem.saturation) / problem.cost
    marginal = np.where(problem.clients > 0, marginal, np.nan)
    return k, problem.spent(k), problem.worth(k), marginal


def _sums(problem: Problem, contacts: Array, term: str) -> list[dict]:
    spent, prepared = float(problem.spent(contacts).sum()), problem.prepared(contacts)
    sums = {
        "value": float(problem.worth(contacts).sum()),
        "cost": spent,
        "preparation": prepared,
        "net": problem.net(contacts),
        "contacts": float(problem.made(contacts).sum()),
    }
    rows = [{"measure": name, "term": term, "estimate": value} for name, value in sums.items()]
    if spent + prepared > problem.cap * (1 + BINDS):
        rows[1]["note"] = "with preparation beyond the cap"
    return rows


def _prices(problem: Problem, plan: Plan, kinds: list) -> list[dict]:
    """What one unit more of each limit brings, and which limits bind."""
    rows = []
    used = float(problem.spent(plan.contacts).sum()) + problem.prepared(plan.contacts)
    limits = [("budget", problem.cap, plan.budget_price, used)]
    made = problem.made(plan.contacts)
    limits += [
        (str(name), limit, float(price), float(count))
        for name, limit, price, count in zip(
            kinds, problem.capacity, plan.kind_prices, made, strict=True
        )
    ]
    for term, limit, price, count in limits:
        if np.isinf(limit):
            continue
        row = {"measure": "shadow_price", "term": term, "estimate": price, "limit": limit}
        binding = price > BINDS if np.isfinite(price) else np.nan
        note = f"{count:,.0f} used" if np.isfinite(price) else "whole contacts have no price"
        verdict = "" if np.isnan(binding) else "binds" if binding else "slack"
        rows.append(row | {"verdict": verdict, "note": note})
    return rows
