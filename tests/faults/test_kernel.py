"""Kernels that are killed, multiply, or lose the ground they stand on."""

import os
import random
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from real_runs import below_this, gone

from custlib.errors import StudyError
from custlib.report.publication import publish
from custlib.study.run.cache import cached_run
from custlib.study.run.engine import StudyClient
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

SHORT = (
    "import time\nfrom custlib import study\n\n"
    "time.sleep(0.25)\nstudy.find('f{0}', {0}, sentence='Done.')"
)
KERNEL = "ipykernel_launcher"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to kill with")


def killed_after(delay, *, run):
    """The run, whose kernel gets SIGKILL this long after its process appeared."""

    def kill():
        end = time.monotonic() + 30
        while time.monotonic() < end:
            for kernel in below_this(KERNEL):
                time.sleep(delay)
                with suppress(psutil.NoSuchProcess):
                    kernel.kill()
                return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        return run()
    finally:
        killer.join()


def hold_after_kills(tries, study, reports, whole_runs):
    """Kills a kernel again and again at a random moment; gives where each of them died."""
    plan = plan_study(study(*(SHORT.format(n) for n in range(8))))
    chance, died = random.Random(6), []
    for _ in range(tries):
        delay = chance.uniform(0, 1.6)
        run = killed_after(delay, run=lambda: run_study(plan, reports=reports, publish=publish))
        died.append((run.status, run.manifest.failure and run.manifest.failure.cell))
        if run.status == "ok":  # The kill came when all was done.
            assert cached_run(plan, reports).folder == run.folder
            (run.folder / "report.ipynb").unlink()
        else:
            message = run.manifest.failure.message
            assert run.status == "dead"
            assert message.splitlines()[0].endswith("killed by SIGKILL.")
            assert run.folder.parent == reports / "failed" / "tiny"
        assert cached_run(plan, reports) is None
    run = run_study(plan, reports=reports, publish=publish)
    assert run.status == "ok"
    assert len(run.manifest.findings) == 8
    assert cached_run(plan, reports).manifest == run.manifest
    assert whole_runs(reports) == [run.folder]
    assert not list((reports / "failed").rglob("*.json"))
    assert below_this(KERNEL) == []
    return died


def test_a_kernel_killed_at_a_random_moment_leaves_no_report_and_the_next_run_is_whole(
    study, tmp_path, whole_runs
):
    hold_after_kills(2, study, tmp_path / "reports", whole_runs)


@pytest.mark.slow
def test_twenty_kernels_killed_at_random_moments_leave_no_report_and_the_next_run_is_whole(
    study, tmp_path, whole_runs
):
    print(hold_after_kills(20, study, tmp_path / "reports", whole_runs))  # noqa: T201


def test_children_of_a_kernel_end_with_it_and_the_run_does_not_wait_for_them(
    study, tmp_path, wait_for
):
    note = tmp_path / "note"
    notebook = study(
        "import os, subprocess, sys, time\nfrom pathlib import Path",
        "late = f\"import time; time.sleep(90); open({note + '.late'!r}, 'w')\"",
        "sleeper = subprocess.Popen([sys.executable, '-c', late])",
        "fork = os.fork()\nif fork == 0:\n    exec(late)\n    os._exit(0)",
        "Path(note).write_text(f'{sleeper.pid} {fork}')",
        parameters='note: str = ""  # file for the processes',
    )
    run = run_study(plan_study(notebook, {"note": str(note)}), reports=tmp_path / "reports")
    assert run.status == "ok"
    children = [int(word) for word in note.read_text(encoding="utf-8").split()]
    wait_for(lambda: all(map(gone, children)))
    assert not (tmp_path / "note.late").exists(), "they came to their own end"


def test_a_cell_that_deletes_the_reports_ends_the_run_with_a_message_and_the_next_run_is_whole(
    study, tmp_path, whole_runs
):
    reports = tmp_path / "reports"
    notebook = study(
        "import shutil\nif place:\n    shutil.rmtree(place)",
        "1",
        parameters='place: str = ""  # folder to delete',
    )
    with pytest.raises(StudyError) as caught:
        run_study(plan_study(notebook, {"place": str(reports)}), reports=reports, publish=publish)
    found, expected, do = str(caught.value).split("\n")
    assert found.endswith("was taken away while the study ran.")
    assert expected.startswith("Expected ")
    assert do.startswith("Nothing was kept of this run: ")
    run = run_study(plan_study(notebook), reports=reports, publish=publish)
    assert whole_runs(reports) == [run.folder]


def test_a_study_in_a_folder_with_cyrillic_and_spaces_runs_and_is_found_again(
    study, tmp_path, command, whole_runs
):
    notebook = study("1", name="Опросы 2026/Кто доволен, и почему")
    reports = tmp_path / "мои отчёты {1}"
    for _ in range(2):
        code, out, err = command("run", notebook, "--reports", reports)
        assert code == 0, err
        assert Path(out.strip()).is_file()
    assert "The same run is kept" in err
    assert [folder.parent.name for folder in whole_runs(reports)] == ["Кто_доволен_и_почему"]


