"""ABC: customers sorted by value, and where the few that carry most of it end."""

import numpy as np
import pandas as pd

from custlib.checks import require_new_columns, require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.segmentation.customer_checks import descending, read_values, require_customers
from custlib.segmentation.lorenz.shares import SLACK

Array = np.ndarray
ABC = ("A", "B", "C")
CROSSINGS = ("up", "down")
LIMITS = ("given", "computed")
# Position of a class in this array is its code; the code of a missing class is -1, the last.
LETTERS = np.array([*ABC, None], dtype=object)


def abc_classes(
    customers: pd.DataFrame,
    *,
    value: str = "amount",
    customer: str = "customer",
    a_cut: float = 0.80,
    b_cut: float = 0.95,
    crossing: str = "up",
    limits: str = "given",
    name: str = "abc",
) -> pd.DataFrame:
    """Class A, B or C of each customer by value, and the share (0–1) cumulated down to them.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    value, customer : str
        What customers are sorted by, and their names, which break ties in ascending order.
    a_cut, b_cut : shares with 0 < a_cut < b_cut <= 1, default 0.80 and 0.95
    crossing : {"up", "down"}
        The customer whose value crosses a cut goes to the higher class (so A is never empty), or
        to the lower one (so A never holds more than the cut).
    limits : {"given", "computed"}
        The cuts, or the limits of `abc_limits`, which then replace cuts and crossing.
    name : str, default "abc"

    Returns
    -------
    DataFrame
        The rows as they came, with `name` (A, B, C) and `name`_share.

    Raises
    ------
    DataError
        A column is absent, taken or not numeric, or a customer has two rows.

    Notes
    -----
    s_i = Σ_(j ≤ i) x_j/Σ x, from the largest x down, over x > 0; crossing up = A where s_(i − 1) <
    a_cut, else B where s_(i − 1) < b_cut; crossing down = A where s_i ≤ a_cut, else B where s_i ≤
    b_cut. A customer at zero or below is C, with a cumulated share of 1; one whose value is missing
    has neither class nor share. Equal values on both sides of a limit are told apart by name alone.

    Assumes: values are sums of one kind over one window of time; cuts are a convention, so there is
    nothing to estimate.

    Not for: customers beside a cut (`class_certainty`), classes of two windows as moves of people
    (`class_migration`), or profits with many losses, whose positive sum is no whole
    (`profit_curve`).

    References
    ----------
    Ultsch, A. & Lötsch, J. (2015). PLoS ONE 10(6):e0129767. doi:10.1371/journal.pone.0129767

    Examples
    --------
    >>> firms = pd.DataFrame({"customer": list("abcd"), "amount": [70, 20, 6, 4]})
    >>> abc_classes(firms)["abc"].tolist(), abc_classes(firms, crossing="down")["abc"].tolist()
    (['A', 'A', 'B', 'C'], ['A', 'B', 'C', 'C'])
    """
    require_abc_rule(a_cut, b_cut, crossing)
    require_one_of("limits", limits, LIMITS)
    require_customers(customers, customer)
    require_new_columns(customers, [name, f"{name}_share"])
    values = read_values(customers, value)
    order = descending(values, customers[customer])
    ranked = values[order]
    positive = int((ranked > 0).sum())
    cumulated = np.cumsum(ranked[:positive])
    if limits == "computed":
        a_count, b_count = _computed_counts(ranked[:positive], cumulated)[-2:]
    else:
        a_count, b_count = class_counts(cumulated, a_cut=a_cut, b_cut=b_cut, crossing=crossing)
    known = len(values) - int(np.isnan(values).sum())
    codes, shares = np.full(len(values), -1), np.full(len(values), np.nan)
    codes[order[:known]] = 2
    codes[order[:b_count]] = 1
    codes[order[:a_count]] = 0
    shares[order[:known]] = 1.0
    if positive:
        shares[order[:positive]] = cumulated / cumulated[-1]
    return customers.assign(**{name: LETTERS[codes], f"{name}_share": shares})


