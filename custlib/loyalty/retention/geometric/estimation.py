"""Fits the shifted beta-geometric law to customers, or to counts of those lost and kept."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special, stats

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.errors import FitError
from custlib.loyalty.retention.geometric.curves import delta_error, share_ends
from custlib.loyalty.retention.geometric.likelihood import (
    Peak,
    constant_churn,
    find_peak,
    profile_interval,
)
from custlib.loyalty.retention.geometric.model import ShiftedBetaGeometric
from custlib.loyalty.retention.geometric.renewals import Renewals, read_renewals

Array = np.ndarray
SHARES: dict[str, Callable[[Array], Array]] = {
    "first_churn": lambda logs: special.expit(logs[0] - logs[1]),  # a/(a + b)
    "polarization": lambda logs: 1 / (np.exp(logs).sum() + 1),
}


def shifted_beta_geometric(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_value: object = None,
    count: str | None = None,
    period: float = 1.0,
    up_to: int | None = None,
    conf_level: float = 0.95,
) -> ShiftedBetaGeometric:
    """How churn at a renewal differs between customers: a beta law, by maximum likelihood.

    Parameters
    ----------
    customers : DataFrame, one row a customer, or a row for `count` customers
    duration : str
        Column of the time since the start, at leaving or when last seen.
    event : str
        Column of 0 or 1 (still there, left), or any with `event_value`.
    event_value : optional
        Value, or list of values, of `event` that means the customer left.
    count : str, optional
        Column of the number of customers a row stands for.
    period : float, default 1
        Time between renewals in the unit of the durations: the one unit of time of the law.
        Contracts end at renewals only, so that who left did so at a multiple of it.
    up_to : int, optional
        Fit the first so many renewals alone, as if no later one were known.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    ShiftedBetaGeometric
        `.estimates`: term (a, b, first_churn = a/(a + b), polarization = 1/(a + b + 1)), estimate,
        std_error, ci_low, ci_high, conf_level, n, n_missing, method, note. `.fit`: term
        (shifted beta-geometric, geometric, each age its own), statistic, df, p_value, n,
        log_likelihood, n_parameters, aic, bic, note. Methods: retention, forecast, lifetime.

    Raises
    ------
    FitError
        The likelihood has no peak: nobody left, everybody at the first renewal, nobody later than
        that, churn that does not fall with age; or its gradient is not 0. Nothing is predicted.
    DataError
        A column is absent, a duration negative, an event or count something else than is said, or
        a customer left between renewals.

    Notes
    -----
    P(T = t) = B(a + 1, b + t − 1)/B(a, b). Who is there has passed the renewals that are over; who
    left at 0 was lost at the first. Leaving within a period is refused: it is seen at once, staying
    only when the period is over, so that counts of both would show too much churn. Where customers
    leave at any time, count calendar months and let a month be the period. Intervals of a and b by
    profile likelihood (an end may be infinite), of the two shares by the delta method in the logit.
    Polarization near 1: most leave at once or never; near 0: all are alike.

    Assumes: a contract with renewals; each customer has one chance to leave for life, chances
    follow a beta law, cohorts are alike. Churn that falls with age is then all sorting, though
    growing loyalty looks the same.

    Not for: buying without a contract (`purchase_model`), churn that rises with age or by campaign,
    or one renewal seen, which cannot tell a from b: check with `retention_holdout`.

    References
    ----------
    Fader, P. & Hardie, B. (2007). How to project customer retention. J. Interactive Marketing
    21(1):76–90. doi:10.1002/dir.20074

    Examples
    --------
    >>> lost = pd.DataFrame({"year": [*range(1, 8), 7], "left": [1] * 7 + [0],
    ...                      "customers": [369, 163, 86, 56, 37, 27, 21, 241]})
    >>> law = shifted_beta_geometric(lost, duration="year", event="left", count="customers")
    >>> law.estimates.set_index("term")["estimate"].round(2).tolist()[:2]
    [0.7, 1.18]
    >>> # R: optim of the likelihood
    """
    require_conf_level(conf_level)
    reading = {"event_value": event_value, "count": count, "period": period}
    renewals = read_renewals(customers, duration=duration, event=event, **reading)  # type: ignore[arg-type]
    if up_to is not None:
        renewals = renewals.up_to(up_to)
    if not renewals.n:
        raise FitError.because(
            f"No customer has faced a renewal; {renewals.not_yet:g} are in their first period, "
            f"{renewals.n_missing:g} have no duration or no event.",
            "Expected customers whose first period is over.",
            "Use shorter periods, or wait. Nothing is predicted.",
        )
    peak = find_peak(renewals)
    return ShiftedBetaGeometric(
        estimates=_estimates(peak, renewals, conf_level),
        fit=_fit(peak, renewals),
        peak=peak,
        renewals=renewals,
        period=period,
        conf_level=conf_level,
    )


def _estimates(peak: Peak, renewals: Renewals, conf_level: float) -> pd.DataFrame:
    rows = []
    drop = stats.chi2.ppf(conf_level, 1) / 2
    errors = np.sqrt(np.diag(peak.covariance))
    for which, (term, value) in enumerate({"a": peak.a, "b": peak.b}.items()):
        low, high = profile_interval(peak, renewals, which, drop)
        open_end = low == 0 or np.isinf(high)
        note = "the interval is open: the data allow that end" if open_end else ""
        rows.append({"term": term, "estimate": value, "std_error": value * errors[which],
                     "ci_low": low, "ci_high": high, "method": "profile likelihood",
                     "note": note})  # fmt: skip
    for term, law in SHARES.items():
        share, error = law(peak.logs), delta_error(law, peak)
        ends = share_ends(share, error, conf_level)
        rows.append({"term": term, "estimate": share, "std_error": error, "ci_low": ends[0],
                     "ci_high": ends[1], "method": "delta, logit", "note": ""})  # fmt: skip
    table = pd.DataFrame(rows).assign(
        conf_level=conf_level, n=renewals.n, n_missing=renewals.n_missing + renewals.not_yet
    )
    if renewals.not_yet:
        said = f"{renewals.not_yet:g} in their first period count as missing"
        table["note"] = [f"{note}; {said}" if note else said for note in table["note"]]
    return arrange(table, keys=["term"])


def _fit(peak: Peak, renewals: Renewals) -> pd.DataFrame:
    """The law beside the one where all are alike, and the one where each age has its own churn."""
    lost, kept, faced = renewals.lost, renewals.kept, renewals.faced
    ages = int((faced > 0).sum())
    free = float((special.xlogy(lost, lost) + special.xlogy(kept, kept)
                  - special.xlogy(faced, faced)).sum())  # fmt: skip
    alike = constant_churn(renewals)[1]
    rows = [
        {"term": "shifted beta-geometric", "log_likelihood": peak.log_likelihood,
         "n_parameters": 2, "note": ""},
        {"term": "geometric", "log_likelihood": alike, "n_parameters": 1,
         "statistic": 2 * (peak.log_likelihood - alike), "df": 1,
         # Being alike is the edge of what is possible: half the time the statistic is 0.
         "p_value": stats.chi2.sf(2 * (peak.log_likelihood - alike), 1) / 2,
         "note": "tests whether all customers are alike"},
        {"term": "each age its own", "log_likelihood": free, "n_parameters": ages,
         "statistic": 2 * (free - peak.log_likelihood), "df": ages - 2,
         "p_value": stats.chi2.sf(2 * (free - peak.log_likelihood), ages - 2) if ages > 2 else None,
         "note": "tests whether the law follows the churn of each age"},
    ]  # fmt: skip
    table = pd.DataFrame(rows).assign(n=renewals.n)
    table["aic"] = 2 * table["n_parameters"] - 2 * table["log_likelihood"]
    table["bic"] = np.log(renewals.n) * table["n_parameters"] - 2 * table["log_likelihood"]
    return arrange(table, keys=["term"])
