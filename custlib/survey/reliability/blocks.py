"""Blocks of items read from a table: their moments, their counts and what is wrong with them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import (
    require_columns,
    require_distinct,
    require_list,
    require_numeric,
    require_one_of,
    require_seed,
)
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.resampling import Resamples
from custlib.survey.moments import CrossProducts, Moments

Array = np.ndarray
Scales = Mapping[str, Sequence[str]]
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True)
class Block:
    """One set of items that are summed to one score, and the moments of their answers."""

    key: dict[str, str]  # {"dimension": name}, empty where a single set of items was given
    items: list[str]
    products: CrossProducts
    moments: Moments
    n: int  # complete rows, or those behind the smallest pair of items
    n_missing: int
    problem: str  # why the block has no number; empty where it has
    note: str

    def row(self, measure: str, numbers: Array) -> dict:
        """A result row from a measure's estimate, standard error and interval."""
        shared = {"n": self.n, "n_missing": self.n_missing, "note": self.note}
        found = dict(zip(NUMBERS, numbers, strict=False))
        return self.key | {"measure": measure} | found | shared

    def resampled(
        self,
        statistics: Callable[[Moments], Array],
        n_boot: int,
        seed: int | None,
        level: float,
        *,
        at_most_one: bool = False,
    ) -> Array:
        """Standard error and interval of each statistic, shape (statistics, 3).

        Percentiles; for coefficients `at_most_one` t intervals of log(1 − x), which hold their
        level with few clusters too.
        """
        drawn = self.products.replicates(n_boot=n_boot, seed=require_seed(seed))
        replicates = np.concatenate([statistics(moments) for moments in drawn])
        resamples = Resamples(replicates[0], replicates)
        if not at_most_one:
            ends = resamples.interval(conf_level=level)
            return np.column_stack([resamples.std_error, *ends])
        with np.errstate(invalid="ignore", divide="ignore"):
            log = Resamples(np.log(1 - statistics(self.moments)), np.log(1 - replicates))
        df = self.products.sample.degrees_of_freedom()
        half = stats.t.ppf((1 + level) / 2, df) * log.std_error if df > 0 else np.nan
        ends = 1 - np.exp(log.estimate + half), 1 - np.exp(log.estimate - half)
        return np.column_stack([resamples.std_error, *ends])


def read_blocks(
    responses: pd.DataFrame,
    items: Sequence[str] | None,
    scales: Scales | None,
    design: SurveyDesign | None,
    missing: str,
) -> Iterator[Block]:
    """Checked blocks: either the one set `items` or every dimension of `scales`."""
    require_one_of("missing", missing, ["listwise", "pairwise"])
    if (items is None) == (not scales):
        raise ParameterError.because(
            f"items and scales are both {'absent' if items is None else 'given'}.",
            "Expected one of them.",
            "Pass items=[...] for one scale, or scales={dimension: [...]} for several.",
        )
    sample = (design or SurveyDesign()).sample(responses)
    for dimension, members in (scales or {"": [] if items is None else items}).items():
        require_list(f"scales[{dimension!r}]" if scales else "items", members)
        chosen = list(members)
        require_distinct(chosen)
        require_columns(responses, chosen)
        values = np.column_stack([require_numeric(responses, item) for item in chosen])
        products = CrossProducts.of(values, sample, pairwise=missing == "pairwise")
        n, moments = int(products.n.min()), products.moments()
        problem = _problem(chosen, moments, n)
        against = np.array(chosen)[item_rest(moments.covariance) < 0]
        note = f"runs against the other items: {', '.join(against)}" if len(against) else ""
        key = {"dimension": dimension} if scales else {}
        gaps = int(sample.domain.sum()) - n
        yield Block(key, chosen, products, moments, n, gaps, problem, problem or note)


def tabulate(rows: list[dict]) -> pd.DataFrame:
    """The rows in the house order, under the keys they have."""
    keys = ("dimension", "item", "measure")
    return arrange(rows, keys=[key for key in keys if key in rows[0]])


def correlations(moments: Moments) -> Array:
    """Correlations that follow from the covariances, so that pairs share their items' variances."""
    deviation = np.sqrt(np.diagonal(moments.covariance, axis1=-2, axis2=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = moments.covariance / (deviation[..., :, None] * deviation[..., None, :])
    return np.where(np.isnan(moments.correlation), np.nan, scaled)


def item_rest(covariance: Array) -> Array:
    """Correlation of each item with the sum of the other items."""
    own, with_total = np.diag(covariance), covariance.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = covariance.sum() - 2 * with_total + own
        return (with_total - own) / np.sqrt(own * rest)


def _problem(items: list[str], moments: Moments, n: int) -> str:
    if n < 2:
        return "too few answers"
    constant = np.array(items)[np.isnan(np.diag(moments.correlation))]
    if len(constant):
        return f"all answers equal: {', '.join(constant)}"
    return "one item has no consistency" if len(items) < 2 else ""
