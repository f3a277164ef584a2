"""Which drivers carry the outcome: each one's contribution to R², and its share of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib import checks
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.resampling import Resamples
from custlib.survey.drivers.answers import Answers, read_answers
from custlib.survey.drivers.decompositions import METHODS, MOST_EXACT, contributions, order_error
from custlib.survey.drivers.orders import REDUNDANT, balanced_orders, explained, variance_inflation

Array = np.ndarray
MEASURES = ("contribution", "share", "rank", "correlation", "variance_inflation")
SPREAD = ["std_error", "ci_low", "ci_high"]
FIT = ("adjusted_r_squared", "condition_number", "drivers")
TIE = 1e-12  # contributions closer than this differ by rounding and share a rank


@dataclass(frozen=True, slots=True)
class DriverShares:
    """Tables of `driver_shares`: `estimates` per driver, `fit` of the regression on all."""

    estimates: pd.DataFrame
    fit: pd.DataFrame


def driver_shares(
    responses: pd.DataFrame,
    *,
    outcome: str,
    drivers: Sequence[str],
    method: str = "lmg",
    design: SurveyDesign | None = None,
    missing: str = "listwise",
    n_boot: int = 0,
    seed: int | None = None,
    n_orders: int = 2000,
    conf_level: float = 0.95,
) -> DriverShares:
    """Contribution of each driver to R² (0–1), and its share of R² (0–1).

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    outcome : str
    drivers : list of str
    method : {"lmg", "relative_weights", "first", "last"}, default "lmg"
        Gain averaged over all orders; Johnson's weights; gain when entered first; when last.
    design : SurveyDesign, optional
    missing : {"listwise", "pairwise"}, default "listwise"
        Leave out who skipped an item, or take each correlation from all who answered both.
    n_boot : int, default 0
        Resamples of respondents, or of the design's clusters; 0 gives no intervals.
    seed : int, optional
        Needed for resamples, and for LMG of more than 20 drivers.
    n_orders : int, default 2000
        Orders averaged over where LMG has more than 20 drivers; drawn in balanced squares.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DriverShares
        `estimates`: item, measure ("contribution", "share", "rank", "correlation" with the
        outcome, "variance_inflation"), estimate, std_error, ci_low, ci_high (percentiles of the
        resamples), conf_level, n, n_missing, method, note; with sampled orders
        monte_carlo_error. `fit`: outcome, measure ("r_squared", "adjusted_r_squared",
        "condition_number", "drivers"), the same columns.

    Raises
    ------
    DataError
        An item is not numeric or takes one value; no more respondents than drivers + 1; pairwise
        correlations that no answers could have.
    ParameterError
        The outcome or a driver occurs twice, no drivers, or chance without a seed.

    Notes
    -----
    LMG_j = sum_S |S|! (p - |S| - 1)! / p! [R²(S + j) - R²(S)], S without j: the Shapley value of
    R². LMG and Johnson's weights sum to R², first and last do not. Contributions have no sign:
    read `correlation` beside them; nor does their interval test a driver, as it never reaches 0.
    A driver that others make up (VIF above 10^10) adds nothing to them; twins share alike. The
    largest share of many tends to be too large, and its interval does not know that it was picked.
    R² is too large by what p drivers fit of chance, R² of resamples, R²*, once more (percentiles
    of it miss the truth in one survey of four at n = 60, p = 5): `r_squared` has no interval,
    `adjusted_r_squared` the percentiles of 1 − (1 − R²*) c², c = (1 − R²) / mean(1 − R²*); under
    weights and clusters its estimate is still a little large.

    Assumes: straight effects that add up, the same for all, of answers taken as numbers (no
    polychoric correlations); rows or clusters are independent; who skipped an item is like who did
    not, under either way of `missing`.

    Not for: what changing a driver would do, as a share explains and does not cause; effects only
    at low or high answers (`penalty_reward`); an outcome of two or three answers
    (`cumulative_logit`).

    References
    ----------
    Grömping, U. (2006). J. Stat. Software 17(1). doi:10.18637/jss.v017.i01
    Johnson, J. (2000). Multivariate Behavioral Research 35:1–19.
    Lindeman, R., Merenda, P. & Gold, R. (1980). Introduction to Bivariate and Multivariate
    Analysis. Scott, Foresman.

    Examples
    --------
    >>> answers = pd.DataFrame({"csat": [1, 2, 4, 5], "price": [1, 2, 2, 3], "speed": [2, 1, 2, 3]})
    >>> found = driver_shares(answers, outcome="csat", drivers=["price", "speed"]).estimates
    >>> found[found["measure"] == "share"]["estimate"].round(3).tolist()  # R: R² of lm
    [0.702, 0.298]
    """
    checks.require_list("drivers", drivers)
    drivers = list(drivers)
    checks.require_conf_level(conf_level)
    checks.require_one_of("method", method, METHODS)
    checks.require_one_of("missing", missing, ["listwise", "pairwise"])
    checks.require_at_least("n_orders", n_orders, 1)
    checks.require_distinct(drivers, outcome=outcome)
    checks.require_columns(responses, [outcome, *drivers])
    orders = None
    if method == "lmg" and len(drivers) > MOST_EXACT:
        seed = checks.require_seed(seed)
        orders = balanced_orders(len(drivers), n_orders=n_orders, seed=seed)
    sample = (design or SurveyDesign()).sample(responses)
    answers = read_answers(responses, [*drivers, outcome], sample, pairwise=missing == "pairwise")
    numbers = _statistics(answers.correlations[None], method, orders)[0]
    table = _table(answers, [*drivers, outcome], numbers, orders)
    table = table.assign(conf_level=conf_level, method=method)
    fit = table["item"] == outcome
    if n_boot:
        blocks = answers.replicates(n_boot=n_boot, seed=checks.require_seed(seed))
        drawn = np.concatenate([_statistics(block, method, orders) for block in blocks])
        resamples = Resamples(numbers, drawn)
        spread = [resamples.std_error, *resamples.interval(conf_level=conf_level)]
        table.loc[1 : len(numbers) - 1, SPREAD] = np.transpose(spread)[1:]
        adjusted = _adjusted(resamples)
        spread = [adjusted.std_error, *adjusted.interval(conf_level=conf_level)]
        table.loc[table["measure"] == "adjusted_r_squared", SPREAD] = spread
        undefined = np.isnan(drawn[:, 0]).sum()
        if undefined:
            told = fit | (undefined == n_boot)
            table.loc[told, "note"] += f"; {undefined} of {n_boot} resamples undefined and left out"
    table["note"] = table["note"].str.removeprefix("; ")
    return DriverShares(
        estimates=arrange(table[~fit], keys=["item", "measure"]),
        fit=arrange(
            table[fit]
            .rename(columns={"item": "outcome"})
            .drop(columns="monte_carlo_error", errors="ignore"),
            keys=["outcome", "measure"],
        ),
    )


def _statistics(correlations: Array, method: str, orders: Array | None) -> Array:
    """R², then contributions, shares, ranks and correlations; shape (replicates, 1 + 4 p)."""
    parts = contributions(correlations, method=method, orders=orders)
    undefined = np.isnan(parts[:, :1])
    r_squared = np.where(undefined, np.nan, explained(correlations)[:, None])
    shares = np.divide(parts, r_squared, out=np.full_like(parts, np.nan), where=r_squared > TIE)
    # Ties take the mean of their ranks, as R's rank() does.
    ahead = parts[:, None, :] - parts[:, :, None]
    rank = ((ahead > TIE).sum(axis=2) + (ahead >= -TIE).sum(axis=2) + 1) / 2
    rank = np.where(undefined, np.nan, rank)
    return np.hstack([r_squared, parts, shares, rank, correlations[:, :-1, -1]])


def _adjusted(resamples: Resamples) -> Resamples:
    """R² of resamples less its bias, twice: what the survey's has, and what drawing it anew adds.

    How much drawing adds is measured, not computed from n and p: weights and clusters make it more.
    """
    left, drawn = 1 - resamples.estimate[0], 1 - resamples.replicates[:, 0]
    known = drawn[~np.isnan(drawn)]
    again = known.mean() if known.size else np.nan
    # Where nothing is left in the survey nothing is left in its resamples, and nothing is biased.
    factor = left / again if again > TIE else 1.0
    return Resamples(np.array(1 - left * factor), 1 - drawn * factor**2)


def _table(
    answers: Answers, names: list[str], numbers: Array, orders: Array | None
) -> pd.DataFrame:
    """Rows of the statistics, of each driver's inflation and of what else the fit tells."""
    *drivers, outcome = names
    p, n = len(drivers), answers.n
    among = answers.correlations[:-1, :-1]
    inflation, values = variance_inflation(among), np.linalg.eigvalsh(among)
    rank = (values > REDUNDANT).sum()
    adjusted = 1 - (1 - numbers[0]) * (n - 1) / (n - rank - 1)
    condition = (values[-1] / values[0]) ** 0.5 if rank == p else np.inf
    fit = [(outcome, measure) for measure in FIT]
    keys = [(outcome, "r_squared"), *((d, m) for m in MEASURES for d in drivers), *fit]
    table = pd.DataFrame(keys, columns=["item", "measure"])
    table["estimate"] = np.concatenate([numbers, inflation, [adjusted, condition, p]])
    table[["std_error", "ci_low", "ci_high", "monte_carlo_error"]] = np.nan
    pairs = np.tile(answers.products.n[:-1, -1], len(MEASURES) - 1)
    table["n"] = np.concatenate([[n], pairs, np.full(p + len(FIT), n)])
    table["n_missing"] = answers.asked - table["n"]
    redundant = np.where(np.isinf(inflation), "other drivers make it up", "")
    said = answers.note
    if orders is None:
        table = table.drop(columns="monte_carlo_error")
    else:
        said += f"; mean over {len(orders)} sampled orders"
        error = order_error(answers.correlations, orders)
        table.loc[1 : 2 * p, "monte_carlo_error"] = np.concatenate([error, error / numbers[0]])
    table["note"] = [said, *np.tile(redundant, len(MEASURES)), *[said] * len(FIT)]
    table.loc[table["estimate"].isna(), "note"] = "R² is 0: nothing to share"
    return table
