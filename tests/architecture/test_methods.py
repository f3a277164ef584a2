"""The pages of methods are those that docstrings and tests make, and lack no public function."""

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "methods"
FLOORS = ("survey", "segmentation", "loyalty")
# What reads a file, checks it, arranges rows or bundles what others compute: no number of its own.
COMPUTES_NOTHING = {
    "survey": {
        *("read_raw", "read_responses", "read_export", "codebook_draft", "missing_reasons"),
        *("analysis_plan", "importance_evidence", "first_driver", "practice_levels"),
        *("path_structure", "acsi_paths", "ecsi_paths", "evaluation_table"),
    },
    "segmentation": {
        *("order_book", "customer_periods", "period_pair", "segment_plan"),
        *("rfm_rules", "rfm_segments", "check_rules"),
    },
    "loyalty": {
        *("churn_plan", "forecast_plan", "ladder_plan", "recommendation_plan", "contact_options"),
        *("contract_durations", "stage_rules", "read_stage_rules", "ladder_of", "ladder_stages"),
        *("ladder_answers", "net_promoter_views", "funnel_scenarios", "claim_verdicts"),
    },
}


@pytest.fixture(scope="module")
def maker():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs")
        return importlib.import_module("make_methods")


@pytest.fixture(scope="module")
def committed():
    return {file.name: file.read_text(encoding="utf-8") for file in PAGES.glob("*.md")}


def public(floor):
    module = importlib.import_module(f"custlib.{floor}")
    functions = {name: getattr(module, name) for name in module.__all__}
    return {name: one for name, one in functions.items() if inspect.isfunction(one)}


def section(function, title):
    parts = re.split(r"^(\w+)\n-{3,}\n", inspect.getdoc(function) or "", flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(title, "")


def test_the_committed_pages_are_those_that_are_made(maker, committed):
    made = maker.pages()
    assert set(committed) == set(made), "run `make docs`"
    old = [name for name, text in made.items() if committed[name] != text]
    assert not old, f"run `make docs`: {old}"


@pytest.mark.parametrize("floor", FLOORS)
def test_every_public_function_is_on_one_page_with_its_first_sentence(committed, floor):
    for name, function in public(floor).items():
        articles = [
            part
            for text in committed.values()
            for part in text.split("\n## ")[1:]
            if f"`custlib.{floor}.{name}` ·" in part
        ]
        assert len(articles) == 1, f"{floor}.{name} is on {len(articles)} pages"
        first = inspect.getdoc(function).split("\n\n")[0].split()
        assert [re.sub(r"[`\\]", "", word) for word in articles[0].split()[1 : 1 + len(first)]] == [
            re.sub(r"[`\\]", "", word) for word in first
        ], name


@pytest.mark.parametrize("floor", FLOORS)
def test_who_names_a_source_says_what_it_assumes_and_when_not_to_use_it(floor):
    lacking = {
        name: [label for label in ("Assumes:", "Not for:") if f"\n{label} " not in f"\n{notes}"]
        for name, function in public(floor).items()
        if section(function, "References")
        for notes in [section(function, "Notes")]
    }
    assert not {name: labels for name, labels in lacking.items() if labels}


@pytest.mark.parametrize("floor", FLOORS)
def test_what_computes_a_number_states_its_formula(maker, floor):
    stated = {
        one.name: "```text" in maker.notes(one.told(""), {})
        for one in maker.quantities()
        if one.floor == floor
    }
    without = {name for name, formula in stated.items() if not formula}
    assert without == COMPUTES_NOTHING[floor], "a formula, or a name in the list"


def test_a_page_shows_what_is_assumed_and_what_r_gives(committed):
    page = committed["reliability.md"]
    for part in (
        "**Assumes** items carry the one thing equally",
        "**Not for** proof that there is one dimension",
        "alpha = k/(k−1) (1 − sum of item variances / variance of the sum)\n",
        "**Source** Cronbach, L. (1951).",
        "| b | 3 | 4 | 3 | 2 |",
        "# Squared deviations: fast 5, kind 4, clear 8, each over 3; sums 4, 7, 10, 13: 45 over 3.",
        ">>> table = cronbach_alpha(answers, items=list",
        "| estimate | 0.933333 | `psych::alpha(answers)$total$raw_alpha` |",
    ):
        assert part in page, part


def test_every_number_of_r_stands_on_a_page(committed):
    file = ROOT / "tests" / "oracles" / "docstring_examples" / "expected.json"
    written = "\n".join(committed.values())
    for key, entry in json.loads(file.read_text(encoding="utf-8"))["values"].items():
        number = key.split(".", 2)[2].replace("_", " ")
        assert f"| {number} | {entry['value']:.6g} | `" in written, key


def test_every_file_of_worked_tables_is_shown_somewhere(committed):
    written = "\n".join(committed.values())
    files = [file.name for file in (ROOT / "tests" / "worked").glob("test_*.py")]
    assert not [name for name in files if f"(../../tests/worked/{name})" not in written]


def test_every_link_leads_somewhere(committed):
    for name, text in committed.items():
        prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)]+)\)", prose):
            file, _, anchor = target.partition("#")
            path = PAGES / (file or name)
            if target.startswith("https://doi.org/10."):
                continue
            assert path.exists(), f"{name}: {target}"
            assert not anchor or f"\n## {anchor}\n" in committed[path.name], f"{name}: {target}"


