"""The fixed words of a report in the reader's language, from the catalogue of that language."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from custlib.checks import require_one_of
from custlib.report.digits import MARKS, exact_decimal, marked, written

LOCALE = Path(__file__).parent / "locale"
AFTER_NUMBER = "after a number"
# A fraction takes the form of three: "0,5 балла", "0,5 točke".
FRACTION = 3
# Spelled out here, because strftime follows the locale of the machine.
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
# What the library and the studies make up as they go along: words around a number or a name.
PHRASES = (
    "{count} of {total} sure",
    "gaps: {count}",
    "fewer than {count} answers",
    "{count} without a place share the places left over",
    "{count} of {total} resamples lacked a group",
    "pairwise: correlations rest on {low} to {high} respondents",
    "penalty: {note}",
    "reward: {note}",
    "cannot be tested: {list}",
    "left out, as a method lacks them: {list}",
    # What a plan of analysis could not do.
    "the codebook names no weight: {what}",
    "the file has no column {list}: nothing was raked",
    "{count} rows without {column}: each counts as a cluster of its own",
    "{column} has one group only: nothing was compared",
    "{item}: all answers are equal, or there are none",
    "no outcome was named (outcome=), nor is there {item}: importance not derived",
    "no items {name}… with places: importance was not stated",
    "their column {column} is not in the answers: left out",
    "{count} of people not in the answers",
    "no block with {count} answers or more",
)


@dataclass(frozen=True, slots=True)
class Words:
    """Words and number marks of one language; called with English words, it gives its own.

    What the catalogue does not have stays as it is.
    """

    language: str
    translations: NullTranslations

    def __call__(self, text: str, **values: Any) -> str:
        """The text, with values in the places `{name}` that it names; numbers become counts."""
        # The empty text stands for the catalogue's head.
        found = self.translations.gettext(text) if text else text
        shown = {name: self._shown(value) for name, value in values.items()}
        return found.format_map(shown) if shown else found

    def after(self, unit: str, n: int | None) -> str:
        """A unit as it stands after a whole number, or after a fraction (None)."""
        number = FRACTION if n is None else abs(n)
        return self.translations.npgettext(AFTER_NUMBER, unit, unit, number)

    def name(self, text: str) -> str:
        """A name or a remark that the library made: its words, or the phrase it was made by."""
        found = self(text)
        if found != text or self.language == "en":
            return found
        if "; " in text:
            return "; ".join(map(self.name, text.split("; ")))
        matches = ((phrase, _pattern(phrase).fullmatch(text)) for phrase in PHRASES)
        pair = next(((phrase, match) for phrase, match in matches if match), None)
        if pair is None:
            return text
        parts = {name: self.name(part) for name, part in pair[1].groupdict().items()}
        return self(pair[0], **parts)

    def marked(self, text: str) -> str:
        """A number written the English way, with the marks of the language."""
        return marked(text, self.language)

    def date(self, day: date) -> str:
        """A day with its month in words."""
        if self.language == "en":
            return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        from babel.dates import format_date

        return format_date(day, "long", locale=self.language)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return written(exact_decimal(value), 0, self.language)


@cache
def catalogue(language: str) -> Words:
    """Words of a language, read from `locale/<language>/report.po` once.

    Parameters
    ----------
    language : {"en", "ru", "sl"}

    Returns
    -------
    Words

    Raises
    ------
    ParameterError
        There is no such language.

    Examples
    --------
    >>> say = catalogue("sl")
    >>> say("{part} of {whole}", part=3, whole=5), say.after("points", 2), say("no such words")
    ('3 od 5', 'točki', 'no such words')
    """
    require_one_of("language", language, MARKS)
    if language == "en":
        return Words(language, NullTranslations())
    # An English page, and the list of commands, do without babel.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = BytesIO()
    with (LOCALE / language / "report.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Words(language, Translations(compiled))


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    """What a phrase looks like with its places filled."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(phrase)))
