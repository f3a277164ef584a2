"""A first codebook for a file that has none: what each column is, by a truth planted in the file.

Every file is written here, and its answers are simulated.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.errors import DataError
from custlib.survey import Codebook, missing_reasons, read_export, read_responses
from custlib.survey.codebook.parts import canonical
from custlib.survey.draft import codebook_draft, kinds
from custlib.survey.draft.drafts import leave_out_unread
from custlib.survey.draft.kinds import kinds_of
from custlib.survey.draft.ladders import ladder_of
from custlib.survey.draft.naming import ADDED, latin, short_name, unique_name, without_stem
from custlib.survey.draft.observed import Observed, code_in, counted_columns
from custlib.survey.draft.parts import draft_parts
from custlib.survey.draft.vocabulary import is_personal_cell, means_no_answer
from custlib.survey.draft.writing import yaml_lines
from custlib.survey.exports import Export, ExportColumn
from custlib.survey.quality import response_quality
from custlib.survey.reading.answer_codes import NOT_AVAILABLE
from custlib.survey.reading.file_formats import RawResponses

N = 60
DATA = Path(__file__).parents[2] / "data"


def codes(*values):
    """A column of N rows that repeats these values."""
    return [values[at % len(values)] for at in range(N)]


def plain(folder, columns, name="answers.csv", *, delimiter=",", encoding="utf-8"):
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    text = "\n".join(delimiter.join(map(str, row)) for row in rows)
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def drafted(path):
    """The draft as a user gets it: written, read again, and held against its own file."""
    export = read_export(path)
    draft = codebook_draft(export, title=path.name)
    written = path.with_name("drafted.yaml")
    written.write_text(draft.text, encoding="utf-8")
    book = Codebook.read(written)
    answers = read_responses(path, codebook=book)
    assert len(answers) == len(export.table)
    assert book.items.keys() == draft.codebook.items.keys()
    return draft, book, answers


def scale(book, item):
    found = book.scale_of(item)
    return found.low, found.high


# What a column is


def test_a_plain_file_is_drafted_as_it_was_planted(tmp_path):
    columns = {
        "id": range(1001, 1001 + N),
        "market": codes("EU", "Asia", "EU"),
        "price": codes(1, 2, 3, 4, 5, 99),
        "delivery": codes(5, 4, 3, 2, 1),
        "recommend": codes(0, 3, 7, 8, 9, 10),
        "weight": codes(0.5, 1.25, 1.5),
        "duration": range(100, 100 + N),
        "submitted": [f"2025-03-{1 + at % 28:02d} 10:00" for at in range(N)],
        "empty": codes(""),
        "always": codes(3),
        "comment": codes("ask Ann", "late", "late"),
        "story": [f"remark number {at} of many" for at in range(N)],
        "age": [18 + at for at in range(N)],
    }
    draft, book, answers = drafted(plain(tmp_path, columns))
    assert {name: scale(book, name) for name in book.items} == {
        "price": (1, 5),
        "delivery": (1, 5),
        "recommend": (0, 10),
    }
    assert (book.weight, book.duration, book.submitted) == ("weight", "duration", "submitted")
    assert list(book.groups) == ["market"]
    assert (draft.by, draft.recommend) == ("market", "recommend")
    assert draft.left_out.keys() == {"id", "empty", "always", "comment", "story", "age"}
    assert draft.left_out["empty"] == "empty"
    assert draft.left_out["always"].startswith("constant")
    assert "99" in book.scale_of("price").missing
    # 99 stands in every sixth of the 60 rows.
    assert answers["price"].isna().sum() == 10
    assert answers["delivery"].tolist() == codes(5, 4, 3, 2, 1)


def test_every_guess_is_marked_and_has_its_ground(tmp_path):
    columns = {"price": codes(1, 2, 3, 4, 5), "service": codes(2, 3, 4), "area": codes("a", "b")}
    draft, _, _ = drafted(plain(tmp_path, columns))
    lines = draft.text.splitlines()
    for name in ("  price:", "  service:", "  area:", "  from_1_to_5:"):
        above = lines[: lines.index(name)][::-1]
        told = [line for line in above[:4] if line.startswith("  # guessed from")]
        assert told, name


@pytest.mark.parametrize(
    "values, ends",
    [
        ((1, 2, 3, 4, 5), (1, 5)),
        ((1, 2, 3, 5, 9), (1, 5)),
        ((1, 2, 4, 7), (1, 7)),
        ((1, 5, 9, 10), (1, 10)),
        ((0, 5, 10), (0, 10)),
        ((2, 3, 4, 98, 99), (1, 5)),
        ((1, 3, 5, -9), (1, 5)),
        ((3, 4, 5, "N/A"), (1, 5)),
    ],
)
def test_the_scale_is_that_of_the_answers_and_codes_beyond_it_are_none(tmp_path, values, ends):
    columns = {"rate_price": codes(*values), "rate_service": codes(*values[:-1], values[0])}
    _, book, answers = drafted(plain(tmp_path, columns))
    assert scale(book, "rate_price") == ends
    inside = [isinstance(one, int) and ends[0] <= one <= ends[1] for one in codes(*values)]
    assert answers["rate_price"].notna().tolist() == inside


@pytest.mark.parametrize("n", [30, 60, 200])
def test_one_slip_is_counted_and_made_missing_and_the_item_stays(tmp_path, n):
    price = [1 + at % 5 for at in range(n)]
    price[7] = 55
    columns = {"price": price, "service": [5 - at // 2 % 5 for at in range(n)]}
    draft, book, answers = drafted(plain(tmp_path, columns))
    assert scale(book, "price") == (1, 5)
    assert "look at: answers 55 (1 times): off the scale" in draft.text
    assert "off the scale (price)" in draft.doubts
    assert answers["price"].isna().sum() == 1


def test_many_codes_off_the_scale_make_no_item(tmp_path):
    # 3 are more than 5 percent of the 57 answers beside them, 2 of 58 are not.
    some, many = ([55] * k + [1 + at % 5 for at in range(N - k)] for k in (2, 3))
    draft, book, _ = drafted(plain(tmp_path, {"some": some, "many": many}))
    assert (list(book.items), list(book.groups)) == (["some"], [])
    assert "3 of 60 answers are off its scale" in draft.left_out["many"]


@pytest.mark.parametrize(
    "seldom, common, ends",
    [({0: 5}, (1, 10), (0, 10)), ({6: 3, 7: 3}, (1, 5), (1, 7)), ({6: 1}, (1, 5), (1, 6))],
)
def test_an_answer_within_the_longest_scale_is_one_however_seldom(tmp_path, seldom, common, ends):
    values = [common[0] + at % (common[1] - common[0] + 1) for at in range(600)]
    place = 0
    for code, n in seldom.items():
        values[place : place + n] = [code] * n
        place += n
    draft, book, answers = drafted(plain(tmp_path, {"overall": values, "care": values[::-1]}))
    assert scale(book, "overall") == ends
    assert answers["overall"].tolist() == values
    assert any("slips?" in one for one in draft.doubts)


def test_words_among_numbers_are_quoted_only_where_they_tell_of_nobody(tmp_path):
    known, twice, once = (codes(1, 2, 3, 4, 5) for _ in range(3))
    known[3] = "Total"
    twice[3] = twice[4] = "see below"
    once[3] = "ask Ann"
    many = codes(1, 2, "see below", 4, "ask Ann", 3)
    columns = {"known": known, "twice": twice, "once": once, "many": many}
    columns["fine"] = codes(5, 4, 3, 2, 1)
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert set(book.items) == {"known", "twice", "fine"}
    assert "mixed with words: see below" in draft.text
    # The header is row 1, so the fourth answer stands in row 5.
    assert "1 cell of words in row 5, not quoted" in draft.left_out["once"]
    assert "20 of 60 cells" in draft.left_out["many"]
    assert "mixed with words (known, twice)" in draft.doubts


@pytest.mark.parametrize("sign", ["-", "–", "--"])
def test_a_dash_is_no_answer_however_often_it_stands(tmp_path, sign):
    columns = {"q1": codes(1, 2, sign, 4, 5), "q2": codes(5, "N/A", 3, sign, 1)}
    columns |= {"word": codes("good", "poor", sign, "fair"), "area": codes("a", sign, "b")}
    draft, book, answers = drafted(plain(tmp_path, columns))
    assert (list(book.items), list(book.groups)) == (["q1", "q2", "word"], ["area"])
    assert answers["q1"].isna().tolist() == codes(False, False, True, False, False)
    assert answers["q2"].isna().tolist() == codes(False, True, False, True, False)
    assert list(book.groups["area"].values) == ["a", "b"]
    assert "signs taken for no answer (q1, q2, word)" in draft.doubts
    assert "look at: answers - (12 times)" in draft.text.replace("--", "-")


def test_a_row_of_means_below_the_answers_makes_no_groups(tmp_path):
    columns = {"price": codes(1, 2, 3, 4, 5), "care": codes(5, 4, 3, 2, 1), "area": codes("a", "b")}
    columns["price"][-1], columns["care"][-1] = "3.02", "Mean"
    draft, book, answers = drafted(plain(tmp_path, columns))
    assert (list(book.items), list(book.groups), draft.by) == (["price", "care"], ["area"], "area")
    assert answers[["price", "care"]].isna().sum().tolist() == [1, 1]


def test_half_points_and_strangers_among_ratings_are_no_groups(tmp_path):
    columns = {"half": codes("1,5", "2,0", "3,5", "4"), "region": codes("a", "b")}
    columns |= {f"k_{at}": codes(1, 2, 3, 4, 5, at) for at in (1, 2, 3)}
    columns["k_4"] = codes("x1", "x2", "x3")
    draft, book, _ = drafted(plain(tmp_path, columns, delimiter=";"))
    assert (list(book.groups), draft.by) == (["region"], "region")
    assert draft.left_out["half"] == "looks like a rating, but its numbers have fractions"
    assert draft.left_out["k_4"].startswith("looks like a rating, but")


def test_a_column_named_like_a_group_is_compared_by_first(tmp_path):
    columns = {
        "price": codes(1, 2, 3, 4, 5),
        "thing": codes("a", "b"),
        "market": codes("x", "y", "z"),
    }
    assert drafted(plain(tmp_path, columns))[0].by == "market"
    del columns["market"]
    assert drafted(plain(tmp_path, columns))[0].by == "thing"


def test_counts_that_look_like_ratings_are_doubted(tmp_path):
    columns = {"children": codes(0, 1, 2, 3, 4), "visits": codes(1, 2, 10, 4), "a": codes(1, 2, 5)}
    draft, _, _ = drafted(plain(tmp_path, columns))
    assert any("or a count? (children, visits" in one for one in draft.doubts)


@pytest.mark.parametrize("name", ["n_employees", "num_visits_made", "n people"])
def test_what_begins_with_an_n_is_doubted_as_a_count(tmp_path, name):
    columns = {"price": codes(1, 2, 3, 4, 5), "care": codes(5, 4, 1), name: codes(1, 3, 2, 5, 4)}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert book.columns[list(book.items)[2]] == name
    assert f"a rating, or a count? ({list(book.items)[2]})" in draft.unsure


def test_zeros_and_percent_among_scales_from_one_to_five_are_told(tmp_path):
    columns = {"q1": codes(1, 2, 3, 4, 5), "q2": codes(5, 4, 3, 2, 1), "q3": codes(0, 1, 2, 3, 5)}
    columns |= {"q4": codes(0, 25, 50, 75, 100), "wave": codes(0, 50, 100)}
    draft, book, answers = drafted(plain(tmp_path, columns))
    assert (list(book.items), list(book.groups)) == (["q1", "q2", "q3"], ["wave"])
    assert "0 where columns alike begin at 1: is it no answer? (q3)" in draft.unsure
    assert answers["q3"].tolist() == columns["q3"]
    assert draft.left_out["q4"] == "looks like a rating, but its answers are percent, from 0 to 100"


def test_what_is_asked_together_is_a_block(tmp_path):
    columns = {f"q5_{at}": codes(1, 2, 3, 4, 5, at) for at in range(1, 5)}
    columns |= {f"imag{at}": codes(1, 5, 10, at) for at in range(1, 4)}
    columns |= {"overall": codes(3, 4, 5, 1), "advice": codes(1, 2, 5, 3)}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert book.block_items["q5"] == ["q5_1", "q5_2", "q5_3", "q5_4"]
    assert book.block_items["imag"] == ["imag1", "imag2", "imag3"]
    assert book.items["overall"].block is None
    assert draft.outcomes == ["overall"]


def test_each_column_of_a_battery_is_sorted_once(tmp_path, monkeypatch):
    columns = {f"k_{at}": [1 + (row * (at + 1) + at) % 5 for row in range(N)] for at in range(40)}
    seen = counted_columns(read_export(plain(tmp_path, columns)))
    sorted_names = []
    sort = kinds.sorted_cells
    monkeypatch.setattr(
        kinds, "sorted_cells", lambda one: sorted_names.append(one.name) or sort(one)
    )
    kinds_of({name: one for name, one in seen.items() if len(one.counts) > 2})
    assert len(sorted_names) == len(set(sorted_names)) == 32


def test_numbered_questions_without_more_are_no_battery(tmp_path):
    columns = {"Q1": codes(1, 2, 3, 4, 5), "Q2": codes(5, 4, 1), "Q3": codes("yes", "no")}
    _, book, _ = drafted(plain(tmp_path, columns))
    assert list(book.blocks) == ["other_questions"]
    assert {name: book.items[name].column for name in book.items} == {"q1": "Q1", "q2": "Q2"}


def test_codes_of_a_region_are_a_group_and_ticks_are_left_out(tmp_path):
    columns = {"region": codes(1, 2, 3, 4, 5), "price": codes(1, 2, 4, 5, 3)}
    columns |= {f"used_{at}": codes(*([1] * at), 0) for at in range(1, 5)}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert list(book.groups) == ["region"]
    assert {f"used_{at}" for at in range(1, 5)} <= draft.left_out.keys()


def test_ratings_whose_names_sound_like_something_else_stay_ratings(tmp_path):
    names = ["Duration of delivery", "Weight of the box", "Our employees", "Type of packing"]
    columns = {name: [1 + (at + row // 7) % 5 for row in range(N)] for at, name in enumerate(names)}
    _, book, _ = drafted(plain(tmp_path, columns))
    assert [book.columns[item] for item in book.items] == names


def test_personal_data_are_left_out_and_never_quoted(tmp_path):
    people = [f"Ann Example {at % 7}" for at in range(N)]
    columns = {
        "price": codes(1, 2, 3, 4, 5),
        "mail": [f"person{at % 9}@example.org" for at in range(N)],
        "Full name": people,
        "address": codes("203.0.113.7", "203.0.113.8"),
        "contact": codes("+386 40 123 456", "+386 40 123 457"),
        "phone_support": codes(4, 5, 1, 2, 3),
    }
    columns["Full name"] = [f"{one} {at}" for at, one in enumerate(people)]
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert set(book.items) == {"price", "phone_support"}
    assert {"mail", "Full name", "address", "contact"} == draft.left_out.keys()
    for told in ("example.org", "Ann Example", "203.0", "+386"):
        assert told not in draft.text


def test_a_column_that_repeats_another_is_left_out(tmp_path):
    columns = {"price": codes(1, 2, 3, 4, 5), "service": codes(5, 4, 3), "copy": codes(5, 4, 3)}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert "copy" not in book.items
    assert "'service'" in draft.left_out["copy"]


def test_an_item_against_its_block_is_told_and_not_turned(tmp_path):
    rng = np.random.default_rng(5)
    mood = rng.integers(1, 6, size=200)
    columns = {f"k_{at}": np.clip(mood + rng.integers(-1, 2, 200), 1, 5) for at in range(1, 5)}
    columns["k_4"] = 6 - columns["k_4"]
    draft, book, _ = drafted(plain(tmp_path, columns))
    told = [one for one in draft.doubts if one.startswith("item ")]
    assert [one.split(":")[0] for one in told] == ["item k_4"]
    assert not any(item.reversed for item in book.items.values())


def test_seldom_ends_are_counted_in_the_column_that_has_them(tmp_path):
    columns = {f"Q1_{at}": [1 + (row + at) % 6 for row in range(200)] for at in (1, 2, 3)}
    # Two of 200 are no more than one percent, and no other column of the battery has a 7.
    columns["Q1_1"][3] = columns["Q1_1"][9] = 7
    columns["Q1_1"][10] = 1
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert scale(book, "q1_1") == scale(book, "q1_2") == (1, 7)
    assert draft.text.count("an end, or slips?") == 1
    assert "answers 7 (2 times): an end, or slips?" in draft.text
    assert "an end, or slips? (q1_1)" in draft.doubts


@pytest.mark.parametrize("kind", ["labels", "battery", "words"])
def test_a_rating_that_got_two_answers_only_stays_one(tmp_path, kind):
    names = [f"q5_{at}" if kind == "battery" else name for at, name in enumerate("xyz")]
    said = dict(zip(names, (codes(1, 2, 3, 4, 5), codes(4, 5, 5), codes(1, 2, 2)), strict=True))
    judged = ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied")
    path = tmp_path / "answers.sav"
    if kind == "labels":
        labels = {name: dict(enumerate(judged, 1)) for name in names}
        frame = pd.DataFrame(said | {"role": codes(1, 2)}).astype(float)
        pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    else:
        words = {name: [judged[one - 1] for one in some] for name, some in said.items()}
        path = plain(tmp_path, (words if kind == "words" else said) | {"role": codes(1, 2)})
    draft, book, answers = drafted(path)
    assert (list(book.items), list(book.groups)) == (names, ["role"])
    assert {scale(book, name) for name in names} == {(1, 5)}
    for name in names:
        assert answers[name].tolist() == said[name]
    # Labels settle it, and so do words; codes alone leave a doubt.
    doubted = [one for one in draft.unsure if "a rating, or a group?" in one]
    assert doubted == (
        [f"two answers only: a rating, or a group? ({names[1]}, {names[2]})"]
        if kind == "battery"
        else []
    )


def test_two_codes_beside_ratings_are_told_to_be_perhaps_one_of_them(tmp_path):
    columns = {"price": codes(1, 2, 3, 4, 5), "care": codes(5, 4, 3, 2, 1, 1)}
    columns |= {"look": codes(4, 5), "taste": codes(1, 2), "role": codes(1, 1, 2)}
    columns["used"] = codes(0, 1, 1, 1)
    columns["taste"][7] = "-"
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert list(book.items) == ["price", "care", "look"]
    assert list(book.groups) == ["taste", "role", "used"]
    # The codes of two groups are 1 and 2 as a rule, and the name of a group is enough.
    assert "two answers only: a rating, or a group? (look, taste)" in draft.unsure


def test_yes_and_no_beside_ratings_are_none(tmp_path):
    columns = {f"q5_{at}": codes(1, 2, 3, 4, 5, at) for at in (1, 2, 3)} | {"q5_4": codes(0, 1)}
    _, book, _ = drafted(plain(tmp_path, columns))
    assert (list(book.items), list(book.groups)) == (["q5_1", "q5_2", "q5_3"], ["q5_4"])
    assert scale(book, "q5_1") == (1, 5)


def test_of_two_scales_asked_together_each_column_has_its_own(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Loyalty", None, None, "Quality", None])
    book.active.append(["Recommend", "Return", "Care", "Price", "Speed"])
    columns = codes(*range(11)), codes(1, 2, 3, 4, 5), codes(2, 4, 5), codes(1, 3, 5), codes(5, 4)
    for row in zip(*columns, strict=True):
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("D1:E1")
    path = tmp_path / "answers.xlsx"
    book.save(path)
    draft, found, _ = drafted(path)
    assert scale(found, "recommend") == (0, 10)
    assert {scale(found, name) for name in ("return", "care", "price", "speed")} == {(1, 5)}
    assert "would they recommend?" not in draft.text
    told = "answered on a shorter scale than columns asked with it? (return, care)"
    assert told in draft.unsure


def test_a_column_that_ends_short_of_its_battery_is_told_and_keeps_its_scale(tmp_path):
    columns = {f"k_{at}": codes(*range(1, 8)) for at in (1, 2)} | {"k_3": codes(1, 2, 3, 4, 5)}
    columns["k_2"] = codes(7, 6, 5, 4, 3, 2, 1)
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert scale(book, "k_3") == (1, 7)
    assert "answered on a shorter scale than columns asked with it? (k_3)" in draft.unsure


def test_labels_that_do_not_tell_the_best_answer_leave_a_doubt(tmp_path):
    often = {1: "always", 2: "often", 3: "sometimes", 4: "rarely", 5: "never"}
    frame = pd.DataFrame({"late": codes(1, 2, 3, 4, 5), "care": codes(1, 4, 5)}).astype(float)
    path = tmp_path / "answers.sav"
    good = {1: "excellent", 2: "very good", 3: "good", 4: "fair", 5: "poor"}
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"late": often, "care": good})
    draft, book, answers = drafted(path)
    assert (book.items["late"].reversed, book.items["care"].reversed) == (False, True)
    assert draft.unsure == [
        "no label tells which answer is the best: the highest is taken for it (late)"
    ]
    assert answers["care"].tolist() == codes(5, 2, 1)
    assert "    reversed: true\n" in draft.text


def test_many_straight_lines_are_told(tmp_path):
    rng = np.random.default_rng(6)
    answers = rng.integers(1, 6, size=(200, 5))
    answers[:80] = answers[:80, :1]
    columns = {f"k_{at}": answers[:, at] for at in range(5)}
    draft, _, _ = drafted(plain(tmp_path, columns))
    assert any("one answer throughout" in one and "block k" in one for one in draft.doubts)


# Words


@pytest.mark.parametrize(
    "rungs",
    [
        "Very dissatisfied|Dissatisfied|Neither satisfied nor dis-|Satisfied|Very satisfied",
        "Strongly disagree|Somewhat disagree|Neutral|Somewhat agree|Strongly agree",
        "Extremely unlikely|Unlikely|Neutral|Likely|Extremely likely",
        "Very poor|Poor|Average|Good|Very good",
        "Not at all satisfied|Slightly satisfied|Satisfied|Very satisfied|Extremely satisfied",
        "Очень недоволен|Скорее недоволен|Ни доволен, ни недоволен|Скорее доволен|Очень доволен",
        "Полностью не согласен|Скорее не согласен|Нейтрально|Скорее согласен|Полностью согласен",
        "Zelo nezadovoljen|Nezadovoljen|Niti zadovoljen niti ne|Zadovoljen|Zelo zadovoljen",
        "Sploh se ne strinjam|Se ne strinjam|Nevtralno|Strinjam se|Popolnoma se strinjam",
    ],
)
def test_the_order_of_the_words_is_known_in_three_languages(rungs):
    words = rungs.split("|")
    ladder = ladder_of(reversed(words))
    assert ladder is not None
    assert [ladder.codes[word] for word in words] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "rungs",
    [
        "Not at all {}|Not so {}|Somewhat {}|Very {}|Extremely {}",
        "Not at all {}|Slightly {}|Moderately {}|Very {}|Extremely {}",
        "Not {}|Slightly {}|Moderately {}|Very {}|Extremely {}",
        "Not at all {}|Not very {}|Fairly {}|Very {}",
        "Not at all {}|Not too {}|Somewhat {}|Very {}",
        "Not {} at all|Not {}|{}|Very {}",
    ],
)
@pytest.mark.parametrize("word", ["satisfied", "important", "likely"])
def test_published_scales_with_negations_rise_from_their_foot(rungs, word):
    words = rungs.format(*[word] * 5).split("|")
    ladder = ladder_of(reversed(words))
    assert [ladder.codes[one] for one in words] == list(range(1, len(words) + 1))
    assert (ladder.high, ladder.invented) == (len(words), [])


@pytest.mark.parametrize(
    "rungs",
    [
        "Do not agree at all|Do not agree|Neutral|Agree|Strongly agree",
        "Совсем не доволен|Не очень доволен|Скорее доволен|Очень доволен",
        "Совсем не важно|Не слишком важно|Скорее важно|Важно|Очень важно",
        "Полностью не согласен|Скорее не согласен|Скорее согласен|Полностью согласен",
        "Sploh nisem zadovoljen|Ne preveč zadovoljen|Precej zadovoljen|Zelo zadovoljen",
        "Sploh ni pomembno|Ne zelo pomembno|Pomembno|Zelo pomembno",
        "Poor|Fair|Good|Very good|Excellent",
        "Very poor|Poor|Fair|Good|Excellent",
        "Bad|Average|Good",
        "Not likely|Likely|Very likely",
        "Не важно|Важно|Очень важно",
        "Extremely dissatisfied|Somewhat dissatisfied|Neutral|Satisfied|Very satisfied",
    ],
)
def test_whole_scales_have_no_rung_beside_their_words(rungs):
    words = rungs.split("|")
    ladder = ladder_of(sorted(words))
    assert [ladder.codes[one] for one in words] == list(range(1, len(words) + 1))
    assert ladder.high == len(words)


@pytest.mark.parametrize("odd", ["Not hardly satisfied", "Not dissatisfied", "Не то чтобы доволен"])
def test_a_negation_of_another_form_has_no_place_and_is_told(tmp_path, odd):
    words = ["Very satisfied", "Satisfied", "Dissatisfied", odd]
    assert ladder_of(words) is None
    columns = {"price": codes(*words), "care": codes(1, 2, 3, 4, 5)}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert (list(book.items), list(book.groups)) == (["care"], [])
    assert "order of its words is not known" in draft.left_out["price"]


def test_rungs_that_nobody_gave_are_told(tmp_path):
    said = codes("Dissatisfied", "Neutral", "Satisfied", "Very satisfied")
    draft, book, _ = drafted(plain(tmp_path, {"price": said}))
    assert scale(book, "price") == (1, 5)
    assert "look at: rungs 1 were invented: nobody gave them" in draft.text
    assert draft.doubts == ["rungs that nobody gave (price)"]


def test_a_rung_that_nobody_chose_keeps_its_place():
    ladder = ladder_of(["Dissatisfied", "Neutral", "Satisfied", "Very satisfied"])
    assert ladder.codes == {"Dissatisfied": 2, "Neutral": 3, "Satisfied": 4, "Very satisfied": 5}
    assert ladder.high == 5


@pytest.mark.parametrize("words", [["North", "South"], ["Trader", "End user", "Other"], ["Yes"]])
def test_words_without_an_order_are_no_scale(words):
    assert ladder_of(words) is None


def test_answers_in_words_become_codes_with_the_best_highest(tmp_path):
    said = ["Very satisfied", "Satisfied", "Dissatisfied", "Very dissatisfied", "Don't know"]
    columns = {"Price": codes(*said), "Service": codes(*said[:3]), "who": codes("a", "b")}
    _, book, answers = drafted(plain(tmp_path, columns))
    assert scale(book, "price") == scale(book, "service") == (1, 4)
    expected = codes(4, 3, 2, 1, None)
    assert (
        answers["price"].astype(object).where(answers["price"].notna(), None).tolist() == expected
    )


@pytest.mark.parametrize(
    "best, worst, none, label",
    [
        ("5 - very satisfied", "1 - very dissatisfied", "99 - don't know", "very satisfied"),
        ("5 – очень доволен", "1 – очень недоволен", "99 – затрудняюсь ответить", "очень доволен"),
        ("5: zelo zadovoljen", "1: zelo nezadovoljen", "99: ne vem", "zelo zadovoljen"),
    ],
)
def test_codes_with_their_labels_are_read_as_codes(tmp_path, best, worst, none, label):
    columns = {"cena": codes(best, "4", "3", worst, none), "dobava": codes(worst, "2", best)}
    _, book, answers = drafted(plain(tmp_path, columns, delimiter=";"))
    assert scale(book, "cena") == (1, 5)
    assert answers["cena"].dropna().unique().tolist() == [5, 4, 3, 1]
    assert book.scale_of("cena").labels[5]["en"] == label


@pytest.mark.parametrize(
    "text",
    [
        *("Don't know", "don’t know", "do not know", "DK", "N/A", "Not applicable", "Refused"),
        *("prefer not to say", "Refused to answer", "Missing"),
        *("не знаю", "Нет ответа", "Затрудняюсь ответить"),
        *("ne vem", "Ne želim odgovoriti", "Brez odgovora"),
    ],
)
def test_words_that_mean_no_answer_are_known(text):
    assert means_no_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "none of them is good",
        "not satisfied",
        "never",
        "нет",
        "ne",
        "Refused delivery",
        "Missing parts",
        "Declined card",
    ],
)
def test_words_that_are_answers_are_no_missing_ones(text):
    assert not means_no_answer(text)


# Names and labels


def test_names_are_latin_short_and_one_of_a_kind():
    assert latin("Удовлетворённость ценой") == "udovletvorennost_tsenoy"
    assert latin("Čas dobave / šumniki") == "cas_dobave_sumniki"
    assert short_name("1. Цена") == "q1_tsena"
    long = "how satisfied are you with the delivery of our goods"
    assert len(short_name(long)) <= 28
    assert long.replace(" ", "_").startswith(short_name(long))
    # A column of results is named item, and would be mistaken for the group.
    assert unique_name("item", {"item"}) == "item_asked"
    assert unique_name("price", {"price", "price_2"}) == "price_3"


def test_the_question_is_taken_off_the_labels_of_its_parts():
    stem = "How satisfied are you with: "
    assert without_stem([stem + "price", stem + "service"]) == ["price", "service"]
    assert without_stem(["Price", "Place"]) == ["Price", "Place"]


def test_sentences_as_headers_become_short_names_and_labels(tmp_path):
    asked = "How satisfied are you with our [{}]"
    columns = {asked.format(one): codes(1, 2, 3, 4, 5) for one in ("Price", "Time of delivery")}
    columns[asked.format("Time of delivery")] = codes(5, 4, 1)
    columns['Say "why", if: so #1'] = codes(1, 5, 4)
    _, book, _ = drafted(plain(tmp_path, columns, delimiter=";"))
    assert {name: book.label(name) for name in list(book.items)[:2]} == {
        "price": "Price",
        "time_of_delivery": "Time of delivery",
    }


# Formats and programs


def test_semicolons_decimal_commas_and_cyrillic_of_windows_are_read(tmp_path):
    columns = {
        "Регион": codes("Север", "Юг", "Юг"),
        "Оценка цены": codes(1, 2, 3, 4, 5, "не знаю"),
        "Оценка доставки": codes(5, 4, 3),
        "Готовность рекомендовать": codes(0, 5, 10, 9),
        "вес": codes("0,5", "1,25", "1,5"),
        "Почта": [f"a{at}@example.ru" for at in range(N)],
    }
    folder = tmp_path / "опрос клиентов"
    folder.mkdir()
    path = plain(folder, columns, "ответы.csv", delimiter=";", encoding="cp1251")
    draft, book, answers = drafted(path)
    assert list(book.items) == ["otsenka_tseny", "otsenka_dostavki", "gotovnost_rekomendovat"]
    assert book.label("otsenka_tseny") == "Оценка цены"
    assert (book.weight, draft.by, draft.recommend) == (
        "вес",
        "region",
        "gotovnost_rekomendovat",
    )
    assert answers["вес"].tolist() == codes(0.5, 1.25, 1.5)
    assert answers["otsenka_tseny"].isna().sum() == 10


def test_an_spss_file_brings_its_labels_and_its_missing_codes(tmp_path):
    frame = pd.DataFrame(
        {
            "v1": codes(1.0, 2.0, 5.0, 9.0),
            "v2": codes(5.0, 4.0, 3.0),
            "v3": codes(1.0, 2.0, 3.0),
            "v4": codes(1.0, 2.0, 3.0, 98.0),
        }
    )
    judged = {1: "very satisfied", 5: "very dissatisfied", 9: "refused"}
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=["Satisfaction: price", "Satisfaction: service", "Your market", "Terms"],
        variable_value_labels={
            "v1": judged,
            "v2": judged,
            "v3": {1: "EU", 2: "Asia", 3: "Africa", 4: "Oceania"},
            "v4": {1: "bad", 2: "fair", 3: "good"},
        },
        missing_ranges={"v4": [98]},
    )
    draft, book, answers = drafted(path)
    assert {name: book.label(name) for name in ("v1", "v2")} == {"v1": "price", "v2": "service"}
    # The best answer is 1 here: it is turned round, and that is said.
    assert book.answer_labels("v1")[5] == "very satisfied"
    assert scale(book, "v1") == (1, 5)
    assert "turned round: by its labels the lowest code is the best answer (v1, v2)" in draft.doubts
    assert answers["v1"].dropna().unique().tolist() == [5, 4, 1]
    assert book.value_label("v3", "2") == "Asia"
    assert answers["v3"].cat.categories.tolist() == ["1", "2", "3", "4"]
    assert draft.by == "v3"
    reasons = missing_reasons(path, codebook=book).set_index("item")["reason"]
    assert reasons["v1"] == "refused"


def test_labels_at_the_two_ends_alone_are_those_of_a_rating(tmp_path):
    frame = pd.DataFrame({"v1": codes(1.0, 2.0, 4.0, 5.0), "v2": codes(1.0, 2.0, 3.0)})
    path = tmp_path / "answers.sav"
    labels = {"v1": {1: "cold", 5: "warm"}, "v2": {1: "north", 2: "south", 3: "west"}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    _, book, _ = drafted(path)
    assert (list(book.items), list(book.groups)) == (["v1"], ["v2"])


def test_a_code_of_no_answer_amid_the_others_makes_no_scale(tmp_path):
    frame = pd.DataFrame({"v1": codes(1.0, 2.0, 3.0, 4.0), "v2": codes(1.0, 2.0, 3.0, 4.0, 5.0)})
    path = tmp_path / "answers.sav"
    labels = {"v1": {1: "bad", 2: "don't know", 3: "good", 4: "excellent"}}
    pyreadstat.write_sav(frame, str(path), variable_value_labels=labels)
    _, book, _ = drafted(path)
    assert (list(book.items), list(book.groups)) == (["v2"], ["v1"])


def test_a_workbook_and_a_parquet_file_give_one_draft(tmp_path):
    columns = {"role": codes("trader", "user"), "price": codes(1, 2, 3, 4, 5), "care": codes(5, 1)}
    columns["care"] = codes(5, 1, 3)
    frame = pd.DataFrame(columns)
    frame.to_parquet(tmp_path / "answers.parquet")
    book = openpyxl.Workbook()
    for row in [list(columns), *frame.to_numpy().tolist()]:
        book.active.append(row)
    book.save(tmp_path / "answers.xlsx")
    drafts = [drafted(tmp_path / f"answers.{end}")[1] for end in ("xlsx", "parquet")]
    assert drafts[0].items == drafts[1].items
    assert drafts[0].groups == drafts[1].groups
    assert drafts[0].limits() == {"price": (1, 5), "care": (1, 5)}


def test_numbers_stored_as_text_are_told(tmp_path):
    frame = pd.DataFrame({"price": codes("1", "2", "3", "4", "5"), "care": codes(5, 1, 3)})
    frame.to_parquet(tmp_path / "answers.parquet")
    draft, _, answers = drafted(tmp_path / "answers.parquet")
    assert draft.text.count("numbers stored as text") == 1
    assert answers["price"].tolist() == codes(1, 2, 3, 4, 5)


def quoted(rows):
    cells = [['"{}"'.format(str(cell).replace('"', '""')) for cell in row] for row in rows]
    return "".join(",".join(row) + "\n" for row in cells)


def test_a_qualtrics_export_is_drafted_without_its_header_rows_and_people(tmp_path):
    stem = "How satisfied are you with our steel?"
    head = ["StartDate", "IPAddress", "Duration (in seconds)", "RecordedDate", "ResponseId"]
    asked = ["Q1_1", "Q1_2", "Q9", "market"]
    ids = ["startDate", "ipAddress", "duration", "recordedDate", "_recordId"]
    ids += ["QID1_1", "QID1_2", "QID9", "market"]
    texts = [f"{stem} - Price", f"{stem} - Delivery", "How likely are you to recommend us?"]
    rows = [
        [*head, *asked],
        [*head, *texts, "market"],
        [json.dumps({"ImportId": one}) for one in ids],
    ]
    said = zip(
        codes(1, 2, 3, 4, 5), codes(5, 4, -99), codes(0, 9, 10), codes("a", "b"), strict=True
    )
    for at, answers in enumerate(said):
        when = f"2025-03-{1 + at % 28:02d} 10:00:00"
        rows.append([when, "203.0.113.7", 60 + at, when, f"R_{at}", *answers])
    path = tmp_path / "export.csv"
    path.write_text(quoted(rows), encoding="utf-8")
    draft, book, answers = drafted(path)
    assert {name: book.label(name) for name in ("q1_1", "q1_2")} == {
        "q1_1": "Price",
        "q1_2": "Delivery",
    }
    assert book.items["q1_1"].wording == {"en": f"{stem} – Price"}
    assert scale(book, "q1_2") == (1, 5)
    assert answers["q1_2"].isna().sum() == 20
    assert (draft.recommend, draft.by) == ("q9", "market")
    assert (book.duration, book.submitted) == ("Duration (in seconds)", "RecordedDate")
    assert "203.0" not in draft.text


def test_a_limesurvey_export_is_drafted_from_its_codes(tmp_path):
    head = ["id", "submitdate", "lastpage", "startlanguage", "sat[SQ001]", "sat[SQ002]", "nps"]
    rows = [head]
    for at, (one, two, nps) in enumerate(
        zip(codes(1, 2, 3, 4, 5), codes(5, 4, 1), codes(0, 9, 10), strict=True)
    ):
        rows.append([at + 1, f"2025-03-{1 + at % 28:02d} 10:00:00", 3, "en", one, two, nps])
    path = tmp_path / "results.csv"
    path.write_text("\ufeff" + quoted(rows), encoding="utf-8")
    draft, book, _ = drafted(path)
    assert {one.column for one in book.items.values()} == {"sat[SQ001]", "sat[SQ002]", None}
    assert book.block_items["sat"] == ["sat_sq001", "sat_sq002"]
    assert draft.recommend == "nps"


LIMESURVEY = ["id", "submitdate", "lastpage", "startlanguage"]


def limesurvey(folder, columns):
    """An export with headings by code, as it was planted."""
    rows = [[*LIMESURVEY, *columns]]
    for at, cells in enumerate(zip(*columns.values(), strict=True)):
        rows.append([at + 1, f"2025-03-{1 + at % 28:02d} 10:00:00", 3, "en", *cells])
    path = folder / "results.csv"
    path.write_text(quoted(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("spelling", ["A{}", "AO0{}", "a{}", "A00{}"])
def test_answer_codes_of_limesurvey_are_places_on_a_scale(tmp_path, spelling):
    # Nobody chose 2, and in the second column nobody chose 5.
    places = {"sat[SQ001]": codes(1, 3, 4, 5, ""), "sat[SQ002]": codes(4, 3, 1)}
    columns = {
        name: [spelling.format(one) if one else "" for one in some] for name, some in places.items()
    }
    columns["region"] = [spelling.format(one) for one in codes(1, 2, 3)]
    columns["which"] = codes("north", "south")
    draft, book, answers = drafted(limesurvey(tmp_path, columns))
    assert set(book.items) == {"sat_sq001", "sat_sq002"}
    assert scale(book, "sat_sq002") == (1, 5)
    labels = {code: text["en"] for code, text in book.scale_of("sat_sq002").labels.items()}
    assert labels == {at: spelling.format(at) for at in range(1, 6)}
    told = [one if one != "" else np.nan for one in places["sat[SQ001]"]]
    np.testing.assert_array_equal(answers["sat_sq001"], told)
    assert answers["sat_sq002"].tolist() == places["sat[SQ002]"]
    # A list of its own says nothing of an order; its codes stay, so that texts can be put in.
    assert list(book.groups["region"].values) == [spelling.format(one) for one in (1, 2, 3)]
    assert [one for one in draft.doubts if "which end is the best" in one]


def test_answer_codes_of_limesurvey_may_have_two_digits(tmp_path):
    columns = {"sat[SQ001]": codes("A10", "A1", "A3"), "sat[SQ002]": codes("A2", "A9", "A5")}
    _, book, answers = drafted(limesurvey(tmp_path, columns))
    assert scale(book, "sat_sq001") == scale(book, "sat_sq002") == (1, 10)
    assert answers["sat_sq001"].tolist() == codes(10, 1, 3)
    assert answers["sat_sq002"].tolist() == codes(2, 9, 5)


def test_a_list_of_limesurvey_with_an_answer_in_words_is_a_group(tmp_path):
    columns = {"sat[SQ001]": codes(1, 2, 3, 4, 5), "sat[SQ002]": codes(5, 4, 3, 2, 1)}
    columns |= {"role": codes("A1", "A2", "-oth-"), "role[other]": codes("", "", "a forwarder")}
    columns |= {"ways[Phone]": codes("Y", "N"), "ways[Mail]": codes("N", "Y", "Y")}
    draft, book, _ = drafted(limesurvey(tmp_path, columns))
    assert list(book.groups["role"].values) == ["A1", "A2", "-oth-"]
    left = {name: why for name, why in draft.left_out.items() if name.startswith("ways")}
    assert set(left.values()) == {"a tick of a question with several answers"}
    assert len(left) == 2


def test_a_file_of_one_respondent_is_refused_as_such(tmp_path):
    with pytest.raises(DataError, match="has 1 row that a respondent filled in") as caught:
        drafted(plain(tmp_path, {"care": [4], "price": [2]}))
    assert str(caught.value).count("\n") == 2


def test_elsewhere_such_codes_are_no_places(tmp_path):
    columns = {"sat_1": codes("A1", "A2", "A3"), "sat_2": codes("A3", "A2", "A1")}
    columns["care"] = codes(1, 2, 3, 4, 5)
    _, book, _ = drafted(plain(tmp_path, columns))
    assert list(book.items) == ["care"]


def test_ticks_of_limesurvey_are_ticks_and_a_yes_or_no_is_a_group(tmp_path):
    columns = {"sat[SQ001]": codes(1, 2, 3, 4, 5), "sat[SQ002]": codes(5, 4, 3, 2, 1)}
    columns |= {"mult[SQ001]": codes("Y", "N", ""), "mult[SQ002]": codes("Y", "Y", "N")}
    columns |= {"mult[other]": codes("", "", "the fax"), "member": codes("Y", "N")}
    draft, book, _ = drafted(limesurvey(tmp_path, columns))
    assert list(book.groups) == ["member"]
    for name in ("mult[SQ001]", "mult[SQ002]"):
        assert draft.left_out[name] == "a tick of a question with several answers"


def test_a_surveymonkey_export_is_drafted_past_its_second_row(tmp_path):
    head = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address"]
    stem = "How satisfied are you with the following?"
    rows = [
        [*head, stem, "", "Which market are you in?"],
        ["", "", "", "", "", "Price", "Delivery", "Response"],
    ]
    said = ["Very satisfied", "Satisfied", "Neutral", "Dissatisfied", "Very dissatisfied"]
    answered = zip(codes(*said), codes(*said[:3]), codes("EU", "Asia"), strict=True)
    for at, answers in enumerate(answered):
        when = f"03/{1 + at % 28:02d}/2025 10:00:00 AM"
        rows.append([11_000_000_000 + at, 400, when, when, "203.0.113.7", *answers])
    path = tmp_path / "export.csv"
    path.write_text(quoted(rows), encoding="utf-8")
    draft, book, answers = drafted(path)
    items = list(book.items)
    assert [book.label(name) for name in items] == ["Price", "Delivery"]
    assert answers[items[0]].tolist() == codes(5, 4, 3, 2, 1)
    assert answers[items[1]].tolist() == codes(5, 4, 3)
    assert len(book.groups) == 1
    assert "203.0" not in draft.text


# Edges


def test_a_file_of_three_rows_is_drafted(tmp_path):
    columns = {"price": [1, 4, 5], "care": [2, 3, 5], "role": ["trader", "user", "trader"]}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert list(book.items) == ["price", "care"]
    assert list(book.groups) == ["role"]
    assert draft.by is None  # one user is no group to compare


def test_a_file_of_five_hundred_columns_has_forty_items_and_the_others_as_comments(tmp_path):
    columns = {f"k{block}_{at}": codes(1, 2, 3, 4, 5) for block in range(50) for at in range(10)}
    for at, name in enumerate(columns):
        shift = at % 50
        columns[name] = [1 + (row * (at + 1) + shift + at // 50) % 5 for row in range(N)]
        columns[name][at % N] = 1 + at // N % 5
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert len(book.items) == 40
    assert "more, too many to show in one study" in draft.text
    # Without their marks the other items are part of the codebook.
    whole, taken = [], False
    for line in draft.text.splitlines():
        taken = taken or "too many to show" in line
        whole.append(line.replace("  # ", "  ", 1) if taken and "too many" not in line else line)
    notes = ("guessed", "look at")
    text = "\n".join(line for line in whole if not line.strip().startswith(notes))
    (tmp_path / "whole.yaml").write_text(text, encoding="utf-8")
    assert len(Codebook.read(tmp_path / "whole.yaml").items) > 200


def test_a_file_without_a_rating_is_refused_with_what_was_seen(tmp_path):
    columns = {"who": codes("a", "b", "c"), "text": [f"remark {at} here" for at in range(N)]}
    with pytest.raises(DataError) as refused:
        codebook_draft(read_export(plain(tmp_path, columns)), title="x")
    found, expected, do = str(refused.value).splitlines()
    assert "none of 2 columns" in found
    assert "1 to 5" in expected
    assert "scales" in do


def test_names_that_results_have_are_not_given_to_groups(tmp_path):
    columns = {"item": codes("a", "b"), "n": codes(1, 2, 3, 4, 5), "price": codes(5, 4, 3, 2, 1, 1)}
    _, book, _ = drafted(plain(tmp_path, columns))
    assert not {"item", "n"} & {*book.items, *book.groups}


def test_values_that_look_like_pairs_of_groups_get_names_of_their_own(tmp_path):
    columns = {"price": codes(1, 2, 3, 4, 5), "age": codes("18 - 24", "25 - 34", "35 +")}
    _, book, answers = drafted(plain(tmp_path, columns))
    assert not any(" - " in value for value in book.groups["age_asked"].values)
    assert answers["age_asked"].notna().all()


@pytest.mark.parametrize("name", ["steel_survey", "housing", "ecsi_sim", "nps_waves"])
def test_the_scales_of_the_project_are_found_without_their_codebooks(name, tmp_path):
    path = tmp_path / "responses.csv"
    path.write_bytes((DATA / name / "responses.csv").read_bytes())
    known = Codebook.read(DATA / name / "codebook.yaml")
    _, book, _ = drafted(path)
    # Two answers are a group, and a ranking of eight has no usual scale.
    rated = {known.columns[one]: scale(known, one) for one in known.items}
    rated = {one: ends for one, ends in rated.items() if ends not in ((0, 1), (1, 8))}
    found = {book.columns[one]: scale(book, one) for one in book.items}
    assert {one: found.get(one) for one in rated} == rated


# People and designs


@pytest.mark.parametrize(
    "text",
    [
        *("call me 041 123 456", "041-123-456", "041123456", "0038641123456", "89161234000"),
        *("ivan@x.com please", "mail: a@b.si", "<a@b.si>", "2001:db8:0:0:0:0:0:1", "fe80::1"),
        *("+386 40 123 456", "8 (916) 123-45-67", "203.0.113.7", "SI56 1234 1234 1234 123"),
    ],
)
def test_cells_that_tell_who_somebody_is_are_known_amid_words(text):
    assert is_personal_cell(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-03-01 10:00:00", "01/02/2024 10:00:00 AM", "18-24", "1000-5000", "12345", "3.42"),
        *("50 - 100", "10 000 - 20 000", "100 000 000 EUR", "Very satisfied", "13.02.2024"),
    ],
)
def test_dates_and_amounts_tell_of_nobody(text):
    assert not is_personal_cell(text)


@pytest.mark.parametrize(
    "name",
    [
        *("Your name", "What is your name?", "Customer name", "Contact", "Address", "DOB", "IBAN"),
        *("Контакты", "Ваше ФИО", "Контактное лицо", "Kako vam je ime?", "Account manager"),
        *("Contact Information", "Your surname"),
    ],
)
def test_a_column_named_like_a_persons_data_is_left_out_unless_it_is_answered(tmp_path, name):
    said = {
        "who": codes("Quirin", "Zenobia"),
        "yes": codes("yes", "no"),
        "rated": codes(1, 2, 4, 5),
    }
    said["judged"] = codes("Good", "Fair", "Poor")
    for kind, cells in said.items():
        draft, _, _ = drafted(plain(tmp_path, {name: cells, "care": codes(1, 2, 3, 4, 5)}))
        assert draft.left_out.get(name, "").startswith("personal data") == (kind == "who"), kind
        assert "Quirin" not in draft.text


def test_names_of_products_are_a_group(tmp_path):
    columns = {"Product name": codes("rod", "coil"), "care": codes(1, 2, 3, 4, 5)}
    assert len(drafted(plain(tmp_path, columns))[1].groups) == 1


def test_nothing_that_tells_of_a_person_is_in_the_draft(tmp_path):
    planted = [
        "041 123 456",
        "ivan@x.com",
        "Quirin Zenobia",
        "0038641999888",
        "fe80::7",
        "777123456",
    ]
    price = codes(1, 2, 3, 4, 5)
    price[8], price[9] = f"call {planted[0]}", f"don't know {planted[2]}"
    columns = {"price": price, "care": codes(5, 4, 3, 2, 1), "follow": codes("no", "yes")}
    columns["follow"][4] = f"{planted[1]} please"
    columns |= {"Contact": codes(planted[2], "A B"), "line": codes(planted[3], "0038641999777")}
    columns |= {"net": codes(planted[4], "fe80::8"), "number": codes(planted[5], "777123457")}
    columns["market"] = codes("EU", "Asia")
    path = plain(tmp_path, columns)
    draft, book, _ = drafted(path)
    assert (list(book.items), list(book.groups)) == (["care"], ["market"])
    assert "2 cells of words in rows 10, 11" in draft.left_out["price"]
    told = draft.text + " ".join(draft.doubts) + str(draft.left_out)
    assert [one for one in planted if one in told] == []


def test_a_number_of_a_phone_is_not_quoted_even_where_it_recurs(tmp_path):
    price = codes(1, 2, 3, 4, 5)
    price[3] = price[8] = "041 123 456"
    draft, _, _ = drafted(plain(tmp_path, {"price": price, "care": codes(5, 4, 3, 2, 1)}))
    assert "1 cell of words in row 5, not quoted" in draft.left_out["price"]
    assert "041 123" not in draft.text


def test_what_a_survey_program_records_of_people_is_left_out_by_its_role():
    roles = {"ip", "email", "name", "phone", "location", "token", "reference"}
    for role in roles:
        kinds = kinds_of({"V": observed("V", role, {"alpha": 30, "beta": 30})})
        assert kinds["V"].reason.startswith("personal data"), role
    for role in ("channel", "status", "seed"):
        kinds = kinds_of({"V": observed("V", role, {"alpha": 30, "beta": 30})})
        assert kinds["V"].kind == "left", role


def observed(name, role, counts):
    picks = np.repeat(np.arange(len(counts)), list(counts.values()))
    same = {one: one for one in counts}
    rows = dict.fromkeys(counts, 2)
    column = ExportColumn(name, role=role)
    return Observed(column, N, counts, same, frozenset(), {}, False, rows, picks)


def test_firms_and_sizes_of_populations_are_told_from_groups(tmp_path):
    columns = {"care": codes(1, 2, 3, 4, 5), "firm_id": [f"f{at // 4}" for at in range(N)]}
    columns |= {"number of employees": codes(10, 200, 3000), "role": codes("buyer", "user")}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert book.cluster == "firm_id"
    assert "population" in draft.left_out["number of employees"]
    assert list(book.groups) == ["role"]


def test_weights_and_times_that_a_study_could_not_read_are_left_out(tmp_path):
    columns = {"care": codes(1, 2, 3, 4, 5), "w": codes('"1,0"', "1.2"), "who": codes("a", "b")}
    columns["duration"] = [f'"1,{100 + at}"' if at < 30 else 300 + at for at in range(N)]
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert (book.weight, book.duration) == (None, None)
    assert {"w", "duration"} <= draft.left_out.keys()


def test_items_that_all_judge_the_whole_are_studied_like_others(tmp_path):
    columns = {
        "overall": codes(1, 2, 3, 4, 5),
        "in general": codes(5, 4, 3, 1),
        "a": codes("x", "y"),
    }
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert draft.outcomes == []
    assert all(item.block for item in book.items.values())


def test_places_in_a_ranking_stay_out_of_the_blocks(tmp_path):
    columns = {"rank price": codes(1, 2, 3, 4, 5), "care": codes(5, 4, 3, 2, 1)}
    _, book, _ = drafted(plain(tmp_path, columns))
    assert {name: bool(item.block) for name, item in book.items.items()} == {
        "rank_price": False,
        "care": True,
    }


def test_a_ranking_has_a_scale_of_its_own_up_to_its_last_place(tmp_path):
    columns = {f"rank_{at}": codes(*(1 + (at + one) % 8 for one in range(8))) for at in range(8)}
    columns |= {f"top_rank_{at}": codes(*(1 + (at + one) % 5 for one in range(5))) for at in (0, 1)}
    columns |= {"care": codes(5, 4, 3, 2, 1), "price": codes(1, 2, 3, 4, 5, 5)}
    _, book, answers = drafted(plain(tmp_path, columns))
    assert {book.items[f"rank_{at}"].scale for at in range(8)} == {"places_1_to_8"}
    assert scale(book, "rank_0") == (1, 8)
    assert (scale(book, "top_rank_0"), scale(book, "care")) == ((1, 5), (1, 5))
    assert book.items["top_rank_0"].scale != book.items["care"].scale
    assert answers["rank_3"].tolist() == columns["rank_3"]


def test_of_several_wordings_of_no_answer_the_most_frequent_stays(tmp_path):
    columns = {
        "k1": codes(1, 2, 3, 4, 5, "99 = не знаю", "99 = не знаю", "99 - don't know"),
        "k2": codes(5, 4, 3, 2, 1, "99 - don't know"),
        "k3": codes("99 = не знаю", 1, 2, 3, 4, 5),
        "k4": codes(1, 2, 3, 4, 5, 99),
    }
    for order in (list(columns), list(columns)[::-1]):
        _, book, _ = drafted(plain(tmp_path, {name: columns[name] for name in order}))
        assert book.scale_of("k1").missing == {"99": {"en": "не знаю"}}


def test_numbers_with_fractions_are_numbers_though_all_differ(tmp_path):
    sizes = [f'"{at},{10 + at}"' for at in range(N)]
    draft, _, _ = drafted(plain(tmp_path, {"care": codes(1, 2, 3, 4, 5), "size": sizes}))
    assert draft.left_out["size"] == "its numbers have fractions"
    assert "decimal comma" in draft.assumed


def test_values_of_a_group_that_are_written_as_names_get_labels(tmp_path):
    columns = {"care": codes(1, 2, 3, 4, 5), "role": codes("trader", "end_user")}
    columns["market"] = codes("north", "south")
    _, book, _ = drafted(plain(tmp_path, columns))
    assert book.groups["role"].values["end_user"] == {"en": "End user"}
    assert book.value_label("role", "trader") == "Trader"
    assert book.value_label("market", "north") == "north"


def test_what_the_file_says_of_a_code_outlives_a_guess(tmp_path):
    told = codes(1, 2, 3, 4, 5, "99 - don't know")
    for columns in (
        {"price": told, "care": codes(5, 4, 3, 2, 1, 99)},
        {"care": codes(5, 4, 3, 2, 1, 99), "price": told},
    ):
        _, book, _ = drafted(plain(tmp_path, columns))
        assert book.scale_of("price").missing["99"] == {"en": "don't know"}


def test_names_that_a_study_gives_its_columns_are_kept_free(tmp_path):
    columns = {"care": codes(1, 2, 3, 4, 5), "late": codes(1, 2, 3), "is_fast": codes("a", "b")}
    columns |= {"careful": codes("x", "y"), "is_late": [f"text {at}" for at in range(N)]}
    draft, book, _ = drafted(plain(tmp_path, columns))
    assert set(book.groups) == {"is_fast_asked", "careful_asked"} | ({"late"} & {*book.groups})
    assert draft.clashing == ["is_late"]
    answers = pd.DataFrame({"a": [1.0, 2.0], "spent": [5.0, 9.0]})
    checked = response_quality(answers, items=["a"], duration="spent", submitted="spent")
    assert {*checked} - {*answers} <= ADDED


def test_previews_and_tests_are_not_counted_and_alone_make_no_draft(tmp_path):
    head = ["StartDate", "Status", "RecordedDate", "ResponseId", "Q1"]
    ids = ["startDate", "status", "recordedDate", "_recordId", "QID1"]
    rows = [head, head, [json.dumps({"ImportId": one}) for one in ids]]
    for at in range(40):
        preview = at < 4
        rows.append(["", "1" if preview else "0", "", f"R_{at}", 9 if preview else 1 + at % 5])
    path = tmp_path / "export.csv"
    path.write_text(quoted(rows), encoding="utf-8")
    draft = codebook_draft(read_export(path), title="x")
    assert scale(draft.codebook, "q1") == (1, 5)
    assert "9" not in draft.codebook.scale_of("q1").missing
    assert "It is an export of Qualtrics." in draft.text
    path.write_text(quoted(rows[:7]), encoding="utf-8")
    with pytest.raises(DataError, match="no row that a respondent filled in"):
        codebook_draft(read_export(path), title="x")


def test_a_cell_that_contradicts_the_labels_leaves_its_column_out(tmp_path):
    frame = pd.DataFrame({"v1": codes(1.0, 2.0, 3.0), "v2": codes(1.0, 2.0, 3.0, 4.0, 5.0)})
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(frame, str(path))
    export = read_export(path)
    parts = draft_parts(counted_columns(export), kinds_of(counted_columns(export)), "x")
    parts.mapping["scales"]["narrow"] = {"low": 1, "high": 3}
    parts.mapping["items"]["v2"]["scale"] = "narrow"
    left_out = {}
    leave_out_unread(parts, export.respondents(), left_out)
    # 4 and 5 stand in two of five rows.
    assert left_out == {"v2": "24 cells contradict its labels"}


@pytest.mark.parametrize(
    "cell, code",
    [
        ("5 - good", (5, "good")),
        ("5", (5, "")),
        ("18-24", None),
        ("1 or 2", None),
        ("5 of 10 things", None),
        ("good", None),
    ],
)
def test_a_code_is_read_only_where_one_number_leads(cell, code):
    assert code_in(cell) == code


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text("abcxyz", min_size=1, max_size=5), texts, min_size=1, max_size=4))
def test_whatever_a_title_or_a_label_holds_the_codebook_reads_it_back(labels):
    mapping = {"title": " ".join(labels.values()), "scales": {"s": {"low": 1, "high": 5}}}
    mapping["items"] = {name: {"label": text, "scale": "s"} for name, text in labels.items()}
    shown = "\n".join(yaml_lines(mapping, {("title",): list(labels.values())}))
    assert yaml.safe_load(shown) == mapping


@settings(max_examples=15, deadline=None)
@given(st.lists(texts.filter(str.strip), min_size=2, max_size=3, unique_by=canonical))
def test_a_group_of_any_words_is_read_back_from_the_draft(words):
    table = pd.DataFrame({"price": codes(1, 2, 3, 4, 5), "area": codes(*words)})
    raw = RawResponses(table, np.arange(2, N + 2), "answers.csv")
    columns = {name: ExportColumn(name) for name in table}
    export = Export("plain", raw, columns, np.full(N, "respondent", dtype=object))
    draft = codebook_draft(export, title=words[0])
    with TemporaryDirectory() as folder:
        path = Path(folder, "drafted.yaml")
        path.write_text(draft.text, encoding="utf-8")
        book = Codebook.read(path)
    assert book.groups == draft.codebook.groups
    answers = read_responses(raw, codebook=book)
    if book.groups and not any(map(means_no_answer, words)):
        blank = table["area"].map(lambda one: canonical(one) in NOT_AVAILABLE)
        (group,) = book.groups
        assert (answers[group].notna() | blank).all()
