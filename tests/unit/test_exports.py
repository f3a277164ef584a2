"""Exports of platforms: header rows become heads, and only people's rows count as answers.

Layouts are those of real exports; names, texts and answers are made up here (simulated).
"""

import json

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from custlib.errors import DataError
from custlib.survey import Codebook, missing_reasons, read_export, read_responses
from custlib.survey.reading.headings.limesurvey import ordered_code

FIVE = {"five": {"low": 1, "high": 5}}
IDS = ("startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished")
OWN = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)"]
OWN += ["Finished", "RecordedDate", "ResponseId", "RecipientLastName", "RecipientEmail"]
OWN += ["ExternalReference", "LocationLatitude", "DistributionChannel", "UserLanguage"]
OWN_IDS = [*IDS, "recordedDate", "_recordId", "recipientLastName", "recipientEmail"]
OWN_IDS += ["externalDataReference", "locationLatitude", "distributionChannel", "userLanguage"]
# The second row is in the language of who exports: here German.
OWN_TEXTS = ["Anfangsdatum", "Enddatum", "Antworttyp", "IP-Adresse", "Fortschritt"]
OWN_TEXTS += ["Dauer (in Sekunden)", "Beendet", "Erfassungsdatum", "Antwort-ID", "Nachname"]
OWN_TEXTS += ["E-Mail", "Externe Datenreferenz", "Breitengrad", "Verteilungskanal", "Sprache"]
ASKED = ["Q1_1", "Q1_2", "Q2", "Q2_4_TEXT", "Q3", "region"]
ASKED_IDS = ["QID5_1", "QID5_2", "QID7", "QID7_4_TEXT", "QID9_TEXT", "region"]
ASKED_TEXTS = [
    "How satisfied are you\nwith <strong>our</strong> steel? - Price - per tonne",
    "How satisfied are you\nwith <strong>our</strong> steel? - Delivery",
    "Who are you? - Selected Choice",
    "Who are you? - Other - Text",
    "What else?",
    "region",
]


def qualtrics_row(status, finished, *answers, number=1, channel="anonymous"):
    when = f"2025-03-0{number} 10:00:00"
    own = [when, when, status, "203.0.113.7", "100", "95", finished, when, f"R_{number}"]
    return [*own, "Doe", "doe@example.org", "", "46.05", channel, "EN", *answers]


QUALTRICS = [
    [*OWN, *ASKED],
    [*OWN_TEXTS, *ASKED_TEXTS],
    [json.dumps({"ImportId": one}) for one in [*OWN_IDS, *ASKED_IDS]],
    qualtrics_row("0", "1", "4", "5", "1", "", "good", "north", number=1),
    qualtrics_row("0", "0", "2", "-99", "", "", "", "north", number=2),
    qualtrics_row("1", "1", "1", "1", "4", "me", "x", "south", number=3, channel="preview"),
    qualtrics_row("9", "1", "1", "1", "4", "me", "x", "south", number=4, channel="preview"),
    qualtrics_row("8", "1", "5", "5", "1", "", "x", "south", number=5),
    qualtrics_row("4", "1", "3", "2", "1", "", "x", "south", number=6),
]
Q1 = Codebook.from_mapping(
    {"scales": FIVE, "items": {"Q1_1": {}, "Q1_2": {}}, "missing": {-99: "seen, not answered"}}
)


def quoted(rows, delimiter=",", end="\r\n"):
    cells = [['"{}"'.format(cell.replace('"', '""')) for cell in row] for row in rows]
    return "".join(delimiter.join(row) + end for row in cells)


