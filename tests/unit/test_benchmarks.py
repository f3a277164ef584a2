"""The benchmark compares no times before the answers agree."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("run", "jobs", "simulate"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("run", BENCHMARKS / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def result(seconds, *shares):
    return {"seconds": seconds, "runs": 1, "answer": {"share": list(shares)}, "version": "peer 1.0"}


def row(run, theirs):
    job = run.Job("a job", "top_box", (), 0, {"share": 0.01})
    return run.peer_row(job, result(2, 0.5, 1.0), run.Peer("peer", factor=100), theirs)


def test_answers_that_agree_get_a_ratio_and_a_verdict_on_the_target(run):
    text, fine = row(run, result(10, 0.501, 1.0))
    assert fine
    assert text == (
        "| a job | 2 (1 run) | peer 1.0 | 10 (1 run) | 5 | share 0.01 | ≥ 100, **missed** |\n"
    )


@pytest.mark.parametrize("shares", [(0.52, 1.0), (0.5,), (0.5, float("nan"))])
def test_answers_that_differ_get_no_ratio(run, shares):
    text, fine = row(run, result(10, *shares))
    assert not fine
    assert "not compared" in text
    assert "| 5 |" not in text


def test_a_peer_that_is_absent_is_said_to_be_absent(run):
    text, fine = row(run, {"why": "Rscript was not found"})
    assert fine
    assert "not run: Rscript was not found" in text


def test_a_part_of_a_job_is_scaled_by_what_it_adds(run, monkeypatch):
    took = {0: 1.0, 10: 3.0}
    monkeypatch.setattr(run, "ask", lambda side, job, data, count: result(took[count], 1.0))
    job = run.Job("a job", "alpha", (), 1000, {})
    found = run.ask_peer(run.Peer("peer", 10), job, Path("table.csv"))
    assert found["seconds"] == 1 + (3 - 1) * 100
    assert found["scaled"] == "; scaled from 10 of 1,000 resamples"
