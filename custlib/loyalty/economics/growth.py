"""How long steady growth takes to multiply what there is."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.columns import arrange
from custlib.loyalty.given import laid_out, require_inside

NEVER = "without growth it is never reached"
SHRINKS = "it shrinks, and is never reached"


def doubling_time(*, growth: ArrayLike, times: ArrayLike = 2.0) -> pd.DataFrame:
    """Periods until steady growth has multiplied the start by `times`, a number from 0 up.

    Parameters
    ----------
    growth : rate a period above −1, or list
        0.15 is 15 % more each period.
    times : number above 1, or list, default 2

    Returns
    -------
    DataFrame, one row a set of numbers
        measure ("periods"), growth, times, estimate, method, note. NaN with a note where growth
        is not above 0.

    Raises
    ------
    ParameterError
        Growth of −1 or below, `times` of 1 or below, lists of unequal length.

    Notes
    -----
    time = ln(times)/ln(1 + growth).

    Assumes: the rate stays what it is in every period and is known.

    Not for: growth that has run for few periods or has a ceiling; falling sizes, which never
    double.

    Examples
    --------
    >>> doubling_time(growth=[0.15, 0.3, 0.4])["estimate"].round(2).tolist()  # R: uniroot
    [4.96, 2.64, 2.06]
    """
    table = laid_out(growth=growth, times=times)
    inside = {"growth": lambda values: (values > -1) & np.isfinite(values)}
    require_inside(table, inside, "rates a period above −1; 15 % is 0.15")
    inside = {"times": lambda values: (values > 1) & np.isfinite(values)}
    require_inside(table, inside, "numbers above 1; 2 for doubling")
    grown = np.log1p(table["growth"].to_numpy())
    needed = np.log(table["times"].to_numpy())
    periods = np.divide(needed, grown, out=np.full(len(grown), np.nan), where=grown > 0)
    rows = table.assign(
        measure="periods", estimate=periods, method="growth compounds once a period",
        note=np.select([grown == 0, grown < 0], [NEVER, SHRINKS], ""),
    )  # fmt: skip
    return arrange(rows, keys=["measure", "growth", "times"])
