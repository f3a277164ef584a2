"""What the cells of two runs show, held against one another part by part."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from custlib.study.manifest import FIGURE, FINDING, TABLE
from custlib.study.proof.differences import ABSENT, Difference
from custlib.study.run.cache import notebook_of
from custlib.study.run.normal_form import position_of


def display_differences(before: Path, after: Path) -> list[Difference]:
    """Parts of cells that are others in the second run's notebook.

    Parameters
    ----------
    before, after : Path
        Folders of two runs.

    Returns
    -------
    list of Difference
        One for each cell and kind of output, such as text/html; attachments and metadata too, of
        the notebook as well.
        What is recorded as a finding, table or figure is left to those who compare these. One in
        all where the notebooks have not the same number of cells.
    """
    try:
        both = notebook_of(before), notebook_of(after)
        was, now = map(_shown, both)
        heads = [_text(_head(notebook)) for notebook in both]
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return []  # that it cannot be read is told by whoever looks at the whole folder
    counts = [len(notebook.cells) for notebook in both]
    if counts[0] != counts[1]:
        return [Difference("what cells show", "not compared", *counts)]
    told = [Difference("notebook", "metadata", *heads)] if heads[0] != heads[1] else []
    pairs = {place: (was.get(place, ABSENT), now.get(place, ABSENT)) for place in {*was, *now}}
    return told + [
        Difference(f"cell {place[0]}", place[1], *_apart(*pair))
        for place, pair in sorted(pairs.items())
        if pair[0] != pair[1]
    ]


def _head(notebook: NotebookNode) -> dict[str, Any]:
    """What a notebook says of itself, but for the language that its kernel tells."""
    return {
        name: content
        for name, content in notebook.metadata.items()
        if name not in ("kernelspec", "language_info")
    }


def _apart(was: str, now: str) -> tuple[str, str]:
    """Both texts without the lines with which they begin alike, and end alike."""
    one, two = was.split("\n"), now.split("\n")
    for _ in range(2):
        pairs = enumerate(zip(one, two, strict=False))
        at = next((at for at, pair in pairs if pair[0] != pair[1]), min(len(one), len(two)))
        one, two = one[at:][::-1], two[at:][::-1]
    return "\n".join(one), "\n".join(two)


def _shown(notebook: NotebookNode) -> dict[tuple[int, str], str]:
    """Everything that the cells of a run show, as text by cell and kind."""
    found: dict[tuple[int, str], list[str]] = {}
    for at, cell in enumerate(notebook.cells):
        parts = [("metadata", cell.metadata), ("attachments", cell.get("attachments"))]
        for output in cell.get("outputs", ()):
            parts += _parts(output)
        for name, content in parts:
            if content:
                found.setdefault((position_of(notebook, at), name), []).append(_text(content))
    return {place: "\n".join(texts) for place, texts in found.items()}


def _parts(output: Any) -> Iterator[tuple[str, Any]]:
    """Kind and content of each part of an output, without the counts of its runs."""
    data = output.get("data", {})
    for mime, content in data.items():
        if mime in (FINDING, TABLE, FIGURE):
            # The rest of it is compared where the records are.
            yield "words", {name: content[name] for name in ("key", "labels") if name in content}
        elif FIGURE not in data or mime != "image/png":
            yield mime, content
    if "text" in output:
        yield output["name"], output["text"]
    yield "metadata", output.get("metadata")
    told = {"data", "text", "name", "metadata", "output_type", "execution_count"}
    yield output["output_type"], {name: output[name] for name in output if name not in told}


def _text(content: Any) -> str:
    """Content of a part as text; a notebook may keep a text as a list of its lines."""
    if isinstance(content, list) and all(isinstance(line, str) for line in content):
        return "".join(content)
    return content if isinstance(content, str) else json.dumps(content, sort_keys=True)
