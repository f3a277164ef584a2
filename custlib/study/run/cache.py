"""A run that was made before: found by its id, and used only if all of it is still as it was."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from custlib.errors import CustlibError, StudyError
from custlib.places import file_sha256
from custlib.study.catalogue import Cell, Study, read_study, study_name
from custlib.study.manifest import NAME, NOTEBOOK, REPORT, Manifest, read_manifest
from custlib.study.parameters.declaration import read_parameters
from custlib.study.run import identity
from custlib.study.run.normal_form import INJECTED, given_values
from custlib.study.run.outputs import collect_outputs
from custlib.study.run.plan import Plan, told_of
from custlib.study.run.runner import Run

# A figure as the notebook of a run has it, which is kept without the vectors.
DOTS = {"vector": None, "vector_sha256": None}


def cached_run(plan: Plan, reports: Path | None = None) -> Run | None:
    """The run of this plan's id, if it is kept as it was made; None where it has to be computed.

    Parameters
    ----------
    plan : Plan
        What `plan_study` made of a study and its parameters.
    reports : Path, optional
        Folder of reports; `reports` of the project unless given.

    Returns
    -------
    Run or None

    Notes
    -----
    The name of a folder is no proof: the id in its record must be that of the plan, letter by
    letter, the run must have ended well, and none of its files may have been altered.
    """
    folder = (reports or plan.root / "reports").resolve() / plan.study.name / plan.folder_name
    if folder.resolve() != folder:
        return None  # a link that leads out of the reports
    try:
        manifest = read_manifest(folder)
    except StudyError:
        return None
    meant = (manifest.id, manifest.status, manifest.data) == (plan.id, "ok", [*plan.inputs.files])
    if not meant or _lacks_hashes(folder, manifest) or alterations(folder, manifest):
        return None
    return Run(folder, manifest, cached=True)


def _lacks_hashes(folder: Path, manifest: Manifest) -> bool:
    """Whether hashes were taken out, as no record of this library's id is older than they are."""
    shown = {*manifest.exports} | ({REPORT} if (folder / REPORT).is_file() else set())
    return bool(shown) and not {NOTEBOOK, *shown} <= {*manifest.hashes}


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
    Nothing is computed. Each file must have the hash that the record has of it. The id of a run is
    the hash of what went in, so a record whose parts give another id was edited. What was recorded
    stands in the notebook a second time, and so does all that its cells and the values of its
    parameters decide: where the two disagree, one of them was edited. What was edited in both
    alike, or only shown, shows in a second computation only.
    """
    found = [f"{name} is gone or was changed" for name in changed_files(folder, manifest)]
    if id_of(manifest) != manifest.id:
        found.append("what the record says went in is not what its id was made of")
    counts = len(manifest.findings), len(manifest.tables)
    found += [
        f"no verification of {one.when} can have come to what the record says of it"
        for one in manifest.verified
        if (one.findings, one.tables) != counts or (one.same and one.cause)
    ]
    try:
        return found + list(_disagreements(folder, manifest))
    except (CustlibError, OSError, AttributeError, KeyError, TypeError, ValueError):
        return [*found, f"{NOTEBOOK} can no longer be read"]


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Files of a run that are gone, or no longer what its record says they are."""
    # An export that was taken away shows nothing that is wrong, and is written again when asked.
    there = [name for name in manifest.hashes if name == NOTEBOOK or (folder / name).is_file()]
    expected = _recorded(manifest) | {name: manifest.hashes[name] for name in there}
    return [name for name, sha256 in expected.items() if not _is_whole(folder / name, sha256)]


def strangers(folder: Path, manifest: Manifest) -> list[str]:
    """Files in the folder of a run, hidden ones left out, of which its record does not tell."""
    known = {NAME, NOTEBOOK, *manifest.exports, *_recorded(manifest)}
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in paths)
    return [name for name in names if name not in known and "/." not in f"/{name}"]


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


def recorded_cells(folder: Path, manifest: Manifest) -> list[Cell] | None:
    """The study's cells as they were run; None where the notebook of the run cannot tell.

    The one cell that the run added holds the recorded values and stands below their declaration;
    any other that is tagged like it is taken for the study's own.
    """
    try:
        cells = list(read_study(folder / NOTEBOOK).cells)
    except StudyError:
        return None
    added = Cell("code", given_values(manifest.parameters), (INJECTED,))
    at = cells.index(added) if added in cells else 0
    if at and "parameters" in cells[at - 1].tags:
        del cells[at]
    return cells


def notebook_of(folder: Path) -> NotebookNode:
    """The notebook of a run as it is kept."""
    return nbformat.from_dict(json.loads((folder / NOTEBOOK).read_text(encoding="utf-8")))


def _recorded(manifest: Manifest) -> dict[str, str | None]:
    """Hash of each file of a table or figure."""
    expected: dict[str, str | None] = {table.file: table.sha256 for table in manifest.tables}
    for figure in manifest.figures:
        expected |= {figure.file: figure.sha256}
        expected |= {figure.vector: figure.vector_sha256} if figure.vector else {}
    return expected


def _disagreements(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Where the notebook of a run and its record tell different things."""
    notebook = notebook_of(folder)
    outputs = collect_outputs(notebook)
    for kind, was, now in (
        ("the finding", manifest.findings, outputs.findings),
        ("the table", manifest.tables, outputs.tables),
        ("the figure", [one.model_copy(update=DOTS) for one in manifest.figures], outputs.figures),
    ):
        for key in _unequal(was, now):
            yield f"the record and {NOTEBOOK} disagree on {kind} {key}"
        if _is_turned([one.key for one in was], [one.key for one in now]):
            yield f"the record has {kind.removeprefix('the ')}s in another order than {NOTEBOOK}"
    for figure in outputs.figures:
        if hashlib.sha256(outputs.files[figure.file]).hexdigest() != figure.sha256:
            yield f"the figure {figure.key} is another picture in {NOTEBOOK}"
    cells = tuple(recorded_cells(folder, manifest) or ())
    study = Study(study_name(Path(manifest.notebook.path)), folder / NOTEBOOK, cells)
    if manifest.parameters and len(cells) == len(notebook.cells):
        yield f"{NOTEBOOK} does not set the parameters of the record"
    elif identity.notebook_sha256(study) != manifest.notebook.sha256:
        yield f"{NOTEBOOK} has other cells than those that were run"
    else:
        told = told_of(study, read_parameters(study), manifest.parameters)
        for name, content in told.items():
            # Older records lack what was declared.
            if getattr(manifest, name) != content and (name != "declared" or manifest.declared):
                yield f"the record tells {name} otherwise than {NOTEBOOK}"


def _unequal(was: Iterable[Any], now: Iterable[Any]) -> list[str]:
    """Keys of what two lists hold differently, or not equally often."""
    held: dict[str, tuple[list[Any], list[Any]]] = {}
    for side, parts in enumerate((was, now)):
        for part in parts:
            held.setdefault(part.key, ([], []))[side].append(part)
    return [key for key, (one, two) in held.items() if one != two]


def _is_turned(was: list[str], now: list[str]) -> bool:
    return was != now and sorted(was) == sorted(now)


def _is_whole(path: Path, sha256: str | None) -> bool:
    try:
        return file_sha256(path) == sha256
    except OSError:
        return False
