"""The command line: thin, and every heavy import inside the command that needs it.

Exit codes: 0 done · 1 a cell raised, or a check of data failed · 2 nothing was run, because the
study, its parameters or the command cannot be used · 3 timeout · 4 the kernel died · 5 a cell
ended the kernel · 130 interrupted.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import custlib
from custlib.errors import CustlibError

if TYPE_CHECKING:
    from custlib.study.run.execution import Step
    from custlib.study.run.plan import Plan
    from custlib.study.run.runner import Run

EXIT_CODES = {"ok": 0, "error": 1, "timeout": 3, "dead": 4, "exited": 5}
CANNOT_RUN, INTERRUPTED = 2, 130
REPORTS_OPTION = click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of reports; reports/ of the project unless given.",
)


class Commands(click.Group):
    """Shows an error of custlib as its message, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; what custlib refuses ends with code 2."""
        try:
            return super().invoke(context)
        except CustlibError as problem:
            click.echo(str(problem), err=True)
            sys.exit(CANNOT_RUN)
        except KeyboardInterrupt:
            click.echo("Interrupted: nothing was kept of this run.", err=True)
            sys.exit(INTERRUPTED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(custlib.__version__, prog_name="custlib")
def main() -> None:
    """Customer-satisfaction studies: run them, and read what they found.

    STUDY is the name of a study, as `custlib list` shows it, or the path of any notebook with a
    cell tagged `parameters`.
    """


@main.command("list")
def list_command() -> None:
    """Show the studies with their question and parameters."""
    from custlib.study.catalogue import list_studies
    from custlib.study.parameters.declaration import read_parameters

    studies = list_studies()
    for study in studies:
        names = ", ".join(parameter.name for parameter in read_parameters(study))
        click.echo(f"{study.name}\n  {study.question}\n  parameters: {names}\n")
    if not studies:
        click.echo("There are no studies in notebooks/studies.", err=True)


@main.command()
@click.argument("study")
@click.option("--schema", is_flag=True, help="Print them as JSON Schema.")
def params(study: str, schema: bool) -> None:
    """Show each parameter of STUDY: type, default, meaning, limits."""
    import json

    from custlib.study.parameters.declaration import read_parameters

    cell = read_parameters(study)
    if schema:
        from custlib.study.parameters.values import parameter_schema

        click.echo(json.dumps(parameter_schema(cell), indent=2, ensure_ascii=False))
        return
    for one in cell:
        default = json.dumps(one.default, ensure_ascii=False)
        click.echo(f"{one.name}: {one.type_name} = {default}")
        click.echo("".join(f"    {text}\n" for text in (one.meaning, one.limits) if text))


@main.command()
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
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop the study when its cells took this long together.",
)
@REPORTS_OPTION
def run(
    study: str,
    options: tuple[str, ...],
    files: tuple[Path, ...],
    timeout: float | None,
    reports: Path | None,
) -> None:
    """Run STUDY and print the path of its report.

    Ends with 0 when the report is there, 1 when a cell raised an error, 2 when nothing was run,
    3 when the time was over, 4 when the kernel died, 5 when a cell ended the kernel. What a
    failed run left is kept under failed/ in the folder of reports.
    """
    from custlib.study.parameters.texts import read_parameter_file, split_options
    from custlib.study.run.plan import plan_study

    texts: dict[str, Any] = {}
    for file in files:
        texts |= read_parameter_file(file)
    texts |= split_options(options)
    plan = plan_study(study, texts=texts)
    reports = reports or plan.root / "reports"
    done = _run_with_progress(plan, reports, timeout)
    from custlib.report.gallery import write_gallery

    write_gallery(reports)
    if done.manifest.failure is not None:
        from custlib.study.run.failures import failure_text

        click.echo(f"\n{failure_text(done.manifest.failure)}\n", err=True)
        click.echo(f"Kept with status {done.status}: {done.folder}", err=True)
        sys.exit(EXIT_CODES[done.status])
    if not done.manifest.findings:
        click.echo("Note: the study recorded no findings; nothing can be verified.", err=True)
    click.echo(done.report)


@main.command()
@REPORTS_OPTION
def gallery(reports: Path | None) -> None:
    """Write index.html, the list of all reports, and print its path."""
    from custlib.report.gallery import write_gallery
    from custlib.study.catalogue import project_root

    click.echo(write_gallery(reports or project_root() / "reports"))


@main.group()
def data() -> None:
    """The data sets that come with the project."""


@data.command("list")
def list_data() -> None:
    """Show each data set: title, real or simulated, tables, rows."""
    from custlib.datasets import list_datasets

    click.echo(list_datasets().to_string(index=False))


@data.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the card of a data set: source, licence, units, tables."""
    import yaml

    from custlib.datasets import load

    content = load(name).card.model_dump()
    click.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100), nl=False)


@data.command()
def verify() -> None:
    """Compare each file with the checksum on its card; ends with 1 where one differs."""
    from custlib.datasets import verify

    files = verify()
    for row in files.to_dict("records"):
        click.echo(f"{'ok ' if row['ok'] else 'BAD'}  {row['dataset']}/{row['file']}")
        if not row["ok"]:
            click.echo(f"     expected {row['expected']}\n     found    {row['found']}")
    sys.exit(0 if files["ok"].all() else 1)


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

        # jsonschema, which nbformat imports, would compile the grammar of international addresses:
        # a third of the start-up, for a check that no notebook asks for.
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
        from custlib.report.render import write_report
        from custlib.study.run.runner import run_study

        how: dict[str, Any] = {"timeout": timeout, "progress": progress, "publish": write_report}
        return run_study(plan, reports=reports, **how)


if __name__ == "__main__":
    main()
