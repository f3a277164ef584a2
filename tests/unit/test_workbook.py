"""Excel workbooks: read back, every number is the same, and no text has become a formula."""

import hashlib
import io
import re
import zipfile
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from real_runs import keep

from custlib.errors import ParameterError
from custlib.report import workbook
from custlib.report.run_workbook import recorded_table, write_workbook
from custlib.report.sheet_cells import number_format
from custlib.report.workbook import sheet_names, workbook_bytes
from custlib.study.manifest import Manifest, RecordedTable


def opened(content):
    return load_workbook(io.BytesIO(content))


def sheet_of(table):
    return opened(workbook_bytes({"table": table}))["table"]


def column(values, **how):
    """Cells of a column with these values, read back."""
    table = pd.DataFrame({"x": pd.Series(values, **how)})
    return [row[0] for row in sheet_of(table).iter_rows(min_row=2, max_col=1)]


def rows_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_every_number_is_read_back_as_it_was():
    numbers = [0.1 + 0.2, 1 / 3, -2 / 3, 1e-300, 1.7976931348623157e308, 123456789.123456789]
    numbers += list(np.random.default_rng(5).normal(size=200))
    assert [cell.value for cell in column(numbers)] == numbers


def test_each_kind_of_value_is_of_its_kind():
    kinds = {
        "n": [3, pd.array([7], dtype="Int64")[0], np.int8(-2), np.float32(0.5)],
        "b": [True, False, np.bool_(True)],
        "d": [datetime(2025, 3, 1), pd.Timestamp("2025-03-01 10:30"), date(2025, 3, 2)],
        "s": ["text", "12", "2025-03-01", "TRUE", "#N/A"],
    }
    for kind, values in kinds.items():
        assert [cell.data_type for cell in column(values, dtype=object)] == [kind] * len(values)
    dates = [datetime(2025, 3, 1), datetime(2025, 3, 1, 10, 30), datetime(2025, 3, 2)]
    assert [cell.value for cell in column(kinds["d"], dtype=object)] == dates
    assert [cell.value for cell in column(kinds["s"], dtype=object)] == kinds["s"]


@pytest.mark.parametrize("dtype", ["float64", "Int64", "boolean", "datetime64[ns]", "str"])
def test_what_is_missing_is_an_empty_cell(dtype):
    missing = pd.Series([None, None], dtype=dtype)
    table = pd.DataFrame({"x": missing, "y": [1, 2]})
    assert rows_of(sheet_of(table)) == [["x", "y"], [None, 1], [None, 2]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (10**15, "1000000000000000"),
        (-12345678901234567890, "-12345678901234567890"),
        (datetime(1900, 2, 28), "1900-02-28T00:00:00"),
        (datetime(2025, 3, 1, tzinfo=UTC), "2025-03-01T00:00:00+00:00"),
        (pd.Timestamp("2025-03-01 00:00:00.000000001"), "2025-03-01T00:00:00.000000001"),
        (pd.Timedelta("1D"), "P1DT0H0M0S"),
        (["a", 1], "['a', 1]"),
    ],
    ids=repr,
)
def test_what_a_spreadsheet_would_spoil_is_text(value, text):
    (cell,) = column([value], dtype=object)
    assert (cell.value, cell.data_type) == (text, "s")


def test_the_largest_number_a_spreadsheet_keeps_is_a_number():
    (cell,) = column([10**15 - 1])
    assert (cell.value, cell.data_type) == (999999999999999, "n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"], ids=ascii)
def test_a_text_that_looks_like_a_formula_stays_text(start):
    text = f"{start}HYPERLINK(1)"
    content = workbook_bytes({text: pd.DataFrame({text: [text]})})
    (sheet,) = opened(content)
    for cell in (sheet["A1"], sheet["A2"]):
        assert cell.data_type == "s"
        assert cell.value == text.replace("\r", "␍")
        assert cell.quotePrefix
    assert not sheet.title.startswith(start)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "<f" not in re.sub("<formula", "", archive.read("xl/worksheets/sheet1.xml").decode())


def test_an_ordinary_text_carries_no_mark_of_a_formula():
    assert not column(["a = b"])[0].quotePrefix


def test_characters_that_no_file_can_hold_are_seen():
    (cell,) = column(["a\x00b\x1bc\rd\r\ne\tf\ud800g\uffff"], dtype=object)
    assert cell.value == "a␀b␛c␍d\ne\tf\ufffdg\ufffd"


