"""Two runs compared in everything that they hold, and what of it decides."""

from collections.abc import Sequence
from pathlib import Path

from custlib.study.manifest import Manifest
from custlib.study.proof.differences import (
    ACROSS,
    EXACT,
    Difference,
    figure_differences,
    file_differences,
    finding_differences,
    sentence_differences,
)
from custlib.study.proof.displays import display_differences
from custlib.study.proof.tables import table_differences
from custlib.study.run.runner import Run


def number_differences(
    before: tuple[Path, Manifest], after: Run, *, strict: bool
) -> list[Difference]:
    """Findings, tables and files that came out otherwise; `strict` on the same kind of machine."""
    (folder, was), now, least = before, after.manifest, EXACT if strict else ACROSS
    return [
        *finding_differences(was.findings, now.findings, least=least),
        *table_differences((folder, was.tables), (after.folder, now.tables), least=least),
        *file_differences(was.data, now.data),
    ]


def look_differences(
    before: tuple[Path, Manifest], after: Run, told: Sequence[Difference] = ()
) -> list[Difference]:
    """What else came out otherwise: sentences, pictures, and what cells only display."""
    folder, manifest = before
    found = sentence_differences(manifest.findings, after.manifest.findings, told)
    found += figure_differences(manifest.figures, after.manifest.figures)
    return found + display_differences(folder, after.folder)


def sorted_out(
    numbers: Sequence[Difference],
    looks: Sequence[Difference],
    wavering: Sequence[Difference] = (),
    *,
    home: bool,
    changed: Sequence[str],
) -> tuple[list[Difference], list[Difference]]:
    """Differences that decide, and those that do not.

    Numbers always do. Words do as much, but a number in them may be rounded to the other side on
    another machine; anything that is looked at does where nothing has changed and a third run
    came to what the second did. What cells show follows from numbers that differ, and from chance.
    """
    unsteady = {(one.place, one.part) for one in wavering}

    def decides(one: Difference) -> bool:
        worded = one.reworded or (home and one.said is not None and one.said[0] != one.said[1])
        steady = (one.place, one.part) not in unsteady
        if one.place.startswith("cell "):
            return steady and not numbers and (worded or not changed)
        return worded or (steady and not changed)

    hard = [one for one in looks if decides(one)]
    return [*numbers, *hard], [one for one in looks if one not in hard]
