"""Reading: real exports in their many forms give the same answers, and nothing is lost silently."""

import csv
import datetime as dt
import warnings
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from custlib.errors import DataError, ParameterError
from custlib.survey.codebook.book import Codebook
from custlib.survey.reading import delimited_text
from custlib.survey.reading.responses import missing_reasons, read_raw, read_responses

CODEBOOK = Codebook.from_mapping(
    {
        "scales": {
            "five": {
                "low": 1,
                "high": 5,
                "labels": {
                    1: {"en": "very dissatisfied", "ru": "совсем не доволен", "sl": "zelo slabo"},
                    5: {"en": "very satisfied", "ru": "очень доволен", "sl": "zelo dobro"},
                },
                "missing": {98: {"en": "refused", "ru": "отказ"}, 99: "do not know"},
            }
        },
        "items": {"quality": {}, "late": {"reversed": True}},
        "groups": {
            "role": {
                "values": {
                    "end_user": {"en": "End user", "ru": "Потребитель", "sl": "Končni kupec"},
                    "trader": {"ru": "Трейдер", "sl": "Posrednik"},
                    "other": {},
                }
            }
        },
        "weight": "tonnes",
    }
)
ROWS = [
    ["id", "quality", "late", "role", "tonnes", "comment"],
    ["007", "5", "1", "trader", "1,5", "быстро; хорошо"],
    ["008", "1", "2", "end_user", "2,25", 'он сказал: "да"'],
    ["009", "98", "", "", "10", ""],
]


def delimited(rows, delimiter):
    quoted = [['"{}"'.format(cell.replace('"', '""')) for cell in row] for row in rows]
    return "\r\n".join(delimiter.join(row) for row in quoted) + "\r\n"


