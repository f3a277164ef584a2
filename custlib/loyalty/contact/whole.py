"""A plan in whole contacts near the best divisible one, and how near at the least."""

import numpy as np

from custlib.loyalty.contact.response import Plan, Problem, open_sets, plan_of_set

Array = np.ndarray
TINY = 1e-9  # a gain below this part of the value is none


def best_whole_plan(problem: Problem) -> Plan:
    """Whole contacts of a great net value: each set's divisible plan, rounded down and filled up.

    Notes
    -----
    While a contact more pays and fits, that with the most net value for its money is added; then
    one contact is taken from a cell and one given to another as long as that gains. The divisible
    plan bounds what any whole one can reach, so the distance from the best is known to be no more.
    """
    best, top = np.zeros(len(problem.cost)), 0.0
    for open_cells, fixed in open_sets(problem):
        start = np.floor(plan_of_set(problem, open_cells, fixed).contacts + TINY)
        contacts = _filled(problem, open_cells, fixed, start)
        net = problem.net(contacts)
        if net > top + TINY * max(top, 1.0):
            best, top = contacts, net
    return Plan(best, np.nan, np.full(len(problem.preparation), np.nan))


def _filled(problem: Problem, open_cells: Array, fixed: float, contacts: Array) -> Array:
    """Add and exchange single contacts until nothing gains."""
    while True:
        more, less = _gains(problem, open_cells, contacts)
        money, room = _left(problem, fixed, contacts)
        price = problem.clients * problem.cost
        fits = (price <= money) & (problem.clients <= room[problem.kind])
        least = TINY * max(problem.net(contacts), 1.0)
        good = fits & (more > least)
        if good.any():
            at = int(np.argmax(np.where(good, more / price, -np.inf)))
            contacts = contacts + (np.arange(len(contacts)) == at)
            continue
        # Rows give a contact away, columns take one.
        swap = more[None, :] + less[:, None]
        freed = np.where(
            problem.kind[:, None] == problem.kind[None, :], problem.clients[:, None], 0.0
        )
        swap[price[None, :] - price[:, None] > money] = -np.inf
        swap[problem.clients[None, :] - freed > room[problem.kind][None, :]] = -np.inf
        np.fill_diagonal(swap, -np.inf)
        gives, takes = np.unravel_index(int(np.argmax(swap)), swap.shape)
        if not swap[gives, takes] > least:
            return contacts
        contacts = contacts.copy()
        contacts[gives] -= 1
        contacts[takes] += 1


def _gains(problem: Problem, open_cells: Array, contacts: Array) -> tuple[Array, Array]:
    """Net value of one contact more and of one less in each cell; −∞ where there is none."""
    own = problem.clients * problem.value * problem.reach
    curve = own * np.exp(-contacts / problem.saturation)
    price = problem.clients * problem.cost
    more = curve * -np.expm1(-1 / problem.saturation) - price
    less = price - curve * np.expm1(1 / problem.saturation)
    used = open_cells & (problem.clients > 0)
    return (
        np.where(used & (contacts + 1 <= problem.most), more, -np.inf),
        np.where(used & (contacts >= 1), less, -np.inf),
    )


def _left(problem: Problem, fixed: float, contacts: Array) -> tuple[float, Array]:
    """Money and contacts of each kind that are still to be had, with rounding's allowance."""
    money = problem.cap - fixed - float(problem.spent(contacts).sum())
    room = problem.capacity - problem.made(contacts)
    slack = TINY * (1.0 if np.isinf(problem.cap) else max(problem.cap, 1.0))
    return money + slack, room + TINY
