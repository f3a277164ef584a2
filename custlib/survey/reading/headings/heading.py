"""What the header rows of a table say: one name a column, and what the column asks."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from custlib.texts.headers import clean_name, without_markup

ANSWER = "answer"
Rows = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Head:
    """One column: its name, the question, the part of the question, and who fills it in.

    `part` is the row of a matrix or the option of a question with several answers. `role` is
    "answer", or what the platform recorded there by itself.
    """

    name: str
    question: str = ""
    part: str = ""
    role: str = ANSWER


@dataclass(frozen=True, slots=True)
class Heading:
    """The heads of a table; `last` is the position of its last header row, from 0."""

    last: int
    heads: tuple[Head, ...]
    platform: str = "plain"
    escaped: bool = False

    @property
    def names(self) -> list[str]:
        """Name of each column; nameless ones are blank."""
        return [head.name for head in self.heads]


def key(name: object) -> str:
    """One spelling of a platform's own column: "Start Date", "StartDate" and "start_date"."""
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def cells(row: Iterable[object], width: int = 0) -> list[str]:
    """A header row as texts without markup, blanks made single, at least `width` of them."""
    texts = [clean_name(html.unescape(without_markup(clean_name(cell)))) for cell in row]
    return texts + [""] * (width - len(texts))


def filled(row: Iterable[object]) -> int:
    """How many cells of a row have text."""
    return sum(1 for cell in row if clean_name(cell))


def divided(bases: Sequence[str], texts: Sequence[str], mark: str) -> list[tuple[str, str]]:
    """Question and part of each text: neighbors of one base share the question before a mark."""
    pairs: list[tuple[str, str]] = []
    for _, group in groupby(range(len(texts)), key=lambda at: bases[at]):
        pieces = [texts[at].split(mark) for at in group]
        shared = 0
        if len(pieces) > 1:
            columns = zip(*(one[:-1] for one in pieces), strict=False)
            shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
        cut = shared or max(map(len, pieces))
        pairs += [(mark.join(one[:cut]), mark.join(one[cut:])) for one in pieces]
    return pairs


def numbered(groups: Sequence[int], parts: Sequence[str]) -> list[str]:
    """Names for columns without codes: Q1, Q2 for questions, Q3_1, Q3_2 for their parts.

    `groups` numbers the questions from 1; the columns of group 0 get no name.
    """
    names: list[str] = []
    for number, members in groupby(range(len(groups)), key=lambda at: groups[at]):
        for place, at in enumerate(members, 1):
            whole = place == 1 and not parts[at]
            names.append(f"Q{number}" + ("" if whole else f"_{place}") if number else "")
    return names
