"""Customers on a loyalty ladder: planted moves, and the events by which rules find them again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray
STAGES = ("prospect", "visitor", "buyer", "regular", "adherent", "lost")
LETTERS = "PVBRAL"  # one a stage, for the paths kept in the truth
LOST = STAGES.index("lost")
# Shares of one quarter that stand on each stage in the next. The step from buyer to regular is the
# narrowest: three in ten of those who stand before it ever take it.
MOVES = (
    (0.56, 0.27, 0.06, 0.00, 0.00, 0.11),
    (0.19, 0.41, 0.28, 0.01, 0.00, 0.11),
    (0.04, 0.18, 0.59, 0.07, 0.01, 0.11),
    (0.01, 0.03, 0.16, 0.62, 0.15, 0.03),
    (0.00, 0.01, 0.04, 0.18, 0.75, 0.02),
    (0.00, 0.00, 0.00, 0.00, 0.00, 1.00),
)
START = (0.28, 0.22, 0.27, 0.15, 0.08, 0.00)  # of those who are listed when the records begin
JOINING = (0.70, 0.30, 0.00, 0.00, 0.00, 0.00)  # of those who are listed later
FIRST = np.datetime64("2022-01")
LISTED_FIRST = 2 / 3  # of all customers
UNOBSERVED = 0.015  # of the quarters after the first of a customer
# Orders of a quarter: at least, and the mean of what comes on top.
ORDERS = {"buyer": (1, 0.0), "regular": (2, 0.7), "adherent": (1, 2.0)}
VISITS = {"visitor": (1, 0.5), "buyer": (0, 0.8), "regular": (0, 1.2), "adherent": (0, 1.5)}
REFERRALS = {"adherent": (1, 0.3)}
AMOUNT, SPREAD = {"buyer": 60.0, "regular": 75.0, "adherent": 90.0}, 0.45  # mean, log spread
RULES = (
    "lost: closed >= 1",
    "adherent: referral >= 1 in last 1",
    "regular: order >= 2 in last 1",
    "buyer: order >= 1 in last 1",
    "visitor: visit >= 1 in last 1",
    "prospect: otherwise",
)


@dataclass(frozen=True, slots=True)
class SimulatedLadder:
    """Simulated events and the moves behind them."""

    events: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write events.csv and truth.json into a folder."""
        write_files(folder, tables={"events": self.events}, truth=self.truth)


