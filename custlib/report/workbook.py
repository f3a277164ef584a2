"""Tables as an Excel workbook: numbers in full precision, and no text that could ever compute."""

import hashlib
import io
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from custlib.errors import ParameterError
from custlib.report.sheet_cells import (
    GENERAL,
    column_formats,
    column_width,
    held,
    length,
    shortened,
    writable,
)

NOTES = "notes"
# What a sheet, a cell and the name of a sheet can hold.
MOST_ROWS, MOST_COLUMNS, MOST_LETTERS, NAME_LETTERS = 1_048_576, 16_384, 32_767, 31
STAMP = (1980, 1, 1, 0, 0, 0)
# What a spreadsheet would take for a formula when it is typed.
COMPUTES = ("=", "+", "-", "@", "\t", "\r", "␍")
# A spreadsheet would read `_x0041_` as the letter with that number.
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def workbook_bytes(
    sheets: Mapping[str, pd.DataFrame], *, sources: Mapping[str, str] | None = None
) -> bytes:
    """Excel workbook with a sheet for each table: headings bold, frozen, and with a filter.

    Parameters
    ----------
    sheets : mapping of str to DataFrame
        Tables by the name of their sheet, in the order wanted. The index is not written.
    sources : mapping, optional
        File that holds the whole of a table, by the name of its sheet; named where a sheet cannot
        hold all.

    Returns
    -------
    bytes of an .xlsx file; equal tables give equal bytes.

    Raises
    ------
    ParameterError
        There is no table.

    Notes
    -----
    Missing values are empty cells. A share (by the vocabulary, a name that ends in `_share`, or
    the row's `unit`) keeps its value from 0 to 1 and is shown in percent. What is written as text
    is never a formula, whatever it begins with; control characters become visible signs. Numbers
    of more than 15 digits, infinite ones, dates before March 1900 and moments with a time zone
    are text. What a sheet cannot hold is told in a last sheet, `notes`.

    Examples
    --------
    >>> workbook_bytes({"means": pd.DataFrame({"item": ["=1+1"], "estimate": [3.25]})})[:2]
    b'PK'
    """
    if not sheets:
        raise ParameterError.because(
            "No table for the workbook.",
            "Expected at least one.",
            "Pass the tables by the name of their sheet.",
        )
    sources = sources or {}
    book = Workbook(write_only=True)
    *names, last = sheet_names([*sheets, NOTES])
    told: list[tuple[str, str]] = []
    for name, (key, table) in zip(names, sheets.items(), strict=True):
        notes = _write_sheet(book.create_sheet(name), table)
        rest = f" The whole is in {sources[key]}." if key in sources else ""
        told += [(name, note + rest) for note in notes]
    if told:
        _write_sheet(book.create_sheet(last), pd.DataFrame(told, columns=["sheet", "note"]))
    return _saved(book)


def sheet_names(keys: Iterable[str]) -> list[str]:
    """Names of sheets for these keys: allowed, at most 31 letters, unique whatever their case.

    Examples
    --------
    >>> sheet_names(["gaps", "Gaps", "a/b"])
    ['gaps', 'Gaps~4e1348', 'a_b']
    """
    names: list[str] = []
    taken = {"history"}
    for at, key in enumerate(keys):
        cleaned = re.sub(r"[\[\]:*?/\\]|^[=+\-@\s']|'$", "_", writable(key)) or "_"
        name = cleaned
        if length(name) > NAME_LETTERS or name.casefold() in taken:
            name = _short(cleaned, key)
        if name.casefold() in taken:
            name = _short(cleaned, f"{key} {at}")
        taken.add(name.casefold())
        names.append(name)
    return names


def _short(name: str, key: str) -> str:
    """The head of a name, and a mark of the whole key: the same in every workbook."""
    mark = "~" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:6]
    return shortened(name, NAME_LETTERS - len(mark)) + mark


def _write_sheet(sheet: Any, table: pd.DataFrame) -> list[str]:
    """Write one table; returns what the sheet could not hold."""
    height, width = len(table), table.shape[1]
    rows, columns = min(height, MOST_ROWS - 1), min(width, MOST_COLUMNS)
    names = [str(name) for name in table.columns[:columns]]
    values = [[held(one) for one in table.iloc[:rows, at].tolist()] for at in range(columns)]
    forms = column_formats(names, values)
    sheet.freeze_panes = "A2"
    for at, (name, column) in enumerate(zip(names, values, strict=True), 1):
        sheet.column_dimensions[get_column_letter(at)].width = column_width(name, column)
    cut = [0] * columns
    if columns:
        headings = [_pen(sheet, cut, at, bold=True) for at in range(columns)]
        sheet.append([pen(name, GENERAL) for pen, name in zip(headings, names, strict=True)])
        pens = [_pen(sheet, cut, at) for at in range(columns)]
        for row in range(rows):
            sheet.append(
                pen(column[row], form(row))
                for pen, column, form in zip(pens, values, forms, strict=True)
            )
        sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows + 1}"
    sheet.close()
    return [
        *([f"The first {rows:,} of {height:,} rows are here."] if rows < height else []),
        *([f"The first {columns:,} of {width:,} columns are here."] if columns < width else []),
        *(
            f"Column {name}: {many} text{'s' * (many > 1)} longer than {MOST_LETTERS:,} letters"
            f" {'are' if many > 1 else 'is'} cut."
            for name, many in zip(names, cut, strict=True)
            if many
        ),
    ]


def _pen(sheet: Any, cut: list[int], at: int, *, bold: bool = False) -> Callable[[Any, str], Any]:
    """What writes the cells of one column; a cell is used again, as each row is written at once."""
    cells: dict[tuple[str, bool], Any] = {}

    def write(value: Any, form: str) -> Any:
        if value is None:
            return None
        quoted = isinstance(value, str) and value.startswith(COMPUTES)
        if (form, quoted) not in cells:
            cells[form, quoted] = made = WriteOnlyCell(sheet)
            made.number_format, made.quotePrefix = form, quoted
            made.alignment = Alignment(vertical="top", wrap_text=True)
            if bold:
                made.font = Font(name="Calibri", size=11, bold=True)
        cell = cells[form, quoted]
        if isinstance(value, str):
            text = ESCAPE.sub("_x005F_", writable(value))
            cell.value = shortened(text, MOST_LETTERS)
            cell.data_type = "s"
            cut[at] += cell.value != text
        elif isinstance(value, float):
            # openpyxl writes 16 digits of a number, and 17 are needed to read it back the same.
            cell.value = repr(value)
            cell.data_type = "n"
        else:
            cell.value = value
        return cell

    return write


def _saved(book: Any) -> bytes:
    """The workbook as a file without dates, so that equal content has equal bytes."""
    book.properties.creator = "custlib"
    book.properties.created = book.properties.modified = datetime(*STAMP)
    stream = io.BytesIO()
    with TemporaryFile() as dated:
        # `book.save` would write the time of day into the workbook itself.
        ExcelWriter(book, ZipFile(dated, "w")).save()
        with ZipFile(dated) as written, ZipFile(stream, "w") as archive:
            for part in written.infolist():
                entry = ZipInfo(part.filename, STAMP)
                entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
                entry.file_size = part.file_size
                with archive.open(entry, "w") as target, written.open(part) as source:
                    shutil.copyfileobj(source, target)
    return stream.getvalue()