def test_a_text_that_reads_like_an_escape_is_not_decoded():
    content = workbook_bytes({"t": pd.DataFrame({"x": ["_x0041_ _x41_"]})})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    # As the standard has it (ECMA-376, 22.4.2.4): `_x005F_` is the underscore.
    assert "<t>_x005F_x0041_ _x41_</t>" in text


def test_the_first_row_is_bold_frozen_and_has_a_filter():
    sheet = sheet_of(pd.DataFrame({"a": [1, 2], "b": [3, 4]}))
    assert [cell.font.bold for cell in sheet[1]] == [True, True]
    assert [cell.font.bold for cell in sheet[2]] == [False, False]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_columns_are_as_wide_as_they_need_and_long_texts_are_wrapped():
    sheet = sheet_of(
        pd.DataFrame({"short": ["a"], "name_of_a_column": [1], "long": ["word " * 60]})
    )
    widths = [sheet.column_dimensions[name].width for name in "ABC"]
    assert widths[0] < widths[1] < widths[2] <= 60
    assert widths[1] >= len("name_of_a_column")
    assert sheet["C2"].alignment.wrap_text


def test_a_column_is_wide_enough_for_its_numbers():
    sheet = sheet_of(pd.DataFrame({"x": [123456789.25]}))
    assert sheet["A2"].number_format == "0.00"
    assert sheet.column_dimensions["A"].width >= len("123456789.25") + 1


@pytest.mark.parametrize(
    ("numbers", "form"),
    [
        ([1, 2, 30000], "0"),
        ([1.0, 2.0], "0"),
        ([0.25, 1.5], "0.00"),
        ([0.031, 0.045, 1.5], "0.0000"),
        ([3.1, 0.00002], "0.00000"),
        ([3.1, 1e-12], "General"),
        ([1.5, 2e16], "General"),
        ([], "General"),
    ],
    ids=str,
)
def test_a_format_shows_figures_of_every_number(numbers, form):
    assert number_format(numbers) == form


@pytest.mark.parametrize(
    ("shares", "form"),
    [
        ([0.5, 0.25], "0.0 %"),
        ([1.0, 0.0], "0.0 %"),
        ([0.5, 0.0004], "0.00 %"),
        ([0.5, 0.9996], "0.00 %"),
        ([0.5, 0.99996, 1.0], "0.000 %"),
        ([-0.9996, 0.5], "0.00 %"),
        ([0.9999996], "General"),
        ([0.5, 1 - 2**-53], "0.0 %"),
    ],
    ids=str,
)
def test_a_share_is_shown_in_percent(shares, form):
    assert number_format(shares, share=True) == form


def test_the_name_of_a_column_says_that_it_is_a_share():
    table = pd.DataFrame({"conf_level": [0.95], "own_share": [0.5], "estimate": [0.5]})
    sheet = sheet_of(table)
    assert [cell.number_format for cell in sheet[2]] == ["0.0 %", "0.0 %", "0.000"]
    assert sheet["A2"].value == 0.95


@pytest.mark.parametrize("name", ["p_value", "p_adjusted"])
def test_a_p_value_beyond_three_decimals_is_a_bound(name):
    sheet = sheet_of(pd.DataFrame({name: [0.0123, 0.9996]}))
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [0.0123, 0.9996]
    form = '[<0.001]0.0E+00;[>0.999]"> 0.999";0.000'
    assert [row[0].number_format for row in sheet.iter_rows(min_row=2)] == [form, form]


def test_a_number_beside_dates_is_not_shown_as_one():
    day, moment = datetime(2025, 3, 1), datetime(2025, 3, 1, 10, 30)
    forms = [cell.number_format for cell in column([day, 5, 2.5, None, moment], dtype=object)]
    assert forms == ["yyyy-mm-dd", "0", "0.00", "General", "yyyy-mm-dd hh:mm:ss"]
    alone = [cell.number_format for cell in column([day, None, moment], dtype=object)]
    assert (alone[0], alone[2]) == ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss")


