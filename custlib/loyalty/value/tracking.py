"""Repeat purchases summed up over time: what came, what a model says of it, what it forecasts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.value.forecasts import purchase_forecast, require_ascending
from custlib.loyalty.value.purchases import PurchaseModel
from custlib.loyalty.value.records import Records, refuse_rows


def repeat_purchases(
    orders: pd.DataFrame,
    *,
    customer: str = "customer",
    period: str = "period",
    counts: str = "n_orders",
    n_periods: int,
) -> pd.DataFrame:
    """Repeat purchases of all these customers by the end of each period, summed up (0 or more).

    Parameters
    ----------
    orders : DataFrame, one row a customer and period
        Such as `segmentation.customer_periods` gives; of the customers who are followed alone.
    customer, period, counts : str
        Columns of the customer, of the period from 0, and of the days with an order in it.
    n_periods : int
        Periods in all; those without an order count.

    Returns
    -------
    DataFrame, one row a period
        period, measure ("repeat_purchases"), observed, n (customers who had begun).

    Raises
    ------
    DataError
        A column is absent, a customer is missing, a period is not a whole number from 0 to
        n_periods − 1, or a count is none.

    Notes
    -----
    observed = orders so far − customers who have begun. A customer's first order of all is no
    repeat purchase, every other one is.

    Assumes: `counts` are days with an order, as the models count, from each customer's first on.

    Not for: all purchases of a period, as first ones and customers not followed are left out.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer": ["a", "a", "b"], "period": [0, 2, 1],
    ...                        "n_orders": [2, 1, 1]})
    >>> repeat_purchases(orders, n_periods=3)["observed"].tolist()
    [1.0, 1.0, 2.0]
    """
    require_columns(orders, [customer, period, counts])
    at, made = require_numeric(orders, period), require_numeric(orders, counts)
    refuse_rows(
        orders,
        orders[customer].isna().to_numpy(),
        f"rows without a customer in {customer!r}",
        "Expected the customer of every order, whose first is no repeat purchase.",
        "Fill them in, or leave the rows out.",
    )
    refuse_rows(
        orders,
        ~((at >= 0) & (at < n_periods) & (at % 1 == 0) & (made >= 0) & (made % 1 == 0)),
        "rows with a period or a count that is none",
        f"Expected whole periods from 0 to {n_periods - 1}, and whole counts of days from 0 up.",
        "Pass the number of periods that the orders go over, and days with an order.",
    )
    bought = made > 0
    begun = pd.Series(at[bought]).groupby(orders[customer].to_numpy()[bought]).min()
    sums = np.bincount(at[bought].astype(int), made[bought], n_periods)
    starts = np.bincount(begun.to_numpy(int), minlength=n_periods)
    rows: dict = {"period": range(n_periods), "measure": "repeat_purchases"}
    rows |= {"observed": (sums - starts).cumsum(), "n": starts.cumsum()}
    return arrange(pd.DataFrame(rows), keys=["period", "measure"])


def purchase_tracking(
    customers: pd.DataFrame,
    *,
    model: PurchaseModel,
    times: Sequence[float],
    actual: Sequence[float] | None = None,
    conf_level: float = 0.80,
    n_draws: int = 1000,
    seed: int,
) -> pd.DataFrame:
    """Repeat purchases of all these customers, summed up to each time: fitted, then forecast.

    Parameters
    ----------
    customers : DataFrame
        As they were when the model was fitted, at time 0.
    model : PurchaseModel
    times : list of float
        In the model's unit, ascending; below 0 before the day of the fit, above 0 after it.
    actual : list of float, optional
        Repeat purchases that these customers had made by each time.
    conf_level, n_draws, seed
        As for `purchase_forecast`.

    Returns
    -------
    DataFrame, one row a time
        measure ("fitted" or "forecast"), estimate, ci_low, ci_high, conf_level, observed,
        horizon, n, method, note.

    Raises
    ------
    ParameterError
        The times are not ascending, or `actual` is of another length.

    Notes
    -----
    fitted = Σ E(T + time), none before the first order; forecast = Σ x + purchases from now on. The
    latter are those of `purchase_forecast`; E(t) are the repeat purchases expected of a new
    customer within t. Up to time 0 the estimate is what the model expects of customers who began
    when these did; a model fits well where it runs along the actual line. After it: what these
    customers had bought at time 0, and the forecast with its prediction interval, each time by
    itself.

    Assumes: what `purchase_model` does, and customers who began when the table says; the line up
    to 0 is a fit to the same data.

    Not for: a good fit as proof of a good forecast, which only the part after 0 tests
    (`holdout_comparison`); weeks as independent: each sum contains the one before.

    References
    ----------
    Fader, P., Hardie, B. & Lee, K. (2005). Marketing Science 24:275–284. doi:10.1287/mksc.1040.0098

    Examples
    --------
    >>> from custlib.loyalty.value.purchases import purchase_model
    >>> customers = pd.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12, "T": [40] * 120,
    ...     "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12})
    >>> model = purchase_model(customers, frequency="x", recency="t_x", age="T", time_unit="week")
    >>> path = purchase_tracking(customers, model=model, times=[-20, 0, 20], n_draws=200, seed=1)
    >>> path["estimate"].round().tolist()  # they have bought 192 times again
    [120.0, 188.0, 247.0]
    """
    given = np.asarray(times, float)
    if actual is not None and len(actual) != len(given):
        raise ParameterError.because(
            f"{len(actual)} actual numbers for {len(given)} times.",
            "Expected one for each time.",
            "Correct actual= or times=.",
        )
    require_ascending(given)
    before, after = given[given <= 0], given[given > 0]
    records = model.records(customers)
    rows = [_fitted_row(model, records, time) for time in before]
    if len(after):
        ahead = purchase_forecast(
            customers,
            model=model,
            horizon=after.tolist(),
            conf_level=conf_level,
            n_draws=n_draws,
            seed=seed,
        )
        bought = float(records.count @ records.x)
        table = ahead.estimates.assign(measure="forecast")
        table[["estimate", "ci_low", "ci_high"]] += bought
        rows += table.drop(columns=["std_error"]).to_dict("records")
    found = pd.DataFrame(rows).assign(conf_level=conf_level)
    if actual is not None:
        found["observed"] = np.asarray(actual, float)
    return arrange(found, keys=["measure"])


def _fitted_row(model: PurchaseModel, records: Records, time: float) -> dict:
    begun = np.maximum(records.ages + time, 0)
    means = model.process.expected_new(model.top.parameters, begun)
    mean = float(records.count @ means[records.age_at])
    row = {"horizon": time, "measure": "fitted", "estimate": mean, "ci_low": np.nan}
    row |= {"ci_high": np.nan, "n": records.n, "method": "expected of customers as old"}
    return row | {"note": model.unit_note}
