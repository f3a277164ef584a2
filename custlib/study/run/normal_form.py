"""An executed notebook without what differs between machines and runs: times, paths, new ids."""

import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from custlib.study.manifest import FIGURE
from custlib.study.pictures import VECTOR_MIME

INJECTED = "injected-parameters"
PAPERMILL_MARK = "papermill-error-cell-tag"
# A warning names the file that the kernel pretends a cell to be. The look behind keeps the search
# linear: without it a long text would be read to its end from each of its letters.
CELL_FILE = re.compile(r"(?<![^\s\"'<>()])[^\s\"'<>()]*ipykernel_\d+[/\\]+\d+\.py")


def source_notebook(path: Path) -> NotebookNode:
    """The study as its author wrote it: no outputs, and an id for each cell that has none."""
    notebook = nbformat.from_dict(nbformat.read(path, as_version=4))
    for at, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{at + 1}")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.nbformat_minor = max(5, notebook.nbformat_minor)
    return notebook


def normalised(
    notebook: NotebookNode, *, parameters: Mapping[str, Any], places: Mapping[str, str]
) -> NotebookNode:
    """The notebook as its source, its parameters and its data alone determine it.

    `places` maps each text that belongs to this machine to what is written in its stead. The
    vectors of the figures are files of their own.
    """
    result = deepcopy(notebook)
    result.cells = [cell for cell in result.cells if PAPERMILL_MARK not in tags_of(cell)]
    result.metadata.pop("papermill", None)
    texts = sorted(places.items(), key=lambda place: -len(place[0]))
    for cell in result.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if INJECTED in tags_of(cell):
            cell.id = INJECTED
            # Written anew, because the kernel was given absolute paths here.
            cell.source = given_values(parameters)
        if not tags_of(cell):
            cell.metadata.pop("tags", None)
        if cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(_cleaned(out, texts)) for out in cell.outputs]
            for output in cell.outputs:
                if FIGURE in output.get("data", ()):
                    output.data.pop(VECTOR_MIME, None)
    return result


def given_values(parameters: Mapping[str, Any]) -> str:
    """Source of the cell that sets the parameters of a run."""
    return "\n".join(f"{name} = {value!r}" for name, value in parameters.items())


def machine_places(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """The texts by which this machine would show: the root, the home, folders of the files."""
    folders = {root: "", Path.home(): "~/"} | {Path(path).parent: "" for path in files.values()}
    places = {}
    for folder, instead in folders.items():
        if folder == Path(folder.anchor):
            continue
        for separator, text in (("/", folder.as_posix()), ("\\", str(folder))):
            places[text + separator] = instead
            places[(text + separator).replace("\\", "\\\\")] = instead
    return places


def position_of(notebook: NotebookNode, index: int) -> int:
    """Number of a cell in the study's own notebook, counted from 1."""
    added = {PAPERMILL_MARK, INJECTED}
    return sum(not added & tags_of(cell) for cell in notebook.cells[: index + 1])


def tags_of(cell: NotebookNode) -> set[str]:
    """Tags of a cell."""
    return set(cell.metadata.get("tags", ()))


def _cleaned(content: Any, texts: list[tuple[str, str]]) -> Any:
    """The content with every text of this machine replaced; pictures stay as they are."""
    if isinstance(content, dict):
        return {
            name: part if name.startswith("image/") else _cleaned(part, texts)
            for name, part in content.items()
        }
    if isinstance(content, list):
        return [_cleaned(part, texts) for part in content]
    if isinstance(content, str):
        content = CELL_FILE.sub("<cell>", content)
        for text, instead in texts:
            content = content.replace(text, instead)
    return content
