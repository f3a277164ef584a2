"""The worked test of a function: the tables it reads and its code, for the pages of methods."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

WORKED = Path(__file__).resolve().parents[1] / "tests" / "worked"


@cache
def tree(file: Path) -> ast.Module:
    """The parsed source of a file."""
    return ast.parse(file.read_text(encoding="utf-8"))


def pipe_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows])


def worked(floor: str, name: str) -> tuple[Path, list[str], str] | None:
    """The first worked test of a function: its file, the tables it reads, and its code.

    A file named for the function comes first, a test that calls it before one whose helper does.
    """
    found = []
    for file in sorted(WORKED.glob("test_*.py")):
        if _imports(file, floor, name):
            for at, (test, needed) in enumerate(_tests(file)):
                direct = name in _calls(test)
                if direct or any(name in _calls(node) for node in needed):
                    found.append((file.stem != f"test_{name}", not direct, file, at))
    if not found:
        return None
    *_, file, at = min(found)
    test, needed = _tests(file)[at]
    tables = [text for node in needed for text in _tables(file, node)]
    return file, tables, _code(file, [*needed, test])


def _imports(file: Path, floor: str, name: str) -> bool:
    return any(
        one.name == name
        for node in tree(file).body
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"custlib.{floor}.")
        for one in node.names
    )


@cache
def _tests(file: Path) -> list[tuple[ast.FunctionDef, list[ast.stmt]]]:
    """The tests of a file, each with what it uses of the file."""
    functions = [node for node in tree(file).body if isinstance(node, ast.FunctionDef)]
    return [(node, _needed(file, node)) for node in functions if node.name.startswith("test_")]


def _needed(file: Path, test: ast.stmt) -> list[ast.stmt]:
    """What a test uses of its file, and what that uses in turn, in the order of the file."""
    written = {name: node for node in tree(file).body for name in _names(node)}
    found: set[str] = set()
    open_ = {name for name in _used(test) if name in written}
    while open_:
        found |= open_
        open_ = {n for one in open_ for n in _used(written[one]) if n in written} - found
    kept = {id(written[name]): written[name] for name in found}
    return sorted(kept.values(), key=lambda node: node.lineno)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


def _used(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name | ast.arg):
            yield one.id if isinstance(one, ast.Name) else one.arg


@cache
def _calls(node: ast.AST) -> set[str]:
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return {one.id for one in calls if isinstance(one, ast.Name)}


def _tables(file: Path, node: ast.stmt) -> list[str]:
    """Markdown of the pipe tables that a statement is given, with the comment above it."""
    if not isinstance(node, ast.Assign) or "table" not in _calls(node.value):
        return []
    said = " ".join(line.removeprefix("# ") for line in _comment(file, node))
    texts = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
    made = []
    for text in texts:
        lines = [line.strip().removeprefix("|") for line in str(text).strip().splitlines()]
        lines = [line.removesuffix("|") for line in lines if set(line) - set("-+| ")]
        rows = [[cell.strip() for cell in line.split("|")] for line in lines]
        if len(rows) > 1:
            filled = [row + [""] * (len(rows[0]) - len(row)) for row in rows]
            title = f"`{', '.join(_names(node))}`" + (f": {said}" if said else "")
            made.append(f"{title}\n\n" + pipe_table(filled[0], filled[1:]))
    return made


def _code(file: Path, nodes: list[ast.stmt]) -> str:
    """The statements as they are written, but for the tables, which stand above."""
    text = ""
    for node in nodes:
        if not _tables(file, node):
            lines = _lines(file)[_first(node) - 1 : node.end_lineno]
            between = "\n\n\n" if isinstance(node, ast.FunctionDef) else "\n"
            text += (between if text else "") + "\n".join([*_comment(file, node), *lines])
    return text


@cache
def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _first(node: ast.stmt) -> int:
    """Number of the first line of a statement, its decorators included."""
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])


def _comment(file: Path, node: ast.stmt) -> list[str]:
    """The lines of comment right above a statement."""
    at = _first(node) - 1
    start = at
    while start and _lines(file)[start - 1].startswith("#"):
        start -= 1
    return _lines(file)[start:at]
