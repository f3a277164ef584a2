"""Names and labels for variables: short, unique, in letters that every tool can read."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import count, takewhile

from custlib.columns import VOCABULARY
from custlib.survey.plan import DOMAIN, RAKED
from custlib.texts.headers import without_markup

CYRILLIC = dict(zip("абвгдеёзийклмнопрстуфцыэіїєґ", "abvgdeeziyklmnoprstufcyeiyeg", strict=True))
CYRILLIC |= {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu"}
CYRILLIC |= {"я": "ya", "ъ": "", "ь": ""}
LONGEST_NAME, LONGEST_LABEL = 28, 64
LEAST_STEM = 8
# Columns that a study adds to the table of answers; those of `response_quality` among them.
ADDED = {RAKED, DOMAIN, "careful", "everyone", "n_answered", "missing_share", "longest_run"}
ADDED |= {"identical_share", "answer_sd", "is_incomplete", "is_straight", "duration_share"}
ADDED |= {"is_fast", "is_late"}
TAKEN = ADDED | {"null", "true", "false"}


def latin(text: str) -> str:
    """The text in lower-case letters a–z, digits and underscores."""
    spelled = "".join(CYRILLIC.get(letter, letter) for letter in text.casefold())
    plain = (
        unicodedata.normalize("NFKD", spelled.replace("đ", "d")).encode("ascii", "ignore").decode()
    )
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", plain)).strip("_")


def short_name(*texts: str) -> str:
    """A name from the first of the texts that gives one, whole words where it must be cut."""
    name = next(filter(None, map(latin, texts)), "") or "question"
    if len(name) > LONGEST_NAME:
        cut = name[: LONGEST_NAME + 1].rfind("_")
        name = name[: cut if cut > LONGEST_NAME // 3 else LONGEST_NAME]
    return name if name[0].isalpha() else f"q{name}"


def unique_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number if it is taken; tables of results keep their words to themselves."""
    name = f"{name}_asked" if name in VOCABULARY or name in TAKEN else name
    free = (f"{name}_{at}" for at in count(2))
    return name if name not in taken else next(one for one in free if one not in taken)


def one_line(text: str) -> str:
    """The text without markup, line breaks and letters that cannot be printed."""
    shown = "".join(one if one.isprintable() else " " for one in without_markup(text))
    return " ".join(shown.split())


def short_label(text: str) -> str:
    """The text as a table or an axis can carry it."""
    text = one_line(text)
    if len(text) <= LONGEST_LABEL:
        return text
    cut = text[: LONGEST_LABEL - 1].rfind(" ")
    return text[: cut if cut > LONGEST_LABEL // 2 else LONGEST_LABEL - 1].rstrip(" ,;:-–") + "…"


def without_stem(texts: list[str]) -> list[str]:
    """The texts without the question they all begin with."""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    stem = "".join(letters[0] for letters in alike)
    at = max(
        (stem.rfind(mark) for mark in (":", " - ", " – ", " — ", "?", "[", "…", "...")), default=-1
    )
    if at < LEAST_STEM:
        return texts
    rests = [text[at:].lstrip(":-–—?[…. ").rstrip("] ") for text in texts]
    return rests if all(rests) else texts


def distinct(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Labels by name; two that are alike get their names behind them."""
    pairs = list(labels)
    counts: dict[str, int] = {}
    for _, label in pairs:
        counts[label] = counts.get(label, 0) + 1
    return {name: label if counts[label] == 1 else f"{label} ({name})" for name, label in pairs}
