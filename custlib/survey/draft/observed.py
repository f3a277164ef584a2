"""What stands in a column: its different cells, how often each occurs, and what kind they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from custlib.errors import DataError
from custlib.survey.codebook.parts import canonical
from custlib.survey.draft.vocabulary import is_personal_cell
from custlib.survey.exports import Export, ExportColumn
from custlib.survey.reading.answer_codes import LED_BY_CODE, NOT_AVAILABLE, within
from custlib.survey.reading.file_formats import RawResponses
from custlib.survey.reading.headings import limesurvey
from custlib.texts.dates import read_dates
from custlib.texts.numbers import read_numbers

WHOLE = re.compile(r"-?\d{1,9}")


@dataclass(frozen=True, slots=True)
class Observed:
    """One column of an export with its cells counted, in the spelling the codebook compares.

    `counts` holds the cells that say something, `spelled` each as it was first written, `unasked`
    those that the file itself declares to be no answer, `no_answer` what the survey program does,
    `first_rows` the row of the file in which each cell occurs first.
    """

    column: ExportColumn
    rows: int
    counts: Mapping[str, int]
    spelled: Mapping[str, str]
    unasked: frozenset[str]
    no_answer: Mapping[str, str]
    is_text: bool
    first_rows: Mapping[str, int]
    picks: np.ndarray = field(repr=False)
    platform: str = "plain"

    @property
    def name(self) -> str:
        """The column's name in the file."""
        return self.column.name

    @property
    def texts(self) -> tuple[str, str, str]:
        """All that the file calls it."""
        return self.column.name, self.column.question, self.column.part

    @property
    def filled(self) -> int:
        """Rows with a cell that says something."""
        return sum(self.counts.values())

    @property
    def labels(self) -> dict[str, str]:
        """Labels that the file gives codes, by the code's spelling."""
        return {canonical(code): str(text) for code, text in self.column.value_labels.items()}

    def numbers(self) -> np.ndarray | None:
        """The different cells as numbers, if all of them are some."""
        try:
            numbers, known = read_numbers(list(self.counts), column=self.name)
        except DataError:
            return None
        return numbers if len(numbers) and known.all() else None

    def are_times(self) -> bool:
        """Whether the cells are times that can be put in order."""
        if not self.counts or self.numbers() is not None:
            return False
        try:
            read_dates(pd.Series(list(self.spelled.values()), dtype="str"), column=self.name)
        except (DataError, ValueError):
            return False
        return True

    def are_personal(self) -> bool:
        """Whether cells tell who somebody is; a few are enough."""
        telling = sum(n for one, n in self.counts.items() if is_personal_cell(self.spelled[one]))
        return telling > 0 and 10 * telling >= self.filled


def counted_columns(export: Export) -> dict[str, Observed]:
    """Every column of an export with its cells counted, those of previews and tests left aside."""
    meant = {canonical(code): text for code, text in export.no_answer.items()}
    raw = export.respondents()
    found = {
        name: replace(_one(raw, column, meant), platform=export.platform)
        for name, column in export.columns.items()
    }
    # In delimited text every cell is a text, and none of them is odd for it.
    if any(not one.is_text for one in found.values()):
        return found
    return {name: replace(one, is_text=False) for name, one in found.items()}


def _one(raw: RawResponses, column: ExportColumn, no_answer: Mapping[str, str]) -> Observed:
    cells = raw.table[column.name]
    try:
        picks, different = pd.factorize(cells)
    except TypeError:  # lists and the like, which only their text can tell apart
        picks, different = pd.factorize(cells.astype("str"))
    numbers = np.bincount(picks[picks >= 0], minlength=len(different))
    # Cells are numbered in the order in which they occur.
    firsts = np.unique(picks, return_index=True)[1][-len(different) :]
    counts: dict[str, int] = {}
    spelled: dict[str, str] = {}
    rows: dict[str, int] = {}
    unasked = {canonical(code) for code in column.value_labels if _is_declared(code, column)}
    for cell, count, first in zip(different, numbers, firsts, strict=False):
        text = canonical(cell)
        if _is_declared(cell, column):
            unasked.add(text)
        elif text and text not in NOT_AVAILABLE:
            counts[text] = counts.get(text, 0) + int(count)
            spelled.setdefault(text, str(cell).strip())
            rows.setdefault(spelled[text], int(raw.rows[first]))
    told = {code: text for code, text in no_answer.items() if code in counts}
    is_text = any(isinstance(cell, str) for cell in different)
    declared = frozenset(unasked)
    return Observed(column, len(cells), counts, spelled, declared, told, is_text, rows, picks)


def place_in(text: str, seen: Observed) -> int | None:
    """Place of an answer by the code that LimeSurvey gives it: 4 of "A4", none elsewhere."""
    return limesurvey.ordered_code(text) if seen.platform == limesurvey.PLATFORM else None


def _is_declared(cell: Any, column: ExportColumn) -> bool:
    """Whether the file declares this code to be no answer."""
    return any(within(cell, one["lo"], one["hi"]) for one in column.user_missing)


def code_in(text: str) -> tuple[int, str] | None:
    """The whole number a cell is or begins with, and the label behind it."""
    if WHOLE.fullmatch(canonical(text)):
        return int(canonical(text)), ""
    match: Any = LED_BY_CODE.fullmatch(text.strip())
    # "18-24" and "1 or 2" begin with a number as well, and are none.
    if match and not re.search(r"\d", match[2]):
        return int(match[1]), match[2].strip()
    return None