def save(folder, text, name="answers.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def workbook(folder, rows, merge=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell if cell != "" else None for cell in row])
    for box in merge:
        book.active.merge_cells(box)
    book.save(folder / "answers.xlsx")
    return folder / "answers.xlsx"


def roles(export):
    return {name: column.role for name, column in export.columns.items() if not column.is_answer}


def asked(export):
    return {
        name: (column.question, column.part)
        for name, column in export.columns.items()
        if column.is_answer
    }


def counts(export):
    return dict(export.row_counts.itertuples(index=False))


# Qualtrics


def test_the_three_header_rows_of_qualtrics_become_one(tmp_path):
    export = read_export(save(tmp_path, quoted(QUALTRICS)))
    assert export.platform == "qualtrics"
    assert list(export.table) == list(export.columns) == [*OWN, *ASKED]
    assert export.rows.tolist() == [4, 5, 6, 7, 8, 9]
    assert asked(export) == {
        "Q1_1": ("How satisfied are you with our steel?", "Price - per tonne"),
        "Q1_2": ("How satisfied are you with our steel?", "Delivery"),
        "Q2": ("Who are you?", ""),
        "Q2_4_TEXT": ("Who are you?", "Other"),
        "Q3": ("What else?", ""),
    }


def test_columns_of_qualtrics_have_their_roles_and_personal_ones_are_told(tmp_path):
    export = read_export(save(tmp_path, quoted(QUALTRICS)))
    expected = ["started", "ended", "status", "ip", "progress", "duration", "finished", "recorded"]
    expected += ["respondent", "name", "email", "reference", "location", "channel", "language"]
    assert roles(export) == dict(zip([*OWN, "region"], [*expected, "custom"], strict=True))
    personal = [name for name, column in export.columns.items() if column.is_personal]
    assert personal == [OWN[at] for at in (3, 9, 10, 11, 12)]


def test_previews_spam_and_unfinished_rows_of_qualtrics_are_counted_and_kept(tmp_path):
    export = read_export(save(tmp_path, quoted(QUALTRICS)))
    kinds = ["respondent", "unfinished", "preview", "preview", "spam", "imported"]
    assert export.row_kinds.tolist() == kinds
    assert list(counts(export).items()) == [
        ("respondent", 1),
        ("imported", 1),
        ("unfinished", 1),
        ("preview", 2),
        ("spam", 1),
    ]
    assert export.respondents().rows.tolist() == [4, 5, 9]
    assert export.respondents(unfinished=False).rows.tolist() == [4, 9]
    assert export.respondents().set_aside == {6: "preview", 7: "preview", 8: "spam"}
    answers = read_responses(export.respondents(), codebook=Q1)
    assert answers["Q1_1"].tolist() == [4, 2, 3]


def test_words_in_place_of_codes_say_the_same_of_qualtrics_rows(tmp_path):
    rows = [
        *QUALTRICS[:3],
        qualtrics_row("IP Address", "True", "4", "5", "1", "", "", "north"),
        qualtrics_row("IP Address", "False", "4", "5", "1", "", "", "north"),
        qualtrics_row("Survey Preview", "True", "4", "5", "1", "", "", "north"),
        qualtrics_row("Survey Test", "True", "4", "5", "1", "", "", "north"),
        qualtrics_row("Spam", "True", "4", "5", "1", "", "", "north"),
    ]
    kinds = ["respondent", "unfinished", "preview", "test", "spam"]
    assert read_export(save(tmp_path, quoted(rows))).row_kinds.tolist() == kinds


def test_a_status_in_other_words_sets_no_row_aside(tmp_path):
    words = ("tested", "contest", "spam filter", "no preview", "test drive")
    rows = [qualtrics_row(word, "True", "4", "5", "1", "", "", "north") for word in words]
    export = read_export(save(tmp_path, quoted([*QUALTRICS[:3], *rows])))
    assert counts(export) == {"respondent": 5}


def test_a_wrong_column_is_told_for_rows_set_aside_as_well(tmp_path):
    raw = read_export(save(tmp_path, quoted(QUALTRICS))).respondents()
    codebook = Codebook.from_mapping({"scales": FIVE, "items": {"price": {"column": "Q1_3"}}})
    for read in (read_responses, missing_reasons):
        with pytest.raises(DataError, match="lacks 1 of the codebook's columns: Q1_3"):
            read(raw, codebook=codebook)


def test_a_progress_below_100_tells_the_unfinished_in_every_language(tmp_path):
    rows = [*QUALTRICS[:3], *(qualtrics_row("0", "Nein", "4", "5", "1", "", "", "") for _ in "ab")]
    rows[3][4] = "40"
    export = read_export(save(tmp_path, quoted(rows)))
    assert export.row_kinds.tolist() == ["unfinished", "respondent"]


def test_seen_but_unanswered_is_told_where_it_occurs(tmp_path):
    export = read_export(save(tmp_path, quoted(QUALTRICS)))
    assert export.no_answer == {"-99": "seen, not answered"}
    without = [row for row in QUALTRICS if "-99" not in row]
    assert read_export(save(tmp_path, quoted(without))).no_answer == {}


def test_a_codebook_reads_qualtrics_past_its_header_rows(tmp_path):
    path = save(tmp_path, quoted(QUALTRICS))
    answers = read_responses(path, codebook=Q1)
    assert answers["Q1_1"].tolist() == [4, 2, 1, 1, 5, 3]
    assert np.isnan(answers["Q1_2"].iloc[1])
    assert answers["Duration (in seconds)"].tolist() == [95] * 6
    assert missing_reasons(path, codebook=Q1).to_dict("list") == {
        "item": ["Q1_2"],
        "reason": ["seen, not answered"],
        "n_missing": [1],
    }


def test_qualtrics_in_utf_16_with_tabs_is_read(tmp_path):
    text = quoted(QUALTRICS, "\t").replace("good", "хорошо")
    export = read_export(save(tmp_path, text, "answers.tsv", "utf-16"))
    assert (export.platform, len(export.table)) == ("qualtrics", 6)
    assert export.table["Q3"].iloc[0] == "хорошо"


def test_import_ids_of_the_programming_interface_have_single_quotes(tmp_path):
    rows = [*QUALTRICS[:2], [f"{{'ImportId': '{one}'}}" for one in [*OWN_IDS, *ASKED_IDS]]]
    export = read_export(save(tmp_path, quoted([*rows, *QUALTRICS[3:]])))
    assert (export.platform, export.rows[0]) == ("qualtrics", 4)


@pytest.mark.parametrize("header_rows", [1, 2])
def test_qualtrics_with_fewer_header_rows_is_told_by_its_columns(tmp_path, header_rows):
    path = workbook(tmp_path, [*QUALTRICS[:header_rows], *QUALTRICS[3:]])
    export = read_export(path)
    assert (export.platform, export.rows[0]) == ("qualtrics", header_rows + 1)
    assert export.columns["Q1_2"].part == ["Delivery", ""][2 - header_rows]
    assert read_responses(path, codebook=Q1)["Q1_1"].tolist() == [4, 2, 1, 1, 5, 3]


def test_the_older_qualtrics_export_names_its_own_columns_in_the_second_row(tmp_path):
    text = (
        "V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,Q2,\n"
        "ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,"
        "StartDate,EndDate,Finished,How good is it?,What else?,\n"
        "R_1,Default Response Set,Anonymous,,,203.0.113.7,0,2015-07-18 08:28:09,"
        "2015-07-18 08:28:48,1,2,Hello,\n"
        "R_2,Default Response Set,Anonymous,,,203.0.113.8,0,2015-07-18 08:28:09,"
        "2015-07-18 08:28:48,0,3,,\n"
    )
    path = save(tmp_path, text)
    export = read_export(path)
    assert export.platform == "qualtrics"
    assert asked(export) == {"Q1": ("How good is it?", ""), "Q2": ("What else?", "")}
    assert roles(export)["V1"] == "respondent"
    assert roles(export)["V10"] == "finished"
    assert export.row_kinds.tolist() == ["respondent", "unfinished"]
    codebook = Codebook.from_mapping({"scales": FIVE, "items": {"Q1": {}}})
    assert read_responses(path, codebook=codebook)["Q1"].tolist() == [2, 3]


def test_clicks_orders_and_scores_are_no_answers(tmp_path):
    names = ["Q4_First Click", "Q5_DO_1", "Q_RecaptchaScore", "SC0", "Q3 - Topics"]
    ids = ["QID11_FIRST_CLICK", "QID12_DO_1", "Q_RecaptchaScore", "SC_abc", "QID9_TEXT_Topics"]
    rows = [[*row, *more] for row, more in zip(QUALTRICS, [names, names, ids], strict=False)]
    rows[2][-5:] = [json.dumps({"ImportId": one}) for one in ids]
    rows.append([*QUALTRICS[3], "1.5", "2", "0.9", "3", "price"])
    found = roles(read_export(save(tmp_path, quoted(rows))))
    assert [found[name] for name in names] == ["other", "other", "custom", "custom", "other"]


# LimeSurvey

LIME = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "ipaddr"]
LIME_ROLES = ["respondent", "ended", "progress", "language", "seed", "token", "ip"]
LIME_TITLES = ["Response ID", "Date submitted", "Last page", "Start language", "Seed"]
LIME_TITLES += ["Access code", "IP address"]
CODES = ["attr[SQ001]", "attr[SQ002]", "src[other]", "G01Q02"]
ROWS = [("2025-03-01 10:00:00", "A4", "A5", "", "Y"), ("", "A2", "N/A", "a fair", "")]


