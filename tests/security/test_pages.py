"""Texts of the data in every page and sheet: shown as they are, and nothing in them acts."""

import base64
import hashlib
import re
import zipfile

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from real_runs import keep

from custlib.report import tables
from custlib.report.gallery import write_gallery
from custlib.report.publication import publish, publish_again
from custlib.study.manifest import Manifest, read_manifest, write_manifest

SCRIPT = "<script>alert(1)</script>"
ATTACKS = [
    SCRIPT,
    "\"'><img src=x onerror=alert(1)>",
    "</style></title></textarea>--><svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a><iframe src=//x></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;<!-- ",
    "{{ 7 * 7 }}{% for x in y %}]]></script><base href=//x>",
]
PIXEL = b"\x89PNG\r\n\x1a\n and the rest of a picture"


def sha(content):
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


def own(kind, content, **data):
    return new_output("display_data", {f"application/vnd.custlib.{kind}+json": content, **data})


def run_with(folder, text, **changes):
    """A run in which every text that data or a user can choose is this one."""
    finding = {"key": "gap", "sentence": text, "value": 1.5, "low": 1.0, "high": 2.0, "n": 9}
    finding |= {"unit": text, "verdict": text, "rtol": 1e-9, "atol": 0.0}
    words = finding | {"key": "word", "value": text, "low": None, "high": None}
    rows = pd.DataFrame({"item": [text], text: [text], "estimate": [1.0]})
    table = {
        "key": "rows",
        "columns": ["item", text],
        "dtypes": ["str", "str"],
        "data": [[text, text]],
    }
    csv = pd.DataFrame({"item": [text], text: [text]}).to_csv(index=False, lineterminator="\n")
    figure = {"key": "bars", "alt": text, "sha256": sha(PIXEL)}
    cells = [
        new_markdown_cell("# A study"),
        new_code_cell("by = 1", metadata={"tags": ["parameters"]}),
        new_code_cell(f"by = {text!r}", metadata={"tags": ["injected-parameters"]}),
        new_code_cell(
            f"show({text!r})",
            outputs=[
                new_output("stream", name="stdout", text=text),
                new_output("display_data", {"text/plain": text}),
                new_output("display_data", {"text/html": rows.to_html(), "text/plain": "t"}),
                new_output("display_data", {"text/html": f"<p>{text}</p>", "text/plain": text}),
                new_output(
                    "display_data",
                    {"text/html": tables.show(rows)._repr_html_(), "text/plain": "t"},
                ),
                own("table", table, **{"text/plain": "t"}),
                own("figure", figure, **{"image/png": base64.b64encode(PIXEL).decode()}),
                own("finding", finding, **{"text/plain": text}),
            ],
        ),
    ]
    content = {
        "schema": "custlib.manifest/1",
        "id": sha(text),
        "status": "ok",
        "study": "tiny",
        "question": text,
        "slug": "default",
        "notebook": {"path": f"{text.replace('/', '_')}.ipynb", "sha256": sha("notebook")},
        "parameters": {"by": text, "groups": [text, text]},
        "declared": {"by": {"default": text, "meaning": text, "limits": text}},
        "changed": ["by", "groups"],
        "data": [
            {"parameter": "by", "path": text.replace("/", "_"), "sha256": sha("d"), "bytes": 5}
        ],
        "code": {"git": text, "dirty": True, "custlib_sha256": sha("library")},
        "environment": {
            **dict.fromkeys(("python", "platform", "cpu", "blas"), text),
            "threads": 1,
            "packages": {text: text},
        },
        "findings": [finding | {"cell": 4}, words | {"cell": 4}],
        "tables": [
            {
                "key": "rows",
                "file": "tables/rows.csv",
                "sha256": sha(csv),
                "rows": 1,
                "columns": ["item", text],
                "dtypes": ["str", "str"],
                "cell": 4,
            }
        ],
        "figures": [figure | {"file": "figures/bars.png", "cell": 4}],
        "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 3.0},
    }
    manifest = Manifest.model_validate(content | changes)
    (folder / "tables").mkdir(parents=True)
    (folder / "figures").mkdir()
    (folder / "tables" / "rows.csv").write_text(csv, encoding="utf-8")
    (folder / "figures" / "bars.png").write_bytes(PIXEL)
    return manifest, new_notebook(cells=cells)


def acting(page):
    """Whatever in a page could act, or load from elsewhere."""
    soup = BeautifulSoup(page, "html.parser")
    found = [str(tag)[:80] for tag in soup(["iframe", "object", "embed", "base", "form", "svg"])]
    for tag in soup(True):
        for name, value in tag.attrs.items():
            if name.startswith("on"):
                found.append(f"{tag.name} {name}")
            shown = " ".join(value) if isinstance(value, list) else value
            if re.match(r"\s*(javascript|vbscript):", shown, flags=re.IGNORECASE):
                found.append(f"{tag.name} {name}={shown[:40]}")
            if name == "src" and not shown.startswith("data:image/"):
                found.append(f"{tag.name} {name}={shown[:40]}")
    return found


def scripts(page):
    return [tag.get_text() for tag in BeautifulSoup(page, "html.parser")("script")]


