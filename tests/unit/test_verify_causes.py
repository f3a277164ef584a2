"""Why numbers came out otherwise: only what did change is named, and all of it."""

from dataclasses import replace

import pytest

from custlib.study.catalogue import Cell
from custlib.study.manifest import DataFile, Declared
from custlib.study.proof.causes import (
    Ground,
    altered_cause,
    cause_of,
    changed_grounds,
    is_same_place,
)
from custlib.study.proof.differences import Difference


def data(*, parameter="data", **hashes):
    return [
        DataFile(parameter=parameter, path=f"{name}.csv", sha256=sha256, bytes=1)
        for name, sha256 in hashes.items()
    ]


CELLS = (
    Cell("markdown", "# Is it?", ()),
    Cell("code", "level: float = 0.95", ("parameters",)),
    Cell("code", "level", ()),
)
GROUND = Ground(
    notebook="n",
    parameters={"level": 0.95, "seed": 7},
    data=data(answers="a", roles="b"),
    library="l",
    lock="k",
    python="3.11.7",
    machine={"platform": "Linux", "cpu": "one", "blas": "open", "threads": 1},
    packages={"numpy": "2.4.6", "pandas": "3.1.1"},
    declared={"level": Declared(default=0.95, meaning="level", limits="")},
    cells=CELLS,
)
NEW_DEFAULT = {"level": Declared(default=0.9, meaning="level", limits="at most 1")}
OTHER_CELL = (*CELLS[:2], Cell("code", "level + 1", ()))
OTHER_DEFAULT = (CELLS[0], Cell("code", "level: float = 0.9", ("parameters",)), CELLS[2])


@pytest.mark.parametrize(
    "changes, told",
    [
        ({}, []),
        ({"library": "m"}, ["custlib's own source"]),
        ({"python": "3.12.1"}, ["Python was 3.11.7, is 3.12.1"]),
        ({"lock": "j"}, ["packages: requirements.lock has other contents"]),
        (
            {"packages": {"numpy": "2.5.0", "scipy": "1.17.1"}},
            [
                "packages: numpy was 2.4.6, is 2.5.0, pandas was 3.1.1, is absent, "
                "scipy was absent, is 1.17.1"
            ],
        ),
        (
            {"machine": {**GROUND.machine, "cpu": "two", "blas": "mkl"}},
            ["the machine: the processor was one, is two, the linear algebra was open, is mkl"],
        ),
        ({"parameters": {"level": 0.9, "seed": 7}}, ["parameters: level was 0.95, is 0.9"]),
        (
            {"parameters": {"level": 0.95, "top": 3}},
            ["parameters: top = 3 is new, seed is gone"],
        ),
        ({"data": data(answers="x", roles="b")}, ["data: answers.csv has other contents"]),
        (
            {"data": data(answers="a", prices="p")},
            ["data: prices.csv is new, roles.csv is gone"],
        ),
        ({"data": data(copy="a", roles="b")}, []),
        (
            {"data": data(answers="b", roles="a")},
            ["data: answers.csv has other contents, roles.csv has other contents"],
        ),
        (
            {"data": data(answers="a") + data(parameter="prices", roles="b")},
            ["data: roles.csv is new, roles.csv is gone"],
        ),
        ({"notebook": "o", "cells": None}, ["the notebook"]),
        ({"notebook": "o", "cells": OTHER_CELL}, ["the notebook (cell 3)"]),
        ({"notebook": "o", "cells": CELLS[:2]}, ["the notebook (3 cells were run, now it has 2)"]),
        (
            {"notebook": "o", "cells": OTHER_DEFAULT, "declared": NEW_DEFAULT},
            [
                "the parameters cell (cell 2): the default of level was 0.95, is 0.9, "
                "the limits of level was '', is 'at most 1'"
            ],
        ),
        (
            {"notebook": "o", "library": "m", "cells": None},
            ["the notebook", "custlib's own source"],
        ),
    ],
)
def test_exactly_what_changed_is_named(changes, told):
    assert changed_grounds(GROUND, replace(GROUND, **changes)) == told


