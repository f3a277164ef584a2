"""A run computed a second time from its record, and what came of it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custlib.errors import StudyError
from custlib.places import matching_files
from custlib.study.catalogue import find_study, project_root
from custlib.study.manifest import NAME, REPORT, RESERVED, Manifest, Verification, read_manifest
from custlib.study.proof.causes import (
    ANOTHER_PAGE,
    Ground,
    altered_cause,
    cause_of,
    changed_grounds,
    is_same_place,
)
from custlib.study.proof.comparison import look_differences, number_differences, sorted_out
from custlib.study.proof.differences import ACROSS, EXACT, Difference
from custlib.study.run.cache import alterations, notebook_of, recorded_cells, strangers
from custlib.study.run.execution import Step
from custlib.study.run.plan import Plan, plan_study
from custlib.study.run.runner import Run, run_study

NOTEBOOK = "notebook"
# Writes the page of a run anew from its folder, its record and its notebook.
Page = Callable[[Path, Manifest, Mapping[str, Any]], bytes]


@dataclass(frozen=True)
class Proof:
    """What a second computation of a record's numbers came to.

    `differences` are numbers, tables and words that came out otherwise, `altered` what was edited
    after the run; without both the record is the same, but for what is `uncovered`: shown in the
    run's folder, and not proven. `notes` decide nothing. `tolerance` is the relative one that
    numbers had which declare none, or less.
    """

    name: str
    findings: int
    tables: int
    differences: tuple[Difference, ...] = ()
    altered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
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
            uncovered=list(self.uncovered),
        )


@dataclass(frozen=True)
class Repetition:
    """How a plan is run again: where, how long it may take, and who is told of its cells."""

    place: Path
    timeout: float | None = None
    progress: Callable[[Step], None] | None = None
    warm: bool = False

    def run(self, plan: Plan, number: int, before: Ground | None = None) -> Run:
        """The run of this number; a StudyError where it did not end as the one before did."""
        place = self.place / str(number)
        how: dict[str, Any] = {"timeout": self.timeout, "progress": self.progress}
        run = run_study(plan, reports=place, warm=self.warm, **how)
        if failure := run.manifest.failure:
            first = failure.message.splitlines()[0].rstrip(".")
            after = Ground.of(run.manifest, plan.study.cells)
            changed = changed_grounds(before, after) if before else []
            since = f" Since the recorded run changed: {'; '.join(changed)}." if changed else ""
            raise StudyError.because(
                f"The repeated run of {plan.study.name!r} ended with status {run.status}: {first}."
                f"{since}",
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
    page: Page | None = None,
) -> Proof:
    """Compute a kept run again from its record, and compare everything that it shows.

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
    page : callable, optional
        Writes the page of the run anew, to be held against the one that is kept.

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
    who edits it gains a millionth of each number, and pictures, which prove nothing on another
    machine with other fonts. Where nothing has changed a third run decides: if it agrees with the
    second, the kept run is not what is computed now. What was not decided is `uncovered`.
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
        return _proof(folder, manifest, plan, repetition, page)


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


def _proof(
    folder: Path, manifest: Manifest, plan: Plan, repetition: Repetition, page: Page | None
) -> Proof:
    """The second run, compared; where something differs that decides, a third."""
    altered = alterations(folder, manifest)
    before = Ground.of(manifest, recorded_cells(folder, manifest))
    second = repetition.run(plan, 2, before)
    after = Ground.of(second.manifest, plan.study.cells)
    home, changed = is_same_place(before, after), changed_grounds(before, after)
    numbers = number_differences((folder, manifest), second, strict=home)
    looks = look_differences((folder, manifest), second, numbers)
    hard, soft = sorted_out(numbers, looks, home=home, changed=changed)
    wavering: list[Difference] = []
    if hard and not altered:
        third, middle = repetition.run(plan, 3), (second.folder, second.manifest)
        wavering = number_differences(middle, third, strict=True) + look_differences(middle, third)
        hard, soft = sorted_out(numbers, looks, wavering, home=home, changed=changed)
    proven = {*manifest.hashes}
    cause = altered_cause(altered) if altered else cause_of(hard, changed, wavering)
    if page and not (altered or hard or changed):
        written = manifest.verified[-1].custlib_sha256 if manifest.verified else before.library
        told = _page_differences(folder, manifest, page)
        hard, soft = (told, soft) if written == after.library else (hard, soft + told)
        cause = ANOTHER_PAGE if hard else None
        proven.add(REPORT)
    unhashed = [name for name in manifest.exports if name not in proven]
    unknown = strangers(folder, manifest)
    return Proof(
        name=f"{folder.parent.name}/{folder.name}",
        findings=len(manifest.findings),
        tables=len(manifest.tables),
        differences=tuple(hard),
        altered=tuple(altered),
        notes=(
            *_notes(soft, [] if hard or altered else changed, steady=not wavering),
            *(f"{one} was made before exports had hashes, and is not proven." for one in unhashed),
            *(f"{name} is in no record, and not proven." for name in unknown),
        ),
        uncovered=(*(f"{one.place} ({one.part})" for one in soft), *unhashed, *unknown),
        cause=cause,
        again=second.manifest,
        tolerance=EXACT if home else ACROSS,
    )


def _page_differences(folder: Path, manifest: Manifest, page: Page) -> list[Difference]:
    """The page that is kept, where it is not the one that the record and the notebook give."""
    path = folder / REPORT
    if not path.is_file() or path.read_bytes() == page(folder, manifest, notebook_of(folder)):
        return []
    return [Difference("page", REPORT, "as it is kept", "as record and notebook give it")]


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
