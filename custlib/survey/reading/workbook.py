"""Excel workbooks as people keep them: title rows, merged cells, several sheets, formulas."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd

from custlib.errors import DataError
from custlib.survey.reading.headings import Heading, heading_of
from custlib.texts.headers import HEADER_WITHIN, clean_name, header_position

Load = Callable[..., Any]


def read_workbook(
    load: Load, *, wanted: Collection[str], sheet: str | None, source: str
) -> tuple[pd.DataFrame, np.ndarray, Heading, tuple[str, ...]]:
    """Table of one sheet under its heading, the row each respondent stands in, and the sheets.

    The titles of the sheets begin with that of the one that is read.
    `load` opens the workbook; it is called again only where cells hold formulas.
    """
    book = load()
    page = chosen_sheet(book, wanted, sheet, source)
    cells = [[cell.value for cell in row] for row in page.iter_rows()]
    formulas = [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    if formulas:
        put_results(cells, formulas, load(data_only=True)[page.title], source)
    heading = fill_merged(cells, page.merged_cells.ranges, wanted)
    header, start = heading.names, heading.last + 1
    kept = [
        at
        for at, name in enumerate(header)
        if name or any(is_filled(row[at]) for row in cells[start:])
    ]
    names = [header[at] or f"(column {letters(at)})" for at in kept]
    rows = [(at, row) for at, row in enumerate(cells, 1) if at > start and any(map(is_filled, row))]
    columns = {at: [as_written(row[at]) for _, row in rows] for at in kept}
    table = pd.DataFrame({at: pd.Series(column, dtype=object) for at, column in columns.items()})
    table = table.infer_objects().set_axis(names, axis="columns")
    titles = (page.title, *(one.title for one in book.worksheets if one is not page))
    return table, np.array([at for at, _ in rows], dtype=np.int64), heading, titles


def chosen_sheet(book: Any, wanted: Collection[str], sheet: str | None, source: str) -> Any:
    """The sheet asked for, or the one that holds the codebook's columns."""
    pages = {page.title: page for page in book.worksheets}
    if sheet is not None:
        if sheet not in pages:
            raise DataError.because(
                f"{source} has no sheet {sheet!r}.",
                f"It has: {', '.join(pages)}.",
                "Correct sheet=, or leave it out.",
            )
        return pages[sheet]
    held = {title: columns_held(page, wanted) for title, page in pages.items()}
    shown = [title for title, page in pages.items() if page.sheet_state == "visible"]
    best = max((held[title] for title in shown), default=0)
    fitting = [title for title in shown if held[title] == best]
    if best and len(fitting) > 1:
        raise DataError.because(
            f"{source} has {len(fitting)} sheets with the codebook's columns:"
            f" {', '.join(fitting)}.",
            "Expected one, or the name of the sheet to read.",
            f"Pass sheet={fitting[0]!r}, or another of them.",
        )
    if best or not fitting:
        return pages[fitting[0]] if fitting else book.worksheets[0]
    # Beside the answers workbooks keep notes and lists, which are smaller.
    return max((pages[title] for title in fitting), key=lambda page: page.max_row * page.max_column)


def columns_held(page: Any, wanted: Collection[str]) -> int:
    """How many of the wanted columns the best row near the top of a sheet names."""
    top = [[cell.value for cell in row] for row in page.iter_rows(max_row=HEADER_WITHIN)]
    if not top:
        return 0
    return len({clean_name(cell) for cell in top[header_position(top, wanted)]} & set(wanted))


def put_results(cells: list[list], formulas: list, results: Any, source: str) -> None:
    """Formulas become the results that the workbook stores beside them."""
    for cell in formulas:
        result = results[cell.coordinate].value
        if result is None:
            raise DataError.because(
                f"{source}: the cell {cell.coordinate} holds a formula without a stored result.",
                "Expected values, or formulas that a spreadsheet program has computed.",
                "Open the workbook in a spreadsheet program, save it, and read it again.",
            )
        cells[cell.row - 1][cell.column - 1] = result


def fill_merged(cells: list[list], ranges: Any, wanted: Collection[str]) -> Heading:
    """Give every cell of a merged range its value, and return the heading.

    In and above the header only downward: a title merged across columns names none of them.
    """
    boxes = [(box.min_row - 1, box.max_row, box.min_col - 1, box.max_col) for box in ranges]
    for top, bottom, left, _ in boxes:
        for at in range(top + 1, bottom):
            cells[at][left] = cells[top][left]
    merged: dict[int, set[int]] = {}
    for top, _, left, right in boxes:
        if right - left > 1:
            merged.setdefault(top, set()).update(range(left, right))
    heading = heading_of(cells[:HEADER_WITHIN], wanted, merged)
    for top, bottom, left, right in boxes:
        for at in range(max(top, heading.last + 1), bottom):
            cells[at][left:right] = [cells[top][left]] * (right - left)
    return heading


def is_filled(cell: object) -> bool:
    """A cell with more than blanks in it."""
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def as_written(cell: object) -> object:
    """TRUE and FALSE as words: as numbers they would pass for the answers 1 and 0."""
    return str(cell).upper() if isinstance(cell, bool) else cell


def letters(at: int) -> str:
    """Name a spreadsheet gives the column at a position."""
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
