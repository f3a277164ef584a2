"""A lesson under way: answers are checked, hints given one by one, and progress kept."""

import importlib
import re
from collections.abc import Callable
from copy import deepcopy
from html import escape
from typing import Any, NamedTuple

from custlib.errors import ParameterError, did_you_mean
from custlib.lessons.exercise import Exercise, Given

NAMES = (
    "weights_and_bases",
    "likert_mean_or_order",
    "key_drivers_by_hand",
    "segments_from_rfm_to_latent_classes",
    "retention_and_lifetime_value",
    "checking_a_number_you_read",
)
RIGHT, WRONG, OPEN = "right", "not yet", "open"
COLORS = {RIGHT: "#0072b2", WRONG: "#b34700", OPEN: "#555555"}


class Lesson:
    """The exercises of a lesson over the data of one reader."""

    def __init__(self, exercises: tuple[Exercise, ...], given: Given) -> None:
        self.exercises = exercises
        self.given = given
        self.right: set[int] = set()
        self._hints_given: dict[int, int] = {}

    def check(self, number: int, answer: Any) -> None:
        """Say whether the answer to this exercise is right, or what is wrong with it."""
        exercise = self._exercise(number)
        self.right.discard(number)
        if answer is ...:
            _say(number, OPEN, "Put your answer where the three dots stand, and run the cell.")
        elif wrong := self._wrong(exercise, answer):
            _say(number, WRONG, f"{wrong} hint({number}) helps.")
        else:
            self.right.add(number)
            _say(number, RIGHT, exercise.shown(self.given))

    def hint(self, number: int) -> None:
        """Say the hints so far and the next one; behind the last one the solution is named."""
        hints = self._exercise(number).hints
        upto = min(self._hints_given.get(number, 0), len(hints)) + 1
        self._hints_given[number] = upto
        for at, text in enumerate(hints[:upto], start=1):
            _say(number, f"hint {at} of {len(hints)}", text)
        if upto > len(hints):
            last = "There are no more hints. The solution stands below the cell: click to open it."
            _say(number, "hint", last)

    def progress(self) -> None:
        """Say which exercises are done."""
        left = ", ".join(map(str, self.open)) or "none"
        done = f"{len(self.right)} of {len(self.exercises)} exercises are right; open: {left}."
        _say(None, OPEN if self.open else RIGHT, done)

    @property
    def open(self) -> list[int]:
        """Exercises whose answer is not there or not right."""
        return [at for at in range(1, len(self.exercises) + 1) if at not in self.right]

    def _wrong(self, exercise: Exercise, answer: Any) -> str:
        try:
            return exercise.wrong(self.given, answer)
        except Exception as error:  # whatever stands in an answer, the cells below it must run
            return f"This could not be held against the data ({type(error).__name__}: {error})."

    def _exercise(self, number: int) -> Exercise:
        last = len(self.exercises)
        if not isinstance(number, int) or not 1 <= number <= last:
            raise ParameterError.because(
                f"There is no exercise {number!r}.",
                f"Expected a number from 1 to {last}.",
                "Pass the number in the exercise's heading.",
            )
        return self.exercises[number - 1]


class Commands(NamedTuple):
    """What a lesson's notebook calls."""

    check: Callable[[int, Any], None]
    hint: Callable[[int], None]
    progress: Callable[[], None]


def begin(name: str, **given: Any) -> Commands:
    """Begin a lesson over the data that its notebook made.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    **given
        The tables and numbers that the lesson's module lists as `GIVENS`. They are copied, so
        that a reader who changes a table does not change what is right.

    Returns
    -------
    Commands
        `check(number, answer)`, `hint(number)` and `progress()`; each shows one line.

    Raises
    ------
    ParameterError
        No such lesson, or something is given that it does not take, or not given.
    """
    if name not in NAMES:
        raise ParameterError.because(
            f"There is no lesson {name!r}.",
            f"Expected one of {', '.join(NAMES)}.",
            did_you_mean(name, NAMES),
        )
    module = importlib.import_module(f"custlib.lessons.{name}")
    if set(given) != set(module.GIVENS):
        raise ParameterError.because(
            f"The lesson {name} was given {', '.join(given) or 'nothing'}.",
            f"Expected {', '.join(module.GIVENS)}.",
            "Run the cells above, from the first one on, as they were.",
        )
    lesson = Lesson(module.EXERCISES, Given(**deepcopy(given)))
    return Commands(lesson.check, lesson.hint, lesson.progress)


def _say(number: int | None, state: str, text: str) -> None:
    """One line in the notebook, as text and as HTML."""
    from IPython.display import display

    head = state if number is None else f"Exercise {number}: {state}"
    color = COLORS.get(state, COLORS[OPEN])
    style = f"border-left:4px solid {color};padding:.3em .8em"
    body = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    html = f'<div style="{style}"><b style="color:{color}">{escape(head)}.</b> {body}</div>'
    display({"text/plain": f"{head}. {text}".strip(), "text/html": html}, raw=True)
