"""Findings, tables and figures taken from an executed notebook and written beside its report."""

import base64
import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from custlib.errors import StudyError
from custlib.study.findings import FIGURE, FINDING, TABLE
from custlib.study.manifest import Figure, Finding, RecordedTable
from custlib.study.pictures import VECTOR_MIME
from custlib.study.run.normal_form import position_of


@dataclass(frozen=True)
class Outputs:
    """What a notebook left behind, and the content of the files that hold it."""

    findings: tuple[Finding, ...]
    tables: tuple[RecordedTable, ...]
    figures: tuple[Figure, ...]
    files: dict[str, bytes]


def collect_outputs(notebook: NotebookNode, vectors: Mapping[str, str] | None = None) -> Outputs:
    """Everything recorded in the notebook, in its order; a StudyError where a key occurs twice.

    `vectors` are the figures as SVG by their keys, as `vectors_of` took them from the kernel.
    """
    findings, tables, figures, files = [], [], [], {}
    seen: dict[tuple[str, str], int] = {}
    for cell, mime, data in _recorded(notebook):
        content = data[mime]
        # Files are named by the key, and some systems do not tell `Gap` from `gap`.
        name = (mime, content["key"].casefold())
        if name in seen:
            raise _twice(content["key"], seen[name], cell)
        seen[name] = cell
        if mime == FINDING:
            findings.append(Finding(**content, cell=cell))
        elif mime == TABLE:
            file, text = f"tables/{content['key']}.csv", _csv(content)
            files[file] = text
            tables.append(
                RecordedTable(
                    key=content["key"],
                    file=file,
                    sha256=hashlib.sha256(text).hexdigest(),
                    rows=len(content["data"]),
                    columns=content["columns"],
                    dtypes=content["dtypes"],
                    cell=cell,
                )
            )
        else:
            figure, pictures = _figure(data, (vectors or {}).get(content["key"]), cell)
            figures.append(figure)
            files |= pictures
    return Outputs(tuple(findings), tuple(tables), tuple(figures), files)


def vectors_of(notebook: NotebookNode) -> dict[str, str]:
    """SVG of each figure that a kernel drew as one too; the notebook that is kept has none."""
    return {
        data[FIGURE]["key"]: data[VECTOR_MIME]
        for _, mime, data in _recorded(notebook)
        if mime == FIGURE and VECTOR_MIME in data
    }


def write_outputs(folder: Path, outputs: Outputs) -> None:
    """Write the tables as CSV and the figures as PNG and SVG into the folder of a run."""
    for file, content in outputs.files.items():
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def _recorded(notebook: NotebookNode) -> list[tuple[int, str, dict[str, Any]]]:
    """Cell number, kind and data of every recorded output."""
    return [
        (position_of(notebook, at), mime, output["data"])
        for at, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", ())
        for mime in (FINDING, TABLE, FIGURE)
        if mime in output.get("data", ())
    ]


def _figure(data: Any, vector: str | None, cell: int) -> tuple[Figure, dict[str, bytes]]:
    """Record of one figure, and the content of its files."""
    content = data[FIGURE]
    named = f"figures/{content['key']}"
    files = {f"{named}.png": base64.b64decode(data["image/png"])}
    lines: dict[str, str] = {}
    if vector:
        files[f"{named}.svg"] = drawn = vector.encode("utf-8")
        lines = {"vector": f"{named}.svg", "vector_sha256": hashlib.sha256(drawn).hexdigest()}
    return Figure(**content, **lines, file=f"{named}.png", cell=cell), files


def _csv(content: dict[str, Any]) -> bytes:
    """The table as CSV: numbers as Python writes them exactly, missing ones empty."""
    lines: list[str] = []
    for row in (content["columns"], *content["data"]):
        stream = io.StringIO()
        # A writer quotes only what its own line end holds, so a lone \r needs both signs in it.
        csv.writer(stream, lineterminator="\r\n").writerow(row)
        lines.append(stream.getvalue().removesuffix("\r\n") + "\n")
    return "".join(lines).encode("utf-8")


def _twice(key: str, first: int, second: int) -> StudyError:
    where = f"cell {first}" if first == second else f"cells {first} and {second}"
    return StudyError.because(
        f"The key {key!r} is recorded twice, in {where}.",
        "Expected each finding, table and figure of a study to have a key of its own.",
        "Rename one of them.",
    )
