"""What customers will buy: the expected number, and how far it may be from that."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import (
    require_at_least,
    require_conf_level,
    require_new_columns,
    require_seed,
)
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.value.draws import (
    BLOCK,
    MOST_DRAWN,
    Futures,
    drawn_futures,
    parameter_draws,
)
from custlib.loyalty.value.fit_tables import log_error
from custlib.loyalty.value.purchases import PurchaseModel
from custlib.loyalty.value.records import Records
from custlib.loyalty.value.units import require_horizon

Array = np.ndarray
DRAWN = "drawn futures, parameters drawn too"
BY_MOMENTS = "normal: variance of the model, and delta method"
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)  # in the logarithm of time


@dataclass(frozen=True, slots=True)
class PurchaseForecast:
    """Purchases of all customers by each time (`estimates`), and of each by the last (`cases`)."""

    estimates: pd.DataFrame
    cases: pd.DataFrame


def purchase_forecast(
    customers: pd.DataFrame,
    *,
    model: PurchaseModel,
    horizon: float | Sequence[float],
    conf_level: float = 0.80,
    n_draws: int = 1000,
    seed: int,
) -> PurchaseForecast:
    """Purchases from now to `horizon`, of all and of each customer, with *prediction* intervals.

    Parameters
    ----------
    customers : DataFrame
        Has the three columns the model was fitted on.
    model : PurchaseModel
    horizon : float, or ascending list of float, above 0
        Times to look ahead, in the model's unit.
    conf_level : float in (0, 1), default 0.80
        Share of forecasts whose interval should hold what then happens.
    n_draws : int, at least 50, default 1000
    seed : int

    Returns
    -------
    PurchaseForecast
        `estimates`, a row a time: measure ("purchases"), estimate, std_error, ci_low, ci_high,
        conf_level, horizon, n, method, note. `cases`: the rows, alive_probability,
        purchases_expected, purchases_low, purchases_high (by the last time).

    Raises
    ------
    DataError
        As `purchase_model`, or a new column is taken.
    ParameterError
        Times not above 0 or not ascending, or too few draws.

    Notes
    -----
    estimate = Σ P(alive) E; BG: P(alive) = 1/[1 + a/(b + x − 1) ((α + T)/(α + t_x))^(r + x)] where
    x > 0, else 1; E = c/(a − 1) [1 − (1 − z)^(r + x) F(r + x, b + x, c, z)]; z = t/(α + T + t); c =
    a + b + x − 1; Pareto: E = (r + x)/(α + T) (β + T)/(s − 1) [1 − ((β + T)/(β + T + t))^(s − 1)].
    E are the purchases expected by t of a customer who is still one, at the fitted parameters of
    `purchase_model`; F is Gauss's hypergeometric function; MBG has x + 1 for x beside b, also where
    x is 0. In the intervals: chance in what customers do, in who is still one, in each one's rates,
    and the errors of the parameters (normal in their logarithms). Ends of a customer's interval are
    whole purchases, so it holds at least its share. Above 20 million customers × draws the interval
    of the sum is a normal one, cut at 0.

    Assumes: the model of `purchase_model` is right and stays so; customers are independent of each
    other.

    Not for: bases with seasons, campaigns or many new customers in the horizon; horizons far past
    the length of the record: hold one out first (`holdout_comparison`).

    References
    ----------
    Fader, P., Hardie, B. & Lee, K. (2005). Marketing Science 24:275–284. doi:10.1287/mksc.1040.0098

    Examples
    --------
    >>> from custlib.loyalty.value.purchases import purchase_model
    >>> customers = pd.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12, "T": [40] * 120,
    ...     "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12})
    >>> model = purchase_model(customers, frequency="x", recency="t_x", age="T", time_unit="week")
    >>> ahead = purchase_forecast(customers, model=model, horizon=20, n_draws=200, seed=1)
    >>> ahead.estimates["estimate"].round().tolist()
    [55.0]
    """
    require_conf_level(conf_level)
    require_at_least("n_draws", n_draws, 50)
    times = _ascending(horizon)
    records = model.records(customers)
    added = ["alive_probability", "purchases_expected", "purchases_low", "purchases_high"]
    require_new_columns(customers, added)
    head, body = np.random.SeedSequence(require_seed(seed)).spawn(2)
    parameters = parameter_draws(model.top, n_draws, np.random.default_rng(head))
    many = records.n * n_draws > MOST_DRAWN
    rows = np.arange(len(records.count))
    drawn = rows if many else np.repeat(rows, records.count.astype(int))
    tail = (1 - conf_level) / 2
    futures = drawn_futures(
        model.process,
        parameters,
        records,
        drawn,
        records.count if many else np.ones(len(drawn)),
        times=times,
        tails=(tail, 1 - tail),
        streams=body.spawn(-(-len(drawn) // BLOCK)),
    )
    ends = _ends(model, records, times, conf_level, futures, many=many)
    table = pd.DataFrame(_total_rows(model, records, times, ends))
    table = table.assign(conf_level=conf_level, method=BY_MOMENTS if many else DRAWN)
    # The first of the customers with equal rows lends its interval to the others.
    firsts = rows if many else np.cumsum(records.count.astype(int)) - records.count.astype(int)
    cases = model.predict(customers, horizon=float(times[-1]))
    cases["purchases_low"] = futures.low[firsts][records.of_customer]
    cases["purchases_high"] = futures.high[firsts][records.of_customer]
    return PurchaseForecast(arrange(table, keys=["measure"]), cases)


def _ascending(horizon: float | Sequence[float]) -> Array:
    times = np.atleast_1d(np.asarray(horizon, float))
    for time in times:
        require_horizon(float(time))
    require_ascending(times)
    return times


def require_ascending(times: Array) -> None:
    if times.ndim != 1 or not len(times) or not (np.diff(times) > 0).all():
        raise ParameterError.because(
            f"The times are {times.tolist()}.",
            "Expected one or more, each later than the one before.",
            "Sort them, and leave out what stands twice.",
        )


def _ends(
    model: PurchaseModel,
    records: Records,
    times: Array,
    conf_level: float,
    futures: Futures,
    *,
    many: bool,
) -> tuple[Array, Array, Array]:
    """Ends of the interval of the sum by each time, and its standard error."""
    if not many:
        tails = [(1 - conf_level) / 2, (1 + conf_level) / 2]
        low, high = np.quantile(futures.totals, tails, axis=0)
        return low, high, futures.totals.std(axis=0, ddof=1)
    means = np.array([_total(model, records, time, model.top.parameters) for time in times])
    unsure = [log_error(partial(_total, model, records, time), model.top) for time in times]
    chance = [_variance(model, records, time) for time in times]
    error = np.sqrt((means * unsure) ** 2 + chance)
    half = stats.norm.ppf((1 + conf_level) / 2) * error
    return np.maximum(means - half, 0), means + half, error


def _variance(model: PurchaseModel, records: Records, time: float) -> float:
    """Of the sum by then if the parameters were known, by the mean of pairs of purchases.

    E[N (N − 1)] = 2 (r + x)/(α + T) ∫ u dE(u) up to `time`, where E(u) are the purchases expected
    within u of the same customer, had there been one more right now.
    """
    process, p = model.process, model.top.parameters
    x, age, pair = records.without_recency
    scale = p[1] + age
    span = np.log1p(time / scale)
    area = np.zeros(len(x))
    for node, weight in zip((NODES + 1) / 2, WEIGHTS / 2, strict=True):
        until = scale * np.expm1(span * node)
        area += weight * span * (scale + until) * process.ahead(p, x + 1, age, until)
    ways = time * process.ahead(p, x + 1, age, np.asarray(time)) - area
    pairs = 2 * (p[0] + x) / scale * process.alive(p, x + 1, age, age) * ways
    alive = process.alive(p, records.x, records.recency, records.age)
    mean = alive * process.ahead(p, x, age, np.asarray(time))[pair]
    return float(records.count @ (alive * pairs[pair] + mean - mean**2))


def _total(model: PurchaseModel, records: Records, time: float, p: Array) -> float:
    rows = (records.x, records.recency, records.age)
    return float(records.count @ model.process.expected(p, *rows, np.asarray(time)))


def _total_rows(
    model: PurchaseModel, records: Records, times: Array, ends: tuple[Array, Array, Array]
) -> list[dict]:
    rows = []
    for time, low, high, error in zip(times, *ends, strict=True):
        total = _total(model, records, time, model.top.parameters)
        row = {"horizon": time, "measure": "purchases", "estimate": total, "std_error": error}
        row |= {"ci_low": low, "ci_high": high, "n": records.n, "note": model.unit_note}
        rows.append(row)
    return rows
