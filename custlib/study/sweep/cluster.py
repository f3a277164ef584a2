"""Workers on other machines, asked before the first run whether they would compute the same."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from custlib.errors import CustlibError, StudyError
from custlib.study.run import identity
from custlib.study.run.plan import Plan, plan_study
from custlib.study.sweep.checked import Task
from custlib.study.sweep.worker import Order, Outcome, make_run

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Sight:
    """What a worker sees of the project; `id` is that of a run as the worker would name it."""

    python: str
    library: str
    lock: str | None
    ids: tuple[str, ...]
    token: str


# What a difference means to whoever has to mend it.
MEANINGS = {
    "python": "another Python",
    "library": "another state of the library custlib",
    "lock": f"another {identity.LOCK}",
    "ids": "another notebook, or other data",
    "token": "another folder of reports",
}


@contextmanager
def connected(address: str, plans: list[Plan], reports: Path) -> Iterator[Any]:
    """Client of a scheduler whose every worker sees what this process sees.

    Parameters
    ----------
    address : str
        Of the scheduler, such as tcp://HOST:8786.
    plans : list of Plan
    reports : Path

    Raises
    ------
    StudyError
        No scheduler answers, it has no worker, or a worker sees something else; it is named.
    """
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as problem:
        raise StudyError.because(
            f"No scheduler answers at {address!r}: {_first_line(problem)}.",
            "Expected a dask scheduler, as `dask scheduler` starts it, at tcp://HOST:PORT.",
            "Start it, or correct --scheduler; nothing was run.",
        ) from None
    with client:
        require_same_sight(client, plans, reports)
        yield client


def made_on_cluster(
    client: Any, tasks: list[Task], order: Order, jobs: int | None
) -> Iterator[tuple[int, Outcome]]:
    """Number and outcome of each task, as they come; `jobs` at a time, or as many as there are.

    Not through joblib: it waits for ever for a task whose worker died.
    """
    from distributed import as_completed

    def submit(at: int) -> Any:
        future = client.submit(make_run, tasks[at].plan, order, pure=False)
        numbers[future.key] = at
        return future

    numbers: dict[str, int] = {}
    left = iter(range(len(tasks)))
    running = as_completed([submit(at) for at in islice(left, jobs)], loop=client.loop)
    for future in running:
        problem = future.exception()
        told = f"The worker of this run died: {_first_line(problem)}."
        yield (
            numbers[future.key],
            Outcome("dead", message=told) if problem else future.result(),
        )
        for at in islice(left, 1):
            running.add(submit(at))


def require_same_sight(client: Any, plans: list[Plan], reports: Path) -> None:
    """Every worker of the cluster sees the same project and the same folder of reports."""
    token, wanted = uuid.uuid4().hex, _distinct(plans)
    reports.mkdir(parents=True, exist_ok=True)
    path = reports / f".token-{token}"
    try:
        path.write_text(token, encoding="utf-8")
        mine = see(wanted, path)
        sights = client.run(see, wanted, path, on_error="return")
    finally:
        path.unlink(missing_ok=True)
    if not sights:
        raise StudyError.because(
            "The scheduler has no worker.",
            "Expected at least one, started in this project's environment.",
            "Start workers with `dask worker ADDRESS --nthreads 1`; nothing was run.",
        )
    wrong = {name: why for name, sight in sights.items() if (why := difference(mine, sight))}
    if wrong:
        raise StudyError.because(
            f"{len(wrong)} of {len(sights)} workers would not compute the same: "
            + "; ".join(f"{name} has {why}" for name, why in wrong.items())
            + ".",
            "Expected the same project, library, lock file, Python and folder of reports on every "
            "worker, under the same paths.",
            "Bring the workers to the state of this project, restart them and sweep again; "
            "nothing was run.",
        )


def see(wanted: list[tuple[Path, dict[str, Any], Path]], token: Path) -> Sight:
    """What this process sees; asked of every worker."""
    try:
        found = token.read_text(encoding="utf-8")
    except OSError:
        found = ""
    ids = []
    for study, values, root in wanted:
        try:
            ids.append(plan_study(study, values, root=root).id)
        except CustlibError as problem:
            ids.append(problem.found)
    return Sight(
        python=identity.python_version(),
        library=identity.library_sha256(),
        lock=identity.lock_sha256(wanted[0][2]) if wanted else None,
        ids=tuple(ids),
        token=found,
    )


def difference(mine: Sight, sight: Any) -> str:
    """The first thing that a worker sees otherwise; empty where it sees the same."""
    if not isinstance(sight, Sight):
        return f"no answer ({_first_line(sight)})"
    names = (name for name in MEANINGS if getattr(mine, name) != getattr(sight, name))
    return next((MEANINGS[name] for name in names), "")


def _distinct(plans: list[Plan]) -> list[tuple[Path, dict[str, Any], Path]]:
    """One plan of those that read the same files, by what a worker needs to make it again."""
    by_files = {plan.inputs.files: plan for plan in plans}
    return [(plan.study.path, plan.inputs.values, plan.root) for plan in by_files.values()]


def _first_line(problem: object) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")
