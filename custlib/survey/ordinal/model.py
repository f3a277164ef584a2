"""What moves an answer up the scale? Cumulative logit and probit models of ordered answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_distinct,
    require_list,
    require_numeric,
    require_one_of,
)
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError, FitError, ParameterError
from custlib.intervals import ADJUSTMENTS, adjust_p
from custlib.survey.comparison.contrasts import drawn
from custlib.survey.ordinal.cumulative import probabilities
from custlib.survey.ordinal.slope_tests import term_tests, untested
from custlib.survey.ordinal.stack import (
    Answers,
    Covariates,
    read_answers,
    read_covariates,
    stack_items,
)
from custlib.survey.ordinal.tables import (
    Solution,
    fit_rows,
    no_fit_rows,
    slope_rows,
    solve,
    threshold_table_rows,
    unsolved,
)
from custlib.survey.ordinal.terms import Term, read_terms
from custlib.variance import Sample

Array = np.ndarray

LINKS = ("logit", "probit")
KEYS = {
    "estimates": ["term"],
    "thresholds": ["term"],
    "tests": ["term", "measure"],
    "fit": ["measure"],
}


@dataclass(frozen=True, slots=True)
class CumulativeModel:
    """Tables of a fitted cumulative model.

    `estimates` has the slopes, `thresholds` the cut points, `tests` two rows a term (its effect,
    parallel slopes), `fit` the log-likelihoods and what follows from them; `predict` gives
    probabilities.
    """

    estimates: pd.DataFrame
    thresholds: pd.DataFrame
    tests: pd.DataFrame
    fit: pd.DataFrame
    link: str
    terms: tuple[Term, ...]
    solutions: tuple[Solution, ...]

    def predict(self, table: pd.DataFrame) -> pd.DataFrame:
        """Probability of each answer (0–1) for each row of the table and each item.

        Parameters
        ----------
        table : DataFrame
            Has the model's terms; further columns are ignored.

        Returns
        -------
        DataFrame, one row per row of the table, item and answer, in this order
            The terms, item, answer, estimate; NaN where a term is missing.

        Raises
        ------
        FitError
            An item's model has no maximum; its note in `fit` says why.
        DataError
            A term is absent, or has a category the model was not fitted on.
        """
        names = [term.name for term in self.terms]
        require_columns(table, names)
        matrix = np.hstack([term.matrix(term.codes(table)) for term in self.terms])
        gaps = table[names].isna().any(axis=1).to_numpy()
        shares = [_shares(each, matrix, self.link) for each in self.solutions]
        answers = [
            (each.answers.item, label) for each in self.solutions for label in each.answers.labels
        ]
        long = table[names].iloc[np.repeat(np.arange(len(table)), len(answers))]
        long = long.assign(
            item=[item for item, _ in answers] * len(table),
            answer=pd.Series([label for _, label in answers] * len(table), long.index, object),
            estimate=np.where(gaps[:, None], np.nan, np.hstack(shares)).ravel(),
        )
        return arrange(long, keys=[*names, "item", "answer"])


def cumulative_logit(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    terms: Sequence[str],
    weight: str | None = None,
    design: SurveyDesign | None = None,
    link: str = "logit",
    adjust: str = "holm",
    conf_level: float = 0.95,
) -> CumulativeModel:
    """Log odds of a higher answer, per unit of a term or against a base category.

    Parameters
    ----------
    responses : DataFrame, one row per respondent (or per `weight` respondents)
    items : list of str
        Numbers or ordered categories, at most 30 answers; each item has a model of its own.
    terms : list of str
        Numeric columns enter as they are, others against their first category with rows.
    weight : str, optional
        How many respondents a row stands for: whole numbers. Survey weights go into `design`.
    design : SurveyDesign, optional
        Pseudo-likelihood with the design's weights, standard errors from its clusters.
    link : {"logit", "probit"}, default "logit"
    adjust : {"holm", "bh", "bonferroni", "hochberg", "by", "none"}, default "holm"
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    CumulativeModel
        `estimates`: item, term ("role: trader"), estimate, std_error, ci_low, ci_high,
        conf_level, statistic, df, p_value, p_adjusted (over all rows), effect (odds ratio) with
        interval, n, n_missing, method, note. `thresholds`: item, term ("1|2"), ... `tests`: item,
        term, measure, statistic, ... `fit`: item, measure, estimate, ...

    Raises
    ------
    DataError
        A column is absent, a term takes one value, an item is no ordered scale.
    ParameterError
        Both weight and design, or an unknown link or adjustment.

    Notes
    -----
    link P(answer ≤ j) = threshold_j − x·slope. A positive slope so means higher answers, as in R's
    `polr`. An answer nobody gave has no threshold: it is merged with its neighbour and named in
    `note`. Separated answers have no maximum: the row stays, its numbers are NaN. Parallel slopes
    are tested by likelihood ratio (score test where free slopes have no maximum); under a design
    tests are Wald and score tests on F with the design's degrees of freedom.

    Assumes: a term moves all cuts of the scale by the same log odds (see `tests`), numbers act in
    straight lines, rows or clusters are independent, answers are missing at random given the terms.

    Not for: slopes that part from cut to cut (compare `answer_shares`), odds ratios read as ratios
    of shares, or differences wanted in points of the scale (`compare_groups`).

    References
    ----------
    McCullagh, P. (1980). J. R. Statist. Soc. B 42:109–142. doi:10.1111/j.2517-6161.1980.tb01109.x
    Binder, D. (1983). Int. Statist. Review 51:279–292. doi:10.2307/1402588

    Examples
    --------
    >>> answers = pd.DataFrame({"rating": [1, 2, 3, 1, 2, 3], "role": list("aaabbb"),
    ...                         "people": [30, 40, 30, 10, 40, 50]})
    >>> model = cumulative_logit(answers, items=["rating"], terms=["role"], weight="people")
    >>> model.estimates[["term", "estimate", "std_error", "effect"]].round(3)
          term  estimate  std_error  effect
    0  role: b     1.002      0.273   2.722
    >>> # R: MASS::polr(factor(rating) ~ role, weights = people, Hess = TRUE)
    """
    require_conf_level(conf_level)
    require_one_of("link", link, LINKS)
    require_one_of("adjust", adjust, ADJUSTMENTS)
    require_distinct(items)
    require_list("terms", terms)
    require_columns(responses, [*items, *terms, weight])
    domain, sample = drawn(responses, design)
    frequencies = np.where(domain, _frequencies(responses, weight, design), 0.0)
    covariates = read_covariates(responses, read_terms(responses[frequencies > 0], terms))
    answers = [
        read_answers(responses, item, covariates.pattern, frequencies, sample) for item in items
    ]
    rows, solutions = _fit_all(answers, covariates, link, sample, conf_level)
    method = f"cumulative {link}" + ("" if sample is None else ", design-based")
    tables = {
        name: _table(rows[name], items, keys, adjust, conf_level, method)
        for name, keys in KEYS.items()
    }
    fitted = tuple(solutions[item] for item in items)
    return CumulativeModel(**tables, link=link, terms=tuple(covariates.terms), solutions=fitted)


def _frequencies(responses: pd.DataFrame, weight: str | None, design: SurveyDesign | None) -> Array:
    """How many respondents each row stands for."""
    if weight is None:
        return np.ones(len(responses))
    if design is not None:
        raise ParameterError.because(
            f"weight is {weight!r} beside a design.",
            "Expected one of them: weight counts respondents, a design's weights represent others.",
            "Repeat the rows, or put the column into the design.",
        )
    counts = require_numeric(responses, weight)
    wrong = np.flatnonzero(~((counts >= 0) & (counts % 1 == 0)))
    if len(wrong):
        rows = responses.index[wrong[:5]].tolist()
        raise DataError.because(
            f"{len(wrong)} numbers in {weight!r} are no counts of respondents; first rows: {rows}.",
            "Expected whole numbers from 0 up.",
            "Pass survey weights as design=SurveyDesign(weight=...).",
        )
    return counts


def _fit_all(
    answers: list[Answers],
    covariates: Covariates,
    link: str,
    sample: Sample | None,
    conf_level: float,
) -> tuple[dict[str, list[dict]], dict[str, Solution]]:
    """Rows of the four tables, and each item's solution; items with equal scales fit as one."""
    names = [name for term in covariates.terms for name in term.columns]
    rows: dict[str, list[dict]] = {"estimates": [], "thresholds": [], "tests": [], "fit": []}
    solutions = {}
    for size in sorted({len(each.given) for each in answers}):
        alike = [each for each in answers if len(each.given) == size]
        if size < 2:
            for each in alike:
                nothing = solutions[each.item] = unsolved(each, len(names))
                rows["estimates"] += slope_rows(nothing, names, link, conf_level)
                rows["fit"] += no_fit_rows(nothing)
                rows["tests"] += untested(each.item, list(covariates.columns), nothing.reason)
            continue
        stack = stack_items(alike, covariates, link)
        fit = stack.fit()
        found = [solve(stack, fit, at, sample) for at in range(len(alike))]
        tests = term_tests(stack, fit, found, sample)
        for at, solution in enumerate(found):
            solutions[solution.answers.item] = solution
            rows["estimates"] += slope_rows(solution, names, link, conf_level)
            rows["thresholds"] += threshold_table_rows(solution, conf_level)
            rows["tests"] += tests[at]
            rows["fit"] += fit_rows(solution, stack, fit, at, sample is not None)
    return rows, solutions


