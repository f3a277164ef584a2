"""Intervals of many measures from the same resamples of the customers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.design import SurveyDesign
from custlib.resampling import Resamples, cluster_draws
from custlib.segmentation.variables.shared_variation import Measure

Array = np.ndarray
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A measure's value in the table, and its values in the resamples."""

    measure: Measure
    estimate: Array
    replicates: Array

    def about(self, conf_level: float) -> dict:
        """What the row of a result says beside the number."""
        return {
            "measure": self.measure.name,
            "method": self.measure.method,
            "conf_level": conf_level,
            "n": self.measure.n,
            "n_missing": self.measure.n_missing,
            "note": self.measure.note or self.measure.caution,
        }

    def row(self, conf_level: float) -> dict:
        """Estimate, error and interval of a single number, cut to 0–1."""
        found = interval(float(self.estimate), self.replicates, conf_level)
        return self.about(conf_level) | found


def draw(
    customers: pd.DataFrame, measures: Mapping[Key, Measure], *, n_boot: int, seed: int
) -> dict[Key, Drawn]:
    """Every measure in the table and in the resamples; unusable ones hold nothing but NaN."""
    usable = {key: measure for key, measure in measures.items() if not measure.note}
    parts: dict[Key, list[Array]] = {key: [] for key in usable}
    if usable:
        sample = SurveyDesign().sample(customers)
        for counts in cluster_draws(sample, n_boot=n_boot, seed=seed):
            for key, measure in usable.items():
                parts[key].append(measure.statistic(counts @ measure.terms()))
    unknown = np.full(n_boot, np.nan)
    return {
        key: Drawn(measure, measure.in_table(), np.concatenate(parts[key]))
        if key in usable
        else Drawn(measure, np.array(np.nan), unknown)
        for key, measure in measures.items()
    }


def interval(estimate: float, replicates: Array, conf_level: float) -> dict:
    """Percentile interval of replicates moved so that their mean is the estimate, within 0–1.

    Resampling adds once more the chance association that the estimate is corrected for; moving
    the replicates takes it off again.
    """
    unknown = dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high"], np.nan)
    if np.isnan(estimate) or np.isnan(replicates).all():
        return unknown
    moved = replicates - np.nanmean(replicates) + estimate
    drawn = Resamples(np.array([estimate]), moved[:, None])
    low, high = drawn.interval(conf_level=conf_level)
    estimate = float(np.clip(estimate, 0.0, 1.0))
    return {
        "estimate": estimate,
        "std_error": float(drawn.std_error[0]),
        "ci_low": min(float(np.clip(low[0], 0.0, 1.0)), estimate),
        "ci_high": max(float(np.clip(high[0], 0.0, 1.0)), estimate),
    }
