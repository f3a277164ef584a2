"""Where orders come from: delimited text, parquet, frames, tables of a user's own engine."""

import subprocess
import sys

import ibis
import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation import customer_table, order_book
from custlib.segmentation.transactions.engine import embedded_engine

ROLES = {"customer": "who", "date": "on", "amount": "paid"}
HEADER = "who,on,paid\n"
FRAME = pd.DataFrame(
    {"who": ["a", "a", "b"], "on": ["2024-01-05", "2024-03-01", "2024-02-02"], "paid": [10, 30, 5]}
)
EXPECTED = {"a": 40.0, "b": 5.0}


def amounts(orders, **options):
    table = customer_table(order_book(orders, **(ROLES | options)))
    return dict(zip(table["customer"], table["amount"], strict=True))


@pytest.fixture
def written(tmp_path):
    def write(text, name="orders.csv", encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    return write


RUSSIAN = "Клиент;Дата;Сумма\nИван;05.01.2024;1 000,50\nПётр;31.03.2024;30,5\n"


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_cyrillic_headers_cells_and_paths(written, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path = written(mark + RUSSIAN, "заказы/за март.csv", encoding)
    found = amounts(str(path), customer="Клиент", date="Дата", amount="Сумма")
    assert found == {"Иван": 1000.5, "Пётр": 30.5}


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "a,2024-01-05,40\nb,2024-02-01,5\n",
        HEADER + "a,2024-01-05,40\nb,2024-02-01,5",
        (HEADER + "a,2024-01-05,40\nb,2024-02-01,5\n").replace("\n", "\r\n"),
        HEADER + "a,2024-01-05,40\n\n\nb,2024-02-01,5\n\n",
        "paid\ton\twho\n40\t2024-01-05\ta\n5\t2024-02-01\tb\n",
        "who|on|paid\na|2024-01-05|40\nb|2024-02-01|5\n",
        'Orders of the shop\n\n"made by\nhand",,\n' + HEADER + "a,2024-01-05,40\nb,2024-02-01,5\n",
        'who,note,on,paid\na,"one\ntwo; ""three""",2024-01-05,40\nb,,2024-02-01,5\n',
        "who,on,paid,\na,2024-01-05,40,\nb,2024-02-01,5,\n",
        " who ,on,paid,x,x,Paid\na,2024-01-05,40,1,2,3\nb,2024-02-01,5,4,5,6\n",
    ],
    ids=[
        "plain",
        "no end",
        "crlf",
        "blanks",
        "tab",
        "bar",
        "titles",
        "quotes",
        "trailing",
        "twice",
    ],
)
def test_forms_of_delimited_text(written, text):
    assert amounts(written(text)) == EXPECTED


def test_a_header_over_two_lines(written):
    path = written('"customer\nid",on,paid\na,2024-01-05,40\n')
    assert amounts(path, customer="customer id") == {"a": 40.0}


def test_ids_come_as_they_are_written(written):
    path = written(HEADER + "".join(f"{one},2024-01-05,1\n" for one in ("007", "7", "#7", "NULL")))
    assert amounts(path) == {"007": 1.0, "7": 1.0, "#7": 1.0, "NULL": 1.0}


@pytest.mark.parametrize("last", ["a,2024-01-05,10,7", "a,2024-01-05", '"a,2024-01-05,10'])
@pytest.mark.parametrize("rows", [1, 30_000])
def test_rows_with_too_many_or_too_few_cells(written, last, rows):
    path = written(HEADER + "a,2024-01-05,10\n" * rows + last + "\n")
    with pytest.raises(DataError, match=f"orders.csv cannot be read: .*Line: {rows + 2}"):
        order_book(path, **ROLES)


def test_another_encoding_far_down(written, monkeypatch):
    monkeypatch.setattr("custlib.segmentation.transactions.tables.EVIDENCE", 1000)
    path = written(HEADER + "a,2024-01-05,10\n" * 20_000 + "é,2024-01-05,10\n", encoding="cp1252")
    with pytest.raises(DataError, match=r"orders.csv cannot be read: .*Line: 20002"):
        order_book(path, **ROLES)


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file(written, text):
    with pytest.raises(DataError, match=r"orders.csv cannot be read: it is empty"):
        order_book(written(text), **ROLES)


def test_a_header_alone(written):
    with pytest.raises(DataError, match="None of the 0 rows can be used"):
        order_book(written(HEADER), **ROLES)


