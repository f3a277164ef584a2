"""Studies run in real kernels: what they leave, how they fail, and that they repeat themselves."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from real_runs import contents, gone, wait_for

from custlib.errors import ParameterError, StudyError
from custlib.study.manifest import read_manifest
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

HERE = Path(__file__).parent
SMALL, ECHO, WAITING = (HERE / f"{name}.ipynb" for name in ("small_study", "echo", "waiting"))
CUSTLIB = [sys.executable, "-m", "custlib.cli"]
STRANGE = [
    "",
    'it\'s "quoted" and \\ back \\n',
    "two\nlines\r\n\tand a tab",
    "{braces} {0} {{}} %s $HOME `ls`",
    "Опрос č š ž 漢字 🙂 \u2028 \x00",
    "__import__('os')._exit(0)",
    '""" + __import__("os")._exit(0) + """',
    "x" * 100_000,
]


def broken(name, reports, parameters=None, **options):
    plan = plan_study(HERE / "broken" / f"{name}.ipynb", parameters)
    return run_study(plan, reports=reports, **options)


def notebook_of(run):
    return nbformat.read(run.folder / "report.ipynb", as_version=4)


def command(*words, **variables):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*CUSTLIB, *map(str, words)], env=os.environ | variables, **streams)


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The small study run at once in two processes, each with reports of its own."""
    reports = [tmp_path_factory.mktemp("reports") for _ in range(2)]
    processes = [command("run", SMALL, "-p", "shops=4", "--reports", place) for place in reports]
    told = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    return reports, told


def test_a_run_leaves_report_record_tables_and_figures(twice):
    reports, told = twice
    report = Path(told[0][0].splitlines()[-1])
    assert report.name == "report.html"
    assert report.is_file()
    folder = report.parent
    assert folder.parent == reports[0] / "small_study"
    assert folder.name.startswith("shops-4-")
    record = read_manifest(folder)
    assert record.status == "ok"
    assert record.changed == ["shops"]
    told = record.declared["shops"]
    assert (told.default, told.meaning, told.limits) == (
        3,
        "shops asked, count",
        "between 1 and 50",
    )
    assert record.findings[0].value == (0.1 * 1 + 0.1 * 2 + 0.1 * 3 + 0.1 * 4) / 4
    assert record.findings[0].cell == 9
    assert (folder / record.tables[0].file).read_text(encoding="utf-8").startswith("shop,mean\n0,")
    assert (folder / record.figures[0].file).read_bytes().startswith(b"\x89PNG")
    assert not (folder / "partial.ipynb").exists()


def test_the_only_line_on_standard_output_is_the_path_of_the_report(twice):
    assert [len(out.splitlines()) for out, _ in twice[1]] == [1, 1]


def test_progress_names_the_cell_and_its_section(twice):
    lines = twice[1][0][1].splitlines()
    assert lines[0] == "Are the small shops served worse?"
    assert any(line.startswith("cell  5 of 9  The data  ") for line in lines)


def test_the_list_of_reports_is_written_beside_them(twice):
    assert "small_study" in (twice[0][0] / "index.html").read_text(encoding="utf-8")


def test_two_processes_find_the_same_byte_for_byte(twice):
    first, second = (contents(next((place / "small_study").iterdir())) for place in twice[0])
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_nothing_is_left_beside_the_reports(twice):
    for place in twice[0]:
        assert sorted(path.name for path in place.iterdir()) == ["index.html", "small_study"]


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """Parameters that came back from a kernel, under a kernel spec that leads nowhere."""
    place = tmp_path_factory.mktemp("мои {данные} 1")
    spec = place / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["false"], "language": "python"}', "utf-8")
    data = place / "ответы.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    values = {"texts": STRANGE, "numbers": [0.1 + 0.2, 5e-324, 1e22, -0.0, 2**53 + 1.0, 3]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(place))
        patch.setenv("EXPECTED_PREFIX", sys.prefix)
        patch.setenv("OMP_NUM_THREADS", "7")
        patch.setenv("PYTHONHASHSEED", "123")
        patch.chdir(place)
        plan = plan_study(ECHO, {**values, "data": "ответы.csv"})
        run = run_study(plan, reports=place / "reports")
    assert run.status == "ok", run.manifest.failure
    return run, {finding.key: finding.value for finding in run.manifest.findings}


def test_a_strange_text_arrives_as_the_text_it_is_and_never_as_code(echo):
    assert echo[1]["texts"] == STRANGE


