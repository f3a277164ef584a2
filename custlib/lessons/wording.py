"""Words that several lessons say their numbers in."""

from collections.abc import Iterable, Sequence

import numpy as np

from custlib.report import numbers


def percents(shares: Iterable[float]) -> str:
    """Shares (0–1) in per cent, one after the other."""
    return ", ".join(numbers.percent(one, 1) for one in shares)


def lettered(statements: Sequence[str], seed: int) -> dict[str, str]:
    """Statements under letters from a on, in an order that hangs on the seed.

    So the letter of what is true cannot be copied from a reader with another seed.
    """
    order = np.random.default_rng(seed).permutation(len(statements))
    return {chr(ord("a") + at): statements[place] for at, place in enumerate(order)}


def letters(statements: Sequence[str], seed: int, *wanted: str) -> list[str]:
    """The letters under which some of the statements stand."""
    return [letter for letter, said in lettered(statements, seed).items() if said in wanted]
