"""Why customers leave: the share that has left for each reason, as time goes on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.loyalty.retention.competing import Incidence, aalen_johansen, reason_codes
from custlib.loyalty.retention.curve import AFTER, NOBODY, require_times, spells_by_group
from custlib.loyalty.retention.durations import Spells, read_spells
from custlib.loyalty.retention.limits import z_quantile

Array = np.ndarray
NO_EVENT = "nobody left for this reason so far: exact bound from those at risk"
ALL_LEFT = "all at risk left for this reason: no interval"


def cumulative_incidence(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    reason: str,
    event_value: object = None,
    by: str | None = None,
    entry: str | None = None,
    times: Sequence[float] | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of all customers that has left for each reason by each time.

    Parameters
    ----------
    customers : DataFrame, one row a customer or contract
    duration, event, event_value, by, entry, times
        As in `survival_curve`.
    reason : str
        Column of the reason of leaving. Who left without one has the reason "(missing)"; what it
        holds for customers still there is not read.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per group, reason and time
        `by`, reason, time, measure ("cumulative_incidence"), estimate, std_error (delta method),
        ci_low, ci_high (log-log), conf_level, at_risk, events (for this reason; with `times` since
        the one before), n, n_missing, method, note. Reasons come in the order of their categories,
        or by how many left; one that nobody of a group had keeps its rows.

    Raises
    ------
    DataError
        A column is absent, a duration negative, an event not 0 or 1, an entry not before the end.

    Notes
    -----
    F_k(t) = sum over t_j <= t of S(t_j−) k_j/n_j. Over the reasons it sums to 1 − S(t), S being
    Kaplan and Meier's. One minus Kaplan–Meier with other reasons as censored is larger, and speaks
    of a world without them. Errors by the delta method: without `entry` those of R's `survfit` with
    several states, which takes the infinitesimal jackknife and differs a little with `entry`.

    Assumes: a customer leaves once, for one reason; last seen is no reason and says nothing of one;
    customers are independent.

    Not for: the share that would leave for one reason were there no others: no data of this kind
    tell. A test of groups is `compare_incidence`, all reasons as one `survival_curve`.

    References
    ----------
    Aalen, O. & Johansen, S. (1978). Scand. J. Statistics 5:141–150. Gaynor, J. et al. (1993).
    JASA 88:400–409. doi:10.1080/01621459.1993.10476289

    Examples
    --------
    >>> contracts = pd.DataFrame({"months": [1, 2, 2, 3], "left": [1, 1, 0, 0],
    ...                           "why": ["price", "staff", None, None]})
    >>> found = cumulative_incidence(contracts, duration="months", event="left", reason="why",
    ...                              times=[2])
    >>> dict(zip(found["reason"], found["estimate"]))  # R: survival::survfit(Surv(months, why) ~ 1)
    {'price': 0.25, 'staff': 0.25}
    """
    z_quantile(conf_level)
    asked = None if times is None else require_times(times)
    spells = read_spells(
        customers, duration=duration, event=event, event_value=event_value, entry=entry
    )
    codes, names = reason_codes(customers, spells, reason)
    of_row = np.full(len(customers), np.nan)
    of_row[spells.rows] = codes
    parts = []
    for group, part, n_missing in spells_by_group(customers, spells, by):
        own = of_row[part.rows].astype(int)
        rows = _rows(part, own, names, asked, conf_level)
        rows = rows.assign(n=len(part), n_missing=n_missing)
        parts.append(rows if by is None else rows.assign(**{by: group}))
    table = pd.concat(parts, ignore_index=True).assign(
        measure="cumulative_incidence", method="Aalen-Johansen, log-log", conf_level=conf_level
    )
    keys = [*([] if by is None else [by]), "reason", "time", "measure"]
    return arrange(table, keys=keys)


def _rows(
    spells: Spells, codes: Array, names: list, asked: Array | None, conf_level: float
) -> pd.DataFrame:
    """A row per reason and time of one group; one noted row where nobody left for any reason."""
    blank = {"estimate": np.nan, "std_error": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    if not len(spells) or not names:
        when = [np.nan] if asked is None else asked
        note = "nobody left: there are no reasons" if len(spells) else NOBODY
        rows = [{"reason": name, "time": time} for name in names or [""] for time in when]
        return pd.DataFrame(rows).assign(**blank, at_risk=len(spells), events=0, note=note)
    found = aalen_johansen(spells, codes, len(names))
    start = np.array([0.0]) if found.times[0] > 0 else np.array([])
    when = np.concatenate([start, found.times]) if asked is None else asked
    at_risk = spells.at_risk(when)
    rows = [
        _curve(found, code, when, at_risk, conf_level).assign(reason=name)
        for code, name in enumerate(names)
    ]
    return pd.concat(rows, ignore_index=True)


def _curve(
    found: Incidence, code: int, when: Array, at_risk: Array, conf_level: float
) -> pd.DataFrame:
    """Rows of one reason."""
    place = found.before(when)
    share = np.append(found.share[code], 0.0)[place]
    error = np.append(found.std_error[code], 0.0)[place]
    so_far = np.concatenate([[0], np.cumsum(found.events[code])])[place + 1]
    low, high = incidence_limits(share, error, at_risk, conf_level)
    table = pd.DataFrame(
        {"time": when, "estimate": share, "std_error": error, "ci_low": low, "ci_high": high,
         "at_risk": at_risk, "events": np.diff(so_far, prepend=0)}
    )  # fmt: skip
    table["note"] = np.select([share <= 0, share >= 1], [NO_EVENT, ALL_LEFT], "")
    # At the start itself nobody has left, which is no matter of chance.
    table.loc[when <= 0, "ci_high"] = np.where(share[when <= 0] == 0, 0.0, np.nan)
    table.loc[(when <= 0) & (share == 0), "note"] = ""
    after = when > found.times[-1]
    table.loc[after, ["estimate", "std_error", "ci_low", "ci_high"]] = np.nan
    table.loc[after, "note"] = AFTER
    return table


def incidence_limits(
    share: Array, error: Array, at_risk: Array, conf_level: float
) -> tuple[Array, Array]:
    """Interval even in log(−log); at 0 the exact upper bound of none of those at risk."""
    inner = (share > 0) & (share < 1) & (error > 0)
    p = np.where(inner, share, 0.5)
    step = z_quantile(conf_level) * np.where(inner, error, 0.0) / (p * -np.log(p))
    none = (share <= 0) & (at_risk > 0)
    bound = 1 - ((1 - conf_level) / 2) ** (1 / np.maximum(at_risk, 1))
    low = np.where(inner, p ** np.exp(step), np.where(none, 0.0, np.nan))
    high = np.where(inner, p ** np.exp(-step), np.where(none, bound, np.nan))
    return low, high
