"""What changed in a base of customers from one period to the next."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.segmentation.customer_checks import (
    name_order,
    read_complete,
    require_customers,
    require_one_kind_of_name,
)

Array = np.ndarray
FACTORS = ("customers", "orders per customer", "amount per order")
STEP = 1e-30  # of a complex-step derivative, which loses no digits however small


def period_bridge(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    customer: str = "customer",
    value: str = "amount",
    orders: str = "n_orders",
) -> pd.DataFrame:
    """From the revenue of one period to that of the next: who left, who came, who changed.

    Parameters
    ----------
    before, after : DataFrame, one row per customer
        Tables of two periods, as from `customer_table`. A customer without an order in a period
        did not buy in it.
    customer, value, orders : str
        Columns.

    Returns
    -------
    DataFrame, five rows
        segment ("lost", "kept, less", "kept, as much or more", "new", "all"), estimate (change
        of revenue), amount_before, amount_after, n (customers). The first four rows add up to
        the last.

    Raises
    ------
    DataError
        A column is absent or lacks a number, a table has no row or a customer twice, or names
        are numbers in one table and text in the other.

    Notes
    -----
    estimate = Σ amount after − Σ amount before, over the customers of the segment. Revenue is net;
    a customer with returns only counts as one who did not buy, and the returns stay in the revenue
    of "lost" or "new".

    Assumes: a customer has one name in both periods, and the periods are of equal length and
    season.

    Not for: why customers left or came; who merely buys seldom counts as lost and later as new
    (`time_between`). It splits what was and has no interval.

    Examples
    --------
    >>> first = pd.DataFrame({"customer": list("ab"), "amount": [50.0, 20.0], "n_orders": [2, 1]})
    >>> second = pd.DataFrame({"customer": list("bc"), "amount": [30.0, 5.0], "n_orders": [1, 1]})
    >>> period_bridge(first, second)[["segment", "estimate"]].values[[0, 2, 3, 4]].tolist()
    [['lost', -50.0], ['kept, as much or more', 10.0], ['new', 5.0], ['all', -35.0]]
    """
    both = _side_by_side(before, after, customer, value, orders)
    bought = {side: both[f"orders_{side}"] > 0 for side in ("before", "after")}
    kept = bought["before"] & bought["after"]
    less = both["amount_after"] < both["amount_before"]
    groups = {
        "lost": bought["before"] & ~bought["after"],
        "kept, less": kept & less,
        "kept, as much or more": kept & ~less,
        "new": ~bought["before"],
        "all": pd.Series(True, index=both.index),
    }
    rows = []
    for name, chosen in groups.items():
        first, second = (both.loc[chosen, f"amount_{side}"].sum() for side in ("before", "after"))
        counted = chosen & (bought["before"] | bought["after"])
        row = {"segment": name, "estimate": second - first, "amount_before": first}
        rows.append(row | {"amount_after": second, "n": int(counted.sum())})
    return arrange(rows, keys=["segment"])


def revenue_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    customer: str = "customer",
    value: str = "amount",
    orders: str = "n_orders",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Change of revenue split into customers, orders per customer and revenue per order.

    Parameters
    ----------
    before, after : DataFrame, one row per customer
        Tables of two periods, as from `customer_table`.
    customer, value, orders : str
        Columns.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, four rows
        term ("customers", "orders per customer", "amount per order", "all"), estimate (in the
        unit of the amounts; the first three add up to the last), std_error, ci_low, ci_high,
        conf_level, effect (after over before), effect_kind ("ratio"), n (customers of either
        period), note.

    Raises
    ------
    DataError
        A column is absent or lacks a number, a table has no row or a customer twice, or names
        are numbers in one table and text in the other.

    Notes
    -----
    Revenue is the product of the three. Part of a factor f: L ln(f1/f0), with L = (R1 −
    R0)/ln(R1/R0) the logarithmic mean of the two revenues (LMDI), which leaves no rest. Standard
    errors by the delta method, each customer one draw: they say how much chance in who the
    customers are moves the split.

    Assumes: each customer of the two periods is an independent draw, and no large one decides the
    sums; revenue, orders and customers are above zero in both.

    Not for: why revenue changed, periods of unlike length or season, or who came and went, which
    number of customers hides: `period_bridge`.

    References
    ----------
    Ang, B. (2005). Energy Policy 33:867–871. doi:10.1016/j.enpol.2003.10.010

    Examples
    --------
    >>> first = pd.DataFrame({"customer": list("ab"), "amount": [50.0, 50.0], "n_orders": [1, 1]})
    >>> second = pd.DataFrame({"customer": list("ab"), "amount": [99.0, 101.0], "n_orders": [2, 2]})
    >>> revenue_change(first, second)["estimate"].round(9).tolist()
    [0.0, 100.0, 0.0, 100.0]
    """
    require_conf_level(conf_level)
    both = _side_by_side(before, after, customer, value, orders)
    parts = np.column_stack(
        [
            both[f"{what}_{side}"].to_numpy(float)
            for side in ("before", "after")
            for what in ("bought", "orders", "amount")
        ]
    )
    sums = parts.sum(axis=0)
    rows: list[dict] = [
        {"term": name, "effect_kind": "ratio", "conf_level": conf_level, "n": len(both), "note": ""}
        for name in (*FACTORS, "all")
    ]
    ratios = [*_ratios(sums), sums[5] / sums[2] if sums[2] else np.nan]
    sound, several = bool((sums > 0).all()), len(both) > 1
    gradient, estimates = _gradient(_split, sums) if sound else (None, np.full(4, np.nan))
    covariance = np.cov(parts, rowvar=False) * len(both) if several else np.full((6, 6), np.nan)
    z = stats.norm.ppf((1 + conf_level) / 2)
    for at, (row, estimate) in enumerate(zip(rows, estimates, strict=True)):
        error = np.nan
        if gradient is None:
            row["note"] = "a period without orders or without revenue above 0"
        elif not several:
            row["note"] = "one customer tells nothing of chance"
        else:
            error = float(np.sqrt(max(gradient[at] @ covariance @ gradient[at], 0.0)))
        row |= {"estimate": float(estimate), "std_error": error, "effect": float(ratios[at])}
        row |= {"ci_low": estimate - z * error, "ci_high": estimate + z * error}
    if gradient is None:
        rows[-1] |= {"estimate": float(sums[5] - sums[2])}
    return arrange(rows, keys=["term"])


