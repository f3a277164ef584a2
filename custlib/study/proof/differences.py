"""Two computations of the same numbers held against one another: findings, tables, and the rest."""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from custlib.study.manifest import Figure, Measured, RecordedTable

# How far numbers may lie apart: those of tables on one machine, all between two machines, and
# those for which a study declares more than it may.
EXACT, ACROSS, WIDEST = 1e-9, 1e-6, 1e-2
ABSENT = "not recorded"
COUNTED = ("n", "unit", "verdict", "rtol", "atol")
MEASURED = ("value", "low", "high")
WORDS = ("sentence", "words")
# Columns of a table in which a row tells an interval and what it belongs to, all in one unit.
ENDS = (("ci_low", "ci_high", "estimate", "std_error"), ("effect_low", "effect_high", "effect"))
FRACTION = re.compile(r"-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?|inf)", re.ASCII)
WRITTEN = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise; `part` says which part of what `place` names."""

    place: str
    part: str
    was: Any
    now: Any

    @property
    def apart(self) -> float | None:
        """Distance of two numbers as a share of the larger one; None where they are none.

        Examples
        --------
        >>> Difference("finding gap", "value", 4.0, 5.0).apart
        0.2
        """
        pair = (self.was, self.now)
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in pair):
            return None
        largest = max(map(abs, pair))
        try:
            return abs(self.was - self.now) / largest if largest else 0.0
        except OverflowError:
            return None

    @property
    def reworded(self) -> bool:
        """Whether texts differ in more than the last written digit of their numbers.

        Examples
        --------
        >>> Difference("finding gap", "sentence", "Up by 1,204.5.", "Up by 1,204.6.").reworded
        False
        >>> Difference("finding gap", "sentence", "Up by 1.2.", "Down by 1.2.").reworded
        True
        """
        if self.part not in WORDS:
            return False
        was, now = WRITTEN.split(self.was), WRITTEN.split(self.now)
        if was[::2] != now[::2]:
            return True
        for texts in zip(was[1::2], now[1::2], strict=True):
            one, two = (Decimal(text.replace(",", "")) for text in texts)
            last = max(int(number.as_tuple().exponent) for number in (one, two))
            if abs(one - two) > Decimal(1).scaleb(last):
                return True
        return False


def finding_differences(
    before: Sequence[Measured], after: Sequence[Measured], *, least: float = 0.0
) -> list[Difference]:
    """Findings that came out otherwise.

    Parameters
    ----------
    before, after : sequence of Finding
        Those that were recorded, and those of the second computation.
    least : float, default 0
        Relative tolerance that every number has at least.

    Returns
    -------
    list of Difference

    Notes
    -----
    Numbers lie within the narrower of the tolerances that both declare, and within 1e-2 at most, so
    that neither a record nor a notebook can be edited to widen it; a tolerance that was changed is
    told by itself. Between machines a number is also given 1e-9 of the larger end of its interval,
    beside which it is nothing. Counts, units, verdicts and texts are exact, and so is the set of
    keys.
    """
    now = {finding.key: finding for finding in after}
    found: list[Difference] = []
    for was in before:
        place = f"finding {was.key}"
        if was.key in now:
            found += _of_finding(place, was, now.pop(was.key), least)
        else:
            found.append(Difference(place, "", was.value, ABSENT))
    return found + [Difference(f"finding {key}", "", ABSENT, one.value) for key, one in now.items()]


def sentence_differences(
    before: Sequence[Measured], after: Sequence[Measured], told: Sequence[Difference] = ()
) -> list[Difference]:
    """Findings that are said in other words; one whose number is told takes its sentence along."""
    now = {finding.key: finding.sentence for finding in after}
    places = {one.place for one in told}
    return [
        Difference(f"finding {was.key}", "sentence", was.sentence, now[was.key])
        for was in before
        if now.get(was.key, was.sentence) != was.sentence and f"finding {was.key}" not in places
    ]


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
        if was.sha256 != table.sha256 or not _same_bytes(*paths):
            found += _of_table(place, paths, table.dtypes, least)
    return found + [Difference(f"table {key}", "", ABSENT, _size(one)) for key, one in now.items()]


def figure_differences(before: Sequence[Figure], after: Sequence[Figure]) -> list[Difference]:
    """Figures that look otherwise or are described in other words."""
    now = {figure.key: figure for figure in after}
    found = []
    for was in before:
        place, figure = f"figure {was.key}", now.pop(was.key, None)
        if figure is None:
            found.append(Difference(place, "", "a picture", ABSENT))
        elif was.alt != figure.alt:
            found.append(Difference(place, "words", was.alt, figure.alt))
        elif (was.sha256, was.vector_sha256) != (figure.sha256, figure.vector_sha256):
            found.append(Difference(place, "picture", was.sha256[:12], figure.sha256[:12]))
    return found + [Difference(f"figure {key}", "", ABSENT, "a picture") for key in now]


def is_close(was: Any, now: Any, *, rtol: float, atol: float = 0.0) -> bool:
    """Whether two values are the same: fractions within the tolerance, all else exactly.

    Examples
    --------
    >>> is_close(0.5, 0.5000000001, rtol=1e-9), is_close(5, 6, rtol=0.5), is_close(True, 1, rtol=1)
    (True, False, False)
    """
    if isinstance(was, list) and isinstance(now, list):
        pairs = zip(was, now, strict=False)
        return len(was) == len(now) and all(is_close(*two, rtol=rtol, atol=atol) for two in pairs)
    fraction = isinstance(was, float) or isinstance(now, float)
    if fraction and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in (was, now)
    ):
        try:
            return math.isclose(was, now, rel_tol=rtol, abs_tol=atol)
        except OverflowError:
            return False
    return type(was) is type(now) and was == now


def _of_finding(place: str, was: Measured, now: Measured, least: float) -> Iterator[Difference]:
    rtol = max(min(was.rtol, now.rtol, WIDEST), least)
    atol = max(min(was.atol, now.atol), _rounding((now.low, now.high), least))
    for part in (*MEASURED, *COUNTED):
        pair = getattr(was, part), getattr(now, part)
        same = is_close(*pair, rtol=rtol, atol=atol) if part in MEASURED else pair[0] == pair[1]
        if not same:
            yield Difference(place, part, *pair)


def _of_table(
    place: str, paths: tuple[Path, Path], dtypes: Sequence[str], least: float
) -> Iterator[Difference]:
    """The first cell that differs, with how many others do; or the columns, or the rows."""
    if not paths[0].is_file():
        yield Difference(place, "file", "gone", "there")
        return
    (was_head, *was_rows), (head, *rows) = map(_rows_of, paths)
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
    return _rounding([float(text) for text in texts if FRACTION.fullmatch(text)], least)


def _rounding(ends: Iterable[float | None], least: float) -> float:
    """What is nothing beside the larger end of an interval; on one machine there is no such."""
    known = [abs(end) for end in ends if end is not None and math.isfinite(end)]
    return EXACT * max(known, default=0.0) if least >= ACROSS else 0.0


def _rows_of(path: Path) -> list[list[str]]:
    """Rows of a table as texts; of one that was edited as well as they can be read."""
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        try:
            return list(csv.reader(stream)) or [[]]
        except csv.Error:
            return [[path.name]]


def _same_bytes(one: Path, two: Path) -> bool:
    return one.is_file() and one.read_bytes() == two.read_bytes()


def _size(table: RecordedTable) -> str:
    return f"{table.rows} rows"
