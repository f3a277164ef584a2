"""The benchmark compares no times before the answers agree."""

import importlib.util
import json
import sys
from math import exp
from pathlib import Path

import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("run", "jobs", "simulate", "worker", "purchases"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("run", BENCHMARKS / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def result(seconds, *shares):
    answer = {"answer": {"share": list(shares)}, "version": "peer 1.0"}
    return {"seconds": seconds, "runs": 1, "megabytes": 70.4} | answer


def row(run, theirs):
    job = run.Job("a job", "top_box", (), 0, {"share": 0.01})
    return run.peer_row(job, result(2, 0.5, 1.0), run.Peer("peer", factor=100), theirs)


def test_answers_that_agree_get_a_ratio_and_a_verdict_on_the_target(run):
    text, fine = row(run, result(10, 0.501, 1.0))
    assert fine
    assert text == (
        "| a job | 2 (1 run) | 70 | peer 1.0 | 10 (1 run) | 70 | 5 | share 0.01 "
        "| ≥ 100, **missed** |\n"
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


def test_custlib_on_fewer_rows_tells_whether_time_grows_faster_than_the_rows(run):
    job = run.Job("a job", "together", (1000,), 0, {})
    peer = run.Peer("custlib_orders", rows=100)
    text, fine = run.growth_row(job, result(9), peer, result(1))
    assert fine
    assert "| custlib, 100 rows | 1 (1 run) |" in text
    assert text.endswith("| 10 × the rows: 9 × the time, met |\n")
    text, _ = run.growth_row(job, result(11), peer, result(1))
    assert text.endswith("| 10 × the rows: 11 × the time, **missed** |\n")


@pytest.mark.parametrize("most, verdict", [(71, "met"), (70, "**missed**")])
def test_memory_has_a_target_of_its_own(run, most, verdict):
    job = run.Job("a job", "together", (1000,), 0, {}, most_megabytes=most)
    assert run.own_row(job, result(9)).endswith(f"| ≤ {most} MB, {verdict} |\n")


def test_one_tolerance_is_named_once(run):
    answers = {"a": [1.0], "b": [2.0], "c": [3.0]}
    assert (
        run.agreement(answers, answers, {"a": 1e-9, "b": 1e-9, "c": 0.01}) == "a, b 1e-09, c 0.01"
    )


class Counted(list):
    """Says how often it was gone through."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_many_answers_are_gone_through_a_few_times_and_not_once_each(run):
    many = Counted(float(one) for one in range(1000))
    assert run.agreement({"a": many}, {"a": list(many)}, {"a": 1e-9}) == "a 1e-09"
    assert many.times < 10


@pytest.fixture
def readme(run, monkeypatch, tmp_path):
    """A README with lines of two jobs, one named like the beginning of the other."""
    path = tmp_path / "README.md"
    lines = "| a job | old |\n| a job, large | old 1 |\n| a job, large | old 2 |\n"
    path.write_text(f"before\n{run.BEGIN}2026; a machine.\n\n{run.HEAD}{lines}{run.END}after\n")
    monkeypatch.setattr(run, "HERE", tmp_path)
    jobs = [run.Job(title, "rfm", (1,), 0, {}) for title in ("a job", "a job, large")]
    monkeypatch.setattr(run, "JOBS", jobs)
    monkeypatch.setattr(run, "machine", lambda: "this machine")
    return path


def test_jobs_that_were_not_asked_for_keep_their_lines(run, readme):
    run.write_table({"a job": "| a job | new |\n"}, "a job")
    text = readme.read_text()
    assert "| a job | new |\n| a job, large | old 1 |\n| a job, large | old 2 |\n" in text
    assert "| a job | old |" not in text
    assert text.startswith(f"before\n{run.BEGIN}2026; a machine.\n\nJobs with “a job”")
    assert text.endswith(f"{run.END}after\n")


def test_a_run_of_every_job_leaves_no_line_and_no_date_of_an_earlier_one(run, readme):
    made = {title: f"| {title} | new |\n" for title in ("a job", "a job, large")}
    run.write_table(made, "")
    text = readme.read_text()
    assert "old" not in text
    assert "a machine." not in text.replace("this machine.", "")
    assert text.count(run.HEAD) == 1


def test_no_job_has_the_title_of_another_and_every_side_has_its_file(run):
    titles = [job.title for job in run.JOBS]
    assert len(set(titles)) == len(titles)
    sides = {side for job in run.JOBS for side in (job.ours, *(peer.side for peer in job.peers))}
    assert [side for side in sides if not list(BENCHMARKS.glob(f"side_{side}.*"))] == []


def test_every_side_knows_the_jobs_it_is_given(run):
    wanted = {(side, job.kind) for job in run.JOBS for side in (job.ours, *sides_of(job))}
    text = {side: next(BENCHMARKS.glob(f"side_{side}.*")).read_text() for side, _ in wanted}
    unknown = {(side, kind) for side, kind in wanted if f'"{kind}"' not in text[side]}
    assert unknown == {("psych", "alpha")}  # R's side has a single job and does not name it


def sides_of(job):
    return [peer.side for peer in job.peers]


@pytest.fixture
def simulate(run):
    return importlib.import_module("simulate")


def test_orders_are_written_in_parts_and_their_file_is_kept(simulate, monkeypatch, tmp_path):
    monkeypatch.setattr(simulate, "PART", 300)
    path = simulate.write(tmp_path, "orders", 1000)
    table = pd.read_parquet(path)
    assert len(table) == 1000
    assert table["customer"].between(0, 99).all()
    assert table["date"].between("2023-01-01", "2024-12-31").all()
    assert (table["amount"] == table["amount"].round(2)).all()
    made = path.stat().st_mtime_ns
    assert simulate.write(tmp_path, "orders", 1000).stat().st_mtime_ns == made
    assert [file.name for file in tmp_path.iterdir()] == ["orders_1000.parquet"]


def test_memory_is_the_peak_of_the_first_run(run, monkeypatch, capsys):
    worker = importlib.import_module("worker")
    peaks = iter([80.0, 900.0])
    monkeypatch.setattr(worker, "peak_megabytes", lambda: next(peaks))
    order = {"job": "rfm", "data": "x.parquet", "count": 0, "runs": 2, "enough_seconds": 3}
    monkeypatch.setattr(sys, "argv", ["worker", json.dumps(order)])
    worker.serve({"rfm": lambda path, count: {"path": [len(path)]}}, "peer 1.0")
    found = json.loads(capsys.readouterr().out)
    assert (found["runs"], found["megabytes"], found["answer"]) == (2, 80.0, {"path": [9]})


def test_what_a_job_needs_before_and_what_is_compared_after_it_is_not_timed(
    run, monkeypatch, capsys
):
    worker = importlib.import_module("worker")
    clock = [0.0]
    monkeypatch.setattr(worker, "perf_counter", lambda: clock[0])

    def after(seconds, value):
        clock[0] += seconds
        return value

    jobs = {"fit": lambda table, count: after(2, lambda: after(50, {"path": [len(table)]}))}
    before = {"fit": lambda table: after(100, table * 2), "other": None}
    order = {"job": "fit", "data": "x.parquet", "count": 0, "runs": 3, "enough_seconds": 3}
    monkeypatch.setattr(sys, "argv", ["worker", json.dumps(order)])
    worker.serve(jobs, "peer 1.0", before=before)
    found = json.loads(capsys.readouterr().out)
    assert (found["seconds"], found["runs"], found["answer"]) == (2, 2, {"path": [18]})


def test_the_shared_likelihood_is_that_of_the_paper(run, simulate, tmp_path):
    purchases = importlib.import_module("purchases")
    table = pd.read_csv(simulate.write(tmp_path, "cdnow", 2357))
    assert (len(table), table["frequency"].sum(), (table["frequency"] > 0).sum()) == (
        2357,
        2457,
        946,
    )
    # Fader, Hardie & Lee (2005a): r .243, alpha 4.414, a .793, b 2.426, LL −9582.4.
    at = [0.243, 4.414, 0.793, 2.426]
    found = purchases.answer_of(table, at)
    assert found["parameters"] == at
    assert found["log-likelihood"][0] == pytest.approx(-9582.4, abs=0.05)


def test_buyers_have_records_that_can_be(simulate, tmp_path):
    table = pd.read_csv(simulate.write(tmp_path, "buyers", 20_000))
    days = (table[["recency", "T"]] * 7).to_numpy()
    assert abs(days - days.round()).max() < 1e-9
    assert ((table["frequency"] > 0) == (table["recency"] > 0)).all()
    assert (table["recency"] <= table["T"]).all()
    assert (table["frequency"] <= table["recency"] * 7 + 1e-9).all()
    # Nobody has left before the first repeat purchase: P(x = 0 | T) = (alpha / (alpha + T))^r.
    never = ((4.414 / (4.414 + table["T"])) ** 0.243).mean()
    assert (table["frequency"] == 0).mean() == pytest.approx(never, abs=0.015)


def test_spenders_have_amounts_in_cents_and_the_mean_of_the_model(simulate, tmp_path):
    table = pd.read_csv(simulate.write(tmp_path, "spenders", 20_000))
    amount = table["monetary_value"]
    assert (table["frequency"] >= 1).all()
    assert (amount > 0).all()
    assert (amount == amount.round(2)).all()
    assert amount.mean() == pytest.approx(6.25 * 15.44 / (3.74 - 1), rel=0.03)


def test_some_stays_have_ended_and_some_are_watched_still(simulate, tmp_path):
    table = pd.read_csv(simulate.write(tmp_path, "stays", 20_000))
    assert set(table["event"]) == {0, 1}
    assert table["duration"].between(1, 731).all()
    # In the first week nearly all are watched: the share that left is the Weibull's.
    early = table[table["duration"] <= 7]
    left = early["event"].sum() / len(table)
    assert left == pytest.approx(1 - exp(-((7 / 400) ** 0.8)), rel=0.1)
