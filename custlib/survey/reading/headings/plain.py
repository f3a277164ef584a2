"""Tables no platform has written: one header row, or two.

Of two the first holds groups in merged cells, or the second the texts of questions.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from custlib.survey.reading.headings.heading import ANSWER, Head, Heading, Rows, cells, filled, key
from custlib.survey.reading.headings.personal import CONTACT
from custlib.texts.headers import clean_name, header_position

# Positions of the cells merged across columns, by row.
Merged = Mapping[int, Collection[int]]
# Forms call their own columns so, in the languages custlib speaks.
ROLES = {
    **CONTACT,
    **dict.fromkeys(("id", "responseid", "respondentid", "respondent", "caseid"), "respondent"),
    **dict.fromkeys(("starttime", "startdate", "started", "начало"), "started"),
    **dict.fromkeys(("completiontime", "endtime", "enddate", "submitted", "submitdate"), "ended"),
    **dict.fromkeys(("timestamp", "отметкавремени", "časovnižig"), "recorded"),
    **dict.fromkeys(("ip", "ipадрес", "ipnaslov"), "ip"),
    **dict.fromkeys(("epošta", "адресэлектроннойпочты"), "email"),
    **dict.fromkeys(("name", "фио", "имя", "фамилия"), "name"),
    **dict.fromkeys(("phone", "phonenumber", "телефон", "telefon"), "phone"),
}


def layout(top: Rows, wanted: Collection[str], merged: Merged) -> Heading:
    """The first row as wide as the table, unless another row names more of the wanted columns."""
    at = widest(top)
    likely = below_groups(top, at + (at in merged and at + 1 < len(top)), merged)
    named = below_groups(top, header_position(top, wanted), merged)
    return max(likely, named, key=lambda one: len(set(one.names) & set(wanted)))


def below_groups(top: Rows, at: int, merged: Merged) -> Heading:
    """The heading in a row, with the groups merged above it, or the texts in the row below it."""
    names = [clean_name(cell) for cell in top[at]] if top else []
    spanned = merged.get(at - 1, ())
    # One cell merged above all names is a title.
    if spanned and (filled(top[at - 1]) > 1 or len(spanned) < len(names)):
        above = [clean_name(cell) for cell in top[at - 1]]
        # Beside groups a name may stand in their row, above a blank cell.
        names = [one or other for one, other in zip(names, above, strict=True)]
        return Heading(at, tuple(grouped(names, above, spanned)))
    texts = question_texts(top[at + 1 :], len(names))
    return Heading(at + bool(texts), tuple(heads(names, texts)))


def widest(top: Rows) -> int:
    """Position of the first row with text in more than half as many cells as the fullest row."""
    most = max(map(filled, top), default=0)
    return next((at for at, row in enumerate(top) if 2 * filled(row) > most), 0)


def question_texts(below: Rows, width: int) -> list[str]:
    """Texts of a second header row: words, no two alike, above codes; empty where it is none."""
    texts = cells(below[0] if below else [], width)[:width]
    coded: list[str] = []
    for at, text in enumerate(texts):
        answers = list(filter(None, (clean_name(row[at]) for row in below[1:] if at < len(row))))
        if text in answers:
            return []
        # Two rows of answers tell little; among many codes there may be a word for no answer.
        if len(answers) > 2 and 10 * sum(map(is_led, answers)) > 9 * len(answers):
            coded.append(text)
    told = [text for text in coded if text]
    words = {text for text in told if not is_led(text)}
    # Two words may be two ways to give no answer.
    least = 2 if all(" " in word for word in words) else 3
    is_second = len(words) == len(told) >= least and 2 * len(told) > len(coded) >= width / 2
    return texts if is_second else []


def is_led(text: str) -> bool:
    """Whether a cell is a number, a date, or a code with its label."""
    return text.lstrip("+-")[:1].isdigit()


def heads(names: Sequence[str], texts: Sequence[str] = ()) -> list[Head]:
    """One head a column, with its text where there is one."""
    texts = texts or [""] * len(names)
    return [
        Head(name, text, role=ROLES.get(key(name)) or ROLES.get(key(text), ANSWER))
        for name, text in zip(names, texts, strict=True)
    ]


def grouped(names: Sequence[str], above: Sequence[str], spanned: Collection[int]) -> list[Head]:
    """One head a column; the group a name stands under is its question, the name a part of it.

    Names that stand under several groups, 2023 and 2024 say, get their group before them.
    """
    found: list[Head] = []
    group = ""
    for at, head in enumerate(heads(names)):
        group = (above[at] or group) if at in spanned else ""
        is_part = bool(group and head.name)
        found.append(replace(head, question=group, part=head.name) if is_part else head)
    counts = Counter(head.name for head in found)
    if not any(head.part and counts[head.name] > 1 for head in found):
        return found
    return [
        replace(head, name=f"{head.question} {head.name}") if head.part else head for head in found
    ]
