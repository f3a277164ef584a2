"""Simulated tables that every side is given; nothing in them is real."""

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


MAKERS = {"lmg": drivers, "alpha": scale, "pls": satisfaction, "top_box": top_boxes}


def write(folder: Path, kind: str, *sizes: int) -> Path:
    """The table of a kind of job as a file; the same on every run, as the seed is."""
    path = folder / f"{kind}_{'_'.join(map(str, sizes))}.csv"
    MAKERS[kind](*sizes, np.random.default_rng(20260101)).to_csv(path, index=False)
    return path
