"""Sweeps without kernels: what one run does to the others, what is made again, what is stacked."""

import csv
import json
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from openpyxl import load_workbook

from custlib.cli import main
from custlib.errors import ParameterError, StudyError
from custlib.places import file_sha256
from custlib.report.sweep_page import swept_alt
from custlib.study.manifest import FINDING, Failure, Finding, read_manifest, write_manifest
from custlib.study.run.execution import Execution
from custlib.study.run.folders import put_in_place, working_folder
from custlib.study.run.normal_form import INJECTED, given_values, source_notebook
from custlib.study.run.outputs import Outputs
from custlib.study.run.runner import Run, _manifest
from custlib.study.sweep import cluster, engine, worker
from custlib.study.sweep.checked import check_sweep
from custlib.study.sweep.engine import Engine, InterruptedSweepError, run_sweep
from custlib.study.sweep.grid import read_sweep
from custlib.study.sweep.summary import key_column, stack_findings, told_levels

SMALL = Path(__file__).parents[1] / "notebooks" / "small_study.ipynb"
ECHO = SMALL.with_name("echo.ipynb")
HOSTILE = "<script>alert(1)</script>"
THREADS = Engine("threading", jobs=1)


@pytest.fixture
def made(monkeypatch):
    """Runs that were made, by `shops`; a run with more than 40 shops fails, one of 13 raises."""
    calls = []

    def run_study(plan, *, reports, timeout, publish, warm):
        shops = plan.inputs.values.get("shops", 1 + len(calls))
        calls.append(shops)
        if shops == 13:
            raise OSError("no space on the disk")
        failure = Failure(message=f"{HOSTILE} too many.\nsecond") if shops > 40 else None
        finding = Finding(
            key="mean",
            sentence=f"{HOSTILE} {shops} shops.",
            value=shops / 10,
            low=shops / 10 - 0.1,
            high=shops / 10 + 0.1,
            rtol=1e-9,
            atol=0,
            cell=2,
        )
        words = finding.model_copy(update={"key": "names", "value": ["a", "b"], "low": None})
        outputs = Outputs((finding, words) if not failure else (), (), (), {})
        execution = Execution(None, "error" if failure else "ok", failure)
        runtime = {"started": "2026-11-29T00:00:00+00:00", "seconds": 1.0}
        manifest = _manifest(plan, execution, outputs, runtime)
        name = f"failed/{plan.study.name}" if failure else plan.study.name
        target = reports / name / plan.folder_name
        with working_folder(reports, plan.folder_name) as folder:
            nbformat.write(executed(plan, outputs), folder / "report.ipynb")
            write_manifest(folder, publish(folder, manifest, {}))
            put_in_place(folder, target)
        return Run(target, manifest)

    monkeypatch.setattr(worker, "run_study", run_study)
    return calls


def executed(plan, outputs):
    """The notebook as a run of this plan would leave it: its values set, its findings shown."""
    notebook = source_notebook(plan.study.path)
    added = nbformat.v4.new_code_cell(given_values(plan.inputs.recorded))
    added.metadata["tags"] = [INJECTED]
    notebook.cells.insert(plan.study.tagged("parameters") + 1, added)
    for finding in outputs.findings:
        data = {FINDING: finding.model_dump(exclude={"cell"})}
        notebook.cells[finding.cell - 1].outputs.append(
            nbformat.v4.new_output("display_data", data)
        )
    return notebook


def publish(folder, manifest, notebook, **_):
    (folder / "report.html").write_text("page", encoding="utf-8")
    hashes = {name: file_sha256(folder / name) for name in ("report.ipynb", "report.html")}
    return manifest.model_copy(update={"exports": ["report.html"], "hashes": hashes})


@pytest.fixture
def sweep(tmp_path):
    def make(values, way="grid", study=SMALL):
        path = tmp_path / "plan.yaml"
        path.write_text(f"study: {study}\n{way}: {values}\n", encoding="utf-8")
        return check_sweep(read_sweep(path))

    return make


def swept(sweep, reports, **options):
    options = {"publish": publish, "engine": THREADS} | options
    return run_sweep(sweep, reports=reports, **options)


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


