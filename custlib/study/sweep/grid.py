"""A plan file: one study, and how its parameters go from run to run."""

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custlib.errors import ParameterError, did_you_mean

WAYS = ("grid", "zip", "runs")
KEYS = ("study", "base", *WAYS)
FORM = "`study:`, `base:` if wanted, and one of `grid:`, `zip:` or `runs:`"
MOST_RUNS = 2000

Texts = dict[str, Any]


@dataclass(frozen=True)
class SweepFile:
    """A plan file as read: its study, the names that vary, and the texts of each run."""

    name: str
    study: str
    keys: tuple[str, ...]
    runs: tuple[Texts, ...]
    source: bytes


def read_sweep(path: Path) -> SweepFile:
    """The plan in this YAML file, spelled out as one mapping of texts a run.

    Parameters
    ----------
    path : Path
        YAML with `study:` (a name or the path of a notebook), `base:` (values for all runs), and
        exactly one of `grid:` (lists, every combination is a run), `zip:` (lists of equal length,
        taken in step) and `runs:` (a list of mappings). Paths start at the working directory, as
        those of `custlib run -f` do.

    Returns
    -------
    SweepFile

    Raises
    ------
    ParameterError
        The file cannot be read or has another form; a wrong name is told with the nearest.

    Notes
    -----
    Every value is read as the text that stands there, and converted by the type that the study
    declares: `no` for a `str` stays "no".
    """
    source, content = _content(path)
    _require_names(path, "the plan", content, KEYS)
    study = content.get("study")
    if not isinstance(study, str) or not study.strip():
        raise _wrong(path, "`study:` is missing or not one text", FORM)
    ways = [way for way in WAYS if way in content]
    if len(ways) != 1:
        told = " and ".join(f"`{way}:`" for way in ways) or "none of `grid:`, `zip:`, `runs:`"
        raise _wrong(path, f"it has {told}", f"exactly one of them: {FORM}")
    way = ways[0]
    base = _values(path, "base", content.get("base") or {})
    keys, runs = _runs(path, way, content[way])
    if way != "runs" and (both := sorted(set(base) & set(keys))):
        raise _wrong(path, f"{', '.join(both)} in `base:` and in `{way}:`", "each name in one")
    return SweepFile(
        name=safe_name(path.stem),
        study=study.strip(),
        keys=keys,
        runs=tuple(base | run for run in runs),
        source=source,
    )


def safe_name(text: str) -> str:
    """The text as the start of a folder's name, whatever it holds."""
    return re.sub(r"[^\w-]+", "_", text).strip("_-")[:48] or "sweep"


def _content(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Bytes and content of the file; every scalar is left a text, and nothing else is built."""
    import yaml

    try:
        source = path.read_bytes()
        text = source.decode("utf-8-sig")
        node = yaml.compose(text, yaml.BaseLoader)
        _require_tree(path, node)
        content = yaml.load(text, Loader=yaml.BaseLoader)
    except OSError as problem:
        raise _wrong(path, str(problem.strerror), "the path of a YAML file") from None
    except ParameterError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as problem:
        raise _wrong(path, " ".join(str(problem).split()), f"YAML with {FORM}") from None
    if not isinstance(content, dict):
        raise _wrong(path, "it holds no `name: value`", f"YAML with {FORM}")
    return source, content


def _require_tree(path: Path, root: Any) -> None:
    """No name stands twice in a mapping, and no part is an alias: aliases can grow without end."""
    import yaml

    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.CollectionNode):
            if id(node) in seen:
                raise _wrong(path, "it repeats a part by an alias (`*name`)", "every part in full")
            seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        if isinstance(node, yaml.MappingNode):
            names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise _wrong(path, f"given more than once: {', '.join(twice)}", "each name once")
            waiting += [value for _, value in node.value]


def _runs(path: Path, way: str, content: Any) -> tuple[tuple[str, ...], list[Texts]]:
    """Names that vary, and what each run sets."""
    if way == "runs":
        if not isinstance(content, list) or not content:
            raise _wrong(
                path, "`runs:` is no list with a run in it", "a list of mappings, one a run"
            )
        runs = [_values(path, f"run {at} of `runs:`", one) for at, one in enumerate(content, 1)]
        _require_count(path, len(runs))
        return tuple(dict.fromkeys(name for run in runs for name in run)), runs
    if not isinstance(content, Mapping) or not content:
        raise _wrong(path, f"`{way}:` holds no `name: [values]`", "a list of values for each name")
    lists = {str(name): _list(path, way, name, values) for name, values in content.items()}
    lengths = {name: len(values) for name, values in lists.items()}
    if way == "zip" and len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in lengths.items())
        raise _wrong(path, f"the lists of `zip:` differ in length: {told}", "equal lengths")
    _require_count(path, math.prod(lengths.values()) if way == "grid" else max(lengths.values()))
    rows = (
        itertools.product(*lists.values()) if way == "grid" else zip(*lists.values(), strict=True)
    )
    return tuple(lists), [dict(zip(lists, row, strict=True)) for row in rows]


def _require_count(path: Path, count: int) -> None:
    if count > MOST_RUNS:
        raise _wrong(path, f"it asks for {count:,} runs", f"at most {MOST_RUNS:,} in one sweep")


def _list(path: Path, way: str, name: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise _wrong(
            path, f"{name} in `{way}:` is no list with a value in it", f"`{name}: [first, second]`"
        )
    return [_value(path, f"{name} in `{way}:`", value) for value in values]


def _values(path: Path, where: str, content: Any) -> Texts:
    if not isinstance(content, Mapping):
        raise _wrong(path, f"{where} holds no `name: value`", "`name: value` for each parameter")
    return {str(name): _value(path, f"{name} in {where}", one) for name, one in content.items()}


def _value(path: Path, where: str, value: Any) -> Any:
    """A text, or a flat list of texts."""
    flat = isinstance(value, list) and all(isinstance(part, str) for part in value)
    if not isinstance(value, str) and not flat:
        raise _wrong(path, f"{where} is neither a value nor a flat list", "numbers, texts or lists")
    return value


def _require_names(path: Path, where: str, content: Mapping[str, Any], known: Any) -> None:
    unknown = [str(name) for name in content if name not in known]
    if unknown:
        hints = " ".join(filter(None, (did_you_mean(name, known) for name in unknown)))
        found = f"unknown in {where}: {', '.join(map(repr, unknown))}"
        raise _wrong(path, found, FORM, hints)


def _wrong(path: Path, found: str, expected: str, do: str = "") -> ParameterError:
    return ParameterError.because(
        f"The plan {(path.name or str(path))!r} cannot be used: {found}.",
        f"Expected {expected}.",
        do or "Correct the file; nothing was run.",
    )
