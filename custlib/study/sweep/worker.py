"""One run of a sweep in a worker: what it gives back is small, and it ends with its sweep."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode

from custlib.errors import CustlibError
from custlib.study.manifest import Manifest, Status
from custlib.study.run.cache import cached_run
from custlib.study.run.kernel import end_kernels
from custlib.study.run.plan import Plan
from custlib.study.run.runner import Publish, Run, run_study

LOOK_SECONDS, LEAVE_SECONDS = 0.3, 3.0

Ending = Status | Literal["not run", "interrupted"]


class AbandonedError(Exception):
    """The sweep was interrupted while this run was under way."""


@dataclass(frozen=True)
class Lease:
    """The files by which a sweep tells its workers, on whatever machine, to go on or to stop."""

    folder: Path
    host: str
    process: int
    born: float

    @classmethod
    def of_this_process(cls, folder: Path) -> "Lease":
        """A lease that holds while the file is there and this process lives."""
        lease = cls(folder, socket.gethostname(), os.getpid(), _birth(os.getpid()))
        lease.going.touch()
        return lease

    @property
    def going(self) -> Path:
        """There while runs may go on."""
        return self.folder / "going"

    @property
    def last(self) -> Path:
        """There when no further run may start."""
        return self.folder / "last"

    def holds(self) -> bool:
        """Whether a run that is under way may go on."""
        return self.going.exists() and not self.orphaned()

    def orphaned(self) -> bool:
        """Whether the process of the sweep is gone; on another machine nobody can tell."""
        import psutil

        if self.process == os.getpid() or self.host != socket.gethostname():
            return False
        try:
            owner = psutil.Process(self.process)
            return _birth(self.process) != self.born or owner.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True


def _birth(process: int) -> float:
    """When the process began: since the machine did, which no change of its clock moves."""
    import psutil

    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        return float(told.rpartition(")")[2].split()[19])
    except OSError:
        return psutil.Process(process).create_time()


@dataclass(frozen=True)
class Order:
    """How every run of a sweep is made."""

    reports: Path
    lease: Lease
    publish: Publish
    complete: Callable[[Run], Run]
    exports: tuple[str, ...] = ()
    timeout: float | None = None
    force: bool = False
    stop_on_error: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one run: small, so that it travels cheaply."""

    status: Ending
    folder: Path | None = None
    seconds: float = 0.0
    cached: bool = False
    message: str = ""


def kept_whole(plan: Plan, order: Order) -> Outcome | None:
    """The run as it was kept before, if it has every file that is wanted."""
    kept = None if order.force else cached_run(plan, order.reports)
    if kept is None or not all((kept.folder / name).is_file() for name in order.exports):
        return None
    return Outcome("ok", kept.folder, cached=True)


def make_run(plan: Plan, order: Order) -> Outcome:
    """Make one run, or find it; nothing that goes wrong in it reaches the other runs."""
    start = time.monotonic()
    if order.lease.last.exists():
        return Outcome("not run", message="A run before it failed.")
    if not order.lease.holds():
        return Outcome("interrupted")
    try:
        with watched(order.lease):
            kept = None if order.force else cached_run(plan, order.reports)
            run, lacks = _completed(kept or _fresh(plan, order), order)
            found = _outcome(run, time.monotonic() - start, lacks)
    except AbandonedError:
        return Outcome("interrupted")
    except CustlibError as problem:
        found = Outcome("error", seconds=time.monotonic() - start, message=str(problem))
    except Exception as problem:
        if not order.lease.holds():
            return Outcome("interrupted")
        logging.getLogger(__name__).exception("A run of the sweep was lost.")
        told = f"{type(problem).__name__}: {problem}"
        found = Outcome("error", seconds=time.monotonic() - start, message=told)
    if found.status != "ok" and order.stop_on_error:
        with suppress(OSError):
            order.lease.last.touch()
    return found


def _fresh(plan: Plan, order: Order) -> Run:
    """A run whose failure is not kept where it was only cut short."""

    def publish(folder: Path, manifest: Manifest, notebook: NotebookNode) -> Manifest:
        if manifest.failure is not None and not order.lease.holds():
            raise AbandonedError
        return order.publish(folder, manifest, notebook)

    how: dict[str, Any] = {"timeout": order.timeout, "publish": publish, "warm": True}
    return run_study(plan, reports=order.reports, **how)


def _completed(run: Run, order: Order) -> tuple[Run, str]:
    """The run with every format that can be written, and why one could not: that loses no run."""
    try:
        return (order.complete(run) if run.status == "ok" else run), ""
    except (CustlibError, OSError) as problem:
        return run, str(problem)


def _outcome(run: Run, seconds: float, lacks: str) -> Outcome:
    failure = run.manifest.failure
    message = failure.message if failure else lacks
    return Outcome(run.status, run.folder, seconds, run.cached, message)


@contextmanager
def watched(lease: Lease) -> Iterator[None]:
    """Kernels of this process end when the sweep no longer holds."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            if not lease.holds():
                end_kernels()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def enter_worker(lease: Lease, prepare: Callable[[], Any] | None = None) -> None:
    """Make this process a worker: the sweep alone is interrupted, and its end is the worker's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while not lease.orphaned():
            time.sleep(LOOK_SECONDS)
        time.sleep(LEAVE_SECONDS)  # for the run under way to tidy up
        end_kernels()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    if prepare is not None:
        prepare()