def test_the_unit_of_a_finding_says_how_it_is_shown():
    table = pd.DataFrame(
        {
            "value": [0.5, 0.5, 7, 1e-12, "yes"],
            "low": [0.41, 0.4, None, None, None],
            "unit": ["share", "points", "pairs", "p", None],
        }
    )
    sheet = sheet_of(table)
    shown = [[cell.number_format for cell in row[:2]] for row in sheet.iter_rows(min_row=2)]
    assert shown[:2] == [["0.0 %", "0.0 %"], ["0.000", "0.000"]]
    assert shown[2][0] == "0"
    assert shown[3][0] == '[<0.001]0.0E+00;[>0.999]"> 0.999";0.000'


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["gaps", "Gaps", "GAPS"], ["gaps", "Gaps~4e1348", "GAPS~3a3cd1"]),
        (["a[1]:b*c?d/e\\f"], ["a_1__b_c_d_e_f"]),
        (["=1+1", "@x", "'quoted'", ""], ["_1+1", "_x", "_quoted_", "_"]),
        (["k" * 31, "k" * 32], ["k" * 31, "k" * 24 + "~" + "6 of sha"]),
    ],
)
def test_names_of_sheets_are_allowed_and_their_own(keys, names):
    found = sheet_names(keys)
    for key, name, expected in zip(keys, found, names, strict=True):
        head, mark, _ = expected.partition("~")
        digest = hashlib.sha256(key.encode()).hexdigest()[:6]
        assert name == (f"{head}~{digest}" if mark else expected)


def test_two_keys_that_begin_alike_have_sheets_of_their_own():
    keys = [f"{'share_of_satisfied_customers_by_' * 2}{end}" for end in ("market", "role")]
    names = sheet_names(keys)
    assert len({name.casefold() for name in names}) == 2
    assert all(len(name) <= 31 for name in names)
    assert sheet_names(reversed(keys)) == names[::-1]


def test_a_name_is_measured_as_spreadsheets_measure_it():
    (name,) = sheet_names(["\N{GRINNING FACE}" * 20])
    assert len(name.encode("utf-16-le")) // 2 <= 31


def test_the_limits_are_those_of_the_file_format():
    limits = (workbook.MOST_ROWS, workbook.MOST_COLUMNS, workbook.MOST_LETTERS)
    assert limits == (2**20, 2**14, 2**15 - 1)


def test_a_text_that_is_too_long_is_told():
    table = pd.DataFrame({"short": ["a"], "long": ["b" * 32_767], "longer": ["c" * 32_768]})
    book = opened(workbook_bytes({"t": table}, sources={"t": "tables/t.csv"}))
    assert [len(cell.value) for cell in book["t"][2]] == [1, 32_767, 32_767]
    assert rows_of(book["notes"])[1:] == [
        [
            "t",
            "Column longer: 1 text longer than 32,767 letters is cut."
            " The whole is in tables/t.csv.",
        ]
    ]


