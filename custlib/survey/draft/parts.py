"""The parts of a draft: scales, items, groups and design as the codebook's mapping has them."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from custlib.survey.codebook.parts import canonical
from custlib.survey.draft.answers import PLACES, RANKING, Answers, sorted_cells, wordings
from custlib.survey.draft.kinds import MOST_VALUES
from custlib.survey.draft.ladders import direction
from custlib.survey.draft.naming import (
    LONGEST_NAME,
    distinct,
    one_line,
    short_label,
    short_name,
    unique_name,
    without_stem,
)
from custlib.survey.draft.observed import Observed
from custlib.survey.draft.verdicts import DESIGN, DIRECTION, TURNED, Kind, chosen
from custlib.survey.draft.vocabulary import is_named

Columns = Mapping[str, Observed]
Kinds = Mapping[str, Kind]
Names = Mapping[str, tuple[str, str]]

PROMOTER_SCALES = {(0, 10), (1, 10)}
SLUG = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(slots=True)
class Parts:
    """A codebook's mapping while it is drafted, and what is to be said about its keys.

    `doubtful` names by kind of doubt the items to look at, `outcomes` the items that judge the
    whole, `recommend` the one of them that asks whether customers would recommend, `ranks` the
    items that are places in a ranking.
    """

    mapping: dict[str, Any]
    comments: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    doubtful: dict[str, list[str]] = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)
    ranks: list[str] = field(default_factory=list)
    recommend: str | None = None

    def note(self, *path: str, text: str) -> None:
        """Say something above a key."""
        self.comments.setdefault(path, []).append(text)


def draft_parts(columns: Columns, kinds: Kinds, title: str) -> Parts:
    """Every part of the codebook that the columns and their kinds allow."""
    parts = Parts({"title": title})
    for kind in DESIGN:
        for name in chosen(kinds, kind):
            parts.mapping[kind] = name
            parts.note(kind, text=f"guessed from {kinds[name].reason}")
    taken = set(columns)
    items = [name for name, one in kinds.items() if one.answers is not None]
    names = _names(items, _labels(items, columns, kinds), taken)
    groups = list(chosen(kinds, "group"))
    group_names = _names(groups, _labels(groups, columns, kinds), taken)
    _find_outcomes(parts, names, columns, kinds)
    kinds = {**kinds, **_places(items, columns, kinds)}
    scales = _add_scales(parts, items, columns, kinds)
    _add_blocks(parts, names, kinds, scales, taken)
    for column, (name, label) in names.items():
        asked = columns[column].column
        wording = one_line(" – ".join(filter(None, (asked.question, asked.part))))
        if wording and wording != label:
            parts.mapping["items"][name]["wording"] = wording
    parts.mapping["groups"] = {}
    for column, (name, label) in group_names.items():
        parts.mapping["groups"][name] = _group(columns[column], name, label)
        parts.note("groups", name, text=f"guessed from {kinds[column].reason}")
        if doubt := kinds[column].doubt:
            parts.note("groups", name, text=f"look at: {doubt}")
            parts.doubtful.setdefault(doubt, []).append(name)
    return parts


def _labels(chosen_columns: list[str], columns: Columns, kinds: Kinds) -> dict[str, str]:
    """A label for each column, without the question that a battery's labels begin with."""
    texts = {}
    for name in chosen_columns:
        column = columns[name].column
        told = one_line(column.part) or one_line(column.question) or one_line(name)
        spoken = told.replace("_", " ").strip() if told == name else told
        texts[name] = spoken[:1].upper() + spoken[1:]
    by_battery: dict[str, list[str]] = {}
    for name in chosen_columns:
        by_battery.setdefault(kinds[name].battery, []).append(name)
    for battery, members in by_battery.items():
        if battery and len(members) > 1:
            shortened = without_stem([texts[name] for name in members])
            texts |= dict(zip(members, shortened, strict=True))
    return {name: short_label(text) for name, text in texts.items()}


def _names(chosen_columns: list[str], labels: Mapping[str, str], taken: set[str]) -> Names:
    """Name and label of each column's variable; no name is that of another column."""
    names: dict[str, str] = {}
    for column in chosen_columns:
        is_code = len(column) <= LONGEST_NAME and len(column.split()) < 3
        name = short_name(column if is_code else labels[column], column)
        names[column] = unique_name(name, taken - {column})
        taken.add(names[column])
    shown = distinct((names[column], labels[column]) for column in chosen_columns)
    return {column: (name, shown[name]) for column, name in names.items()}


