"""How a base of customers is made up: tenths by value, and how often people bought."""

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_whole
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.intervals import share_of
from custlib.segmentation.customer_checks import (
    descending,
    read_complete,
    read_values,
    require_customers,
)

REPEATS = (2, 3, 5, 10)


def value_deciles(
    customers: pd.DataFrame,
    *,
    value: str = "amount",
    orders: str = "n_orders",
    customer: str = "customer",
    groups: int = 10,
) -> pd.DataFrame:
    """Customers in equal groups from the best down: revenue, orders and order size of each.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    value, orders, customer : str
        Columns of the revenue, of the number of orders and of the id.
    groups : int, default 10

    Returns
    -------
    DataFrame, one row per group
        decile (1 has the highest values), amount, amount_share, orders_per_customer,
        amount_per_order, n (customers), customer_share, note (no share of a sum that is not above
        zero). Group sizes differ by at most one.

    Raises
    ------
    DataError
        A column is absent or lacks a number, or there are fewer customers than groups.

    Notes
    -----
    amount = n × orders_per_customer × amount_per_order; amount_share = amount/Σ amount. Ties are
    broken by the id. The revenue of a group is customers × orders per customer × revenue per order,
    so a group can be large for three different reasons.

    Assumes: all customers had the same window to buy in; a description, without chance.

    Not for: decile 1 of two years as the same people (`class_migration`), one number for inequality
    (`concentration`), or few customers: tenths of 30 are three people each.

    References
    ----------
    Fader, P., Hardie, B. & Ross, M. (2022). The Customer-Base Audit. Wharton School Press.

    Examples
    --------
    >>> base = pd.DataFrame({"customer": list("abcd"), "amount": [70.0, 5.0, 20.0, 5.0],
    ...                      "n_orders": [7, 1, 1, 1]})
    >>> value_deciles(base, groups=2)[["decile", "amount", "orders_per_customer"]].values.tolist()
    [[1.0, 90.0, 4.0], [2.0, 10.0, 1.0]]
    >>> # R: tapply(amount, decile, sum)
    """
    require_customers(customers, customer)
    groups = require_whole("groups", groups, 2)
    if len(customers) < groups:
        raise DataError.because(
            f"There are {len(customers)} customers for {groups} groups.",
            "Expected at least one customer in each group.",
            "Pass fewer groups.",
        )
    amounts, counts = read_complete(customers, value), read_complete(customers, orders)
    group = np.empty(len(customers), int)
    group[descending(amounts, customers[customer])] = (
        np.arange(len(customers)) * groups // len(customers)
    )
    n = np.bincount(group, minlength=groups)
    amount = np.bincount(group, weights=amounts, minlength=groups)
    order_sum = np.bincount(group, weights=counts, minlength=groups)
    total = amounts.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        table = {
            "decile": np.arange(1, groups + 1),
            "amount": amount,
            "amount_share": amount / total if total > 0 else np.nan,
            "orders_per_customer": order_sum / n,
            "amount_per_order": np.where(order_sum > 0, amount / order_sum, np.nan),
            "n": n,
            "customer_share": n / len(customers),
            "note": "" if total > 0 else "amount does not sum to more than zero",
        }
    return arrange(pd.DataFrame(table), keys=["decile"])


def repeat_shares(
    customers: pd.DataFrame, *, orders: str = "n_orders", conf_level: float = 0.95
) -> pd.DataFrame:
    """Share of customers, 0–1, who bought once only, and who bought at least 2, 3, 5 and 10 times.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    orders : str, default "n_orders"
        Column of the number of orders; customers without one are left out.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per share
        measure, estimate, ci_low, ci_high (Wilson), conf_level, n, numerator, denominator, note.

    Raises
    ------
    DataError
        The column is absent or holds no numbers.

    Notes
    -----
    estimate = customers with so many orders/customers with an order; ends = [p + z²/2n ± z √(p(1 −
    p)/n + z²/4n²)]/(1 + z²/n).

    Assumes: all customers had the same time to buy; customers are independent.

    Not for: loyalty of newcomers counted beside old customers (`cohort_table`).

    Examples
    --------
    >>> base = pd.DataFrame({"n_orders": [1, 1, 3, 12]})
    >>> repeat_shares(base)["estimate"].tolist()  # R: prop.test
    [0.5, 0.5, 0.5, 0.25, 0.25]
    """
    require_conf_level(conf_level)
    counts = read_values(customers, orders)
    counts = counts[counts > 0]
    named = ["one order", *(f"at least {at} orders" for at in REPEATS)]
    held = np.array([(counts == 1).sum(), *((counts >= at).sum() for at in REPEATS)])
    shares = share_of(held, len(counts), conf_level=conf_level)
    note = "" if len(counts) else "no customer with an order"
    return arrange(pd.DataFrame({"measure": named, **shares, "note": note}), keys=["measure"])
