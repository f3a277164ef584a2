"""A count against a share that somebody else is said to have: exact tests, power, silence."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.intervals import share_of, wilson
from custlib.loyalty.given import laid_out, require_inside, share

Array = np.ndarray
NOTHING_TO_HIDE = "the count is not below the share, so no silence is needed"
NEVER = "no count of so few is rare enough under that share"


def count_against_shares(
    *, count: int, n: int, shares: ArrayLike, conf_level: float = 0.95
) -> pd.DataFrame:
    """Share (0–1) that a count makes of n, against shares of others by exact binomial tests.

    Parameters
    ----------
    count, n : int
        Cases counted, such as negative reviews, of all.
    shares : share in (0, 1), or list
        What the count is compared with.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row a share compared
        measure ("share"), estimate, ci_low, ci_high (Wilson), conf_level, p_value (one-sided,
        towards the side on which the count lies), effect (difference), effect_kind, n, numerator,
        denominator, limit (the share compared), verdict (below, above, not distinguishable),
        method, note.

    Raises
    ------
    ParameterError
        Counts that are no whole numbers with 0 <= count <= n, n of 0, a share outside (0, 1).

    Notes
    -----
    estimate = count/n; p = P(X ≤ count) where the count lies below the share, else P(X ≥ count); X
    = Binomial(n, share). The verdict takes p at (1 − conf_level)/2, so both sides together keep the
    level. Each share compared has its own test.

    Assumes: cases are independent and a fair sample of those meant; the other share is known
    without error, though it may be a count itself.

    Not for: reviews by whoever cared to write (`silent_share` says how much silence it takes), or
    many shares tried until one differs, as nothing is adjusted.

    References
    ----------
    Wilson, E. (1927). JASA 22:209–212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> row = count_against_shares(count=12, n=300, shares=0.15).loc[0]
    >>> f"{row['p_value']:.1e}", row["verdict"]  # R: binom.test(12, 300, .15, "less")
    ('7.0e-10', 'below')
    """
    require_conf_level(conf_level)
    require_counts(count, n)
    table = laid_out(shares=shares)
    require_inside(table, {"shares": inside}, "shares strictly between 0 and 1; 15 % is 0.15")
    limit, found = table["shares"].to_numpy(), count / n
    less = stats.binom.cdf(count, n, limit)
    more = stats.binom.sf(count - 1, n, limit)
    below = found < limit
    p_value = np.where(below, less, more)
    sure = p_value <= (1 - conf_level) / 2
    counted = share_of(count, n, conf_level=conf_level)
    rows = pd.DataFrame({"measure": "share", "limit": limit}).assign(
        **counted, p_value=p_value, effect=found - limit, effect_kind="difference of shares",
        note="",
        method=f"exact binomial, one side, at {(1 - conf_level) / 2:.3g}",
        verdict=np.where(sure, np.where(below, "below", "above"), "not distinguishable"),
    )  # fmt: skip
    return arrange(rows, keys=["measure"])


def count_power(
    *, n: ArrayLike, share: ArrayLike, true_share: ArrayLike, conf_level: float = 0.95,
    grid: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Chance (0–1) that n cases show a true share to lie below another one, by the exact test.

    Parameters
    ----------
    n : int or list
        Cases, such as reviews.
    share, true_share : share in (0, 1), or list
        The share compared with, and the one that is true.
    conf_level : float in (0, 1), default 0.95
        The test is one-sided at (1 − conf_level)/2, as in `count_against_shares`.
    grid : bool, default False
        Every n with every share, instead of lists side by side.

    Returns
    -------
    DataFrame, one row a set of numbers
        measure ("power"), share, true_share, estimate, n, limit (largest count that is rare
        enough), method, note.

    Raises
    ------
    ParameterError
        n no whole number from 1 up, a share outside (0, 1), lists of unequal length.

    Notes
    -----
    power = P(X ≤ limit), X = Binomial(n, true_share); limit = largest c with P(Y ≤ c) ≤ (1 −
    conf_level)/2, Y = Binomial(n, share). Counts come whole, so the power saws as n grows.

    Assumes: n independent cases with one true share; the share compared with is known.

    Not for: a study that is over: the power of what it found repeats its p value. Nor for silence,
    which more cases do not cure (`silent_share`).

    Examples
    --------
    >>> power = count_power(n=[20, 300], share=0.15, true_share=0.04)  # R: pbinom, qbinom
    >>> power["estimate"].round(3).tolist(), power["limit"].tolist()
    ([0.0, 1.0], [nan, 32.0])
    """
    require_conf_level(conf_level)
    table = laid_out(n=n, share=share, true_share=true_share, grid=grid)
    whole = {"n": lambda values: (values >= 1) & (values == np.floor(values))}
    require_inside(table, whole, "whole numbers from 1 up")
    both = {"share": inside, "true_share": inside}
    require_inside(table, both, "shares strictly between 0 and 1; 15 % is 0.15")
    cases, rival = table["n"].to_numpy(), table["share"].to_numpy()
    # The quantile is the first count that is not rare enough, or the last that is.
    rare = stats.binom.ppf((1 - conf_level) / 2, cases, rival)
    rare = np.where(stats.binom.cdf(rare, cases, rival) <= (1 - conf_level) / 2, rare, rare - 1)
    power = stats.binom.cdf(rare, cases, table["true_share"].to_numpy())
    rows = table.assign(
        measure="power", estimate=power, limit=np.where(rare < 0, np.nan, rare),
        method="exact binomial, one-sided", note=np.where(rare < 0, NEVER, ""),
    )  # fmt: skip
    return arrange(rows, keys=["measure", "share", "true_share"])


