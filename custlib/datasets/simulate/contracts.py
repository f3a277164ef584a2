"""Contracts that run until the customer leaves: planted hazards, reasons and a law of renewal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray
# Churn of the reference customer at renewal t is A / (A + B + t − 1): it falls as time goes on.
A, B = 1.1, 21.0
FIRST_MONTH, MONTHS = "2019-01", 72  # contracts begin in these; all are looked at after the last
SEGMENTS = {"small": 0.45, "medium": 0.35, "large": 0.20}
CONTRACTS = {"monthly": 0.60, "annual": 0.40}
MARKETS = {"domestic": 0.70, "export": 0.30}
REGIONS = ("north", "east", "south", "west")
HAZARD_RATIOS = {
    "segment": {"small": 1.0, "medium": 0.75, "large": 0.50},
    "contract": {"monthly": 1.0, "annual": 0.45},
    "market": {"domestic": 1.0, "export": 1.35},
    "contact_person": {"0": 1.0, "1": 0.65},
    "region": dict.fromkeys(REGIONS, 1.0),
}
CONTACT_PERSON, WELCOME_DISCOUNT = 0.5, 0.3  # shares of customers who have one, or had it
# The discount holds customers while it lasts and drives them away after it: not proportional.
DISCOUNT_MONTHS, RATIO_WHILE, RATIO_AFTER = 12, 0.55, 1.70
REASONS = ("staff", "quality", "price", "moved_or_closed", "other")
REASON_SHARES = {
    "small": (0.30, 0.18, 0.22, 0.22, 0.08),
    "medium": (0.36, 0.24, 0.20, 0.12, 0.08),
    "large": (0.34, 0.36, 0.14, 0.08, 0.08),
}
REASON_LOST = 0.12  # share of those who left whose reason nobody wrote down
MARGINS = {"small": 60.0, "medium": 180.0, "large": 520.0}  # median, euro a month
MARGIN_SPREAD = 0.35  # of its logarithm
TIMES = (6, 12, 24, 36, 48, 60)  # months at which the truth gives the planted shares


@dataclass(frozen=True, slots=True)
class SimulatedContracts:
    """Simulated contracts and what was planted of who leaves, when and why."""

    customers: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write customers.csv and truth.json into a folder."""
        write_files(folder, tables={"customers": self.customers}, truth=self.truth)


def simulate_contracts(*, seed: int, n: int = 1500) -> SimulatedContracts:
    """Contracts of a supplier of maintenance, ended or still running, with reasons of leaving.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 1500
        Contracts, at least 20.

    Returns
    -------
    SimulatedContracts
        `customers`: customer, start_month, duration_months (whole months, censored after 2024-12),
        left (0, 1), reason (missing for those still there and for 12 % of those who left), segment,
        contract, market, contact_person and welcome_discount (0, 1), region, monthly_margin (euro).
        `truth` (dict): parameters of the renewals, hazard ratios, reasons by segment, and for these
        customers the shares still there and gone for each reason at six times.

    Raises
    ------
    ParameterError
        The seed is negative, or n is below 20.

    Notes
    -----
    Simulated, not observed. The chance to leave at the end of month t is 1 − (1 − h_t)^r, h_t =
    1.1/(22.1 + t − 1), r the product of the customer's hazard ratios: so hazards are proportional,
    but for the welcome discount, whose ratio is 0.55 in the first 12 months and 1.7 later. Region
    has to do with nothing. The reason depends on the segment alone, not on the time. Start months
    are spread evenly over six years; leaving does not depend on them.

    Examples
    --------
    >>> contracts = simulate_contracts(seed=20250901)
    >>> contracts.customers.shape, contracts.truth["hazard_ratios"]["contract"]["annual"]
    ((1500, 12), 0.45)
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 20)
    rng = np.random.default_rng(seed)
    traits = _traits(rng, n)
    start = rng.integers(MONTHS, size=n)
    gone = 1 - _still_there(traits, MONTHS)
    # The month of leaving is the first by which the chance to have left passes a uniform number.
    leaves_in = 1 + (gone < rng.random(n)[:, None]).sum(axis=1)
    watched = MONTHS - start
    left = leaves_in <= watched
    reason = _reasons(rng, traits["segment"])
    reason[~left | (rng.random(n) < REASON_LOST)] = None
    margin = np.array([MARGINS[name] for name in traits["segment"]])
    margin = margin * np.exp(MARGIN_SPREAD * rng.standard_normal(n))
    months = pd.period_range(FIRST_MONTH, periods=MONTHS, freq="M").astype(str).to_numpy()
    table = pd.DataFrame(
        {
            "customer": [f"C{at:04d}" for at in range(1, n + 1)],
            "start_month": months[start],
            "duration_months": np.minimum(leaves_in, watched),
            "left": left.astype(int),
            "reason": reason,
            **traits,
            "monthly_margin": np.round(margin, 2),
        }
    )
    return SimulatedContracts(table, _truth(traits))


def _traits(rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Segment, contract and so on, independent of one another."""
    drawn = {
        name: rng.choice(list(shares), size=n, p=list(shares.values()))
        for name, shares in (("segment", SEGMENTS), ("contract", CONTRACTS), ("market", MARKETS))
    }
    return drawn | {
        "contact_person": (rng.random(n) < CONTACT_PERSON).astype(int),
        "welcome_discount": (rng.random(n) < WELCOME_DISCOUNT).astype(int),
        "region": np.array(REGIONS)[rng.integers(len(REGIONS), size=n)],
    }


def _still_there(traits: dict[str, Array], months: int) -> Array:
    """Planted share still there after each month, a row a customer."""
    t = np.arange(1, months + 1)
    log_stay = np.log1p(-A / (A + B + t - 1))
    ratio = np.ones(len(traits["segment"]))
    for name, ratios in HAZARD_RATIOS.items():
        ratio = ratio * np.array([ratios[str(level)] for level in traits[name]])
    discount = np.where(t <= DISCOUNT_MONTHS, RATIO_WHILE, RATIO_AFTER)
    of_month = np.where(traits["welcome_discount"][:, None] == 1, discount, 1.0)
    return np.exp(np.cumsum(ratio[:, None] * of_month * log_stay, axis=1))


def _reasons(rng: np.random.Generator, segment: Array) -> Array:
    """Reason each customer would give, or has given."""
    shares = np.array([REASON_SHARES[name] for name in segment])
    place = (rng.random(len(segment))[:, None] > np.cumsum(shares, axis=1)[:, :-1]).sum(axis=1)
    return np.array(REASONS, dtype=object)[place]


def _truth(traits: dict[str, Array]) -> dict[str, Any]:
    there = _still_there(traits, max(TIMES))
    shares = np.array([REASON_SHARES[name] for name in traits["segment"]])
    at = {str(time): there[:, time - 1] for time in TIMES}
    return {
        "simulated": True,
        "renewal": {"a": A, "b": B},
        "hazard_ratios": HAZARD_RATIOS,
        "welcome_discount": {
            "months": DISCOUNT_MONTHS,
            "ratio_while": RATIO_WHILE,
            "ratio_after": RATIO_AFTER,
        },
        "reasons": {
            name: dict(zip(REASONS, values, strict=True)) for name, values in REASON_SHARES.items()
        },
        "reason_lost": REASON_LOST,
        "survival": {time: round(float(share.mean()), 12) for time, share in at.items()},
        "incidence": {
            name: {
                time: round(float(((1 - share) * shares[:, code]).mean()), 12)
                for time, share in at.items()
            }
            for code, name in enumerate(REASONS)
        },
    }
