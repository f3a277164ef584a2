"""One finding in two runs as a reader sees it: both values, their intervals on one line."""

from dataclasses import dataclass
from typing import Any

from custlib.report import numbers
from custlib.report.digits import common_decimals
from custlib.report.numbers import P
from custlib.report.provenance import parameter_text
from custlib.study.manifest import is_number

LONGEST_VALUE, FINEST = 400, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """Where an estimate and its interval lie on the line both runs share, in percent of it."""

    low: str
    at: str
    high: str


@dataclass(frozen=True, slots=True)
class Side:
    """One finding in one run, as a reader sees it."""

    label: str
    text: str
    sentence: str
    verdict: str
    n: int | None
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding in both runs."""

    key: str
    movement: str
    basis: str
    sides: tuple[Side, ...]
    difference: str
    note: str
    zero: str | None

    @property
    def texts(self) -> list[str]:
        """What stands under each run; nothing under the one that has no such finding."""
        found = [side.text for side in self.sides]
        return {"new": ["", *found], "vanished": [*found, ""]}.get(self.movement, found)

    @property
    def verdicts(self) -> list[str]:
        """Verdicts to show: both where they differ."""
        found = [side.verdict for side in self.sides]
        return found[:1] if len(set(found)) == 1 else [one or "no verdict" for one in found]

    @property
    def sentences(self) -> list[tuple[str, str]]:
        """Sentences to show with the run they are of; one alone where both say the same."""
        found = [(side.label, side.sentence) for side in self.sides]
        return [("", found[0][1])] if len({text for _, text in found}) == 1 else found


def entry_of(row: dict[str, Any], labels: tuple[str, str]) -> Entry:
    """A row of the findings of two runs, as a reader sees it."""
    bars, zero = _bars(row)
    decimals = _decimals(row)
    sides = tuple(
        Side(
            label=label,
            text=_value_text(row, when, decimals),
            sentence=row[f"sentence_{when}"] or "",
            verdict=row[f"verdict_{when}"] or "",
            n=row[f"n_{when}"],
            bar=bar,
        )
        for when, label, bar in zip(("before", "after"), labels, bars, strict=True)
        if row["movement"] != {"before": "new", "after": "vanished"}[when]
    )
    told = {name: row[name] for name in ("key", "movement", "basis", "note")}
    return Entry(**told, sides=sides, difference=_difference_text(row, decimals), zero=zero)


def _value_text(row: dict[str, Any], when: str, decimals: int | None) -> str:
    value, unit = row[f"value_{when}"], row[f"unit_{when}"]
    if value is None:
        return "not computed"
    if isinstance(value, list):
        parts = [numbers.number(one) if is_number(one) else parameter_text(one) for one in value]
        return shortened(", ".join(parts), LONGEST_VALUE) or "none"
    if not is_number(value):
        return shortened(parameter_text(value), LONGEST_VALUE)
    low, high = row[f"low_{when}"], row[f"high_{when}"]
    return numbers.estimate_with_interval(value, low, high, decimals, unit=unit)


def _decimals(row: dict[str, Any]) -> int | None:
    """Decimals for both values and their difference; None where each takes its own."""
    values, lows, highs = (
        [row[f"{name}_{when}"] for when in ("before", "after")] for name in ("value", "low", "high")
    )
    floats = [one for one in values if is_number(one) and not isinstance(one, int)]
    if len(floats) < 2 or row["unit_before"] != row["unit_after"]:
        return None
    ends = ([float("nan") if one is None else one for one in part] for part in (lows, highs))
    return common_decimals(values, *ends, unit=row["unit_before"])


def _difference_text(row: dict[str, Any], decimals: int | None) -> str:
    """The difference in the unit of the values; that of two shares is in percentage points."""
    if not row["estimate"]:
        return ""
    whole = all(isinstance(row[f"value_{when}"], int) for when in ("before", "after"))
    share = row["unit_before"] == "share"
    scale = 100 if share else 1
    names = ("estimate", "ci_low", "ci_high")
    value, low, high = [None if row[one] is None else scale * row[one] for one in names]
    # A difference of p values is no p value.
    unit = "percentage points" if share else None if row["unit_before"] == P else row["unit_before"]
    if decimals is None and None not in (low, high):
        decimals = common_decimals([value], [low], [high])
    elif whole:
        decimals = 0
    # An end beside 0 must not be written as 0, for on which side it lies is the whole answer.
    while decimals is not None and decimals < FINEST and _hidden([low, high], decimals):
        decimals += 1
    return numbers.estimate_with_interval(value, low, high, decimals, unit=unit)


def _hidden(ends: list[Any], decimals: int) -> bool:
    """Whether an end that is not 0 would be written as 0."""
    return any(end and abs(end) < 0.5 * 10**-decimals for end in ends)


def _bars(row: dict[str, Any]) -> tuple[tuple[Bar | None, Bar | None], str | None]:
    """Both intervals on one line, and where 0 lies on it; none unless both are there."""
    names = [f"{name}_{when}" for when in ("before", "after") for name in ("low", "value", "high")]
    values = [row[name] for name in names]
    alike = row["unit_before"] == row["unit_after"]
    if not alike or not all(map(is_number, values)):
        return (None, None), None
    least, most = float(min(values)), float(max(values))
    if not 0 < most - least < float("inf"):
        return (None, None), None

    def place(value: float) -> str:
        return f"{numbers.number(2 + 96 * (value - least) / (most - least), 1)}%"

    places = list(map(place, values))
    return (Bar(*places[:3]), Bar(*places[3:])), place(0) if least < 0 < most else None


def shortened(text: str, longest: int) -> str:
    """The text, or as much of it as fits with a sign that it goes on."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
