"""Exercises tell what is wrong with an answer, never what is right."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from solutions import begun

from custlib import lessons
from custlib.errors import ParameterError
from custlib.lessons.answers import Choice, Choices, Number, Values, count, share
from custlib.lessons.course import Lesson
from custlib.lessons.exercise import Exercise, Given, Mistake
from custlib.study.parameters.declaration import parse_cell

FOLDER = Path(__file__).parents[2] / "notebooks" / "lessons"

HALF = Exercise(
    kind=share(),
    key=lambda given: given.part / given.whole,
    mistakes=(Mistake(lambda given: given.whole / given.part / 10, "Turned upside down."),),
    hints=("Divide.", "By the whole."),
    shown=lambda given: f"The share of {given.whole}.",
)


@cache
def notebook(name):
    return nbformat.read(next(FOLDER.glob(f"?_{name}.ipynb")), as_version=4)


def limits(name, end):
    """Every parameter of a lesson but the seed at its lower or at its upper limit."""
    cell = next(one for one in notebook(name).cells if "parameters" in one.metadata.get("tags", []))
    found = parse_cell(cell.source, name).by_name.values()
    ends = {one.name: getattr(one, end) for one in found if one.name != "seed"}
    return {key: value for key, value in ends.items() if value is not None}


@pytest.mark.parametrize("data", ["as it is", "seed 1", "low", "high"])
@pytest.mark.parametrize("name", lessons.NAMES)
def test_every_mistake_is_told_and_none_is_right(name, data):
    others = {"as it is": {}, "seed 1": {"seed": 1}}
    lesson = begun(notebook(name), **(others[data] if data in others else limits(name, data)))
    for exercise in lesson.exercises:
        assert exercise.wrong(lesson.given, exercise.key(lesson.given)) == ""
        assert exercise.shown(lesson.given)
        ends = [(one.answer(lesson.given), one.told) for one in exercise.mistakes]
        found = [(end, told) for end, told in ends if not isinstance(end, list) or end]
        wrong = [exercise.wrong(lesson.given, end) for end, _ in found]
        assert wrong == [told for _, told in found]


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, raw: lines.append(data["text/plain"])
    )
    return lines


@pytest.fixture
def lesson():
    return Lesson((HALF,), Given(part=2, whole=8))


@pytest.mark.parametrize(
    "answer, told",
    [
        (..., "Exercise 1: open. Put your answer where the three dots stand"),
        (0.25, "Exercise 1: right. The share of 8."),
        (np.float64(0.2504), "Exercise 1: right."),
        (0.26, "Exercise 1: not yet. The form is right, the value is not. hint(1) helps."),
        (0.4, "Exercise 1: not yet. Turned upside down."),
        (25, "A share lies between 0 and 1; is this in per cent?"),
        (-3, "A share lies between 0 and 1."),
        (np.array(0.25), "Exercise 1: right."),
        (Fraction(1, 4), "Exercise 1: right."),
        (Decimal("0.25"), "Exercise 1: right."),
        (10**400, "This is inf"),
        (1j, "A number is asked for"),
        (np.timedelta64(1, "D"), "A number is asked for"),
        ("0.25", "A number is asked for, and this is '0.25'."),
        (True, "A number is asked for"),
        (None, "A number is asked for, and this is None."),
        (float("nan"), "a missing value or a division by 0"),
        (pd.Series([0.25, 1]), "One number is asked for, and this is a Series of 2."),
    ],
)
def test_an_answer_is_told_right_or_what_is_wrong(lesson, said, answer, told):
    lesson.check(1, answer)
    assert told in said[-1]
    assert "0.25" not in said[-1].replace("'0.25'", "")


def test_an_answer_that_was_right_is_open_again_once_it_is_wrong(lesson, said):
    lesson.check(1, 0.25)
    lesson.progress()
    lesson.check(1, 0.3)
    lesson.progress()
    assert said[1] == "right. 1 of 1 exercises are right; open: none."
    assert said[3] == "open. 0 of 1 exercises are right; open: 1."


def test_hints_come_one_by_one_and_then_the_solution_is_named(lesson, said):
    for _ in range(3):
        lesson.hint(1)
    first, second = "Exercise 1: hint 1 of 2. Divide.", "Exercise 1: hint 2 of 2. By the whole."
    assert said[:5] == [first, first, second, first, second]
    assert "The solution stands below the cell" in said[5]


@pytest.mark.parametrize("number", [0, 2, "1", 1.0])
def test_an_exercise_that_is_not_there_is_named(lesson, number):
    with pytest.raises(ParameterError, match="Expected a number from 1 to 1"):
        lesson.check(number, 1)


@pytest.mark.parametrize(
    "kind, answer, key, right",
    [
        (count(), 7, 7, True),
        (count(), 7.0, 7, True),
        (count(), 8, 7, False),
        (Number(0.01), 2.009, 2, True),
        (Number(0.01), 2.011, 2, False),
        (Choice(("a", "b")), "a", "b", False),
        (Choices(("a", "b")), {"b", "a"}, ["a", "b"], True),
        (Choices(("a", "b")), pd.Series(["b", "a"]), ["a", "b"], True),
        (Choices(("a", "b")), [], [], True),
        (Choices(("a", "b")), np.array(["b"]), ["a", "b"], False),
        (Choice(("a", "b")), np.array("a"), "a", True),
        (Values(0, ("a", "b")), {"a": np.array(1), "b": Fraction(2)}, {"a": 1, "b": 2}, True),
        (Values(0.1, ("1", "2")), pd.Series([1, 2], [1.0, 2.0]), {"1": 1, "2": 2}, True),
        (Values(0.1, ("a", "1")), {1: 2.05, "a": 1}, {"a": 1, "1": 2}, True),
        (Values(0.1, ("a", "b")), pd.Series({"b": 2.2, "a": 1}), {"a": 1, "b": 2}, False),
    ],
)
def test_answers_are_compared_as_their_kind_says(kind, answer, key, right):
    assert kind.fault(answer) == ""
    assert kind.same(answer, key) is right


GENERIC = "The form is right, the value is not."


@pytest.mark.parametrize(
    "kind, answer, told",
    [
        (Values(0.01, ("a", "b")), {"a": 25.0, "b": 50.0}, "is this in per cent?"),
        (Values(0.01, ("a", "b")), {"a": 0.25, "b": 0.9}, "Right for 'a', not for 'b'."),
        (Values(0.001, ("a", "b")), {"a": 0.25, "b": 0.506}, "are digits missing?"),
        (Values(0.01, ("a", "b")), {"a": 0.9, "b": 0.9}, GENERIC),
        (Values(0, ("a", "b")), {"a": 0.2, "b": 0.5}, "Right for 'b', not for 'a'."),
    ],
)
def test_values_that_are_nearly_right_are_told_how(kind, answer, told):
    exercise = Exercise(kind, lambda _: {"a": 0.25, "b": 0.5}, (), str)
    assert told in exercise.wrong(None, answer)


@pytest.mark.parametrize(
    "kind, key, answer, told",
    [
        (Number(0.0005), 0.5737, 0.57, "Near, but not near enough: are digits missing?"),
        (Number(0.0005), 0.5737, 0.573, "are digits missing?"),
        (Number(0.0005), 0.5737, 0.5748, GENERIC),
        (Number(0.0005), 0.5737, 0.6, GENERIC),
        (Number(0.05), 12.34, 12, "are digits missing?"),
        (Number(0.0005), 0.0003, 0.05, GENERIC),
        (Number(0.0005), -0.5737, -57.4, "A hundred times too large"),
        (Number(0.05), 12.34, 1234, "A hundred times too large: is this in per cent?"),
        (count(), 7, 8, GENERIC),
        (Choices(("a", "b")), ["a"], [], "At least one name is expected."),
        (Choices(("a", "b")), ["a"], ["b"], GENERIC),
    ],
)
def test_what_a_wrong_answer_has_of_the_right_one_is_told(kind, key, answer, told):
    assert told in Exercise(kind, lambda _: key, (), str).wrong(None, answer)


def test_of_two_mistakes_within_the_tolerance_the_nearer_is_told():
    mistakes = (Mistake(lambda _: 0.5004, "farther"), Mistake(lambda _: 0.5001, "nearer"))
    exercise = Exercise(share(), lambda _: 0.2, (), str, mistakes)
    assert exercise.wrong(None, 0.5) == "nearer"


def test_a_mistake_that_leads_to_no_name_is_not_told_of_an_empty_answer():
    mistakes = (Mistake(lambda _: [], "told"),)
    exercise = Exercise(Choices(("a", "b")), lambda _: ["a"], (), str, mistakes)
    assert exercise.wrong(None, []) == "At least one name is expected."


def test_what_stands_in_backticks_is_code_and_markup_is_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    exercise = Exercise(share(), lambda _: 0.5, ("Take `a < b`.",), str)
    Lesson((exercise,), Given()).hint(1)
    assert "1 of 1.</b> Take <code>a &lt; b</code>." in shown[0]["text/html"]
    assert shown[0]["text/plain"].endswith("Take `a < b`.")


@pytest.mark.parametrize(
    "kind, answer, told",
    [
        (Choice(("a", "b")), "c", "Expected one of 'a', 'b'"),
        (Choices(("a", "b")), "ab", "A list of names"),
        (Choices(("a", "b")), ["a", "c"], "'c' is none"),
        (Choices(("a", "b")), ["a", "a"], "twice"),
        (Choices(("a", "b")), ["a", pd.NA], "<NA> is none"),
        (Choices(("a", "b")), [np.array(["a", "b"])], "is none"),
        (Choices(("a", "b")), np.array("a"), "A list of names"),
        (Choices(("a", "b")), (name for name in "ab"), "A list of names"),
        (count(), -1, "A count is at least 0."),
        (count(), 0.25, "A count is a whole number; is this a share?"),
        (count(), np.float64(7.5), "A count is a whole number."),
        (Choices(("a", "b")), {"a": True}, "this is a dict; are the names in its index?"),
        (Choices(("a", "b")), pd.Series([3], ["a"]), "a Series; are the names in its index?"),
        (Choices(("a", "b")), pd.DataFrame({"a": [1]}), "a DataFrame; are the names in its index?"),
        (Choice(("1",)), np.int64(144), "this is 144."),
        (share(), "x" * 41, "this is a str."),
        (share(), np.arange(2), "this is a ndarray of 2."),
        (Values(0.1, ("a",)), pd.DataFrame({"a": [1]}), "is asked for, not a DataFrame."),
        (Values(0.1, ("1", "2")), {1.0: 1}, "no number for '2'"),
        (Values(0.1, ("a",)), 3, "A Series or a dict"),
        (
            Values(0.1, ("a", "b")),
            pd.Series([1, 2, 2], list("abb")),
            "more than one number for 'b'",
        ),
        (Values(0.1, ("a",)), {"a": 10**400}, "not a finite number"),
        (Values(0.1, ("a",)), {"a": 1j}, "not a finite number"),
        (Values(0.1, ("a",)), pd.Series([pd.NA], ["a"], dtype="Float64"), "not a finite number"),
        (Values(0.1, ("a",)), pd.Series(pd.Timedelta(1, "D"), ["a"]), "not a finite number"),
        (Values(0.1, ("a", "b")), {"a": 1}, "no number for 'b'"),
        (Values(0.1, ("a",)), {"a": 1, "b": 2}, "Nothing was asked about 'b'"),
        (Values(0.1, ("a",)), {"a": "x"}, "not a finite number"),
    ],
)
def test_an_answer_of_another_form_is_told_so(kind, answer, told):
    assert told in kind.fault(answer)


def test_an_answer_that_breaks_the_comparison_is_not_yet_right(lesson, said):
    class Spiteful(list):
        def __len__(self):
            raise RuntimeError("no length")

    lesson.check(1, Spiteful())
    assert said[-1].startswith("Exercise 1: not yet. This could not be held against the data")
    assert "no length" in said[-1]


def test_changing_a_table_in_place_does_not_change_what_is_right(said):
    given = begun(notebook("weights_and_bases")).given
    tables = {"ledger": given.ledger.copy(), "answers": given.answers.copy()}
    right = (tables["answers"]["delivery"].dropna() >= 4).mean()
    commands = lessons.begin("weights_and_bases", **tables)
    tables["answers"]["delivery"] = 5.0
    commands.check(1, right)
    assert said[-1].startswith("Exercise 1: right")


def test_a_lesson_that_is_not_there_is_named():
    with pytest.raises(ParameterError, match="likert_mean_or_order"):
        lessons.begin("likert")