def test_a_failed_run_does_not_stop_the_others(sweep, made, tmp_path):
    outcomes = swept(sweep("{shops: [1, 41, 13, 2]}"), tmp_path / "r")
    assert statuses(outcomes) == ["ok", "error", "error", "ok"]
    assert outcomes[1].message.startswith(HOSTILE)
    assert outcomes[1].folder.parent == tmp_path / "r" / "failed" / "small_study"
    assert outcomes[2].message == "OSError: no space on the disk"
    assert made == [1, 41, 13, 2]


def test_stop_on_error_starts_no_further_run(sweep, made, tmp_path):
    outcomes = swept(sweep("{shops: [1, 41, 2, 3]}"), tmp_path / "r", stop_on_error=True)
    assert statuses(outcomes) == ["ok", "error", "not run", "not run"]
    assert made == [1, 41]


def test_the_same_sweep_makes_only_what_is_not_kept(sweep, made, tmp_path):
    runs = sweep("{shops: [1, 41, 2]}")
    swept(runs, tmp_path / "r", stop_on_error=True)
    outcomes = swept(runs, tmp_path / "r")
    assert [outcome.cached for outcome in outcomes] == [True, False, False]
    assert made == [1, 41, 41, 2]
    swept(runs, tmp_path / "r", force=True)
    assert made[4:] == [1, 41, 2]


def test_a_kept_run_that_lacks_a_format_is_completed_and_not_made_again(sweep, made, tmp_path):
    runs, completed = sweep("{shops: [1, 2]}"), []

    def complete(run):
        completed.append(run.manifest.parameters["shops"])
        (run.folder / "report.pdf").touch()
        return run

    swept(runs, tmp_path / "r")
    wanted = {"complete": complete, "exports": ("report.html", "report.pdf")}
    for _ in range(2):
        outcomes = swept(runs, tmp_path / "r", **wanted)
        assert [outcome.cached for outcome in outcomes] == [True, True]
    assert completed == [1, 2]
    assert made == [1, 2]


def test_progress_tells_each_run_once_with_the_number_done(sweep, made, tmp_path):
    told = []
    swept(
        sweep("{shops: [1, 41, 2, 1]}"),
        tmp_path / "r",
        told=lambda done, task, outcome: told.append((done, task.text, outcome.status)),
    )
    assert told == [(1, "shops=1", "ok"), (2, "shops=41", "error"), (3, "shops=2", "ok")]


def test_an_interrupt_keeps_what_is_done_and_the_same_call_goes_on(
    sweep, made, tmp_path, monkeypatch
):
    import signal

    runs, real = sweep("{shops: [1, 2, 3]}"), worker.run_study

    def interrupted(plan, **options):
        if plan.inputs.values["shops"] == 2:
            os.kill(os.getpid(), signal.SIGINT)
            assert not threading.Event().wait(0.5)
        return real(plan, **options)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(worker, "run_study", interrupted)
    with pytest.raises(InterruptedSweepError) as caught:
        swept(runs, tmp_path / "r")
    # The second run ended well though the signal came: it is kept, and none was started after it.
    assert statuses(caught.value.outcomes) == ["ok", "ok", "interrupted"]
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.setattr(worker, "run_study", real)
    outcomes = swept(runs, tmp_path / "r")
    assert statuses(outcomes) == ["ok", "ok", "ok"]
    assert made == [1, 2, 3]


def test_a_run_that_an_interrupt_cut_short_is_not_kept_as_failed(
    sweep, made, tmp_path, monkeypatch
):
    real = worker.run_study

    def cut(plan, **options):
        for going in (tmp_path / "r" / ".running").glob("*/*/going"):
            going.unlink()
        return real(plan, **options)

    monkeypatch.setattr(worker, "run_study", cut)
    outcomes = swept(sweep("{shops: [41, 2]}"), tmp_path / "r")
    assert statuses(outcomes) == ["interrupted", "interrupted"]
    assert not (tmp_path / "r" / "failed").exists()


def test_nothing_is_left_beside_the_runs(sweep, made, tmp_path):
    swept(sweep("{shops: [1, 41]}"), tmp_path / "r")
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["failed", "small_study"]


