"""A study run with its parameters: checked before, recorded after, put in place in one step."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from custlib.errors import StudyError
from custlib.study import failures, identity
from custlib.study.catalogue import Study, find_study, project_root
from custlib.study.environment import describe_code, describe_environment
from custlib.study.execution import Execution, Step, execute
from custlib.study.folders import put_in_place, working_folder
from custlib.study.inputs import Inputs, find_inputs, shown_path
from custlib.study.manifest import Manifest, NotebookSource, Runtime, Status, write_manifest
from custlib.study.normal_form import machine_places, normalised
from custlib.study.outputs import Outputs, collect_outputs, write_outputs
from custlib.study.parameters import ParameterCell, read_parameters
from custlib.study.values import resolve

REPORT, PARTIAL, MESSAGE = "report.ipynb", "partial.ipynb", "message.txt"
FAILED = "failed"
NOTHING = Outputs((), (), (), {})

Publish = Callable[[Path, Manifest, NotebookNode], Path]


@dataclass(frozen=True)
class Run:
    """A finished run: its status, its folder and its record; `report` is what was published."""

    status: Status
    folder: Path
    manifest: Manifest
    notebook: NotebookNode
    report: Path | None = None


@dataclass(frozen=True)
class Plan:
    """Everything that is known of a run before its kernel starts."""

    study: Study
    cell: ParameterCell
    inputs: Inputs
    root: Path
    started: datetime


def run_study(
    study: str | Path | Study,
    parameters: Mapping[str, Any] | None = None,
    *,
    texts: Mapping[str, Any] | None = None,
    reports: Path | None = None,
    root: Path | None = None,
    timeout: float | None = None,
    progress: Callable[[Step], None] | None = None,
    publish: Publish | None = None,
) -> Run:
    """Run a study with these parameters and keep its notebook, numbers, tables and figures.

    Parameters
    ----------
    study : str, Path or Study
        Name of a study, or path of any notebook with a cell tagged `parameters`.
    parameters, texts : mapping, optional
        Values by name, as JSON's types, or as texts to be converted by the declared type. Paths
        are looked up from the working directory.
    reports, root : Path, optional
        Folder of reports; project in whose root the study runs.
    timeout : float, optional
        Seconds for all cells together, without the start of the kernel; no limit when absent.
    progress : callable, optional
        Called with a Step before and after each code cell.
    publish : callable, optional
        Writes the report into the run's folder before it is put in place; returns its path.

    Returns
    -------
    Run
        status (ok, error, timeout, dead, exited), folder, manifest, notebook, report.

    Raises
    ------
    StudyError, ParameterError
        The study or its parameters cannot be used; no kernel was started.

    Notes
    -----
    A run that is not ok lies under `failed/` with its partial notebook. A study that records no
    finding is ok: what it shows is its report, but there is nothing to verify.
    """
    plan = _plan(study, parameters, texts, root)
    reports = (reports or plan.root / "reports").absolute()
    run_id = _run_id(plan)
    slug = identity.slug_of(plan.inputs.recorded, plan.cell.defaults)
    with working_folder(reports, f"{slug}-{run_id[:8]}") as folder:
        clock = time.monotonic()
        execution = execute(
            plan.study,
            plan.inputs.values,
            cwd=plan.root,
            partial=folder / PARTIAL,
            timeout=timeout,
            progress=progress,
        )
        notebook = normalised(
            execution.notebook,
            parameters=plan.inputs.recorded,
            places=machine_places(plan.root, plan.inputs.places),
        )
        execution, outputs = _collected(execution, notebook)
        manifest = _manifest(plan, run_id, slug, execution, outputs, time.monotonic() - clock)
        report = _write(folder, manifest, notebook, outputs, publish)
        kept = reports / plan.study.name / folder.name
        failed = reports / FAILED / plan.study.name / folder.name
        target = kept if manifest.status == "ok" else failed
        put_in_place(folder, target)
    if manifest.status == "ok":
        shutil.rmtree(failed, ignore_errors=True)
    place = target / report.relative_to(folder) if report else None
    return Run(manifest.status, target, manifest, notebook, place)


def _plan(
    study: str | Path | Study,
    parameters: Mapping[str, Any] | None,
    texts: Mapping[str, Any] | None,
    root: Path | None,
) -> Plan:
    """Check everything that can be checked without a kernel."""
    root = (root or project_root()).resolve()
    study = study if isinstance(study, Study) else find_study(study, root)
    cell = read_parameters(study)
    values = resolve(cell, parameters, texts=texts)
    given = {*(parameters or ()), *(texts or ())}
    inputs = find_inputs(study, cell, values, given=given, root=root, folder=Path.cwd())
    return Plan(study, cell, inputs, root, datetime.now(UTC))


def _run_id(plan: Plan) -> str:
    return identity.run_id(
        notebook=identity.notebook_sha256(plan.study),
        parameters=plan.inputs.recorded,
        data=plan.inputs.files,
        library=identity.library_sha256(),
        lock=identity.lock_sha256(plan.root),
        python=identity.python_version(),
    )


def _collected(execution: Execution, notebook: NotebookNode) -> tuple[Execution, Outputs]:
    """What the notebook recorded; where that cannot be kept the run has failed."""
    try:
        return execution, collect_outputs(notebook)
    except StudyError as problem:
        if execution.failure:
            return execution, NOTHING
        status, failure = failures.unusable(problem)
        return Execution(execution.notebook, status, failure), NOTHING


def _manifest(
    plan: Plan, run_id: str, slug: str, execution: Execution, outputs: Outputs, seconds: float
) -> Manifest:
    recorded = plan.inputs.recorded
    seed = recorded.get("seed")
    return Manifest(
        schema="custlib.manifest/1",
        id=run_id,
        status=execution.status,
        study=plan.study.name,
        question=plan.study.question,
        slug=slug,
        notebook=NotebookSource(
            path=shown_path(plan.study.path, plan.root),
            sha256=identity.notebook_sha256(plan.study),
        ),
        parameters=recorded,
        changed=identity.changed_names(recorded, plan.cell.defaults),
        data=list(plan.inputs.files),
        code=describe_code(plan.root),
        environment=describe_environment(plan.root),
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        findings=list(outputs.findings),
        tables=list(outputs.tables),
        figures=list(outputs.figures),
        failure=execution.failure,
        runtime=Runtime(
            started=plan.started.isoformat(timespec="seconds"),
            seconds=round(seconds, 3),
            files=plan.inputs.places,
        ),
    )


def _write(
    folder: Path,
    manifest: Manifest,
    notebook: NotebookNode,
    outputs: Outputs,
    publish: Publish | None,
) -> Path | None:
    """Write the files of the run; a failed one gets its message instead of a report."""
    write_manifest(folder, manifest)
    write_outputs(folder, outputs)
    if manifest.failure is not None:
        nbformat.write(notebook, folder / PARTIAL)
        text = failures.failure_text(manifest.failure)
        (folder / MESSAGE).write_text(text + "\n", encoding="utf-8", newline="\n")
        return None
    (folder / PARTIAL).unlink()
    nbformat.write(notebook, folder / REPORT)
    return publish(folder, manifest, notebook) if publish else None
