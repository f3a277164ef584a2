"""Rows of orders under the rules: each fault counted in one pass, nothing passed over unsaid."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import Table, Value

from custlib.errors import DataError
from custlib.segmentation.transactions.amounts import (
    LARGEST,
    number_of,
    require_mark,
    require_room,
    whole_units,
)
from custlib.segmentation.transactions.dates import DAY, ZONED, require_zone, with_days
from custlib.segmentation.transactions.frames import id_text
from custlib.segmentation.transactions.rules import WORDS, refuse

NO_UNITS = ibis.null("int64")
COPIES = "custlib_copies"  # a name that no table of orders has
# Among fewer rows the largest may be the sum of the others by chance.
ROWS_OF_A_SUM = 10
A_SUM = "one row holds as much as all others together; is it their sum?"


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column plays which part."""

    customer: str
    date: str
    amount: str
    quantity: str | None
    profit: str | None
    order: str | None
    cancelled_prefix: str | None
    unknown: tuple[Any, ...]

    @property
    def columns(self) -> list[str]:
        """Every column that is named."""
        named = (self.customer, self.date, self.amount, self.quantity, self.profit, self.order)
        return [name for name in named if name is not None]


@dataclass(frozen=True, slots=True)
class AuditedRows:
    """Rows that are used (customer, day, units, profit_units, order_id, cancelled)
    and the count by rule."""

    table: Table
    rules: list[dict]
    as_of: pd.Timestamp


def audited_rows(
    source: Table,
    roles: Roles,
    actions: Mapping[str, str],
    as_of: pd.Timestamp | None,
    decimals: int,
    written: Mapping[str, Any],
) -> AuditedRows:
    """Count every fault, refuse what is to be refused, and keep the rest."""
    require_zone(written["timezone"])
    require_mark(written["decimal"])
    repeated = None
    if actions["duplicates"] in ("leave_out", "refuse"):
        source = source.group_by(source.columns).aggregate(**{COPIES: ibis._.count()})
    elif actions["duplicates"] == "keep":
        repeated = int(source.count().to_pandas()) - int(source.distinct().count().to_pandas())
    table = _prepared(source, roles, decimals, written)
    flags = _flags(table, as_of)
    table = table.mutate(**flags)  # a rule that can meet no row is a column like the others
    flags = {rule: table[rule] for rule in flags}
    kept = _kept(flags, actions)
    counted = _counted(table, flags, kept, decimals)
    if repeated is not None:
        counted |= {("duplicates", "n"): repeated, ("duplicates", "amount"): np.nan}
    require_room(counted["total"], decimals)
    for rule in flags:
        if actions.get(rule) == "refuse" and counted[rule, "n"]:
            raise refuse(rule, counted[rule, "n"], _examples(table.filter(flags[rule])))
    if not counted["used", "n"]:
        raise _none_left(counted, actions)
    rows = _rule_rows(counted, actions)
    day = pd.Timestamp(counted["last"]) if as_of is None else as_of
    columns = ["customer", "day", "units", "profit_units", "order_id", "cancelled"]
    return AuditedRows(table.filter(kept).select(*columns), rows, day.normalize())


def _prepared(source: Table, roles: Roles, decimals: int, written: Mapping[str, Any]) -> Table:
    """The columns by their part, whatever they were called and however they were written."""
    table = with_days(source, roles.date, zone=written["timezone"], styles=written["date_format"])
    number = number_of(table, roles.amount, decimal=written["decimal"])
    size = number.cast("float64")
    if roles.quantity is not None:
        times = number_of(table, roles.quantity, decimal=written["decimal"])
        number, size = number * times, size * times.cast("float64")
    gain = ibis.literal(0)
    if roles.profit is not None:
        gain = number_of(table, roles.profit, decimal=written["decimal"])
    order, cancelled = ibis.literal(""), ibis.literal(False)
    if roles.order is not None:
        order = table[roles.order].cast("string").strip().fill_null("")
        if roles.cancelled_prefix is not None:
            cancelled = order.startswith(roles.cancelled_prefix)
        # Lines without an id are one order a day.
        order = ibis.ifelse(order == "", table[DAY].cast("string"), order)
    room = LARGEST / 10**decimals
    return table.select(
        customer=_customer(table, roles),
        day=table[DAY],
        size=size,
        gain_size=gain.cast("float64"),
        units=ibis.ifelse(size.abs() < room, whole_units(number, decimals), NO_UNITS),
        profit_units=ibis.ifelse(gain.abs() < room, whole_units(gain, decimals), NO_UNITS),
        order_id=order,
        cancelled=cancelled,
        zoned=table[ZONED],
        absent=size.isnull() | gain.isnull(),
        copies=table[COPIES] if COPIES in table.columns else ibis.literal(1),
    )


