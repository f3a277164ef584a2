"""Values that a stranger chose: they arrive as the text they are, and never as code or a path."""

import ast
import os
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from custlib.errors import CustlibError, ParameterError, StudyError
from custlib.study.catalogue import find_study, study_name
from custlib.study.parameters.declaration import read_parameters
from custlib.study.parameters.texts import read_parameter_file, split_options
from custlib.study.parameters.values import resolve
from custlib.study.run.identity import slug_of
from custlib.study.run.normal_form import normalised
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

ECHO = Path(__file__).parents[1] / "notebooks" / "echo.ipynb"
HOSTILE = [
    "'",
    '"""',
    "'''\nimport os; os._exit(3)\n'''",
    "\\'); __import__('os')._exit(3); ('",
    "{__import__('os')._exit(3)}",
    "{0.__class__.__mro__} {{ cycler.__init__.__globals__.os }} {% raw %}",
    "two\nlines\rand\r\nmore\x0b\x0c\x1c\x85",
    "\u2028import os\u2029os._exit(3)",
    "\x00\x1b[2J\x07",
    "$(touch /tmp/x) `touch /tmp/x` ; touch /tmp/x | %TEMP%",
    "../../../etc/passwd",
    "C:\\Windows\\..\\..",
    "# comment\n%load_ext autoreload\n!touch x",
    "None",
    "\u202eevil\u202c \ud7ff\ue000",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(HOSTILE)


def injected_by_papermill(values):
    from papermill.parameterize import parameterize_notebook

    cell = new_code_cell("texts = []", metadata={"tags": ["parameters"]})
    metadata = {
        "kernelspec": {"name": "python3", "language": "python", "display_name": "x"},
        "papermill": {},
    }
    notebook = new_notebook(cells=[cell], metadata=metadata)
    made = parameterize_notebook(notebook, values, kernel_name="python3", language="python")
    return next(c for c in made.cells if "injected-parameters" in c.metadata.get("tags", ()))


def literals(source):
    """Values of a cell that is nothing but `name = literal`, as Python reads it."""
    found = {}
    for statement in ast.parse(source).body:
        assert isinstance(statement, ast.Assign)
        found[statement.targets[0].id] = ast.literal_eval(statement.value)
    return found


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_whatever_the_texts_the_cell_that_reaches_the_kernel_is_literals_and_nothing_else(
    text, texts
):
    values = {"text": text, "texts": texts}
    cell = injected_by_papermill(values)
    assert literals(cell.source) == values
    notebook = new_notebook(cells=[cell])
    assert literals(normalised(notebook, parameters=values, places={}).cells[0].source) == values


@pytest.fixture(scope="module")
def echoed(tmp_path_factory):
    """Hostile texts from a parameter file and an option, through a kernel and back."""
    import yaml

    place = tmp_path_factory.mktemp("echo")
    # NUL and the like cannot stand in YAML as they are; safe_dump escapes them.
    (place / "values.yaml").write_text(yaml.safe_dump({"texts": HOSTILE}), encoding="utf-8")
    texts = read_parameter_file(place / "values.yaml") | split_options(("numbers=1,2",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPECTED_PREFIX", sys.prefix)
        return run_study(plan_study(ECHO, texts=texts), reports=place / "reports")


def test_hostile_texts_of_a_parameter_file_come_back_from_the_kernel_letter_by_letter(echoed):
    assert echoed.status == "ok"
    assert {one.key: one.value for one in echoed.manifest.findings}["texts"] == HOSTILE


def test_the_folder_of_a_run_with_hostile_texts_lies_where_every_run_lies(echoed):
    assert echoed.folder.parent.name == "echo"
    assert echoed.folder.parents[1].name == "reports"
    assert set(echoed.folder.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_a_slug_is_one_plain_name_whatever_the_values(text, texts):
    slug = slug_of({"text": text, "texts": texts}, {"text": None, "texts": None})
    assert slug
    assert len(slug) <= 48
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert slug[0] not in "-_."
    assert slug[-1] not in "-_."


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_the_name_of_a_study_is_one_plain_folder_whatever_its_file_is_called(text):
    name = study_name(Path("folder", text.replace("/", "_").replace("\0", "_") + ".ipynb"))
    assert name
    assert Path(name).name == name
    assert not {*name} & {*'/\\.:*?"<>|\0\n '}


@pytest.mark.parametrize("reserved", ["failed", "reference", "changes", "sweeps"])
def test_no_study_takes_the_place_of_a_folder_that_reports_keep_for_themselves(reserved):
    assert study_name(Path(f"{reserved}.ipynb")) != reserved
    assert study_name(Path(f"03_{reserved}.ipynb")) != reserved
    assert study_name(Path(f"{reserved.upper()}.ipynb")).casefold() != reserved


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a; touch x", "__import__('os')"]
)
def test_a_study_that_is_a_path_to_something_else_is_refused_in_three_parts(name):
    with pytest.raises(StudyError) as caught:
        find_study(name)
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize(
    "name", ["__import__('os')", "texts; import os", "texts\n", "__class__", ""]
)
def test_the_name_of_a_parameter_is_one_of_the_cell_or_refused(name):
    with pytest.raises(ParameterError, match="is not a parameter"):
        resolve(read_parameters(ECHO), texts={name: "1"})


@pytest.mark.parametrize(
    "line",
    [
        "n: int = __import__('os').system('touch {0}')",
        "n: str = open('{0}', 'w').name",
        "n: int = (lambda: 1)()",
        "import os",
        "n: int = 1; open('{0}', 'w')",
        "n: list[int] = [x for x in (1,)]",
        "n: exec('1') = 1",
    ],
)
def test_a_parameters_cell_is_read_and_never_run(line, tmp_path):
    mark, path = tmp_path / "ran", tmp_path / "study.ipynb"
    cell = new_code_cell(line.format(mark), metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell]), path)
    with pytest.raises(StudyError):
        read_parameters(path)
    assert not mark.exists()


ATTACKS = {
    "python": "!!python/object/apply:os.system ['touch {0}']",
    "new": "!!python/object/new:os.system ['touch {0}']",
    "name": "!!python/name:os.system",
    "module": "!!python/module:os",
    "tuple": "!!python/tuple [1, 2]",
}
READERS = {
    "codebook": "custlib.survey.codebook.book:Codebook.read",
    "parameters": "custlib.study.parameters.texts:read_parameter_file",
    "ladder": "custlib.loyalty.ladder.rules:read_stage_rules",
    "sweep": "custlib.study.sweep.grid:read_sweep",
}


def reader(name):
    import importlib

    module, _, function = READERS[name].partition(":")
    return attrgetter(function)(importlib.import_module(module))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", READERS)
def test_yaml_that_asks_for_an_object_of_python_makes_none(kind, attack, tmp_path):
    mark, path = tmp_path / "ran", tmp_path / "file.yaml"
    value = ATTACKS[attack].format(mark)
    path.write_text(f"study: {value}\nitems: {value}\nstages: {value}\n", encoding="utf-8")
    modules = set(sys.modules)
    try:
        content = reader(kind)(path)
    except CustlibError as problem:
        assert str(problem).count("\n") >= 2  # noqa: PT017
    else:
        # A parameter file takes what it cannot know for text, and text for what it is.
        assert kind == "parameters"
        assert all(isinstance(part, str | list) for part in content.values())
        with pytest.raises(ParameterError):
            resolve(read_parameters(ECHO), texts=content)
    assert not mark.exists()
    assert not any("touch" in name for name in set(sys.modules) - modules)


def test_values_of_a_sweep_reach_its_plans_as_text_and_the_folder_of_its_summary_stays_inside(
    tmp_path,
):
    import yaml

    from custlib.study.sweep.checked import check_sweep
    from custlib.study.sweep.grid import read_sweep

    path = tmp_path / "..; touch x {}.yaml"
    content = {"study": str(ECHO), "runs": [{"texts": [text]} for text in HOSTILE]}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    sweep = check_sweep(read_sweep(path))
    assert [task.plan.inputs.values["texts"] for task in sweep.tasks] == [[t] for t in HOSTILE]
    assert Path(sweep.folder_name).name == sweep.folder_name
    assert not {*sweep.folder_name} & {*"/\\;{} "}
    assert not sweep.folder_name.startswith(".")


def test_a_run_needs_no_network(tmp_path):
    """In a network namespace of its own a process reaches no host, not even this one."""
    words = next((w for w in (["unshare", "-n"], ["unshare", "-Urn"]) if works(w)), None)
    if words is None:
        pytest.skip("this machine lets nobody have a network of their own (unshare -n)")
    code = (
        "import socket, sys, pathlib\n"
        "from custlib.study.run.plan import plan_study\n"
        "from custlib.study.run.runner import run_study\n"
        "from custlib.report.publication import publish\n"
        "try:\n"
        "    socket.create_connection(('127.0.0.1', 9), 2)\n"
        "except ConnectionRefusedError:\n"
        "    sys.exit('the network is up')\n"
        "except OSError:\n"
        "    pass\n"
        "notebook, reports = map(pathlib.Path, sys.argv[1:])\n"
        "run = run_study(plan_study(notebook), reports=reports, publish=publish)\n"
        "sys.exit(run.status != 'ok' or not run.report)"
    )
    waiting = ECHO.with_name("waiting.ipynb")
    command = [*words, sys.executable, "-c", code, waiting, tmp_path / "reports"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ)
    assert done.returncode == 0, done.stderr


def works(words):
    try:
        return subprocess.run([*words, "true"], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False
