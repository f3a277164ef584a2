"""The page of a report as it is printed: without code and controls, its figures as vectors."""

import base64
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate

from bs4 import BeautifulSoup, Tag

from custlib.report.words import MARKS, catalogue

# What a page has for a screen, or for those who wish to read the code.
SCREEN = ".skip, .side, .place, details.code, details.recorded, div.prompt:empty, style, meta"
CODE = "The code of the study is left out here; report.ipynb, beside this file, has all of it."
# What nbconvert puts around a cell; where nothing is left in it, it would leave a gap.
WRAPPERS = ", ".join(
    f"#report-study div.{name}"
    for name in (
        *("cell", "inner_cell", "text_cell_render", "input", "output_wrapper", "output"),
        *("output_area", "output_html", "output_markdown"),
    )
)
# Widths are counted in small letters of a table's type; a line of A4 has room for so many.
LINE, SMALLER_LINE, GAP = 104, 121, 1.6
NARROW_SIGNS, WIDER = frozenset("abcdefghijklmnopqrstuvwxyz .,:;()-/'"), 1.17
# A text may be broken between words, and anywhere in a word that is longer than a column.
NARROWEST, LONGEST_WORD = 15, 22
# The time that a word takes to be set grows with the square of its length.
ENDLESS_WORD, SHOWN = re.compile(r"\S{400,}"), 200
# A table of so few rows is kept on one page.
KEPT_WHOLE = 11


def printed_page(html: str, *, vectors: Mapping[str, str], written: str) -> str:
    """The page for print.

    Parameters
    ----------
    html : str
        Page of a report, as `render` made it.
    vectors : mapping
        SVG of the figures by their keys; any other figure keeps its dots.
    written : str
        Moment of the run, which the file names as that of its making.

    Returns
    -------
    HTML without style sheet, code or script; a table that is wider than a page is cut into parts,
    and of a word without end the head is kept.
    """
    page = BeautifulSoup(html, "html.parser")
    for element in page.select(SCREEN):
        element.decompose()
    _set_moment(page, written)
    _place_contents(page)
    _tell_of_code(page)
    # All of them stand on the first page.
    for finding in page.select("#report-study .finding") if page.select("#report-found") else ():
        finding.decompose()
    for wrapper in page.select(WRAPPERS):
        wrapper.unwrap()
    for figure in page.select("figure[id^=figure-]"):
        vector, image = vectors.get(str(figure["id"]).removeprefix("figure-")), figure.img
        if vector and image:
            drawn = base64.b64encode(vector.encode("utf-8")).decode("ascii")
            image["src"] = f"data:image/svg+xml;base64,{drawn}"
    for text in page.find_all(string=ENDLESS_WORD):
        text.replace_with(ENDLESS_WORD.sub(_shortened, text))
    for table in page("table"):
        fit_table(table)
    return str(page)


def _shortened(word: re.Match[str]) -> str:
    return f"{word[0][:SHOWN]}… [{len(word[0]):,}]"


def language_of(html: str | BeautifulSoup) -> str:
    """Language that the page names as its own."""
    page = html if isinstance(html, BeautifulSoup) else BeautifulSoup(html, "html.parser")
    named = str(page.html.get("lang", "en")) if page.html else "en"
    return named if named in MARKS else "en"


def fit_table(table: Tag) -> None:
    """Make a table no wider than the page: in smaller type, else in parts one below the other.

    Parameters
    ----------
    table : Tag
        Of a page; changed in place. Each part repeats the first column. A table whose cells span
        several columns is not cut: its columns get equal widths, and its words are broken.
    """
    rows = [row.find_all(["th", "td"], recursive=False) for row in table("tr")]
    if len(rows) <= KEPT_WHOLE:
        _mark(table, "whole")
    if table.caption and len(table.caption.get_text()) < LINE:
        _mark(table.caption, "short")
    for cell in (cell for row in rows for cell in row):
        text = cell.get_text().strip()
        if any(len(word) > LONGEST_WORD for word in text.split()):
            _mark(cell, "long")
        elif cell.name == "td" and len(text) <= NARROWEST:
            _mark(cell, "short")
    plain = len({len(row) for row in rows}) == 1 and not table.select("[colspan], [rowspan]")
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)] if plain else []
    if plain and sum(widths) <= LINE:
        return
    if plain and sum(widths) <= SMALLER_LINE:
        _mark(table, "smaller")
    elif plain:
        _cut(table, list(_parts(widths)))
    elif sum(_width(cell) for cell in max(rows, key=len, default=[])) > LINE:
        _mark(table, "forced")


def _width(cell: Tag) -> float:
    """Letters that a cell needs at the least, with the gap beside it."""
    text = cell.get_text().strip()
    whole, longest = _letters(text), max(map(_letters, text.split()), default=0.0)
    unbroken = cell.name == "td" and "number" in _classes(cell)
    needed = whole if unbroken else max(longest, min(whole, NARROWEST))
    return min(needed, 2 * LONGEST_WORD) + GAP


def _letters(text: str) -> float:
    """Width of a text: figures, capitals and letters of other alphabets are wider."""
    return sum(1.0 if sign in NARROW_SIGNS else WIDER for sign in text)


def _parts(widths: list[float]) -> Iterator[range]:
    """Columns of each part besides the first column, as many as a line has room for."""
    begin, room = 1, LINE - widths[0]
    while begin < len(widths):
        sums = accumulate(widths[begin:])
        count = max(sum(total <= room for total in sums), 1)
        yield range(begin, begin + count)
        begin += count


def _cut(table: Tag, parts: list[range]) -> None:
    """Put tables of some of the columns in the place of the whole table."""
    if len(parts) < 2:
        _mark(table, "smaller")
        return
    text = str(table)
    for number, columns in enumerate(parts):
        part = BeautifulSoup(text, "html.parser").table
        if part is None:
            return
        kept = {0, *columns}
        for row in part("tr"):
            for at, cell in enumerate(row.find_all(["th", "td"], recursive=False)):
                if at not in kept:
                    cell.decompose()
        for group in part("colgroup"):
            group.decompose()
        if number and part.caption:
            part.caption.decompose()
        _mark(part, "part")
        table.insert_before(part)
    table.decompose()


def _mark(element: Tag, name: str) -> None:
    element["class"] = " ".join([*_classes(element), name])


def _classes(element: Tag) -> list[str]:
    """Names of the element's classes, however they were set."""
    names = element.get("class") or ""
    return names.split() if isinstance(names, str) else list(names)


def _set_moment(page: BeautifulSoup, written: str) -> None:
    """Tell when the file was made, so that it is not the moment of printing."""
    if page.head:
        for name in ("dcterms.created", "dcterms.modified"):
            page.head.append(page.new_tag("meta", attrs={"name": name, "content": written}))


def _place_contents(page: BeautifulSoup) -> None:
    """Put the contents after the findings, which come first."""
    contents, found = page.select_one("details.contents-small"), page.select_one("#report-found")
    if contents and found:
        found.insert_after(contents.extract())


def _tell_of_code(page: BeautifulSoup) -> None:
    """Say where the code stands that is not printed."""
    heading, say = page.select_one("#report-study > h2"), catalogue(language_of(page))
    if heading:
        note = page.new_tag("p", attrs={"class": "foot"})
        note.string = say(CODE)
        heading.insert_after(note)
