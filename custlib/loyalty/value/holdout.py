"""A forecast held against what happened after it was made."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_columns
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.intervals import share_of
from custlib.loyalty.value.forecasts import purchase_forecast
from custlib.loyalty.value.purchases import PurchaseModel
from custlib.loyalty.value.records import read_complete, refuse_rows
from custlib.loyalty.value.spending import SpendModel
from custlib.loyalty.value.worth import customer_value

Array = np.ndarray
_NUMBERS = ("ci_low", "ci_high", "conf_level", "observed", "horizon", "limit")
_BLANK: dict = {
    **dict.fromkeys(_NUMBERS, np.nan),
    **dict.fromkeys(("numerator", "denominator")),
    **dict.fromkeys(("verdict", "method", "note"), ""),
}


@dataclass(frozen=True, slots=True)
class HoldoutComparison:
    """How far the forecast was off in all (`estimates`), by past orders (`bins`), by `cases`."""

    estimates: pd.DataFrame
    bins: pd.DataFrame
    cases: pd.DataFrame


def holdout_comparison(
    customers: pd.DataFrame,
    *,
    model: PurchaseModel,
    actual: str,
    horizon: float,
    spending: SpendModel | None = None,
    actual_value: str | None = None,
    most: int = 7,
    conf_level: float = 0.80,
    n_draws: int = 1000,
    seed: int,
) -> HoldoutComparison:
    """Purchases forecast from the day of the fit, and those that were made, in all and by class.

    Parameters
    ----------
    customers : DataFrame
        As they were on the day of the fit, with the three columns of the model.
    model : PurchaseModel
        Fitted on these customers, or on others like them; never on the time that is forecast.
    actual : str
        Column of purchases that each made within `horizon` after that day.
    horizon : float, above 0
        Length of that time, in the model's unit.
    spending, actual_value : SpendModel and str, optional
        Model of spending, and the column of what each paid within `horizon`: the sum is forecast
        and compared as well.
    most : int, at least 1, default 7
        Customers with so many repeat purchases or more are one class.
    conf_level, n_draws, seed
        As for `purchase_forecast`.

    Returns
    -------
    HoldoutComparison
        `estimates`: measure (purchases, value if there is spending, error, error_share,
        mean_absolute_error, mean_squared_error of a customer, coverage), estimate, ci_low,
        ci_high, conf_level, observed, horizon, n, numerator, denominator, limit, verdict, method,
        note. `bins`: frequency, measure (forecast), estimate, observed, n, note. `cases`: as
        `purchase_forecast`, and purchases_inside.

    Raises
    ------
    DataError
        A column is absent, or `actual` is not a whole number from 0 up.

    Notes
    -----
    error = Σ forecast − Σ observed; error_share = error/Σ observed; mean_absolute_error = Σ
    |forecast − observed|/n; mean_squared_error = Σ (forecast − observed)²/n; coverage = customers
    inside/n. Inside are customers whose purchases lie within their own interval. Coverage has
    Wilson's interval; as ends are whole purchases, it should be conf_level or more. The verdict of
    a sum is where what came lies: inside, above or below the interval. At 80 % one in five lies
    outside by chance.

    Assumes: the fit saw nothing of the time held out, and `actual` counts days with an order as the
    model does.

    Not for: choice among many models by the same holdout (the best of them flatters itself); one
    holdout is one draw, so one sum inside or outside proves little (`purchase_tracking` shows the
    way).

    References
    ----------
    Fader, P., Hardie, B. & Lee, K. (2005). Marketing Science 24:275–284. doi:10.1287/mksc.1040.0098

    Examples
    --------
    >>> from custlib.loyalty.value.purchases import purchase_model
    >>> customers = pd.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12, "T": [40] * 120,
    ...     "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12, "later": [0, 1, 0, 0, 0] * 24})
    >>> model = purchase_model(customers, frequency="x", recency="t_x", age="T", time_unit="week")
    >>> held = holdout_comparison(customers, model=model, actual="later", horizon=20,
    ...                           n_draws=100, seed=1)
    >>> held.estimates[["observed", "verdict"]].values[0].tolist()
    [24.0, 'below']
    """
    require_at_least("most", most, 1)
    require_columns(customers, [actual, actual_value])
    if (spending is None) != (actual_value is None):
        raise ParameterError.because(
            f"Of spending and actual_value only {'one' if spending else 'the column'} is given.",
            "Expected both, or neither.",
            "Pass the model and the column of what was paid.",
        )
    found = _read_actual(customers, actual)
    chance: dict = {"horizon": horizon, "conf_level": conf_level, "n_draws": n_draws, "seed": seed}
    ahead = purchase_forecast(customers, model=model, **chance)
    cases = ahead.cases
    inside = (cases["purchases_low"] <= found) & (found <= cases["purchases_high"])
    cases = cases.assign(purchases_inside=inside)
    totals = [_held_row(ahead.estimates, float(found.sum()))]
    if spending is not None and actual_value is not None:
        models: dict = {"purchases": model, "spending": spending, "annual_discount": 0.0}
        worth = customer_value(customers, **models, **chance)
        paid = read_complete(customers, actual_value)
        totals.append(_held_row(worth.estimates, float(paid.sum())))
    expected = cases["purchases_expected"].to_numpy()
    rows = [*totals, *_error_rows(expected, found, inside.to_numpy(), conf_level)]
    frequency = customers[model.columns[0]].clip(upper=most).to_numpy().astype(int)
    return HoldoutComparison(
        arrange([_BLANK | {"n": len(found)} | row for row in rows], keys=["measure"]),
        _bin_table(frequency, expected, found, most),
        cases,
    )


def _read_actual(customers: pd.DataFrame, actual: str) -> Array:
    found = read_complete(customers, actual)
    refuse_rows(
        customers,
        (found < 0) | (found % 1 != 0),
        f"numbers in {actual!r} that are negative or not whole",
        "Expected counts of purchases after the day of the fit.",
        "Count the days with an order; 0 for customers who bought nothing.",
    )
    return found


def _held_row(estimates: pd.DataFrame, happened: float) -> dict:
    """The forecast of a sum, and whether what happened lies in its interval."""
    row = estimates.iloc[0].drop("std_error").to_dict()
    place = (
        "below" if happened < row["ci_low"] else "above" if happened > row["ci_high"] else "inside"
    )
    return row | {"observed": happened, "verdict": place}


def _error_rows(expected: Array, found: Array, inside: Array, level: float) -> list[dict]:
    n, happened = len(found), float(found.sum())
    error = float(expected.sum()) - happened
    errors = {"error": error, "error_share": error / happened if happened else np.nan}
    errors |= {"mean_absolute_error": np.abs(expected - found).mean()}
    errors |= {"mean_squared_error": ((expected - found) ** 2).mean()}
    rows: list[dict] = [{"measure": name, "estimate": size} for name, size in errors.items()]
    rows[1]["note"] = "" if happened else "nothing came, of which it could be a share"
    row: dict = {"measure": "coverage", "limit": level, "method": "Wilson"}
    row |= share_of(int(inside.sum()), n)
    row |= {"verdict": "too narrow" if row["ci_high"] < level else "wide enough"}
    return [*rows, row]


def _bin_table(frequency: Array, expected: Array, found: Array, most: int) -> pd.DataFrame:
    rows = []
    for size in range(most + 1):
        chosen = frequency == size
        n = int(chosen.sum())
        note = "and more" if size == most else ""
        means = [float(one[chosen].mean()) if n else np.nan for one in (expected, found)]
        row = {"frequency": size, "measure": "forecast", "estimate": means[0], "observed": means[1]}
        rows.append(row | {"n": n, "note": note if n else "no customer"})
    return arrange(rows, keys=["frequency", "measure"])