def texts(page):
    """What a person reads: everything outside scripts and styles."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup(["script", "style"]):
        tag.decompose()
    return soup.get_text()


@pytest.fixture(params=range(len(ATTACKS)))
def attack(request):
    return ATTACKS[request.param]


def test_nothing_acts_in_the_report_of_a_run_whose_every_text_is_an_attack(attack, tmp_path):
    pages = []
    for text in ("harmless", attack):
        folder = tmp_path / str(len(pages)) / "reports" / "tiny" / "default-1"
        manifest, notebook = run_with(folder, text)
        publish(folder, manifest, notebook)
        pages.append((folder / "report.html").read_text(encoding="utf-8"))
    assert acting(pages[1]) == acting(pages[0]) == []
    assert scripts(pages[1]) == scripts(pages[0])
    assert attack.split()[0] in texts(pages[1])


def test_nothing_acts_in_the_page_of_a_failed_run_whose_every_text_is_an_attack(attack, tmp_path):
    failure = {**dict.fromkeys(("message", "section", "source", "error", "traceback"), attack)}
    folder = tmp_path / "reports" / "failed" / "tiny" / "default-1"
    manifest, notebook = run_with(folder, attack, status="error", failure=failure | {"cell": 4})
    publish(folder, manifest, notebook)
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert acting(page) == []
    assert scripts(page) == []
    assert attack.split()[0] in texts(page)


def test_nothing_acts_in_the_list_of_runs_whose_every_text_is_an_attack(attack, tmp_path):
    pages = []
    for text in ("harmless", attack):
        reports = tmp_path / str(len(pages)) / "reports"
        for name in ("default-1", f"{text.replace('/', '_')}-2"):
            folder = reports / "tiny" / name
            manifest, notebook = run_with(folder, text)
            write_manifest(folder, publish(folder, manifest, notebook))
        broken = reports / "tiny" / f"{text.replace('/', '_')}-3"
        broken.mkdir()
        (broken / "manifest.json").write_text(text, encoding="utf-8")
        pages.append(write_gallery(reports).read_text(encoding="utf-8"))
    assert acting(pages[1]) == acting(pages[0]) == []
    assert scripts(pages[1]) == scripts(pages[0])
    assert attack.split()[0] in texts(pages[1])


def test_nothing_acts_in_the_page_of_changes_between_runs_whose_every_text_is_an_attack(
    attack, tmp_path
):
    from custlib.report.comparison import compared, write_comparison
    from custlib.study.changes import compare_runs

    pages = []
    for text in ("harmless", attack):
        reports = tmp_path / str(len(pages)) / "reports"
        runs = [run_with(reports / "tiny" / f"default-{n}", text)[0] for n in range(2)]
        other = runs[1].findings[0].model_copy(update={"value": 1.9, "verdict": f"{text} 2"})
        runs[1] = runs[1].model_copy(
            update={"findings": [other], "parameters": {"by": f"{text} 2"}, "id": sha("other")}
        )
        found = compare_runs(*runs)
        parts = (found.before, found.after, found.findings, found.runs, found.notes)
        page, _ = write_comparison(reports, compared(*parts), found.findings, ("a", "b"))
        pages.append(page.read_text(encoding="utf-8"))
        assert page.parent == reports / "changes"
    # The page draws its own small pictures; the data add nothing to them.
    assert len(acting(pages[1])) == len(acting(pages[0]))
    assert scripts(pages[1]) == scripts(pages[0])


def test_nothing_acts_in_the_page_of_a_sweep_whose_every_text_is_an_attack(attack):
    from custlib.report.sweep_page import SweptRun, page_of_sweep

    pages = []
    for text in ("harmless", attack):
        runs = [
            SweptRun((text,), text, "../../tiny/a/report.html", (text,), ""),
            SweptRun((text,), text, "", (), text),
        ]
        page = page_of_sweep(
            question=text, name=text, keys=[text], runs=runs, files=["a"], figure=PIXEL, alt=text
        )
        pages.append(page.decode())
    assert acting(pages[1]) == acting(pages[0]) == []
    assert scripts(pages[1]) == scripts(pages[0])
    assert attack.split()[0] in texts(pages[1])


FORMULAS = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1", SCRIPT]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_workbook_computes_whatever_its_text(text, tmp_path):
    folder = tmp_path / "reports" / "tiny" / "default-1"
    manifest, notebook = run_with(folder, text)
    keep(folder, manifest, notebook, ["xlsx"])
    with zipfile.ZipFile(folder / "report.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert sheets
        for name in book.namelist():
            content = book.read(name).decode("utf-8", "replace")
            assert "<f>" not in content
            assert "<f " not in content
            assert "externalLink" not in name
            assert SCRIPT not in content


@pytest.mark.parametrize("same", [True, False])
def test_a_record_from_a_stranger_is_published_again_without_acting(tmp_path, same):
    folder = tmp_path / "reports" / "tiny" / "default-1"
    manifest, notebook = run_with(folder, SCRIPT)
    import nbformat

    nbformat.write(notebook, folder / "report.ipynb")
    write_manifest(folder, manifest)
    verified = {"when": "2026-11-21T00:00:00+00:00", "same": same, "findings": 1, "tables": 1}
    verified |= {"custlib_sha256": sha("library"), "python": SCRIPT, "platform": SCRIPT}
    verified |= {"cause": SCRIPT, "uncovered": [SCRIPT]}
    again = read_manifest(folder).model_dump(by_alias=True) | {"verified": [verified]}
    manifest = Manifest.model_validate(again)
    publish_again(folder, verified=manifest.verified)
    assert acting((folder / "report.html").read_text(encoding="utf-8")) == []
    assert scripts((folder / "report.html").read_text(encoding="utf-8")) == []
