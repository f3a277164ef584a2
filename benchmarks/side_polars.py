"""What polars is asked: each question from the file of orders, as a lazy query of its own."""

import polars as pl
from worker import serve

PERIODS = 24


def rfm(path: str, _: int) -> dict:
    found = (
        pl.scan_parquet(path)
        .group_by("customer")
        .agg(
            n_orders=pl.len(),
            amount=pl.col("amount").sum(),
            first_date=pl.col("date").min(),
            last_date=pl.col("date").max(),
        )
        .with_columns(
            recency_days=(pl.col("last_date").max() - pl.col("last_date")).dt.total_days()
        )
        .collect()
    )
    return {
        "customers": [len(found)],
        "orders": [found["n_orders"].sum()],
        "revenue": [found["amount"].sum()],
        "recency": [found["recency_days"].sum()],
    }


def three_classes(first: pl.Expr, second: pl.Expr, names: str) -> pl.Expr:
    high, middle, low = map(pl.lit, names)
    return pl.when(first).then(high).when(second).then(middle).otherwise(low)


def abc_xyz(path: str, _: int) -> dict:
    amount = pl.col("amount")
    before = (amount.cum_sum() - amount) / amount.sum()
    mean = amount / PERIODS
    spread = ((pl.col("squares") - PERIODS * mean**2) / (PERIODS - 1)).clip(0).sqrt()
    found = (
        pl.scan_parquet(path)
        .group_by("customer", month=pl.col("date").dt.truncate("1mo"))
        .agg(amount.sum())
        .group_by("customer")
        .agg(amount.sum(), squares=(amount**2).sum())
        .sort("amount", descending=True)
        .with_columns(
            abc=pl.when(before < 0.8)
            .then(pl.lit("A"))
            .when(before < 0.95)
            .then(pl.lit("B"))
            .otherwise(pl.lit("C")),
            xyz=pl.when(spread / mean <= 0.5)
            .then(pl.lit("X"))
            .when(spread / mean <= 1)
            .then(pl.lit("Y"))
            .otherwise(pl.lit("Z")),
        )
        .collect()
    )
    counts = {(a, x): n for a, x, n in found.group_by("abc", "xyz").len().rows()}
    return {"classes": [counts.get((a, x), 0) for a in "ABC" for x in "XYZ"]}


def cohorts(path: str, _: int) -> dict:
    found = (
        pl.scan_parquet(path)
        .with_columns(quarter=pl.col("date").dt.truncate("1q"))
        .with_columns(cohort=pl.col("quarter").min().over("customer"))
        .group_by("cohort", "quarter")
        .agg(customers=pl.col("customer").n_unique(), amount=pl.col("amount").sum())
        .sort("cohort", "quarter")
        .collect()
    )
    return {"bought": found["customers"].to_list(), "spent": found["amount"].to_list()}


def together(path: str, _: int) -> dict:
    return rfm(path, _) | abc_xyz(path, _) | cohorts(path, _)


serve({"rfm": rfm, "abc_xyz": abc_xyz, "together": together}, f"polars {pl.__version__}")
