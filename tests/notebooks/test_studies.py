"""Each study at its defaults: the findings it was committed with, and the same bytes twice."""

import json
import math
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from custlib.study.findings import FINDING

STUDIES = sorted((Path(__file__).parents[2] / "notebooks" / "studies").glob("*.ipynb"))


def committed_findings(path):
    """Findings in the outputs of the committed notebook, by key."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    data = [output["data"] for output in outputs if "data" in output]
    return {each[FINDING]["key"]: each[FINDING] for each in data if FINDING in each}


def run(path, reports):
    """Run a study in a process of its own; its folder."""
    command = [sys.executable, "-m", "custlib.cli", "run", str(path), "--reports", str(reports)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1]).parent


@pytest.fixture(scope="module", params=STUDIES, ids=lambda path: path.stem)
def twice(request, tmp_path_factory):
    folders = [run(request.param, tmp_path_factory.mktemp("reports")) for _ in range(2)]
    return request.param, folders


def test_a_study_finds_what_it_was_committed_with(twice):
    path, folders = twice
    found = json.loads((folders[0] / "manifest.json").read_text(encoding="utf-8"))["findings"]
    committed = committed_findings(path)
    assert [each["key"] for each in found] == list(committed)
    for each in found:
        before = committed[each["key"]]
        assert each["sentence"] == before["sentence"]
        for name in ("value", "low", "high"):
            same(each[name], before[name], before["rtol"])


def same(found, before, rtol):
    if isinstance(before, float):
        # The committed numbers may come from another processor: 1e-6 across platforms.
        assert math.isclose(found, before, rel_tol=max(rtol, 1e-6))
    else:
        assert found == before


def test_a_study_runs_twice_to_the_same_bytes(twice):
    _, (first, second) = twice
    manifests = [
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for folder in (first, second)
    ]
    for manifest in manifests:
        del manifest["runtime"]
    assert manifests[0] == manifests[1]
    names = [path.relative_to(first) for path in sorted(first.rglob("*")) if path.is_file()]
    assert names == [p.relative_to(second) for p in sorted(second.rglob("*")) if p.is_file()]
    for name in names:
        if name.name not in ("manifest.json", "report.html"):  # these carry the time of the run
            assert (first / name).read_bytes() == (second / name).read_bytes(), name
