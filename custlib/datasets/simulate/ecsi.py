"""Customers asked by the European index's questions: planted paths between seven constructs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files


@dataclass(frozen=True, slots=True)
class Construct:
    """What is planted of one construct: its questions, their loadings, level and spread."""

    item: str
    loadings: tuple[float, ...]
    mean: float
    sd: float

    @property
    def items(self) -> list[str]:
        """Names of the questions; a single one has no number."""
        count = len(self.loadings)
        return [f"{self.item}{at}" for at in range(1, count + 1)] if count > 1 else [self.item]


# In causal order: a path only leads to a construct further down.
CONSTRUCTS = {
    "image": Construct("IMAG", (0.80, 0.75, 0.70, 0.78, 0.65), 7.4, 1.7),
    "expectation": Construct("EXPE", (0.78, 0.70, 0.66), 7.2, 1.6),
    "quality": Construct("QUAL", (0.82, 0.75, 0.72, 0.78, 0.74, 0.70, 0.80), 7.6, 1.7),
    "value": Construct("VALU", (0.88, 0.90), 6.2, 1.9),
    "satisfaction": Construct("SATI", (0.85, 0.82, 0.84), 7.1, 1.7),
    "complaints": Construct("COMP", (1.0,), 6.6, 2.2),
    "loyalty": Construct("LOYA", (0.85, 0.55, 0.88), 6.9, 2.1),
}
PATHS = {
    ("image", "expectation"): 0.55,
    ("expectation", "quality"): 0.60,
    ("expectation", "value"): 0.10,
    ("quality", "value"): 0.55,
    ("image", "satisfaction"): 0.20,
    ("expectation", "satisfaction"): 0.05,
    ("quality", "satisfaction"): 0.45,
    ("value", "satisfaction"): 0.25,
    ("satisfaction", "complaints"): 0.50,
    ("image", "loyalty"): 0.20,
    ("satisfaction", "loyalty"): 0.50,
    ("complaints", "loyalty"): 0.10,
}
SHIFT = 0.25  # items of a block differ a little in level: below, at and above its mean in turn
DIGITS = 12


@dataclass(frozen=True, slots=True)
class SimulatedEcsi:
    """A simulated index survey and the paths and loadings behind its answers."""

    responses: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write responses.csv and truth.json into a folder."""
        write_files(folder, tables={"responses": self.responses}, truth=self.truth)


def simulate_ecsi(*, seed: int, n: int = 250) -> SimulatedEcsi:
    """Index survey with known truth: 24 questions on seven constructs, answers 1-10.

    Parameters
    ----------
    seed : int, at least 0
    n : int, default 250
        Respondents, at least 3.

    Returns
    -------
    SimulatedEcsi
        `responses` (id and one column a question), `truth` (dict): paths, total effects, shares
        of variance explained and loadings of the unit-variance constructs.

    Raises
    ------
    ParameterError
        The seed is negative, or n is below 3.

    Notes
    -----
    Simulated, not observed. Construct = paths from those before it + noise, with variance 1;
    latent answer = loading x construct + noise; answer = the whole number nearest to level +
    spread x latent answer, cut to 1-10. Cutting weakens the loadings of the answers a little.

    Examples
    --------
    >>> survey = simulate_ecsi(seed=20250101)
    >>> survey.responses.shape, survey.truth["paths"]["quality -> satisfaction"]
    ((250, 25), 0.45)
    """
    require_at_least("seed", seed, 0)
    require_at_least("n", n, 3)
    names = list(CONSTRUCTS)
    slopes = np.zeros((len(names), len(names)))
    for (source, target), path in PATHS.items():
        slopes[names.index(target), names.index(source)] = path
    correlation, explained = _implied(slopes)
    rng = np.random.default_rng(seed)
    scores = np.zeros((n, len(names)))
    for at, own in enumerate(slopes):
        noise = np.sqrt(1 - explained[at]) * rng.standard_normal(n)
        scores[:, at] = scores @ own + noise
    answers = {}
    for at, construct in enumerate(CONSTRUCTS.values()):
        for place, (item, loading) in enumerate(
            zip(construct.items, construct.loadings, strict=True)
        ):
            noise = np.sqrt(1 - loading * loading) * rng.standard_normal(n)
            latent = loading * scores[:, at] + noise
            level = construct.mean + SHIFT * ((place % 3) - 1)
            answer = np.floor(level + construct.sd * latent + 0.5)
            answers[item] = np.clip(answer, 1, 10).astype(int)
    responses = pd.DataFrame({"id": np.arange(1, n + 1)} | answers)
    return SimulatedEcsi(responses, _truth(names, slopes, correlation, explained))


def _implied(slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of the constructs, and the share of each that the paths to it explain."""
    correlation, explained = np.eye(len(slopes)), np.zeros(len(slopes))
    for at, own in enumerate(slopes):
        before = slice(0, at)
        correlation[at, before] = correlation[before, at] = (
            own[before] @ correlation[before, before]
        )
        explained[at] = own[before] @ correlation[before, at]
    return correlation, explained


def _truth(
    names: list[str], slopes: np.ndarray, correlation: np.ndarray, explained: np.ndarray
) -> dict[str, Any]:
    total = np.linalg.inv(np.eye(len(names)) - slopes) - np.eye(len(names))
    pairs = [(a, b) for b in range(len(names)) for a in range(b)]
    return {
        "simulated": True,
        "estimand": "unit-variance constructs before answers are cut to whole numbers",
        "paths": {f"{source} -> {target}": path for (source, target), path in PATHS.items()},
        "total_effects": {
            f"{names[a]} -> {names[b]}": round(float(total[b, a]), DIGITS)
            for a, b in pairs
            if abs(total[b, a]) > 0
        },
        "r_squared": {
            name: round(float(share), DIGITS)
            for name, share in zip(names, explained, strict=True)
            if share
        },
        "correlation": {
            f"{names[a]} ~ {names[b]}": round(float(correlation[a, b]), DIGITS) for a, b in pairs
        },
        "loadings": {
            item: loading
            for construct in CONSTRUCTS.values()
            for item, loading in zip(construct.items, construct.loadings, strict=True)
        },
    }
