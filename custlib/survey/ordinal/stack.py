"""Answers of several items as one stack of tables: covariate pattern by answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_numeric
from custlib.errors import DataError
from custlib.survey.ordinal.cumulative import (
    Fit,
    cell_scores,
    fit_stack,
    marginal_thresholds,
    threshold_rows,
)
from custlib.survey.ordinal.terms import Term, distinct_rows
from custlib.variance import Sample

Array = np.ndarray

MOST_ANSWERS = 30


@dataclass(frozen=True, slots=True)
class Covariates:
    """Distinct rows of the terms: each row's pattern (−1: incomplete) and the patterns' columns.

    Columns of numeric terms are centred and scaled; those of categories are 0 and 1.
    """

    terms: list[Term]
    pattern: Array
    matrix: Array
    centre: Array
    scale: Array
    columns: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Answers:
    """One item: the answers in their order, and each row's answer among those given (−1: none)."""

    item: str
    labels: list
    given: list[int]  # positions in `labels`
    codes: Array
    weights: Array
    n: int
    n_missing: int
    note: str = ""

    @property
    def used(self) -> Array:
        """Rows the model is fitted on."""
        return self.codes >= 0


def read_covariates(responses: pd.DataFrame, terms: list[Term]) -> Covariates:
    """Patterns of the terms over the rows where none is missing."""
    codes = [term.codes(responses) for term in terms]
    pattern, first = distinct_rows(codes)
    blocks = [term.matrix(column[first]) for term, column in zip(terms, codes, strict=True)]
    ends = np.cumsum([0] + [block.shape[1] for block in blocks])
    columns = {term.name: list(range(*ends[at : at + 2])) for at, term in enumerate(terms)}
    matrix = np.hstack(blocks)
    numeric = np.concatenate(
        [
            np.full(block.shape[1], term.levels is None)
            for term, block in zip(terms, blocks, strict=True)
        ]
    )
    centre = np.where(numeric, matrix.mean(axis=0), 0.0)
    scale = np.where(numeric, np.maximum(matrix.std(axis=0), 1e-300), 1.0)
    return Covariates(terms, pattern, (matrix - centre) / scale, centre, scale, columns)


def read_answers(
    responses: pd.DataFrame, item: str, pattern: Array, frequencies: Array, sample: Sample | None
) -> Answers:
    """Answers in the order of the categories or of the numbers; frequencies count respondents."""
    column = responses[item]
    if isinstance(column.dtype, pd.CategoricalDtype):
        _require_order(column, item)
        labels, codes = list(column.cat.categories), column.cat.codes.to_numpy().astype(int)
    else:
        require_numeric(responses, item)
        numbers = pd.to_numeric(column).to_numpy(float, na_value=np.nan)
        codes, uniques = pd.factorize(numbers, sort=True)
        labels = [int(value) if value % 1 == 0 else float(value) for value in uniques]
    used = (codes >= 0) & (pattern >= 0) & (frequencies > 0)
    given = np.flatnonzero(np.bincount(codes[used], minlength=len(labels)))
    _require_scale(item, len(given))
    place = np.full(len(labels) + 1, -1)
    place[given] = np.arange(len(given))
    n, everyone = int(frequencies[used].sum()), int(frequencies.sum())
    weights = np.where(used, frequencies if sample is None else sample.weights, 0.0)
    if sample is not None and n:
        weights *= n / weights.sum()
    codes = np.where(used, place[codes], -1)
    note = _unused(labels, given)
    return Answers(item, labels, given.tolist(), codes, weights, n, everyone - n, note)


