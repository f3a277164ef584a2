"""The report of a run: answers first, everything inside it, and nothing in it that can act."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

import custlib
from custlib.report import body
from custlib.report.render import write_report
from custlib.study import findings
from custlib.study.manifest import Manifest

STYLE = Path(custlib.__file__).parent / "report" / "templates" / "report.css"
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n and the rest of a picture").decode()
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>"
VOID = {"meta", "img", "br", "hr", "col"}
CARD = """
title: Customers of a works
kind: {kind}
why: To show the method.
licence: CC0
tables: {{responses.csv: {{rows: 2, sha256: {sha256}}}}}
"""
DATA = b"item,answer\nprice,1\nprice,2\n"


def sha(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def finding(key="gap", **changes):
    content = {
        "key": key,
        "sentence": "End users are less satisfied with claims handling.",
        "value": -0.4213,
        "low": -0.6123,
        "high": -0.2345,
        "n": 1207,
        "unit": None,
        "verdict": "holds",
        "rtol": 1e-9,
        "atol": 0.0,
    }
    return content | changes


def manifest(**changes):
    content = {
        "schema": "custlib.manifest/1",
        "id": sha("run"),
        "status": "ok",
        "study": "steel_satisfaction",
        "question": "Are end users less satisfied?",
        "slug": "by-market",
        "notebook": {"path": "notebooks/studies/01.ipynb", "sha256": sha("notebook")},
        "parameters": {"by": "market", "top_box": 2, "weights": ["a", "b"], "codebook": None},
        "declared": {
            "by": {
                "default": "role",
                "meaning": "groups to compare",
                "limits": "one of: role, market",
            },
            "top_box": {"default": 2, "meaning": "", "limits": ""},
        },
        "changed": ["by"],
        "data": [
            {
                "parameter": "data",
                "path": "data/works/responses.csv",
                "sha256": sha(DATA),
                "bytes": 52_400,
                "rows": 1207,
            }
        ],
        "code": {"git": "c" * 40, "dirty": True, "custlib_sha256": sha("library")},
        "environment": {
            "python": "3.11.7",
            "platform": "Linux x86_64",
            "cpu": "A processor",
            "blas": "openblas",
            "threads": 1,
            "packages": {"numpy": "2.4.6", "custlib": "9.8.7"},
        },
        "seed": 20160210,
        "findings": [finding() | {"cell": 6}],
        "tables": [],
        "figures": [],
        "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 125.4},
    }
    return Manifest.model_validate(content | changes)


def own(kind, content, **data):
    mime = f"application/vnd.custlib.{kind}+json"
    return new_output("display_data", {mime: content, "text/plain": "twin", **data})


def html_output(html):
    return new_output("display_data", {"text/html": html, "text/plain": "twin"})


def tagged(cell, tag):
    cell.metadata["tags"] = [tag]
    return cell


PARAMETERS = tagged(
    new_code_cell('by: str = "role"  # groups to compare; one of: role, market\ntop_box: int = 2'),
    "parameters",
)
FIGURE = own("figure", {"key": "bars", "alt": "Bars by role"}, **{"image/png": PIXEL})


def notebook(*cells):
    return new_notebook(cells=list(cells))


def study_notebook():
    return notebook(
        new_markdown_cell("# Are end users less satisfied?\n\nThe head of sales asks."),
        PARAMETERS,
        tagged(new_code_cell('by = "market"'), "injected-parameters"),
        new_markdown_cell("## The data\n\nWho answered.\n\n### In detail"),
        new_code_cell("draw()", outputs=[FIGURE]),
        new_markdown_cell("## What was found"),
        new_code_cell("find()", outputs=[own("finding", finding())]),
    )


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "reports" / "steel_satisfaction" / "by-market-1234"
    place.mkdir(parents=True)
    return place


@pytest.fixture
def project(tmp_path):
    """Writes a data set with a card of this kind into the project of the folder."""

    def put(kind, data=DATA):
        home = tmp_path / "data" / "works"
        home.mkdir(parents=True, exist_ok=True)
        (home / "card.yaml").write_text(CARD.format(kind=kind, sha256=sha(data)), encoding="utf-8")

    return put


@pytest.fixture
def page(folder):
    def write(*cells, **changes):
        content = notebook(*cells) if cells else study_notebook()
        path = write_report(folder, manifest(**changes), content)
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    return write


def text_of(soup):
    """Words as a reader sees them, cells and blocks apart."""
    text = soup.get_text("|").replace("\u00a0", " ")
    return re.sub(r" +([.,:)])", r"\1", " ".join(text.replace("|", " ").split()))


class Balance(HTMLParser):
    """Fails where an element is closed that was not the last one opened."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute of {tag} stands twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def require_harmless(soup):
    """Nothing runs, nothing is fetched, nothing leads out of the page."""
    assert not soup.find_all(["script", "iframe", "object", "embed", "form", "link", "base", "svg"])
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), (element.name, name)
            assert name != "style" or element.name == "style"
            if name in {"src", "href", "srcset", "action", "poster", "data", "xlink:href"}:
                assert value.startswith("#" if element.name == "a" else "data:image/"), value
    assert len(soup.find_all("style")) == 1
    assert "url(" not in soup.find("style").get_text()
    assert "@import" not in soup.find("style").get_text()