def save(folder, text, name="answers.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(folder, text, codebook=CODEBOOK, **options):
    return read_responses(save(folder, text), codebook=codebook, **options)


def refusal(folder, text, codebook=CODEBOOK, **options):
    with pytest.raises(DataError) as caught:
        read(folder, text, codebook, **options)
    message = str(caught.value)
    assert message.count("\n") == 2
    return message


def items(**scale):
    return Codebook.from_mapping(
        {"scales": {"s": {"low": 1, "high": 5, **scale}}, "items": {"q": {}}}
    )


def workbook(folder, *rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book, folder / "answers.xlsx"


# What is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path, encoding, delimiter):
    text = ("\ufeff" if encoding == "utf-16-le" else "") + delimited(ROWS, delimiter)
    path = save(tmp_path, text, encoding=encoding)
    responses = read_responses(path, codebook=CODEBOOK)
    assert responses["quality"].tolist()[:2] == [5, 1]
    assert responses["tonnes"].tolist() == [1.5, 2.25, 10]
    assert responses["comment"].tolist()[:2] == ["быстро; хорошо", 'он сказал: "да"']


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Потребители стали довольны поставками, но не рекламациями"),
        ("cp1251", "Ёлка, объём, IT-отдел"),
        ("cp1251", "КАК ВЫ ОЦЕНИВАЕТЕ ДОСТАВКУ? ОЧЕНЬ ДОВОЛЕН"),
        ("cp1251", "мужской"),
        ("koi8-r", "Потребители стали довольны поставками, но не рекламациями"),
        ("koi8-r", "Цена и срок доставки"),
        ("cp1250", "Kupci so zadovoljni z jeklom, čeprav žal ne z reševanjem reklamacij"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy"),
        ("cp1250", "Zażółć gęślą jaźń"),
        ("cp1250", "Árvíztűrő tükörfúrógép"),
        ("cp1252", "Très satisfait de la qualité, déçu du délai à Orléans"),
        ("cp1252", "Muy satisfecho con el señor Núñez, mañana también"),
        ("cp1252", "Größe und Qualität überzeugen"),
        ("cp1252", "Förpackningen är bra på fartyget, men skölden är trög"),
    ],
)
def test_an_encoding_of_one_byte_a_letter_is_told_by_the_language(tmp_path, encoding, text):
    path = save(tmp_path, f"q;text\n5;{text}\n", encoding=encoding)
    assert read_responses(path, codebook=items())["text"].tolist() == [text]


def test_the_caller_may_say_the_encoding(tmp_path):
    path = save(tmp_path, "q;text\n5;Сталь\n", encoding="koi8-r")
    responses = read_responses(path, codebook=items(), encoding="koi8-r")
    assert responses["text"].tolist() == ["Сталь"]


def test_reversed_items_are_turned_so_that_high_is_good(tmp_path):
    assert read(tmp_path, delimited(ROWS, ";"))["late"].tolist()[:2] == [5, 4]


def test_groups_keep_the_order_of_the_codebook_and_their_empty_values(tmp_path):
    role = read(tmp_path, delimited(ROWS, ";"))["role"]
    assert role.cat.categories.tolist() == ["end_user", "trader", "other"]
    assert role.isna().tolist() == [False, False, True]
    assert role.tolist()[:2] == ["trader", "end_user"]


def test_columns_outside_the_codebook_are_kept_and_text_stays_text(tmp_path):
    text = "id;q;size;phone;part;price;country\n007;5;12;+7 495;1E5;12,5;NA\n008;4;7;;2E5;3,25;\n"
    responses = read(tmp_path, text, items())
    assert responses["id"].tolist() == ["007", "008"]
    assert responses["size"].tolist() == [12, 7]
    assert responses["part"].tolist() == ["1E5", "2E5"]
    assert responses["price"].tolist() == [12.5, 3.25]
    assert responses["country"].iloc[0] == "NA"
    assert responses["phone"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "cell",
    [
        *("5", " 5 ", "5.0", "5,0"),
        *("5 - very satisfied", "5: Very Satisfied", "5 (очень доволен)", "5 – wholly pleased"),
        *("very satisfied", "ОЧЕНЬ  ДОВОЛЕН", "Zelo dobro"),
    ],
)
def test_an_answer_is_understood_as_code_label_or_both(tmp_path, cell):
    responses = read(
        tmp_path,
        delimited([["quality", "late", "role", "tonnes"], [cell, "1", "trader", "1"]], ";"),
    )
    assert responses["quality"].tolist() == [5]


@pytest.mark.parametrize("cell", ["1 - very satisfied", "1 or 2", "4/5", "5 of 6", "06.05.2024"])
def test_what_only_looks_like_an_answer_is_refused(tmp_path, cell):
    rows = [["quality", "late", "role", "tonnes"], [cell, "1", "trader", "1"]]
    assert f"row 2: {cell!r}" in refusal(tmp_path, delimited(rows, ";"))


def test_labels_that_contradict_the_codebook_say_so(tmp_path):
    rows = [["quality", "late", "role", "tonnes"], ["1 - very satisfied", "1", "trader", "1"]]
    assert "other labels than the codebook" in refusal(tmp_path, delimited(rows, ";"))


@pytest.mark.parametrize("written", [["1", "2"], ["1.0", "2.0"], [" 1", "2 "], [1, 2], [1.0, 2.0]])
def test_group_codes_are_the_same_however_they_are_written(tmp_path, written):
    codebook = Codebook.from_mapping({"groups": {"sex": {"values": {1: "men", 2: "women"}}}})
    path = tmp_path / "answers.parquet"
    pd.DataFrame({"sex": written}).to_parquet(path)
    assert read_responses(path, codebook=codebook)["sex"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (["1 234,5", "2"], 1234.5),
        (["1\u00a0234,5", "2"], 1234.5),
        (["1\u202f234.5", "2"], 1234.5),
        (["1.234,5", "2"], 1234.5),
        (["1,234.5", "2"], 1234.5),
        (["1.234.567", "2"], 1234567),
        (["1.234", "0,5"], 1234),
        (["1,234", "0,5"], 1.234),
        (["1,234", "0.5"], 1234),
        (["1.234", "2"], 1.234),
        (["1e-05", "2"], 0.00001),
        (["−3,5", "2"], -3.5),
    ],
)
def test_weights_are_numbers_in_the_style_their_column_shows(tmp_path, written, number):
    codebook = Codebook.from_mapping({"weight": "w"})
    text = delimited([["id", "w"], *([str(at), cell] for at, cell in enumerate(written))], ";")
    assert read(tmp_path, text, codebook)["w"].iloc[0] == number


