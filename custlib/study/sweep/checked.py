"""Every run of a sweep checked before the first kernel; all that is wrong is told at once."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custlib.errors import CustlibError, ParameterError
from custlib.study.catalogue import find_study
from custlib.study.manifest import canonical_json
from custlib.study.run.identity import library_sha256
from custlib.study.run.plan import Plan, plan_study
from custlib.study.sweep.grid import SweepFile

SHOWN_RUNS = 6
# How the refusal of a single run begins.
COUNTED = re.compile(r"^\d+ parameters? of '[^']*' cannot be used: ")


@dataclass(frozen=True)
class Task:
    """One run of a sweep: its plan, and the values by which it differs from the others."""

    plan: Plan
    settings: dict[str, Any]

    @property
    def text(self) -> str:
        """What was set, as one would type it."""
        return settings_text(self.settings) or "as it stands"


@dataclass(frozen=True)
class Sweep:
    """A plan file of which every run can be made."""

    file: SweepFile
    tasks: tuple[Task, ...]
    repeated: int

    @property
    def keys(self) -> tuple[str, ...]:
        """Parameters that go from run to run."""
        return self.file.keys

    @property
    def folder_name(self) -> str:
        """Name of the folder of its summary: the same runs have the same."""
        parts = {"keys": self.keys, "runs": [task.plan.id for task in self.tasks]}
        return f"{self.file.name}-{hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:8]}"


def check_sweep(file: SweepFile, root: Path | None = None) -> Sweep:
    """Plan of every run of a sweep, each id once.

    Parameters
    ----------
    file : SweepFile
        What `read_sweep` read.
    root : Path, optional
        Project in whose root the study runs.

    Returns
    -------
    Sweep

    Raises
    ------
    StudyError
        There is no such study.
    ParameterError
        Values of at least one run cannot be used; every refusal is told with its runs.
    """
    study, library = find_study(file.study, root), library_sha256()
    tasks: dict[str, Task] = {}
    refused: dict[str, list[int]] = {}
    for at, texts in enumerate(file.runs, start=1):
        try:
            plan = plan_study(study, texts=texts, root=root, library=library)
        except CustlibError as problem:
            refused.setdefault(str(problem), []).append(at)
            continue
        recorded = plan.inputs.recorded
        # A name that the study does not have is refused by another run.
        settings = {key: recorded[key] for key in file.keys if key in recorded}
        tasks.setdefault(plan.id, Task(plan, settings))
    if refused:
        raise _refusal(file, refused)
    return Sweep(file, tuple(tasks.values()), len(file.runs) - len(tasks))


def settings_text(settings: Mapping[str, Any]) -> str:
    """Names and values on one line."""
    return ", ".join(f"{name}={_shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(str, value)) + "]"
    # Control characters could steer a terminal.
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return text if len(text) <= 60 else f"{text[:40]}…{text[-15:]}"


def _refusal(file: SweepFile, refused: dict[str, list[int]]) -> ParameterError:
    """One error for all runs that cannot be made; runs with the same fault stand together."""
    total, wrong = len(file.runs), sum(map(len, refused.values()))
    found, expected, hints = [], [], []
    for message, runs in refused.items():
        lines = [*message.splitlines(), "", ""]
        found.append(f"{_which(file, runs)}: {COUNTED.sub('', lines[0]).rstrip('.')}")
        expected += lines[1].removeprefix("Expected ").rstrip(".").split("; ")
        hints.append(lines[2])
    return ParameterError.because(
        f"{wrong} of {total} runs cannot be made: {'; '.join(found)}.",
        f"Expected {'; '.join(dict.fromkeys(expected))}.",
        " ".join(dict.fromkeys(filter(None, hints))),
    )


def _which(file: SweepFile, runs: list[int]) -> str:
    if len(runs) == len(file.runs) > 1:
        return "all runs"
    if len(runs) == 1:
        texts = file.runs[runs[0] - 1]
        settings = {key: texts[key] for key in file.keys if key in texts}
        return f"run {runs[0]} ({settings_text(settings)})"
    more = len(runs) - SHOWN_RUNS
    told = ", ".join(map(str, runs[:SHOWN_RUNS])) + (f" and {more} more" if more > 0 else "")
    return f"runs {told}"
