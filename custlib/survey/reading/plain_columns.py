"""Columns without codes: weights and durations, and whatever the codebook does not describe."""

import re

import numpy as np
import pandas as pd

from custlib.errors import DataError
from custlib.survey.reading.answer_codes import NOT_AVAILABLE
from custlib.survey.reading.file_formats import RawResponses
from custlib.texts.numbers import EITHER, read_numbers

# Only such text becomes a number unasked: 007, +7 and 4e5 may be names.
SURELY_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:[.,]\d+)?")


def is_ordered(cells: pd.Series) -> bool:
    """Numbers and times have an order that text lacks."""
    types = pd.api.types
    return types.is_numeric_dtype(cells) or types.is_datetime64_any_dtype(cells)


def numeric(cells: pd.Series, raw: RawResponses, column: str) -> np.ndarray:
    """Numbers of a column that must hold numbers, NaN where blank."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(dtype=float, na_value=np.nan)
    picks, found = pd.factorize(cells)
    # A number from a workbook is written with a point, whatever its neighbours are written with.
    texts = ["" if str(cell).strip().casefold() in NOT_AVAILABLE else str(cell) for cell in found]
    own = [isinstance(cell, int | float) for cell in found]
    words = [text for text, is_own in zip(texts, own, strict=True) if not is_own]
    numbers = np.array([float(cell) if isinstance(cell, int | float) else np.nan for cell in found])
    known = np.array(own, dtype=bool)
    if words:
        at = np.flatnonzero(~known)
        numbers[at], known[at] = read_numbers(words, column=column, decimal=raw.decimal)
    blank = np.array([not text.strip() for text in texts], dtype=bool)
    wrong = np.flatnonzero(np.append(~known & ~blank, False)[picks])
    if len(wrong):
        first = wrong[:5]
        rows, values = raw.rows[first].tolist(), cells.iloc[first].tolist()
        raise DataError.not_numeric(column, len(wrong), rows, values)
    return np.append(numbers, np.nan)[picks]


def untouched(cells: pd.Series, decimal: str | None) -> pd.Series:
    """A column the codebook does not describe: blank text is missing, sure numbers are numbers."""
    cells = cells.reset_index(drop=True)
    if not pd.api.types.is_string_dtype(cells.dtype) or cells.dtype == object:
        return cells
    cells = cells.where(cells.str.strip() != "")
    picks, found = pd.factorize(cells)
    texts = [str(text).strip() for text in found]
    if not texts or not all(map(SURELY_NUMBER.fullmatch, texts)):
        return cells
    if decimal is None and any(EITHER.fullmatch(text.replace(".", ",")) for text in texts):
        return cells
    try:
        numbers, known = read_numbers(texts, column=str(cells.name), decimal=decimal)
    except DataError:
        return cells
    if not known.all():
        return cells
    values = pd.Series(np.append(numbers, np.nan)[picks])
    whole = all(text.removeprefix("-").isdigit() for text in texts) and not values.isna().any()
    return values.astype("int64") if whole else values