@pytest.mark.parametrize(("decimal", "number"), [(",", 1.234), (".", 1234)])
def test_a_comma_that_may_mean_two_things_must_be_told(tmp_path, decimal, number):
    codebook, text = Codebook.from_mapping({"weight": "w"}), "id;w\na;1,234\nb;2,500\n"
    assert "1,234 is 1234 or 1.234" in refusal(tmp_path, text, codebook)
    assert read(tmp_path, text, codebook, decimal=decimal)["w"].iloc[0] == number


def test_two_decimal_marks_in_one_column_are_refused(tmp_path):
    codebook = Codebook.from_mapping({"weight": "w"})
    assert "1,5, 2.5" in refusal(tmp_path, "id;w\na;1,5\nb;2.5\n", codebook)


@pytest.mark.parametrize(
    "written", ["2025-03-31 14:05", "31.03.2025 14:05:00", "31/03/2025 14:05", "03/31/2025 14:05"]
)
def test_times_of_submission_are_times(tmp_path, written):
    codebook = Codebook.from_mapping({"submitted": "when"})
    responses = read(tmp_path, f"id;when\na;{written}\nb;\n", codebook)
    assert responses["when"].iloc[0] == pd.Timestamp(2025, 3, 31, 14, 5)
    assert responses["when"].isna().tolist() == [False, True]


def test_a_day_that_may_be_a_month_is_refused(tmp_path):
    codebook = Codebook.from_mapping({"submitted": "when"})
    assert "which the month" in refusal(tmp_path, "id;when\na;03/04/2025\n", codebook)


def test_rows_without_any_cell_are_no_respondents_and_keep_the_count_of_rows(tmp_path):
    text = "id;q\na;5\n\n;\nb;7\n;\n"
    assert "row 5: '7'" in refusal(tmp_path, text, items())
    assert len(read(tmp_path, text.replace("7", "4"), items())) == 2


def test_a_footer_is_set_aside_with_a_warning_that_names_its_row(tmp_path):
    path = save(tmp_path, "region;q\n" + "North;5\nSouth;4\n" * 3 + "\nTotal rows: 6;\n")
    codebook = Codebook.from_mapping(
        {
            "scales": {"s": {"low": 1, "high": 5, "missing": {9: "refused"}}},
            "items": {"q": {}},
            "groups": {"region": {"values": ["North", "South"]}},
        }
    )
    with pytest.warns(UserWarning, match=r"answers\.csv: row 9 .* footer"):
        raw = read_raw(path, codebook=codebook)
    assert raw.set_aside == {9: "footer"}
    assert raw.rows.tolist() == [2, 3, 4, 5, 6, 7]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_responses(raw, codebook=codebook)["q"].tolist() == [5, 4] * 3
    with pytest.warns(UserWarning, match="row 9"):
        assert len(read_responses(path, codebook=codebook)) == 6
    with pytest.warns(UserWarning, match="row 9"):
        assert missing_reasons(path, codebook=codebook).empty


@pytest.mark.parametrize("footer", ["Total;20", ";;\nTotal;20", "Average;3.4\nN;20"])
def test_a_row_of_sums_is_set_aside_with_a_warning_and_is_no_refused_answer(tmp_path, footer):
    text = "id;q\n" + "".join(f"R{at};{1 + at % 5}\n" for at in range(20)) + footer + "\n"
    with pytest.warns(UserWarning, match=r"answers\.csv: row 2[23](, 23)? .* footer"):
        responses = read(tmp_path, text, items())
    assert responses["q"].tolist() == [1, 2, 3, 4, 5] * 4


def test_numbers_above_a_footer_stay_numbers(tmp_path):
    answers = [[at, 1 + at % 5] for at in range(1, 31)]
    book, path = workbook(tmp_path, ["code", "q"], *answers, [], ["Simulated data"])
    book.save(path)
    with pytest.warns(UserWarning, match="row 33"):
        responses = read_responses(path, codebook=items())
    assert responses["code"].tolist() == list(range(1, 31))
    assert responses["code"].dtype == "int64"


