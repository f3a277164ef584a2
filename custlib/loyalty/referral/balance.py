"""What a share of customers who come by referral says of how many each of them brings."""

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_conf_level, require_one_of, require_seed
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.intervals import wilson
from custlib.loyalty.given import require_inside, share
from custlib.loyalty.referral.chains import (
    CONTRADICTION,
    LAWS,
    childless,
    extinction,
    fate,
    possible,
    variance,
)

Array = np.ndarray
OF_THE_LAW = ("extinction", "alone", "total_std_dev")
ENDLESS = "each customer brings one or more on average: chains need not end, no mean exists"


def referral_balance(
    *,
    referred_share: float,
    referring_share: float,
    growth: float = 0.0,
    law: str = "geometric",
    referred_n: int | None = None,
    referring_n: int | None = None,
    conf_level: float = 0.95,
    n_draws: int = 10_000,
    seed: int | None = None,
) -> pd.DataFrame:
    """How many customers each customer brings, if so many come by referral and so many refer.

    Parameters
    ----------
    referred_share, referring_share : shares, 0–1
        Of new customers those who came by referral; of customers those who bring anybody.
    growth : rate a period above −1, default 0
        Growth of new customers; those brought come one period after who brings them.
    law : {"geometric", "poisson"}
        A part of the customers brings one or more, or all are alike and chance decides.
    referred_n, referring_n : int, optional
        Customers asked, of which the shares were counted; they give intervals.
    conf_level : float in (0, 1), default 0.95
    n_draws, seed : int
        Draws behind these intervals; the seed is needed with them.

    Returns
    -------
    DataFrame
        measure, estimate, ci_low, ci_high, conf_level, limit, verdict, method, note. Measures:
        referred_share, referring_share, offspring_mean (K; limit 1, verdict dies out, may go
        on, or not distinguishable), per_referrer, multiplier (customers in all for each who came
        by other ways), extinction (chance that a chain ends), alone (chance that a customer
        brings nobody), total_std_dev (of the customers in a chain). NaN with a note where K is
        not below 1, or where the shares contradict each other.

    Raises
    ------
    ParameterError
        A share outside 0–1, nobody who refers though some come by referral, no seed.

    Notes
    -----
    offspring_mean K = s(1 + g), s the share that came by referral, g growth. per_referrer = K/f, f
    the share that refers. multiplier = 1/(1 − K). total_std_dev² = σ²/(1 − K)³, σ² the variance of
    the number one customer brings. Shares counted get Wilson intervals, what follows from them
    quantiles of draws from their Beta posteriors (Jeffreys prior), taken as independent; draws of K
    from 1 up count as endless, so the upper end of the multiplier may be infinite. A chain that may
    go on does so with the chance 1 − extinction. Of 2,000 simulated pairs of counts from 60 and
    from 200 customers 95 % intervals held the truth in 0.936 to 0.953.

    Assumes: each new customer comes by one customer or by none, whoever refers brings by one law
    alike in all generations, and answers on who sent whom are true.

    Not for: fast growth read as word of mouth without the two shares measured, a market that runs
    out of people (no limit is in it), or K near 1, where the multiplier has no useful interval.

    References
    ----------
    Harris, T. (1963). The Theory of Branching Processes. Springer. Dwass, M. (1969). J. Appl.
    Probability 6:682–686. doi:10.2307/3212112

    Examples
    --------
    >>> found = referral_balance(referred_share=0.9, referring_share=1 / 3).set_index("measure")
    >>> found["estimate"].round(4)[["offspring_mean", "per_referrer", "multiplier"]].tolist()
    [0.9, 2.7, 10.0]
    >>> # R: sum(.9^(0:999))
    """
    require_one_of("law", law, LAWS)
    require_conf_level(conf_level)
    given = {"referred_share": referred_share, "referring_share": referring_share}
    sizes = {"referred_share": referred_n, "referring_share": referring_n}
    _require_numbers(given, sizes, growth)
    found = _measures(np.asarray(referred_share), np.asarray(referring_share), growth, law)
    ends, lost = _drawn_ends(given, sizes, growth, law, conf_level, n_draws, seed)
    rows = [_share_row(name, given[name], sizes[name], conf_level) for name in given]
    for measure, value in found.items():
        low, high = ends.get(measure, (np.nan, np.nan))
        if not np.isnan(low):
            # No draw of a share reaches 0 or 1, but the share itself may.
            low, high = float(np.minimum(low, value)), float(np.maximum(high, value))
        row = {"measure": measure, "estimate": float(value), "ci_low": low, "ci_high": high}
        row |= {"method": law if measure in OF_THE_LAW else "balance", "limit": np.nan}
        rows.append(row | {"verdict": "", "note": _note(measure, found, lost)})
    mean = next(row for row in rows if row["measure"] == "offspring_mean")
    told = (mean[name] for name in ("estimate", "ci_low", "ci_high"))
    mean |= {"limit": 1.0, "verdict": str(fate(*told))}
    return arrange(pd.DataFrame(rows).assign(conf_level=conf_level), keys=["measure"])


