"""Numbers written as text: decimal commas, blanks or points between thousands."""

import re
from collections.abc import Sequence

import numpy as np

from custlib.errors import DataError

# Blanks a spreadsheet writes between thousands, no-break and narrow ones among them.
BLANK = "[ \u00a0\u2009\u202f']"
GROUPED = re.compile(rf"([-+]?\d{{1,3}})((?:{BLANK}\d{{3}})+)([.,]\d+)?")
PLAIN = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
POINTS_THEN_COMMA = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}")
COMMAS_THEN_POINT = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d{1,3}(?:,\d{3}){2,}")
# 1,234 alone may be a thousand or a little over one; 0,234 and 12,5 may not.
EITHER = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")


def without_blanks(text: str) -> str:
    """The number without blanks between its thousands; other blanks stay and spoil it."""
    text = text.strip().replace("\u2212", "-")
    grouped = GROUPED.fullmatch(text)
    if not grouped:
        return text
    return grouped[1] + re.sub(BLANK, "", grouped[2]) + (grouped[3] or "")


def decimal_mark(texts: Sequence[str], *, column: str) -> str:
    """Comma or point, whichever the column's numbers show; both, or neither for sure, raises."""
    comma = next((t for t in texts if shows_comma(t)), None)
    point = next((t for t in texts if shows_point(t)), None)
    if comma and point:
        raise DataError.because(
            f"The numbers in {column!r} have decimal commas and decimal points: {comma}, {point}.",
            "Expected one decimal mark in a column.",
            "Correct the column, or pass decimal=',' or decimal='.'; the other mark is then"
            " read between thousands.",
        )
    unsure = next((t for t in texts if EITHER.fullmatch(t)), None)
    if unsure and not comma and not point:
        raise DataError.because(
            f"The numbers in {column!r} leave open what their comma means: {unsure}"
            f" is {unsure.replace(',', '')} or {unsure.replace(',', '.')}.",
            "Expected at least one number that shows which, such as 0,5 or 1,25.",
            "Pass decimal=',' where the comma is decimal, decimal='.' where it parts thousands.",
        )
    return "," if comma else "."


def shows_comma(text: str) -> bool:
    """The comma can only be decimal."""
    if POINTS_THEN_COMMA.fullmatch(text):
        return True
    return text.count(",") == 1 and bool(PLAIN.fullmatch(text)) and not EITHER.fullmatch(text)


def shows_point(text: str) -> bool:
    """The point can only be decimal; 1.234 is left open, as it is read so unless commas rule."""
    if COMMAS_THEN_POINT.fullmatch(text):
        return True
    open_either_way = EITHER.fullmatch(text.replace(".", ","))
    return text.count(".") == 1 and bool(PLAIN.fullmatch(text)) and not open_either_way


def read_numbers(
    texts: Sequence[str], *, column: str, decimal: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the texts, NaN where a text is none, and which texts are numbers."""
    cleaned = [without_blanks(text) for text in texts]
    mark = decimal or decimal_mark(cleaned, column=column)
    between = "." if mark == "," else ","
    grouped = re.compile(
        rf"[-+]?\d{{1,3}}(?:{re.escape(between)}\d{{3}})+(?:{re.escape(mark)}\d+)?"
    )
    numbers, known = np.full(len(texts), np.nan), np.zeros(len(texts), dtype=bool)
    for at, text in enumerate(cleaned):
        plain = text.replace(between, "") if grouped.fullmatch(text) else text
        if PLAIN.fullmatch(plain) and between not in plain:
            numbers[at], known[at] = float(plain.replace(",", ".")), True
    return numbers, known
