"""Qualtrics: names, question texts and import ids above the answers; names and texts in Excel.

The older export has two rows as well, in which the platform's own columns are V1, V2 and so on,
with what they are in the second row.
"""

import re
from collections.abc import Sequence

from custlib.survey.reading.headings.heading import (
    ANSWER,
    Head,
    Heading,
    Rows,
    cells,
    divided,
    filled,
    key,
)
from custlib.survey.reading.headings.personal import CONTACT

PLATFORM = "qualtrics"
ROLES = {
    **CONTACT,
    "responseid": "respondent",
    "recordid": "respondent",
    "startdate": "started",
    "enddate": "ended",
    "recordeddate": "recorded",
    "durationinseconds": "duration",
    "duration": "duration",
    "finished": "finished",
    "progress": "progress",
    "status": "status",
    "userlanguage": "language",
    "distributionchannel": "channel",
    "responseset": "other",
    "recipientemail": "email",
    "recipientlastname": "name",
    "recipientfirstname": "name",
    "name": "name",
    "externalreference": "reference",
    "externaldatareference": "reference",
    "locationlatitude": "location",
    "locationlongitude": "location",
    "locationaccuracy": "location",
}
SURE = {"responseid", "responseset", "recordeddate", "durationinseconds", "distributionchannel"}
SURE |= {"userlanguage", "recipientemail", "externalreference", "externaldatareference"}
TIMES = {"startdate", "enddate", "recordeddate", "durationinseconds", "progress"}
IMPORT_ID = re.compile(r"""\{\s*["']ImportId["']\s*:\s*["']([^"']*)["'].*\}""", re.DOTALL)
QUESTION_ID = re.compile(r"(?:\w*_)?QID\d+")
# Embedded data and scores; clicks, browsers, orders of display and topics of texts.
EMBEDDED = re.compile(r"Q_\w+|SC\d+|SC_\w+")
OTHER = re.compile(
    r".*(?:_DO(?:_.*)?| - (?:Parent )?Topics| - Sentiment.*|_(?:First|Last) Click|_Page Submit"
    r"|_Click Count|_Browser|_Version|_Operating System|_Resolution)"
)
CHOICE, TEXT, MARK = "Selected Choice", "Text", " - "


def layout(top: Rows) -> Heading | None:
    """The heading of a Qualtrics export, if these are the first rows of one."""
    for at, row in enumerate(top):
        ids = [IMPORT_ID.fullmatch(str(cell).strip()) for cell in row]
        if at and 2 * sum(map(bool, ids)) > filled(row):
            first = max(at - 2, 0)
            texts = cells(top[at - 1]) if at > 1 else []
            known = [one[1] if one else "" for one in ids]
            return Heading(at, heads(cells(top[first]), texts, known), PLATFORM)
    for at, row in enumerate(top[:-1]):
        names, below = cells(row), cells(top[at + 1])
        if "V1" in names and is_evident(below):
            return Heading(at + 1, heads(names, below), PLATFORM)
        if is_evident(names):
            has_texts = is_texts(names, below)
            texts = below if has_texts else []
            return Heading(at + has_texts, heads(names, texts), PLATFORM)
    return None


def is_evident(names: Sequence[str]) -> bool:
    """Four of the platform's own columns, two of them with names that no other platform uses."""
    keys = set(map(key, names))
    return len(keys & SURE) >= 2 and len(keys & ROLES.keys()) >= 4


def is_texts(names: Sequence[str], below: Sequence[str]) -> bool:
    """Where times and durations belong, a row of texts has words, in whatever language."""
    held = [text for name, text in zip(names, below, strict=False) if key(name) in TIMES]
    return bool(held) and all(text and not re.search(r"\d", text) for text in held)


def heads(
    names: Sequence[str], texts: Sequence[str] = (), ids: Sequence[str] = ()
) -> tuple[Head, ...]:
    """One head a column from its name, its text, and its import id where there is one."""
    lacking = len(names)
    texts = [*texts, *[""] * (lacking - len(texts))]
    ids = [*ids, *[""] * (lacking - len(ids))]
    bases = [base(name, one) for name, one in zip(names, ids, strict=False)]
    pairs = divided(bases, texts[:lacking], MARK)
    return tuple(
        Head(name, *without_choice(question, part), role(name, text, one))
        for name, text, one, (question, part) in zip(names, texts, ids, pairs, strict=False)
    )


def base(name: str, import_id: str) -> str:
    """What the columns of one question share: QID3 of QID3_1, or Q3 of Q3_1 and Q3_1_TEXT."""
    known = QUESTION_ID.match(import_id)
    return known[0] if known else re.sub(r"(_\d+)?(_TEXT)?$", "", name)


def without_choice(question: str, part: str) -> tuple[str, str]:
    """Question and part without the words by which Qualtrics tells choices from texts."""
    question = question.removesuffix(MARK + CHOICE).removesuffix(MARK + TEXT)
    part = "" if part in (CHOICE, TEXT) else part.removeprefix(CHOICE + MARK)
    return question, part.removesuffix(MARK + TEXT)


def role(name: str, text: str, import_id: str) -> str:
    """What a column records."""
    if QUESTION_ID.match(import_id):
        return "other" if OTHER.fullmatch(name) else ANSWER
    own = text if re.fullmatch(r"V\d+", name) else name
    for known in (import_id, own):
        if key(known) in ROLES:
            return ROLES[key(known)]
    if import_id or EMBEDDED.fullmatch(name):
        return "custom"
    return "other" if OTHER.fullmatch(name) else ANSWER