def lime(*headers, rows=ROWS, delimiter=",", bom="\ufeff"):
    body = [
        [str(at), when, "3", "en", "77", "tok", "203.0.113.7", *answers]
        for at, (when, *answers) in enumerate(rows, 1)
    ]
    return bom + quoted([*headers, *body], delimiter) + "\r\n"


A_SCALE = {"labels": {4: "A4", 5: "A5", 2: "A2"}, "low": 1, "high": 5}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_codes_of_limesurvey_are_names(tmp_path, delimiter):
    path = save(tmp_path, lime([*LIME, *CODES], delimiter=delimiter))
    export = read_export(path)
    assert export.platform == "limesurvey"
    assert roles(export) == dict(zip(LIME, LIME_ROLES, strict=True))
    assert list(asked(export)) == CODES
    assert export.row_kinds.tolist() == ["respondent", "unfinished"]
    codebook = Codebook.from_mapping(
        {"scales": {"a": A_SCALE}, "items": {"price": {"column": "attr[SQ001]"}}}
    )
    assert read_responses(path, codebook=codebook)["price"].tolist() == [4, 2]


def test_codes_with_texts_of_limesurvey_are_parted(tmp_path):
    texts = ["How satisfied? [Price]", "How satisfied? [Delivery]", "Where from? [Other]", "Buy?"]
    header = [f"{code}. {text}" for code, text in zip(LIME, LIME_TITLES, strict=True)]
    header += [f"{code}. {text}" for code, text in zip(CODES, texts, strict=True)]
    path = save(tmp_path, lime(header))
    export = read_export(path)
    assert export.platform == "limesurvey"
    assert asked(export) == {
        "attr[SQ001]": ("How satisfied?", "Price"),
        "attr[SQ002]": ("How satisfied?", "Delivery"),
        "src[other]": ("Where from?", "Other"),
        "G01Q02": ("Buy?", ""),
    }
    scale = {"scales": {"a": A_SCALE}}
    for column in ("attr[SQ001]", header[7]):
        codebook = Codebook.from_mapping({**scale, "items": {"price": {"column": column}}})
        assert read_responses(path, codebook=codebook)["price"].tolist() == [4, 2]


def test_a_code_before_every_text_tells_limesurvey_by_its_id_alone(tmp_path):
    text = "id. Response ID,Q01[SQ001]. Your age: [],T01. It helps [now]: time [h]\n1,40,N/A\n"
    export = read_export(save(tmp_path, text))
    assert export.platform == "limesurvey"
    assert asked(export) == {
        "Q01[SQ001]": ("Your age:", ""),
        "T01": ("It helps [now]: time [h]", ""),
    }
    assert export.no_answer == {"n/a": "not shown or not answered"}


@pytest.mark.parametrize(
    ("text", "place"),
    [("A1", 1), ("a5", 5), ("AO04", 4), ("A010", 10), ("AO12", 12)]
    + [(text, None) for text in ("A", "A0", "AO", "5", "B1", "A1 ", "A123", "A1b")],
)
def test_answer_codes_of_limesurvey_have_a_place(text, place):
    assert ordered_code(text) == place


