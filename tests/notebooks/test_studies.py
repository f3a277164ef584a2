"""Each study at its defaults: the numbers it was committed with, and all of them a second time."""

import math
from pathlib import Path

import nbformat
import pytest

from custlib.report.publication import publish
from custlib.study.catalogue import study_name
from custlib.study.findings import FINDING
from custlib.study.proof.references import read_reference, reference_differences
from custlib.study.proof.verification import verify_run
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

ROOT = Path(__file__).parents[2]
STUDIES = sorted((ROOT / "notebooks" / "studies").glob("*.ipynb"))


def committed_findings(path):
    """Findings in the outputs of the committed notebook, by key."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    data = [output["data"] for output in outputs if "data" in output]
    return {each[FINDING]["key"]: each[FINDING] for each in data if FINDING in each}


def contents(folder):
    """Bytes of every file but the record, which tells the time, and the page, which shows it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    told = {"manifest.json", "report.html"}
    return {name: path.read_bytes() for name, path in names.items() if name not in told}


@pytest.fixture(scope="module", params=STUDIES, ids=lambda path: path.stem)
def study(request, tmp_path_factory):
    """A study's notebook and one run of it, with its report."""
    reports = tmp_path_factory.mktemp("reports")
    run = run_study(plan_study(request.param), reports=reports, publish=publish)
    assert run.status == "ok", run.manifest.failure
    assert run.report
    return request.param, run


def test_a_study_finds_the_numbers_of_its_reference(study):
    path, run = study
    reference = read_reference(study_name(path))
    assert reference is not None, "make reference"
    assert reference_differences(reference, run.manifest) == []


def test_a_study_finds_what_it_was_committed_with(study):
    path, run = study
    committed = committed_findings(path)
    assert [each.key for each in run.manifest.findings] == list(committed)
    for each in run.manifest.findings:
        before = committed[each.key]
        assert each.sentence == before["sentence"]
        for name in ("value", "low", "high"):
            same(getattr(each, name), before[name], before["rtol"])


def same(found, before, rtol):
    if isinstance(before, float):
        # The committed numbers may come from another processor: 1e-6 across platforms.
        assert math.isclose(found, before, rel_tol=max(rtol, 1e-6))
    else:
        assert found == before


def test_a_study_computed_again_from_its_record_comes_out_the_same_to_the_byte(study, tmp_path):
    _, run = study
    proof = verify_run(run.folder, place=tmp_path, warm=True)
    assert proof.same, (proof.differences, proof.cause)
    [again] = tmp_path.glob("2/*/*")
    first, second = contents(run.folder), contents(again)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_no_reference_is_left_of_a_study_that_is_gone():
    kept = {path.stem for path in (ROOT / "reports" / "reference").glob("*")}
    assert kept == {study_name(path) for path in STUDIES}