@pytest.mark.parametrize(
    "changes, same",
    [
        ({}, True),
        ({"library": "m", "notebook": "o", "parameters": {}, "data": []}, True),
        ({"lock": None}, False),
        ({"python": "3.11.8"}, False),
        ({"packages": {}}, False),
        ({"machine": {**GROUND.machine, "cpu": "two"}}, False),
    ],
)
def test_a_place_is_the_same_with_the_same_packages_and_kind_of_machine(changes, same):
    assert is_same_place(GROUND, replace(GROUND, **changes)) is same


def test_a_reference_that_tells_no_processor_is_compared_by_the_rest():
    told = {"platform": "Linux", "blas": "open"}
    assert changed_grounds(replace(GROUND, machine=told), GROUND) == []
    assert changed_grounds(replace(GROUND, machine={**told, "blas": "mkl"}), GROUND) != []


GAP, DRAW = (Difference(f"finding {key}", "value", 1, 2) for key in ("gap", "draw"))


def test_where_nothing_differs_there_is_no_cause():
    assert cause_of([], ["the notebook"], [DRAW]) is None


def test_one_change_is_the_cause_and_several_are_suspects():
    assert "has changed but this: the notebook. " in cause_of([GAP], ["the notebook"], [])
    assert cause_of([GAP], ["a", "b"], []).startswith("One or more of these have changed it: a; b.")


@pytest.mark.parametrize("changed", [[], ["the notebook"], ["a", "b"]])
def test_that_one_more_run_agrees_does_not_exclude_chance(changed):
    told = cause_of([GAP], changed, [])
    assert "or rarely comes out otherwise" in told
    assert "Or the study" not in cause_of([GAP, DRAW], changed, [DRAW])


@pytest.mark.parametrize(
    "wavering, named",
    [
        (Difference("finding gap", "value", 2, 2.0000001), True),
        (Difference("finding gap", "value", 2, 2.1), True),
        (Difference("finding gap", "low", 1, 2), True),
        (Difference("finding gap", "value", 2, 2.2), False),
        (Difference("finding gap", "value", "a", "b"), False),
    ],
)
def test_chance_that_moves_a_number_less_than_it_moved_hides_no_change(wavering, named):
    told = cause_of([GAP], ["custlib's own source"], [wavering])
    assert ("but this: custlib's own source." in told) is named
    assert "The study is not deterministic" in told
    assert ("the record itself was altered" in cause_of([GAP], [], [wavering])) is named


def test_chance_in_the_same_cell_of_a_table_explains_it_and_in_another_cell_does_not():
    gone = Difference("table rows", "row 2, x and 3 other cells", 1.0, 2.0)
    same = Difference("table rows", "row 2, x", 2.0, 3.0)
    other = Difference("table rows", "row 1, x and 3 other cells", 2.0, 3.0)
    assert "the library" not in cause_of([gone], ["the library"], [same])
    assert "the library" in cause_of([gone], ["the library"], [other])


def test_where_nothing_changed_and_two_runs_agree_the_record_is_suspected():
    assert "the record itself was altered" in cause_of([GAP], [], [])
    assert "the record itself was altered" in cause_of([GAP], [], [DRAW])


@pytest.mark.parametrize("changed", [[], ["the notebook"]])
def test_a_number_that_wavers_is_blamed_on_nothing_that_changed(changed):
    told = cause_of([DRAW], changed, [DRAW, DRAW])
    assert told.startswith("The study is not deterministic")
    assert told.count("finding draw") == 1
    assert "the notebook." not in told


def test_a_number_that_is_steady_beside_one_that_wavers_is_blamed_on_the_change():
    told = cause_of([GAP, DRAW], ["the library"], [DRAW])
    assert told.startswith("Nothing that the numbers hang on has changed but this: the library. ")
    assert told.endswith("in finding draw. Give every draw of chance a seed.")


def test_a_long_list_of_edited_files_is_cut():
    told = altered_cause([f"table {n}" for n in range(9)])
    assert "table 5" in told
    assert "table 6" not in told
    assert "and 3 more" in told