def test_brackets_are_parts_where_neighbors_share_the_question(tmp_path):
    texts = ["How? [Price: net]", "How? [Delivery [days]]", "Your region [EU only]"]
    texts += ["Which?", "Which? [Wholesale [large]]", "Rate [A][1]", "Rate [A][2]"]
    answers = ["3"] * len(texts)
    header = [*LIME_TITLES, "First name", "Email address", *texts]
    row = ("2025-03-01 10:00:00", "Ann", "ann@example.org", *answers)
    export = read_export(save(tmp_path, lime(header, rows=[row])))
    assert asked(export) == {
        "Q1_1": ("How?", "Price: net"),
        "Q1_2": ("How?", "Delivery [days]"),
        "Q2": ("Your region [EU only]", ""),
        "Q3": ("Which?", ""),
        "Q3_2": ("Which?", "Wholesale [large]"),
        "Q4_1": ("Rate", "A / 1"),
        "Q4_2": ("Rate", "A / 2"),
    }
    personal = [name for name, column in export.columns.items() if column.is_personal]
    assert personal == ["token", "ipaddr", "firstname", "emailaddress"]


def test_texts_alone_of_limesurvey_are_numbered_by_question(tmp_path):
    texts = ["How satisfied? [Price]", "How satisfied? [Delivery]", "Where from? [Other]", "Buy?"]
    export = read_export(save(tmp_path, lime([*LIME_TITLES, *texts])))
    assert export.platform == "limesurvey"
    assert roles(export) == dict(zip(LIME, LIME_ROLES, strict=True))
    assert asked(export) == {
        "Q1_1": ("How satisfied?", "Price"),
        "Q1_2": ("How satisfied?", "Delivery"),
        "Q2_1": ("Where from?", "Other"),
        "Q3": ("Buy?", ""),
    }


def test_a_vv_file_of_limesurvey_has_its_codes_in_the_second_row(tmp_path):
    names = ["id", "token", "submitdate", "lastpage", "startlanguage", "attr_SQ001", "why"]
    texts = ["Response ID", "Token", "Date submitted", "Last page", "Start language"]
    rows = [
        [*texts, "How satisfied?", "Why?", ""],
        [*names, ""],
        ["1", "t1", "2025-03-01 10:00:00", "3", "en", "A4", "{quote}late{quote}{newline}again"],
        ["2", "t2", "{question_not_shown}", "1", "en", "{question_not_shown}", "{lbrace}x}"],
        ["3", "t3", "NULL", "1", "en", "A2", ""],
    ]
    path = save(tmp_path, "".join("\t".join(row) + "\n" for row in rows), "vvexport_1.csv")
    export = read_export(path)
    assert export.platform == "limesurvey"
    assert asked(export) == {"attr_SQ001": ("How satisfied?", ""), "why": ("Why?", "")}
    assert export.table["why"].tolist() == ['"late"\nagain', "{x}", ""]
    assert export.row_kinds.tolist() == ["respondent", "unfinished", "unfinished"]
    assert export.no_answer == {"{question_not_shown}": "not shown"}
    codebook = Codebook.from_mapping(
        {
            "scales": {"a": A_SCALE},
            "items": {"attr_SQ001": {}},
            "missing": {"{question_not_shown}": "not shown"},
        }
    )
    answers = read_responses(path, codebook=codebook)["attr_SQ001"]
    assert answers.fillna(0).tolist() == [4, 0, 2]


def test_limesurvey_is_told_by_its_subquestions_where_its_own_columns_were_left_out(tmp_path):
    text = "attr[SQ001],attr[SQ002],why\nA1,A2,x\n"
    assert read_export(save(tmp_path, text)).platform == "limesurvey"


def test_times_of_limesurvey_are_no_answers(tmp_path):
    names = [*LIME, "lunchTime", "interviewtime", "groupTime12", "G01Q02Time"]
    path = save(tmp_path, lime(names, rows=[("2025-03-01", "12", "60.5", "20", "9")]))
    found = read_export(path).columns
    assert [found[name].role for name in names[-3:]] == ["duration", "other", "other"]


# SurveyMonkey

MONKEY = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address"]
MONKEY += ["Email Address", "First Name", "Last Name", "Custom Data 1"]
MONKEY_ROLES = ["respondent", "collector", "started", "ended", "ip", "email", "name", "name"]
FIRST = [*MONKEY, "How satisfied?", "", "", "Which do you use?", "", "Why?", "Recommend?"]
SECOND = [*[""] * 9, "Price", "Delivery", "Quality", "Response", "Other (please specify)"]
SECOND += ["Open-Ended Response", "Response"]
MONKEY_ROWS = [
    ["11", "7", "03/01/2025", "03/01/2025", "203.0.113.7", "", "", "", "", "4", "5", "1"],
    ["12", "7", "03/02/2025", "03/02/2025", "203.0.113.8", "", "", "", "", "2", "", "3"],
]
MONKEY_ROWS[0] += ["Steel", "", "Late; again", "9"]
MONKEY_ROWS[1] += ["", "Wood", "", "10"]
QUESTIONS = {
    "Q1_1": ("How satisfied?", "Price"),
    "Q1_2": ("How satisfied?", "Delivery"),
    "Q1_3": ("How satisfied?", "Quality"),
    "Q2": ("Which do you use?", ""),
    "Q2_2": ("Which do you use?", "Other (please specify)"),
    "Q3": ("Why?", ""),
    "Q4": ("Recommend?", ""),
}
Q1_ITEMS = Codebook.from_mapping({"scales": FIVE, "items": {"Q1_1": {}, "Q1_2": {}, "Q1_3": {}}})


