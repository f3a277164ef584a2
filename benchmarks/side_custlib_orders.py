"""What custlib is asked about orders: the file audited once, then each table from its cube."""

from importlib.metadata import version

import pandas as pd
from worker import serve

from custlib.segmentation.abc_xyz import abc_classes, xyz_classes
from custlib.segmentation.transactions import (
    OrderBook,
    cohort_table,
    customer_table,
    order_book,
)

MEMORY_LIMIT = "500MB"  # of the engine; the rest of the process comes on top


def book_of(path: str) -> OrderBook:
    roles = {"customer": "customer", "date": "date", "amount": "amount"}
    return order_book(path, **roles, memory_limit=MEMORY_LIMIT)


def of_customers(customers: pd.DataFrame) -> dict:
    return {
        "customers": [len(customers)],
        "orders": [int(customers["n_orders"].sum())],
        "revenue": [customers["amount"].sum()],
        "recency": [customers["recency_days"].sum()],
    }


def of_classes(customers: pd.DataFrame) -> dict:
    classed = xyz_classes(abc_classes(customers), rule="variation")
    counts = classed.groupby(["abc", "xyz"]).size()
    return {"classes": [int(counts.get((a, x), 0)) for a in "ABC" for x in "XYZ"]}


def rfm(path: str, _: int) -> dict:
    return of_customers(customer_table(book_of(path)))


def abc_xyz(path: str, _: int) -> dict:
    return of_classes(customer_table(book_of(path)))


def together(path: str, _: int) -> dict:
    book = book_of(path)
    customers = customer_table(book)
    cohorts = cohort_table(book).query("numerator > 0")
    answer = {"bought": cohorts["numerator"].tolist(), "spent": cohorts["amount"].tolist()}
    return of_customers(customers) | of_classes(customers) | answer


JOBS = {"rfm": rfm, "abc_xyz": abc_xyz, "together": together}
serve(JOBS, f"custlib {version('custlib')}")
