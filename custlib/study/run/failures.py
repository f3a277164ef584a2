"""Why a run stopped, in the words of whoever has to act on it."""

import re
import signal
from typing import Any

from custlib import errors
from custlib.study.catalogue import Study
from custlib.study.manifest import Failure, Status

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TRACEBACK_LINES = 15
CUSTLIB_ERRORS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.CustlibError)
}


def raised(study: Study, cell: int, output: Any) -> tuple[Status, Failure]:
    """A cell raised; an error of custlib speaks for itself, others show where they came from."""
    name, text = output["ename"], ANSI.sub("", output["evalue"])
    if name == "SystemExit":
        return exited(study, cell, f"SystemExit({text})")
    lines = ANSI.sub("", "\n".join(output["traceback"])).splitlines()
    traceback = "\n".join(lines[-TRACEBACK_LINES:])
    message = (
        text
        if name in CUSTLIB_ERRORS
        else _three(
            f"{_place(study, cell)} raised {name}: {text or 'no message'}.",
            "Expected every cell of a study to end without an error.",
            "Correct the cell, or the data and parameters it was given; the traceback tells more.",
        )
    )
    return "error", _failure(study, cell, message, error=name, traceback=traceback)


def timed_out(study: Study, cell: int, seconds: float) -> tuple[Status, Failure]:
    """The study's time was over while this cell ran."""
    message = _three(
        f"{_place(study, cell)} was still running when the study's {seconds:g} s were over.",
        "Expected the whole study to end within that time.",
        "Give it more time with --timeout, or find out what the cell waits for.",
    )
    return "timeout", _failure(study, cell, message)


def died(study: Study, cell: int | None, code: int | None, log: str) -> tuple[Status, Failure]:
    """The kernel's process ended: by itself, or by a signal or a crash."""
    # Windows tells a crash by a code from 0xC0000000 up.
    if cell is not None and code is not None and 0 <= code < 0xC0000000:
        return exited(study, cell, f"exit code {code}")
    where = "before its first cell" if cell is None else f"in {_place(study, cell).lower()}"
    message = _three(
        f"The kernel died {where}{_cause(code)}.",
        "Expected it to live until the last cell.",
        "Most often memory ran out or a compiled package crashed: run it on fewer rows, and see "
        "what the kernel wrote last.",
    )
    last = "\n".join(ANSI.sub("", log).splitlines()[-TRACEBACK_LINES:])
    return "dead", _failure(study, cell, message, traceback=last or None)


def exited(study: Study, cell: int, how: str) -> tuple[Status, Failure]:
    """A cell ended the kernel before the study was through."""
    message = _three(
        f"{_place(study, cell)} ended the kernel by itself ({how}).",
        "Expected the study to run to its last cell.",
        "Remove the call of exit, quit, sys.exit or os._exit; raise an error to stop a study.",
    )
    return "exited", _failure(study, cell, message)


def unusable(problem: Exception) -> tuple[Status, Failure]:
    """Every cell ran, but what they recorded cannot be kept."""
    if not isinstance(problem, errors.StudyError):
        reason = " ".join(str(problem).split())[:300]
        problem = errors.StudyError.because(
            f"What the cells recorded cannot be kept: {type(problem).__name__}: {reason}.",
            "Expected records as study.find, study.table and study.figure make them.",
            "Record with these functions, and not with a display of your own.",
        )
    return "error", Failure(message=str(problem), error=type(problem).__name__)


def failure_text(failure: Failure) -> str:
    """The failure for a terminal: what to know first, then where, then the traceback."""
    parts = [failure.message]
    if failure.source is not None:
        under = f", under {failure.section!r}" if failure.section else ""
        source = "\n".join(f"    {line}" for line in failure.source.splitlines())
        parts.append(f"Cell {failure.cell}{under}:\n{source}")
    if failure.traceback and failure.error not in CUSTLIB_ERRORS:
        parts.append(failure.traceback)
    return "\n\n".join(parts)


def _failure(
    study: Study,
    cell: int | None,
    message: str,
    *,
    error: str | None = None,
    traceback: str | None = None,
) -> Failure:
    return Failure(
        message=message,
        cell=cell,
        section=study.sections[cell - 1] if cell else None,
        source=study.cells[cell - 1].source if cell else None,
        error=error,
        traceback=traceback,
    )


def _place(study: Study, cell: int) -> str:
    return f"Cell {cell} of {len(study.cells)}"


def _cause(code: int | None) -> str:
    if code is None or code >= 0:
        return "" if code is None else f" with code {code:#x}"
    try:
        return f", killed by {signal.Signals(-code).name}"
    except ValueError:
        return f", killed by signal {-code}"


def _three(found: str, expected: str, do: str) -> str:
    return str(errors.StudyError.because(found, expected, do))
