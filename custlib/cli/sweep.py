"""Many runs of one study from a plan file, side by side, with what they found in one place."""

import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from custlib.cli.group import INTERRUPTED, reports_option, timeout_option

if TYPE_CHECKING:
    from custlib.study.sweep.checked import Sweep, Task
    from custlib.study.sweep.worker import Outcome

FAILED = 1


@click.command("sweep")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--engine",
    metavar="loky|threading|dask",
    help="Processes or threads of this machine, or a cluster; chosen by --jobs unless given.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Runs at a time; all cores unless given.",
)
@click.option("--scheduler", metavar="tcp://…", help="Address of the cluster's scheduler.")
@click.option("--stop-on-error", is_flag=True, help="Start no further run once one has failed.")
@click.option("--force", is_flag=True, help="Compute runs even if they are kept.")
@click.option("--to", metavar="FORMATS", default="html", help="html, pdf, xlsx, with commas.")
@timeout_option
@reports_option
def sweep_command(
    plan: Path,
    engine: str | None,
    jobs: int | None,
    scheduler: str | None,
    stop_on_error: bool,
    force: bool,
    to: str,
    timeout: float | None,
    reports: Path | None,
) -> None:
    """Run the study of PLAN with every set of values in it, and stack what the runs found.

    \b
    PLAN is a YAML file:
      study: steel_satisfaction        a name, or the path of a notebook
      base: {market: Urals}            values for all runs
      grid:                            every combination is a run
        by: [role, market]
        top_box: [1, 2]
    In place of grid, `zip:` takes lists of equal length in step, and `runs:` is a list of
    mappings, one a run. Paths start at the working directory.

    All runs are checked before the first one starts. A run that is kept is not computed again, so
    that the same command goes on where it was interrupted. Ends with 0 when every run is there, 1
    when some failed, 2 when nothing was run, 130 when it was interrupted.
    """
    from custlib.cli.run import in_formats, light_nbformat, split_formats

    light_nbformat()
    from custlib.study.catalogue import project_root
    from custlib.study.run.nursery import prepare_kernels
    from custlib.study.sweep.engine import Engine, InterruptedSweepError, run_sweep

    where = Engine(engine or ("dask" if scheduler else None), jobs, scheduler)
    formats = split_formats(to)
    if where.name in (None, "threading"):
        # Two seconds of imports in another process, while this one does its own.
        prepare_kernels(project_root())
    sweep = _checked(plan)
    reports = reports or sweep.tasks[0].plan.root / "reports"
    # What the summary needs is imported here, while the kernels' imports take longer anyway.
    for name in ("custlib.charts", "custlib.report.workbook"):
        import_module(name)
    from custlib.report.publication import files_of, publish

    try:
        outcomes = run_sweep(
            sweep,
            reports=reports,
            publish=publish,
            complete=partial(in_formats, formats=formats),
            exports=tuple(files_of(formats)),
            engine=where,
            timeout=timeout,
            force=force,
            stop_on_error=stop_on_error,
            told=partial(_tell, len(sweep.tasks)),
            prepare=light_nbformat,
        )
    except InterruptedSweepError as stopped:
        kept = sum(outcome.status == "ok" for outcome in stopped.outcomes)
        click.echo(
            f"Interrupted: {kept} of {len(sweep.tasks)} runs are kept; "
            "the same command goes on from there.",
            err=True,
        )
        sys.exit(INTERRUPTED)
    _end(sweep, outcomes, reports)


def _checked(plan: Path) -> "Sweep":
    """The sweep of a plan file, and a line on how many runs it has."""
    from custlib.study.sweep.checked import check_sweep
    from custlib.study.sweep.grid import read_sweep

    sweep = check_sweep(read_sweep(plan))
    task = sweep.tasks[0]
    click.echo(task.plan.study.question, err=True)
    many = len(sweep.tasks)
    told = f"{many} run{'s' if many != 1 else ''} of {task.plan.study.name}"
    told += f" by {', '.join(sweep.keys)}." if sweep.keys else "."
    if sweep.repeated:
        told += f" {sweep.repeated} more would be the same as one of them and are not made twice."
    click.echo(told, err=True)
    return sweep


def _tell(total: int, done: int, task: "Task", outcome: "Outcome") -> None:
    """One line for a run that has ended, and why it failed."""
    if outcome.status in ("not run", "interrupted"):
        return
    how = "kept" if outcome.cached else f"{outcome.seconds:.1f} s"
    line = f"{done:>{len(str(total))}} of {total}  {task.text}  {outcome.status}  {how}"
    click.echo(line.rstrip(), err=True)
    for line in outcome.message.splitlines():
        click.echo(f"    {line}", err=True)


def _end(sweep: "Sweep", outcomes: "list[Outcome]", reports: Path) -> None:
    """Write the summary and the list of reports, and say how it went."""
    from custlib.cli.reports import list_run
    from custlib.study.sweep.summary import write_summary

    folder = write_summary(reports, sweep, _summary(sweep, outcomes, reports))
    list_run(reports)
    failed = [outcome for outcome in outcomes if outcome.status not in ("ok", "not run")]
    unmade = sum(outcome.status == "not run" for outcome in outcomes)
    if failed:
        told = f"{len(failed)} of {len(outcomes)} runs failed"
        told += f", and {unmade} {'was' if unmade == 1 else 'were'} not started" if unmade else ""
        left = any(outcome.folder for outcome in failed)
        told += "; what they left is under failed/ in the folder of reports" if left else ""
        click.echo(f"{told}.", err=True)
    click.echo(folder / "index.html")
    sys.exit(FAILED if failed else 0)


def _summary(sweep: "Sweep", outcomes: "list[Outcome]", reports: Path) -> dict[str, bytes]:
    """Content of the files of the summary."""
    from custlib.charts import swept_png, varying_findings
    from custlib.report.provenance import simulated_tables
    from custlib.report.sweep_page import page_of_sweep, runs_told, swept_alt, swept_run, told_data
    from custlib.report.workbook import workbook_bytes
    from custlib.study.manifest import SWEEPS
    from custlib.study.sweep import summary

    stacked = summary.stack_findings(sweep, outcomes, reports)
    keys, study = [summary.key_column(name) for name in sweep.keys], sweep.tasks[0].plan.study
    settings = stacked.drop_duplicates("run_number")[keys].to_numpy(object)
    tables = simulated_tables(reports / SWEEPS)
    runs = [
        swept_run(values, one.status, one.folder, one.message, reports, tables)
        for values, one in zip(settings, outcomes, strict=True)
    ]
    files = {
        "findings.csv": summary.table_bytes(stacked),
        "findings.xlsx": workbook_bytes({"findings": stacked} | told_data(runs)),
        "plan.yaml": sweep.file.source,
    }
    figure: dict[str, Any] = {}
    if drawn := varying_findings(stacked):
        told = {"alt": swept_alt(stacked, drawn, keys), "note": summary.told_levels(sweep)}
        source = f"{runs_told([one.status for one in outcomes])} of {study.name}"
        source += ", simulated data" * any(run.simulated for run in runs)
        files["findings.png"] = swept_png(stacked, keys=keys, source=source, **told)
        figure = {"figure": files["findings.png"], **told}
    page = page_of_sweep(
        question=study.question,
        name=sweep.file.name,
        keys=sweep.keys,
        runs=runs,
        files=sorted(files),
        **figure,
    )
    return files | {"index.html": page}
