"""What a cell of a workbook holds: values it can carry, how they are shown, text made safe."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from custlib.columns import VOCABULARY
from custlib.report.numbers import P, number

# A spreadsheet keeps 15 digits of a number; a longer one is a code, kept as text.
MOST_EXACT = 10**15
# Before this day a spreadsheet counts a day that never was.
FIRST_DAY = datetime(1900, 3, 1)
NARROW, WIDE, LOOKED_AT = 9, 60, 200

GENERAL, WHOLE = "General", "0"
P_VALUE = '[<0.001]0.0E+00;[>0.999]"> 0.999";0.000'
# A share this near to all is all but for the rounding of its sum.
WHOLE_SHARE = 1e-12
FINDING = ("value", "low", "high")
DAY, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def held(value: Any) -> Any:
    """The value as a cell can hold it, or as text; None where it is missing."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < MOST_EXACT else str(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        exact = not moment.microsecond and not getattr(moment, "nanosecond", 0)
        if moment.tzinfo is None and moment >= FIRST_DAY and exact:
            return moment
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def column_formats(names: list[str], values: list[list[Any]]) -> list[Callable[[int], str]]:
    """Number format of each column by row; one format for all its rows where they are alike."""
    units = values[names.index("unit")] if "unit" in names else None
    ends = [values[names.index(name)] for name in FINDING if name in names]
    forms: list[Callable[[int], str]] = []
    for name, column in zip(names, values, strict=True):
        if units is not None and name in FINDING:
            forms.append(partial(_by_unit, ends, units))
        elif _is_mixed(column):
            forms.append(partial(_by_value, column))
        else:
            share = VOCABULARY[name].unit.startswith("share") if name in VOCABULARY else False
            form = number_format(column, share=share or name.endswith("_share"))
            form = P_VALUE if name in {"p_value", "p_adjusted"} else form
            forms.append(partial(_always, form))
    return forms


def _is_mixed(column: list[Any]) -> bool:
    """Whether the cells need formats of their own: texts among them, or dates beside numbers."""
    present = [one for one in column if one is not None]
    dates = sum(isinstance(one, datetime) for one in present)
    return 0 < dates < len(present) or any(isinstance(one, str) for one in present)


def _always(form: str, _row: int) -> str:
    return form


def _by_unit(ends: list[list[Any]], units: list[Any], row: int) -> str:
    """One format for the value of a finding and the ends of its interval."""
    if units[row] == P:
        return P_VALUE
    return number_format([column[row] for column in ends], share=units[row] == "share")


def _by_value(column: list[Any], row: int) -> str:
    return number_format([column[row]])


def number_format(values: Iterable[Any], *, share: bool = False) -> str:
    """Format for these numbers: three figures of the middle one, and the first of the smallest.

    A share that is not all does not look like all.

    Examples
    --------
    >>> number_format([1, 20]), number_format([0.25, 12.5]), number_format([0.5], share=True)
    ('0', '0.00', '0.0 %')
    >>> number_format([0.5, 0.9996], share=True)
    '0.00 %'
    """
    values = [one for one in values if one is not None]
    moments = [one for one in values if isinstance(one, datetime)]
    if moments:
        return MOMENT if any(one.time() != time() for one in moments) else DAY
    numbers = [abs(one) for one in values if type(one) in (int, float)]
    if not share and all(one == int(one) and one < MOST_EXACT for one in numbers):
        return WHOLE if numbers else GENERAL
    scale, least, most = (100, 1, 4) if share else (1, 2, 6)
    sizes = sorted(scale * one for one in numbers if one) or [1.0]
    gaps = [100 * abs(1 - one) for one in numbers if share and abs(1 - one) > WHOLE_SHARE]
    middle, smallest = map(_places, (sizes[len(sizes) // 2], min([sizes[0], *gaps])))
    decimals = max(least, smallest, middle + least)
    if decimals > most or max(numbers, default=0) >= MOST_EXACT:
        return GENERAL
    return f"0.{'0' * decimals}{' %' if share else ''}"


def _places(number: float) -> int:
    """Decimals up to the first figure of a number that is not zero."""
    return -math.floor(math.log10(number))


def column_width(name: str, column: list[Any]) -> int:
    """Width of a column in letters, from its heading and its first rows."""
    shown = [_shown(one) for one in column[:LOOKED_AT] if one is not None]
    # The button of the filter covers part of a heading.
    return min(max(NARROW, len(name) + 4, *(length + 2 for length in shown), 0), WIDE)


def _shown(value: Any) -> int:
    """Letters that a value takes when it is shown."""
    if isinstance(value, str):
        return max(map(len, value.split("\n")))
    if isinstance(value, datetime):
        return 10 if value.time() == time() else 19
    return min(len(number(value, 4)), 16) if isinstance(value, float) else len(str(value))


def writable(text: str) -> str:
    """The text with a visible sign for each character that the format forbids."""
    return UNWRITABLE.sub(
        lambda found: chr(0x2400 + ord(found[0])) if found[0] < " " else "\ufffd",
        text.replace("\r\n", "\n"),
    )


def length(text: str) -> int:
    """Length as spreadsheets count it: letters beyond the first 65,536 of Unicode are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def shortened(text: str, most: int) -> str:
    """The head of the text, as long as may be; no letter is cut in two."""
    if length(text) <= most:
        return text
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
