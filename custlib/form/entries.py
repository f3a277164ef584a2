"""All fields of one study: in groups, checked together, and as the command that does the same."""

import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ipywidgets import HTML, Accordion, GridBox, VBox
from traitlets import TraitError

from custlib.errors import DataError, StudyError, did_you_mean
from custlib.form.fields import NONE, Field, understood
from custlib.form.suggestions import all_names, column_names, data_files, is_wide, path_suggestions
from custlib.places import card_files
from custlib.study.catalogue import Study, find_study
from custlib.study.parameters.cell import PATHS, Parameter
from custlib.study.parameters.declaration import read_parameters
from custlib.study.parameters.inputs import match_files
from custlib.study.parameters.texts import value_of
from custlib.study.parameters.values import Problem, check_values
from custlib.texts.headers import clean_name

# What studies have in common, and a first run leaves alone.
PRECISION = {"min_base", "conf_level", "n_boot", "n_draws", "seed"}
DATA, METHOD, REST = "Your data", "How it is computed", "Precision and chance"
SHOWN = 12
# How a cell says that a text names a column, perhaps with words that name none before it.
COLUMN = re.compile(r"(?:(.+), or a )?column (?:of|that) ")
# How it says that the column called like the parameter is taken from a file of one's own.
ASSUMED = re.compile(r"column of the [\w ]+ in your file")


