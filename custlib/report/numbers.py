"""Numbers become text here, once and last; nothing else in custlib rounds."""

from decimal import Decimal
from typing import Any

from custlib.errors import ParameterError
from custlib.report.digits import (
    MISSING,
    SPACE,
    exact_decimal,
    interval_decimals,
    percent_decimals,
    written,
)
from custlib.report.words import catalogue

P, P_LOW, P_HIGH = "p", Decimal("0.001"), Decimal("0.999")


def number(value: Any, decimals: int | None = None, *, language: str = "en") -> str:
    """Number as text, rounded half up, with the language's decimal mark and thousands mark.

    Parameters
    ----------
    value : number or missing
        A missing value becomes an en dash, an infinite one ∞.
    decimals : int, optional
        By default as many as three significant figures need, or two below one.
    language : {"en", "ru", "sl"}, default "en"
        1,234.5 in English, 1 234,5 in Russian (narrow no-break space), 1.234,5 in Slovene.

    Returns
    -------
    str, with a true minus sign; never a negative zero.

    Notes
    -----
    A tie is a tie as on paper: 0.285 to two decimals is 0.29. Extremes become powers of ten.

    Examples
    --------
    >>> number(3.14159), number(1234567.8), number(-0.001, 1), number(float("nan"))
    ('3.14', '1,234,568', '0.0', '–')
    """
    return written(exact_decimal(value), decimals, language)


def count(value: Any, *, language: str = "en") -> str:
    """Count as text: a whole number with thousands marked.

    Parameters
    ----------
    value : number or missing
    language : {"en", "ru", "sl"}, default "en"

    Returns
    -------
    str; an en dash for a missing value.

    Examples
    --------
    >>> count(12345), count(12345, language="sl"), count(171.6), count(None)
    ('12,345', '12.345', '172', '–')
    """
    return written(exact_decimal(value), 0, language)


def percent(share: Any, decimals: int | None = None, *, language: str = "en") -> str:
    """Share (0–1) as a percentage, with a no-break space before the sign.

    Parameters
    ----------
    share : number or missing
        0.54 is written 54 %.
    decimals : int, optional
        By default whole percentages, but as many decimals as keep a share that is neither none
        nor all from being written 0 % or 100 %.
    language : {"en", "ru", "sl"}, default "en"

    Returns
    -------
    str; an en dash for a missing value.

    Examples
    --------
    >>> [percent(share).replace(SPACE, " ") for share in (0.285, 0.004, 0.9996, 1)]
    ['29 %', '0.4 %', '99.96 %', '100 %']
    """
    exact = exact_decimal(share)
    if exact is None or not exact.is_finite():
        return written(exact, 0, language)
    places = percent_decimals(exact) if decimals is None else decimals
    text = written(exact * 100, places, language)
    return f"{text}{SPACE}%"


def p_value(value: Any, *, language: str = "en") -> str:
    """Observed level of significance with three decimals, or a bound beyond them.

    Parameters
    ----------
    value : number from 0 to 1, or missing
    language : {"en", "ru", "sl"}, default "en"

    Returns
    -------
    str; an en dash for a missing value.

    Raises
    ------
    ParameterError
        The value is not a probability.

    Examples
    --------
    >>> p_value(0.0123), p_value(3e-9).replace(SPACE, " ")
    ('0.012', '< 0.001')
    """
    exact = exact_decimal(value)
    if exact is not None and not 0 <= exact <= 1:
        raise ParameterError.because(
            f"A p value of {value!r}.", "Expected a probability from 0 to 1.", "Check its column."
        )
    if exact is not None and exact < P_LOW:
        return f"<{SPACE}{written(P_LOW, 3, language)}"
    if exact is not None and exact > P_HIGH:
        return f">{SPACE}{written(P_HIGH, 3, language)}"
    return written(exact, 3, language)


def interval(
    low: Any,
    high: Any,
    decimals: int | None = None,
    *,
    unit: str | None = None,
    language: str = "en",
) -> str:
    """Interval as words, "3.21 to 3.63": a dash could be read as a minus sign.

    Parameters
    ----------
    low, high : number or missing
    decimals : int, optional
        By default as many as give the width of the interval two significant figures.
    unit : str, optional
        "share" (0–1, written in percent), or any word to set after the numbers.
    language : {"en", "ru", "sl"}, default "en"

    Returns
    -------
    str; a single en dash where both ends are missing.

    Examples
    --------
    >>> interval(3.2101, 3.6299), interval(-0.12, 0.31, 1)
    ('3.21 to 3.63', '−0.1 to 0.3')
    >>> interval(0.47, 0.61, unit="share").replace(SPACE, " ")
    '47 to 61 %'
    """
    ends = [_scaled(exact_decimal(end), unit) for end in (low, high)]
    if ends == [None, None]:
        return MISSING
    if decimals is None:
        decimals = interval_decimals(*ends)
    start, end = (written(end, decimals, language) for end in ends)
    say = catalogue(language)
    text = say("{low} to {high}", low=start, high=end)
    return f"{text}{_after(unit, ends[1], decimals, language)}"


