"""One notebook through papermill, with a status that papermill does not tell."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from custlib.study.catalogue import Study
from custlib.study.manifest import Failure, Status
from custlib.study.run import failures
from custlib.study.run.kernel import NAME, KernelPlace, kernel_place
from custlib.study.run.normal_form import INJECTED, position_of, source_notebook, tags_of

# Its warnings and errors come back as a status; without a handler they go to the terminal.
logging.getLogger("papermill").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Step:
    """A cell about to run, or just done and the seconds it took."""

    cell: int
    cells: int
    section: str
    seconds: float | None = None


@dataclass(frozen=True)
class Execution:
    """The notebook as far as it got, and how it ended."""

    notebook: NotebookNode
    status: Status
    failure: Failure | None


class KernelExitError(Exception):
    """A cell called exit() or quit(), which papermill takes for success."""


class Watch:
    """Follows the cells of one run: which one is on, since when, and for how much longer."""

    def __init__(
        self, study: Study, timeout: float | None, progress: Callable[[Step], None] | None
    ) -> None:
        self.study, self.timeout, self.progress = study, timeout, progress
        self.cell: int | None = None
        self.first: float | None = None
        self.since = 0.0
        self.injected = 0

    def start(self, cell: NotebookNode, cell_index: int) -> None:
        """A cell is about to run."""
        self.since = time.monotonic()
        self.first = self.since if self.first is None else self.first
        if INJECTED in tags_of(cell):
            self.injected = 1
            return
        self.cell = cell_index + 1 - self.injected
        self._tell(cell)

    def end(self, cell: NotebookNode, execute_reply: Any, **_: Any) -> None:
        """A cell has run; one that called exit() or quit() ends the study."""
        if INJECTED not in tags_of(cell):
            self._tell(cell, time.monotonic() - self.since)
        payload = execute_reply["content"].get("payload", ())
        if any(part.get("source") == "ask_exit" for part in payload):
            raise KernelExitError

    def seconds_left(self, _cell: NotebookNode) -> float | None:
        """Time that the study still has."""
        if self.timeout is None or self.first is None:
            return None
        return max(self.first + self.timeout - time.monotonic(), 0.001)

    def _tell(self, cell: NotebookNode, seconds: float | None = None) -> None:
        if self.progress and self.cell is not None and cell.cell_type == "code":
            section = self.study.sections[self.cell - 1]
            self.progress(Step(self.cell, len(self.study.cells), section, seconds))


def execute(
    study: Study,
    values: Mapping[str, Any],
    *,
    cwd: Path,
    partial: Path,
    timeout: float | None,
    progress: Callable[[Step], None] | None,
    warm: str = "",
) -> Execution:
    """Run the study; `partial` is written however it ends, so a failed run leaves its cells."""
    watch = Watch(study, timeout, progress)
    with kernel_place(cwd, warm=warm) as place:
        outcome = _outcome(study, values, watch, place, partial)
    notebook = nbformat.from_dict(nbformat.read(partial, as_version=4))
    for at, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and not outcome:
                outcome = failures.raised(study, position_of(notebook, at), output)
    status, failure = outcome or ("ok", None)
    return Execution(notebook, status, failure)


def _outcome(
    study: Study, values: Mapping[str, Any], watch: Watch, place: KernelPlace, partial: Path
) -> tuple[Status, Failure] | None:
    """How the run ended, where its outputs do not tell it."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        _run(study, values, watch, place, partial)
    except PapermillExecutionError:
        return None
    except KernelExitError:
        return failures.exited(study, watch.cell or 1, "exit() or quit()")
    except CellTimeoutError:
        return failures.timed_out(study, watch.cell or 1, watch.timeout or 0.0)
    except (DeadKernelError, RuntimeError):
        # jupyter_client tells a kernel that never started by a plain RuntimeError.
        if place.exit_code is None:
            raise
        log = place.log.read_text(encoding="utf-8", errors="replace") if place.log.exists() else ""
        return failures.died(study, watch.cell, place.exit_code, log)
    return None


def _run(
    study: Study, values: Mapping[str, Any], watch: Watch, place: KernelPlace, partial: Path
) -> None:
    import papermill

    from custlib.study.run import engine

    papermill.execute_notebook(
        source_notebook(study.path),
        # papermill formats the path with the parameters.
        str(partial).replace("{", "{{").replace("}", "}}"),
        parameters=dict(values),
        engine_name=engine.NAME,
        kernel_name=NAME,
        language="python",
        progress_bar=False,
        kernel_manager_class=place.manager_class(),
        on_cell_start=watch.start,
        on_cell_executed=watch.end,
        timeout_func=watch.seconds_left,
    )
