"""The errors and warnings custlib raises; every message says what, expected what, and what next."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self


def nearest(name: object, known: Iterable[object]) -> str | None:
    """The known name that was probably meant, whatever its case."""
    folded = {str(one).casefold(): str(one) for one in known}
    close = get_close_matches(str(name).casefold(), folded, n=1)
    return folded[close[0]] if close else None


def did_you_mean(name: object, known: Iterable[object], *, otherwise: str = "") -> str:
    """Hint at the name that was probably meant; other words where none is near."""
    meant = nearest(name, known)
    return otherwise if meant is None else f"Did you mean {meant!r}?"


class CustlibError(Exception):
    """Base class, so that a caller can catch all of custlib and nothing else."""

    @classmethod
    def because(cls, found: str, expected: str, do: str) -> Self:
        """Build the three-part message every error of custlib carries."""
        return cls(f"{found}\n{expected}\n{do}")

    @property
    def found(self) -> str:
        """What was found, without the advice: the first part, as part of another sentence."""
        return str(self).splitlines()[0].rstrip(".")


class DataError(CustlibError, ValueError):
    """The data cannot be used as they stand."""

    @classmethod
    def missing_columns(cls, missing: Iterable[str], present: Iterable[object]) -> Self:
        names = sorted(map(str, present))
        near = {name: nearest(name, names) for name in sorted(map(str, missing))}
        told = [f"{hint!r} for {name!r}" for name, hint in near.items() if hint]
        shown = ", ".join(names[:40]) + (f" and {len(names) - 40} more" if len(names) > 40 else "")
        return cls.because(
            f"Columns not in the table: {', '.join(near)}.",
            f"The table has: {shown}.",
            "Rename the column, or pass the name the table uses"
            + (f"; the nearest are {', '.join(told)}." if told else "."),
        )

    @classmethod
    def duplicate_columns(cls, names: Iterable[object]) -> Self:
        return cls.because(
            f"Column names that occur more than once: {', '.join(sorted(map(str, names)))}.",
            "Expected every column to have a name of its own.",
            "Rename or remove the repeated columns.",
        )

    @classmethod
    def off_scale(cls, column: str, count: int, rows: list, values: list, expected: str) -> Self:
        pairs = ", ".join(f"row {row}: {value!r}" for row, value in zip(rows, values, strict=True))
        answers = "answer" if count == 1 else "answers"
        return cls.because(
            f"{count} {answers} in {column!r} off the scale; first: {pairs}.",
            f"Expected {expected}, or missing.",
            "Declare the code as missing in the codebook, correct its scale, or recode the data.",
        )

    @classmethod
    def not_numeric(cls, column: str, count: int, rows: list, values: list) -> Self:
        pairs = ", ".join(f"row {row}: {value!r}" for row, value in zip(rows, values, strict=True))
        return cls.because(
            f"{count} value{'s' if count != 1 else ''} in {column!r} not a number; first: {pairs}.",
            "Expected numbers, or missing.",
            "Give the answers' codes, or declare the labels in the codebook's scale.",
        )


class CodebookError(DataError):
    """The codebook cannot be read, or contradicts itself or the data."""


class ParameterError(CustlibError, ValueError):
    """An argument is outside what the function accepts."""

    @classmethod
    def unknown_column(cls, unknown: Iterable[str], known: Iterable[str]) -> Self:
        return cls.because(
            f"Result columns outside the vocabulary: {', '.join(map(str, unknown))}.",
            f"Expected only: {', '.join(known)}.",
            "Use the word the vocabulary has, or add a new one to custlib/columns.py.",
        )

    @classmethod
    def not_one_of(cls, name: str, value: object, allowed: Iterable[object]) -> Self:
        options = [str(option) for option in allowed]
        return cls.because(
            f"{name} is {value!r}.",
            f"Expected one of: {', '.join(options)}.",
            did_you_mean(value, options, otherwise="Choose one of them."),
        )


class FitError(CustlibError, RuntimeError):
    """A model could not be fitted; it refuses to predict."""


class StudyError(CustlibError):
    """A study could not be run, or its run cannot be used."""


class ConvergenceWarning(UserWarning):
    """An iteration ended before its tolerance was met."""


class WeightWarning(UserWarning):
    """Weights are so uneven that they cost most of the sample's precision."""
