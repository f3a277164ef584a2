"""The report of a run: one HTML file that opens anywhere, answers first."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custlib.places import put_file
from custlib.report.page import document
from custlib.report.provenance import (
    SIMULATED,
    citation,
    data_cards,
    day,
    language_of,
    parameter_rows,
    tables_that_went_in,
)
from custlib.report.words import catalogue
from custlib.study.manifest import PARTIAL, REPORT, Manifest

OUTCOMES = {
    "ok": "Completed",
    "error": "Stopped by an error",
    "timeout": "Stopped after its time was up",
    "dead": "The kernel died",
    "exited": "The notebook ended its own kernel",
}


def write_report(folder: Path, manifest: Manifest, notebook: Mapping[str, Any]) -> Path:
    """Write the report of a run into its folder: the study, or why there is none.

    Parameters
    ----------
    folder : Path
        Folder of the run; `report.html` is written there.
    manifest : Manifest
        Record of the run. Any status but "ok" gives a short page that says where the run stopped,
        what the error was and where the partial notebook lies.
    notebook : mapping
        The executed notebook (nbformat 4).

    Returns
    -------
    Path of the report.

    Raises
    ------
    OSError
        The folder cannot be written to.

    Notes
    -----
    The page holds everything it shows and a content security policy that forbids it the network.
    Equal records and notebooks give equal bytes.
    """
    path = folder / REPORT
    put_file(path, report_page(folder, manifest, notebook))
    return path


def report_page(folder: Path, manifest: Manifest, notebook: Mapping[str, Any]) -> bytes:
    """The page that `write_report` writes; what is kept can be held against it."""
    if manifest.status == "ok":
        return _study_page(folder, manifest, notebook).encode()
    return _failure_page(folder, manifest).encode()


def _study_page(folder: Path, manifest: Manifest, notebook: Mapping[str, Any]) -> str:
    # nbconvert takes longer to import than all the rest of a report takes to write.
    from custlib.report.body import notebook_body

    language = language_of(manifest)
    told = _checks(folder, manifest, language)
    return document(
        "report.html",
        language=language,
        body=notebook_body(notebook, language=language),
        findings=[finding.model_dump() for finding in manifest.findings],
        changed=[row for row in told["parameters"] if row.changed],
        simulated=any(card["kind"] == SIMULATED for card in told["cards"]),
        citation=citation(manifest, told["cards"]),
        **told,
    )


def _failure_page(folder: Path, manifest: Manifest) -> str:
    return document(
        "failure.html",
        partial=PARTIAL if (folder / PARTIAL).is_file() else "",
        **_checks(folder, manifest, "en"),
    )


def _checks(folder: Path, manifest: Manifest, language: str) -> dict[str, Any]:
    """What went in and how it was computed: the part that every page of a run has."""
    cards = data_cards(manifest, folder)
    verified = manifest.verified[-1] if manifest.verified else None
    return {
        "manifest": manifest,
        "verified": verified,
        "verified_day": day(verified.when, language) if verified else "",
        "outcome": catalogue(language)(OUTCOMES[manifest.status]),
        "day": day(manifest.runtime.started, language),
        "cards": cards,
        "files": tables_that_went_in(manifest, cards),
        "parameters": parameter_rows(manifest, language),
    }