def _find_outcomes(parts: Parts, names: Names, columns: Columns, kinds: Kinds) -> None:
    """Items that judge the whole: would they recommend, and how satisfied are they overall."""
    for column, (name, _) in names.items():
        answers, texts = kinds[column].answers, columns[column].texts
        ends = (answers.low, answers.high) if answers else None
        on_promoter_scale = ends in PROMOTER_SCALES
        if on_promoter_scale and is_named("recommend", *texts):
            parts.recommend = parts.recommend or name
            parts.outcomes.append(name)
            parts.note(
                "items", name, text="asks for a recommendation: the net promoter score is of it"
            )
        elif is_named("overall", *texts) and not columns[column].column.part:
            parts.outcomes.append(name)
            parts.note("items", name, text="judges the whole: kept out of the blocks")
        elif is_named("rank", *texts):
            parts.ranks.append(name)
            parts.note("items", name, text="a place in a ranking: kept out of the blocks")
        elif ends == (0, 10):
            parts.note("items", name, text="answered from 0 to 10: would they recommend?")
    if len(parts.outcomes) + len(parts.ranks) == len(names):
        parts.outcomes, parts.ranks = [], []


def _places(items: list[str], columns: Columns, kinds: Kinds) -> dict[str, Kind]:
    """Items that are places in a ranking, on a scale from 1 to the last place of that ranking."""
    given: dict[str, set[int]] = {}
    for column in items:
        answers, texts = kinds[column].answers, columns[column].texts
        is_place = is_named("rank", *texts) and not is_named("recommend", *texts)
        if answers and answers.low == 1 and not answers.labels and is_place:
            cells = sorted_cells(columns[column])
            given[column] = {one for one in cells.codes if str(one) not in answers.missing}
    found = {}
    for column, codes in given.items():
        kind = kinds[column]
        asked = (given[one] for one in given if kind.battery == kinds[one].battery != "")
        last = max(codes.union(*asked))
        answers = replace(kind.answers, high=last, basis=RANKING, doubts={})  # type: ignore[type-var]
        found[column] = replace(kind, reason=RANKING, answers=answers, doubt="")
    return found


def _add_scales(parts: Parts, items: list[str], columns: Columns, kinds: Kinds) -> dict[str, str]:
    """One scale for all items that are answered alike; the name of each item's scale."""
    scales: dict[tuple, str] = {}
    said: dict[str, Counter] = {}
    parts.mapping["scales"] = {}
    for column in items:
        answers = kinds[column].answers
        if answers is None:
            continue
        if answers.scale not in scales:
            what = "places" if answers.basis == RANKING else "from"
            name = f"{what}_{answers.low}_to_{answers.high}"
            name = unique_name(name, parts.mapping["scales"])
            scales[answers.scale] = name
            parts.mapping["scales"][name] = _scale(answers)
            parts.note("scales", name, text=f"guessed from {answers.basis}")
        scale = parts.mapping["scales"][scales[answers.scale]]
        words = said.setdefault(scales[answers.scale], Counter())
        words.update(wordings(columns[column]))
        if answers.missing:
            known = {code: text or "" for code, text in scale.get("missing", {}).items()}
            # What the file itself says of a code stays, whatever is guessed in another column.
            guesses = {code: answers.missing[code] for code in answers.guessed}
            told = {code: text for code, text in answers.missing.items() if code not in guesses}
            # Of several wordings the most frequent one stays.
            told |= {code: text for (code, text), _ in reversed(words.most_common())}
            scale["missing"] = _or_nothing(told_apart(guesses | known | told))
    return {column: scales[kinds[column].answers.scale] for column in items}  # type: ignore[union-attr]


def _scale(answers: Answers) -> dict[str, Any]:
    known: dict[str, Any] = {"low": answers.low, "high": answers.high}
    shown = {str(code): text for code, text in sorted(answers.labels.items())}
    labels = {code: text for code, text in told_apart(shown).items() if text}
    return known | ({"labels": labels} if labels else {})


