"""Two runs of one study side by side: what moved, beyond noise or within it, and what else did."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from custlib.errors import StudyError
from custlib.study.doubts import answers_of_both, notes_on_noise, notes_on_runs
from custlib.study.manifest import Finding, Manifest
from custlib.study.movement import (
    JUDGED,
    NEW,
    OTHER_WORDS,
    SMALL_STEP,
    VANISHED,
    WITHIN,
    Movement,
    movement_of,
    other_words,
)

LEVEL = "_level"
COLUMNS = (
    *("key", "value_before", "low_before", "high_before", "n_before", "unit_before"),
    *("value_after", "low_after", "high_after", "n_after", "unit_after"),
    *("estimate", "ci_low", "ci_high", "conf_level", "movement", "basis"),
    *("verdict_before", "verdict_after", "note", "sentence_before", "sentence_after"),
)
FLOATS = {"estimate", "ci_low", "ci_high", "conf_level"} | {
    f"{end}_{when}" for end in ("low", "high") for when in ("before", "after")
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of each finding between two runs, and what differs between the runs.

    `findings` has a row a key: value, interval, n, unit and verdict before and after, the
    difference (`estimate`, after less before) with `ci_low` and `ci_high`, the `movement` and its
    `basis`, `note`, both sentences. `runs` has a row for each thing that differs: `part`, `name`,
    `before`, `after`. `notes` say how far the judgement can be trusted.
    """

    before: Manifest
    after: Manifest
    findings: pd.DataFrame
    runs: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def judged(self) -> int:
        """Findings whose difference was held against its interval."""
        return int(self.findings["movement"].isin(JUDGED).sum())


def compare_runs(before: Manifest, after: Manifest, *, independent: bool | None = None) -> Changes:
    """Which findings differ between two runs of a study, and whether beyond their own noise.

    Parameters
    ----------
    before, after : Manifest
        Records of two runs that ended well: of two waves, two markets, two ways to compute.
    independent : bool, optional
        Whether the answers of the two runs are independent, which no record tells. By default
        they are taken as independent where all files of answers are others, as shared where
        both read an equal file, and as not known where a file was replaced or none is recorded.

    Returns
    -------
    Changes
        findings, runs, notes; `movement` is one of moved, moved if independent, within noise,
        within noise if independent, same, same value, changed, cannot be judged, now computed,
        no longer computed, not computed, new, vanished.

    Raises
    ------
    StudyError
        Runs of different studies, a run that failed, or runs without any finding.

    Notes
    -----
    A number has moved where the interval of its difference, made of the two findings' own
    intervals (MOVER), leaves out 0. That takes the answers of the two runs for independent, and
    both intervals for intervals of one level. A finding does not say which level its interval
    has, so nothing is judged where a parameter named `*_level` differs. It does not correct for
    the number of findings: the notes say how many would be called moved by chance.
    """
    _require_comparable(before, after)
    runs = _differences(before, after)
    differ, level = _levels(before, runs)
    answers = answers_of_both(before, after, independent)
    spoken = [
        str(one)
        for row in runs[runs["part"] == "parameter"].to_dict("records")
        for value in (row["before"], row["after"])
        for one in (value if isinstance(value, list) else [value])
    ]
    spoken += [one.replace("_", " ") for one in spoken]
    first, second = ({one.key: one for one in run.findings} for run in (before, after))
    how = {"answers": answers, "levels": differ}
    rows = [_row(first.get(key), second.get(key), how, spoken) for key in {**first, **second}]
    findings = _table(rows)
    judged = findings["movement"].isin(JUDGED)
    findings.loc[judged, "conf_level"] = level[0] if len(level) == 1 else float("nan")
    noise = notes_on_noise(findings, differ, level)
    notes = (*notes_on_runs(before, after, runs, answers), *noise)
    return Changes(before, after, findings, runs, notes)


