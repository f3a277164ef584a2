"""Clients who say where they heard of a firm, or that they have been there before."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray
# What each source cost in the year (euro), and the share of clients it brings, of those who come
# for the first time and of those who come again.
SOURCES = {
    "search advertising": (21000.0, 0.34, 0.12),
    "portal": (6500.0, 0.20, 0.10),
    "recommendation": (2400.0, 0.22, 0.52),
    "flyers": (9800.0, 0.10, 0.06),
    "radio": (14000.0, 0.05, 0.10),
    "trade fair": (11500.0, 0.09, 0.10),
    "posters": (4200.0, 0.0, 0.0),
}
BEEN_HERE = "I have been here before"
REPEAT, SAYS_SO, SILENT = 0.30, 0.80, 0.06
REVENUE = (6.3, 0.8)  # mean and standard deviation of the logarithm of a client's revenue, euro


@dataclass(frozen=True, slots=True)
class SimulatedSources:
    """Simulated clients with stated sources, costs of the sources, and where clients came from."""

    customers: pd.DataFrame
    costs: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write customers.csv, costs.csv and truth.json into a folder."""
        tables = {"customers": self.customers, "costs": self.costs}
        write_files(folder, tables=tables, truth=self.truth)


def simulate_sources(*, seed: int, n: int = 640) -> SimulatedSources:
    """Clients of one year, each come by one source that not everybody names.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 640
        Clients, at least 20.

    Returns
    -------
    SimulatedSources
        `customers`: customer, visit (first or repeat), source as stated, revenue. `costs`: source,
        cost. `truth` (dict): true counts by source, the source of each client, and the shares
        planted.

    Raises
    ------
    ParameterError
        The seed is negative, or n is below 20.

    Notes
    -----
    Simulated, not observed. Four of five who come again say that they have been there before, and
    a few say nothing. Who comes again is more often sent by somebody, so that the unknown sources
    are not divided as the known: an even share of them is wrong here, and bounds are not.

    Examples
    --------
    >>> found = simulate_sources(seed=20251103)
    >>> found.customers.shape, int(found.customers["source"].isna().sum()) > 0
    ((640, 4), True)
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 20)
    rng = np.random.default_rng(seed)
    names = np.array(list(SOURCES), dtype=object)
    repeat = rng.random(n) < REPEAT
    first, again = (
        rng.choice(len(names), size=n, p=[one[at] for one in SOURCES.values()]) for at in (1, 2)
    )
    true = names[np.where(repeat, again, first)]
    stated = np.where(repeat & (rng.random(n) < SAYS_SO), BEEN_HERE, true)
    stated[rng.random(n) < SILENT] = None
    customers = pd.DataFrame(
        {
            "customer": [f"K{at:04d}" for at in range(1, n + 1)],
            "visit": np.where(repeat, "repeat", "first"),
            "source": stated,
            "revenue": np.round(rng.lognormal(*REVENUE, n), 2),
        }
    )
    costs = pd.DataFrame({"source": names, "cost": [one[0] for one in SOURCES.values()]})
    counts = {name: int((true == name).sum()) for name in names}
    truth = {
        "simulated": True,
        "been_here": BEEN_HERE,
        "shares": {name: dict(zip(("first", "repeat"), one[1:], strict=True))
                   for name, one in SOURCES.items()},
        "counts": counts,
        "source": list(true),
    }  # fmt: skip
    return SimulatedSources(customers, costs, truth)
