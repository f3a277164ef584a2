"""Delimited text as spreadsheets and survey tools export it: csv, tsv, txt."""

import csv
from collections.abc import Collection, Iterator
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from custlib.errors import DataError, ParameterError
from custlib.survey.reading.headings import Heading, heading_of
from custlib.survey.reading.headings.limesurvey import unescaped
from custlib.texts.encoding import decoded, detected
from custlib.texts.headers import (
    DELIMITERS,
    HEADER_WITHIN,
    NAMES,
    best_delimiter,
    likely_delimiter,
)

CHUNK = 20_000


def read_delimited(
    path: Path,
    *,
    wanted: Collection[str],
    encoding: str | None = None,
    delimiter: str | None = None,
) -> tuple[pd.DataFrame, np.ndarray, Heading, dict[str, str]]:
    """Table of text cells, the row of the file each stands in, its heading, how it was read."""
    data = path.read_bytes()
    encoding = encoding or detected(data, source=path.name)
    text = decoded(data, source=path.name, encoding=encoding)
    refuse_markup(text, path.name)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise ParameterError.because(
            f"delimiter is {delimiter!r}.",
            "Expected one character, such as ',', ';', '|' or a tab.",
            "Leave delimiter= out to have it found.",
        )
    # SurveyMonkey has no codes: the short names of its columns stand nowhere in the file.
    start = text[:100_000]
    is_named = any(name in start for name in wanted)
    mark = delimiter or (best_delimiter(text, wanted) if is_named else likely_delimiter(text))
    # No cell is longer than the text; the limit holds for the whole process.
    limit = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        top = list(islice(records(text, mark, path.name), HEADER_WITHIN))
        heading = heading_of(top, wanted)
        lines = islice(records(text, mark, path.name), heading.last + 1, None)
        table, rows = columns_of(lines, heading.names, first_row=heading.last + 2, source=path.name)
    finally:
        csv.field_size_limit(limit)
    if len(table.columns) == 1:
        refuse_other_delimiter(table.columns[0], wanted, path.name, found=delimiter is None)
    if heading.escaped:
        table = table.map(unescaped)
    return table, rows, heading, {"encoding": encoding, "delimiter": mark}


def records(text: str, delimiter: str, source: str) -> Iterator[list[str]]:
    """The rows of the text; rows swallowed by a quotation mark left open are an error."""
    at, row, doubted = 0, [""], '"' in text
    for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
        at += 1
        if doubted and is_suspect(row, delimiter):
            if not is_well_formed(text, delimiter):
                raise swallowed(source, at)
            doubted = False
        yield row
    # Left open to the end, the last cell holds the rest of the file.
    if doubted and row and "\n" in row[-1] and not is_well_formed(text, delimiter):
        raise swallowed(source, at)


def is_suspect(row: list[str], delimiter: str) -> bool:
    """A cell has a stray quotation mark, and delimiters for a row at each of its line breaks."""
    breaks = "".join(row).count("\n")
    return breaks > 0 and any(
        '"' in cell and cell.count(delimiter) >= cell.count("\n") * (len(row) - 1) > 0
        for cell in row
    )


def is_well_formed(text: str, delimiter: str) -> bool:
    """Every quotation mark stands where the rules of delimited text allow it."""
    try:
        return all(
            True for _ in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        )
    except csv.Error:
        return False


def swallowed(source: str, row: int) -> DataError:
    """The error for rows that have run together inside quotation marks."""
    return DataError.because(
        f"{source}: row {row} runs on into the rows below it; a quotation mark is left open.",
        "Expected quotation marks in pairs around a cell, and doubled inside it.",
        f"Correct the quotation marks of row {row}, or export the file again.",
    )


def columns_of(
    lines: Iterator[list[str]], header: list[str], *, first_row: int, source: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows turned to columns chunk by chunk; rows without any text are not respondents."""
    width, parts, rows = len(header), [], []
    chunk: list[list[str]] = []
    short_before = 0
    for row, cells in enumerate(lines, first_row):
        held = len(cells)
        if held > width:
            if any(cell.strip() for cell in cells[width:]):
                raise too_wide(source, row, cells, header)
            cells = cells[:width]
        elif held < width:
            if held and short_before and short_before + held == width + 1:
                raise torn(source, row)
            cells = cells + [""] * (width - held)
        short_before = held if held < width else 0
        if not "".join(cells).strip():
            continue
        chunk.append(cells)
        rows.append(row)
        if len(chunk) == CHUNK:
            parts.append(as_frame(chunk, width))
            chunk = []
    parts.append(as_frame(chunk, width))
    table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return named(table, header), np.array(rows, dtype=np.int64)


def as_frame(chunk: list[list[str]], width: int) -> pd.DataFrame:
    """A chunk of rows as columns of text."""
    columns = zip(*chunk, strict=True) if chunk else [()] * width
    return pd.DataFrame({at: pd.Series(cells, dtype="str") for at, cells in enumerate(columns)})


def named(table: pd.DataFrame, header: list[str]) -> pd.DataFrame:
    """The table under its header: empty nameless columns go, nameless ones with text stay."""
    kept = [at for at, name in enumerate(header) if name or not table[at].fillna("").eq("").all()]
    names = [header[at] or f"(column {at + 1})" for at in kept]
    return table[kept].set_axis(names, axis="columns")


def too_wide(source: str, row: int, cells: list[str], header: list[str]) -> DataError:
    return DataError.because(
        f"{source}: row {row} has {len(cells)} cells, the header has {len(header)}.",
        "Expected as many cells in each row as there are column names.",
        f"Put the cell of row {row} that holds the delimiter in quotation marks, or name the"
        " columns that have no name.",
    )


def torn(source: str, row: int) -> DataError:
    return DataError.because(
        f"{source}: rows {row - 1} and {row} look like one row torn by a line break in an answer.",
        "Expected as many cells in each row as there are column names.",
        "Join the two rows, or put the answer with the line break in quotation marks.",
    )


def refuse_markup(text: str, source: str) -> None:
    """A page or a record saved under the name of a table."""
    start = text[:2000].lstrip().lower()
    pages, objects = ("<!", "<html", "<table", "<?xml", "<div", "<meta"), ("{", "[{", "[[")
    kind = "a web page or XML" if start.startswith(pages) else ""
    kind = "JSON" if start.startswith(objects) else kind
    kind = "a binary file" if "\x00" in text[:2000] else kind
    if kind:
        raise DataError.because(
            f"{source} is not a table: it is {kind}.",
            "Expected delimited text with a header row.",
            "Export the answers as CSV, Excel (.xlsx), SPSS (.sav) or Parquet.",
        )


def refuse_other_delimiter(name: str, wanted: Collection[str], source: str, *, found: bool) -> None:
    """One column whose name holds another delimiter was parted at the wrong one."""
    if name in wanted:
        return
    held = [mark for mark in (*DELIMITERS, "^", "~", ":", " ") if mark in name]
    if held:
        mark = NAMES.get(held[0], repr(held[0]))
        remedy = f"Pass delimiter={held[0]!r}, or leave delimiter= out."
        if found and held[0] in DELIMITERS:
            remedy = "Take away the quotation marks that enclose whole rows, or export again."
        raise DataError.because(
            f"{source} has one column, {name[:80]!r}, whose name holds the delimiter {mark}.",
            "Expected several columns; comma, semicolon, tab and bar are recognized by themselves.",
            remedy,
        )
