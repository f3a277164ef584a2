"""Answers counted by group: the shares of promoters and detractors, plain or under a design."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.design import SurveyDesign
from custlib.groups import group_rows
from custlib.loyalty.recommendation.scales import CutPoints
from custlib.loyalty.recommendation.trinomial import Shares
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
POINTS = 100.0  # a score of 1 in points
NO_SPREAD = "all answers count alike"


@dataclass(frozen=True)
class Grouped:
    """Groups with their shares and counts; linearized scores where there is a design."""

    names: list
    shares: Shares
    counts: Array  # promoters, passives, detractors
    n_missing: Array
    sizes: Array  # answers, or the sum of their weights
    group_of_row: Array  # −1 where a row is in none
    linearized: list[Array] | None
    sample: Sample | None

    def note(self, at: int, min_base: int) -> str:
        """What a reader must know of the group's numbers."""
        n = int(self.shares.n[at])
        if n < 2:
            return "one answer" if n else "no answers"
        if np.isnan(self.shares.std_error[at]):
            return FEW_CLUSTERS
        return f"fewer than {min_base} answers" if n < min_base else ""

    @cached_property
    def rows(self) -> list[Array]:
        """Which rows each group has, of those that a design looks at."""
        masks = [self.group_of_row == at for at in range(len(self.names))]
        return masks if self.sample is None else [self.sample.within_domain(one) for one in masks]

    @property
    def usable(self) -> Array:
        """Groups whose answers carry an estimate and an interval."""
        return (self.shares.n > 1) & ~np.isnan(self.shares.std_error)


def count_groups(
    responses: pd.DataFrame,
    item: str,
    *,
    cuts: CutPoints,
    by: str | None,
    design: SurveyDesign | None,
) -> Grouped:
    """Scores of the item, group by group; a group keeps the whole design."""
    scores, (names, place) = cuts.scores(responses, item), _places(responses, by)
    if design is None:
        return _plain(scores, names, place)
    return _designed(scores, names, place, design.sample(responses))


def regroup(whole: Grouped, scores: Array, groups: list[tuple[object, Array]]) -> Grouped:
    """Other groups of the same rows, under the same design; no row is in two of them."""
    names, place = [name for name, _ in groups], _scattered([rows for _, rows in groups])
    if whole.sample is None:
        return _plain(scores, names, place)
    return _designed(scores, names, place, whole.sample)


def _places(responses: pd.DataFrame, by: str | None) -> tuple[list, Array]:
    """Names of the groups as `group_rows` has them, and the place of each row's group among them.

    Masks are made for the distinct values alone: a hundred of them over all rows take far longer
    than all that is counted.
    """
    if by is None:
        return [None], np.zeros(len(responses), int)
    require_columns(responses, [by])
    code, distinct = pd.factorize(responses[by], use_na_sentinel=False)
    groups = group_rows(pd.DataFrame({by: distinct}), by)
    place = _scattered([rows for _, rows in groups])
    return [name for name, _ in groups], place[code]


def _scattered(masks: list[Array]) -> Array:
    place = np.full(len(masks[0]) if masks else 0, -1)
    for at, inside in enumerate(masks):
        place[inside] = at
    return place


def _plain(scores: Array, names: list, place: Array) -> Grouped:
    """One pass over the rows for all groups together."""
    answer = np.where(np.isnan(scores), 3, 1 - scores).astype(np.int64)
    # Rows in no group are counted before the first one.
    cells = np.bincount(4 * (place + 1) + answer, minlength=4 * (len(names) + 1))[4:]
    counts, n_missing = cells.reshape(-1, 4)[:, :3], cells.reshape(-1, 4)[:, 3]
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        up, down = counts[:, 0] / n, counts[:, 2] / n
        # Counted in whole numbers, so that equal answers have a spread of exactly zero.
        net = counts[:, 0] - counts[:, 2]
        error = np.sqrt((n * (counts[:, 0] + counts[:, 2]) - net**2) / n) / n
    shares = Shares(up, down, error, n, n.astype(float), np.full(len(n), np.inf))
    return Grouped(names, shares, counts, n_missing, n.astype(float), place, None, None)


def _designed(scores: Array, names: list, place: Array, sample: Sample) -> Grouped:
    promoter, detractor = (np.where(np.isnan(scores), np.nan, scores == one) for one in (1, -1))
    columns, counts, linearized = [], [], []
    for at in range(len(names)):
        inside = sample.within_domain(place == at)
        mean = sample.mean(scores, inside)
        up, down = sample.mean(promoter, inside).estimate, sample.mean(detractor, inside).estimate
        size = float(sample.weights[inside & ~np.isnan(scores)].sum())
        numbers = [up, down, mean.std_error, mean.n, mean.n_effective, mean.df]
        columns.append([*numbers, mean.n_missing, size])
        counts.append([int((scores[inside] == one).sum()) for one in (1, 0, -1)])
        linearized.append(mean.scores)
    *numbers, missing, sizes = np.array(columns, float).T
    shares, table = Shares(*map(np.asarray, numbers)), np.array(counts)
    return Grouped(names, shares, table, missing.astype(int), sizes, place, linearized, sample)
