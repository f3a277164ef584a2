"""Studies by name or path, read as plain JSON so that listing them costs nothing."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from custlib.errors import StudyError, did_you_mean
from custlib.places import CHECKOUT
from custlib.study.manifest import RESERVED

STUDIES = Path("notebooks", "studies")


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook as its author wrote it."""

    kind: str
    source: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """A notebook that asks one question: its name, its place and its cells."""

    name: str
    path: Path
    cells: tuple[Cell, ...]

    @cached_property
    def question(self) -> str:
        """The notebook's title, or its name where it has none."""
        titles = re.findall(r"^# +(.+?)\s*$", "\n".join(self._prose), flags=re.MULTILINE)
        return titles[0] if titles else self.name

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """For each cell the heading it stands under; empty before the first."""
        heading, found = "", []
        for cell in self.cells:
            if cell.kind == "markdown":
                titles = re.findall(r"^#{1,6} +(.+?)\s*$", cell.source, flags=re.MULTILINE)
                heading = titles[-1] if titles else heading
            found.append(heading)
        return tuple(found)

    def tagged(self, tag: str) -> int | None:
        """Position of the first code cell with this tag."""
        found = (at for at, cell in enumerate(self.cells) if tag in cell.tags)
        return next((at for at in found if self.cells[at].kind == "code"), None)

    @property
    def _prose(self) -> list[str]:
        return [cell.source for cell in self.cells if cell.kind == "markdown"]


def project_root() -> Path:
    """The checkout custlib is imported from, else the nearest folder above with studies in it."""
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / STUDIES).is_dir()), here)


def list_studies(root: Path | None = None) -> list[Study]:
    """Every study of the project, in the order of its file names."""
    folder = (root or project_root()) / STUDIES
    return [read_study(path) for path in sorted(folder.glob("*.ipynb"))]


def find_study(name: str | Path, root: Path | None = None) -> Study:
    """The study of this name, or the notebook at this path; a StudyError names the nearest."""
    path = Path(name).expanduser()
    if path.suffix == ".ipynb" or path.is_file():
        return read_study(path)
    folder = (root or project_root()) / STUDIES
    paths = {study_name(path): path for path in sorted(folder.glob("*.ipynb"))}
    if str(name) in paths:
        return read_study(paths[str(name)])
    held = ", ".join(map(str, sorted(path.glob("*.ipynb"))))
    raise StudyError.because(
        f"{str(name)!r} is a folder, no notebook, and no study has that name."
        if path.is_dir()
        else f"There is no study named {str(name)!r}.",
        f"Expected one of: {', '.join(paths) or 'none is there yet'}; or the path of a notebook.",
        f"Pass a notebook in it: {held}."
        if held
        else did_you_mean(name, paths, otherwise="`custlib list` shows the studies."),
    )


def study_name(path: Path) -> str:
    """Name of the study in this file: without its number, and safe as a folder's name."""
    name = re.sub(r"[^\w-]+", "_", re.sub(r"^\d+_(?=.)", "", path.stem)).strip("_") or "study"
    return f"{name}_study" if name.casefold() in RESERVED else name


def read_study(path: Path) -> Study:
    """The notebook in this file, checked to be one that Python runs."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise StudyError.because(
            f"The notebook {path.name!r} cannot be read: {problem.strerror}.",
            "Expected the path of a Jupyter notebook (.ipynb), or the name of a study.",
            did_you_mean(
                path.name,
                [other.name for other in path.parent.glob("*.ipynb")],
                otherwise="Check the path; `custlib list` shows the studies by name.",
            ),
        ) from None
    except ValueError as problem:
        raise _not_a_notebook(path, f"it is not JSON ({problem})") from None
    _require_notebook(path, content)
    cells = tuple(
        Cell(
            kind=cell["cell_type"],
            source="".join(cell.get("source", "")),
            tags=tuple(cell.get("metadata", {}).get("tags", ())),
        )
        for cell in content["cells"]
    )
    return Study(name=study_name(path), path=path.resolve(), cells=cells)


def _require_notebook(path: Path, content: Any) -> None:
    """The content is a notebook of form 4 in Python."""
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list) or not all(
        isinstance(cell, dict) and "cell_type" in cell for cell in cells
    ):
        raise _not_a_notebook(path, "it has no list of cells")
    metadata = content.get("metadata", {})
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get(
        "language", "python"
    )
    if language != "python":
        raise _not_a_notebook(path, f"it is written in {language}")


def _not_a_notebook(path: Path, why: str) -> StudyError:
    return StudyError.because(
        f"{path.name!r} cannot be run: {why}.",
        "Expected a Jupyter notebook of form 4 in Python.",
        "Open it in JupyterLab and save it again.",
    )
