"""What pandas is asked: each question from the file of orders, as its users write it."""

import numpy as np
import pandas as pd
from worker import serve


def rfm(path: str, _: int) -> dict:
    orders = pd.read_parquet(path)
    found = orders.groupby("customer").agg(
        n_orders=("date", "size"),
        amount=("amount", "sum"),
        first_date=("date", "min"),
        last_date=("date", "max"),
    )
    found["recency_days"] = (found["last_date"].max() - found["last_date"]).dt.days
    return {
        "customers": [len(found)],
        "orders": [int(found["n_orders"].sum())],
        "revenue": [float(found["amount"].sum())],
        "recency": [int(found["recency_days"].sum())],
    }


def abc_xyz(path: str, _: int) -> dict:
    orders = pd.read_parquet(path)
    orders["month"] = orders["date"].dt.to_period("M")
    monthly = orders.groupby(["customer", "month"])["amount"].sum().unstack(fill_value=0)  # noqa: PD010
    found = pd.DataFrame({"amount": monthly.sum(axis=1)})
    found["cv"] = monthly.std(axis=1) / monthly.mean(axis=1)
    found = found.sort_values("amount", ascending=False)
    before = (found["amount"].cumsum() - found["amount"]) / found["amount"].sum()
    found["abc"] = pd.cut(before, [-1, 0.8, 0.95, 2], right=False, labels=list("ABC"))
    found["xyz"] = pd.cut(found["cv"], [-1, 0.5, 1, np.inf], labels=list("XYZ"))
    classes = pd.crosstab(found["abc"], found["xyz"], dropna=False)
    return {"classes": classes.to_numpy().ravel().tolist()}


def cohorts(path: str, _: int) -> dict:
    orders = pd.read_parquet(path)
    orders["quarter"] = orders["date"].dt.to_period("Q")
    orders["cohort"] = orders.groupby("customer")["quarter"].transform("min")
    found = orders.groupby(["cohort", "quarter"]).agg(
        customers=("customer", "nunique"), amount=("amount", "sum")
    )
    return {"bought": found["customers"].tolist(), "spent": found["amount"].tolist()}


def together(path: str, _: int) -> dict:
    return rfm(path, _) | abc_xyz(path, _) | cohorts(path, _)


serve({"rfm": rfm, "abc_xyz": abc_xyz, "together": together}, f"pandas {pd.__version__}")
