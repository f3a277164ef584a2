"""A run computed a second time from its record, and what came of it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custlib.errors import StudyError
from custlib.places import matching_files
from custlib.study.catalogue import find_study, project_root
from custlib.study.manifest import NAME, RESERVED, Manifest, Verification, read_manifest
from custlib.study.proof.causes import (
    Ground,
    altered_cause,
    cause_of,
    changed_grounds,
    is_same_place,
)
from custlib.study.proof.differences import (
    ACROSS,
    EXACT,
    Difference,
    figure_differences,
    finding_differences,
    sentence_differences,
    table_differences,
)
from custlib.study.proof.integrity import alterations, display_differences, recorded_cells
from custlib.study.run.execution import Step
from custlib.study.run.plan import Plan, plan_study
from custlib.study.run.runner import Run, run_study

NOTEBOOK = "notebook"


@dataclass(frozen=True)
class Proof:
    """What a second computation of a record's numbers came to.

    `differences` are numbers, tables and words that came out otherwise, `altered` what was edited
    after the run; without both the record is the same. `notes` decide nothing. `tolerance` is the
    relative one that numbers had which declare none, or less.
    """

    name: str
    findings: int
    tables: int
    differences: tuple[Difference, ...] = ()
    altered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cause: str | None = None
    again: Manifest | None = None
    tolerance: float | None = None

    @property
    def same(self) -> bool:
        """Whether every number came out the same and nothing was altered."""
        return not self.differences and not self.altered

    @property
    def verification(self) -> Verification | None:
        """The line that the record of the run gains; None where nothing was computed."""
        if self.again is None:
            return None
        return Verification(
            when=datetime.now(UTC).isoformat(timespec="seconds"),
            same=self.same,
            findings=self.findings,
            tables=self.tables,
            custlib_sha256=self.again.code.custlib_sha256,
            python=self.again.environment.python,
            platform=self.again.environment.platform,
            tolerance=self.tolerance,
            cause=self.cause,
        )


@dataclass(frozen=True)
class Repetition:
    """How a plan is run again: where, how long it may take, and who is told of its cells."""

    place: Path
    timeout: float | None = None
    progress: Callable[[Step], None] | None = None
    warm: bool = False

    def run(self, plan: Plan, number: int) -> Run:
        """The run of this number; a StudyError where it did not end well."""
        place = self.place / str(number)
        how: dict[str, Any] = {"timeout": self.timeout, "progress": self.progress}
        run = run_study(plan, reports=place, warm=self.warm, **how)
        if failure := run.manifest.failure:
            first = failure.message.splitlines()[0].rstrip(".")
            raise StudyError.because(
                f"The repeated run of {plan.study.name!r} ended with status {run.status}: {first}.",
                "Expected it to end as well as the recorded one did.",
                "Run the study by itself to see where it stops: `custlib run`.",
            )
        return run


def verify_run(
    run: Path,
    *,
    files: Mapping[str, str] | None = None,
    root: Path | None = None,
    timeout: float | None = None,
    progress: Callable[[Step], None] | None = None,
    place: Path | None = None,
    warm: bool = False,
) -> Proof:
    """Compute a kept run again from its record, and compare every number.

    Parameters
    ----------
    run : Path
        Folder of the run, or its manifest.json. Nothing in it is touched.
    files : mapping, optional
        Where files lie now that the record names and that are not where they were: the path by
        the name of the parameter, or by `notebook`.
    root : Path, optional
        Project in whose root the study runs.
    timeout : float, optional
        Seconds for all cells of one computation.
    progress : callable, optional
        Called with a Step before and after each code cell.
    place : Path, optional
        Folder in which the repeated run is left; a temporary one, removed, unless given.
    warm : bool, default False
        Fork kernels from a process that has done the imports: sooner, where many are verified.

    Returns
    -------
    Proof

    Raises
    ------
    StudyError, ParameterError
        The run cannot be repeated: it had failed or recorded nothing, its study or a file is gone,
        the study refuses a parameter, or the repeated run failed.

    Notes
    -----
    Findings keep to their own tolerances and tables to 1e-9 where packages and kind of machine are
    those of the record, else both to 1e-6 at least; counts and words are exact, and so are numbers
    in words but for their last digit. What the record says of its machine is proven by nothing:
    who edits it gains a millionth of each number, and pictures and what cells only show, which
    prove nothing on another machine with other fonts. On the same one a third run decides: if it
    agrees with the second, the kept run is not what is computed now.
    """
    if not run.exists():
        raise StudyError.because(
            f"There is no run at {str(run)!r}.",
            "Expected the folder of a run, or its manifest.json.",
            "`custlib run` prints where it keeps a report; its folder is the run.",
        )
    run = run.resolve()
    folder = run if run.is_dir() else run.parent
    manifest = _provable(folder, read_manifest(run))
    plan = plan_again(manifest, files, root=root)
    with tempfile.TemporaryDirectory(prefix="verify-", ignore_cleanup_errors=True) as temporary:
        repetition = Repetition(place or Path(temporary), timeout, progress, warm)
        return _proof(folder, manifest, plan, repetition)


def plan_again(
    manifest: Manifest, files: Mapping[str, str] | None = None, *, root: Path | None = None
) -> Plan:
    """The plan of a run that was recorded: its notebook, all its parameters, its files."""
    root = (root or project_root()).resolve()
    files = dict(files or {})
    recorded = manifest.runtime.files
    known = {NOTEBOOK, *(name for name in recorded if name in manifest.parameters)}
    if strangers := [name for name in files if name not in known]:
        raise StudyError.because(
            f"{', '.join(strangers)} is not a file of the run {manifest.id[:8]} of "
            f"{manifest.study!r}.",
            f"Expected: {', '.join(sorted(known))}.",
            "A run is repeated with the parameters of its record; -p only tells where a file lies.",
        )
    notebook = files.pop(NOTEBOOK, None) or _place(NOTEBOOK, manifest.notebook.path, manifest, root)
    places = {
        name: files.get(name) or _place(name, str(manifest.parameters[name]), manifest, root)
        for name in recorded
        if name in manifest.parameters
    }
    return plan_study(find_study(notebook, root), manifest.parameters | places, root=root)


def run_folders(reports: Path) -> list[Path]:
    """Every run under a folder of reports that ended well, in the order of their names."""
    kept = (path.parent for path in sorted(reports.glob(f"*/*/{NAME}")))
    return [
        folder
        for folder in kept
        if folder.parent.name not in RESERVED and not folder.parent.name.startswith(".")
    ]


def number_differences(
    before: tuple[Path, Manifest], after: Run, *, strict: bool
) -> list[Difference]:
    """Findings and tables that came out otherwise; `strict` on the same kind of machine."""
    folder, manifest = before
    return finding_differences(
        manifest.findings, after.manifest.findings, least=0.0 if strict else ACROSS
    ) + table_differences(
        (folder, manifest.tables),
        (after.folder, after.manifest.tables),
        least=EXACT if strict else ACROSS,
    )


def look_differences(
    before: tuple[Path, Manifest], after: Run, told: Sequence[Difference] = ()
) -> list[Difference]:
    """What else came out otherwise: sentences, pictures, and what cells only display."""
    folder, manifest = before
    found = sentence_differences(manifest.findings, after.manifest.findings, told)
    found += figure_differences(manifest.figures, after.manifest.figures)
    if manifest.notebook.sha256 == after.manifest.notebook.sha256:
        found += display_differences(folder, after.folder)
    return found


def _proof(folder: Path, manifest: Manifest, plan: Plan, repetition: Repetition) -> Proof:
    """The second run, compared; where nothing has changed and yet it differs, a third."""
    altered = alterations(folder, manifest)
    second = repetition.run(plan, 2)
    before = Ground.of(manifest, recorded_cells(folder))
    after = Ground.of(second.manifest, plan.study.cells)
    home, changed = is_same_place(before, after), changed_grounds(before, after)
    hard = number_differences((folder, manifest), second, strict=home)
    soft = look_differences((folder, manifest), second, hard)
    # Words prove as much as numbers; a number in them may be rounded to the other side elsewhere.
    hard += [one for one in soft if one.reworded or (home and one.part == "sentence")]
    soft = [one for one in soft if one not in hard]
    wavering: list[Difference] = []
    if not altered and (hard or (soft and not changed)):
        third, middle = repetition.run(plan, 3), (second.folder, second.manifest)
        wavering = number_differences(middle, third, strict=True) + look_differences(middle, third)
        unsteady = {one.place for one in wavering}
        if not changed:
            hard += [one for one in soft if one.place not in unsteady]
            soft = [one for one in soft if one.place in unsteady]
    return Proof(
        name=f"{folder.parent.name}/{folder.name}",
        findings=len(manifest.findings),
        tables=len(manifest.tables),
        differences=tuple(hard),
        altered=tuple(altered),
        notes=tuple(_notes(soft, [] if hard or altered else changed, steady=not wavering)),
        cause=altered_cause(altered) if altered else cause_of(hard, changed, wavering),
        again=second.manifest,
        tolerance=EXACT if home else ACROSS,
    )


def _notes(soft: list[Difference], changed: list[str], *, steady: bool) -> list[str]:
    """What has changed and moved no number."""
    notes = [f"Since the run changed, and moved no number: {one}." for one in changed]
    if soft:
        places = ", ".join(f"{one.place} ({one.part})" for one in soft)
        why = "" if steady else ", as they did once more in a third run"
        notes.append(f"What proves nothing here came out otherwise{why}: {places}.")
    return notes


def _provable(folder: Path, manifest: Manifest) -> Manifest:
    """The record of a run that ended well and recorded something."""
    if manifest.failure is None and (manifest.findings or manifest.tables):
        return manifest
    found = (
        f"ended with status {manifest.status}"
        if manifest.failure
        else "recorded neither findings nor tables"
    )
    raise StudyError.because(
        f"The run {folder.parent.name}/{folder.name} {found}.",
        "Expected a run that ended well and recorded numbers.",
        "There is nothing to compare: run the study anew.",
    )


def _place(name: str, path: str, manifest: Manifest, root: Path) -> str:
    """Where a recorded file lies now: in the project, or where it was when the study ran."""
    inside, former = root / path, manifest.runtime.files.get(name)
    places = [inside, *([Path(former)] if former else [])]
    # A bare name tells a file outside, which the project may have one like.
    for place in places if "/" in path else reversed(places):
        if matching_files(str(place)):
            return str(place)
    raise StudyError.because(
        f"{path!r}, the {name} of the run {manifest.id[:8]} of {manifest.study!r}, is not where "
        "it was.",
        "Expected the file that went into the run.",
        f"Tell where it lies now: -p {name}=PATH.",
    )
