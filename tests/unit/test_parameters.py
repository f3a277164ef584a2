"""The parameters cell is the schema: what it accepts, converts and refuses."""

import json

import numpy as np
import pytest

from custlib.errors import ParameterError, StudyError
from custlib.study.catalogue import find_study, study_name
from custlib.study.parameters.declaration import parse_cell, read_parameters
from custlib.study.parameters.texts import read_parameter_file, split_options
from custlib.study.parameters.values import parameter_schema, resolve

SOURCE = """
data: str | None = None  # file with answers # of a survey
level: float = 1  # level of the intervals, share; between 0 and 1
seed: int = 7  # start of the random numbers; at least 0; at most 99
by: str = "role"  # groups compared; one of: role, market
steps: list[int] = [2, 3]  # rungs, count; at least 1
bold: bool = True  # whether the text says "one; of: two"
""".replace("one; of: two", "one of two")
CELL = parse_cell(SOURCE, "demo")

STRANGE = [
    "",
    'it\'s "quoted" and \\ back',
    "two\nlines\r\n\tand a tab",
    "{braces} {0} {{}} %s $HOME `ls`",
    "Опрос č š ž 漢字 🙂 \u2028 \x00",
    "__import__('os').system('echo no')",
    '""" + __import__("os").getcwd() + """',
    "x" * 100_000,
]


def refused(values=None, **options):
    with pytest.raises(ParameterError) as caught:
        resolve(CELL, values, **options)
    return str(caught.value)


def malformed(source):
    with pytest.raises(StudyError) as caught:
        parse_cell(source, "demo")
    assert str(caught.value).count("\n") == 2
    return str(caught.value)


def test_a_line_tells_name_type_default_meaning_and_limits():
    level = CELL.by_name["level"]
    assert (level.type_name, level.default, level.low, level.high) == ("float", 1.0, 0.0, 1.0)
    assert (level.meaning, level.limits) == ("level of the intervals, share", "between 0 and 1")
    assert CELL.by_name["data"].type_name == "str | None"
    assert CELL.by_name["seed"].expected == "int, between 0 and 99"
    assert CELL.by_name["by"].one_of == ("role", "market")
    assert CELL.by_name["steps"].expected == "list[int], at least 1"


def test_a_whole_number_is_a_float_where_a_float_is_declared():
    assert type(CELL.defaults["level"]) is float


@pytest.mark.parametrize(
    "line, told",
    [
        ("x = 3", "line 1: not of the form"),
        ("import os", "line 1: not of the form"),
        ("x: int", "line 1: x has no value"),
        ("y: int = 1\nx: int = len('a')", "line 2: the value of x is not a literal"),
        ("x: complex = 1", "line 1: the type of x is `complex`"),
        ("x: list = [1]", "line 1: the type of x is `list`"),
        ("x: int | str = 1", "line 1: the type of x is `int | str`"),
        ("x: int = 'a'", "line 1: x is 'a', expected x: int"),
        ("x: int = 3.0", "line 1: x is 3.0, expected x: int"),
        ("x: int = None", "line 1: x is None, expected x: int"),
        ("x: int = 5  # a; at most 3", "line 1: x is 5, expected x: int, at most 3"),
        ("x: float = 1e999", "line 1: x is inf"),
        ("x: str = 'a'  # a; at least 3", "`at least 3` limits x, which is str"),
        ("x: int = 1  # a; about 3", "`about 3` is not a limit"),
        ("x: int = 1  # a; between 5 and 2", "leaves no value for x"),
        ("x: int = 1  # a; at least 0.5", "has bounds that are not int"),
        ("x: int = 1  # a; one of: a, b", "lists values that are not int"),
        ("x: int = 1\nx: int = 2", "line 2: x is set a second time"),
        ("x: list[int] = [1,\n  2]", "line 1: x runs over several lines"),
        ("x: int = (", "line 1: '(' was never closed"),
        ("%matplotlib inline", "line 1: invalid syntax"),
    ],
)
def test_a_malformed_line_is_named(line, told):
    assert told in malformed(line)


