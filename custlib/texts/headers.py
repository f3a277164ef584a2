"""Where a delimited text's table begins: its delimiter and its header row, by evidence."""

import csv
from collections.abc import Collection, Iterable
from io import StringIO
from itertools import islice

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# Title rows above the header are looked through this far; answers begin long before.
HEADER_WITHIN = 50


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


def best_delimiter(text: str, wanted: Collection[str]) -> str:
    """The delimiter under which one row holds most of the wanted names, then most cells."""

    def evidence(delimiter: str) -> tuple[int, int]:
        # Only the top of the text: a quotation mark left open is reported when all is read.
        lines = csv.reader(StringIO(text[:100_000], newline=""), delimiter=delimiter)
        top = list(islice(lines, HEADER_WITHIN))
        header = top[header_position(top, wanted)] if top else []
        return len({clean_name(cell) for cell in header} & set(wanted)), len(header)

    return max(DELIMITERS, key=evidence)
