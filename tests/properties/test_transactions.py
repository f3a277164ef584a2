"""Customers of any orders are what plain pandas makes of them, in whole cents."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custlib.segmentation import cohort_table, customer_periods, customer_table, order_book

ROLES = {"customer": "who", "date": "on", "amount": "paid"}
CENTS = st.integers(-5_000, 10_000)
DAYS = st.integers(0, 200)
ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "", None]), DAYS, CENTS, st.integers(1, 4)),
    min_size=1,
    max_size=25,
)


def frame(rows):
    """The rows, and one order on the first day, as a book needs one."""
    table = pd.DataFrame([("z", 0, 1, 0), *rows], columns=["who", "day", "cents", "id"])
    table["on"] = pd.Timestamp("2024-01-15") + pd.to_timedelta(table["day"], unit="D")
    return table.assign(paid=table["cents"] / 100, id=table["id"].astype("str"))


def by_pandas(table, order):
    """Customers by loops over whole cents."""
    table = table[table["who"].notna() & (table["who"] != "")]
    last = table["on"].max()
    months = (last.year - 2024) * 12 + last.month
    rows = {}
    for who, mine in table.groupby("who"):
        orders = [one for _, one in (mine.groupby("id") if order else mine.groupby(mine.index))]
        sums = [one["cents"].sum() for one in orders]
        lows = [one["cents"].min() for one in orders]
        bought = [
            total > 0 or (total == 0 and low == 0) for total, low in zip(sums, lows, strict=True)
        ]
        days = [one["on"].min() for one in orders]
        spent = [0] * months
        for day, total in zip(days, sums, strict=True):
            spent[day.month - 1] += total
        when = [day for day, counts in zip(days, bought, strict=True) if counts]
        rows[who] = {
            "n_orders": sum(bought),
            "n_returns": sum(total < 0 for total in sums),
            "amount": sum(sums) / 100,
            "recency_days": (last - max(when)).days if when else np.nan,
            "age_days": (last - min(when)).days if when else np.nan,
            "n_active": len({day.month for day in when}),
            "n_periods": months,
            "amount_cv": variation(spent),
            "amount_cv_since_first": since_first(spent, when),
        }
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


def variation(spent):
    return np.std(spent, ddof=1) / np.mean(spent) if sum(spent) > 0 and len(spent) > 1 else np.nan


def since_first(spent, when):
    own = spent[min(when).month - 1 :] if when else []
    return variation(own) if len(own) >= 3 else np.nan


@settings(max_examples=25)
@given(rows=ROWS, order=st.booleans())
def test_the_customer_table_is_that_of_plain_pandas(rows, order):
    table = frame(rows)
    book = order_book(table, order="id" if order else None, **ROLES)
    found = customer_table(book).set_index("customer")
    expected = by_pandas(table, order)
    for name in expected:
        exact = name not in ("amount_cv", "amount_cv_since_first")
        close = {"rel": 0, "abs": 0} if exact else {"rel": 1e-12, "abs": 1e-12}
        got, want = found[name].tolist(), expected[name].tolist()
        assert got == pytest.approx(want, nan_ok=True, **close), name
    assert found.index.tolist() == expected.index.tolist()
    used = book.rules.set_index("rule").loc["used"]
    assert used["n"] == (table["who"].fillna("") != "").sum()


def everything(orders):
    book = order_book(orders, **ROLES)
    return book.rules, customer_table(book), customer_periods(book), cohort_table(book)


@settings(max_examples=10)
@given(rows=ROWS, seed=st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(rows, seed):
    table = frame(rows)
    again = table.sample(frac=1, random_state=seed)
    for one, other in zip(everything(table), everything(again), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@settings(max_examples=10)
@given(rows=ROWS, share=st.floats(0, 1), parquet=st.booleans())
def test_a_file_in_two_parts_is_the_file(rows, share, parquet):
    table = frame(rows)[["who", "on", "paid"]]
    at = 1 + int(share * (len(table) - 1))
    with TemporaryDirectory() as folder:
        for number, part in enumerate((table.iloc[:at], table.iloc[at:])):
            if parquet:
                part.to_parquet(Path(folder, f"{number}.parquet"))
            else:
                part.to_csv(Path(folder, f"{number}.csv"), index=False, float_format="%.2f")
        parts = everything(Path(folder, "*.*"))
    for one, other in zip(everything(table), parts, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
