"""How many each customer must bring, over many shares, and how large chains of referrals grow."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from custlib.checks import require_at_least, require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.given import laid_out, require_inside, share
from custlib.loyalty.referral.chains import CONTRADICTION, LAWS, fate, possible, size_chances


def referral_map(
    *,
    referred_share: ArrayLike,
    growth: ArrayLike = 0.0,
    referring_share: ArrayLike = 1.0,
    grid: bool = True,
) -> pd.DataFrame:
    """Customers that each customer must bring, for many shares and rates of growth at once.

    Parameters
    ----------
    referred_share, growth, referring_share : number or list
        As in `referral_balance`.
    grid : bool, default True
        Every combination, the last varying fastest, instead of lists side by side.

    Returns
    -------
    DataFrame, one row a combination
        measure ("offspring_mean"), referred_share, growth, referring_share, estimate (K), effect
        (K a referrer), effect_kind, limit (1), verdict (dies out, may go on), note.

    Raises
    ------
    ParameterError
        A share outside its range, growth of −1 or below, lists of unequal length.

    Notes
    -----
    K = referred_share (1 + growth); a referrer brings K/referring_share.

    Examples
    --------
    >>> referral_map(referred_share=0.9, growth=[0, 0.15])["estimate"].round(4).tolist()
    [0.9, 1.035]
    """
    table = laid_out(
        referred_share=referred_share, growth=growth, referring_share=referring_share, grid=grid
    )
    require_inside(table, {"referred_share": share}, "shares from 0 to 1; 90 % is 0.9")
    refer = {"referring_share": lambda values: (values > 0) & (values <= 1)}
    require_inside(table, refer, "shares above 0 and up to 1; one third is 0.333")
    inside = {"growth": lambda values: (values > -1) & np.isfinite(values)}
    require_inside(table, inside, "rates a period above −1; 15 % is 0.15")
    mean = table["referred_share"] * (1 + table["growth"])
    each = mean / table["referring_share"]
    rows = table.assign(
        measure="offspring_mean", estimate=mean, effect=each, effect_kind="mean of a referrer",
        limit=1.0, verdict=fate(mean.to_numpy()),
        note=np.where(mean > 0, np.where(each < 1 - 1e-12, CONTRADICTION, ""), ""),
    )  # fmt: skip
    return arrange(rows, keys=["measure", "referred_share", "growth", "referring_share"])


def chain_sizes(
    *,
    offspring_mean: float,
    referring_share: float | None = None,
    law: str = "geometric",
    founders: int = 1,
    up_to: int = 30,
) -> pd.DataFrame:
    """Chance (0–1) that chains of referrals end with so many customers in all, founders included.

    Parameters
    ----------
    offspring_mean : float, at least 0
        Customers that each one brings on average.
    referring_share : share in (0, 1], optional
        Of customers those who bring anybody; needed by the geometric law.
    law : {"geometric", "poisson"}
    founders, up_to : int
        Customers who came by other ways, and the largest size listed.

    Returns
    -------
    DataFrame, one row a size
        measure ("chain_size"), size, estimate, effect (chance of this size or a smaller one),
        effect_kind, method, note.

    Raises
    ------
    ParameterError
        A number outside its range, or a mean below the share who refer.

    Notes
    -----
    P(n customers in all) = (j/n) P(n customers bring n − j), j the founders. Otter 1949, Dwass
    1969; Borel–Tanner where it is Poisson. The chances sum to the chance that all the chains end.

    Assumes: customers bring others independently, by one law that does not change with generation
    or time.

    Not for: chains that meet in one circle of friends, offspring_mean of 1 or more as a forecast
    (chains may never end), or its error: `referral_balance` has intervals.

    References
    ----------
    Otter, R. (1949). Annals of Math. Statistics 20:206–224. doi:10.1214/aoms/1177730031.
    Dwass, M. (1969). J. Appl. Probability 6:682–686. doi:10.2307/3212112

    Examples
    --------
    >>> chain_sizes(offspring_mean=0.9, law="poisson", up_to=2)["estimate"].round(4).tolist()
    [0.4066, 0.1488]
    >>> # R: products of dpois
    """
    require_one_of("law", law, LAWS)
    require_at_least("offspring_mean", offspring_mean, 0)
    require_at_least("founders", founders, 1)
    require_at_least("up_to", up_to, founders)
    referring = np.nan if referring_share is None else referring_share
    if not possible(law, np.asarray(offspring_mean), np.asarray(referring)):
        raise ParameterError.because(
            f"offspring_mean is {offspring_mean:g}, referring_share is {referring_share}.",
            "Expected a share above 0 and not above the mean: who refers brings at least one.",
            "Correct the two, or pass law='poisson'.",
        )
    chance = size_chances(law, offspring_mean, referring, founders, up_to)
    rows = pd.DataFrame({"size": np.arange(founders, up_to + 1), "estimate": chance}).assign(
        measure="chain_size", effect=chance.cumsum(), effect_kind="this size or smaller",
        method=law, note="",
    )  # fmt: skip
    return arrange(rows, keys=["measure", "size"])
