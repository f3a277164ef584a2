"""How many latent classes? Information criteria of one fit a number of classes."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_whole
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.segmentation.latent.curvature import standard_errors
from custlib.segmentation.latent.model import (
    MOST_ROUNDS,
    read_patterns,
    require_classes,
    warn_unconverged,
)
from custlib.segmentation.latent.patterns import Patterns
from custlib.segmentation.latent.solution import fit_classes, why_unfit
from custlib.segmentation.latent.tables import NOT_CONVERGED, lone

NUMBERS = (
    "log_likelihood",
    "n_parameters",
    "aic",
    "bic",
    "entropy_r2",
    "classification_error",
    "smallest_share",
    "starts_at_best",
)
CHOSEN = "lowest BIC"


def latent_class_choice(
    customers: pd.DataFrame,
    *,
    items: Sequence[str],
    ks: Iterable[int] = range(1, 7),
    weight: str | None = None,
    missing: str = "mar",
    n_starts: int = 20,
    max_rounds: int = MOST_ROUNDS,
    seed: int,
) -> pd.DataFrame:
    """Criteria of latent class models with different numbers of classes, the lowest BIC marked.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    items : list of str
        As in `latent_classes`.
    ks : iterable of int, default 1 to 6
        With 1 among them "no classes at all" is one of the answers.
    weight, missing, n_starts, max_rounds, seed
        As in `latent_classes`: the row of k is the fit that it gives with the same seed.

    Returns
    -------
    DataFrame, one row per number of classes
        clusters, log_likelihood, n_parameters, aic, bic, entropy_r2 (1: every row is surely of one
        class), classification_error (share expected in a wrong class), smallest_share,
        starts_at_best, n, n_effective, verdict ("lowest BIC" in one row), note.

    Raises
    ------
    DataError
        An item is absent, a quantity, or has one answer; a weight is not positive.
    ParameterError
        ks is empty or repeats itself, or has something that is no number of classes.

    Notes
    -----
    BIC = −2 loglik + n_parameters ln n, with n rows that have an answer. All rows of the table
    are fitted on the same customers. More classes than the answers can tell apart, and a fit that
    does not converge, keep a noted row. That one start alone found a maximum is noted: the true
    one may be higher, and BIC lower.

    Assumes: answers are independent within a class, in each row of the table; BIC counts on n large
    beside the parameters.

    Not for: a minimum at the last of `ks` (go further), weighted rows, where criteria only guide,
    or the number of kinds of people: similar items make classes of their own.

    References
    ----------
    Schwarz, G. (1978). Ann. Statist. 6:461–464. doi:10.1214/aos/1176344136
    Linzer, D. & Lewis, J. (2011). J. Stat. Software 42(10):1–29. doi:10.18637/jss.v042.i10

    Examples
    --------
    >>> answers = pd.DataFrame({item: [1] * 45 + [2] * 5 + [1] * 5 + [2] * 45 for item in "abc"})
    >>> found = latent_class_choice(answers, items=list("abc"), ks=[1, 2, 3], seed=1)
    >>> found.loc[found["verdict"] != "", ["clusters", "n_parameters", "verdict"]]
       clusters  n_parameters     verdict
    1         2             7  lowest BIC
    >>> # R: glm(a ~ 1, binomial), BIC
    """
    n_starts = require_whole("n_starts", n_starts, 1)
    max_rounds = require_whole("max_rounds", max_rounds, 1)
    patterns = read_patterns(customers, items, weight, missing, seed)
    numbers = list(ks)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ParameterError.because(
            f"ks is {numbers}.",
            "Expected at least one number of classes, each named once.",
            "Pass ks=range(1, 7), say.",
        )
    for k in numbers:
        require_classes(k)
    table = pd.DataFrame([_row(patterns, k, n_starts, max_rounds, seed) for k in numbers])
    table["verdict"] = np.where(table["bic"] == table["bic"].min(), CHOSEN, "")
    table["n"] = patterns.n
    table["n_effective"] = patterns.n**2 / patterns.squares.sum()
    return arrange(table, keys=["clusters"])


def _row(patterns: Patterns, k: int, n_starts: int, max_rounds: int, seed: int) -> dict:
    row: dict = {"clusters": k} | dict.fromkeys(NUMBERS, np.nan)
    unfit = why_unfit(patterns, k)
    if unfit:
        return row | {"note": unfit}
    solution = fit_classes(patterns, k=k, n_starts=n_starts, max_rounds=max_rounds, seed=seed)
    if not solution.converged:
        warn_unconverged(solution, stacklevel=4)
        return row | {"n_parameters": solution.n_parameters, "note": NOT_CONVERGED}
    posterior = solution.memberships()
    return row | {
        "log_likelihood": solution.loglik,
        "n_parameters": solution.n_parameters,
        "aic": solution.aic,
        "bic": solution.bic,
        "entropy_r2": solution.entropy_r2(posterior),
        "classification_error": solution.classification_error(posterior),
        "smallest_share": solution.shares[-1],
        "starts_at_best": solution.at_best,
        "note": standard_errors(solution, sandwich=False).note or lone(solution),
    }
