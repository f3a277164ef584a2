"""Rounding and the marks of a language: the digits beneath every phrase of `numbers`."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from numbers import Integral
from typing import Any

import pandas as pd

from custlib.checks import require_one_of

MISSING, MINUS, TIMES = "–", "−", "×"
SPACE = "\u00a0"  # no-break: a number and its unit never part at the end of a line
MARKS = {"en": (",", "."), "ru": ("\u202f", ","), "sl": (".", ",")}
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST, LARGEST = Decimal("1e-4"), Decimal("1e15")


def exact_decimal(value: Any) -> Decimal | None:
    """Exact decimal of what a number prints as; None where it is missing."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, Decimal):
        return value
    return Decimal(int(value)) if isinstance(value, Integral) else Decimal(repr(float(value)))


def written(value: Decimal | None, decimals: int | None, language: str) -> str:
    """Digits with the marks of the language; every number of a report passes through here."""
    require_one_of("language", language, MARKS)
    if value is None:
        return MISSING
    if not value.is_finite():
        return MINUS + "∞" if value < 0 else "∞"
    size = abs(value)
    if size >= LARGEST or (decimals is None and 0 < size < SMALLEST):
        return _power_of_ten(value, language)
    places = _significant_decimals(value) if decimals is None else decimals
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return (MINUS if rounded < 0 else "") + marked(f"{abs(rounded):,f}", language)


def _power_of_ten(value: Decimal, language: str) -> str:
    """Three significant figures times a power of ten."""
    rounded = Context(prec=3, rounding=ROUND_HALF_UP).plus(value)
    exponent = rounded.adjusted()
    digits = marked(f"{abs(rounded.scaleb(-exponent)):.2f}", language)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{digits}{SPACE}{TIMES}{SPACE}10{str(exponent).translate(SUPERSCRIPT)}"


def marked(text: str, language: str) -> str:
    """Replace the English marks by the language's own."""
    thousands, point = MARKS[language]
    return "".join({",": thousands, ".": point}.get(sign, sign) for sign in text)


def _significant_decimals(value: Decimal) -> int:
    """Decimals of three significant figures, of two below one; none for an integer."""
    if value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return 0
    figures = 3 if abs(value) >= 1 else 2
    # Rounded first, because 9.996 has three figures as 10.0 and not as 10.00.
    rounded = Context(prec=figures, rounding=ROUND_HALF_UP).plus(value)
    return max(figures - 1 - rounded.adjusted(), 0) if value else 1


def percent_decimals(share: Decimal) -> int:
    """Fewest decimals at which a share that is neither none nor all does not look like it."""
    for places in range(4):
        shown = (share * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        if (shown == 0) == (share == 0) and (shown == 100) == (share == 1):
            return places
    return 4


def are_whole_percents(shares: Any) -> bool:
    """Whether all shares that are not missing are whole percentages."""
    return not any(
        Decimal(repr(float(one))) % Decimal("0.01") for one in shares if math.isfinite(one)
    )


def interval_decimals(low: Decimal | None, high: Decimal | None) -> int | None:
    """Decimals that give an interval's width two significant figures; None without a width."""
    if low is None or high is None or not (low.is_finite() and high.is_finite()) or low == high:
        return None
    return min(max(1 - abs(high - low).adjusted(), 0), 4)


def common_decimals(
    values: Any, low: Any = (), high: Any = (), *, unit: str | None = None
) -> int | None:
    """Decimals for a whole column: by its median interval width, else by its largest number."""
    scale = 100 if unit == "share" else 1
    widths = [
        abs(Decimal(repr(float(end))) - Decimal(repr(float(start)))) * scale
        for start, end in zip(low, high, strict=True)
        if math.isfinite(start) and math.isfinite(end) and start != end
    ]
    if widths:
        return interval_decimals(Decimal(0), sorted(widths)[len(widths) // 2])
    sizes = [abs(value) for value in map(float, values) if math.isfinite(value) and value]
    if unit == "share" or not sizes:
        return None
    return min(_significant_decimals(Decimal(repr(max(sizes)))), 3)