def test_the_page_is_a_whole_document_that_forbids_itself_the_network(page):
    soup = page()
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert str(soup).startswith("<!DOCTYPE html>")
    assert soup.html["lang"] == "en"
    assert soup.find("meta", charset="utf-8")
    assert soup.find("meta", attrs={"name": "viewport"})
    assert soup.title.get_text() == "Are end users less satisfied?"
    assert policy.startswith("default-src 'none';")
    assert "script" not in policy
    assert "http" not in policy
    require_harmless(soup)


def test_every_element_is_closed(folder):
    path = write_report(folder, manifest(), study_notebook())
    balance = Balance()
    balance.feed(path.read_text(encoding="utf-8"))
    assert balance.open == []


def test_answers_come_first_then_checks_then_the_study(page):
    headings = [heading.get_text() for heading in page().main(["h1", "h2"])]
    assert headings == [
        "Are end users less satisfied?",
        "What this report found",
        "Checks",
        "The study",
        "How to cite",
    ]


def test_a_finding_shows_sentence_verdict_interval_and_n(page):
    entry = page().find(class_="findings").li
    assert entry.find(class_="sentence").get_text() == finding()["sentence"]
    assert entry.find(class_="verdict")["class"] == ["verdict", "for"]
    assert "−0.42 (−0.61 to −0.23) n = 1,207" in text_of(entry)


def test_a_finding_leads_to_its_place_in_the_study(page):
    soup = page()
    place = soup.find(class_="findings").find("a")["href"]
    assert "finding" in soup.find(class_="study").find(id=place[1:])["class"]


@pytest.mark.parametrize(
    ("verdict", "tone"),
    [
        ("does not hold", "against"),
        ("undecided", "open"),
        ("not computed", "open"),
        ("Holds", "for"),
        ("needs a look", "neutral"),
    ],
)
def test_a_verdict_is_always_in_words(page, verdict, tone):
    badge = page(findings=[finding(verdict=verdict) | {"cell": 6}]).find(class_="verdict")
    assert badge.get_text() == verdict
    assert badge["class"] == ["verdict", tone]


@pytest.mark.parametrize("value", ["price", None, True, ["a", "b"]])
def test_a_finding_without_a_number_shows_its_sentence_alone(page, value):
    bare = finding(value=value, low=None, high=None, n=None, verdict=None)
    entry = page(findings=[bare | {"cell": 6}]).find(class_="findings").li
    assert text_of(entry) == f"{bare['sentence']} in the study"


def test_a_share_is_written_in_percent(page):
    share = finding(value=0.541, low=0.47, high=0.61, unit="share")
    entry = page(findings=[share | {"cell": 6}]).find(class_="findings").li
    assert "54 % (47 to 61 %)" in text_of(entry)


