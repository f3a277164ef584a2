"""What each column of a file is: an item, a group, a part of the design, or nothing to estimate."""

import re
from collections.abc import Mapping

import numpy as np

from custlib.survey.codebook.parts import canonical
from custlib.survey.draft.answers import PLACES, Answers, Cells, answers_of, sorted_cells
from custlib.survey.draft.batteries import asked_together, mates_of
from custlib.survey.draft.ends import LONGEST_SCALE
from custlib.survey.draft.ladders import is_judgement, ladder_of
from custlib.survey.draft.likeness import like_the_others
from custlib.survey.draft.observed import Observed
from custlib.survey.draft.verdicts import COUNT, DESIGN, SHORTER, TWO_ANSWERS, Kind, chosen
from custlib.survey.draft.vocabulary import is_named, is_personal_cell, means_no_answer
from custlib.survey.reading.headings import limesurvey

MOST_VALUES = 12  # of a group
MOST_DIGITS = 6  # of its codes; longer ones are numbers of phones or accounts
FEW_ROWS = 20  # below this a share of the rows says nothing
NEARLY_EMPTY = 0.05
LONGEST_NAME = 60  # a question may speak of a phone; a column named so holds its number
TICKS = ({"1"}, {"0", "1"}, {"yes"}, {"yes", "no"}, {"да"}, {"да", "нет"}, {"da"}, {"da", "ne"})
YES_NO = set().union(*TICKS, limesurvey.TICKS)
# The answer in words of one's own, which LimeSurvey offers beside single choices alone.
OTHER = "-oth-"
SHORT_CODE = re.compile(r"-?\d{1,3}")
LEAST_TICKS = 3
UNLIKE = "looks like a rating, but "
PERSONAL = "personal data: left out, and nothing of it is quoted here"


def kinds_of(columns: Mapping[str, Observed]) -> dict[str, Kind]:
    """What each column is taken for, and why."""
    keys = asked_together(one.column for one in columns.values())
    cells = {name: sorted_cells(one) for name, one in columns.items()}
    members: dict[str, list[Observed]] = {}
    for name, key in keys.items():
        members.setdefault(key, []).append(columns[name])
    kinds = {
        name: _kind(one, keys.get(name, ""), members.get(keys.get(name, ""), []), cells)
        for name, one in columns.items()
    }
    kinds = _apart_from_items(like_the_others(kinds, columns, cells), columns, keys)
    return _once(_without_copies(kinds, columns), columns)


def _kind(one: Observed, battery: str, members: list[Observed], cells: Mapping[str, Cells]) -> Kind:
    """What a column is taken for, seen with the columns it was asked with."""
    reason = _unusable(one)
    if reason:
        return Kind("left", reason)
    if design := _design(one):
        return design
    if one.column.role not in ("answer", "custom", "language", "collector"):
        return Kind("left", f"filled in by the survey program ({one.column.role})")
    if _is_tick(one, members):
        return Kind("left", "a tick of a question with several answers")
    if one.platform == limesurvey.PLATFORM and OTHER in one.counts:
        return _group_or_nothing(one)
    recommends = is_named("recommend", *one.texts)
    own = cells[one.name]
    mates, is_shorter = mates_of(own, [cells[two.name] for two in members if two is not one])
    answers = answers_of(one, mates, recommend=recommends)
    if isinstance(answers, str):
        is_group = not answers or _has_fractions(one) or is_named("group", *one.texts)
        return _group_or_nothing(one) if is_group else Kind("left", UNLIKE + answers)
    few = one.filled >= FEW_ROWS and len(own.codes) + len(own.words) < 3
    is_shown = any(len(other.given) > 2 for other in mates) or _has_further(answers, own)
    basis = _rating(one, answers, len(members), recommends)
    if basis is None or (few and not is_shown):
        return _group_or_nothing(one)
    is_count = is_named("count", *one.texts) and not answers.is_ordered
    doubt = COUNT if is_count or not (basis or answers.is_ordered) else ""
    doubt = SHORTER if is_shorter and not answers.labels else doubt
    doubt = TWO_ANSWERS if few and not answers.labels else doubt
    return Kind("item", answers.basis + basis, answers, battery, doubt)


def _has_further(answers: Answers, own: Cells) -> bool:
    """Whether labels of judgements show a scale beyond the answers that were given."""
    said = (code in own.codes or text in own.words for code, text in answers.labels.items())
    return answers.is_ordered and not all(said)


def _is_tick(one: Observed, members: list[Observed]) -> bool:
    """Whether a column is one option of a question with several answers."""
    if one.platform == limesurvey.PLATFORM and (one.column.part or "[" in one.name):
        # Beside its ticks the question has a column for other answers in words.
        return set(one.counts) <= limesurvey.TICKS or set(one.counts) in TICKS
    return len(members) >= LEAST_TICKS and all(set(other.counts) in TICKS for other in members)


def _apart_from_items(
    kinds: dict[str, Kind], columns: Mapping[str, Observed], keys: Mapping[str, str]
) -> dict[str, Kind]:
    """A column that was asked together with ratings is a rating as well, and no group."""
    rated = {one.battery for one in kinds.values() if one.kind == "item"} - {""}
    found = dict(kinds)
    for name in chosen(kinds, "group"):
        one = columns[name]
        if keys.get(name) in rated and len(one.counts) > 2 and not is_named("group", *one.texts):
            found[name] = Kind("left", f"{UNLIKE}not answered as the columns asked with it")
    return found


def _without_copies(kinds: dict[str, Kind], columns: Mapping[str, Observed]) -> dict[str, Kind]:
    """The first of columns that hold the same."""
    seen: dict[tuple, str] = {}
    found = dict(kinds)
    for name, one in columns.items():
        if kinds[name].kind == "left" or one.rows < FEW_ROWS:
            continue
        first = seen.setdefault((tuple(one.counts), one.picks.tobytes()), name)
        if first != name:
            found[name] = Kind("left", f"holds the same as {first!r}")
    return found


