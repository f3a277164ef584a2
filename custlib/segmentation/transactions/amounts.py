"""Amounts as whole numbers of a small unit: their sums are exact, on every engine and order."""

from typing import Any

import ibis
import pandas as pd
from ibis import Table, Value

from custlib.errors import DataError, ParameterError
from custlib.texts.numbers import BLANK, decimal_mark, read_numbers, without_blanks

LARGEST = 9.0e18  # what a 64-bit whole number holds


def require_mark(decimal: str | None) -> None:
    """The decimal mark is a comma, a point, or to be found."""
    if decimal not in (None, ",", "."):
        raise ParameterError.because(
            f"decimal is {decimal!r}.", "Expected ',' or '.', or nothing.", "Choose one of them."
        )


def number_of(table: Table, column: str, *, decimal: str | None) -> Value:
    """The column as numbers, null where blank or not a number."""
    value = table[column]
    kind = value.type()
    if kind.is_integer():
        return value.cast("int64")
    if kind.is_floating():
        return ibis.ifelse(value.isnan(), ibis.null("float64"), value.cast("float64"))
    if kind.is_decimal():
        return value.cast("float64")
    if kind.is_string():
        return _from_text(table, column, decimal)
    raise DataError.because(
        f"The amounts in {column!r} are of the kind {kind}.",
        "Expected numbers.",
        "Name the column of the amounts with amount=.",
    )


def whole_units(number: Value, decimals: int) -> Value:
    """The number in units of 10^-decimals, rounded half away from zero."""
    if number.type().is_integer():
        return number * 10**decimals
    return (number * float(10**decimals)).round().cast("int64")


def require_room(largest: Any, decimals: int) -> None:
    """All amounts together fit into a whole number of the unit."""
    total = float(largest) if pd.notna(largest) else 0.0
    if not total * 10**decimals < LARGEST:
        raise DataError.because(
            f"The amounts add up to {total:.3g} without their signs.",
            f"Expected less than {LARGEST / 10**decimals:.3g}, as sums are kept exact to"
            f" {decimals} decimals.",
            "Pass fewer decimals, or correct amounts that are infinite or far too large.",
        )


def _from_text(table: Table, column: str, decimal: str | None) -> Value:
    """Text as numbers: one look at the forms it has tells the decimal mark."""
    text = table[column].strip().nullif("")
    form = text.re_replace("[0-9]", "9")
    forms = (
        table.select(text=text, form=form)
        .filter(ibis._.text.notnull())
        .group_by("form")
        .aggregate(n=ibis._.count(), low=ibis._.text.min(), high=ibis._.text.max())
        .to_pandas()
    )
    examples = [*forms["low"], *forms["high"]]
    read = read_numbers(examples, column=column, decimal=decimal)[1]
    half = len(forms)
    wrong = ~(read[:half] & read[half:])
    if wrong.any():
        rows = forms[wrong].sort_values(["n", "low"], ascending=[False, True])
        shown = ", ".join(f"{low!r} ({n:,})" for low, n in rows[["low", "n"]].head(5).values)
        raise DataError.because(
            f"Values in {column!r} that are no numbers, and how many of each form: {shown}.",
            "Expected numbers, or nothing.",
            "Correct them, or leave the cells empty.",
        )
    mark = decimal or decimal_mark([without_blanks(one) for one in examples], column=column)
    plain = text.re_replace(BLANK, "").replace("\u2212", "-")
    between = "." if mark == "," else ","
    # A point that is no decimal mark parts thousands; where none does, it was refused above.
    return plain.replace(between, "").replace(",", ".").cast("float64")
