"""What was reported: the list of all runs."""

from pathlib import Path

import click

from custlib.cli.group import reports_option


@click.command()
@reports_option
def gallery(reports: Path | None) -> None:
    """Write index.html, the list of all reports, and print its path."""
    from custlib.errors import StudyError
    from custlib.report.gallery import write_gallery
    from custlib.study.catalogue import project_root

    if reports and not reports.is_dir():
        raise StudyError.because(
            f"There is no folder {str(reports)!r}.",
            "Expected a folder of reports.",
            "Run a study first: `custlib run STUDY`; or correct --reports.",
        )
    click.echo(write_gallery(reports or project_root() / "reports"))


def runs_at(path: Path, reports: Path) -> list[Path]:
    """The run at this path, here or below the reports; every run where it is a study's folder."""
    from custlib.study.manifest import NAME

    path = path.expanduser()
    path = path if path.exists() or not (reports / path).exists() else reports / path
    inner = sorted(path.glob(f"*/{NAME}")) if path.is_dir() else []
    return [path] if (path / NAME).exists() or not inner else [record.parent for record in inner]


def list_run(reports: Path) -> None:
    """Renew the list after a run; where it cannot be written, the run is kept all the same."""
    from custlib.report.gallery import write_gallery

    try:
        write_gallery(reports)
    except OSError as problem:
        click.echo(
            f"The list of reports in {str(reports)!r} was not renewed: {problem.strerror}.\n"
            "Expected to write index.html there; the run itself is kept whole.\n"
            "Free some room, or the right to write, then `custlib gallery` renews it.",
            err=True,
        )
