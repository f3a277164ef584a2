"""Cohorts: customers by the period of their first order, followed through later periods."""

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_columns, require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.intervals import wilson
from custlib.periods import PERIODS, month_of, period_label
from custlib.segmentation.transactions.book import OrderBook
from custlib.segmentation.transactions.cube import by_period
from custlib.segmentation.transactions.customers import as_frame


def cohort_table(
    book: OrderBook, *, period: str = "quarter", conf_level: float = 0.95
) -> pd.DataFrame:
    """Share of each cohort that bought again, 0–1, and its revenue, by periods since the first.

    Parameters
    ----------
    book : OrderBook
    period : {"month", "quarter", "half_year", "year"}, default "quarter"
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row a cohort and age, absent ages being rows of 0
        cohort, period, age, estimate, ci_low, ci_high, conf_level, amount, profit (if the book
        has it), n_orders, numerator (customers who bought), denominator (customers of the
        cohort), note ("period not over" where the last one is cut short).

    Raises
    ------
    ParameterError
        The period is none of those.

    Notes
    -----
    estimate = customers who bought at the age/customers of the cohort. The first order *of the
    book* makes the cohort: customers older than the data stand in its first cohort. Amounts are net
    of returns, but for those before a customer's first order, which count in no cohort. Intervals
    are Wilson's: customers of a cohort as a sample of those who could have come.

    Assumes: a customer is in one cohort, by the first order that the book holds; customers of a
    cohort are independent.

    Not for: leaving: a silent customer may come back (`purchase_model`), where contracts end
    `cohort_retention` counts. Neighbouring ages are the same people and not independent.

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> from custlib.segmentation import order_book
    >>> sales = pd.DataFrame({"who": ["a", "a", "b"], "paid": [10.0, 30.0, 5.0],
    ...                       "on": ["2024-01-05", "2024-04-01", "2024-02-02"]})
    >>> book = order_book(sales, customer="who", date="on", amount="paid")
    >>> cohort_table(book)[["cohort", "age", "estimate", "denominator"]].values.tolist()
    [['2024 Q1', 0, 1.0, 2], ['2024 Q1', 1, 0.5, 2]]
    """
    require_one_of("period", period, PERIODS)
    require_conf_level(conf_level)
    width = PERIODS[period]
    cells = by_period(book.cube, width)
    active = cells.filter(cells["n_orders"] > 0)
    joined = active.group_by("customer").aggregate(cohort_at=active["period"].min())
    both = cells.inner_join(joined, "customer")
    sums = both.group_by(["cohort_at", "period"]).aggregate(
        numerator=(both["n_orders"] > 0).sum().cast("int64"),
        n_orders=both["n_orders"].sum().cast("int64"),
        units=both["units"].sum().cast("int64"),
        profit_units=both["profit_units"].sum().cast("int64"),
    )
    found = as_frame(sums.filter(ibis._.period >= ibis._.cohort_at).order_by("cohort_at", "period"))
    return _arranged(_filled(found, book.last_month // width), book, period, conf_level)


def cohort_contrast(
    cohorts: pd.DataFrame, *, age: int | None = None, min_base: int = 1
) -> pd.DataFrame:
    """Cohorts at the same age, and one test of whether they bought alike.

    Parameters
    ----------
    cohorts : DataFrame
        As from `cohort_table`.
    age : int, optional
        Periods since the first order, at least 1; by default the oldest that most cohorts have
        reached.
    min_base : int, default 1
        Customers a cohort needs to take part.

    Returns
    -------
    DataFrame, one row a cohort that has reached the age
        The columns of `cohorts`, and statistic, df and p_value of the test of them all, the same
        in each row; NaN where fewer than two cohorts, or nobody or everybody, bought.

    Raises
    ------
    DataError
        A column is absent.

    Notes
    -----
    statistic = Σ (observed − expected)²/expected; expected = row sum × column sum/n; df = cohorts −
    1. This is Pearson's chi-square of bought or not by cohort, without a correction. It is one
    test, however many cohorts there are: picking the best and the worst and comparing their
    intervals would find a difference among twelve cohorts that are alike in one table of five.

    Assumes: customers are independent, the age was not picked for its difference, and some five
    buyers and non-buyers are expected in each cohort.

    Not for: which cohort differs, or by how much per age; cohorts of few customers (raise
    `min_base`); seasons, since cohorts reach an age at different times of the year.

    Examples
    --------
    >>> rows = pd.DataFrame({"cohort": ["2023", "2024"], "age": 1, "note": "",
    ...                      "numerator": [30, 10], "denominator": [100, 100]})
    >>> cohort_contrast(rows)["statistic"].round(3).tolist()  # R: prop.test(c(30, 10), ...)
    [12.5, 12.5]
    """
    require_columns(cohorts, ["cohort", "age", "numerator", "denominator", "note"])
    over = cohorts["note"] == ""  # a period that is not over has fewer buyers than it will have
    read = cohorts[(cohorts["age"] > 0) & over & (cohorts["denominator"] >= min_base)]
    chosen = read["age"].mode().max() if age is None and len(read) else age
    rows = read[read["age"] == chosen].reset_index(drop=True)
    bought = rows["numerator"].to_numpy(float)
    counts = np.array([bought, rows["denominator"].to_numpy(float) - bought])
    test = {"statistic": np.nan, "df": np.nan, "p_value": np.nan}
    if len(rows) > 1 and (counts.sum(axis=1) > 0).all():
        found = stats.chi2_contingency(counts, correction=False)
        test = {"statistic": found.statistic, "df": found.dof, "p_value": found.pvalue}
    keys = [name for name in ("cohort", "period", "age") if name in rows]
    return arrange(rows.assign(**test), keys=keys)


def _filled(found: pd.DataFrame, last: int) -> pd.DataFrame:
    """Every age of every cohort up to the last period, 0 where nobody bought."""
    cohorts = sorted(found["cohort_at"].unique())
    pairs = [(cohort, at) for cohort in cohorts for at in range(cohort, last + 1)]
    every = pd.DataFrame(pairs, columns=["cohort_at", "period"])
    return every.merge(found, how="left", on=["cohort_at", "period"]).fillna(0)


def _arranged(rows: pd.DataFrame, book: OrderBook, period: str, conf_level: float) -> pd.DataFrame:
    first = rows[rows["period"] == rows["cohort_at"]].set_index("cohort_at")["numerator"]
    size = rows["cohort_at"].map(first).to_numpy(float)
    share = rows["numerator"].to_numpy(float) / size
    low, high = wilson(share, size, conf_level=conf_level)
    end = month_of(book.as_of) // PERIODS[period]
    over = (book.as_of + pd.Timedelta(days=1)).day == 1 and (month_of(book.as_of) + 1) % PERIODS[
        period
    ] == 0
    table = {
        "cohort": [period_label(at, period) for at in rows["cohort_at"]],
        "period": [period_label(at, period) for at in rows["period"]],
        "age": (rows["period"] - rows["cohort_at"]).astype(int),
        "estimate": share,
        "ci_low": low,
        "ci_high": high,
        "conf_level": conf_level,
        "amount": rows["units"].to_numpy(float) / book.scale,
    }
    if book.has_profit:
        table["profit"] = rows["profit_units"].to_numpy(float) / book.scale
    table |= {"n_orders": rows["n_orders"].astype(int), "numerator": rows["numerator"].astype(int)}
    table |= {"denominator": size.astype(int)}
    table["note"] = np.where((rows["period"] == end) & (not over), "period not over", "")
    return arrange(pd.DataFrame(table), keys=["cohort", "period", "age"])
