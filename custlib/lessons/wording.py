"""Words that several lessons say their numbers in."""

from collections.abc import Iterable

from custlib.report import numbers


def percents(shares: Iterable[float]) -> str:
    """Shares (0–1) in per cent, one after the other."""
    return ", ".join(numbers.percent(one, 1) for one in shares)
