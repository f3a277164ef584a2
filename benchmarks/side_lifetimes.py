"""What lifetimes is asked: its summary of transactions, which it counts by days, and its models."""

from functools import partial
from importlib.metadata import version

import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data
from purchases import answer_of
from worker import serve

WEEKS = 39  # ahead


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


def purchase_model(table: pd.DataFrame, _: int):
    """Its fit comes with standard errors and intervals."""
    fitted = BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])
    return partial(answer_of, table, fitted.params_[["r", "alpha", "a", "b"]].tolist())


def spend_model(table: pd.DataFrame, _: int) -> dict:
    fitted = GammaGammaFitter().fit(table["frequency"], table["monetary_value"])
    likelihood = -float(fitted._negative_log_likelihood_) * len(table)
    return {"parameters": fitted.params_[["p", "q", "v"]].tolist(), "log-likelihood": [likelihood]}


def fitted_before(table: pd.DataFrame) -> tuple:
    return table, BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])


def expected_purchases(prepared: tuple, _: int) -> dict:
    table, fitted = prepared
    found = fitted.predict(WEEKS, table["frequency"], table["recency"], table["T"])
    return {"purchases": found.tolist()}


JOBS = {
    "rfm": rfm,
    "purchase_model": purchase_model,
    "spend_model": spend_model,
    "expected_purchases": expected_purchases,
}
serve(JOBS, f"lifetimes {version('lifetimes')}", before={"expected_purchases": fitted_before})