def test_a_worker_that_dies_takes_one_run_with_it_and_not_the_sweep(
    sweep, made, tmp_path, monkeypatch
):
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    real = engine._make

    def die(tasks, *words):
        # Where it runs among others, all that are under way are lost with it.
        if any(task.settings["shops"] == 2 for task in tasks):
            raise TerminatedWorkerError("killed")
        return real(tasks, *words)

    monkeypatch.setattr(engine, "_make", die)
    outcomes = swept(sweep("{shops: [1, 2, 3, 4]}"), tmp_path / "r")
    assert statuses(outcomes) == ["ok", "dead", "ok", "ok"]


@pytest.mark.parametrize(
    "options, told",
    [
        ({"name": "lokky"}, "Expected one of: loky, threading, dask.\nDid you mean 'loky'?"),
        ({"name": "dask"}, "--scheduler is not given"),
        ({"name": "loky", "scheduler": "tcp://h:1"}, "leave both out"),
    ],
)
def test_an_engine_that_cannot_be_is_refused(options, told):
    with pytest.raises(ParameterError) as caught:
        Engine(**options)
    assert told in str(caught.value)


@pytest.mark.parametrize("jobs, name", [(4, "ThreadingBackend"), (5, "LokyBackend")])
def test_few_runs_at_a_time_are_threads_and_many_are_processes(jobs, name):
    from joblib.parallel import get_active_backend

    with engine._backend(Engine(), jobs, SimpleNamespace(lease=None), None):
        backend, workers = get_active_backend()
    assert (type(backend).__name__, workers) == (name, jobs)


def test_findings_are_stacked_under_what_was_set(sweep, made, tmp_path):
    runs = sweep("[{shops: 1}, {shops: 41}]", way="runs")
    stacked = stack_findings(runs, swept(runs, tmp_path / "r"), tmp_path / "r")
    assert list(stacked.columns) == [
        *("shops", "key", "value", "low", "high", "n", "unit", "verdict", "sentence"),
        *("rtol", "atol", "run_number", "run", "status", "message"),
    ]
    assert stacked["run_number"].tolist() == [1, 1, 2]
    assert stacked["rtol"].tolist() == [1e-9, 1e-9, None]
    assert stacked["shops"].tolist() == [1, 1, 41]
    assert stacked["key"].tolist() == ["mean", "names", None]
    assert stacked["value"].tolist() == [0.1, '["a", "b"]', None]
    assert stacked["run"][0] == f"small_study/{runs.tasks[0].plan.folder_name}"
    assert stacked["run"][2].startswith("failed/small_study/")
    assert stacked["status"].tolist() == ["ok", "ok", "error"]
    assert stacked["message"].tolist() == [None, None, f"{HOSTILE} too many."]


def test_no_two_parameters_have_one_column():
    names = ["shops", "value", "run_number", "parameter_value"]
    assert len({key_column(name) for name in names}) == len(names)
    assert key_column("value") == "parameter_value"


@pytest.mark.parametrize(
    ("values", "study", "told"),
    [
        ("{shops: [1, 2]}", SMALL, "Level of the intervals: level 0.95"),
        ("{level: [0.9, 0.95]}", SMALL, "Level of the intervals: level of each run"),
        ("{count: [1, 2]}", ECHO, ""),
    ],
)
def test_the_level_of_the_intervals_is_told_where_the_study_has_one(sweep, values, study, told):
    assert told_levels(sweep(values, study=study)) == told


def words_of(values, units=None, keys=("found",), status="ok"):
    """Words for the figure of runs a, b, … that each found one number."""
    runs = [chr(ord("a") + at) for at in range(len(values))]
    table = pd.DataFrame({"name": runs, "key": "found", "value": values}, dtype=object)
    table = table.assign(unit=units, status=status, run_number=range(len(runs)))
    return swept_alt(table, [(key, unit) for key in keys for unit in units or [""]], ["name"])


def test_the_words_for_the_figure_keep_units_apart():
    told = words_of([0.2, 12], ["share", "points"]).replace("\u00a0", " ")
    assert told == "Findings of 2 runs by name: found 20 % (a); found 12 points (b)."


def test_the_words_for_the_figure_take_only_numbers_for_numbers():
    told = words_of([True, 3, "7", 2, float("inf"), None])
    assert told == "Findings of 6 runs by name: found from 2 (d) to 3 (b)."


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.3001, 0.3004], "from 0.3001 (a) to 0.3004 (b)"),
        ([123456.7, 123457.2], "from 123,456.7 (a) to 123,457.2 (b)"),
        ([3, 5], "from 3 (a) to 5 (b)"),
    ],
)
def test_the_words_for_the_figure_tell_its_ends_apart(values, told):
    assert f"found {told}." in words_of(values)