def test_rows_and_columns_that_do_not_fit_are_told(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    monkeypatch.setattr(workbook, "MOST_COLUMNS", 2)
    table = pd.DataFrame({name: range(5) for name in "abc"})
    book = opened(workbook_bytes({"t": table, "fits": table.loc[:2, ["a"]]}))
    assert rows_of(book["t"]) == [["a", "b"], [0, 0], [1, 1], [2, 2]]
    assert rows_of(book["notes"])[1:] == [
        ["t", "The first 3 of 5 rows are here."],
        ["t", "The first 2 of 3 columns are here."],
    ]


def test_equal_tables_give_equal_bytes_whatever_the_time():
    sheets = {"t": pd.DataFrame({"x": [1.5], "d": [pd.Timestamp("2025-03-01")]})}
    content = workbook_bytes(sheets)
    assert workbook_bytes(sheets) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {3}
        dates = re.findall(r"\d{4}-\d{2}-\d{2}T", archive.read("docProps/core.xml").decode())
    assert dates == ["1980-01-01T", "1980-01-01T"]


def test_a_table_without_rows_or_columns_has_its_sheet():
    book = opened(workbook_bytes({"rows": pd.DataFrame({"x": []}), "none": pd.DataFrame()}))
    assert rows_of(book["rows"]) == [["x"]]
    assert book.sheetnames == ["rows", "none"]


def test_columns_of_one_name_are_both_written():
    table = pd.DataFrame([[1, 2]], columns=["x", "x"])
    assert rows_of(sheet_of(table)) == [["x", "x"], [1, 2]]


def test_a_workbook_without_tables_is_refused():
    with pytest.raises(ParameterError, match="No table for the workbook"):
        workbook_bytes({})


# What a run leaves behind.

SHA = "a1" * 32


def finding(key, value, **more):
    base = {"key": key, "sentence": f"It is {value}.", "value": value, "cell": 3}
    return base | {"rtol": 1e-9, "atol": 0.0} | more


def recorded(key, columns, dtypes, rows=1):
    base = {"key": key, "file": f"tables/{key}.csv", "sha256": SHA, "rows": rows, "cell": 4}
    return base | {"columns": columns, "dtypes": dtypes}


def check(*, same, cause=None):
    base = {"when": "2026-11-21T08:00:00+00:00", "same": same, "cause": cause, "findings": 1}
    return base | {"tables": 1, "custlib_sha256": SHA, "python": "3.11.7", "platform": "Linux"}


def manifest(**changes):
    content = {
        "schema": "custlib.manifest/1",
        "id": "0123456789ab" * 5,
        "status": "ok",
        "study": "gaps",
        "question": "Are traders served worse?",
        "slug": "default",
        "notebook": {"path": "notebooks/studies/01.ipynb", "sha256": SHA},
        "parameters": {"level": 0.95, "wave": "2025Q1", "items": ["price", "speed"]},
        "declared": {
            "wave": {"default": "2024Q4", "meaning": "wave asked", "limits": "one of: a, b"}
        },
        "changed": ["wave"],
        "data": [{"path": "data/steel/t.csv", "sha256": SHA, "bytes": 12345, "rows": 210}],
        "code": {"custlib_sha256": SHA},
        "environment": {
            "python": "3.11.7",
            "platform": "Linux",
            "cpu": "cpu",
            "blas": "blas",
            "threads": 1,
            "packages": {"custlib": "1.2.3"},
        },
        "findings": [
            finding("gap", -0.1 - 0.2, low=-0.5, high=-0.1, n=208, unit="points", verdict="no"),
            finding("top", 0.25, unit="share"),
            finding("=worst", ["price", "speed"]),
        ],
        "tables": [recorded("means", ["item", "estimate", "shop"], ["str", "float64", "int64"])],
        "figures": [],
        "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 3.0},
    }
    return Manifest.model_validate(content | changes)


@pytest.fixture
def folder(tmp_path):
    """Folder of a run in a project of its own, with a recorded table."""
    home = tmp_path / "reports" / "gaps" / "default-01234567"
    (home / "tables").mkdir(parents=True)
    (home / "tables" / "means.csv").write_text("item,estimate,shop\nprice,0.30000000000000004,3\n")
    return home


@pytest.fixture
def book(folder):
    def make(**changes):
        return load_workbook(write_workbook(folder, manifest(**changes), {}))

    return make


def facts(book):
    """What went in, by part and name."""
    return {tuple(row[:2]): row[2:] for row in rows_of(book["what went in"])[1:]}


def test_the_workbook_of_a_run_has_findings_tables_what_went_in_and_columns(book):
    assert book().sheetnames == ["findings", "means", "what went in", "columns"]


def test_findings_stand_first_with_their_numbers_exact(book):
    sheet = book()["findings"]
    heading, gap, top, worst = rows_of(sheet)
    assert heading == ["key", "sentence", "value", "low", "high", "n", "unit", "verdict"]
    value = -0.1 - 0.2
    assert gap == ["gap", f"It is {value}.", value, -0.5, -0.1, 208, "points", "no"]
    assert top[2:] == [0.25, None, None, None, "share", None]
    assert worst[2] == "price, speed"
    assert sheet["C3"].number_format == "0.0 %"


def test_a_recorded_table_is_in_full_precision(book):
    assert rows_of(book()["means"]) == [["item", "estimate", "shop"], ["price", 0.1 + 0.2, 3]]


@pytest.mark.parametrize(
    ("dtype", "texts", "values"),
    [
        ("int64", ["1", "-20"], [1, -20]),
        ("Int64", ["1", '""'], [1, None]),
        ("float64", ["0.1", "inf", '""', "1e-07"], [0.1, float("inf"), None, 1e-7]),
        ("bool", ["True", "False"], [True, False]),
        ("boolean", ["True", '""'], [True, None]),
        ("str", ["1", "True", '""'], ["1", "True", None]),
        ("object", ["1", '""', "2.5"], [1, None, 2.5]),
        ("object", ["1", "a"], ["1", "a"]),
        ("object", ["0012", "0013"], ["0012", "0013"]),
        ("object", ["1", "nan"], ["1", "nan"]),
        ("object", ["True", "False", '""'], [True, False, None]),
        ("category", ["4", "5"], [4, 5]),
        (
            "datetime64[ns]",
            ["2025-03-01T00:00:00", '""', "2025-03-01T10:30:00"],
            [datetime(2025, 3, 1), None, datetime(2025, 3, 1, 10, 30)],
        ),
        ("datetime64[us]", ["2025-03-01T00:00:00"], [datetime(2025, 3, 1)]),
        ("str", ['"line one\nline two"', '"a ""word"""'], ["line one\nline two", 'a "word"']),
        ("str", ['"a\rb"', "a\rb"], ["a␍b", "a␍b"]),
        ("period[M]", ["2025-03"], ["2025-03"]),
    ],
    ids=str,
)
def test_a_column_is_what_its_dtype_says(folder, dtype, texts, values):
    lines = "\n".join(["x", *texts]) + "\n"
    (folder / "tables" / "t.csv").write_bytes(lines.encode())
    table = RecordedTable.model_validate(recorded("t", ["x"], [dtype], rows=len(values)))
    found = recorded_table(folder, table)["x"].tolist()
    assert found == values
    assert [isinstance(one, bool) for one in found] == [isinstance(one, bool) for one in values]


def test_a_table_may_have_the_name_of_another_sheet_and_long_texts(book, folder):
    content = "x\n" + "y" * 200_000 + "\n"
    (folder / "tables" / "Findings.csv").write_text(content)
    made = book(tables=[recorded("Findings", ["x"], ["str"])])
    names = ["findings", "table Findings", "what went in", "columns", "notes"]
    assert made.sheetnames == names
    assert "tables/Findings.csv" in made["notes"]["B2"].value


def test_what_went_in_tells_parameters_files_and_the_run(book):
    told = facts(book())
    meaning = "wave asked; one of: a, b"
    assert told["parameter, changed", "wave"] == ["2025Q1", "2024Q4", meaning]
    assert told["parameter", "level"][0] == 0.95
    assert told["parameter", "items"][0] == "price, speed"
    parameters = [name for part, name in told if str(part).startswith("parameter")]
    assert parameters == ["wave", "level", "items"]
    size = "sha256 of 12,345 bytes, 210 rows"
    assert told["data file", "data/steel/t.csv"] == [SHA, None, size]
    assert told["run", "question"][0] == "Are traders served worse?"
    assert told["run", "run"][0] == "0123456789ab" * 5
    assert told["run", "custlib"][0] == "1.2.3"


@pytest.mark.parametrize(
    ("verified", "told"),
    [
        ([], "not computed a second time"),
        ([check(same=True)], "the same, 21 November 2026"),
        (
            [check(same=True), check(same=False, cause="the data differ")],
            "not reproduced: the data differ, 21 November 2026",
        ),
    ],
    ids=["never", "same", "no more the same"],
)
def test_what_went_in_tells_whether_the_numbers_were_verified(book, verified, told):
    assert facts(book(verified=verified))["run", "verified"][0] == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("simulated", "SIMULATED DATA. simulated: Steel customers"),
        ("real", "real: Steel customers"),
        (None, "no card tells"),
    ],
)
def test_what_went_in_tells_whether_the_data_are_simulated(book, tmp_path, monkeypatch, kind, told):
    monkeypatch.setenv("CUSTLIB_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "steel").mkdir(parents=True)
    if kind:
        card = f"title: Steel customers\nkind: {kind}\ntables:\n  t:\n    sha256: {SHA}\n"
        (tmp_path / "data" / "steel" / "card.yaml").write_text(card)
    assert facts(book())["run", "data"][0] == told


def test_every_column_is_explained_with_its_unit(book):
    sheet = rows_of(book()["columns"])
    assert sheet[0] == ["column", "meaning", "unit", "where"]
    told = {row[0]: row[1:] for row in sheet[1:]}
    assert told["item"] == ["Question or attribute", "name in the codebook", "means"]
    assert told["estimate"] == ["Estimate", "as the row's measure says", "means"]
    assert told["n"] == ["Cases used", "count", "findings"]
    assert told["shop"] == ["As the study names it", None, "means"]
    assert set(told) >= {"key", "sentence", "value", "low", "high", "unit", "verdict"}


def test_equal_runs_on_other_days_have_equal_workbooks(folder):
    first = write_workbook(folder, manifest(), {}).read_bytes()
    later = {"started": "2027-01-01T00:00:00+00:00", "seconds": 9.0}
    assert write_workbook(folder, manifest(runtime=later), {}).read_bytes() == first


def test_publishing_as_xlsx_writes_it_beside_the_page(folder):
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    done = keep(folder, manifest(), notebook, ["xlsx"])
    assert done.exports == ["report.html", "report.xlsx"]
    assert load_workbook(folder / "report.xlsx").sheetnames[0] == "findings"
