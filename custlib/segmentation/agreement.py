"""Whether two classings of the same customers agree: Cohen's kappa and what it is made of."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_columns, require_conf_level, require_distinct
from custlib.columns import arrange
from custlib.errors import DataError
from custlib.intervals import wilson
from custlib.segmentation.customer_checks import require_one_kind_of_name

Array = np.ndarray
MEASURES = ("kappa", "observed_agreement", "chance_agreement")
ONE_CLASS = "one classing has one class only: kappa is 0 whatever the other says"


def kappa_agreement(
    customers: pd.DataFrame,
    *,
    first: str,
    second: str,
    order: Sequence[object] | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Agreement of two classings beyond chance, at most 1; 0 is what chance alone would give.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    first, second : str
        Columns of the two classings, in the same words.
    order : list, optional
        The classes from one end to the other. Adds `weighted_kappa`, where a miss by one class
        counts less than a miss by two (quadratic weights).
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per measure
        measure (kappa, observed_agreement, chance_agreement, and weighted_kappa with an order),
        estimate, std_error, ci_low, ci_high, conf_level, n, n_missing, method, note.

    Raises
    ------
    DataError
        A column is absent, or holds a class that the order does not name; classes are numbers in
        one column and text in the other.

    Notes
    -----
    kappa = (observed − chance)/(1 − chance), with the large-sample standard error that does not
    suppose kappa to be 0, and a normal interval cut at −1 and 1. Where all agree that error is 0;
    the lower end is then the one Wilson's interval of the agreement gives. Where nobody agrees it
    can be 0, and the upper end reaches at least kappa + w(1 − kappa), w the upper end of Wilson's.

    Assumes: customers are independent, both classings use the same words, and neither was made by
    looking at the other; intervals are those of large samples.

    Not for: one class that holds nearly all, where kappa is low though most agree (read
    observed_agreement); labels without a common name (`segment_agreement`); three raters
    (`rater_agreement`).

    References
    ----------
    Cohen, J. (1960). Educ. Psychol. Meas. 20:37–46. doi:10.1177/001316446002000104. Fleiss, J.,
    Cohen, J. & Everitt, B. (1969). Psychol. Bull. 72:323–327. doi:10.1037/h0028106

    Examples
    --------
    >>> classes = pd.DataFrame({"old": list("AABBCC"), "new": list("ABBBCA")})
    >>> found = kappa_agreement(classes, first="old", second="new", order=list("ABC"))
    >>> found["estimate"].round(3).tolist()
    [0.5, 0.667, 0.333, 0.286]
    >>> # R: psych::cohen.kappa
    """
    require_conf_level(conf_level)
    require_distinct([first, second], at_least=2)
    require_columns(customers, [first, second])
    pairs = customers[[first, second]].astype(object)
    present = pairs.dropna()
    require_one_kind_of_name(present[first], present[second], of="Classes", place="column")
    counts = _counts(present, order)
    base = {
        "conf_level": conf_level,
        "n": len(present),
        "n_missing": len(pairs) - len(present),
        "note": "" if len(present) else "no customer has both",
    }
    rows = [
        {"measure": measure} | base | found
        for measure, found in _measures(counts, order is not None, conf_level).items()
    ]
    return arrange(rows, keys=["measure"])


def kappa_with_error(shares: Array, weights: Array, n: int) -> tuple[float, float, float, float]:
    """Kappa, its standard error, observed and chance agreement from the shares of a square table.

    `weights` are credits, 1 on the diagonal; the identity gives the kappa without weights.
    """
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((weights * shares).sum())
    chance = float(rows @ weights @ columns)
    if not chance < 1:
        return np.nan, np.nan, observed, chance
    means = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    spread = shares * (weights * (1 - chance) - means * (1 - observed)) ** 2
    variance = (spread.sum() - (observed * chance - 2 * chance + observed) ** 2) / n
    std_error = float(np.sqrt(max(variance, 0.0))) / (1 - chance) ** 2
    return (observed - chance) / (1 - chance), std_error, observed, chance


def _counts(pairs: pd.DataFrame, order: Sequence[object] | None) -> Array:
    """Square table of counts over the classes of both columns."""
    codes, found = pd.factorize(pairs.to_numpy().ravel())
    size = len(found)
    counts = np.bincount(codes[0::2] * size + codes[1::2], minlength=size * size)
    table = pd.DataFrame(counts.reshape(size, size), index=list(found), columns=list(found))
    if order is None:
        return table.to_numpy()
    order = list(order)
    require_distinct(list(map(str, order)), at_least=2)
    unknown = [one for one in found if one not in order]
    if unknown:
        raise DataError.because(
            f"Classes outside the order: {', '.join(map(repr, unknown[:5]))}.",
            f"Expected only: {', '.join(map(repr, order))}.",
            "Name every class in the order, from one end to the other.",
        )
    return table.reindex(index=order, columns=order, fill_value=0).to_numpy()


def _measures(counts: Array, ordered: bool, conf_level: float) -> dict[str, dict]:
    n, size = int(counts.sum()), len(counts)
    unknown = dict.fromkeys(["estimate", "std_error", "ci_low", "ci_high"], np.nan)
    if not n:
        names = [*MEASURES, *(["weighted_kappa"] if ordered else [])]
        return {name: unknown | {"method": "none"} for name in names}
    same = np.eye(size)
    agreeing = float(np.trace(counts)) / n
    low, high = (float(end) for end in wilson(agreeing, n, conf_level=conf_level))
    observed = {
        "estimate": agreeing,
        "std_error": float(np.sqrt(agreeing * (1 - agreeing) / n)),
        "ci_low": low,
        "ci_high": high,
        "method": "wilson",
    }
    chance = kappa_with_error(counts / n, same, n)[3]
    found = {
        "kappa": _kappa_row(counts, same, (low, high), conf_level),
        "observed_agreement": observed,
        "chance_agreement": unknown | {"estimate": chance, "method": "product of the shares"},
    }
    if ordered:
        steps = np.arange(size)
        weights = 1 - ((steps[:, None] - steps) / max(size - 1, 1)) ** 2
        found["weighted_kappa"] = _kappa_row(counts, weights, (low, high), conf_level)
    return found


def _kappa_row(
    counts: Array, weights: Array, agreeing: tuple[float, float], conf_level: float
) -> dict:
    n = int(counts.sum())
    kappa, std_error, _, chance = kappa_with_error(counts / n, weights, n)
    row = {"estimate": kappa, "std_error": std_error, "method": "fleiss_cohen_everitt"}
    if 1 in (counts.any(axis=0).sum(), counts.any(axis=1).sum()):
        note = "one class only: chance alone agrees" if np.isnan(kappa) else ONE_CLASS
        return row | {"ci_low": np.nan, "ci_high": np.nan, "note": note}
    half = float(stats.norm.ppf((1 + conf_level) / 2)) * std_error
    low, high = max(kappa - half, -1.0), min(kappa + half, 1.0)
    if np.trace(counts) == n:
        low = (agreeing[0] - chance) / (1 - chance)
    elif not np.trace(counts):
        high = max(high, kappa + agreeing[1] * (1 - kappa))
    return row | {"ci_low": low, "ci_high": high}