class Entries:
    """The parameters cell of a study as fields.

    Parameters
    ----------
    study : Study
    root : Path
        Project, from whose root paths are looked up.
    changed : callable
        Called without arguments after something was entered and checked.
    """

    def __init__(self, study: Study, root: Path, changed: Callable[[], None]) -> None:
        self.study, self.root, self._changed = study, root, changed
        self.cell, self.name = read_parameters(study), _name_of(study, root)
        self.wrong: list[str] = []
        self.texts: dict[str, str] = {}
        self._quiet, self._names = True, list[str]()
        self.fields = {one.name: Field(one, self._entered) for one in self.cell}
        self.box = VBox([*self._groups()])
        self._quiet = False
        self._look()

    @property
    def ready(self) -> bool:
        """Whether every field is right."""
        return not self.wrong

    def reset(self) -> None:
        """Every field as the cell sets it."""
        self._quiet = True
        for field in self.fields.values():
            field.entry.value = field.first
        self._quiet = False
        self._entered()

    def adopt(self, former: "Entries") -> None:
        """Enter what was entered before the notebook changed, where a field still takes it."""
        for name in self.fields.keys() & former.fields.keys():
            if not former.fields[name].untouched:
                with suppress(TraitError):
                    self.fields[name].entry.value = former.fields[name].entry.value

    def check(self) -> None:
        """Say at each field what is wrong; afterwards `texts` holds what differs from the cell."""
        texts = {name: one.text for name, one in self.fields.items() if not one.untouched}
        values, problems = check_values(self.cell, texts=texts)
        told = [*self._absent(), *self._emptied(texts), *problems]
        told += self._strange({problem.name for problem in told})
        wrong = {problem.name: problem for problem in told}
        for name, field in self.fields.items():
            field.tell(wrong.get(name))
            if field.parameter.many:
                right = name in texts and name in values
                field.explain(understood(values[name]) if right else "")
        self.wrong = [*wrong]
        changed = (one.name for one in self.cell if values.get(one.name) != one.default)
        self.texts = {name: texts[name] for name in changed} if self.ready else {}

    def command(self, *options: str) -> str:
        """What to type in the project's folder for the same run."""
        words = [_program(self.root), "run", self.name]
        for name, text in self.texts.items():
            words += ["-p", f"{name}={text}"]
        return shlex.join([*words, *options])

    def _entered(self) -> None:
        if not self._quiet:
            self._look()
            self._changed()

    def _look(self) -> None:
        """Check and suggest; what fails in that turns Run off, and is told in place of a name."""
        try:
            self.check()
            self._suggest()
        except Exception as problem:
            self.wrong, self.texts = [f"{type(problem).__name__}: {problem}"], {}

    def _absent(self) -> list[Problem]:
        """Files that are not there; a pattern for many folders is looked up when the study runs."""
        values = self.cell.defaults
        for one in self.cell:
            if one.is_path:
                value = value_of(self.fields[one.name].text, "str", False, one.optional)
                values[one.name] = None if is_wide(value or "") else value
        _, problems = match_files(self.cell, values, given=(), root=self.root, folder=self.root)
        return problems

    def _emptied(self, texts: Mapping[str, str]) -> Iterator[Problem]:
        """Texts that were taken away where one has to stand."""
        for one in self.cell:
            text = one.kind == "str" and not one.many and not one.optional
            if text and not texts.get(one.name, "stands").strip():
                yield Problem(one.name, f"{one.name} is empty", f"{one.name}: {one.expected}")

    def _strange(self, wrong: set[str]) -> Iterator[Problem]:
        """Columns that the file of data has not, where it is certain which ones it has."""
        data, book = (self.fields[one].text if one in self.fields else "" for one in PATHS)
        files = [] if wrong & {*PATHS} else data_files(data, self.root)
        self._names = [*filter(None, column_names(files[0]))] if files else []
        if len(files) != 1:
            return
        [file], is_own = files, data not in card_files(self.root)
        named, sure = dict[str, str](), list[str]()
        for name, field in self.fields.items():
            is_assumed = is_own and ASSUMED.fullmatch(field.parameter.meaning)
            column = name if is_assumed and field.text == NONE else field.text
            if (words := _words(field.parameter)) and column.lower() not in words:
                named[name] = clean_name(column)
        beside = file.with_name("codebook.yaml") if book else None
        place = beside if book in ("", NONE) else self.root / Path(book).expanduser()
        with suppress(OSError, DataError):
            sure = all_names(file, place, named.values())
        self._names, known = sure or self._names, {*map(clean_name, sure)}
        for name, column in named.items():
            if known and column not in known:
                field = self.fields[name]
                found = f"{name} is {field.entry.value!r}, and {file.name} has no column {column!r}"
                meaning = f"{name}: {field.parameter.meaning}"
                yield Problem(name, found, meaning, did_you_mean(column, known))

    def _suggest(self) -> None:
        """Files for paths, and columns of the file of data where a column is asked for."""
        for name, field in self.fields.items():
            if field.parameter.is_path:
                field.suggest(path_suggestions(field.entry.value, name, self.root))
            elif _words(field.parameter):
                field.suggest(self._names)
        if "data" in self.fields:
            shown = ", ".join(self._names[:SHOWN]) + " …" * (len(self._names) > SHOWN)
            self.fields["data"].explain(f"Its columns: {shown}" if shown else "")

    def _groups(self) -> Iterator[VBox | Accordion]:
        """Fields for which one looks at one's own file first; precision and chance folded away."""
        groups: dict[str, list[Field]] = {DATA: [], METHOD: [], REST: []}
        for field in self.fields.values():
            groups[_group(field.parameter)].append(field)
        for title in (DATA, METHOD):
            if groups[title]:
                yield VBox([HTML(f"<h4>{title}</h4>"), _grid(groups[title])])
        if groups[REST]:
            yield Accordion([_grid(groups[REST])], titles=[REST], selected_index=None)


def _name_of(study: Study, root: Path) -> str:
    """The study's name where that leads to this notebook, else its path from the project."""
    with suppress(StudyError):
        if find_study(study.name, root).path == study.path:
            return study.name
    inside = study.path.is_relative_to(root)
    return study.path.relative_to(root).as_posix() if inside else str(study.path)


def _group(one: Parameter) -> str:
    """Free text names what is in a file; choices and numbers say what is done with it."""
    if one.name in PRECISION:
        return REST
    return DATA if one.kind == "str" and one.one_of is None else METHOD


def _words(one: Parameter) -> list[str]:
    """What else may stand where a column is named; nothing where none is named."""
    found = COLUMN.match(one.meaning) if one.kind == "str" and not one.many else None
    return ["", NONE, *(found[1] or "").split(", ")] if found else []


def _program(root: Path) -> str:
    """custlib as it is called in the project's folder: the one beside the Python of this page."""
    folder = Path(sys.executable).parent.resolve()
    beside = Path(shutil.which("custlib", path=str(folder)) or "custlib")
    return str(beside.relative_to(root) if beside.is_relative_to(root) else beside)


def _grid(fields: Iterable[Field]) -> GridBox:
    grid = GridBox([field.box for field in fields])
    grid.add_class("custlib-grid")
    return grid