def abc_limits(
    customers: pd.DataFrame, *, value: str = "amount", customer: str = "customer"
) -> pd.DataFrame:
    """Where the ABC curve itself changes: limits of A and B computed from the values.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    value, customer : str

    Returns
    -------
    DataFrame
        measure (pareto_point, break_even, submarginal, a_limit, b_limit), estimate (smallest value
        up to the point), amount_share and customer_share (the point's place on the curve), n
        (customers up to it), n_missing, note.

    Raises
    ------
    DataError
        A column is absent or not numeric, or a customer has two rows.

    Notes
    -----
    pareto_point = argmin x² + (1 − y)²; break_even = last customer with value ≥ Σ value/n;
    submarginal = argmin (x − x₂)² + (1 − y)². The curve joins the share of customers x, largest
    first, to their share of the value y, for the n above zero; its slope falls below 1 at the
    break-even. A ends at the first of these two; x₂ is that of the second, and B ends at the
    submarginal point, or with A where that lies before. The published programs smooth the curve by
    a spline before; here it is the curve as it is.

    Assumes: values above zero, unequal enough for the curve to bend; each point is read from this
    base, without error.

    Not for: classes followed over time, as the limits move with each base (give fixed cuts to
    `abc_classes`), or a few dozen customers, each of whom is a step of the curve.

    References
    ----------
    Ultsch, A. & Lötsch, J. (2015). PLoS ONE 10(6):e0129767. doi:10.1371/journal.pone.0129767

    Examples
    --------
    >>> amounts = [40, 20, 12, 8, 6, 5, 4, 3, 1, 1]
    >>> firms = pd.DataFrame({"customer": range(10), "amount": amounts})
    >>> abc_limits(firms).set_index("measure").loc[["a_limit", "b_limit"], "n"].tolist()
    [3, 4]
    """
    require_customers(customers, customer)
    values = read_values(customers, value)
    positive = np.sort(values[values > 0])[::-1]
    cumulated = np.cumsum(positive)
    counts = _computed_counts(positive, cumulated)
    note = "" if len(positive) else "no value above zero"
    if len(positive) and positive[0] == positive[-1]:
        note = "all values equal: classes tell nothing apart"
    names = ["pareto_point", "break_even", "submarginal", "a_limit", "b_limit"]
    empty = {"estimate": np.nan, "amount_share": np.nan, "customer_share": np.nan}
    rows = []
    for name, count in zip(names, counts, strict=True):
        row = {"measure": name, "n": count, "n_missing": int(np.isnan(values).sum()), "note": note}
        if len(positive):
            share = cumulated[count - 1] / cumulated[-1]
            row |= {"estimate": positive[count - 1], "amount_share": share}
            row |= {"customer_share": count / len(positive)}
        rows.append(empty | row)
    return arrange(rows, keys=["measure"])


def require_abc_rule(a_cut: float, b_cut: float, crossing: str) -> None:
    """The cuts are shares in rising order, and the rule for the one who crosses is known."""
    require_one_of("crossing", crossing, CROSSINGS)
    if not 0 < a_cut < b_cut <= 1:
        raise ParameterError.because(
            f"a_cut is {a_cut!r}, b_cut is {b_cut!r}.",
            "Expected shares with 0 < a_cut < b_cut <= 1.",
            "The usual cuts are a_cut=0.80, b_cut=0.95.",
        )


def class_counts(cumulated: Array, *, a_cut: float, b_cut: float, crossing: str) -> tuple[int, int]:
    """Customers in A, and in A or B, of values cumulated from the largest positive one down."""
    if not len(cumulated):
        return 0, 0
    limits = np.array([a_cut, b_cut]) * cumulated[-1]
    slack = SLACK * cumulated[-1]
    if crossing == "down":
        within = np.searchsorted(cumulated, limits + slack, side="right")
    else:
        # One more than those whose own share stays below: the first that reaches the cut.
        within = np.searchsorted(cumulated, limits - slack, side="left") + 1
    a_count, b_count = np.minimum(within, len(cumulated)).tolist()
    return a_count, b_count


def _computed_counts(values: Array, cumulated: Array) -> tuple[int, int, int, int, int]:
    """Customers up to the Pareto, break-even and submarginal points, the A and the B limit."""
    n = len(values)
    if not n:
        return 0, 0, 0, 0, 0
    x, y = np.arange(1, n + 1) / n, cumulated / cumulated[-1]
    pareto = int(np.argmin(x**2 + (1 - y) ** 2)) + 1
    break_even = max(int((values >= cumulated[-1] / n * (1 - SLACK)).sum()), 1)
    first, second = sorted([pareto, break_even])
    submarginal = int(np.argmin((x - second / n) ** 2 + (1 - y) ** 2)) + 1
    return pareto, break_even, submarginal, first, max(submarginal, first)
