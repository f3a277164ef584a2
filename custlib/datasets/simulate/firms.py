"""Firms that buy from one supplier: planted needs, and variables that do or do not segment them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Segment:
    """What is planted of one segment: its share, its needs and how its firms buy."""

    name: str
    share: float
    processes: tuple[float, ...]  # shares of PROCESSES
    tonnage: float  # mean of log10 tonnes a year
    technical: float  # mean score of the technical requirement, 0-100
    people: float  # mean number of people who decide beyond the first
    needs: tuple[float, ...]  # mean scores of NEEDS, 0-100
    decisive: tuple[float, ...]  # probability that each of ANSWERS is "decisive"
    orders: float  # orders a year
    special: float  # share of special grades
    calls: float  # technical calls a year


PROCESSES = ("stamping", "welding", "machining", "construction", "trading")
NEEDS = ("price_need", "delivery_need", "technical_need", "service_need")
ANSWERS = (
    "answer_price",
    "answer_payment",
    "answer_delivery",
    "answer_stock",
    "answer_support",
    "answer_development",
)
LEVELS = ("unimportant", "useful", "decisive")
SEGMENTS = (
    Segment("price buyers", 0.35, (0.10, 0.10, 0.06, 0.56, 0.18), 3.3, 35, 1.0,
            (78, 45, 30, 40), (0.80, 0.70, 0.20, 0.25, 0.08, 0.06), 7, 0.10, 2),
    Segment("just-in-time makers", 0.28, (0.58, 0.22, 0.08, 0.06, 0.06), 4.0, 52, 3.0,
            (48, 80, 48, 52), (0.30, 0.20, 0.85, 0.70, 0.20, 0.18), 26, 0.25, 5),
    Segment("technical partners", 0.22, (0.08, 0.22, 0.58, 0.06, 0.06), 3.4, 78, 5.5,
            (28, 48, 82, 62), (0.12, 0.15, 0.35, 0.18, 0.85, 0.80), 12, 0.62, 14),
    Segment("stockists", 0.15, (0.05, 0.07, 0.05, 0.15, 0.68), 2.7, 22, 0.6,
            (58, 62, 24, 80), (0.60, 0.75, 0.60, 0.80, 0.15, 0.05), 18, 0.05, 3),
)  # fmt: skip
PLANS = ("fixed plan", "rolling plan", "no plan")
REGIONS = ("north", "east", "south", "west")
GOOD = ("process", "tonnage_class", "technical_score", "buying_centre")
DECOYS = {
    "satisfaction_class": "independent_of_relationship",
    "planning_style": "measurable",
    "headcount_class": "independent_of_others",
    "region": "similar_buying",
}
ROLES = {
    "relationship": ["tenure_years", "satisfaction", "discount_share", "share_of_wallet"],
    "behaviour": ["orders_per_year", "special_share", "technical_calls", "rush_share"],
    "repeated": {
        name: f"{name}_second" for name in ("process", "technical_score", "planning_style")
    },
}
NEED_SD, TONNAGE_SD, TECHNICAL_SD = 11.0, 0.35, 13.0
HEADCOUNT_SD = 0.30  # of log10, beside the tonnage that headcount follows
LOST = {"process": 0.02, "technical_score": 0.03, "planning_style": 0.30}
READ_RIGHT = {"process": 0.95, "planning_style": 0.65}
READING_SD = 4.0
PRICE_PER_TONNE, MARGIN = 0.8, 0.18  # thousand euro a tonne; share of revenue before service


@dataclass(frozen=True, slots=True)
class SimulatedFirms:
    """Simulated firms, the segment each was drawn from and what was planted of the segments."""

    customers: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write customers.csv and truth.json into a folder."""
        write_files(folder, tables={"customers": self.customers}, truth=self.truth)


