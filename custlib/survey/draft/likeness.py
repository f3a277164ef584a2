"""Columns of one file that are answered alike make one another likelier to be ratings."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from custlib.survey.draft.answers import Cells, answers_of
from custlib.survey.draft.batteries import YES
from custlib.survey.draft.observed import Observed
from custlib.survey.draft.verdicts import COUNT, TWO_ANSWERS, ZERO, Kind
from custlib.survey.draft.vocabulary import is_named

LEAST_ALIKE = 2  # columns answered alike support one another


def like_the_others(
    kinds: dict[str, Kind], columns: Mapping[str, Observed], cells: Mapping[str, Cells]
) -> dict[str, Kind]:
    """Columns of the same answers make one another likelier to be ratings.

    Where several are answered from 1 to 5, one that nobody gave the highest code is so as well.
    """
    rated = {name: one.answers for name, one in kinds.items() if one.answers}
    scale_of = {name: one.scale for name, one in rated.items() if not one.labels}
    (common, n), *_ = [*Counter(scale_of.values()).most_common(1), (None, 0)]
    alike = [cells[name] for name, scale in scale_of.items() if scale == common]
    worded = [cells[name] for name in rated if cells[name].words]
    found = dict(kinds)
    for name, kind in kinds.items():
        one, own = columns[name], cells[name]
        if kind.kind == "group" and not own.labels and not is_named("group", *one.texts):
            kind = _in_their_words(kind, one, own, worded)
            kind = found[name] = _in_their_codes(kind, one, own, alike, common)
        scale = kind.answers.scale if kind.answers else None
        if kind.doubt == COUNT and n >= LEAST_ALIKE and scale == common:
            reason = f"{kind.reason}, as in {n} columns without labels"
            doubt = COUNT if is_named("count", *one.texts) else ""
            found[name] = replace(kind, reason=reason, doubt=doubt)
        if _begins_early(name, scale_of, cells):
            found[name] = replace(kind, doubt=ZERO)
    return found


def _in_their_words(kind: Kind, one: Observed, own: Cells, worded: list[Cells]) -> Kind:
    """A rating where all words of a column of few values are answers to one."""
    known = [other for other in worded if own.words and own.words.keys() <= other.words.keys()]
    answers = answers_of(one, known) if known and not own.codes else ""
    return kind if isinstance(answers, str) else Kind("item", answers.basis, answers)


def _in_their_codes(
    kind: Kind, one: Observed, own: Cells, alike: list[Cells], common: tuple | None
) -> Kind:
    """A rating, perhaps, where all codes of a column of few values lie on the common scale."""
    is_pair = len(own.codes) == 2
    is_other = not own.codes or own.words or own.given == YES
    if is_other or len(alike) < (1 if is_pair else LEAST_ALIKE):
        return kind
    answers = answers_of(one, alike)
    if isinstance(answers, str) or answers.scale != common:
        return kind
    # Two groups have the codes 1 and 2 as well.
    if is_pair and (1 in own.codes or is_named("count", *one.texts)):
        return replace(kind, doubt=TWO_ANSWERS)
    return Kind("item", answers.basis, answers, doubt=TWO_ANSWERS if is_pair else COUNT)


def _begins_early(name: str, scale_of: Mapping[str, tuple], cells: Mapping[str, Cells]) -> bool:
    """Whether a column has zeros, and several that end where it does have none."""
    low, high, *_ = scale_of.get(name, (1, 0))
    if low or 0 not in cells[name].given:
        return False
    others = [cells[one].given for one in scale_of]
    return sum(min(one) == 1 and max(one) == high for one in others if one) >= LEAST_ALIKE
