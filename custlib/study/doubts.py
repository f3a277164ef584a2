"""What a reader must know before believing a comparison of two runs."""

from pathlib import PurePosixPath

import pandas as pd

from custlib.study.manifest import Manifest
from custlib.study.movement import JUDGED, OTHER_WORDS, SHARED, TAKEN, TOLD, UNKNOWN, listed

# Files that describe the answers, and hold none.
DESCRIPTIONS = {".yaml", ".yml", ".json"}
USUAL_LEVEL = 0.95
DEPENDENT = (
    "Where findings rest on the same answers or customers, their difference is as a rule judged "
    "too cautiously, but too boldly where the same answers raise one and lower the other: of two "
    "changes that share a wave, 11 in 100 instead of 5 are called moved when nothing changed."
)
APART = "Say --independent where all answers are others."


def answers_of_both(before: Manifest, after: Manifest, independent: bool | None) -> str:
    """Whether the answers of two runs are independent: as told, else as far as the files say.

    A file in another version, at the same place, may hold the old answers or none of them.
    """
    if independent is not None:
        return TOLD if independent else SHARED
    ours, theirs = _answers_read(before), _answers_read(after)
    if ours.keys() & theirs.keys():
        return SHARED
    replaced = set(ours.values()) & set(theirs.values())
    return TAKEN if ours and theirs and not replaced else UNKNOWN


def notes_on_noise(findings: pd.DataFrame, differ: str, levels: list[float]) -> list[str]:
    """How the judgement was made, and how often chance alone would be called a movement."""
    judged = int(findings["movement"].isin(JUDGED).sum())
    if differ:
        told = f"The levels of the intervals differ ({differ})"
        return [f"{told}: whether a number moved beyond noise cannot be judged."]
    if not judged:
        return [
            "No finding that differs has an interval in both runs: none was judged against noise."
        ]
    counted = "1 finding was" if judged == 1 else f"{judged} findings were"
    told = "Intervals of level " + " or ".join(f"{one:g}" for one in levels)
    if not levels:
        told = f"No parameter tells the level of the intervals; at the usual {USUAL_LEVEL}"
    lowest = min(levels, default=USUAL_LEVEL)
    chance, at_most = judged * (1 - lowest), "at most" if len(levels) > 1 else "about"
    notes = [
        f"{counted} judged by the interval of the difference, made of the two intervals (MOVER): "
        "moved means that it leaves out 0. The noise is what the interval of a finding holds: that "
        "of a survey, of a model or of drawn weights, as its study says.",
        f"{told}: were the answers of the two runs independent and had nothing changed, chance "
        f"alone would call {at_most} {100 * (1 - lowest):.3g} in 100 moved, here "
        f"{f'{chance:.1f}' if chance >= 0.1 else 'less than 0.1'} of {judged}.",
    ]
    if findings["note"].str.contains(OTHER_WORDS, regex=False).any():
        notes.append(
            "A finding that names the largest, smallest or first of many may speak of another one "
            "in each run. Its difference is then not the change of one thing; read both sentences."
        )
    return notes


def notes_on_runs(before: Manifest, after: Manifest, runs: pd.DataFrame, answers: str) -> list[str]:
    """Whether the answers are independent, and what besides them may have made a difference."""
    if before.id == after.id:
        return ["Both are the same run, so nothing can differ."]
    ours, theirs = (_answers_read(run) for run in (before, after))
    shared = [PurePosixPath(ours[one]).name for one in ours if one in theirs]
    both = f"Both runs read the same {listed(shared)}. " if shared else ""
    notes = [both + _on_answers(answers, bool(shared), bool(ours and theirs))]
    if shared and set(ours) == set(theirs):
        what = listed(runs["name"].tolist()) or "nothing that is recorded differs"
        notes.append(
            "No file of answers differs: what moved comes from another choice of answers or "
            f"another way to compute ({what}), not from a new survey."
        )
    if (runs["part"] == "code").any():
        notes.append("The code differs: a difference of numbers may come from the method itself.")
    return notes


def _on_answers(answers: str, shared: bool, read: bool) -> str:
    if answers == TOLD:
        return f"Their answers are taken as independent, as told (--independent). {DEPENDENT}"
    if answers == TAKEN:
        return (
            "The runs read different files, so their answers are taken as independent, which the "
            f"records do not prove: the later file may hold the earlier answers too. {DEPENDENT} "
            "Say --same-answers where answers lie in both files."
        )
    told = "" if shared else "Both rest on the same answers, as told (--same-answers). "
    if answers == UNKNOWN:
        why = "A file of answers was replaced" if read else "The records name no file of answers"
        told = f"{why}: whether the answers are independent is not known. "
    return f"{told}{DEPENDENT} {APART}"


def _answers_read(run: Manifest) -> dict[str, str]:
    """Path by hash, of each file that holds answers."""
    files = [(one.sha256, one.path) for one in run.data]
    return {sha: path for sha, path in files if PurePosixPath(path).suffix not in DESCRIPTIONS}
