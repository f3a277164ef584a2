"""SurveyMonkey: questions in the first row, rows and options in the second.

A question stands over its first column alone; the blank cells to the right of it belong to it.
"""

import re
from dataclasses import replace

from custlib.survey.reading.headings.heading import (
    ANSWER,
    Head,
    Heading,
    Rows,
    cells,
    key,
    numbered,
)
from custlib.survey.reading.headings.personal import CONTACT

PLATFORM = "surveymonkey"
ROLES = {
    **CONTACT,
    "respondentid": "respondent",
    "collectorid": "collector",
    "startdate": "started",
    "enddate": "ended",
    "datecreated": "started",
    "datemodified": "ended",
    "customdata": "custom",
    "customvalue": "custom",
    "responsestatus": "status",
}
# What the second row says of a question that has one column.
WHOLE = {"response", "openendedresponse"}


def layout(top: Rows) -> Heading | None:
    """The heading of a SurveyMonkey export, if these are the first rows of one."""
    for at, row in enumerate(top):
        keys = [key(name) for name in cells(row)]
        if not {"respondentid", "collectorid"} <= set(keys):
            continue
        below = cells(top[at + 1] if at + 1 < len(top) else [], len(row))
        names = cells(row, len(below))
        # A cell merged over both rows has its name in both.
        parts = ["" if part == name else part for part, name in zip(below, names, strict=True)]
        is_second = are_parts(names, parts)
        parts = parts if is_second else [""] * len(names)
        return Heading(at + is_second, heads(names, parts), PLATFORM)
    return None


def are_parts(names: list[str], parts: list[str]) -> bool:
    """Parts of questions, and nothing under the platform's own columns: no row of answers."""
    pairs = [(name, part) for name, part in zip(names, parts, strict=True) if part]
    asked = [(name, part) for name, part in pairs if key(part) not in WHOLE]
    is_told = len(asked) < len(pairs) or any(not name for name, _ in asked)
    return is_told and not any(role(name, "") for name, _ in asked)


def heads(names: list[str], parts: list[str]) -> tuple[Head, ...]:
    """One head a column; a question without a code gets a number."""
    roles = [role(name, part) for name, part in zip(names, parts, strict=True)]
    found: list[Head] = []
    groups: list[int] = []
    question, count = "", 0
    for name, part, one in zip(names, parts, roles, strict=True):
        if one or name:
            question, count = ("" if one else name), count + (not one)
        is_question = bool(question and (name or part))
        groups.append(count if is_question else 0)
        label = "" if key(part) in WHOLE else part
        found.append(Head("", question, label) if is_question else Head(name, role=one or ANSWER))
    codes = numbered(groups, [head.part for head in found])
    return tuple(
        replace(head, name=code or head.name) for head, code in zip(found, codes, strict=True)
    )


def role(name: str, part: str) -> str:
    """What one of the platform's own columns records; blank for a question, which has parts."""
    return "" if part else ROLES.get(re.sub(r"\d+$", "", key(name)), "")
