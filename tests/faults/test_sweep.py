"""A sweep that is interrupted or killed in its middle: what was done is kept, and it goes on."""

import os
import signal
from pathlib import Path

import psutil
import pytest
from real_runs import gone

WAITING = Path(__file__).parents[1] / "notebooks" / "waiting.ipynb"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a process")


def manifests(reports):
    return {path: path.stat().st_mtime_ns for path in reports.glob("waiting/*/manifest.json")}


def family(process):
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.fixture
def tools(tmp_path, start, wait_for, whole_runs, command):
    """What `hold` needs."""
    return {
        "tmp_path": tmp_path,
        "start": start,
        "wait_for": wait_for,
        "whole_runs": whole_runs,
        "command": command,
    }


def hold(sent, engine, *, tmp_path, start, wait_for, whole_runs, command):
    """Stops a sweep once its first runs are kept, and starts the same again."""
    reports, plan = tmp_path / "reports", tmp_path / "plan.yaml"
    plan.write_text(f"study: {WAITING}\ngrid:\n  seconds: [0, 2, 2.1]\n", encoding="utf-8")
    words = ("sweep", plan, "--jobs", "2", "--reports", reports)
    process = start(*words, "--engine", engine)
    children: set[psutil.Process] = set()

    def first_is_kept():
        children.update(family(process))
        return process.poll() is not None or manifests(reports)

    wait_for(first_is_kept)
    kept = manifests(reports)
    process.send_signal(sent)
    _, err = process.communicate(timeout=300)
    assert children, (process.returncode, err)
    wait_for(lambda: all(gone(child.pid) for child in children))
    kept |= manifests(reports)
    assert 1 <= len(kept) < 3, err
    for manifest in kept:
        assert manifest.with_name("report.html").is_file()

    code, out, told = command(*words, "--engine", "threading")
    assert code == 0, told
    assert len(whole_runs(reports)) == 3
    assert kept.items() <= manifests(reports).items()
    assert told.count("  ok  kept") == len(kept)
    assert Path(out.strip().splitlines()[-1]).is_file()
    return process.returncode, err, len(kept)


def test_an_interrupted_sweep_keeps_what_is_done_leaves_no_process_and_goes_on(
    tools,
):
    code, err, kept = hold(signal.SIGINT, "threading", **tools)
    assert code == 130
    assert err.splitlines()[-1] == (
        f"Interrupted: {kept} of 3 runs are kept; the same command goes on from there."
    )
    assert "Traceback" not in err


def test_a_killed_sweep_keeps_what_is_done_leaves_no_process_and_goes_on(
    tools,
):
    assert hold(signal.SIGKILL, "loky", **tools)[0] == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(5))
@pytest.mark.parametrize("engine", ["loky", "threading"])
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_sweeps_stopped_again_and_again_keep_what_is_done_and_go_on(sent, engine, attempt, tools):
    hold(sent, engine, **tools)