@dataclass(frozen=True, slots=True)
class Stack:
    """Items with equally many answers, fitted together."""

    items: list[Answers]
    covariates: Covariates
    link: str
    counts: Array
    active: Array  # columns of the terms that the item's answers speak of

    @property
    def answers(self) -> int:
        """Answers given to each item."""
        return self.counts.shape[2]

    def rows(self, columns: Sequence[int] | None = None, free: Sequence[int] = ()) -> Array:
        """Rows of the linear predictor with these columns, some with slopes of their own."""
        matrix = self.covariates.matrix
        kept = matrix if columns is None else matrix[:, list(columns)]
        return threshold_rows(kept, self.answers, matrix[:, list(free)] if len(free) else None)

    def fit(self, columns: Sequence[int] | None = None) -> Fit:
        """Maximum likelihood from the marginal shares."""
        active = self.active if columns is None else self.active[:, list(columns)]
        start = np.zeros((len(self.items), self.answers - 1 + active.shape[1]))
        start[:, : self.answers - 1] = marginal_thresholds(self.counts, self.link)
        return fit_stack(self.rows(columns), self.counts, start, self.link, self.switched(active))

    def fit_free(self, free: Sequence[int], start: Array) -> Fit:
        """Maximum likelihood where some columns have a slope at each threshold."""
        active = np.hstack([self.active, np.tile(self.active[:, list(free)], self.answers - 2)])
        added = active.shape[1] - self.active.shape[1]
        start = np.hstack([start, np.zeros((len(start), added))])
        return fit_stack(self.rows(free=free), self.counts, start, self.link, self.switched(active))

    def switched(self, active: Array) -> Array:
        """Active parameters, thresholds first: those are always fitted."""
        return np.hstack([np.ones((len(active), self.answers - 1), bool), active])

    def scores(self, at: int, rows: Array, parameters: Array) -> Array:
        """Weighted score of each respondent for one item, zero where the row is not used."""
        answers, cells = self.items[at], cell_scores(rows, parameters, self.link)
        result = np.zeros((len(answers.codes), rows.shape[2]))
        used = answers.used
        result[used] = cells[self.covariates.pattern[used], answers.codes[used]]
        return result * answers.weights[:, None]

    def sandwich(self, at: int, fit: Fit, sample: Sample) -> Array:
        """Design-based covariance of one item's parameters."""
        scores = self.scores(at, self.rows(), fit.parameters[at])
        bread = np.linalg.pinv(fit.information[at], hermitian=True)
        return bread @ sample.covariance(scores) @ bread

    def denominator(self, at: int, sample: Sample) -> int:
        """Degrees of freedom of the design where the item was answered, less the slopes."""
        return sample.degrees_of_freedom(self.items[at].used) - int(self.active[at].sum())


def stack_items(items: list[Answers], covariates: Covariates, link: str) -> Stack:
    """Count answers by pattern for items with equally many answers."""
    patterns, answers = len(covariates.matrix), len(items[0].given)
    counts = np.empty((len(items), patterns, answers))
    for at, item in enumerate(items):
        cells = covariates.pattern[item.used] * answers + item.codes[item.used]
        weights = item.weights[item.used]
        counts[at] = np.bincount(cells, weights, minlength=patterns * answers).reshape(patterns, -1)
    seen = counts.sum(axis=2) > 0
    active = np.array([np.ptp(covariates.matrix[rows], axis=0) > 0 for rows in seen])
    return Stack(items, covariates, link, counts, active)


def told_apart(stack: Stack, at: int) -> bool:
    """The patterns of an item's answers let its active columns and a constant be separated."""
    rows = stack.covariates.matrix[stack.counts[at].sum(axis=1) > 0][:, stack.active[at]]
    full = np.column_stack([np.ones(len(rows)), rows])
    return bool(np.linalg.matrix_rank(full.T @ full) == full.shape[1])


def _unused(labels: list, given: Array) -> str:
    """Answers of the scale nobody gave, as far as the column shows them."""
    chosen = [labels[at] for at in given]
    whole = all(isinstance(label, int) for label in labels)
    scale = (
        range(labels[0], labels[-1] + 1) if whole and 0 < len(labels) <= MOST_ANSWERS else labels
    )
    missing = [str(label) for label in scale if label not in chosen]
    return f"nobody answered {', '.join(missing)}" if chosen and 0 < len(missing) < 20 else ""


def _require_order(column: pd.Series, item: str) -> None:
    if not column.cat.ordered:
        raise DataError.because(
            f"{item!r} has unordered categories: {', '.join(map(str, column.cat.categories))}.",
            "Expected numbers or ordered categories.",
            f"Use responses[{item!r}].cat.as_ordered() once the categories stand in their order.",
        )


def _require_scale(item: str, answers: int) -> None:
    if answers > MOST_ANSWERS:
        raise DataError.because(
            f"{item!r} has {answers} different answers.",
            f"Expected an answer scale of at most {MOST_ANSWERS}.",
            "Group the answers, or compare means with compare_groups.",
        )
