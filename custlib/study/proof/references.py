"""The committed numbers of each study at its defaults, which every version must find again."""

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from custlib.errors import StudyError
from custlib.places import put_file
from custlib.study.catalogue import find_study, list_studies, project_root
from custlib.study.manifest import (
    REFERENCE,
    DataFile,
    Manifest,
    Measured,
    NotebookSource,
    Record,
    Value,
)
from custlib.study.proof.causes import (
    Ground,
    cause_of,
    changed_grounds,
    is_same_place,
)
from custlib.study.proof.differences import (
    ABSENT,
    ACROSS,
    MEASURED,
    Difference,
    finding_differences,
    sentence_differences,
)
from custlib.study.proof.verification import Proof, Repetition
from custlib.study.run.execution import Step
from custlib.study.run.plan import plan_study

CHANGES, HEADING = "CHANGELOG.md", "### Numbers that changed"


class ReferencePlace(Record):
    """Packages and system that computed a reference; any processor will do."""

    python: str
    platform: str
    blas: str
    lock_sha256: str | None
    packages: dict[str, str]


class Reference(Record):
    """One study at its defaults: what went in, and every finding in full precision."""

    study: str
    notebook: NotebookSource
    parameters: dict[str, Value]
    data: list[DataFile]
    custlib_sha256: str
    environment: ReferencePlace
    findings: list[Measured]

    @property
    def ground(self) -> Ground:
        """What the numbers hang on, as far as a reference tells it."""
        place = self.environment
        return Ground(
            notebook=self.notebook.sha256,
            parameters=self.parameters,
            data=self.data,
            library=self.custlib_sha256,
            lock=place.lock_sha256,
            python=place.python,
            machine={"platform": place.platform, "blas": place.blas},
            packages=place.packages,
        )


@dataclass(frozen=True)
class Renewal:
    """A reference written anew: where, and which of its numbers are others than before."""

    path: Path
    study: str
    changed: tuple[Difference, ...]
    is_new: bool


def reference_of(manifest: Manifest) -> Reference:
    """The reference that a run at a study's defaults gives."""
    place = manifest.environment.model_dump(include=set(ReferencePlace.model_fields))
    return Reference(
        study=manifest.study,
        notebook=manifest.notebook,
        parameters=manifest.parameters,
        data=manifest.data,
        custlib_sha256=manifest.code.custlib_sha256,
        environment=ReferencePlace(**place),
        findings=[Measured(**one.model_dump(exclude={"cell"})) for one in manifest.findings],
    )


def read_reference(study: str, root: Path | None = None) -> Reference | None:
    """The committed reference of a study; None where there is none."""
    path = reference_path(study, root)
    try:
        return Reference.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise StudyError.because(
            f"The reference {path.name!r} cannot be used: {str(problem).splitlines()[0]}.",
            "Expected JSON as `make reference` writes it.",
            "Take it from the repository again; remove it only if nobody used its numbers.",
        ) from None


def reference_path(study: str, root: Path | None = None) -> Path:
    """Where the reference of a study is kept."""
    return _folder(root) / f"{study}.json"


def reference_differences(reference: Reference, manifest: Manifest) -> list[Difference]:
    """Findings of a run that are not those of the reference, within 1e-6 at least.

    Sentences are exact where the same packages computed both; elsewhere a rounded number in a
    sentence may fall to the other side, and its words may not.
    """
    found = finding_differences(reference.findings, manifest.findings, least=ACROSS)
    home = is_same_place(reference.ground, reference_of(manifest).ground)
    said = sentence_differences(reference.findings, manifest.findings, found)
    return found + [one for one in said if home or one.reworded]


