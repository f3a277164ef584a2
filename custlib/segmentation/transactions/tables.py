"""Orders as a table of an engine: data frames, files and tables of other engines alike."""

import csv
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from glob import escape
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from custlib.errors import DataError, ParameterError
from custlib.places import matching_files
from custlib.segmentation.transactions.frames import plain_frame, with_written_times
from custlib.texts.encoding import detected
from custlib.texts.headers import HEADER_WITHIN, best_delimiter, clean_name, header_position

Orders = Any  # DataFrame, path, glob or Ibis table
DELIMITED = {".csv", ".tsv", ".txt"}
EVIDENCE = 4_000_000  # bytes looked at for the encoding; other letters rarely come first later
HEAD = 100_000


class OrderSource:
    """The orders on their engine; files made on the way are gone with it at the latest."""

    def __init__(
        self, orders: Orders, *, columns: Sequence[str], engine: Any, whole: bool = False
    ) -> None:
        self._folder: tempfile.TemporaryDirectory | None = None
        self._copy: str | None = None
        self._whole = whole  # every column, not only the named ones
        self.engine = engine
        self.files = Path(orders).name if isinstance(orders, str | Path) else None
        self.table = self._bound(orders, list(dict.fromkeys(columns)))

    def close(self) -> None:
        """Remove what was made on the way, unless the engine may want to read it again."""
        if self.engine.name != "duckdb":
            return
        if self._copy is not None:
            self.engine.drop_table(self._copy)
        if self._folder is not None:
            self._folder.cleanup()

    def _bound(self, orders: Orders, columns: list[str]) -> ibis.Table:
        if isinstance(orders, ibis.Table):
            require_names(orders.columns, columns)
            return orders if self._whole else orders.select(columns)
        if isinstance(orders, pd.DataFrame):
            require_names(map(str, orders.columns), columns)
            frame = plain_frame(orders, columns, whole=self._whole)
            if self.engine.name != "duckdb":
                frame = with_written_times(frame)
            rows = ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))
            self._copy = ibis.util.gen_name("custlib_orders")
            if self.engine.name == "duckdb":
                return self.engine.create_table(self._copy, obj=rows, temp=True)
            return self.engine.create_view(self._copy, obj=rows)
        if isinstance(orders, str | Path):
            return self._files(str(orders), columns)
        raise ParameterError.because(
            f"The orders are a {type(orders).__name__}.",
            "Expected a DataFrame, the path or glob of csv or parquet files, or an Ibis table.",
            "Pass one of them; an Excel sheet can be saved as csv.",
        )

    def _files(self, pattern: str, columns: list[str]) -> ibis.Table:
        paths = found_files(pattern)
        kinds = {path.suffix.lower() for path in paths}
        if kinds == {".parquet"}:
            return self._together([self._parquet(path) for path in paths], columns)
        if not kinds <= DELIMITED:
            raise DataError.because(
                f"{pattern} names files that end in {', '.join(sorted(kinds))}.",
                "Expected csv (also tsv, txt) or parquet, all of one kind.",
                "Export the orders as one of them.",
            )
        return self._together([self._delimited(path, columns) for path in paths], columns)

    def _together(self, tables: list[ibis.Table], columns: list[str]) -> ibis.Table:
        """The tables of all files as one, with the columns that every one has."""
        for table in tables:
            require_names(table.columns, columns)
        first = tables[0]
        shared = [name for name in first.columns if all(name in one.columns for one in tables)]
        shared = shared if self._whole else columns
        kinds = {name: common_kind(name, [one[name].type() for one in tables]) for name in shared}
        alike = [
            one.select(**{name: one[name].cast(kinds[name]) for name in shared}) for one in tables
        ]
        return ibis.union(*alike) if alike[1:] else alike[0]

    def _parquet(self, path: Path) -> ibis.Table:
        try:
            return self.engine.read_parquet(self._named(path))
        except Exception as problem:  # each engine has error classes of its own
            raise unreadable(path.name, problem) from problem

    def _named(self, path: Path) -> str:
        """The file, in letters that DuckDB does not take for a pattern."""
        return escape(str(path)) if self.engine.name == "duckdb" else str(path)

    def _delimited(self, path: Path, columns: list[str]) -> ibis.Table:
        """Every cell as text, so that 007 stays 007 and dates are read by evidence of their own."""
        with path.open("rb") as stream:
            sample = stream.read(EVIDENCE)
        encoding = detected(sample[: sample.rfind(b"\n") + 1] or sample, source=path.name)
        try:
            with path.open(encoding=encoding, newline="") as stream:
                head = stream.read(HEAD)
        except UnicodeDecodeError as problem:
            raise unreadable(path.name, problem) from problem
        if not head.strip():
            raise unreadable(path.name, ValueError("it is empty"))
        mark = best_delimiter(head, columns)
        reader = csv.reader(StringIO(head, newline=""), delimiter=mark)
        # A cell may hold line breaks, so rows and lines are counted apart.
        tops = [(row, reader.line_num) for row in islice(reader, HEADER_WITHIN)]
        at = header_position([row for row, _ in tops], columns)
        names = [clean_name(cell) for cell in tops[at][0]]
        require_names(names, columns)
        repeated = {name for name in columns if names.count(name) > 1}
        if repeated:
            raise DataError.duplicate_columns(repeated)
        if at or encoding not in ("utf-8", "utf-8-sig"):
            path = self._rewritten(path, encoding, tops[at - 1][1] if at else 0)
        places = {name: f"cell{place}" for place, name in enumerate(names) if name}
        once = {name: place for name, place in places.items() if names.count(name) == 1}
        return self._read(path, mark, len(names)).rename(once)

    def _read(self, path: Path, mark: str, width: int) -> ibis.Table:
        """The file with columns cell0, cell1 and so on; nothing about it is guessed."""
        cells = [f"cell{place}" for place in range(width)]
        if self.engine.name == "duckdb":
            return self.engine.read_csv(
                self._named(path),
                columns=dict.fromkeys(cells, "VARCHAR"),
                delim=mark,
                header=True,
                quote='"',
                escape='"',
                auto_detect=False,
            )
        name = ibis.util.gen_name("custlib_orders")
        options = {
            "path": str(path.absolute()),
            "sep": mark,
            "header": "true",
            "multiLine": "true",
            "escape": '"',
            "mode": "FAILFAST",
            "columnPruning": "false",  # else rows with too many or too few cells pass
        }
        written = ", ".join(f"{key} {sql_text(value)}" for key, value in options.items())
        try:
            self.engine.raw_sql(f"CREATE TEMPORARY VIEW {name} USING csv OPTIONS ({written})")
        except Exception as problem:
            raise unreadable(path.name, problem) from problem
        table = self.engine.table(name)
        return table.rename(dict(zip(cells, table.columns, strict=True)))

    def _rewritten(self, path: Path, encoding: str, start: int) -> Path:
        """The file as UTF-8 from its header on, in a folder that `close` removes."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="custlib-")
            weakref.finalize(self, self._folder.cleanup)
        target = Path(self._folder.name) / f"{len(list(Path(self._folder.name).iterdir()))}.csv"
        with (
            path.open(encoding=encoding, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as sink,
        ):
            try:
                for line in islice(source, start, None):
                    sink.write(line)
            except UnicodeDecodeError as problem:
                raise unreadable(path.name, problem) from problem
        return target


def found_files(pattern: str) -> list[Path]:
    """Files of a path or glob, in the order of their names."""
    paths = matching_files(pattern)
    if not paths:
        raise DataError.because(
            f"No file matches {pattern!r}.",
            "Expected the path of a csv or parquet file, or a pattern such as orders_*.parquet.",
            "Correct the path.",
        )
    return paths


def sql_text(text: str) -> str:
    """The text as a literal of Spark's SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def require_names(present: Iterable[Any], wanted: Iterable[str]) -> None:
    """Every named column is there."""
    present = set(present)
    missing = [name for name in dict.fromkeys(wanted) if name not in present]
    if missing:
        raise DataError.missing_columns(missing, present)


def common_kind(name: str, kinds: Sequence[Any]) -> Any:
    """The kind that the column has in all files, or can be turned into unharmed."""
    if all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    if all(kind.is_integer() for kind in kinds):
        return "int64"
    if all(kind.is_numeric() for kind in kinds):
        return "float64"
    raise DataError.because(
        f"{name!r} is not of one kind in all files: {', '.join(sorted({str(k) for k in kinds}))}.",
        "Expected one kind.",
        "Write the files again with the column as one kind.",
    )


def unreadable(name: str, problem: Exception) -> DataError:
    """The error for a file that the engine cannot read."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()] or ["no message"]
    lines = [line for line in lines if line.startswith("Caused by:")][-1:] or lines
    return DataError.because(
        f"{name} cannot be read: {'; '.join(lines[:3])[:300]}",
        "Expected a parquet file, or text with one header row and as many cells in each row.",
        "Correct the row, or export the file again.",
    )