def test_rooms_that_pages_are_made_of_are_there(maker):
    for name, _, floor, rooms in maker.TOPICS:
        for room in rooms.split():
            path = (ROOT / "custlib" / floor).joinpath(*room.split("."))
            assert path.is_dir() or path.with_suffix(".py").is_file(), f"{name}: {floor}.{room}"


def test_a_formula_gets_a_line_of_its_own(maker):
    text = (
        "Of n = 60 rows. W = 12 S/(m²(k³ − k)); S the squares, et al. 2014. It is `rake` of a_b *."
    )
    assert maker.notes(text, {"rake": "weights.md#rake"}).split("\n\n") == [
        "Of n = 60 rows.",
        "```text\nW = 12 S/(m²(k³ − k))\n```",
        "S the squares, et al. 2014. It is [`rake`](weights.md#rake) of a_b \\*.",
    ]


def test_what_a_formula_adds_in_words_is_prose(maker):
    text = (
        "W = (a + b)/2; value next = a/(1 − (b; c)); both less cost; a panel has b − c. Then more."
    )
    assert maker.notes(text, {}).split("\n\n") == [
        "```text\nW = (a + b)/2\nvalue next = a/(1 − (b; c))\n```",
        "Both less cost.",
        "```text\na panel has b − c\n```",
        "Then more.",
    ]


def test_a_source_after_a_doi_stays_apart(maker):
    text = "A, B. (2006). doi:10.1/x.i01\nJohnson, J. (2000). C 3:1. doi:10.1/y (D 1)."
    assert maker.sources(text) == (
        "A, B. (2006). [doi:10.1/x.i01](https://doi.org/10.1/x.i01). Johnson, J. (2000). C 3:1. "
        "[doi:10.1/y](https://doi.org/10.1/y) (D 1)."
    )


def test_parameters_and_returns_are_folded_below_an_article(committed):
    page = committed["lorenz.md"]
    article = page[page.index("\n## theoretical_top_share") :]
    assert article[article.index("<details>") :].startswith(
        "<details><summary>Parameters and returns</summary>\n\n**Parameters**\n\n"
        "- `top`, share in (0, 1)\n"
        "- `sigma`, float, at least 0: Standard deviation of the logarithm: sizes are lognormal.\n"
    )
    assert "**Returns**\n\n- `float`\n\n</details>" in article


def test_a_small_example_leads_to_the_full_comparison(maker, committed):
    written = "\n".join(committed.values())
    for key, folder in maker.COMPARED.items():
        article = written[written.index(f"\n`custlib.{key}` ·") :].split("\n## ")[0]
        told = rf"The full comparison, \d+ numbers of .+, is in \[tests/oracles/{folder}\]\("
        assert re.search(told, article), key


def test_a_room_without_a_page_is_named(maker, monkeypatch):
    monkeypatch.setattr(maker, "TOPICS", [one for one in maker.TOPICS if one[0] != "kano"])
    with pytest.raises(LookupError, match=r"survey\.evaluation_table is in kano\.evaluation"):
        maker.pages()
