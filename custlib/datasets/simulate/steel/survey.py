"""The simulated survey as a whole: frame, sample, answers and truth from one seed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files
from custlib.datasets.simulate.steel import planted
from custlib.datasets.simulate.steel.fieldwork import (
    CARELESS,
    add_traces,
    choose_best_worst,
    draw_responses,
)
from custlib.datasets.simulate.steel.population import Population, simulate_population, stream
from custlib.datasets.simulate.steel.truth import census

TABLES = ("responses", "firms", "best_worst")


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated survey and the truth of the population it was drawn from."""

    responses: pd.DataFrame
    firms: pd.DataFrame
    best_worst: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write responses.csv, firms.csv, best_worst.csv and truth.json into a folder."""
        write_files(folder, tables={name: getattr(self, name) for name in TABLES}, truth=self.truth)


def simulate_steel_survey(*, seed: int, n_firms: int = planted.FRAME_FIRMS) -> Simulated:
    """Survey of a steel works' customers with known truth; answers 1-5, recommendation 0-10.

    Every contact of every firm in the frame is given an answer first; the survey then draws
    firms within markets and contacts within firms. The truth is what a census of the frame
    would find, a finite-population quantity in which each firm counts by its tonnes.

    Parameters
    ----------
    seed : int, at least 0
        Fixes the frame, the answers and the sample.
    n_firms : int, default 240
        Firms in the frame, at least 24; sample sizes grow with it.

    Returns
    -------
    Simulated
        `responses` (one row a respondent, answers with the field's codes 98 refused and 99 do
        not know), `firms` (the frame), `best_worst` (one row a task), `truth` (dict).

    Raises
    ------
    ParameterError
        The seed is negative, or the frame is too small to draw from every market.

    Notes
    -----
    Simulated, not observed: the planted numbers are the authors' own, chosen so that the verbal
    findings of the study in References hold in the population. Latent answer = planted mean +
    role gap + market effect + firm + person + own part, cut halfway between the codes. Ranks are
    Plackett-Luce, best-worst choices sequential logit, both on the same worths.

    References
    ----------
    Gelmanova, Z. S. & Petrovskaya, A. S. (2016). International Journal of Applied and
    Fundamental Research 10-2, 292-298 (verbal findings only).

    Examples
    --------
    >>> survey = simulate_steel_survey(seed=1)
    >>> len(survey.firms), survey.responses["firm"].nunique()
    (240, 95)
    >>> survey.truth["difference"]["claims_handling"] < 0
    True
    """
    require_at_least("seed", seed, 0)
    require_at_least("n_firms", n_firms, 24)
    return draw_survey(simulate_population(seed=seed, n_firms=n_firms), seed=seed)


def draw_survey(population: Population, *, seed: int) -> Simulated:
    """One survey of a given population: another seed draws other firms and people from it."""
    drawn = draw_responses(population, stream(seed, "sample"))
    marked = add_traces(drawn, stream(seed, "field"))
    best_worst = choose_best_worst(marked, stream(seed, "choices"))
    careless = {
        f"{kind}s": marked["respondent"][marked[kind].to_numpy()].tolist() for kind in CARELESS
    }
    responses = marked.drop(columns=CARELESS)
    return Simulated(responses, population.firms.copy(), best_worst, census(population) | careless)