def _unusable(one: Observed) -> str:
    """Why nothing can be made of a column; empty where something can."""
    if one.column.is_personal or one.are_personal():
        return PERSONAL
    if not one.counts:
        return "empty"
    if one.rows >= FEW_ROWS and one.filled < NEARLY_EMPTY * one.rows:
        return f"nearly empty: {one.filled} of {one.rows} rows are filled"
    if len(one.counts) == 1:
        blank = one.rows - one.filled if one.column.is_answer else 0
        return f"constant, {blank} blank: a tick?" if blank else "constant: one value throughout"
    return PERSONAL if _names_a_person(one) else ""


def _names_a_person(one: Observed) -> bool:
    """Whether a column is named like somebody's data, and holds more than codes and judgements."""
    names = [text for text in one.texts if len(text) <= LONGEST_NAME]
    if not any(is_named("personal", text) and not is_named("product", text) for text in names):
        return False
    said = [text for text in one.spelled.values() if not means_no_answer(text)]
    plain = all(text in YES_NO or SHORT_CODE.fullmatch(text) for text in map(canonical, said))
    return not (plain or ladder_of(said) or all(map(is_judgement, said)))


def _design(one: Observed) -> Kind | None:
    """A weight, a time or a firm, by name and by what stands in the column."""
    name, role, numbers = one.name, one.column.role, one.numbers()
    known = numbers if numbers is not None else np.zeros(1)
    timing = role == "duration" or is_named("duration", name)
    # A rating may be named so as well, and ends at 10.
    if timing and known.min() >= 0 and known.max() > LONGEST_SCALE:
        return Kind("duration", "its name, and numbers from 0 upwards")
    timed = role in ("recorded", "ended", "started") or is_named("submitted", *one.texts)
    if timed and one.are_times():
        return Kind("submitted" if role != "started" else "left", "its name, and times in it")
    if is_named("weight", name) and len(known) > 2:
        if known.min() > 0 and one.filled == one.rows:
            return Kind("weight", "its name, and a positive number in every row")
        return Kind("left", "a weight by its name, but not a positive number in every row")
    if is_named("population", name) and numbers is not None:
        return Kind("left", "perhaps the size of a population, which 'population:' would name")
    if is_named("firm", name) and MOST_VALUES < len(one.counts) < 0.9 * one.filled:
        return Kind("cluster", "its name, and several rows for one value")
    return None


def _rating(one: Observed, answers: Answers, members: int, recommends: bool) -> str | None:
    """What besides its answers tells that a column is a rating; None where it is none."""
    steps = answers.high - answers.low
    if steps < 2 or is_named("group", *one.texts):
        return None
    if answers.is_ordered:
        return ""
    if PLACES in answers.doubts and members > 1:
        return ", alike in the columns asked with it"
    if answers.labels and not recommends:
        return None
    if members > 1 and steps > 2:
        return ", alike in the columns asked with it"
    if recommends or is_named("overall", *one.texts) or is_named("rating", *one.texts):
        return " and its name"
    return "" if steps > 3 else None


def _has_fractions(one: Observed) -> bool:
    """Whether all cells are numbers, and some of them are not whole."""
    numbers = one.numbers()
    return numbers is not None and bool((numbers % 1).any())


def _group_or_nothing(one: Observed) -> Kind:
    """A column of few values, or the reason why it is none."""
    cells = sorted_cells(one)
    values = [*cells.codes, *cells.words]
    if _has_fractions(one):
        numbers = one.numbers()
        rated = numbers is not None and numbers.min() >= 0 and numbers.max() <= LONGEST_SCALE
        return Kind("left", f"{UNLIKE if rated else ''}its numbers have fractions")
    if one.rows >= FEW_ROWS and len(one.counts) == one.filled:
        what = "free text, or an id" if one.numbers() is None else "a number, or an id"
        what = "an id" if is_named("id", one.name) else what
        return Kind("left", f"all {one.filled} values differ: {what}")
    if cells.words and is_named("text", *one.texts):
        return Kind("left", "free text, by its name")
    if not 2 <= len(values) <= MOST_VALUES or 3 * len(values) > 2 * one.filled:
        what = "free text" if one.numbers() is None else "a number, no scale"
        return Kind("left", f"{len(one.counts)} different values: {what}")
    named = is_named("group", *one.texts)
    is_percent = len(values) > 2 and {*cells.codes} >= {0, 100} and not cells.labels
    if is_percent and not named and all(code % 5 == 0 for code in cells.codes):
        return Kind("left", f"{UNLIKE}its answers are percent, from 0 to 100")
    long = any(len(str(abs(code))) > MOST_DIGITS for code in cells.codes)
    if long or any(map(is_personal_cell, one.spelled.values())):
        return Kind("left", PERSONAL)
    return Kind("group", "few values that recur" + (", and its name" if named else ""))


def _once(kinds: dict[str, Kind], columns: Mapping[str, Observed]) -> dict[str, Kind]:
    """One weight, cluster, duration and time of submission; what else looks like one is left."""
    preferred: dict[str, str] = {}
    rank = {"recorded": 0, "duration": 0, "ended": 1}
    for name in sorted(kinds, key=lambda one: rank.get(columns[one].column.role, 2)):
        if kinds[name].kind in DESIGN:
            preferred.setdefault(kinds[name].kind, name)
    return {
        name: Kind("left", f"might be the {one.kind} as well as {preferred[one.kind]!r}")
        if preferred.get(one.kind, name) != name
        else one
        for name, one in kinds.items()
    }