def test_simulated_data_are_announced_above_the_findings(page, project):
    project("simulated")
    soup = page()
    banner = soup.find(class_="banner")
    assert "Simulated data." in banner.get_text()
    assert soup.find(class_="findings") in banner.find_all_next()
    assert "To show the method." in text_of(soup.find(class_="card"))


@pytest.mark.parametrize("where", ["elsewhere.csv", "data/works/other.csv"])
def test_a_copy_of_a_simulated_file_is_still_called_simulated(page, project, where):
    project("simulated")
    file = {"path": where, "sha256": sha(DATA), "bytes": 3, "parameter": "data"}
    assert page(data=[file]).find(class_="banner")


def test_cards_of_one_project_do_not_hide_those_that_come_along(page, project):
    project("real", data=b"other")
    survey = Path(__file__).parents[2] / "data" / "steel_survey" / "firms.csv"
    file = {"path": "copy.csv", "sha256": sha(survey.read_bytes()), "bytes": 3, "parameter": "data"}
    assert page(data=[file]).find(class_="banner")


def test_real_data_are_not_called_simulated(page, project):
    project("real")
    soup = page()
    assert soup.find(class_="banner") is None
    assert soup.find(class_="card")


def test_other_data_than_those_of_the_card_are_not_called_simulated(page, project):
    project("simulated", data=b"other")
    soup = page()
    assert soup.find(class_="banner") is None
    assert soup.find(class_="card") is None


def test_simulated_data_of_an_own_data_folder_are_called_so(page, project, tmp_path, monkeypatch):
    project("simulated")
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("CUSTLIB_DATA", str(tmp_path / "elsewhere"))
    assert page().find(class_="banner") is not None


@pytest.mark.parametrize("text", ["", "- a list", "tables: [", "kind: simulated\ntables: 3"])
def test_a_card_that_cannot_be_read_is_no_card(page, project, tmp_path, text):
    project("simulated")
    (tmp_path / "data" / "works" / "card.yaml").write_text(text, encoding="utf-8")
    assert page().find(class_="card") is None


def test_what_went_in_is_listed(page):
    checks = text_of(page().find(id="report-checks"))
    for part in (
        "Completed",
        "20 November 2026",
        "2 min 5 s",
        "20160210",
        "data/works/responses.csv 1,207 52.4 kB",
        sha(DATA)[:12],
        "cccccccccccc with changes not committed",
        "Python 3.11.7",
        "numpy 2.4.6",
    ):
        assert part in checks


def test_changed_parameters_come_first_with_default_and_meaning(page):
    rows = [text_of(row) for row in page().find(class_="parameters").tbody("tr")]
    assert rows == [
        "by market changed default role groups to compare; one of: role, market",
        "top_box 2",
        "weights a, b",
        "codebook none",
    ]


def test_parameters_are_not_shown_twice(page):
    study = text_of(page().find(class_="study"))
    assert "by = " not in study
    assert "by: str" not in study


def test_a_record_that_does_not_tell_of_the_cell_lists_the_values(page):
    rows = page(declared={}).find(class_="parameters").tbody("tr")
    assert text_of(rows[0]) == "by market changed"


def test_the_citation_names_question_run_version_and_data(page, project):
    project("real")
    assert text_of(page().find(class_="citation")) == (
        f"Are end users less satisfied? Run {sha('run')[:12]} of the study steel_satisfaction, "
        "20 November 2026. Computed with custlib 9.8.7. Data: Customers of a works."
    )


def test_code_is_folded_and_outputs_are_not(page):
    study = page().find(class_="study")
    assert all("open" not in details.attrs for details in study("details"))
    assert [details.pre.get_text().strip() for details in study("details")] == ["draw()", "find()"]
    assert study.find("figure").find_parent("details") is None