def _require_comparable(before: Manifest, after: Manifest) -> None:
    for run, name in ((before, "first"), (after, "second")):
        if run.status != "ok":
            raise StudyError.because(
                f"The {name} run, {run.slug}-{run.id[:8]}, ended with status {run.status}.",
                "Expected two runs that ended well: what a failed one found may be wrong.",
                "Run it again: `custlib run STUDY`, with the same parameters.",
            )
    ours, theirs = ((run.study, run.notebook.path) for run in (before, after))
    if ours != theirs:
        raise StudyError.because(
            f"The first run is of {ours[0]} ({ours[1]}), the second of {theirs[0]} ({theirs[1]}).",
            "Expected two runs of the same study: only then do equal keys mean the same quantity.",
            "Pass two runs of one study; for a new file, run the old notebook again with"
            " `-p data=NEW_FILE` (and `-p codebook=…` where its codebook is another).",
        )
    if not before.findings and not after.findings:
        raise StudyError.because(
            f"Neither run of {before.study} recorded a finding.",
            "Expected findings to compare.",
            "Record what the study finds with `study.find`, and run it again.",
        )


def _levels(run: Manifest, runs: pd.DataFrame) -> tuple[str, list[float]]:
    """How the levels of the intervals differ between the runs, and the levels of both if not."""
    rows = runs[(runs["part"] == "parameter") & runs["name"].str.endswith(LEVEL)]
    parts = [f"{row.name} {row.before} before, {row.after} after" for row in rows.itertuples()]
    named = [value for name, value in run.parameters.items() if name.endswith(LEVEL)]
    levels = {one for one in named if isinstance(one, float) and 0 < one < 1}
    return "; ".join(parts), sorted(levels)


def _row(
    before: Finding | None,
    after: Finding | None,
    how: dict[str, str],
    spoken: list[str],
) -> dict[str, Any]:
    """Row of one key, which at least one run has; `how` it is judged where both have it."""
    present = before or after
    row: dict[str, Any] = {"key": present.key if present else ""}
    for when, finding in (("before", before), ("after", after)):
        told = finding.model_dump() if finding else {}
        names = ("value", "low", "high", "n", "unit", "verdict", "sentence")
        row |= {f"{name}_{when}": told.get(name) for name in names}
    if before is None or after is None:
        movement = Movement(VANISHED if before else NEW, "in one run only")
    else:
        movement = movement_of(before, after, **how)
    row |= {"movement": movement.word, "basis": movement.basis, "estimate": movement.estimate}
    row |= {"ci_low": movement.ci_low, "ci_high": movement.ci_high, "conf_level": None}
    notes = [movement.note]
    if before and after:
        if movement.word == WITHIN and before.verdict != after.verdict:
            notes.append(SMALL_STEP)
        if movement.estimate == movement.estimate and other_words(before, after, spoken):
            notes.append(OTHER_WORDS)
    return row | {"note": "; ".join(filter(None, notes))}


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a table of fixed columns and dtypes, however few of them hold anything."""
    columns = {}
    for name in COLUMNS:
        values = [row[name] for row in rows]
        if name in FLOATS:
            columns[name] = pd.Series(pd.to_numeric(pd.Series(values, dtype=object)), dtype=float)
        else:
            kind = "Int64" if name in ("n_before", "n_after") else object
            columns[name] = pd.Series(values, dtype=kind)
    return pd.DataFrame(columns)


def _differences(before: Manifest, after: Manifest) -> pd.DataFrame:
    """Everything that went into one run and not, or not so, into the other."""
    rows: list[tuple[str, str, Any, Any]] = []
    names = {**before.parameters, **after.parameters}
    rows += [
        ("parameter", name, before.parameters.get(name), after.parameters.get(name))
        for name in names
    ]
    files, others = ({(one.parameter, one.path): one.sha256 for one in run.data}
                     for run in (before, after))  # fmt: skip
    rows += [("data", key[1], files.get(key), others.get(key)) for key in {**files, **others}]
    rows += [("code", "notebook", before.notebook.sha256, after.notebook.sha256)]
    rows += [("code", "custlib", before.code.custlib_sha256, after.code.custlib_sha256)]
    old, new = before.environment, after.environment
    rows += [
        ("environment", "lock file", old.lock_sha256, new.lock_sha256),
        ("environment", "Python", old.python, new.python),
        ("environment", "platform", old.platform, new.platform),
    ]
    differing = [row for row in rows if row[2] != row[3] or type(row[2]) is not type(row[3])]
    return pd.DataFrame(differing, columns=["part", "name", "before", "after"], dtype=object)
