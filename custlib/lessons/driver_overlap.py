"""Simulated answers whose drivers overlap, and what becomes of their importance."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from custlib import charts
from custlib.lessons.slider import slide
from custlib.report import numbers
from custlib.survey.drivers import contributions

DRIVERS = ("quality", "delivery", "claims")
OUTCOME = "satisfaction"
ITEMS = [*DRIVERS, OUTCOME]
WEIGHTS = {"quality": 0.4, "delivery": 0.0, "claims": 0.5}
NO_ANSWER = 9


def simulate_answers(
    *, n: int, overlap: float, seed: int, weights: Mapping[str, float] = WEIGHTS
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Simulated survey: three ratings and satisfaction (1–10), stated importance (1–5, or 9).

    Parameters
    ----------
    n : int
        Respondents.
    overlap : float
        Correlation planted between quality and delivery; claims handling has 0.2 with both.
    seed : int
    weights : mapping
        What a standard deviation of each driver adds to satisfaction, before the chance part.

    Returns
    -------
    (DataFrame, dict)
        One row a respondent, and the planted weights.
    """
    random = np.random.default_rng(seed)
    ties = np.array([[1, overlap, 0.2], [overlap, 1, 0.2], [0.2, 0.2, 1]])
    standard = random.multivariate_normal(np.zeros(3), ties, size=n)
    by_drivers = standard @ [weights[name] for name in DRIVERS]
    rated = np.array([7.6, 6.0, 5.4]) + standard * [1.0, 1.5, 1.9]
    satisfied = 6.5 + 1.5 * (by_drivers + 0.6 * random.normal(size=n))
    answers = pd.DataFrame(np.column_stack([rated, satisfied]).round().clip(1, 10), columns=ITEMS)
    stated = (np.array([4.4, 4.2, 2.9]) + 0.8 * random.normal(size=(n, 3))).round().clip(1, 5)
    stated[random.random((n, 3)) < 0.06] = NO_ANSWER
    answers[[f"{name}_stated" for name in DRIVERS]] = stated
    return answers.astype(int), dict(weights)


def importance_measures(answers: pd.DataFrame, *, n_boot: int, seed: int) -> pd.DataFrame:
    """Correlation, regression weight and LMG share of each driver, with 95 % intervals.

    Parameters
    ----------
    answers : DataFrame
        The ratings and satisfaction.
    n_boot, seed : int
        Resamples of whole respondents.

    Returns
    -------
    DataFrame
        item, measure, estimate, ci_low, ci_high.
    """
    values = answers[ITEMS].to_numpy(float)
    found = np.stack(measures_of(np.corrcoef(values.T)[None]))[:, 0]
    drawn = np.stack(measures_of(resampled_correlations(values, n_boot, seed)))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    measures = ("Correlation", "Regression weight", "LMG share")
    rows = [(item, measure) for measure in measures for item in DRIVERS]
    table = pd.DataFrame(rows, columns=["item", "measure"])
    return table.assign(estimate=found.ravel(), ci_low=low.ravel(), ci_high=high.ravel())


def plot_overlap(overlap: float, *, n: int, seed: int) -> Any:
    """The three measures in simulated answers whose quality and delivery overlap so much."""
    answers, _ = simulate_answers(n=n, overlap=overlap, seed=seed)
    table = importance_measures(answers, n_boot=200, seed=seed)
    with charts.style():
        ax = charts.plot_profile(table, by="measure", unit="Importance, three ways to measure it")
        ax.set_xlim(-0.3, 0.9)
        ax.axvline(0, color="#555555", linewidth=1)
        source = f"quality and delivery planted to correlate {numbers.number(overlap, 2)}"
        return charts.finish(ax, source=source, n=n, conf_level=0.95, simulated=True)


def slide_overlap(*, n: int, seed: int) -> Any:
    """A slider for the overlap of quality and delivery, and below it what becomes of importance."""
    draw = partial(plot_overlap, n=n, seed=seed)
    return slide(draw, name="Overlap", start=0.0, low=0, high=0.9, step=0.1)


def resampled_correlations(values: np.ndarray, n_boot: int, seed: int) -> np.ndarray:
    """Correlations of resamples of whole rows, shape (n_boot, columns, columns)."""
    rows = np.random.default_rng(seed).integers(len(values), size=(n_boot, len(values)))
    drawn = values[rows] - values[rows].mean(axis=1, keepdims=True)
    products = np.swapaxes(drawn, 1, 2) @ drawn
    spread = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    return products / (spread[:, :, None] * spread[:, None, :])


def measures_of(correlations: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Correlations, regression weights and LMG shares, one row a matrix."""
    simple = correlations[:, :-1, -1]
    weights = np.linalg.solve(correlations[:, :-1, :-1], simple[:, :, None])[:, :, 0]
    parts = contributions(correlations)
    return simple, weights, parts / parts.sum(axis=1, keepdims=True)
