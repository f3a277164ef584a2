"""XYZ: who buys all the time, from time to time, or rarely; and whose amounts vary how much."""

import numpy as np
import pandas as pd

from custlib.checks import require_new_columns, require_one_of
from custlib.errors import ParameterError
from custlib.segmentation.customer_checks import read_values
from custlib.segmentation.lorenz.shares import SLACK

Array = np.ndarray
XYZ = ("X", "Y", "Z")
LETTERS = np.array([*XYZ, None], dtype=object)
RULES = ("frequency", "variation")
CUTS = {"frequency": (0.75, 0.25), "variation": (0.5, 1.0)}
UNDEFINED = ("missing", "Z")


def xyz_classes(
    customers: pd.DataFrame,
    *,
    rule: str = "frequency",
    x_cut: float | None = None,
    z_cut: float | None = None,
    since_first: bool = False,
    undefined: str = "missing",
    active: str = "active_share",
    variation: str = "amount_cv",
    variation_since_first: str = "amount_cv_since_first",
    name: str = "xyz",
) -> pd.DataFrame:
    """Class X, Y or Z of each customer by how steadily they buy.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    rule : {"frequency", "variation"}
        By the share of periods with an order (X constant, Y from time to time, Z rare), or by the
        coefficient of variation of the periods' amounts.
    x_cut, z_cut : float, optional
        Frequency: X from x_cut (0.75) up, Z below z_cut (0.25). Variation: X up to x_cut (0.5),
        Z above z_cut (1.0).
    since_first : bool, default False
        Variation over the periods since the first order only: new customers do not count as
        unsteady for the time before they came. For the rule "variation".
    undefined : {"missing", "Z"}
        Class of a customer whose number is missing: none, or Z. A coefficient is missing where
        the periods are too few or their amounts sum to zero.
    active, variation, variation_since_first : str
        Columns of the share of periods with an order and of the two coefficients.
    name : str, default "xyz"

    Returns
    -------
    DataFrame
        The rows as they came, with `name` (X, Y, Z, or missing).

    Raises
    ------
    DataError
        A column is absent, taken or not numeric.
    ParameterError
        The cuts are in the wrong order for the rule.

    Notes
    -----
    frequency = X where active_share ≥ x_cut, else Y where it is ≥ z_cut; variation = X where cv ≤
    x_cut, else Y where it is ≤ z_cut; cv = s/mean of the amounts by period. `customer_table` makes
    these numbers; all others are Z. A customer exactly at a cut is in the better class. A negative
    coefficient (returns exceed orders) is Z. The rules differ: constant buyers of varying amounts
    are X by frequency only; `kappa_agreement` says how far apart the rules are in a given base.

    Assumes: all customers were watched over the same periods; a share or a coefficient from few
    periods is itself uncertain, which the class does not show (`class_certainty`).

    Not for: "variation" of customers with an order or two, whose coefficient only counts empty
    periods; newcomers by frequency (`since_first` is for variation); yearly buyers by the month.

    Examples
    --------
    >>> firms = pd.DataFrame({"active_share": [1, 0.5, 0.1], "amount_cv": [0.7, 0.4, 3]})
    >>> xyz_classes(firms)["xyz"].tolist(), xyz_classes(firms, rule="variation")["xyz"].tolist()
    (['X', 'Y', 'Z'], ['Y', 'X', 'Z'])
    """
    x_cut, z_cut = read_xyz_rule(rule, x_cut, z_cut)
    require_one_of("undefined", undefined, UNDEFINED)
    if since_first and rule == "frequency":
        raise ParameterError.because(
            "since_first is set with the rule 'frequency'.",
            "Expected it with the rule 'variation' only.",
            'Drop it, or pass rule="variation".',
        )
    require_new_columns(customers, [name])
    varying = variation_since_first if since_first else variation
    numbers = read_values(customers, active if rule == "frequency" else varying)
    codes = steadiness_codes(numbers, rule=rule, x_cut=x_cut, z_cut=z_cut)
    if undefined == "Z":
        codes = np.where(codes < 0, 2, codes)
    return customers.assign(**{name: LETTERS[codes]})


def read_xyz_rule(rule: str, x_cut: float | None, z_cut: float | None) -> tuple[float, float]:
    """The two cuts of a rule, its usual ones where none is given."""
    require_one_of("rule", rule, RULES)
    x_cut = CUTS[rule][0] if x_cut is None else x_cut
    z_cut = CUTS[rule][1] if z_cut is None else z_cut
    falling = rule == "frequency"
    if not (0 < z_cut <= x_cut <= 1 if falling else 0 < x_cut <= z_cut):
        raise ParameterError.because(
            f"x_cut is {x_cut!r}, z_cut is {z_cut!r} for the rule {rule!r}.",
            "Expected 0 < z_cut <= x_cut <= 1 by frequency, 0 < x_cut <= z_cut by variation.",
            f"The usual cuts are x_cut={CUTS[rule][0]}, z_cut={CUTS[rule][1]}.",
        )
    return x_cut, z_cut


def steadiness_codes(numbers: Array, *, rule: str, x_cut: float, z_cut: float) -> Array:
    """0 for X, 1 for Y, 2 for Z, −1 where the number is missing."""
    if rule == "frequency":
        codes = 2 - (numbers >= x_cut - SLACK).astype(int) - (numbers >= z_cut - SLACK)
    else:
        codes = (numbers > x_cut + SLACK).astype(int) + (numbers > z_cut + SLACK)
        codes = np.where(numbers < 0, 2, codes)
    return np.where(np.isnan(numbers), -1, codes)
