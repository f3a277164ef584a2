"""Rules that name a segment for scores: a table of boxes, and proof that they part all cells."""

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_one_of, require_whole
from custlib.errors import DataError
from custlib.segmentation.customer_checks import read_values

Array = np.ndarray
QUESTIONS = ("recency", "frequency", "monetary")
BOUNDS = tuple(f"{question}_{end}" for question in QUESTIONS for end in ("low", "high"))
# Segment, then lowest and highest score for recency, frequency, amount. Recency and frequency
# part most of the base; the amount tells the best customers from the merely frequent, large
# first orders from small ones, and whom it would cost most to lose.
ELEVEN = (
    ("Champions", 4, 5, 4, 5, 4, 5),
    ("Loyal Customers", 4, 5, 4, 5, 1, 3),
    ("Loyal Customers", 3, 3, 4, 5, 1, 5),
    ("Potential Loyalists", 4, 5, 2, 3, 1, 5),
    ("Promising", 4, 5, 1, 1, 4, 5),
    ("New Customers", 4, 5, 1, 1, 1, 3),
    ("Need Attention", 3, 3, 2, 3, 1, 5),
    ("About To Sleep", 3, 3, 1, 1, 1, 5),
    ("Can't Lose Them", 1, 2, 4, 5, 4, 5),
    ("At Risk", 1, 2, 4, 5, 1, 3),
    ("At Risk", 1, 2, 2, 3, 3, 5),
    ("Hibernating", 1, 2, 2, 3, 1, 2),
    ("Hibernating", 2, 2, 1, 1, 1, 5),
    ("Lost", 1, 1, 1, 1, 1, 5),
)
TABLES = {"eleven_segments": ELEVEN}


def rfm_rules(*, name: str = "eleven_segments") -> pd.DataFrame:
    """The shipped table of rules: eleven segments that part the 125 cells of five scores.

    Parameters
    ----------
    name : {"eleven_segments"}

    Returns
    -------
    DataFrame, one row a box of cells
        segment, recency_low, recency_high, frequency_low, frequency_high, monetary_low,
        monetary_high: both ends belong to the box. A segment may have several boxes.

    Raises
    ------
    ParameterError
        An unknown name.

    Notes
    -----
    The names are those common in the field; the boxes are custlib's own, as the tables in
    circulation overlap or leave cells uncovered. Change the table, or write another, and let
    `check_rules` read it.

    Assumes: scores run from 1 to 5 with 5 the best in all three.

    Not for: a claim that eleven kinds of customers exist: boxes are a convention that mailing tests
    must prove. Segments sought in the data: `cluster_customers`.

    References
    ----------
    Hughes, A. (1994). Strategic Database Marketing. Probus.

    Examples
    --------
    >>> rules = rfm_rules()
    >>> rules["segment"].nunique()
    11
    >>> check_rules(rules)
    """
    require_one_of("name", name, TABLES)
    return pd.DataFrame(TABLES[name], columns=["segment", *BOUNDS])


def check_rules(rules: pd.DataFrame, *, scores: int = 5) -> None:
    """Every cell of scores belongs to exactly one rule, or an error lists those that do not.

    Parameters
    ----------
    rules : DataFrame with the columns of `rfm_rules`
    scores : int, default 5

    Raises
    ------
    DataError
        A column is absent, a bound is no whole number from 1 to scores or lies above the other
        end, or cells lie in several rules or in none (the first five of each are named).

    Notes
    -----
    All scores³ cells are looked at, 125 for five scores; nothing is inferred.

    Examples
    --------
    >>> check_rules(rfm_rules().iloc[1:])
    Traceback (most recent call last):
    custlib.errors.DataError: 8 of 125 cells in no rule: (4, 4, 4), (4, 4, 5), (4, 5, 4), ...
    Expected every cell of recency, frequency and amount in exactly one rule.
    Mend the bounds, or say what overlap and rest mean (rfm_segments).
    """
    scores = require_whole("scores", scores, 1)
    boxes = read_boxes(rules, scores)
    covered = np.zeros((scores, scores, scores), int)
    for box in boxes:
        covered[box] += 1
    require_parted(covered, several=True, none=True)


def require_parted(covered: Array, *, several: bool, none: bool) -> None:
    """Refuse cells in several rules, cells in no rule, or both."""
    faults = []
    for refused, wrong, where in (
        (several, covered > 1, "several rules"),
        (none, covered == 0, "no rule"),
    ):
        if refused and wrong.any():
            cells = [str(tuple(cell)) for cell in (np.argwhere(wrong)[:5] + 1).tolist()]
            more = ", ..." if wrong.sum() > 5 else ""
            counted = f"{wrong.sum()} of {wrong.size} cells in {where}"
            faults.append(f"{counted}: {', '.join(cells)}{more}")
    if faults:
        raise DataError.because(
            "; ".join(faults) + ".",
            "Expected every cell of recency, frequency and amount in exactly one rule.",
            "Mend the bounds, or say what overlap and rest mean (rfm_segments).",
        )


def read_boxes(rules: pd.DataFrame, scores: int) -> list[tuple[slice, ...]]:
    """Slices of the score cube, one triple a rule, from bounds that make sense."""
    require_columns(rules, ["segment", *BOUNDS])
    bounds = np.column_stack([read_values(rules, name) for name in BOUNDS]).reshape(-1, 3, 2)
    whole = (bounds >= 1) & (bounds <= scores) & (bounds == np.floor(bounds))
    wrong = ~whole.all(axis=(1, 2)) | (bounds[..., 0] > bounds[..., 1]).any(axis=1)
    wrong |= rules["segment"].isna().to_numpy()
    if wrong.any():
        rows = np.flatnonzero(wrong)
        raise DataError.because(
            f"{len(rows)} rules that no customer can match; first rows: {rows[:5].tolist()}.",
            f"Expected a segment, and whole numbers from 1 to {scores}, low not above high.",
            "Correct those rows of the table.",
        )
    return [tuple(slice(int(low) - 1, int(high)) for low, high in rule) for rule in bounds]
