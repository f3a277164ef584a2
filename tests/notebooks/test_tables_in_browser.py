"""Tables on a narrow screen: what goes on behind an edge is told, and captions are read whole."""

import base64
import io
from pathlib import Path

import pandas as pd
import pytest
from browser import Browser
from PIL import Image

from custlib.report.page import document
from custlib.report.tables import show

CAPTION = "Periods until that rung or a higher one, of those who get there; share that ever does"
WIDE = pd.DataFrame({f"column_{at}": ["a value without an end"] for at in range(9)})
BOX = "document.querySelector('.result').getBoundingClientRect().toJSON()"


@pytest.fixture(scope="module")
def browser():
    with Browser() as shared:
        shared.size(390, 844)
        yield shared


def page_of(folder, html):
    page = Path(folder, "page.html")
    start = document("sweep.html", question="", name="", keys=[], runs=[], files=[], picture="",
                     alt="", note="", failed=[])  # fmt: skip
    page.write_text(start.replace('<section class="gallery">', html, 1), encoding="utf-8")
    return page


def shades(browser):
    """Darkest shade of red of each of the six columns of pixels at the right edge of a table."""
    browser.run("document.documentElement.style.colorScheme = 'light'")
    picture = base64.b64decode(browser.send("Page.captureScreenshot")["data"])
    box, image = browser.run(BOX), Image.open(io.BytesIO(picture)).convert("RGB")
    right, middle = int(box["x"] + box["width"]), int(box["y"] + box["height"] / 2)
    return [image.getpixel((right - at, middle))[0] for at in range(1, 7)]


@pytest.mark.parametrize("beyond", [7, 14, 200])
def test_a_table_that_goes_on_by_a_few_pixels_has_a_shadow_at_its_edge(browser, tmp_path, beyond):
    inside = f'<div style="width: calc(100% + {beyond}px); height: 5rem"></div>'
    browser.open(page_of(tmp_path, f'<div class="result">{inside}</div>'))
    paper = 253  # the red of #fdfcfa
    assert min(shades(browser)) < paper - 60
    browser.run("document.querySelector('.result').scrollLeft = 9999")
    assert min(shades(browser)) == paper


def test_a_table_that_fits_has_no_shadow(browser, tmp_path):
    browser.open(page_of(tmp_path, '<div class="result"><div style="height: 5rem"></div></div>'))
    assert min(shades(browser)) == 253


def test_a_caption_stays_within_what_is_seen_of_its_table(browser, tmp_path):
    shown = show(WIDE, caption=CAPTION)._repr_html_()
    browser.open(page_of(tmp_path, shown))
    box = browser.run(BOX)
    caption = "document.querySelector('caption').getBoundingClientRect().toJSON()"
    for scrolled in (0, 300):
        browser.run(f"document.querySelector('.result').scrollLeft = {scrolled}")
        told = browser.run(caption)
        assert told["left"] >= box["left"]
        assert told["right"] <= box["right"]
    assert browser.run("document.querySelector('table').offsetWidth") > 2 * box["width"]
