"""The report as PDF: for screen readers and for paper, its figures as lines, nothing fetched."""

import base64
import hashlib
import io
import re
import socket
import sys
import zlib
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from real_runs import keep

from custlib.cli import main
from custlib.errors import StudyError
from custlib.report import pdf
from custlib.report.printed import fit_table, printed_page
from custlib.report.publication import publish, publish_again, require_formats
from custlib.study.manifest import Manifest, read_manifest

SMALL = str(Path(__file__).parents[1] / "notebooks" / "small_study.ipynb")
QUESTION = "Are end users less satisfied?"
LETTERS = "Опрос щёъ № – čšžđć – ČŠŽ − → ≥ “”„’"
try:
    pdf.require_printer()
    ABSENT = ""
except StudyError as problem:
    ABSENT = problem.found
needs_printer = pytest.mark.skipif(bool(ABSENT), reason=ABSENT or "weasyprint and pango are here")


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def picture(kind):
    drawn = Figure(figsize=(2, 1))
    drawn.subplots().plot([1, 3, 2], "--o")
    stream = io.BytesIO()
    drawn.savefig(stream, format=kind)
    return stream.getvalue()


PNG, SVG = picture("png"), picture("svg").decode()


def shown_figure(key, alt):
    mime = "application/vnd.custlib.figure+json"
    data = {mime: {"key": key, "alt": alt, "sha256": ""}}
    return new_output("display_data", data | {"image/png": base64.b64encode(PNG).decode()})


def html_output(html):
    return new_output("display_data", {"text/html": html})


def study_notebook(*cells):
    found = {"application/vnd.custlib.finding+json": FINDING | {"cell": None}}
    return new_notebook(
        cells=[
            new_markdown_cell(f"# {QUESTION}\n\nThe head of sales asks."),
            new_markdown_cell(f"## The data\n\n{LETTERS} **{LETTERS}** *{LETTERS}*"),
            new_code_cell("draw()", outputs=[shown_figure("bars", "Bars by role")]),
            *cells,
            new_markdown_cell("## What was found"),
            new_code_cell("find()", outputs=[new_output("display_data", found)]),
        ]
    )


NUMBERS = {"value": -0.4, "low": -0.6, "high": -0.2, "n": 1207, "rtol": 1e-9, "atol": 0.0}
WORDS = {"key": "gap", "sentence": "They are less satisfied.", "unit": None, "verdict": "holds"}
FINDING = NUMBERS | WORDS | {"cell": 5}
BARS = {"key": "bars", "file": "figures/bars.png", "sha256": "", "alt": "Bars by role", "cell": 3}
MANIFEST = Manifest.model_validate(
    {
        "schema": "custlib.manifest/1",
        "id": sha("run"),
        "status": "ok",
        "study": "steel_satisfaction",
        "question": QUESTION,
        "slug": "default",
        "notebook": {"path": "notebooks/studies/01.ipynb", "sha256": sha("notebook")},
        "parameters": {"by": "role"},
        "changed": [],
        "data": [],
        "code": {"custlib_sha256": sha("library")},
        "environment": {
            "python": "3.11.7",
            "platform": "Linux x86_64",
            "cpu": "A processor",
            "blas": "openblas",
            "threads": 1,
            "packages": {"numpy": "2.4.6"},
        },
        "findings": [FINDING],
        "tables": [],
        "figures": [BARS | {"vector": "figures/bars.svg", "vector_sha256": sha(SVG)}],
        "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 125.4},
    }
)


