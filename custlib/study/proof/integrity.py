"""A run's own files held against its record: what was changed by hand after the run."""

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from custlib.errors import StudyError
from custlib.study.catalogue import Cell, Study, read_study
from custlib.study.manifest import FIGURE, FINDING, NOTEBOOK, TABLE, Manifest
from custlib.study.proof.differences import Difference
from custlib.study.run import identity
from custlib.study.run.cache import changed_files
from custlib.study.run.normal_form import INJECTED, position_of, tags_of
from custlib.study.run.outputs import Outputs, collect_outputs


def alterations(folder: Path, manifest: Manifest) -> list[str]:
    """What of a run was changed after it ended, told in words; each of these is proven.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    manifest : Manifest
        Its record.

    Returns
    -------
    list of str

    Notes
    -----
    The id of a run is the hash of what went in, so a record whose parts give another id was
    edited. The findings and tables stand in the notebook a second time: where the two disagree,
    one of them was edited. What was edited in both alike shows in a second computation only.
    """
    found = [f"{name} is gone or was changed" for name in changed_files(folder, manifest)]
    if id_of(manifest) != manifest.id:
        found.append("what the record says went in is not what its id was made of")
    if not (folder / NOTEBOOK).is_file():
        return found
    try:
        return found + _disagreements(folder, manifest)
    except (StudyError, KeyError, TypeError, ValueError):
        return [*found, f"{NOTEBOOK} can no longer be read"]


def id_of(manifest: Manifest) -> str:
    """The id that a run of what the record names has."""
    return identity.run_id(
        notebook=manifest.notebook.sha256,
        parameters=manifest.parameters,
        data=manifest.data,
        library=manifest.code.custlib_sha256,
        lock=manifest.environment.lock_sha256,
        python=".".join(manifest.environment.python.split(".")[:2]),
    )


def recorded_cells(folder: Path) -> list[Cell] | None:
    """The study's cells as they were run; None where the notebook of the run cannot tell."""
    try:
        cells = read_study(folder / NOTEBOOK).cells
    except StudyError:
        return None
    return [cell for cell in cells if INJECTED not in cell.tags]


def display_differences(before: Path, after: Path) -> list[Difference]:
    """Cells of two runs of one notebook that show something else, besides what they record."""
    was, now = _displays(before), _displays(after)
    return [
        Difference(f"cell {cell}", "output", "as in the report", "another")
        for cell in sorted({*was, *now})
        if was.get(cell) != now.get(cell)
    ]


def _disagreements(folder: Path, manifest: Manifest) -> list[str]:
    """Where the notebook of a run and its record tell different things."""
    outputs = collect_outputs(_notebook(folder))
    found = [
        f"the record and {NOTEBOOK} disagree on {kind} {key}"
        for kind, was, now in (
            ("the finding", manifest.findings, outputs.findings),
            ("the table", manifest.tables, outputs.tables),
            ("the figure", manifest.figures, _pictures(manifest, outputs)),
        )
        for key in _unequal(was, now)
    ]
    cells = recorded_cells(folder) or []
    source = identity.notebook_sha256(Study(manifest.study, folder / NOTEBOOK, tuple(cells)))
    if source != manifest.notebook.sha256:
        found.append(f"{NOTEBOOK} has other cells than those that were run")
    return found


def _pictures(manifest: Manifest, outputs: Outputs) -> list[Any]:
    """Figures of the notebook, with the files that the record names for them."""
    known = {figure.key: figure for figure in manifest.figures}
    names = ("file", "vector", "vector_sha256")
    return [
        one.model_copy(update={name: getattr(known[one.key], name) for name in names})
        if one.key in known
        else one
        for one in outputs.figures
    ]


def _unequal(was: Any, now: Any) -> list[str]:
    """Keys of what two lists hold differently."""
    one, two = ({part.key: part for part in parts} for parts in (was, now))
    return [key for key in {**one, **two} if one.get(key) != two.get(key)]


def _displays(folder: Path) -> dict[int, list[Any]]:
    """What each cell shows, without what it records and without the counts of its runs."""
    notebook = _notebook(folder)
    return {
        position_of(notebook, at): [
            {name: part for name, part in output.items() if name != "execution_count"}
            for output in cell.get("outputs", ())
            if not {FINDING, TABLE, FIGURE} & {*output.get("data", ())}
        ]
        for at, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and INJECTED not in tags_of(cell)
    }


def _notebook(folder: Path) -> NotebookNode:
    return nbformat.from_dict(json.loads((folder / NOTEBOOK).read_text(encoding="utf-8")))
