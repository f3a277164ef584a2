"""The glossary speaks as the reports do: same words, names that exist, rows in order."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from babel.messages.pofile import read_po

from custlib import columns, design, intervals, loyalty, segmentation, survey

ROOT = Path(__file__).parents[2]
PACKAGES = (survey, segmentation, loyalty, intervals, design)
LANGUAGES = ("ru", "sl")


class Row(NamedTuple):
    """One row of a table of the glossary."""

    table: str
    en: str
    ru: str
    sl: str
    meaning: str
    name: str


def rows():
    """Every row under its table's heading; a row of another width is an error of the page."""
    table, found = "", []
    for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            table = line.removeprefix("## ")
        elif line.startswith("|") and not line.startswith(("| English", "|---")):
            found.append(Row(table, *(cell.strip() for cell in line.strip("|").split("|"))))
    return found


ROWS = rows()
BY_TERM = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.en)


def plain(text):
    """A term without its case and its dashes, as names of measures are written with neither."""
    return re.sub(r"[_–-]", " ", text).casefold()


def words_of_reports():
    """Translations by plain English term, from the catalogues and from labels of the codebooks."""
    known = {language: {} for language in LANGUAGES}
    for language in LANGUAGES:
        path = ROOT / f"custlib/report/locale/{language}/report.po"
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and message.id:
                    known[language].setdefault(plain(message.id), set()).add(plain(message.string))
    for path in (ROOT / "data").glob("*/codebook.yaml"):
        for label in labels_in(yaml.safe_load(path.read_text(encoding="utf-8"))):
            for language in LANGUAGES:
                told = known[language].setdefault(plain(label["en"]), set())
                told.add(plain(label[language]))
    return known


def labels_in(node):
    """Every text of a codebook that stands there in all languages."""
    if isinstance(node, dict):
        if {"en", *LANGUAGES} <= node.keys():
            yield node
        for value in node.values():
            yield from labels_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from labels_in(value)


KNOWN = words_of_reports()


def test_the_glossary_has_its_tables():
    assert 60 <= len(ROWS) <= 90
    assert len({row.en for row in ROWS}) == len(ROWS), "a term stands twice"
    shared = [row.en for row in ROWS if plain(row.en) in KNOWN["ru"]]
    assert len(shared) >= 40, "hardly any term is a word of the reports"


@pytest.mark.parametrize("table", dict.fromkeys(row.table for row in ROWS))
def test_rows_are_sorted(table):
    terms = [plain(row.en) for row in ROWS if row.table == table]
    assert terms == sorted(terms)


@BY_TERM
def test_a_term_has_three_languages_and_one_sentence(row):
    assert all((row.en, row.ru, row.sl))
    assert re.search("[а-яё]", row.ru.casefold())
    assert not re.search("[а-яё]", (row.en + row.sl + row.meaning).casefold())
    assert re.fullmatch(r"[A-Z0-9][^.]*(\.\d[^.]*)*\.", row.meaning), "one sentence"


@BY_TERM
def test_a_term_is_translated_as_in_reports_and_codebooks(row):
    for language in LANGUAGES:
        told = KNOWN[language].get(plain(row.en))
        assert told is None or plain(getattr(row, language)) in told


@BY_TERM
def test_what_a_term_names_exists(row):
    if row.name:
        name = re.fullmatch(r"`(\w+)`", row.name)[1]
        if row.table == "Columns of result tables":
            assert plain(columns.VOCABULARY[name].meaning) == plain(row.en)
        else:
            assert any(hasattr(package, name) for package in PACKAGES)
