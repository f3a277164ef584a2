"""A run that was made before: found by its id, and used only if all of it is still there."""

import json
from pathlib import Path

from custlib.errors import StudyError
from custlib.places import file_sha256
from custlib.study.manifest import NOTEBOOK, Manifest, read_manifest
from custlib.study.run.plan import Plan
from custlib.study.run.runner import Run


def cached_run(plan: Plan, reports: Path | None = None) -> Run | None:
    """The run of this plan's id, if it is kept whole; None where it has to be computed.

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
    letter, the run must have ended well, and each table and figure must still have its hash.
    """
    folder = (reports or plan.root / "reports").resolve() / plan.study.name / plan.folder_name
    if folder.resolve() != folder:
        return None  # a link that leads out of the reports
    try:
        manifest = read_manifest(folder)
    except StudyError:
        return None
    if manifest.id != plan.id or manifest.status != "ok" or changed_files(folder, manifest):
        return None
    return Run(folder, manifest, cached=True)


def changed_files(folder: Path, manifest: Manifest) -> list[str]:
    """Files of a run that are gone, or no longer what its record says they are."""
    expected: dict[str, str | None] = {}
    expected |= {table.file: table.sha256 for table in manifest.tables}
    for figure in manifest.figures:
        expected[figure.file] = figure.sha256
        if figure.vector:
            expected[figure.vector] = figure.vector_sha256
    changed = [name for name, sha256 in expected.items() if not _is_whole(folder / name, sha256)]
    return changed if _is_json(folder / NOTEBOOK) else [NOTEBOOK, *changed]


def _is_whole(path: Path, sha256: str | None) -> bool:
    try:
        return file_sha256(path) == sha256
    except OSError:
        return False


def _is_json(path: Path) -> bool:
    """The notebook, of which no hash is kept, is there and was not cut off."""
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return True