def put_figures(folder):
    (folder / "figures").mkdir()
    (folder / "figures" / "bars.svg").write_text(SVG, encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    put_figures(tmp_path)
    return tmp_path


def inside(path):
    """Text of a PDF with every stream in it unpacked."""
    content = path.read_bytes()
    parts = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, flags=re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts).decode("latin-1")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report as PDF, and what stands in it."""
    if ABSENT:
        pytest.skip(ABSENT)
    folder = tmp_path_factory.mktemp("run")
    put_figures(folder)
    manifest = keep(folder, MANIFEST, study_notebook(), ["pdf"])
    assert manifest.exports == ["report.html", "report.pdf"]
    return folder, inside(folder / "report.pdf")


def test_a_pdf_is_tagged_and_says_that_it_is_pdf_ua(written):
    assert "/MarkInfo <</Marked true>>" in written[1]
    assert re.search(r"/StructTreeRoot \d+ 0 R", written[1])
    assert re.search(r"<pdfuaid:part>1<|pdfuaid:part=\"1\"", written[1])
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD"} <= set(re.findall(r"/S (/\w+)", written[1]))


def test_its_language_title_and_moment_are_those_of_the_run(written):
    assert "/Lang (en)" in written[1]
    assert "/DisplayDocTitle true" in written[1]
    assert f"/Title ({QUESTION})" in written[1]
    assert "/CreationDate (D:20261120140311" in written[1]
    assert "/ModDate (D:20261120140311" in written[1]


def test_its_bookmarks_are_the_headings(written):
    assert re.search(r"/Outlines \d+ 0 R", written[1])
    named = re.findall(r"/Title \((.*?)\)", written[1])
    wanted = [QUESTION, "What this report found", "Checks", "The study", "The data"]
    assert [name for name in dict.fromkeys(named) if name in wanted] == wanted


def test_a_figure_is_drawn_as_lines_and_its_words_stand_for_it(written):
    assert "/Subtype /Image" not in written[1]
    assert written[1].count("/Alt (Bars by role)") == 1
    assert "/S /Figure" in written[1]


@needs_printer
def test_a_figure_without_a_vector_keeps_its_dots(tmp_path):
    manifest = MANIFEST.model_copy(update={"figures": []})
    keep(tmp_path, manifest, study_notebook(), ["pdf"])
    text = inside(tmp_path / "report.pdf")
    # Its transparency is an image of its own.
    assert len(re.findall(r"/Subtype /Image(?!.*/DeviceGray)", text)) == 1
    assert text.count("/Alt (Bars by role)") == 1


def test_the_same_run_gives_the_same_bytes_at_another_time_and_place(written, folder, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    keep(folder, MANIFEST, study_notebook(), ["pdf"])
    former = (written[0] / "report.pdf").read_bytes()
    assert (folder / "report.pdf").read_bytes() == former


def test_every_letter_comes_with_the_library_and_none_from_the_machine(written):
    used = set(re.findall(r"/BaseFont /\w+\+([\w-]+)", written[1]))
    assert "Report-Serif" in used
    assert [name for name in used if not name.startswith("Report-")] == []


def test_letters_are_found_without_loading_the_library_that_brings_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib")
    pdf.font_files.cache_clear()
    assert len(pdf.font_files()) == 8
    assert "matplotlib" not in sys.modules


def html_of(folder):
    publish(folder, MANIFEST, study_notebook())
    return (folder / "report.html").read_text(encoding="utf-8")


def test_findings_come_first_and_are_printed_once(folder):
    page = BeautifulSoup(printed_page(html_of(folder), vectors={}, written=""), "html.parser")
    assert page.get_text().count(FINDING["sentence"]) == 1
    places = [str(page).index(part) for part in ("report-found", "contents-small", "report-checks")]
    assert places == sorted(places)
    # Nothing is left of what stood around them, so that no gap shows where they were.
    shown = page.select_one("#report-study")
    assert [part.name for part in shown.find_all(recursive=False)][-2:] == ["figure", "h3"]


def test_code_is_left_out_and_the_page_says_where_it_is(folder):
    html = html_of(folder)
    page = printed_page(html, vectors={}, written="")
    assert "draw" in html
    assert "draw" not in page
    assert "report.ipynb, beside this file" in page


def cut(table):
    page = BeautifulSoup(table, "html.parser")
    fit_table(page.table)
    return BeautifulSoup(str(page), "html.parser")("table")


def row(cells, kind="td"):
    return "<tr>" + "".join(f"<{kind}>{cell}</{kind}>" for cell in cells) + "</tr>"


def test_a_table_wider_than_the_page_is_cut_and_keeps_every_cell_in_order():
    names = [f"column {at:02}" for at in range(60)]
    cells = [f"value {at:02}" for at in range(60)]
    text = f"<thead>{row(names, 'th')}</thead><tbody>{row(cells) * 2}</tbody>"
    parts = cut(f"<table><caption>Wide</caption>{text}</table>")
    assert len(parts) > 3
    for kind, wanted in (("thead tr", names), ("tbody tr:last-child", cells)):
        lines = [[cell.text for cell in part.select_one(kind).children] for part in parts]
        assert {line[0] for line in lines} == {wanted[0]}
        assert [cell for line in lines for cell in line[1:]] == wanted[1:]
    assert [bool(part.caption) for part in parts] == [True] + [False] * (len(parts) - 1)


def test_a_table_that_fits_stays_as_it_is():
    (table,) = cut(f"<table><thead>{row('abc', 'th')}</thead><tbody>{row('123')}</tbody></table>")
    assert table["class"] == ["whole"]
    assert table.text == "abc123"


def test_a_table_of_joined_cells_is_not_cut():
    joined = f'<tr><td colspan="60">{"x" * 50}</td></tr>'
    (table,) = cut(f"<table>{joined}{row(['value'] * 60)}</table>")
    assert "forced" in table["class"]


def test_of_a_word_without_end_the_head_is_printed_and_its_length():
    words = "a long sentence " * 60
    page = f"<main><p>{words}</p><p>{'x' * 1_000_000}</p></main>"
    long, endless = BeautifulSoup(printed_page(page, vectors={}, written=""), "html.parser")("p")
    assert long.text == words
    assert endless.text == "x" * 200 + "… [1,000,000]"


HOSTILE = [
    html_output("<script>alert(1)</script><img src=x onerror=alert(2)><b>\"'</b>"),
    html_output(f"<p>{'W' * 3000}</p><pre>{'W' * 3000}</pre>"),
    html_output(f"<table>{row(['W' * 100, 'б' * 100], 'th')}{row(['W' * 300, '1'])}</table>"),
    html_output(f"<table>{row(['column'] * 60, 'th')}{row(['0123456789'] * 60)}</table>"),
    html_output(f'<table><tr><td colspan="60">{"x" * 500}</td></tr>{row(["value"] * 60)}</table>'),
    html_output("<table><tr><td rowspan=99999>a</td></tr><tr></tr></table><table></table>"),
    html_output(f"<h2>{'A heading without an end ' * 40}</h2>{'<blockquote>' * 60}x"),
    new_output("display_data", {"text/plain": "\x00\u202e\ud7ff 漢字 🙂" + "x " * 5000}),
]


@needs_printer
def test_hostile_data_give_pages_with_everything_inside_the_margins(folder):
    from weasyprint.formatting_structure.boxes import TextBox

    publish(folder, MANIFEST, study_notebook(new_code_cell("x", outputs=HOSTILE)))
    html = (folder / "report.html").read_text(encoding="utf-8")
    page = printed_page(html, vectors={"bars": SVG}, written="2026-11-20")
    assert "alert" not in page
    document = pdf.laid_out(page)
    paper = document.pages[0]._page_box
    edge = paper.content_box_x() + paper.width
    boxes = [box for one in document.pages for box in one._page_box.descendants()]
    texts = [box for box in boxes if isinstance(box, TextBox)]
    # Half a millimetre in units of 1/96 inch.
    assert [box.text[:40] for box in texts if box.position_x + box.width > edge + 2] == []
    assert document.write_pdf(pdf_variant="pdf/ua-1").startswith(b"%PDF-1.7")


@needs_printer
def test_no_heading_stands_alone_at_the_foot_of_a_page(folder):
    from weasyprint.formatting_structure.boxes import TextBox

    table = html_output(f"<table>{row(['value'] * 3) * 8}</table>")
    cells = [
        cell
        for at in range(14)
        for cell in (
            new_markdown_cell(f"## Heading {at}"),
            new_code_cell("x", outputs=[table]),
            new_markdown_cell("Some words. " * (1 + at * 7 % 60)),
        )
    ]
    publish(folder, MANIFEST, study_notebook(*cells))
    html = (folder / "report.html").read_text(encoding="utf-8")
    pages = pdf.laid_out(printed_page(html, vectors={}, written="")).pages
    last = [
        [box for box in page._page_box.children[0].descendants() if isinstance(box, TextBox)][-1]
        for page in pages
    ]
    assert len(pages) > 5
    assert [box.text for box in last if box.element_tag in ("h1", "h2", "h3")] == []


@needs_printer
def test_nothing_is_fetched_whatever_the_page_asks_for(tmp_path, monkeypatch):
    secret = tmp_path / "secret.svg"
    secret.write_text(SVG, encoding="utf-8")
    calls = []
    monkeypatch.setattr(socket, "create_connection", lambda *to, **_: calls.append(to))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *to, **_: calls.append(to))
    opened = []
    monkeypatch.setattr("urllib.request.FileHandler.file_open", lambda *of: opened.append(of))
    inner = (
        f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{secret.as_uri()}'/>"
        "<style>@import 'http://127.0.0.1:9/c.css';</style><use href='http://127.0.0.1:9/d.svg'/></svg>"
    )
    data = base64.b64encode(inner.encode()).decode()
    document = pdf.laid_out(
        "<html lang=en><title>x</title><base href='http://127.0.0.1:9/'>"
        "<link rel=stylesheet href='http://127.0.0.1:9/a.css'><style>@import url(b.css);"
        "@font-face { font-family: x; src: url(http://127.0.0.1:9/x.ttf) }"
        f"p {{ font-family: x; background: url({secret.as_uri()}) }}</style><p>Words"
        f"<img alt=a src='http://127.0.0.1:9/a.png'><img alt=b src='{secret.as_uri()}'>"
        f"<img alt=c src='data:image/svg+xml;base64,{data}'><object data='e.svg'></object>"
    )
    assert document.write_pdf(pdf_variant="pdf/ua-1")
    assert calls == []
    # The letters of the report are files; nothing else was opened.
    wanted = {path.as_uri() for path in pdf.font_files()}
    assert {request.full_url for _, request in opened} <= wanted


class NoLibrary:
    """Stands where weasyprint is looked for, and finds the system without pango."""

    def find_spec(self, name, *_):
        if name == "weasyprint":
            sys.stdout.write("WeasyPrint could not import some external libraries.")
            raise OSError("cannot load library 'libpango-1.0-0': no such file. Additionally, x")


@pytest.mark.parametrize("how", ["package", "library"])
def test_what_a_pdf_needs_is_told_before_a_kernel_starts(tmp_path, monkeypatch, how):
    monkeypatch.setattr(
        "custlib.study.run.runner.execute", lambda *_, **__: pytest.fail("a kernel ran")
    )
    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    if how == "package":
        monkeypatch.setitem(sys.modules, "weasyprint", None)
    else:
        monkeypatch.setattr(sys, "meta_path", [NoLibrary(), *sys.meta_path])
    done = CliRunner().invoke(main, ["run", SMALL, "--to", "pdf", "--reports", str(tmp_path)])
    assert done.exit_code == 2
    assert done.stdout == ""
    found, expected, do = done.stderr.splitlines()
    assert found.startswith("A PDF cannot be written: ")
    assert {"package": "package weasyprint", "library": "libpango-1.0-0"}[how] in found
    assert expected.startswith("Expected ")
    assert {"package": "pip install 'custlib[pdf]'", "library": "apt install libpango"}[how] in do
    assert not list(tmp_path.iterdir())
    require_formats(["html", "xlsx"])


@needs_printer
def test_a_page_that_cannot_be_set_is_told_in_three_parts(folder, monkeypatch):
    def fail(_):
        raise AssertionError("no such box")

    monkeypatch.setattr(pdf, "laid_out", fail)
    with pytest.raises(StudyError, match="AssertionError: no such box") as caught:
        keep(folder, MANIFEST, study_notebook(), ["pdf"])
    assert str(caught.value).count("\n") == 2
    assert not (folder / "report.pdf").exists()
    assert read_manifest(folder).exports == ["report.html"]
    assert (folder / "report.html").is_file()


@needs_printer
def test_a_report_that_has_a_pdf_keeps_it_when_it_is_published_again(folder):
    keep(folder, MANIFEST, study_notebook(), ["pdf"])
    (folder / "report.pdf").unlink()
    assert publish_again(folder).exports == ["report.html", "report.pdf"]
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-1.7")


@needs_printer
def test_a_machine_that_cannot_print_leaves_the_pdf_as_it_was(folder, monkeypatch):
    keep(folder, MANIFEST, study_notebook(), ["pdf"])
    former = (folder / "report.pdf").read_bytes()

    def absent():
        raise StudyError.because("No pango.", "Expected it.", "Install it.")

    monkeypatch.setattr(pdf, "require_printer", absent)
    assert publish_again(folder, verified=[]).exports == ["report.html", "report.pdf"]
    assert (folder / "report.pdf").read_bytes() == former


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The small study, run once; its report in HTML only."""
    reports = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        # The id of a run holds the library, which somebody may be working on meanwhile.
        patch.setattr("custlib.study.run.identity.library_sha256", lambda: "0" * 64)
        done = CliRunner().invoke(main, ["run", SMALL, "--reports", str(reports)])
        assert done.exit_code == 0, done.stderr
        yield reports, Path(done.stdout.splitlines()[-1]).parent


def test_a_run_keeps_its_figures_as_vectors_and_its_notebook_without_them(kept):
    (figure,) = read_manifest(kept[1]).figures
    vector = (kept[1] / figure.vector).read_text(encoding="utf-8")
    assert figure.vector == "figures/means.svg"
    assert figure.vector_sha256 == sha(vector)
    assert "<svg" in vector
    assert "svg" not in (kept[1] / "report.ipynb").read_text(encoding="utf-8")


@needs_printer
def test_a_kept_run_gets_its_pdf_without_being_run(kept, monkeypatch):
    monkeypatch.setattr(
        "custlib.study.run.runner.execute", lambda *_, **__: pytest.fail("a kernel ran")
    )
    before = (kept[1] / "report.html").read_bytes()
    done = CliRunner().invoke(main, ["run", SMALL, "--to", "pdf", "--reports", str(kept[0])])
    assert done.exit_code == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]) == kept[1] / "report.pdf"
    assert read_manifest(kept[1]).exports == ["report.html", "report.pdf"]
    assert (kept[1] / "report.html").read_bytes() == before
    text = inside(kept[1] / "report.pdf")
    assert "/Subtype /Image" not in text
    assert "/Alt (Mean by shop, rising from the first to the last.)" in text