def test_the_two_header_rows_of_surveymonkey_become_one(tmp_path):
    path = save(tmp_path, quoted([FIRST, SECOND, *MONKEY_ROWS]))
    export = read_export(path)
    assert export.platform == "surveymonkey"
    assert asked(export) == QUESTIONS
    assert roles(export) == dict(zip(MONKEY, [*MONKEY_ROLES, "custom"], strict=True))
    assert export.rows.tolist() == [3, 4]
    answers = read_responses(path, codebook=Q1_ITEMS)
    assert answers[["Q1_1", "Q1_3"]].to_numpy().tolist() == [[4, 1], [2, 3]]
    assert answers["Q1_2"].isna().tolist() == [False, True]


def test_a_codebook_may_name_columns_by_the_texts_of_surveymonkey(tmp_path):
    codebook = Codebook.from_mapping(
        {"scales": {"s": {"low": 0, "high": 10}}, "items": {"nps": {"column": "Recommend?"}}}
    )
    path = save(tmp_path, quoted([FIRST, SECOND, *MONKEY_ROWS]))
    assert read_responses(path, codebook=codebook)["nps"].tolist() == [9, 10]


def test_merged_header_cells_of_surveymonkey_are_one_question(tmp_path):
    second = [*MONKEY, *SECOND[9:]]
    boxes = ["J1:L1", "M1:N1", *(f"{letter}1:{letter}2" for letter in "ABCDEFGHI")]
    path = workbook(tmp_path, [FIRST, second, *MONKEY_ROWS], boxes)
    export = read_export(path)
    assert (export.platform, asked(export)) == ("surveymonkey", QUESTIONS)
    assert read_responses(path, codebook=Q1_ITEMS)["Q1_1"].tolist() == [4, 2]


def test_two_questions_of_one_wording_stay_two(tmp_path):
    first, second = [*MONKEY, "Why?", "Why?"], [*[""] * 9, *["Open-Ended Response"] * 2]
    rows = [[*row[:9], "a", "b"] for row in MONKEY_ROWS]
    export = read_export(save(tmp_path, quoted([first, second, *rows])))
    assert list(asked(export)) == ["Q1", "Q2"]


def test_semicolons_in_questions_of_surveymonkey_are_no_delimiters(tmp_path):
    # The first row ends with its last question: empty cells at the end may be left out.
    first = [*MONKEY, "How satisfied" + "; so" * 30]
    rows = [first, SECOND[:12], *(row[:12] for row in MONKEY_ROWS)]
    path = save(tmp_path, "".join(",".join(row) + "\n" for row in rows))
    assert read_responses(path, codebook=Q1_ITEMS)["Q1_1"].tolist() == [4, 2]


def test_surveymonkey_without_its_second_row_keeps_every_respondent(tmp_path):
    header = [*MONKEY, "Price?", "Delivery?"]
    rows = [row[:11] for row in MONKEY_ROWS]
    export = read_export(save(tmp_path, quoted([header, *rows])))
    assert asked(export) == {"Q1": ("Price?", ""), "Q2": ("Delivery?", "")}
    assert export.rows.tolist() == [2, 3]


@pytest.mark.parametrize(
    "own",
    [["", "7", "2024-01-01"], ["AB", "west", ""], ["", "", "2024-01-01"], ["", "", ""]],
)
def test_surveymonkey_with_other_ids_keeps_its_first_respondent(tmp_path, own):
    header = ["Respondent ID", "Collector ID", "Start Date", "Price?", "Why?"]
    rows = [header, *([*own, answer, "late"] for answer in ("5", "good"))]
    export = read_export(save(tmp_path, quoted(rows)))
    assert (export.platform, export.rows.tolist()) == ("surveymonkey", [2, 3])
    assert asked(export) == {"Q1": ("Price?", ""), "Q2": ("Why?", "")}


def test_a_column_of_surveymonkey_without_a_name_holds_answers(tmp_path):
    rows = [["Respondent ID", "Collector ID", "Price?", ""], ["AB", "7", "5", "late"]]
    export = read_export(save(tmp_path, quoted([*rows, ["CD", "7", "4", ""]])))
    assert export.rows.tolist() == [2, 3]


def test_a_question_may_be_called_as_a_column_of_surveymonkey(tmp_path):
    rows = [["Respondent ID", "Collector ID", "First Name"], ["", "", "Open-Ended Response"]]
    export = read_export(save(tmp_path, quoted([*rows, ["11", "7", "Ann"]])))
    assert asked(export) == {"Q1": ("First Name", "")}
    assert export.rows.tolist() == [3]


def test_a_blank_cell_above_a_part_tells_the_second_row_in_every_language(tmp_path):
    rows = [["Respondent ID", "Collector ID", "Wie gut?", ""], ["", "", "Preis", "Lieferung"]]
    export = read_export(save(tmp_path, quoted([*rows, ["11", "7", "5", "4"]])))
    assert asked(export) == {"Q1_1": ("Wie gut?", "Preis"), "Q1_2": ("Wie gut?", "Lieferung")}


# Plain files

