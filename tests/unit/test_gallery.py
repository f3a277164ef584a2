"""The list of all reports: every run is on it, whatever has become of its files."""

import base64
import hashlib
import html
import json
import shutil
import sys

import pytest
from bs4 import BeautifulSoup

from custlib.report.gallery import write_gallery
from custlib.report.page import document

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def finding(sentence):
    tolerances = {"rtol": 1e-9, "atol": 0.0}
    return {"key": "k", "sentence": sentence, "value": 1, "cell": 3} | tolerances


def record(**changes):
    content = {
        "schema": "custlib.manifest/1",
        "id": sha("run"),
        "status": "ok",
        "study": "net_promoter",
        "question": "Is the score real?",
        "slug": "defaults",
        "notebook": {"path": "notebooks/studies/04.ipynb", "sha256": sha("notebook")},
        "parameters": {"wave": "2025Q1", "target": 5.0},
        "changed": [],
        "data": [],
        "code": {"git": None, "dirty": None, "custlib_sha256": sha("library")},
        "environment": {
            "python": "3.11.7",
            "platform": "Linux",
            "cpu": "cpu",
            "blas": "blas",
            "threads": 1,
            "packages": {},
        },
        "findings": [finding("First."), finding("Second."), finding("Third.")],
        "tables": [],
        "figures": [],
        "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 3.0},
    }
    return content | changes


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


@pytest.fixture
def put(reports):
    """Writes the record of a run, and an empty file for each thing it left."""

    def write(place, *left, **changes):
        folder = reports / place
        folder.mkdir(parents=True)
        text = json.dumps(record(**changes))
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        for name in left or ("report.html", "report.ipynb"):
            (folder / name).write_text("", encoding="utf-8")
        return folder

    return write


def listed(reports):
    return BeautifulSoup(write_gallery(reports).read_text(encoding="utf-8"), "html.parser")


def csp(soup):
    return soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]


def shown(article):
    """Text of a run in the list, without what is folded."""
    for folded in article("details"):
        folded.extract()
    return text_of(article)


def check(when, *, same):
    return {
        "when": when,
        "same": same,
        "findings": 3,
        "tables": 0,
        "custlib_sha256": sha("library"),
        "python": "3.11.7",
        "platform": "Linux",
    }


def text_of(soup):
    text = soup.get_text("|").replace("\u00a0", " ").replace("|", " ")
    return " ".join(text.split())


def test_a_run_of_simulated_data_says_so_and_is_found_by_it(reports, put):
    card = reports.parent / "data" / "works" / "card.yaml"
    card.parent.mkdir(parents=True)
    tables = f"{{answers: {{sha256: {sha('planted')}}}}}"
    card.write_text(f"kind: simulated\ntables: {tables}\n", encoding="utf-8")
    for name in ("planted", "asked"):
        file = {"path": f"{name}.csv", "sha256": sha(name), "bytes": 3}
        put(f"net_promoter/{name}", id=sha(name), data=[file])
    told = {one.a["href"]: one for one in listed(reports)("article")}
    simulated, real = (told[f"net_promoter/{name}/report.html"] for name in ("planted", "asked"))
    assert "simulated data" in simulated["data-words"]
    assert "simulated" not in real["data-words"]
    assert "simulated data 20 November 2026" in shown(simulated)
    assert "simulated" not in shown(real)


def test_a_run_shows_question_changes_headlines_date_and_count(reports, put):
    put("net_promoter/wave-1", changed=["wave"])
    section = listed(reports).section
    assert section.h2.get_text() == "Is the score real?"
    assert shown(section.article) == (
        f"wave = 2025Q1 First. Second. 20 November 2026 3 findings {sha('run')[:8]}"
    )


def test_a_run_with_nothing_changed_is_the_one_at_its_defaults(reports, put):
    put("net_promoter/defaults-1", findings=[finding("Only.")])
    words = shown(listed(reports).article)
    assert words.startswith("At its defaults Only.")
    assert words.endswith(f"1 finding {sha('run')[:8]}")


def test_links_are_relative_and_lead_to_a_file_that_is_there(reports, put):
    put("net_promoter/wave-1")
    put("net_promoter/данные и #1", "report.ipynb", id=sha("second"))
    put("failed/net_promoter/wave-2", "message.txt", "partial.ipynb", status="dead")
    put("failed/net_promoter/wave-3", "partial.ipynb", status="dead", id=sha("third"))
    bare = put("net_promoter/wave-4", id=sha("fourth"))
    (bare / "report.html").unlink()
    (bare / "report.ipynb").unlink()
    links = {link["href"] for link in listed(reports)("a")}
    assert links == {
        "net_promoter/wave-1/report.html",
        "net_promoter/%D0%B4%D0%B0%D0%BD%D0%BD%D1%8B%D0%B5%20%D0%B8%20%231/report.ipynb",
        "failed/net_promoter/wave-2/message.txt",
        "failed/net_promoter/wave-3/partial.ipynb",
        "net_promoter/wave-4/manifest.json",
    }


