"""Runs never leave the folder of reports, and no file of a stranger is taken for an object."""

import json
import os
import pickle
from pathlib import Path

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from custlib.errors import CustlibError, StudyError
from custlib.report.gallery import write_gallery
from custlib.report.publication import add_formats
from custlib.study.manifest import read_manifest
from custlib.study.run.cache import cached_run
from custlib.study.run.folders import put_in_place, working_folder
from custlib.study.run.outputs import collect_outputs
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

WAITING = Path(__file__).parents[1] / "notebooks" / "waiting.ipynb"
OUTSIDE = ["../x", "../../x", "/etc/x", "a/../../x", "..\\..\\x", "C:\\x", "C:/x", "tables//x", ""]
RECORD = {
    "schema": "custlib.manifest/1",
    "id": "0" * 64,
    "status": "ok",
    "study": "waiting",
    "question": "q",
    "slug": "default",
    "notebook": {"path": "a.ipynb", "sha256": "0"},
    "parameters": {},
    "changed": [],
    "data": [],
    "code": {"custlib_sha256": "0"},
    "environment": {
        "python": "3",
        "platform": "p",
        "cpu": "c",
        "blas": "b",
        "threads": 1,
        "packages": {},
    },
    "findings": [],
    "tables": [],
    "figures": [],
    "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 1.0},
}
TABLE = {"key": "t", "sha256": "0", "rows": 1, "columns": ["a"], "dtypes": ["int64"], "cell": 1}
FIGURE = {"key": "f", "sha256": "0", "alt": "a", "cell": 1}
FIELDS = {
    "table": lambda path: {"tables": [TABLE | {"file": path}]},
    "figure": lambda path: {"figures": [FIGURE | {"file": path}]},
    "vector": lambda path: {"figures": [FIGURE | {"file": "figures/f.png", "vector": path}]},
    "export": lambda path: {"exports": [path]},
    "hash": lambda path: {"hashes": {path: "0"}},
    "study": lambda path: {"study": path},
    "slug": lambda path: {"slug": path},
    "id": lambda path: {"id": path},
    "notebook": lambda path: {"notebook": {"path": path, "sha256": "0"}},
    "data": lambda path: {"data": [{"path": path, "sha256": "0", "bytes": 1}]},
}


def handed_in(folder, **changes):
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(RECORD | changes), encoding="utf-8")
    (folder / "report.ipynb").write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("field", FIELDS)
def test_a_record_whose_paths_lead_out_of_its_folder_is_no_record(field, path, tmp_path):
    folder = handed_in(tmp_path / "waiting" / "default-00000000", **FIELDS[field](path))
    with pytest.raises(StudyError) as caught:
        read_manifest(folder)
    assert "is not a manifest: " in str(caught.value)
    assert str(caught.value).count("\n") == 2


def test_a_sound_record_is_read(tmp_path):
    changes = {"tables": [TABLE | {"file": "tables/t.csv"}], "exports": ["report.html"]}
    assert read_manifest(handed_in(tmp_path / "waiting" / "d", **changes)).exports


def test_nothing_that_reads_records_follows_one_out_of_its_folder(tmp_path):
    outside = tmp_path / "secret.csv"
    outside.write_text("a\nsecret\n", encoding="utf-8")
    reports = tmp_path / "reports"
    handed = [TABLE | {"file": "../../../secret.csv"}]
    folder = handed_in(reports / "waiting" / "default-00000000", tables=handed)
    with pytest.raises(StudyError):
        add_formats(folder, ["xlsx"])
    page = write_gallery(reports).read_text(encoding="utf-8")
    assert "secret" not in page
    assert "is not a manifest" in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reports", "secret.csv"]
    assert outside.read_text(encoding="utf-8") == "a\nsecret\n"


@pytest.mark.parametrize("key", ["../../x", "/etc/x", "a/b", "..", "C:\\x"])
@pytest.mark.parametrize("kind", ["table", "figure"])
def test_a_display_made_by_hand_writes_no_file_outside_its_run(kind, key):
    content = {"key": key, "columns": ["a"], "dtypes": ["int64"], "data": [[1]]}
    if kind == "figure":
        content = {"key": key, "alt": "a", "sha256": "0"}
    data = {f"application/vnd.custlib.{kind}+json": content, "image/png": "AAAA"}
    cell = new_code_cell("1", outputs=[new_output("display_data", data)])
    try:
        files = collect_outputs(new_notebook(cells=[cell])).files
    except (StudyError, ValueError):
        return
    # A name with a slash is a folder of the run's own; never one above it.
    assert all(os.path.normpath(name).startswith(f"{kind}s{os.sep}") for name in files)


