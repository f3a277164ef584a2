"""References: what they keep, and that no number changes in them without a line that says why."""

import json

import pytest

from custlib.errors import StudyError
from custlib.study.manifest import (
    Code,
    Environment,
    Finding,
    Manifest,
    NotebookSource,
    Runtime,
)
from custlib.study.proof.references import (
    read_reference,
    reference_differences,
    reference_names,
    reference_of,
    reference_path,
    renew_references,
    verify_reference,
)

CHANGELOG = (
    "# Changes\n\n## 0.2\n\n### Numbers that changed\nNone: nothing did.\n\n### Added\n* A thing.\n"
    "\n## 0.1\n\n### Numbers that changed\n* An old one.\n"
)


def manifest(value=0.5, study="demo", **changes):
    finding = {"key": "gap", "sentence": f"It is {value:.1f}.", "value": value, "cell": 9}
    finding |= {"rtol": 1e-9, "atol": 0.0} | changes
    environment = {"python": "3.11.7", "platform": "Linux", "cpu": "x", "blas": "y", "threads": 1}
    return Manifest(
        schema="custlib.manifest/1",
        id="a" * 64,
        status="ok",
        study=study,
        question="Does it hold?",
        slug="default",
        notebook=NotebookSource(path="demo.ipynb", sha256="b" * 64),
        parameters={"level": 0.95},
        changed=[],
        data=[],
        code=Code(custlib_sha256="d" * 64),
        environment=Environment(**environment, packages={"numpy": "2.4.6"}),
        findings=[Finding(**finding)],
        tables=[],
        figures=[],
        runtime=Runtime(started="2026-01-01T00:00:00+00:00", seconds=1.5),
    )


@pytest.fixture
def root(tmp_path):
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return tmp_path


