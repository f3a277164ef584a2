"""Plan files of sweeps: what they spell out, and what is refused before a kernel starts."""

from pathlib import Path

import pytest

from custlib.errors import ParameterError, StudyError
from custlib.study.run.plan import plan_study
from custlib.study.sweep.checked import check_sweep
from custlib.study.sweep.grid import MOST_RUNS, read_sweep

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SMALL, WAITING = NOTEBOOKS / "small_study.ipynb", NOTEBOOKS / "waiting.ipynb"


@pytest.fixture
def plan(tmp_path):
    """Writes a plan file and gives its path."""

    def write(text, name="plan.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path, read=read_sweep):
    with pytest.raises(ParameterError) as caught:
        read(path)
    lines = str(caught.value).split("\n")
    assert len(lines) == 3
    assert all(lines)
    return str(caught.value)


def checked(path):
    return check_sweep(read_sweep(path))


def test_a_grid_makes_every_combination_the_last_name_fastest(plan):
    file = read_sweep(plan("study: s\nbase: {c: 9}\ngrid: {a: [1, 2], b: [x, y]}\n"))
    assert file.keys == ("a", "b")
    assert file.runs == (
        {"c": "9", "a": "1", "b": "x"},
        {"c": "9", "a": "1", "b": "y"},
        {"c": "9", "a": "2", "b": "x"},
        {"c": "9", "a": "2", "b": "y"},
    )


def test_a_zip_takes_its_lists_in_step(plan):
    file = read_sweep(plan("study: s\nzip: {a: [1, 2], b: [x, y]}\n"))
    assert file.runs == ({"a": "1", "b": "x"}, {"a": "2", "b": "y"})


def test_runs_win_over_the_base(plan):
    file = read_sweep(plan("study: s\nbase: {a: 0, b: 0}\nruns: [{a: 1}, {c: 2}]\n"))
    assert file.keys == ("a", "c")
    assert file.runs == ({"a": "1", "b": "0"}, {"a": "0", "b": "0", "c": "2"})


def test_a_list_in_a_grid_is_the_value_of_one_run(plan):
    file = read_sweep(plan("study: s\ngrid: {items: [[price, speed], []]}\n"))
    assert [run["items"] for run in file.runs] == [["price", "speed"], []]


def test_a_value_stays_the_text_it_is_until_the_study_declares_its_type(plan):
    file = read_sweep(plan("study: s\ngrid: {country: [no, 010, 1e3, null]}\n"))
    assert [run["country"] for run in file.runs] == ["no", "010", "1e3", "null"]


@pytest.mark.parametrize(
    "text, told",
    [
        ("study: s\nbse: {a: 1}\ngrid: {a: [1]}\n", "Did you mean 'base'?"),
        ("grid: {a: [1]}\n", "`study:` is missing"),
        ("study: [s]\ngrid: {a: [1]}\n", "not one text"),
        ("study: s\n", "none of `grid:`, `zip:`, `runs:`"),
        ("study: s\ngrid: {a: [1]}\nzip: {a: [1]}\n", "`grid:` and `zip:`"),
        ("study: s\ngrid: {a: 1}\n", "a in `grid:` is no list with a value in it"),
        ("study: s\ngrid: {a: []}\n", "a in `grid:` is no list with a value in it"),
        ("study: s\ngrid: {}\n", "`grid:` holds no `name: [values]`"),
        ("study: s\ngrid: [1]\n", "`grid:` holds no `name: [values]`"),
        ("study: s\ngrid: {a: [[[1]]]}\n", "neither a value nor a flat list"),
        ("study: s\ngrid: {a: [{b: 1}]}\n", "neither a value nor a flat list"),
        ("study: s\nzip: {a: [1, 2], b: [1]}\n", "differ in length: a 2, b 1"),
        ("study: s\nruns: {a: 1}\n", "`runs:` is no list"),
        ("study: s\nruns: []\n", "`runs:` is no list"),
        ("study: s\nruns: [1]\n", "run 1 of `runs:` holds no `name: value`"),
        ("study: s\nbase: [1]\nruns: [{a: 1}]\n", "base holds no `name: value`"),
        ("study: s\nbase: {a: 1}\ngrid: {a: [1]}\n", "a in `base:` and in `grid:`"),
        ("study: s\ngrid: {a: [1], a: [2]}\n", "given more than once: a"),
        ("study: s\nstudy: t\ngrid: {a: [1]}\n", "given more than once: study"),
        ("- study\n", "it holds no `name: value`"),
        ("", "it holds no `name: value`"),
        ("study: 's\n", "quoted scalar"),
        ("study: s\nbase: &x {a: 1}\nruns: [*x]\n", "by an alias"),
        ("study: s\ngrid: {a: &x [1, *x]}\n", "by an alias"),
        ("study: s\ngrid: {a: [!!python/object/apply:os.system [id]]}\nx: 1", "unknown in"),
    ],
)
def test_a_wrong_form_is_told_in_three_parts(plan, text, told):
    assert told in refused(plan(text))


def test_a_tag_that_would_run_python_is_only_a_text(plan):
    file = read_sweep(plan("study: s\nruns: [{a: !!python/name:os.system 'id'}]\n"))
    assert file.runs == ({"a": "id"},)


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "'gone.yaml' cannot be used: No such file" in refused(tmp_path / "gone.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes(b"\xff\xfe\x00study")
    assert "'plan.yaml' cannot be used" in refused(path)


def test_more_runs_than_a_sweep_may_have_are_refused_before_they_are_spelled_out(plan):
    values = ", ".join(map(str, range(1000)))
    text = "study: s\ngrid: {" + ", ".join(f"{name}: [{values}]" for name in "abcdef") + "}\n"
    assert f"1,000,000,000,000,000,000 runs.\nExpected at most {MOST_RUNS:,}" in refused(plan(text))


def test_the_name_of_the_plan_is_safe_as_a_folder(plan):
    names = [".. ..yaml", "a b;c&d.yaml", "Опрос 1.yaml", "-x-.yaml"]
    text = "study: s\nruns: [{a: 1}]\n"
    found = [read_sweep(plan(text, name)).name for name in names]
    assert found == ["sweep", "a_b_c_d", "Опрос_1", "x"]


def test_every_run_is_checked_and_every_refusal_names_its_runs(plan):
    text = f"study: {SMALL}\nruns: [{{shops: 0}}, {{shops: 3}}, {{shops: x}}, {{shop: 1}}]\n"
    told = refused(plan(text), checked)
    found, expected, do = told.split("\n")
    assert found.startswith("3 of 4 runs cannot be made: run 1 (shops=0)")
    assert "; run 3 (shops=x): shops is 'x'; run 4 (shop=1): 'shop' is not a parameter" in found
    assert "int, between 1 and 50" in expected
    assert "Did you mean 'shops'?" in do


def test_a_fault_that_all_runs_share_is_told_once(plan):
    told = refused(plan(f"study: {SMALL}\nbase: {{wrong: 1}}\ngrid: {{shops: [1, 2]}}\n"), checked)
    assert told.startswith("2 of 2 runs cannot be made: all runs: 'wrong' is not")
    assert told.count("'wrong' is not a parameter") == 1


def test_an_unknown_study_is_named_with_the_nearest(plan):
    with pytest.raises(StudyError, match="Did you mean 'steel_satisfaction'"):
        checked(plan("study: steel_satisfction\nruns: [{}]\n"))


def test_the_same_run_is_planned_once(plan):
    sweep = checked(plan(f"study: {WAITING}\nruns: [{{seconds: 0}}, {{}}, {{seconds: 1.0}}]\n"))
    assert [task.settings for task in sweep.tasks] == [{"seconds": 0.0}, {"seconds": 1.0}]
    assert sweep.repeated == 1
    assert sweep.tasks[1].plan.id == plan_study(WAITING, {"seconds": 1.0}).id


def test_paths_start_at_the_working_directory(plan, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    (other / "answers.csv").write_text("a\n1\n", encoding="utf-8")
    path = plan(f"study: {SMALL}\nruns: [{{data: answers.csv}}]\n")
    monkeypatch.chdir(other)
    sweep = checked(path)
    assert sweep.tasks[0].plan.inputs.places == {"data": str(other / "answers.csv")}
    monkeypatch.chdir(tmp_path)
    assert "answers.csv" in refused(path, checked)


def test_the_folder_of_a_sweep_hangs_on_its_runs(plan):
    names = [
        checked(plan(f"study: {WAITING}\ngrid: {{seconds: {values}}}\n")).folder_name
        for values in ("[0, 1]", "[0, 1, 1]", "[0, 2]")
    ]
    assert names[0] == names[1] != names[2]
    assert all(name.startswith("plan-") and len(name) == 13 for name in names)