def told_apart(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels, or reasons, that no other code is written as; a word that is one needs no entry."""
    texts = {canonical(text) for text in labels.values()}
    kept = {code: text for code, text in labels.items() if text or canonical(code) not in texts}
    owners: dict[str, str] = {canonical(code): code for code in kept}
    for code, text in kept.items():
        spelling = canonical(text)
        if spelling and owners.setdefault(spelling, code) != code:
            kept[code] = f"{text} ({code})"
            if owners.setdefault(canonical(kept[code]), code) != code:
                kept[code] = ""
    return kept


def _add_blocks(
    parts: Parts, names: Names, kinds: Kinds, scales: Mapping[str, str], taken: set[str]
) -> None:
    """Items with their blocks: what was asked together on one scale, and the rest of them."""
    together: dict[tuple[str, str], list[str]] = {}
    for column, (name, _) in names.items():
        if name not in {*parts.outcomes, *parts.ranks}:
            together.setdefault((kinds[column].battery, scales[column]), []).append(column)
    parts.mapping |= {"blocks": {}, "items": {}}
    block_of: dict[str, str] = {}
    lone = [one for key, some in together.items() if not key[0] or len(some) < 2 for one in some]
    batteries = [(key[0], some) for key, some in together.items() if some[0] not in lone]
    for battery, members in [*batteries, ("", lone)]:
        block = unique_name(short_name(battery or "other_questions"), taken)
        taken.add(block)
        if members:
            label = short_label(battery.strip("_ .")) or "Other questions"
            parts.mapping["blocks"][block] = {"label": label}
            block_of |= dict.fromkeys(members, block)
    for column, (name, label) in names.items():
        item = {} if name == column else {"column": column}
        item |= {"label": label, "scale": scales[column]}
        item |= {"block": block_of[column]} if column in block_of else {}
        parts.mapping["items"][name] = item
        kind = kinds[column]
        parts.note("items", name, text=f"guessed from {kind.reason}")
        _note_doubts(parts, name, kind)


def _note_doubts(parts: Parts, name: str, kind: Kind) -> None:
    """Which way an item's answers run, where its labels tell, and all that is doubtful about it."""
    labels, found = (kind.answers.labels, kind.answers.doubts) if kind.answers else ({}, {})
    doubts = found | ({kind.doubt: kind.doubt} if kind.doubt else {})
    way = direction(labels)
    if way < 0:
        parts.mapping["items"][name]["reversed"] = True
        doubts |= {TURNED: TURNED}
    for what, doubt in doubts.items():
        parts.note("items", name, text=f"look at: {doubt}")
        parts.doubtful.setdefault(what, []).append(name)
    if not way and PLACES not in doubts and name not in {parts.recommend, *parts.ranks}:
        parts.doubtful.setdefault(DIRECTION, []).append(name)


def _group(one: Observed, name: str, label: str) -> dict[str, Any]:
    """A group with the values that occur, and those the file has labels for."""
    cells = sorted_cells(one)
    if cells.are_places:
        # Here texts are put in, and the codes have to stay.
        places = [label for _, label in sorted(cells.labels.items())]
        cells = replace(cells, codes={}, words=dict.fromkeys([*places, *cells.words], 0))
    codes = sorted({*cells.codes, *cells.labels}) if cells.codes else []
    codes = codes if len(codes) + len(cells.words) <= MOST_VALUES else sorted(cells.codes)
    values = {str(code): cells.labels.get(code, "") for code in codes}
    # A report names groups by their labels: "End user" reads better than "end_user".
    are_slugs = any("_" in word for word in cells.words) and all(map(SLUG.fullmatch, cells.words))
    led_by_digits = all(word[:1].isdigit() for word in cells.words)
    for word in sorted(cells.words) if led_by_digits else cells.words:
        # Pairs of groups are named "first - second": no value may look like such a pair.
        label_of = word.replace("_", " ").capitalize() if are_slugs else ""
        values |= {short_name(word): word} if " - " in word else {word: label_of}
    group: dict[str, Any] = {} if name == one.name else {"column": one.name}
    group |= {"label": label, "values": _or_nothing(told_apart(values))}
    missing = _or_nothing(told_apart(cells.missing))
    return group | ({"missing": missing} if missing else {})


def _or_nothing(texts: Mapping[str, str]) -> dict[str, str | None]:
    return {code: text or None for code, text in texts.items()}
