"""Every study has the form that readers, the runner and the report count on."""

import ast
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from custlib.errors import CustlibError
from custlib.study.findings import FINDING
from custlib.study.parameters.declaration import parse_cell

STUDIES = sorted((Path(__file__).parents[2] / "notebooks" / "studies").glob("*.ipynb"))
LAST_SECTION = "## What would change this answer"


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def lines(source):
    return [line for line in source.splitlines() if line.strip()]


def tags(cell):
    return cell.metadata.get("tags", [])


def number_of(notebook, cell):
    return notebook.cells.index(cell) + 1


def opening(notebook):
    """The title asks; the parameters and the setup follow; then come the data."""
    first, second, third, fourth = notebook.cells[:4]
    if not re.fullmatch(r"# .+\?", first.source.split("\n")[0]) or first.cell_type != "markdown":
        yield "cell 1: the title is not a question"
    if second.cell_type != "code" or "parameters" not in tags(second):
        yield "cell 2: not a code cell with the tag `parameters`"
    else:
        try:
            parse_cell(second.source, "this study")
        except CustlibError as problem:
            yield f"cell 2: {problem}"
    if third.cell_type != "code" or "setup" not in tags(third):
        yield "cell 3: not a code cell with the tag `setup`"
    else:
        yield from setup(third.source)
    if not fourth.source.startswith("## The data"):
        yield "cell 4: does not begin with `## The data`"


def setup(source):
    """At most six lines, and nothing but imports."""
    if len(lines(source)) > 6:
        yield f"cell 3: {len(lines(source))} lines, at most 6"
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        yield "cell 3: not plain Python"
        return
    if not all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in statements):
        yield "cell 3: something else than imports"


def sections(notebook):
    """What would change the answer is said before the findings close the notebook."""
    last = code(notebook)[-1]
    before = notebook.cells[: notebook.cells.index(last)]
    headings = [line for cell in before for line in cell.source.split("\n")]
    if LAST_SECTION not in headings:
        yield f"no section `{LAST_SECTION}` before the findings"
    if "findings" not in tags(last) or "study.find(" not in last.source:
        yield "the last code cell does not record findings under the tag `findings`"


def measure(notebook):
    """Few cells, short ones, and as much prose as code needs."""
    if not 15 <= len(notebook.cells) <= 35:
        yield f"{len(notebook.cells)} cells, expected 15 to 35"
    lengths = [len(lines(cell.source)) for cell in code(notebook)]
    for cell, length in zip(code(notebook), lengths, strict=True):
        # The parameters have a line each, however many a study needs.
        if length > 12 and "parameters" not in tags(cell):
            yield f"cell {number_of(notebook, cell)}: {length} lines, at most 12"
    if statistics.median(lengths) > 5:
        yield f"the median code cell has {statistics.median(lengths):g} lines, at most 5"
    words = [word for source in prose(notebook) for word in source.split()]
    words = [word for word in words if re.search(r"\w", word)]
    if not 8 <= len(words) / sum(lengths) <= 16:
        yield f"{len(words) / sum(lengths):.1f} words of prose a code line, expected 8 to 16"


def definitions(notebook):
    """Functions and classes belong in the library, magics nowhere."""
    for cell in code(notebook):
        where = f"cell {number_of(notebook, cell)}"
        try:
            nodes = list(ast.walk(ast.parse(cell.source)))
        except SyntaxError:
            yield f"{where}: not plain Python"
            continue
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        if any(isinstance(node, kinds) for node in nodes):
            yield f"{where}: defines a function or a class"
        if "sys.path" in cell.source:
            yield f"{where}: touches sys.path"


def outputs(notebook):
    """Committed as it ran from the first cell to the last, at its own parameters."""
    cells = code(notebook)
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        yield "not executed once from the first cell to the last"
    for cell in cells:
        where = f"cell {number_of(notebook, cell)}"
        if not cell.outputs and not {"parameters", "setup"} & set(tags(cell)):
            yield f"{where}: committed without outputs"
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"{where}: committed with an error"
        if "injected-parameters" in tags(cell):
            yield f"{where}: parameters injected by a run"
    recorded = (output for cell in cells for output in cell.outputs)
    if not any(FINDING in output.get("data", ()) for output in recorded):
        yield "no finding among the outputs"


CHECKS = [opening, sections, measure, definitions, outputs]


