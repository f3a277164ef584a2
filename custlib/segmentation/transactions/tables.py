"""Orders as a table of an engine: data frames, files and tables of other engines alike."""

import csv
import tempfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from custlib.errors import DataError, ParameterError
from custlib.segmentation.transactions.frames import plain_frame
from custlib.texts.encoding import decoded, detected
from custlib.texts.headers import HEADER_WITHIN, best_delimiter, clean_name, header_position

Orders = Any  # DataFrame, path, glob or Ibis table
DELIMITED = {".csv", ".tsv", ".txt"}
EVIDENCE = 4_000_000  # bytes looked at for the encoding; other letters rarely come first later
HEAD = 100_000


class OrderSource:
    """The orders on their engine; files made on the way are gone after `close`."""

    def __init__(self, orders: Orders, *, columns: Sequence[str], engine: Any) -> None:
        self._folder: tempfile.TemporaryDirectory | None = None
        self.engine = engine
        self.table = self._bound(orders, list(columns))

    def close(self) -> None:
        """Remove what was written on the way."""
        if self._folder is not None:
            self._folder.cleanup()

    def _bound(self, orders: Orders, columns: list[str]) -> ibis.Table:
        if isinstance(orders, ibis.Table):
            require_names(orders.columns, columns)
            return orders
        if isinstance(orders, pd.DataFrame):
            require_names(orders.columns, columns)
            frame = pa.Table.from_pandas(plain_frame(orders, columns), preserve_index=False)
            name = ibis.util.gen_name("custlib_orders")
            rows = ibis.memtable(frame)
            if self.engine.name == "duckdb":
                return self.engine.create_table(name, obj=rows, temp=True)
            return self.engine.create_view(name, obj=rows)
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
            return self._together([self.engine.read_parquet(str(path)) for path in paths], columns)
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
        first, *others = tables
        shared = [name for name in first.columns if all(name in one.columns for one in others)]
        return ibis.union(*(one.select(shared) for one in tables)) if others else first

    def _delimited(self, path: Path, columns: list[str]) -> ibis.Table:
        """Every cell as text, so that 007 stays 007 and dates are read by evidence of their own."""
        with path.open("rb") as stream:
            sample = stream.read(EVIDENCE)
        whole = sample[: sample.rfind(b"\n") + 1] or sample
        encoding = detected(whole, source=path.name)
        head = decoded(
            whole[:HEAD][: whole[:HEAD].rfind(b"\n") + 1] or whole,
            source=path.name,
            encoding=encoding,
        )
        mark = best_delimiter(head, columns)
        rows = list(islice(csv.reader(head.splitlines(), delimiter=mark), HEADER_WITHIN))
        start = header_position(rows, columns)
        names = [clean_name(cell) for cell in rows[start]] if rows else []
        if start or encoding not in ("utf-8", "utf-8-sig"):
            path = self._rewritten(path, encoding, start)
        return self._read(path, mark, names)

    def _read(self, path: Path, mark: str, names: list[str]) -> ibis.Table:
        try:
            if self.engine.name == "duckdb":
                table = self.engine.read_csv(
                    str(path), delim=mark, header=True, all_varchar=True, quote='"', escape='"'
                )
            else:
                table = self.engine.read_csv(
                    str(path), sep=mark, header=True, inferSchema=False, multiLine=True, escape='"'
                )
        except Exception as problem:  # each engine has error classes of its own
            raise unreadable(path.name, problem) from problem
        renamed = dict(zip(names, table.columns, strict=False))
        return table.rename({name: old for name, old in renamed.items() if name})

    def _rewritten(self, path: Path, encoding: str, start: int) -> Path:
        """The file as UTF-8 from its header on, in a folder that `close` removes."""
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="custlib-")
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
    place = Path(pattern).expanduser()
    root = Path(place.anchor)
    within = place.relative_to(root) if place.anchor else place
    paths = [place] if place.is_file() else sorted(root.glob(str(within)))
    paths = [path for path in paths if path.is_file()]
    if not paths:
        raise DataError.because(
            f"No file matches {pattern!r}.",
            "Expected the path of a csv or parquet file, or a pattern such as orders_*.parquet.",
            "Correct the path.",
        )
    return paths


def require_names(present: Iterable[Any], wanted: Iterable[str]) -> None:
    """Every named column is there."""
    missing = [name for name in dict.fromkeys(wanted) if name not in set(present)]
    if missing:
        raise DataError.missing_columns(missing, present)


def unreadable(name: str, problem: Exception) -> DataError:
    """The error for a file that the engine cannot read."""
    return DataError.because(
        f"{name} cannot be read: {(str(problem).splitlines() or ['no message'])[0][:300]}",
        "Expected delimited text with one header row and as many cells in each row.",
        "Correct the row, or export the file again.",
    )
