"""From what stands in a cell to a code of the codebook, or to the reason why there is none."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from custlib.survey.codebook.book import Codebook
from custlib.survey.codebook.parts import canonical, text_in
from custlib.survey.reading.file_formats import RawResponses

BLANK = "(blank)"
# How programs write an empty cell; a codebook may declare any of them as a value instead.
NOT_AVAILABLE = {"na", "n/a", "#n/a", "#null!", "nan", "none", "null", "nat", "<na>", "."}
# "5 - very satisfied", "5: very satisfied", "5 (very satisfied)", "5 very satisfied".
LED_BY_CODE = re.compile(r"(-?\d+)[-–—.:;=)(/\s]+([^\W\d].*?)\)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Decoded:
    """One variable: codes by row, missing rows counted by reason, positions of rows unread."""

    values: np.ndarray
    reasons: dict[str, int]
    unread: np.ndarray


@dataclass(frozen=True, slots=True)
class Key:
    """How the answers to one variable may be written: codes, labels, and what means missing."""

    codes: Mapping[str, float]
    labels: Mapping[str, float]
    missing: Mapping[str, str]
    ranges: Iterable[Mapping[str, Any]] = ()
    file_labels: Mapping[str, str] = field(default_factory=dict)

    def reading(self, value: object) -> tuple[float, str]:
        """The code with no reason, or NaN with the reason; NaN without one if not understood."""
        text = canonical(value)
        if not text:
            return np.nan, BLANK
        if text in self.missing and text not in self.codes:
            return np.nan, self.missing[text]
        if any(within(value, one["lo"], one["hi"]) for one in self.ranges):
            return np.nan, self.file_labels.get(text, str(value))
        if self.contradicted(text, self.file_labels.get(text)):
            return np.nan, ""
        for known in (self.codes, self.labels):
            if text in known:
                return known[text], ""
        if text in self.file_labels:
            return self.labelled(self.file_labels[text])
        if text in NOT_AVAILABLE:
            return np.nan, str(value).strip()
        return self.led_by_code(str(value).strip())

    def labelled(self, label: str) -> tuple[float, str]:
        """Reading of the label that an SPSS file gives a code the codebook does not have."""
        text = canonical(label)
        if text in self.missing:
            return np.nan, self.missing[text]
        return self.labels.get(text, self.codes.get(text, np.nan)), ""

    def led_by_code(self, text: str) -> tuple[float, str]:
        """A code with its label behind it; a label of another code makes it unreadable."""
        match = LED_BY_CODE.fullmatch(text)
        code = canonical(match[1]) if match else ""
        if not match or self.contradicted(code, match[2]):
            return np.nan, ""
        # "1 or 2" begins with a code as well, and is none.
        if any(canonical(number) != code for number in re.findall(r"\d+", match[2])):
            return np.nan, ""
        if code in self.missing:
            return np.nan, self.missing[code]
        return self.codes.get(code, np.nan), ""

    def contradicted(self, code: str, label: str | None) -> bool:
        """The data give a code the label that the codebook gives another code."""
        meant = self.labels.get(canonical(label)) if label else None
        return meant is not None and code in self.codes and self.codes[code] != meant

    def shown(self, value: object) -> str:
        """The cell as a message quotes it, with the label that an SPSS file gives its code."""
        label = self.file_labels.get(canonical(value))
        text = canonical(value) if isinstance(value, float) else str(value)
        return f"{text[:60]!r}" + (f" ({label})" if label else "")

    def remedy(self, values: Iterable[object]) -> str:
        """What to do about cells that were not understood."""
        led = [LED_BY_CODE.fullmatch(str(value).strip()) for value in values]
        pairs = [(canonical(match[1]), match[2]) for match in led if match]
        pairs += list(self.file_labels.items())
        if any(self.contradicted(code, label) for code, label in pairs):
            return "The file gives codes other labels than the codebook: correct one of the two."
        return "Declare the code in the codebook, under missing if it is no answer, or correct it."


def within(value: object, low: object, high: object) -> bool:
    """Whether a code lies in a user-missing range of an SPSS file, ends included."""
    if isinstance(value, str) or isinstance(low, str):
        return canonical(value) == canonical(low)
    return low <= value <= high  # type: ignore[operator]


def item_key(codebook: Codebook, item: str, raw: RawResponses, language: str) -> Key:
    """The key of an item: the whole numbers of its scale."""
    scale, column = codebook.scale_of(item), codebook.columns[item]
    return Key(
        {str(code): float(code) for code in range(scale.low, scale.high + 1)},
        spellings(scale.labels),
        reasons_of([codebook.missing, scale.missing], language),
        raw.user_missing.get(column, ()),
        labels_in_file(raw, column),
    )


def group_key(codebook: Codebook, name: str, raw: RawResponses, language: str) -> Key:
    """The key of a group: the positions of its values."""
    group, column = codebook.groups[name], codebook.columns[name]
    positions = {value: at for at, value in enumerate(group.values)}
    return Key(
        {canonical(value): float(at) for value, at in positions.items()},
        spellings(
            {
                positions[value]: {"": value.replace("_", " "), **text}
                for value, text in group.values.items()
            }
        ),
        reasons_of([codebook.missing, group.missing], language),
        raw.user_missing.get(column, ()),
        labels_in_file(raw, column),
    )


def spellings(labels: Mapping[Any, Mapping[str, str]]) -> dict[str, float]:
    """Code by label, in every language."""
    return {
        canonical(text): float(code)
        for code, texts in labels.items()
        for text in texts.values()
        if canonical(text)
    }


def reasons_of(
    declared: Iterable[Mapping[str, Mapping[str, str]]], language: str
) -> dict[str, str]:
    """Reason by missing code and by its label in every language."""
    reasons: dict[str, str] = {}
    for codes in declared:
        for code, texts in codes.items():
            reason = text_in(texts, language, code)
            reasons |= {canonical(one): reason for one in (code, *texts.values())}
    return reasons


def labels_in_file(raw: RawResponses, column: str) -> dict[str, str]:
    """Value labels an SPSS file gives a column."""
    return {canonical(code): text for code, text in raw.value_labels.get(column, {}).items()}


def understood(column: pd.Series, key: Key) -> Decoded:
    """Read each different cell once, and give every row what its cell was read as."""
    try:
        picks, cells = pd.factorize(column)
    except TypeError:  # lists and the like, which only their text can tell apart
        picks, cells = pd.factorize(column.astype("str"))
    readings = [key.reading(cell) for cell in cells]
    values = np.array([code for code, _ in readings] + [np.nan])
    reasons = np.array([reason for _, reason in readings] + [BLANK], dtype=object)
    counts = np.bincount(np.where(picks < 0, len(cells), picks), minlength=len(cells) + 1)
    missing: dict[str, int] = {}
    for reason, count in zip(reasons, counts, strict=True):
        if reason and count:
            missing[reason] = missing.get(reason, 0) + int(count)
    strange = np.isnan(values) & (reasons == "")
    return Decoded(values[picks], missing, np.flatnonzero(strange[picks]))