def faults(notebook):
    """Everything in which the notebook lacks the form."""
    return [fault for check in CHECKS for fault in check(notebook)]


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_study_has_the_form(path):
    assert faults(nbformat.read(path, as_version=4)) == []


# The tests below hold the checks themselves to a small notebook that has the form.


def markdown(source):
    return nbformat.v4.new_markdown_cell(source)


def ran(source, *tags, data=None):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)} if tags else {})
    if data is not None:
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    return cell


def sound():
    words = "Ten words say in one line why this is asked."

    def step():
        shown = ran("answers = 1\nanswers", data={"text/plain": "1"})
        return [markdown(words), shown, markdown(words)]

    cells = [
        markdown(f"# Does the form hold?\n\n{words}"),
        ran("level: float = 0.95  # level, share; between 0 and 1", "parameters"),
        ran("from custlib import study", "setup"),
        markdown(f"## The data\n\n{words}"),
        *step(),
        *step(),
        *step(),
        markdown(f"{LAST_SECTION}\n\n{words}"),
        ran('study.find("a", 1, sentence="One.")', "findings", data={FINDING: {}}),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    for at, cell in enumerate(code(notebook), 1):
        cell.execution_count = at
    return notebook


def set_source(at, source):
    return lambda notebook: notebook.cells[at].update(source=source)


def test_a_notebook_that_has_the_form_has_no_faults():
    assert faults(sound()) == []


@pytest.mark.parametrize(
    "change, told",
    [
        (set_source(0, "# The form holds."), "cell 1: the title is not a question"),
        (set_source(0, "Does it hold?"), "cell 1: the title is not a question"),
        (set_source(1, "level = 0.95"), "cell 2: The parameters cell"),
        (lambda notebook: notebook.cells[1].metadata.clear(), "cell 2: not a code cell"),
        (lambda notebook: notebook.cells[2].metadata.clear(), "cell 3: not a code cell"),
        (set_source(2, "import a\n" * 7), "cell 3: 7 lines"),
        (set_source(2, "import a\na.b()"), "cell 3: something else than imports"),
        (set_source(2, "%load_ext a"), "cell 3: not plain Python"),
        (set_source(3, "## Answers"), "cell 4: does not begin with `## The data`"),
        (set_source(-2, "## The end"), "no section `## What would change this answer`"),
        (set_source(-1, "answers"), "the last code cell does not record findings"),
        (lambda notebook: notebook.cells[-1].metadata.clear(), "does not record findings"),
        (lambda notebook: notebook.cells.extend(notebook.cells[-1:] * 21), "36 cells"),
        (lambda notebook: notebook.cells.pop(6), "14 cells"),
        (set_source(5, "a\n" * 13), "cell 6: 13 lines, at most 12"),
        (set_source(0, "# Why?" + " word" * 200), "words of prose a code line"),
        (set_source(5, "a\n" * 12), "words of prose a code line"),
        (set_source(5, "def f():\n    return 1"), "cell 6: defines a function"),
        (set_source(5, "class A:\n    pass"), "cell 6: defines a function or a class"),
        (set_source(5, "import sys\nsys.path.append('a')"), "cell 6: touches sys.path"),
        (set_source(5, "!ls"), "cell 6: not plain Python"),
        (
            lambda notebook: notebook.cells[5].update(outputs=[]),
            "cell 6: committed without outputs",
        ),
        (lambda notebook: notebook.cells[5].update(execution_count=9), "not executed once"),
        (
            lambda notebook: notebook.cells[5].update(outputs=[nbformat.v4.new_output("error")]),
            "cell 6: committed with an error",
        ),
        (lambda notebook: notebook.cells[-1].outputs[0].update(data={}), "no finding"),
        (
            lambda notebook: notebook.cells[5].metadata.update(tags=["injected-parameters"]),
            "cell 6: parameters injected by a run",
        ),
    ],
)
def test_each_fault_of_form_is_found(change, told):
    notebook = sound()
    change(notebook)
    found = faults(notebook)
    assert any(told in fault for fault in found)


def test_long_code_cells_are_found_by_their_median():
    notebook = sound()
    for cell in code(notebook)[2:]:
        cell.source = "a\n" * 6
    assert any("the median code cell has 6 lines" in fault for fault in faults(notebook))


def test_a_section_that_follows_the_findings_comes_too_late():
    notebook = sound()
    notebook.cells.append(notebook.cells.pop(-2))
    assert any("before the findings" in fault for fault in faults(notebook))