def simulate_b2b_firms(*, seed: int, n: int = 600) -> SimulatedFirms:
    """Firms of four planted segments of needs, with good variables and four decoys.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 600
        Firms, at least 20.

    Returns
    -------
    SimulatedFirms
        `customers`: customer, candidates for segmentation, second readings of three of them,
        traits of the relationship, buying behaviour, scores of needs (0-100), answers (unimportant,
        useful, decisive), and money in thousand euro a year. `truth` (dict): the segment of each
        firm, shares, means, probabilities, and the criterion that each decoy breaks.

    Raises
    ------
    ParameterError
        The seed is negative, or n is below 20.

    Notes
    -----
    Simulated, not observed. Needs, process, tonnage, technical requirement and people who decide
    depend on the segment and on nothing else; the relationship depends on no segment. Each decoy
    breaks one criterion: satisfaction_class is cut from satisfaction and raises the number of
    orders; planning_style moves rush orders, but is read right in 65 % and lost in 30 %;
    headcount_class repeats tonnage_class; region has to do with nothing.

    Examples
    --------
    >>> firms = simulate_b2b_firms(seed=20250701)
    >>> firms.customers.shape[0], firms.truth["segments"]["stockists"]["share"]
    (600, 0.15)
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 20)
    rng = np.random.default_rng(seed)
    segment = rng.choice(len(SEGMENTS), size=n, p=[one.share for one in SEGMENTS])
    relationship = _relationship(rng, n)
    candidates, plan = _candidates(rng, segment, relationship["satisfaction"])
    behaviour = _behaviour(
        rng, segment, candidates["log_tonnage"], relationship["satisfaction"], plan
    )
    columns: dict[str, Any] = {"customer": [f"F{at:04d}" for at in range(1, n + 1)]}
    columns |= candidates | relationship | behaviour
    columns |= _needs(rng, segment)
    columns |= _money(rng, columns)
    del columns["log_tonnage"]
    return SimulatedFirms(pd.DataFrame(columns), _truth(segment))


def _planted(segment: Array, field: str) -> Array:
    return np.array([getattr(one, field) for one in SEGMENTS])[segment]


def _relationship(rng: np.random.Generator, n: int) -> dict[str, Array]:
    """How long and how well firm and supplier know each other; no segment enters."""
    tenure = np.round(rng.gamma(2.0, 4.0, n), 1)
    satisfaction = np.clip(np.round(68 + 14 * rng.standard_normal(n)), 0, 100).astype(int)
    discount = 0.02 + 0.003 * np.minimum(tenure, 20) + 0.02 * rng.random(n)
    wallet = _logistic(0.035 * (satisfaction - 68) - 0.2 + 0.7 * rng.standard_normal(n))
    return {
        "tenure_years": tenure,
        "satisfaction": satisfaction,
        "discount_share": np.round(discount, 4),
        "share_of_wallet": np.round(wallet, 4),
    }


def _candidates(
    rng: np.random.Generator, segment: Array, satisfaction: Array
) -> tuple[dict[str, Any], Array]:
    """Variables that could segment, good ones and decoys, and the true plan behind one of them."""
    n = len(segment)
    process = _choose(rng, _planted(segment, "processes"))
    tonnage = _planted(segment, "tonnage") + TONNAGE_SD * rng.standard_normal(n)
    technical = _planted(segment, "technical") + TECHNICAL_SD * rng.standard_normal(n)
    headcount = tonnage + HEADCOUNT_SD * rng.standard_normal(n)
    people = 1 + rng.poisson(_planted(segment, "people"))
    plan = rng.integers(len(PLANS), size=n)
    columns: dict[str, Any] = {}
    for suffix in ("", "_second"):
        columns[f"process{suffix}"] = _reading(rng, process, PROCESSES, "process")
        scores = np.clip(np.round(technical + READING_SD * rng.standard_normal(n)), 0, 100)
        lost = rng.random(n) < LOST["technical_score"]
        columns[f"technical_score{suffix}"] = np.where(lost, np.nan, scores)
        columns[f"planning_style{suffix}"] = _reading(rng, plan, PLANS, "planning_style")
    columns |= {
        "tonnage_class": np.clip(np.ceil((tonnage - 2.2) / 0.25), 1, 9).astype(int),
        "buying_centre": people,
        "satisfaction_class": np.array(["low", "middle", "high"])[
            np.searchsorted([60, 75], satisfaction, side="right")
        ],
        "headcount_class": np.clip(np.ceil((headcount - 2.2) / 0.25), 1, 9).astype(int),
        "region": np.array(REGIONS)[rng.integers(len(REGIONS), size=n)],
        "log_tonnage": tonnage,
    }
    first = ["process", "tonnage_class", "technical_score", "buying_centre", *DECOYS]
    rest = [name for name in columns if name not in first]
    return {name: columns[name] for name in [*first, *rest]}, plan


def _behaviour(
    rng: np.random.Generator, segment: Array, tonnage: Array, satisfaction: Array, plan: Array
) -> dict[str, Array]:
    n = len(segment)
    need = 10 ** (0.65 * (tonnage - _planted(segment, "tonnage")))
    orders = 1 + rng.poisson(
        _planted(segment, "orders") * need * np.exp(0.03 * (satisfaction - 68))
    )
    special = _logistic(_logit(_planted(segment, "special")) + 0.5 * rng.standard_normal(n))
    rush = _logistic(np.array([-2.6, -1.4, 0.2])[plan] + 0.5 * rng.standard_normal(n))
    return {
        "orders_per_year": orders,
        "special_share": np.round(special, 4),
        "technical_calls": rng.poisson(_planted(segment, "calls")),
        "rush_share": np.round(rush, 4),
    }


def _needs(rng: np.random.Generator, segment: Array) -> dict[str, Any]:
    """Scores of needs for clusters, answers in three levels for latent classes."""
    columns: dict[str, Any] = {}
    for name, means in zip(NEEDS, _planted(segment, "needs").T, strict=True):
        score = means + NEED_SD * rng.standard_normal(len(segment))
        columns[name] = np.clip(np.round(score), 0, 100).astype(int)
    for name, decisive in zip(ANSWERS, _planted(segment, "decisive").T, strict=True):
        columns[name] = np.array(LEVELS)[_choose(rng, _answer_shares(decisive))]
    return columns


def _money(rng: np.random.Generator, columns: dict[str, Any]) -> dict[str, Array]:
    """Revenue, profit, cost to serve and potential in thousand euro a year; risk of leaving."""
    potential = PRICE_PER_TONNE * 10 ** columns["log_tonnage"]
    revenue = potential * columns["share_of_wallet"] * (1 - columns["discount_share"])
    cost = 2 + 0.6 * columns["orders_per_year"] + 1.5 * columns["technical_calls"]
    cost = cost * np.exp(0.2 * rng.standard_normal(len(revenue)))
    risk = _logistic(-1.8 - 0.05 * (columns["satisfaction"] - 68))
    margin = MARGIN - columns["discount_share"]
    return {
        "revenue": np.round(revenue, 2),
        "profit": np.round(margin * revenue - cost, 2),
        "cost_to_serve": np.round(cost, 2),
        "potential": np.round(potential, 2),
        "risk": np.round(risk, 4),
    }


def _answer_shares(decisive: Array) -> Array:
    """Shares of the three levels: two thirds of what is not decisive is unimportant."""
    rest = 1 - decisive
    return np.stack([rest * 2 / 3, rest / 3, decisive], axis=-1)


def _choose(rng: np.random.Generator, shares: Array) -> Array:
    """One class a row, with the row's own shares."""
    above = rng.random(len(shares))[:, None] > np.cumsum(shares, axis=1)[:, :-1]
    return above.sum(axis=1)