def test_every_picture_has_its_words(page):
    bare = new_output("display_data", {"image/png": PIXEL})
    told = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "Told"}})
    soup = page(new_code_cell("draw()", outputs=[FIGURE, bare, told]))
    words = [picture["alt"] for picture in soup("img")]
    assert words == ["Bars by role", "A figure without a description.", "Told"]
    assert {picture["src"] for picture in soup("img")} == {f"data:image/png;base64,{PIXEL}"}


def test_the_contents_list_every_section_once_and_lead_there(page):
    soup = page()
    links = [(link["href"], link.get_text()) for link in soup.nav("a")]
    assert links == [
        ("#report-found", "What this report found"),
        ("#report-checks", "Checks"),
        ("#report-study", "The study"),
        ("#The-data", "The data"),
        ("#What-was-found", "What was found"),
        ("#report-cite", "How to cite"),
    ]
    small = soup.find(class_="contents-small")
    assert [(link["href"], link.get_text()) for link in small("a")] == links
    assert all(soup.find(id=target[1:]) for target, _ in links)


def test_no_two_elements_share_an_anchor(page):
    twice = [new_markdown_cell(f"## {name}") for name in ("Data", "Data", "report-found", "Data-2")]
    soup = page(*twice)
    anchors = [element["id"] for element in soup(id=True)]
    assert sorted(anchors) == sorted(set(anchors))
    assert [link.get_text() for link in soup.nav.ol.ol("a")] == [
        *("Data", "Data", "report-found", "Data-2")
    ]


def test_the_title_stands_once_and_the_levels_of_headings_follow_each_other(page):
    soup = page()
    assert [title.get_text() for title in soup("h1")] == ["Are end users less satisfied?"]
    levels = [int(heading.name[1]) for heading in soup(re.compile("^h[1-6]$"))]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_links_out_of_the_page_are_printed(page):
    soup = page(
        new_markdown_cell(
            "[a paper](https://doi.org/10.1/x), https://example.org/, [card](../data/card.yaml), "
            "[mail](mailto:a@b.c), [above](#The-data), [nowhere](#gone)\n\n## The data"
        )
    )
    words = text_of(soup.find(class_="study").p)
    assert words == (
        "a paper (https://doi.org/10.1/x), https://example.org/, card (../data/card.yaml), "
        "mail (mailto:a@b.c), above, nowhere"
    )
    assert [link["href"] for link in soup.find(class_="study")("a")] == ["#The-data"]
    require_harmless(soup)


def test_formulas_are_readable_without_the_network(page):
    study = page(new_markdown_cell("So $n_e < n$ and\n\n$$\\sum_i w_i$$")).find(class_="study")
    assert study.find("code", class_="math").get_text() == "n_e < n"
    assert "\\sum_i w_i" in study.get_text()
    assert "$" not in study.get_text()


ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://example.org/pixel.png'>",
    "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
    "onerror=alert(1)&gt;'>",
    "<iframe src='https://example.org'></iframe>",
    "<object data='x'></object><embed src='x'><base href='https://example.org'>",
    "<form action='https://example.org'><input name=q><button>go</button></form>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    "<style>@import 'https://example.org/x.css';</style>",
    "<div style='background:url(https://example.org/x)'>x</div>",
    "<details open ontoggle=alert(1)>x</details>",
    "<table background='https://example.org/x'><tr><td>x</td></tr></table>",
    "<video poster='https://example.org/x' src='https://example.org/y'></video>",
    "<p id='report-found' onclick='alert(1)'>x</p>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "</section></main></div><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<noscript><p title='</noscript><script>alert(1)</script>'></noscript>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_prose_and_outputs_cannot_act(page, attack):
    soup = page(
        new_markdown_cell(f"Before {attack} after."),
        new_markdown_cell(attack),
        new_raw_cell(attack),
        new_code_cell("x", outputs=[html_output(attack)]),
        new_code_cell("x", outputs=[new_output("display_data", {"text/markdown": attack})]),
        new_code_cell("x", outputs=[new_output("stream", text=attack)]),
        new_code_cell("x", outputs=[new_output("execute_result", {"text/plain": attack})]),
    )
    require_harmless(soup)
    assert len(soup.main(id="report-found")) <= 1
    assert len(soup("meta", attrs={"http-equiv": True})) == 1