def test_every_malformed_line_is_named_at_once():
    told = malformed("x = 3\ny: int = 1\nz: set = 2")
    assert "line 1" in told
    assert "line 3" in told
    assert "line 2" not in told


def test_names_that_pydantic_uses_itself_are_free():
    cell = parse_cell("copy: int = 1\nmodel_config: int = 2\nschema: int = 3\n_x: int = 4", "demo")
    assert resolve(cell, {"copy": 5}) == {"copy": 5, "model_config": 2, "schema": 3, "_x": 4}


def test_everything_wrong_is_listed_in_one_error():
    told = refused({"level": 2.0, "seed": True, "bye": "role", "steps": [1, 0]})
    found, expected, do = told.split("\n")
    assert found.startswith("4 parameters of 'demo'")
    for text in ("level is 2.0", "seed is True", "'bye' is not a parameter", "[1, 0]", "element 2"):
        assert text in found
    assert "level: float, between 0 and 1" in expected
    assert "Did you mean 'by'?" in do


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 3.0},
        {"seed": "3"},
        {"seed": True},
        {"seed": np.int64(3)},
        {"seed": None},
        {"level": True},
        {"level": float("nan")},
        {"level": 10**400},
        {"bold": 1},
        {"by": 3},
        {"by": "region"},
        {"data": "\udc80"},
        {"steps": (1, 2)},
        {"steps": [[1]]},
        {"steps": [1.5]},
        {"steps": {"a": 1}},
    ],
)
def test_a_value_of_another_type_is_refused(values):
    assert f"{next(iter(values))} is" in refused(values)


def test_only_plain_types_come_out():
    resolved = resolve(CELL, {"level": np.float64(0.5)})
    assert type(resolved["level"]) is float
    assert json.loads(json.dumps(resolved)) == resolved


def test_infinite_numbers_are_called_by_their_fault():
    parameter = parse_cell("x: float = 1", "demo")
    for text in ("nan", "inf", "-inf", "1e999"):
        with pytest.raises(ParameterError, match="x takes a finite number only"):
            resolve(parameter, texts={"x": text})


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("seed", " 12 ", 12),
        ("level", "1", 1.0),
        ("level", "5e-1", 0.5),
        ("bold", "No", False),
        ("bold", "true", True),
        ("data", "None", None),
        ("data", "null", None),
        ("data", "a b.csv", "a b.csv"),
        ("by", "market", "market"),
        ("steps", "4, 5", [4, 5]),
        ("steps", "[4, 5]", [4, 5]),
        ("steps", '["4"]', [4]),
        ("steps", "", []),
        ("steps", ["4", "5"], [4, 5]),
    ],
)
def test_a_text_is_converted_by_the_declared_type(name, text, value):
    resolved = resolve(CELL, texts={name: text})
    assert resolved[name] == value
    assert type(resolved[name]) is type(value)


@pytest.mark.parametrize(
    "name, text",
    [
        ("seed", "3.7"),
        ("seed", "3.0"),
        ("seed", ""),
        ("seed", "True"),
        ("seed", "none"),
        ("seed", "9" * 5000),
        ("seed", "__import__('os').getpid()"),
        ("level", "0,5"),
        ("bold", "2"),
        ("steps", "1, a"),
        ("steps", "[1"),
        ("steps", "[[1], 2]"),
        ("steps", "{a: 1}"),
        ("seed", ["1"]),
        ("by", {"a": "b"}),
    ],
)
def test_a_text_that_is_no_value_of_the_type_is_refused(name, text):
    assert f"{name} is" in refused(texts={name: text})


