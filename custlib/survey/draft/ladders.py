"""The order of answers that are written as words, from the least to the most favorable."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from custlib.survey.codebook.parts import canonical

FAIRLY = ("poor|bad", "fair|average|acceptable|satisfactory|neutral|ok|okay", "good")
# Whole scales that follow no rule; each rung lists the words that stand for it. Of the scales
# that hold all words the shortest is taken, and of these the first.
LADDERS: tuple[tuple[str, ...], ...] = (
    FAIRLY,
    ("плохо", "средне|нормально|удовлетворительно", "хорошо"),
    ("slabo", "srednje|zadovoljivo|povprečno", "dobro"),
    ("poor", "fair|only fair", "good", "excellent"),
    ("неудовлетворительно|плохо", "удовлетворительно", "хорошо", "отлично"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("very poor|very bad|terrible|awful", *FAIRLY, "very good|excellent"),
    ("never", "rarely|seldom", "sometimes|occasionally", "often|usually", "always"),
    ("очень плохо|ужасно", "плохо", "средне|нормально", "хорошо", "очень хорошо|отлично"),
    ("никогда", "редко", "иногда", "часто", "всегда"),
    ("zelo slabo", "slabo", "srednje|zadovoljivo|povprečno", "dobro", "zelo dobro|odlično"),
    ("nikoli", "redko", "včasih", "pogosto", "vedno"),
    ("terrible|awful|very poor", *FAIRLY, "very good", "excellent"),
)
OFTEN = re.compile("never|always|никогда|всегда|nikoli|vedno")
NEGATIVE = re.compile(
    r"\b(dis|un)(satisf|agree|likely|important|happy|favou?r)|\bbad\b|\bpoor|неудовлетв|недовол"
    r"|несоглас|неважн|маловероят|плох|nezadovolj|nestrinja|nepomem|neverjet|malo verj|\bslab"
)
JUDGED = (
    r"satisf|agree|likely|important|happy|favou?r|good|удовлетв|довол|соглас|важн|важен|вероят"
    r"|хорош|zadovolj|strinja|pomemb|verjet|dobr"
)
POSITIVE = re.compile(JUDGED)
NEUTRAL = re.compile(
    r"\b(neither|neutral|undecided|average|indifferent)\b|\bни\b.*\bни\b|нейтраль|\bniti\b|nevtral"
    r"|отчасти.*отчасти|\bне уверен|neopredel|и да,? и нет"
)
NEGATION = re.compile(r"\b(not|\w+n[’']t|не|ни|ne|ni|nisem|nismo|niso|nista)\b")
NEGATED = re.compile(rf"{NEGATION.pattern}\s+(?P<adverbs>([\w-]+ ){{0,3}}?)\w*?({JUDGED})")
# Words between a negation and what it negates: "not so", and those that add nothing.
WEAKENED = re.compile(
    r"(so|very|too|that|all|really|particularly|especially|quite|overly|much|fully|completely"
    r"|entirely|totally|highly|extremely|strongly|очень|слишком|особо|особенно|совсем|вполне|так"
    r"|полностью|сильно|preveč|zelo|ravno|posebej|posebno|povsem|popolnoma|dovolj|tako|najbolj)"
)
FILLING = {"se", "sem", "smo", "bi", "to", "a"}
NONE_AT_ALL = re.compile(r"\bnot\b.*\bat all\b|\bсовсем не\b|\bвовсе не\b|\bsploh (se )?n")
DEGREES = (
    (4, r"\b(extremely|completely|totally|strongly|fully|entirely|absolutely|definitely)\b"),
    (4, r"полност|совершенно|абсолютно|крайне|категорич|точно|popolnoma|povsem|izjemno|sploh"),
    (3, r"\b(very|highly)\b|очень|\bzelo\b"),
    (1.5, r"\b(moderately|fairly|quite|mostly)\b|умеренно|\b(precej|zmerno|pretežno|srednje)\b"),
    (1, r"\b(somewhat|rather|partly|tend)\b|скорее|отчасти|\b(delno|deloma|bolj)\b"),
    (0.75, r"\b(slightly|a little)\b|слегка|немного|\b(nekoliko|malo)\b"),
)
PLAIN_DEGREE, NOT_SO, NOT_AT_ALL = 2, -0.5, -4
USUAL_RUNGS, MOST_RUNGS = 5, 7


@dataclass(frozen=True, slots=True)
class Ladder:
    """Codes from 1 upwards for answers in words, the most favorable highest."""

    codes: dict[str, int]
    high: int

    @property
    def invented(self) -> list[int]:
        """Rungs that none of the words stands for."""
        return sorted({*range(1, self.high + 1)} - {*self.codes.values()})


def ladder_of(texts: Iterable[str]) -> Ladder | None:
    """The order of the answers, if every one of them is a rung of one scale."""
    words = {text: canonical(text) for text in texts}
    if len(set(words.values())) < 2:
        return None
    for ladder in LADDERS:
        rungs = {one: at for at, rung in enumerate(ladder, 1) for one in rung.split("|")}
        places = {text: rungs[word] for text, word in words.items() if word in rungs}
        if len(places) == len(words) == len(set(places.values())):
            return Ladder(places, len(ladder))
    return _by_degree(words)


def is_judgement(text: str) -> bool:
    """Whether a text judges something, be its place among other judgements known or not."""
    word = canonical(text)
    return any(one.search(word) for one in (POSITIVE, NEGATIVE, NEUTRAL, NONE_AT_ALL))


def degree(word: str) -> float | None:
    """How favorable an answer is, 0 being neutral; None for what is no judgement.

    "Not so satisfied" lies below "somewhat"; a negation of another form is not understood.
    """
    if NEUTRAL.search(word):
        return 0
    if NONE_AT_ALL.search(word):
        return NOT_AT_ALL
    negative = NEGATIVE.search(word)
    if not (negative or POSITIVE.search(word)):
        return None
    strength = next((size for size, words in DEGREES if re.search(words, word)), PLAIN_DEGREE)
    if not NEGATION.search(word):
        return -strength if negative else strength
    negated = NEGATED.search(word)
    if negative or not negated:
        return None
    adverbs = [one for one in negated["adverbs"].split() if one not in FILLING]
    if not adverbs:
        return -strength
    return NOT_SO if all(map(WEAKENED.fullmatch, adverbs)) and len(adverbs) < 3 else None


def _by_degree(words: dict[str, str]) -> Ladder | None:
    """A scale whose rungs nobody chose are filled in from its other side, if it has two."""
    found = {text: size for text, word in words.items() if (size := degree(word)) is not None}
    sizes = set(found.values())
    if len(found) < len(words) or len(sizes) < len(found):
        return None
    above, below = [one for one in sizes if one > 0], [one for one in sizes if one < 0]
    # "Not satisfied" alone below is the foot of a scale that rises from there.
    foot = len(below) == 1 and not any(NEGATIVE.search(word) for word in words.values())
    if NOT_SO not in sizes and (0 in sizes or (above and below and not foot)):
        both = sizes | {-one for one in sizes}
        if len(both) <= (USUAL_RUNGS if len(above) == len(below) else MOST_RUNGS):
            sizes = both
    if len(sizes) < 3:
        return None
    order = {one: at for at, one in enumerate(sorted(sizes), 1)}
    return Ladder({text: order[one] for text, one in found.items()}, len(sizes))


def direction(labels: Mapping[int, str]) -> int:
    """1 where the highest code is the most favorable answer, -1 where the lowest is, else 0.

    How often something happens may be praise or blame: such labels do not tell.
    """
    ends = [canonical(labels[code]) for code in sorted(labels)[:: max(len(labels) - 1, 1)]]
    if len(ends) < 2 or any(map(OFTEN.fullmatch, ends)):
        return 0
    low, high = map(degree, ends)
    if low is None or high is None:
        ladder = ladder_of(ends)
        low, high = (ladder.codes[one] for one in ends) if ladder else (0, 0)
    return (high > low) - (high < low)
