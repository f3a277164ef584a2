"""Folders of runs: worked on out of sight, put in place in one step, swept where a run died."""

import errno
import hashlib
import os
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom

from custlib.errors import StudyError

HIDDEN = ".running"
PREVIOUS = "previous"
FULL = (errno.ENOSPC, errno.EDQUOT)
TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG, errno.ENOTDIR)


@contextmanager
def working_folder(reports: Path, name: str) -> Iterator[Path]:
    """A new folder of this name on the file system of the reports; gone when the block ends.

    A disk that fills up, or a folder that vanishes in the meantime, is told by a StudyError.
    """
    hidden = reports / HIDDEN
    require_inside(reports, hidden)
    sweep(hidden)
    place = hidden / f"{owner()}{uuid.uuid4().hex[:8]}"
    folder = place / name
    reason: str | None = None
    for _ in range(10):
        # A run that ends at this moment may take the hidden folder away between two steps: before
        # a folder is made in it, or after it was found there and before it was looked at.
        try:
            folder.mkdir(parents=True, exist_ok=True)
            break
        except (FileNotFoundError, FileExistsError) as problem:
            reason = problem.strerror
        except OSError as problem:
            reason = problem.strerror
            break
    if not folder.is_dir():
        raise _refused(reports, reason)
    try:
        yield folder
    except OSError as problem:
        if told := _disk_problem(reports, folder, problem):
            raise told from problem
        raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):
            hidden.rmdir()  # where no other run works in it


def require_inside(reports: Path, folder: Path) -> None:
    """The folder lies where its path says, below the reports; a StudyError where a link leads out.

    Raises
    ------
    StudyError
        Before anything is written outside the folder of reports.
    """
    if folder.resolve() != reports.resolve() / folder.relative_to(reports):
        raise StudyError.because(
            f"{str(folder)!r} is a link that leads to {str(folder.resolve())!r}.",
            "Expected reports to stay inside their folder.",
            "Remove the link, or pass the folder that it leads to with --reports.",
        )


def put_in_place(folder: Path, target: Path) -> None:
    """Rename the finished folder to its target in one step, over what lies there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.parent / PREVIOUS / target.parent.name / target.name
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        for _ in range(100):
            if target.exists() or target.is_symlink():
                # Moved, not deleted: if this process dies now, sweep() puts it back.
                _remove(aside)
                with suppress(FileNotFoundError):
                    target.rename(aside)
            try:
                folder.rename(target)
                return
            except OSError as problem:
                # Another run of the same id was put in place between the two steps; it may be
                # gone again by now, moved aside by a third.
                if problem.errno not in TAKEN:
                    raise
            time.sleep(SystemRandom().uniform(0, 0.01))
        raise OSError(f"{target} is replaced by other processes without end")
    except BaseException:
        # This one cannot be put in place, and what stood there goes back.
        with suppress(OSError):
            aside.rename(target)
        raise


def sweep(hidden: Path) -> None:
    """Remove what runs left whose process is gone; a report they had set aside goes back."""
    for place in abandoned(hidden):
        # Where nothing can be written, what was set aside waits for the next run.
        with suppress(OSError):
            for former in place.glob(f"{PREVIOUS}/*/*"):
                target = hidden.parent / former.parent.name / former.name
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    former.rename(target)
            shutil.rmtree(place)


def owner() -> str:
    """Start of a folder's name that tells which process of which machine owns it."""
    return f"{_host()}.{os.getpid()}."


def abandoned(parent: Path, prefix: str = "") -> Iterator[Path]:
    """Folders whose name tells an owner on this machine that runs no more."""
    import psutil

    folders: list[Path] = []
    # The parent may go between two looks: the last run that worked in it takes it away.
    with suppress(FileNotFoundError):
        folders += parent.glob(f"{prefix}{_host()}.*.*")
    for folder in folders:
        process = folder.name.split(".")[-2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            yield folder


def _host() -> str:
    """Name of this machine, for only here can its processes be asked for."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]


def _remove(path: Path) -> None:
    """Remove a folder, or whatever lies in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _disk_problem(reports: Path, folder: Path, problem: OSError) -> StudyError | None:
    """What the error says of the disk; None where it is about something else."""
    if problem.errno in FULL:
        places = dict.fromkeys((_existing(reports), Path(tempfile.gettempdir())))
        free = [f"{shutil.disk_usage(place).free / 1e6:.1f} MB in {place}" for place in places]
        return StudyError.because(
            f"The disk is full ({problem.strerror}); free are {', '.join(free)}.",
            "Expected room for the files of one report, most often less than 10 MB.",
            "Nothing was kept of this run: free some room, or pass a folder on another disk with "
            "--reports, and run the same again.",
        )
    if not folder.is_dir():
        return StudyError.because(
            f"The folder of reports {str(reports)!r} was taken away while the study ran.",
            "Expected it to stay until the report is there.",
            "Nothing was kept of this run: see that neither a cell nor another program removes "
            "it, and run the same again.",
        )
    return _refused(reports, problem.strerror) if problem.errno in REFUSED else None


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def _refused(reports: Path, reason: str | None) -> StudyError:
    return StudyError.because(
        f"Reports cannot be written to {str(reports)!r}: {reason}.",
        "Expected a folder that may be written to, or made.",
        "Pass another one with --reports.",
    )
