"""Result tables for people: short headings, estimates with their intervals, names for codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_one_of
from custlib.columns import NUMBERS, VOCABULARY
from custlib.report import numbers
from custlib.report.cells import (
    BOUNDS,
    KINDS,
    MADE,
    OWNERS,
    SHORT,
    Label,
    column_texts,
    in_print,
    is_numeric,
    labeller,
    plain_words,
)
from custlib.report.digits import MARKS, SPACE
from custlib.report.page import filled
from custlib.report.words import catalogue

# A reader decides by estimate, interval and counts; the rest is in the recorded table.
# An effective n this near to n tells a reader nothing.
NEGLIGIBLE, NEGLIGIBLE_COUNT = 0.02, 1.5
LEFT_OUT = {"std_error", "statistic", "df", "df_denominator", "conf_level", "numerator"}


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a shown column: its words, what they mean, and how its cells are set."""

    text: str
    meaning: str
    kind: str

    @property
    def side(self) -> str:
        """Numbers are set flush right, so that their digits stand under each other."""
        return "right" if self.kind == "number" else "left"


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as people read it: HTML in a notebook and a report, aligned text in a terminal."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    foot: str
    language: str

    def _repr_html_(self) -> str:
        return filled("table.html", language=self.language, table=self)

    def __repr__(self) -> str:
        lines = [[heading.text for heading in self.headings], *map(list, self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        sides = [heading.side for heading in self.headings]
        body = [
            "  ".join(
                cell.rjust(width) if side == "right" else cell.ljust(width)
                for cell, width, side in zip(line, widths, sides, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join(part for part in (self.caption, *body, self.foot) if part)


def show(
    table: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    caption: str | None = None,
    labels: Any = None,
    units: Mapping[str, str] | None = None,
    language: str = "en",
    rows: int | None = 8,
) -> ShownTable:
    """Table for people, of any result table or of raw rows; its numbers stay in the table itself.

    Parameters
    ----------
    table : DataFrame
        The index is not shown.
    columns : list of str, optional
        Columns to show, in this order; "estimate" and "effect" bring their interval, and
        "denominator" its numerator. By default all but standard errors, statistics, degrees of
        freedom, what is the same in every row, and columns with nothing in them. An empty note
        is never shown.
    caption : str, optional
    labels : Codebook or mapping, optional
        What names mean: anything with `label` and `value_label`, a mapping from names to texts,
        or a mapping from columns to such mappings.
    units : mapping, optional
        Units of columns, such as {"time": "months"}: they stand in the headings. With "share" a
        column of values from 0 to 1 is shown in per cent.
    language : {"en", "ru", "sl"}, default "en"
        Of labels, headings and number marks; a caption and units are taken as they are.
    rows : int or None, default 8
        How many rows to show; None for all.

    Returns
    -------
    ShownTable, which a notebook displays as HTML.

    Raises
    ------
    DataError
        A column that was asked for is absent.

    Examples
    --------
    >>> show(pd.DataFrame({"item": ["price"], "estimate": [3.42193], "ci_low": [3.21],
    ...                    "ci_high": [3.63], "n": [1204]}))
    Item   Estimate (interval)      n
    Price  3.42 (3.21 to 3.63)  1,204
    """
    require_one_of("language", language, MARKS)
    require_columns(table, columns if columns is not None else table.columns)
    label = labeller(labels, language)
    constant = {} if columns is not None else _constants(table)
    names = list(columns) if columns is not None else _names_for_people(table, constant)
    names = [name for name in names if name != "note" or not _says_nothing(table, name)]
    part = table if rows is None else table.head(rows)
    units = units or {}
    texts = [column_texts(part, name, label, language, units.get(name, "")) for name in names]
    return ShownTable(
        headings=tuple(
            _heading(table, part, name, label, language, units.get(name, "")) for name in names
        ),
        rows=tuple(zip(*texts, strict=True)),
        caption=caption or "",
        foot=_foot(table, part, constant, label, language),
        language=language,
    )


def _constants(table: pd.DataFrame) -> dict[str, str]:
    """Words that are the same in every row, and so are said once."""
    return {
        name: str(table[name].iloc[0])
        for name in ("contrast", "measure", "method", "effect_kind")
        if name in table and len(set(table[name].astype(str))) == 1
    }


def _names_for_people(table: pd.DataFrame, constant: dict[str, str]) -> list[str]:
    bounds = {end for name, ends in BOUNDS.items() if name in table for end in ends}
    hidden = LEFT_OUT | bounds | set(constant)
    if "conf_level" in table and len(set(table["conf_level"].dropna())) > 1:
        hidden -= {"conf_level"}
    hidden |= {name for name in NUMBERS if name in table and _says_nothing(table, name)}
    return [str(name) for name in table.columns if name not in hidden]


def _says_nothing(table: pd.DataFrame, name: str) -> bool:
    """Whether a column is empty, or repeats the one beside it."""
    column = table[name]
    if name == "n_effective" and "n" in table:
        apart = (column - table["n"]).abs().fillna(0)
        return bool((apart <= np.maximum(NEGLIGIBLE * table["n"], NEGLIGIBLE_COUNT)).all())
    if name == "n" and "denominator" in table:
        return bool((column == table["denominator"]).fillna(False).all())
    if name in ("n_missing", "note"):
        return not column.dropna().astype(bool).any()
    return name != "estimate" and bool(column.isna().all())


def _heading(
    table: pd.DataFrame, part: pd.DataFrame, name: str, label: Label, language: str, unit: str
) -> Heading:
    numeric = is_numeric(table[name]) and name not in OWNERS
    kind = "number" if numeric else "note" if name == "note" else "text"
    say = catalogue(language)
    if name not in VOCABULARY:
        meaning = say(name) if name in MADE else label(name, name)
        text = plain_words(meaning) if name in MADE or meaning == name else meaning
        return Heading(_with_unit(text, unit), meaning, kind)
    word = VOCABULARY[name]
    text = say(SHORT.get(name, word.meaning))
    constants = _constants(table)
    if KINDS.get(name) in constants:
        text = plain_words(in_print(KINDS[name], say.name(constants[KINDS[name]])))
    text = _with_unit(text, unit)
    if any(end in part and part[end].notna().any() for end in BOUNDS.get(name, ())):
        text = say("{estimate} ({level}interval)", estimate=text, level=_level(table, language))
    return Heading(text, f"{say(word.meaning)} ({unit or say(word.unit)})", kind)


def _with_unit(text: str, unit: str) -> str:
    """A heading with the unit of its column; the sign of per cent stands in the cells."""
    return f"{text}, {unit}" if unit not in ("", "share") else text


def _level(table: pd.DataFrame, language: str) -> str:
    """Level of the intervals where they all have the same."""
    levels = table["conf_level"].dropna().unique() if "conf_level" in table else []
    return f"{numbers.percent(levels[0], language=language)}{SPACE}" if len(levels) == 1 else ""


def _foot(
    table: pd.DataFrame, part: pd.DataFrame, constant: dict[str, str], label: Label, language: str
) -> str:
    """What is said once below the table: how many rows are not shown, and what they share."""
    say = catalogue(language)
    parts = [] if len(table) else [say("No rows.")]
    if len(part) < len(table):
        first, total = (numbers.count(len(one), language=language) for one in (part, table))
        parts.append(say("First {first} of {total} rows.", first=first, total=total))
    parts += [
        f"{say(SHORT.get(name, VOCABULARY[name].meaning))}: {label(name, constant[name])}."
        for name in ("contrast", "method")
        if constant.get(name)
    ]
    return " ".join(parts)
