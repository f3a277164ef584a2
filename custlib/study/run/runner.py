"""A study run with its parameters: checked before, recorded after, put in place in one step."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from custlib.errors import StudyError
from custlib.study.environment import describe_code, describe_environment
from custlib.study.manifest import (
    FAILED,
    MESSAGE,
    NOTEBOOK,
    PARTIAL,
    REPORT,
    Manifest,
    NotebookSource,
    Runtime,
    Status,
    write_manifest,
)
from custlib.study.parameters.inputs import shown_path
from custlib.study.run import failures
from custlib.study.run.execution import Execution, Step, execute
from custlib.study.run.folders import put_in_place, require_inside, working_folder
from custlib.study.run.normal_form import machine_places, normalised
from custlib.study.run.outputs import Outputs, collect_outputs, vectors_of, write_outputs
from custlib.study.run.plan import Plan, told_of

NOTHING = Outputs((), (), (), {})

# Writes a report into the folder of a run, and gives back the record with what it wrote.
Publish = Callable[[Path, Manifest, NotebookNode], Manifest]


@dataclass(frozen=True)
class Run:
    """A finished run, or one that was found where it had been kept: its folder and its record."""

    folder: Path
    manifest: Manifest
    cached: bool = False

    @property
    def status(self) -> Status:
        """How the run ended."""
        return self.manifest.status

    @property
    def report(self) -> Path | None:
        """The page that was published; None where nothing was."""
        path = self.folder / REPORT
        return path if path.is_file() else None


def run_study(
    plan: Plan,
    *,
    reports: Path | None = None,
    timeout: float | None = None,
    progress: Callable[[Step], None] | None = None,
    publish: Publish | None = None,
    warm: bool = False,
) -> Run:
    """Run a study as planned and keep its notebook, numbers, tables and figures.

    Parameters
    ----------
    plan : Plan
        What `plan_study` made of a study and its parameters.
    reports : Path, optional
        Folder of reports; `reports` of the project unless given.
    timeout : float, optional
        Seconds for all cells together, without the start of the kernel; no limit when absent.
    progress : callable, optional
        Called with a Step before and after each code cell.
    publish : callable, optional
        Writes the report into the run's folder before it is put in place; returns the record with
        its `exports`.
    warm : bool, optional
        Fork the kernel from a process that has done the imports, where the system is Linux; it
        pays from a few runs on.

    Returns
    -------
    Run
        folder, manifest, status (ok, error, timeout, dead, exited), report.

    Raises
    ------
    StudyError
        The folder of reports cannot be written to, and no kernel was started; or its disk became
        full, and nothing was kept.

    Notes
    -----
    A run that is not ok lies under `failed/` with its partial notebook. A study that records no
    finding is ok: what it shows is its report, but there is nothing to verify.
    """
    reports = (reports or plan.root / "reports").resolve()
    kept = reports / plan.study.name / plan.folder_name
    failed = reports / FAILED / plan.study.name / plan.folder_name
    require_inside(reports, kept.parent)
    require_inside(reports, failed.parent)
    started, clock = datetime.now(UTC), time.monotonic()
    with working_folder(reports, plan.folder_name) as folder:
        execution = execute(
            plan.study,
            plan.inputs.values,
            cwd=plan.root,
            partial=folder / PARTIAL,
            timeout=timeout,
            progress=progress,
            warm=plan.code_state if warm else "",
        )
        notebook = normalised(
            execution.notebook,
            parameters=plan.inputs.recorded,
            places=machine_places(plan.root, plan.inputs.places),
        )
        execution, outputs = _collected(execution, notebook)
        runtime = Runtime(
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - clock, 3),
            files=plan.inputs.places | _notebook_outside(plan),
        )
        manifest = _manifest(plan, execution, outputs, runtime)
        manifest = _write(folder, manifest, notebook, outputs, publish)
        target = failed if manifest.failure else kept
        put_in_place(folder, target)
    if target is kept:
        shutil.rmtree(failed, ignore_errors=True)
    return Run(target, manifest)


def _collected(execution: Execution, notebook: NotebookNode) -> tuple[Execution, Outputs]:
    """What the notebook recorded; where that cannot be kept the run has failed."""
    try:
        return execution, collect_outputs(notebook, vectors_of(execution.notebook))
    except (StudyError, ValueError, KeyError, TypeError) as problem:
        if execution.failure:
            return execution, NOTHING
        status, failure = failures.unusable(problem)
        return Execution(execution.notebook, status, failure), NOTHING


def _manifest(plan: Plan, execution: Execution, outputs: Outputs, runtime: Runtime) -> Manifest:
    # The library as it was when the id was made: it may have been edited while the study ran.
    code = describe_code(plan.root).model_copy(update={"custlib_sha256": plan.library_sha256})
    return Manifest(
        schema="custlib.manifest/1",
        id=plan.id,
        status=execution.status,
        **told_of(plan.study, plan.cell, plan.inputs.recorded),
        notebook=NotebookSource(
            path=shown_path(plan.study.path, plan.root),
            sha256=plan.notebook_sha256,
        ),
        parameters=plan.inputs.recorded,
        data=list(plan.inputs.files),
        code=code,
        environment=describe_environment(plan.root),
        findings=list(outputs.findings),
        tables=list(outputs.tables),
        figures=list(outputs.figures),
        failure=execution.failure,
        runtime=runtime,
    )


def _notebook_outside(plan: Plan) -> dict[str, str]:
    """Where a notebook lies that is none of the project's: its record has the bare name."""
    path = plan.study.path
    return {} if path.is_relative_to(plan.root) else {"notebook": str(path)}


def _write(
    folder: Path,
    manifest: Manifest,
    notebook: NotebookNode,
    outputs: Outputs,
    publish: Publish | None,
) -> Manifest:
    """Write the files of the run; a failed one gets its message, and a page that says why."""
    write_outputs(folder, outputs)
    if manifest.failure is not None:
        nbformat.write(notebook, folder / PARTIAL)
        text = failures.failure_text(manifest.failure)
        (folder / MESSAGE).write_text(text + "\n", encoding="utf-8", newline="\n")
    else:
        (folder / PARTIAL).unlink()
        nbformat.write(notebook, folder / NOTEBOOK)
    manifest = publish(folder, manifest, notebook) if publish else manifest
    write_manifest(folder, manifest)
    return manifest
