"""The YAML a codebook is written in: every scalar as the text written, every key with its line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Number
from pathlib import Path
from typing import Any

import yaml

from custlib.errors import CodebookError, nearest
from custlib.places import placed
from custlib.survey.codebook.parts import canonical

FORM = "Expected a codebook: YAML text in UTF-8 with keys such as title, scales, items, groups."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a codebook, and the remedy."""

    path: tuple[Any, ...]
    message: str


def near(name: object, known: Iterable[object]) -> str:
    """A hint at the name that was probably meant, else the names there are."""
    names = [str(one) for one in known]
    meant = nearest(name, names)
    if meant is not None:
        return f"did you mean {meant!r}?"
    return f"known: {', '.join(names[:20])}" if names else "none is declared"


class CodebookSource:
    """A codebook as written: plain data, the lines of its keys, the keys written twice."""

    def __init__(self, name: str, data: dict[str, Any], root: yaml.Node | None = None) -> None:
        self.name, self.data, self.root = name, data, root
        self.repeated: list[Problem] = []

    @classmethod
    def from_mapping(cls, mapping: Mapping) -> "CodebookSource":
        return cls("The codebook", written(mapping))

    @classmethod
    def read(cls, path: str | Path) -> "CodebookSource":
        name, text = str(path), read_utf8(placed(path))
        try:
            loader = yaml.SafeLoader(text)
            root = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unknown line"
            raise CodebookError.because(
                f"{name} is not YAML, {line}: {error.problem or error.context}.",
                FORM,
                "Indent with blanks, never tabs; put texts that hold ': ' or '#' in quotes.",
            ) from error
        except yaml.YAMLError as error:
            raise CodebookError.because(
                f"{name} is not YAML: {str(error).splitlines()[0]}.",
                FORM,
                "Pass the codebook's own file, saved as plain text.",
            ) from error
        if not isinstance(root, yaml.MappingNode):
            found = "is empty" if root is None else "does not begin with 'key: value'"
            raise CodebookError.because(
                f"{name} {found}.", FORM, "Pass the codebook, or write one; see the README."
            )
        source = cls(name, {}, root)
        source.data = source.plain(loader, root, (), {})
        return source

    def plain(self, loader: Any, node: Any, path: tuple, seen: dict[int, Any]) -> Any:
        """Plain data of a node; scalars stay text, so that `no` is a word and 01 keeps its zero."""
        if isinstance(node, yaml.ScalarNode):
            return None if node.style is None and node.value in ("", "~", "null") else node.value
        if id(node) in seen:
            if seen[id(node)] is None:
                self.repeated.append(Problem(path, "an alias (*) that contains itself; remove it"))
            return seen[id(node)]
        seen[id(node)] = None
        if isinstance(node, yaml.SequenceNode):
            value: Any = [
                self.plain(loader, child, (*path, at), seen) for at, child in enumerate(node.value)
            ]
        else:
            self.find_repeated(node, path)
            loader.flatten_mapping(node)
            value = {
                key.value: self.plain(loader, child, (*path, key.value), seen)
                for key, child in node.value
                if isinstance(key, yaml.ScalarNode)
            }
        seen[id(node)] = value
        return value

    def find_repeated(self, node: yaml.MappingNode, path: tuple) -> None:
        """Keys written twice, of which YAML would silently keep the last."""
        lines: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.repeated.append(Problem(path, f"line {line}: a key that is not one word"))
            elif key.value in lines and key.value != "<<":
                first = lines[key.value]
                message = f"written on lines {first} and {line}; keep one of them"
                self.repeated.append(Problem((*path, key.value), message))
            else:
                lines[key.value] = line

    def line(self, path: tuple) -> int | None:
        """Line of the key a path ends in, or of the nearest key above it."""
        node, found = self.root, None
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pairs = [pair for pair in node.value if pair[0].value == str(step)]
                if not pairs:
                    break
                key, node = pairs[-1]
                found = key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
                if step >= len(node.value):
                    break
                node = node.value[step]
                found = node.start_mark.line + 1
            else:
                break
        return found

    def refuse(self, problems: list[Problem]) -> None:
        """Raise one error that lists every problem in the order of its line."""
        if not problems:
            return
        placed = sorted(
            ((self.line(problem.path) or 0, problem) for problem in problems), key=lambda at: at[0]
        )
        listed = [
            f"  {f'line {line}, ' if line else ''}"
            f"{'.'.join(map(str, problem.path)) or 'top'}: {problem.message}"
            for line, problem in placed
        ]
        count = f"{len(listed)} problem{'s' if len(listed) != 1 else ''}"
        raise CodebookError.because(
            "\n".join([f"{self.name} has {count}:", *dict.fromkeys(listed)]),
            "Expected known keys only, names that are declared, and codes that fit their scale.",
            "Correct every line named above and read the codebook again.",
        )


def written(value: Any) -> Any:
    """Plain data with scalars as they would be written in YAML."""
    if isinstance(value, Mapping):
        return {key_text(key): written(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [written(one) for one in value]
    if value is None or isinstance(value, str):
        return value
    return key_text(value)


def key_text(value: object) -> str:
    """A number's shortest spelling, or the text."""
    if isinstance(value, Number) and not isinstance(value, bool):
        return canonical(value)
    return str(value)


def read_utf8(path: Path) -> str:
    """Text of a codebook file, or an error that says why there is none."""
    if not path.is_file():
        here = path.parent if path.parent.is_dir() else Path()
        names = sorted(one.name for one in here.iterdir() if one.suffix in (".yaml", ".yml"))
        hint = f"in {here}, {near(path.name, names)}" if names else "no .yaml file lies there"
        raise CodebookError.because(
            f"There is no codebook file {str(path)!r}.", FORM, f"Check the path: {hint}."
        )
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CodebookError.because(
            f"{path} is not UTF-8 text: line {line} holds the byte 0x{data[error.start]:02x}.",
            FORM,
            "Save the codebook with the encoding UTF-8.",
        ) from error
