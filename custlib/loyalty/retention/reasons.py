"""Why those who left did so: shares of the reasons, and a cited distribution put to the test."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special, stats

from custlib.checks import require_columns, require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.groups import MISSING, group_rows
from custlib.intervals import goodman
from custlib.loyalty.retention.competing import reason_names
from custlib.loyalty.retention.durations import require_events

Array = np.ndarray
ALL = "all"
LEFT_OUT = ("own", "left_out")
SMALL = 5.0  # expected customers below which the chi-squared law is not trusted
MOST = 2_000_000  # ways to divide the customers that an exact test goes through


def reason_shares(
    customers: pd.DataFrame,
    *,
    event: str,
    reason: str,
    event_value: object = None,
    by: str | None = None,
    missing: str = "own",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of each reason among the customers who left.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    event, reason : str
        Columns of who left (0 or 1, or any with `event_value`) and why; the reason of customers
        still there is not read.
    event_value : optional
        Value, or list of values, of `event` that means the customer left.
    by : str, optional
        Groups.
    missing : {"own", "left_out"}
        Who left without a reason on record is a category, counted in n, or is left out and counted
        in n_missing.
    conf_level : float in (0, 1), default 0.95
        Probability that all intervals of a group hold at once.

    Returns
    -------
    DataFrame, one row per group and reason
        `by`, reason, estimate, ci_low, ci_high (Goodman), conf_level, n, n_missing, numerator,
        denominator, bound_low, bound_high (share of all who left, were none or all of the unknown
        reasons this one), method, note. NaN with a note where nobody of a group left.

    Raises
    ------
    DataError
        A column is absent, or an event is not 0 or 1.

    Notes
    -----
    share = n of the reason/n with a reason; bound_low = n of the reason/all who left; bound_high =
    (n of the reason + unknown)/all who left; ends = [p + q/2n ± √(q (p(1 − p)/n + q/4n²))]/(1 +
    q/n), q the quantile of chi-square on 1 df at 1 − (1 − conf_level)/reasons. Shares of those who
    left so far mix customers watched for long with others watched briefly; a reason of the first
    months looms large among young customers. `cumulative_incidence` does not depend on that.

    Assumes: each who left gives one true reason; those without one on record are like the rest
    ("left_out"), or within bound_low and bound_high.

    Not for: what drives churn: a reason said is no cause, and who stays is not asked
    (`churn_hazards`); comparison with a published distribution (`reason_fit`).

    References
    ----------
    Goodman, L. (1965). Technometrics 7:247–254. doi:10.1080/00401706.1965.10490252

    Examples
    --------
    >>> gone = pd.DataFrame({"left": [1, 1, 1, 0], "why": ["price", "price", "staff", None]})
    >>> found = reason_shares(gone, event="left", reason="why")  # R: prop.test
    >>> found[["reason", "numerator", "denominator"]].values.tolist()
    [['price', 2, 3], ['staff', 1, 3]]
    """
    require_conf_level(conf_level)
    require_one_of("missing", missing, LEFT_OUT)
    why = _reasons_of_leavers(customers, event, reason, event_value)
    names = reason_names(why)
    parts = []
    for group, mask in group_rows(customers, by):
        rows = _share_rows(why[mask[why.index]], names, missing, conf_level)
        parts.append(rows if by is None else rows.assign(**{by: group}))
    return arrange(pd.concat(parts), keys=[*([] if by is None else [by]), "reason"])