def _reading(rng: np.random.Generator, true: Array, names: tuple[str, ...], column: str) -> Array:
    """A class as somebody notes it: right, or any other one, or not at all."""
    other = (true + rng.integers(1, len(names), size=len(true))) % len(names)
    noted = np.where(rng.random(len(true)) < READ_RIGHT[column], true, other)
    text = np.array(names, dtype=object)[noted]
    text[rng.random(len(true)) < LOST[column]] = None
    return text


def _logistic(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def _logit(share: Array) -> Array:
    return np.log(share / (1 - share))


def _truth(segment: Array) -> dict[str, Any]:
    planted = {}
    for one in SEGMENTS:
        levels = _answer_shares(np.array(one.decisive)).tolist()
        planted[one.name] = {
            "share": one.share,
            "process": dict(zip(PROCESSES, one.processes, strict=True)),
            "log10_tonnage": one.tonnage,
            "technical_score": one.technical,
            "buying_centre": 1 + one.people,
            "needs": dict(zip(NEEDS, one.needs, strict=True)),
            "answers": {
                name: dict(zip(LEVELS, np.round(shares, 12).tolist(), strict=True))
                for name, shares in zip(ANSWERS, levels, strict=True)
            },
        }
    return {
        "simulated": True,
        "segments": planted,
        "need_sd": NEED_SD,
        "good": list(GOOD),
        "decoys": dict(DECOYS),
        "roles": ROLES,
        "membership": [SEGMENTS[at].name for at in segment],
    }
