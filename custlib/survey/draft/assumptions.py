"""What was assumed of a file when it was read, in words that its owner can correct."""

import re
from collections.abc import Iterator, Mapping

from custlib.survey.draft.observed import Observed
from custlib.survey.exports import Export
from custlib.texts.headers import NAMES

PROGRAMS = {"qualtrics": "Qualtrics", "limesurvey": "LimeSurvey", "surveymonkey": "SurveyMonkey"}
DECIMAL = re.compile(r"[-+]?\d+([.,])\d+")


def program_of(export: Export) -> str:
    """Name of the survey program that wrote the file; empty where none is known."""
    return PROGRAMS.get(export.platform, "")


def rows_of(export: Export) -> str:
    """How many rows there are, and of which kinds where they are of several."""
    counts = [f"{row.n} {row.kind}" for row in export.row_counts.itertuples()]
    return f"{len(export.table)} rows" + (f" ({', '.join(counts)})" if counts[1:] else "")


def described(export: Export) -> str:
    """Which file it is, of which program, and its size."""
    source = f" from {program}" if (program := program_of(export)) else ""
    return f"{export.raw.source}{source}: {len(export.columns)} columns, {rows_of(export)}."


def assumed(export: Export, columns: Mapping[str, Observed]) -> str:
    """Encoding, delimiter, decimal mark and header row by which a text or a workbook was read."""
    return ", ".join(_assumed(export, columns))


def _assumed(export: Export, columns: Mapping[str, Observed]) -> Iterator[str]:
    raw = export.raw
    if raw.read_as:
        mark = raw.read_as["delimiter"]
        yield raw.read_as["encoding"]
        yield f"columns parted by {NAMES.get(mark, repr(mark))}"
        marks = sorted({mark for one in columns.values() for mark in _decimal_marks(one)})
        if marks:
            yield "decimal " + " and ".join("comma" if one == "," else "point" for one in marks)
    if raw.header_row is not None:
        yield f"column names in row {raw.header_row}"
        # Of a program's rows of names one cannot tell here how many there are.
        has_two = any(one.question for one in export.columns.values())
        skipped = raw.header_row - 1 - has_two
        if export.platform == "plain" and skipped > 0:
            yield f"{skipped} row{'s' if skipped > 1 else ''} above them skipped"


def _decimal_marks(one: Observed) -> set[str]:
    """Marks before the fractions of a column of numbers."""
    numbers = one.numbers()
    if numbers is None or not (numbers % 1).any():
        return set()
    return {match[1] for text in one.spelled.values() if (match := DECIMAL.fullmatch(text))}
