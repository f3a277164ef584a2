"""One reader per file format: each gives the cells as they are, and the rows they stand in."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.errors import DataError, ParameterError, did_you_mean
from custlib.places import placed
from custlib.survey.reading.delimited_text import read_delimited
from custlib.survey.reading.headings import Head, Heading, heads_of_variables
from custlib.survey.reading.workbook import read_workbook

FORMATS = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".sav": "spss",
    ".zsav": "spss",
    ".parquet": "parquet",
}
OPTIONS: dict[str, set[str]] = {
    "text": {"encoding", "delimiter"},
    "workbook": {"sheet"},
    "spss": {"encoding"},
    "parquet": set(),
}
# Where the header must be looked for among the cells.
NEEDING_HEADER = {"text", "workbook"}
# First bytes of a file, and what it then is, whatever its name says.
MAGIC = {
    b"PK\x03\x04": ("an Excel workbook, or another zipped document", "workbook"),
    b"$FL2": ("an SPSS file", "spss"),
    b"$FL3": ("an SPSS file", "spss"),
    b"PAR1": ("a Parquet file", "parquet"),
    b"%PDF": ("a PDF document", None),
    b"\xd0\xcf\x11\xe0": ("an old Office file (.xls, .doc), or one with a password", None),
    b"\x1f\x8b": ("a gzip archive", None),
    b"{\\rtf": ("a text document (RTF)", None),
    b"\x89PNG": ("a picture", None),
    b"\xff\xd8\xff": ("a picture", None),
}
EXPECTED = "Expected a table: .csv, .tsv or .txt, .xlsx, .sav or .parquet."


@dataclass(frozen=True, slots=True)
class RawResponses:
    """A file's table before any code is understood, and what the file itself says of its codes.

    `rows` holds for each row its number as a person sees it: in text files and workbooks the
    header is row 1; in SPSS and Parquet files the first respondent is. `read_as` tells encoding
    and delimiter of a text, `header_row` the row of the names, or the last of such rows, `sheets`
    the titles of a workbook's sheets, the one that was read first. `set_aside` tells the numbers
    of rows that are no respondents', and what each is.
    """

    table: pd.DataFrame
    rows: np.ndarray
    source: str
    value_labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    user_missing: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    decimal: str | None = None
    platform: str = "plain"
    heads: Mapping[str, Head] = field(default_factory=dict)
    read_as: Mapping[str, str] = field(default_factory=dict)
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    set_aside: Mapping[int, str] = field(default_factory=dict)

    def without(self, rows: np.ndarray, kinds: np.ndarray) -> "RawResponses":
        """The same cells once these rows are set aside, each with what it is."""
        if not rows.any():
            return self
        # Numbers above a word in a workbook become numbers.
        table = self.table[~rows].reset_index(drop=True).infer_objects()
        aside = dict(zip(self.rows[rows].tolist(), kinds[rows].tolist(), strict=True))
        return replace(self, table=table, rows=self.rows[~rows], set_aside=aside)


def open_table(
    path: str | Path, *, wanted: Collection[str], decimal: str | None = None, **options: Any
) -> RawResponses:
    """Cells of a file in any known format; `wanted` are the columns the header must hold."""
    path = placed(path)
    kind = kind_of(path)
    given = {name: value for name, value in options.items() if value is not None}
    for name in sorted(given.keys() - OPTIONS[kind]):
        allowed = ", ".join(sorted(OPTIONS[kind] | {"decimal"}))
        raise ParameterError.because(
            f"{name}= was given for {path.name}, where it means nothing.",
            f"Expected for this format only: {allowed}.",
            f"Leave {name}= out.",
        )
    if decimal not in (None, ",", "."):
        raise ParameterError.not_one_of("decimal", decimal, (",", "."))
    if kind in NEEDING_HEADER:
        given["wanted"] = wanted
    raw = READERS[kind](path, **given)
    refuse_empty(raw)
    return replace(raw, decimal=decimal)


def kind_of(path: Path) -> str:
    """Format by the name's ending, once the first bytes do not say otherwise."""
    if not path.is_file():
        raise absent(path)
    if path.suffix.lower() not in FORMATS:
        raise DataError.because(
            f"The ending of {path.name!r} is not one of a known format.",
            EXPECTED,
            "Save the table in one of these formats, or correct the file's name.",
        )
    kind = FORMATS[path.suffix.lower()]
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise DataError.because(
            f"{path.name} is empty: it has no bytes.", EXPECTED, "Export the answers again."
        )
    known = next((what for magic, what in MAGIC.items() if start.startswith(magic)), None)
    if known and known[1] != kind:
        remedy = f"Give it the ending of a {known[1]} file." if known[1] else "Export it as CSV."
        raise DataError.because(
            f"{path.name} is not what its name says: it is {known[0]}.", EXPECTED, remedy
        )
    if not known and kind != "text":
        raise DataError.because(
            f"{path.name} is not what its name says: its first bytes are {start[:4]!r}.",
            EXPECTED,
            "If it is text, give it the ending .csv; otherwise save it again as its name says.",
        )
    return kind


