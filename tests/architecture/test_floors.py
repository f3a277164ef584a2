"""Imports only point down: the house has floors, and no module reaches up or sideways."""

import ast
import re
from pathlib import Path

import pytest

import custlib

ROOT = Path(custlib.__file__).parent
KERNEL = {
    "columns",
    "errors",
    "checks",
    "places",
    "groups",
    "design",
    "variance",
    "intervals",
    "periods",
    "resampling",
    "texts",
}
# The one exception below a floor's name is written as floor.module.
MAY_IMPORT = {
    **dict.fromkeys(KERNEL | {"survey", "segmentation", "loyalty", "charts", "study"}, KERNEL),
    "report": KERNEL | {"study.manifest"},
    "datasets": KERNEL | {"survey.codebook"},
    "cli": KERNEL | {"datasets", "report", "study", "charts", "survey"},
    "form": KERNEL | {"datasets", "report", "study"},
    "lessons": KERNEL | {"survey", "segmentation", "loyalty", "datasets", "charts", "report"},
}
KERNEL_PACKAGES = {"numpy", "pandas", "scipy"}
# Packages that cost a reader seconds at import, or belong to one job, live in one module each.
HOMES = {
    "pyreadstat": {"survey"},
    "openpyxl": {"survey", "report"},
    "weasyprint": {"report"},
    "babel": {"report"},
    "joblib": {"study"},
    "distributed": {"study"},
    "papermill": {"study"},
    "nbclient": {"study"},
    "jupyter_client": {"study"},
    "nbconvert": {"report"},
    "jinja2": {"report"},
    "matplotlib": {"charts"},
    "ipywidgets": {"form", "lessons"},
    "voila": {"form"},
    "tornado": {"form"},
    "seaborn": {"charts"},
    "sklearn": {"segmentation"},
    "ibis": {"segmentation"},
    "click": {"cli"},
}
# Lines of code a floor may have, without docstrings and comments; docs/decisions/0008 says why.
BUDGETS = {
    "kernel": 1100,
    "survey": 10520,
    "segmentation": 6100,
    "loyalty": 9980,
    "study": 4360,
    "report": 2275,
    "datasets": 1950,
    "charts": 2160,
    "cli": 1110,
    "form": 730,
    "lessons": 2300,
}
MODULES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))


def floor(path):
    return path.parts[0].removesuffix(".py")


def imports(path):
    """Every dotted name a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_what_its_floor_allows(path):
    inside = [name.split(".")[1:] for name in imports(path) if name.startswith("custlib.")]
    allowed = MAY_IMPORT.get(floor(path), set()) | {floor(path)}
    for parts in inside:
        assert parts[0] in allowed or ".".join(parts[:2]) in allowed, ".".join(parts)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_heavy_package_is_imported_only_where_it_lives(path):
    packages = {name.split(".")[0] for name in imports(path)}
    strangers = {name for name in packages if floor(path) not in HOMES.get(name, {floor(path)})}
    assert not strangers


@pytest.mark.parametrize("path", [one for one in MODULES if floor(one) in KERNEL], ids=str)
def test_the_kernel_stands_on_numpy_pandas_and_scipy_alone(path):
    standard = __import__("sys").stdlib_module_names
    packages = {dotted.split(".")[0] for dotted in imports(path)}
    assert packages <= KERNEL_PACKAGES | standard | {"custlib"}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_public_function_is_named_after_its_module(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert path.stem not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("path", [one for one in MODULES if one.name == "__init__.py"], ids=str)
def test_a_package_exports_no_name_that_one_of_its_modules_has(path):
    """Which of the two the name stood for would hang on the order of imports."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    froms = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    package = ".".join(["custlib", *path.parent.parts])
    exported = {one.name for node in froms if node.module != package for one in node.names}
    assert not exported & {one.stem for one in (ROOT / path.parent).iterdir()}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_reader_can_hold_the_module_in_mind(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert path.stem not in {"utils", "helpers", "common"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = node.end_lineno - body[0].lineno + 1 if body else 0
            assert length <= 50, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_the_library_never_asserts_and_never_prints(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"


@pytest.mark.parametrize("name", BUDGETS)
def test_a_floor_keeps_its_budget_of_code(name):
    paths = [
        path for path in MODULES if floor(path) == name or (name == "kernel" and in_kernel(path))
    ]
    found = sum(map(code_lines, paths))
    assert found <= BUDGETS[name], (
        f"{name} has {found} lines of code, {BUDGETS[name]} are its budget: take out what nobody "
        "calls, or raise it in BUDGETS with a paragraph in docs/decisions/0008"
    )


def in_kernel(path):
    return floor(path) in KERNEL


def code_lines(path):
    """Lines of a module that are neither blank, nor comment, nor docstring."""
    text = (ROOT / path).read_text(encoding="utf-8")
    said = set()
    for node in ast.walk(ast.parse(text)):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            said |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(text.splitlines(), start=1)
    return sum(1 for at, line in lines if at not in said and not re.match(r"\s*(#|$)", line))
