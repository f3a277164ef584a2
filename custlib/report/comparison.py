"""Two runs side by side for people: a page with a picture a number, a table, and plain lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from custlib.places import put_file
from custlib.report.page import document
from custlib.report.paired import Entry, entry_of, shortened
from custlib.report.provenance import day, is_simulated, parameter_text, simulated_tables
from custlib.study.manifest import CHANGES, Manifest

# Each finding stands in the first section it belongs to; the same ones are only counted.
OTHERS = ", if the answers are others"
MOVED, WITHIN = "Moved beyond the noise of its interval", "Within the noise of its interval"
MOVED_IF, WITHIN_IF = MOVED + OTHERS, WITHIN + OTHERS
VERDICT, CHANGED = "Verdict changed", "Changed, with no noise to judge by"
NEW, VANISHED, CANNOT = "New", "Vanished", "Cannot be judged"
SAME_VALUE = "Same value, but another interval or n"
SECTIONS = {
    "moved": MOVED,
    "moved if independent": MOVED_IF,
    "within noise": WITHIN,
    "within noise if independent": WITHIN_IF,
    "same value": SAME_VALUE,
    "cannot be judged": CANNOT,
    "new": NEW,
    "vanished": VANISHED,
    **dict.fromkeys(("changed", "now computed", "no longer computed"), CHANGED),
}
TOLD = {
    MOVED: "moved beyond the noise of its interval",
    MOVED_IF: "moved if the answers are others",
    VERDICT: "with another verdict",
    CHANGED: "changed with no noise to judge by",
    NEW: "new",
    VANISHED: "vanished",
    CANNOT: "that cannot be judged",
    WITHIN_IF: "within the noise if the answers are others",
    WITHIN: "within the noise",
    SAME_VALUE: "of the same value with another interval or n",
}
ORDER = (MOVED, MOVED_IF, VERDICT, CHANGED, NEW, VANISHED, CANNOT, WITHIN_IF, WITHIN, SAME_VALUE)
SAFE, LONGEST, CELL, LABEL = "-_.", 60, 34, 24


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that the page and the lines of a terminal say of two runs."""

    runs: tuple[Manifest, Manifest]
    labels: tuple[str, str]
    differing: list[tuple[str, str, str]]
    sections: dict[str, list[Entry]]
    same: int
    notes: Sequence[str]

    @property
    def summary(self) -> str:
        """The answer in one line: each finding once, under the heading it stands below."""
        counts = {TOLD[title]: len(entries) for title, entries in self.sections.items()}
        told = [f"{count} {words}" for words, count in (counts | {"the same": self.same}).items()]
        total = sum(counts.values()) + self.same
        shown = [text for text in told if not text.startswith("0 ")] or ["none in either run"]
        return f"{total} finding{'s' if total != 1 else ''}: {', '.join(shown)}."


def compared(
    before: Manifest,
    after: Manifest,
    findings: pd.DataFrame,
    runs: pd.DataFrame,
    notes: Sequence[str] = (),
) -> Comparison:
    """Two runs as people read them.

    Parameters
    ----------
    before, after : Manifest
        Records of the two runs.
    findings, runs : DataFrame
        What became of each finding, and what differs between the runs, as `compare_runs` of
        `custlib.study.changes` tells it.
    notes : list of str
        How far the judgement can be trusted.

    Returns
    -------
    Comparison, for `write_comparison` and `text_lines`.
    """
    labels = _labels(runs)
    sections: dict[str, list[Entry]] = {title: [] for title in ORDER}
    same = 0
    for row in findings.astype(object).where(findings.notna(), None).to_dict("records"):
        entry = entry_of(row, labels)
        title = SECTIONS.get(row["movement"])
        if len(entry.verdicts) > 1 and title not in (MOVED, MOVED_IF):
            title = VERDICT
        if title is None:
            same += 1
        else:
            sections[title].append(entry)
    return Comparison((before, after), labels, list(_differing(runs)), sections, same, notes)


