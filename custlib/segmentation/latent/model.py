"""Latent classes: hidden groups, within which answers to different items are independent."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_distinct,
    require_new_columns,
    require_one_of,
    require_seed,
    require_weights,
    require_whole,
)
from custlib.errors import ConvergenceWarning, FitError, ParameterError
from custlib.segmentation.latent.curvature import no_errors, standard_errors
from custlib.segmentation.latent.patterns import Patterns, count_patterns, distinct_rows, indicators
from custlib.segmentation.latent.solution import Solution, fit_classes, why_unfit
from custlib.segmentation.latent.tables import (
    LEFT_OUT,
    NO_ANSWERS,
    NOT_CONVERGED,
    case_columns,
    case_table,
    estimate_table,
    fit_table,
)

Array = np.ndarray

MISSING = ("mar", "listwise")
MOST_ROUNDS = 5000


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """Tables of a latent class model.

    `estimates` has the classes' shares and the probability of each answer in each class, `cases`
    the rows with their class, `fit` likelihood, criteria and how many starts agree; `predict`
    classes new rows. `solution` holds the arrays behind the tables, `segment` names the label.
    """

    estimates: pd.DataFrame
    cases: pd.DataFrame
    fit: pd.DataFrame
    solution: Solution
    segment: str

    def predict(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Class and posterior probabilities (0–1) of other rows, by the answers they have.

        Parameters
        ----------
        customers : DataFrame
            Has the items; answers may be missing.

        Returns
        -------
        DataFrame
            The rows as they are, and segment, segment_probability_1, ..., segment_note; a row
            without any answer has no segment, and the shares as probabilities.

        Raises
        ------
        FitError
            The model did not converge.
        DataError
            An item is absent, has an answer the model has not seen, or a new column is taken.

        Examples
        --------
        >>> answers = pd.DataFrame({"price": [1, 1, 2, 2], "speed": [1, 1, 2, 2],
        ...                         "care": [1, 1, 2, 2]})
        >>> model = latent_classes(answers, items=["price", "speed", "care"], k=2, seed=1)
        >>> new = pd.DataFrame({"price": [1, None], "speed": [1, 2], "care": [1, None]})
        >>> model.predict(new).filter(like="probability").round(3).max(axis=1).tolist()
        [1.0, 1.0]
        """
        solution = self.solution
        if not solution.converged:
            raise FitError.because(
                f"The latent classes had not converged after {solution.rounds} rounds.",
                "Expected a model that has reached a maximum of its likelihood.",
                "Fit it with a higher max_rounds, or with fewer classes.",
            )
        scales = solution.patterns.scales
        require_columns(customers, [scale.item for scale in scales])
        require_new_columns(customers, case_columns(self.segment, solution.k))
        codes = np.column_stack([scale.codes(customers) for scale in scales])
        of_row, distinct = distinct_rows(codes, [len(scale.answers) for scale in scales])
        of_row[(codes < 0).all(axis=1)] = -1
        posterior = solution.memberships(indicators(scales, distinct))
        return case_table(
            customers,
            posterior,
            of_row,
            otherwise=solution.shares,
            note=NO_ANSWERS,
            segment=self.segment,
        )


