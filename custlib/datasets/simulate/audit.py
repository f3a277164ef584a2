"""Twelve firms whose customer orientation is audited by their own people: what is planted, drawn.

The elements, the three levels of service and the five gaps are those the literature names; every
number is our own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

# Mean of each element on the latent scale 1-5, over all firms; systems lag behind.
ELEMENTS = {
    "strategy": 3.05,
    "structure": 2.80,
    "systems": 2.35,
    "shared_values": 3.20,
    "skills": 2.95,
    "style": 2.90,
    "staff": 3.00,
}
STATEMENTS = 3  # questions an element is asked by
FIRM_SD, FIRM_ELEMENT_SD = 0.50, 0.25
RATER_SD, ANSWER_SD = 0.30, 0.70
# Managers see their firm in a kinder light than those who face its customers.
POSITION = {"manager": 0.20, "front_line": -0.20}
RATERS = (4, 5, 6)
UNANSWERED = 0.03
LEVELS = ("courteous", "competent", "proactive")
PRACTICES = 4  # asked about each level
LEVEL_FROM = (2.2, 2.8, 3.3)  # mean latent score from which a firm has reached each level
KEPT, EARLY = 0.96, 0.06  # chance of a practice at or below a firm's level, and above it
# The chain from what customers expect to what they perceive, 1-7: shift at each link.
LINKS = {
    "expected": 6.0,
    "management_view": -0.30,
    "standard": -0.45,
    "delivered": -0.70,
    "promised": 0.55,
    "perceived": -0.15,
}
LINK_SD = 0.30
DIGITS = 6

ITEMS = [f"{element}_{at}" for element in ELEMENTS for at in range(1, STATEMENTS + 1)]


TABLES = ("responses", "practices", "gaps")


@dataclass(frozen=True, slots=True)
class SimulatedAudit:
    """A simulated audit and the truth behind its answers."""

    responses: pd.DataFrame
    practices: pd.DataFrame
    gaps: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write responses.csv, practices.csv, gaps.csv and truth.json into a folder."""
        write_files(folder, tables={name: getattr(self, name) for name in TABLES}, truth=self.truth)


def simulate_audit_7s(*, seed: int, n_firms: int = 12) -> SimulatedAudit:
    """Audit of customer orientation with known truth; answers 1-5, practices 0 or 1, gaps 1-7.

    Parameters
    ----------
    seed : int, at least 0
    n_firms : int, default 12
        At least 2.

    Returns
    -------
    SimulatedAudit
        `responses` (one row a rater), `practices` and `gaps` (one row a firm), `truth` (dict):
        each firm's expected score per element and index, 0-100, over all raters it could have
        had, its level, and the planted links of the gap model.

    Raises
    ------
    ParameterError
        The seed is negative, or there are fewer than two firms.

    Notes
    -----
    Simulated, not observed. Latent answer = element + firm + firm x element + position + rater +
    own part, cut halfway between the codes. The true score is the mean of the cut answers, half
    the raters being managers.

    Examples
    --------
    >>> audit = simulate_audit_7s(seed=1)
    >>> audit.responses["firm"].nunique(), list(audit.truth["element"]["F01"])[:2]
    (12, ['strategy', 'structure'])
    """
    require_at_least("seed", seed, 0)
    require_at_least("n_firms", n_firms, 2)
    streams = [np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(4)]
    firms = [f"F{at:02d}" for at in range(1, n_firms + 1)]
    own = streams[0].normal(0, FIRM_SD, (n_firms, 1))
    own = own + streams[0].normal(0, FIRM_ELEMENT_SD, (n_firms, len(ELEMENTS)))
    latent = own + np.array(list(ELEMENTS.values()))
    level = np.searchsorted(LEVEL_FROM, latent.mean(axis=1))
    scores = pd.DataFrame(_expected_scores(latent), firms, list(ELEMENTS)).round(DIGITS)
    truth = {
        "simulated": True,
        "estimand": "mean answer over all raters a firm could have had, 0-100",
        "element": scores.to_dict("index"),
        "index": scores.mean(axis="columns").round(DIGITS).to_dict(),
        "level": dict(zip(firms, level.tolist(), strict=True)),
        "links": LINKS,
    }
    return SimulatedAudit(
        _ratings(firms, latent, streams[1]),
        _practices(firms, level, streams[2]),
        _gaps(firms, streams[3]),
        truth,
    )


def _ratings(firms: list[str], latent: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One row a rater: firm, position and an answer to each statement."""
    at = np.repeat(np.arange(len(firms)), rng.choice(RATERS, len(firms)))
    # Managers and front line take turns, so that both are heard in every firm.
    turn = np.arange(len(at)) - np.searchsorted(at, at)
    position = np.array(list(POSITION))[turn % len(POSITION)]
    lenient = rng.normal(0, RATER_SD, len(at)) + np.array([POSITION[one] for one in position])
    means = np.repeat(latent[at], STATEMENTS, axis=1) + lenient[:, None]
    answers = _cut(means + rng.normal(0, ANSWER_SD, means.shape))
    answers[rng.random(answers.shape) < UNANSWERED] = np.nan
    table = pd.DataFrame(answers, columns=ITEMS).astype("Int64")
    table.insert(0, "position", position)
    table.insert(0, "firm", np.array(firms)[at])
    table.insert(0, "rater", [f"A{number:02d}" for number in range(1, len(at) + 1)])
    return table


def _cut(latent: np.ndarray) -> np.ndarray:
    """Answers 1-5: thresholds halfway between the codes, the ends of the scale kept."""
    return np.clip(np.floor(latent + 0.5), 1, 5)


def _expected_scores(latent: np.ndarray) -> np.ndarray:
    """Mean of the cut answers, 0-100: 1 plus the chances of lying above each threshold."""
    sd = np.hypot(RATER_SD, ANSWER_SD)
    above = [
        stats.norm.sf(cut, latent + shift, sd)
        for shift in POSITION.values()
        for cut in (1.5, 2.5, 3.5, 4.5)
    ]
    return np.sum(above, axis=0) / len(POSITION) / 4 * 100


def _practices(firms: list[str], level: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One row a firm: whether each practice of each level is in place."""
    needed = np.repeat(np.arange(1, len(LEVELS) + 1), PRACTICES)
    chance = np.where(needed <= level[:, None], KEPT, EARLY)
    names = [f"{name}_{at}" for name in LEVELS for at in range(1, PRACTICES + 1)]
    found = (rng.random(chance.shape) < chance).astype(int)
    return pd.DataFrame(found, columns=names).assign(firm=firms)[["firm", *names]]


def _gaps(firms: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """One row a firm: the six ratings between which the five gaps of service lie, 1-7."""
    shift = np.array(list(LINKS.values())) + rng.normal(0, LINK_SD, (len(firms), len(LINKS)))
    expected, view, standard, delivered, promised, perceived = shift.T
    chain = {"expected": expected, "management_view": expected + view}
    chain["standard"] = chain["management_view"] + standard
    chain["delivered"] = chain["standard"] + delivered
    chain["promised"] = chain["delivered"] + promised
    chain["perceived"] = chain["delivered"] + perceived
    table = pd.DataFrame(chain).clip(1, 7).round(1)
    return table.assign(firm=firms)[["firm", *chain]]