def test_a_record_that_no_function_of_the_library_made_fails_the_run_with_a_message(tmp_path):
    import nbformat

    source = (
        "from IPython.display import display\n"
        "mime = 'application/vnd.custlib.table+json'\n"
        "table = {'key': '../../../x', 'columns': ['a'], 'dtypes': ['int64'], 'data': [[1]]}\n"
        "display({mime: table, 'text/plain': 't'}, raw=True)"
    )
    cells = [new_code_cell("n: int = 1", metadata={"tags": ["parameters"]}), new_code_cell(source)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "hostile.ipynb")
    run = run_study(plan_study(tmp_path / "hostile.ipynb"), reports=tmp_path / "a" / "reports")
    assert run.status == "error"
    assert "What the cells recorded cannot be kept" in run.manifest.failure.message
    assert run.manifest.failure.message.count("\n") == 2
    assert sorted(path.name for path in tmp_path.rglob("x*")) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")
@pytest.mark.parametrize("link", ["waiting", "failed", "failed/waiting", ".running"])
def test_a_link_that_leads_out_of_the_reports_is_refused_before_a_kernel_starts(
    link, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "custlib.study.run.runner.execute", lambda *_, **__: pytest.fail("a kernel ran")
    )
    reports, outside = tmp_path / "reports", tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x", encoding="utf-8")
    (reports / link).parent.mkdir(parents=True, exist_ok=True)
    (reports / link).symlink_to(outside, target_is_directory=True)
    with pytest.raises(StudyError) as caught:
        run_study(plan_study(WAITING), reports=reports)
    assert "is a link that leads to" in str(caught.value)
    assert str(caught.value).count("\n") == 2
    assert [path.name for path in outside.iterdir()] == ["precious"]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")
def test_a_link_in_the_place_of_a_run_is_replaced_and_what_it_led_to_stays(tmp_path):
    reports, outside = tmp_path / "reports", tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x", encoding="utf-8")
    for target in (outside, tmp_path / "nowhere"):
        place = reports / "study" / "default-1"
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            for path in place.iterdir():
                path.unlink()
            place.rmdir()
        place.symlink_to(target, target_is_directory=True)
        with working_folder(reports, "default-1") as folder:
            (folder / "report").write_text("new", encoding="utf-8")
            put_in_place(folder, place)
        assert not place.is_symlink()
        assert [path.name for path in place.iterdir()] == ["report"]
    assert (outside / "precious").read_text(encoding="utf-8") == "x"


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")
def test_a_run_that_lies_elsewhere_behind_a_link_is_not_used_in_place_of_a_run(tmp_path):
    plan = plan_study(WAITING.with_name("small_study.ipynb"))
    elsewhere = run_study(plan, reports=tmp_path / "elsewhere").folder
    place = tmp_path / "reports" / "small_study" / plan.folder_name
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere, target_is_directory=True)
    assert cached_run(plan, tmp_path / "reports") is None
    place.unlink()
    elsewhere.rename(place)
    assert cached_run(plan, tmp_path / "reports").folder == place


FORM = {
    "scales": {"agreement": {"low": 1, "high": 5}},
    "items": {"slow": {"label": "Delivery is slow"}},
}


class Trap:
    """What runs a command when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def readers():
    from custlib.segmentation import order_book
    from custlib.survey.codebook.book import Codebook
    from custlib.survey.reading import read_responses

    def answers(path):
        return read_responses(path, codebook=Codebook.from_mapping(FORM))

    def orders(path):
        return order_book(path, customer="c", date="d", amount="a")

    return {"answers": answers, "orders": orders, "codebook": Codebook.read}


@pytest.mark.parametrize("ending", [".csv", ".pkl", ".pickle", ".parquet", ".xlsx", ".sav"])
@pytest.mark.parametrize("protocol", [0, 5])
@pytest.mark.parametrize("kind", ["answers", "orders", "codebook"])
def test_a_pickle_is_refused_with_a_message_whatever_its_name(kind, protocol, ending, tmp_path):
    mark, path = tmp_path / "ran", tmp_path / f"data{ending}"
    path.write_bytes(pickle.dumps([Trap(mark), pd.DataFrame({"c": [1]})], protocol=protocol))
    with pytest.raises(CustlibError) as caught:
        readers()[kind](path)
    assert str(caught.value).count("\n") >= 2
    assert not mark.exists()


def test_the_pickle_of_these_tests_is_a_trap(tmp_path):
    pickle.loads(pickle.dumps(Trap(tmp_path / "ran")))
    assert (tmp_path / "ran").exists()
