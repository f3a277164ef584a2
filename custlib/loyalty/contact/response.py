"""Contacts that pay less the more there are: the best plan under a budget and capacities."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import compress, product

import numpy as np
from scipy.optimize import brentq

from custlib.errors import ParameterError

Array = np.ndarray
MOST_KINDS = 12  # kinds with a cost of preparation: every set of them is tried


@dataclass(frozen=True, slots=True)
class Problem:
    """Cells of a contact plan as arrays; `kind` is the code of each cell's kind.

    A client of a cell who gets k contacts is worth value · reach · (1 − exp(−k/saturation)).
    """

    clients: Array
    value: Array
    reach: Array
    saturation: Array
    cost: Array
    most: Array
    kind: Array
    preparation: Array
    capacity: Array
    cap: float

    def worth(self, contacts: Array) -> Array:
        """Value of each cell, before cost."""
        share = self.reach * -np.expm1(-contacts / self.saturation)
        return self.clients * self.value * share

    def spent(self, contacts: Array) -> Array:
        """Cost of the contacts of each cell, without preparation."""
        return self.clients * self.cost * contacts

    def made(self, contacts: Array) -> Array:
        """Contacts of each kind, over its segments."""
        return np.bincount(self.kind, self.clients * contacts, len(self.preparation))

    def prepared(self, contacts: Array) -> float:
        """Cost of preparing the kinds that have any contact."""
        return float(self.preparation[self.made(contacts) > 0].sum())

    def net(self, contacts: Array) -> float:
        """Value less all costs."""
        paid = self.spent(contacts).sum() + self.prepared(contacts)
        return float(self.worth(contacts).sum() - paid)

    @property
    def first_worth(self) -> Array:
        """What the first bit of contact is worth for a client of each cell."""
        return self.value * self.reach / self.saturation


@dataclass(frozen=True, slots=True)
class Plan:
    """Contacts of a client in each cell, and what one more unit of each limit would bring.

    `budget_price` is net value for one unit of money more, `kind_prices` for one contact more of
    each kind; NaN where contacts are whole.
    """

    contacts: Array
    budget_price: float
    kind_prices: Array


def best_plan(problem: Problem) -> Plan:
    """The plan of the greatest net value, over all sets of kinds that are prepared at all.

    Notes
    -----
    Once it is settled which kinds are prepared the problem is concave, and the conditions of
    Karush, Kuhn and Tucker are solved by root finding. Preparation makes it a choice among sets
    of kinds, and each set is tried.
    """
    best, top = None, -np.inf
    for open_cells, fixed in open_sets(problem):
        plan = plan_of_set(problem, open_cells, fixed)
        worth = problem.worth(plan.contacts).sum() - problem.spent(plan.contacts).sum() - fixed
        if best is None or worth > top + 1e-9 * max(abs(top), 1.0):
            best, top = plan, float(worth)
    return best or Plan(np.zeros(len(problem.cost)), np.nan, np.full(len(problem.capacity), np.nan))


def open_sets(problem: Problem) -> Iterator[tuple[Array, float]]:
    """Cells open, and the cost of preparing them, for every set of kinds that the cap affords."""
    chosen = np.flatnonzero(problem.preparation > 0)
    if len(chosen) > MOST_KINDS:
        raise ParameterError.because(
            f"{len(chosen)} kinds of contact have a cost of preparation.",
            f"Expected at most {MOST_KINDS}, as every set of them is tried.",
            "Leave small costs of preparation out, or join kinds.",
        )
    for included in product((False, True), repeat=len(chosen)):
        fixed = float(problem.preparation[list(compress(chosen, included))].sum())
        if fixed <= problem.cap:
            shut = [kind for kind, inside in zip(chosen, included, strict=True) if not inside]
            yield ~np.isin(problem.kind, shut), fixed


def plan_of_set(problem: Problem, open_cells: Array, fixed: float) -> Plan:
    """The best plan where the open cells may be used and their preparation is paid."""
    cap = problem.cap - fixed

    def plan_at(price: float) -> tuple[Array, Array]:
        prices = np.zeros(len(problem.capacity))
        for kind in np.flatnonzero(np.isfinite(problem.capacity)):
            prices[kind] = _kind_price(problem, open_cells, price, int(kind))
        return _contacts(problem, open_cells, price, prices[problem.kind]), prices

    def beyond(price: float) -> float:
        return float(problem.spent(plan_at(price)[0]).sum()) - cap

    top = float(np.max(problem.first_worth / problem.cost, initial=0.0))
    price = _root(beyond, top)
    contacts, prices = plan_at(price)
    return Plan(contacts, price, prices)


def _kind_price(problem: Problem, open_cells: Array, price: float, kind: int) -> float:
    """What a contact of a kind must cost beside money for its capacity to suffice."""
    inside = problem.kind == kind

    def beyond(extra: float) -> float:
        contacts = _contacts(problem, open_cells & inside, price, np.full(len(inside), extra))
        return float(problem.made(contacts)[kind] - problem.capacity[kind])

    return _root(beyond, float(np.max(problem.first_worth[inside], initial=0.0)))


def _contacts(problem: Problem, open_cells: Array, price: float, extra: Array) -> Array:
    """Contacts at which the next one is worth just what it costs at these prices."""
    paid = (1 + price) * problem.cost + extra
    with np.errstate(divide="ignore"):
        free = problem.saturation * np.log(problem.first_worth / paid)
    used = open_cells & (problem.clients > 0)
    return np.where(used, np.clip(free, 0.0, problem.most), 0.0)


def _root(beyond: Callable[[float], float], top: float) -> float:
    """Smallest price from 0 at which nothing goes beyond a limit that `top` surely keeps."""
    if beyond(0.0) <= 0:
        return 0.0
    return float(brentq(beyond, 0.0, top, xtol=1e-14, rtol=8.9e-16, maxiter=500))
