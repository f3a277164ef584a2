"""A fit of the early renewals held against the later ones, which it has not seen."""

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.loyalty.retention.geometric.curves import (
    count_ends,
    delta_error,
    renewed,
    share_ends,
)
from custlib.loyalty.retention.geometric.estimation import shifted_beta_geometric
from custlib.loyalty.retention.geometric.model import ShiftedBetaGeometric
from custlib.loyalty.retention.geometric.renewals import read_renewals

Array = np.ndarray
PREDICTION = "prediction, beta-binomial"


def retention_holdout(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_value: object = None,
    count: str | None = None,
    period: float = 1.0,
    up_to: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Customers kept at each renewal after the fitted ones: forecast beside what came.

    Parameters
    ----------
    customers, duration, event, event_value, count, period
        As in `shifted_beta_geometric`.
    up_to : int, at least 2
        Renewals the law is fitted to; those after them are the holdout.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        time (age, in the unit of the durations), measure, estimate (forecast), std_error, ci_low,
        ci_high (prediction interval), conf_level, observed (what came), n (customers who faced the
        renewal), verdict (inside, above, below), method, note. "kept": customers who passed the
        renewal. "survival": share of those there after `up_to` renewals who are there, as the
        product of the renewal rates.

    Raises
    ------
    FitError
        As in `shifted_beta_geometric`, on the fitted renewals.
    DataError
        Nobody has faced a renewal after the fitted ones.

    Notes
    -----
    kept = faced × (b + t − 1)/(a + b + t − 1), at renewal t by the law fitted to the others. Given
    who faces a renewal, the number kept is binomial with a share that is uncertain itself: a
    beta-binomial interval. The interval of the product is even in the logit; its variance is that
    of Greenwood's formula under the law, and of the parameters. Of many ages one in 1/(1 − level)
    is outside by chance, on average only: each "survival" has those before it as factors, so that
    its misses come in runs.

    Assumes: the law was fitted without the held renewals, on customers like those who faced them;
    given the shares, customers decide independently.

    Not for: approval by one cohort: to stay inside is not to be right, and misses come in runs.
    Forecasts of purchases are held out by `holdout_comparison`.

    References
    ----------
    Fader, P. & Hardie, B. (2007). J. Interactive Marketing 21(1):76–90. doi:10.1002/dir.20074

    Examples
    --------
    >>> lost = pd.DataFrame({"year": [*range(1, 8), 7], "left": [1] * 7 + [0],
    ...                      "customers": [369, 163, 86, 56, 37, 27, 21, 241]})
    >>> roles = {"duration": "year", "event": "left", "count": "customers"}
    >>> held = retention_holdout(lost, **roles, up_to=5).loc[0]
    >>> round(float(held["estimate"])), float(held["observed"]), held["verdict"]
    (258, 262.0, 'inside')
    >>> # R: 289 * beta(a, b + 6) / beta(a, b + 5)
    """
    require_at_least("up_to", up_to, 2)
    roles = {"event_value": event_value, "count": count, "period": period}
    roles |= {"duration": duration, "event": event}
    renewals = read_renewals(customers, **roles)  # type: ignore[arg-type]
    ages = np.flatnonzero(renewals.faced > 0) + 1
    ages = ages[ages > up_to]
    if not len(ages):
        raise DataError.because(
            f"The oldest customer has faced {len(renewals.lost)} renewals; {up_to} are fitted.",
            "Expected renewals after the fitted ones.",
            "Pass a smaller up_to.",
        )
    law = shifted_beta_geometric(customers, **roles, up_to=up_to, conf_level=conf_level)  # type: ignore[arg-type]
    faced, kept = renewals.faced[ages - 1], renewals.kept[ages - 1]
    rate = renewed(law.peak.logs, ages)
    error = delta_error(lambda logs: renewed(logs, ages), law.peak)
    spread, low, high = count_ends(rate, error, faced, conf_level)
    counts = {"estimate": faced * rate, "std_error": spread, "ci_low": low, "ci_high": high,
              "observed": kept, "measure": "kept", "method": PREDICTION}  # fmt: skip
    whole = _product_rows(law, ages, rate, faced, kept, conf_level)
    parts = [pd.DataFrame(part).assign(time=ages * period, n=faced) for part in (counts, whole)]
    table = pd.concat(parts, ignore_index=True).assign(conf_level=conf_level, note="")
    table["verdict"] = np.select(
        [table["observed"] < table["ci_low"], table["observed"] > table["ci_high"]],
        ["below", "above"],
        "inside",
    )
    return arrange(table, keys=["time", "measure"])


def _product_rows(
    law: ShiftedBetaGeometric, ages: Array, rate: Array, faced: Array, kept: Array, level: float
) -> dict:
    """Share still there of those who began the holdout, forecast and as it came."""
    share = np.cumprod(rate)
    error = delta_error(lambda logs: np.cumprod(renewed(logs, ages)), law.peak)
    # Greenwood's sum, with the churn of the law in place of the one observed.
    chance = share**2 * np.cumsum((1 - rate) / (faced * rate))
    spread = np.sqrt(error**2 + chance)
    low, high = share_ends(share, spread, level)
    return {"estimate": share, "std_error": spread, "ci_low": low, "ci_high": high,
            "observed": np.cumprod(kept / faced), "measure": "survival",
            "method": "prediction, logit"}  # fmt: skip
