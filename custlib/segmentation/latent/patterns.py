"""Categorical answers counted by pattern: rows that answer alike are one row with their weight."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.errors import DataError

Array = np.ndarray

MOST_ANSWERS = 30
LARGEST_CODE = 2**62


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers of one item in their order; an answer's code is its place."""

    item: str
    answers: tuple

    def codes(self, customers: pd.DataFrame) -> Array:
        """Code of each row's answer, −1 where missing; an answer that is not known raises."""
        column = customers[self.item]
        codes, found = pd.factorize(column)
        place = {answer: at for at, answer in enumerate(self.answers)}
        known = np.array([place.get(answer, -2) for answer in found.tolist()] + [-1])
        result = known[codes]
        wrong = np.flatnonzero(result == -2)
        if len(wrong):
            first = wrong[:5]
            pairs = zip(customers.index[first], column.iloc[first].tolist(), strict=True)
            answers = "answer" if len(wrong) == 1 else "answers"
            raise DataError.because(
                f"{len(wrong)} {answers} to {self.item!r} that the classes were not fitted on; "
                "first: " + ", ".join(f"row {row}: {value!r}" for row, value in pairs) + ".",
                f"Expected one of: {', '.join(map(repr, self.answers))}; or missing.",
                "Correct the answers, set them missing, or fit the classes on data that have them.",
            )
        return result


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct patterns of answers, and the rows and weights behind each.

    `codes` has shape (patterns, items), −1 where an answer is missing; `indicators` one column
    per answer of each item: `starts` is an item's first, `item_of_answer` a column's item.
    `weights` and `squares` are sums of the rows' weights and of their squares; `of_row` is a
    row's pattern, −1 for a row that is left out.
    """

    scales: tuple[Scale, ...]
    codes: Array
    indicators: Array
    weights: Array
    squares: Array
    rows: Array
    of_row: Array
    starts: Array
    item_of_answer: Array

    @property
    def n(self) -> int:
        """Rows that are used."""
        return int(self.rows.sum())

    @property
    def complete(self) -> bool:
        """Whether every row used has answered every item."""
        return bool((self.codes >= 0).all())

    @property
    def cells(self) -> float:
        """How many patterns of complete answers there could be."""
        return float(np.prod([float(len(scale.answers)) for scale in self.scales]))


def count_patterns(
    customers: pd.DataFrame, *, items: Sequence[str], weights: Array, missing: str
) -> Patterns:
    """Count the rows by pattern, with weights of mean 1; rows that cannot be used are left out."""
    answered = customers[list(items)].notna().to_numpy()
    used = answered.all(axis=1) if missing == "listwise" else answered.any(axis=1)
    rows = customers if used.all() else customers[used]
    read = [_read_item(rows[item]) for item in items]
    scales = tuple(scale for scale, _ in read)
    _require_two_answers(scales, len(rows), missing)
    sizes = [len(scale.answers) for scale in scales]
    of_used, distinct = distinct_rows(np.column_stack([codes for _, codes in read]), sizes)
    of_row = np.full(len(customers), -1)
    of_row[used] = of_used
    scaled = weights[used] / weights[used].mean()
    return Patterns(
        scales,
        distinct,
        indicators(scales, distinct),
        np.bincount(of_used, scaled),
        np.bincount(of_used, scaled**2),
        np.bincount(of_used),
        of_row,
        np.cumsum([0, *sizes[:-1]]),
        np.repeat(np.arange(len(sizes)), sizes),
    )


def distinct_rows(codes: Array, sizes: Sequence[int]) -> tuple[Array, Array]:
    """Pattern of each row, and the distinct patterns in sorted order."""
    number = np.zeros(len(codes), dtype=np.int64)
    room = 1
    for column, size in zip(codes.T, sizes, strict=True):
        if room * (size + 1) > LARGEST_CODE:
            number = np.unique(number, return_inverse=True)[1]
            room = len(codes)
        number = number * (size + 1) + column + 1
        room *= size + 1
    of_row, found = pd.factorize(number, sort=True)
    first = np.empty(len(found), dtype=np.int64)
    # Of repeated places the last assignment stays: any row of a pattern will do.
    first[of_row] = np.arange(len(codes))
    return of_row, codes[first]


def indicators(scales: Sequence[Scale], codes: Array) -> Array:
    """One column per answer of each item, 1 where the pattern has it."""
    return np.hstack(
        [
            (column[:, None] == np.arange(len(scale.answers))).astype(float)
            for scale, column in zip(scales, codes.T, strict=True)
        ]
    )


def _read_item(column: pd.Series) -> tuple[Scale, Array]:
    """Answers of an item, sorted or in the order of its categories, and each row's code."""
    codes, found = pd.factorize(column)
    given = found.tolist()
    if len(given) > MOST_ANSWERS:
        raise DataError.because(
            f"{column.name!r} has {len(given)} different answers.",
            f"Expected a categorical item, with at most {MOST_ANSWERS} answers.",
            "Cut a quantity into a few ranges first (pandas.cut), or merge rare answers.",
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        order = [answer for answer in column.cat.categories.tolist() if answer in set(given)]
    else:
        try:
            order = sorted(given)
        except TypeError:
            kinds = sorted({type(answer).__name__ for answer in given})
            raise DataError.because(
                f"{column.name!r} mixes answers that have no common order: {', '.join(kinds)}.",
                "Expected codes or labels of one kind.",
                "Make them one kind, such as text, so that equal answers are equal.",
            ) from None
    rank = {answer: at for at, answer in enumerate(order)}
    return Scale(str(column.name), tuple(order)), np.array([rank[one] for one in given] + [-1])[
        codes
    ]


def _require_two_answers(scales: tuple[Scale, ...], rows: int, missing: str) -> None:
    """Every item tells somebody from somebody."""
    alone = [scale.item for scale in scales if len(scale.answers) < 2]
    if alone:
        listwise = missing == "listwise"
        raise DataError.because(
            f"Items with fewer than two different answers: {', '.join(alone)}; "
            f"{rows} {'complete ' if listwise else ''}row{'' if rows == 1 else 's'} can be used.",
            "Expected every item to have at least two answers that occur.",
            "Leave out an item on which all agree: it tells no classes apart."
            + (" missing='mar' keeps rows with gaps." if listwise else ""),
        )
