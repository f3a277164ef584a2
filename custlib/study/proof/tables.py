"""Recorded tables of two runs, cell by cell."""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from custlib.study.manifest import RecordedTable
from custlib.study.proof.differences import ABSENT, EXACT, Difference, is_close, rounding, sizes

# Columns of a table in which a row tells an interval and what it belongs to, all in one unit.
ENDS = (("ci_low", "ci_high", "estimate", "std_error"), ("effect_low", "effect_high", "effect"))
FRACTION = re.compile(r"-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?|inf)", re.ASCII)


def table_differences(
    before: tuple[Path, Sequence[RecordedTable]],
    after: tuple[Path, Sequence[RecordedTable]],
    *,
    least: float = EXACT,
) -> list[Difference]:
    """Recorded tables that came out otherwise, each with its first cell that did.

    Parameters
    ----------
    before, after : (Path, sequence of RecordedTable)
        Folder of the run and its tables: recorded, and of the second computation.
    least : float, default 1e-9
        Relative tolerance of the numbers.

    Returns
    -------
    list of Difference

    Notes
    -----
    Between machines a number that stands with its interval is given 1e-9 of the larger end, as a
    finding is: an estimate of 5e-17 between -0.2 and 0.2 is 0. Nothing is measured by other rows,
    which may hold another quantity in another unit. A number is what is written with a point or an
    exponent; whole numbers, dates and codes are texts.
    """
    now = {table.key: table for table in after[1]}
    found = []
    for was in before[1]:
        place = f"table {was.key}"
        if was.key not in now:
            found.append(Difference(place, "", _size(was), ABSENT))
            continue
        table = now.pop(was.key)
        paths = before[0] / was.file, after[0] / table.file
        # A file that is gone is told by whoever looks at the whole folder.
        if not (paths[0].is_file() and paths[0].read_bytes() == paths[1].read_bytes()):
            found += _of_table(place, paths, table.dtypes, least)
    return found + [Difference(f"table {key}", "", ABSENT, _size(one)) for key, one in now.items()]


def _of_table(
    place: str, paths: tuple[Path, Path], dtypes: Sequence[str], least: float
) -> Iterator[Difference]:
    """The first cell that differs, with how many others do; or the columns, or the rows."""
    if not paths[0].is_file():
        yield Difference(place, "file", "gone", "there")
        return
    try:
        (was_head, *was_rows), (head, *rows) = map(_rows_of, paths)
    except csv.Error as problem:
        yield Difference(place, "file", f"cannot be read ({problem})", "as it was computed")
        return
    ragged = [at for at, row in enumerate(was_rows, start=1) if len(row) != len(head)]
    if was_head != head:
        yield Difference(place, "columns", ", ".join(was_head), ", ".join(head))
    elif len(was_rows) != len(rows):
        yield Difference(place, "rows", len(was_rows), len(rows))
    elif ragged:
        cells_were = f"{len(was_rows[ragged[0] - 1])} cells"
        yield Difference(place, f"row {ragged[0]}", cells_were, f"{len(head)} cells")
    else:
        cells = [
            (row, head[at], *pair)
            for row, texts in enumerate(zip(was_rows, rows, strict=True), start=1)
            for at, pair in enumerate(_pairs(dtypes, *texts))
            if pair[0] != pair[1]
            and not is_close(*pair, rtol=least, atol=_beside(head[at], head, texts[1], least))
        ]
        if cells:
            row, column, was, now = cells[0]
            others = len(cells) - 1
            more = f" and {others} other cell{'s' if others > 1 else ''}" if others else ""
            yield Difference(place, f"row {row}, {column}{more}", was, now)


def _pairs(dtypes: Sequence[str], was: list[str], now: list[str]) -> Iterator[tuple[Any, Any]]:
    """Both cells of each column, as numbers where the column may hold such and they are ones."""
    for dtype, *texts in zip(dtypes, was, now, strict=True):
        numeric = dtype.lower().startswith(("float", "object")) and texts[0] != texts[1]
        if numeric and all(map(FRACTION.fullmatch, texts)) and re.search("[.ei]", "".join(texts)):
            yield float(texts[0]), float(texts[1])
        else:
            yield texts[0], texts[1]


def _beside(column: str, head: list[str], row: list[str], least: float) -> float:
    """What a cell may lie off because the interval of its row is wide."""
    cells = dict(zip(head, row, strict=True))
    names = next((names for names in ENDS if column in names), ())
    texts = (cells.get(end, "") for end in names[:2])
    return rounding(sizes([float(text) for text in texts if FRACTION.fullmatch(text)]), least)


def _rows_of(path: Path) -> list[list[str]]:
    """Rows of a table as texts, cells of any length; of one that was edited as they can be read."""
    usual = csv.field_size_limit(max(path.stat().st_size, 1))
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            return list(csv.reader(stream)) or [[]]
    finally:
        csv.field_size_limit(usual)


def _size(table: RecordedTable) -> str:
    return f"{table.rows} rows"