@pytest.mark.parametrize("link", ["javascript:alert(1)", "vbscript:x", "data:text/html,x"])
def test_a_link_of_the_markdown_cannot_act(page, link):
    require_harmless(page(new_markdown_cell(f"[x]({link}) ![y]({link}) <{link}>")))


@pytest.mark.parametrize(
    "mime",
    [
        "application/javascript",
        "text/html+isolated",
        "application/vnd.jupyter.widget-view+json",
        "text/latex",
        "image/svg+xml",
    ],
)
def test_rich_outputs_cannot_act(page, mime):
    content = {"model_id": HOSTILE} if mime.endswith("json") else f"<svg>{HOSTILE}</svg>"
    output = new_output("display_data", {mime: content, "text/plain": HOSTILE})
    require_harmless(page(new_code_cell("x", outputs=[output])))


def test_an_isolated_output_makes_no_frame(page):
    output = html_output("<p>x</p>")
    output.metadata["text/html"] = {"isolated": True}
    require_harmless(page(new_code_cell("x", outputs=[output])))


def test_hostile_data_stay_text_wherever_they_stand(page, project, tmp_path):
    project("simulated")
    card = tmp_path / "data" / "works" / "card.yaml"
    card.write_text(
        json.dumps(
            {"title": HOSTILE, "kind": HOSTILE, "why": HOSTILE, "licence": HOSTILE}
            | {"tables": {"t": {"sha256": sha(DATA)}}}
        ),
        encoding="utf-8",
    )
    hostile = finding(sentence=HOSTILE, verdict=HOSTILE, unit=HOSTILE)
    table = {"key": "t", "columns": ["item", "method"], "dtypes": [], "data": [[HOSTILE] * 2]}
    soup = page(
        PARAMETERS,
        new_markdown_cell("## " + HOSTILE),
        tagged(new_code_cell(HOSTILE), HOSTILE),
        new_code_cell("x", outputs=[own("finding", hostile), own("table", table)]),
        new_code_cell(
            "x", outputs=[own("figure", {"key": "k", "alt": HOSTILE}, **{"image/png": HOSTILE})]
        ),
        question=HOSTILE,
        parameters={HOSTILE: HOSTILE, "by": HOSTILE},
        declared={HOSTILE: {"default": HOSTILE, "meaning": HOSTILE, "limits": HOSTILE}},
        changed=[HOSTILE, "by"],
        findings=[hostile | {"cell": 1}],
        data=[{"path": HOSTILE, "sha256": sha(DATA), "bytes": 1}],
        notebook={"path": HOSTILE, "sha256": HOSTILE},
    )
    require_harmless(soup)
    assert soup.h1.get_text() == HOSTILE
    assert soup.find(class_="findings").find(class_="sentence").get_text() == HOSTILE
    assert HOSTILE in soup.find(class_="study").find("td").get_text()


def test_a_recorded_table_that_is_shown_stands_once(page):
    recorded = own(
        "table", {"key": "t", "columns": ["item", "n"], "dtypes": [], "data": [["price", 3]]}
    )
    shown = html_output('<div class="result"><table><tr><td>shown</td></tr></table></div>')
    pandas = html_output('<table class="dataframe"><tr><td>0.123456789</td></tr></table>')
    for outputs, expected in (
        ([recorded, shown], "shown"),
        ([recorded, pandas], "Item n Price 3"),
        ([recorded], "Item n Price 3"),
        ([pandas], "0.123456789"),
    ):
        tables = page(new_code_cell("x", outputs=outputs)).find(class_="study")("table")
        assert [text_of(table) for table in tables] == [expected]


