"""The lowest and the highest answer of a scale, told by labels or by the answers that occur."""

from collections.abc import Iterable, Mapping

from custlib.survey.draft.vocabulary import NO_ANSWER_CODES

# Scales that questionnaires use; the first that holds all answers is taken.
USUAL = ((1, 3), (1, 4), (1, 5), (1, 6), (1, 7), (0, 4), (0, 5), (1, 10), (0, 10))
RARE = {(1, 3), (1, 4), (1, 6), (0, 4), (0, 5)}  # believed where both ends occur
LONGEST_SCALE = 10  # a code beyond it belongs to no usual scale
STRAY_SHARE = 0.05  # of the answers that may be off the scale before it is not believed


def is_no_answer_code(code: int) -> bool:
    """Whether questionnaires use this code, off their scale, for no answer."""
    return code < 0 or code in NO_ANSWER_CODES


def parted(
    labels: Mapping[int, str], present: Iterable[int], missing: Mapping[str, str]
) -> tuple[dict[int, str], dict[str, str]]:
    """Labels of the scale, and those of no answer: a labelled 9 behind a gap above 5 is none."""
    kept, parted = dict(labels), dict(missing)
    for code in filter(is_no_answer_code, sorted(labels, reverse=True)):
        lower = {one for one in (*kept, *present) if one < code}
        if code < 0 or (len(lower) > 2 and code - max(lower) > 1):
            parted.setdefault(str(code), kept.pop(code))
    return kept, parted


def ends_by_labels(labels: Mapping[int, str], present: Mapping[int, int]) -> tuple[int, int] | None:
    """Lowest and highest answer where the labels tell them."""
    low, high = min(labels, default=0), max(labels, default=0)
    if not 2 <= high - low <= LONGEST_SCALE:
        return None
    answers = {code: n for code, n in present.items() if code >= 0}
    outside = {code: n for code, n in answers.items() if not low <= code <= high}
    few = sum(outside.values()) <= STRAY_SHARE * sum(answers.values())
    whole = few and len(labels) > high - low
    return (low, high) if whole or all(map(is_no_answer_code, outside)) else None


def ends_by_use(
    present: Iterable[int], labels: Iterable[int], recommend: bool
) -> tuple[int, int] | None:
    """Lowest and highest answer of the first usual scale that holds all answers and labels."""
    answers = without_no_answers(present, recommend)
    known = answers.union(labels)
    likely = ((0, 10), *USUAL) if recommend and max(answers, default=0) > 7 else USUAL
    holding = (ends for ends in likely if known <= {*range(ends[0], ends[1] + 1)})
    believed = (ends for ends in holding if ends not in RARE or known.issuperset(ends))
    return next(believed, None) if answers else None


def without_no_answers(present: Iterable[int], recommend: bool) -> set[int]:
    """Codes within the longest scale, without those that lie behind a gap and mean no answer."""
    answers = {code for code in present if code >= 0}
    for gone in sorted(answers & NO_ANSWER_CODES, reverse=True):
        top = max((code for code in answers if code < gone), default=gone)
        if gone > LONGEST_SCALE or (gone - top > 1 and top <= 7 and not recommend):
            answers.remove(gone)
    # What lies within the longest scale is an answer, however seldom it was given.
    return {code for code in answers if code <= LONGEST_SCALE}