def test_a_respondent_who_filled_in_one_cell_is_kept_with_a_codebook_as_well(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        responses = read(tmp_path, "id;q;why\na;5;\nb;4;good\n\n;;Total loss: 2 weeks\n", items())
    assert responses["why"].tolist()[1:] == ["good", "Total loss: 2 weeks"]


def test_title_rows_above_the_header_are_passed_over(tmp_path):
    responses = read(tmp_path, "Survey 2025;\n\nid;q\na;5\n", items())
    assert responses["q"].tolist() == [5]
    assert "row 4: '9'" in refusal(tmp_path, "Survey 2025;\n\nid;q\na;9\n", items())


def test_answers_that_name_columns_are_not_taken_for_the_header(tmp_path):
    codebook = Codebook.from_mapping(
        {"scales": {"s": {"low": 1, "high": 5}}, "items": {name: {} for name in "abcde"}}
    )
    message = refusal(tmp_path, "respondent;best;worst\n1;a;b\n", codebook)
    assert "The file has: respondent, best, worst." in message


def test_a_spreadsheets_word_on_its_delimiter_is_passed_over(tmp_path):
    assert read(tmp_path, "sep=;\nid;q\na;5\n", items())["q"].tolist() == [5]


def test_line_breaks_and_delimiters_inside_quotes_belong_to_the_answer(tmp_path):
    responses = read(tmp_path, 'q;"what\nelse";w\n5;"first;\nsecond";1\n', items())
    assert responses.columns.tolist() == ["q", "what else", "w"]
    assert responses["what else"].tolist() == ["first;\nsecond"]


def test_an_item_all_missing_is_kept(tmp_path):
    responses = read(tmp_path, "id;q\na;\nb;NA\n", items())
    assert responses["q"].isna().all()
    assert responses["q"].dtype == float


def test_a_column_may_have_another_name_in_the_file(tmp_path):
    codebook = Codebook.from_mapping(
        {"scales": {"s": {"low": 1, "high": 5}}, "items": {"price": {"column": "Q 7"}}}
    )
    assert read(tmp_path, "id,Q  7\na,3\n", codebook).columns.tolist() == ["id", "price"]


def test_a_group_may_be_stratum_as_well(tmp_path):
    codebook = Codebook.from_mapping({"groups": {"m": {"values": [1, 2]}}, "stratum": "m"})
    assert read(tmp_path, "id;m\na;2\n", codebook).columns.tolist() == ["id", "m"]


# Why an answer is missing


def test_reasons_are_kept_apart(tmp_path):
    codebook = items(missing={98: {"en": "refused", "sl": "ni želel"}, 99: "do not know"})
    path = save(tmp_path, "id;q\na;98\nb;98\nc;99 - no idea\nd;\ne;NA\nf;5\ng;refused\n")
    table = missing_reasons(path, codebook=codebook, language="sl")
    assert table.to_dict("list") == {
        "item": ["q", "q", "q", "q"],
        "reason": ["ni želel", "(blank)", "NA", "do not know"],
        "n_missing": [3, 1, 1, 1],
    }


def test_missing_codes_of_the_whole_file_hold_for_every_item_and_group(tmp_path):
    codebook = Codebook.from_mapping(
        {
            "scales": {"s": {"low": 1, "high": 5}},
            "items": {"q": {}},
            "groups": {"g": {"values": ["a"]}},
            "missing": {-9: "not asked"},
        }
    )
    raw = read_raw(save(tmp_path, "q;g\n-9;-9\n5;a\n"), codebook=codebook)
    assert read_responses(raw, codebook=codebook).isna().sum().tolist() == [1, 1]
    assert missing_reasons(raw, codebook=codebook)["reason"].tolist() == ["not asked"]


# Workbooks


def test_a_workbook_with_title_rows_and_merged_cells_is_read(tmp_path):
    book, path = workbook(
        tmp_path,
        ["Customers 2025", None, None, None],
        ["firm", "Product", None, "when"],
        [None, "q", "comment", None],
        ["Iran Steel", "5", "да", dt.datetime(2025, 3, 31)],
        [None, 4.0, None, dt.datetime(2025, 4, 1)],
        ["Asia", "98", "=x", None],
        [None, None, None, None],
    )
    sheet = book.active
    for box in ("A1:D1", "A2:A3", "B2:C2", "D2:D3", "A4:A5"):
        sheet.merge_cells(box)
    sheet["C6"].data_type = "s"
    sheet["F9"].number_format = "0.0"
    book.save(path)
    responses = read_responses(path, codebook=items(missing=[98]))
    assert responses.columns.tolist() == ["firm", "q", "comment", "when"]
    assert responses["firm"].tolist() == ["Iran Steel", "Iran Steel", "Asia"]
    assert responses["q"].tolist()[:2] == [5, 4]
    assert responses["comment"].iloc[2] == "=x"
    assert responses["when"].iloc[0] == pd.Timestamp(2025, 3, 31)


def test_an_answer_merged_across_columns_is_the_answer_to_each(tmp_path):
    book, path = workbook(tmp_path, ["id", "first", "last"], ["a", 5, None], ["b", 1, 2])
    book.active.merge_cells("B2:C2")
    book.save(path)
    codebook = Codebook.from_mapping(
        {"scales": {"s": {"low": 1, "high": 5}}, "items": {"first": {}, "last": {}}}
    )
    responses = read_responses(path, codebook=codebook)
    assert responses[["first", "last"]].to_numpy().tolist() == [[5, 5], [1, 2]]


def test_rows_of_a_workbook_are_named_as_the_spreadsheet_shows_them(tmp_path):
    book, path = workbook(tmp_path, ["Title"], [], ["id", "q"], ["a", 5], ["b", 7])
    book.save(path)
    with pytest.raises(DataError, match="row 5: '7'"):
        read_responses(path, codebook=items())


def test_true_and_false_in_a_workbook_are_not_the_answers_one_and_zero(tmp_path):
    book, path = workbook(tmp_path, ["id", "q"], ["a", True])
    book.save(path)
    with pytest.raises(DataError, match="row 2: 'TRUE'"):
        read_responses(path, codebook=items())


def test_the_sheet_with_the_codebooks_columns_is_found(tmp_path):
    book, path = workbook(tmp_path, ["Notes"], ["q is the question"], title="Readme")
    data = book.create_sheet("Data")
    data.append(["id", "q"])
    data.append(["a", 5])
    hidden = book.create_sheet("Old")
    hidden.append(["id", "q"])
    hidden.append(["a", 1])
    hidden.sheet_state = "hidden"
    book.save(path)
    assert read_responses(path, codebook=items())["q"].tolist() == [5]
    assert read_responses(path, codebook=items(), sheet="Old")["q"].tolist() == [1]
    with pytest.raises(DataError, match="It has: Readme, Data, Old"):
        read_responses(path, codebook=items(), sheet="data")


def test_two_sheets_that_fit_must_be_told_apart(tmp_path):
    book, path = workbook(tmp_path, ["id", "q"], ["a", 5], title="2023")
    other = book.copy_worksheet(book.active)
    other.title = "2024"
    book.save(path)
    with pytest.raises(DataError, match="2023, 2024"):
        read_responses(path, codebook=items())


def test_a_formula_without_its_result_is_refused(tmp_path):
    book, path = workbook(tmp_path, ["id", "q"], ["a", "=2+3"])
    book.save(path)
    with pytest.raises(DataError, match="cell B2 holds a formula without a stored result"):
        read_responses(path, codebook=items())


def test_a_formula_counts_as_the_result_stored_with_it(tmp_path):
    book, path = workbook(tmp_path, ["id", "q"], ["a", "=2+3"])
    plain = tmp_path / "plain.xlsx"
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name).replace(b"<v></v>", b"<v>5</v>").replace(b"<v />", b"<v>5</v>")
            )
    assert read_responses(path, codebook=items())["q"].tolist() == [5]