def reason_fit(
    customers: pd.DataFrame,
    *,
    event: str,
    reason: str,
    cited: Mapping[str, float],
    event_value: object = None,
    rest: str = "other",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Reasons of those who left beside a cited distribution: does it describe them?

    Parameters
    ----------
    customers, event, reason, event_value
        As in `reason_shares`; who left without a reason on record is left out and counted.
    cited : mapping of reason to share (0–1)
        Cited shares; what they lack to 1 is that of all other reasons together.
    rest : str, default "other"
        What the other reasons together are called; a reason of that name is one of them.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, a row for each cited reason, for the rest, and for "all"
        reason, estimate, ci_low, ci_high (Goodman), conf_level, statistic, df, p_value (row "all"),
        n, n_missing, numerator, denominator, limit (cited share), verdict, method, note. Verdict
        of a reason: agrees, above, below, by its interval; of all: agrees, differs, by the test.

    Raises
    ------
    ParameterError
        Cited shares outside 0–1 or with a sum above 1.
    DataError
        A column is absent, or an event is not 0 or 1.

    Notes
    -----
    statistic = Σ (observed − expected)²/expected; expected = n × cited share. Pearson's chi-squared
    test where at least 5 are expected of each, else the exact multinomial test: the probability of
    all divisions of the customers no more probable than the one found.

    Assumes: one reason a customer, independent customers, reasons on record that are like the
    missing ones; cited shares are without error.

    Not for: proof of the citation by a large p, as few customers agree with nearly anything,
    classes of reasons made after looking, or reasons by time: see `cumulative_incidence`.

    References
    ----------
    Goodman, L. (1965). Technometrics 7:247–254. doi:10.1080/00401706.1965.10490252

    Examples
    --------
    >>> gone = pd.DataFrame({"left": 1, "why": ["price"] * 40 + ["staff"] * 30 + ["moved"] * 30})
    >>> fit = reason_fit(gone, event="left", reason="why", cited={"staff": 0.67, "price": 0.09})
    >>> fit[["reason", "estimate", "limit", "verdict"]].fillna(0).values.tolist()[:3]
    [['staff', 0.3, 0.67, 'below'], ['price', 0.4, 0.09, 'above'], ['other', 0.3, 0.24, 'agrees']]
    >>> # R: chisq.test(c(30, 40, 30), p = cited)
    """
    require_conf_level(conf_level)
    shares = _cited_shares(cited, rest)
    why = _reasons_of_leavers(customers, event, reason, event_value)
    known = why.dropna()
    sorted_in = known.astype(object).where(known.isin(list(cited)), rest)
    if rest not in shares and (sorted_in == rest).any():
        shares = shares | {rest: 0.0}
    counts = np.array([(sorted_in == name).sum() for name in shares], float)
    n, limits = int(counts.sum()), np.array(list(shares.values()))
    low = high = estimate = np.full(len(shares), np.nan)
    if n:
        estimate = counts / n
        low, high = goodman(counts, conf_level=conf_level)
    verdict = np.select([limits < low, limits > high], ["above", "below"], "agrees")
    table = pd.DataFrame(
        {"reason": list(shares), "estimate": estimate, "ci_low": low, "ci_high": high,
         "numerator": counts, "denominator": n, "limit": limits,
         "verdict": verdict if n else "", "method": "Goodman, all at once",
         "note": "" if n else "nobody left with a reason on record"}
    )  # fmt: skip
    whole: dict = {"reason": ALL} | _test(counts, limits, conf_level)
    table = pd.concat([table, pd.DataFrame([whole])], ignore_index=True)
    table = table.assign(n=n, n_missing=int(why.isna().sum()), conf_level=conf_level)
    return arrange(table, keys=["reason"])


def _reasons_of_leavers(
    customers: pd.DataFrame, event: str, reason: str, event_value: object
) -> pd.Series:
    """Reason of each customer who left, by position in the table."""
    require_columns(customers, [event, reason])
    left = np.flatnonzero(require_events(customers, event, event_value=event_value) == 1)
    why = customers[reason].iloc[left]
    return why.set_axis(pd.Index(left))


def _share_rows(part: pd.Series, names: list, missing: str, conf_level: float) -> pd.DataFrame:
    unknown, left, own = int(part.isna().sum()), len(part), missing == "own"
    counts = [int((part == name).sum()) for name in names]
    if own and unknown:
        names, counts = [*names, MISSING], [*counts, unknown]
    total = sum(counts)
    # An unknown reason that is a category of its own is among the n.
    table = pd.DataFrame({"reason": names or [""], "numerator": counts or [0]}).assign(
        n=total, n_missing=0 if own else unknown, denominator=total, conf_level=conf_level,
        method="Goodman, all at once", estimate=np.nan, ci_low=np.nan, ci_high=np.nan,
        bound_low=np.nan, bound_high=np.nan,
    )  # fmt: skip
    if not total:
        said = "nobody left with a reason on record" if left else "nobody left"
        return table.assign(note=said)
    count = np.array(counts)
    low, high = goodman(count, conf_level=conf_level)
    # Only a known reason can gain from the unknown ones.
    gain = np.array([0 if name == MISSING else unknown for name in names])
    return table.assign(
        estimate=count / total, ci_low=low, ci_high=high, bound_low=count / left,
        bound_high=(count + gain) / left,
        note=np.where(count, "", "nobody left for this reason"),
    )  # fmt: skip


def _cited_shares(cited: Mapping[str, float], rest: str) -> dict[str, float]:
    """Cited shares that sum to 1 with what they leave for the rest."""
    total = float(sum(cited.values()))
    wrong = {name: share for name, share in cited.items() if not 0 <= share <= 1}
    if not cited or wrong or total > 1 + 1e-9 or len({*cited, rest, ALL}) < len(cited) + 2:
        told = ", ".join(f"{name} {share:g}" for name, share in cited.items()) or "nothing"
        raise ParameterError.because(
            f"Cited: {told}; sum {total:g}, the rest is called {rest!r}.",
            f"Expected shares from 0 to 1 with a sum up to 1, none called {ALL!r} or as the rest.",
            "Give shares, not per cent; leave out the reason that stands for all others.",
        )
    left = 1 - total
    return dict(cited) | ({rest: left} if left > 1e-9 else {})


def _test(counts: Array, shares: Array, conf_level: float) -> dict:
    """Test of the whole distribution: chi-squared, or exact where few are expected."""
    n, df = int(counts.sum()), int((shares > 0).sum()) - 1
    row: dict = {"statistic": np.nan, "df": np.nan, "p_value": np.nan, "verdict": "", "note": ""}
    if not n or df < 1:
        said = "no test: nobody left with a reason on record" if not n else "no test: one category"
        return row | {"method": "", "note": said}
    if counts[shares == 0].any():
        row |= {"p_value": 0.0, "note": "the cited shares leave nothing for other reasons"}
        return row | {"method": "exact multinomial", "verdict": "differs"}
    counts, shares = counts[shares > 0], shares[shares > 0]
    expected = n * shares
    statistic = float(((counts - expected) ** 2 / expected).sum())
    exact = expected.min() < SMALL and special.comb(n + df, df) <= MOST
    p_value = _exact(counts, shares) if exact else float(stats.chi2.sf(statistic, df))
    if not exact and expected.min() < SMALL:
        row["note"] = f"only {expected.min():.1f} expected of one reason: p is rough"
    method = "exact multinomial" if exact else "chi-squared"
    verdict = "differs" if p_value < 1 - conf_level else "agrees"
    found = {"statistic": statistic, "df": df, "p_value": p_value}
    return row | found | {"method": method, "verdict": verdict}


def _exact(counts: Array, shares: Array) -> float:
    """Probability of all divisions of n customers that are no more probable than this one."""
    n = int(counts.sum())
    left, weight = np.array([n]), np.zeros(1)
    for share in shares[:-1]:
        ways = left + 1
        of = np.repeat(np.arange(len(left)), ways)
        part = np.arange(len(of)) - np.repeat(np.cumsum(ways) - ways, ways)
        weight = weight[of] + part * np.log(share) - special.gammaln(part + 1)
        left = left[of] - part
    weight = weight + left * np.log(shares[-1]) - special.gammaln(left + 1)
    found = float((counts * np.log(shares) - special.gammaln(counts + 1)).sum())
    # Equally probable divisions must count whatever the last digits say.
    told = weight[weight <= found + 1e-7] + special.gammaln(n + 1)
    return float(min(np.exp(told).sum(), 1.0))
