"""What the customers of each segment are like, and how they differ from all."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_conf_level, require_distinct, require_list
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.groups import group_rows
from custlib.intervals import share_interval, t_interval
from custlib.segmentation.clusters.points import numbers, require_no_dates
from custlib.segmentation.customer_checks import is_number, require_own_rows
from custlib.variance import Sample

Array = np.ndarray


def segment_profiles(
    customers: pd.DataFrame,
    *,
    segment: str = "segment",
    variables: Sequence[str],
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean, or share of each category (0–1), per segment, and its distance from the whole.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    segment : str, default "segment"
        Column of segments; customers without one form "(missing)".
    variables : list of str
        Numbers give means; text, categories, and true or false give shares.
    design : SurveyDesign, optional
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per segment, variable and category
        segment ("all" last), item, group (category, "" for a number), measure ("mean", "share"),
        estimate, std_error, ci_low, ci_high, conf_level, df, effect, effect_low, effect_high,
        effect_kind, n, n_effective, n_missing, note.

    Raises
    ------
    DataError
        A column is absent, holds dates, or infinite numbers; a segment is called "all".

    Notes
    -----
    effect = (segment − all)/standard deviation of all, for shares √(p(1 − p)); its interval takes
    that deviation as known, and the segment as the part of the whole that it is. Means have t
    intervals, shares Wilson's.

    Assumes: a label is certain and was given without these variables; customers are independent, or
    clustered in the design.

    Not for: a test of segments on the variables that made them, as they differ there by
    construction (others are the fair check), or labels by posterior probability, whose errors blur
    the profile (`latent_classes` keeps them apart).

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> firms = pd.DataFrame({"segment": list("aabb"), "amount": [1.0, 3.0, 5.0, 7.0]})
    >>> segment_profiles(firms, variables=["amount"])[["segment", "estimate"]]
      segment  estimate
    0       a       2.0
    1       b       6.0
    2     all       4.0
    >>> # R: tapply(amount, segment, mean)
    """
    require_conf_level(conf_level)
    require_list("variables", variables)
    require_distinct(variables)
    require_columns(customers, [segment, *variables])
    sample = (design or SurveyDesign()).sample(customers)
    everyone = np.ones(len(customers), bool)
    groups = [*group_rows(customers, segment), ("all", everyone)]
    require_own_rows([label for label, _ in groups])
    columns = {name: quantities(customers[name]) for name in variables}
    rows = []
    for label, inside in groups:
        for name, (measure, levels) in columns.items():
            for group, values in levels:
                key = {"segment": label, "item": name, "group": group, "measure": measure}
                rows.append(key | _row(sample, values, inside, measure, conf_level))
    return arrange(rows, keys=["segment", "item", "group", "measure"])


def quantities(column: pd.Series) -> tuple[str, list[tuple[object, Array]]]:
    """The measure, and the numbers or, for each category, whether a customer is in it."""
    require_no_dates(column)
    if is_number(column):
        return "mean", [("", numbers(column))]
    absent = column.isna().to_numpy()
    named = group_rows(pd.DataFrame({"level": column}), "level")
    categories = named[:-1] if absent.any() else named
    return "share", [(name, np.where(absent, np.nan, inside)) for name, inside in categories]


def _row(
    sample: Sample, values: Array, inside: Array, measure: str, conf_level: float
) -> dict[str, object]:
    mean, whole = sample.mean(values, inside), sample.mean(values)
    if measure == "share":
        low, high = share_interval(mean, conf_level=conf_level)
        spread = np.sqrt(whole.estimate * (1 - whole.estimate))
    else:
        low, high = t_interval(mean.estimate, mean.std_error, mean.df, conf_level=conf_level)
        squares = sample.mean((values - whole.estimate) ** 2)
        spread = np.sqrt(squares.estimate * squares.n / max(squares.n - 1, 1))
    effect = effect_low = effect_high = np.nan
    if spread > 0 and mean.n:
        apart = float(sample.covariance(mean.scores - whole.scores)[0, 0]) ** 0.5 / spread
        effect = (mean.estimate - whole.estimate) / spread
        # The whole differs from itself by nothing, and with certainty.
        effect_low, effect_high = t_interval(effect, apart, mean.df, conf_level=conf_level)
    note = "" if mean.n > 1 else "too few customers" if mean.n else "no customer with a value"
    return {
        "estimate": mean.estimate,
        "std_error": mean.std_error,
        "ci_low": low,
        "ci_high": high,
        "conf_level": conf_level,
        "df": mean.df,
        "effect": effect,
        "effect_low": effect_low,
        "effect_high": effect_high,
        "effect_kind": "difference from all, in standard deviations",
        "n": mean.n,
        "n_effective": mean.n_effective,
        "n_missing": mean.n_missing,
        "note": note,
    }
