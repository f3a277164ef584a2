"""Templates filled with data: everything that comes from data is escaped on its way in."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from custlib.report import numbers
from custlib.report.words import catalogue

TONES = {
    "for": {"holds", "yes", "supported", "confirmed"},
    "against": {"does not hold", "no", "not supported", "refuted", "rejected"},
    "open": {
        *("undecided", "unclear", "open", "not distinguishable", "not computed", "not tested"),
        *("cannot be tested", "too few answers"),
    },
}


@cache
def environment(language: str = "en") -> Environment:
    """Templates of the package in a language: autoescape on, the number formats as filters."""
    say = catalogue(language)
    made = Environment(
        loader=PackageLoader("custlib.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(say.translations, newstyle=True)  # type: ignore[attr-defined]
    made.policies["ext.i18n.trimmed"] = True
    made.globals["language"] = language
    spoken: dict[str, Any] = {"language": language}
    made.filters |= {
        "tone": tone,
        "named": say.name,
        "estimate": partial(estimate, **spoken),
        "count": partial(numbers.count, **spoken),
        "number": partial(numbers.number, **spoken),
        "duration": partial(numbers.duration, **spoken),
        "file_size": partial(numbers.file_size, **spoken),
    }
    return made


def tone(verdict: str) -> str:
    """How a verdict is set: the words alone decide, and the words are always printed."""
    return next((name for name, words in TONES.items() if verdict.casefold() in words), "neutral")


def estimate(finding: Mapping[str, Any], *, language: str = "en") -> str:
    """Value of a finding with its interval; nothing where the value is a word."""
    value, unit = finding["value"], finding["unit"]
    if value is None or isinstance(value, bool | str | list):
        return ""
    ends = {"low": finding["low"], "high": finding["high"]}
    return numbers.estimate_with_interval(value, **ends, unit=unit, language=language)


def filled(template: str, *, language: str = "en", **values: Any) -> str:
    """Text of a template with its values set, its own words in the language."""
    return environment(language).get_template(template).render(**values)


def document(template: str, *, language: str = "en", **values: Any) -> str:
    """A whole document: the template with the style sheet inside it."""
    loader = environment().loader
    style = loader.get_source(environment(), "report.css")[0] if loader else ""
    return filled(template, language=language, style=Markup(style), **values)