def changelog(root):
    return (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_reference_comes_back_as_it_was_written(root):
    renew_references([manifest(0.1 + 0.2)], root=root)
    reference = read_reference("demo", root)
    assert reference == reference_of(manifest(0.1 + 0.2))
    assert reference.findings[0].value == 0.30000000000000004
    text = (root / "reports" / "reference" / "demo.json").read_text(encoding="utf-8")
    assert len(text.splitlines()) > 30
    assert not {"cell", "cpu", "started"} & {*json.dumps(json.loads(text)).split('"')}


def test_a_first_reference_changes_no_number_and_needs_no_cause(root):
    [renewal] = renew_references([manifest()], root=root)
    assert renewal.is_new
    assert changelog(root) == CHANGELOG


@pytest.mark.parametrize("because", [None, "", "  "])
def test_a_changed_number_without_a_cause_is_refused_and_nothing_is_written(root, because):
    renew_references([manifest(0.5), manifest(1.0, "other")], root=root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(StudyError, match=r"1 number .*nobody says why") as refused:
        renew_references([manifest(0.5), manifest(1.5, "other")], because=because, root=root)
    assert "`other`, finding gap value: was 1.0, is 1.5" in str(refused.value)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_changed_number_stands_in_the_changelog_with_its_cause_and_once(root):
    renew_references([manifest(0.5, n=3)], root=root)
    renew_references([manifest(0.75, n=4)], because="strata count now.", root=root)
    lines = [
        "* `demo`, finding gap value: was 0.5, is 0.75: strata count now.",
        "* `demo`, finding gap n: was 3, is 4: strata count now.",
    ]
    expected = CHANGELOG.replace("None: nothing did.\n", "\n".join(lines) + "\n")
    assert changelog(root) == expected
    renew_references([manifest(0.75, n=4)], root=root)
    assert changelog(root) == expected
    renew_references([manifest(0.5, n=4)], because="they do not", root=root)
    newest = "* `demo`, finding gap value: was 0.75, is 0.5: they do not."
    assert changelog(root) == expected.replace(lines[0], f"{newest}\n{lines[0]}")
    assert read_reference("demo", root).findings[0].value == 0.5


def test_a_vanished_number_needs_a_cause_and_a_new_one_does_not(root):
    renew_references([manifest()], root=root)
    both = manifest().model_copy(
        update={"findings": [*manifest().findings, *manifest(key="new").findings]}
    )
    assert renew_references([both], root=root)[0].changed == ()
    with pytest.raises(StudyError, match=r"finding new: was 0\.5, is 'not recorded'"):
        renew_references([manifest()], root=root)


def test_digits_that_another_processor_moves_are_no_change(root):
    renew_references([manifest(0.5)], root=root)
    assert renew_references([manifest(0.5 * (1 + 5e-7))], root=root)[0].changed == ()
    with pytest.raises(StudyError):
        renew_references([manifest(0.5 * (1 + 5e-6))], root=root)


def test_a_number_does_not_creep_from_renewal_to_renewal(root):
    renew_references([manifest(0.5)], root=root)
    renew_references([manifest(0.5 * (1 + 6e-7), sentence="It is half.")], root=root)
    kept = read_reference("demo", root).findings[0]
    assert (kept.value, kept.sentence) == (0.5, "It is half.")
    with pytest.raises(StudyError, match=r"was 0\.5, is 0\.5000006"):
        renew_references([manifest(0.5 * (1 + 12e-7))], root=root)


def test_a_changed_tolerance_is_told_in_the_changelog_as_a_changed_number_is(root):
    renew_references([manifest(0.5)], root=root)
    with pytest.raises(StudyError, match=r"finding gap rtol: was 1e-09, is 0\.5"):
        renew_references([manifest(0.7, rtol=0.5)], root=root)
    renew_references([manifest(0.5, rtol=1e-6)], because="it is drawn", root=root)
    line = "* `demo`, finding gap rtol: was 1e-09, is 1e-06: it is drawn."
    assert line in changelog(root).splitlines()


@pytest.mark.parametrize("text", ["", "# Changes\n\n### Added\n* x\n"])
def test_a_changelog_without_the_heading_is_told_and_nothing_is_written(root, text):
    renew_references([manifest(0.5)], root=root)
    (root / "CHANGELOG.md").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="has no '### Numbers that changed'"):
        renew_references([manifest(1.5)], because="it is better", root=root)
    assert read_reference("demo", root).findings[0].value == 0.5


def test_a_reference_holds_within_a_millionth_and_its_sentence_in_the_same_packages():
    reference = reference_of(manifest(0.5))
    assert reference_differences(reference, manifest(0.5 * (1 + 9e-7))) == []
    assert [one.part for one in reference_differences(reference, manifest(0.500002))] == ["value"]
    said = manifest(0.5, sentence="It is half.")
    assert [one.part for one in reference_differences(reference, said)] == ["sentence"]


@pytest.mark.parametrize(
    "sentence, told",
    [("It is 0.6.", []), ("It is 0.7.", ["sentence"]), ("It was 0.5.", ["sentence"])],
)
def test_in_other_packages_a_sentence_may_be_rounded_otherwise_and_not_say_otherwise(
    sentence, told
):
    said = manifest(0.5, sentence=sentence)
    place = said.environment.model_copy(update={"packages": {"numpy": "2.5.0"}})
    elsewhere = said.model_copy(update={"environment": place})
    found = reference_differences(reference_of(manifest(0.5)), elsewhere)
    assert [one.part for one in found] == told
    assert [one.part for one in reference_differences(reference_of(manifest(0.5)), said)] == [
        "sentence"
    ]


def test_a_study_without_a_reference_and_a_reference_without_a_study_differ(root):
    renew_references([manifest(study="gone")], root=root)
    folder = root / "notebooks" / "studies"
    folder.mkdir(parents=True)
    bare = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "01_bare.ipynb").write_text(json.dumps(bare), encoding="utf-8")
    assert reference_names(root) == ["bare", "gone"]
    for name, was, now in [("bare", "not recorded", "a study"), ("gone", "a reference", None)]:
        proof = verify_reference(name, root=root)
        assert not proof.same
        assert [(one.was, one.now) for one in proof.differences] == [(was, now or "not recorded")]
    with pytest.raises(StudyError, match="no study named 'neither'"):
        verify_reference("neither", root=root)


def test_a_reference_that_is_no_json_is_told_and_not_written_over(root):
    path = reference_path("demo", root)
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StudyError, match=r"The reference 'demo\.json' cannot be used"):
        read_reference("demo", root)
    with pytest.raises(StudyError, match="cannot be used"):
        renew_references([manifest()], because="it was torn", root=root)
    assert path.read_text(encoding="utf-8") == "{"
