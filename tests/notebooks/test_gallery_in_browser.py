"""The list of reports as a reader uses it: searched and sorted in a browser, from the disk."""

import json
import runpy
from pathlib import Path
from urllib.parse import quote

import pytest
from browser import Browser

from custlib.report.gallery import write_gallery

TESTS = Path(__file__).parents[1]
record = runpy.run_path(str(TESTS / "unit" / "test_gallery.py"))["record"]
# Name, study, question, market, day of November, first finding, whether it was reproduced.
RUNS = (
    ("a", "steel", "Are traders served worse?", "iran", 4, "Widest gap: −0.97 points.", True),
    ("b", "steel", "Are traders served worse?", "east_asia", 7, "Price is the widest gap.", None),
    ("c", "kupci", "Ali so kupci v Šoštanju zadovoljni?", "iran", 6, "Žal ne, 29\u00a0%.", False),
    ("d", "опрос", "Довольны ли клиенты доставкой?", "middle_east", 5, "Ещё нет.", None),
)
VISIBLE = """[...document.querySelectorAll("article")]
    .filter((one) => one.checkVisibility())
    .map((one) => one.querySelector("h3 a").getAttribute("href").split("/").at(-2))
    .join("")"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    reports = tmp_path_factory.mktemp("reports")
    for name, study, question, market, day, sentence, same in RUNS:
        check = {"when": "2026-11-20", "same": same, "findings": 1, "tables": 0}
        check |= {"custlib_sha256": "f" * 64, "python": "3.11.7", "platform": "Linux"}
        one = {"key": "k", "sentence": sentence, "value": 1, "cell": 3, "rtol": 0, "atol": 0}
        content = record(
            id=name * 64,
            study=study,
            question=question,
            parameters={"market": market, "wave": "2025Q1"},
            changed=["market"],
            findings=[one],
            runtime={"started": f"2026-11-{day:02}T10:00:00+00:00", "seconds": 1},
            verified=[check] if same is not None else [],
        )
        put(reports / study / name, content)
    failure = {"message": "No answers from Iran."}
    put(reports / "failed" / "steel" / "e", record(status="error", failure=failure, findings=[]))
    return write_gallery(reports)


def put(folder, content):
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "report.html").write_text("", encoding="utf-8")


@pytest.fixture(scope="module")
def shared(page):
    with Browser() as browser:
        browser.open(page)
        yield browser


@pytest.fixture
def browser(shared, page):
    """The page as it opens; after each test nothing has gone wrong, and nothing was fetched."""
    shared.run("location.replace('#'); dispatchEvent(new Event('hashchange'))")
    yield shared
    assert shared.run("location.pathname") == page.as_posix()
    assert not shared.errors
    assert {address.split("#")[0] for address in shared.requests} == {page.as_uri()}


def search(browser, text):
    browser.run("words.value = ''")
    browser.click("#words")
    browser.type(text)
    return browser.run(VISIBLE)


def told(browser):
    return browser.run("told.textContent")


def test_everything_is_listed_by_study_at_first(browser):
    assert browser.run(VISIBLE) == "cbade"
    assert told(browser) == "5 runs"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("traders", "ba"),
        ("IRAN", "cae"),
        ("iran gap", "a"),
        ("gap iran", "a"),
        ("market=iran", "ca"),
        ("kupci", "c"),
        ("sostanju", "c"),
        ("ŠOŠTANJU", "c"),
        ("zal", "c"),
        ("ДОВОЛЬНЫ", "d"),
        ("еще", "d"),
        ("-0.97", "a"),
        ("29 %", "c"),
        ("bbbbbbbb", "b"),
        ("not reproduced", "c"),
        ("nothing of the kind", ""),
        ("  ", "cbade"),
    ],
)
def test_a_search_leaves_the_runs_that_hold_every_word(browser, text, left):
    assert search(browser, text) == left
    if text.strip():
        assert told(browser) == f"{len(left) or 'None'} of 5 runs"


def test_a_heading_without_runs_is_hidden(browser):
    search(browser, "kupci")
    headings = "[...document.querySelectorAll('h2')].filter((one) => one.checkVisibility())"
    assert browser.run(f"{headings}.length") == 1


@pytest.mark.parametrize(
    ("order", "listed"), [("newest", "bcda"), ("name", "bcad"), ("verified", "abdc")]
)
def test_an_order_puts_all_runs_that_ended_well_in_one_list(browser, order, listed):
    browser.run(f"order.value = '{order}'; order.dispatchEvent(new Event('change'))")
    assert browser.run(VISIBLE) == f"{listed}e"
    assert browser.run("document.querySelector('#flat .of').checkVisibility()")
    browser.run("order.value = 'study'; order.dispatchEvent(new Event('change'))")
    assert browser.run(VISIBLE) == "cbade"


def test_the_address_keeps_the_search_and_opens_it_again(browser, page):
    search(browser, "iran ž")
    browser.press("Tab")
    browser.press("ArrowDown")
    address = browser.run("location.href")
    assert address == f"{page.as_uri()}#q=iran+{quote('ž')}&sort=newest"
    browser.open(address)
    assert browser.run("words.value + '|' + order.value") == "iran ž|newest"
    assert browser.run(VISIBLE) == "c"


def test_an_address_that_is_changed_by_hand_changes_the_list(browser):
    browser.run("location.hash = '#q=gap&sort=newest'")
    browser.wait("words.value === 'gap'")
    assert browser.run(VISIBLE) == "ba"
    browser.run("location.hash = '#sort=toString&other'")
    browser.wait("words.value === ''")
    assert browser.run(VISIBLE) == "cbade"


def test_the_address_is_plain_again_after_the_search_is_emptied(browser, page):
    search(browser, "gap")
    browser.wait("location.hash === '#q=gap'")
    browser.press("Escape")
    browser.wait("location.hash === ''")
    assert browser.run("location.href") == page.as_uri()


def test_keys_alone_reach_the_tools_and_the_focus_is_seen(browser, page):
    browser.open(page)
    for name in ("words", "order"):
        browser.press("Tab")
        assert browser.run("document.activeElement.id") == name
        assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_count_is_announced(browser):
    assert browser.run("told.getAttribute('role') + told.ariaLive") == "statuspolite"


def test_a_phone_shows_the_page_without_scrolling_sideways(browser):
    browser.size(390, 844)
    try:
        assert browser.run("document.documentElement.scrollWidth") == 390
    finally:
        browser.size(1280, 900)


def test_a_script_that_is_not_the_page_s_own_does_not_run(browser, page):
    """The watch over errors sees a breach of the policy, and the policy holds."""
    browser.run(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.breached = true'}))"
    )
    assert browser.run("window.breached === undefined")
    assert browser.errors
    assert "Content Security Policy" in browser.errors.pop()
