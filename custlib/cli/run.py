"""One study run from the command line, or found where the same run was kept before."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from custlib.cli.group import INTERRUPTED, reports_option, timeout_option
from custlib.cli.reports import list_run
from custlib.errors import CustlibError

if TYPE_CHECKING:
    from custlib.study.run.execution import Step
    from custlib.study.run.plan import Plan
    from custlib.study.run.runner import Run

LACKS_FORMAT = 1
EXIT_CODES = {"ok": 0, "error": 1, "timeout": 3, "dead": 4, "exited": 5}
LANGUAGE = "language"


@click.command("run")
@click.argument("study")
@click.option(
    "-p",
    "--param",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter; may be repeated. Paths start at the working directory.",
)
@click.option(
    "-f",
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Set parameters from a YAML or JSON file; -p wins over it.",
)
@click.option("--to", metavar="FORMATS", default="html", help="html, pdf, xlsx, with commas.")
@click.option("--language", metavar="en|ru|sl", help="Language of labels, numbers and headings.")
@click.option("--force", is_flag=True, help="Compute it even if the same run is kept.")
@timeout_option
@reports_option
def run_command(
    study: str,
    options: tuple[str, ...],
    files: tuple[Path, ...],
    to: str,
    language: str | None,
    force: bool,
    timeout: float | None,
    reports: Path | None,
) -> None:
    """Run STUDY and print the path of its report.

    A run of the same notebook, parameters, data, library and lock file is not computed twice: the
    one that is kept is shown. Ends with 0 when the report is there, 1 when a cell raised an error
    or a format besides the page could not be written, 2 when nothing was run, 3 when the time was
    over, 4 when the kernel died, 5 when a cell ended the kernel. What a failed run left is kept
    under failed/ in the folder of reports.
    """
    light_nbformat()
    from custlib.study.manifest import read_manifest
    from custlib.study.parameters.texts import read_parameter_file, split_options
    from custlib.study.run.plan import plan_study

    texts: dict[str, Any] = {}
    for file in files:
        texts |= read_parameter_file(file)
    if language:
        require_language(study)
    spoken = (f"{LANGUAGE}={language}",) if language else ()
    texts |= split_options(options + spoken)
    plan = plan_study(study, texts=texts)
    formats = split_formats(to)
    reports = reports or plan.root / "reports"
    done = _kept(plan, reports) if not force else None
    done = done or _made(plan, reports, timeout)
    refused: CustlibError | None = None
    try:
        done = in_formats(done, formats) if done.status == "ok" else done
    except CustlibError as problem:
        refused = problem
    list_run(reports)
    if done.manifest.failure is not None:
        from custlib.study.run.failures import failure_text

        click.echo(f"\n{failure_text(done.manifest.failure)}\n", err=True)
        click.echo(f"Kept with status {done.status}: {done.folder}", err=True)
        sys.exit(EXIT_CODES[done.status])
    if not done.manifest.findings:
        click.echo("Note: the study recorded no findings; nothing can be verified.", err=True)
    for name in (read_manifest(done.folder) if refused else done.manifest).exports:
        click.echo(done.folder / name)
    if refused:
        click.echo(str(refused), err=True)
        sys.exit(LACKS_FORMAT)


def _made(plan: "Plan", reports: Path, timeout: float | None) -> "Run":
    """The run, newly made; an interrupt leaves nothing of it."""
    try:
        return _run_with_progress(plan, reports, timeout)
    except KeyboardInterrupt:
        click.echo("Interrupted: nothing was kept of this run.", err=True)
        sys.exit(INTERRUPTED)


def require_language(study: str) -> None:
    """The study can be told a language; a ParameterError names those that can."""
    from custlib.errors import ParameterError
    from custlib.study.catalogue import find_study, list_studies
    from custlib.study.parameters.declaration import read_parameters

    asked = find_study(study)
    if LANGUAGE in read_parameters(asked).by_name:
        return
    cells = {one.name: read_parameters(one).by_name for one in list_studies()}
    able = [name for name, parameters in cells.items() if LANGUAGE in parameters]
    raise ParameterError.because(
        f"The study {asked.name} speaks English only: it has no parameter {LANGUAGE!r}.",
        f"Expected one that can be told a language: {', '.join(able) or 'there is none'}.",
        "Leave --language out, or run one of these.",
    )


def split_formats(text: str) -> list[str]:
    """Formats named with commas, checked to be such as this machine can write."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if names != ["html"]:
        from custlib.report.publication import require_formats

        require_formats(names)
    return names


def _kept(plan: "Plan", reports: Path) -> "Run | None":
    """The same run as it was kept."""
    from custlib.study.run.cache import cached_run

    kept = cached_run(plan, reports)
    if kept is None:
        return None
    click.echo(
        f"The same run is kept from {kept.manifest.runtime.started[:10]}; --force runs it anew.",
        err=True,
    )
    return kept


def in_formats(kept: "Run", formats: list[str]) -> "Run":
    """The run with its report in each format; what is lacking is written."""
    from dataclasses import replace

    from custlib.report.publication import add_formats, files_of

    if not kept.cached and {*files_of(formats)} <= {*kept.manifest.exports}:
        # Its record is not read again: another run of its id may have just moved it aside.
        return kept
    return replace(kept, manifest=add_formats(kept.folder, formats))


def _run_with_progress(plan: "Plan", reports: Path, timeout: float | None) -> "Run":
    """The run, with a line on standard error for each cell that is done."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    console.print(plan.study.question, style="bold")
    with console.status("starting the kernel") as status:

        def progress(step: "Step") -> None:
            place = f"cell {step.cell:>2} of {step.cells}  {step.section}"
            if step.seconds is None:
                status.update(place)
            else:
                console.print(f"{place}  {step.seconds:.1f} s")

        from custlib.report.publication import publish
        from custlib.study.run.runner import run_study

        how: dict[str, Any] = {"timeout": timeout, "progress": progress}
        return run_study(plan, reports=reports, publish=publish, **how)


def light_nbformat() -> None:
    """Keep nbformat from loading what it does not need.

    jsonschema, which nbformat imports, would compile the grammar of international addresses: a
    third of the start-up, for a check that no notebook asks for.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
