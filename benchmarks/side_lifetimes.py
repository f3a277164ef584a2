"""What lifetimes is asked: its summary of transactions, which it counts by days."""

from importlib.metadata import version

import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data
from worker import serve


def rfm(path: str, _: int) -> dict:
    orders = pd.read_parquet(path)
    found = summary_data_from_transaction_data(
        orders, "customer", "date", monetary_value_col="amount", include_first_transaction=True
    )
    return {
        "customers": [len(found)],
        "revenue": [float((found["frequency"] * found["monetary_value"]).sum())],
        "recency": [int((found["T"] - found["recency"]).sum())],
    }


serve({"rfm": rfm}, f"lifetimes {version('lifetimes')}")