def absent(path: Path) -> DataError:
    """The error for a file that is not there, with the name that was probably meant."""
    folder = path.parent
    if path.is_dir() or not folder.is_dir():
        found = "is a folder, not a file" if path.is_dir() else f"has no folder {str(folder)!r}"
        return DataError.because(
            f"The path {str(path)!r} {found}.", EXPECTED, "Pass the path of the data file itself."
        )
    names = sorted(one.name for one in folder.iterdir() if one.suffix.lower() in FORMATS)
    shown = ", ".join(names[:10]) or "no data file at all"
    return DataError.because(
        f"There is no file {path.name!r} in {str(folder)!r}.",
        f"The folder holds: {shown}.",
        did_you_mean(path.name, names, otherwise="Check the path."),
    )


def refuse_empty(raw: RawResponses) -> None:
    """A header without a respondent below it, or a name used twice."""
    repeated = raw.table.columns[raw.table.columns.duplicated()]
    if len(repeated):
        raise DataError.duplicate_columns(dict.fromkeys(repeated))
    if raw.table.empty:
        names = ", ".join(map(str, raw.table.columns[:20]))
        raise DataError.because(
            f"{raw.source} has no row of answers"
            + (f" below its header: {names}." if names else "."),
            "Expected one row a respondent.",
            "Export the answers again.",
        )


def loaded(load: Callable[[], Any], path: Path) -> Any:
    """What another library loads; its complaints, of many classes, become one of ours."""
    try:
        return load()
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError.because(
            f"{path.name} is damaged or of another kind: {reason}.",
            EXPECTED,
            "Open it in the program it came from and save it again, or export it as CSV.",
        ) from error


def read_text(path: Path, wanted: Collection[str], **options: Any) -> RawResponses:
    table, rows, heading, read_as = read_delimited(path, wanted=wanted, **options)
    return replace(headed(table, rows, path.name, heading), read_as=read_as)


def read_excel(path: Path, wanted: Collection[str], sheet: str | None = None) -> RawResponses:
    import openpyxl

    def load(**options: Any) -> Any:
        return loaded(lambda: openpyxl.load_workbook(path, **options), path)

    how: dict[str, Any] = {"wanted": wanted, "sheet": sheet, "source": path.name}
    table, rows, heading, sheets = read_workbook(load, **how)
    return replace(headed(table, rows, path.name, heading), sheets=sheets)


def headed(table: pd.DataFrame, rows: np.ndarray, source: str, heading: Heading) -> RawResponses:
    """The table with what its header rows say of each column that has a name."""
    heads = {head.name: head for head in heading.heads if head.name}
    last = heading.last + 1
    return RawResponses(
        table, rows, source, platform=heading.platform, heads=heads, header_row=last
    )


def read_spss(path: Path, encoding: str | None = None) -> RawResponses:
    """Codes as they are: user-missing codes stay, so that their labels can tell the reason."""
    import pyreadstat

    table, meta = loaded(
        lambda: pyreadstat.read_sav(str(path), user_missing=True, encoding=encoding), path
    )
    platform, heads = heads_of_variables(list(table.columns), meta.column_names_to_labels)
    return RawResponses(
        table,
        np.arange(1, len(table) + 1),
        path.name,
        value_labels=dict(meta.variable_value_labels),
        user_missing=dict(meta.missing_ranges),
        platform=platform,
        heads=dict(zip(table.columns, heads, strict=True)),
    )


def read_parquet(path: Path) -> RawResponses:
    """The table as stored; a named index is a column like any other."""
    table = loaded(lambda: pd.read_parquet(path), path)
    if any(name is not None for name in table.index.names):
        table = table.reset_index()
    table = table.reset_index(drop=True).set_axis([str(name) for name in table], axis="columns")
    platform, heads = heads_of_variables(list(table.columns), {})
    rows = np.arange(1, len(table) + 1)
    named = dict(zip(table.columns, heads, strict=True))
    return RawResponses(table, rows, path.name, platform=platform, heads=named)


READERS: dict[str, Callable[..., RawResponses]] = {
    "text": read_text,
    "workbook": read_excel,
    "spss": read_spss,
    "parquet": read_parquet,
}