def verify_reference(
    study: str,
    *,
    root: Path | None = None,
    timeout: float | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Proof:
    """Compute a study at its defaults and compare every finding with its committed reference.

    Parameters
    ----------
    study : str
        Name of a study. One without a reference differs, and so does a reference without a study.
    root, timeout, progress
        As in `verify_run`.

    Returns
    -------
    Proof

    Raises
    ------
    StudyError, ParameterError
        There is neither such a study nor a reference of that name, or the run failed.
    """
    reference = read_reference(study, root)
    names = {one.name for one in list_studies(root)}
    if reference is None or study not in names:
        if reference is None:
            find_study(study, root)
        return _lacking(study, reference is None)
    plan = plan_study(study, root=root)
    with tempfile.TemporaryDirectory(prefix="verify-", ignore_cleanup_errors=True) as temporary:
        repetition = Repetition(Path(temporary), timeout, progress, warm=True)
        second = repetition.run(plan, 2, reference.ground).manifest
        found = reference_differences(reference, second)
        changed = changed_grounds(reference.ground, reference_of(second).ground)
        third = repetition.run(plan, 3).manifest.findings if found else second.findings
        cause = cause_of(found, changed, finding_differences(second.findings, third))
    count = len(reference.findings)
    return Proof(study, count, 0, tuple(found), cause=cause, again=second)


def run_defaults(
    study: str,
    *,
    root: Path | None = None,
    timeout: float | None = None,
    progress: Callable[[Step], None] | None = None,
) -> Manifest:
    """The record of a study run at its defaults, of which nothing else is kept."""
    with tempfile.TemporaryDirectory(prefix="verify-", ignore_cleanup_errors=True) as temporary:
        plan = plan_study(study, root=root)
        return Repetition(Path(temporary), timeout, progress, warm=True).run(plan, 1).manifest


def reference_names(root: Path | None = None) -> list[str]:
    """Every study that there is, and every other name that has a reference."""
    names = [study.name for study in list_studies(root)]
    return names + sorted({path.stem for path in _folder(root).glob("*.json")} - {*names})


def renew_references(
    manifests: Sequence[Manifest], *, because: str | None = None, root: Path | None = None
) -> list[Renewal]:
    """Write the references anew; changed numbers are told in the CHANGELOG in the same step.

    Parameters
    ----------
    manifests : sequence of Manifest
        Of runs at their studies' defaults.
    because : str, optional
        Why numbers changed, as words that end a sentence. Without it changed numbers are refused.
    root : Path, optional
        Project whose references they are.

    Returns
    -------
    list of Renewal

    Raises
    ------
    StudyError
        Numbers changed and nobody says why, or the CHANGELOG has no place for them; then nothing
        is written.
    """
    root = (root or project_root()).resolve()
    renewals = []
    for manifest in manifests:
        former = read_reference(manifest.study, root)
        changed = _changed(former, manifest) if former else []
        path = reference_path(manifest.study, root)
        renewals.append(Renewal(path, manifest.study, tuple(changed), former is None))
    lines = [line for renewal in renewals for line in change_lines(renewal, because or "")]
    if lines:
        put_file(root / CHANGES, _with_lines(root / CHANGES, lines, because).encode())
    for manifest, renewal in zip(manifests, renewals, strict=True):
        renewal.path.parent.mkdir(parents=True, exist_ok=True)
        content = _renewed(manifest, renewal, root).model_dump()
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        put_file(renewal.path, f"{text}\n".encode())
    return renewals


def change_lines(renewal: Renewal, because: str) -> list[str]:
    """Lines of the CHANGELOG, one for each number that changed: study, key, was, is, and why."""
    end = f": {because.strip().rstrip('.')}." if because.strip() else "."
    return [
        f"* `{renewal.study}`, {' '.join(filter(None, [one.place, one.part]))}: "
        f"was {one.was!r}, is {one.now!r}{end}"
        for one in renewal.changed
    ]


def _changed(former: Reference, manifest: Manifest) -> list[Difference]:
    """Numbers that are others now; a new finding has none that somebody may have used."""
    found = finding_differences(former.findings, manifest.findings, least=ACROSS)
    return [one for one in found if one.was != ABSENT]


def _renewed(manifest: Manifest, renewal: Renewal, root: Path) -> Reference:
    """The new reference; a number that is as before stays to the digit, so that none can creep."""
    former, reference = read_reference(manifest.study, root), reference_of(manifest)
    moved = {one.place for one in renewal.changed}
    kept = {
        one.key: one.model_dump(include={*MEASURED})
        for one in (former.findings if former else ())
        if f"finding {one.key}" not in moved
    }
    findings = [one.model_copy(update=kept.get(one.key, {})) for one in reference.findings]
    return reference.model_copy(update={"findings": findings})


def _with_lines(path: Path, lines: list[str], because: str | None) -> str:
    """The CHANGELOG with these lines first under its first heading of changed numbers."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    parts = re.split(rf"(?m)^({re.escape(HEADING)})\s*$\n", text, maxsplit=1)
    if because is None or not because.strip() or len(parts) != 3:
        count = f"{len(lines)} number{'s' if len(lines) != 1 else ''} of the references changed"
        lacking = "nobody says why" if len(parts) == 3 else f"{path.name} has no {HEADING!r}"
        raise StudyError.because(
            f"{count}, and {lacking}:\n" + "\n".join(lines),
            f"Expected each to stand in {path.name} under {HEADING!r}, with its cause.",
            "Nothing was written. Pass the cause and the lines are written there: "
            "make reference BECAUSE='the variance now counts strata'.",
        )
    rest = re.sub(r"\A\n*None\b[^\n]*\n", "\n", parts[2])
    new = [line for line in lines if line not in rest.splitlines()]
    gap = "" if rest.startswith("* ") else "\n"
    return "\n".join([parts[0] + parts[1], *new]) + f"\n{gap}" + rest.lstrip("\n")


def _lacking(study: str, no_reference: bool) -> Proof:
    """A study without its reference, or a reference without its study."""
    pair = (ABSENT, "a study") if no_reference else ("a reference", ABSENT)
    cause = (
        "there is no reference of this study; `make reference` writes it."
        if no_reference
        else "there is a reference, and no study of this name any more; remove the reference."
    )
    return Proof(study, 0, 0, (Difference(f"study {study}", "", *pair),), cause=cause)


def _folder(root: Path | None) -> Path:
    return (root or project_root()) / "reports" / REFERENCE
