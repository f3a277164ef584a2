"""Columns that were asked together: rows of one matrix, or names with one beginning."""

import re
from collections.abc import Iterable

from custlib.survey.draft.answers import Cells
from custlib.survey.draft.naming import LEAST_STEM, one_line
from custlib.survey.draft.vocabulary import PLAIN_PREFIXES
from custlib.survey.exports import ExportColumn

NUMBERED = re.compile(r"(.*?)[\W_]*\d{1,3}|(.*\d)[a-z]", re.IGNORECASE)
BRACKETED = re.compile(r"(.+?)\s*\[(.+)\]\s*")
STEM = re.compile(rf"(.{{{LEAST_STEM},}}?)(?:: | [-–—] |\? ?|…|\.\.\.)\S.*", re.DOTALL)
LEAST_BY_WORD = 3
# Highest answers: a column that ends at the one, by many answers, does not go beyond the other.
SHORT, LONG, MANY, YES = 5, 7, 20, {0, 1}


def asked_together(columns: Iterable[ExportColumn]) -> dict[str, str]:
    """What each column was asked together with: a key by column name; lone ones have none."""
    answers = [one for one in columns if one.is_answer]
    found: dict[str, str] = {}
    for keys, least in (
        ({one.name: _matrix(one) for one in answers}, 2),
        ({one.name: _numbered(one.name) for one in answers}, 2),
        ({one.name: _first_word(one.name) for one in answers}, LEAST_BY_WORD),
    ):
        left = {name: key for name, key in keys.items() if key and name not in found}
        sizes: dict[str, int] = {}
        for key in left.values():
            sizes[key] = sizes.get(key, 0) + 1
        found |= {name: key for name, key in left.items() if sizes[key] >= least}
    return found


def _matrix(column: ExportColumn) -> str:
    """The question whose part the column is, as platform, header or label tell it."""
    if column.part:
        return one_line(column.question) or column.name
    for text in (column.name, one_line(column.question)):
        if match := BRACKETED.fullmatch(text):
            return match[1]
    match = STEM.fullmatch(one_line(column.question) or one_line(column.name))
    return match[1] if match else ""


def _numbered(name: str) -> str:
    """The name without its number, or without the letter behind its number."""
    match = NUMBERED.fullmatch(name)
    stem = (match[1] or match[2] or "") if match else ""
    return "" if stem.casefold().strip("_ .") in PLAIN_PREFIXES else stem


def _first_word(name: str) -> str:
    """What stands before the first underscore."""
    head, mark, rest = name.partition("_")
    return head if mark and rest and head.casefold() not in PLAIN_PREFIXES else ""


def mates_of(own: Cells, others: list[Cells]) -> tuple[list[Cells], bool]:
    """Which of a battery's columns show the scale of one, and whether its own answers end short.

    Where a column holds every code up to five and no other, and some go beyond seven, two scales
    were asked together, and each column goes with those on its side.
    """
    others = [other for other in others if _agree(own, other)]
    top, *tops = (max(one.given, default=0) for one in (own, *others))
    highest = max([top, *tops])
    if highest > LONG and any(_is_whole(one, SHORT) for one in (own, *others)):
        side = top <= SHORT
        return [one for one, at in zip(others, tops, strict=True) if (at <= SHORT) == side], side
    ends_short = highest > top and highest >= LONG and top in (SHORT, LONG)
    return others, ends_short and _is_whole(own, top)


def _is_whole(cells: Cells, most: int) -> bool:
    """Whether many answers hold each code from 1 to the highest, that is no more than this."""
    whole = cells.given == {*range(1, len(cells.given) + 1)}
    return whole and 2 < len(cells.given) <= most and sum(cells.codes.values()) >= MANY


def _agree(own: Cells, other: Cells) -> bool:
    """Whether two columns of a battery may be answered on one scale."""
    differ = any(
        own.labels[code] != other.labels[code] for code in own.labels.keys() & other.labels
    )
    # Yes and no, asked beside a rating, have another scale.
    alike = bool(own.codes) == bool(other.codes) and (own.given == YES) == (other.given == YES)
    return alike and not differ
