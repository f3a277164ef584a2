"""Contradictions within a codebook: each check yields every problem it finds, with its remedy."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from custlib.survey.codebook.parts import Condition, Group, Scale, canonical
from custlib.survey.codebook.source import Problem, near


def contradictions(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """Parts that are well formed but do not fit one another."""
    yield from scale_problems(parts)
    yield from item_problems(parts)
    yield from group_problems(parts)
    yield from name_problems(parts)
    yield from population_problems(parts)
    yield from target_problems(parts)
    yield from statement_problems(parts)


def scale_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    for name, scale in parts["scales"].items():
        if scale is None:
            continue
        here = ("scales", name)
        if scale.low >= scale.high:
            message = f"low {scale.low} is not below high {scale.high}; exchange or correct them"
            yield Problem((*here, "low"), message)
            continue
        span = f"outside {scale.low} to {scale.high}"
        for code in scale.labels:
            if not scale.low <= code <= scale.high:
                message = f"code {span}; correct it or the scale, or declare it under missing"
                yield Problem((*here, "labels", code), message)
        yield from alike(scale.labels, (*here, "labels"))
        yield from alike(scale.missing, (*here, "missing"))
        facts = parts["facts"]
        general = facts.missing if facts else {}
        for codes, place in ((scale.missing, (*here, "missing")), (general, ("missing",))):
            for code in codes:
                if is_answer(code, scale):
                    message = f"missing code that is an answer of scale {name!r}; take another code"
                    yield Problem((*place, code), message)


def is_answer(code: str, scale: Scale) -> bool:
    """Whether a code written as text is one of the scale's whole numbers."""
    digits = canonical(code).removeprefix("-").isdecimal()
    return digits and scale.low <= int(canonical(code)) <= scale.high


def alike(labels: Mapping[Any, Mapping[str, str]], path: tuple) -> Iterator[Problem]:
    """Codes or labels that the data could not tell apart."""
    owner: dict[str, Any] = {}
    for code, text in labels.items():
        for spelling in dict.fromkeys(canonical(one) for one in (code, *text.values())):
            first = owner.setdefault(spelling, code) if spelling else code
            if first != code:
                message = f"{spelling!r} stands for {first!r} as well; give each a label of its own"
                yield Problem((*path, code), message)


def item_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    for name, item in parts["items"].items():
        if item is None:
            continue
        if item.scale not in parts["scales"]:
            message = f"scale {item.scale!r} is not declared; {near(item.scale, parts['scales'])}"
            yield Problem(("items", name, "scale"), message)
        if item.block is not None and item.block not in parts["blocks"]:
            hint = near(item.block, parts["blocks"])
            message = f"block {item.block!r} is not declared under blocks; {hint}"
            yield Problem(("items", name, "block"), message)


def group_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    for name, group in parts["groups"].items():
        if group is None:
            continue
        if not group.values:
            yield Problem(("groups", name, "values"), "no values; list each value with its label")
        yield from alike(group.values, ("groups", name, "values"))
        known = {canonical(value) for value in group.values}
        for code in group.missing:
            if canonical(code) in known:
                message = "missing code that is a value of the group; take one of the two away"
                yield Problem(("groups", name, "missing", code), message)


def name_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """One name for two things, or one column of the file read as two variables."""
    sections = ("items", "blocks", "groups")
    names = [(section, name) for section in sections for name in parts[section]]
    first: dict[str, str] = {}
    for section, name in names:
        if first.setdefault(name, section) != section:
            message = f"also a name under {first[name]}; give each thing a name of its own"
            yield Problem((section, name), message)
    columns = {
        (section, name): part.column or name
        for section, name in names
        if (part := parts[section][name]) is not None and section != "blocks"
    }
    counts = Counter(columns.values())
    for (section, name), column in columns.items():
        if counts[column] > 1 and first[name] == section:
            message = f"column {column!r} is read {counts[column]} times; name each column once"
            yield Problem((section, name), message)


def population_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    facts = parts["facts"]
    if facts is not None and facts.cluster_population and facts.cluster is None:
        message = "people per cluster need 'cluster: column'; add it, or remove this line"
        yield Problem(("cluster_population",), message)
    if facts is None or facts.population is None or isinstance(facts.population, str):
        return
    if isinstance(facts.population, Mapping):
        if facts.stratum is None:
            message = "a population per stratum needs 'stratum: column'; add it, or give one number"
            yield Problem(("population",), message)
        group = parts["groups"].get(facts.stratum)
        if group is not None:
            yield from unfit_values(facts.population, group, facts.stratum, ("population",))
        sizes: list[tuple] = [
            (("population", name), size) for name, size in facts.population.items()
        ]
    else:
        if facts.stratum is not None:
            message = f"one number for all strata of {facts.stratum!r}; give one for each of them"
            yield Problem(("population",), message)
        sizes = [(("population",), facts.population)]
    for path, size in sizes:
        if not isinstance(size, int) or size < 1:
            yield Problem(path, f"{size!r} is not a number of people or clusters; give 1 or more")


def target_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    facts = parts["facts"]
    for margin, shares in (facts.targets if facts else {}).items():
        here = ("targets", margin)
        if margin not in parts["groups"]:
            message = f"not declared under groups; {near(margin, parts['groups'])}"
            yield Problem(here, message)
        elif parts["groups"][margin] is not None:
            yield from unfit_values(shares, parts["groups"][margin], margin, here)
        for value, share in shares.items():
            if not 0 <= share < float("inf"):
                yield Problem((*here, value), f"{share} is not a share or total; give 0 or more")


def unfit_values(numbers: Mapping, group: Group, name: str, path: tuple) -> Iterator[Problem]:
    """Numbers for values the group does not have, and values without a number."""
    for value in numbers:
        if value not in group.values:
            message = f"not a value of {name!r}; {near(value, group.values)}"
            yield Problem((*path, value), message)
    lacking = [value for value in group.values if value not in numbers]
    if lacking:
        message = f"no number for {', '.join(lacking)} of {name!r}; add it, 0 where there is none"
        yield Problem(path, message)


def statement_problems(parts: Mapping[str, Any]) -> Iterator[Problem]:
    for path, condition in parts["conditions"].items():
        yield from condition_problems(condition, parts, path)


def condition_problems(condition: Condition, parts: Mapping, path: tuple) -> Iterator[Problem]:
    chosen = [] if condition.items == "all" else condition.items
    for key, names in (("items", chosen), ("except", condition.excluded)):
        for at, name in enumerate(names):
            if name not in parts["items"]:
                message = f"{name!r} is not an item; {near(name, parts['items'])}"
                yield Problem((*path, key, at), message)
    pool = set(parts["items"]) if condition.items == "all" else set(chosen)
    if pool and pool <= set(condition.excluded):
        yield Problem((*path, "except"), "leaves no item; exclude fewer")
    if condition.by is None:
        return
    if condition.by not in parts["groups"]:
        message = f"{condition.by!r} is not a group; {near(condition.by, parts['groups'])}"
        yield Problem((*path, "by"), message)
        return
    group = parts["groups"][condition.by]
    for key, values in (("group", [condition.group]), ("contrast", condition.contrast or [])):
        for value in values:
            if group is not None and value is not None and value not in group.values:
                message = f"{value!r} is not a value of {condition.by!r}; "
                yield Problem((*path, key), message + near(value, group.values))
    if condition.contrast and len(set(condition.contrast)) == 1:
        yield Problem((*path, "contrast"), "names one value twice; name two values")
