"""Two computations of the same numbers held against one another: findings, tables, and the rest."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from custlib.study.manifest import DataFile, Figure, Measured

# How far numbers may lie apart: those of tables on one machine, all between two machines, and
# those for which a study declares more than it may.
EXACT, ACROSS, WIDEST = 1e-9, 1e-6, 1e-2
ABSENT = "not recorded"
COUNTED = ("n", "unit", "verdict", "rtol", "atol")
MEASURED = ("value", "low", "high")
WORDS = ("sentence", "words", "stdout")
MARKUP = re.compile("<[^>]*>")
WRITTEN = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise; `part` says which part of what `place` names."""

    place: str
    part: str
    was: Any
    now: Any

    @property
    def apart(self) -> float | None:
        """Distance of two numbers as a share of the larger one; None where they are none.

        Examples
        --------
        >>> Difference("finding gap", "value", 4.0, 5.0).apart
        0.2
        """
        pair = (self.was, self.now)
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in pair):
            return None
        largest = max(map(abs, pair))
        try:
            return abs(self.was - self.now) / largest if largest else 0.0
        except OverflowError:
            return None

    @property
    def said(self) -> tuple[str, str] | None:
        """What a reader reads of two texts; None where they are something else."""
        if self.part == "text/html":
            return MARKUP.sub("", self.was), MARKUP.sub("", self.now)
        is_text = self.part in WORDS or self.part.startswith("text/")
        return (self.was, self.now) if is_text else None

    @property
    def reworded(self) -> bool:
        """Whether texts differ in more than the last written digit of their numbers.

        Examples
        --------
        >>> Difference("finding gap", "sentence", "Up by 1,204.5.", "Up by 1,204.6.").reworded
        False
        >>> Difference("finding gap", "sentence", "Up by 1.2.", "Down by 1.2.").reworded
        True
        """
        if self.said is None:
            return False
        was, now = map(WRITTEN.split, self.said)
        if was[::2] != now[::2]:
            return True
        for texts in zip(was[1::2], now[1::2], strict=True):
            one, two = (Decimal(text.replace(",", "")) for text in texts)
            last = max(int(number.as_tuple().exponent) for number in (one, two))
            if abs(one - two) > Decimal(1).scaleb(last):
                return True
        return False


def finding_differences(
    before: Sequence[Measured], after: Sequence[Measured], *, least: float = 0.0
) -> list[Difference]:
    """Findings that came out otherwise.

    Parameters
    ----------
    before, after : sequence of Finding
        Those that were recorded, and those of the second computation.
    least : float, default 0
        Relative tolerance that every number has at least; on one machine a finding may be exact,
        so that less than 1e-6 counts as 0.

    Returns
    -------
    list of Difference

    Notes
    -----
    Numbers lie within the narrower of the tolerances that both declare, and within 1e-2 of the
    largest number of the finding at most (an absolute tolerance of 1e-6 is always granted), so that
    neither a record nor a notebook can be edited to widen it; a tolerance that was changed is told
    by itself. Between machines a number is also given 1e-9 of the larger end of its interval,
    beside which it is nothing. Counts, units, verdicts and texts are exact, and so is the set of
    keys.
    """
    now = {finding.key: finding for finding in after}
    found: list[Difference] = []
    for was in before:
        place = f"finding {was.key}"
        if was.key in now:
            found += _of_finding(place, was, now.pop(was.key), least)
        else:
            found.append(Difference(place, "", was.value, ABSENT))
    return found + [Difference(f"finding {key}", "", ABSENT, one.value) for key, one in now.items()]


def sentence_differences(
    before: Sequence[Measured], after: Sequence[Measured], told: Sequence[Difference] = ()
) -> list[Difference]:
    """Findings that are said in other words; one whose number is told takes its sentence along."""
    now = {finding.key: finding.sentence for finding in after}
    places = {one.place for one in told}
    return [
        Difference(f"finding {was.key}", "sentence", was.sentence, now[was.key])
        for was in before
        if now.get(was.key, was.sentence) != was.sentence and f"finding {was.key}" not in places
    ]


def figure_differences(before: Sequence[Figure], after: Sequence[Figure]) -> list[Difference]:
    """Figures that look otherwise or are described in other words."""
    now = {figure.key: figure for figure in after}
    found = []
    for was in before:
        place, figure = f"figure {was.key}", now.pop(was.key, None)
        if figure is None:
            found.append(Difference(place, "", "a picture", ABSENT))
        elif was.alt != figure.alt:
            found.append(Difference(place, "words", was.alt, figure.alt))
        elif (was.sha256, was.vector_sha256) != (figure.sha256, figure.vector_sha256):
            found.append(Difference(place, "picture", was.sha256[:12], figure.sha256[:12]))
    return found + [Difference(f"figure {key}", "", ABSENT, "a picture") for key in now]


def file_differences(before: Sequence[DataFile], after: Sequence[DataFile]) -> list[Difference]:
    """Data files of the same contents that are described otherwise."""
    now = {(file.parameter, file.sha256): file for file in after}
    return [
        Difference(f"file {was.path}", part, getattr(was, part), getattr(file, part))
        for was in before
        for part in ("bytes", "rows")
        if (file := now.get((was.parameter, was.sha256)))
        and getattr(was, part) != getattr(file, part)
    ]


def is_close(was: Any, now: Any, *, rtol: float, atol: float = 0.0) -> bool:
    """Whether two values are the same: fractions within the tolerance, all else exactly.

    Examples
    --------
    >>> is_close(0.5, 0.5000000001, rtol=1e-9), is_close(5, 6, rtol=0.5), is_close(True, 1, rtol=1)
    (True, False, False)
    """
    if isinstance(was, list) and isinstance(now, list):
        pairs = zip(was, now, strict=False)
        return len(was) == len(now) and all(is_close(*two, rtol=rtol, atol=atol) for two in pairs)
    fraction = isinstance(was, float) or isinstance(now, float)
    if fraction and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in (was, now)
    ):
        try:
            return math.isclose(was, now, rel_tol=rtol, abs_tol=atol)
        except OverflowError:
            return False
    return type(was) is type(now) and was == now


def _of_finding(place: str, was: Measured, now: Measured, least: float) -> Iterator[Difference]:
    rtol = max(min(was.rtol, now.rtol, WIDEST), least if least >= ACROSS else 0.0)
    ends = sizes([now.low, now.high])
    values = now.value if isinstance(now.value, list) else [now.value]
    widest = max(ACROSS, WIDEST * max(sizes(values) + ends, default=0.0))
    atol = max(min(was.atol, now.atol, widest), rounding(ends, least))
    for part in (*MEASURED, *COUNTED):
        pair = getattr(was, part), getattr(now, part)
        same = is_close(*pair, rtol=rtol, atol=atol) if part in MEASURED else pair[0] == pair[1]
        if not same:
            yield Difference(place, part, *pair)


def sizes(values: Iterable[Any]) -> list[float]:
    """Sizes of the finite numbers among these."""
    numbers = [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
    return [abs(one) for one in numbers if -math.inf < one < math.inf]


def rounding(ends: list[float], least: float) -> float:
    """What is nothing beside the larger end of an interval; on one machine there is no such."""
    return EXACT * max(ends, default=0.0) if least >= ACROSS else 0.0
