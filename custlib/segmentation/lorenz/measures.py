"""How unequal customers are: Gini, share of the largest, customers needed, effective number."""

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_seed, require_whole
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.segmentation.lorenz.estimates import (
    MEASURES,
    bootstrap_steps,
    measure_rows,
    resample_measures,
)
from custlib.segmentation.lorenz.shares import (
    Scale,
    SortedValues,
    sort_values,
    t_steps,
    top_shares,
)

Row = dict
END, ALIKE = "at the end of its range: no interval", "resamples are all alike: no interval"


def concentration(
    customers: pd.DataFrame,
    *,
    value: str = "amount",
    customer: str | None = "customer",
    top: float = 0.2,
    target: float = 0.8,
    conf_level: float = 0.95,
    n_boot: int | None = None,
    seed: int | None = None,
) -> pd.DataFrame:
    """How much of the value few customers hold: shares 0–1, and an equivalent number of customers.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    value, customer : str
        Numbers to be shared out, and names (None: not checked). A missing value is left out.
    top, target : shares in (0, 1), default 0.2 and 0.8
    conf_level : float in (0, 1), default 0.95
    n_boot, seed : int, optional
        Resamples for bootstrap t intervals, which hold better under long tails; time grows as
        n_boot times the customers.

    Returns
    -------
    DataFrame
        measure, estimate, std_error, ci_low, ci_high, conf_level, df, customer_share, n,
        n_missing, numerator, denominator, verdict, method, note. Measures: gini, gini_unbiased
        (× n/(n − 1)), top_share (of the ⌈top · n⌉ largest), share_needed (of customers, for
        `target` of the value), distance (top_share − target; verdict above, below, not
        distinguishable), hhi (sum of squared shares), effective_number (1/hhi).

    Raises
    ------
    DataError
        A column is absent or not numeric, or a customer has two rows.

    Notes
    -----
    gini = 2 Σ i x_i/(n Σ x) − (n + 1)/n, x_1 the smallest; top_share = Σ of the ⌈top · n⌉ largest
    x/Σ x; hhi = Σ (x/Σ x)². Errors are linearized (influence functions); intervals are t with n − 1
    df on the logit scale, the log for effective_number. Long tails make them too short, as the
    sample seldom holds the largest customers there could be. Of 10,000 lognormal samples, 95 %
    intervals of gini held the truth in 0.88 (n = 100) and 0.93 (n = 1,000) at sigma 1, of top_share
    in 0.89 and 0.94; at sigma 1.7, near 20/80, in 0.73 and 0.87, 0.82 and 0.90. With the bootstrap
    (800 samples): gini 0.92, 0.95, 0.84, 0.92; top_share 0.92, 0.95, 0.88, 0.92. Negative values
    stay, Gini and shares may then pass 1, and intervals are symmetric.

    Assumes: customers are independent draws from those one could have had, whose value has a
    variance; chance in their orders has no part in it.

    Not for: spans of unlike length, as chance makes short ones more unequal; long tails with few
    hundred customers without the bootstrap, see the coverage above; losses (`profit_curve`).

    References
    ----------
    Langel, M. & Tillé, Y. (2013). J. R. Statist. Soc. A 176:521–540.
    doi:10.1111/j.1467-985X.2012.01048.x. Davidson, R. (2009). J. Econometrics 150:30–40. Beach, C.
    & Davidson, R. (1983). Rev. Econ. Studies 50:723–735.

    Examples
    --------
    >>> firms = pd.DataFrame({"customer": list("abcde"), "amount": [80, 5, 5, 5, 5]})
    >>> found = concentration(firms).set_index("measure")["estimate"]
    >>> round(float(found["gini"]), 4), float(found["top_share"])
    (0.6, 0.8)
    >>> # R: mean(abs(outer(x, x, '-'))) / (2 * mean(x))
    """
    require_conf_level(conf_level)
    for name, share in (("top", top), ("target", target)):
        _require_open_share(name, share)
    start = None if n_boot is None else require_seed(seed)
    sample = sort_values(customers, value, customer)
    counts = {"conf_level": conf_level, "n": sample.n, "n_missing": sample.n_missing}
    if not sample.usable:
        rows = [{"measure": measure, "estimate": np.nan} for measure in MEASURES]
    else:
        rows = measure_rows(sample, top, target)
        scales = [_scale(measure, sample) for measure in MEASURES]
        steps = [t_steps(sample.n - 1, conf_level)] * len(rows)
        if n_boot is not None and start is not None and sample.spread:
            drawn = resample_measures(sample, top, target, n_boot=n_boot, seed=start)
            steps = bootstrap_steps(rows, scales, drawn, conf_level)
        suffix = "" if n_boot is None else ", bootstrap t"
        rows = [
            _with_interval(row, sample, scale, ends, suffix)
            for row, scale, ends in zip(rows, scales, steps, strict=True)
        ]
        _fill_distance(rows, target)
    blank: Row = {"std_error": np.nan, "ci_low": np.nan, "ci_high": np.nan, "df": np.nan}
    blank |= {"customer_share": np.nan, "numerator": pd.NA, "denominator": pd.NA}
    blank |= {"verdict": "", "method": "", "note": sample.note}
    return arrange([blank | counts | row for row in rows], keys=["measure"])