def latent_classes(
    customers: pd.DataFrame,
    *,
    items: Sequence[str],
    k: int,
    weight: str | None = None,
    missing: str = "mar",
    segment: str = "segment",
    n_starts: int = 20,
    max_rounds: int = MOST_ROUNDS,
    seed: int,
    conf_level: float = 0.95,
) -> LatentClasses:
    """Shares of k hidden classes and the probability of each answer within each (0–1).

    Parameters
    ----------
    customers : DataFrame, one row per customer
    items : list of str
        At least two categorical columns of codes or labels, each with 2 to 30 answers.
    k : int
        Number of classes; `latent_class_choice` compares several.
    weight : str, optional
        Sampling weights. A table of counts is fitted by repeating its rows, which costs nothing.
    missing : {"mar", "listwise"}
        Use the answers a row has (missing at random), or complete rows alone.
    segment : str, default "segment"
        Name of the column of labels; the other new columns begin with it.
    n_starts, max_rounds, seed : int
        Random starts, each with a stream of its own, each run until a step of EM adds at most
        1e-10 to the log-likelihood (or the last digits of a double), in at most so many rounds.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    LatentClasses
        `estimates`: segment ("1" is the largest), measure ("share", "probability"), item, answer,
        estimate, std_error, ci_low, ci_high, conf_level, n, n_missing, method, note. `cases`: the
        rows, segment, segment_probability_1, ..., segment_note. `fit`: measure (log_likelihood,
        n_parameters, aic, bic, entropy_r2, classification_error, n_starts, starts_at_best, rounds,
        n_patterns, g2, x2), estimate, df, p_value, n (rows with an answer), n_effective,
        n_missing (rows left out), method, note.

    Raises
    ------
    DataError
        An item is absent, a quantity, or has one answer; a weight is not positive.
    ParameterError
        More classes than distinct patterns, or more parameters than cells to fit.

    Notes
    -----
    log L = Σ w ln Σ_c π_c Π_j p_cj(y_j); posterior = π_c Π_j p_cj(y_j)/Σ_c π_c Π_j p_cj(y_j); bic =
    −2 log L + ln(n) parameters; entropy_r2 = 1 + Σ w Σ_c posterior ln posterior/(n ln k). π_c is
    the share of class c, p_cj(y) its probability of answer y to item j, over the items answered; EM
    climbs log L. Standard errors: inverse of the observed information in the logits (analytic
    Hessian), with weights the sandwich, carried to probabilities by their slopes; intervals are
    symmetric in the logit; where classes overlap and customers are few they are a little short (800
    customers: 90 % for a share instead of 95 %). A probability of 0 or 1 has no error and is held
    fixed for the others. Estimates as R's `poLCA`, whose errors come from outer products of scores.
    Weights are scaled to mean 1: criteria of a weighted fit are a guide only. Warns where the best
    start has not converged (ConvergenceWarning); such a model has no posteriors.

    Assumes: answers of a customer are independent within a class (local independence), customers of
    each other; k is given; "mar" lets silence hang on answers given, not on those withheld.

    Not for: items that ask the same twice, G² where fewer than 5 rows fall on a possible pattern
    (no p value is given), amounts of money (`cluster_customers`), or labels used as certain: carry
    segment_probability along.

    References
    ----------
    Linzer, D. & Lewis, J. (2011). J. Stat. Software 42(10):1–29. doi:10.18637/jss.v042.i10
    Louis, T. (1982). J. R. Statist. Soc. B 44:226–233. doi:10.1111/j.2517-6161.1982.tb01203.x

    Examples
    --------
    >>> answers = pd.DataFrame({"price": list("lllhhh"), "speed": list("llhhhh"),
    ...                         "care": list("lllhhl"), "again": list("llllhh")})
    >>> one = latent_classes(answers, items=list(answers), k=1, seed=1).estimates
    >>> one.loc[one["answer"] == "h", "estimate"].round(3).tolist()  # shares of the answer "h"
    [0.5, 0.667, 0.333, 0.333]
    """
    require_conf_level(conf_level)
    n_starts = require_whole("n_starts", n_starts, 1)
    max_rounds = require_whole("max_rounds", max_rounds, 1)
    patterns = read_patterns(customers, items, weight, missing, seed)
    _require_fit(patterns, k)
    require_new_columns(customers, case_columns(segment, k))
    solution = fit_classes(patterns, k=k, n_starts=n_starts, max_rounds=max_rounds, seed=seed)
    weighted = weight is not None
    method = "sandwich" if weighted else "observed information"
    if solution.converged:
        errors = standard_errors(solution, sandwich=weighted)
        posterior = solution.memberships()
    else:
        warn_unconverged(solution)
        errors = no_errors(solution, NOT_CONVERGED)
        posterior = np.full((len(patterns.codes), k), np.nan)
    listwise = missing == "listwise"
    cases = case_table(
        customers,
        posterior,
        patterns.of_row,
        otherwise=np.where(listwise or not solution.converged, np.nan, solution.shares),
        note=LEFT_OUT if listwise else NO_ANSWERS,
        segment=segment,
    )
    return LatentClasses(
        estimate_table(solution, errors, conf_level, method),
        cases,
        fit_table(solution, posterior, errors, weighted=weighted, method=missing),
        solution,
        segment,
    )


def read_patterns(
    customers: pd.DataFrame,
    items: Sequence[str],
    weight: str | None,
    missing: str,
    seed: int,
) -> Patterns:
    """Check what every fit needs, and count the rows by pattern."""
    require_one_of("missing", missing, MISSING)
    require_seed(seed)
    require_distinct(items, outcome=weight, at_least=2)
    require_columns(customers, [*items, weight])
    weights = require_weights(customers, weight)
    return count_patterns(customers, items=items, weights=weights, missing=missing)


def require_classes(k: int) -> None:
    """A number of classes is a whole number, 1 or more."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ParameterError.because(
            f"k is {k!r}.", "Expected a whole number of classes, 1 or more.", "Pass k=3, say."
        )


def _require_fit(patterns: Patterns, k: int) -> None:
    """So many classes can be told apart by these answers, as far as counting tells."""
    require_classes(k)
    unfit = why_unfit(patterns, k)
    if unfit:
        raise ParameterError.because(
            f"{unfit}.",
            "Expected no more classes than patterns, and no more parameters than free cells.",
            "Ask for fewer classes, or take in more items.",
        )


def warn_unconverged(solution: Solution, stacklevel: int = 3) -> None:
    """Tell the user of the library that the best start was still moving."""
    warnings.warn(
        f"The best of {solution.n_starts} starts had not converged after {solution.rounds} "
        f"rounds with {solution.k} classes.\n"
        "Expected a step of EM to change the log-likelihood by at most 1e-10.\n"
        "Raise max_rounds, or ask for fewer classes.",
        ConvergenceWarning,
        stacklevel=stacklevel,
    )