def silent_share(
    *, count: int, n: int, shares: ArrayLike, conf_level: float = 0.95
) -> pd.DataFrame:
    """Share (0–1) of the unhappy who must keep silent for the true share to equal that of others.

    Parameters
    ----------
    count, n, shares, conf_level
        As in `count_against_shares`: the unhappy among n who spoke.

    Returns
    -------
    DataFrame, one row a share compared
        measure ("silent_share"), estimate, ci_low, ci_high, conf_level, n, numerator, denominator,
        limit (the share compared), method, note. 0 with a note where the count is not below.

    Raises
    ------
    ParameterError
        As in `count_against_shares`.

    Notes
    -----
    silent_share = 1 − q(1 − π)/(π(1 − q)), q = count/n and π the share compared. If of the happy a
    part w writes and of the unhappy a part ρw, a true share π shows as q = πρ/(πρ + 1 − π); so ρ =
    q(1 − π)/(π(1 − q)), and the answer is 1 − ρ: of the unhappy who would have written had they
    been happy. It falls as q rises, so the ends of Wilson's interval of q give its own.

    Assumes: happy and unhappy differ only in how many write, the happy all with the same chance;
    the share of others is the true one.

    Not for: an estimate of how many kept silent: it is how many would have to. A count above the
    share needs no silence (`count_against_shares`).

    Examples
    --------
    >>> silent_share(count=12, n=300, shares=0.15)["estimate"].round(3).tolist()  # R: uniroot
    [0.764]
    """
    require_conf_level(conf_level)
    require_counts(count, n)
    table = laid_out(shares=shares)
    require_inside(table, {"shares": inside}, "shares strictly between 0 and 1; 15 % is 0.15")
    true, found = table["shares"].to_numpy(), count / n
    ends = [float(end) for end in wilson(found, n, conf_level=conf_level)]
    rows = pd.DataFrame({"measure": "silent_share", "estimate": _silence(found, true)}).assign(
        ci_low=_silence(ends[1], true), ci_high=_silence(ends[0], true), conf_level=conf_level,
        n=n, numerator=count, denominator=n, limit=true, method="ends of Wilson's interval",
        note=np.where(found < true, "", NOTHING_TO_HIDE),
    )  # fmt: skip
    return arrange(rows, keys=["measure"])


def require_counts(count: int, n: int) -> None:
    """Whole numbers with 0 <= count <= n and n above 0."""
    numbers = {"count": count, "n": n}
    whole = all(float(value).is_integer() for value in numbers.values())
    if not (whole and 0 <= count <= n and n > 0):
        raise ParameterError.because(
            f"count is {count!r}, n is {n!r}.",
            "Expected whole numbers, 0 <= count <= n and n above 0.",
            "Pass the cases counted and all of which they were counted.",
        )


def inside(values: Array) -> Array:
    """Whether each is a share strictly between 0 and 1."""
    return share(values) & (values > 0) & (values < 1)


def _silence(found: float, true: Array) -> Array:
    if found == 1:
        return np.zeros(len(true))
    return np.clip(1 - found * (1 - true) / (true * (1 - found)), 0, 1)
