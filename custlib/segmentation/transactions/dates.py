"""Days of orders: dates, times with and without a zone, and what people write as text."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
import pandas as pd
from ibis import Table, Value

from custlib.errors import DataError, ParameterError
from custlib.segmentation.transactions.engine import holds_instants
from custlib.texts.dates import read_dates

DAY, ZONED = "custlib_day", "custlib_zoned"  # names no table of orders has
EPOCH = date(1970, 1, 1)
DAY_SECONDS = 86_400
MOST_TEXTS = 200_000  # different days that a column of text may hold
# Everything before a time of day; what is no time stays part of the day, and is refused there.
DAY_PART = r"^(.*?)([T ]+[0-9]{1,2}:[0-9]{2}.*)?$"
TIME = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
CLOCK = TIME + r" ?(Z|UTC|GMT|(?:UTC|GMT)?[+-][0-9]{2}(?::?[0-9]{2})?)$"
NO_ZONE = "^T?" + TIME + r"(?: ?[AaPp]\.?[Mm]\.?)?$"
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def with_days(table: Table, column: str, *, zone: str, styles: str | Sequence[str] | None) -> Table:
    """The table with `DAY` (date) and `ZONED` (whether a zone was turned into `zone`)."""
    value = table[column]
    kind = value.type()
    if kind.is_date():
        return table.mutate(**{DAY: value, ZONED: ibis.literal(False)})
    if kind.is_timestamp() and kind.timezone is None and not holds_instants(table, column):
        return table.mutate(**{DAY: value.date(), ZONED: ibis.literal(False)})
    if kind.is_timestamp():
        day = _local_day(table, value.epoch_seconds(), zone)
        return table.mutate(**{DAY: day, ZONED: value.notnull()})
    if kind.is_string():
        return _from_text(table, column, zone=zone, styles=styles)
    raise DataError.because(
        f"The dates in {column!r} are of the kind {kind}.",
        "Expected dates, times, or text such as 2024-03-31.",
        "Turn the column into dates before, or name another column with date=.",
    )


def require_zone(zone: str) -> ZoneInfo:
    """The zone of that name."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ParameterError.because(
            f"timezone is {zone!r}.",
            "Expected a name such as Europe/Ljubljana, Asia/Tehran or UTC.",
            "Correct the name.",
        ) from problem


def _local_day(table: Table, seconds: Value, zone: str) -> Value:
    """Day of an instant in a zone, by whole seconds: every engine counts them alike."""
    bounds = table.aggregate(low=seconds.min(), high=seconds.max()).to_pandas().iloc[0]
    if pd.isna(bounds["low"]):
        return ibis.null("date")
    offsets = _offsets(require_zone(zone), int(bounds["low"]), int(bounds["high"]))
    shift: Value = ibis.literal(offsets[0][1])
    if offsets[1:]:
        cases = [(seconds >= start, ibis.literal(offset)) for start, offset in offsets[:0:-1]]
        shift = ibis.cases(*cases, else_=shift)
    days = ((seconds + shift) / DAY_SECONDS).floor().cast("int64")
    return (ibis.literal(EPOCH) + days.as_interval("D")).cast("date")


def _offsets(zone: ZoneInfo, low: int, high: int) -> list[tuple[int, int]]:
    """When the clock of a zone was changed between two instants, and to how many seconds."""

    def offset(second: int) -> int:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=second)
        return int(moment.astimezone(zone).utcoffset().total_seconds())  # type: ignore[union-attr]

    found, at = [(low, offset(low))], low
    while at < high:
        after = min(at + 7 * DAY_SECONDS, high)
        if offset(after) != offset(at):
            start, end = at, after
            while end - start > 1:
                middle = (start + end) // 2
                start, end = (middle, end) if offset(middle) == offset(at) else (start, middle)
            found.append((end, offset(end)))
            after = end
        at = after
    return found


def _from_text(
    table: Table, column: str, *, zone: str, styles: str | Sequence[str] | None
) -> Table:
    text = table[column].strip()
    timed = text.contains(":")
    part = ibis.ifelse(timed, text.re_extract(DAY_PART, 1).strip(), text).nullif("")
    known = table.select(part=part, timed=timed).filter(ibis._.part.notnull()).group_by("part")
    known = known.aggregate(n=ibis._.count(), timed=ibis._.timed.any())
    counts = known.limit(MOST_TEXTS + 1).to_pandas()
    days = _days(counts, column, styles)
    if all(map(ISO.fullmatch, days["text"])):
        table = table.mutate(**{DAY: part.cast("date")})
    else:
        lookup = ibis.memtable(days.assign(day=days["day"].dt.strftime("%Y-%m-%d")))
        lookup = lookup.select(custlib_text="text", **{DAY: lookup["day"].cast("date")})
        table = table.mutate(custlib_part=part)
        table = table.left_join(lookup, table["custlib_part"] == lookup["custlib_text"])
        table = table.drop("custlib_text", "custlib_part")
    if not counts["timed"].any():
        return table.mutate(**{ZONED: ibis.literal(False)})
    return _shifted(table, column, zone)


