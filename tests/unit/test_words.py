"""The catalogues have every fixed word that a report can show, in the right form."""

import ast
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import custlib
from custlib import charts
from custlib.columns import VOCABULARY
from custlib.errors import ParameterError
from custlib.report import cells, numbers, render
from custlib.report.words import AFTER_NUMBER, LOCALE, PHRASES, catalogue
from custlib.study.manifest import FINDING, TABLE

PACKAGE = Path(custlib.__file__).parent
STUDIES = Path(__file__).parents[2] / "notebooks" / "studies"
SPEAKING = ["01_steel_satisfaction", "02_steel_priorities"]
LANGUAGES = ["ru", "sl"]
# The page of a failed run, and the lists of runs, are for those who run them.
ENGLISH = {"failure.html"}
# Columns whose values the library makes up, and so are words of a report.
MADE = [
    *("measure", "method", "effect_kind", "quadrant", "verdict", "category", "note"),
    *("importance", "lines"),
]
UNITS = ["points", "statements", "probability", "Kendall's W"]
# What a page can say and these two studies do not at their defaults.
RARE = {
    *("does not hold", "undecided", "cannot be tested", "not computed", "sign open"),
    *("sure", "likely", "open", "same sign", "basic", "excitement", "performance"),
    *("simulated", "importance", "lines", cells.ALL, " and "),
    # Remarks on thin data.
    *("no answers", "one answer", "too few answers", "too few clusters for a standard error"),
    *("no rising straight line", "no other item", "no respondents", "no durations", "real"),
    *("every answer is the same: nothing to test", "too few clusters for a test"),
    "every answer of one group is above every answer of the other: no standard error",
    "no sampling error is left: the clusters agree, or all of them are in the sample",
    *("fewer than 2 complete rankings", "the answers do not allow the test"),
    *("every respondent weighs the same", "raking starts from equal weights", "weights"),
}


