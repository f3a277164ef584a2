"""Tables that every side is given; nothing in them is real but the customers of CDNOW."""

import sys
from collections.abc import Iterator
from itertools import chain, islice, product
from pathlib import Path

import numpy as np
import pandas as pd

# Each construct and those it acts on, as in the European Customer Satisfaction Index.
ACTS_ON = {
    "image": ("expectation", "satisfaction", "loyalty"),
    "expectation": ("quality", "value", "satisfaction"),
    "quality": ("value", "satisfaction"),
    "value": ("satisfaction",),
    "satisfaction": ("complaints", "loyalty"),
    "complaints": ("loyalty",),
}
BLOCKS = dict(zip([*ACTS_ON, "loyalty"], [4, 3, 4, 2, 3, 1, 3], strict=True))
PATHS = [(source, target) for source, targets in ACTS_ON.items() for target in targets]
GROUPS = 100
FIRST_DAY, DAYS = np.datetime64("2023-01-01", "s"), 731  # 24 months
PART = 1_000_000  # rows of orders made at once
ORDERS_1997 = Path(__file__).resolve().parents[1] / "data" / "cdnow" / "orders.csv"
LAST_DAY_1997 = np.datetime64("1997-09-30", "s")  # up to which the published models are fitted


def ratings(common: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Answers from 1 to 10 to k items that share what is common."""
    own = rng.normal(size=(len(common), k))
    return np.clip(np.round(6.5 + 1.2 * common[:, None] + 1.2 * own), 1, 10).astype(int)


def drivers(n: int, p: int, rng: np.random.Generator) -> pd.DataFrame:
    """An outcome and p drivers that hang together."""
    table = pd.DataFrame(ratings(rng.normal(size=n), p, rng)).add_prefix("driver_")
    effects = np.linspace(0.1, 1, p)
    return table.assign(outcome=table.to_numpy() @ effects + rng.normal(size=n) * p)


def scale(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Ten items that measure one thing."""
    return pd.DataFrame(ratings(rng.normal(size=n), 10, rng)).add_prefix("item_")


def satisfaction(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Items of the seven constructs of the European Customer Satisfaction Index."""
    scores: dict[str, np.ndarray] = {}
    columns = {}
    for name, k in BLOCKS.items():
        causes = [scores[source] for source, target in PATHS if target == name]
        scores[name] = rng.normal(size=n) * 0.7 + (sum(causes) / len(causes) if causes else 0)
        for at, answers in enumerate(ratings(scores[name], k, rng).T):
            columns[f"{name}_{at}"] = answers
    return pd.DataFrame(columns)


def top_boxes(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """One answer from 0 to 10 of each respondent in a hundred groups."""
    group = np.arange(n) % GROUPS
    answers = np.clip(np.round(7 + group / GROUPS + 2 * rng.normal(size=n)), 0, 10)
    return pd.DataFrame({"group": group, "answer": answers.astype(int)})


def answers(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Answers yes (1) or no (0) to eight items, by customers of three hidden classes."""
    yes = np.array([[0.9] * 8, [0.8] * 4 + [0.2] * 4, [0.1] * 8])
    hidden = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    return pd.DataFrame((rng.random((n, 8)) < yes[hidden]).astype(int)).add_prefix("item_")


def cdnow(n: int, _: np.random.Generator) -> pd.DataFrame:
    """The first n customers of CDNOW, as `buyers` are described: the only real ones here."""
    orders = pd.read_csv(ORDERS_1997, usecols=["id", "date"], parse_dates=["date"])
    days = orders[orders["date"] <= LAST_DAY_1997].drop_duplicates()
    seen = days.groupby("id")["date"].agg(["size", "min", "max"]).head(n)
    return described(
        seen["size"] - 1,
        (seen["max"] - seen["min"]).dt.days,
        (LAST_DAY_1997 - seen["min"]).dt.days,
    )


def buyers(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Customers who joined within a year, half a year to a year and a half ago.

    How often each buys is gamma distributed and how likely each purchase is the last one beta
    distributed, as fitted to CDNOW; a customer buys at most once a day.
    """
    rate, leaves = rng.gamma(0.243, 1 / 4.414, n) / 7, rng.beta(0.793, 2.426, n)
    age = rng.integers(183, 548, n)
    count, last = np.zeros(n, int), np.zeros(n, int)
    active = np.arange(n)
    while len(active):
        # A rate that underflows to zero is one of a customer who never comes back.
        wait = rng.exponential(size=len(active)) / np.maximum(rate[active], 1e-12)
        day = last[active] + np.ceil(wait)
        back = day <= age[active]
        active = active[back]
        count[active] += 1
        last[active] = day[back]
        active = active[rng.random(len(active)) >= leaves[active]]
    return described(count, last, age)


def described(count: np.ndarray, last: np.ndarray, age: np.ndarray) -> pd.DataFrame:
    """Repeat purchases, and in weeks: first purchase to last one, first purchase to today."""
    columns = {"frequency": count, "recency": last / 7, "T": age / 7}
    return pd.DataFrame(columns).rename_axis("customer_id").reset_index()


def spenders(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Purchases of each customer and their mean amount, by the gamma-gamma model, in cents."""
    count = 1 + rng.negative_binomial(0.5, 0.2, n)
    level = rng.gamma(3.74, 1 / 15.44, n)
    mean = np.round(rng.gamma(6.25 * count) / (level * count), 2)
    return pd.DataFrame({"frequency": count, "monetary_value": np.maximum(mean, 0.01)})


def stays(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Days that customers stayed, two years at the most; some are still there (event 0)."""
    left = np.ceil(rng.weibull(0.8, n) * 400)
    watched = rng.integers(1, DAYS, n)
    stayed = np.minimum(left, watched).astype(int)
    return pd.DataFrame({"duration": stayed, "event": (left <= watched).astype(int)})


def runs(resamples: int, n: int, _: np.random.Generator) -> pd.DataFrame:
    """What n runs of the satisfaction study are set to: every combination, and the resamples."""
    settings = product(("role", "market"), (1, 2, 3), ("answers", "index"))
    rows = [(*one, resamples) for one in islice(settings, n)]
    return pd.DataFrame(rows, columns=["by", "top_box", "scale", "n_boot"])


def orders(n: int, rng: np.random.Generator) -> Iterator[pd.DataFrame]:
    """Orders of n / 10 customers within 24 months, in no order, a part of the rows at a time.

    How much a customer buys is skewed (lognormal): a fifth of them place two thirds of the orders.
    Half of them are there from the first day, the others join later. Amounts are in cents.
    """
    customers = n // 10
    upto = np.cumsum(rng.lognormal(sigma=1.2, size=customers))
    joined = rng.integers(0, DAYS, customers) * rng.integers(0, 2, customers)
    for at in range(0, n, PART):
        size = min(PART, n - at)
        who = np.searchsorted(upto, rng.random(size) * upto[-1], side="right")
        day = joined[who] + (rng.random(size) * (DAYS - joined[who])).astype(int)
        amount = np.round(rng.lognormal(4, 0.5, size), 2)
        date = FIRST_DAY + day.astype("timedelta64[D]")
        yield pd.DataFrame({"customer": who, "date": date, "amount": amount})


MAKERS = {
    "lmg": drivers,
    "alpha": scale,
    "pls": satisfaction,
    "top_box": top_boxes,
    "latent": answers,
    "cdnow": cdnow,
    "buyers": buyers,
    "spenders": spenders,
    "stays": stays,
    "runs": runs,
}


def write(folder: Path, kind: str, *sizes: int) -> Path:
    """The table of a kind of job as a file; the same on every run, as the seed is.

    Orders are kept from one run to the next, as the largest of their files take minutes.
    """
    rng = np.random.default_rng(20260101)
    if kind in MAKERS:
        path = folder / f"{kind}_{'_'.join(map(str, sizes))}.csv"
        MAKERS[kind](*sizes, rng).to_csv(path, index=False)
        return path
    path = folder / f"orders_{sizes[0]}.parquet"
    if not path.exists():
        write_parts(path, orders(*sizes, rng))
    return path


def write_parts(path: Path, parts: Iterator[pd.DataFrame]) -> None:
    """Write tables under one another; the file has its name once it is complete."""
    import pyarrow as pa  # peers that need this module have no pyarrow
    import pyarrow.parquet as pq

    unfinished = path.with_suffix(".part")
    tables = (pa.Table.from_pandas(part, preserve_index=False) for part in parts)
    first = next(tables)
    with pq.ParquetWriter(unfinished, first.schema) as file:
        for table in chain([first], tables):
            file.write_table(table)
    unfinished.rename(path)


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])))