def test_runs_of_a_study_stand_together_newest_first(reports, put):
    def run(place, day, study="net_promoter"):
        started = {"started": f"2026-11-{day}T00:00:00+00:00", "seconds": 1.0}
        put(f"{study}/{place}", study=study, question=f"{study} {day}?", runtime=started)

    run("a", 10)
    run("b", 12)
    run("c", 11, study="abc_xyz")
    sections = listed(reports)("section")
    assert [section.h2.get_text() for section in sections] == ["abc_xyz 11?", "net_promoter 12?"]
    links = [link["href"] for link in sections[1]("a")]
    assert links == ["net_promoter/b/report.html", "net_promoter/a/report.html"]


def test_failed_runs_stand_apart_with_their_reason(reports, put):
    failure = {"message": "The kernel died.\nExpected it to live.\nUse fewer rows."}
    put("net_promoter/wave-1")
    put("failed/net_promoter/wave-2", status="dead", failure=failure, findings=[])
    studies, failed = listed(reports)("section")
    assert failed.h2.get_text() == "Runs that stopped"
    assert "Is the score real? The kernel died. The kernel died 20" in text_of(failed)
    assert "Use fewer rows" not in text_of(failed)
    assert len(studies("article")) == 1


@pytest.mark.parametrize(
    "content",
    ["", "{nonsense", "[]", "null", "{}", '{"schema": "another/1"}', json.dumps(record(id=3))],
)
def test_a_broken_record_is_listed_as_unreadable(reports, put, content):
    put("net_promoter/wave-1")
    broken = put("net_promoter/broken", id=sha("broken"))
    (broken / "manifest.json").write_text(content, encoding="utf-8")
    soup = listed(reports)
    assert len(soup("article")) == 1
    assert "net_promoter/broken : manifest.json of broken is not a manifest" in text_of(soup)


def test_a_record_that_is_no_text_is_listed_as_unreadable(reports, put):
    broken = put("net_promoter/broken")
    (broken / "manifest.json").write_bytes(b"\xff\xfe\x00\x9f")
    assert "is not a manifest" in text_of(listed(reports))


@pytest.mark.parametrize("place", ["net_promoter/wave-1", "failed/net_promoter/wave-1"])
def test_a_run_whose_record_is_gone_is_listed_as_unreadable(reports, put, place):
    (put(place) / "manifest.json").unlink()
    soup = listed(reports)
    assert f"{place} : manifest.json of wave-1 cannot be read" in text_of(soup)
    assert not soup("article")


def test_what_is_no_run_is_not_listed(reports, put):
    put("net_promoter/wave-1")
    put(".running/host.1.ab/wave-2")
    put("net_promoter/.aside")
    (reports / "reference").mkdir()
    (reports / "reference" / "net_promoter.json").write_text("{}", encoding="utf-8")
    (reports / "reference" / "older").mkdir()
    (reports / "notes.txt").write_text("x", encoding="utf-8")
    soup = listed(reports)
    assert len(soup("article")) == 1
    assert "cannot be read" not in text_of(soup)


def test_without_reports_the_list_says_how_to_get_one(reports):
    soup = listed(reports)
    assert "custlib run STUDY" in text_of(soup)
    assert not soup("section")


def test_the_page_opens_from_the_disk_and_needs_nothing_else(reports, put):
    hostile = {"question": HOSTILE, "parameters": {HOSTILE: HOSTILE}, "changed": [HOSTILE]}
    put("net_promoter/wave-1", **hostile, findings=[finding(HOSTILE)])
    failure = {"message": HOSTILE}
    put(f"failed/net_promoter/{'x' * 8}", status="error", question=HOSTILE, failure=failure)
    sweep = reports / "sweeps" / "a"
    sweep.mkdir(parents=True)
    titled = f"<title>{html.escape(HOSTILE)}</title>"
    (sweep / "index.html").write_text(titled, encoding="utf-8")
    soup = listed(reports)
    assert len(soup("script")) == 1
    assert not soup(["img", "link", "iframe"])
    assert soup.h2.get_text() == HOSTILE
    for element in soup.find_all(True):
        assert not any(name.startswith("on") for name in element.attrs)
        assert "://" not in element.get("href", "")