@pytest.fixture
def command(made, tmp_path, monkeypatch):
    monkeypatch.setattr("custlib.report.publication.publish", publish)

    def call(text, *words):
        path = tmp_path / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        place = ["--reports", str(tmp_path / "r"), "--engine", "threading", "--jobs", "1"]
        return CliRunner().invoke(main, ["sweep", str(path), *place, *words])

    return call


def test_the_command_writes_a_summary_and_prints_its_path(command, tmp_path):
    done = command(f"study: {SMALL}\ngrid: {{shops: [1, 2]}}\n")
    assert done.exit_code == 0, done.output
    page = Path(done.stdout.strip())
    assert page.parent.parent == tmp_path / "r" / "sweeps"
    assert sorted(path.name for path in page.parent.iterdir()) == [
        *("findings.csv", "findings.png", "findings.xlsx", "index.html", "plan.yaml"),
    ]
    assert "2 runs of small_study by shops.\n" in done.stderr
    assert "1 of 2  shops=1  ok  " in done.stderr
    lines = (page.parent / "findings.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("1,mean,0.1,0.0,0.2,,")
    assert (page.parent / "plan.yaml").read_text(encoding="utf-8").startswith("study: ")
    again = command(f"study: {SMALL}\ngrid: {{shops: [1, 2]}}\n")
    assert again.stdout == done.stdout
    assert "2 of 2  shops=2  ok  kept\n" in again.stderr


def test_lists_that_read_alike_are_two_runs(command):
    done = command(f"study: {ECHO}\ngrid: {{texts: [['a, b'], [a, b]]}}\n")
    assert done.exit_code == 0, done.output
    page = Path(done.stdout.strip())
    lines = (page.parent / "findings.csv").read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["key"] == "mean"]
    assert [json.loads(row["texts"]) for row in rows] == [["a, b"], ["a", "b"]]
    runs = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find_all("article")
    assert [run.h3.text for run in runs] == ['texts = ["a, b"]', 'texts = ["a", "b"]']


def test_the_figure_says_how_many_runs_ended_well_and_the_level(command, monkeypatch):
    from matplotlib import pyplot as plt

    with monkeypatch.context() as patch:
        patch.setattr(plt, "close", lambda: None)
        done = command(f"study: {SMALL}\ngrid: {{shops: [1, 2, 41]}}\n")
    level = "Level of the intervals: level 0.95"
    assert plt.gcf().get_supxlabel() == f"Source: 2 of 3 runs of small_study · {level}"
    plt.close("all")
    page = BeautifulSoup(Path(done.stdout.strip()).read_text(encoding="utf-8"), "html.parser")
    assert page.figure.find_next_sibling("p").text == f"{level}."


@pytest.mark.parametrize(
    ("simulated", "told", "rows"),
    [
        ({1, 2}, "Simulated data.", [(1, "SIMULATED DATA"), (2, "SIMULATED DATA")]),
        ({2}, "Simulated data: 1 of 3 runs, as told below.", [(2, "SIMULATED DATA")]),
        (set(), None, None),
    ],
)
def test_a_sweep_of_simulated_data_says_so(command, monkeypatch, simulated, told, rows):
    def of(manifest, _tables):
        return manifest.parameters["shops"] in simulated

    monkeypatch.setattr("custlib.report.sweep_page.is_simulated", of)
    done = command(f"study: {SMALL}\ngrid: {{shops: [1, 2, 41]}}\n")
    path = Path(done.stdout.strip())
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    banner = page.find(class_="banner")
    assert (banner and banner.strong.text) == told
    marked = ["simulated data" in run.text for run in page("article")]
    assert marked == [1 in simulated, 2 in simulated, False]
    book = load_workbook(path.with_name("findings.xlsx"))
    assert ("what went in" in book.sheetnames) == bool(rows)
    if rows:
        assert [*book["what went in"].values][1:] == rows


