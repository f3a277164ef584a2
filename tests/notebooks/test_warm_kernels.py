"""Kernels forked from a process that has done the imports: as good as fresh ones, and as mortal."""

import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from real_runs import below_this, contents, gone, wait_for

from custlib.study.run.nursery import CAN_FORK
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(not CAN_FORK, reason="kernels are forked on Linux only")
CHANCE = """
import random
import numpy as np
from custlib import study
study.find("numpy", float(np.random.random()), sentence="Chance.")
study.find("python", random.random(), sentence="Chance.")
"""
PARENT = """
import sys
from pathlib import Path
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study
plan = plan_study(sys.argv[1], {"seconds": 60.0, "note": sys.argv[2]})
run_study(plan, reports=Path(sys.argv[3]), warm=True)
"""


def warm(name, reports, values=None, **options):
    return run_study(
        plan_study(HERE / f"{name}.ipynb", values), reports=reports, warm=True, **options
    )


def test_a_forked_kernel_leaves_the_same_bytes_as_a_fresh_one(tmp_path):
    fresh = run_study(plan_study(HERE / "small_study.ipynb"), reports=tmp_path / "fresh")
    forked = warm("small_study", tmp_path / "forked")
    assert forked.status == "ok"
    assert contents(fresh.folder) == contents(forked.folder)


def test_a_forked_kernel_sees_the_fixed_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPECTED_PREFIX", sys.prefix)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert warm("echo", tmp_path).status == "ok"


@pytest.mark.parametrize(
    "name, status, told",
    [
        ("dead_kernel", "dead", "killed by SIGKILL"),
        ("early_os_exit", "exited", "exit code 0"),
        ("division", "error", "ZeroDivisionError"),
    ],
)
def test_a_forked_kernel_ends_as_a_fresh_one_would(name, status, told, tmp_path):
    run = warm(f"broken/{name}", tmp_path)
    assert run.status == status
    assert told in run.manifest.failure.message


def test_a_forked_kernel_is_stopped_when_its_time_is_over(tmp_path):
    assert warm("broken/timeout", tmp_path, timeout=0.5).status == "timeout"


def test_chance_that_nobody_seeded_differs_between_forked_kernels(tmp_path):
    cells = [nbformat.v4.new_code_cell("n: int = 1", metadata={"tags": ["parameters"]})]
    cells.append(nbformat.v4.new_code_cell(CHANCE))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "chance.ipynb")
    plan = plan_study(tmp_path / "chance.ipynb")
    runs = [run_study(plan, reports=tmp_path / name, warm=True) for name in "ab"]
    first, second = ([one.value for one in run.manifest.findings] for run in runs)
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_a_forked_kernel_does_not_outlive_the_process_that_ordered_it(tmp_path):
    note = tmp_path / "note"
    words = [HERE / "waiting.ipynb", note, tmp_path / "reports"]
    parent = subprocess.Popen([sys.executable, "-c", PARENT, *map(str, words)])
    kernel = psutil.Process(int(wait_for(lambda: note.is_file() and note.read_text("utf-8"))))
    cradle = kernel.parent()
    assert "cradle" in " ".join(cradle.cmdline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: gone(kernel.pid) and gone(cradle.pid))


def test_a_cradle_that_was_killed_is_replaced(tmp_path):
    assert warm("waiting", tmp_path / "first").status == "ok"
    cradles = below_this("run.cradle", recursive=False)
    for cradle in cradles:
        cradle.kill()
        cradle.wait()
    assert cradles
    assert warm("waiting", tmp_path / "second").status == "ok"
    assert warm("waiting", tmp_path / "third").status == "ok"


def test_a_library_that_changed_is_imported_anew(monkeypatch, tmp_path):
    """What the cradle had imported before a change must not compute under the id of the new one."""
    plan = plan_study(HERE / "waiting.ipynb")
    run_study(plan, reports=tmp_path, warm=True)
    before = nursery_state()
    changed = plan_study(HERE / "waiting.ipynb", library="0" * 64)
    run_study(changed, reports=tmp_path, warm=True)
    assert nursery_state() != before
    assert nursery_state().startswith("0" * 64)


def nursery_state():
    from custlib.study.run import nursery

    return nursery._made.state


def test_a_folder_with_a_module_of_a_common_name_is_not_imported_from(tmp_path):
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')", encoding="utf-8")
    code = (
        "from custlib.study.run.nursery import Nursery\n"
        "print(Nursery('x').ask({'poll': 1})['code'])"
    )
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "wrong random" not in done.stderr