TRAPS = {
    "words in the first row of answers": "Who,How,Why\nAnn,very good,nice\nBob,good,so\nEve,bad,x",
    "two columns without answers": "q1,q2\ndk,refused\n5,4\n4,4\n3,2",
    "a word that recurs": "q1,q2,q3\nso so,do not know,no idea\n5,4,1\n4,4,2\n3,2,3\nso so,1,1",
    "words alike": "q1,q2,q3\nnot asked,not asked,not asked\n5,4,1\n4,4,2\n3,2,3",
    "two answers below": "q1,q2\nnot asked,do not know\n5,4\n4,4",
    "few columns of codes": "a,b,c,d,e\nno one,so so,x,y,z\n5,4,k,k,k\n4,4,l,l,l\n3,2,m,m,m",
    "words for less than half": "a,b,c,d,e,f,g\nso,no,un,,,,\n" + "1,2,3,4,5,6,7\n" * 3,
    "one column of words": "q1,q2,q3\n5,not asked,3\n4,4,2\n3,2,3\n1,1,1",
    "words as well as codes": "q1,q2,q3\nbad,so so,good\n5,4,1\nfair,poor,great\n3,2,3\n1,2,1",
    "names of many": "Status,Name,Duration,Progress\nold,Ann,30,42\nnew,Bob,20,57",
    "names of Qualtrics": "ResponseId,Status,Name,Duration,IPAddress,Q1\nR_1,contest,A,9,1.1.1.1,2",
    "progress of its own": "Status,ResponseId,StartDate,EndDate,Progress,q\nold,0,2024,2024,42,5",
    "two names of LimeSurvey": "id,lastpage,score\n1,home,5\n2,cart,4",
    "no collector": "Respondent ID,Start Date,Price,\n,,good,high\n,,bad,low",
    "ids blank": "id,Price,Why\n,5,late\n,4,dear",
    "brackets": "Response ID,How? [Price],How? [Delivery],Region [EU]\n1,5,4,2\n2,4,4,1",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_only_looks_like_a_platforms_file_stays_plain(tmp_path, trap):
    header, *rows = (line.split(",") for line in TRAPS[trap].splitlines())
    export = read_export(save(tmp_path, TRAPS[trap]))
    assert export.platform == "plain"
    assert [name for name in export.columns if "(column" not in name] == list(filter(None, header))
    assert export.table.to_numpy().tolist() == rows
    assert counts(export) == {"respondent": len(rows)}
    assert not any(column.question for column in export.columns.values())


@pytest.mark.parametrize(
    ("texts", "second"),
    [
        ("How <b>good</b> is it?,In time?,Staff <Ljubljana>,Segment", "Staff <Ljubljana>"),
        ("Is it good?,Is it in time?,,Segment", ""),
    ],
)
def test_question_texts_below_the_names_are_no_answers(tmp_path, texts, second):
    answers = "5,5,4,B\n3,not known,4,A\n" + "1,2,3,A\n" * 20
    path = save(tmp_path, f"Q1,Q2,Q3,Seg\n{texts}\n{answers}")
    export = read_export(path)
    assert export.platform == "plain"
    assert export.columns["Q3"].question == second
    assert export.columns["Seg"].question == "Segment"
    assert export.rows.tolist() == list(range(3, 25))
    codebook = Codebook.from_mapping(
        {
            "scales": FIVE,
            "items": {"Q1": {}, "price": {"column": "Q3"}},
            "groups": {"Seg": {"values": ["A", "B"]}},
        }
    )
    assert read_responses(path, codebook=codebook)["Q1"].tolist() == [5, 3] + [1] * 20


def test_texts_below_the_names_are_without_their_tags(tmp_path):
    text = "V1,V2\nHow <b>good</b> is it?<br/>,E-mail <u>address</u>\n" + "5,4\n" * 3
    export = read_export(save(tmp_path, text))
    assert export.columns["V1"].question == "How good is it?"
    assert export.columns["V2"].role == "email"


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Phone number", "phone"),
        ("Телефон", "phone"),
        ("E-mail address", "email"),
        ("First name", "name"),
        ("ФИО", "name"),
        ("IP naslov", "ip"),
    ],
)
def test_personal_columns_of_a_plain_file_are_told(tmp_path, name, role):
    columns = read_export(save(tmp_path, f"{name},Timestamp,q\nx,y,5\n")).columns
    assert columns[name].role == role
    assert [column.is_personal for column in columns.values()] == [True, False, False]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_plain_file_keeps_its_names(tmp_path, delimiter):
    rows = [["Timestamp", "How good, all in all?", "size"], ["01.03.2025", "4", "1,5"]]
    export = read_export(save(tmp_path, "Survey 2025\n\n" + quoted(rows, delimiter)))
    assert export.platform == "plain"
    assert list(export.columns) == rows[0]
    assert export.rows.tolist() == [4]
    assert roles(export) == {"Timestamp": "recorded"}
    assert counts(export) == {"respondent": 1}


def test_a_title_above_two_columns_is_no_header(tmp_path):
    export = read_export(save(tmp_path, "Survey 2025\n\nsize,price\n1,2\n3,4\n"))
    assert list(export.columns) == ["size", "price"]


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path):
    text = "size;price\n1,5;2,5\n3,5;4,5\n"
    assert list(read_export(save(tmp_path, text)).columns) == ["size", "price"]


