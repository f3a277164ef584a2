"""The id of a run: the same notebook, values, data, code, lock and Python have the same id."""

import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import custlib
from custlib.study.catalogue import Study
from custlib.study.manifest import DataFile, canonical_json

LOCK = "requirements.lock"
LONGEST_SLUG = 48
SOURCES = {".py", ".html", ".css", ".js", ".po"}


def run_id(
    *,
    notebook: str,
    parameters: Mapping[str, Any],
    data: Iterable[DataFile],
    library: str,
    lock: str | None,
    python: str,
) -> str:
    """Hash of everything a run's numbers hang on."""
    parts = {
        "notebook": notebook,
        "parameters": dict(parameters),
        "data": [[file.parameter, file.path, file.sha256] for file in data],
        "custlib": library,
        "lock": lock,
        "python": python,
    }
    return _sha256(canonical_json(parts))


def notebook_sha256(study: Study) -> str:
    """Hash of the cells as written; outputs, counts and cell ids do not enter."""
    return _sha256(canonical_json([[cell.kind, cell.source, cell.tags] for cell in study.cells]))


def library_sha256() -> str:
    """Hash of custlib's source, the same on every system and under every line ending.

    Templates and catalogues enter too: a report hangs on them, though its numbers do not.
    """
    root = Path(custlib.__file__).parent
    sources = {
        path.relative_to(root).as_posix(): _sha256(path.read_text(encoding="utf-8"))
        for path in root.rglob("*")
        if path.suffix in SOURCES
    }
    return _sha256(canonical_json(sources))


def lock_sha256(root: Path) -> str | None:
    """Hash of the lock file; None where the project has none."""
    path = root / LOCK
    return _sha256(path.read_text(encoding="utf-8")) if path.is_file() else None


def code_state(library: str, root: Path) -> str:
    """What a kernel imports: the library of this hash, and the packages of the lock file."""
    return f"{library} {lock_sha256(root)}"


def python_version() -> str:
    """The part of Python's version on which numbers may hang."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def slug_of(recorded: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Short name for the values that are not the cell's own; `default` where all are."""
    parts = []
    for name in changed_names(recorded, defaults):
        value = recorded[name]
        text = "-".join(map(str, value)) if isinstance(value, list) else str(value)
        # A file is named without its folder and its ending.
        text = Path(text).stem if isinstance(value, str) else text
        words = re.findall(r"[a-z0-9][a-z0-9.]*", f"{name} {text}".lower().replace("_", "-"))
        parts.append("-".join(words))
    slug = "_".join(parts)[:LONGEST_SLUG].strip("-_.")
    return slug or "default"


def changed_names(recorded: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    """Parameters whose value is not the cell's own."""
    return [name for name, value in recorded.items() if value != defaults[name]]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
