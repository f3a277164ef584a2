"""One exercise: its right answer, the wrong turns that lead elsewhere, and what helps."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from custlib.lessons.answers import Choices, Kind


class Given(SimpleNamespace):
    """What a lesson was begun with; equal to itself only, so that what it gives can be kept."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]


@dataclass(frozen=True)
class Mistake:
    """A wrong turn: the answer it leads to, and a sentence that tells what was overlooked."""

    answer: Callable[[Given], Any]
    told: str


@dataclass(frozen=True)
class Exercise:
    """What is right for the data at hand; nothing of it is written down beforehand.

    `key` and the mistakes are computed from what the notebook handed to `begin`, so that an answer
    copied from a reader with another seed is wrong. `shown` is said once the answer is right: what
    has been seen, rendered from the answer.
    """

    kind: Kind
    key: Callable[[Given], Any]
    hints: tuple[str, ...]
    shown: Callable[[Given], str]
    mistakes: tuple[Mistake, ...] = ()

    def wrong(self, given: Given, answer: Any) -> str:
        """What is wrong with the answer, without giving the right one; empty where it is right."""
        if fault := self.kind.fault(answer):
            return fault
        if self.kind.same(answer, key := self.key(given)):
            return ""
        if isinstance(self.kind, Choices) and not len(answer):
            return "At least one name is expected."
        turns = [(self.kind.apart(answer, one.answer(given)), one.told) for one in self.mistakes]
        nearest, told = min(turns, default=(math.inf, ""))
        if nearest <= 1:
            return told
        return self.kind.near(answer, key) or "The form is right, the value is not."
