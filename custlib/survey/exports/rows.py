"""Rows that are no finished answers: previews, tests, interviews left before their end."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from custlib.survey.codebook.parts import canonical
from custlib.survey.reading.file_formats import RawResponses
from custlib.survey.reading.footers import FOOTER, footer_rows
from custlib.survey.reading.headings import ANSWER, limesurvey, qualtrics

RESPONDENT, UNFINISHED, IMPORTED = "respondent", "unfinished", "imported"
# Kinds of rows that people filled in; the others are previews, tests, spam and footers.
ANSWERED = {RESPONDENT, UNFINISHED, IMPORTED}
# Qualtrics adds up what holds of a row (9 is the preview that looks like spam), or writes words.
SIGNS = {"preview": 1, "test": 2, "spam": 8, IMPORTED: 4}
STATUS_WORDS = {*SIGNS, "survey", "possible", "offline"}
NOT_FINISHED = {"0", "false"}
NOT_ENDED = {"", "null", "na", limesurvey.NOT_SHOWN}
NO_ANSWER = {
    qualtrics.PLATFORM: {"-99": "seen, not answered"},
    limesurvey.PLATFORM: {limesurvey.NOT_SHOWN: "not shown", "n/a": "not shown or not answered"},
}


def kinds_of_rows(raw: RawResponses) -> np.ndarray:
    """What each row is: an answer, one left unfinished, imported, a preview, test, spam, footer."""
    kinds = np.full(len(raw.table), RESPONDENT, dtype=object)
    if raw.platform == qualtrics.PLATFORM:
        for cells in recorded(raw, "finished"):
            kinds[mapped(cells, NOT_FINISHED.__contains__)] = UNFINISHED
        # Words of other languages for no are told by the progress: what is finished has 100.
        for cells in recorded(raw, "progress"):
            kinds[mapped(cells, is_partial)] = UNFINISHED
        for role in ("channel", "status"):
            for cells in recorded(raw, role):
                for kind in reversed(SIGNS):
                    kinds[mapped(cells, partial(has_sign, kind))] = kind
    if raw.platform == limesurvey.PLATFORM:
        for cells in recorded(raw, "ended"):
            kinds[mapped(cells, NOT_ENDED.__contains__)] = UNFINISHED
    kinds[footer_rows(raw)] = FOOTER
    return kinds


def is_partial(text: str) -> bool:
    """Whether a progress is below 100 percent."""
    return text.isdigit() and int(text) < 100


def has_sign(kind: str, text: str) -> bool:
    """Whether a status or a channel says that the row is of a kind."""
    words = set(re.findall(r"\w+", text))
    # Other words make it the survey's own: a contest is no test, a spam filter no spam.
    return bool(int(text) & SIGNS[kind]) if text.isdigit() else {kind} <= words <= STATUS_WORDS


def recorded(raw: RawResponses, role: str) -> Iterable[pd.Series]:
    """The columns that have a role."""
    return (raw.table[name] for name, head in raw.heads.items() if head.role == role)


def mapped(cells: pd.Series, is_so: Callable[[str], bool]) -> np.ndarray:
    """A test of each different cell, given back to every row."""
    picks, found = pd.factorize(cells)
    return np.array([*map(is_so, map(canonical, found)), is_so("")], dtype=np.bool_)[picks]


def no_answer_codes(raw: RawResponses) -> Mapping[str, str]:
    """Codes by which the platform writes that there is no answer, where some answer has them."""
    return {
        code: meaning
        for code, meaning in NO_ANSWER.get(raw.platform, {}).items()
        if any(mapped(cells, code.__eq__).any() for cells in recorded(raw, ANSWER))
    }