# SPSS and Parquet


def spss(folder, table, **options):
    path = folder / "ответы клиентов.sav"
    pyreadstat.write_sav(pd.DataFrame(table), path, **options)
    return path


def test_user_missing_codes_of_spss_are_missing_with_their_label_as_reason(tmp_path):
    path = spss(
        tmp_path,
        {"q": [5.0, 9.0, 97.0, 98.0, np.nan]},
        variable_value_labels={"q": {9.0: "refused", 97.0: "not asked"}},
        missing_ranges={"q": [9, {"lo": 97, "hi": 99}]},
    )
    assert read_responses(path, codebook=items())["q"].isna().tolist() == [False] + [True] * 4
    table = missing_reasons(path, codebook=items())
    assert dict(zip(table["reason"], table["n_missing"], strict=True)) == {
        "refused": 1,
        "not asked": 1,
        "98.0": 1,
        "(blank)": 1,
    }


def test_value_labels_of_spss_lead_to_the_codebooks_values(tmp_path):
    path = spss(
        tmp_path,
        {"role": [1.0, 2.0, 2.0]},
        variable_value_labels={"role": {1.0: "Трейдер", 2.0: "End User"}},
    )
    codebook = Codebook.from_mapping({"groups": {"role": CODEBOOK.groups["role"].model_dump()}})
    roles = read_responses(path, codebook=codebook)["role"].tolist()
    assert roles == ["trader", "end_user", "end_user"]


