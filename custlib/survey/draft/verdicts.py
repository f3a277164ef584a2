"""What a column is taken for, and what is doubtful about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from custlib.survey.draft.answers import PLACES, Answers

COUNT = "a rating, or a count?"
TWO_ANSWERS = "two answers only: a rating, or a group?"
SHORTER = "answered on a shorter scale than columns asked with it?"
TURNED = "turned round: by its labels the lowest code is the best answer"
DIRECTION = "no label tells which answer is the best: the highest is taken for it"
ZERO = "0 where columns alike begin at 1: is it no answer?"
# A doubt that begins so can turn a finding round.
TURNING = (DIRECTION, PLACES, COUNT, TWO_ANSWERS, SHORTER, ZERO, "item ")
DESIGN = ("weight", "cluster", "duration", "submitted")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column is taken for: item, group, weight, cluster, duration, submitted, left."""

    kind: str
    reason: str
    answers: Answers | None = None
    battery: str = ""
    doubt: str = ""


def chosen(kinds: Mapping[str, Kind], kind: str) -> Iterable[str]:
    """Columns taken for this."""
    return (name for name, one in kinds.items() if one.kind == kind)