def _customer(table: Table, roles: Roles) -> Value:
    """Ids as whole numbers or as text; blanks and the ids of nobody are missing."""
    value = table[roles.customer]
    kind = value.type()
    if kind.is_floating():
        gone = value.isnan() | value.isinf() | value.isnull()
        fractions = table.filter(~gone & (value != value.floor())).limit(1).count().to_pandas()
        value = ibis.ifelse(gone, ibis.null("float64"), value)
        value = value.cast("string" if fractions else "int64")
    elif not (kind.is_integer() or kind.is_string()):
        value = value.cast("string")
    if value.type().is_string():
        value = value.strip().nullif("")
    codes: list[Any] = [id_text(code) or "" for code in roles.unknown]
    if not value.type().is_string():
        codes = [int(code) for code in codes if re.fullmatch("-?[0-9]+", code)]
    return ibis.ifelse(value.isin(codes), ibis.null(value.type()), value) if codes else value


def _flags(table: Table, as_of: pd.Timestamp | None) -> dict[str, Value]:
    """Which rows meet each rule."""
    late = ibis.literal(False) if as_of is None else table["day"] > ibis.literal(as_of.date())
    flags = {
        "missing_customer": table["customer"].isnull(),
        "missing_date": table["day"].isnull(),
        "missing_amount": table["absent"],
        "returns": (table["units"] < 0) & ~table["cancelled"],
        "cancellations": table["cancelled"],
        "zeros": table["units"] == 0,
        "future": late,
        "duplicates": table["copies"] > 1,
        "timezone": table["zoned"],
    }
    return {name: flag.fill_null(False) for name, flag in flags.items()}


def _kept(flags: Mapping[str, Value], actions: Mapping[str, str]) -> Value:
    """Rows that no rule leaves out."""
    kept = ibis.literal(True)
    for rule, flag in flags.items():
        if rule != "duplicates" and actions.get(rule) in ("leave_out", "refuse"):
            kept = kept & ~flag
    return kept


def _counted(
    table: Table, flags: Mapping[str, Value], kept: Value, decimals: int
) -> dict[Any, Any]:
    """Rows and amounts of every rule, in one pass."""
    more = table["copies"] - 1  # rows that duplicates="leave_out" has made one with another
    asked: dict[str, Value] = {
        "n_all": table["copies"].sum(),
        "a_all": (table["units"] * table["copies"]).sum(),
    }
    for rule, flag in {**flags, "used": kept}.items():
        asked[f"n_{rule}"] = flag.sum()
        asked[f"a_{rule}"] = table["units"].sum(where=flag)
    asked["largest"] = table["units"].max(where=kept)
    asked |= {"n_duplicates": more.sum(), "a_duplicates": (table["units"] * more).sum()}
    asked = {name: value.cast("float64") for name, value in asked.items()}
    asked |= {"total": table["size"].abs().sum(), "gain": table["gain_size"].abs().sum()}
    asked |= {"last": table["day"].max(where=kept).cast("string")}
    row = table.aggregate(**asked).to_pandas().iloc[0]
    found: dict[Any, Any] = {"total": row[["total", "gain"]].max(), "last": row["last"]}
    found["has_sum"] = row["n_used"] > ROWS_OF_A_SUM and row["a_used"] == 2 * row["largest"]
    for rule in ("all", *flags, "used"):
        count, amount = row[f"n_{rule}"], row[f"a_{rule}"]
        found[rule, "n"] = 0 if pd.isna(count) else int(count)
        found[rule, "amount"] = (0.0 if pd.isna(amount) else amount) / 10**decimals
    return found


def _rule_rows(counted: Mapping[Any, Any], actions: Mapping[str, str]) -> list[dict]:
    """The rows of the table of rules, the first all rows and the last those that are used."""

    def row(rule: str, action: str, key: str, note: str = "") -> dict:
        amount = np.nan if key == "missing_amount" else counted[key, "amount"]
        fields = {"rule": rule, "action": action, "n": counted[key, "n"]}
        return fields | {"amount": amount, "note": note}

    rows = [row("all rows", "", "all")]
    rows += [row(name, action, name, WORDS[name]) for name, action in actions.items()]
    if actions["duplicates"] == "ignore":
        note = "not looked for; duplicates='keep' counts them"
        rows = [
            one | {"amount": np.nan, "note": note} if one["rule"] == "duplicates" else one
            for one in rows
        ]
    rows.append(row("timezone", "convert", "timezone", "time with a zone of its own"))
    return [*rows, row("used", "", "used", A_SUM * bool(counted["has_sum"]))]


def _examples(rows: Table) -> str:
    """The first five rows in the order of their columns, the same on every engine."""
    columns = [rows[name].cast("string").fill_null("none") for name in ("customer", "day", "size")]
    shown = rows.order_by("customer", "day", "size").limit(5).select(*columns).to_pandas()
    return "; ".join(
        f"customer {customer}, day {day}, amount {size}" for customer, day, size in shown.values
    )


def _none_left(counted: Mapping[Any, Any], actions: Mapping[str, str]) -> DataError:
    """The error for a table without a usable row, with what became of its rows."""
    gone = [
        f"{count:,} {WORDS[rule]}"
        for (rule, what), count in ((key, n) for key, n in counted.items() if len(key) == 2)
        if what == "n" and count and actions.get(rule) == "leave_out"
    ]
    return DataError.because(
        f"None of the {counted['all', 'n']:,} rows can be used"
        + (f": {', '.join(gone)}." if gone else "."),
        "Expected at least one row with a customer, a day and an amount.",
        "Check the columns that customer=, date= and amount= name, and as_of=.",
    )
