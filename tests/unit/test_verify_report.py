"""The report says whether its numbers were computed a second time, and what came of it."""

import nbformat
import pytest
from bs4 import BeautifulSoup

from custlib.report.render import write_report
from custlib.study.manifest import (
    Code,
    Environment,
    Finding,
    Manifest,
    NotebookSource,
    Runtime,
    Verification,
)

FINDING = {"key": "gap", "sentence": "A gap.", "value": 0.5, "rtol": 0, "atol": 0, "cell": 2}
PLACE = {"python": "3.11.7", "platform": "Linux", "cpu": "x", "blas": "y", "threads": 1}


def verification(day=20, same=True, **changes):
    parts = {"findings": 23, "tables": 1, "custlib_sha256": "e" * 64, "python": "3.12.1"}
    parts |= {"when": f"2026-03-{day}T00:00:00+00:00", "same": same, "platform": "Darwin arm64"}
    return Verification(**parts | changes)


@pytest.fixture
def page(tmp_path):
    def write(*verified):
        manifest = Manifest(
            schema="custlib.manifest/1",
            id="a" * 64,
            status="ok",
            study="demo",
            question="Does it hold?",
            slug="default",
            notebook=NotebookSource(path="demo.ipynb", sha256="b" * 64),
            parameters={},
            changed=[],
            data=[],
            code=Code(custlib_sha256="d" * 64),
            environment=Environment(**PLACE, packages={}),
            findings=[Finding(**FINDING)],
            tables=[],
            figures=[],
            runtime=Runtime(started="2026-03-14T00:00:00+00:00", seconds=1.5),
            verified=list(verified),
        )
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Q?")])
        html = write_report(tmp_path, manifest, notebook).read_text(encoding="utf-8")
        return BeautifulSoup(html, "html.parser")

    return write


def text_of(part):
    return " ".join(part.get_text(" ").split())


def test_a_report_that_was_not_verified_claims_nothing(page):
    text = text_of(page()).casefold()
    assert "verified" not in text
    assert "again" not in text


def test_a_verified_report_says_so_at_its_head_with_day_and_counts(page):
    shown = page(verification())
    head = text_of(shown.header)
    assert "verified Computed again on 20 March 2026: everything came out the same" in head
    assert "(23 findings, 1 table)" in head
    checks = text_of(shown.find(id="report-checks"))
    assert "computed twice: on 14 March 2026, and again on 20 March 2026" in checks
    assert "Python 3.12.1, Darwin arm64, custlib" in checks


def test_a_report_that_did_not_come_out_the_same_says_so_and_why(page):
    hostile = "data: <script>alert(1)</script> has other contents"
    shown = page(verification(same=False, cause=hostile))
    assert text_of(shown.header.find(class_="against")) == "not the same"
    assert "not everything is the same" in text_of(shown.header)
    checks = shown.find(id="report-checks")
    assert hostile in text_of(checks)
    assert not shown.find("script")
    assert "came out the same." not in text_of(checks)


@pytest.mark.parametrize(
    "tolerance, told",
    [(1e-9, "within a billionth of its size"), (1e-6, "within a millionth of their size")],
)
def test_a_verified_report_says_what_counts_as_the_same(page, tolerance, told):
    checks = text_of(page(verification(tolerance=tolerance)).find(id="report-checks"))
    assert told in checks
    assert ("Pictures decide nothing" in checks) is (tolerance == 1e-6)
    assert told not in text_of(page(verification()).find(id="report-checks"))


def test_a_report_that_is_proven_in_part_never_says_everything_and_names_the_rest(page):
    shown = page(verification(uncovered=["cell 15 (image/png)", "notes <b>.txt"]))
    head, checks = text_of(shown.header), text_of(shown.find(id="report-checks"))
    assert "findings and tables came out the same, not all that is shown is proven" in head
    assert "everything" not in head
    assert "Not proven. cell 15 (image/png), notes <b>.txt" in checks
    assert "Not proven" not in text_of(page(verification()).find(id="report-checks"))


def test_a_verified_report_says_what_is_told_by_its_record_alone(page):
    checks = text_of(page(verification()).find(id="report-checks"))
    assert "its commit and its machine are told by the record alone" in checks


def test_the_last_verification_counts(page):
    head = text_of(page(verification(day=20), verification(day=21, same=False)).header)
    assert "on 21 March 2026: not everything is the same" in head
    head = text_of(page(verification(day=20, same=False), verification(day=21)).header)
    assert "on 21 March 2026: everything came out the same" in head