def test_a_table_recorded_beside_a_figure_waits_behind_its_name(page):
    content = {"key": "bars", "columns": ["item", "n"], "dtypes": [], "data": [["price", 3]]}
    study = page(new_code_cell("x", outputs=[own("table", content), FIGURE])).find(class_="study")
    folded = study.find("details", class_="recorded")
    assert text_of(folded) == "Recorded table bars, 1 row Item n Price 3"
    assert len(study("table")) == 1
    assert study.find("figure").find_parent("details") is None


def test_methods_are_listed_with_the_tables_they_made(page):
    def table(key, *methods):
        rows = [["price", method] for method in methods]
        content = {"key": key, "columns": ["item", "method"], "dtypes": [], "data": rows}
        return new_code_cell("x", outputs=[own("table", content)])

    soup = page(table("first", "Welch t", "Welch t", None), table("second", "Welch t", "Wilson"))
    assert [text_of(entry) for entry in soup.find(class_="methods")("li")] == [
        "Welch t tables first, second",
        "Wilson table second",
    ]


def test_there_are_no_empty_sections(page):
    soup = page(PARAMETERS, findings=[], data=[], parameters={}, changed=[])
    assert [heading.get_text() for heading in soup.main(["h1", "h2", "h3"])] == [
        "Are end users less satisfied?",
        "Checks",
        "How to cite",
    ]


def test_the_same_run_gives_the_same_bytes(folder, tmp_path):
    first = write_report(folder, manifest(), study_notebook()).read_bytes()
    other = tmp_path / "elsewhere"
    other.mkdir()
    assert write_report(other, manifest(), study_notebook()).read_bytes() == first


def test_the_page_tells_nothing_of_the_machine_it_was_written_on(folder, tmp_path):
    text = write_report(folder, manifest(), study_notebook()).read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert str(Path(custlib.__file__).parents[1]) not in text


def test_the_notebook_is_not_changed(folder):
    content = study_notebook()
    before = json.dumps(content)
    write_report(folder, manifest(), content)
    assert json.dumps(content) == before


FAILURE = {
    "message": "Columns not in the table: price.\nThe table has: cost.\nRename the column.",
    "cell": 9,
    "section": "Where they differ",
    "source": "profile = satisfaction_profile(responses)",
    "error": "DataError",
    "traceback": "line 38\nline 39",
}


def test_a_failed_run_says_where_why_and_what_is_kept(page, folder):
    (folder / "partial.ipynb").write_text("{}", encoding="utf-8")
    soup = page(status="error", failure=FAILURE, findings=[])
    words = text_of(soup.main)
    for part in (
        "Stopped by an error.",
        "Columns not in the table: price.",
        "Rename the column.",
        "Cell 9, under “Where they differ”, in notebooks/studies/01.ipynb",
        "profile = satisfaction_profile(responses)",
        "DataError line 38 line 39",
    ):
        assert part in words
    links = [link["href"] for link in soup("a")]
    assert links == ["partial.ipynb", "manifest.json"]


def test_a_failed_run_shows_no_finding(page):
    soup = page(status="timeout", failure=FAILURE, findings=[finding() | {"cell": 6}])
    assert finding()["sentence"] not in soup.get_text()
    assert "Stopped after its time was up." in text_of(soup)


@pytest.mark.parametrize("status", ["error", "timeout", "dead", "exited"])
def test_a_failure_of_which_little_is_known_still_has_its_page(page, status):
    for failure in (None, {"message": "It died."}):
        soup = page(status=status, failure=failure, findings=[])
        assert "No partial notebook could be kept." in text_of(soup)
        assert soup.h1.get_text() == "Are end users less satisfied?"


def test_a_hostile_failure_stays_text(page):
    failure = dict.fromkeys(("message", "section", "source", "error", "traceback"), HOSTILE)
    soup = page(status="error", failure=failure, findings=[])
    for link in soup("a"):
        link.decompose()
    require_harmless(soup)


