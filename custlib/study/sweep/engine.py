"""The runs of a sweep side by side: in processes, in threads, or on a cluster."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custlib.checks import require_one_of
from custlib.errors import ParameterError
from custlib.study.run.folders import working_folder
from custlib.study.run.runner import Publish, Run
from custlib.study.sweep.checked import Sweep, Task
from custlib.study.sweep.cluster import connected, made_on_cluster
from custlib.study.sweep.worker import Lease, Order, Outcome, enter_worker, kept_whole, make_run

ENGINES = ("loky", "threading", "dask")
# A run spends about a quarter of its time in the process that made its kernel, so that a few
# threads do not wait for one another; and processes of their own cost seconds to start.
MOST_THREADS = 4
DIED = "The worker of this run died, most often because memory ran out."

Told = Callable[[int, Task, Outcome], None]


class InterruptedSweepError(KeyboardInterrupt):
    """The sweep was interrupted; `outcomes` are those of its runs so far."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


@dataclass(frozen=True)
class Engine:
    """Where runs are made: the engine's name, how many at a time, and a scheduler's address.

    Without a name it is threads up to four runs at a time, and processes (loky) beyond.
    """

    name: str | None = None
    jobs: int | None = None
    scheduler: str | None = None

    def __post_init__(self) -> None:
        require_one_of("--engine", self.name or ENGINES[0], ENGINES)
        if (self.name == "dask") != (self.scheduler is not None):
            raise ParameterError.because(
                f"--engine is {self.name or 'not given'}, "
                f"--scheduler is {self.scheduler or 'not given'}.",
                "Expected --engine dask with the address of its scheduler, or neither.",
                "Write `--engine dask --scheduler tcp://HOST:8786`, or leave both out.",
            )


def as_it_is(run: Run) -> Run:
    """The run, to which nothing is added."""
    return run


def run_sweep(
    sweep: Sweep,
    *,
    reports: Path,
    publish: Publish,
    complete: Callable[[Run], Run] = as_it_is,
    exports: tuple[str, ...] = (),
    engine: Engine | None = None,
    timeout: float | None = None,
    force: bool = False,
    stop_on_error: bool = False,
    told: Told | None = None,
    prepare: Callable[[], Any] | None = None,
) -> list[Outcome]:
    """Make every run of a sweep, several at a time.

    Parameters
    ----------
    sweep : Sweep
        What `check_sweep` checked.
    reports : Path
        Folder of reports; on a cluster every worker must see it under this path.
    publish : callable
        Writes the report of a run, as in `run_study`; it is sent to the workers.
    complete : callable, optional
        Adds what a kept run lacks; it is sent to the workers too.
    exports : tuple of str, optional
        Files without which a kept run is completed.
    engine : Engine, optional
        This machine unless given, as many runs at a time as it has cores.
    timeout, force
        For each run.
    stop_on_error : bool, default False
        Start no further run once one has failed; those under way end.
    told : callable, optional
        Called in this process with the number done, the task and its outcome.
    prepare : callable, optional
        Called in each worker process before its first run.

    Returns
    -------
    list of Outcome, in the order of the sweep's tasks.

    Raises
    ------
    InterruptedSweepError
        SIGINT came; the runs under way were ended, those done are kept.
    StudyError
        The folder of reports cannot be written to, or the cluster cannot be used.

    Notes
    -----
    A run that is kept from before is not made again, so that the same call goes on where an
    earlier one was interrupted or killed.
    """
    engine, reports = engine or Engine(), reports.resolve()
    with working_folder(reports, sweep.folder_name) as folder:
        lease = Lease.of_this_process(folder)
        order = Order(reports, lease, publish, complete, exports, timeout, force, stop_on_error)
        progress = Progress(sweep.tasks, told)
        for task in sweep.tasks:
            # Told at once and without a worker, unless a format has to be written.
            if kept := kept_whole(task.plan, order):
                progress.add(task, kept)
        with stopping_gently(lease) as interrupted:
            _make_all(progress, order, engine, interrupted, prepare)
    if interrupted.is_set():
        raise InterruptedSweepError(progress.outcomes)
    return progress.outcomes


