"""Templates filled with data: everything that comes from data is escaped on its way in."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from custlib.report import digits, numbers

TONES = {
    "for": {"holds", "yes", "supported", "confirmed"},
    "against": {"does not hold", "no", "not supported", "refuted", "rejected"},
    "open": {
        *("undecided", "unclear", "open", "not distinguishable", "not computed", "not tested"),
        *("cannot be tested", "too few answers"),
    },
}


@cache
def environment() -> Environment:
    """Templates of the package, with autoescape on and the number formats as filters."""
    made = Environment(
        loader=PackageLoader("custlib.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "tone": tone,
        "estimate": estimate,
        "count": numbers.count,
        "number": numbers.number,
        "duration": digits.duration,
        "file_size": digits.file_size,
    }
    return made


def tone(verdict: str) -> str:
    """How a verdict is set: the words alone decide, and the words are always printed."""
    return next((name for name, words in TONES.items() if verdict.casefold() in words), "neutral")


def estimate(finding: Mapping[str, Any]) -> str:
    """Value of a finding with its interval; nothing where the value is a word."""
    value, unit = finding["value"], finding["unit"]
    if value is None or isinstance(value, bool | str | list):
        return ""
    return numbers.estimate_with_interval(value, finding["low"], finding["high"], unit=unit)


def filled(template: str, **values: Any) -> str:
    """Text of a template with its values set."""
    return environment().get_template(template).render(**values)


def document(template: str, **values: Any) -> str:
    """A whole document: the template with the style sheet inside it."""
    loader = environment().loader
    style = loader.get_source(environment(), "report.css")[0] if loader else ""
    return filled(template, style=Markup(style), **values)
