"""Scores from 1 to 5 by how lately, how often and for how much customers buy."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_new_columns, require_one_of, require_whole
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.segmentation.customer_checks import (
    name_order,
    read_complete,
    read_values,
    require_customers,
    require_mapping,
)
from custlib.segmentation.rfm.rules import QUESTIONS

Array = np.ndarray
Cuts = Mapping[str, Sequence[float]] | None
TIES = ("below", "package", "equal_groups")


def rfm_scores(
    customers: pd.DataFrame,
    *,
    customer: str = "customer",
    recency: str = "recency_days",
    frequency: str = "n_orders",
    monetary: str = "amount",
    scores: int = 5,
    ties: str = "below",
    cuts: Cuts = None,
) -> pd.DataFrame:
    """Score of each customer, 1 (worst) to `scores`, for recency, frequency and amount.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    customer, recency, frequency, monetary : str
        Columns: names, days since the last order (few is good), orders, and revenue.
    scores : int, at least 2, default 5
    ties : {"below", "package", "equal_groups"}
        Equal values share a score under the first two. below: 1 + the quantile cuts strictly
        below the value. package: 1 + the cuts, raised by 1, not above it, as R's package rfm does.
        equal_groups: groups of one size by rank, equal values parted by customer ascending.
    cuts : mapping from "recency", "frequency", "monetary" to scores − 1 rising numbers, optional
        Own cut points, used as in "below", for the questions named.

    Returns
    -------
    DataFrame
        The rows as they came, with recency_score, frequency_score, monetary_score.

    Raises
    ------
    DataError
        A column is absent, taken or not numeric, a customer has two rows, or frequency or amount
        is missing.

    Notes
    -----
    score = 1 + number of cuts below the value; in equal groups = 1 + ⌊scores × rank/n⌋, ranks from
    0; cut = x_j + g (x_(j + 1) − x_j), with j + g = 1 + (n − 1) i/scores and j whole, i from 1 to
    scores − 1 (type 7, R's default). Recency counts backwards: scores + 1 less its score. Missing
    recency means no order at all: it scores 1 and does not move the cuts (in groups of one size it
    stands with the longest absent). With many equal values cuts coincide and some scores stay
    empty; `rfm_cuts` shows them.

    Assumes: all three numbers are of one window and one day; scores are places within this base,
    not amounts.

    Not for: scores of two bases or years side by side (give both the same `cuts`), chances to buy
    again (`purchase_model`), or contracts, where leaving is seen (`survival_curve`).

    References
    ----------
    Hughes, A. (1994). Strategic Database Marketing. Probus.

    Examples
    --------
    >>> firms = pd.DataFrame({"customer": range(5), "recency_days": [5, 40, 90, 200, 300],
    ...                       "n_orders": [9, 7, 5, 2, 1], "amount": [50, 90, 70, 20, 10]})
    >>> rfm_scores(firms)[["recency_score", "monetary_score"]].values.tolist()
    [[5, 3], [4, 5], [3, 4], [2, 2], [1, 1]]
    >>> # R: 1 + sum(quantile(x, 1:4/5) < x)
    """
    scores = require_whole("scores", scores, 2)
    require_one_of("ties", ties, TIES)
    require_customers(customers, customer)
    added = [f"{question}_score" for question in QUESTIONS]
    require_new_columns(customers, added)
    columns = dict(zip(QUESTIONS, (recency, frequency, monetary), strict=True))
    values = _read_questions(customers, columns)
    own = _read_cuts(cuts, scores)
    by_name = name_order(customers[customer]) if ties == "equal_groups" else np.empty(0, int)
    found = {}
    for question, numbers in values.items():
        if question in own:
            score = 1 + np.searchsorted(own[question], numbers, side="left")
        elif ties == "equal_groups":
            score = _group_by_rank(numbers, by_name, question, scores)
        else:
            limits = _quantile_cuts(numbers, scores, ties)
            package = ties == "package"
            score = 1 + np.searchsorted(limits, numbers, side="right" if package else "left")
        # Groups by rank are already counted from the longest absence.
        backwards = question == "recency" and (question in own or ties != "equal_groups")
        score = scores + 1 - score if backwards else score
        found[f"{question}_score"] = np.where(np.isinf(numbers), 1, score).astype(np.int64)
    return customers.assign(**found)


def rfm_cuts(
    customers: pd.DataFrame,
    *,
    recency: str = "recency_days",
    frequency: str = "n_orders",
    monetary: str = "amount",
    scores: int = 5,
    ties: str = "below",
) -> pd.DataFrame:
    """Cut points of the quantile scores, in days, orders and the unit of the amounts.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    recency, frequency, monetary : str
    scores : int, at least 2, default 5
    ties : {"below", "package"}
        As in `rfm_scores`; groups of one size have no cuts.

    Returns
    -------
    DataFrame, scores − 1 rows a question
        measure (recency, frequency, monetary), score (of a value just below the cut; for recency
        just above), estimate (the cut), n, n_missing, note (where two cuts coincide, or nobody has
        an order).

    Raises
    ------
    DataError
        A column is absent or not numeric, or frequency or amount is missing.

    Notes
    -----
    cut = x_j + g (x_(j + 1) − x_j), with j + g = 1 + (n − 1) i/scores and j whole, x_1 the
    smallest, i from 1 to scores − 1; "package" = cut + 1.

    Assumes: as `rfm_scores`.

    Not for: another base or year, unless the same cuts are wanted there (`cuts` of `rfm_scores`).

    Examples
    --------
    >>> days, orders, amounts = [1, 2, 3], [1, 1, 4], [5, 6, 9]
    >>> firms = pd.DataFrame({"recency_days": days, "n_orders": orders, "amount": amounts})
    >>> rfm_cuts(firms, scores=2)["estimate"].tolist()  # R: quantile(type = 7)
    [2.0, 1.0, 6.0]
    """
    scores = require_whole("scores", scores, 2)
    require_one_of("ties", ties, TIES[:2])
    require_customers(customers, None)
    columns = dict(zip(QUESTIONS, (recency, frequency, monetary), strict=True))
    rows = []
    for question, numbers in _read_questions(customers, columns).items():
        known = int(np.isfinite(numbers).sum())
        limits = _quantile_cuts(numbers, scores, ties)
        for at, limit in enumerate(limits):
            row = {"measure": question, "estimate": limit, "n": known}
            row["score"] = scores - 1 - at if question == "recency" else at + 1
            row["note"] = "equals another cut" if (limits == limit).sum() > 1 else ""
            row["note"] = row["note"] if known else "no customer with an order"
            rows.append(row | {"n_missing": len(numbers) - known})
    return arrange(rows, keys=["measure", "score"])


def _read_questions(customers: pd.DataFrame, columns: dict[str, str]) -> dict[str, Array]:
    """Numbers of the three questions; a customer who never ordered was last here endlessly ago."""
    days = read_values(customers, columns["recency"])
    values = {question: read_complete(customers, columns[question]) for question in QUESTIONS[1:]}
    return {"recency": np.where(np.isnan(days), np.inf, days)} | values


def _quantile_cuts(numbers: Array, scores: int, ties: str) -> Array:
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return np.full(scores - 1, np.nan)
    cuts = np.quantile(finite, np.arange(1, scores) / scores)
    return cuts + 1 if ties == "package" else cuts


def _group_by_rank(numbers: Array, by_name: Array, question: str, scores: int) -> Array:
    """Groups of one size, counted from the smallest value, for recency from the largest."""
    key = -numbers if question == "recency" else numbers
    order = by_name[np.argsort(key[by_name], kind="stable")]
    score = np.empty(len(numbers), np.int64)
    score[order] = np.arange(len(numbers)) * scores // len(numbers) + 1
    return score


def _read_cuts(cuts: Cuts, scores: int) -> dict[str, Array]:
    own = {}
    for question, limits in require_mapping("cuts", cuts).items():
        require_one_of("cuts", question, QUESTIONS)
        own[question] = np.asarray(limits, float)
        rising = (np.diff(own[question]) > 0).all() and np.isfinite(own[question]).all()
        if own[question].shape != (scores - 1,) or not rising:
            raise ParameterError.because(
                f"cuts[{question!r}] is {list(limits)}.",
                f"Expected {scores - 1} rising numbers for {scores} scores.",
                "Give one number between each score and the next.",
            )
    return own
