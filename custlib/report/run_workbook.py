"""The workbook of a run: findings first, each recorded table, what went in, what columns mean."""

import csv
import io
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from custlib.columns import VOCABULARY, Column
from custlib.places import put_file
from custlib.report.provenance import SIMULATED, data_cards, day, parameter_text
from custlib.report.workbook import NOTES, workbook_bytes
from custlib.study.manifest import Manifest, RecordedTable

WORKBOOK = "report.xlsx"
FINDINGS, INPUTS, COLUMNS = "findings", "what went in", "columns"
OF_FINDINGS = {
    "key": Column("Name of the finding", "name", "object"),
    "sentence": Column("The finding in words", "text", "object"),
    "value": Column("Value of the finding", "as the row's unit says", "float64"),
    "low": Column("Lower end of the value's interval", "as the row's unit says", "float64"),
    "high": Column("Upper end of the value's interval", "as the row's unit says", "float64"),
    "n": VOCABULARY["n"],
    "unit": Column("Unit of the value", "name; a share is from 0 to 1", "object"),
    "verdict": VOCABULARY["verdict"],
}
TRUTHS = {"True": True, "False": False}


def write_workbook(folder: Path, manifest: Manifest, _notebook: Mapping[str, Any]) -> Path:
    """Write the findings and tables of a run as an Excel workbook.

    Parameters
    ----------
    folder : Path
        Folder of the run, with its recorded tables; `report.xlsx` is written there.
    manifest : Manifest
        Record of the run.

    Returns
    -------
    Path of the workbook.

    Raises
    ------
    OSError
        A table cannot be read, or the folder cannot be written to.

    Notes
    -----
    Equal runs give equal bytes: when a run took place is not in its workbook.
    """
    sheets = {FINDINGS: _findings(manifest)}
    sources = {}
    for table in manifest.tables:
        taken = table.key.casefold() in {FINDINGS, COLUMNS, NOTES}
        name = f"table {table.key}" if taken else table.key
        sheets[name] = recorded_table(folder, table)
        sources[name] = table.file
    sheets[INPUTS] = _inputs(folder, manifest)
    sheets[COLUMNS] = _columns(manifest)
    path = folder / WORKBOOK
    put_file(path, workbook_bytes(sheets, sources=sources))
    return path


def recorded_table(folder: Path, table: RecordedTable) -> pd.DataFrame:
    """A recorded table as it was: numbers exact, moments as such, missing values as None."""
    # The lines of the file end in line feeds, so that a carriage return belongs to a text.
    text = (folder / table.file).read_bytes().decode("utf-8")
    text = text.replace("\r\n", "\n").replace("\r", "␍")
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    rows = list(csv.reader(io.StringIO(text)))[1:]
    cells = [[row[at] for row in rows] for at in range(len(table.columns))]
    columns = [
        pd.Series(_typed(column, dtype), dtype=object)
        for column, dtype in zip(cells, table.dtypes, strict=True)
    ]
    return pd.DataFrame(dict(enumerate(columns))).set_axis(table.columns, axis="columns")


def _typed(texts: list[str], dtype: str) -> list[Any]:
    """The texts of a column as what they were; what was written as text stays text."""
    kind = dtype.lower()
    if kind.startswith("datetime64"):
        return [_or_text(pd.Timestamp, text) for text in texts]
    if kind.startswith(("int", "uint", "float")):
        return [_number(text) for text in texts]
    if kind.startswith("bool"):
        return [TRUTHS.get(text, text or None) for text in texts]
    # Of a column of objects only its texts are known: numbers are such as Python writes them.
    if kind in {"object", "category"}:
        filled = [text for text in texts if text]
        if all(text in TRUTHS for text in filled):
            return [TRUTHS.get(text) for text in texts]
        if all(_is_written(_number(text), text) for text in filled):
            return [_number(text) for text in texts]
    return [text or None for text in texts]


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return _or_text(float, text)


def _is_written(number: Any, text: str) -> bool:
    """Whether the text is this finite number as Python writes it."""
    finite = isinstance(number, int | float) and math.isfinite(number)
    return finite and repr(number) == text


