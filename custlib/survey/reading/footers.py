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
# The first cell of a row of sums; some may be a firm, a name or a reply. Then what stands behind.
SUMS = r"(grand |sub-?)?total|sum|count|n|mean|average|median|min|max|s\.?d\.?|std\.? ?dev\.?"
SUMS += "|итого|всего|сумма|среднее|skupaj|vsota|povprečje|gesamt|summe|mittelwert|durchschnitt"
SUMS = rf"({SUMS})( ({COUNTED}))? ?:?"
NUMBER = r"[-+]?\d+([ '.,]\d{3})*([.,]\d+)? ?%?|-|#\S+"
LETTER = re.compile(r"[^\W\d_]")


def footer_rows(raw: RawResponses) -> np.ndarray:
    """Whether each row stands in a footer: one text alone, or a word such as Total before numbers.

    A blank row is above the text, or it tells how many rows there are. What somebody else answered
    in the same column is an answer, and so may a word be among words that all differ.
    """
    tail = n = len(raw.table)
    least = max(1, n - MOST_LINES) if raw.header_row and len(raw.table.columns) > 1 else n
    while tail > least and (len(_texts(raw, tail - 1)) == 1 or _sums_up(raw, tail - 1)):
        tail -= 1
    blank = raw.rows - np.arange(n)  # grows wherever rows of the file were left out
    footers = (at for at in range(tail, n) if _is_footer(raw, at, blank[at] > blank[tail - 1]))
    return np.arange(n) >= next(footers, n)


def _texts(raw: RawResponses, at: int) -> dict[str, int]:
    """The different texts of a row, each with the first place it stands in."""
    cells = [*map(canonical, raw.table.iloc[at])]
    return {text: cells.index(text) for text in cells if text}


def _sums_up(raw: RawResponses, at: int) -> bool:
    """Whether a row holds a word such as Total and, behind it, numbers alone."""
    texts = _texts(raw, at)
    word, *others = texts or [""]
    is_sum = re.fullmatch(SUMS, word) and (others or texts[word] == 0)
    return bool(is_sum) and all(re.fullmatch(NUMBER, one) for one in others)


def _above(raw: RawResponses, at: int, place: int) -> dict[str, int]:
    """How often each answer stands in a column above a row."""
    cells = raw.table.iloc[:at, place].value_counts()
    return {known: n for cell, n in cells.items() if (known := canonical(cell))}


def _is_footer(raw: RawResponses, at: int, is_apart: bool) -> bool:
    """Whether the texts of a row tell of the table above it."""
    (text, place), *others = _texts(raw, at).items()
    above = _above(raw, at, place)
    if text in above or not LETTER.search(text):
        return False
    if _sums_up(raw, at):
        # A firm called Total answers by the codes of others; a sum is none of its column's.
        known = [(one, _above(raw, at, where)) for one, where in others]
        coded = [one in codes for one, codes in known if len(codes) <= MOST_CODES]
        is_reply = all(coded) if coded else not others
        return is_apart or not is_reply
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
        do = "If a respondent gave it, fill in another cell there, or other words."
        warnings.warn(f"{told} {do}", stacklevel=3)
    return raw.without(below, np.full(len(below), FOOTER))
