"""Sweeps in real kernels: processes, threads and a cluster find the same, byte for byte."""

import os
import sys
from pathlib import Path

import pytest
from real_runs import contents

from custlib.errors import StudyError
from custlib.report.publication import publish
from custlib.study.run import identity
from custlib.study.sweep.checked import check_sweep
from custlib.study.sweep.cluster import connected, require_same_sight
from custlib.study.sweep.engine import Engine, run_sweep
from custlib.study.sweep.grid import read_sweep
from custlib.study.sweep.summary import stack_findings, table_bytes

HERE = Path(__file__).parent
PLAN = f"""\
study: {HERE / "echo.ipynb"}
base:
  texts: ["it's {{braces}}", "__import__('os')._exit(0)", "Опрос"]
grid:
  count: [1, 2]
"""


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "echo.yaml"
    path.write_text(PLAN, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPECTED_PREFIX", sys.prefix)
        yield check_sweep(read_sweep(path))


@pytest.fixture(scope="module")
def cluster(sweep):
    import dask
    from distributed import LocalCluster

    # A run whose worker dies is given up at once, not after three more workers.
    once = {"distributed.scheduler.allowed-failures": 0}
    with (
        dask.config.set(once),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
        ) as made,
    ):
        yield made.scheduler_address


@pytest.fixture(scope="module")
def swept(sweep, cluster, tmp_path_factory):
    """Folder of reports and outcomes of the same sweep by each engine."""
    engines = [Engine("loky", 2), Engine("threading", 2), Engine("dask", scheduler=cluster)]
    found = {}
    for engine in engines:
        reports = tmp_path_factory.mktemp(engine.name)
        found[engine.name] = (
            reports,
            run_sweep(sweep, reports=reports, publish=publish, engine=engine),
        )
    return found


@pytest.mark.parametrize("engine", ["loky", "threading", "dask"])
def test_every_engine_makes_every_run_with_its_report(swept, engine):
    outcomes = swept[engine][1]
    assert [outcome.status for outcome in outcomes] == ["ok", "ok"], outcomes
    for outcome in outcomes:
        assert (outcome.folder / "report.html").is_file()
        assert not outcome.cached


@pytest.mark.parametrize("engine", ["threading", "dask"])
def test_what_a_run_leaves_is_the_same_whatever_the_engine(swept, engine):
    for first, second in zip(swept["loky"][1], swept[engine][1], strict=True):
        assert contents(first.folder) == contents(second.folder)


def test_the_stacked_findings_are_the_same_whatever_the_engine(sweep, swept):
    tables = {table_bytes(stack_findings(sweep, done, place)) for place, done in swept.values()}
    assert len(tables) == 1
    rows = tables.pop().decode().splitlines()
    assert [row.split(",")[:3] for row in rows if ",count," in row] == [
        ["1", "count", "1"],
        ["2", "count", "2"],
    ]


@pytest.mark.parametrize("engine", ["loky", "threading", "dask"])
def test_nothing_but_runs_is_in_the_folder_of_reports(swept, engine):
    assert [path.name for path in swept[engine][0].iterdir()] == ["echo"]


def test_a_worker_with_another_library_is_refused_by_name(sweep, cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "library_sha256", lambda: "0" * 64)
    with (
        pytest.raises(StudyError) as caught,
        connected(cluster, [task.plan for task in sweep.tasks], tmp_path),
    ):
        pytest.fail("the cluster was used")
    found, expected, _ = str(caught.value).split("\n")
    assert found.startswith("2 of 2 workers would not compute the same: tcp://127.0.0.1:")
    assert "has another state of the library custlib" in found
    assert "under the same paths" in expected
    assert not list(tmp_path.iterdir())


def test_a_worker_that_sees_another_folder_of_reports_is_refused(sweep, cluster, tmp_path):
    import distributed

    class Elsewhere(distributed.Client):
        """Asks its workers for the token in a folder that only they have."""

        def run(self, function, wanted, token, **options):
            return super().run(function, wanted, token / "elsewhere", **options)

    with (
        Elsewhere(cluster, set_as_default=False) as client,
        pytest.raises(StudyError, match="has another folder of reports"),
    ):
        require_same_sight(client, [task.plan for task in sweep.tasks], tmp_path)


def test_a_scheduler_that_does_not_answer_is_named(sweep, tmp_path, monkeypatch):
    monkeypatch.setattr("custlib.study.sweep.cluster.CONNECT_SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense"):
        with (
            pytest.raises(StudyError, match=f"No scheduler answers at '{address}'"),
            connected(address, [], tmp_path),
        ):
            pytest.fail("the cluster was used")


def test_a_run_whose_worker_dies_is_dead_and_the_sweep_ends(sweep, cluster, swept, tmp_path):
    on_cluster = Engine("dask", scheduler=cluster)
    outcomes = run_sweep(
        sweep, reports=tmp_path / "reports", publish=lambda *_: os._exit(9), engine=on_cluster
    )
    assert {outcome.status for outcome in outcomes} == {"dead"}
    assert "died" in outcomes[0].message