def _or_text(kind: Any, text: str) -> Any:
    try:
        return kind(text) if text else None
    except ValueError:
        return text


def _findings(manifest: Manifest) -> pd.DataFrame:
    rows = [
        [_plain(getattr(finding, name)) for name in OF_FINDINGS] for finding in manifest.findings
    ]
    return pd.DataFrame(rows, columns=list(OF_FINDINGS), dtype=object)


def _plain(value: Any) -> Any:
    return parameter_text(value) if isinstance(value, list) else value


def _inputs(folder: Path, manifest: Manifest) -> pd.DataFrame:
    """What the numbers rest on: the run, its parameters, its files."""
    rows = [*_of_run(folder, manifest), *_of_parameters(manifest)]
    for file in manifest.data:
        size = [f"{file.bytes:,} bytes", *([f"{file.rows:,} rows"] if file.rows else [])]
        rows.append(("data file", file.path, file.sha256, "", f"sha256 of {', '.join(size)}"))
    return pd.DataFrame(rows, columns=["part", "name", "value", "default", "meaning"], dtype=object)


def _of_run(folder: Path, manifest: Manifest) -> Iterable[tuple[Any, ...]]:
    last = manifest.verified[-1] if manifest.verified else None
    checked = "not computed a second time"
    if last:
        found = "the same" if last.same else f"not reproduced: {last.cause or 'the cause is open'}"
        found += f"; not proven: {', '.join(last.uncovered)}" if last.uncovered else ""
        checked = f"{found}, {day(last.when)}"
    facts = {
        "question": (manifest.question, "What the study answers"),
        "data": (_kinds(folder, manifest), "Simulated or real, by the cards of the data sets"),
        "verified": (checked, "Whether a second computation came to the same numbers"),
        "run": (manifest.id, "Id: equal ids are equal runs"),
        "study": (manifest.study, "Name of the study"),
        "notebook": (manifest.notebook.path, f"sha256 {manifest.notebook.sha256}"),
        "custlib": (manifest.environment.packages.get("custlib"), "Version of the library"),
        "code": (manifest.code.custlib_sha256, "sha256 of the library"),
        "python": (manifest.environment.python, manifest.environment.platform),
    }
    return [("run", name, value, "", meaning) for name, (value, meaning) in facts.items() if value]


def _of_parameters(manifest: Manifest) -> Iterable[tuple[Any, ...]]:
    """Parameters as they were set, those that were changed first."""
    for name in sorted(manifest.parameters, key=lambda name: name not in manifest.changed):
        told = manifest.declared.get(name)
        meaning = "; ".join(filter(None, [told.meaning, told.limits])) if told else ""
        part = "parameter, changed" if name in manifest.changed else "parameter"
        default = _plain(told.default) if told else ""
        yield part, name, _plain(manifest.parameters[name]), default, meaning


def _kinds(folder: Path, manifest: Manifest) -> str:
    """Simulated or real, with the titles of the data sets that went in."""
    cards = data_cards(manifest, folder)
    told = [f"{card['kind'] or 'not told'}: {card['title']}" for card in cards]
    if not told:
        return "no file went in" if not manifest.data else "no card tells"
    simulated = any(card["kind"] == SIMULATED for card in cards)
    return ("SIMULATED DATA. " if simulated else "") + "; ".join(told)


def _columns(manifest: Manifest) -> pd.DataFrame:
    """Meaning and unit of every column, in the order in which they occur."""
    homes: dict[str, list[str]] = {name: [FINDINGS] for name in OF_FINDINGS}
    for table in manifest.tables:
        for name in table.columns:
            homes.setdefault(name, []).append(table.key)
    rows = []
    for name, where in homes.items():
        column = VOCABULARY.get(name) or (OF_FINDINGS.get(name) if where[0] == FINDINGS else None)
        meaning = column.meaning if column else "As the study names it"
        rows.append((name, meaning, column.unit if column else "", ", ".join(where)))
    return pd.DataFrame(rows, columns=["column", "meaning", "unit", "where"])
