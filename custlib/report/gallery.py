"""The list of all reports: one page that opens from the disk, written from the records alone."""

import base64
import hashlib
import html
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from custlib.errors import StudyError
from custlib.places import put_file
from custlib.report.page import document
from custlib.report.provenance import day, is_simulated, parameter_text, simulated_tables
from custlib.report.render import OUTCOMES
from custlib.study.manifest import (
    CHANGES,
    FAILED,
    MESSAGE,
    NAME,
    NOTEBOOK,
    PARTIAL,
    REPORT,
    RESERVED,
    SWEEPS,
    Manifest,
    read_manifest,
)

INDEX = "index.html"
HEADLINES = 2
# What of a run to open, the best first.
DOORS = (REPORT, NOTEBOOK, MESSAGE, PARTIAL, NAME)
EXPORTS = {"report.pdf": "PDF", "report.xlsx": "Excel"}
# Enough of a page to hold its title.
HEAD_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Entry:
    """One run as the list shows it, searches it and sorts it."""

    manifest: Manifest
    link: str
    exports: list[tuple[str, str]]
    simulated: bool = False
    newest: int = 0
    verified_rank: int = 0

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Every parameter with its value, those that were changed first."""
        names = sorted(self.manifest.parameters, key=lambda name: name not in self.manifest.changed)
        return [(name, parameter_text(self.manifest.parameters[name])) for name in names]

    @property
    def name(self) -> str:
        """What tells the run from others of its study: the parameters not at their defaults."""
        values = self.manifest.parameters
        changed = [f"{name} = {parameter_text(values.get(name))}" for name in self.manifest.changed]
        return " · ".join(changed) or "At its defaults"

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

    @property
    def reason(self) -> str:
        """Why the run stopped, in a line."""
        failure = self.manifest.failure
        return failure.message.strip().partition("\n")[0] if failure else ""

    @property
    def same(self) -> bool:
        """Whether the last computation after the first came to the same."""
        return bool(self.manifest.verified) and self.manifest.verified[-1].same

    @property
    def mark(self) -> str:
        """What the last computation after the first came to; nothing where there was none."""
        if not self.manifest.verified:
            return ""
        when = day(self.manifest.verified[-1].when)
        part = " in part" if self.manifest.verified[-1].uncovered else ""
        return f"verified{part} {when}" if self.same else f"not reproduced {when}"

    @property
    def words(self) -> str:
        """What a search finds the run by."""
        pairs = self.parameters
        parts = [
            *(self.manifest.question, self.manifest.study, self.name, self.manifest.id, self.day),
            *(f"{name} = {value} {name}={value}" for name, value in pairs),
            *(finding.sentence for finding in self.manifest.findings),
            *(self.mark, self.reason, self.outcome, "simulated data" * self.simulated),
        ]
        return "\n".join(filter(None, parts))


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
    gone is listed as unreadable, with the reason. The one script of the page searches and sorts;
    the page's policy allows it by its hash and nothing else, and without it all runs are listed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     "No study has been run yet" in write_gallery(Path(folder)).read_text("utf-8")
    True
    """
    entries, unreadable = _read(reports)
    done = [entry for entry in entries if entry.manifest.status == "ok"]
    script = files("custlib.report").joinpath("templates", "gallery.js").read_text("utf-8").strip()
    digest = hashlib.sha256(script.encode()).digest()
    own_style = files("custlib.report").joinpath("templates", "gallery.css").read_text("utf-8")
    text = document(
        "gallery.html",
        studies=_by_study(_ranked(done)),
        failed=[entry for entry in entries if entry.manifest.status != "ok"],
        unreadable=unreadable,
        sweeps=_pages(reports, f"{SWEEPS}/*/{INDEX}"),
        changes=_pages(reports, f"{CHANGES}/*.html"),
        own_style=Markup(own_style.strip()),
        script=Markup(script),
        script_sha256=base64.b64encode(digest).decode(),
    )
    reports.mkdir(parents=True, exist_ok=True)
    path = reports / INDEX
    # Names of files need not be text, where a system lets them be any bytes.
    put_file(path, text.encode(errors="replace"))
    return path


def _read(reports: Path) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Every run, the newest first, and every folder that cannot be read with the reason."""
    entries, unreadable, simulated = [], [], simulated_tables(reports / INDEX)
    for folder in _run_folders(reports):
        try:
            manifest = read_manifest(folder)
            links = {name: _link(folder / name, reports) for name in EXPORTS}
            exports = [(EXPORTS[name], links[name]) for name in links if (folder / name).is_file()]
            told = manifest, _link(folder / _door(folder), reports), exports
            entries.append(Entry(*told, is_simulated(manifest, simulated)))
        except (StudyError, OSError) as problem:
            shown = folder.relative_to(reports).as_posix()
            unreadable.append((shown, str(problem).partition("\n")[0]))
    entries.sort(key=lambda entry: entry.link)
    entries.sort(key=lambda entry: entry.manifest.runtime.started, reverse=True)
    return entries, unreadable


def _ranked(entries: list[Entry]) -> list[Entry]:
    """The entries, newest first, with their places in each order that the list can be put in."""

    def verified(at: int) -> tuple[int, str]:
        entry = entries[at]
        if not entry.manifest.verified:
            return 1, ""
        return (2 if entry.same else 0), entry.manifest.verified[-1].when

    order = sorted(range(len(entries)), key=verified, reverse=True)
    ranks = {at: rank for rank, at in enumerate(order)}
    return [replace(entry, newest=at, verified_rank=ranks[at]) for at, entry in enumerate(entries)]


def _run_folders(reports: Path) -> Iterator[Path]:
    """Every folder that is, or should be, that of a run; hidden ones are being worked on."""
    for home in (reports, reports / FAILED):
        for study in _folders(home):
            if home != reports or study.name not in RESERVED:
                yield from _folders(study)


def _folders(home: Path) -> list[Path]:
    try:
        inside = sorted(home.iterdir())
    except OSError:
        return []
    return [one for one in inside if one.is_dir() and not one.name.startswith(".")]


def _pages(reports: Path, pattern: str) -> list[tuple[str, str]]:
    """Title and relative address of the pages that match."""
    return [
        (_title(page), _link(page, reports))
        for page in sorted(reports.glob(pattern))
        if not any(part.startswith(".") for part in page.relative_to(reports).parts)
    ]


def _title(page: Path) -> str:
    """Title of a page; the name of its file or folder where it tells none."""
    try:
        with page.open("rb") as stream:
            start = stream.read(HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        start = ""
    found = re.search(r"<title>([^<]+)</title>", start)
    name = page.parent.name if page.name == INDEX else page.stem
    return " ".join(html.unescape(found[1]).split()) if found else name


def _door(folder: Path) -> str:
    """The best there is to open in the folder of a run."""
    return next((name for name in DOORS if (folder / name).is_file()), NAME)


def _link(path: Path, reports: Path) -> str:
    """Relative address, safe in any name."""
    return "/".join(quote(os.fsencode(part)) for part in path.relative_to(reports).parts)


def _by_study(entries: list[Entry]) -> list[list[Entry]]:
    """Runs by study, in the order of the studies' names."""
    names = sorted({entry.manifest.study for entry in entries})
    return [[entry for entry in entries if entry.manifest.study == name] for name in names]
