"""The record of a run: closed, exact, and named by everything its numbers hang on."""

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from pydantic import ValidationError

from custlib.errors import ParameterError, StudyError
from custlib.places import file_sha256
from custlib.segmentation.transactions.tables import found_files
from custlib.study.catalogue import Cell, Study, read_study
from custlib.study.findings import FINDING, TABLE
from custlib.study.manifest import (
    Code,
    DataFile,
    Environment,
    Finding,
    Manifest,
    NotebookSource,
    Runtime,
    Verification,
    manifest_schema,
    read_manifest,
    write_manifest,
)
from custlib.study.parameters.declaration import parse_cell
from custlib.study.parameters.inputs import find_inputs
from custlib.study.run import identity
from custlib.study.run.normal_form import machine_places, normalised, source_notebook
from custlib.study.run.outputs import collect_outputs, write_outputs
from custlib.study.run.plan import plan_study, told_of

SMALL = Path(__file__).parents[1] / "notebooks" / "small_study.ipynb"
GAP = {"key": "gap", "sentence": "A gap.", "value": 0.1 + 0.2, "low": None, "high": None, "n": 5}
GAP |= {"unit": "points", "verdict": None, "rtol": 1e-9, "atol": 0.0}


def manifest(**changes):
    return Manifest(
        schema="custlib.manifest/1",
        status="ok",
        study="demo",
        question="Does it hold?",
        slug="default",
        notebook=NotebookSource(path="notebooks/studies/01_demo.ipynb", sha256="b" * 64),
        parameters={"level": 0.95, "seed": 7, "data": None, "steps": [1, 2.5], "bold": True},
        changed=[],
        data=[DataFile(parameter="data", path="a.csv", sha256="c" * 64, bytes=3)],
        code=Code(custlib_sha256="d" * 64),
        environment=Environment(
            python="3.11.7", platform="Linux", cpu="x", blas="y", threads=1, packages={}
        ),
        seed=7,
        findings=[Finding(**GAP, cell=9)],
        tables=[],
        figures=[],
        runtime=Runtime(started="2026-01-01T00:00:00+00:00", seconds=1.5),
        **{"id": "a" * 64} | changes,
    )


def study(*sources, tags=()):
    cells = tuple(Cell("code", source, tags) for source in sources)
    return Study("demo", Path("demo.ipynb"), cells)


def test_a_manifest_comes_back_as_it_was_written(tmp_path):
    written = manifest()
    write_manifest(tmp_path, written)
    assert read_manifest(tmp_path) == written
    content = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert content["schema"] == "custlib.manifest/1"
    assert content["findings"][0]["value"] == 0.30000000000000004
    assert [type(value) for value in content["parameters"]["steps"]] == [int, float]
    assert content["parameters"]["bold"] is True


def test_a_manifest_holds_no_other_keys_and_no_nan():
    with pytest.raises(ValidationError, match="proved"):
        manifest(proved=[])
    with pytest.raises(ValidationError, match="finite"):
        Finding(**GAP | {"value": float("nan")}, cell=9)


def test_the_schema_of_a_manifest_names_its_keys():
    schema = manifest_schema()
    assert {"id", "status", "findings", "runtime"} <= set(schema["required"])
    assert "schema" in schema["properties"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"schema": "other"}'])
def test_what_is_no_manifest_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(StudyError, match="is not a manifest"):
        read_manifest(tmp_path)


VERIFIED = {"when": "2026-03-20T00:00:00+00:00", "same": True, "findings": 1, "tables": 0}
VERIFIED |= {"custlib_sha256": "e" * 64, "python": "3.12.1", "platform": "Linux"}


@pytest.mark.parametrize(
    "change",
    [
        {"when": "soon"},
        {"findings": -5},
        {"tables": -1},
        {"custlib_sha256": "x"},
        {"tolerance": 0.5},
        {"tolerance": 0.0},
    ],
    ids=str,
)
def test_a_verification_that_no_computation_can_have_written_is_refused(tmp_path, change):
    path = write_manifest(tmp_path, manifest(verified=[Verification(**VERIFIED)]))
    assert read_manifest(tmp_path).verified == [Verification(**VERIFIED)]
    content = json.loads(path.read_text(encoding="utf-8"))
    content["verified"][0] |= change
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StudyError, match=f"verified.0.{next(iter(change))}"):
        read_manifest(tmp_path)