def lorenz_points(
    customers: pd.DataFrame,
    *,
    value: str = "amount",
    customer: str | None = "customer",
    points: int = 100,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Lorenz curve: share (0–1) of the value held by the smallest customers, at up to points + 1.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    value, customer : str
    points : int, default 100
        Steps between no customer and all of them; fewer where there are fewer customers.
    conf_level : float in (0, 1), default 0.95
        For each point by itself, not for the curve.

    Returns
    -------
    DataFrame, one row per point
        measure ("lorenz"), estimate, std_error, ci_low, ci_high, conf_level, df, customer_share,
        n, n_missing, method, note. Intervals lack where the share is 0 or 1.

    Raises
    ------
    DataError
        A column is absent or not numeric, or a customer has two rows.

    Notes
    -----
    L = Σ of the smallest x/Σ x; std_error = √(Σ (u − mean u)²/(n − 1)/n); u = ((x − q)₊ − (1 − L)
    x)/mean x. q is the smallest value among the others, above the point. The interval is t on the
    logit scale, or as it is where values are negative.

    Assumes: customers are independent draws with values of finite variance; a share of the base is
    read as a share of all one could have had.

    Not for: two curves compared by intervals of single points (`concentration` gives one number
    each), or the far end under long tails, where intervals are too short.

    References
    ----------
    Beach, C. & Davidson, R. (1983). Rev. Econ. Studies 50:723–735. doi:10.2307/2297772

    Examples
    --------
    >>> firms = pd.DataFrame({"customer": list("abcd"), "amount": [1, 2, 3, 4]})
    >>> lorenz_points(firms, points=4)["estimate"].round(12).tolist()  # R: cumsum(sort(x)) / sum(x)
    [0.0, 0.1, 0.3, 0.6, 1.0]
    """
    require_conf_level(conf_level)
    points = require_whole("points", points, 1)
    sample = sort_values(customers, value, customer)
    smallest = np.unique(np.round(np.linspace(0, sample.n, points + 1)).astype(int))
    table = pd.DataFrame({"measure": "lorenz", "customer_share": smallest / max(sample.n, 1)})
    blank: Row = dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high", "df"], np.nan)
    blank |= {"note": sample.note}
    rows = [blank | {"method": ""}] * len(smallest)
    if sample.usable:
        share, error = top_shares(sample, sample.n - smallest)
        scale, steps = _scale("lorenz", sample), t_steps(sample.n - 1, conf_level)
        rows = [
            blank | _with_interval({"estimate": 1 - one, "std_error": its}, sample, scale, steps)
            for one, its in zip(share.tolist(), error.tolist(), strict=True)
        ]
    table = pd.concat([table, pd.DataFrame(rows)], axis=1)
    table = table.assign(n=sample.n, n_missing=sample.n_missing, conf_level=conf_level)
    return arrange(table, keys=["measure"])


def _scale(measure: str, sample: SortedValues) -> Scale:
    if sample.values[-1] < 0:
        return Scale("normal")
    if measure == "effective_number":
        return Scale("log", low=1.0, high=float(np.nextafter(sample.n, np.inf)))
    return Scale("logit", low=1 / sample.n if measure == "hhi" else 0.0)


def _with_interval(
    row: Row, sample: SortedValues, scale: Scale, steps: np.ndarray, suffix: str = ""
) -> Row:
    if not sample.spread:
        return row
    low, high = scale.interval(row["estimate"], row["std_error"], steps)
    method = scale.method + suffix
    if np.isnan(low):
        inside = np.isfinite(scale.forth(row["estimate"], row["std_error"])[0])
        row = row | {"note": ALIKE if inside else END}
    return row | {"ci_low": low, "ci_high": high, "df": sample.n - 1, "method": method}


def _fill_distance(rows: list[Row], target: float) -> None:
    """The share's interval less the target, and what it says of the rule, such as 20/80."""
    row = next(row for row in rows if row["measure"] == "distance")
    for name in ("estimate", "ci_low", "ci_high"):
        row[name] = row.get(name, np.nan) - target
    if not np.isnan(row["ci_low"]):
        apart = "above" if row["ci_low"] > 0 else "below" if row["ci_high"] < 0 else None
        row["verdict"] = apart or "not distinguishable"


def _require_open_share(name: str, share: float) -> None:
    if not 0 < share < 1:
        raise ParameterError.because(
            f"{name} is {share!r}.",
            "Expected a share strictly between 0 and 1.",
            f"For 20 % pass {name}=0.2.",
        )
