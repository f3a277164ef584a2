"""What rankings say of the worth of each item: the Plackett-Luce model."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_distinct,
    require_numeric,
)
from custlib.design import SurveyDesign
from custlib.errors import DataError
from custlib.survey.ranking.choices import Choices, grouped_worths

Array = np.ndarray


def rank_worths(
    rankings: pd.DataFrame,
    *,
    items: Sequence[str],
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Worth of each item, 0–1, summing to 1: the chance that it comes first among them all.

    Parameters
    ----------
    rankings : DataFrame, one row per respondent
    items : list of str
        Columns of places, the lowest number for the best. A missing place is behind all places
        given; a row without any place is missing.
    by : str, optional
        Column of groups, each with worths of its own.
    design : SurveyDesign, optional
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, two rows ("worth", "log_worth") per group and item
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high,
        conf_level, df, n (rankings used), n_missing, note. Log worths have mean zero.

    Raises
    ------
    DataError
        A column is absent or not numeric, or a ranking gives one place twice.
    FitError
        An item comes always before (or behind) all others; with `by` its group gets a note.

    Notes
    -----
    P(order) = prod v_i / sum of v over the items not yet placed. The weighted likelihood is
    maximized by Newton steps; standard errors are the sandwich under the design, so colleagues
    of one firm count as one cluster. The interval of a worth is made on the log-odds scale.

    Assumes: at each place the choice is among items left, with odds of two that no third changes
    (IIA); one set of worths holds for a group; items not placed really come last.

    Not for: items that are nearly the same and split first places, opposed tastes in one group (a
    low W of `rank_agreement` is a warning; part them by `by`), or items left out because nobody
    knew them.

    References
    ----------
    Plackett, R. (1975). Applied Statistics 24:193–202. doi:10.2307/2346567
    Hunter, D. (2004). Annals of Statistics 32:384–406. doi:10.1214/aos/1079120141

    Examples
    --------
    >>> places = pd.DataFrame({"price": [1, 1, 2, 1], "quality": [2, 2, 1, 2]})
    >>> worths = rank_worths(places, items=["price", "quality"])
    >>> worths.query("measure == 'worth'")["estimate"].round(6).tolist()  # first in 3 of 4
    [0.75, 0.25]
    >>> # R: plogis(coef(glm(first ~ 1, binomial)))
    """
    require_conf_level(conf_level)
    items = list(items)
    require_distinct(items, at_least=2)
    places = read_places(rankings, items)
    _require_no_ties(rankings, places)
    ranked = ~np.isnan(places).all(axis=1)
    return grouped_worths(
        rankings,
        _choices(places),
        ranked,
        items=items,
        by=by,
        design=design,
        conf_level=conf_level,
    )


def read_places(rankings: pd.DataFrame, items: Sequence[str]) -> Array:
    """Places of the items, shape (rows, items), NaN where not ranked."""
    require_columns(rankings, items)
    return np.column_stack([require_numeric(rankings, item) for item in items])


def _choices(places: Array) -> Choices:
    """Each placed item is the best of those not placed before it."""
    order = np.where(np.isnan(places), np.inf, places)
    parts = []
    for at in range(places.shape[1]):
        own = order[:, [at]]
        left = order >= own
        used = np.flatnonzero(np.isfinite(own[:, 0]) & (left.sum(axis=1) > 1))
        parts.append((left[used], np.full(len(used), at), np.ones(len(used)), used))
    available, chosen, sign, respondent = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    return Choices(available, chosen, sign, respondent)


def _require_no_ties(rankings: pd.DataFrame, places: Array) -> None:
    ordered = np.sort(places, axis=1)
    tied = np.flatnonzero((np.diff(ordered, axis=1) == 0).any(axis=1))
    if len(tied):
        raise DataError.because(
            f"{len(tied)} ranking{'s' if len(tied) > 1 else ''} give one place twice; first at "
            f"rows {rankings.index[tied[:5]].tolist()}.",
            "Expected a place of its own for each item that is ranked.",
            "Drop these rankings, or leave the tied places missing.",
        )