def test_the_policy_allows_the_script_of_the_list_by_its_hash_alone(reports, put):
    put("net_promoter/wave-1")
    soup = listed(reports)
    digest = hashlib.sha256(soup.script.string.encode()).digest()
    rules = dict(rule.strip().split(" ", 1) for rule in csp(soup).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"


def test_no_other_page_may_run_a_script():
    page = BeautifulSoup(document("base.html"), "html.parser")
    assert "default-src 'none'" in csp(page)
    assert "script" not in csp(page)


def test_without_a_script_nothing_is_hidden_but_the_tools(reports, put):
    put("net_promoter/wave-1")
    hidden = listed(reports).find_all(hidden=True)
    assert [element["id"] for element in hidden] == ["tools"]


@pytest.mark.parametrize(
    ("checks", "mark"),
    [
        ([], None),
        ([check("2026-11-21T08:00:00+00:00", same=True)], "verified 21 November 2026"),
        ([check("2026-11-21T08:00:00+00:00", same=False)], "not reproduced 21 November 2026"),
        (
            [check("2026-11-21", same=False), check("2026-11-22", same=True)],
            "verified 22 November 2026",
        ),
        (
            [check("2026-11-21", same=True), check("2026-11-22", same=False)],
            "not reproduced 22 November 2026",
        ),
    ],
    ids=["never", "same", "differs", "same again", "no more the same"],
)
def test_the_mark_tells_the_last_computation(reports, put, checks, mark):
    put("net_promoter/wave-1", verified=checks)
    found = listed(reports).find(class_="verdict")
    assert (found and found.get_text()) == mark


def test_the_other_formats_of_a_run_are_linked_where_they_are(reports, put):
    put("net_promoter/wave 1", "report.html", "report.xlsx", exports=["report.pdf"])
    links = [(link.get_text(), link["href"]) for link in listed(reports).article("a")[1:]]
    assert links == [("Excel", "net_promoter/wave%201/report.xlsx")]


def test_every_parameter_is_listed_the_changed_ones_first(reports, put):
    put("net_promoter/wave-1", changed=["target"])
    lines = [line.get_text() for line in listed(reports).article.details("li")]
    assert lines == ["target = 5.0", "wave = 2025Q1"]


def test_a_run_is_found_by_all_that_is_known_of_it(reports, put):
    findings = [finding("First."), finding("Second."), finding("Čisto tretji.")]
    put("net_promoter/wave-1", findings=findings, verified=[check("2026-11-21", same=True)])
    words = listed(reports).article["data-words"]
    study = ("Is the score real?", "net_promoter", "wave = 2025Q1", "wave=2025Q1")
    for known in (*study, "Čisto tretji.", sha("run"), "verified 21 November 2026"):
        assert known in words


def test_sweeps_and_comparisons_are_listed_by_their_titles(reports):
    for place, content in {
        "sweeps/markets-1/index.html": "<title>Markets &amp; waves:\n12 runs</title>",
        "sweeps/.markets-2/index.html": "<title>Half a sweep</title>",
        "sweeps/markets-3/table.csv": "a",
        "changes/a b.html": "no title",
        "changes/a b.csv": "a",
    }.items():
        (reports / place).parent.mkdir(parents=True, exist_ok=True)
        (reports / place).write_text(content, encoding="utf-8")
    soup = listed(reports)
    sections = {one.h2.get_text(): one("a") for one in soup("section")}
    told = {
        title: [(link.get_text(), link["href"]) for link in links]
        for title, links in sections.items()
    }
    assert told == {
        "Sweeps": [("Markets & waves: 12 runs", "sweeps/markets-1/index.html")],
        "Comparisons": [("a b", "changes/a%20b.html")],
    }


def test_the_orders_are_told_to_the_script(reports, put):
    def run(place, started, *checks):
        put(f"net_promoter/{place}", runtime={"started": started, "seconds": 1}, verified=checks)

    run("old", "2026-11-01", check("2026-11-20", same=True))
    run("new", "2026-11-04", check("2026-11-21", same=False))
    run("mid", "2026-11-03")
    run("second", "2026-11-02", check("2026-11-22", same=True))
    articles = listed(reports)("article")

    def order(key):
        ranked = sorted(articles, key=lambda article: int(article[key]))
        return [article.a["href"].split("/")[1] for article in ranked]

    assert order("data-newest") == ["new", "mid", "second", "old"]
    assert order("data-verified") == ["second", "old", "mid", "new"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_folder_whose_name_is_no_text_does_not_stop_the_list(reports, put):
    put("net_promoter/wave-1")
    (put("net_promoter/wave-2", id=sha("second")).rename(reports / "net_promoter" / "\udcff"))
    bare = reports / "net_promoter" / "\udcfe"
    bare.mkdir()
    soup = listed(reports)
    assert "net_promoter/%FF/report.html" in {link["href"] for link in soup("a")}
    assert "net_promoter/? : manifest.json of ? cannot be read" in text_of(soup)


def test_a_failure_without_words_does_not_stop_the_list(reports, put):
    put("failed/net_promoter/wave-2", status="dead", failure={"message": ""}, findings=[])
    assert "The kernel died" in text_of(listed(reports))


def test_the_folder_can_be_moved(reports, put, tmp_path):
    put("net_promoter/wave-1")
    first = write_gallery(reports).read_bytes()
    assert str(tmp_path).encode() not in first
    moved = tmp_path / "sent" / "on"
    shutil.copytree(reports, moved)
    assert write_gallery(moved).read_bytes() == first
