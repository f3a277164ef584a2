"""A real Spark gives what DuckDB gives: every table, for every kind of source, to the last unit."""

import shutil

import ibis
import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError
from custlib.segmentation import cohort_table, customer_periods, customer_table, order_book

pytest.importorskip("pyspark", reason="pyspark is not installed; it comes with custlib[spark]")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not found", allow_module_level=True)

ROLES = {"customer": "who", "date": "on", "amount": "paid"}
LJUBLJANA = {"timezone": "Europe/Ljubljana"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("custlib")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def engine(spark):
    return ibis.pyspark.connect(spark)


@pytest.fixture
def far_session(spark, engine):
    """Another zone of the session, as results must not hang on it."""
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    yield
    spark.conf.set("spark.sql.session.timeZone", "UTC")


def orders(n=120):
    """Sales with everything that rules are for, times near midnight, sums that floats miss."""
    rng = np.random.default_rng(3)
    who = np.array(["Ana", "Bor", "Иван", " Cene ", "007", "7", "", "guest"])
    hours = pd.to_timedelta(rng.integers(0, 300, n) * 24 + rng.choice([0, 12, 22, 23], n), unit="h")
    frame = pd.DataFrame(
        {
            "who": who[rng.integers(0, len(who), n)],
            "on": pd.Timestamp("2023-11-02 00:30") + hours,
            "paid": rng.integers(-20, 100, n) / 10,
            "gain": rng.integers(-20, 30, n) / 7,
            "id": np.where(rng.random(n) < 0.1, "C", "") + rng.integers(0, 60, n).astype(str),
            "pieces": rng.integers(0, 4, n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "id"] = None
    return pd.concat([frame, frame.iloc[:5]], ignore_index=True)


def tables(source, engine, *, few=False, **options):
    book = order_book(source, engine=engine, **(ROLES | options))
    days = pd.DataFrame({"day": [book.as_of, book.first_date, book.last_date]})
    result = {"rules": book.rules, "days": days, "customers": customer_table(book)}
    if few:
        return book.engine, result
    result |= {
        "quarters": customer_table(book, period="quarter", until="2024-06-30", as_of="2024-07-31"),
        "periods": customer_periods(book),
        "cohorts": cohort_table(book),
    }
    return book.engine, result


def assert_agree(source, engine, other=None, **options):
    """Exactly equal: sums are of whole units, and all that follows is computed in one place."""
    name, expected = tables(source, None, **options)
    assert name == "duckdb"
    name, found = tables(source if other is None else other, engine, **options)
    assert name == "pyspark"
    for title, table in expected.items():
        pd.testing.assert_frame_equal(found[title], table, check_exact=True, obj=title)
    return expected


def test_text_with_decimal_commas_dates_and_an_old_encoding(engine, tmp_path):
    frame = orders()
    frame["on"] = frame["on"].dt.strftime("%d.%m.%Y %H:%M")
    frame["paid"] = [
        f"{1000 + value:,.2f}".replace(",", " ").replace(".", ",") for value in frame["paid"]
    ]
    path = tmp_path / "заказы.csv"
    text = "Orders of the shop;;;;;\n" + frame.to_csv(index=False, sep=";", lineterminator="\r\n")
    path.write_bytes(text.encode("cp1251"))
    found = assert_agree(path, engine, unknown=["guest"], profit="gain")
    assert found["rules"].set_index("rule").loc["missing_customer", "n"] > 0
    assert found["customers"]["customer"].tolist() == ["007", "7", "Ana", "Bor", "Cene", "Иван"]


def test_parquet_with_zoned_times(engine, tmp_path, far_session):
    frame = orders()
    frame["on"] = frame["on"].dt.tz_localize("UTC")
    for at, part in enumerate((frame.iloc[:50], frame.iloc[50:])):
        part.to_parquet(tmp_path / f"{at}.parquet")
    options = {"order": "id", "cancelled_prefix": "C", "quantity": "pieces", "merge_days": True}
    found = assert_agree(tmp_path / "*.parquet", engine, **options, **LJUBLJANA)
    rules = found["rules"].set_index("rule")["n"]
    assert rules["timezone"] == len(frame)
    assert rules["cancellations"] > 0


def test_a_frame_of_zoned_texts_under_rules_that_leave_out(engine):
    frame = orders()
    zones = np.where(frame.index % 3 == 0, "", np.where(frame.index % 3 == 1, "Z", "-05:00"))
    frame["on"] = frame["on"].dt.strftime("%Y-%m-%dT%H:%M:%S") + zones
    rules = dict.fromkeys(("duplicates", "returns", "zeros", "missing_date"), "leave_out")
    frame.loc[7, "on"] = ""
    found = assert_agree(frame, engine, as_of="2024-07-15", **rules, **LJUBLJANA)
    counts = found["rules"].set_index("rule")["n"]
    assert (counts[[*rules, "future", "timezone"]] > 0).all()


@pytest.mark.parametrize("zoned", [False, True])
def test_a_frame_of_times(engine, far_session, zoned):
    frame = orders(60)
    frame["on"] = frame["on"].dt.tz_localize("America/New_York") if zoned else frame["on"]
    assert_agree(frame, engine, few=True, **LJUBLJANA)


@pytest.mark.parametrize("kind", ["timestamp", "timestamp_ntz", "date", "string"])
def test_a_table_of_spark(spark, engine, far_session, kind):
    frame = orders(60)[["who", "on", "paid"]]
    texts = frame.assign(on=frame["on"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    rows = spark.createDataFrame(texts)
    # Spark's own timestamps are points in time, written here in the zone of the session.
    rows.withColumn("on", rows["on"].cast(kind)).createOrReplaceTempView("sales")
    same = {
        "timestamp": frame["on"].dt.tz_localize("America/New_York"),
        "timestamp_ntz": frame["on"],
        "date": frame["on"].dt.date,
        "string": texts["on"],
    }
    same = frame.assign(on=same[kind])
    found = assert_agree(same, None, engine.table("sales"), few=True, **LJUBLJANA)
    zoned = found["rules"].set_index("rule").loc["timezone", "n"]
    assert zoned == (len(frame) if kind == "timestamp" else 0)


@pytest.mark.parametrize("last", ["a,2024-01-05,10,7", "a,2024-01-05"])
def test_rows_with_too_many_or_too_few_cells(engine, tmp_path, last):
    path = tmp_path / "orders.csv"
    path.write_text("who,on,paid\na,2024-01-05,10\n" + last + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"orders.csv cannot be read: .*{last}"):
        order_book(path, engine=engine, **ROLES)


def test_messages_are_the_same(engine):
    frame = orders(30).assign(on=None)
    messages = []
    for one in (None, engine):
        with pytest.raises(DataError, match="no date") as caught:
            order_book(frame, engine=one, **ROLES)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
