"""A codebook as text: YAML that a person reads and edits, with each guess explained above it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

PLAIN, CODE = re.compile(r"[a-z_][a-z0-9_]*"), re.compile(r"-?(0|[1-9]\d*)")
RESERVED = {"null", "true", "false", "yes", "no", "on", "off"}
Comments = Mapping[tuple[str, ...], list[str]]


def yaml_lines(mapping: Mapping[str, Any], comments: Comments, *path: str) -> Iterator[str]:
    """Lines of a mapping; the comments on a key stand above it."""
    indent = "  " * len(path)
    for key, value in mapping.items():
        here = (*path, str(key))
        for comment in comments.get(here, ()):
            yield f"{indent}# {as_comment(comment)}"
        name = scalar(int(key) if CODE.fullmatch(str(key)) else key)
        if isinstance(value, Mapping):
            yield f"{indent}{name}:{'' if value else ' {}'}"
            yield from yaml_lines(value, comments, *here)
        else:
            yield f"{indent}{name}: {scalar(value)}".rstrip()


def scalar(value: object) -> str:
    """A key or a value: plain where nothing can be mistaken, else in quotation marks."""
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, int) or (PLAIN.fullmatch(text) and text not in RESERVED):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    shown = "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped)
    return f'"{shown}"'


def as_comment(text: str) -> str:
    """The text on one line of printable letters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
