"""Answers of a column read as codes of a scale, with what is no answer set apart."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from custlib.survey.codebook.parts import canonical
from custlib.survey.draft.ends import (
    RARE,
    STRAY_SHARE,
    ends_by_labels,
    ends_by_use,
    is_no_answer_code,
    parted,
    without_no_answers,
)
from custlib.survey.draft.ladders import degree, is_judgement, ladder_of
from custlib.survey.draft.naming import one_line
from custlib.survey.draft.observed import Observed, code_in, place_in
from custlib.survey.draft.vocabulary import is_personal_cell, means_no_answer, tells_of_nobody

SELDOM = 0.01  # share of the answers at an end of the scale below which it may be a slip
RANKING = "the places of a ranking"
LONGEST_STRAY, MOST_DIGITS = 40, 4
PLACES = "codes without texts: which end is the best answer?"
SIGN, NO_SIGN = re.compile(r"-+"), "signs taken for no answer"


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column sorted by what they are.

    `given` are its codes without those of no answer.
    """

    codes: dict[int, int]
    labels: dict[int, str]
    missing: dict[str, str]
    words: dict[str, int]
    given: frozenset[int]
    are_places: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """A scale that the cells fit, the codes that are no answers, and what is doubtful.

    `guessed` are the codes of no answer that the file itself does not explain; `doubts` tell by
    kind what is odd.
    """

    low: int
    high: int
    labels: dict[int, str]
    missing: dict[str, str]
    basis: str
    is_ordered: bool
    doubts: dict[str, str] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()

    @property
    def scale(self) -> tuple:
        """What makes two scales the same one."""
        labels = tuple(sorted(self.labels.items()))
        return self.low, self.high, labels, self.basis == RANKING

    def besides(self, strays: Mapping[str, int], doubt: str) -> "Answers":
        """The same answers, with words among them that are none."""
        return replace(
            self,
            missing=self.missing | dict.fromkeys(strays, "not understood"),
            guessed=self.guessed | {*strays},
            doubts=self.doubts | {doubt: f"{doubt}: {', '.join(strays)}"},
        )


def sorted_cells(seen: Observed) -> Cells:
    """Cells as codes with their labels, codes and words of no answer, and other words."""
    codes: dict[int, int] = {}
    labels: dict[int, str] = {}
    missing = dict(seen.no_answer)
    words: dict[str, int] = {}
    places = {text: place for text in seen.counts if (place := place_in(text, seen))}
    named = {code: text for code, text in seen.labels.items() if code not in seen.unasked}
    for code, text in named.items():
        found = code_in(code)
        if means_no_answer(text):
            missing[code] = text
        elif found and one_line(text) and canonical(text) != code:
            labels[found[0]] = one_line(text)
    for text, count in seen.counts.items():
        spelled = seen.spelled[text]
        found = (places[text], spelled) if text in places else code_in(spelled)
        if text in missing:
            continue
        if found and found[1] and means_no_answer(found[1]):
            missing[str(found[0])] = found[1]
        elif found and not is_personal_cell(spelled):
            codes[found[0]] = codes.get(found[0], 0) + count
            if found[1]:
                labels[found[0]] = one_line(found[1])
        elif SIGN.fullmatch(text) or (means_no_answer(spelled) and _is_quotable(spelled, count)):
            missing[spelled] = ""
        else:
            words[spelled] = count
    if places:
        # A code that nobody chose has its place all the same, in the spelling of the others.
        lowest = seen.spelled[min(places, key=places.__getitem__)]
        letters = lowest.rstrip("0123456789")
        digits = len(lowest) - len(letters) if lowest[len(letters)] == "0" else 1
        steps = range(1, max(places.values()) + 1)
        labels = {at: f"{letters}{at:0{digits}}" for at in steps} | labels
    given = frozenset(without_no_answers(codes, recommend=False))
    return Cells(codes, labels, missing, words, given, bool(places))


def wordings(seen: Observed) -> Counter[tuple[str, str]]:
    """How often each code stands in a cell with words that say that it is no answer."""
    found: Counter[tuple[str, str]] = Counter()
    for text, count in seen.counts.items():
        led = code_in(seen.spelled[text])
        if led and means_no_answer(led[1]):
            found[str(led[0]), one_line(led[1])] += count
    return found


def answers_of(
    seen: Observed, together: Iterable[Cells] = (), *, recommend: bool = False
) -> Answers | str:
    """The scale a column is answered on, or why there is none; "" where it looks like no rating.

    `together` are the cells of the other columns of its battery: what it lacks, they may show.
    """
    cells = sorted_cells(seen)
    battery = [cells, *together]
    if not (cells.codes or cells.words):
        return ""
    in_words = not cells.codes
    answers = _in_words(cells, battery, seen) if in_words else _in_codes(cells, battery, recommend)
    if isinstance(answers, str):
        return answers
    if signs := {text: n for text, n in seen.counts.items() if SIGN.fullmatch(text)}:
        answers.doubts[NO_SIGN] = f"{_counted(signs)}: {NO_SIGN}"
    if in_words:
        return answers
    if reason := _unlike(cells.words, sum(cells.codes.values()), seen):
        return reason
    if seen.is_text and all(one.lstrip("-").isdigit() for one in seen.counts):
        answers.doubts["numbers stored as text"] = "numbers stored as text"
    return answers.besides(cells.words, "mixed with words") if cells.words else answers


def _is_quotable(text: str, count: int) -> bool:
    """Whether a draft may show a cell: nothing that one respondent alone has written."""
    if is_personal_cell(text) or len(text) > LONGEST_STRAY:
        return False
    words = text.split()
    # Whom one does not know has a name, which begins with a capital.
    usual = means_no_answer(text) and (not words[2:] or (not words[4:] and text[1:].islower()))
    return count > 1 or usual or tells_of_nobody(text)


