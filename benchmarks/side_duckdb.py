"""What duckdb is asked: each question from the file of orders, as one statement."""

import duckdb
from worker import serve

RFM = """
SELECT customer, count(*) AS n_orders, sum(amount) AS amount, min(date) AS first_date,
       max(date) AS last_date,
       date_diff('day', max(date), (SELECT max(date) FROM '{path}')) AS recency_days
FROM '{path}' GROUP BY customer
"""
ABC_XYZ = """
WITH monthly AS (
    SELECT customer, date_trunc('month', date) AS month, sum(amount) AS amount
    FROM '{path}' GROUP BY ALL
), customers AS (
    SELECT customer, sum(amount) AS amount, sum(amount * amount) AS squares
    FROM monthly GROUP BY customer
), measured AS (
    SELECT customer, amount,
           (sum(amount) OVER (ORDER BY amount DESC ROWS UNBOUNDED PRECEDING) - amount)
           / sum(amount) OVER () AS before,
           sqrt(greatest(squares - amount * amount / 24, 0) / 23) / (amount / 24) AS cv
    FROM customers
)
SELECT customer, amount, cv,
       CASE WHEN before < 0.8 THEN 'A' WHEN before < 0.95 THEN 'B' ELSE 'C' END AS abc,
       CASE WHEN cv <= 0.5 THEN 'X' WHEN cv <= 1 THEN 'Y' ELSE 'Z' END AS xyz
FROM measured
"""
COHORTS = """
WITH quarters AS (
    SELECT customer, date_trunc('quarter', date) AS quarter, amount FROM '{path}'
), firsts AS (
    SELECT customer, min(quarter) AS cohort FROM quarters GROUP BY customer
)
SELECT cohort, quarter, count(DISTINCT customer) AS customers, sum(amount) AS amount
FROM quarters JOIN firsts USING (customer) GROUP BY ALL ORDER BY ALL
"""


def rfm(path: str, _: int) -> dict:
    found = duckdb.sql(RFM.format(path=path)).df()
    return {
        "customers": [len(found)],
        "orders": [int(found["n_orders"].sum())],
        "revenue": [float(found["amount"].sum())],
        "recency": [int(found["recency_days"].sum())],
    }


def abc_xyz(path: str, _: int) -> dict:
    found = duckdb.sql(ABC_XYZ.format(path=path)).df()
    counts = found.groupby(["abc", "xyz"]).size()
    return {"classes": [int(counts.get((a, x), 0)) for a in "ABC" for x in "XYZ"]}


def cohorts(path: str, _: int) -> dict:
    found = duckdb.sql(COHORTS.format(path=path)).df()
    return {"bought": found["customers"].tolist(), "spent": found["amount"].tolist()}


def together(path: str, _: int) -> dict:
    return rfm(path, _) | abc_xyz(path, _) | cohorts(path, _)


serve({"rfm": rfm, "abc_xyz": abc_xyz, "together": together}, f"duckdb {duckdb.__version__}")