def test_absent_and_repeated_columns(written):
    with pytest.raises(DataError, match=r"not in the table: paid.\nThe table has: on, pad, who"):
        order_book(written("who,on,pad\na,2024-01-05,10\n"), **ROLES)
    with pytest.raises(DataError, match="more than once: paid"):
        order_book(written("who,on,paid,paid\na,2024-01-05,10,11\n"), **ROLES)
    with pytest.raises(DataError, match=r"not in the table: pay.\nThe table has: on, paid, who"):
        order_book(FRAME, **(ROLES | {"amount": "pay"}))
    with pytest.raises(DataError, match="more than once: paid"):
        order_book(pd.concat([FRAME, FRAME[["paid"]]], axis=1), **ROLES)


def test_files_of_a_pattern_may_differ_in_form_and_order(written):
    written(HEADER + "a,2024-01-05,10\n", "many/1.csv")
    path = written("x;paid;who;on\n7;30,5;a;2024-02-05\n7;5;b;2024-02-05\n", "many/2.csv", "cp1251")
    assert amounts(path.parent / "*.csv") == {"a": 40.5, "b": 5.0}
    assert amounts(path.parent / "*.csv", duplicates="leave_out") == {"a": 40.5, "b": 5.0}
    written("who,on\na,2024-01-05\n", "many/3.csv")
    with pytest.raises(DataError, match=r"not in the table: paid"):
        order_book(path.parent / "*.csv", **ROLES)


def test_names_of_files_are_no_patterns(written):
    written(HEADER + "b,2024-01-05,10\n", "o1.csv")
    FRAME.to_parquet(written("", "o1.parquet"))
    for name in ("o[1].csv", "o*.csv", "it's.csv", "o?.csv"):
        assert amounts(written(HEADER + "a,2024-01-05,10\n", name)) == {"a": 10.0}
        path = written("", name).with_suffix(".parquet")
        FRAME.head(1).to_parquet(path)
        assert amounts(path) == {"a": 10.0}


def test_parquet_files_of_a_pattern(tmp_path):
    FRAME.iloc[:2].to_parquet(tmp_path / "1.parquet")
    FRAME.iloc[2:].assign(paid=[5.0])[["paid", "on", "who"]].to_parquet(tmp_path / "2.parquet")
    assert amounts(tmp_path / "1.parquet") == {"a": 40.0}
    assert amounts(str(tmp_path / "*.parquet")) == EXPECTED


@pytest.mark.parametrize("other", [{"who": [1, 2, 3]}, {"on": pd.to_datetime(FRAME["on"])}])
def test_parquet_files_whose_columns_differ_in_kind(tmp_path, other):
    FRAME.to_parquet(tmp_path / "1.parquet")
    FRAME.assign(**other).to_parquet(tmp_path / "2.parquet")
    with pytest.raises(DataError, match="is not of one kind in all files"):
        order_book(tmp_path / "*.parquet", **ROLES)


def test_files_that_cannot_be_read(written):
    with pytest.raises(DataError, match=r"bad.parquet cannot be read"):
        order_book(written("no parquet", "bad.parquet"), **ROLES)
    with pytest.raises(DataError, match=r"end in .xlsx.*\nExpected csv.*\nExport the orders"):
        order_book(written("sheet", "orders.xlsx"), **ROLES)
    written(HEADER, "orders.csv")
    with pytest.raises(DataError, match=r"end in .csv, .parquet, .xlsx"):
        order_book(written("x", "x.parquet").parent / "*.*", **ROLES)
    with pytest.raises(DataError, match="No file matches"):
        order_book("nowhere/orders.csv", **ROLES)
    with pytest.raises(ParameterError, match="The orders are a list"):
        order_book([1, 2], **ROLES)


def test_nothing_written_on_the_way_is_left(written, monkeypatch):
    place = written("", "temporary/x").parent
    monkeypatch.setattr("tempfile.tempdir", str(place))
    amounts(written("Orders\n" + HEADER + "a,2024-01-05,10\n"))
    assert [path.name for path in place.iterdir()] == ["x"]


def tables_of(own):
    return [name for (name,) in own.raw_sql("SELECT table_name FROM duckdb_tables()").fetchall()]


def test_a_table_of_an_own_connection(tmp_path):
    path = tmp_path / "shop.duckdb"
    own = ibis.duckdb.connect(path)
    own.create_table("orders", FRAME.assign(on=["05.01.2024", "01.03.2024", "15.02.2024"]))
    book = order_book(own.table("orders"), **ROLES)
    assert amounts(own.table("orders").filter(ibis._.who == "a")) == {"a": 40.0}
    assert customer_table(book)["amount"].tolist() == [40.0, 5.0]
    del book
    assert tables_of(own) == ["orders"]
    own.disconnect()
    own = ibis.duckdb.connect(path, read_only=True)
    assert amounts(own.table("orders")) == EXPECTED
    own.disconnect()