def test_a_record_made_before_exports_had_hashes_is_read(tmp_path):
    path = write_manifest(tmp_path, manifest(exports=["report.html"]))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content.pop("hashes") == {}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_manifest(tmp_path) == manifest(exports=["report.html"])


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(StudyError, match="cannot be read"):
        read_manifest(tmp_path)


PARTS = {
    "notebook": "n",
    "parameters": {"level": 0.95, "seed": 7},
    "data": [DataFile(parameter="data", path="a.csv", sha256="1" * 64, bytes=3)],
    "library": "l",
    "lock": None,
    "python": "3.11",
}


@pytest.mark.parametrize(
    "change",
    [
        {"notebook": "m"},
        {"parameters": {"level": 0.95, "seed": 8}},
        {"parameters": {"level": 0.95, "seed": 7.0}},
        {"data": []},
        {"data": [DataFile(parameter="data", path="a.csv", sha256="2" * 64, bytes=3)]},
        {"library": "k"},
        {"lock": "x"},
        {"python": "3.12"},
    ],
)
def test_the_id_changes_with_each_thing_the_numbers_hang_on(change):
    assert identity.run_id(**PARTS | change) != identity.run_id(**PARTS)


def test_the_id_does_not_hang_on_the_order_of_parameters():
    turned = {"parameters": dict(reversed(PARTS["parameters"].items()))}
    assert identity.run_id(**PARTS | turned) == identity.run_id(**PARTS)