def _unlike(strays: Mapping[str, int], answers: int, seen: Observed) -> str:
    """Why cells among answers cannot be set aside as no answers; empty where they can."""
    n = sum(strays.values())
    if n > max(1, STRAY_SHARE * answers):
        return f"{n} of {n + answers} cells are no answers on its scale"
    hidden = sorted(seen.first_rows[one] for one, n in strays.items() if not _is_quotable(one, n))
    rows = ", ".join(map(str, hidden[:5])) + (" …" if hidden[5:] else "")
    what = f"{len(hidden)} cells of words in rows" if hidden[1:] else "1 cell of words in row"
    return f"{what} {rows}, not quoted here" if hidden else ""


def _in_words(cells: Cells, battery: list[Cells], seen: Observed) -> Answers | str:
    """Answers written as words whose order is known."""
    said = sum(cells.words.values())
    common = {word for word, n in cells.words.items() if n > max(1, STRAY_SHARE * said)}
    tries = {word for one in battery for word in one.words}, set(cells.words), common
    ladder = next(filter(None, (ladder_of(sorted(words)) for words in tries)), None)
    if ladder is None or ladder.high < 3:
        judged = sum(n for word, n in cells.words.items() if is_judgement(word))
        some = len(cells.words) > 2 and judged > said / 2
        return "the order of its words is not known" if some else ""
    unknown = {word: n for word, n in cells.words.items() if word not in ladder.codes}
    if reason := _unlike(unknown, said - sum(unknown.values()), seen):
        return reason
    labels: dict[int, str] = {}
    for word, code in ladder.codes.items():
        labels.setdefault(code, one_line(word))
    basis = "the order of the words; the best answer is the highest"
    told = f"rungs {', '.join(map(str, ladder.invented))} were invented: nobody gave them"
    doubts = {"rungs that nobody gave": told} if ladder.invented else {}
    answers = Answers(1, ladder.high, labels, cells.missing, basis, True, doubts)
    return answers.besides(unknown, "words of no known place") if unknown else answers


def _in_codes(cells: Cells, battery: list[Cells], recommend: bool) -> Answers | str:
    """Answers written as whole numbers, with or without labels."""
    present: Counter[int] = Counter()
    for one in battery:
        present.update(one.codes)
    labels = {code: text for one in battery for code, text in one.labels.items()} | cells.labels
    labels, missing = parted(labels, present, cells.missing)
    ends, basis = ends_by_labels(labels, present), "the labels of its answers"
    if ends is None:
        ends, basis = ends_by_use(present, labels, recommend), "the answers that occur"
    if ends is None:
        return ""
    low, high = ends
    if any(found and low <= found[0] <= high for found in map(code_in, missing)):
        return ""  # a code amid the others that means no answer: no scale
    codes = {code: n for code, n in cells.codes.items() if str(code) not in missing}
    off = {code: n for code, n in codes.items() if not low <= code <= high}
    strange = {code: n for code, n in off.items() if not is_no_answer_code(code)}
    reason = _unbelievable(sum(codes.values()) - sum(off.values()), strange, labels)
    if reason is not None:
        return reason
    why = {code: "off the scale" if code in strange else "no answer, guessed" for code in off}
    guessed = {str(code): f"{text} ({code})" for code, text in sorted(why.items())}
    shown = {code: text for code, text in labels.items() if low <= code <= high}
    doubts = _doubts(codes, strange, ends, bool(labels))
    doubts |= {PLACES: PLACES} if cells.are_places else {}
    is_ordered = _judges(shown, low, high)
    every = missing | guessed
    return Answers(low, high, shown, every, basis, is_ordered, doubts, frozenset(guessed))


def _unbelievable(inside: int, strange: Mapping[int, int], labels: Mapping) -> str | None:
    """Why the scale is not believed, with so many answers off it; None where it is."""
    n = sum(strange.values())
    if not inside or n > max(1, STRAY_SHARE * inside):
        return "" if labels or 2 * n > inside else f"{n} of {n + inside} answers are off its scale"
    if any(len(str(code)) > MOST_DIGITS for code in strange):
        return "it holds a long number, not quoted here"
    return None


def _doubts(
    codes: Mapping[int, int], strange: Mapping[int, int], ends: tuple[int, int], labelled: bool
) -> dict[str, str]:
    """What is odd about the codes of a column, by kind."""
    off = {code: n for code, n in codes.items() if not ends[0] <= code <= ends[1]}
    taken = {code: n for code, n in off.items() if code not in strange}
    inside = sum(codes.values()) - sum(off.values())
    most = 0 if labelled or ends == (1, 5) else max(ends in RARE, SELDOM * inside)
    few = {code: n for code in ends if 0 < (n := codes.get(code, 0)) <= most}
    odd = (strange, "off the scale"), (taken, "taken for no answer"), (few, "an end, or slips?")
    return {kind: f"{_counted(some)}: {kind}" for some, kind in odd if some}


def _counted(codes: Mapping) -> str:
    """How often each answer occurs."""
    return "answers " + ", ".join(f"{code} ({n} times)" for code, n in sorted(codes.items()))


def _judges(labels: Mapping[int, str], low: int, high: int) -> bool:
    """Whether the labels are those of judgements: in order, or at the two ends alone."""
    if not labels:
        return False
    if ladder_of(labels.values()) or any(degree(canonical(text)) for text in labels.values()):
        return True
    return set(labels) == {low, high} and high - low > 2
