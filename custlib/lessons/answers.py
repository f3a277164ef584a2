"""Kinds of answers: what may stand in an answer at all, and when it is the right one."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, Protocol

import numpy as np
import pandas as pd


class Kind(Protocol):
    """One kind of answer: what is wrong with its form, and how far it is from another."""

    def fault(self, answer: Any) -> str:
        """What keeps the answer from being one of this kind; empty where nothing does."""

    def apart(self, answer: Any, key: Any) -> float:
        """How many tolerances lie between two answers sound in form; at most 1 is the same."""

    def same(self, answer: Any, key: Any) -> bool:
        """Whether the answer, sound in form, is the key."""
        return self.apart(answer, key) <= 1

    def near(self, answer: Any, key: Any) -> str:  # noqa: ARG002
        """What a wrong answer has in common with the key; empty where nothing is to be seen."""
        return ""


@dataclass(frozen=True)
class Number(Kind):
    """A single number, right when it is as near to the key as `within`."""

    within: float
    low: float = -math.inf
    high: float = math.inf
    unit: str = "a number"

    def fault(self, answer: Any) -> str:
        """What is no single finite number, or lies where no such number can lie."""
        single = _unwrapped(answer)
        if isinstance(single, Collection) and not isinstance(single, str):
            return (
                f"One number is asked for, and this is {_a_type(single)} of {len(single)}. "
                "Which of its values is meant, or how do they become one?"
            )
        if (found := _number(single)) is None:
            return f"A number is asked for, and this is {_shown(single)}."
        if not math.isfinite(found):
            return f"This is {found}: somewhere a missing value or a division by 0 came in."
        if not self.low <= found <= self.high:
            limits = f"lies between {self.low:g} and {self.high:g}"
            if self.high == math.inf:
                limits = f"is at least {self.low:g}"
            per_cent = "; is this in per cent?" if self.high == 1 and 1 < found <= 100 else "."
            return f"{self.unit.capitalize()} {limits}{per_cent}"
        if not self.within and found % 1:
            part = "; is this a share?" if found < 1 else "."
            return f"{self.unit.capitalize()} is a whole number{part}"
        return ""

    def apart(self, answer: Any, key: Any) -> float:
        """How far the two differ, beside what rounding may do."""
        return _apart(answer, key, self.within)

    def near(self, answer: Any, key: Any) -> str:
        """Whether it is the key in per cent, or the key with too few digits."""
        return _misprinted([(answer, key)], self.within)


def share(within: float = 0.0005) -> Number:
    """A share of a whole, between 0 and 1; three digits are enough."""
    return Number(within, 0, 1, "a share")


def count() -> Number:
    """A number of things, exact."""
    return Number(0, 0, unit="a count")


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    options: tuple[str, ...]

    def fault(self, answer: Any) -> str:
        """What is none of the words."""
        if _is_word(word := _unwrapped(answer), self.options):
            return ""
        return f"Expected one of {_listed(self.options)}, and this is {_shown(word)}."

    def apart(self, answer: Any, key: Any) -> float:
        """None where it is the same word."""
        return 0.0 if _unwrapped(answer) == key else math.inf


@dataclass(frozen=True)
class Choices(Kind):
    """Several words, in any order."""

    options: tuple[str, ...]

    def fault(self, answer: Any) -> str:
        """What is no collection of the words, or has one twice."""
        words = _unwrapped(answer)
        if isinstance(words, str) or not isinstance(words, Collection):
            return f"A list of names is asked for, and this is {_shown(words)}."
        strange = [word for word in words if not _is_word(word, self.options)]
        if isinstance(words, dict | pd.DataFrame) or (strange and isinstance(words, pd.Series)):
            told = f"A list of names is asked for, and this is {_a_type(words)}"
            return f"{told}; are the names in its index?"
        if strange:
            return f"Expected names among {_listed(self.options)}; {_shown(strange[0])} is none."
        return "" if len(set(words)) == len(words) else "A name stands there twice."

    def apart(self, answer: Any, key: Any) -> float:
        """None where the words are the same."""
        return 0.0 if set(answer) == set(key) else math.inf


@dataclass(frozen=True)
class Values(Kind):
    """One number for each name, as a Series or a dict, right when each is near to the key."""

    within: float
    names: tuple[str, ...]

    def fault(self, answer: Any) -> str:
        """What is no Series or dict, has a name too few, too many or twice, or no number."""
        if not isinstance(answer, pd.Series | dict):
            return f"A Series or a dict with one number a name is asked for, not {_shown(answer)}."
        names = [name for name, _ in _items(answer)]
        if lacking := [name for name in self.names if name not in names]:
            return f"There is no number for {lacking[0]!r}."
        if strange := [name for name in names if name not in self.names]:
            return f"Nothing was asked about {strange[0]!r}."
        if twice := [name for name in self.names if names.count(name) > 1]:
            return f"There is more than one number for {twice[0]!r}."
        for name, value in answer.items():
            if (found := _number(value)) is None or not math.isfinite(found):
                return f"The value for {str(name)!r} is not a finite number."
        return ""

    def apart(self, answer: Any, key: Any) -> float:
        """How far the values of one name differ, for the name whose values differ most."""
        pairs = self._pairs(answer, key).values()
        return max(_apart(*pair, self.within) for pair in pairs)

    def near(self, answer: Any, key: Any) -> str:
        """Whether it is the key in per cent or with too few digits, or right for some names."""
        pairs = self._pairs(answer, key)
        kept = [name for name in self.names if _apart(*pairs[name], self.within) <= 1]
        lost = _listed(name for name in self.names if name not in kept)
        part = f"Right for {_listed(kept)}, not for {lost}." if kept else ""
        return _misprinted(list(pairs.values()), self.within) or part

    def _pairs(self, answer: Any, key: Any) -> dict[str, tuple[Any, Any]]:
        found, right = dict(_items(answer)), dict(_items(key))
        return {name: (found[name], right[name]) for name in self.names}


def _unwrapped(answer: Any) -> Any:
    """What stands in an array without a dimension, or the answer itself."""
    bare = isinstance(answer, np.generic) or (isinstance(answer, np.ndarray) and not answer.ndim)
    return answer.item() if bare else answer


def _number(answer: Any) -> float | None:
    """The answer as a float, infinite where it is too large for one; None where it is no number."""
    single = _unwrapped(answer)
    if isinstance(single, bool) or not isinstance(single, Real | Decimal):
        return None
    try:
        return float(single)
    except OverflowError:
        return math.inf


def _apart(answer: Any, key: Any, within: float) -> float:
    found, right = _number(answer), _number(key)
    if found is None or right is None or not within:
        return 0.0 if found == right else math.inf
    return abs(found - right) / (within * (1 + 1e-9))  # a half at the last digit is the same


def _misprinted(pairs: list[tuple[Any, Any]], within: float) -> str:
    """Whether all are their keys in per cent, or near them and cut to the digits asked for."""
    found = [(_number(answer) or 0.0, key) for answer, key in pairs]
    if all(math.isclose(answer / 100, key, rel_tol=0.01) for answer, key in found):
        return "A hundred times too large: is this in per cent?"
    digits = max(0, math.ceil(-math.log10(2 * within))) if within else 0
    cut = all(math.isclose(answer, round(answer, digits)) for answer, _ in found)
    if cut and all(_apart(answer, key, within) <= 10 for answer, key in found):
        return "Near, but not near enough: are digits missing?"
    return ""


def _items(answer: Any) -> list[tuple[str, Any]]:
    """Names with their values; a name that became 1.0 on the way is "1" again."""
    return [(_name(name), value) for name, value in answer.items()]


def _name(name: Any) -> str:
    return str(int(name) if isinstance(name, float) and name.is_integer() else name)


def _shown(answer: Any) -> str:
    """The answer as it would be typed, or its type where that is long."""
    text = repr(_unwrapped(answer))
    return text if len(text) <= 40 and "\n" not in text else _a_type(answer)


def _a_type(answer: Any) -> str:
    return f"a {type(answer).__name__}"


def _is_word(answer: Any, options: tuple[str, ...]) -> bool:
    return isinstance(answer, str) and answer in options


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(repr, words))
