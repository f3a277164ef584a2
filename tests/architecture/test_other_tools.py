"""docs/from_other_tools.md names functions that are there, and R packages that are compared."""

import re
from pathlib import Path

import pytest

from custlib import design, loyalty, segmentation, survey
from custlib.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "from_other_tools.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| there"))
]
HERE = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[1])}
COMPARED = {
    re.split(r"::", name)[0] for row in ROWS for name in re.findall(r"\*\*`([^`]+)`\*\*", row[0])
}
# Base R's own tests stand in no library() call.
BASE = {"wilcox.test"}


@pytest.mark.parametrize("name", sorted(HERE))
def test_what_computes_it_here_is_there(name):
    if name.startswith("custlib "):
        assert name.split()[1] in main.commands
    elif name.startswith("make "):
        assert f"\n{name.split()[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    else:
        assert any(hasattr(place, name) for place in (design, loyalty, segmentation, survey))


@pytest.mark.parametrize("package", sorted(COMPARED - BASE))
def test_a_package_in_bold_is_compared_by_an_oracle(package):
    oracles = ROOT / "tests" / "oracles"
    scripts = [path.read_text(encoding="utf-8") for path in oracles.glob("*/*.[Rj]*")]
    assert any(package in text for text in scripts)
