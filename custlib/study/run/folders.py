"""Folders of runs: worked on out of sight, put in place in one step, swept where a run died."""

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from custlib.errors import StudyError

HIDDEN = ".running"
PREVIOUS = "previous"


@contextmanager
def working_folder(reports: Path, name: str) -> Iterator[Path]:
    """A new folder of this name on the file system of the reports; gone when the block ends."""
    hidden = reports / HIDDEN
    sweep(hidden)
    place = hidden / f"{owner()}{uuid.uuid4().hex[:8]}"
    folder = place / name
    reason: str | None = None
    for _ in range(10):
        # A run that ends at this moment may take the hidden folder away between two steps.
        try:
            folder.mkdir(parents=True, exist_ok=True)
            break
        except FileNotFoundError as problem:
            reason = problem.strerror
        except OSError as problem:
            reason = problem.strerror
            break
    if not folder.is_dir():
        raise StudyError.because(
            f"Reports cannot be written to {str(reports)!r}: {reason}.",
            "Expected a folder that may be written to, or made.",
            "Pass another one with --reports.",
        )
    try:
        yield folder
    finally:
        shutil.rmtree(place, ignore_errors=True)
        _remove_if_empty(hidden)


def put_in_place(folder: Path, target: Path) -> None:
    """Rename the finished folder to its target in one step, over what lies there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.parent / PREVIOUS / target.parent.name / target.name
    for _ in range(10):
        if target.exists():
            # Moved, not deleted: if this process dies now, sweep() puts it back.
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(aside, ignore_errors=True)
            try:
                target.rename(aside)
            except FileNotFoundError:
                continue
        try:
            folder.rename(target)
        except OSError:
            # Another run of the same id was put in place between the two steps.
            if not target.exists():
                raise
            continue
        return
    raise OSError(f"{target} is replaced by other processes without end")


def sweep(hidden: Path) -> None:
    """Remove what runs left whose process is gone; a report they had set aside goes back."""
    for place in abandoned(hidden):
        for former in place.glob(f"{PREVIOUS}/*/*"):
            target = hidden.parent / former.parent.name / former.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                former.rename(target)
        shutil.rmtree(place, ignore_errors=True)


def owner() -> str:
    """Start of a folder's name that tells which process of which machine owns it."""
    return f"{_host()}.{os.getpid()}."


def abandoned(parent: Path, prefix: str = "") -> Iterator[Path]:
    """Folders whose name tells an owner on this machine that runs no more."""
    import psutil

    for folder in parent.glob(f"{prefix}{_host()}.*.*"):
        process = folder.name.split(".")[-2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            yield folder


def _host() -> str:
    """Name of this machine, for only here can its processes be asked for."""
    name = "".join(letter if letter.isalnum() else "-" for letter in socket.gethostname())
    return name[:12]


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