def test_a_temporary_folder_that_cannot_hold_sockets_is_named_before_a_kernel_starts(
    study, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    monkeypatch.setattr("custlib.study.run.kernel.LONGEST_FOLDER", 999)
    with pytest.raises(StudyError) as caught:
        run_study(plan_study(study("1")), reports=tmp_path / "reports")
    found, expected, do = str(caught.value).split("\n")
    assert found == "No folder for the sockets of a kernel can be made: Not a directory."
    assert "to which you may write" in expected
    assert "TMPDIR" in do
    assert not list((tmp_path / "reports").iterdir())


def test_what_another_machine_left_is_neither_touched_nor_listed(
    study, tmp_path, command, whole_runs
):
    reports = tmp_path / "reports"
    other = reports / ".running" / f"elsewhere-{os.getpid()}.1.0a1b2c3d" / "default-1"
    other.mkdir(parents=True)
    (other / "manifest.json").write_text("{", encoding="utf-8")
    assert command("run", study("1"), "--reports", reports)[0] == 0
    assert (other / "manifest.json").read_text(encoding="utf-8") == "{"
    assert "elsewhere" not in (reports / "index.html").read_text(encoding="utf-8")
    assert socket.gethostname() != "elsewhere"


def test_a_file_of_a_run_cut_to_half_or_taken_away_makes_it_no_run_to_be_used_again(
    study, tmp_path
):
    notebook = study(
        "import pandas as pd\nfrom custlib import study\n\n"
        "study.table('t', pd.DataFrame({'a': range(9)}))"
    )
    plan, reports = plan_study(notebook), tmp_path / "reports"
    folder = run_study(plan, reports=reports).folder
    for name in ("manifest.json", "report.ipynb", "tables/t.csv"):
        path = folder / name
        whole = path.read_bytes()
        assert cached_run(plan, reports)
        path.write_bytes(whole[: len(whole) // 2])
        assert cached_run(plan, reports) is None
        path.unlink()
        assert cached_run(plan, reports) is None
        path.write_bytes(whole)


def hold_after_killed_commands(tries, study, reports, start, whole_runs):
    """Kills the command itself at a random moment, with --force over a run that is kept."""
    notebook = study("1")
    run_study(plan_study(notebook), reports=reports, publish=publish)
    chance, alive = random.Random(7), 0
    for _ in range(tries):
        process = start("run", notebook, "--force", "--reports", reports)
        time.sleep(chance.uniform(0.5, 5))
        alive += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        plan = plan_study(notebook)
        kept = cached_run(plan, reports) or run_study(plan, reports=reports, publish=publish)
        assert kept.manifest.status == "ok"
    run_study(plan_study(notebook), reports=reports, publish=publish)
    assert whole_runs(reports)
    return alive


def test_a_command_killed_while_it_replaces_a_kept_run_leaves_a_whole_one(
    study, tmp_path, start, whole_runs
):
    hold_after_killed_commands(1, study, tmp_path / "reports", start, whole_runs)


@pytest.mark.slow
def test_twenty_commands_killed_while_they_replace_a_kept_run_leave_a_whole_one(
    study, tmp_path, start, whole_runs
):
    print(hold_after_killed_commands(20, study, tmp_path / "reports", start, whole_runs))  # noqa: T201


def test_a_kernel_on_a_busy_machine_may_take_ten_minutes_to_start(study, tmp_path, monkeypatch):
    """papermill gives it one, and then the run fails with an error that is none of the study's."""
    given = []
    monkeypatch.setattr(StudyClient, "execute", lambda client: given.append(client.startup_timeout))
    run_study(plan_study(study("1")), reports=tmp_path / "reports")
    assert given == [600]


REPLACING = """
import sys
from pathlib import Path
from custlib.study.run.folders import put_in_place, working_folder

reports, who = Path(sys.argv[1]), sys.argv[2]
for n in range(150):
    with working_folder(reports, "default-1") as folder:
        for name in "abc":
            (folder / name).write_text(f"{who}{n}")
        put_in_place(folder, reports / "study" / "default-1")
"""


def test_processes_that_replace_the_same_folder_without_end_always_leave_one_that_is_whole(
    tmp_path,
):
    import sys

    words = [sys.executable, "-c", REPLACING, tmp_path]
    processes = [subprocess.Popen([*words, who]) for who in ("x", "y", "z")]
    assert [process.wait(300) for process in processes] == [0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    (folder,) = (tmp_path / "study").iterdir()
    assert len({(folder / name).read_text(encoding="utf-8") for name in "abc"}) == 1