def write_comparison(
    reports: Path,
    comparison: Comparison,
    findings: pd.DataFrame,
    links: tuple[str | None, str | None] = (None, None),
) -> tuple[Path, Path]:
    """Write the page and the table of two runs below `changes/` of a folder of reports.

    Parameters
    ----------
    reports : Path
        Folder of reports.
    comparison : Comparison
        What `compared` made of the two runs.
    findings : DataFrame
        Written as CSV in full precision; lists as JSON.
    links : tuple of str or None
        Address of the report of each run, seen from the page.

    Returns
    -------
    Paths of the page and of the table, named by the two runs.

    Raises
    ------
    OSError
        The folder cannot be written to.
    """
    home = reports / CHANGES
    home.mkdir(parents=True, exist_ok=True)
    name = "--".join(map(_file_name, comparison.runs))
    page, table = home / f"{name}.html", home / f"{name}.csv"
    told = zip(comparison.labels, comparison.runs, links, strict=True)
    tables, labelled = simulated_tables(page), zip(comparison.labels, comparison.runs, strict=True)
    text = document(
        "changes.html",
        comparison=comparison,
        simulated=[label for label, run in labelled if is_simulated(run, tables)],
        runs=[(label, run, day(run.runtime.started), link) for label, run, link in told],
    )
    put_file(page, text.encode())
    plain = findings.assign(**{
        name: findings[name].map(lambda one: json.dumps(one, ensure_ascii=False)
                                 if isinstance(one, list) else one)
        for name in ("value_before", "value_after")
    })  # fmt: skip
    put_file(table, plain.to_csv(index=False, lineterminator="\n").encode())
    return page, table


def text_lines(comparison: Comparison) -> Iterator[str]:
    """Lines for a terminal: moved first, the same ones counted, the notes last."""
    run = comparison.runs[0]
    yield _line(run.question)
    for name, before, after in comparison.differing:
        yield _line(f"{name}: {before} → {after}")
    yield comparison.summary
    entries = [(title, one) for title in ORDER for one in comparison.sections[title]]
    table = [["finding", *comparison.labels, "difference", "basis"]]
    table += [[one.key, *one.texts, one.difference, one.basis] for _, one in entries]
    plain = [list(map(_line, row)) for row in table]
    cells = [[shortened(cell, CELL) for cell in row[:3]] + row[3:] for row in plain]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    last = None
    if entries:
        yield f"\n  {lines[0]}"
    for (title, entry), line in zip(entries, lines[1:], strict=True):
        if title != last:
            yield f"{title} ({len(comparison.sections[title])})"
        last = title
        yield f"  {line}"
        if len(entry.verdicts) > 1:
            yield _line(f"    verdict: {' → '.join(entry.verdicts)}")
        if entry.note:
            yield _line(f"    {entry.note}")
    yield f"Same: {comparison.same}.\n"
    yield from (f"* {_line(note)}" for note in comparison.notes)


def _labels(runs: pd.DataFrame) -> tuple[str, str]:
    """Names of the two runs: the one parameter in which they differ, else before and after."""
    rows = runs[runs["part"] == "parameter"].to_dict("records")
    if len(rows) == 1:
        before, after = (
            shortened(parameter_text(rows[0][one]), LABEL) for one in ("before", "after")
        )
        if before.strip() and after.strip() and before != after:
            return before, after
    return "before", "after"


def _differing(runs: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Name and both values of each thing that differs, hashes by their head."""
    for row in runs.to_dict("records"):
        hashed = row["part"] in ("data", "code") or row["name"] == "lock file"
        texts = [
            (row[one][:12] if row[one] else "not read")
            if hashed
            else shortened(parameter_text(row[one]), 200)
            for one in ("before", "after")
        ]
        yield f"{row['part']} {row['name']}", texts[0], texts[1]


def _file_name(run: Manifest) -> str:
    """Name of a run as part of a file's name: nothing in it leads to another folder."""
    slug, head = (
        "".join(one if one.isascii() and (one.isalnum() or one in SAFE) else "-" for one in text)
        for text in (run.slug[:LONGEST], run.id[:8])
    )
    return f"{slug}-{head}".strip(SAFE) or "run"


def _line(text: str) -> str:
    """Text on one line, without signs that would steer a terminal."""
    return "".join(one if one.isprintable() else " " for one in text)
