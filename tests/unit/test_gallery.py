"""The list of all reports: every run is on it, whatever has become of its files."""

import hashlib
import json
import shutil

import pytest
from bs4 import BeautifulSoup

from custlib.report.gallery import write_gallery

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


def text_of(soup):
    text = soup.get_text("|").replace("\u00a0", " ").replace("|", " ")
    return " ".join(text.split())


def test_a_run_shows_question_changes_headlines_date_and_count(reports, put):
    put("net_promoter/wave-1", changed=["wave"])
    section = listed(reports).section
    assert section.h2.get_text() == "Is the score real?"
    assert text_of(section.article) == (
        f"wave = 2025Q1 First. Second. 20 November 2026 3 findings {sha('run')[:8]}"
    )


def test_a_run_with_nothing_changed_is_the_one_at_its_defaults(reports, put):
    put("net_promoter/defaults-1", findings=[finding("Only.")])
    words = text_of(listed(reports).article)
    assert words.startswith("At its defaults Only.")
    assert "1 finding " in words


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
    put("net_promoter/wave-1", question=HOSTILE, parameters={HOSTILE: HOSTILE}, changed=[HOSTILE])
    failure = {"message": HOSTILE}
    put(f"failed/net_promoter/{'x' * 8}", status="error", question=HOSTILE, failure=failure)
    soup = listed(reports)
    assert not soup(["script", "img", "link", "iframe"])
    assert soup.h2.get_text() == HOSTILE
    for element in soup.find_all(True):
        assert not any(name.startswith("on") for name in element.attrs)
        assert "://" not in element.get("href", "")


def test_the_folder_can_be_moved(reports, put, tmp_path):
    put("net_promoter/wave-1")
    first = write_gallery(reports).read_bytes()
    assert str(tmp_path).encode() not in first
    moved = tmp_path / "sent" / "on"
    shutil.copytree(reports, moved)
    assert write_gallery(moved).read_bytes() == first