def test_outputs_and_counts_of_a_notebook_do_not_enter_its_hash(tmp_path):
    notebook = nbformat.read(SMALL, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count = 7
            cell.outputs = [nbformat.v4.new_output("stream", text="x")]
        cell.id = f"other-{cell.id}"
    other = tmp_path / SMALL.name
    nbformat.write(notebook, other)
    hashes = {identity.notebook_sha256(read_study(path)) for path in (SMALL, other)}
    assert len(hashes) == 1


def test_the_source_and_the_tags_of_a_notebook_enter_its_hash():
    hashes = {
        identity.notebook_sha256(one)
        for one in (study("a = 1"), study("a = 2"), study("a = 1", tags=("setup",)))
    }
    assert len(hashes) == 3


@pytest.mark.parametrize(
    "values, slug",
    [
        ({}, "default"),
        ({"level": 0.9}, "level-0.9"),
        ({"level": 0.9, "by": "end_user"}, "level-0.9_by-end-user"),
        ({"data": "data/My survey.csv"}, "data-my-survey"),
        ({"data": "опрос.csv"}, "data"),
        ({"steps": [1, 2]}, "steps-1-2"),
        ({"by": "../../etc/x"}, "by-x"),
        ({"by": "x" * 500}, "by-" + "x" * 45),
    ],
)
def test_a_folder_is_named_by_what_was_changed(values, slug):
    defaults = {"level": 0.95, "by": "role", "data": None, "steps": [1]}
    assert identity.slug_of(defaults | values, defaults) == slug


CELL = parse_cell("data: str | None = None\nnote: str = 'a'\nlist_file: str | None = None", "demo")


def inputs(root, given, *sources):
    return find_inputs(
        study(*sources), CELL, CELL.defaults | given, given=given, root=root, folder=Path.cwd()
    )


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with one data set, and a working directory outside of it."""
    root, outside = tmp_path / "project", tmp_path / "мои данные"
    (root / "data" / "steel").mkdir(parents=True)
    outside.mkdir()
    card = "title: t\ntables: {responses.csv: {rows: 12}}\n"
    (root / "data" / "steel" / "card.yaml").write_text(card, encoding="utf-8")
    (root / "data" / "steel" / "responses.csv").write_text("a\n1\n", encoding="utf-8")
    (root / "own.csv").write_text("a\n2\n", encoding="utf-8")
    (outside / "ответы.csv").write_text("a\n3\n", encoding="utf-8")
    monkeypatch.chdir(outside)
    monkeypatch.delenv("CUSTLIB_DATA", raising=False)
    return root


def test_a_given_path_starts_at_the_working_directory_and_is_recorded_without_it(project):
    found = inputs(project, {"data": "ответы.csv"})
    assert found.values["data"] == str(Path.cwd() / "ответы.csv")
    assert found.recorded["data"] == "ответы.csv"
    assert [file.path for file in found.files] == ["ответы.csv"]
    assert found.files[0].bytes == 4


def test_a_path_inside_the_project_is_recorded_from_its_root(project):
    found = inputs(project, {"list_file": str(project / "own.csv")})
    assert found.recorded["list_file"] == "own.csv"
    assert found.values["note"] == "a"


def test_a_data_set_is_an_input_by_its_name(project):
    found = inputs(project, {"data": "steel"})
    assert found.values["data"] == found.recorded["data"] == "steel"
    assert [(file.path, file.rows) for file in found.files] == [
        ("data/steel/card.yaml", None),
        ("data/steel/responses.csv", 12),
    ]


def test_a_data_set_that_the_code_names_is_an_input_unless_the_user_gave_a_file(project):
    code = 'load("steel") if data is None else read(data)'
    assert len(inputs(project, {}, code).files) == 2
    assert [file.path for file in inputs(project, {"data": "ответы.csv"}, code).files] == [
        "ответы.csv"
    ]
    assert not inputs(project, {}, '# load("steel")', "%magic").files


@pytest.mark.parametrize(
    "given, told",
    [
        ({"data": "ответ.csv"}, "Did you mean 'ответы.csv'?"),
        ({"data": "stel"}, "Did you mean 'steel'?"),
        ({"data": "gone/a.csv"}, "no file in the folder"),
        ({"data": "."}, "a folder"),
        ({"data": ""}, "a folder"),
        ({"data": "x" * 5000}, "data is"),
        ({"data": "a\x00b"}, "data is"),
        ({"data": "gone.csv", "list_file": "lost.csv"}, "2 parameters"),
    ],
)
def test_an_absent_file_is_named_with_the_nearest(project, given, told):
    with pytest.raises(ParameterError) as caught:
        inputs(project, given)
    assert told in str(caught.value)


@pytest.fixture
def months(project):
    """Three files of orders and a note beside them, in the working directory."""
    for month in ("02", "10", "01"):
        Path(f"orders_{month}.csv").write_text(f"month\n{month}\n", encoding="utf-8")
    Path("orders_all.txt").write_text("a note\n", encoding="utf-8")
    Path("orders_99.csv").mkdir()
    return project


def test_every_file_that_a_glob_matches_is_an_input_in_the_order_of_their_names(months):
    found = inputs(months, {"data": "orders_*.csv"})
    names = ["orders_01.csv", "orders_02.csv", "orders_10.csv"]
    assert [file.path for file in found.files] == names
    assert [file.sha256 for file in found.files] == [
        hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in names
    ]
    assert {file.parameter for file in found.files} == {"data"}
    assert found.values["data"] == str(Path.cwd() / "orders_*.csv")
    assert found.recorded["data"] == "orders_*.csv"


def test_a_glob_is_looked_up_from_an_absolute_path_and_through_folders(months):
    assert len(inputs(months, {"data": str(Path.cwd() / "orders_0?.csv")}).files) == 2
    for year in ("2024", "2025"):
        (months / year).mkdir()
        (months / year / "own.csv").write_text(year, encoding="utf-8")
    found = inputs(months, {"data": f"{months}/20*/own.csv"})
    assert [file.path for file in found.files] == ["2024/own.csv", "2025/own.csv"]
    assert found.recorded["data"] == "20*/own.csv"


@pytest.mark.parametrize("pattern", ["*.csv", "**/*.csv"])
def test_the_files_recorded_are_those_that_are_read(months, pattern):
    (months / ".hidden.csv").write_text("month\n", encoding="utf-8")
    (months / "2024").mkdir()
    (months / "2024" / "own.csv").write_text("month\n", encoding="utf-8")
    recorded = inputs(months, {"data": f"{months}/{pattern}"})
    hashes = [file.sha256 for file in recorded.files]
    assert hashes == [file_sha256(path) for path in found_files(recorded.values["data"])]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(months):
    Path("orders_[01].csv").write_text("month\n", encoding="utf-8")
    assert [file.path for file in inputs(months, {"data": "orders_[01].csv"}).files] == [
        "orders_[01].csv"
    ]


def test_a_glob_that_matches_nothing_says_so_and_where_it_looked(months):
    with pytest.raises(ParameterError) as caught:
        inputs(months, {"data": "order_*.csv"})
    found, expected, do = str(caught.value).splitlines()
    assert "'order_*.csv', a pattern that matches no file in the folder" in found
    assert "or a pattern that matches at least one, or one of the data sets steel" in expected
    assert "Nothing was run" in do


def test_a_glob_in_place_of_the_data_set_that_the_code_names(months):
    code = 'load("steel") if data is None else read(data)'
    assert len(inputs(months, {"data": "orders_*.csv"}, code).files) == 3


def test_a_plan_knows_the_id_and_the_folder_before_any_kernel(tmp_path):
    first, second = plan_study(SMALL), plan_study(SMALL, {"shops": 4})
    assert first.folder_name == f"default-{first.id[:8]}"
    assert second.slug == "shops-4"
    told = told_of(second.study, second.cell, second.inputs.recorded)
    assert (told["slug"], told["changed"]) == ("shops-4", ["shops"])
    assert first.id != second.id


def executed(*outputs):
    """A notebook that ran, one output a cell."""
    cells = [
        nbformat.v4.new_code_cell(
            "x", outputs=[nbformat.v4.new_output("display_data", data=data)], id=f"c{at}"
        )
        for at, data in enumerate(outputs)
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_findings_and_tables_are_taken_from_the_outputs(tmp_path):
    table = {"key": "gaps", "columns": ["a", "b"], "dtypes": ["float64", "object"]}
    table |= {"data": [[0.1 + 0.2, "x, y"], [None, "inf"]]}
    outputs = collect_outputs(executed({FINDING: GAP}, {TABLE: table}))
    assert outputs.findings == (Finding(**GAP, cell=1),)
    assert (outputs.tables[0].cell, outputs.tables[0].rows) == (2, 2)
    write_outputs(tmp_path, outputs)
    text = (tmp_path / "tables" / "gaps.csv").read_bytes()
    assert text == b'a,b\n0.30000000000000004,"x, y"\n,inf\n'
    assert pd.read_csv(tmp_path / "tables" / "gaps.csv")["a"][0] == 0.1 + 0.2


def test_a_text_with_line_ends_of_any_kind_stays_one_cell_of_its_table(tmp_path):
    texts = ["one\rtwo", "one\ntwo", "one\r\ntwo", "plain"]
    table = {"key": "said", "columns": ["text"], "dtypes": ["object"]}
    outputs = collect_outputs(executed({TABLE: table | {"data": [[text] for text in texts]}}))
    write_outputs(tmp_path, outputs)
    with (tmp_path / "tables" / "said.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [["text"], *([text] for text in texts)]


def test_a_key_used_twice_is_refused_with_both_cells():
    with pytest.raises(StudyError, match=r"'GAP' is recorded twice, in cells 1 and 2"):
        collect_outputs(executed({FINDING: GAP}, {FINDING: GAP | {"key": "GAP"}}))


def test_a_table_may_be_called_as_a_finding():
    table = {"key": "gap", "columns": [], "dtypes": [], "data": []}
    assert collect_outputs(executed({FINDING: GAP}, {TABLE: table})).tables


def test_the_normal_form_knows_neither_this_machine_nor_the_time():
    root = Path.home() / "work" / "project"
    notebook = executed({"text/plain": f"{root}/a.csv ~ {Path.home()}/b /tmp/ipykernel_1/23.py:1"})
    injected = nbformat.v4.new_code_cell(f"data = '{root}/a.csv'")
    injected.metadata.tags = ["injected-parameters"]
    notebook.cells.insert(0, injected)
    for cell in notebook.cells:
        cell.metadata.papermill = {"start_time": "2026-01-01"}
        cell.metadata.execution = {"iopub.status.busy": "2026-01-01"}
    notebook.metadata.papermill = {"end_time": "2026-01-01"}
    form = normalised(
        notebook, parameters={"data": "a.csv", "n": 3}, places=machine_places(root, {})
    )
    text = nbformat.writes(form)
    assert "2026" not in text
    assert str(Path.home()) not in text
    assert form.cells[0].id == "injected-parameters"
    assert form.cells[0].source == "data = 'a.csv'\nn = 3"
    assert form.cells[1].outputs[0].data["text/plain"] == "a.csv ~ ~/b <cell>:1"


def test_cells_without_an_id_get_the_same_ones_each_time(tmp_path):
    notebook = nbformat.read(SMALL, as_version=4)
    for cell in notebook.cells:
        cell.pop("id")
    notebook.nbformat_minor = 4
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert [cell.id for cell in source_notebook(path).cells][:2] == ["cell-1", "cell-2"]


def test_a_record_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        manifest().status = "error"
    assert replace(plan_study(SMALL), slug="x").slug == "x"
