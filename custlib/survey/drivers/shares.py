"""Which drivers carry the outcome: each one's contribution to R², and its share of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import (
    require_at_least,
    require_columns,
    require_conf_level,
    require_distinct,
    require_one_of,
)
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.resampling import Resamples
from custlib.survey.drivers.answers import Answers, read_answers
from custlib.survey.drivers.decompositions import (
    METHODS,
    MOST_EXACT,
    contributions,
    gains_by_driver,
)
from custlib.survey.drivers.orders import (
    REDUNDANT,
    balanced_orders,
    explained,
    variance_inflation,
)

Array = np.ndarray
MEASURES = ("contribution", "share", "rank", "correlation")
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
    A driver that others make up (VIF above 10^10) adds nothing to them; twins share alike.
    Ordinal answers count as numbers; polychoric correlations are not offered.

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
    >>> found[found["measure"] == "share"]["estimate"].round(3).tolist()  # R: relaimpo, rela=TRUE
    [0.702, 0.298]
    """
    drivers = list(drivers)
    require_conf_level(conf_level)
    require_one_of("method", method, METHODS)
    require_one_of("missing", missing, ["listwise", "pairwise"])
    require_distinct(drivers, outcome=outcome)
    require_columns(responses, [outcome, *drivers])
    orders = None
    if method == "lmg" and len(drivers) > MOST_EXACT:
        require_at_least("n_orders", n_orders, 1)
        orders = balanced_orders(len(drivers), n_orders=n_orders, seed=_chance(seed))
    sample = (design or SurveyDesign()).sample(responses)
    answers = read_answers(responses, [*drivers, outcome], sample, pairwise=missing == "pairwise")
    undefined = 0
    keys = [(item, measure) for measure in MEASURES for item in drivers] + [(outcome, "r_squared")]
    table = pd.DataFrame(keys, columns=["item", "measure"])
    table["estimate"] = _statistics(answers.correlations[None], method, orders)[0]
    table[["std_error", "ci_low", "ci_high"]] = np.nan
    if n_boot:
        blocks = answers.replicates(n_boot=n_boot, seed=_chance(seed))
        drawn = np.concatenate([_statistics(block, method, orders) for block in blocks])
        resamples = Resamples(table["estimate"].to_numpy(), drawn)
        table["std_error"] = resamples.std_error
        table["ci_low"], table["ci_high"] = resamples.interval(conf_level=conf_level)
        undefined = int(np.isnan(drawn[:, -1]).sum())
    if orders is not None:
        table["monte_carlo_error"] = _order_error(answers.correlations, orders)
    table = table.assign(conf_level=conf_level, method=method)
    return DriverShares(
        estimates=arrange(_driver_rows(table, answers), keys=["item", "measure"]),
        fit=arrange(
            _fit_rows(table, answers, _notes(answers, orders, undefined, n_boot)),
            keys=["outcome", "measure"],
        ),
    )


def _statistics(correlations: Array, method: str, orders: Array | None) -> Array:
    """Contributions, shares, ranks, correlations and, last, R²; shape (replicates, 4 p + 1)."""
    parts = contributions(correlations, method=method, orders=orders)
    undefined = np.isnan(parts[:, :1])
    r_squared = np.where(undefined, np.nan, explained(correlations)[:, None])
    shares = np.divide(parts, r_squared, out=np.full_like(parts, np.nan), where=r_squared > TIE)
    # Ties take the mean of their ranks, as R's rank() does.
    ahead = parts[:, None, :] - parts[:, :, None]
    rank = ((ahead > TIE).sum(axis=2) + (ahead >= -TIE).sum(axis=2) + 1) / 2
    rank = np.where(undefined, np.nan, rank)
    return np.hstack([parts, shares, rank, correlations[:, :-1, -1], r_squared])


def _order_error(correlations: Array, orders: Array) -> Array:
    """Standard error that the draw of orders leaves in each row of `_statistics`."""
    gained = gains_by_driver(correlations[None], orders)[0]
    # The orders of one square depend on one another; squares do not.
    squares = gained.reshape(-1, gained.shape[1], gained.shape[1]).mean(axis=1)
    error = squares.std(axis=0, ddof=1) / len(squares) ** 0.5
    unsampled = np.full(2 * len(error) + 1, np.nan)
    return np.concatenate([error, error / explained(correlations[None])[0], unsampled])


def _driver_rows(table: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Rows of the drivers, with variance inflation added and what a reader must know of each."""
    rows = table[table["measure"] != "r_squared"]
    inflation = variance_inflation(answers.correlations[:-1, :-1])
    first = rows.iloc[: len(inflation)][["item", "conf_level", "method"]]
    rows = pd.concat([rows, first.assign(measure="variance_inflation", estimate=inflation)])
    pairs = np.append(
        np.tile(answers.products.n[:-1, -1], len(MEASURES)), np.full(len(inflation), answers.n)
    )
    redundant = np.where(np.isinf(inflation), "other drivers make it up", "")
    note = np.tile(redundant, len(MEASURES) + 1)
    note = np.where(rows["estimate"].isna(), "R² is 0: nothing to share", note)
    return rows.assign(n=pairs, n_missing=answers.asked - pairs, note=note)


def _fit_rows(table: pd.DataFrame, answers: Answers, note: str) -> pd.DataFrame:
    """Rows of the regression on all drivers."""
    row = table.iloc[[-1]].rename(columns={"item": "outcome"})
    row = row.drop(columns="monte_carlo_error", errors="ignore")
    values = np.linalg.eigvalsh(answers.correlations[:-1, :-1])
    rank = int((values > REDUNDANT).sum())
    unexplained = 1 - row["estimate"].item()
    condition = (values[-1] / values[0]) ** 0.5 if rank == len(values) else np.inf
    more = {
        "adjusted_r_squared": 1 - unexplained * (answers.n - 1) / (answers.n - rank - 1),
        "condition_number": condition,
        "drivers": len(values),
    }
    bare = row.assign(std_error=np.nan, ci_low=np.nan, ci_high=np.nan)
    rows = [row, *(bare.assign(measure=name, estimate=value) for name, value in more.items())]
    return pd.concat(rows).assign(n=answers.n, n_missing=answers.asked - answers.n, note=note)


def _notes(answers: Answers, orders: Array | None, undefined: int, n_boot: int) -> str:
    said = [answers.note]
    if orders is not None:
        said.append(f"mean over {len(orders)} sampled orders")
    if undefined:
        said.append(f"{undefined} of {n_boot} resamples undefined and left out")
    return "; ".join(text for text in said if text)


def _chance(seed: int | None) -> int:
    if seed is None:
        raise ParameterError.because(
            "seed is None.",
            f"Expected a whole number: resamples, or LMG of over {MOST_EXACT} drivers.",
            "Pass seed=1, or any other number, and keep it.",
        )
    return seed