def texts_of(node):
    """The texts that an expression can come to, or holds as a mapping or in a row."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    parts = {ast.IfExp: ("body", "orelse"), ast.Dict: ("values",), ast.Tuple: ("elts",)}
    found = [getattr(node, name) for name in parts.get(type(node), ())]
    nodes = [one for part in found for one in (part if isinstance(part, list) else [part])]
    return set().union(*map(texts_of, nodes))


def said(source):
    """Texts passed to `say`, themselves or by a name or a mapping that holds them."""
    tree = ast.parse(source)
    held = {}
    for node in ast.walk(tree):
        for name in ast.walk(ast.Tuple(node.targets)) if isinstance(node, ast.Assign) else ():
            if isinstance(name, ast.Name):
                held.setdefault(name.id, set()).update(texts_of(node.value))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
            text = node.args[0]
            text = text.value if isinstance(text, ast.Subscript) else text
            found |= held.get(text.id, set()) if isinstance(text, ast.Name) else texts_of(text)
    return found


def code_of(name):
    notebook = json.loads((STUDIES / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def made_by(name):
    """Names in the recorded tables and findings of a study, as it is committed."""
    for output in (one for cell in code_of(name) for one in cell["outputs"]):
        table = output.get("data", {}).get(TABLE)
        for column in MADE if table else ():
            if column in table["columns"]:
                at = table["columns"].index(column)
                yield from (row[at] for row in table["data"] if row[at])
        finding = output.get("data", {}).get(FINDING)
        if finding and finding["verdict"]:
            yield finding["verdict"]


def in_templates():
    for path in sorted((PACKAGE / "report" / "templates").glob("*.html")):
        if path.name in ENGLISH:
            continue
        with path.open("rb") as file:
            for _, _, text, _ in babel_extract(
                file, ("_", "gettext", "ngettext"), [], {"trimmed": "true"}
            ):
                yield text if isinstance(text, tuple) else (text,)


def needed():
    """Every text that has to be in a catalogue: (context, text)."""
    python = [*(PACKAGE / "report").glob("*.py"), *(PACKAGE / "charts").glob("*.py")]
    texts = set().union(*(said(path.read_text(encoding="utf-8")) for path in python))
    texts |= {
        cell
        for name in SPEAKING
        for part in code_of(name)
        for cell in said("".join(part["source"]))
    }
    texts |= {text[0] for text in in_templates()}
    texts |= {text for text in gaps() if not phrase(text)}
    texts |= {*PHRASES, *RARE, *cells.SHORT.values(), *render.OUTCOMES.values()}
    texts |= {word for column in VOCABULARY.values() for word in (column.meaning, column.unit)}
    texts |= {text for name in SPEAKING for text in made_by(name) if not phrase(text)}
    return {(None, text) for text in texts} | {(AFTER_NUMBER, unit) for unit in [*UNITS, "bytes"]}


def gaps():
    """Every gap that a plan of analysis tells, its places filled, and what it is a gap of."""
    for module in ("plan", "evidence"):
        tree = ast.parse((PACKAGE / "survey" / f"{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                target = node.targets[0]
                if getattr(target.value, "id", "") == "gaps":
                    yield from texts_of(target.slice)
                    yield filled(node.value)


def filled(node):
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        getattr(part, "value", "7") if isinstance(part, ast.Constant) else "7" for part in parts
    )


def phrase(text):
    return any(re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(one)), text) for one in PHRASES)


def read(language):
    with (LOCALE / language / "report.po").open("rb") as file:
        return read_po(file, locale=language)


def key(message):
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context, text


def forms(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


def places(text):
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}|</?\w+>", text))


@pytest.fixture(scope="module")
def words():
    return needed()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_word_that_a_report_shows(language, words):
    have = {key(message) for message in read(language) if message.id and all(forms(message))}
    assert sorted(words - have, key=str) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_nothing_that_no_report_shows(language, words):
    catalogue_ = read(language)
    have = {key(message) for message in catalogue_ if message.id}
    assert sorted(have - words, key=str) == []
    assert not catalogue_.obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_analysis_could_not_do_is_told(language):
    told = set(gaps())
    assert len(told) > 15
    # Slovene has the word from English.
    same = {text for text in told if catalogue(language).name(text) == text}
    assert same <= {"raking"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language):
    assert [message.id for message in read(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_text(language):
    for message in read(language):
        for text in forms(message) if message.id else ():
            one = message.id if isinstance(message.id, str) else message.id[-1]
            assert places(text) == places(one), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_end_as_the_english_words_do(language):
    """A lost full stop, a blank or a capital shows on the page."""
    for message in read(language):
        for text in forms(message) if message.id else ():
            one = message.id if isinstance(message.id, str) else message.id[0]
            assert text.endswith(".") == one.endswith("."), text
            assert text.strip() == text or one.strip() != one, text
            assert '"' not in text
            assert "  " not in text or "  " in one


ROWS = {
    "ru": {
        "строка": [1, 21, 101],
        "строки": [2, 3, 24],
        "строк": [0, 5, 11, 12, 111],
    },
    "sl": {
        "vrstica": [1, 101],
        "vrstici": [2, 102],
        "vrstice": [3, 4, 103],
        "vrstic": [0, 5, 11, 21],
    },
}


@pytest.mark.parametrize(
    ("language", "n", "word"),
    [(one, n, word) for one in ROWS for word in ROWS[one] for n in ROWS[one][word]],
)
def test_a_noun_has_the_form_that_its_number_asks_for(language, n, word):
    one, many = "Recorded table %(key)s, %(rows)s row", "Recorded table %(key)s, %(rows)s rows"
    text = catalogue(language).translations.ngettext(one, many, n)
    assert (text % {"key": "means", "rows": n}).endswith(f", {n} {word}")


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        *[("ru", 1, "1 балл"), ("ru", 3, "3 балла"), ("ru", 5, "5 баллов"), ("ru", 21, "21 балл")],
        *[("ru", 0.97, "0,97 балла"), ("ru", -2, "−2 балла"), ("ru", 11, "11 баллов")],
        *[("sl", 1, "1 točka"), ("sl", 2, "2 točki"), ("sl", 3, "3 točke"), ("sl", 5, "5 točk")],
        *[("sl", 0.97, "0,97 točke"), ("sl", 101, "101 točka"), ("sl", 102, "102 točki")],
        *[("en", 0.97, "0.97 points"), ("en", 2, "2 points")],
    ],
)
def test_a_unit_has_the_form_that_its_number_asks_for(language, value, text):
    said = numbers.estimate_with_interval(value, None, None, unit="points", language=language)
    assert said.replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "5 of 14 sure"), ("ru", "надёжно: 5 из 14"), ("sl", "zanesljivo: 5 od 14")],
)
def test_a_phrase_around_numbers_is_found_again(language, text):
    assert catalogue(language).name("5 of 14 sure") == text


def test_remarks_in_a_row_are_told_one_by_one():
    told = catalogue("ru").name("penalty: sign reversed; reward: no such remark")
    assert told == "штраф: знак обратный; награда: no such remark"


@pytest.mark.parametrize("text", ["", "<b>%(key)s</b>", "{0} {name} %s"])
def test_words_that_no_catalogue_has_stay_as_they_are(text):
    assert catalogue("ru").name(text) == catalogue("ru")(text) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "29 November 2026"), ("ru", "29 ноября 2026 г."), ("sl", "29. november 2026")],
)
def test_a_date_has_its_month_in_words(language, text):
    assert " ".join(catalogue(language).date(date(2026, 11, 29)).split()) == text


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("4.2 s", "2 min 5 s", "812 bytes", "52.4 kB")),
        ("ru", ("4,2 с", "2 мин 5 с", "812 байт", "52,4 кБ")),
        ("sl", ("4,2 s", "2 min 5 s", "812 bajtov", "52,4 kB")),
    ],
)
def test_times_and_sizes_speak_the_language(language, texts):
    spoken = {"language": language}
    told = [numbers.duration(4.23, **spoken), numbers.duration(125.4, **spoken)]
    told += [numbers.file_size(812, **spoken), numbers.file_size(52_400, **spoken)]
    assert [text.replace("\u00a0", " ") for text in told] == list(texts)


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="language is 'xx'"):
        catalogue("xx")


def test_a_figure_speaks_the_words_it_is_given_and_forgets_them():
    shares = pd.DataFrame({"item": ["a"] * 2, "answer": [1, 2], "estimate": [0.4, 0.6]})
    with charts.style(catalogue("ru")):
        ax = charts.finish(charts.plot_answers(shares), source="опрос", n=1204, conf_level=0.999)
    with charts.style():
        plain = charts.finish(charts.plot_answers(shares), source="survey", n=1204)
    assert ax.get_xlabel() == "Доля ответов"
    footer = "Источник: опрос · n = 1\u202f204 · 99,9 % доверительные интервалы"
    assert " ".join(ax.figure.get_supxlabel().split("\n")) == footer
    assert plain.get_xlabel() == "Share of answers"
    assert plain.figure.get_supxlabel() == "Source: survey · n = 1,204"


def test_numbers_along_an_axis_have_the_marks_of_the_language():
    rows = pd.DataFrame({"item": ["a", "b"], "estimate": [0.1, 0.4]})
    rows = rows.assign(ci_low=rows["estimate"] - 0.05, ci_high=rows["estimate"] + 0.05)
    with charts.style(catalogue("sl")):
        ax = charts.finish(charts.plot_profile(rows), source="anketa")
    ax.figure.canvas.draw()
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert any("," in tick for tick in ticks)
    assert not any("." in tick for tick in ticks)


def test_english_words_need_no_babel():
    code = (
        "import sys, custlib.cli, pandas\nfrom custlib.report import page, tables\n"
        "table = tables.show(pandas.DataFrame({'n': [1]}))\n"
        "page.filled('recorded.html', table=table, key='a', rows=1)\n"
        "assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def unspoken(source):
    """Captions, descriptions, units and notes that a study shows without having `say` say them."""
    tree = ast.parse(source)
    says = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "say(" in ast.unparse(node.value)
        for name in ast.walk(ast.Tuple(node.targets))
        if isinstance(name, ast.Name)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for word in call.keywords if getattr(call.func, "attr", "") != "find" else ():
            if word.arg in ("caption", "alt", "unit", "note"):
                value = ast.unparse(word.value)
                if "say(" not in value and value not in says | SHOWN_AS_THEY_ARE:
                    yield value


# Titles of the data, which the codebook has in every language; and a share, written in percent.
SHOWN_AS_THEY_ARE = {"title", "footer['source']", "'share'"}


@pytest.mark.parametrize("name", SPEAKING)
def test_a_study_shows_no_words_that_it_does_not_translate(name):
    found = [text for cell in code_of(name) for text in unspoken("".join(cell["source"]))]
    assert found == []


def test_words_that_are_not_translated_are_found():
    source = 'alt = "a"\nf(caption="b", alt=alt)\nf(note=say("c"), unit=f"{x}")'
    assert sorted(unspoken(source)) == ["'b'", "alt", "f'{x}'"]
