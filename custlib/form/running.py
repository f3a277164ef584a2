"""A study run beside the page: followed, stopped, and its end told."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from custlib.errors import CustlibError
from custlib.study.catalogue import Study
from custlib.study.run.execution import Step
from custlib.study.run.runner import Run

UNEXPECTED = (
    "Expected the run to end with a report, or to say why it has none.",
    "Run the command shown above in a terminal: it tells more.",
)


@dataclass(frozen=True)
class Request:
    """What was asked for: a study, texts for its parameters, formats, and whether anew."""

    study: Study
    texts: dict[str, str]
    root: Path
    reports: Path
    formats: tuple[str, ...] = ()
    anew: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a request ended: with a run, with a problem, with both; stopped, with a run or none."""

    run: Run | None = None
    problem: str = ""
    stopped: bool = False


class StoppedError(Exception):
    """Somebody pressed Stop."""


@dataclass
class RunningStudy:
    """A request that `start` carries out in a thread, so that the page can be used meanwhile.

    Parameters
    ----------
    request : Request
    told : callable
        Called with what is being done, a Step or a text.
    ended : callable
        Called with the Outcome, once.
    """

    request: Request
    told: Callable[[Step | str], None]
    ended: Callable[[Outcome], None]
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._carry_out, daemon=True)

    def start(self) -> None:
        """Begin; whoever hears of the end must know of the run by now, for it may be short."""
        self.thread.start()

    def stop(self) -> None:
        """End the run at the next step; what was published before is kept."""
        from custlib.study.run.kernel import end_kernels

        self.stopped.set()
        # Between two cells the run sees the mark; within a long one its kernel has to go.
        if self.thread.ident is not None:
            end_kernels(self.thread.ident)

    def _carry_out(self) -> None:
        try:
            outcome = self._made()
        except Exception as problem:
            # A thread has nobody above it: what is not told here is never seen.
            stopped = self.stopped.is_set()
            outcome = Outcome(stopped=True) if stopped else Outcome(problem=message_of(problem))
        self.ended(outcome)

    def _made(self) -> Outcome:
        """The run, kept or new, in the formats asked for."""
        from custlib.report.gallery import write_gallery
        from custlib.report.publication import add_formats, require_formats
        from custlib.study.manifest import read_manifest
        from custlib.study.run.cache import cached_run
        from custlib.study.run.plan import plan_study
        from custlib.study.run.runner import run_study

        request = self.request
        require_formats(request.formats)
        self.told("reading the data")
        root = request.root
        plan = plan_study(request.study, texts=request.texts, root=root, folder=root)
        run = None if request.anew else cached_run(plan, request.reports)
        if run is None:
            self._go_on()
            self.told("starting")
            how: dict[str, Any] = {"progress": self._step, "publish": self._publish}
            run = run_study(plan, reports=request.reports, **how)
        problem = ""
        stopped = self.stopped.is_set()
        if run.status == "ok" and request.formats and not stopped:
            self.told(f"writing {' and '.join(request.formats)}")
            try:
                add_formats(run.folder, request.formats)
            except Exception as refused:
                problem = message_of(refused)
            run = replace(run, manifest=read_manifest(run.folder))
        with suppress(OSError):
            # The list of reports is a convenience: the run is kept whole without it.
            write_gallery(request.reports)
        return Outcome(run, problem, stopped)

    def _step(self, step: Step) -> None:
        self._go_on()
        self.told(step)

    def _publish(self, folder: Path, manifest: Any, notebook: Any) -> Any:
        from custlib.report.publication import publish

        self._go_on()
        return publish(folder, manifest, notebook)

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise StoppedError


def message_of(problem: Exception) -> str:
    """What to say of it, in three parts."""
    if isinstance(problem, CustlibError):
        return str(problem)
    found = f"{type(problem).__name__}: {' '.join(str(problem).split()) or 'no message'}."
    return str(CustlibError.because(found, *UNEXPECTED))
