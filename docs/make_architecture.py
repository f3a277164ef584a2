"""Write the list of rooms in docs/architecture.md from the first lines of the modules themselves.

`make docs` runs it; tests/architecture/test_architecture_page.py holds the page to the code.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE, LIBRARY = ROOT / "docs" / "architecture.md", ROOT / "custlib"
BEGIN, END = "<!-- rooms: written by make docs -->\n", "<!-- end of rooms -->\n"
# From the top floor down; the kernel is every module that lies on no floor.
FLOORS = {
    "cli": "The command line.",
    "form": "The form of `start_here.ipynb`.",
    "lessons": "What the lessons ask, and how they check it.",
    "study": "Running, recording and proving studies.",
    "report": "Runs as pages, PDF and workbooks.",
    "charts": "Tables in, figures out.",
    "datasets": "Data that come along, and simulations with their truth.",
    "survey": "What do customers think?",
    "segmentation": "Who are they?",
    "loyalty": "Will they stay, tell others, pay?",
}


def first_line(module: Path) -> str:
    """What the module says of itself in its first line."""
    source = module / "__init__.py" if module.is_dir() else module
    told = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return told.splitlines()[0] if told else ""


def rooms(floor: Path) -> list[Path]:
    """Modules and packages that lie directly in a folder, by name; no private and no start-up."""
    inside = (
        path
        for path in floor.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.name[:2] != "__"
    )
    return sorted(inside, key=lambda path: path.stem)


def listed(paths: list[Path]) -> list[str]:
    return [f"| `{path.stem}` | {first_line(path)} |" for path in paths]


def section(library: Path = LIBRARY) -> str:
    """The rooms of each floor as tables, between the two marks."""
    lines = []
    for floor, purpose in FLOORS.items():
        if (library / floor).is_dir():
            lines += [f"### {floor}", purpose, "", "| room | what is in it |", "|---|---|"]
            lines += [*listed(rooms(library / floor)), ""]
    kernel = [path for path in rooms(library) if path.stem not in FLOORS]
    lines += ["### The kernel", "What every floor stands on.", "", "| room | what is in it |"]
    lines += ["|---|---|", *listed(kernel), ""]
    return BEGIN + "\n".join(lines) + END


def page(text: str, library: Path = LIBRARY) -> str:
    """The page with its list of rooms made anew."""
    before, _, rest = text.partition(BEGIN)
    return before + section(library) + rest.partition(END)[2]


if __name__ == "__main__":
    written = page(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(written, encoding="utf-8", newline="\n")
