"""One parameter as a field: what to enter, what it means, and what is wrong with it."""

import csv
import html
import io
from collections.abc import Callable, Iterable
from typing import Any

from ipywidgets import HTML, Checkbox, Combobox, Dropdown, Text, Textarea, VBox

from custlib.study.parameters.cell import Parameter
from custlib.study.parameters.values import Problem

NONE = "none"
EMPTY = "empty means None"
# A list that is longer than a field shows gets one that wraps.
WIDEST = 40


class Field:
    """A parameter on the page; its text is what `-p name=text` would be given.

    Parameters
    ----------
    parameter : Parameter
        One line of the parameters cell.
    changed : callable
        Called without arguments when something was entered.
    """

    def __init__(self, parameter: Parameter, changed: Callable[[], None]) -> None:
        self.parameter = parameter
        self.entry = _entry(parameter)
        self.problem, self.help = HTML(), HTML(_help(parameter))
        self.problem.add_class("custlib-problem")
        self.help.add_class("custlib-help")
        self.box = VBox([self.entry, self.problem, self.help])
        self.box.add_class("custlib-field")
        self.entry.value = self.first
        self.entry.observe(lambda _: changed(), names="value")

    @property
    def text(self) -> str:
        """The value as text, as the command line takes it."""
        value = self.entry.value
        if isinstance(value, bool):
            return text_of(value)
        # Lines of a field that wraps are no lines of a list.
        text = " ".join(value.splitlines())
        return NONE if self.parameter.optional and not text.strip() else text

    @property
    def untouched(self) -> bool:
        """Whether the field stands as the cell sets it; not every value has a text of its own."""
        return bool(self.entry.value == self.first)

    @property
    def first(self) -> Any:
        """What is entered for the value that the cell sets."""
        default = self.parameter.default
        if isinstance(self.entry, Checkbox):
            return default
        is_none = default is None and isinstance(self.entry, Dropdown)
        return NONE if is_none else text_of(default)

    def tell(self, problem: Problem | None) -> None:
        """Say at the field what is wrong, or that nothing is."""
        self.problem.value = "" if problem is None else _told(problem)
        mark = self.entry.remove_class if problem is None else self.entry.add_class
        mark("custlib-wrong")

    def explain(self, text: str) -> None:
        """Add a line to the help of the field; none where the text is empty."""
        added = f"<br>{html.escape(text)}" if text else ""
        self.help.value = _help(self.parameter) + added

    def suggest(self, texts: Iterable[str]) -> None:
        """Offer these texts while something is entered."""
        options = tuple(texts)
        if isinstance(self.entry, Combobox) and options != self.entry.options:
            self.entry.options = options


def text_of(value: Any) -> str:
    """A value as the text it is read from: empty for None, commas between elements of a list.

    Examples
    --------
    >>> text_of(["staff", "price, all of it"]), text_of(True), text_of(0.5), text_of(None)
    ('staff,"price, all of it"', 'true', '0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow([text_of(one) for one in value])
        return row.getvalue()
    return str(value)


def understood(values: list[Any] | None) -> str:
    """What a list was understood as, so that a decimal comma is seen.

    Examples
    --------
    >>> understood([0.0, 5.0]), understood([]), understood(None)
    ('2 values: 0; 5', 'no values', '')
    """
    if not values:
        return "" if values is None else "no values"
    whole = (int(one) if isinstance(one, float) and one.is_integer() else one for one in values)
    return f"{len(values)} value{'s' if len(values) > 1 else ''}: {'; '.join(map(text_of, whole))}"


def _entry(one: Parameter) -> Any:
    """What fits the type; numbers are typed as texts, for number fields clip in silence."""
    how: dict[str, Any] = {"description": one.name}
    if not one.many and (one.one_of is not None or (one.kind == "bool" and one.optional)):
        allowed = one.one_of if one.one_of is not None else (True, False)
        options = [text_of(value) for value in allowed]
        options = [*([NONE] if one.optional else []), *options]
        return Dropdown(options=[*dict.fromkeys(options)], **how)
    if one.kind == "bool" and not one.many:
        return Checkbox(indent=False, **how)
    is_none = one.optional and one.default not in ("", [])
    how |= {"placeholder": EMPTY if is_none else "", "continuous_update": True}
    if one.many:
        return (Textarea if len(text_of(one.default)) > WIDEST else Text)(**how)
    return (Combobox if one.kind == "str" else Text)(**how)


def _help(one: Parameter) -> str:
    """Meaning, limits and default, below the field."""
    limits = "" if one.one_of is not None and not one.many else one.limits
    told = (one.meaning, limits, "commas between several" if one.many else "")
    return "; ".join(html.escape(text) for text in told if text)


def _told(problem: Problem) -> str:
    parts = [f"{problem.found}.", f"Expected {problem.expected}.", problem.hint]
    lines = "<br>".join(html.escape(part) for part in parts if part)
    return f'<span role="alert">{lines}</span>'
