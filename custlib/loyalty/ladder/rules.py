"""Rules that give a stage: data to be read and shown, not code."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from custlib.errors import DataError, ParameterError, nearest

ANY = "any"  # stands for every kind of event
# What is measured of a kind of event: the words before it, and an example.
MEASURES = {
    "count": ("", "order >= 2 in last 4"),
    "amount": ("amount of", "amount of order >= 500 in last 4"),
    "active_periods": ("periods with", "periods with order >= 3 in last 4"),
    "periods_since": ("periods since", "periods since order >= 4"),
}
NAMED = {words: measure for measure, (words, _) in MEASURES.items()}
CONDITION = re.compile(
    rf"(?:({'|'.join(filter(None, NAMED))})\s+)?(.+?)\s*(>=|<=|=)\s*(\d+(?:\.\d+)?)"
    r"(?:\s+in\s+(?:the\s+)?last\s+(\d+))?"
)
OTHERWISE = ("otherwise", "")
FORM = (
    '"stage: condition and condition", a condition being '
    f"{', '.join(example for _, example in MEASURES.values())}, or otherwise"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so of one kind of event; `last` periods with the present one, None for all."""

    measure: str
    event: str
    sign: str
    number: float
    last: int | None


@dataclass(frozen=True, slots=True)
class StageRule:
    """A stage and the conditions that must all hold; none of them means everybody."""

    stage: str
    conditions: tuple[Condition, ...]
    text: str


Rules: TypeAlias = Sequence[str | Mapping[str, Any] | StageRule]


def stage_rules(rules: Rules) -> list[StageRule]:
    """Rules as they are read from texts or mappings, in their order.

    Parameters
    ----------
    rules : list of str or of mappings
        `"regular: order >= 2 in last 4"`, `{"regular": "order >= 2 in last 4"}` or
        `{"stage": "regular", "when": [...]}`; several conditions are joined by "and".

    Returns
    -------
    list of StageRule

    Raises
    ------
    ParameterError
        No rules, or one that cannot be read; the message shows the form.

    Notes
    -----
    A condition counts events of a kind ("any" for all), sums their amounts, counts periods with
    one, or periods since the last; "in last k" looks at the present period and the k − 1 before
    it, without it at everything so far. Who never had the event has it an infinite time ago.

    Examples
    --------
    >>> [rule] = stage_rules(["regular: order >= 2 in last 4 and periods since order <= 1"])
    >>> rule.stage, [(one.measure, one.sign, one.number, one.last) for one in rule.conditions]
    ('regular', [('count', '>=', 2.0, 4), ('periods_since', '<=', 1.0, None)])
    """
    # A text alone is no list of rules, though Python would take it for one of letters.
    if isinstance(rules, str | Mapping) or not rules:
        raise ParameterError.because(
            f"rules is {rules!r}.", f"Expected a list of rules: {FORM}.", "Pass a list."
        )
    return [_rule(one) for one in rules]


def read_stage_rules(path: str | Path) -> list[StageRule]:
    """Rules of a YAML file: a list with one `stage: conditions` an entry.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of StageRule, as `stage_rules` reads them.

    Raises
    ------
    DataError
        There is no such file, or it holds no list.
    ParameterError
        A rule cannot be read.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile("w", suffix=".yaml") as file:
    ...     _ = file.write("- regular: order >= 2 in last 4\\n- visitor: otherwise\\n")
    ...     file.flush()
    ...     [rule.stage for rule in read_stage_rules(file.name)]
    ['regular', 'visitor']
    """
    import yaml

    name = Path(path).name
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as problem:
        why = " ".join(str(getattr(problem, "strerror", None) or problem).split())
        raise DataError.because(
            f"The rules {name!r} cannot be read: {why}.",
            "Expected a YAML file with one `- stage: conditions` a line.",
            "Correct the path or the file.",
        ) from problem
    if not isinstance(found, list) or not found:
        raise DataError.because(
            f"The file {name!r} holds no list of rules.",
            "Expected lines such as `- regular: order >= 2 in last 4`.",
            "Begin each rule with a dash.",
        )
    return stage_rules(found)


def ladder_of(rules: Sequence[StageRule]) -> list[str]:
    """Stages from the lowest up: rules stand from the top rung down."""
    return list(dict.fromkeys(rule.stage for rule in rules))[::-1]


def lacking_kinds(rules: Sequence[StageRule], known: Iterable[str]) -> list[str]:
    """Kinds of event that rules count and that never occur, each with one written nearly alike."""
    named = dict.fromkeys(one.event for rule in rules for one in rule.conditions)
    lacking = [name for name in named if name not in {*known, ANY}]
    near = {name: nearest(name, known) for name in lacking}
    return [f"{name} ({near[name]}?)" if near[name] else name for name in lacking]


def _rule(given: Any) -> StageRule:
    stage, when = _parts(given)
    conditions = [text.strip() for one in when for text in re.split(r"\s+and\s+", one)]
    parsed = tuple(_condition(text, stage) for text in conditions if text not in OTHERWISE)
    if parsed and len(parsed) < len(conditions):
        raise _unreadable(f"{stage}: {' and '.join(conditions)}")
    return StageRule(stage, parsed, " and ".join(conditions))


def _parts(given: Any) -> tuple[str, list[str]]:
    """Stage and texts of the conditions."""
    if isinstance(given, StageRule):
        return given.stage, [given.text]
    if isinstance(given, str):
        stage, mark, when = given.partition(":")
        given = {stage: when} if mark else {}
    if isinstance(given, Mapping) and "stage" in given:
        given = {given["stage"]: given.get("when", "otherwise")}
    if not isinstance(given, Mapping) or len(given) != 1:
        raise _unreadable(given)
    [(stage, when)] = given.items()
    texts = [when] if isinstance(when, str) else when
    if not isinstance(texts, Sequence) or not all(isinstance(one, str) for one in texts):
        raise _unreadable(given)
    if not str(stage).strip():
        raise _unreadable(given)
    return str(stage).strip(), [text.strip() for text in texts]


def _condition(text: str, stage: str) -> Condition:
    found = CONDITION.fullmatch(text)
    if found is None:
        raise _unreadable(f"{stage}: {text}")
    words, event, sign, number, last = found.groups()
    measure = NAMED[words or ""]
    if (measure == "periods_since" and last) or last == "0":
        raise _unreadable(f"{stage}: {text}")
    return Condition(measure, event, sign, float(number), int(last) if last else None)


def _unreadable(given: Any) -> ParameterError:
    return ParameterError.because(
        f"A rule cannot be read: {given!r}.", f"Expected {FORM}.", "Write the rule in that form."
    )
