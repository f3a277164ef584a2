"""Pairs of answers (if the feature is there, if it is not) and the class each pair falls into."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_distinct, require_numeric
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.groups import group_rows
from custlib.variance import Mean, Sample

Array = np.ndarray
Columns = Mapping[str, str] | None
Coding = Sequence[int | str]
ANSWERS = ("like", "must_be", "neutral", "live_with", "dislike")
# Rows: answer if the feature is there. Columns: answer if it is not.
EVALUATION = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
CATEGORIES = ("M", "O", "A", "I", "R", "Q")  # of equally large classes the first one goes ahead
CLASSED = np.array([[CATEGORIES.index(category) for category in row] for row in EVALUATION])


@dataclass(frozen=True, slots=True)
class Feature:
    """Classes of one feature's answers in one group, and the sample they belong to."""

    keys: dict
    classes: Array  # position in CATEGORIES, NaN where half a pair is missing
    sample: Sample
    inside: Array

    def mean(self, categories: str, inside: Array | None = None) -> Mean:
        """Share of these classes among the answers of the group, or among those inside."""
        return self.sample.mean(self.among(categories), self.inside if inside is None else inside)

    def among(self, categories: str) -> Array:
        """1 where the class is one of these, 0 where it is another, NaN where there is none."""
        wanted = [CATEGORIES.index(category) for category in categories]
        return np.where(np.isnan(self.classes), np.nan, np.isin(self.classes, wanted))

    def counts(self) -> Array:
        """Unweighted answers per class, in the order of CATEGORIES."""
        classes = self.classes[self.inside]
        return np.bincount(classes[~np.isnan(classes)].astype(int), minlength=len(CATEGORIES))


def evaluation_table() -> pd.DataFrame:
    """Class of each of the 25 pairs of answers to the two questions of the Kano method.

    Returns
    -------
    DataFrame, one row per answer to the functional question ("if the feature is there")
        functional, and one column per answer to the dysfunctional question ("if it is not"):
        like, must_be, neutral, live_with, dislike. A attractive, O one-dimensional, M must-be,
        I indifferent, R reverse (better without it), Q questionable (the answers contradict).

    Notes
    -----
    Assumes: the five answers in Kano's order, to both questions about the same feature; the class
    is a convention, with no chance in it.

    Not for: questionnaires with other answers, or another table: count their classes and give
    `kano_categories` the counts by `item`.

    References
    ----------
    Kano, N., Seraku, N., Takahashi, F. & Tsuji, S. (1984). Hinshitsu 14(2):39–48. Berger, C. et
    al. (1993). Center for Quality of Management Journal 2(4):3–36.

    Examples
    --------
    >>> evaluation_table().set_index("functional").loc["like", "dislike"]
    'O'
    """
    table = pd.DataFrame([list(row) for row in EVALUATION], columns=list(ANSWERS))
    table.insert(0, "functional", ANSWERS)
    return table


def read_pairs(
    responses: pd.DataFrame, functional: Columns, dysfunctional: Columns, coding: Coding
) -> dict[str, tuple[Array, Array]]:
    """Both answers to each feature as positions in ANSWERS; NaN in both where one is missing."""
    functional, dysfunctional = functional or {}, dysfunctional or {}
    alone = sorted(set(functional) ^ set(dysfunctional))
    if alone:
        raise ParameterError.because(
            f"Features with one question of the two: {', '.join(map(str, alone))}.",
            "Expected a functional and a dysfunctional column for each feature.",
            "Name the missing column, or leave the feature out.",
        )
    columns = [*functional.values(), *dysfunctional.values()]
    require_distinct(columns, at_least=2)
    require_columns(responses, columns)
    if len(coding) != len(ANSWERS) or len(set(coding)) != len(ANSWERS):
        raise ParameterError.because(
            f"coding is {list(coding)}.",
            f"Expected five different codes, for {', '.join(ANSWERS)} in this order.",
            "For answers from 1 (like) to 5 (dislike) pass (1, 2, 3, 4, 5), the default.",
        )
    pairs = {}
    for name in functional:
        both = [_positions(responses, side[name], coding) for side in (functional, dysfunctional)]
        half = np.isnan(both).any(axis=0)
        pairs[name] = (np.where(half, np.nan, both[0]), np.where(half, np.nan, both[1]))
    return pairs


def read_features(
    responses: pd.DataFrame,
    functional: Columns,
    dysfunctional: Columns,
    item: str | None,
    by: str | None,
    design: SurveyDesign | None,
    coding: Coding,
) -> Iterator[Feature]:
    """Every feature in every group, from pairs of answers or from a table of counts."""
    if item is not None:
        if functional or dysfunctional or by or design:
            raise ParameterError.because(
                f"item={item!r} comes with functional, dysfunctional, by or design.",
                "Expected item alone, for a table of counts with one row per feature.",
                "Leave item out for answers; leave the others out for counts.",
            )
        yield from _counted(responses, item)
        return
    pairs = read_pairs(responses, functional, dysfunctional, coding)
    sample = (design or SurveyDesign()).sample(responses)
    for group, members in group_rows(responses, by):
        inside = sample.within_domain(members)
        for name, (present, absent) in pairs.items():
            known = ~np.isnan(present)
            places = np.where(known, [present, absent], 0).astype(int)
            classes = np.where(known, CLASSED[tuple(places)], np.nan)
            yield Feature(({by: group} if by else {}) | {"item": name}, classes, sample, inside)


def _counted(counts: pd.DataFrame, item: str) -> Iterator[Feature]:
    """A published table of counts as the answers it was counted from, in a simple sample."""
    require_columns(counts, [item, *CATEGORIES])
    require_distinct(counts[item].tolist())
    numbers = np.column_stack([require_numeric(counts, category) for category in CATEGORIES])
    wrong = np.flatnonzero(~((numbers >= 0) & (numbers == np.floor(numbers))).all(axis=1))
    if len(wrong):
        raise DataError.because(
            f"Counts negative, broken or missing, first for {counts[item].iloc[wrong[0]]!r}.",
            f"Expected a whole number, 0 or more, in each of {', '.join(CATEGORIES)}.",
            "Give counts, not shares; write 0 where nobody gave the answer.",
        )
    for name, row in zip(counts[item], numbers.astype(int), strict=True):
        classes = np.repeat(np.arange(len(CATEGORIES), dtype=float), row)
        sample = SurveyDesign().sample(pd.DataFrame(index=range(len(classes))))
        yield Feature({"item": name}, classes, sample, sample.domain)


def _positions(responses: pd.DataFrame, column: str, coding: Coding) -> Array:
    """Position of each answer in ANSWERS, NaN where missing."""
    given = responses[column].astype(object)
    places = {code: float(at) for at, code in enumerate(coding)}
    positions = given.map(places).to_numpy(float, na_value=np.nan)
    off = np.flatnonzero(np.isnan(positions) & given.notna().to_numpy())
    if len(off):
        rows, values = given.index[off[:5]].tolist(), given.iloc[off[:5]].tolist()
        raise DataError.off_scale(
            column, len(off), rows, values, f"one of {', '.join(map(str, coding))}"
        )
    return positions