# Two regions, codes that recur, and an answer in words that nobody else gave.
ANSWERS = [
    [["North", "South"][at % 2], 1 + at % 5, 1 + at % 4, f"because of reason {at}"]
    for at in range(60)
]
ASKED_PLAINLY = ["region", "q1", "q2", "why"]
FOOTERS = {
    "a count below a blank row": [[], ["Total rows: 60"]],
    "a count of something else": [[], ["Total answers: 120"]],
    "a count right below": [["Total rows: 60"]],
    "words behind the count": [["60 responses"]],
    "a source": [[], ["Source: interviews by telephone"]],
    "two lines": [[], [], ["Exported 01.03.2025"], ["Confidential"]],
    "Russian": [[], ["Итого анкет: 60"]],
    "Slovene": [[], ["Skupaj: 60"]],
    "in a column of codes": [[], ["", "", "n = 60"]],
    "a sum below a blank row": [[], ["Total", 60]],
    "a sum right below": [["Total", 60]],
    "a word of sums alone": [[], ["Total"]],
    "sums behind empty cells": [["Total", "", 65, "3,4"]],
    "sums beside an empty cell": [["", "Grand total:", "1 234", "65 %"]],
    "a sum that failed": [["Average", 3.4, "-", "#DIV/0!"]],
    "a whole average below a blank row": [[], ["Mean", 3]],
    "lines of sums and of words": [
        ["Total", 180, 150],
        ["N", 60, 60],
        ["Min", 1, 1],
        ["Source: interviews"],
        ["1 = bad, 5 = good"],
    ],
}
SUMS = ["TOTAL", "total:", "Total rows", "Grand total", "Average", "Mean", "Sum", "N", "Count"]
SUMS += ["Итого", "Всего:", "Среднее", "Skupaj", "Povprečje", "Gesamt", "Summe"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_is_counted_and_is_no_respondent(tmp_path, footer, form):
    below = FOOTERS[footer]
    rows = [["Survey 2025"], [], ASKED_PLAINLY, *ANSWERS, *below]
    text = "".join(";".join(map(str, row)) + "\n" for row in rows)
    export = read_export(workbook(tmp_path, rows) if form == "xlsx" else save(tmp_path, text))
    lines = sum(map(bool, below))
    assert counts(export) == {"respondent": 60, "footer": lines}
    assert len(export.table) == 60 + lines
    people = export.respondents()
    assert people.rows.tolist() == list(range(4, 64))
    last = 3 + 60 + len(below)
    assert people.set_aside == dict.fromkeys(range(last - lines + 1, last + 1), "footer")
    assert set(people.table["region"]) == {"North", "South"}


@pytest.mark.parametrize("word", SUMS)
def test_a_word_of_sums_before_numbers_is_a_footer(tmp_path, word):
    answers = "".join(f"R{at},{1 + at % 5}\n" for at in range(20))
    export = read_export(save(tmp_path, f"id,q\n{answers}{word},20\n"))
    assert counts(export) == {"respondent": 20, "footer": 1}
    assert export.respondents().rows.tolist() == list(range(2, 22))


def test_a_footer_merged_across_the_columns_is_one(tmp_path):
    rows = [ASKED_PLAINLY, *ANSWERS, [], ["Total rows: 60"]]
    export = read_export(workbook(tmp_path, rows, ["A63:D63"]))
    assert counts(export) == {"respondent": 60, "footer": 1}


def test_words_below_numbers_that_all_differ_are_a_footer(tmp_path):
    rows = [["code", "q"], *[[1000 + at, 1 + at % 5] for at in range(60)], [], ["Confidential"]]
    export = read_export(workbook(tmp_path, rows))
    assert counts(export) == {"respondent": 60, "footer": 1}
    assert export.respondents().table["code"].tolist() == list(range(1000, 1060))


@pytest.mark.parametrize(("alone", "n"), [("Total rows: 60", 60), ("Total loss: 3 weeks", 61)])
def test_below_words_that_all_differ_a_footer_has_to_count_the_rows(tmp_path, alone, n):
    rows = [["why", "q"], *[[f"reason {at}", 1 + at % 5] for at in range(60)], [], [alone]]
    assert len(read_export(workbook(tmp_path, rows)).respondents().table) == n


ALONE = {
    "an answer others gave": [[], ["North"]],
    "a region nobody else is of": [[], ["Asia"]],
    "a name with a number": [[], ["Region 12"]],
    "a code": [[], ["", 5]],
    "a word that is no answer": [[], ["", "do not know"]],
    "no answer": [[], ["", "", "N/A"]],
    "a reason": [[], ["", "", "", "Total loss: 3 weeks late"]],
    "a count beside an answer": [[], ["Total rows: 60", 5]],
    "no blank row above": [["Source: other"]],
    "above another respondent": [[], ["Total rows: 60"], ["North", 4, 4, "all well"]],
    "a firm called Total": [["Total", 4, 3]],
    "somebody called Max": [["Max", 4, 3]],
    "a no": [["N", 4, 3]],
    "a word of sums before codes": [["Mean", 3]],
    "a word of sums beside words": [["Average", 4, 3, "all well"]],
    "a word of sums as a reason": [["", "", "", "Average"]],
    "more than a word of sums": [["Total loss", 65, 3.4]],
    "sums above another respondent": [["Total", 65, 3.4], ["North", 4, 4, "all well"]],
}


@pytest.mark.parametrize("alone", [["Total 95"], ["Total", 950, 3], ["", "a lot"]])
def test_an_answer_that_reads_like_a_footer_is_kept(tmp_path, alone):
    """Others gave the first two as well; the third stands among numbers that are nobody's id."""
    answers = [
        [["Total 95", "Shell 98", "Total"][at % 3], 100 + at, 1 + at % 5] for at in range(60)
    ]
    export = read_export(workbook(tmp_path, [["fuel", "litres", "q"], *answers, [], alone]))
    assert counts(export) == {"respondent": 61}


@pytest.mark.parametrize(("last", "n"), [(["Average", 64, 4], 31), (["Average", 64, 3.5], 30)])
def test_a_word_of_sums_before_answers_of_its_columns_is_a_reply(tmp_path, last, n):
    """An age or a revenue may be nobody else's; codes of a scale are those of others."""
    answers = [[["Cheap", "Dear"][at % 2], 20 + at, 1 + at % 5] for at in range(30)]
    rows = [["How was the price?", "age", "q"], *answers, last]
    assert len(read_export(workbook(tmp_path, rows)).respondents().table) == n


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("alone", ALONE)
def test_a_respondent_who_filled_in_one_cell_is_kept(tmp_path, alone, form):
    rows = [ASKED_PLAINLY, *ANSWERS, *ALONE[alone]]
    text = "".join(";".join(map(str, row)) + "\n" for row in rows)
    export = read_export(workbook(tmp_path, rows) if form == "xlsx" else save(tmp_path, text))
    assert counts(export) == {"respondent": 60 + sum(map(bool, ALONE[alone]))}
    assert export.respondents().set_aside == {}


def test_merged_cells_above_the_header_are_the_questions(tmp_path):
    rows = [
        ["Customers 2025", "", "", "", ""],
        ["firm", "Price", "", "Delivery", ""],
        ["", "2023", "2024", "2023", "2025"],
        ["a", 5, 4, 3, 2],
    ]
    path = workbook(tmp_path, rows, ["A1:E1", "A2:A3", "B2:C2", "D2:E2"])
    export = read_export(path)
    assert asked(export) == {
        "firm": ("", ""),
        "Price 2023": ("Price", "2023"),
        "Price 2024": ("Price", "2024"),
        "Delivery 2023": ("Delivery", "2023"),
        "Delivery 2025": ("Delivery", "2025"),
    }
    assert export.rows.tolist() == [4]


def test_a_name_beside_the_groups_may_stand_above_a_blank_cell(tmp_path):
    rows = [["firm", "Price", "", "Late", "", "Region"], ["", 2023, 2024, 2023, 2024, ""]]
    path = workbook(
        tmp_path, [*rows, ["a", 5, 4, 3, 2, "N"], ["b", 4, 3, 2, 1, "S"]], ["B1:C1", "D1:E1"]
    )
    years = [f"{group} {year}" for group in ("Price", "Late") for year in (2023, 2024)]
    assert list(read_export(path).columns) == ["firm", *years, "Region"]
    codebook = Codebook.from_mapping(
        {
            "scales": FIVE,
            "items": {"late": {"column": "Late 2024"}},
            "groups": {"Region": {"values": ["N", "S"]}},
        }
    )
    answers = read_responses(path, codebook=codebook)
    assert answers["late"].tolist() == [2, 1]
    assert answers["Region"].tolist() == ["N", "S"]


def test_a_title_merged_above_all_names_is_no_question(tmp_path):
    path = workbook(tmp_path, [["Customers", "", ""], ["a", "b", "c"], [1, 2, 3]], ["A1:C1"])
    assert asked(read_export(path)) == {"a": ("", ""), "b": ("", ""), "c": ("", "")}


def test_one_group_beside_names_is_a_question(tmp_path):
    rows = [["", "Price", ""], ["firm", 2023, 2024], ["a", 5, 4], ["b", 4, 4]]
    export = read_export(workbook(tmp_path, rows, ["B1:C1"]))
    assert asked(export)["2024"] == ("Price", "2024")


def test_without_a_codebook_the_largest_sheet_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["read me first"])
    sheet = book.create_sheet("Answers")
    for row in (["id", "q"], [1, 5], [2, 4]):
        sheet.append(row)
    book.save(tmp_path / "answers.xlsx")
    assert read_export(tmp_path / "answers.xlsx").table["q"].tolist() == [5, 4]


