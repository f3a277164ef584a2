"""Who moved: classes of the same customers in two periods, and those who came or went."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_conf_level, require_one_of, require_rows
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.groups import MISSING
from custlib.intervals import goodman, t_interval, wilson
from custlib.segmentation.customer_checks import (
    ascending,
    require_customers,
    require_one_kind_of_name,
)

Array = np.ndarray
INTERVALS = ("goodman", "wilson")


@dataclass(frozen=True, slots=True)
class ClassMigration:
    """Where the customers of each class went, and what each class gained and lost."""

    estimates: pd.DataFrame
    changes: pd.DataFrame


def class_migration(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    category: str = "abc",
    customer: str = "customer",
    absent: str = "gone",
    new: str = "new",
    classes: Sequence[str] | None = None,
    interval: str = "goodman",
    conf_level: float = 0.95,
) -> ClassMigration:
    """Share (0–1) of each class's customers that went to each class, with those gone and new.

    Parameters
    ----------
    before, after : DataFrame, one row a customer
        Classes of the first and of the second period.
    category, customer : str
        Columns of the class and of the names by which customers are found again.
    absent, new : str
        What the state of a customer in only one of the tables is called.
    classes : list of str, optional
        All classes in the order wanted; otherwise those found, ascending.
    interval : {"goodman", "wilson"}
        All intervals of one starting class hold at once, or each by itself.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    ClassMigration
        `.estimates`: class_before, class_after, estimate, ci_low, ci_high, conf_level, n,
        numerator, denominator, method, note, a row for every pair of classes. `.changes`:
        category, measure (before, after, stayed, arrived, left, net_change), estimate (customers),
        std_error, ci_low, ci_high, conf_level, n, method, note.

    Raises
    ------
    DataError
        A column is absent, both tables are empty, a customer has two rows in one table, or a class
        is not among `classes`.

    Notes
    -----
    p_ij = n_ij/n_i; Goodman's ends = [p + q/2n ± √(q (p(1 − p)/n + q/4n²))]/(1 + q/n); net_change =
    arrived − left, its variance = (arrived + left − net²/N) N/(N − 1). q is the 1 − α/k quantile of
    chi-square on 1 df, for k ends and level 1 − α; N all customers. A customer without a class in a
    table they are in counts as "(missing)". Goodman's intervals hold jointly within a starting
    class, not over all of them. The interval of net_change is that of n times a mean of −1, 0 and 1
    over the customers of either period, so that the many who stay do not widen it.

    Assumes: both periods were classed by one rule over windows of equal length; a name is one
    customer; customers are independent.

    Not for: moves as changes of heart: near a cut chance alone moves people (`class_certainty`),
    and who leaves A makes room for others. Forecasts need a chain of several periods
    (`ladder_occupancy`).

    References
    ----------
    Goodman, L. (1965). Technometrics 7:247–254. doi:10.1080/00401706.1965.10490252

    Examples
    --------
    >>> first = pd.DataFrame({"customer": [1, 2, 3], "abc": ["A", "A", "C"]})
    >>> second = pd.DataFrame({"customer": [1, 2, 4], "abc": ["A", "B", "C"]})
    >>> moved = class_migration(first, second).estimates.query("numerator > 0")
    >>> moved[["class_before", "class_after", "estimate"]].values.tolist()
    [['A', 'A', 0.5], ['A', 'B', 0.5], ['C', 'gone', 1.0], ['new', 'C', 1.0]]
    >>> # R: prop.table(table(before, after), 1)
    """
    require_conf_level(conf_level)
    require_one_of("interval", interval, INTERVALS)
    require_rows(max(before, after, key=len), "customers")
    columns = [_read_classes(table, category, customer) for table in (before, after)]
    require_one_kind_of_name(*(column.index for column in columns))
    names = _class_names(columns, classes)
    if absent in names or new in names or absent == new:
        raise ParameterError.because(
            f"absent is {absent!r}, new is {new!r}; classes: {', '.join(map(str, names))}.",
            "Expected two names that no class has.",
            "Pass other words for customers in only one of the tables.",
        )
    counts = _cross_counts(columns, names)
    rows = _share_rows(counts, [*names, new], [*names, absent], interval, conf_level)
    changes = _change_rows(counts, names, conf_level)
    return ClassMigration(
        arrange(rows, keys=["class_before", "class_after"]),
        arrange(changes, keys=["category", "measure"]),
    )


def _read_classes(table: pd.DataFrame, category: str, customer: str) -> pd.Series:
    require_columns(table, [category, customer])
    if len(table):
        require_customers(table, customer)
    classes = table[category].astype(object).where(table[category].notna(), MISSING)
    return pd.Series(classes.to_numpy(), index=pd.Index(table[customer]))


def _class_names(columns: list[pd.Series], classes: Sequence[str] | None) -> list:
    found = {one for column in columns for one in column.unique()}
    known = ascending(found - {MISSING}) if classes is None else list(classes)
    strangers = ascending(found - {*known, MISSING})
    if strangers:
        raise DataError.because(
            f"Classes not among those named: {', '.join(map(str, strangers[:5]))}.",
            f"Expected only: {', '.join(map(str, known))}.",
            "Add them to classes, or leave classes out.",
        )
    return [*known, *([MISSING] if MISSING in found else [])]


def _cross_counts(columns: list[pd.Series], names: list) -> Array:
    """Customers by class before and after; the last row is who is new, the last column who left."""
    k = len(names)
    first, second = columns
    starts, ends = (pd.Categorical(one, categories=names).codes.astype(int) for one in columns)
    place = second.index.get_indexer(first.index)
    found = place >= 0
    target = np.where(found, ends[place] if len(ends) else k, k)
    seen = np.zeros(len(ends), bool)
    seen[place[found]] = True
    counts = np.bincount(starts * (k + 1) + target, minlength=(k + 1) ** 2)
    counts += np.bincount(k * (k + 1) + ends[~seen], minlength=(k + 1) ** 2)
    return counts.reshape(k + 1, k + 1)


def _share_rows(
    counts: Array, starts: list, ends: list, interval: str, conf_level: float
) -> list[dict]:
    rows = []
    for at, start in enumerate(starts):
        # Nobody is new and gone: that cell does not exist.
        reached = counts[at] if at < len(starts) - 1 else counts[at, :-1]
        total = int(reached.sum())
        low = high = share = np.full(len(reached), np.nan)
        if total:
            share = reached / total
            joint = interval == "goodman"
            low, high = (
                goodman(reached, conf_level=conf_level)
                if joint
                else wilson(share, total, conf_level=conf_level)
            )
        for to in range(len(reached)):
            row = {"class_before": start, "class_after": ends[to], "estimate": share[to]}
            row |= {"ci_low": low[to], "ci_high": high[to], "conf_level": conf_level, "n": total}
            row |= {"numerator": reached[to], "denominator": total}
            method = "Goodman, one class at once" if interval == "goodman" else "Wilson"
            rows.append(row | {"method": method, "note": "" if total else "no customer"})
    return rows


def _change_rows(counts: Array, names: list, conf_level: float) -> list[dict]:
    everybody = int(counts.sum())
    rows = []
    for at, name in enumerate(names):
        before, after, stayed = counts[at].sum(), counts[:, at].sum(), counts[at, at]
        left, arrived = before - stayed, after - stayed
        sizes = {"before": before, "after": after, "stayed": stayed}
        for measure, size in (sizes | {"arrived": arrived, "left": left}).items():
            row = {"category": name, "measure": measure, "estimate": size, "n": everybody}
            rows.append(row | {"conf_level": conf_level, "method": "count", "note": ""})
        net = {"category": name, "measure": "net_change", "estimate": arrived - left}
        rows.append(net | _net_interval(int(arrived), int(left), everybody, conf_level))
    missing = dict.fromkeys(("std_error", "ci_low", "ci_high"), np.nan)
    return [missing | row for row in rows]


def _net_interval(arrived: int, left: int, everybody: int, conf_level: float) -> dict:
    """Error of the sum of −1 for each who left and 1 for each who came, over everybody."""
    row = {"n": everybody, "conf_level": conf_level, "method": "t", "note": ""}
    net = arrived - left
    if everybody < 2 or arrived + left == 0:
        return row | {"method": "count", "note": "nobody moved: no interval"}
    variance = (arrived + left - net**2 / everybody) * everybody / (everybody - 1)
    error = max(variance, 0.0) ** 0.5
    low, high = t_interval(net, error, everybody - 1, conf_level=conf_level)
    return row | {"std_error": error, "ci_low": low, "ci_high": high}
