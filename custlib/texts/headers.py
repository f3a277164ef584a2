"""Where a delimited text's table begins: its delimiter and its header row, by evidence."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable
from io import StringIO
from itertools import islice

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# Title rows above the header are looked through this far; answers begin long before.
HEADER_WITHIN = 50
NEARLY = 0.8  # of the rows that another delimiter parts alike
# Tags that editors of questionnaires write; other words in angle brackets are words.
TAGS = "a|b|big|br|center|code|div|em|font|h[1-6]|hr|i|img|input|label|li|ol|p|pre|s|script|small"
TAGS += "|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul"
MARKUP = re.compile(rf"</?(?:{TAGS})(?:[\s/][^<>]*)?>", re.IGNORECASE)


def header_position(rows: Iterable[Iterable[object]], wanted: Collection[str]) -> int:
    """Position of the row that names most of the wanted columns, at least half of them.

    Else the first row with text: answers may hold a few names of columns as well.
    """
    best, most, first = 0, 0, None
    for at, row in enumerate(rows):
        names = {clean_name(cell) for cell in row}
        held = len(names & set(wanted))
        if first is None and names - {""}:
            first = at
        if held > most:
            best, most = at, held
    return best if 2 * most >= len(wanted) > 0 else first or 0


def clean_name(cell: object) -> str:
    """A column's name with the blanks of a wrapped header cell made single."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else " ".join(str(cell).split())


def without_markup(text: str) -> str:
    """The text without HTML tags, a blank in place of each."""
    return MARKUP.sub(" ", text)


def best_delimiter(text: str, wanted: Collection[str]) -> str:
    """The delimiter under which one row holds most of the wanted names, then most cells."""

    def evidence(delimiter: str) -> tuple[int, int]:
        # Only the top of the text: a quotation mark left open is reported when all is read.
        lines = csv.reader(StringIO(text[:100_000], newline=""), delimiter=delimiter)
        top = list(islice(lines, HEADER_WITHIN))
        header = top[header_position(top, wanted)] if top else []
        return len({clean_name(cell) for cell in header} & set(wanted)), len(header)

    return max(DELIMITERS, key=evidence)


def likely_delimiter(text: str) -> str:
    """The delimiter under which most rows have one width, the wider where two nearly do so.

    Commas of decimal numbers stand in every row as well, and in a title row besides.
    """

    def evidence(delimiter: str) -> tuple[int, int]:
        lines = csv.reader(StringIO(text[:100_000], newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(lines, HEADER_WITHIN) if len(row) > 1)
        width, count = max(widths.items(), key=lambda pair: pair[::-1], default=(0, 0))
        return count, width

    found = {delimiter: evidence(delimiter) for delimiter in DELIMITERS}
    most = max(count for count, _ in found.values())
    likely = [one for one in DELIMITERS if found[one][0] >= NEARLY * most]
    return max(likely, key=lambda one: found[one][::-1])
