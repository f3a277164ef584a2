"""The order book of a steel service centre: what each customer is like, and what it orders.

Everything is invented. A customer has a level, a steadiness, a time of joining and of leaving, and
a trend; rows that a clean book would not hold are added last, and counted.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

START = np.datetime64("2023-01")
YEAR = 12
SIGMA, LEVEL = 1.5, 2500.0  # sd of the log level; its median, euros a month
LEVEL_AND_STEADINESS = 0.4  # correlation: larger customers buy a little more steadily


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Share of customers of a kind, chance of a month with orders, orders in one, log spread."""

    share: float
    chance: tuple[float, float]
    further_orders: float
    spread: float


KINDS = {
    "X": Steadiness(0.25, (0.96, 0.99), 1.2, 0.25),
    "Y": Steadiness(0.40, (0.30, 0.55), 0.4, 0.45),
    "Z": Steadiness(0.35, (0.02, 0.08), 0.0, 0.60),
}
ONCE = 0.4  # of the customers of kind Z, those who order in one month only
JOINING, LEAVING = 0.35, 0.15
AT_LEAST = 6  # months anybody is a customer
TRENDS = {"growing": (0.10, 2.0), "declining": (0.10, 0.5)}  # share, factor a year
MARGIN = (0.08, 0.16)  # share of the amount
COST_TO_SERVE, COST_SPREAD = 110.0, 0.30  # mean, euros an order; log spread
DIRT = {"returns": 0.012, "cancellations": 0.006, "zero_amounts": 0.003}
DIRT |= {"missing_customers": 0.004, "duplicates": 0.003}
CUTS = {"a": 0.80, "b": 0.95, "x": 0.75, "z": 0.25}
DIGITS = 6


@dataclass(frozen=True, slots=True)
class SimulatedOrders:
    """A simulated order book and the customers behind it."""

    orders: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write orders.csv and truth.json into a folder."""
        write_files(folder, tables={"orders": self.orders}, truth=self.truth)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planted: the table of customers, and by customer and month chance and revenue."""

    customers: pd.DataFrame
    inside: np.ndarray
    chance: np.ndarray
    revenue: np.ndarray