def test_texts_of_a_list_of_str_keep_what_yaml_would_turn_into_something_else():
    cell = parse_cell("words: list[str] = []", "demo")
    words = ["no", "3", "null", "2024-01-01"]
    assert resolve(cell, texts={"words": "[no, 3, null, 2024-01-01]"})["words"] == words
    assert resolve(cell, texts={"words": 'no, "a, b"'})["words"] == ["no", "a, b"]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_text_stays_the_text_it_is(text):
    cell = parse_cell("word: str = ''", "demo")
    assert resolve(cell, texts={"word": text}) == {"word": text}


def test_a_parameter_file_is_read_as_texts(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("level: 1e-1\nsteps: [4, 5]\nbold: no\nby: market\n", encoding="utf-8")
    resolved = resolve(CELL, texts=read_parameter_file(file))
    assert (resolved["level"], resolved["steps"], resolved["bold"]) == (0.1, [4, 5], False)


@pytest.mark.parametrize(
    "content, told",
    [
        (b"- 1\n- 2\n", "no `name: value`"),
        (b"seed: 1\nseed: 2\n", "given more than once: seed"),
        (b"seed: [1\n", "expected ',' or ']'"),
        (b"\xff\xfe\x00", "cannot be used"),
    ],
)
def test_an_unusable_parameter_file_is_refused(tmp_path, content, told):
    file = tmp_path / "params.yaml"
    file.write_bytes(content)
    with pytest.raises(ParameterError, match="params") as caught:
        read_parameter_file(file)
    assert told in str(caught.value)


def test_an_absent_parameter_file_is_named(tmp_path):
    with pytest.raises(ParameterError, match=r"gone\.yaml.*No such file"):
        read_parameter_file(tmp_path / "gone.yaml")


def test_options_without_a_name_or_given_twice_are_refused():
    assert split_options(("a=1=2", "b=")) == {"a": "1=2", "b": ""}
    with pytest.raises(ParameterError, match=r"'x' has no `=`; a is given 2 times"):
        split_options(("a=1", "x", "a=2"))


def test_the_json_schema_says_what_the_cell_says():
    schema = parameter_schema(CELL)
    assert schema["additionalProperties"] is False
    level, by, steps = (schema["properties"][name] for name in ("level", "by", "steps"))
    assert (level["type"], level["minimum"], level["maximum"]) == ("number", 0, 1)
    assert by["enum"] == ["role", "market"]
    assert steps["items"] == {"type": "integer", "minimum": 1}
    assert schema["properties"]["data"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_a_study_is_named_without_its_number(tmp_path):
    names = {"01_steel.ipynb": "steel", "Мой опрос.ipynb": "Мой_опрос", "12.ipynb": "12"}
    assert {name: study_name(tmp_path / name) for name in names} == names
    assert study_name(tmp_path / "failed.ipynb") == "failed_study"


def test_an_unknown_study_is_refused_with_the_nearest_name(tmp_path):
    folder = tmp_path / "notebooks" / "studies"
    folder.mkdir(parents=True)
    (folder / "01_steel_satisfaction.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(StudyError, match="Did you mean 'steel_satisfaction'"):
        find_study("steel_satisfction", tmp_path)


@pytest.mark.parametrize(
    "content, told",
    [
        ("", "it is not JSON"),
        ("{}", "it has no list of cells"),
        ('{"worksheets": []}', "it has no list of cells"),
        ('{"cells": [], "metadata": {"language_info": {"name": "R"}}}', "it is written in R"),
        ('{"cells": [], "metadata": {}}', "no code cell with the tag `parameters`"),
    ],
)
def test_a_file_that_is_no_study_is_refused(tmp_path, content, told):
    path = tmp_path / "own.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match="own") as caught:
        read_parameters(path)
    assert told in str(caught.value)


def test_an_absent_notebook_is_refused_with_the_nearest_file(tmp_path):
    (tmp_path / "own.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(StudyError, match=r"Did you mean 'own\.ipynb'"):
        find_study(tmp_path / "onw.ipynb")
