"""Files that a study's parameters name: found before the run, hashed into its record."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custlib.errors import did_you_mean
from custlib.places import card_files, file_sha256, matching_files
from custlib.study.catalogue import Study
from custlib.study.manifest import DataFile
from custlib.study.parameters.cell import Parameter, ParameterCell
from custlib.study.parameters.values import Problem, refusal


@dataclass(frozen=True)
class Inputs:
    """Parameters as the kernel gets them and as the record keeps them, and the files they name."""

    values: dict[str, Any]
    recorded: dict[str, Any]
    files: tuple[DataFile, ...]
    places: dict[str, str]


def find_inputs(
    study: Study,
    cell: ParameterCell,
    values: Mapping[str, Any],
    *,
    given: Iterable[str],
    root: Path,
    folder: Path,
) -> Inputs:
    """Resolve each path parameter and hash its file, or the data set of that name.

    A path that was given is looked up from `folder`, one that the cell sets from the project's
    root; a glob stands for every file it matches, in the order of their paths. Without a file of
    the user's, every data set that the notebook names is an input.
    """
    known, resolved, recorded = card_files(root), dict(values), dict(values)
    files: list[DataFile] = []
    places: dict[str, str] = {}
    found, problems = match_files(cell, values, given=given, root=root, folder=folder)
    for name, (path, matches) in found.items():
        if not matches:
            files += _files_of(known[values[name]], root, name)
            continue
        try:
            files += [_data_file(match.resolve(), root, name) for match in matches]
        except OSError as problem:
            problems.append(_unreadable(name, values[name], problem))
        resolved[name] = places[name] = str(path.resolve())
        recorded[name] = shown_path(path.resolve(), root)
    if problems:
        raise refusal(cell, problems)
    if not any(file.parameter == "data" for file in files):
        named = _texts(study)
        files += [
            file
            for name, card in known.items()
            if name in named and name not in recorded.values()
            for file in _files_of(card, root, None)
        ]
    return Inputs(resolved, recorded, tuple(files), places)


def match_files(
    cell: ParameterCell,
    values: Mapping[str, Any],
    *,
    given: Iterable[str],
    root: Path,
    folder: Path,
) -> tuple[dict[str, tuple[Path, list[Path]]], list[Problem]]:
    """Path and files of each path parameter, no files for a data set; and those that have none.

    Nothing is read or hashed, so that a form may ask at every letter.
    """
    known, found, problems = card_files(root), {}, []
    for one in cell:
        value = values[one.name]
        if not one.is_path or value is None:
            continue
        base = folder if one.name in given else root
        try:
            path = base / Path(value).expanduser()
            # A name of a data set is a file only if there is a file of that name.
            matches = matching_files(value, base) if path.is_file() or value not in known else []
            if matches or value in known:
                found[one.name] = path, matches
            else:
                problems.append(_absent(one, value, path, known))
        except (OSError, RuntimeError) as problem:
            problems.append(_unreadable(one.name, value, problem))
    return found, problems


def shown_path(path: Path, root: Path) -> str:
    """The path from the project's root; the bare file name where it lies outside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _files_of(card: Path, root: Path, parameter: str | None) -> list[DataFile]:
    """Every file of a data set, with the rows its card tells."""
    import yaml

    content = yaml.safe_load(card.read_text(encoding="utf-8"))
    tables = content.get("tables") if isinstance(content, dict) else None
    files = (
        path for path in sorted(card.parent.iterdir()) if path.is_file() and path.name[0] != "."
    )
    found = []
    for path in files:
        told = tables.get(path.name) if isinstance(tables, dict) else None
        rows = told.get("rows") if isinstance(told, dict) else None
        found.append(_data_file(path, root, parameter, rows if isinstance(rows, int) else None))
    return found


def _data_file(path: Path, root: Path, parameter: str | None, rows: int | None = None) -> DataFile:
    return DataFile(
        parameter=parameter,
        path=shown_path(path, root),
        sha256=file_sha256(path),
        bytes=path.stat().st_size,
        rows=rows,
    )


def _unreadable(name: str, value: str, problem: Exception) -> Problem:
    found = f"{name} is {value!r}: {getattr(problem, 'strerror', None) or problem}"
    return Problem(name, found, f"{name}: the path of a readable file")


def _absent(parameter: Parameter, value: str, path: Path, known: Iterable[str]) -> Problem:
    """A file that is not there, with the nearest name in its folder or among the data sets."""
    others = path.parent.iterdir() if path.parent.is_dir() else ()
    names = [other.name for other in others if other.name != path.name]
    pattern = "a pattern that matches " if set("*?[") & set(value) else ""
    nowhere = f"{pattern}no file in the folder {str(path.parent)!r}"
    why = "a folder" if path.is_dir() else nowhere
    expected = f"{parameter.name}: the path of a file"
    expected += ", or a pattern that matches at least one" if pattern else ""
    expected += f", or one of the data sets {', '.join(known)}" if known else ""
    found = f"{parameter.name} is {value!r}, {why}"
    return Problem(parameter.name, found, expected, did_you_mean(path.name, [*names, *known]))


def _texts(study: Study) -> set[str]:
    """Every text that stands in the notebook's code."""
    found = set()
    for cell in study.cells:
        try:
            tree = ast.parse(cell.source) if cell.kind == "code" else ast.Module([], [])
        except SyntaxError:
            continue
        nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
        found |= {node.value for node in nodes if isinstance(node.value, str)}
    return found
