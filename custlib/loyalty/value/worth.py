"""What customers will pay: purchases and spending together, discounted, with what may happen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import (
    require_at_least,
    require_conf_level,
    require_new_columns,
    require_seed,
)
from custlib.columns import arrange
from custlib.loyalty.value.draws import BLOCK, drawn_futures, parameter_draws
from custlib.loyalty.value.purchases import Process, PurchaseModel
from custlib.loyalty.value.records import Records
from custlib.loyalty.value.spending import SpendModel, read_spend
from custlib.loyalty.value.units import discount_rate, require_horizon

Array = np.ndarray
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
ADDED = ("value_expected", "value_low", "value_high", "value_note")


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """Value of all customers together (`estimates`) and of each (`cases`)."""

    estimates: pd.DataFrame
    cases: pd.DataFrame


def customer_value(
    customers: pd.DataFrame,
    *,
    purchases: PurchaseModel,
    spending: SpendModel,
    horizon: float,
    annual_discount: float,
    conf_level: float = 0.80,
    n_draws: int = 1000,
    seed: int,
) -> CustomerValue:
    """Revenue of each customer from now to `horizon`, discounted, with a *prediction* interval.

    Parameters
    ----------
    customers : DataFrame
        Has the columns that both models were fitted on.
    purchases, spending : PurchaseModel, SpendModel
    horizon : float, above 0
        Time to look ahead, in the unit of time of `purchases`.
    annual_discount : float, 0 to 1
        What money a year later is worth less: 0.10 makes 100 into 100/1.1. 0 discounts nothing.
    conf_level : float in (0, 1), default 0.80
        Share of forecasts whose interval should hold what then happens.
    n_draws : int, at least 50, default 1000
    seed : int

    Returns
    -------
    CustomerValue
        `estimates`, one row: measure ("value"), estimate, std_error, ci_low, ci_high,
        conf_level, horizon, n, method, note. `cases`: the rows, value_expected, value_low,
        value_high, value_note. All in the unit of the amounts; multiply by a margin for profit.

    Raises
    ------
    DataError
        As both models, or a new column is taken.
    ParameterError
        The discount is not within 0 to 1, the horizon not above 0, or there are too few draws.

    Notes
    -----
    value_expected = expected amount of an order × Σ (1 + d)^(−years to it) over the purchases
    expected up to the horizon, as both are taken as independent. Drawn: what each customer does,
    when, each amount, each customer's own rates and mean, and the parameters of both models (normal
    in their logarithms). Where spending has no population mean (q at most 1) the expected values of
    customers without an order are NaN with a note, and so is the sum; the interval stands.

    Assumes: rates, leaving and spending are independent of each other, as both models have them;
    they hold up to the horizon, in money of one discount.

    Not for: contracts (`lifetime_value`, `shifted_beta_geometric`), spending that goes with
    frequency (see `spend_model`), customers not yet won, or single customers: their intervals are
    wide.

    References
    ----------
    Fader, P., Hardie, B. & Lee, K. (2005). J. Marketing Research 42:415–430.
    doi:10.1509/jmkr.2005.42.4.415

    Examples
    --------
    >>> from custlib.loyalty.value.purchases import purchase_model
    >>> from custlib.loyalty.value.spending import spend_model
    >>> customers = pd.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12, "T": [40] * 120,
    ...     "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12, "z": [20.0, 35.0, 28.0, 60.0] * 30})
    >>> buying = purchase_model(customers, frequency="x", recency="t_x", age="T", time_unit="week")
    >>> spent = spend_model(customers, frequency="x", spend="z")
    >>> worth = customer_value(customers, purchases=buying, spending=spent, horizon=20,
    ...                        annual_discount=0.1, n_draws=100, seed=1)
    >>> bool(worth.estimates["ci_low"][0] < worth.estimates["estimate"][0])
    True
    """
    require_conf_level(conf_level)
    require_horizon(horizon)
    require_at_least("n_draws", n_draws, 50)
    rate = discount_rate(annual_discount, purchases.time_unit)
    require_new_columns(customers, ADDED)
    records = purchases.records(customers)
    mean = spending.predict(customers)
    orders = _discounted(purchases.process, purchases.top.parameters, records, horizon, rate)
    expected = orders[records.of_customer] * mean["spend_expected"].to_numpy()
    tails = ((1 - conf_level) / 2, (1 + conf_level) / 2)
    head, body = np.random.SeedSequence(require_seed(seed)).spawn(2)
    random = np.random.default_rng(head)
    parameters = parameter_draws(purchases.top, n_draws, random)
    futures = drawn_futures(
        purchases.process,
        parameters,
        records,
        records.of_customer,
        np.ones(records.n),
        times=np.array([float(horizon)]),
        tails=tails,
        streams=body.spawn(-(-records.n // BLOCK)),
        worth=_Amounts(customers, spending, parameter_draws(spending.top, n_draws, random), rate),
    )
    cases = customers.assign(value_expected=expected, value_low=futures.low)
    cases = cases.assign(value_high=futures.high, value_note=mean["spend_note"])
    totals = futures.totals[:, 0]
    low, high = np.quantile(totals, tails)
    lacking = int(np.isnan(expected).sum())
    row = {"horizon": horizon, "measure": "value", "estimate": expected.sum(), "ci_low": low}
    row |= {"ci_high": high, "std_error": totals.std(ddof=1), "conf_level": conf_level}
    row |= {"n": records.n, "method": "drawn futures, parameters drawn too"}
    note = f"{purchases.unit_note}, discount {annual_discount:g} a year"
    note += f"; {lacking} customers have no mean" if lacking else ""
    return CustomerValue(
        arrange([row | {"note": note}], keys=["measure"]),
        cases,
    )


class _Amounts:
    """Draws what the purchases of a draw are worth today, each customer at a mean of their own."""

    def __init__(
        self, customers: pd.DataFrame, spending: SpendModel, parameters: Array, rate: float
    ) -> None:
        x, z, _ = read_spend(customers, *spending.columns, spending.nonpositive)
        self.x, self.total = x, x * z
        self.parameters, self.rate = parameters, rate

    def __call__(self, draw: int, who: Array, when: Array, random: np.random.Generator) -> Array:
        p, q, v = self.parameters[draw]
        buyers, at = np.unique(who, return_inverse=True)
        pace = random.standard_gamma(p * self.x[buyers] + q) / (v + self.total[buyers])
        return random.standard_gamma(p, len(who)) / pace[at] * np.exp(-self.rate * when)


def _discounted(process: Process, p: Array, records: Records, horizon: float, rate: float) -> Array:
    """Expected purchases of each distinct row, each counted at what money then is worth now.

    ∫ e^(−δu) dE(u) by parts: e^(−δH) E(H) + δ ∫ e^(−δu) E(u) du.
    """
    rows = (records.x, records.recency, records.age)
    at_end = process.expected(p, *rows, np.asarray(horizon))
    if rate == 0:
        return at_end
    # Purchases thin out as one over time since the first; so do the nodes.
    scale = p[1] + records.age
    span = np.log1p(horizon / scale)
    inside = np.zeros(len(records.count))
    for node, weight in zip((NODES + 1) / 2, WEIGHTS / 2, strict=True):
        grown = np.exp(span * node)
        time = scale * (grown - 1)
        worth = np.exp(-rate * time) * process.expected(p, *rows, time)
        inside += weight * worth * scale * grown * span
    return np.exp(-rate * horizon) * at_end + rate * inside
