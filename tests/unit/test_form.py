"""The form without a browser: fields from a parameters cell, problems at them, and a run."""

import json
import os
import re
import shlex
import shutil
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from ipywidgets import Checkbox, Combobox, Dropdown, Text, Textarea

from custlib import datasets
from custlib.form import addresses, contents, show
from custlib.form.entries import Entries
from custlib.form.fields import Field, text_of
from custlib.form.results import problem_html
from custlib.form.suggestions import column_names, path_suggestions
from custlib.study.catalogue import Cell, Study, find_study, list_studies, project_root
from custlib.study.manifest import read_manifest
from custlib.study.parameters.declaration import parse_cell
from custlib.study.parameters.texts import split_options, value_of
from custlib.study.run.plan import plan_study
from custlib.survey.reading.file_formats import FORMATS

PROGRAM = str(Path(sys.executable).parent.resolve() / "custlib")
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LONG = ["lost: closed >= 1", "regular: order >= 2, in last 1", "prospect: otherwise"]
CELL = parse_cell(
    f"""
data: str | None = None  # file with answers
by: str = "role"  # column of the groups
law: str = "up"  # which way; one of: up, down
rule: str | None = None  # which rule, or None; one of: a, b
share: float = 0.5  # part of the budget; between 0 and 1
most: int | None = None  # at most so many, or None; at least 1
keep: bool = False  # keep the list
new: bool | None = None  # whether all were new, or None
steps: list[int] = [2, 3]  # rungs
rules: list[str] = {json.dumps(LONG)}  # rules in order
""",
    "demo",
)
KINDS = {
    "data": Combobox,
    "by": Combobox,
    "law": Dropdown,
    "rule": Dropdown,
    "share": Text,
    "most": Text,
    "keep": Checkbox,
    "new": Dropdown,
    "steps": Text,
    "rules": Textarea,
}


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path)


def make_project(folder):
    """A project with three studies: one that works, one that waits, one whose cell raises."""
    studies = folder / "notebooks" / "studies"
    studies.mkdir(parents=True)
    (folder / "data" / "shops").mkdir(parents=True)
    (folder / "data" / "shops" / "card.yaml").write_text("tables: {}\n")
    (folder / "answers.csv").write_text("Shop name;Mean\nOne;1\n")
    sources = ("small_study.ipynb", "waiting.ipynb", "broken/division.ipynb")
    for number, source in enumerate(sources):
        shutil.copy(NOTEBOOKS / source, studies / f"{number}_{Path(source).name}")
    return folder


