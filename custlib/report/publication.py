"""A run published: its page at once, other formats from the kept run when they are asked for."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from custlib.checks import require_one_of
from custlib.errors import CustlibError, StudyError
from custlib.places import file_sha256
from custlib.report.render import write_report
from custlib.study.manifest import NOTEBOOK, REPORT, Manifest, read_manifest, write_manifest

FORMATS = ("html", "pdf", "xlsx")


def require_formats(formats: Iterable[str]) -> None:
    """Each format is one that a report can be written in, on this machine.

    Raises
    ------
    ParameterError
        There is no such format.
    StudyError
        What the format needs is not installed.
    """
    for name in formats:
        require_one_of("--to", name, FORMATS)
        if name == "pdf":
            from custlib.report.pdf import require_printer

            require_printer()


def publish(folder: Path, manifest: Manifest, notebook: Mapping[str, Any]) -> Manifest:
    """Write the page of a run into its folder.

    Parameters
    ----------
    folder : Path
        Folder of the run; its tables and figures lie there already.
    manifest : Manifest
        Record of the run. One that failed has a page that says why.
    notebook : mapping
        The executed notebook (nbformat 4).

    Returns
    -------
    Manifest with `exports`, the names of the files written, and their `hashes`; it is the caller's
    to keep.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    write_report(folder, manifest, notebook)
    hashes = _hashes(folder, [NOTEBOOK, REPORT])
    return manifest.model_copy(update={"exports": [REPORT], "hashes": hashes})


def add_formats(folder: Path, formats: Iterable[str]) -> Manifest:
    """Write the report of a kept run in more formats; what it has already stays as it is.

    A format that cannot be written costs nothing but itself: the run and its page are kept.

    Parameters
    ----------
    folder : Path
        Folder of a run that ended well.
    formats : names out of FORMATS

    Returns
    -------
    Manifest, as it was written.

    Raises
    ------
    StudyError
        A format cannot be written, or the folder holds no whole run.
    """
    manifest = read_manifest(folder)
    wanted = {*manifest.exports, *files_of(formats)}
    lacking = [name for name in wanted if not (folder / name).is_file()]
    if not lacking and wanted <= {*manifest.exports}:
        return manifest
    return _written(folder, manifest, lacking)


def files_of(formats: Iterable[str]) -> list[str]:
    """Files of a report in these formats; the page is always one of them."""
    return list(dict.fromkeys([REPORT, *(f"report.{name}" for name in formats)]))


def publish_again(folder: Path, **changes: Any) -> Manifest:
    """Write the reports of a kept run anew, with parts of its record changed.

    Parameters
    ----------
    folder : Path
        Folder of a run that ended well.
    **changes
        Fields of the record with their new content, such as `verified`.

    Returns
    -------
    Manifest, as it was written.

    Notes
    -----
    A PDF stays as it was on a machine that cannot print: it is older, but nothing in it is wrong.
    """
    manifest = read_manifest(folder).model_copy(update=changes)
    names = [REPORT, *manifest.exports]
    try:
        require_formats(name.removeprefix("report.") for name in names)
    except StudyError:
        names = [name for name in names if name != "report.pdf"]
    return _written(folder, manifest, names)


def _written(folder: Path, manifest: Manifest, names: Iterable[str]) -> Manifest:
    """The kept run with these files of its report written, and its record."""
    notebook = json.loads((folder / NOTEBOOK).read_text(encoding="utf-8"))
    present = {*manifest.exports, *names, REPORT}
    exports = [name for name in files_of(FORMATS) if name in present]
    manifest = manifest.model_copy(update={"exports": exports})
    written, refused = [], list[CustlibError]()
    if REPORT in names:
        write_report(folder, manifest, notebook)
        written.append(REPORT)
    for name, writer in _writers().items():
        try:
            if f"report.{name}" in names:
                written.append(writer(folder, manifest, notebook).name)
        except CustlibError as problem:
            refused.append(problem)
    exports = [name for name in exports if (folder / name).is_file()]
    # What was not written anew keeps the hash that it had, and one that has none gets none.
    hashes = manifest.hashes | _hashes(folder, written)
    manifest = manifest.model_copy(update={"exports": exports, "hashes": hashes})
    write_manifest(folder, manifest)
    if refused:
        raise refused[0]
    return manifest


def _hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: file_sha256(folder / name) for name in names if (folder / name).is_file()}


def _writers() -> dict[str, Callable[[Path, Manifest, Mapping[str, Any]], Path]]:
    """What writes a format besides HTML, in the order in which they are listed."""
    return {"pdf": _write_pdf, "xlsx": _write_workbook}


def _write_pdf(folder: Path, manifest: Manifest, notebook: Mapping[str, Any]) -> Path:
    # Only those who want a PDF need what writes it.
    from custlib.report.pdf import write_pdf

    return write_pdf(folder, manifest, notebook)


def _write_workbook(folder: Path, manifest: Manifest, notebook: Mapping[str, Any]) -> Path:
    # openpyxl takes a while to import, and few runs ask for it.
    from custlib.report.run_workbook import write_workbook

    return write_workbook(folder, manifest, notebook)