def test_the_page_shows_failed_runs_and_escapes_what_they_say(command):
    done = command(f"study: {SMALL}\ngrid: {{shops: [1, 2, 41]}}\n")
    assert done.exit_code == 1
    assert "1 of 3 runs failed; what they left is under failed/" in done.stderr
    text = Path(done.stdout.strip()).read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert not page.find_all("script")
    runs = page.find_all("article")
    assert [run.h3.text for run in runs] == ["shops = 1", "shops = 2", "shops = 41"]
    assert f"{HOSTILE} too many." in runs[2].text
    assert "second" not in runs[2].text
    folder = Path(done.stdout.strip()).parent
    for link in page.find_all("a"):
        if "index" not in link["href"]:
            assert (folder / link["href"]).exists(), link["href"]
    assert page.img["alt"] == "Findings of 2 of 3 runs by shops: mean from 0.10 (1) to 0.20 (2)."


def test_the_command_ends_with_two_where_nothing_can_be_run(command, made):
    done = command(f"study: {SMALL}\ngrid: {{shops: [0, 2]}}\n")
    assert done.exit_code == 2
    assert "1 of 2 runs cannot be made" in done.stderr
    assert made == []
    assert command("study: x\n", "--to", "docx").exit_code == 2


def test_a_plan_of_one_run_with_nothing_set_reads_as_one(command):
    done = command(f"study: {SMALL}\nruns: [{{}}]\n")
    assert "1 run of small_study.\n1 of 1  as it stands  ok" in done.stderr
    page = BeautifulSoup(Path(done.stdout.strip()).read_text(encoding="utf-8"), "html.parser")
    assert page.h3.a.text == "The only run"
    assert "1 run of one study." in page.text


def test_runs_that_were_not_started_are_counted(command):
    done = command(f"study: {SMALL}\ngrid: {{shops: [41, 2, 3]}}\n", "--stop-on-error")
    assert done.exit_code == 1
    assert "1 of 3 runs failed, and 2 were not started" in done.stderr


def test_a_difference_of_a_worker_is_named_by_what_has_to_be_mended():
    mine = cluster.Sight("3.11", "a", "b", ("id",), "token")
    same = cluster.Sight("3.11", "a", "b", ("id",), "token")
    assert cluster.difference(mine, same) == ""
    found = [
        cluster.difference(mine, cluster.Sight(*values))
        for values in [
            ("3.12", "x", "b", ("id",), "token"),
            ("3.11", "x", "b", ("other",), "token"),
            ("3.11", "a", None, ("other",), "token"),
            ("3.11", "a", "b", ("other",), "token"),
            ("3.11", "a", "b", ("id",), ""),
        ]
    ]
    assert found == [
        cluster.MEANINGS[name] for name in ("python", "library", "lock", "ids", "token")
    ]
    assert cluster.difference(mine, ModuleNotFoundError("No module")) == "no answer (No module)"


def test_a_lease_ends_with_its_process(tmp_path):
    lease = worker.Lease.of_this_process(tmp_path)
    assert lease.holds()
    gone = worker.Lease(tmp_path, lease.host, 2**22 + 1, 0.0)
    assert gone.orphaned()
    assert worker.Lease(tmp_path, "another machine", 2**22 + 1, 0.0).holds()
    lease.going.unlink()
    assert not lease.holds()


def test_what_travels_to_a_worker_and_back_is_small(sweep, made, tmp_path):
    import pickle

    runs = sweep("{shops: [1]}")
    outcome = swept(runs, tmp_path / "r")[0]
    assert len(pickle.dumps(outcome)) < 2000
    assert read_manifest(outcome.folder).id == runs.tasks[0].plan.id
    assert json.loads((outcome.folder / "manifest.json").read_text("utf-8"))["status"] == "ok"


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")
def test_a_summary_does_not_follow_a_link_out_of_the_reports(sweep, tmp_path):
    from custlib.study.sweep.summary import write_summary

    reports, outside = tmp_path / "reports", tmp_path / "outside"
    outside.mkdir()
    reports.mkdir()
    (reports / "sweeps").symlink_to(outside, target_is_directory=True)
    with pytest.raises(StudyError, match="is a link that leads to"):
        write_summary(reports, sweep("{shops: [1]}"), {"findings.csv": b"x"})
    assert not list(outside.iterdir())