class Progress:
    """Outcomes as they come, in whatever order."""

    def __init__(self, tasks: Iterable[Task], told: Told | None) -> None:
        self.tasks, self.told = list(tasks), told
        self.done: dict[str, Outcome] = {}

    def add(self, task: Task, outcome: Outcome) -> None:
        """One run has come to its end."""
        self.done[task.plan.id] = outcome
        if self.told:
            self.told(len(self.done), task, outcome)

    @property
    def waiting(self) -> list[Task]:
        """Runs of which nothing is known yet."""
        return [task for task in self.tasks if task.plan.id not in self.done]

    @property
    def outcomes(self) -> list[Outcome]:
        """All of them in the order of the sweep."""
        return [self.done.get(task.plan.id, Outcome("interrupted")) for task in self.tasks]


def _make_all(
    progress: Progress,
    order: Order,
    engine: Engine,
    interrupted: threading.Event,
    prepare: Callable[[], Any] | None,
) -> None:
    """Make the runs that wait; where a worker process died, go on with the others."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    alone = False
    while (waiting := progress.waiting) and not interrupted.is_set():
        tasks = waiting[:1] if alone else waiting
        try:
            _make(tasks, progress, order, engine, prepare)
            alone = False
        except BrokenProcessPool:
            # Who of several killed the worker is not known: the next one runs alone.
            if alone and not interrupted.is_set():
                progress.add(tasks[0], Outcome("dead", message=DIED))
                if order.stop_on_error:
                    order.lease.last.touch()
            alone = not alone


def _make(
    tasks: list[Task],
    progress: Progress,
    order: Order,
    engine: Engine,
    prepare: Callable[[], Any] | None,
) -> None:
    """Hand the tasks out one by one, and take the outcomes as they come."""
    from joblib import Parallel, delayed

    if engine.scheduler is not None:
        with connected(engine.scheduler, [task.plan for task in tasks], order.reports) as client:
            for at, outcome in made_on_cluster(client, tasks, order, engine.jobs):
                progress.add(tasks[at], outcome)
        return
    jobs = engine.jobs or usable_cores()
    with _backend(engine, jobs, order, prepare):
        # One task at a time a worker, so that a stop finds few that were handed out; no array is
        # large enough to be laid on a disk.
        pool = Parallel(
            return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs", max_nbytes=None
        )
        for at, outcome in pool(
            delayed(_numbered)(at, task.plan, order) for at, task in enumerate(tasks)
        ):
            progress.add(tasks[at], outcome)


def _numbered(at: int, plan: Any, order: Order) -> tuple[int, Outcome]:
    return at, make_run(plan, order)


def usable_cores() -> int:
    """Cores that this process may use, which can be fewer than the machine has."""
    from joblib import cpu_count

    return int(cpu_count())


@contextmanager
def _backend(
    engine: Engine,
    jobs: int,
    order: Order,
    prepare: Callable[[], Any] | None,
) -> Iterator[None]:
    """Where joblib runs what it is given."""
    from joblib import parallel_config

    if (engine.name or ("threading" if jobs <= MOST_THREADS else "loky")) == "threading":
        with parallel_config(backend="threading", n_jobs=jobs):
            yield
        return
    from joblib.externals.loky import get_reusable_executor

    ready = {"initializer": enter_worker, "initargs": (order.lease, prepare)}
    # joblib takes one job for none of its own: it would run in this very process.
    workers = {"n_jobs": max(jobs, 2), "inner_max_num_threads": 1}
    with parallel_config(backend="loky", **workers, **ready):
        try:
            yield
        finally:
            get_reusable_executor(reuse=True).shutdown(wait=True)


@contextmanager
def stopping_gently(lease: Lease) -> Iterator[threading.Event]:
    """SIGINT ends the kernels and starts no further run; a second one ends everything at once."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def stop(*_: Any) -> None:
        interrupted.set()
        lease.going.unlink(missing_ok=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
