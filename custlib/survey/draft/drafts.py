"""A first codebook for a file that has none: every guess said, every cell understood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from custlib.errors import DataError
from custlib.survey.codebook.book import Codebook
from custlib.survey.draft.assumptions import assumed, program_of, rows_of
from custlib.survey.draft.doubts import answer_doubts
from custlib.survey.draft.kinds import kinds_of
from custlib.survey.draft.naming import ADDED
from custlib.survey.draft.observed import counted_columns
from custlib.survey.draft.parts import Parts, draft_parts
from custlib.survey.draft.verdicts import DESIGN, TURNING, Kind
from custlib.survey.draft.vocabulary import is_named
from custlib.survey.draft.writing import as_comment, yaml_lines
from custlib.survey.exports import Export
from custlib.survey.reading.answer_codes import group_key, item_key, understood
from custlib.survey.reading.file_formats import RawResponses
from custlib.survey.reading.responses import design_column, read_responses

MOST_ITEMS, MOST_GROUPS, MOST_LISTED = 40, 8, 60
FEWEST_IN_GROUP, MOST_GROUPS_COMPARED = 5, 6


@dataclass(frozen=True, slots=True)
class CodebookDraft:
    """A codebook drafted from a file, and what its author should look at.

    Attributes
    ----------
    text : str
        The codebook as YAML with comments.
    codebook : Codebook
    recommend : str or None
        Item that asks whether customers would recommend.
    outcomes : list of str
        Items that judge the whole, that one among them.
    by : str or None
        Group to compare by: the first that splits the answers into a few sizeable parts, one
        that is named like a group before the others.
    further : dict of list of str
        By section, what is written as comments: too many for one study.
    clashing : list of str
        Columns of the file, not in the codebook, that are named as columns a study adds.
    left_out : dict of str
        Why a column of the file is not in the codebook.
    doubts : list of str
        What in the answers looks odd.
    assumed : str
        How the file was read: encoding, delimiter, decimal mark, header row; empty where its
        format tells all.
    """

    text: str
    codebook: Codebook
    recommend: str | None
    outcomes: list[str]
    by: str | None
    further: dict[str, list[str]]
    clashing: list[str]
    left_out: dict[str, str]
    doubts: list[str]
    assumed: str

    @property
    def unsure(self) -> list[str]:
        """Doubts that can turn a finding round, until the codebook answers them."""
        return [one for one in self.doubts if one.startswith(TURNING)]


def codebook_draft(export: Export, *, title: str) -> CodebookDraft:
    """Draft of a codebook: items, scales, labels, codes of no answer, groups, parts of the design.

    Parameters
    ----------
    export : Export
        As `read_export` gives it.
    title : str
        Title of the codebook, such as the name of the file.

    Returns
    -------
    CodebookDraft
        text (YAML that `Codebook.read` accepts and under which `read_responses` refuses no cell of
        this file), codebook, recommend, outcomes, by, further, clashing, left_out, doubts, assumed.

    Raises
    ------
    DataError
        No column looks like a question answered on a scale, or no row is a respondent's.

    Notes
    -----
    Scales are recognized by value labels, by words whose order is known in English, Russian and
    Slovene, or by the answers that occur, those of a battery taken together. A code off the scale
    becomes a missing code with a remark. Where labels tell that the lowest code is the best answer,
    the item is turned round with a remark; where none tells, a doubt says so. Columns with personal
    data are left out, and nothing that one respondent alone wrote is quoted. Previews, tests and
    spam are not counted. Beyond 40 items the others are written as comments.

    Assumes: one row a respondent, and answers in whole numbers or in words.

    Not for: a survey whose author can be asked (write what the author knows), orders, events, and
    anything else that is no survey.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from custlib.survey import read_export
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "answers.csv")
    ...     _ = file.write_text("price,delivery,market\\n5,4,EU\\n1,99,EU\\n2,3,Asia\\n")
    ...     draft = codebook_draft(read_export(file), title="Answers")
    >>> draft.codebook.limits()
    {'price': (1, 5), 'delivery': (1, 5)}
    >>> draft.codebook.scales["from_1_to_5"].missing
    {'99': {'en': 'no answer, guessed (99)'}}
    """
    raw = export.respondents()
    if len(raw.table) < 2:
        rows = "1 row" if len(raw.table) else "no row"
        raise DataError.because(
            f"{raw.source} has {rows} that a respondent filled in.",
            "Expected several: previews, tests, spam and footers are set aside.",
            "Export the survey again once more have answered it.",
        )
    columns = counted_columns(export)
    kinds, reading = kinds_of(columns), assumed(export, columns)
    if not any(one.kind == "item" for one in kinds.values()):
        raise no_items(export, kinds, reading)
    parts = draft_parts(columns, kinds, title)
    left_out = {name: one.reason for name, one in kinds.items() if one.kind == "left"}
    leave_out_unread(parts, raw, left_out)
    if not parts.mapping["items"]:
        left = {name: Kind("left", why) for name, why in left_out.items()}
        raise no_items(export, left, reading)
    further = _further(parts)
    book = Codebook.from_mapping(parts.mapping)
    answers = read_responses(raw, codebook=book)
    doubts = answer_doubts(book, answers, parts)
    heading = _heading(export, title, reading)
    text = "\n".join([*heading, *_body(parts, further), *_left(left_out)]) + "\n"
    return CodebookDraft(
        text=text,
        codebook=book,
        recommend=parts.recommend if parts.recommend in book.items else None,
        outcomes=[name for name in parts.outcomes if name in book.items],
        by=_group_to_compare(book, answers),
        further={section: list(rest) for section, rest in further.items()},
        clashing=sorted(ADDED & set(columns) - set(book.columns.values())),
        left_out=left_out,
        doubts=doubts,
        assumed=reading,
    )


def no_items(export: Export, kinds: Mapping[str, Kind], reading: str) -> DataError:
    """The error for a file in which nothing looks like a rating."""
    listed = [
        f"{name} ({one.kind if one.kind != 'left' else one.reason})" for name, one in kinds.items()
    ]
    shown = "; ".join(listed[:8]) + (f"; and {len(listed) - 8} more" if listed[8:] else "")
    told = f" (read: {reading})" if reading else ""
    options = "--delimiter or --encoding" if export.raw.read_as else "--sheet"
    return DataError.because(
        f"{export.raw.source}{told}: none of {len(kinds)} columns looks like a question answered"
        f" on a scale. They are: {as_comment(shown)}.",
        "Expected answers such as 1 to 5, 0 to 10, or 'very satisfied' to 'very dissatisfied'.",
        (f"If it was not read as it is meant, pass {options}. " if reading else "")
        + "Write the codebook by hand: under scales a name with low and high, under items the name"
        " of each column with its scale; data/housing/codebook.yaml is a short one to imitate.",
    )


def leave_out_unread(parts: Parts, raw: RawResponses, left_out: dict[str, str]) -> None:
    """Take out of the mapping what cannot be read wholly: items, groups, parts of the design."""
    book = Codebook.from_mapping(parts.mapping)
    for section, key_of in (("items", item_key), ("groups", group_key)):
        for name in [*parts.mapping[section]]:
            column = book.columns[name]
            unread = understood(raw.table[column], key_of(book, name, raw, "en")).unread
            if len(unread):
                left_out[column] = f"{len(unread)} cells contradict its labels"
                del parts.mapping[section][name]
    for role in DESIGN:
        try:
            if role in parts.mapping:
                design_column(parts.mapping[role], raw, book)
        except DataError:
            left_out[parts.mapping.pop(role)] = f"the {role} by its name, but not readable as one"


def _further(parts: Parts) -> dict[str, dict[str, Any]]:
    """Items and groups beyond what a study can show, and their blocks: taken out of the mapping."""
    items = sorted(parts.mapping["items"], key=lambda name: name not in parts.outcomes)
    block_of = {name: one.get("block") for name, one in parts.mapping["items"].items()}
    shown = {block_of[name] for name in items[:MOST_ITEMS]}
    blocks = parts.mapping["blocks"]
    parts.mapping["blocks"] = {name: blocks[name] for name in blocks if name in block_of.values()}
    rest = {
        "blocks": [name for name in parts.mapping["blocks"] if name not in shown],
        "items": items[MOST_ITEMS:],
        "groups": list(parts.mapping["groups"])[MOST_GROUPS:],
    }
    return {
        section: {name: parts.mapping[section].pop(name) for name in names}
        for section, names in rest.items()
        if names
    }


def _group_to_compare(book: Codebook, answers: pd.DataFrame) -> str | None:
    """The first group with two to six values, two of them held by some respondents at least."""
    named = [name for name in book.groups if is_named("group", name, book.label(name))]
    for name in dict.fromkeys([*named, *book.groups]):
        sizes = answers[name].value_counts()
        held = sizes[sizes > 0]
        if 2 <= len(held) <= MOST_GROUPS_COMPARED and held.min() >= FEWEST_IN_GROUP:
            return name
    return None


def _heading(export: Export, title: str, reading: str) -> Iterator[str]:
    yield f"# DRAFT codebook of {as_comment(title)}, written by `custlib new`."
    yield "# Read it before you trust what a study finds with it."
    program = program_of(export)
    source = f" It is an export of {program}." if program else ""
    yield f"# {rows_of(export)}, {len(export.columns)} columns.{source}"
    if reading:
        yield f"# Read: {reading}."
    yield "# Every line under '# guessed from' is a guess. What to check, in this order:"
    yield "#   1. scales: low and high; that the highest code is the best answer. Where it is the"
    yield "#      worst, add 'reversed: true' to the item."
    yield "#   2. missing: codes that mean no answer."
    yield "#   3. labels: short ones read best; 'label: {en: Price, sl: Cena}' gives languages."
    yield "#   4. groups, weight, cluster: take out what is none."
    yield ""


def _body(parts: Parts, further: Mapping[str, Mapping]) -> Iterator[str]:
    for section, value in parts.mapping.items():
        if value == {}:
            continue
        if isinstance(value, Mapping):
            yield ""
        yield from yaml_lines({section: value}, parts.comments)
        rest = further.get(section)
        if rest:
            yield f"  # {len(rest)} more, too many to show in one study; take away '# ' to use one:"
            lines = yaml_lines({section: rest}, parts.comments)
            yield from (f"  # {line[2:]}" for line in list(lines)[1:])


def _left(left_out: Mapping[str, str]) -> Iterator[str]:
    """The columns that are not in the codebook, each with its reason."""
    if not left_out:
        return
    yield ""
    yield "# Left out, and why. A column may be declared all the same:"
    for name, reason in list(left_out.items())[:MOST_LISTED]:
        yield f"#   {as_comment(name)}: {as_comment(reason)}"
    if len(left_out) > MOST_LISTED:
        yield f"#   and {len(left_out) - MOST_LISTED} more columns"
