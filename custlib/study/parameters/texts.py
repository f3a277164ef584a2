"""Texts from the command line and from YAML files, converted by a parameter's type."""

import csv
import math
from pathlib import Path
from typing import Any

from custlib.errors import ParameterError

NONE = {"none", "null", "~"}
TRUTH = {"true": True, "yes": True, "on": True, "1": True}
TRUTH |= {"false": False, "no": False, "off": False, "0": False}


def scalar(kind: str, text: str) -> Any:
    """The text as an int, float, bool or str; a ValueError where it is none."""
    if kind == "str":
        return text
    text = text.strip()
    if kind == "bool":
        if text.lower() not in TRUTH:
            raise ValueError("not true or false")
        return TRUTH[text.lower()]
    number = int(text) if kind == "int" else float(text)
    try:
        finite = math.isfinite(number)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError("not a finite number")
    return number


def value_of(text: Any, kind: str, many: bool, optional: bool) -> Any:
    """The text, or the list of texts, as a value of the type; a ValueError where it is none."""
    if isinstance(text, str) and optional and text.strip().lower() in NONE:
        return None
    if many:
        parts = _elements(text) if isinstance(text, str) else text
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise ValueError("not a flat list")
        return [scalar(kind, part) for part in parts]
    if not isinstance(text, str):
        raise ValueError("not a single value")
    return scalar(kind, text)


def split_options(options: tuple[str, ...]) -> dict[str, str]:
    """Name and text of each `name=value`; a ParameterError lists those of another form."""
    wrong = [option for option in options if "=" not in option]
    names = [option.partition("=")[0].strip() for option in options if "=" in option]
    twice = sorted({name for name in names if names.count(name) > 1})
    if wrong or twice:
        found = [f"{option!r} has no `=`" for option in wrong]
        found += [f"{name} is given {names.count(name)} times" for name in twice]
        raise ParameterError.because(
            f"The parameters cannot be read: {'; '.join(found)}.",
            "Expected `-p name=value`, each name once.",
            "Write the name, an equals sign and the value; quote values with spaces.",
        )
    return {name: option.partition("=")[2] for name, option in zip(names, options, strict=True)}


def read_parameter_file(path: Path) -> dict[str, Any]:
    """Texts, and lists of texts, by name, from a YAML or JSON file of `name: value`."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, yaml.BaseLoader)
        keys = node.value if isinstance(node, yaml.MappingNode) else []
        names = [key.value for key, _ in keys]
        # BaseLoader leaves every scalar a text, so that `no` for a str is not turned into False.
        content = yaml.load(text, Loader=yaml.BaseLoader) or {}
    except OSError as problem:
        raise _unreadable(path, str(problem.strerror)) from None
    except (yaml.YAMLError, ValueError, TypeError) as problem:
        raise _unreadable(path, " ".join(str(problem).split())) from None
    if not isinstance(content, dict):
        raise _unreadable(path, "it holds no `name: value`")
    if twice := sorted({str(name) for name in names if names.count(name) > 1}):
        raise _unreadable(path, f"given more than once: {', '.join(twice)}")
    return content


def _elements(text: str) -> list[Any]:
    """Elements of a list written as JSON, as YAML, or with commas between."""
    import yaml

    if not text.strip().startswith("["):
        try:
            rows = list(csv.reader([text], skipinitialspace=True))
        except csv.Error:
            raise ValueError("not a list") from None
        return [part.strip() for part in rows[0]] if text.strip() else []
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        raise ValueError("not a list") from None


def _unreadable(path: Path, why: str) -> ParameterError:
    return ParameterError.because(
        f"The parameter file {path.name!r} cannot be used: {why}.",
        "Expected YAML or JSON with one `name: value` a line.",
        "Correct the file, or pass the values with -p.",
    )