@pytest.fixture
def page(project):
    return show(project)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A page whose run has ended, and the steps that it told."""
    page, steps = show(make_project(tmp_path_factory.mktemp("project"))), []
    entry(page, "shops").value, entry(page, "data").value = "5", "answers.csv"
    page.formats["xlsx"].value = True
    page._tell = steps.append
    assert run(page)
    return page, steps


def choose(page, name):
    page.choice.value = next(one for _, one in page.choice.options if one.name == name)


def entry(page, name):
    return page.entries.fields[name].entry


def problem(page, name):
    return page.entries.fields[name].problem.value


def run(page):
    """Press Run and wait for the end; True where something came of it."""
    page.run.click()
    if started := page.running:
        started.thread.join(300)
    assert page.running is None
    return bool(page.result.value)


def edited(project, **changes):
    """The notebook of the small study, saved with these texts replaced."""
    path = project / "notebooks" / "studies" / "0_small_study.ipynb"
    text = path.read_text()
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def entries_of(project, source):
    """Fields of a study with this parameters cell."""
    cell = Cell("code", source, ("parameters",))
    return Entries(Study("demo", project / "demo.ipynb", (cell,)), project, lambda: None)


def test_each_type_has_its_own_kind_of_field():
    fields = [Field(one, lambda: None) for one in CELL]
    assert {one.parameter.name: type(one.entry) for one in fields} == KINDS


@pytest.mark.parametrize("one", list(CELL), ids=lambda one: one.name)
def test_a_field_left_alone_says_what_the_cell_says(one):
    text = Field(one, lambda: None).text
    assert value_of(text, one.kind, one.many, one.optional) == one.default


@pytest.mark.parametrize("name", ["data", "most"])
def test_an_empty_field_shows_that_it_means_none(name):
    field = Field(CELL.by_name[name], lambda: None)
    assert (field.entry.value, field.entry.placeholder) == ("", "empty means None")
    assert field.text == "none"


def test_help_tells_meaning_and_limits():
    assert Field(CELL.by_name["share"], lambda: None).help.value == (
        "part of the budget; between 0 and 1"
    )


@pytest.mark.parametrize("values", [["a, b", 'say "no"'], [" x", ""], [0.1, 1e-07]])
def test_a_list_is_read_back_from_its_text(values):
    kind = type(values[0]).__name__
    assert value_of(text_of(values), kind, True, False) == [
        one.strip() if kind == "str" else one for one in values
    ]


def test_questions_of_all_studies_can_be_chosen(page):
    assert page.choice.options[0][0] == "Are the small shops served worse?"
    assert len(page.choice.options) == 3


def test_an_unreadable_notebook_is_named_and_the_others_are_offered(project):
    studies = project / "notebooks" / "studies"
    (studies / "9_half.ipynb").write_text('{"cells": [')
    (studies / "8_odd.ipynb").write_text('{"cells": [{"cell_type": "code", "metadata": null}]}')
    page = show(project)
    assert len(page.choice.options) == 3
    assert "Left out: &#x27;9_half.ipynb&#x27; cannot be run: it is not JSON" in page.unread.value
    assert "Left out: 8_odd.ipynb: " in page.unread.value


def test_a_linked_study_keeps_the_name_of_its_link(project, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "other.ipynb"
    link = project / "notebooks" / "studies" / "5_linked.ipynb"
    shutil.copy(project / "notebooks" / "studies" / "0_small_study.ipynb", outside)
    link.symlink_to(outside)
    page = show(project)
    choose(page, "linked")
    assert "other.ipynb" in page.about.value
    assert page.entries.command() == f"{PROGRAM} run linked"


def test_drafts_of_ones_own_are_offered_and_run_by_their_path(project):
    (project / "mine").mkdir()
    shutil.move(project / "notebooks" / "studies" / "1_waiting.ipynb", project / "mine")
    page = show(project)
    labels = [label for label, _ in page.choice.options]
    assert labels[-1] == "yours: How long does a study wait?"
    choose(page, "waiting")
    assert page.entries.command() == f"{PROGRAM} run mine/1_waiting.ipynb"


def test_of_two_studies_of_one_name_the_command_names_the_right_one(project):
    studies = project / "notebooks" / "studies"
    shutil.copy(studies / "0_small_study.ipynb", studies / "7_small_study.ipynb")
    page = show(project)
    commands = []
    for _, study in page.choice.options:
        page.choice.value = study
        commands.append(page.entries.command().split()[2])
    # `custlib run small_study` runs the last of that name.
    assert commands == [
        "notebooks/studies/0_small_study.ipynb",
        "waiting",
        "division",
        "small_study",
    ]


@pytest.mark.parametrize(
    "folder, program",
    [("env", "env/custlib"), ("../other env", "'{}/other env/custlib'"), ("none", "custlib")],
    ids=["within the project", "elsewhere", "nowhere"],
)
def test_the_command_calls_the_custlib_beside_the_python_of_the_page(
    folder, program, tmp_path_factory, monkeypatch
):
    place = tmp_path_factory.mktemp("place")
    project, beside = place / "project", (place / "project" / folder).resolve()
    make_project(project)
    if folder != "none":
        beside.mkdir()
        (beside / "custlib").touch(0o755)
    monkeypatch.setattr(sys, "executable", str(beside / "python"))
    command = show(project).entries.command()
    assert command == f"{program.format(place)} run small_study"


def test_the_command_names_another_folder_of_reports(project, tmp_path):
    assert "--reports" not in show(project).command.value
    page = show(project, reports=tmp_path / "elsewhere")
    assert f"--reports {tmp_path / 'elsewhere'}" in page.command.value


@pytest.mark.parametrize("text", ["70", "many", "3.5", "", "0", "1" + 400 * "0"])
def test_a_wrong_number_stays_as_it_was_typed_and_is_told_at_its_field(page, text):
    entry(page, "shops").value = text
    assert entry(page, "shops").value == text
    assert "Expected shops: int, between 1 and 50." in problem(page, "shops")
    assert page.run.disabled
    assert not run(page)
    assert problem(page, "level") == ""
    assert "Run is off until these are right: shops." in page.command.value
    entry(page, "shops").value = "7"
    assert problem(page, "shops") == ""
    assert not page.run.disabled


def test_what_nobody_foresaw_turns_run_off_and_is_told(page, monkeypatch):
    def fail(*_, **__):
        raise KeyError("<odd>")

    monkeypatch.setattr("custlib.form.entries.check_values", fail)
    entry(page, "shops").value = "4"
    assert page.run.disabled
    assert "KeyError: &#x27;&lt;odd&gt;&#x27;" in page.command.value
    monkeypatch.undo()
    entry(page, "shops").value = "5"
    assert page.entries.texts == {"shops": "5"}
    assert not page.run.disabled


def test_a_decimal_comma_is_seen(page, project):
    entry(page, "level").value = "0,9"
    assert "Write 0.9, with a point." in problem(page, "level")
    entries = entries_of(project, "steps: list[float] = [0.5]  # steps")
    field = entries.fields["steps"]
    assert "value" not in field.help.value
    field.entry.value = "0,5"
    assert field.help.value.endswith("<br>2 values: 0; 5")


def test_a_list_that_cannot_be_parted_is_no_list():
    with pytest.raises(ValueError, match="not a list"):
        value_of('"' + 200_000 * "a" + '"', "str", True, False)


def test_what_has_no_text_of_its_own_stays_as_long_as_nothing_is_entered(project):
    source = """
