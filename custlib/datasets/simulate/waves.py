"""Quarterly answers to "would you recommend us", from sites that stay, leave or keep silent.

Every site of every quarter is given an answer and a way to react to the invitation first; the
survey then invites some. The truth is what a census of the sites would find.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray
WAVES = tuple(f"{year}Q{quarter}" for year in (2023, 2024) for quarter in (1, 2, 3, 4))
# What moves the latent answer of everybody in a quarter: little, until deliveries fail in the last.
WAVE_SHIFT = (0.0, 0.05, -0.05, 0.0, 0.05, 0.0, 0.05, -0.65)
LEVEL = 8.15  # mean of the latent answer, 0-10 before it is rounded and cut
ROLE_SHIFT = {"buyer": -0.2, "engineer": 0.3, "manager": 0.1}
ROLE_SHARE = {"buyer": 0.5, "engineer": 0.3, "manager": 0.2}
MARKET_SHARE = {"home": 0.6, "export": 0.4}
FIRM_SD, SITE_SD, QUARTER_SD = 0.9, 1.0, 1.0
SITES_SHARE = {1: 0.2, 2: 0.25, 3: 0.2, 4: 0.2, 5: 0.1, 6: 0.05}
INVITED_SHARE = 0.62
# Log odds of an answer before the reminder and after it, where the latent answer is CENTRE.
CENTRE, EARLY_ODDS, EARLY_SLOPE, LATE_ODDS, LATE_SLOPE = 8.0, -1.0, 0.28, -1.25, 0.06
REMINDER_DAY, LAST_DAY = 10, 28
UNKNOWN, UNKNOWN_SHARE = 99, 0.02  # "do not know"
STAY_A_YEAR = {"promoters": 0.94, "passives": 0.86, "detractors": 0.70}
QUARTERS_A_YEAR = 4
CATEGORIES = ("promoters", "passives", "detractors")
REACTIONS = ("early", "late", "silent")


@dataclass(frozen=True, slots=True)
class SimulatedWaves:
    """Simulated answers, invitations sent a quarter, and what a census would have found."""

    responses: pd.DataFrame
    invited: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write responses.csv, invited.csv and truth.json into a folder."""
        tables = {"responses": self.responses, "invited": self.invited}
        write_files(folder, tables=tables, truth=self.truth)


def simulate_nps_waves(*, seed: int, n_firms: int = 240) -> SimulatedWaves:
    """Answers 0-10 of eight quarters with a drop in the last one, and a bias of silence.

    Parameters
    ----------
    seed : int, at least 0
    n_firms : int, default 240
        Firms with one to six sites, at least 10; about 190 answers a quarter at the default.

    Returns
    -------
    SimulatedWaves
        `responses`: respondent (the site's contact), customer (its firm), wave, market, role, days
        until the answer, reminded (1 or 0), recommend (0-10, 99 for do not know), retained (1 or
        0, empty where the next year is not over). `invited`: wave, invited, sites. `truth` (dict):
        census by wave, reaction, role and category, and what was planted.

    Raises
    ------
    ParameterError
        The seed is negative, or n_firms is below 10.

    Notes
    -----
    Simulated, not observed. The happier a contact, the sooner the answer: those who answer late are
    less happy than the early ones, the silent less than either, and the score of those who answer
    is above that of all. A site leaves after a quarter with a chance that its answer decides, asked
    or not; a new site of some firm takes its place.

    Examples
    --------
    >>> waves = simulate_nps_waves(seed=20240117)
    >>> waves.invited["wave"].tolist()[-1], sorted(waves.truth["retained"])
    ('2024Q4', ['detractors', 'passives', 'promoters'])
    """
    require_at_least("seed", seed, 0)
    require_at_least("n_firms", n_firms, 10)
    rng = np.random.default_rng(seed)
    firms = pd.DataFrame(
        {
            "customer": [f"C{at:0{len(str(n_firms))}d}" for at in range(1, n_firms + 1)],
            "market": _choice(rng, MARKET_SHARE, n_firms),
            "firm_part": FIRM_SD * rng.standard_normal(n_firms),
        }
    )
    sites = _new_sites(
        rng, firms, np.repeat(np.arange(n_firms), _choice(rng, SITES_SHARE, n_firms))
    )
    census: list[pd.DataFrame] = []
    for at, wave in enumerate(WAVES):
        sites["respondent"] = [*sites["respondent"].dropna(), *_names(census, sites)]
        quarter = _react(rng, sites, at).assign(wave=wave)
        census.append(quarter)
        stays = rng.random(len(sites)) < quarter["category"].map(STAY_A_YEAR) ** (
            1 / QUARTERS_A_YEAR
        )
        born = _new_sites(rng, firms, rng.integers(n_firms, size=int((~stays).sum())))
        sites = pd.concat([sites[stays], born], ignore_index=True)
    everybody = _with_fate(census)
    asked = rng.random(len(everybody)) < INVITED_SHARE
    answered = everybody[asked & (everybody["reaction"] != "silent")]
    invited = everybody.assign(invited=asked).groupby("wave", as_index=False)
    counts = invited.agg(invited=("invited", "sum"), sites=("invited", "size"))
    return SimulatedWaves(_answers(rng, answered), counts, _truth(everybody))