def simulate_orders(*, seed: int, n: int = 400, months: int = 36) -> SimulatedOrders:
    """Order book with known truth: amounts and profits in euros, one row an order.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 400
        Customers, at least 20.
    months : int, default 36
        Months of the book from January 2023, at least 24.

    Returns
    -------
    SimulatedOrders
        `orders` (order, customer, date, amount, profit), `truth` (dict): every customer's planted
        level, kind and classes, the concentration to expect, and the counts and sums of returns,
        cancellations, zero amounts, rows without a customer and duplicates.

    Raises
    ------
    ParameterError
        The seed is negative, or there are too few customers or months.

    Notes
    -----
    Simulated, not observed. Level is lognormal; a customer who joins during the book orders in its
    first month, and everybody orders at least once. Revenue of a month with orders = level x
    months as a customer x trend, over the sum of chance x trend, x lognormal noise of mean 1, so
    that level is the expected revenue a month. Profit = margin x amount - cost of an order.

    Examples
    --------
    >>> book = simulate_orders(seed=1, n=50)
    >>> list(book.orders), book.truth["window"]["last_month"]
    (['order', 'customer', 'date', 'amount', 'profit'], '2025-12')
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 20)
    require_at_least("months", months, 2 * YEAR)
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(3)]
    plan = _plan(n, months, streams[0])
    clean = _clean_orders(plan, streams[1])
    orders, dirt = _with_dirt(clean, START + months, streams[2])
    sums = {"orders": round(float(clean["amount"].sum()), 2)} | dirt["sums"]
    truth = _truth(plan) | {"rows": len(orders), "orders": len(clean), **dirt, "sums": sums}
    return SimulatedOrders(orders, truth)


def _plan(n: int, months: int, rng: np.random.Generator) -> Plan:
    """Customers with their traits, and what each is expected to buy in each month."""
    score = rng.standard_normal(n)
    noise = np.sqrt(1 - LEVEL_AND_STEADINESS**2) * rng.standard_normal(n)
    # Kinds are cut from a normal score: their shares hold whatever the correlation with the level.
    place = stats.norm.cdf(LEVEL_AND_STEADINESS * score + noise)
    edges = np.cumsum([KINDS[kind].share for kind in "ZY"])
    kind = np.array(list("ZYX"))[np.searchsorted(edges, place)]
    ends = np.array([KINDS[one].chance for one in kind]).T
    chance = rng.uniform(*ends)
    chance[(kind == "Z") & (rng.random(n) < ONCE)] = 0
    joined = np.where(rng.random(n) < JOINING, rng.integers(1, months - AT_LEAST + 1, n), 0)
    left = np.where(
        (rng.random(n) < LEAVING) & (joined + AT_LEAST < months),
        rng.integers(np.minimum(joined + AT_LEAST, months - 1), months),
        months,
    )
    moving = [share for share, _ in TRENDS.values()]
    trend = rng.choice([*TRENDS, "level"], n, p=[*moving, 1 - sum(moving)])
    customers = pd.DataFrame(
        {
            "monthly_mean": LEVEL * np.exp(SIGMA * score),
            "kind": kind,
            "chance": chance,
            "joined": joined,
            "left": left,
            "trend": trend,
            "margin": rng.uniform(*MARGIN, n),
        },
        index=pd.Index([f"K{at:04d}" for at in range(1, n + 1)], name="customer"),
    )
    return _expected(customers, months)


def _expected(customers: pd.DataFrame, months: int) -> Plan:
    """Chance of orders and revenue by customer and month that the traits imply."""
    joined, left = (customers[name].to_numpy()[:, None] for name in ("joined", "left"))
    month = np.arange(months)
    inside = (joined <= month) & (month < left)
    chance = customers["chance"].to_numpy()[:, None] * inside
    # Who was a customer before the book began and would order in no month gets one at random.
    span = inside.sum(axis=1, keepdims=True)
    never = (1 - customers["chance"].to_numpy()[:, None]) ** span / span
    chance = np.where(joined == 0, chance + never * inside, chance)
    chance[(joined == month) & (joined > 0)] = 1
    factor = customers["trend"].map({name: one for name, (_, one) in TRENDS.items()}).fillna(1)
    trend = factor.to_numpy()[:, None] ** ((month - months / 2) / YEAR)
    spent = customers["monthly_mean"].to_numpy()[:, None] * span * trend
    return Plan(customers, inside, chance, spent / (chance * trend).sum(axis=1, keepdims=True))


def _clean_orders(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Orders without a flaw, in the order of their dates."""
    customers = plan.customers
    joined = customers["joined"].to_numpy()
    active = rng.random(plan.inside.shape) < customers["chance"].to_numpy()[:, None]
    active &= plan.inside
    active[np.flatnonzero(joined), joined[joined > 0]] = True
    anywhere = np.argmax(rng.random(active.shape) * plan.inside, axis=1)
    idle = np.flatnonzero(~active.any(axis=1))
    active[idle, anywhere[idle]] = True

    who, month = np.nonzero(active)
    kinds = [KINDS[kind] for kind in customers["kind"].to_numpy()[who]]
    noise = _noise(np.array([kind.spread for kind in kinds]), rng)
    count = 1 + rng.poisson([kind.further_orders for kind in kinds])
    cell = np.repeat(np.arange(len(who)), count)
    part = rng.uniform(0.5, 1.5, len(cell))
    part /= np.bincount(cell, part)[cell]
    amount = np.maximum((plan.revenue[who, month] * noise)[cell] * part, 0.01).round(2)
    cost = COST_TO_SERVE * _noise(np.full(len(cell), COST_SPREAD), rng)
    margin = customers["margin"].to_numpy()[who[cell]]
    day = rng.integers(0, 28, len(cell))
    orders = pd.DataFrame(
        {
            "customer": customers.index.to_numpy()[who[cell]],
            "date": (START + month[cell]).astype("datetime64[D]") + day,
            "amount": amount,
            "profit": (margin * amount - cost).round(2),
        }
    )
    return orders.sort_values("date", kind="stable", ignore_index=True)