a: str | None = ""  # text
b: list[str] | None = []  # texts
c: str = "x\\ny"  # text
d: str | None = "none"  # which; one of: none, some
e: list[str] = ["a\\nb", "[c"]  # texts
f: list[str] | None = ["none"]  # texts
"""
    entries = entries_of(project, source)
    assert entries.ready
    assert entries.texts == {}
    assert entries.fields["d"].entry.options == ("none", "some")
    entries.fields["c"].entry.value = "z"
    assert entries.texts == {"c": "z"}
    entries.fields["c"].entry.value = "x\ny"
    assert entries.texts == {}


def test_a_text_that_has_to_stand_cannot_be_taken_away(project):
    entries = entries_of(project, 'by: str = "role"  # column\nnote: str = ""  # note')
    entries.fields["by"].entry.value = " "
    assert "by is empty." in entries.fields["by"].problem.value
    assert entries.wrong == ["by"]
    entries.fields["by"].entry.value = "branch"
    entries.fields["note"].entry.value = "x"
    entries.fields["note"].entry.value = ""
    assert entries.texts == {"by": "branch"}


def test_what_is_typed_is_never_read_as_html(page):
    entry(page, "shops").value = "<img src=x onerror=alert(1)>"
    assert "&lt;img" in problem(page, "shops")
    assert "<img" not in problem(page, "shops")


def test_a_file_that_is_not_there_is_told_with_the_nearest(page):
    entry(page, "data").value = "answer.csv"
    assert "answers.csv" in problem(page, "data")
    assert page.run.disabled
    for text in ("~nobody/x", "data", "\0", "[", "/"):
        entry(page, "data").value = text
        assert "Expected data: the path" in problem(page, "data")
    entry(page, "data").value = "answers.csv"
    assert problem(page, "data") == ""


def test_a_path_is_looked_up_from_the_project_whatever_the_working_directory(page, monkeypatch):
    monkeypatch.chdir(page.root / "notebooks")
    entry(page, "data").value = "answers.csv"
    assert page.entries.ready


def test_data_sets_and_files_are_offered_and_columns_are_shown(page, project):
    assert path_suggestions("", "data", project) == ["shops", "answers.csv", "data/", "notebooks/"]
    assert path_suggestions("data/", "codebook", project) == ["data/shops/"]
    assert path_suggestions("data/shops/", "codebook", project) == ["data/shops/card.yaml"]
    assert column_names(project / "answers.csv") == ["Shop name", "Mean"]
    assert "answers.csv" in entry(page, "data").options
    entry(page, "data").value = "answers.csv"
    assert "Shop name, Mean" in page.entries.fields["data"].help.value


def test_every_file_that_a_survey_can_be_read_from_is_offered_as_data(project):
    for ending in FORMATS:
        (project / f"one{ending}").touch()
    offered = path_suggestions("", "data", project)
    assert {f"one{ending}" for ending in FORMATS} <= {*offered}


def study_entries(name, **texts):
    """Fields of one of the twelve studies with these texts entered."""
    entries = Entries(find_study(name), project_root(), lambda: None)
    for field, text in texts.items():
        entries.fields[field].entry.value = str(text)
    return entries


ORDERS = {"InvoiceNo": ["1"], "CustomerID": ["7"], "InvoiceDate": ["2024-01-02"], "Amount": [2.0]}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["abc_xyz", "customer_base_audit"])
def test_columns_that_a_study_of_orders_takes_unless_told_are_missed_before_it_runs(
    name, ending, tmp_path
):
    path = tmp_path / f"sales.{ending}"
    table = pd.DataFrame(ORDERS)
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)
    entries = study_entries(name, data=path)
    assert entries.wrong == ["customer", "date", "amount"]
    told = entries.fields["amount"].problem.value
    assert f"and sales.{ending} has no column &#x27;amount&#x27;." in told
    assert "Did you mean &#x27;Amount&#x27;?" in told
    assert entries.fields["amount"].entry.options == tuple(ORDERS)
    given = {"customer": "CustomerID", "date": "InvoiceDate", "amount": "Amount"}
    assert study_entries(name, data=path, **given).ready
    table.rename(columns={column: role for role, column in given.items()}).to_csv(
        tmp_path / "named.csv", index=False
    )
    assert study_entries(name, data=tmp_path / "named.csv").ready


def test_a_header_below_a_title_is_the_header(tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text("Sales of 2024;;\ncustomer;date;amount\n1;2024-01-02;3,5\n")
    assert study_entries("abc_xyz", data=path).ready
    assert study_entries("abc_xyz", data=path, order="invoice").wrong == ["order"]


@pytest.mark.parametrize("header", ["customer,date,amount,", "customer,date,amount,note,note"])
def test_of_columns_that_get_other_names_when_they_are_read_nothing_is_told(header, tmp_path):
    path = tmp_path / "sales.csv"
    path.write_text(f"{header}\n1,2024-01-02,3,4\n")
    assert study_entries("churn_economics", data=path, by="note.1").ready


def test_of_several_files_and_of_workbooks_nothing_is_told(tmp_path):
    for at in (1, 2):
        (tmp_path / f"sales_{at}.csv").write_text("a,b\n1,2\n")
    (tmp_path / "answers.xlsx").touch()
    assert study_entries("abc_xyz", data=tmp_path / "sales_*.csv").ready
    book = project_root() / "data" / "housing" / "codebook.yaml"
    own = {"data": tmp_path / "answers.xlsx", "codebook": book}
    assert study_entries("steel_satisfaction", by="nonsense", **own).ready


@pytest.mark.parametrize("name", ["steel_satisfaction", "steel_priorities", "net_promoter"])
def test_columns_of_a_survey_are_those_of_the_data_set(name):
    entries = study_entries(name, data="housing", by="contakt", weight="nonsense")
    assert entries.wrong == ["by", "weight"]
    assert "Did you mean &#x27;contact&#x27;?" in entries.fields["by"].problem.value
    for weight in ("raked", "design", "none"):
        assert study_entries(name, data="housing", by="contact", weight=weight).ready


def test_what_a_study_sets_itself_is_told_where_the_file_lacks_it():
    """The steel survey has roles, the survey of housing has none."""
    assert study_entries("steel_satisfaction", data="steel_survey").ready
    entries = study_entries("steel_satisfaction", data="housing")
    assert entries.wrong == ["by"]
    entries.fields["by"].entry.value = ""
    assert entries.ready


BOOK = """
scales: {s: {low: 1, high: 5}}
items: {price: {column: Q1, scale: s}}
groups: {role: {column: Who, values: {a: a, b: b}}}
"""


def test_a_codebook_renames_columns_and_leaves_the_others_their_names(tmp_path):
    (tmp_path / "answers.csv").write_text("Q1;Who;town\n4;a;x\n")
    (tmp_path / "book.yaml").write_text(BOOK)
    own = {"data": tmp_path / "answers.csv", "codebook": tmp_path / "book.yaml"}
    assert study_entries("steel_satisfaction", by="role", **own).ready
    assert study_entries("steel_satisfaction", by="town", **own).ready
    assert study_entries("steel_satisfaction", by="Who", **own).wrong == ["by"]
    # Without its codebook nobody knows, and of another file the codebook says nothing.
    assert study_entries("steel_satisfaction", data=own["data"], by="Who").ready
    (tmp_path / "answers.csv").write_text("Price?;Who?;town\n4;a;x\n")
    assert study_entries("steel_satisfaction", by="Who", **own).ready
    (tmp_path / "book.yaml").write_text("items: [")
    assert study_entries("steel_satisfaction", by="Who", **own).ready


def test_a_codebook_that_was_corrected_is_read_anew(tmp_path):
    (tmp_path / "answers.csv").write_text("Q1;Who;town\n4;a;x\n")
    book = tmp_path / "book.yaml"
    book.write_text(BOOK.replace("role:", "who:"))
    own = {"data": tmp_path / "answers.csv", "codebook": book}
    entries = study_entries("steel_satisfaction", by="role", **own)
    assert entries.wrong == ["by"]
    book.write_text(BOOK)
    os.utime(book, (1, 1))
    entries.fields["min_base"].entry.value = "11"
    assert entries.ready


def default_sets():
    """Each study with data of its own choice, and the data set that it takes without any."""
    for study in list_studies():
        code = "\n".join(cell.source for cell in study.cells)
        if found := re.search(r'_source\(\s*data\b.*?default="(\w+)"', code, re.S):
            yield study.name, found[1]


@pytest.mark.parametrize("name, dataset", [*default_sets()])
def test_no_study_is_told_anything_of_its_own_data(name, dataset, tmp_path):
    """With nothing entered, by the name of the data set, and as a file of one's own."""
    assert study_entries(name).ready
    assert study_entries(name, data=dataset).ready
    loaded = datasets.load(dataset)
    own = {"data": shutil.copy(loaded.folder / f"{loaded.main}.csv", tmp_path)}
    if loaded.codebook:
        own["codebook"] = shutil.copy(loaded.folder / "codebook.yaml", tmp_path)
    cell = study_entries(name).cell.by_name
    own |= {role: column for role, column in loaded.card.roles.items() if role in cell}
    assert study_entries(name, **own).wrong == []


