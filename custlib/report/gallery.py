"""The list of all reports: one page that opens from the disk, written from the records alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from custlib.errors import StudyError
from custlib.report.page import document
from custlib.report.provenance import day, parameter_text
from custlib.report.render import OUTCOMES
from custlib.study.manifest import (
    FAILED,
    MESSAGE,
    NAME,
    NOTEBOOK,
    PARTIAL,
    REFERENCE,
    REPORT,
    Manifest,
    read_manifest,
)

INDEX = "index.html"
HEADLINES = 2
# What of a run to open, the best first.
DOORS = (REPORT, NOTEBOOK, MESSAGE, PARTIAL, NAME)


@dataclass(frozen=True, slots=True)
class Entry:
    """One run as the list shows it."""

    manifest: Manifest
    link: str

    @property
    def changed(self) -> list[tuple[str, str]]:
        """Parameters that are not at their defaults."""
        values = self.manifest.parameters
        return [(name, parameter_text(values.get(name))) for name in self.manifest.changed]

    @property
    def headlines(self) -> list[str]:
        """The findings that the study puts first."""
        return [finding.sentence for finding in self.manifest.findings[:HEADLINES]]

    @property
    def day(self) -> str:
        """When the run was started."""
        return day(self.manifest.runtime.started)

    @property
    def outcome(self) -> str:
        """How the run ended."""
        return OUTCOMES[self.manifest.status]


def write_gallery(reports: Path) -> Path:
    """Write `index.html`, the list of every run under a folder of reports.

    Parameters
    ----------
    reports : Path
        Folder with `<study>/<run>/manifest.json`, and those of failed runs below `failed/`.

    Returns
    -------
    Path of the list.

    Raises
    ------
    OSError
        The folder cannot be written to.

    Notes
    -----
    Links are relative, so that the folder can be moved or sent. A run whose record is broken or
    gone is listed as unreadable, with the reason.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     "No study has been run yet" in write_gallery(Path(folder)).read_text("utf-8")
    True
    """
    entries, unreadable = [], []
    for folder in _run_folders(reports):
        try:
            entries.append(Entry(read_manifest(folder), _link(folder, reports)))
        except StudyError as problem:
            shown = folder.relative_to(reports).as_posix()
            unreadable.append((shown, str(problem).partition("\n")[0]))
    entries.sort(key=lambda entry: entry.link)
    entries.sort(key=lambda entry: entry.manifest.runtime.started, reverse=True)
    done = [entry for entry in entries if entry.manifest.status == "ok"]
    text = document(
        "gallery.html",
        studies=_by_study(done),
        failed=[entry for entry in entries if entry.manifest.status != "ok"],
        unreadable=unreadable,
    )
    reports.mkdir(parents=True, exist_ok=True)
    path = reports / INDEX
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _run_folders(reports: Path) -> Iterator[Path]:
    """Every folder that is, or should be, that of a run; hidden ones are being worked on."""
    for home in (reports, reports / FAILED):
        for study in _folders(home):
            if study.name != REFERENCE and study != reports / FAILED:
                yield from _folders(study)


def _folders(home: Path) -> list[Path]:
    if not home.is_dir():
        return []
    return sorted(one for one in home.iterdir() if one.is_dir() and not one.name.startswith("."))


def _link(folder: Path, reports: Path) -> str:
    """Relative address of the best there is to open, safe in any folder name."""
    door = next(name for name in DOORS if (folder / name).is_file())
    return "/".join(quote(part) for part in (folder / door).relative_to(reports).parts)


def _by_study(entries: list[Entry]) -> list[list[Entry]]:
    """Runs by study, in the order of the studies' names."""
    names = sorted({entry.manifest.study for entry in entries})
    return [[entry for entry in entries if entry.manifest.study == name] for name in names]