def _table(
    rows: list[dict], items: Sequence[str], keys: list[str], adjust: str, level: float, method: str
) -> pd.DataFrame:
    """One table in the order of the items; p values are adjusted for all tests of one kind."""
    columns = ["item", *keys, "note", *(["p_value"] if "term" in keys else [])]
    table = pd.DataFrame(rows, columns=None if rows else columns)
    order = table["item"].map({item: at for at, item in enumerate(items)})
    table = table.iloc[np.argsort(order.to_numpy(), kind="stable")]
    if "measure" in keys and "term" in keys and "p_value" not in table:
        # Where no item could be fitted the tests keep their rows, and their columns with them.
        table = table.assign(p_value=np.nan)
    if "p_value" in table:
        kinds = table["measure"] if "measure" in table else pd.Series("", table.index)
        adjusted = np.full(len(table), np.nan)
        for kind in kinds.unique():
            same = (kinds == kind).to_numpy()
            adjusted[same] = adjust_p(table["p_value"].to_numpy(float)[same], adjust)
        table = table.assign(p_adjusted=adjusted)
    if "ci_low" in table:
        table = table.assign(conf_level=level)
    if "method" not in table:
        table = table.assign(method=method)
    return arrange(table, keys=["item", *keys])


def _shares(solution: Solution, matrix: Array, link: str) -> Array:
    """Probability of each answer of one item, shape (rows, labels); 0 where nobody gave it."""
    if solution.reason:
        raise FitError.because(
            f"The model of {solution.answers.item!r} has no maximum: {solution.reason}.",
            "Expected a fit that converged.",
            "Leave the item out, merge answers or groups, or collect more answers.",
        )
    # A slope that is not known spoils only the rows that need it.
    moved = np.where(matrix == 0, 0.0, matrix * solution.slopes).sum(axis=1)
    result = np.zeros((len(matrix), len(solution.answers.labels)))
    result[:, solution.answers.given] = probabilities(solution.thresholds - moved[:, None], link)
    return result