def test_an_engine_that_is_passed_keeps_nothing_of_the_orders():
    own = embedded_engine(threads=1)
    book = order_book(FRAME, engine=own, **ROLES)
    assert book.engine == "duckdb"
    assert len(tables_of(own)) == 1  # the cube
    assert customer_table(book)["amount"].tolist() == [40.0, 5.0]


def test_a_table_in_memory():
    assert amounts(ibis.memtable(FRAME)) == EXPECTED


def test_limits_of_the_engine(tmp_path):
    options = {"memory_limit": "500MB", "spill_folder": str(tmp_path)}
    assert amounts(FRAME, **options) == EXPECTED
    with pytest.raises(ParameterError, match="The engine did not start"):
        order_book(FRAME, memory_limit="plenty", **ROLES)


def test_the_frame_is_not_changed():
    frame = FRAME.assign(
        who=pd.Series(["a", 1, None], dtype=object),
        kind=pd.Categorical(["x", None, "x"]),
        on=pd.to_datetime(FRAME["on"]).dt.tz_localize("UTC"),
    )
    frame.index = [5, 3, 3]
    before = frame.copy(deep=True)
    order_book(frame, duplicates="keep", **ROLES)
    pd.testing.assert_frame_equal(frame, before)


def test_columns_that_nobody_named_are_no_hindrance():
    odd = FRAME.assign(
        Paid=1.0,
        span=pd.Interval(0, 1),
        far=1j,
        took=pd.Timedelta(days=1),
        month=pd.period_range("2024-01", periods=3, freq="M"),
        mixed=[{"a": 1}, [2], 3],
    )
    assert amounts(odd) == EXPECTED
    assert amounts(odd.drop(columns="Paid"), duplicates="keep") == EXPECTED
    with pytest.raises(DataError, match="more than once: Paid, paid"):
        order_book(odd, duplicates="keep", **ROLES)


@pytest.mark.parametrize("name", ["order_day", "zoned", "day_text", "second", "units", "day"])
def test_columns_may_be_called_as_they_please(name):
    frame = FRAME.assign(on=["05.01.2024 23:30+00:00", "31.03.2024", "02.02.2024"])
    assert amounts(frame.assign(**{name: "x"})) == EXPECTED
    assert amounts(frame.rename(columns={"on": name}), date=name) == EXPECTED
    assert amounts(frame.rename(columns={"who": name}), customer=name) == EXPECTED
    assert amounts(frame.rename(columns={"paid": name}), amount=name) == EXPECTED


def test_numbers_as_names_of_columns():
    frame = FRAME.set_axis([0, 1, 2], axis=1)
    assert amounts(frame, customer="0", date="1", amount="2") == EXPECTED


IDS = {
    "mixed": (pd.Series([1, "1", 1.0, "001", " 1 "], dtype=object), {"1": 4.0, "001": 1.0}),
    "whole": (pd.Series([1, 1, 2, 3, 3]), {1: 2.0, 2: 1.0, 3: 2.0}),
    "floats": (pd.Series([1.0, 1.0, 2.0, np.nan, np.inf]), {1: 2.0, 2: 1.0}),
    "nullable": (pd.Series([1, 1, 2, None, None], dtype="Int64"), {1: 2.0, 2: 1.0}),
    "category": (pd.Series([1, 1, 2, None, None], dtype="category"), {1: 2.0, 2: 1.0}),
    "names": (pd.Series(["a", "a ", "b", None, ""], dtype="category"), {"a": 2.0, "b": 1.0}),
    "long": (pd.Series([2**60, 2**60 + 1, 2**60, None, None], dtype="Int64"), None),
}


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_customers(kind):
    ids, expected = IDS[kind]
    if expected is None:
        expected = {str(2**60): 2.0, str(2**60 + 1): 1.0}
    orders = pd.DataFrame({"who": ids, "on": "2024-01-05", "paid": 1})
    assert amounts(orders) == expected


@pytest.mark.parametrize("kind", ["int64", "str"])
def test_a_million_customers_with_one_order_each(kind):
    ids = pd.Series(np.arange(1_000_000)).astype(kind)
    orders = pd.DataFrame({"who": ids, "on": pd.Timestamp("2024-01-05"), "paid": 10.0})
    table = customer_table(order_book(orders, **ROLES))
    assert table["customer"].is_unique
    assert (len(table), table["amount"].sum()) == (1_000_000, 1e7)
    assert (table["n_orders"] == 1).all()


def test_ibis_is_not_imported_before_it_is_needed_by_other_floors():
    code = "import sys, custlib.survey; sys.exit('ibis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