def _measures(referred: Array, referring: Array, growth: float, law: str) -> dict[str, Array]:
    """What follows from the two shares, for one pair of them or for many draws."""
    mean = referred * (1 + growth)
    ends = mean < 1
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {"offspring_mean": mean, "per_referrer": mean / referring}
        found["multiplier"] = np.where(ends, 1 / (1 - mean), np.nan)
        spread = np.sqrt(variance(law, mean, referring) / (1 - mean) ** 3)
        of_the_law = {
            "extinction": extinction(law, mean, referring),
            "alone": childless(law, mean, referring),
            "total_std_dev": np.where(ends, spread, np.nan),
        }
    lawful = possible(law, mean, referring)
    return found | {name: np.where(lawful, one, np.nan) for name, one in of_the_law.items()}


def _share_row(name: str, value: float, n: int | None, conf_level: float) -> dict:
    low, high = (np.nan, np.nan) if n is None else wilson(value, n, conf_level=conf_level)
    row = {"measure": name, "estimate": value, "ci_low": float(low), "ci_high": float(high)}
    method = "given" if n is None else "Wilson"
    return row | {"limit": np.nan, "verdict": "", "method": method, "note": ""}


def _drawn_ends(
    given: dict[str, float], sizes: dict[str, int | None], growth: float, law: str,
    conf_level: float, n_draws: int, seed: int | None,
) -> tuple[dict[str, tuple[float, float]], float]:  # fmt: skip
    """Ends of the intervals, and the share of draws that contradict themselves."""
    if not any(sizes.values()):
        return {}, 0.0
    require_at_least("n_draws", n_draws, 100)
    streams = np.random.SeedSequence(require_seed(seed)).spawn(2)
    drawn = [
        _draws(value, sizes[name], n_draws, np.random.default_rng(stream))
        for (name, value), stream in zip(given.items(), streams, strict=True)
    ]
    found = _measures(drawn[0], drawn[1], growth, law)
    endless = found["offspring_mean"] >= 1
    for name in ("multiplier", "total_std_dev"):
        # No mean exists from 1 up: such draws lie above every number.
        found[name] = np.where(endless, np.inf, found[name])
    tails = [(1 - conf_level) / 2, (1 + conf_level) / 2]
    lost = float(np.isnan(found["alone"]).mean())
    return {
        name: tuple(np.quantile(kept, tails, method="inverted_cdf").tolist())
        for name, values in found.items()
        if len(kept := values[~np.isnan(values)])
    }, lost


def _draws(value: float, n: int | None, n_draws: int, rng: np.random.Generator) -> Array:
    if n is None:
        return np.full(n_draws, value)
    counted = value * n
    return rng.beta(counted + 0.5, n - counted + 0.5, n_draws)


def _note(measure: str, found: dict[str, Array], lost: float) -> str:
    """Why a number is missing, or how much of its interval's draws is."""
    missing = np.isnan(found[measure])
    if measure in OF_THE_LAW and np.isnan(found["alone"]):
        return CONTRADICTION
    if missing:
        return ENDLESS if measure != "per_referrer" else "nobody refers, and nobody is referred"
    if measure in OF_THE_LAW and lost:
        return f"{lost:.2g} of the draws left out: {CONTRADICTION}"
    return ""


def _require_numbers(given: dict[str, float], sizes: dict[str, int | None], growth: float) -> None:
    table = pd.DataFrame([given | {"growth": growth}])
    require_inside(table, dict.fromkeys(given, share), "one share from 0 to 1; 90 % is 0.9")
    inside = {"growth": lambda values: (values > -1) & np.isfinite(values)}
    require_inside(table, inside, "a rate a period above −1; 15 % is 0.15")
    if given["referring_share"] == 0 < given["referred_share"]:
        raise ParameterError.because(
            f"referring_share is 0, referred_share is {given['referred_share']:g}.",
            "Expected somebody who refers, since some come by referral.",
            "Correct one of the two.",
        )
    for name, n in sizes.items():
        if n is not None:
            require_at_least(f"the number behind {name}", n, 1)