def _side_by_side(
    before: pd.DataFrame, after: pd.DataFrame, customer: str, value: str, orders: str
) -> pd.DataFrame:
    """Both periods in one row a customer, 0 where somebody did not buy."""
    sides = {}
    for side, table in (("before", before), ("after", after)):
        require_customers(table, customer)
        counts = read_complete(table, orders)
        columns = {f"amount_{side}": read_complete(table, value), f"orders_{side}": counts}
        columns |= {f"bought_{side}": (counts > 0).astype(float)}
        sides[side] = pd.DataFrame(columns, index=pd.Index(table[customer], name=customer))
    require_one_kind_of_name(*(side.index for side in sides.values()))
    both = sides["before"].join(sides["after"], how="outer").fillna(0.0)
    return both.iloc[name_order(both.index.to_series())]


def _ratios(sums: Array) -> Array:
    """Customers, orders per customer and revenue per order, after over before."""
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (
            np.array([one[0], one[1] / one[0], one[2] / one[1]]) for one in (sums[:3], sums[3:])
        )
        return second / first


def _split(sums: Array) -> Array:
    """Contributions of the three factors and their sum, of the sums of both periods."""
    before, after = sums[2], sums[5]
    logs = np.log(_ratios(sums))
    # Nearly equal revenues have no digits left for the quotient; there the plain mean is exact.
    same = abs(after / before - 1) < 1e-8
    mean = (before + after) / 2 if same else (after - before) / np.log(after / before)
    return np.array([*(mean * logs), after - before])


def _gradient(function: Callable[[Array], Array], at: Array) -> tuple[Array, Array]:
    """Derivatives by complex steps, and the values themselves."""
    columns = []
    for place in range(len(at)):
        moved = at.astype(complex)
        moved[place] += 1j * STEP * max(abs(at[place]), 1.0)
        columns.append(np.imag(function(moved)) / (STEP * max(abs(at[place]), 1.0)))
    return np.column_stack(columns), np.real(function(at.astype(complex)))
