"""Rows below the answers that no respondent filled in: a total, a source, a date of export."""

import re
import warnings

import numpy as np

from custlib.survey.codebook.parts import canonical
from custlib.survey.reading.file_formats import RawResponses

# Lines of a footer; codes of a scale: a column with more numbers is one of ids or of times.
FOOTER, MOST_LINES, MOST_CODES = "footer", 10, 11
COUNTED = "rows?|records?|respon(se|dent)s?|answers|строк|записей|ответов|анкет|vrstic|anket"
# How such a line begins, with a number or a colon behind; or a number and what it counts.
WORDS = rf"({COUNTED}|total|count|n|exported|итого|всего|количество|skupaj|število)\b.*[\d:=].*"
WORDS += rf"|\d+ ({COUNTED})\b.*|(source|notes?|источник|примечание|vir|opomba):.*"
LETTER = re.compile(r"[^\W\d_]")


def footer_rows(raw: RawResponses) -> np.ndarray:
    """Whether each row stands in a footer: one text alone, which is no answer of its column.

    A blank row is above it, or it tells how many rows there are. What somebody else answered in
    the same column is an answer, and so may a word be among words that all differ.
    """
    tail = n = len(raw.table)
    least = max(1, n - MOST_LINES) if raw.header_row and len(raw.table.columns) > 1 else n
    while tail > least and len(_texts(raw, tail - 1)) == 1:
        tail -= 1
    blank = raw.rows - np.arange(n)  # grows wherever rows of the file were left out
    footers = (at for at in range(tail, n) if _is_footer(raw, at, blank[at] > blank[tail - 1]))
    return np.arange(n) >= next(footers, n)


def _texts(raw: RawResponses, at: int) -> dict[str, int]:
    """The different texts of a row, each with the first place it stands in."""
    cells = [*map(canonical, raw.table.iloc[at])]
    return {text: cells.index(text) for text in cells if text}


def _is_footer(raw: RawResponses, at: int, is_apart: bool) -> bool:
    """Whether the one text of a row tells of the table above it."""
    ((text, place),) = _texts(raw, at).items()
    cells = raw.table.iloc[:at, place].value_counts()
    above = {known: n for cell, n in cells.items() if (known := canonical(cell))}
    if text in above or not LETTER.search(text):
        return False
    is_named = re.fullmatch(WORDS, text) is not None
    is_counted = is_named and place == 0 and str(at) in re.findall(r"\d+", text)
    are_numbers = bool(above) and not any(map(LETTER.search, above))
    recur = 0 < 2 * len(above) <= sum(above.values())
    is_id = are_numbers and not recur and place == 0 and len(above) > MOST_CODES
    return is_counted or (is_apart and (is_id or (is_named and (recur or are_numbers))))


def without_footer(raw: RawResponses) -> RawResponses:
    """The rows of respondents; those below them are set aside, with a warning that names them."""
    below = footer_rows(raw)
    if below.any():
        rows = ", ".join(map(str, raw.rows[below]))
        told = f"{raw.source}: row {rows} below the answers, a footer, is set aside."
        warnings.warn(f"{told} Fill in another cell there if a respondent gave it.", stacklevel=3)
    return raw.without(below, np.full(len(below), FOOTER))