def test_eleven_studies_read_data_of_ones_own():
    assert len([*default_sets()]) == 11


@pytest.mark.parametrize(
    "content, names",
    [
        ("answer\n1\n", ["answer"]),
        ("Customer satisfaction\n1\n", ["Customer satisfaction"]),
        ("\nid;name, first\n1;a\n", ["id", "name, first"]),
        ("Ответ;Роль\n1;мастер\n".encode("cp1251"), ["Ответ", "Роль"]),
        ("Ответ;Роль\n1;2\n".encode("utf-16"), ["Ответ", "Роль"]),
        ("я\n" + 60_000 * "ю", ["я"]),
        ("", []),
    ],
    ids=["one", "blank", "semicolon", "cp1251", "utf-16", "cut within a letter", "empty"],
)
def test_columns_are_told_by_the_evidence_that_reading_goes_by(content, names, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert column_names(path) == names


@pytest.mark.parametrize("pattern", ["/**", "**/none*.csv", "*/x.csv"])
def test_a_pattern_for_many_folders_is_looked_up_by_the_run_alone(page, pattern, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("files were looked for")

    monkeypatch.setattr("custlib.places.glob.glob", fail)
    entry(page, "data").value = pattern
    assert problem(page, "data") == ""
    assert not page.run.disabled
    monkeypatch.setattr("custlib.places.glob.glob", lambda *_, **__: [])
    run(page)
    assert "a pattern that matches no file" in page.result.value


def test_reset_brings_the_values_of_the_cell_back(page):
    entry(page, "shops").value, entry(page, "label").value = "70", "service"
    page.defaults.click()
    assert (entry(page, "shops").value, entry(page, "label").value) == ("3", "price")
    assert page.entries.texts == {}
    assert not page.run.disabled


def test_the_command_makes_the_same_run(done, monkeypatch):
    page, _ = done
    program, _, study, *options = shlex.split(page.entries.command())
    assert program == PROGRAM
    assert "in the folder of the project" in page.command.value
    assert options == ["-p", "shops=5", "-p", "data=answers.csv"]
    assert "--to html,xlsx" in page.command.value
    monkeypatch.chdir(page.root)
    plan = plan_study(study, texts=split_options(tuple(options[1::2])), root=page.root)
    assert (page.reports / study / plan.folder_name / "report.xlsx").is_file()


def test_a_run_tells_its_steps_and_shows_findings_and_links(done):
    page, steps = done
    # The values stand with the result, for the fields may have others by then.
    assert "Run with shops = 5, data = answers.csv" in page.result.value
    # The shops have 0.1, 0.2, 0.3, 0.4 and 0.5.
    assert "The mean is 0.3 points." in page.result.value
    [report] = page.reports.glob("small_study/*/report.html")
    for file in (report, report.with_suffix(".xlsx")):
        assert f'href="{file.as_uri()}"' in page.result.value
    cells = [step.cell for step in steps if not isinstance(step, str)]
    assert cells == sorted(cells)
    assert cells[-1] == 9
    assert page.stop.disabled
    assert not page.run.disabled


def test_a_kept_run_is_shown_at_once_and_made_anew_on_request(done):
    page, _ = done
    [record] = page.reports.glob("small_study/*/manifest.json")
    first = record.read_bytes()
    run(page)
    assert "The same run is kept" in page.result.value
    assert record.read_bytes() == first
    page.anew.value = True
    run(page)
    assert "The same run is kept" not in page.result.value
    assert record.read_bytes() != first


def test_stop_keeps_what_was_there_before(done, monkeypatch):
    page, _ = done
    monkeypatch.setattr(page, "_tell", lambda _: page.stop.click())
    page.anew.value = False
    run(page)
    assert "The run itself was done by then and is kept" in page.result.value
    assert "The mean is 0.3 points." in page.result.value
    assert not page.run.disabled


def waiting(page, note):
    """The thread of a run that waits in a long cell."""
    choose(page, "waiting")
    entry(page, "seconds").value, entry(page, "note").value = "60", str(note)
    page.run.click()
    thread = page.running.thread
    while thread.is_alive() and not note.exists():
        thread.join(0.05)
    return thread


def test_stop_ends_a_long_cell_of_its_own_page_and_keeps_nothing(
    page, project, tmp_path, monkeypatch
):
    killed, kill = [], os.killpg
    monkeypatch.setattr(os, "killpg", lambda *how: killed.append(how[0]) or kill(*how))
    other = show(project, reports=tmp_path / "others")
    threads = [waiting(one, tmp_path / f"note {at}") for at, one in enumerate((page, other))]
    # The cell of the notebook run once more shows the page that has the run.
    assert show(project) is page
    assert not page.stop.disabled
    assert page.run.disabled
    page.stop.click()
    threads[0].join(300)
    assert [thread.is_alive() for thread in threads] == [False, True]
    assert {*killed} == {int((tmp_path / "note 0").read_text())}
    assert "Nothing was kept" in page.result.value
    assert not list(page.reports.rglob("manifest.json"))
    assert not page.run.disabled
    assert show(project) is not page
    other.stop.click()
    threads[1].join(300)
    assert "Nothing was kept" in other.result.value


def test_a_notebook_that_was_saved_meanwhile_is_run_as_it_is(page, project):
    code = '{"cell_type": "code", "metadata": {}, "execution_count": null, "outputs": []'
    more = f'{code}, "id": "more", "source": ["1"]}}, '
    path = edited(
        project, words=("The mean is", "Their mean is"), cells=('"cells": [', f'"cells": [{more}')
    )
    assert run(page)
    assert "Their mean is" in page.result.value
    [record] = page.reports.glob("small_study/*/manifest.json")
    plan = plan_study(path, root=project)
    assert read_manifest(record.parent).notebook.sha256 == plan.notebook_sha256
    assert record.parent.name == plan.folder_name


def test_parameters_that_were_changed_meanwhile_are_shown_before_anything_runs(page, project):
    entry(page, "shops").value, entry(page, "label").value = "7", "service"
    edited(
        project,
        most=("between 1 and 50", "between 1 and 5"),
        label=("one of: price, service", "one of: price, goods"),
    )
    run(page)
    assert "press Run again" in page.result.value
    assert "between 1 and 5." in problem(page, "shops")
    assert (entry(page, "shops").value, entry(page, "label").value) == ("7", "price")
    assert page.run.disabled
    assert not page.reports.exists()
    entry(page, "shops").value = "5"
    assert page.entries.texts == {"shops": "5"}
    assert not page.run.disabled


def test_a_result_that_cannot_be_shown_leaves_the_page_usable(page, monkeypatch):
    def fail(_):
        raise KeyError("odd")

    monkeypatch.setattr("custlib.form.page.outcome_html", fail)
    monkeypatch.setattr("custlib.study.parameters.inputs.file_sha256", _unreadable)
    entry(page, "data").value = "answers.csv"
    run(page)
    assert "KeyError" in page.result.value
    assert not page.run.disabled


def test_a_cell_that_raises_is_told_in_three_parts(page):
    choose(page, "division")
    run(page)
    found, expected, do = page.result.value.split("<p>")[1:4]
    assert "raised ZeroDivisionError" in found
    assert expected.startswith("Expected every cell")
    assert do.startswith("Correct the cell")
    assert "<details>" in page.result.value


def test_what_only_planning_finds_is_told(page, monkeypatch):
    entry(page, "data").value = "answers.csv"
    monkeypatch.setattr("custlib.study.parameters.inputs.file_sha256", _unreadable)
    run(page)
    assert "Permission denied" in page.result.value
    assert "Expected" in page.result.value


def _unreadable(_path):
    raise PermissionError(13, "Permission denied")


def test_a_pdf_that_cannot_be_written_here_is_told_before_anything_runs(page, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    # A run may have ended before whoever began it goes on.
    monkeypatch.setattr(threading.Thread, "start", threading.Thread.run)
    page.formats["pdf"].value = True
    run(page)
    assert "weasyprint is not there" in page.result.value
    assert not page.reports.exists()
    assert not page.run.disabled


def test_a_study_whose_cell_is_wrong_says_so_in_place_of_fields(project):
    edited(project, value=("shops: int = 3", "shops: int = 'x'"))
    page = show(project)
    assert "shops is &#x27;x&#x27;, expected shops: int" in page.result.value
    assert page.run.disabled
    assert page.fields.children == ()


def test_precision_and_chance_are_folded_and_free_texts_come_first():
    from custlib.form.entries import _group

    cell = parse_cell(
        "data: str | None = None  # file\n"
        "by: list[str] | None = None  # columns\n"
        "law: str = 'up'  # way; one of: up, down\n"
        "share: float = 0.5  # part\n"
        "seed: int = 1  # start",
        "demo",
    )
    assert [_group(one) for one in cell] == [
        "Your data",
        "Your data",
        "How it is computed",
        "How it is computed",
        "Precision and chance",
    ]


def test_a_message_keeps_its_three_parts():
    assert problem_html("A <b>.\nExpected c.\nDo d.").count("<p>") == 3
    assert "<b>" not in problem_html("A <b>.\nExpected c.\nDo d.")


@pytest.mark.parametrize(
    "server, address",
    [
        ({"base_url": "/", "root_dir": ""}, "/files/reports/a%20b/report.html"),
        ({"base_url": "/user/ann/", "root_dir": ""}, "/user/ann/files/reports/a%20b/report.html"),
        ({"base_url": "/", "root_dir": "notebooks"}, None),
    ],
    ids=["lab", "hub", "a folder from which reports cannot be reached"],
)
def test_a_link_fits_the_server(server, address, monkeypatch, tmp_path):
    told = server | {"root_dir": str(tmp_path / server["root_dir"])}
    monkeypatch.setattr(addresses, "_server", lambda: told)
    assert addresses.address_of(tmp_path / "reports" / "a b" / "report.html") == address


def test_a_link_under_voila_leads_to_its_files(monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    monkeypatch.setenv("VOILA_SERVER_URL", "/")
    report = addresses.project_root() / "reports" / "demo" / "report.html"
    assert addresses.address_of(report) == "/voila/files/reports/demo/report.html"


@pytest.mark.parametrize("told", ['{"url": "http://x"}', '["base_url"]', "{"])
def test_a_server_that_tells_no_address_gives_no_link_of_its_own(told, monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_core.paths.jupyter_runtime_dir", lambda: str(tmp_path))
    (tmp_path / f"jpserver-{addresses.os.getppid()}.json").write_text(told)
    assert addresses.address_of(tmp_path / "report.html") == (tmp_path / "report.html").as_uri()


def test_a_title_neither_ends_its_cell_nor_begins_a_tag(monkeypatch, project):
    edited(project, title=("# Are the small shops", "# Are a|b <b>"))
    half = project / "notebooks" / "studies" / "0_small_study.ipynb"
    half.rename(half.with_name("0_small (a).ipynb"))
    monkeypatch.setattr(contents, "project_root", lambda: project)
    row = contents.show_studies().data.splitlines()[2]
    link = "[small_a](studies/0_small%20%28a%29.ipynb)"
    assert row == f"| Are a\\|b &lt;b&gt; served worse? | {link} |"
