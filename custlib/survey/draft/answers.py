"""Answers of a column read as codes of a scale, with what is no answer set apart."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from custlib.survey.codebook.parts import canonical
from custlib.survey.draft.ladders import degree, is_judgement, ladder_of
from custlib.survey.draft.naming import one_line
from custlib.survey.draft.observed import Observed, code_in, place_in
from custlib.survey.draft.vocabulary import (
    NO_ANSWER_CODES,
    is_personal_cell,
    means_no_answer,
    tells_of_nobody,
)

# Scales that questionnaires use; the first that holds all answers is taken.
USUAL = ((1, 3), (1, 4), (1, 5), (1, 6), (1, 7), (0, 4), (0, 5), (1, 10), (0, 10))
RARE = {(1, 3), (1, 4), (1, 6), (0, 4), (0, 5)}  # believed where both ends occur
LONGEST_SCALE = 10  # a code beyond it belongs to no usual scale
STRAY_SHARE = 0.05  # of the answers that may be off the scale before it is not believed
SELDOM = 0.01  # share of the answers at an end of the scale below which it may be a slip
RANKING = "the places of a ranking"
LONGEST_STRAY, MOST_DIGITS = 40, 4
PLACES = "codes without texts: which end is the best answer?"


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column sorted by what they are."""

    codes: dict[int, int]
    labels: dict[int, str]
    missing: dict[str, str]
    words: dict[str, int]
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
        elif means_no_answer(spelled) and _is_quotable(spelled, count):
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
    return Cells(codes, labels, missing, words, bool(places))


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

    `together` are the cells of all columns of the same battery: what one of them lacks, another
    may show.
    """
    cells = sorted_cells(seen)
    battery = [*together] or [cells]
    if not cells.codes:
        return _in_words(cells, battery, seen) if cells.words else ""
    answers = _in_codes(cells, battery, recommend)
    if isinstance(answers, str):
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
    missing = dict(cells.missing)
    labels = {code: text for one in battery for code, text in one.labels.items()} | cells.labels
    present: dict[int, int] = {}
    for code, n in (pair for one in battery for pair in one.codes.items()):
        present[code] = present.get(code, 0) + n
    labels = _without_odd_codes(labels, present, missing)
    ends = _ends(labels, present, recommend)
    if ends is None:
        return ""
    (low, high), basis = ends
    if any(found and low <= found[0] <= high for found in map(code_in, missing)):
        return ""  # a code amid the others that means no answer: no scale
    off = {code: n for code, n in cells.codes.items() if not low <= code <= high}
    strange = {code: n for code, n in off.items() if not is_no_answer_code(code)}
    inside = sum(cells.codes.values()) - sum(off.values())
    n = sum(strange.values())
    if not inside or n > max(1, STRAY_SHARE * inside):
        return "" if labels or 2 * n > inside else f"{n} of {n + inside} answers are off its scale"
    if any(len(str(code)) > MOST_DIGITS for code in strange):
        return "it holds a long number, not quoted here"
    guessed = {code: n for code, n in off.items() if str(code) not in missing}
    for code in sorted(guessed):
        reason = "off the scale" if code in strange else "no answer, guessed"
        missing[str(code)] = f"{reason} ({code})"
    taken = {code: n for code, n in guessed.items() if code not in strange}
    most = 0 if labels or (low, high) == (1, 5) else max((low, high) in RARE, SELDOM * inside)
    few = {code: n for code in (low, high) if 0 < (n := present.get(code, 0)) <= most}
    odd = (strange, "off the scale"), (taken, "taken for no answer"), (few, "an end, or slips?")
    doubts = {kind: f"{_counted(codes)}: {kind}" for codes, kind in odd if codes}
    doubts |= {PLACES: PLACES} if cells.are_places else {}
    shown = {code: text for code, text in labels.items() if low <= code <= high}
    guesses = frozenset(map(str, guessed))
    return Answers(low, high, shown, missing, basis, _judges(shown, low, high), doubts, guesses)


def _counted(codes: Mapping[int, int]) -> str:
    """How often each code occurs."""
    return "answers " + ", ".join(f"{code} ({n} times)" for code, n in sorted(codes.items()))


def is_no_answer_code(code: int) -> bool:
    """Whether questionnaires use this code, off their scale, for no answer."""
    return code < 0 or code in NO_ANSWER_CODES


def _without_odd_codes(
    labels: Mapping[int, str], present: Mapping[int, int], missing: dict[str, str]
) -> dict[int, str]:
    """Labels of the scale alone: a labelled 9 behind a gap above 5 is no answer."""
    kept = dict(labels)
    for code in filter(is_no_answer_code, sorted(labels, reverse=True)):
        lower = {one for one in (*kept, *present) if one < code}
        if code < 0 or (len(lower) > 2 and code - max(lower) > 1):
            missing.setdefault(str(code), kept.pop(code))
    return kept


def _ends(
    labels: Mapping[int, str], present: Mapping[int, int], recommend: bool
) -> tuple[tuple[int, int], str] | None:
    """Lowest and highest answer, by the labels or else by the answers that occur."""
    answers = {code: n for code, n in present.items() if code >= 0}
    if len(labels) >= 2:
        low, high = min(labels), max(labels)
        outside = {code: n for code, n in answers.items() if not low <= code <= high}
        few = sum(outside.values()) <= STRAY_SHARE * sum(answers.values())
        whole = few and len(labels) > high - low
        if 2 <= high - low <= LONGEST_SCALE and (whole or all(map(is_no_answer_code, outside))):
            return (low, high), "the labels of its answers"
    for gone in sorted(set(answers) & NO_ANSWER_CODES, reverse=True):
        top = max((code for code in answers if code < gone), default=gone)
        if gone > LONGEST_SCALE or (gone - top > 1 and top <= 7 and not recommend):
            del answers[gone]
    # What lies within the longest scale is an answer, however seldom it was given.
    answers = {code: n for code, n in answers.items() if code <= LONGEST_SCALE}
    likely = ((0, 10), *USUAL) if recommend and max(answers, default=0) > 7 else USUAL
    for low, high in likely:
        believed = (low, high) not in RARE or {low, high} <= {*answers, *labels}
        if answers and believed and all(low <= code <= high for code in (*answers, *labels)):
            return (low, high), "the answers that occur"
    return None


def _judges(labels: Mapping[int, str], low: int, high: int) -> bool:
    """Whether the labels are those of judgements: in order, or at the two ends alone."""
    if not labels:
        return False
    if ladder_of(labels.values()) or any(degree(canonical(text)) for text in labels.values()):
        return True
    return set(labels) == {low, high} and high - low > 2
