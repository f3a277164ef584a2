"""Two runs of one study side by side."""

import os
from pathlib import Path
from urllib.parse import quote

import click

from custlib.cli.group import reports_option
from custlib.cli.reports import runs_at
from custlib.errors import StudyError

MOST_NAMED = 10


@click.command("changes")
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option(
    "--independent/--same-answers",
    default=None,
    help="Whether the answers of the two are others. By default the files of answers decide: "
    "different ones are taken as independent, with equal or replaced ones it stays open.",
)
@reports_option
def changes_command(
    run_a: Path, run_b: Path, independent: bool | None, reports: Path | None
) -> None:
    """Show which findings moved from RUN_A to RUN_B, and whether beyond their own noise.

    Both are runs of the same study: two waves, two markets, two ways to compute. For a new
    file, run the old notebook again with `-p data=NEW_FILE`. Writes a page and a table below
    changes/ in the folder of reports, and prints their paths last. Ends with 0 when the runs could
    be compared, whatever moved, and with 2 when not.
    """
    from custlib.report.comparison import compared, text_lines, write_comparison
    from custlib.study.catalogue import project_root
    from custlib.study.changes import compare_runs
    from custlib.study.manifest import CHANGES, read_manifest
    from custlib.study.run.folders import require_inside

    reports = (reports or project_root() / "reports").resolve()
    places = _one_run(run_a, reports), _one_run(run_b, reports)
    if places[0] == places[1]:
        raise StudyError.because(
            f"Both runs are {places[0].name!r}.",
            "Expected two runs.",
            "Pass another one; `custlib verify` computes this one again.",
        )
    changes = compare_runs(*map(read_manifest, places), independent=independent)
    comparison = compared(
        changes.before, changes.after, changes.findings, changes.runs, changes.notes
    )
    links = _link(places[0], reports), _link(places[1], reports)
    require_inside(reports, reports / CHANGES)
    try:
        written = write_comparison(reports, comparison, changes.findings, links)
    except OSError as problem:
        raise StudyError.because(
            f"The comparison cannot be written to {str(reports)!r}: {problem.strerror}.",
            "Expected a folder that may be written to, or made.",
            "Pass another one with --reports.",
        ) from None
    for line in text_lines(comparison):
        click.echo(line)
    click.echo()
    for path in written:
        click.echo(path)


def _one_run(path: Path, reports: Path) -> Path:
    """The run at this path; of a study's folder the only one that is kept there."""
    runs = runs_at(path, reports)
    if len(runs) > 1:
        told = [run.name for run in runs[:MOST_NAMED]] + ["…"] * (len(runs) > MOST_NAMED)
        raise StudyError.because(
            f"{path.name!r} holds {len(runs)} runs: {', '.join(told)}.",
            "Expected the folder of one run.",
            "Pass one of these.",
        )
    return runs[0].resolve()


def _link(run: Path, reports: Path) -> str | None:
    """Address of the run's report seen from the page; none where it lies in another folder."""
    from custlib.study.manifest import CHANGES, REPORT

    report = (run if run.is_dir() else run.parent) / REPORT
    if not report.is_file() or not report.is_relative_to(reports):
        return None
    return quote(Path(os.path.relpath(report, reports / CHANGES)).as_posix())