def test_spss_labels_that_turn_the_scale_round_are_refused(tmp_path):
    path = spss(
        tmp_path,
        {"q": [1.0, 5.0]},
        variable_value_labels={"q": {1.0: "very good", 5.0: "very bad"}},
    )
    codebook = items(labels={1: "very bad", 5: "very good"})
    with pytest.raises(DataError, match=r"row 1: '1' \(very good\), row 2: '5' \(very bad\)"):
        read_responses(path, codebook=codebook)


def test_parquet_keeps_a_named_index_as_a_column(tmp_path):
    path = tmp_path / "answers.parquet"
    pd.DataFrame({"q": [5, 4]}, index=pd.Index(["a", "b"], name="id")).to_parquet(path)
    responses = read_responses(path, codebook=items())
    assert responses["id"].tolist() == ["a", "b"]
    assert responses.index.tolist() == [0, 1]


# What is refused


def test_answers_off_the_scale_name_the_first_five_rows(tmp_path):
    text = "q\n5\n" + "".join(f"{code}\n" for code in (6, 7, 0, 11, 2.5, 8, 9))
    message = refusal(tmp_path, text, items())
    assert "7 answers in 'q' off the scale" in message
    assert "row 3: '6', row 4: '7', row 5: '0', row 6: '11', row 7: '2.5'." in message
    assert "whole numbers from 1 to 5" in message


def test_every_column_with_unread_answers_is_named(tmp_path):
    rows = [ROWS[0], ["1", "6", "7", "traider", "1", ""]]
    message = refusal(tmp_path, delimited([*rows, ["2", "5", "5", "trader", "1", ""]] * 1, ";"))
    assert "1 answer in 'quality'" in message
    assert "also 1 in 'late', 1 in 'role'" in message


def test_a_value_outside_the_group_names_its_row_and_the_values(tmp_path):
    rows = [ROWS[0], ["1", "5", "5", "trader", "1", ""], ["2", "5", "5", "traider", "1", ""]]
    message = refusal(tmp_path, delimited(rows, ";"))
    assert "row 3: 'traider'" in message
    assert "one of end_user, trader, other" in message


def test_a_weight_that_is_no_number_names_its_row(tmp_path):
    message = refusal(tmp_path, "id;w\na;1\nb;much\n", Codebook.from_mapping({"weight": "w"}))
    assert "row 3: 'much'" in message


def test_missing_columns_are_all_named_with_the_nearest_present(tmp_path):
    message = refusal(tmp_path, "Quality;lates;role\n5;1;trader\n")
    assert "lacks 3 of the codebook's columns" in message
    assert "quality (nearest: 'Quality'), late (nearest: 'lates'), tonnes." in message


