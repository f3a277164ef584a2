"""docs/architecture.md says what is so: its floors, its rooms, and every name in it."""

import ast
import re
import runpy
from pathlib import Path

import pytest

import custlib

ROOT = Path(custlib.__file__).parents[1]
FLOORS = runpy.run_path(str(Path(__file__).with_name("test_floors.py")))
MAKER = runpy.run_path(str(ROOT / "docs" / "make_architecture.py"))
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DRAWING = re.search(r"```\n(.+?)```", PAGE, re.DOTALL)[1].splitlines()
HOUSE = [line.partition("#")[0].split() for line in DRAWING]
# Code in the page, with the rooms written from the modules themselves left out.
TOLD = re.findall(
    r"`([^`\n]+)`", PAGE.partition(MAKER["BEGIN"])[0] + PAGE.partition(MAKER["END"])[2]
)


def storey(name):
    """The line of the drawing a floor stands in, counted from the top."""
    return next(at for at, words in enumerate(HOUSE) if name in words)


def test_the_rooms_are_listed_as_they_are():
    assert MAKER["page"](PAGE) == PAGE, "run `make docs`"


def test_every_floor_of_the_house_is_in_the_page():
    assert set(MAKER["FLOORS"]) | FLOORS["KERNEL"] == set(FLOORS["MAY_IMPORT"])


@pytest.mark.parametrize("floor", FLOORS["MAY_IMPORT"])
def test_a_floor_stands_above_all_that_it_may_import(floor):
    below = {name for name in FLOORS["MAY_IMPORT"][floor] if "." not in name}
    if floor not in FLOORS["KERNEL"]:
        assert all(storey(floor) < storey(name) for name in below)


@pytest.mark.parametrize("path", MAKER["rooms"](MAKER["LIBRARY"]), ids=lambda path: path.stem)
def test_every_room_says_what_is_in_it(path):
    places = [path] if path.stem in FLOORS["KERNEL"] else MAKER["rooms"](path)
    assert all(MAKER["first_line"](place) for place in places)


def dotted_names():
    """Every module of the library, and every function and class that stands in one."""
    for path in sorted((ROOT / "custlib").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield module
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield f"{module}.{node.name}"
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{module}.{one.name}" for one in node.names)


DOTTED = set(dotted_names())


@pytest.mark.parametrize("name", sorted({one for one in TOLD if re.fullmatch(r"[\w.]+", one)}))
def test_a_name_in_the_page_is_a_module_or_what_one_holds(name):
    assert any(one.endswith(f".{name.removesuffix('.py')}") for one in DOTTED)


@pytest.mark.parametrize("name", sorted({one for one in TOLD if "/" in one}))
def test_a_path_in_the_page_is_there(name):
    places = [ROOT, ROOT / "custlib", ROOT / "custlib" / "segmentation"]
    assert any((place / name).exists() for place in places), name
