"""One finding in two runs: its difference, and whether the noise of both could make it."""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from custlib.study.manifest import Finding, is_number

# What can be said of a finding that both runs have, and of one that only one has.
MOVED, WITHIN, IF = "moved", "within noise", " if independent"
JUDGED = (MOVED, MOVED + IF, WITHIN, WITHIN + IF)
SAME, SAME_VALUE, CHANGED, CANNOT = "same", "same value", "changed", "cannot be judged"
COMPUTED, LOST, NEVER = "now computed", "no longer computed", "not computed"
NEW, VANISHED = "new", "vanished"

# Whether the answers of two runs are independent: as told, as far as the files say, or not.
TOLD, TAKEN = "independent answers, as told", "answers taken as independent"
SHARED, UNKNOWN = "shared answers", "independence not known"

SMALL_STEP = "the verdict changed, though the number did not move beyond noise"
LISTED = 8
OTHER_WORDS = "the sentences differ in more than numbers: see whether both speak of the same thing"


@dataclass(frozen=True, slots=True)
class Movement:
    """What became of one finding: in a word, on which basis, with the difference and its ends."""

    word: str
    basis: str
    note: str = ""
    estimate: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan


def difference_interval(
    before: tuple[float, float, float], after: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Difference of two independent estimates, after less before, with its interval (MOVER).

    Parameters
    ----------
    before, after : tuple of three floats
        Estimate, lower end and upper end; both intervals of the same level.

    Returns
    -------
    tuple of three floats
        Difference, lower end, upper end, at the level of the two intervals.

    Notes
    -----
    Low = d − sqrt((a − la)² + (ub − b)²) and high = d + sqrt((ua − a)² + (b − lb)²), with a after
    and b before. Each end keeps the lopsidedness of the intervals it is made of, so intervals of
    skewed shares stay honest where a symmetric standard error would not. Of two Wilson intervals
    it is Newcombe's interval of a difference of shares.

    References
    ----------
    Zou, G. & Donner, A. (2008). Statistics in Medicine 27:1693–1702. doi:10.1002/sim.3095
    Newcombe, R. (1998). Statistics in Medicine 17:873–890, method 10.

    Examples
    --------
    >>> ends = difference_interval((0.5, 0.4, 0.6), (0.8, 0.5, 0.84))
    >>> [round(one, 4) for one in ends]
    [0.3, -0.0162, 0.4077]
    """
    b, lb, ub = before
    a, la, ua = after
    # An end on the wrong side of its estimate by a hair's breadth of rounding lies on it.
    down = math.hypot(max(a - la, 0.0), max(ub - b, 0.0))
    up = math.hypot(max(ua - a, 0.0), max(b - lb, 0.0))
    return a - b, a - b - down, a - b + up


def movement_of(
    before: Finding, after: Finding, *, answers: str = TOLD, levels: str = ""
) -> Movement:
    """What became of a finding that both runs have.

    Parameters
    ----------
    before, after : Finding
        The finding of the same key in each run.
    answers : str, default TOLD
        Whether the answers of both are independent: TOLD, TAKEN, SHARED or UNKNOWN. With the last
        two a finding is "moved if independent" or "within noise if independent", unless the two
        intervals lie apart: then it "moved" however the answers hang together.
    levels : str, default ""
        How the levels of the intervals differ between the runs; nothing is judged where they do.

    Returns
    -------
    Movement
        "moved" and "within noise" are said only where both have an interval of one level, both
        ends, a width, and the value inside. Words, lists and counts have no noise that the record
        tells of: they "changed" or are the "same". An equal value with another n or interval is
        the "same value".

    Examples
    --------
    >>> told = {"key": "mean", "sentence": "A mean.", "rtol": 1e-9, "atol": 0.0, "cell": 1}
    >>> first = Finding(value=3.0, low=2.8, high=3.2, **told)
    >>> second = Finding(value=3.5, low=3.3, high=3.7, **told)
    >>> movement_of(first, second).word
    'moved'
    >>> movement_of(first, Finding(value=3.5, **told)).word
    'cannot be judged'
    """
    if (before.unit or None) != (after.unit or None):
        units = f"{before.unit or 'no unit'} before, {after.unit or 'no unit'} after"
        return Movement(CANNOT, "different units", units)
    values = (before.value, after.value)
    if None in values:
        word = NEVER if values == (None, None) else COMPUTED if before.value is None else LOST
        return Movement(word, "no value")
    numeric = is_number(before.value) and is_number(after.value)
    found = _of_numbers(before, after, answers, levels) if numeric else _of_words(*values)
    other = _other_base(before, after)
    return replace(found, word=SAME_VALUE, note=other) if found.word == SAME and other else found


def _other_base(before: Finding, after: Finding) -> str:
    """In what an equal value rests on something else: on more answers, or a wider interval."""
    parts = [] if before.n == after.n else ["another n"]
    ends = [_as_float(one) for side in (before, after) for one in (side.low, side.high)]
    slack = 1e-9 * max((abs(end) for end in ends if math.isfinite(end)), default=0.0)
    pairs = zip(ends[:2], ends[2:], strict=True)
    same = [_close(*pair, before, after, slack) or all(map(math.isnan, pair)) for pair in pairs]
    return "; ".join([*parts, *([] if all(same) else ["another interval"])])


def _close(b: float, a: float, before: Finding, after: Finding, least: float = 0.0) -> bool:
    """Whether two numbers are no further apart than the findings allow to two computations."""
    # A tolerance as wide as the noise would hide what the intervals show.
    widths = [_as_float(side.high) - _as_float(side.low) for side in (before, after)]
    if any(0 < width / 10 < abs(a - b) for width in widths):
        return False
    relative, absolute = max(before.rtol, after.rtol, 0.0), max(before.atol, after.atol, least)
    return math.isclose(a, b, rel_tol=relative, abs_tol=absolute)


def _overlap(b: tuple[float, float], a: tuple[float, float]) -> bool:
    """Whether the intervals overlap; where they do not, no dependence of the two explains it.

    The errors of two estimates add up at the worst, when the answers of one pull the other the
    opposite way; then the difference is as sure as the distance between the intervals says.
    """
    return a[0] <= b[1] and b[0] <= a[1]


def other_words(before: Finding, after: Finding, spoken: list[str]) -> bool:
    """Whether the sentences differ in more than numbers, verdict, and words of the parameters.

    The widest gap of one run may be that of another item in the other: only the words tell.
    """
    return _bare(before, spoken) != _bare(after, spoken)


def _bare(finding: Finding, spoken: list[str]) -> list[str]:
    text = finding.sentence
    for word in sorted({*spoken, finding.verdict or ""} - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return re.findall(r"[^\W\d_]+", text)


def _of_words(before: Any, after: Any) -> Movement:
    """Words, truth values and lists; a number that has become a word has changed."""
    kinds = [type(one).__name__ for one in (before, after)]
    if isinstance(before, list) and isinstance(after, list):
        return _of_lists(before, after)
    basis = {"str": "words", "bool": "yes or no"}.get(kinds[0], "words")
    if kinds[0] != kinds[1]:
        return Movement(CHANGED, "different kinds of value")
    return Movement(SAME if before == after else CHANGED, basis)


def _of_lists(before: list[Any], after: list[Any]) -> Movement:
    """Lists by their entries, in their order; the note says what came and went."""
    # True and 1 are equal in Python, and are not the same answer.
    first, second = ([(isinstance(one, bool), one) for one in part] for part in (before, after))
    if first == second:
        return Movement(SAME, "list")
    if not all(isinstance(one, str) for one in before + after):
        return Movement(CHANGED, "list")
    gone, come = ([one for one in dict.fromkeys(part) if one not in other]
                  for part, other in ((before, after), (after, before)))  # fmt: skip
    parts = [f"{name}: {listed(some)}" for name, some in (("gone", gone), ("new", come)) if some]
    repeated = "the same entries, not as often" if len(before) != len(after) else ""
    note = "; ".join(parts) or repeated or "the same entries in another order"
    return Movement(CHANGED, "list", note)


def listed(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _of_numbers(before: Finding, after: Finding, answers: str, levels: str) -> Movement:
    b, lb, ub = map(_as_float, (before.value, before.low, before.high))
    a, la, ua = map(_as_float, (after.value, after.low, after.high))
    if before.value == after.value:
        return Movement(SAME, "equal", estimate=0.0)
    estimate = a - b
    if not math.isfinite(estimate):
        return Movement(CANNOT, "too large a number")
    if _close(b, a, before, after):
        note = "no further apart than two computations of the same may be"
        return Movement(SAME, "tolerance", note, estimate)
    ends = (before.low, before.high, after.low, after.high)
    if isinstance(before.value, int) and isinstance(after.value, int) and ends == (None,) * 4:
        return Movement(CHANGED, "count", estimate=estimate)
    lacking = _lacking(b, lb, ub), _lacking(a, la, ua)
    if any(lacking):
        return Movement(CANNOT, *_why(*lacking), estimate)
    if levels:
        return Movement(CANNOT, "levels differ", levels, estimate)
    _, low, high = difference_interval((b, lb, ub), (a, la, ua))
    if not (math.isfinite(low) and math.isfinite(high)):
        return Movement(CANNOT, "too large a number", estimate=estimate)
    word = MOVED if low > 0 or high < 0 else WITHIN
    sure = answers in (TOLD, TAKEN) or not _overlap((lb, ub), (la, ua))
    return Movement(word if sure else word + IF, f"intervals, {answers}", "", estimate, low, high)


def _lacking(value: float, low: float, high: float) -> str:
    """Why an interval says nothing of the noise of its value; empty where it does."""
    if math.isnan(low) and math.isnan(high):
        return "no interval"
    if math.isnan(low) or math.isnan(high):
        return "one-sided interval"
    slack = 1e-9 * max(abs(low), abs(high))
    if not low - slack <= value <= high + slack:
        return "value outside its interval"
    return "" if high > low else "interval without width"


def _why(before: str, after: str) -> tuple[str, str]:
    """Basis and note of what lacks an interval, in one run or for two reasons."""
    if before == after:
        return before, ""
    parts = [f"{lack} {when}" for lack, when in ((before, "before"), (after, "after")) if lack]
    return before or after, "; ".join(parts)


def _as_float(value: Any) -> float:
    """The number as a float: NaN where there is none, infinite where it is too large."""
    try:
        return math.nan if value is None else float(value)
    except OverflowError:
        return math.inf
