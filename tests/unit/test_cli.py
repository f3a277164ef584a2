"""The command line: quick, lazy, and clear about what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from custlib.cli import main

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SMALL = str(NOTEBOOKS / "small_study.ipynb")
HEAVY = {"pandas", "numpy", "pydantic", "papermill", "nbformat", "jupyter_client", "rich", "yaml"}


def command(*words):
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    "words, free",
    [
        (["--help"], HEAVY),
        (["run", "--help"], HEAVY),
        (["list"], HEAVY - {"pydantic"}),
        (["params", SMALL], HEAVY - {"pydantic"}),
        (["run", SMALL, "-p", "shop=3"], HEAVY - {"pydantic", "rich", "yaml"}),
    ],
    ids=["help", "help of run", "list", "params", "a refused run"],
)
def test_a_command_imports_only_what_it_needs(words, free):
    code = (
        "import sys; from custlib.cli import main\n"
        f"try: main({words!r})\n"
        "except SystemExit: print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not free & set(done.stdout.splitlines()[-1].split())


def test_params_shows_type_default_meaning_and_limits():
    shown = command("params", SMALL).output
    assert "shops: int = 3\n    shops asked, count\n    between 1 and 50\n" in shown
    assert "data: str | None = null\n" in shown


def test_params_gives_json_schema_on_request():
    schema = json.loads(command("params", SMALL, "--schema").output)
    assert schema["properties"]["label"]["enum"] == ["price", "service"]


def test_list_shows_each_study_with_its_question(tmp_path, monkeypatch):
    from custlib.study import catalogue

    folder = tmp_path / "notebooks" / "studies"
    folder.mkdir(parents=True)
    text = Path(SMALL).read_text(encoding="utf-8")
    (folder / "01_small_study.ipynb").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalogue, "project_root", lambda: tmp_path)
    shown = command("list").output
    assert shown.splitlines()[:3] == [
        "small_study",
        "  Are the small shops served worse?",
        "  parameters: shops, label, level, data",
    ]


@pytest.mark.parametrize(
    "words, told",
    [
        (["run", "no_such_study"], "There is no study named 'no_such_study'"),
        (["run", "gone.ipynb"], "'gone.ipynb' cannot be read"),
        (["run", str(NOTEBOOKS / "broken")], "is a folder, no notebook"),
        (["run", str(NOTEBOOKS)], "Pass a notebook in it: "),
        (["run", SMALL, "-p", "shop=3"], "Did you mean 'shops'?"),
        (["run", SMALL, "-p", "shops=3.7"], "shops is '3.7'"),
        (["run", SMALL, "-p", "shops=99"], "shops: int, between 1 and 50"),
        (["run", SMALL, "-p", "shops"], "'shops' has no `=`"),
        (["run", SMALL, "-p", "shops=1", "-p", "shops=2"], "shops is given 2 times"),
        (["run", SMALL, "-f", "gone.yaml"], "'gone.yaml' cannot be used"),
        (["run", SMALL, "--language", "ru"], "told a language: steel_satisfaction, steel_pri"),
        (["run", "steel_satisfaction", "--language", "de"], "one of: en, ru, sl"),
        (["run", "abc_xyz", "--language", "ru", "-p", "language=sl"], "language is given 2 times"),
        (["run", SMALL, "-p", "data=gone.csv"], "data is 'gone.csv', no file"),
        (["params", str(NOTEBOOKS / "broken" / "wrong_type.ipynb")], "line 1: shops is 'three'"),
        (["data", "show", "steel"], "'steel'"),
        (["rnu", SMALL], "Did you mean 'run'?"),
        (["run"], "run [OPTIONS] STUDY"),
        (["run", SMALL, "--nonsense"], "run -h`"),
        (["run", SMALL, "--timeout", "0"], "--timeout"),
        (["run", SMALL, "--timeout", "nan"], "nan is no number of seconds."),
    ],
)
def test_what_cannot_be_run_ends_with_two_and_three_lines(words, told):
    done = command(*words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 3
    assert not done.stdout


def test_a_folder_for_a_file_is_not_suggested_in_place_of_itself(tmp_path):
    (tmp_path / "mine").mkdir()
    told = command("run", SMALL, "-p", f"data={tmp_path / 'mine'}").stderr
    assert "mine', a folder." in told
    assert "Did you mean" not in told
    (tmp_path / "mine.csv").write_text("q\n1\n", encoding="utf-8")
    told = command("run", SMALL, "-p", f"data={tmp_path / 'mine'}").stderr
    assert "Did you mean 'mine.csv'?" in told


def test_a_parameter_file_and_the_options_are_checked_together(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("shops: many\nlabel: price\n", encoding="utf-8")
    told = command("run", SMALL, "-f", str(file), "-p", "label=taste").stderr
    assert "2 parameters" in told
    assert "shops is 'many'" in told
    assert "label is 'taste'" in told


def test_an_option_wins_over_the_parameter_file(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("shops: many\n", encoding="utf-8")
    told = command("run", SMALL, "-f", str(file), "-p", "shops=4", "-p", "level=2").stderr
    assert "1 parameter" in told


def test_data_list_shows_every_data_set_and_whether_it_is_real():
    shown = command("data", "list").output
    assert "simulated" in shown
    assert "steel_survey" in shown


def test_data_show_prints_the_card():
    shown = command("data", "show", "steel_survey")
    assert shown.exit_code == 0
    assert "kind: simulated" in shown.output


def test_data_verify_ends_with_one_where_a_file_differs(tmp_path, monkeypatch):
    import shutil

    from custlib.places import data_folder

    copy = shutil.copytree(data_folder() / "attitude", tmp_path / "attitude")
    monkeypatch.setenv("CUSTLIB_DATA", str(tmp_path))
    assert command("data", "verify").exit_code == 0
    with (copy / "responses.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    done = command("data", "verify")
    assert done.exit_code == 1
    assert "BAD  attitude/responses.csv" in done.output
