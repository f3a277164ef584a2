"""The parts of a codebook built one by one, and what is wrong with those that cannot be."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from custlib.survey.codebook.parts import (
    Block,
    Condition,
    Group,
    Item,
    Part,
    Scale,
    Statement,
    SurveyFacts,
)
from custlib.survey.codebook.source import Problem, near

SECTIONS: dict[str, type[Part]] = {
    "scales": Scale,
    "items": Item,
    "blocks": Block,
    "groups": Group,
    "statements": Statement,
}
WORDS = {
    "int_parsing": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "too_short": "is too short; list more",
    "too_long": "is too long; list fewer",
}


def validated(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Valid parts of a codebook and the problems of the others, so that none hides another."""
    problems: list[Problem] = []
    facts = {name: value for name, value in data.items() if name not in SECTIONS}
    parts: dict[str, Any] = {"facts": build(SurveyFacts, facts, (), problems, known=SECTIONS)}
    parts["conditions"] = {}
    for section, model in SECTIONS.items():
        entries = data.get(section) or {}
        if isinstance(entries, list) and section == "blocks":
            entries = dict.fromkeys(map(str, entries))
        if not isinstance(entries, Mapping):
            problems.append(Problem((section,), "expected a mapping, 'name: …', one entry a line"))
            entries = {}
        parts[section] = {}
        for name, entry in entries.items():
            filled, here = entry or {}, (section, name)
            if section == "items":
                filled = with_only_scale(filled, data)
            if section == "statements":
                filled, sound = with_conditions(filled, here, problems)
                parts["conditions"] |= sound
            parts[section][name] = None if filled is None else build(model, filled, here, problems)
    return parts, problems


def with_only_scale(entry: Any, data: Mapping[str, Any]) -> Any:
    """An item names no scale where the codebook has only one."""
    scales = data.get("scales")
    if isinstance(scales, Mapping) and len(scales) == 1 and isinstance(entry, Mapping):
        return {"scale": next(iter(scales)), **entry}
    return entry


def with_conditions(entry: Any, path: tuple, problems: list[Problem]) -> tuple[Any, dict]:
    """A statement with the conditions that can be built, and these by their place in the list."""
    conditions = entry.get("holds_if") if isinstance(entry, Mapping) else None
    if not conditions or not isinstance(conditions, list):
        return entry, {}
    places = [(*path, "holds_if", at) for at in range(len(conditions))]
    built = {
        place: build(Condition, condition, place, problems)
        for place, condition in zip(places, conditions, strict=True)
    }
    sound = {place: condition for place, condition in built.items() if condition is not None}
    # Where every condition is faulty the statement is not complained of a second time.
    return {**entry, "holds_if": list(sound.values())} if sound else None, sound


def build(
    model: type[Part],
    entry: Any,
    path: tuple,
    problems: list[Problem],
    known: Iterable[str] = (),
) -> Any:
    """The part, without its faulty keys where it can stand without them, else None."""
    try:
        return model.model_validate(entry)
    except ValidationError as error:
        faulty = set()
        for one in error.errors():
            problems.append(in_words(model, one, path, known))
            faulty.add(one["loc"][0] if one["loc"] else None)
        if not isinstance(entry, Mapping):
            return None
        rest = {name: value for name, value in entry.items() if name not in faulty}
        try:
            return model.model_validate(rest) if len(rest) < len(entry) else None
        except ValidationError:
            return None


def in_words(model: type[Part], error: Any, path: tuple, known: Iterable[str]) -> Problem:
    """One complaint of pydantic in the words of a codebook."""
    loc = tuple(step for step in error["loc"] if step != "[key]")
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        keys = [*known, *(field.alias or name for name, field in model.model_fields.items())]
        message = f"unknown key; {near(loc[-1], keys)}"
    elif kind == "missing":
        message = f"lacks {str(loc[-1])!r}; add it"
        loc = loc[:-1]
    elif kind in ("dict_type", "model_type"):
        message = f"{value!r} stands where a mapping, 'key: value', is expected"
    elif kind == "literal_error":
        message = f"{value!r} is not known; expected {error['ctx']['expected']}"
    elif kind == "value_error":
        message = str(error["ctx"]["error"])
    elif kind in WORDS:
        message = f"{value!r} {WORDS[kind]}"
    else:
        message = f"{error['msg']}, not {value!r}" if value is not None else error["msg"]
    return Problem(path + loc, message)