def test_columns_of_one_name_are_refused(tmp_path):
    assert "more than once: q." in refusal(tmp_path, "q;q;w\n5;4;1\n", items())


def test_a_column_must_not_have_the_name_the_codebook_gives_another(tmp_path):
    codebook = Codebook.from_mapping(
        {"scales": {"s": {"low": 1, "high": 5}}, "items": {"price": {"column": "Q7"}}}
    )
    assert "columns named price" in refusal(tmp_path, "Q7;price\n5;100\n", codebook)


def test_extra_header_rows_are_recognized(tmp_path):
    names, texts = "quality,late,role,tonnes", "How good?,How late?,Role,Tonnes"
    text = f'{names}\n{texts}\n"{{""ImportId"":""Q1""}}",x,y,z\n5,1,trader,1\n'
    message = refusal(tmp_path, text)
    assert "as if row 2, 3 were a further header" in message
    assert "'How good?'" in message


def test_another_delimiter_is_named(tmp_path):
    assert "whose name holds the delimiter '^'" in refusal(tmp_path, "id^q^w\na^5^1\n", items())
    message = refusal(tmp_path, "id;q;w\na;5;1\n", items(), delimiter=",")
    assert "the delimiter semicolon" in message
    assert "leave delimiter= out" in message


def test_rows_wholly_in_quotation_marks_are_named_as_such(tmp_path):
    message = refusal(tmp_path, '"id;q"\n"a;5"\n', items())
    assert "the delimiter semicolon" in message
    assert "quotation marks that enclose whole rows" in message


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_delimiter_is_one_character(tmp_path, delimiter):
    with pytest.raises(ParameterError, match="Expected one character"):
        read(tmp_path, "id;q\na;5\n", items(), delimiter=delimiter)


def test_a_list_in_a_parquet_file_is_no_answer(tmp_path):
    path = tmp_path / "answers.parquet"
    pd.DataFrame({"q": [[5], [4]]}).to_parquet(path)
    with pytest.raises(DataError, match=r"row 1: '\[5\]'"):
        read_responses(path, codebook=items())


def test_column_numbers_of_a_parquet_file_are_names(tmp_path):
    path = tmp_path / "answers.parquet"
    pd.DataFrame({7: [5, 4]}).to_parquet(path)
    codebook = Codebook.from_mapping(
        {"scales": {"s": {"low": 1, "high": 5}}, "items": {"price": {"column": "7"}}}
    )
    assert read_responses(path, codebook=codebook)["price"].tolist() == [5, 4]


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"", "a.csv", "is empty"),
        (b"q;w\n", "a.csv", "no row of answers below its header: q, w"),
        (b"\xef\xbb\xbf", "a.csv", "no row of answers"),
        (b"%PDF-1.7\n%\xe2\xe3", "a.csv", "a PDF document"),
        (b"PK\x03\x04\x14\x00", "a.csv", "an Excel workbook, or another zipped document"),
        (b"PK\x03\x04\x14\x00", "a.xlsx", "damaged or of another kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xlsx", "or one with a password"),
        (b"<!DOCTYPE html><table>", "a.csv", "a web page"),
        (b'{"q": 5}', "a.txt", "JSON"),
        (b"q\x00\x01\x02", "a.csv", "a binary file"),
        (b"q;w\n5;1\n", "a.xlsx", "not what its name says"),
        (b"q;w\n5;1\n", "a.sav", "not what its name says"),
        (b"$FL2@(#) SPSS", "a.sav", "damaged or of another kind"),
        (b"PAR1 and no more", "a.parquet", "damaged or of another kind"),
        (b"q;w\n5;1\n", "a.dat", "ending"),
        ("q;w\nхорошо;1\n".encode() + b"5;\xff\n", "a.csv", "damaged bytes, the first in line 3"),
    ],
)
def test_what_is_no_table_says_what_it_is(tmp_path, content, name, found):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_responses(path, codebook=items())
    assert found in str(caught.value)
    assert str(caught.value).count("\n") == 2


