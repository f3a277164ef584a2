"""Segments of customers by rules on their scores, and what each segment brings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_new_columns,
    require_one_of,
    require_whole,
)
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.groups import MISSING
from custlib.intervals import share_of
from custlib.segmentation.customer_checks import ascending, read_values, require_own_rows
from custlib.segmentation.rfm.rules import QUESTIONS, read_boxes, require_parted, rfm_rules

Array = np.ndarray
OVERLAPS = ("refuse", "first")


def rfm_segments(
    customers: pd.DataFrame,
    *,
    rules: pd.DataFrame | None = None,
    scores: int = 5,
    overlap: str = "refuse",
    rest: str | None = None,
    recency: str = "recency_score",
    frequency: str = "frequency_score",
    monetary: str = "monetary_score",
    name: str = "segment",
) -> pd.DataFrame:
    """Segment of each customer: the rule their three scores fall under.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    rules : DataFrame, optional
        Table with the columns of `rfm_rules`, which serves where none is given.
    scores : int, default 5
    overlap : {"refuse", "first"}
        What to do with cells in several rules: raise, or let the first rule have them.
    rest : str, optional
        Segment of the cells in no rule; where none is named, such cells raise.
    recency, frequency, monetary : str
        Columns of the scores.
    name : str, default "segment"

    Returns
    -------
    DataFrame
        The rows as they came, with `name`.

    Raises
    ------
    DataError
        Rules that overlap or leave cells out (also where no customer is in them), or scores that
        are no whole numbers from 1 to `scores`.

    Notes
    -----
    `overlap="first", rest="Others"` is how R's package rfm reads a table of rules.

    Examples
    --------
    >>> firms = pd.DataFrame({"recency_score": [5, 1], "frequency_score": [5, 1],
    ...                       "monetary_score": [5, 2]})
    >>> rfm_segments(firms)["segment"].tolist()
    ['Champions', 'Lost']
    """
    require_one_of("overlap", overlap, OVERLAPS)
    scores = require_whole("scores", scores, 1)
    require_new_columns(customers, [name])
    rules = rfm_rules() if rules is None else rules
    covered = np.zeros((scores, scores, scores), int)
    labels = np.full(covered.shape, rest, dtype=object)
    segments = rules["segment"].tolist() if "segment" in rules else []
    # From the last rule to the first, so that the first has the last word.
    for box, segment in zip(read_boxes(rules, scores)[::-1], segments[::-1], strict=True):
        covered[box] += 1
        labels[box] = segment
    require_parted(covered, several=overlap == "refuse", none=rest is None)
    columns = dict(zip(QUESTIONS, (recency, frequency, monetary), strict=True))
    cells = tuple(_read_scores(customers, column, scores) - 1 for column in columns.values())
    return customers.assign(**{name: labels[cells]})


def rfm_summary(
    customers: pd.DataFrame,
    *,
    segment: str = "segment",
    segments: Sequence[str] | None = None,
    recency: str = "recency_days",
    frequency: str = "n_orders",
    monetary: str = "amount",
    profit: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """What each segment is: customers, revenue and profit as sums and shares, and its medians.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    segment : str
        Column of segments; those without one form "(missing)".
    segments : list of str, optional
        All segments in the order wanted, so that empty ones have a row; otherwise those found,
        from the largest revenue down.
    recency, frequency, monetary, profit : str
        Columns of days since the last order, orders, revenue and, if there is one, profit.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row a segment
        segment, estimate (share of the customers), ci_low, ci_high, conf_level, amount,
        amount_share, profit, profit_share, n_orders, median_recency_days, median_orders,
        median_amount, n, numerator, denominator, method, note.

    Raises
    ------
    DataError
        A column is absent or not numeric, or a segment is not among `segments`, or twice there.

    Notes
    -----
    estimate = n/all customers; amount_share = Σ amount of the segment/Σ amount. The interval is
    Wilson's, one segment at a time. Missing numbers count as nothing in sums and are left out of
    medians. A sum that is not above zero has no shares, and a note says so.

    Assumes: customers are independent draws of those one could have had; rules and cuts were fixed
    before the count, else the interval leaves out their error.

    Not for: segments compared over time by quantile scores, as each base makes its own cuts (give
    both the same `cuts`); response to an offer, which needs a group that got none.

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> firms = pd.DataFrame({"segment": ["Lost", "Champions", "Lost"], "n_orders": [1, 9, 1],
    ...                       "recency_days": [300, 3, 400], "amount": [10, 80, 10]})
    >>> rfm_summary(firms)[["segment", "amount_share", "n"]].values.tolist()
    [['Champions', 0.8, 1], ['Lost', 0.2, 2]]
    """
    require_conf_level(conf_level)
    require_columns(customers, [segment, recency, frequency, monetary, profit])
    names = customers[segment].astype(object).where(customers[segment].notna(), MISSING)
    columns = {"n_orders": frequency, "recency": recency, "amount": monetary}
    columns |= {} if profit is None else {"profit": profit}
    numbers = pd.DataFrame({key: read_values(customers, one) for key, one in columns.items()})
    grouped = numbers.groupby(names.to_numpy(), sort=False)
    sums, medians, n = grouped.sum(), grouped.median(), grouped.size()
    order = _segment_order(sums["amount"], segments)
    sums, n = sums.reindex(order, fill_value=0), n.reindex(order, fill_value=0)
    medians = medians.reindex(order)
    shares = share_of(n.to_numpy(), len(customers), conf_level=conf_level)
    table = pd.DataFrame({segment: order, **shares}).assign(method="Wilson")
    notes = []
    for key in ("amount", "profit"):
        values = sums[key].to_numpy() if key in sums else np.full(len(order), np.nan)
        table[key] = values
        table[f"{key}_share"] = values / values.sum() if values.sum() > 0 else np.nan
        notes += [f"{key} does not sum to more than zero"] * bool(values.sum() <= 0)
    for column, key in (("recency_days", "recency"), ("orders", "n_orders"), ("amount", "amount")):
        table[f"median_{column}"] = medians[key].to_numpy()
    table = table.assign(n_orders=sums["n_orders"].to_numpy(), n=n.to_numpy())
    table["note"] = np.where(table["n"] > 0, "; ".join(notes), "no customer")
    return arrange(table, keys=[segment])


def _segment_order(amounts: pd.Series, segments: Sequence[str] | None) -> list:
    known, last = amounts.index[amounts.index != MISSING], [MISSING] * (MISSING in amounts.index)
    if segments is None:
        # By name first, so that segments of one revenue keep an order of their own.
        named = amounts.reindex([*ascending(known), *last])
        return named.sort_values(ascending=False, kind="stable").index.tolist()
    segments = list(segments)
    strangers = [one for one in known if one not in segments]
    if strangers:
        raise DataError.because(
            f"Segments not among those named: {', '.join(map(str, strangers[:5]))}.",
            f"Expected only: {', '.join(map(str, segments))}.",
            "Add them to segments, or leave segments out.",
        )
    require_own_rows([*segments, *last])
    return [*segments, *last]


def _read_scores(customers: pd.DataFrame, column: str, scores: int) -> Array:
    values = read_values(customers, column)
    wrong = np.flatnonzero(~((values >= 1) & (values <= scores) & (values == np.floor(values))))
    if len(wrong):
        first = ", ".join(f"row {row}: {values[row]:g}" for row in wrong[:5])
        raise DataError.because(
            f"{len(wrong)} scores in {column!r} off the scale; first: {first}.",
            f"Expected whole numbers from 1 to {scores}.",
            "Name the column that rfm_scores made, or pass its number of scores.",
        )
    return values.astype(np.int64)
