"""`custlib new`: from a file of one's own to a report, without a line written by hand."""

import csv
import errno
import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from click.testing import CliRunner

from custlib.cli import main
from custlib.cli.new import program
from custlib.survey import Codebook, read_responses


def command(*words):
    return CliRunner().invoke(main, list(map(str, words)))


def answers(n=80, seed=3):
    """Simulated answers; delivery is planted as the lowest."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "price": np.clip(np.rint(rng.normal(3.8, 0.7, n)), 1, 5),
            "delivery": np.clip(np.rint(rng.normal(2.0, 0.7, n)), 1, 5),
            "advice": np.clip(np.rint(rng.normal(3.9, 0.7, n)), 1, 5),
            "market": np.array([1.0, 2.0])[np.arange(n) % 2],
            "nps": rng.integers(0, 11, n).astype(float),
        }
    )


def labelled(path):
    """An SPSS file with labels of values and variables, and refusals as a missing code."""
    frame = answers()
    frame.loc[frame.index % 10 == 0, "price"] = 99
    rated = {1: "очень недоволен", 5: "очень доволен", 99: "отказ"}
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=["Цена", "Доставка", "Консультация", "Рынок", "Готовность рекомендовать"],
        variable_value_labels={
            **dict.fromkeys(("price", "delivery", "advice"), rated),
            "market": {1: "Север", 2: "Юг"},
        },
        missing_ranges={"price": [99]},
    )
    return path


def findings(folder):
    (record,) = folder.glob("*/*/manifest.json")
    return {one["key"]: one for one in json.loads(record.read_text(encoding="utf-8"))["findings"]}


def test_an_spss_file_on_a_cyrillic_path_becomes_a_report(tmp_path, monkeypatch):
    folder = tmp_path / "опрос"
    folder.mkdir()
    path = labelled(folder / "ответы клиентов.sav")
    monkeypatch.chdir(folder)
    told = command("new", path.name)
    assert told.exit_code == 0, told.output
    assert "Items: 4 (3 from 1 to 5, 1 from 0 to 10)." in told.output
    assert "Recommendation: nps." in told.output
    assert "Groups: market; compared by market." in told.output
    assert told.output.endswith("  custlib run ответы_клиентов.ipynb\n")
    ran = command("run", "ответы_клиентов.ipynb", "--reports", tmp_path / "reports")
    assert ran.exit_code == 0, ran.output
    found = findings(tmp_path / "reports")
    mean = answers()["delivery"].mean()
    assert found["lowest"]["value"] == pytest.approx(mean, abs=1e-9)
    assert "Доставка" in found["lowest"]["sentence"]
    assert {"net_promoter_score", "group_differences"} <= found.keys()


def test_a_parquet_file_without_groups_becomes_a_report_elsewhere(tmp_path, monkeypatch):
    path = tmp_path / "answers.parquet"
    answers()[["price", "delivery", "advice"]].to_parquet(path)
    told = command("new", path, "--to", tmp_path / "drafts", "--name", "my first study")
    assert told.exit_code == 0, told.output
    # Run from another folder: the paths in it are those of the files.
    monkeypatch.chdir(tmp_path.parent)
    study = tmp_path / "drafts" / "my_first_study.ipynb"
    ran = command("run", study, "--reports", tmp_path / "reports")
    assert ran.exit_code == 0, ran.output
    found = findings(tmp_path / "reports")
    assert found.keys() == {"lowest", "below_others", "left_undone"}
    # What the draft could not tell is told by the report, and not on the terminal alone.
    doubt = "no label tells which answer is the best: the highest is taken for it"
    assert f"  {doubt} (price, delivery, advice)\n" in told.output
    assert f"{doubt} (price, delivery, advice)" in found["left_undone"]["value"]
    assert doubt in found["left_undone"]["sentence"]


@pytest.mark.parametrize("taken", ["answers.yaml", "answers.ipynb"])
def test_nothing_is_written_over_a_file_and_no_half_is_left(tmp_path, taken):
    path = tmp_path / "answers.csv"
    answers().to_csv(path, index=False)
    (tmp_path / taken).write_text("mine", encoding="utf-8")
    refused = command("new", path, "--to", tmp_path)
    assert refused.exit_code == 2
    assert len(refused.output.splitlines()) == 3
    assert taken in refused.output
    assert (tmp_path / taken).read_text(encoding="utf-8") == "mine"
    assert {one.name for one in tmp_path.iterdir()} == {"answers.csv", taken}


def test_a_file_without_ratings_is_refused_in_three_parts_and_leaves_nothing(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("who,what\n" + "".join(f"a{at},text {at}\n" for at in range(30)))
    refused = command("new", path, "--to", tmp_path / "drafts")
    assert refused.exit_code == 2
    assert len(refused.output.splitlines()) == 3
    assert not (tmp_path / "drafts").exists()


def test_a_file_that_is_not_there_is_told(tmp_path):
    refused = command("new", tmp_path / "absent.csv")
    assert refused.exit_code == 2
    assert "absent.csv" in refused.output


def test_a_file_that_is_not_there_is_told_before_an_older_draft(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "plain.yaml").write_text("older", encoding="utf-8")
    refused = command("new", "plain.csv", "--to", "drafts")
    assert refused.exit_code == 2
    assert refused.output.startswith("There is no file 'plain.csv'")


def test_a_disk_that_refuses_is_told_with_the_option_of_the_command(tmp_path, monkeypatch):
    path = tmp_path / "answers.csv"
    answers().to_csv(path, index=False)

    def refuse(folder, *_, **__):
        raise OSError(errno.ENOENT, "No such file or directory", str(folder))

    monkeypatch.setattr(Path, "mkdir", refuse)
    refused = command("new", path, "--to", tmp_path / "x")
    assert refused.exit_code == 2
    assert refused.output.splitlines()[0].endswith("x cannot be used: No such file or directory.")
    assert "another folder with --to," in refused.output
    assert "--reports" not in refused.output


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_sums_below_the_answers_are_no_answers_of_a_draft(tmp_path, form):
    days = [f"2025-{1 + at // 28 % 9:02}-{1 + at % 28:02}" for at in range(240)]
    given = [[days[at], ["EU", "Asia"][at % 2], 1 + at % 5, 1 + at % 4] for at in range(240)]
    below = [["Total", 240, 720, 600], ["Average", None, 3.01, 2.5]]
    below += [["Source: interviews"], ["1 = very bad; 5 = very good"]]
    rows = [["Survey 2025"], [], ["date", "market", "price", "delivery"], *given, *below]
    path = tmp_path / f"answers.{form}"
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    told = command("new", path, "--to", tmp_path)
    assert told.exit_code == 0, told.output
    assert "244 rows (240 respondent, 4 footer)" in told.output
    assert "Submitted: date." in told.output
    assert "off the scale" not in told.output
    codebook = Codebook.read(tmp_path / "answers.yaml")
    assert not any(scale.missing for scale in codebook.scales.values())
    with pytest.warns(UserWarning, match="row 244, 245, 246, 247 below the answers"):
        responses = read_responses(path, codebook=codebook)
    assert responses["price"].tolist() == [1, 2, 3, 4, 5] * 48
    assert set(responses["market"]) == {"EU", "Asia"}


def test_what_is_odd_is_told_beside_the_next_command(tmp_path):
    frame = answers(200)
    frame["price"] = 6 - frame["delivery"]
    frame["again"] = frame["advice"]
    frame["mail"] = [f"a{at}@example.org" for at in range(200)]
    path = tmp_path / "answers.csv"
    frame.astype({"price": int, "delivery": int, "advice": int}).to_csv(path, index=False)
    told = command("new", path, "--to", tmp_path)
    assert "mail: personal data" in told.output
    assert "correlates -" in told.output
    assert "example.org" not in told.output
    assert Codebook.read(tmp_path / "answers.yaml").items.keys() >= {"price", "delivery"}


def test_encoding_and_delimiter_are_passed_on_to_the_study(tmp_path):
    path = tmp_path / "ответы.csv"
    lines = ["цена^доставка", *(f"{1 + at % 5}^{5 - at % 4}" for at in range(40))]
    path.write_bytes("\n".join(lines).encode("cp1251"))
    told = command("new", path, "--to", tmp_path, "--encoding", "cp1251", "--delimiter", "^")
    assert told.exit_code == 0, told.output
    assert "Items: 2" in told.output
    text = (tmp_path / "ответы.ipynb").read_text(encoding="utf-8")
    assert r"read_raw(data, codebook=book, encoding=\"cp1251\", delimiter=\"^\")" in text


@pytest.mark.parametrize("sheet, unread", [(None, "two"), ("two", "one")])
def test_the_sheet_that_is_read_is_told_with_those_that_are_not(tmp_path, sheet, unread):
    path = tmp_path / "answers.xlsx"
    with pd.ExcelWriter(path) as book:
        answers().to_excel(book, sheet_name="one", index=False)
        answers(40, 5).to_excel(book, sheet_name="two", index=False)
    given = ("--sheet", sheet) if sheet else ()
    told = command("new", path, "--to", tmp_path, *given)
    assert told.exit_code == 0, told.output
    assert f"Sheet {sheet or 'one'!r} is read; not read: {unread}." in told.output
    assert f"columns, {40 if sheet else 80} rows.\n" in told.output
    text = (tmp_path / "answers.ipynb").read_text(encoding="utf-8")
    assert rf"codebook=book, sheet=\"{sheet or 'one'}\")" in text


def test_the_largest_sheet_is_read_named_and_run_where_notes_stand_before_it(tmp_path):
    path = tmp_path / "answers.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"note": ["asked in May"]}).to_excel(book, sheet_name="notes", index=False)
        answers().to_excel(book, sheet_name="data", index=False)
    told = command("new", path, "--to", tmp_path)
    assert "Sheet 'data' is read; not read: notes." in told.output
    assert "columns, 80 rows.\n" in told.output
    text = (tmp_path / "answers.ipynb").read_text(encoding="utf-8")
    assert r"codebook=book, sheet=\"data\")" in text


def test_what_is_too_much_for_a_study_is_told_and_its_doubts_are_not(tmp_path):
    columns = {
        f"k{block}_{at}": [1 + (row * (at + 2) + row // 7 + block) % 5 for row in range(60)]
        for block in range(6)
        for at in range(10)
    }
    for number, cells in enumerate(columns.values()):
        cells[number % 60] = 55
    path = tmp_path / "answers.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    told = command("new", path, "--to", tmp_path)
    assert "Items: 40 of 60; 20 as comments (40 from 1 to 5)." in told.output
    assert "  off the scale (k0_0, k0_1, k0_2 and 37 more)" in told.output
    assert "k5" not in told.output
    book = Codebook.read(tmp_path / "answers.yaml")
    assert list(book.blocks) == ["k0", "k1", "k2", "k3"]


def test_nothing_that_tells_of_a_person_leaves_the_file(tmp_path):
    planted = ["041 123 456", "ivan@x.com", "Quirin Zenobia", "0038641999888"]
    frame = answers()
    frame["rated"] = frame["price"].astype(object)
    frame.loc[3, "rated"] = f"call {planted[0]}"
    frame["follow"] = np.where(frame.index == 5, f"{planted[1]} please", "no")
    frame["Your name"] = np.where(frame.index % 2, planted[2], "A B")
    frame["line"] = np.where(frame.index % 2, planted[3], "0038641999777")
    path = tmp_path / "answers.csv"
    frame.to_csv(path, index=False)
    told = command("new", path, "--to", tmp_path)
    assert told.exit_code == 0, told.output
    written = [(tmp_path / f"answers.{end}").read_text("utf-8") for end in ("yaml", "ipynb")]
    for text in (*written, told.output):
        assert [one for one in planted if one in text] == []


def test_commas_of_titles_and_decimals_do_not_part_a_semicolon_file(tmp_path):
    path = tmp_path / "answers.csv"
    rows = [f"{1 + at % 5};{1 + at * 2 % 5};{100 + at},{10 + at % 80}" for at in range(160)]
    titles = ["Выгружено 01.04.2026, отдел маркетинга", ""]
    path.write_text("\n".join([*titles, "Цена;Доставка;Объём, т", *rows]), encoding="utf-8")
    told = command("new", path, "--to", tmp_path)
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[:4] == [
        "answers.csv: 3 columns, 160 rows.",
        "Read: utf-8, columns parted by semicolon, decimal comma, column names in row 3,"
        " 2 rows above them skipped.",
        "Items: 2 (2 from 1 to 5).",
        "Blocks: other_questions (2).",
    ]
    assert "  Объём, т: its numbers have fractions\n" in told.output
    assert "Left out: 1 column.\n" in told.output


def test_a_wrong_delimiter_is_named_where_nothing_is_found(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("a;b\n" + "".join(f"{1 + at % 5};{1 + at % 4}\n" for at in range(40)))
    refused = command("new", path, "--to", tmp_path, "--delimiter", "|")
    assert refused.exit_code == 2
    path.write_text("a/b;c\n" + "".join(f"x{at}/{at};{1 + at % 4}\n" for at in range(40)))
    refused = command("new", path, "--to", tmp_path, "--delimiter", "/")
    found, _, remedy = refused.output.splitlines()
    assert "(read: utf-8, columns parted by '/', column names in row 1): none of 2" in found
    assert "--delimiter" in remedy


def test_kinds_of_rows_are_told_where_there_are_several(tmp_path):
    path = tmp_path / "answers.csv"
    head = "id,submitdate,lastpage,startlanguage,q1,q2\n"
    rows = [
        f"{at},{'' if at < 4 else '2024-02-01 10:00:00'},3,en,{1 + at % 5},4\n" for at in range(40)
    ]
    path.write_text(head + "".join(rows), encoding="utf-8")
    told = command("new", path, "--to", tmp_path)
    assert "LimeSurvey: 6 columns, 40 rows (36 respondent, 4 unfinished).\n" in told.output


@pytest.mark.parametrize(
    "called, shown",
    [
        (".venv/bin/custlib", ".venv/bin/custlib"),
        ("{here}/my env/custlib", "'my env/custlib'"),
        ("custlib", "./custlib"),
        ("/opt/env/bin/custlib", "/opt/env/bin/custlib"),
        ("../env/custlib", "../env/custlib"),
        ("/usr/bin/pytest", "custlib"),
    ],
)
def test_the_next_command_calls_custlib_as_it_was_called(tmp_path, monkeypatch, called, shown):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", [called.format(here=tmp_path)])
    assert program() == shown


def test_a_program_on_the_path_is_called_by_its_name(tmp_path, monkeypatch):
    script = tmp_path / "custlib"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", [str(script)])
    assert program() == "custlib"


def test_inside_the_project_paths_begin_at_its_root_and_are_found_in_jupyterlab(
    tmp_path, monkeypatch
):
    mine = tmp_path / "mine"
    mine.mkdir()
    answers().to_csv(mine / "answers.csv", index=False)
    for place in ("custlib.places", "custlib.study.catalogue"):
        monkeypatch.setattr(f"{place}.CHECKOUT", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert command("new", "mine/answers.csv", "--to", "mine").exit_code == 0
    study = json.loads((mine / "answers.ipynb").read_text(encoding="utf-8"))
    assert str(tmp_path) not in json.dumps(study)
    given = {}
    exec("".join(study["cells"][1]["source"]), given)
    assert (given["data"], given["codebook"]) == ("mine/answers.csv", "mine/answers.yaml")
    # JupyterLab works in the notebook's folder, the runner in another one.
    for folder in (mine, tmp_path.parent):
        monkeypatch.chdir(folder)
        read = read_responses(given["data"], codebook=Codebook.read(given["codebook"]))
        assert len(read) == 80
    ran = command("run", mine / "answers.ipynb", "--reports", tmp_path / "reports")
    assert ran.exit_code == 0, ran.output
    (page,) = (tmp_path / "reports").glob("*/*/report.html")
    assert str(tmp_path) not in page.read_text(encoding="utf-8")
