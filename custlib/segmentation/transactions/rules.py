"""Rules for rows that are no plain sale: what may be done with them, and how many there are."""

from collections.abc import Mapping

import pandas as pd

from custlib.checks import require_one_of
from custlib.columns import arrange
from custlib.errors import DataError

# First the choice that is taken if nothing is said.
ACTIONS = {
    "missing_customer": ("leave_out", "refuse"),
    "missing_date": ("refuse", "leave_out"),
    "missing_amount": ("refuse", "leave_out"),
    "returns": ("net", "leave_out", "refuse"),
    "cancellations": ("net", "leave_out", "refuse"),
    "zeros": ("keep", "leave_out", "refuse"),
    "duplicates": ("ignore", "keep", "leave_out", "refuse"),
    "future": ("leave_out", "keep", "refuse"),
}
WORDS = {
    "missing_customer": "no customer",
    "missing_date": "no date",
    "missing_amount": "no amount",
    "returns": "negative amount",
    "cancellations": "cancelled order",
    "zeros": "amount of zero",
    "duplicates": "same row again",
    "future": "after the day the orders are looked at",
}


def chosen(actions: Mapping[str, str]) -> dict[str, str]:
    """The action of each rule, the given ones checked."""
    for rule, action in actions.items():
        require_one_of(rule, action, ACTIONS[rule])
    return {rule: actions.get(rule, choices[0]) for rule, choices in ACTIONS.items()}


def refuse(rule: str, count: int, examples: str) -> DataError:
    """The error for rows that the caller, or the default, does not want passed over."""
    others = [action for action in ACTIONS[rule] if action != "refuse"]
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    return DataError.because(
        f"{rows} this fault: {WORDS[rule]}; for example: {examples}.",
        "Expected none, as nothing is passed over unless it is said.",
        f"Correct the rows, or pass {' or '.join(f'{rule}={one!r}' for one in others)}.",
    )


def rule_table(rows: list[dict]) -> pd.DataFrame:
    """How many rows each rule met and their amounts; a row counts under each rule it meets."""
    return arrange(rows, keys=["rule", "action"])
