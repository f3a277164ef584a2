"""A log of leads: calls, offers, meetings and sales with planted rates, some still open."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray
STAGES = ("call", "offer", "meeting", "sale")
CHANNELS = {"cold call": 0.7, "recommended": 0.3}
# Rate of each step by channel; over both channels 0.5, 0.1 and 0.25, as 80 calls, 40 offers,
# 4 meetings, 1 sale.
RATES = {"cold call": (0.5, 0.07, 0.25), "recommended": (0.5, 0.17, 0.25)}
MEDIAN_DAYS = (3.0, 14.0, 25.0)  # from a stage to the next, of those who go on
SPREAD = (0.8, 0.6, 0.5)  # standard deviation of the logarithm of the days
LOSS_DAYS = (20.0, 45.0, 60.0)  # mean until somebody writes down that the lead is lost
WRITTEN = 0.6  # share of the losses that anybody writes down
NO_OFFER = 0.06  # share of the leads at a meeting of whose offer nothing is on file
START, DAYS = np.datetime64("2024-01-01"), 366


@dataclass(frozen=True, slots=True)
class SimulatedLeads:
    """Simulated leads as a log shows them, and what was planted."""

    leads: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write leads.csv and truth.json into a folder."""
        write_files(folder, tables={"leads": self.leads}, truth=self.truth)


def simulate_funnel_log(*, seed: int, n: int = 3200) -> SimulatedLeads:
    """Leads of one year, called on any day of it, seen on its last day.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 3200
        Calls, at least 20.

    Returns
    -------
    SimulatedLeads
        `leads`: lead, channel, the days of call, offer, meeting and sale, and of the loss where
        one was written down. `truth` (dict): rates by channel and over both, median days, the
        step that is the bottleneck, and how far each lead comes in the end.

    Raises
    ------
    ParameterError
        The seed is negative, or n is below 20.

    Notes
    -----
    Simulated, not observed. A lead goes on with the rate of its channel, after days that are
    lognormal. What happens after the last day of the year is not in the log, so late leads are
    open. Of six in a hundred who come to a meeting no offer is on file.

    Examples
    --------
    >>> log = simulate_funnel_log(seed=20251101)
    >>> log.leads.shape, log.truth["rates"]["offer"]
    ((3200, 7), 0.1)
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 20)
    rng = np.random.default_rng(seed)
    names = list(CHANNELS)
    channel = rng.choice(len(names), size=n, p=list(CHANNELS.values()))
    called = np.sort(rng.integers(DAYS, size=n)).astype(float)
    day = np.full((n, len(STAGES)), np.nan)
    day[:, 0] = called
    lost = np.full(n, np.nan)
    here = np.ones(n, bool)
    for step in range(len(STAGES) - 1):
        rate = np.array([RATES[name][step] for name in names])[channel]
        goes = here & (rng.random(n) < rate)
        took = MEDIAN_DAYS[step] * np.exp(SPREAD[step] * rng.standard_normal(n))
        day[:, step + 1] = np.where(goes, day[:, step] + np.ceil(took), np.nan)
        gave_up = day[:, step] + np.ceil(rng.exponential(LOSS_DAYS[step], n))
        lost = np.where(here & ~goes & (rng.random(n) < WRITTEN), gave_up, lost)
        here = goes
    furthest = np.isfinite(day).sum(axis=1) - 1
    day[(furthest >= 2) & (rng.random(n) < NO_OFFER), 1] = np.nan
    columns: dict[str, Any] = {"lead": [f"L{at:04d}" for at in range(1, n + 1)]}
    columns["channel"] = np.array(names)[channel]
    columns |= {stage: _dates(day[:, at]) for at, stage in enumerate(STAGES)}
    columns["lost"] = _dates(lost)
    return SimulatedLeads(pd.DataFrame(columns), _truth(furthest))


def _dates(day: Array) -> Array:
    """Days of the year as dates; nothing where there is none, or where it is after the year."""
    known = np.isfinite(day) & (day < DAYS)
    text = np.full(len(day), None, dtype=object)
    text[known] = np.datetime_as_string(START + day[known].astype(int).astype("timedelta64[D]"))
    return text


def _truth(furthest: Array) -> dict[str, Any]:
    weights = np.array(list(CHANNELS.values()))
    rates, remain = {}, weights
    for at, stage in enumerate(STAGES[:-1]):
        own = np.array([RATES[name][at] for name in CHANNELS])
        rates[stage] = round(float(remain @ own / remain.sum()), 12)
        remain = remain * own
    return {
        "simulated": True,
        "stages": list(STAGES),
        "rates": rates,
        "rates_by_channel": {
            name: dict(zip(STAGES, own, strict=False)) for name, own in RATES.items()
        },
        "median_days": dict(zip(STAGES, MEDIAN_DAYS, strict=False)),
        "bottleneck": min(rates, key=lambda stage: rates[stage]),
        "no_offer_share": NO_OFFER,
        "furthest": [STAGES[at] for at in furthest],
    }