def test_an_absent_file_is_answered_with_the_nearest_name(tmp_path):
    save(tmp_path, "q\n5\n", "Ответы клиентов 2025.csv")
    with pytest.raises(DataError, match=r"Did you mean 'Ответы клиентов 2025\.csv'"):
        read_responses(tmp_path / "ответы клиентов.csv", codebook=items())
    with pytest.raises(DataError, match="has no folder"):
        read_responses(tmp_path / "nowhere" / "a.csv", codebook=items())
    with pytest.raises(DataError, match="is a folder"):
        read_responses(tmp_path, codebook=items())


def test_a_path_with_blanks_and_cyrillic_letters_is_read(tmp_path):
    folder = tmp_path / "данные опроса"
    folder.mkdir()
    path = save(folder, "q\n5\n", "ответы № 1.csv")
    assert read_responses(str(path), codebook=items())["q"].tolist() == [5]


def test_a_quotation_mark_left_open_does_not_swallow_rows(tmp_path):
    message = refusal(tmp_path, 'id;q;w\na;5;1\nb;"4;1\nc;3;1\nd;2;1\n', items())
    assert "row 3 runs on into the rows below" in message
    message = refusal(tmp_path, 'id;text;q\na;"open;5\nb;"closed";4\nc;x;3\n', items())
    assert "row 2 runs on into the rows below" in message


def test_quotation_marks_are_doubted_once_a_text(tmp_path, monkeypatch):
    """Each doubt parses the whole text; 2 of them: one for the heading, one for the answers."""
    asked = []
    judged = delimited_text.is_well_formed
    monkeypatch.setattr(
        delimited_text, "is_well_formed", lambda *how: asked.append(how) or judged(*how)
    )
    row = 'a;"he said ""well;so;so""\nand left";5\n'
    assert read(tmp_path, "id;text;q\n" + row * 80, items())["q"].tolist() == [5] * 80
    assert len(asked) == 2
    broken = "id;text;q\n" + row * 80 + 'a;"open;5\nb;"closed";4\nc;x;3\n'
    # The csv reader counts each quoted answer as one row.
    assert "row 2 runs on into the rows below" in refusal(tmp_path, broken, items())


def test_a_cell_may_be_longer_than_the_csv_reader_expects(tmp_path):
    limit = csv.field_size_limit()
    assert limit == 131_072
    long = "x" * 140_000
    responses = read(tmp_path, f"id;q;text\na;5;{long}\nb;4;short\n", items())
    assert responses["text"].tolist() == [long, "short"]
    assert csv.field_size_limit() == limit
    message = refusal(tmp_path, f'id;q;text\na;5;"{long}\nb;4;short\n', items())
    assert "row 2 runs on into the rows below" in message
    assert csv.field_size_limit() == limit


def test_a_row_torn_by_a_line_break_is_not_two_respondents(tmp_path):
    message = refusal(tmp_path, "id;q;text;w\na;5;good\nand bad;1\nb;4;x;1\n", items())
    assert "rows 2 and 3 look like one row torn" in message


def test_rows_that_only_lack_empty_cells_at_their_end_are_read(tmp_path):
    responses = read(tmp_path, "id;q;text;w\na;5\nb;4;x;1\n", items())
    assert responses["text"].isna().tolist() == [True, False]


def test_a_row_with_too_many_cells_is_named(tmp_path):
    assert "row 3 has 4 cells, the header has 3" in refusal(
        tmp_path, "id,q,text\na,5,x\nb,4,good, but late\n", items()
    )


def test_an_option_that_means_nothing_for_a_format_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="sheet= was given"):
        read(tmp_path, "q\n5\n", items(), sheet="Data")
    with pytest.raises(DataError, match="encoding 'klingon' is not known"):
        read(tmp_path, "q\n5\n", items(), encoding="klingon")


@pytest.mark.parametrize("of", [read_responses, missing_reasons])
def test_an_option_for_cells_that_are_read_already_is_refused(tmp_path, of):
    raw = read_raw(save(tmp_path, "q\n5\n"), codebook=items())
    with pytest.raises(ParameterError, match="encodng, bogus was given for cells of answers"):
        of(raw, codebook=items(), encodng="klingon", bogus=3)
    assert len(of(raw, codebook=items())) == (of is read_responses)
