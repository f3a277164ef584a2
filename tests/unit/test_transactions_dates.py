"""Days of orders: forms of text, zones, kinds of columns, the day the orders are looked at."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation import customer_table, order_book

LJUBLJANA = "Europe/Ljubljana"


def book(days, **options):
    orders = pd.DataFrame({"who": range(len(days)), "on": days, "paid": 1.0})
    return order_book(orders, customer="who", date="on", amount="paid", **options)


def days_of(days, **options):
    return customer_table(book(days, **options))["last_date"].dt.strftime("%Y-%m-%d").tolist()


def met(found, rule):
    return found.rules.set_index("rule").loc[rule, "n"]


THREE = ["2024-01-05", "31.03.2024", "02/25/2024", "01.02.2024"]


def test_three_forms_in_one_column_are_listed_with_their_counts():
    with pytest.raises(DataError) as caught:
        book(THREE)
    found, expected, do = str(caught.value).splitlines()
    assert found == (
        "The dates in 'on' are written in more than one form: 01.02.2024 (2 rows), "
        "02/25/2024 (1 rows), 2024-01-05 (1 rows)."
    )
    assert expected.startswith("Expected one form")
    assert "date_format=[" in do


def test_forms_that_are_given_are_tried_in_turn():
    formats = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"]
    expected = ["2024-01-05", "2024-03-31", "2024-02-25", "2024-02-01"]
    assert days_of(THREE, date_format=formats) == expected
    with pytest.raises(DataError, match=r"1 rows of 'on' have dates in no format.*02/25/2024"):
        book(THREE, date_format=formats[:2])


@pytest.mark.parametrize(
    "texts, options",
    [
        (["05.01.2024", "31.03.2024"], {}),
        (["5.1.2024", "31.3.2024"], {}),
        (["05.01.24", "31.03.24"], {}),
        (["05/01/2024", "31/03/2024"], {}),
        (["01/05/2024", "03/31/2024"], {}),
        (["05-01-2024", "31-03-2024"], {}),
        (["2024/01/05", "2024/03/31"], {}),
        (["20240105", "20240331"], {}),
        ([" 2024-01-05 ", "2024-03-31 23:59:59.999"], {}),
        (["05.01.2024 7:05", "31.03.2024 23:59"], {}),
        (["05.01.2024 07:05 AM", "31.03.2024 11:59 p.m."], {}),
        (["5 Jan 2024", "31 Mar 2024"], {"date_format": "%d %b %Y"}),
        (["05.01.2024 07:05", "31.03.2024 23:59"], {"date_format": "%d.%m.%Y %H:%M"}),
        (["01/05/2024T07:05", "03/31/2024"], {"date_format": ["%m/%d/%YT%H:%M"]}),
    ],
)
def test_forms_of_text(texts, options):
    assert days_of(texts, **options) == ["2024-01-05", "2024-03-31"]


@pytest.mark.parametrize("texts", [["03/04/2024", "05/06/2024"], ["3/4/2024", "10/12/2024"]])
def test_a_day_and_a_month_that_can_be_mistaken(texts):
    with pytest.raises(DataError, match="leaves open which is the day and which the month"):
        book(texts)
    assert days_of(texts, date_format="%d/%m/%Y")[0] == "2024-04-03"
    assert days_of(texts, date_format="%m/%d/%Y")[0] == "2024-03-04"


@pytest.mark.parametrize(
    "days, message",
    [
        (["soon", "soon"], "'on' is no column of times: it holds 'soon'"),
        (["2024-02-30"], "it holds '2024-02-30'"),
        ([20240105, 20240331], "of the kind int64.*\nExpected dates"),
        ([True], "of the kind boolean"),
        (pd.period_range("2024-01", periods=2, freq="M"), "'on' holds periods such as 2024-01"),
        ([None, "", pd.NaT], "3 rows have this fault: no date"),
    ],
)
def test_columns_that_are_no_dates(days, message):
    with pytest.raises(DataError, match=message) as caught:
        book(days)
    assert len(str(caught.value).splitlines()) == 3
    assert "respondents" not in str(caught.value)


def test_ids_in_place_of_dates():
    with pytest.raises(DataError, match="more than 200,000 different days"):
        book([f"order {at}" for at in range(200_001)])


DAY = pd.Timestamp("2024-01-05")


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([DAY, None]),
        pd.Series([DAY, None]).astype("datetime64[ns]"),
        pd.Series([DAY, None]).astype("datetime64[ms]"),
        pd.Series([DAY, None]).astype("category"),
        pd.Series([DAY.date(), None], dtype=object),
        pd.Series([DAY.to_pydatetime(), pd.NaT], dtype=object),
        pd.Series([np.datetime64("2024-01-05"), None], dtype=object),
        pd.Series([DAY, ""], dtype=object),
        pd.Series(["2024-01-05", None], dtype="str"),
        pd.Series(["2024-01-05", None], dtype="string"),
        pd.Series(["2024-01-05", None], dtype="category"),
        pd.Series(pd.PeriodIndex(["2024-01-05", None], freq="D")),
    ],
    ids=lambda column: str(column.dtype),
)
def test_kinds_of_columns(column):
    found = book(column, missing_date="leave_out")
    assert (met(found, "missing_date"), met(found, "used")) == (1, 1)
    assert (found.first_date, found.as_of) == (DAY, DAY)


# An instant half an hour before midnight in UTC is a day later in Ljubljana, winter and summer.
INSTANTS = ["2024-01-05 23:30", "2024-06-30 22:30", "2024-06-30 21:30"]
LOCAL = ["2024-01-06", "2024-07-01", "2024-06-30"]


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_zoned_columns_are_turned_into_one_zone(unit):
    column = pd.Series(pd.to_datetime(INSTANTS)).astype(f"datetime64[{unit}]").dt.tz_localize("UTC")
    assert days_of(column, timezone=LJUBLJANA) == LOCAL
    assert days_of(column.dt.tz_convert("Asia/Tokyo"), timezone=LJUBLJANA) == LOCAL
    assert days_of(column.dt.tz_convert("Asia/Tokyo")) == [text[:10] for text in INSTANTS]
    found = book(column, timezone=LJUBLJANA)
    assert met(found, "timezone") == 3
    missing = pd.concat([column, pd.Series([pd.NaT], dtype=column.dtype)], ignore_index=True)
    assert met(book(missing, missing_date="leave_out"), "timezone") == 3


@pytest.mark.parametrize("zones", [("UTC", "Asia/Tokyo", "America/New_York"), ("UTC",) * 3])
def test_objects_of_mixed_zones(zones):
    times = [pd.Timestamp(text, tz="UTC") for text in INSTANTS]
    mixed = [time.tz_convert(zone) for time, zone in zip(times, zones, strict=True)]
    assert days_of(pd.Series(mixed, dtype=object), timezone=LJUBLJANA) == LOCAL


@pytest.mark.parametrize(
    "text, day, zoned",
    [
        ("2024-01-05T23:30:00Z", "2024-01-06", 1),
        ("2024-01-05 23:30 UTC", "2024-01-06", 1),
        ("2024-01-05 23:30 GMT+02:00", "2024-01-05", 1),
        ("2024-01-05 23:30:00.123+00:00", "2024-01-06", 1),
        ("2024-01-06T00:30:00+0530", "2024-01-05", 1),
        ("2024-01-06 00:30 +05", "2024-01-05", 1),
        ("2024-01-05 17:59-05:00", "2024-01-05", 1),
        ("2024-01-05 18:00-05:00", "2024-01-06", 1),
        ("2024-01-05 23:30", "2024-01-05", 0),
        ("2024-01-05", "2024-01-05", 0),
    ],
)
def test_texts_with_a_zone(text, day, zoned):
    found = book([text], timezone=LJUBLJANA)
    assert found.last_date == pd.Timestamp(day)
    assert met(found, "timezone") == zoned


def test_texts_with_and_without_a_zone_stand_side_by_side():
    texts = ["05.01.2024 23:30 +00:00", "05.01.2024 23:30", "31.01.2024"]
    assert days_of(texts, timezone=LJUBLJANA) == ["2024-01-06", "2024-01-05", "2024-01-31"]
    assert met(book(texts), "timezone") == 1


@pytest.mark.parametrize("text", ["2024-01-05 23:30 EST", "2024-01-05 11:30 PM +00:00"])
def test_a_zone_that_is_not_understood_is_not_passed_over(text):
    with pytest.raises(DataError, match=f"not understood: 1 rows, such as '{text[:16]}"):
        book([text, "2024-01-05 23:30"], timezone=LJUBLJANA)


@pytest.mark.parametrize("written", [False, True], ids=["times", "texts"])
def test_every_hour_around_the_changes_of_the_clock(written):
    # 31 March and 27 October 2024, when the clock of Ljubljana was put on and back.
    hours = pd.date_range("2024-03-30", "2024-04-01", freq="30min", tz="UTC").append(
        pd.date_range("2024-10-26", "2024-10-28", freq="30min", tz="UTC")
    )
    zone = ZoneInfo(LJUBLJANA)
    expected = [hour.to_pydatetime().astimezone(zone).strftime("%Y-%m-%d") for hour in hours]
    column = pd.Series(hours.strftime("%Y-%m-%dT%H:%M:%SZ") if written else hours)
    assert days_of(column, timezone=LJUBLJANA) == expected


def test_times_far_apart_meet_every_change_of_the_clock():
    times = pd.date_range("1995-01-01 22:30", "2030-01-01", freq="37D", tz="UTC")
    zone = ZoneInfo("America/New_York")
    expected = [time.to_pydatetime().astimezone(zone).strftime("%Y-%m-%d") for time in times]
    assert days_of(pd.Series(times), timezone="America/New_York") == expected


def test_a_zone_that_does_not_exist():
    with pytest.raises(ParameterError, match="timezone is 'Mars/Phobos'"):
        book(["2024-01-05"], timezone="Mars/Phobos")


@pytest.mark.parametrize(
    "as_of", ["2024-02-01", dt.date(2024, 2, 1), pd.Timestamp("2024-02-01 15:00", tz="UTC")]
)
def test_the_day_the_orders_are_looked_at(as_of):
    found = book(["2024-01-05", "2024-02-01 23:00", "2024-02-02"], as_of=as_of)
    assert found.as_of == pd.Timestamp("2024-02-01")
    assert (met(found, "future"), met(found, "used")) == (1, 2)
    assert customer_table(found)["recency_days"].tolist() == [27.0, 0.0]


def test_it_is_the_day_of_the_last_row_that_is_used():
    found = book(["2024-01-05", "2024-02-01 23:00"])
    assert found.as_of == pd.Timestamp("2024-02-01")
    orders = pd.DataFrame({"who": ["a", None], "on": ["2024-01-05", "2024-09-01"], "paid": 1})
    found = order_book(orders, customer="who", date="on", amount="paid")
    assert found.as_of == pd.Timestamp("2024-01-05")


@pytest.mark.parametrize("as_of", ["soon", pd.NaT, "2024-13-01"])
def test_it_must_be_a_day(as_of):
    with pytest.raises(ParameterError, match="as_of is"):
        book(["2024-01-05"], as_of=as_of)


def test_it_lies_before_every_order():
    with pytest.raises(DataError, match="None of the 2 rows can be used: 2 after the day"):
        book(["2024-01-05", "2024-02-01"], as_of="2023-12-31")
