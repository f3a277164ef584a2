"""What a table of customers allows of a forecast; what it lacks becomes a gap, never an error."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.columns import arrange
from custlib.errors import DataError, FitError
from custlib.loyalty.value.holdout import HoldoutComparison, holdout_comparison
from custlib.loyalty.value.purchases import PurchaseModel, purchase_model
from custlib.loyalty.value.records import RECORD, buying_records
from custlib.loyalty.value.spending import SpendModel, spend_model
from custlib.loyalty.value.tracking import purchase_tracking, repeat_purchases
from custlib.loyalty.value.units import time_between

WORDS = {
    "buying_rate": "Orders a {unit} while a customer",
    "leaving_chance": "Chance to leave after an order",
    "leaving_rate": "Rate of leaving, a {unit}",
    "population_mean": "Mean amount of an order",
    **{term: f"Parameter {term} of buying" for term in ("r", "alpha")},
    **{term: f"Parameter {term} of leaving" for term in ("a", "b", "s", "beta")},
    **{term: f"Parameter {term} of spending" for term in ("p", "q", "v")},
    "no_buying": "No model of buying",
    "no_spending": "No model of spending",
}
MODELLED = ("frequency", "recency", "age", "spend", "later_orders", "later_amount")


@dataclass(frozen=True, slots=True)
class HeldForecast:
    """A forecast held against what came: the sums, classes by past orders, and the way there."""

    comparison: HoldoutComparison
    tracking: pd.DataFrame

    @property
    def sums(self) -> pd.DataFrame:
        """The rows of `comparison.estimates` that forecast a sum, with what came."""
        table = self.comparison.estimates
        return table[table["observed"].notna()]


@dataclass(frozen=True, slots=True)
class ForecastPlan:
    """Customers as they were on the day of the fit, the models they allow, and the gaps."""

    customers: pd.DataFrame
    buying: PurchaseModel | None
    spending: SpendModel | None
    estimates: pd.DataFrame
    gaps: list[str]

    @property
    def overview(self) -> pd.DataFrame:
        """The estimates in the words of readers, what one can speak of before the parameters."""
        table = self.estimates.sort_values("measure", kind="stable", ascending=True)
        unit = "" if self.buying is None else self.buying.time_unit
        words = {term: text.format(unit=unit) for term, text in WORDS.items()}
        # What the words say already; each row is a quantity of its own, with its own decimals.
        table["note"] = table["note"].mask(
            table["term"].isin(["buying_rate", "leaving_chance"]), ""
        )
        return table.assign(measure=table.pop("term").replace(words)).reset_index(drop=True)

    def held_against(
        self,
        later: pd.DataFrame,
        months: pd.DataFrame,
        *,
        since: Any,
        start: Any,
        end: Any,
        conf_level: float = 0.80,
        n_draws: int = 1000,
        seed: int,
    ) -> HeldForecast | None:
        """Forecast from `start` to `end`, beside what the same customers did; None without a model.

        Parameters
        ----------
        later : DataFrame, one row a customer
            As on the day `end`: customer, n_orders and amount since the beginning.
        months : DataFrame, one row a customer and month with an order
            customer, period (0 is the month of `since`), n_orders.
        since, start, end : date
            A day of the first month, the day of the fit, and the last day that is forecast.
        conf_level, n_draws, seed
            As for `purchase_forecast`.

        Returns
        -------
        HeldForecast, or None
            None where there is no model, or no time after the fit. `comparison`: as
            `holdout_comparison`, of orders and, if spending could be modelled, of their value.
            `tracking`: period, and as `purchase_tracking`.

        Raises
        ------
        DataError
            A customer of the plan is not in `later`, or a column is absent.

        Examples
        --------
        See the study `customer_base_audit`.
        """
        if self.buying is None or not time_between(start, end, time_unit="day") > 0:
            return None
        unit = self.buying.time_unit
        customers = _with_later(self.customers, later)
        chance: dict = {"conf_level": conf_level, "n_draws": n_draws, "seed": seed}
        comparison = holdout_comparison(
            customers,
            model=self.buying,
            actual="later_orders",
            horizon=time_between(start, end, time_unit=unit),
            spending=self.spending,
            actual_value=None if self.spending is None else "later_amount",
            **chance,
        )
        last = pd.Timestamp(end)
        ends = pd.period_range(pd.Timestamp(since), last, freq="M")
        days = ends.to_timestamp(how="end").normalize()
        ours = months["customer"].isin(customers["customer"]) & (months["period"] < len(ends))
        came = repeat_purchases(months[ours], n_periods=len(ends))["observed"]
        path = purchase_tracking(
            customers,
            model=self.buying,
            times=[
                time_between(start, min(day, pd.Timestamp(end)), time_unit=unit) for day in days
            ],
            actual=came.tolist(),
            **chance,
        )
        path.insert(0, "period", ends.strftime("%Y-%m"))
        return HeldForecast(comparison, path)


def forecast_plan(
    customers: pd.DataFrame,
    *,
    time_unit: str,
    model: str = "bg_nbd",
    conf_level: float = 0.95,
) -> ForecastPlan:
    """Models of buying and of spending as far as the customers allow, and what they do not allow.

    Parameters
    ----------
    customers : DataFrame, one row a customer
        customer, n_orders (days with an order), amount, recency_days and age_days, as
        `segmentation.customer_table` gives them on the day of the fit; those without an order are
        left out.
    time_unit, model, conf_level
        As for `purchase_model`.

    Returns
    -------
    ForecastPlan
        customers (with frequency, recency, age and spend, the mean of all their orders), buying
        and spending (None where there is no model), estimates (of both models, or a noted row),
        gaps (texts).

    Raises
    ------
    DataError
        A column is absent, or the days contradict each other.
    ParameterError
        An unknown model or unit.

    Notes
    -----
    Spending counts every order of a customer, the first too, since a table of customers does not
    tell the first apart; net amounts not above 0 are taken as unknown.

    Examples
    --------
    >>> once = pd.DataFrame({"customer": ["a", "b"], "n_orders": [1, 1], "amount": [5.0, 8.0],
    ...                      "recency_days": [10, 20], "age_days": [10, 20]})
    >>> forecast_plan(once, time_unit="week").gaps[0]
    "no forecast: All 2 customers have 0 in 'frequency': nobody bought again"
    """
    require_columns(customers, ["customer", "n_orders", "amount", "recency_days", "age_days"])
    bought = customers[require_numeric(customers, "n_orders") > 0].drop(
        columns=list(MODELLED), errors="ignore"
    )
    seen = buying_records(bought, time_unit=time_unit)
    seen["spend"] = require_numeric(seen, "amount") / require_numeric(seen, "n_orders")
    buying, spending, gaps, tables = None, None, [], []
    roles = {name: name for name in RECORD}
    try:
        buying = purchase_model(
            seen, **roles, model=model, time_unit=time_unit, conf_level=conf_level
        )
        tables.append(buying.estimates)
    except FitError as problem:
        gaps.append(f"no forecast: {problem.found}")
        tables.append(_nothing("no_buying", problem.found, len(seen)))
    try:
        spending = spend_model(
            seen,
            frequency="n_orders",
            spend="spend",
            nonpositive="leave_out",
            conf_level=conf_level,
        )
        tables.append(spending.estimates)
    except FitError as problem:
        gaps.append(f"no model of spending: {problem.found}")
        tables.append(_nothing("no_spending", problem.found, len(seen)))
    rows = arrange(pd.concat(tables), keys=["measure", "term"])
    return ForecastPlan(seen, buying, spending, rows, gaps)


def _nothing(term: str, note: str, n: int) -> pd.DataFrame:
    """The row that stands where a model would."""
    missing = dict.fromkeys(("estimate", "std_error", "ci_low", "ci_high", "conf_level"), np.nan)
    row = {"measure": "mean", "term": term, "n": n, "method": "", "note": note}
    return arrange([row | missing], keys=["measure", "term"])


def _with_later(customers: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Orders and amounts after the day of the fit: those of the later day less those of the fit."""
    require_columns(later, ["customer", "n_orders", "amount"])
    sums = {name: require_numeric(later, name) for name in ("n_orders", "amount")}
    found = pd.DataFrame(sums, later["customer"]).reindex(customers["customer"])
    lost = found["n_orders"].isna().to_numpy()
    if lost.any():
        raise DataError.because(
            f"{lost.sum()} customers are not in the later table; first:"
            f" {customers['customer'][lost].head().tolist()}.",
            "Expected every customer of the day of the fit.",
            "Make both tables from one order book, the later one without a first day.",
        )
    gained = {name: found[name].to_numpy() - require_numeric(customers, name) for name in sums}
    return customers.assign(later_orders=gained["n_orders"], later_amount=gained["amount"])
