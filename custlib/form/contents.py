"""What the project holds: studies, lessons and data sets, as tables of start_here.ipynb."""

import html
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from IPython.display import Markdown

from custlib.datasets import list_datasets
from custlib.errors import StudyError
from custlib.form.addresses import under_voila
from custlib.study.catalogue import STUDIES, Study, project_root, read_study

Row = tuple[str, ...]


def read_notebooks(folder: Path) -> tuple[list[tuple[Path, Study]], list[str]]:
    """Each notebook of a folder and where it lies there, and a line for each that is unreadable."""
    found, unread = [], []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            found.append((path, read_study(path)))
        except (StudyError, AttributeError, TypeError) as problem:
            told = str(problem).splitlines()[0]
            unread.append(f"Left out: {told if path.name in told else f'{path.name}: {told}'}")
    return found, unread


def show_studies() -> Markdown:
    """Each study with its question."""
    found, unread = read_notebooks(project_root() / STUDIES)
    rows = [(_plain(study.question), _link(study.name, path)) for path, study in found]
    return _table(("question", "study"), rows, unread)


def show_lessons() -> Markdown:
    """Each lesson with its title."""
    found, unread = read_notebooks(project_root() / "notebooks" / "lessons")
    rows = [(_plain(lesson.question), _link(path.stem, path)) for path, lesson in found]
    return _table(("lesson", "notebook"), rows, unread)


def show_data_sets() -> Markdown:
    """Each data set: its name, what it is, whether it is simulated, and its rows."""
    found = list_datasets()
    rows = zip(found["dataset"], found["title"], found["kind"], found["rows"], strict=True)
    told = ((f"`{name}`", _plain(title), kind, f"{count:,}") for name, title, kind, count in rows)
    return _table(("data set", "what it is", "kind", "rows"), told)


def _link(text: str, path: Path) -> str:
    """A link from the folder of notebooks; Voilà has no other page to lead to."""
    inside = path.relative_to(project_root() / "notebooks").as_posix()
    return f"`{text}`" if under_voila() else f"[{_plain(text)}]({quote(inside)})"


def _plain(text: str) -> str:
    """The text so that it neither ends a cell of a table nor begins a tag."""
    return html.escape(text, quote=False).replace("|", "\\|")


def _table(head: Row, rows: Iterable[Row], below: Iterable[str] = ()) -> Markdown:
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return Markdown("\n\n".join([table, *map(_plain, below)]))