def estimate_with_interval(
    value: Any,
    low: Any,
    high: Any,
    decimals: int | None = None,
    *,
    unit: str | None = None,
    language: str = "en",
) -> str:
    """Estimate followed by its interval in brackets, both with the same decimals.

    Parameters
    ----------
    value, low, high : number or missing
    decimals : int, optional
        By default as many as give the width of the interval two significant figures.
    unit : str, optional
        "share" (0–1, written in percent), "p" (a p value: p = 0.012), or any word to set after
        the numbers.
    language : {"en", "ru", "sl"}, default "en"

    Returns
    -------
    str; an en dash for a missing estimate, the estimate alone where there is no interval.

    Examples
    --------
    >>> estimate_with_interval(3.4219, 3.2101, 3.6299)
    '3.42 (3.21 to 3.63)'
    >>> estimate_with_interval(0.54, 0.47, 0.61, unit="share").replace(SPACE, " ")
    '54 % (47 to 61 %)'
    >>> estimate_with_interval(3e-9, None, None, unit="p").replace(SPACE, " ")
    'p < 0.001'
    """
    exact = exact_decimal(value)
    if exact is None:
        return MISSING
    share = unit if unit == "share" else None
    bounds = interval(low, high, decimals, unit=share, language=language)
    if bounds == MISSING and unit == P and 0 <= exact <= 1:
        text = p_value(exact, language=language)
        return f"p{SPACE}{text}" if text[0] in "<>" else f"p{SPACE}={SPACE}{text}"
    if bounds == MISSING and share:
        return percent(exact, decimals, language=language)
    if decimals is None:
        decimals = interval_decimals(*(_scaled(exact_decimal(end), unit) for end in (low, high)))
    text = written(_scaled(exact, unit), decimals, language)
    brackets = "" if bounds == MISSING else f" ({bounds})"
    after = _after(unit, exact, decimals, language)
    # Percent stands after both numbers; a word reads better once, at the end.
    return f"{text}{SPACE}%{brackets}" if share else f"{text}{brackets}{after}"


def _scaled(value: Decimal | None, unit: str | None) -> Decimal | None:
    """Shares are written in percent."""
    return value * 100 if value is not None and unit == "share" else value


def _after(unit: str | None, number: Decimal | None, decimals: int | None, language: str) -> str:
    """What stands after the number: a word has the form that the number asks for."""
    if not unit:
        return ""
    if unit == "share":
        return f"{SPACE}%"
    whole = number is not None and number.is_finite() and not decimals and number % 1 == 0
    n = int(number) if number is not None and whole else None
    return f"{SPACE}{catalogue(language).after(unit, n)}"


def duration(seconds: Any, *, language: str = "en") -> str:
    """Time a run took: "4.2 s", "2 min 5 s"; an en dash where it is not known."""
    exact = exact_decimal(seconds)
    if exact is None:
        return MISSING
    say = catalogue(language)
    second = f"{SPACE}{say('s')}"
    if exact < Decimal("59.95"):
        return f"{written(exact, 1, language)}{second}"
    minutes, rest = divmod(int(exact + Decimal("0.5")), 60)
    whole = f"{written(Decimal(minutes), 0, language)}{SPACE}{say('min')}"
    return f"{whole} {rest}{second}" if rest else whole


def file_size(size: Any, *, language: str = "en") -> str:
    """Size of a file in units of a thousand bytes: "812 bytes", "52.4 kB", "3.1 MB"."""
    exact = exact_decimal(size)
    if exact is None:
        return MISSING
    say = catalogue(language)
    if exact < 1000:
        return f"{written(exact, 0, language)}{SPACE}{say.after('bytes', int(exact))}"
    power = min(exact.adjusted() // 3, 3)
    text = written(exact / 1000**power, 1, language)
    return f"{text}{SPACE}{[say('kB'), say('MB'), say('GB')][power - 1]}"