def test_numbers_arrive_to_the_last_bit(echo):
    expected = [0.1 + 0.2, 5e-324, 1e22, -0.0, 2**53 + 1.0, 3.0]
    assert list(map(repr, echo[1]["numbers"])) == list(map(repr, expected))


def test_nothing_arrives_as_nothing(echo):
    assert echo[1]["count"] is None


def test_the_kernel_is_this_python_in_the_fixed_environment_at_the_root(echo):
    assert echo[1]["python"] is True
    assert echo[1]["here"] is True
    assert echo[1]["environment"] == ["1", "1", "1", "1", "0", "UTC", "C.UTF-8", "100"]


def test_no_file_but_the_runtime_of_the_record_knows_where_the_data_lay(echo):
    run = echo[0]
    place = str(Path(run.manifest.runtime.files["data"]).parent)
    for name, content in contents(run.folder).items():
        assert place.encode() not in content, name
        assert str(Path.home()).encode() + b"/" not in content, name
    assert run.manifest.parameters["data"] == "ответы.csv"
    warned = next(out for cell in notebook_of(run).cells for out in cell.get("outputs", ())).text
    assert warned.startswith("<cell>:1: UserWarning: ответы.csv was read")


def test_the_injected_cell_says_what_was_recorded(echo):
    cell = next(cell for cell in notebook_of(echo[0]).cells if cell.id == "injected-parameters")
    assert cell.source.splitlines()[-1] == "data = 'ответы.csv'"


def test_an_error_of_custlib_speaks_before_anything_else(tmp_path):
    run = broken("error", tmp_path)
    failure = run.manifest.failure
    assert (run.status, failure.error, failure.cell, failure.section) == (
        "error",
        "DataError",
        5,
        "The data",
    )
    text = (run.folder / "message.txt").read_text(encoding="utf-8")
    assert text.startswith("Columns not in the table: weight.\nThe table has: price, role.\n")
    assert "raise DataError.missing_columns" in text
    assert "Traceback" not in text


def test_another_error_shows_its_cell_and_the_end_of_its_traceback(tmp_path):
    run = broken("division", tmp_path)
    text = (run.folder / "message.txt").read_text(encoding="utf-8")
    assert run.status == "error"
    assert text.startswith("Cell 4 of 5 raised ZeroDivisionError: division by zero.\n")
    assert text.rstrip().endswith("ZeroDivisionError: division by zero")
    assert "\x1b" not in text
    assert len(text.splitlines()) < 30
    kept = read_manifest(run.folder).failure.traceback
    assert "\x1b" not in kept
    assert len(kept.splitlines()) <= 15


def test_a_failed_run_keeps_its_cells_and_lies_apart(tmp_path):
    run = broken("error", tmp_path)
    assert run.folder.parent == tmp_path / "failed" / "error"
    assert [path.name for path in tmp_path.iterdir()] == ["failed"]
    partial = nbformat.read(run.folder / "partial.ipynb", as_version=4)
    counts = [cell.get("execution_count") for cell in partial.cells if cell.cell_type == "code"]
    assert counts == [1, 2, 3, 4, None]
    assert partial.cells[4].outputs[0].data["text/plain"] == "12"
    assert read_manifest(run.folder).status == "error"
    assert run.report is None


def test_a_study_that_takes_too_long_is_stopped_at_its_cell(tmp_path):
    run = broken("timeout", tmp_path, timeout=3)
    assert (run.status, run.manifest.failure.cell) == ("timeout", 4)
    assert "3 s were over" in run.manifest.failure.message
    assert run.manifest.runtime.seconds < 600, "it was waited for, not stopped"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_kernel_is_dead_and_the_signal_is_named(tmp_path):
    run = broken("dead_kernel", tmp_path)
    assert (run.status, run.manifest.failure.cell) == ("dead", 4)
    assert "killed by SIGKILL" in run.manifest.failure.message


@pytest.mark.parametrize(
    "name, cell, how",
    [
        ("early_exit", 5, "exit() or quit()"),
        ("early_sys_exit", 3, "SystemExit(0)"),
        ("early_os_exit", 3, "exit code 0"),
    ],
)
def test_an_early_exit_is_no_success(tmp_path, name, cell, how):
    run = broken(name, tmp_path)
    assert (run.status, run.manifest.failure.cell) == ("exited", cell)
    assert how in run.manifest.failure.message