def simulate_ladder_events(*, seed: int, n: int = 480, quarters: int = 12) -> SimulatedLadder:
    """Events of customers who climb and fall on a ladder whose moves are known.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 480
        Customers, at least 20.
    quarters : int, default 12
        Quarters from 2022 on, at least 4.

    Returns
    -------
    SimulatedLadder
        `events`: customer, date, event (listed, visit, order, referral, closed, no_record), amount
        (euro, of orders only). `truth` (dict): stages, moves, start, joining, the rules, expected
        revenue of a quarter by stage, and the path of each customer, a letter a quarter.

    Raises
    ------
    ParameterError
        The seed is negative, or there are too few customers or quarters.

    Notes
    -----
    Simulated, not observed. Two thirds are listed when the records begin, the others in one of the
    quarters 2 to 9. The next stage hangs on the present one only. In a quarter not recorded the
    path goes on, but visits, orders and referrals are lost and an event no_record says so; whoever
    closes the account is known to have done so. By the rules every observed quarter has exactly
    the planted stage.

    Examples
    --------
    >>> ladder = simulate_ladder_events(seed=1, n=50)
    >>> list(ladder.events), len(ladder.truth["paths"])
    (['customer', 'date', 'event', 'amount'], 50)
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 20)
    require_at_least("quarters", quarters, 4)
    paths_stream, events_stream = np.random.SeedSequence(seed).spawn(2)
    random = np.random.default_rng(paths_stream)
    paths = _paths(random, n, quarters)
    began = (paths >= 0).argmax(axis=1)
    hidden = random.random(paths.shape) < UNOBSERVED
    # The first quarter of a customer and those after the last are never in doubt.
    hidden &= (np.arange(quarters) > began[:, None]) & (paths != LOST)
    events = _events(np.random.default_rng(events_stream), paths, began, hidden)
    return SimulatedLadder(events, _truth(paths, hidden))


def _paths(random: np.random.Generator, n: int, quarters: int) -> Array:
    """Stage of each customer and quarter, −1 before the customer is listed."""
    paths = np.full((n, quarters), -1)
    early = round(LISTED_FIRST * n)
    first = np.zeros(n, int)
    first[early:] = random.integers(1, min(9, quarters - 1), n - early)
    first = random.permutation(first)
    for at in range(quarters):
        chance = random.random(n)
        before = paths[:, at - 1] if at else np.full(n, -1)
        shares = np.where(before[:, None] >= 0, np.array(MOVES)[before], JOINING)
        shares[first == 0] = START if at == 0 else shares[first == 0]
        stage = (chance[:, None] > shares.cumsum(axis=1)[:, :-1]).sum(axis=1)
        paths[:, at] = np.where(at >= first, stage, -1)
    return paths


def _events(random: np.random.Generator, paths: Array, began: Array, hidden: Array) -> pd.DataFrame:
    kinds = {"visit": VISITS, "order": ORDERS, "referral": REFERRALS}
    parts = [_at(np.arange(len(paths)), began, "listed")]
    for kind, laws in kinds.items():
        counts = np.zeros(paths.shape, int)
        for stage, (least, more) in laws.items():
            inside = paths == STAGES.index(stage)
            counts[inside] = least + random.poisson(more, inside.sum())
        counts[hidden] = 0
        rows, columns = np.nonzero(counts)
        times = counts[rows, columns]
        parts.append(_at(np.repeat(rows, times), np.repeat(columns, times), kind))
    lost = paths == LOST
    lost[:, 1:] &= paths[:, :-1] != LOST
    for inside, kind in ((lost, "closed"), (hidden, "no_record")):
        rows, columns = np.nonzero(inside)
        parts.append(_at(rows, columns, kind))
    table = pd.concat(parts, ignore_index=True)
    month = FIRST + 3 * table["quarter"].to_numpy()
    days = (month + 3).astype("datetime64[D]") - month.astype("datetime64[D]")
    offset = (random.random(len(table)) * days.astype(int)).astype(int)
    fixed = table["event"].isin(["listed", "no_record"]).to_numpy()
    table["date"] = month.astype("datetime64[D]") + np.where(fixed, 0, offset)
    bought = (table["event"] == "order").to_numpy()
    means = np.array([AMOUNT.get(name, 0.0) for name in STAGES])
    mean = means[paths[table["row"], table["quarter"]]]
    noise = np.exp(SPREAD * random.standard_normal(len(table)) - SPREAD**2 / 2)
    table["amount"] = np.where(bought, np.maximum(np.round(mean * noise, 2), 0.01), np.nan)
    table["customer"] = [f"C{row + 1:04d}" for row in table["row"]]
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    order = ["date", "customer", "event", "amount"]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    return table[["customer", "date", "event", "amount"]]


def _at(rows: Array, quarters: Array, event: str) -> pd.DataFrame:
    return pd.DataFrame({"row": rows, "quarter": quarters, "event": event})


def _truth(paths: Array, hidden: Array) -> dict[str, Any]:
    letters = np.array([*LETTERS, "."])  # the last stands for a quarter before the first
    texts = ["".join(letters[path]) for path in paths]
    names = [f"C{row + 1:04d}" for row in range(len(paths))]
    rows, columns = np.nonzero(hidden)
    revenue = {stage: (least + more) * AMOUNT[stage] for stage, (least, more) in ORDERS.items()}
    return {
        "simulated": True,
        "stages": [*STAGES],
        "moves": [[*row] for row in MOVES],
        "start": [*START],
        "joining": [*JOINING],
        "rules": [*RULES],
        "revenue_a_quarter": {name: round(revenue.get(name, 0.0), 6) for name in STAGES},
        "unobserved": [f"{names[row]} {at + 1}" for row, at in zip(rows, columns, strict=True)],
        "letters": dict(zip(LETTERS, STAGES, strict=True)),
        "paths": dict(zip(names, texts, strict=True)),
    }