def _shifted(table: Table, column: str, zone: str) -> Table:
    """Times that carry a zone of their own, turned into the one zone asked for."""
    text = table[column].strip()
    table = table.mutate(**{ZONED: text.re_search(CLOCK).fill_null(False)})
    ending = text.re_extract(DAY_PART, 2).fill_null("").strip()
    strange = (ending != "") & ~ending.re_search(NO_ZONE) & ~table[ZONED]
    seen = table.aggregate(
        zoned=table[ZONED].any(), n=strange.sum(), text=text.min(where=strange)
    ).to_pandas()
    if seen["n"].fillna(0).iloc[0]:
        raise DataError.because(
            f"Times in {column!r} end in what is not understood: {int(seen['n'].iloc[0]):,} rows,"
            f" such as {seen['text'].iloc[0]!r}.",
            "Expected a time without a zone, or one with its distance, such as 14:05 +02:00.",
            "Write the zone as its distance from UTC, or leave it out.",
        )
    if not seen["zoned"].fillna(False).iloc[0]:
        return table
    hour, minute, second = (
        text.re_extract(CLOCK, at).nullif("").cast("int64").fill_null(0) for at in (1, 2, 3)
    )
    mark = text.re_extract(CLOCK, 4)
    sign = ibis.ifelse(mark.contains("-"), -1, 1)
    away = mark.re_replace("[^0-9]", "").rpad(4, "0").nullif("")
    own = sign * (
        away.substr(0, 2).cast("int64") * 3600 + away.substr(2, 2).cast("int64") * 60
    ).fill_null(0)
    day = table[DAY].delta(ibis.literal(EPOCH), unit="day")
    seconds = day * DAY_SECONDS + hour * 3600 + minute * 60 + second - own
    moved = table.mutate(custlib_second=ibis.ifelse(table[ZONED], seconds, ibis.null("int64")))
    local = _local_day(moved, moved["custlib_second"], zone)
    moved = moved.mutate(**{DAY: ibis.ifelse(moved[ZONED], local, moved[DAY])})
    return moved.drop("custlib_second")


def _days(counts: pd.DataFrame, column: str, styles: str | Sequence[str] | None) -> pd.DataFrame:
    """Day of each text, by the formats given or by the one that the column proves."""
    if len(counts) > MOST_TEXTS:
        raise DataError.because(
            f"{column!r} holds more than {MOST_TEXTS:,} different days, such as"
            f" {counts['part'].iloc[0]!r}.",
            "Expected dates or times.",
            "Name the column of the dates with date=.",
        )
    texts = counts["part"].astype("str")
    if styles is None:
        try:
            return pd.DataFrame({"text": texts, "day": read_dates(texts, column=column)})
        except DataError as problem:
            raise _mixed(counts, column, problem) from problem
    days = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[s]")
    for given in [styles] if isinstance(styles, str) else styles:
        style = re.sub(r"[T ]+%[HI].*$", "", given)  # the texts are without their times
        days = days.fillna(pd.to_datetime(texts, format=style, errors="coerce").astype(days.dtype))
    unread = days.isna()
    if unread.any():
        shown = ", ".join(map(repr, texts[unread].head(5)))
        raise DataError.because(
            f"{int(counts.loc[unread, 'n'].sum()):,} rows of {column!r} have dates in no format"
            f" that was given; first: {shown}.",
            f"Expected one of: {styles if isinstance(styles, str) else ', '.join(styles)}.",
            "Add the format with date_format=[…], tried from the first to the last.",
        )
    return pd.DataFrame({"text": texts, "day": days})


def _mixed(counts: pd.DataFrame, column: str, problem: DataError) -> DataError:
    """The error of a column of dates, with the forms found in it and how often each."""
    text = counts["part"].str.replace(r"\d{3,}", "9999", regex=True)
    forms = counts.assign(form=text.str.replace(r"\b\d\d?\b", "9", regex=True))
    grouped = forms.groupby("form").agg(n=("n", "sum"), first=("part", "min"))
    grouped = grouped.sort_values("n", ascending=False, kind="stable").head(5)
    if len(grouped) < 2:
        return DataError.because(
            str(problem).splitlines()[0],
            "Expected days whose form leaves no doubt, such as 2024-03-31 or 31.03.2024.",
            'Pass the form, such as date_format="%d/%m/%Y", or write the days as 2024-03-31.',
        )
    listed = ", ".join(f"{row['first']} ({row['n']:,} rows)" for _, row in grouped.iterrows())
    return DataError.because(
        f"The dates in {column!r} are written in more than one form: {listed}.",
        "Expected one form throughout, as a day and a month can be mistaken for each other.",
        'Pass date_format=["%Y-%m-%d", "%d.%m.%Y"], tried from the first to the last, or write'
        " them in one form.",
    )
