"""LimeSurvey: one header row of codes, of texts, or of both; two rows in a VV file.

The columns of one question are told by codes in brackets, `attr[SQ001]`, and by texts in
brackets behind the question, `How satisfied are you with … [price]`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from custlib.survey.reading.headings.heading import (
    ANSWER,
    Head,
    Heading,
    Rows,
    cells,
    filled,
    key,
    numbered,
)
from custlib.survey.reading.headings.personal import CONTACT

PLATFORM = "limesurvey"
ROLES = {
    **CONTACT,
    "id": "respondent",
    "submitdate": "ended",
    "startdate": "started",
    "datestamp": "recorded",
    "lastpage": "progress",
    "startlanguage": "language",
    "seed": "seed",
    "interviewtime": "duration",
    "token": "token",
    "ipaddr": "ip",
    "refurl": "other",
}
# What the platform calls its own columns where the header holds texts.
TITLES = {
    **{name: name for name in CONTACT},
    "responseid": "id",
    "datesubmitted": "submitdate",
    "datestarted": "startdate",
    "datelastaction": "datestamp",
    "lastpage": "lastpage",
    "startlanguage": "startlanguage",
    "seed": "seed",
    "totaltime": "interviewtime",
    "token": "token",
    "accesscode": "token",
    "ipaddress": "ipaddr",
    "referrerurl": "refurl",
}
SURE = {"submitdate", "lastpage", "startlanguage"}
CODE = r"[A-Za-z]\w*(?:\s?\[[^\]]*\])*"
CODE_ALONE = re.compile(CODE)
CODE_WITH_TEXT = re.compile(rf"({CODE})\s?[.:;|)–-]\s(.*)")
SUBQUESTION = re.compile(r"\w+\s?\[(?:SQ\d+|other|comment)\].*")
BRACKET = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
IN_BRACKETS = re.compile(rf"(.*?)\s*((?:{BRACKET.pattern}\s*)+)")
# The platform's own parts of a question that has no others.
OWN_PARTS = {"other", "comment"}
TIME = re.compile(r"groupTime\d+|\w+Time")
ATTRIBUTE = re.compile(r"attribute_\d+")
# How a VV file writes what would break its rows.
ESCAPES = {"newline": "\n", "cr": "\r", "tab": "\t", "quote": '"', "lbrace": "{"}
NOT_SHOWN = "{question_not_shown}"
# What columns of a question with several answers hold, in the spelling codebooks compare.
TICKS = {"y", "n"}
ORDERED_CODE = re.compile(r"ao?0*([1-9]\d?)", re.IGNORECASE)


def layout(top: Rows) -> Heading | None:
    """The heading of a LimeSurvey export, if these are the first rows of one."""
    for at, row in enumerate(top):
        names = cells(row)
        if is_evident(names) or (not at and has_subquestions(names)):
            above = top[at - 1] if at else []
            # Texts above the codes: a VV file. A title fills a cell or two.
            is_double = 2 * filled(above) >= filled(row)
            texts = cells(above) if is_double else []
            return Heading(at, heads(names, texts), PLATFORM, escaped=is_double)
    for at, row in enumerate(top):
        names = cells(row)
        pairs = [CODE_WITH_TEXT.fullmatch(name) for name in names]
        codes = [pair[1] if pair else name for pair, name in zip(pairs, names, strict=True)]
        # Of its own columns the id at least is kept; then every header has its code.
        if is_evident(codes) or ("id" in codes and all(pairs)):
            return Heading(at, heads(codes, [pair[2] if pair else "" for pair in pairs]), PLATFORM)
        titles = {TITLES.get(key(name), "") for name in names}
        if "id" in titles and len(titles & SURE) >= 2:
            return Heading(at, titled(names), PLATFORM)
    return None


def is_evident(names: Sequence[str]) -> bool:
    """The platform's id beside at least two more of its own columns."""
    keys = set(map(str.casefold, names))
    return "id" in keys and bool(keys & SURE) and len(keys & ROLES.keys()) >= 3


def has_subquestions(names: Sequence[str]) -> bool:
    """Codes alone, two of them with a subquestion: an export without the platform's columns."""
    codes = sum(1 for name in names if CODE_ALONE.fullmatch(name))
    return codes == len(names) and sum(map(bool, map(SUBQUESTION.fullmatch, names))) >= 2


def heads(names: Sequence[str], texts: Sequence[str] = ()) -> tuple[Head, ...]:
    """One head a column from its code and, where there are any, its text."""
    texts = [*texts, *[""] * (len(names) - len(texts))]
    timed = "interviewtime" in names
    # A question without subquestions may end in brackets of its own.
    pairs = [
        bracketed(text) if "[" in name or "_" in name else (text, "")
        for name, text in zip(names, texts, strict=False)
    ]
    return tuple(
        Head(name, *pair, role(name, timed)) for name, pair in zip(names, pairs, strict=True)
    )


def titled(names: Sequence[str]) -> tuple[Head, ...]:
    """One head a column where the header holds texts alone: questions are numbered."""
    own = [TITLES.get(key(name), "") for name in names]
    pairs = parted(["" if code else name for code, name in zip(own, names, strict=True)])
    groups: list[int] = []
    before, count = "", 0
    for question, _ in pairs:
        # Subquestions are neighbors under one question text.
        count += bool(question) and question != before
        groups.append(count if question else 0)
        before = question
    codes = numbered(groups, [part for _, part in pairs])
    return tuple(
        Head(one, name, "", role(one, False)) if one else Head(code, *pair)
        for one, name, code, pair in zip(own, names, codes, pairs, strict=True)
    )


def parted(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Question and part of each text; a bracket is a part where a neighbor has the question too."""
    pairs = [bracketed(text) for text in texts]
    shared = {one for (one, _), (other, _) in pairwise(pairs) if one == other}
    return [
        pair if pair[0] in shared or pair[1].casefold() in OWN_PARTS else (text, "")
        for text, pair in zip(texts, pairs, strict=True)
    ]


def bracketed(text: str) -> tuple[str, str]:
    """The question, and the subquestions in brackets behind it."""
    match = IN_BRACKETS.fullmatch(text)
    if not match or not match[1]:
        return text, ""
    # Spaces of headings may be exported as underscores.
    return match[1].rstrip(" _"), " / ".join(BRACKET.findall(match[2]))


def role(name: str, timed: bool) -> str:
    """What a column records; times on each page are told only beside the time in all."""
    if name.casefold() in ROLES:
        return ROLES[name.casefold()]
    if ATTRIBUTE.fullmatch(name):
        return "custom"
    return "other" if timed and TIME.fullmatch(name) else ANSWER


def ordered_code(text: str) -> int | None:
    """Place of an answer by the code LimeSurvey gives it unasked: A1, A2 and so on, or AO01."""
    match = ORDERED_CODE.fullmatch(text)
    return int(match[1]) if match else None


def unescaped(text: str) -> str:
    """A cell of a VV file as the respondent wrote it."""
    return re.sub(r"\{(\w+)\}", lambda match: ESCAPES.get(match[1], match[0]), text)
