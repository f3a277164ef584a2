"""The page: a study is chosen, its fields are filled in, it runs, and its findings are read."""

import html
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from ipywidgets import HTML, Button, Checkbox, Dropdown, HBox, IntProgress, VBox

from custlib.errors import CustlibError
from custlib.form.contents import read_notebooks
from custlib.form.entries import Entries
from custlib.form.results import outcome_html, problem_html
from custlib.form.running import Outcome, Request, RunningStudy, message_of
from custlib.study.catalogue import STUDIES, project_root, read_study
from custlib.study.parameters.declaration import read_parameters
from custlib.study.parameters.inputs import shown_path
from custlib.study.run.execution import Step

FORMATS = ("pdf", "xlsx")
STYLE = Path(__file__).with_name("style.css")
# Where the tutorial has drafts of `custlib new` written.
YOURS = "mine"
TERMINAL = "The same from a terminal, in the folder of the project:"
CHANGED = (
    "The notebook was saved since its fields were shown, and its parameters are others now.",
    "Expected the fields to be those of the notebook; they are read anew, nothing was run.",
    "Look at them, and press Run again.",
)
_PAGES: dict[tuple[Path, Path], "Page"] = {}


class Page(VBox):
    """The form with all its parts.

    Parameters
    ----------
    root : Path
        Project whose studies are offered.
    reports : Path
        Folder of reports.
    """

    def __init__(self, root: Path, reports: Path) -> None:
        self.root, self.reports = root, reports
        self.entries: Entries | None = None
        self.running: RunningStudy | None = None
        # The end of a run comes from its thread, while something may be entered.
        self._turn = threading.RLock()
        studies, unread = read_notebooks(root / STUDIES)
        yours, unread_too = read_notebooks(root / YOURS)
        options = [(study.question, study) for _, study in studies]
        options += [(f"yours: {study.question}", study) for _, study in yours]
        self.choice = Dropdown(options=options, description="Question")
        self.unread = HTML("<br>".join(map(html.escape, [*unread, *unread_too])))
        self.unread.add_class("custlib-help")
        self.about, self.fields, self.result = HTML(), VBox(), HTML()
        self.formats = {name: _box(f"also as {name.upper()}") for name in FORMATS}
        self.anew = _box("compute anew, even if the same run is kept")
        self.run = Button(description="Run", button_style="primary", icon="play")
        self.stop = Button(description="Stop", icon="stop", disabled=True)
        self.defaults = Button(description="Reset to defaults", icon="undo")
        self.bar, self.stage = IntProgress(min=0), HTML()
        self.command = HTML()
        style = HTML(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
        super().__init__([style, *self._parts()])
        self.add_class("custlib-form")
        self._wire()
        self._choose()

    def __repr__(self) -> str:
        return "The form appears here as soon as this cell is run (Shift+Enter)."

    def _parts(self) -> list[Any]:
        boxes = HBox([*self.formats.values(), self.anew])
        buttons = HBox([self.run, self.stop, self.defaults])
        self.progress = HBox([self.bar, self.stage])
        self.progress.layout.display = "none"
        for row in (boxes, buttons, self.progress):
            row.add_class("custlib-row")
        self.choice.add_class("custlib-choice")
        parts = [self.choice, self.unread, self.about, self.fields, boxes, buttons]
        return [*parts, self.progress, self.result, self.command]

    def _wire(self) -> None:
        self.choice.observe(lambda _: self._choose(), names="value")
        for box in (*self.formats.values(), self.anew):
            box.observe(lambda _: self._entered(), names="value")
        self.run.on_click(lambda _: self._start())
        self.stop.on_click(lambda _: self._stop())
        self.defaults.on_click(lambda _: self._reset())

    def _choose(self) -> None:
        """Show the fields of the chosen study."""
        self.entries, self.result.value = None, ""
        study = self.choice.value
        if study is None:
            self.about.value = "There are no studies in notebooks/studies."
        else:
            place = html.escape(shown_path(study.path, self.root))
            told = f"<h3>{html.escape(study.question)}</h3>"
            self.about.value = f'{told}<p class="custlib-note">{place}</p>'
            self.entries = self._read()
        self.fields.children = (self.entries.box,) if self.entries else ()
        self._entered()

    def _read(self, former: Entries | None = None) -> Entries | None:
        """The fields of the chosen notebook as it was saved last; where it has none it is told.

        The former ones stay where its parameters are the same.
        """
        try:
            # A link has another name than the notebook it leads to.
            study = replace(read_study(self.choice.value.path), name=self.choice.value.name)
            if former and read_parameters(study) == former.cell:
                former.study = study
                return former
            return Entries(study, self.root, self._entered)
        except CustlibError as problem:
            self.result.value = problem_html(str(problem))
            return None

    def _entered(self) -> None:
        """Run is on when every field is right and nothing runs."""
        with self._turn:
            ready = self.entries is not None and self.entries.ready
            self.run.disabled = not ready or self.running is not None
            self.defaults.disabled = self.choice.disabled = self.running is not None
            self.stop.disabled = self.running is None
            told = ""
            if self.entries is not None and ready:
                options = ["--to", ",".join(["html", *self._formats()])] if self._formats() else []
                options += ["--force"] if self.anew.value else []
                if self.reports != (self.root / "reports").resolve():
                    options += ["--reports", str(self.reports)]
                command = html.escape(self.entries.command(*options))
                told = f"<p>{TERMINAL}</p><pre>{command}</pre>"
            elif self.entries is not None:
                wrong = html.escape(", ".join(self.entries.wrong))
                told = f"<p>Run is off until these are right: {wrong}.</p>"
            self.command.value = f'<div class="custlib-command">{told}</div>'

    def _formats(self) -> tuple[str, ...]:
        return tuple(name for name, box in self.formats.items() if box.value)

    def _reset(self) -> None:
        if self.entries is not None:
            self.entries.reset()

    def _start(self) -> None:
        if self.entries is None or not self.entries.ready or self.running is not None:
            return
        self.result.value, self.bar.value, self.stage.value = "", 0, ""
        if not self._is_current(self.entries):
            return
        self.progress.layout.display = "flex"
        asked = self.entries.study, dict(self.entries.texts), self.root, self.reports
        request = Request(*asked, self._formats(), self.anew.value)
        self.running = RunningStudy(request, self._tell, self._end)
        self._entered()
        self.running.start()

    def _is_current(self, former: Entries) -> bool:
        """Whether the fields are those of the notebook as it lies on the disk; else they become so.

        What is planned is what was read, but what is executed is what lies there.
        """
        entries = self._read(former)
        if entries is None or entries is former:
            return entries is former
        self.entries, self.fields.children = entries, (entries.box,)
        entries.adopt(former)
        self.result.value = problem_html(str(CustlibError.because(*CHANGED)))
        return False

    def _stop(self) -> None:
        if self.running is not None:
            self.stage.value = "stopping"
            self.running.stop()

    def _tell(self, step: Step | str) -> None:
        """Where the run is."""
        if isinstance(step, str):
            self.stage.value = f"{step} …"
            return
        self.bar.max, self.bar.value = step.cells, step.cell
        section = f": {html.escape(step.section)}" if step.section else ""
        self.stage.value = f"cell {step.cell} of {step.cells}{section}"

    def _end(self, outcome: Outcome) -> None:
        try:
            self.result.value = outcome_html(outcome)
        except Exception as problem:
            self.result.value = problem_html(message_of(problem))
        finally:
            with self._turn:
                self.running = None
                self.progress.layout.display = "none"
                self._entered()


def show(root: Path | None = None, reports: Path | None = None) -> Page:
    """The form: choose a study, fill in its parameters, run it and open its report.

    Parameters
    ----------
    root : Path, optional
        Project whose studies are offered; the one custlib is imported from unless given.
    reports : Path, optional
        Folder of reports; `reports` of the project unless given.

    Returns
    -------
    Page
        A widget that the notebook shows when it is the last value of a cell; the former one where
        it still runs a study, so that the run can be followed and stopped.
    """
    root = (root or project_root()).resolve()
    place = root, (reports or root / "reports").resolve()
    former = _PAGES.get(place)
    if former is None or former.running is None:
        _PAGES[place] = Page(*place)
    return _PAGES[place]


def _box(description: str) -> Checkbox:
    return Checkbox(description=description, indent=False)
