"""Runs of the same id at once, and clocks that go backwards."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from custlib.report.publication import publish
from custlib.study.manifest import read_manifest
from custlib.study.run.folders import put_in_place
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

CLOCK = Path(__file__).with_name("backwards.c")
# Each kernel waits in its last cell until the other one is there, so that both end at once.
MEETING = """
import os, time
from pathlib import Path

Path(place, str(os.getpid())).touch()
end = time.monotonic() + 60
while len(list(Path(place).iterdir())) < 2 and time.monotonic() < end:
    time.sleep(0.01)
print(len(list(Path(place).iterdir())))
"""


def second(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_two_processes_that_run_the_same_at_once_both_end_well_and_leave_one_whole_run(
    study, tmp_path, start, whole_runs
):
    reports, place = tmp_path / "reports", tmp_path / "meeting"
    notebook = study(MEETING, parameters='place: str = ""  # folder in which kernels meet')
    for words in ((), ("--force",)):
        place.mkdir()
        other = start("run", notebook, "-p", f"place={place}", "--reports", reports, *words)
        plan = plan_study(notebook, {"place": str(place)})
        run = run_study(plan, reports=reports, publish=publish)
        out, err = other.communicate(timeout=300)
        assert (other.returncode, run.status) == (0, "ok"), err
        assert len(list(place.iterdir())) == 2
        assert {Path(out.strip()).parent, run.folder} <= {*whole_runs(reports)}
        shutil.rmtree(place)


def test_a_run_ends_well_while_another_one_of_its_id_replaces_it(
    study, tmp_path, command, monkeypatch
):
    """The other run has moved the folder aside, and is about to put its own in place."""

    def put(folder, target):
        put_in_place(folder, target)
        target.rename(tmp_path / "aside")

    monkeypatch.setattr("custlib.study.run.runner.put_in_place", put)
    code, out, err = command("run", study("1"), "--reports", tmp_path / "reports")
    assert code == 0, err
    assert Path(out.strip()).name == "report.html"
    assert (tmp_path / "aside" / "report.html").is_file()


@pytest.fixture
def backwards(tmp_path):
    """Variables for a process under a clock that goes back a second at each look."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build the clock that goes backwards")
    library = tmp_path / "backwards.so"
    words = [compiler, "-shared", "-fPIC", "-o", library, CLOCK, "-ldl"]
    if subprocess.run(words, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("the C compiler cannot build the clock that goes backwards")
    return lambda day: {"LD_PRELOAD": library, "TEST_CLOCK": second(day)}


def test_a_clock_that_goes_backwards_harms_neither_cache_nor_list_nor_seconds(
    study, tmp_path, finished, whole_runs, backwards
):
    """Each look at the clock finds it a second earlier, and the second run begins years before."""
    reports = tmp_path / "reports"
    notebook = study(
        "import time\nfrom custlib import study\n\nstudy.find('n', 1, sentence='One.')",
        "first = time.time()\ntime.time() < first",
    )
    code, out, err = finished("run", notebook, "--reports", reports, **backwards("2031-05-04"))
    assert code == 0, err
    (folder,) = whole_runs(reports)
    record = read_manifest(folder)
    assert record.runtime.started.startswith("2031-05-03T")
    assert record.runtime.seconds > 0
    cells = json.loads((folder / "report.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "".join(cells[-1]["outputs"][0]["data"]["text/plain"]) == "True"

    earlier = backwards("2001-01-02")
    code, again, err = finished("run", notebook, "--reports", reports, **earlier)
    assert (code, again) == (0, out)
    assert "The same run is kept from 2031-05-03" in err
    assert "2031" in (reports / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_clock_that_goes_backwards_changes_nothing_for_verify(
    study, tmp_path, finished, backwards
):
    notebook = study("from custlib import study\n\nstudy.find('n', 1, sentence='One.')")
    run = run_study(plan_study(notebook), reports=tmp_path / "reports", publish=publish)
    code, out, err = finished("verify", run.folder, **backwards("2001-01-02"))
    assert code == 0, out + err
    assert read_manifest(run.folder).verified[0].when.startswith("2001-01-")