def test_a_key_recorded_twice_fails_the_run(tmp_path):
    run = broken("key_twice", tmp_path)
    assert run.status == "error"
    assert "'Shops' is recorded twice, in cells 3 and 4" in run.manifest.failure.message


@pytest.mark.parametrize(
    "name, values, error, told",
    [
        ("unknown_parameter", {"shop": 3}, ParameterError, "Did you mean 'shops'?"),
        ("unknown_parameter", {"shops": "3"}, ParameterError, "shops is '3'"),
        ("unknown_parameter", {"shops": 51}, ParameterError, "int, between 1 and 50"),
        ("wrong_type", {}, StudyError, "line 1: shops is 'three', expected shops: int"),
        ("out_of_range", {}, StudyError, "line 1: shops is 60"),
        ("missing_parameters_cell", {}, StudyError, "no code cell with the tag `parameters`"),
    ],
)
def test_what_is_wrong_with_the_parameters_is_told_before_a_kernel_starts(
    tmp_path, monkeypatch, name, values, error, told
):
    monkeypatch.setattr(
        "custlib.study.run.runner.execute", lambda *_, **__: pytest.fail("a kernel ran")
    )
    with pytest.raises(error) as caught:
        broken(name, tmp_path, parameters=values)
    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 2
    assert not list(tmp_path.iterdir())


def test_a_failed_run_ends_the_command_with_its_own_code(tmp_path):
    name = HERE / "broken" / "early_exit.ipynb"
    process = command("run", name, "--reports", tmp_path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 5
    assert out == ""
    kept = err.splitlines()[-1]
    assert kept.startswith("Kept with status exited: ")
    assert (Path(kept.partition(": ")[2]) / "partial.ipynb").is_file()


def test_a_run_that_succeeds_takes_the_failed_one_of_its_id_away(tmp_path, monkeypatch):
    monkeypatch.setattr("custlib.study.run.identity.library_sha256", lambda: "0" * 64)
    slow = plan_study(WAITING, {"seconds": 2.0})
    failed = run_study(slow, reports=tmp_path, timeout=0.2)
    assert failed.status == "timeout"
    published = []

    def publish(folder, manifest, notebook):
        published.append((folder, manifest.status, len(notebook.cells)))
        (folder / "report.html").write_text("x", encoding="utf-8")
        return manifest

    done = run_study(slow, reports=tmp_path, publish=publish)
    assert done.manifest.id == failed.manifest.id
    assert not failed.folder.exists()
    assert done.report == done.folder / "report.html"
    assert done.report.is_file()
    assert published == [(published[0][0], "ok", 4)]
    assert not published[0][0].exists()


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path):
    def publish(*_):
        raise OSError("no space on the disk")

    with pytest.raises(OSError, match="disk"):
        run_study(plan_study(WAITING), reports=tmp_path, publish=publish)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_run_killed_in_the_middle_leaves_no_half_report_and_no_kernel(tmp_path, monkeypatch):
    note, reports = tmp_path / "note", tmp_path / "reports"
    options = ("-p", "seconds=60", "-p", f"note={note}", "--reports", reports)
    # A folder of its own for sockets: any other run on this machine would sweep the common one.
    with tempfile.TemporaryDirectory(prefix="kill-") as place:
        process = command("run", WAITING, *options, TMPDIR=place)
        kernel = int(wait_for(lambda: note.is_file() and note.read_text(encoding="utf-8")))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert [path.name for path in reports.iterdir()] == [".running"]
        wait_for(lambda: gone(kernel))

        left = list(Path(place).glob("custlib-*"))
        monkeypatch.setattr(tempfile, "tempdir", place)
        run = run_study(plan_study(WAITING), reports=reports)
        assert run.status == "ok"
        assert [path.name for path in reports.iterdir()] == ["waiting"]
        assert left
        assert not any(path.exists() for path in left)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a process")
def test_an_interrupted_run_cleans_up_after_itself(tmp_path):
    note, reports = tmp_path / "note", tmp_path / "reports"
    options = ("-p", "seconds=60", "-p", f"note={note}", "--reports", reports)
    process = command("run", WAITING, *options)
    kernel = int(wait_for(lambda: note.is_file() and note.read_text(encoding="utf-8")))
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=300)[1]
    assert process.returncode == 130
    assert err.splitlines()[-1] == "Interrupted: nothing was kept of this run."
    assert not list(reports.iterdir())
    wait_for(lambda: gone(kernel))