def _choice(rng: np.random.Generator, shares: dict, n: int) -> Array:
    return rng.choice(list(shares), size=n, p=list(shares.values()))


def _new_sites(rng: np.random.Generator, firms: pd.DataFrame, at: Array) -> pd.DataFrame:
    """Sites of these firms, each with a contact of some role and lasting mood; not named yet."""
    sites = firms.iloc[at].reset_index(drop=True)
    mood = SITE_SD * rng.standard_normal(len(sites))
    role = _choice(rng, ROLE_SHARE, len(sites))
    return sites.assign(respondent=None, role=role, mood=mood + sites["firm_part"])


def _names(census: list[pd.DataFrame], sites: pd.DataFrame) -> list[str]:
    """Names of the sites that are new, counted on from the last one given."""
    given = max((int(quarter["respondent"].iloc[-1][1:]) for quarter in census), default=0)
    new = int(sites["respondent"].isna().sum())
    return [f"R{at:05d}" for at in range(given + 1, given + new + 1)]


def _react(rng: np.random.Generator, sites: pd.DataFrame, at: int) -> pd.DataFrame:
    """What each site's contact would answer in this quarter, and when, if at all."""
    n = len(sites)
    shift = WAVE_SHIFT[at] + sites["role"].map(ROLE_SHIFT).to_numpy()
    latent = LEVEL + shift + sites["mood"].to_numpy() + QUARTER_SD * rng.standard_normal(n)
    answer = np.clip(np.floor(latent + 0.5), 0, 10).astype(int)
    early = rng.random(n) < _logistic(EARLY_ODDS + EARLY_SLOPE * (latent - CENTRE))
    late = rng.random(n) < _logistic(LATE_ODDS + LATE_SLOPE * (latent - CENTRE))
    soon = np.minimum(rng.geometric(0.3, n) - 1, REMINDER_DAY)
    later = np.minimum(REMINDER_DAY + rng.geometric(0.2, n), LAST_DAY)
    return sites.assign(
        recommend=answer,
        category=np.select([answer >= 9, answer >= 7], CATEGORIES[:2], CATEGORIES[2]),
        reaction=np.select([early, late], REACTIONS[:2], REACTIONS[2]),
        days=np.where(early, soon, later),
    )


def _with_fate(census: list[pd.DataFrame]) -> pd.DataFrame:
    """All quarters below one another, with whether the site is still there a year later."""
    parts = []
    for at, quarter in enumerate(census):
        later = at + QUARTERS_A_YEAR
        known = later < len(census)
        there = quarter["respondent"].isin(census[later]["respondent"]) if known else np.nan
        parts.append(quarter.assign(retained=there).astype({"retained": float}))
    return pd.concat(parts, ignore_index=True)


def _answers(rng: np.random.Generator, answered: pd.DataFrame) -> pd.DataFrame:
    """The table as the field delivers it."""
    unknown = rng.random(len(answered)) < UNKNOWN_SHARE
    names = ["respondent", "customer", "wave", "market", "role", "days", "reminded", "recommend"]
    table = answered.assign(
        reminded=(answered["days"] > REMINDER_DAY).astype(int),
        recommend=answered["recommend"].mask(unknown, UNKNOWN),
        retained=answered["retained"].astype("Int64"),
    )
    return table[[*names, "retained"]].reset_index(drop=True)


def _logistic(value: Array) -> Array:
    return 1 / (1 + np.exp(-value))


def _score(rows: pd.DataFrame) -> float:
    """Net promoter score in points."""
    up, down = (rows["category"] == name for name in ("promoters", "detractors"))
    return round(100 * float(up.mean() - down.mean()), 6)


def _truth(everybody: pd.DataFrame) -> dict[str, Any]:
    by_wave = dict(list(everybody.groupby("wave")))
    known = everybody.dropna(subset="retained").groupby("category")["retained"].mean()
    last, before = WAVES[-1], WAVES[-2]
    scores = {wave: _score(rows) for wave, rows in by_wave.items()}
    return {
        "simulated": True,
        "score": scores,
        "change": {f"{last} - {before}": round(scores[last] - scores[before], 6)},
        "score_by_reaction": {
            wave: {name: _score(part) for name, part in rows.groupby("reaction")}
            for wave, rows in by_wave.items()
        },
        "score_by_role": {name: _score(rows) for name, rows in everybody.groupby("role")},
        "answering_share": round(float((everybody["reaction"] != "silent").mean()), 6),
        "retained": {name: round(float(known[name]), 6) for name in CATEGORIES},
        "planted": {
            "wave_shift": dict(zip(WAVES, WAVE_SHIFT, strict=True)),
            "role_shift": ROLE_SHIFT,
            "early_slope": EARLY_SLOPE,
            "late_slope": LATE_SLOPE,
            "stay_a_year": STAY_A_YEAR,
            "reminder_day": REMINDER_DAY,
        },
    }