def test_labels_of_spss_are_questions_and_value_labels(tmp_path):
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q1": [5.0, 9.0], "town": ["a", "b"]}),
        path,
        column_labels={"q1": "How good is it?"},
        variable_value_labels={"q1": {5.0: "very good", 9.0: "refused"}},
        missing_ranges={"q1": [9]},
    )
    export = read_export(path)
    assert asked(export) == {"q1": ("How good is it?", ""), "town": ("", "")}
    assert export.columns["q1"].value_labels == {5.0: "very good", 9.0: "refused"}
    assert export.columns["q1"].user_missing == ({"lo": 9.0, "hi": 9.0},)
    assert export.table["q1"].tolist() == [5, 9]


def test_qualtrics_in_spss_is_told_by_its_columns(tmp_path):
    path = tmp_path / "answers.sav"
    table = {"StartDate": ["x", "y"], "Status": [0.0, 1.0], "Finished": [1.0, 1.0]}
    table |= {"Duration__in_seconds_": [95.0, 9.0], "ResponseId": ["R_1", "R_2"]}
    table |= {"Q1_1": [4.0, 1.0], "Q1_2": [-99.0, 1.0]}
    labels = {"Q1_1": "How good? - Price", "Q1_2": "How good? - Delivery"}
    pyreadstat.write_sav(pd.DataFrame(table), path, column_labels=labels)
    export = read_export(path)
    assert export.platform == "qualtrics"
    assert roles(export)["Duration__in_seconds_"] == "duration"
    assert asked(export)["Q1_2"] == ("How good?", "Delivery")
    assert counts(export) == {"respondent": 1, "preview": 1}
    assert export.no_answer == {"-99": "seen, not answered"}


def test_parquet_is_read_as_it_stands(tmp_path):
    path = tmp_path / "answers.parquet"
    pd.DataFrame({"id": ["a", "b"], "q": [5, 4]}).to_parquet(path)
    export = read_export(path)
    assert export.table["q"].tolist() == [5, 4]
    assert roles(export) == {"id": "respondent"}