def _noise(spread: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lognormal factors of mean 1."""
    return np.exp(spread * rng.standard_normal(len(spread)) - spread**2 / 2)


def _with_dirt(
    clean: pd.DataFrame, end: np.datetime64, rng: np.random.Generator
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The book with its flaws, in the order of dates, and how many and how much of each."""
    count = {name: max(1, round(share * len(clean))) for name, share in DIRT.items()}
    picked = rng.choice(len(clean), sum(count.values()), replace=False)
    parts = np.split(picked, np.cumsum(list(count.values()))[:-1])
    flaws = {name: clean.loc[rows].copy() for name, rows in zip(count, parts, strict=True)}
    numbers = ["amount", "profit"]
    back = flaws["returns"]
    back[numbers] = (back[numbers] * -rng.choice([0.25, 0.5, 1.0], (len(back), 1))).round(2)
    later = back["date"] + pd.to_timedelta(rng.integers(3, 21, len(back)), "D")
    back["date"] = later.clip(upper=end.astype("datetime64[D]") - 1)
    flaws["zero_amounts"][numbers] = 0.0, -COST_TO_SERVE
    flaws["missing_customers"]["customer"] = None
    flaws["cancellations"][numbers] *= -1

    own = [flaws[name] for name in ("returns", "zero_amounts", "missing_customers")]
    book = pd.concat([clean, *own], keys=range(4)).sort_values("date", kind="stable")
    book.insert(0, "order", [str(at) for at in range(100_001, 100_001 + len(book))])
    ids = book.loc[0, "order"]
    for name, prefix in (("cancellations", "C"), ("duplicates", "")):
        flaws[name].insert(0, "order", prefix + ids[flaws[name].index])
    book = pd.concat([book, flaws["cancellations"], flaws["duplicates"]])
    book = book.sort_values("date", kind="stable", ignore_index=True)
    book["date"] = book["date"].dt.strftime("%Y-%m-%d")
    sums = {name: round(float(rows["amount"].sum()), 2) for name, rows in flaws.items()}
    return book, {"dirt": count, "sums": sums}


def _truth(plan: Plan) -> dict[str, Any]:
    """Planted traits and classes of each customer, and the concentration they imply."""
    customers, revenue = plan.customers, plan.chance * plan.revenue
    months = revenue.shape[1]
    orders = plan.chance.sum(axis=1) * [1 + KINDS[one].further_orders for one in customers["kind"]]
    month = (START + np.arange(months + 1)).astype(str).astype(object)
    active = plan.chance.sum(axis=1) / months
    table = customers.drop(columns="chance").assign(
        joined=month[customers["joined"]],
        left=[None if at == months else f"{month[at]}-01" for at in customers["left"]],
        active_share=active,
        revenue=revenue.sum(axis=1),
        profit=customers["margin"] * revenue.sum(axis=1) - COST_TO_SERVE * orders,
        abc=_abc(revenue.sum(axis=1)),
        abc_first_year=_abc(revenue[:, :YEAR].sum(axis=1)),
        abc_last_year=_abc(revenue[:, -YEAR:].sum(axis=1)),
        xyz=np.select([active >= CUTS["x"], active >= CUTS["z"]], ["X", "Y"], "Z"),
    )
    table["loss_making"] = table["profit"] < 0
    of_levels = stats.norm.cdf(SIGMA - stats.norm.ppf(0.8))
    share = np.cumsum(np.sort(revenue.sum(axis=1))[::-1]) / revenue.sum()
    top = np.interp(0.2 * len(share), np.arange(len(share) + 1), [0, *share])
    return {
        "simulated": True,
        "estimand": "orders before returns and other flaws, expected of the planted customers",
        "window": {"first_month": month[0], "last_month": month[-2], "months": months},
        "cuts": CUTS,
        "share_of_kind": {name: kind.share for name, kind in KINDS.items()},
        "concentration": {
            "sigma": SIGMA,
            "top_20_share_of_levels": round(float(of_levels), DIGITS),
            "top_20_share": round(float(top), DIGITS),
            "gini": round(float(1 - (2 * (1 - share).sum() + 1) / len(share)), DIGITS),
        },
        "customers": table.round(DIGITS).to_dict("index"),
    }


def _abc(revenue: np.ndarray) -> list[str | None]:
    """Class by cumulative share, the customer that crosses a limit going up; None without any."""
    order = np.argsort(-revenue, kind="stable")
    before = np.cumsum(revenue[order]) - revenue[order]
    place = np.searchsorted(np.array([CUTS["a"], CUTS["b"]]) * revenue.sum(), before, side="right")
    classes = np.empty(len(revenue), dtype=object)
    classes[order] = np.array(["A", "B", "C"], dtype=object)[place]
    classes[revenue == 0] = None
    return list(classes)
