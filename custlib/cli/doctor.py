"""What this machine lacks, before a study finds out."""

import sys
from pathlib import Path
from typing import Any

import click

from custlib.cli.group import reports_option

NOT_READY = 1


@click.command("doctor")
@reports_option
def doctor_command(reports: Path | None) -> None:
    """Show what is missing on this machine, and what each gap costs.

    A kernel is started and a file is written, to see that they can be. Ends with 0 when studies
    can run, whatever else is missing, and with 1 when they cannot.
    """
    from custlib.cli.readiness import machine_signs

    def require_printer() -> Any:
        from custlib.report.pdf import require_printer as require

        require()

    root = _root()
    here = reports or root / "reports"
    lacking, gaps = [], 0
    for sign in machine_signs(root, here.resolve(), require_printer=require_printer):
        click.echo(sign.line)
        gaps += not sign.ok
        if sign.essential and not sign.ok:
            lacking.append(sign.name)
    click.echo()
    if lacking:
        click.echo(f"Studies cannot run here: see {', '.join(lacking)}.")
        sys.exit(NOT_READY)
    rest = f"; each gap above says what it costs ({gaps})" if gaps else ""
    click.echo(f"Studies can run here{rest}.")


def _root() -> Path:
    """The project; the checkout where what finds it cannot be imported."""
    from custlib.places import CHECKOUT

    try:
        from custlib.study.catalogue import project_root
    except ImportError:
        return CHECKOUT
    return project_root()
