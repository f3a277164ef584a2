"""Runs computed again from their records, and studies held against their references."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from custlib.cli.group import CANNOT_RUN, reports_option, timeout_option
from custlib.cli.reports import runs_at
from custlib.cli.run import light_nbformat
from custlib.errors import CustlibError, ParameterError

if TYPE_CHECKING:
    from custlib.study.proof.differences import Difference
    from custlib.study.proof.verification import Proof
    from custlib.study.run.execution import Step

SAME, DIFFERS = 0, 1
LONGEST_LIST, WIDEST = 12, 60


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[RUN|STUDY]...")
@click.option(
    "-p",
    "--param",
    "options",
    multiple=True,
    metavar="NAME=PATH",
    help="Where a file of the run lies now: a file parameter, or `notebook`.",
)
@click.option("--reference", is_flag=True, help="Compare studies with reports/reference/.")
@click.option("--renew", is_flag=True, help="With --reference: write the references anew.")
@click.option("--because", metavar="TEXT", help="With --renew: why numbers changed.")
@timeout_option
@reports_option
def verify_command(
    names: tuple[str, ...],
    options: tuple[str, ...],
    reference: bool,
    renew: bool,
    because: str | None,
    timeout: float | None,
    reports: Path | None,
) -> None:
    """Compute each RUN again from its record and compare every number.

    Without RUN every run in the folder of reports is verified. The run itself stays as it is; its
    report gains a line that says what came of it. With --reference each STUDY, or all of them, is
    computed at its defaults and compared with the numbers that were committed. Ends with 0 when
    all came out the same, 1 when something differs, 2 when something could not be computed.
    """
    light_nbformat()
    _require_together(options, reference, renew, because, reports)
    if renew:
        sys.exit(_renew(names, because, timeout))
    if reference:
        sys.exit(max([_verify_study(name, timeout) for name in _studies(names)], default=SAME))
    from custlib.study.catalogue import project_root
    from custlib.study.parameters.texts import split_options

    files = split_options(options)
    reports = reports or project_root() / "reports"
    runs = _runs(names, reports)
    how: dict[str, Any] = {"timeout": timeout, "warm": len(runs) > 1}
    code = max([_verify_run(run, files, how) for run in runs])
    _list_again(runs, reports)
    sys.exit(code)


def _require_together(
    options: tuple[str, ...],
    reference: bool,
    renew: bool,
    because: str | None,
    reports: Path | None,
) -> None:
    """Options that mean something together."""
    if renew and not reference:
        raise click.UsageError("--renew goes with --reference.")
    if because is not None and not renew:
        raise click.UsageError("--because goes with --renew.")
    if reference and (options or reports):
        raise click.UsageError("--reference runs at the defaults: it takes no -p and no --reports.")


def _runs(names: tuple[str, ...], reports: Path) -> list[Path]:
    """Runs by path, or by study and folder inside the reports; all of these where none is named."""
    from custlib.study.proof.verification import run_folders

    if not names:
        if folders := run_folders(reports):
            return folders
        raise ParameterError.because(
            f"There is no run in {reports.name!r}.",
            "Expected the folder of at least one run.",
            "Run a study first: `custlib run STUDY`; or name the run's folder.",
        )
    return [run for name in names for run in runs_at(Path(name), reports)]


def _studies(names: tuple[str, ...]) -> list[str]:
    from custlib.study.proof.references import reference_names

    return list(dict.fromkeys(names)) or reference_names()


def _verify_run(run: Path, files: dict[str, str], how: dict[str, Any]) -> int:
    """One run computed again, told, and marked in its report."""

    def verified(progress: Callable[["Step"], None]) -> "Proof":
        from custlib.report.render import report_page
        from custlib.study.proof.verification import verify_run

        return verify_run(run, files=files, progress=progress, page=report_page, **how)

    proof = _proof(_name(run), verified)
    if proof is None:
        return CANNOT_RUN
    _mark(run if run.is_dir() else run.parent, proof)
    return SAME if proof.same else DIFFERS


def _name(run: Path) -> str:
    """Study and folder of a run, by which it is told; the path itself where there is none."""
    from custlib.study.manifest import NAME

    folder = (run.parent if run.name == NAME else run).resolve()
    if not (folder / NAME).is_file():
        return str(run)
    return f"{folder.parent.name}/{folder.name}"


def _verify_study(name: str, timeout: float | None) -> int:
    """One study held against its reference."""

    def verified(progress: Callable[["Step"], None]) -> "Proof":
        from custlib.study.proof.references import verify_reference

        return verify_reference(name, timeout=timeout, progress=progress)

    proof = _proof(name, verified)
    if proof is None:
        return CANNOT_RUN
    return SAME if proof.same else DIFFERS


def _renew(names: tuple[str, ...], because: str | None, timeout: float | None) -> int:
    """Every study computed at its defaults and kept as the reference; what changed is printed."""
    from custlib.study.catalogue import list_studies
    from custlib.study.proof.references import change_lines, renew_references, run_defaults

    manifests = []
    for name in names or [study.name for study in list_studies()]:
        with _status(name) as progress:
            manifests.append(run_defaults(name, timeout=timeout, progress=progress))
    for renewal in renew_references(manifests, because=because):
        lines = change_lines(renewal, because or "")
        told = "new" if renewal.is_new else f"{len(lines)} changed" if lines else "as before"
        click.echo(f"{renewal.study}: {told}")
        for line in lines:
            click.echo(line)
    return SAME


def _proof(name: str, verified: Callable[[Callable[["Step"], None]], "Proof"]) -> "Proof | None":
    """What came of one verification, printed; None where it could not be computed."""
    try:
        with _status(name) as progress:
            proof = verified(progress)
    except CustlibError as problem:
        click.echo(f"{name} cannot be verified.\n{problem}", err=True)
        return None
    for line in proof_lines(proof):
        click.echo(line)
    return proof


def proof_lines(proof: "Proof") -> Iterator[str]:
    """What came of a verification: one line, then what differs, why, and what only seems to."""
    if proof.again is None:
        yield f"{proof.name}: {proof.cause}"
        return
    findings, tables = counted(proof.findings, "finding"), counted(proof.tables, "table")
    what = f"{findings} and {tables}" if proof.tables else findings
    places = sorted({one.place for one in proof.differences})
    if proof.same:
        one = (proof.findings, proof.tables) in {(1, 0), (0, 1)}
        yield f"{proof.name}: {what} {'is' if one else 'are'} the same"
    elif places:
        kinds = Counter(place.partition(" ")[0] for place in places)
        told = (f"{kinds[kind]} {kind}{'' if kinds[kind] == 1 else 's'}" for kind in kinds)
        yield f"{proof.name}: not the same: {' and '.join(told)} of {what}"
    else:
        yield f"{proof.name}: {what} came out the same, but the run was altered"
    yield from (f"  altered: {text}" for text in proof.altered)
    yield from _table(list(proof.differences))
    if proof.cause and not proof.altered:
        yield f"  Cause: {proof.cause}"
    yield from (f"  Note: {note}" for note in proof.notes)


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 table`, `9 tables`, `no tables`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _table(differences: list["Difference"]) -> Iterator[str]:
    """Differences in columns: what, was, is, apart."""
    rows = [
        (
            " ".join(filter(None, [one.place, one.part])),
            f"was {_short(one.was)}",
            f"is {_short(one.now)}",
            "" if one.apart is None else f"apart {one.apart:.1e}",
        )
        for one in differences[:LONGEST_LIST]
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
    if len(differences) > LONGEST_LIST:
        yield f"  and {len(differences) - LONGEST_LIST} more"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split()) or "empty"
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _mark(folder: Path, proof: "Proof") -> None:
    """Write into the run's record and report what came of its verification."""
    from custlib.report.publication import publish_again
    from custlib.study.manifest import read_manifest

    try:
        verified = [*read_manifest(folder).verified, proof.verification]
        publish_again(folder, verified=verified)
    except (OSError, ValueError, KeyError, CustlibError) as problem:
        reason = str(problem).splitlines()[0]
        click.echo(f"Note: the report of {proof.name} was not marked: {reason}", err=True)


def _list_again(runs: list[Path], reports: Path) -> None:
    """The list of reports written anew where one of its runs gained a mark."""
    if any(reports.resolve() in run.resolve().parents for run in runs):
        from custlib.report.gallery import write_gallery

        with suppress(OSError):
            write_gallery(reports)


@contextmanager
def _status(name: str) -> Iterator[Callable[["Step"], None]]:
    """A line on the terminal that says which cell of which study is being computed."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with console.status(f"{name}: starting the kernel") as status:
        yield lambda step: status.update(f"{name}: cell {step.cell} of {step.cells}")
