"""What went into a run, told from its record: parameters, files with their cards, citation."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

import custlib
from custlib.places import CHECKOUT, card_files
from custlib.report.digits import MARKS, MISSING
from custlib.report.words import Words, catalogue
from custlib.study.manifest import DataFile, Declared, Manifest

SIMULATED = "simulated"
CARD_TEXTS = ("title", "kind", "why", "how", "source", "licence", "units")


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter of a run as a reader sees it."""

    name: str
    value: str
    default: str | None
    meaning: str
    changed: bool


def language_of(manifest: Manifest) -> str:
    """Language a run was asked to speak; English where it was not, or where it is not known."""
    spoken = manifest.parameters.get("language")
    return spoken if isinstance(spoken, str) and spoken in MARKS else "en"


def parameter_rows(manifest: Manifest, language: str = "en") -> list[ParameterRow]:
    """Parameters of a run, those that were changed first, with what their cell says of them."""
    say = catalogue(language)
    rows = [
        _parameter_row(name, value, manifest.declared.get(name), name in manifest.changed, say)
        for name, value in manifest.parameters.items()
    ]
    return sorted(rows, key=lambda row: not row.changed)


def parameter_text(value: Any, say: Words | None = None) -> str:
    """A parameter as one would type it."""
    say = say or catalogue("en")
    if value is None:
        return say("none")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, list | tuple):
        return ", ".join(parameter_text(one, say) for one in value) or say("none")
    return str(value) or MISSING


def data_cards(manifest: Manifest, folder: Path) -> list[dict[str, Any]]:
    """Cards of the project's data sets whose tables went in, whatever path they came by.

    A table is known by its hash, so a copy of a simulated file is still called simulated.
    """
    hashes = {file.sha256 for file in manifest.data}
    homes = [*folder.resolve().parents, CHECKOUT]
    found = (
        [card for card in map(_card, card_files(home).values()) if hashes & {*_table_hashes(card)}]
        for home in homes
    )
    return next(filter(None, found), [])


def simulated_tables(place: Path) -> set[str]:
    """Hashes of the tables of simulated data sets, by the cards of the projects around a place."""
    homes = {*place.resolve().parents, CHECKOUT}
    cards = [_card(path) for home in homes for path in card_files(home).values()]
    return {one for card in cards if card.get("kind") == SIMULATED for one in _table_hashes(card)}


def is_simulated(manifest: Manifest, tables: set[str]) -> bool:
    """Whether a table of these went into the run."""
    return any(file.sha256 in tables for file in manifest.data)


def tables_that_went_in(manifest: Manifest, cards: list[dict[str, Any]]) -> list[DataFile]:
    """Files to list: of a data set its tables, of anything else every file."""
    known = {table for card in cards for table in _table_hashes(card)}
    beside = {Path(file.path).parent for file in manifest.data if file.sha256 in known}
    return [
        file
        for file in manifest.data
        if file.sha256 in known
        or Path(file.path).parent not in beside
        or file.parameter not in (None, "data")
    ] or list(manifest.data)


def day(moment: str, language: str = "en") -> str:
    """Date of a moment in words; the text itself where it is no moment."""
    try:
        date = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return catalogue(language).date(date)


def citation(manifest: Manifest, cards: list[dict[str, Any]]) -> str:
    """One line under which a reader finds this very run again."""
    language = language_of(manifest)
    say = catalogue(language)
    version = manifest.environment.packages.get("custlib", custlib.__version__)
    names = [card["title"] for card in cards] or [Path(one.path).name for one in manifest.data]
    parts = [
        manifest.question.rstrip("."),
        say(
            "Run {id} of the study {study}, {day}",
            id=manifest.id[:12],
            study=manifest.study,
            day=day(manifest.runtime.started, language).rstrip("."),
        ),
        say("Computed with custlib {version}", version=version),
        *([say("Data: {names}", names="; ".join(names))] if names else []),
    ]
    return " ".join(part if part.endswith(("?", "!")) else f"{part}." for part in parts)


def _parameter_row(
    name: str, value: Any, told: Declared | None, changed: bool, say: Words
) -> ParameterRow:
    """A row of the list; a record may hold values of which it does not tell the cell."""
    text = parameter_text(value, say)
    if told is None:
        return ParameterRow(name, text, None, "", changed)
    meaning = "; ".join(filter(None, [told.meaning, told.limits]))
    return ParameterRow(name, text, parameter_text(told.default, say), meaning, changed)


def _card(path: Path) -> dict[str, Any]:
    """A data set's card as text by field; empty where it cannot be read."""
    try:
        content = _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    if not isinstance(content, dict):
        return {}
    texts = {name: " ".join(str(content.get(name, "")).split()) for name in CARD_TEXTS}
    return texts | {"tables": content.get("tables")}


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    """Content of a card; the same cards are asked of every run of a sweep."""
    return yaml.safe_load(text)


def _table_hashes(card: dict[str, Any]) -> list[str]:
    tables = card.get("tables")
    parts = tables.values() if isinstance(tables, dict) else []
    return [part["sha256"] for part in parts if isinstance(part, dict) and "sha256" in part]
