"""The findings of all runs of a sweep in one table, and the folder in which it is kept."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from custlib.study.manifest import SWEEPS, Finding, Value, read_manifest
from custlib.study.run.folders import put_in_place, require_inside, working_folder
from custlib.study.sweep.checked import Sweep
from custlib.study.sweep.worker import Outcome

FIELDS = ("key", "value", "low", "high", "n", "unit", "verdict", "sentence", "rtol", "atol")
COLUMNS = (*FIELDS, "run_number", "run", "status", "message")
PREFIX, LEVEL = "parameter_", "level"


def stack_findings(sweep: Sweep, outcomes: Sequence[Outcome], reports: Path) -> pd.DataFrame:
    """Findings of every run, under the parameters that go from run to run.

    Parameters
    ----------
    sweep : Sweep
    outcomes : sequence of Outcome
        One a task, in their order.
    reports : Path
        Folder of reports, from which `run` names the folder of a run.

    Returns
    -------
    DataFrame, one row a run and finding
        The swept parameters (one that has the name of another column is led by `parameter_`),
        key, value, low, high, n, unit, verdict, sentence, rtol, atol, run_number, run, status,
        message. Runs are counted from 1; a run without findings has one row, with its status and
        why. A list is the text of a JSON list.
    """
    rows: list[dict[str, Any]] = []
    for number, (task, outcome) in enumerate(zip(sweep.tasks, outcomes, strict=True), start=1):
        findings: Sequence[Finding | None] = ()
        if outcome.status == "ok" and outcome.folder is not None:
            findings = read_manifest(outcome.folder).findings
        settings = {key_column(name): _cell(value) for name, value in task.settings.items()}
        ending = {"run_number": number} | _ending(outcome, reports)
        rows += [settings | _finding(one) | ending for one in findings or (None,)]
    columns = [*map(key_column, sweep.keys), *COLUMNS]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def key_column(name: str) -> str:
    """Column of a swept parameter, told from the columns of a finding."""
    return f"{PREFIX}{name}" if name in COLUMNS or name.startswith(PREFIX) else name


def told_levels(sweep: Sweep) -> str:
    """Levels of the intervals, as the parameters of the study name them; empty without any."""
    parts = []
    for name, first in sweep.tasks[0].plan.inputs.recorded.items():
        if name.split("_")[-1] == LEVEL and isinstance(first, float) and 0 < first < 1:
            alike = all(task.plan.inputs.recorded[name] == first for task in sweep.tasks)
            parts.append(f"{name} {first:g}" if alike else f"{name} of each run")
    return f"Level of the intervals: {', '.join(parts)}" if parts else ""


def table_bytes(stacked: pd.DataFrame) -> bytes:
    """The table as CSV: numbers as Python writes them exactly, missing ones empty."""
    return stacked.to_csv(index=False, lineterminator="\n").encode()


def write_summary(reports: Path, sweep: Sweep, files: Mapping[str, bytes]) -> Path:
    """Write the summary of a sweep in one step, over an earlier one of the same runs.

    Parameters
    ----------
    reports : Path
    sweep : Sweep
    files : mapping
        Content by file name.

    Returns
    -------
    Path of the folder, `sweeps/<name of the plan>-<id>` in the folder of reports.
    """
    reports = reports.resolve()
    target = reports / SWEEPS / sweep.folder_name
    require_inside(reports, target.parent)
    with working_folder(reports, sweep.folder_name) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        put_in_place(folder, target)
    return target


def _finding(finding: Finding | None) -> dict[str, Any]:
    if finding is None:
        return dict.fromkeys(FIELDS)
    return {name: _cell(getattr(finding, name)) for name in FIELDS}


def _ending(outcome: Outcome, reports: Path) -> dict[str, Any]:
    folder = outcome.folder.relative_to(reports.resolve()).as_posix() if outcome.folder else None
    message = outcome.message.partition("\n")[0] or None
    return {"run": folder, "status": outcome.status, "message": message}


def _cell(value: Value) -> Any:
    """A list as one text, which no other list has."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
