"""A lesson with its solutions filled in, as a reader would who clicked each of them."""

import copy
import re

OPEN_LINE = re.compile(r"^\w[\w, ]* = \.\.\.\s*(#.*)?$", flags=re.MULTILINE)
FOLDED = re.compile(
    r"<details>\s*<summary>Solution</summary>\s*```python\n(.+?)```\s*</details>", re.S
)


def exercises(notebook):
    """For each exercise the position of its cell and the source of its solution."""
    cells = notebook.cells
    for at, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", []):
            found = FOLDED.search(cells[at + 1].source) if at + 1 < len(cells) else None
            yield at, found[1].strip() if found else None


def solved(notebook):
    """The notebook with each solution in place of the lines that end in three dots."""
    notebook = copy.deepcopy(notebook)
    for at, solution in exercises(notebook):
        cell = notebook.cells[at]
        first, *others = OPEN_LINE.finditer(cell.source)
        for other in reversed(others):
            cell.source = cell.source[: other.start()] + cell.source[other.end() :]
        cell.source = cell.source[: first.start()] + solution + cell.source[first.end() :]
    return notebook


def begun(notebook, **parameters):
    """The lesson as it stands once its notebook has made the data and begun it."""
    names = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "cell", "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= parameters
        if "check" in names:
            return names["check"].__self__
    raise LookupError("The notebook never begins its lesson.")