def luminance(color):
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "link", "for", "against", "open"])
@pytest.mark.parametrize("ground", ["paper", "faint"])
def test_every_ink_is_legible_on_every_ground_of_both_schemes(scheme, ink, ground):
    block = re.findall(r":root \{([^}]*)\}", STYLE.read_text(encoding="utf-8"))[scheme]
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    assert contrast(colors[ink], colors[ground]) >= 4.5
    assert contrast(colors["warn-ink"], colors["warn"]) >= 4.5


@pytest.mark.parametrize("kind", ["FINDING", "TABLE", "FIGURE"])
def test_the_report_reads_what_a_notebook_writes(kind):
    """Floors keep the two modules apart; what they call an output must be the same."""
    assert getattr(body, kind) == getattr(findings, kind)


@pytest.fixture
def russian(page):
    table = {
        "key": "means",
        "columns": ["item", "measure", "estimate", "n"],
        "dtypes": ["str", "str", "float64", "int64"],
        "data": [["price", "mean", 3.25, 1204], ["claims", "mean", 2.5, 7]],
        "labels": {"price": "Цена", "claims": "Претензии"},
    }
    cells = study_notebook().cells
    cells[-1].outputs = [own("table", table), *cells[-1].outputs, FIGURE]
    spoken = {"parameters": {"language": "ru", "by": None}, "changed": ["language"]}
    said = {"findings": [finding(unit="points") | {"cell": 6}]}
    return page(*cells, **spoken, **said)


def languages(soup):
    """Each text with the language it is said to be in; code is in none."""
    for text in soup.body.find_all(string=True):
        if text.strip() and not text.find_parent(["code", "pre"]):
            yield " ".join(text.split()), text.find_parent(lang=True)["lang"]


def test_a_page_says_which_of_its_texts_are_in_which_language(russian):
    told = set(languages(russian))
    for text in ["Что показал отчёт", "подтверждается", "n = 1\u202f207", "20 ноября 2026 г."]:
        assert (" ".join(text.split()), "ru") in told
    for text in ["Are end users less satisfied?", "Who answered.", "What was found"]:
        assert (text, "en") in told
    assert ("End users are less satisfied with claims handling.", "en") in told
    assert russian.html["lang"] == "ru"


def test_what_is_said_to_be_russian_is_not_english(russian):
    names = {
        "steel_satisfaction",
        "language",
        "by",
        "ru",
        "numpy",
        "custlib",
        "SHA-256",
        "openblas",
    }
    for text, language in languages(russian):
        # Names of files, tables, packages and machines are the same in every language.
        text = re.sub(r"[\w/]+\.csv|Linux x86_64|Python|A processor|means|Run [0-9a-f]+", "", text)
        words = set(re.findall(r"[A-Za-z][\w-]{2,}", text)) - names
        assert language == "en" or "Are end users" in text or not words, text


def test_a_measured_line_has_the_form_of_the_language(russian):
    line = russian.select_one(".findings .measured").get_text(" ", strip=True)
    assert "−0,42 (от −0,61 до −0,23)\u00a0балла" in line


def test_a_recorded_table_beside_a_figure_has_its_labels(russian):
    table = russian.select_one("details.recorded")
    assert table["lang"] == "ru"
    assert table.summary.get_text() == "Записанная таблица means, 2 строки"
    first = [cell.get_text() for cell in table.select("tbody tr")[0]("td")]
    assert first == ["Цена", "3,25", "1\u202f204"]


@pytest.mark.parametrize("spoken", ["en", "xx", None, ["ru"], 3])
def test_a_language_that_no_catalogue_has_gives_an_english_page(page, spoken):
    shown = page(*study_notebook().cells, parameters={"language": spoken}, changed=[])
    assert shown.html["lang"] == "en"
    assert "What this report found" in shown.get_text()
    assert not shown.body.find_all(lang=True)


def test_a_failed_run_is_told_in_english_whatever_its_language(folder):
    content = {"status": "error", "parameters": {"language": "ru", "by": None}, "changed": []}
    text = write_report(folder, manifest(**content), study_notebook()).read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert not re.search("[а-яё]{3}", text)
