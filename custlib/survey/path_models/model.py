"""What drives satisfaction, and what it leads to? PLS path models with indices from 0 to 100."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_conf_level, require_one_of, require_seed
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError
from custlib.survey.moments import CrossProducts, Moments
from custlib.survey.path_models.algorithm import SCHEMES, Method
from custlib.survey.path_models.quantities import constructs, effects, importances, items, pairs
from custlib.survey.path_models.solution import Solution, require_solution
from custlib.survey.path_models.specification import Specification
from custlib.survey.path_models.tables import Base, effect_tests, fit_rows, quantity_rows
from custlib.survey.profile import Scales, scaled_answers

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class PathModel:
    """Tables of a fitted path model.

    `estimates` has paths, effects, loadings and weights, `constructs` reliability, R² and indices,
    `pairs` what tells constructs apart, `cases` the scores and indices of each respondent, `fit`
    how the fit went; `importance_performance` ranks the levers of a target. `solution` and `base`
    hold the arrays behind the tables.
    """

    estimates: pd.DataFrame
    constructs: pd.DataFrame
    pairs: pd.DataFrame
    cases: pd.DataFrame
    fit: pd.DataFrame
    solution: Solution
    base: Base

    def importance_performance(self, target: str) -> pd.DataFrame:
        """Index points of the target that one point of each construct or item brings, and means.

        Parameters
        ----------
        target : str
            A construct that others act on.

        Returns
        -------
        DataFrame, constructs in the order of the blocks, each followed by its items
            dimension, item (empty on a construct's own rows), measure ("importance" in points of
            the target's index per point, "performance" 0–100; for constructs also
            "importance_standardized", the total effect), estimate, std_error, ci_low, ci_high,
            conf_level, n, n_missing, note.

        Raises
        ------
        ParameterError
            Nothing acts on the target.

        Notes
        -----
        Importance = total effect × sd(target's index) / sd(construct's index); that of an item is
        its construct's times its index weight.

        References
        ----------
        Ringle, C. & Sarstedt, M. (2016). Industrial Management & Data Systems 116:1865–1886.
        doi:10.1108/IMDS-10-2015-0449

        Examples
        --------
        >>> answers = pd.DataFrame({"price": [1, 2, 3, 4, 5], "again": [2, 1, 4, 3, 5]})
        >>> model = path_model(answers, blocks={"value": ["price"], "loyalty": ["again"]},
        ...                    paths=[("value", "loyalty")], scale=(1, 5))
        >>> levers = model.importance_performance("loyalty")
        >>> levers.loc[levers["item"] == "", ["dimension", "measure", "estimate"]]
          dimension                  measure  estimate
        0     value               importance       0.8
        1     value  importance_standardized       0.8
        2     value              performance      50.0
        """
        names = self.solution.specification.names
        targets = [names[at] for at, _ in self.solution.specification.targets]
        require_one_of("target", target, targets)
        at = names.index(target)
        rows = quantity_rows(lambda one: importances(one, at), self.solution, self.base)
        return arrange(rows, keys=["dimension", "item", "measure"])


def path_model(
    responses: pd.DataFrame,
    *,
    blocks: Mapping[str, Sequence[str]],
    paths: Sequence[tuple[str, str]],
    scale: Scales,
    modes: str | Mapping[str, str] = "A",
    scheme: str = "path",
    consistent: bool = False,
    design: SurveyDesign | None = None,
    n_boot: int = 0,
    seed: int | None = None,
    signs: str = "construct",
    conf_level: float = 0.95,
    tolerance: float = 1e-7,
    max_iterations: int = 300,
) -> PathModel:
    """Effects of constructs on each other, in standard deviations, and their indices, 0–100.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    blocks : mapping from construct to list of its items
    paths : list of (from, to)
        Such as `ecsi_paths(blocks)`; never in a circle.
    scale : (low, high), or a mapping from item to (low, high)
    modes : "A", "B", or a mapping from construct; "A" where it is not named
        Weights from correlations with the score (A: items reflect it) or from a regression (B).
    scheme : {"path", "factorial", "centroid"}
    consistent : bool, default False
        Plain mode A does not recover the effects between what the items measure: most paths come
        out too small, loadings too large. True corrects both by rho_A (PLSc).
    design : SurveyDesign, optional
    n_boot, seed : int
        Resamples of respondents, or of the design's clusters; 0 gives no intervals.
    signs : {"construct", "none"}
        Whether a resample's score is turned to point with the loadings of the estimate.
    conf_level : float in (0, 1), default 0.95
    tolerance : float, default 1e-7
        Largest change of a weight in the last of at most `max_iterations` rounds.

    Returns
    -------
    PathModel
        `estimates`: term ("image -> loyalty": path, indirect_effect, total_effect, f_squared,
        variance_inflation; "image =~ IMAG1": loading, cross_loading, weight, index_weight),
        measure, estimate, std_error, ci_low, ci_high, conf_level, statistic, df, p_value, n,
        n_missing, note. `constructs`: dimension, measure (alpha, standardized_alpha, rho_A, rho_c,
        AVE, r_squared, adjusted_r_squared, index, index_sd), … `pairs`: term ("image ~ loyalty"),
        measure (correlation, HTMT), … `cases`: responses with <construct>_score and
        <construct>_index. `fit`: measure, estimate, note.

    Raises
    ------
    DataError
        Answers off the scale, an item without spread, too few complete rows.
    ParameterError
        Blocks or paths that make no model.
    FitError
        Weights do not settle, a regression is singular, or PLSc has no admissible solution.

    Notes
    -----
    Rows with a missing item are left out and counted. Items and scores have variance 1 with n − 1;
    weights start equal. In turn a construct's stand-in is the sum of its neighbors' scores, each
    times its regression coefficient (a cause) or correlation (an effect) by scheme "path", its
    correlation by "factorial", the sign of that by "centroid"; and mode A weights an item by its
    covariance with the stand-in. Below, w are the weights and l the loadings of k items.
    rho_A = (w'w)² (1 − w'w)/((w'w)² − sum(w⁴)).
    rho_c = sum(l)²/(sum(l)² + sum(1 − l²)).
    AVE = sum(l²)/k.
    HTMT = mean |r| between two blocks/sqrt(mean |r| within one × mean |r| within the other).
    f² = gain in R² by the cause/(1 − R²).
    Index = sum(u x), x from 0 to 100, u the weights per item's standard deviation, scaled to 1.
    HTMT is biased upward near 0. Intervals are percentiles of the resamples; one without a solution
    is left out and counted in `note`. p values are t tests, so with few clusters they may disagree.
    `fit` has n, n_missing, iterations, resamples and GoF, which tells no good model from a bad one.

    Assumes: scores are composites of their items, or with consistent=True common factors whose
    errors do not correlate; paths are straight, without circles; rows or clusters are independent.

    Not for: effects between latent constructs by plain mode A, which are off at any n, most too
    small, a weak one beside a strong one also too large; two constructs with HTMT near 1, which are
    one; causes proved by one survey: the arrows are the author's.

    References
    ----------
    Tenenhaus, M. et al. (2005). Comput. Stat. Data Anal. 48:159–205. doi:10.1016/j.csda.2004.03.005
    Dijkstra, T. & Henseler, J. (2015). MIS Quarterly 39:297–316.
    Henseler, J., Ringle, C. & Sarstedt, M. (2015). J. Acad. Mark. Sci. 43:115–135.

    Examples
    --------
    >>> answers = pd.DataFrame({"price": [1, 2, 3, 4, 5], "again": [2, 1, 4, 3, 5]})
    >>> model = path_model(answers, blocks={"value": ["price"], "loyalty": ["again"]},
    ...                    paths=[("value", "loyalty")], scale=(1, 5))
    >>> model.estimates.loc[[0], ["term", "measure", "estimate"]]  # R: cor(price, again)
                   term measure  estimate
    0  value -> loyalty    path       0.8
    """
    require_conf_level(conf_level)
    require_one_of("scheme", scheme, SCHEMES)
    require_one_of("signs", signs, ["construct", "none"])
    require_at_least("max_iterations", max_iterations, 1)
    specification = Specification.of(blocks, paths, modes)
    answers = _answers(responses, specification, scale)
    products = CrossProducts.of(answers, (design or SurveyDesign()).sample(responses))
    moments = _moments(products, specification)
    method = Method(scheme, tolerance, max_iterations, consistent)
    solution = Solution.of(moments, specification, method, specification.member)
    require_solution(solution, method)
    resampled = None
    if n_boot:
        # Turning a resample's score is a choice of sign, which is not to pass for chance.
        turned = solution.structure[0] * specification.member if signs == "construct" else None
        drawn = products.replicates(n_boot=n_boot, seed=require_seed(seed))
        solved = (Solution.of(each, specification, method, turned) for each in drawn)
        resampled = Solution.joined(solved)
    sample, n = products.sample, int(products.n[0, 0])
    df = sample.degrees_of_freedom(~np.isnan(answers).any(axis=1))
    base = Base(n, int(sample.domain.sum()) - n, df, conf_level, resampled)
    scored = _scored(responses, answers, moments, solution)
    relations = quantity_rows(effects, solution, base) + quantity_rows(items, solution, base)
    of_constructs = quantity_rows(lambda one: constructs(one, n), solution, base)
    return PathModel(
        estimates=arrange(effect_tests(relations, df), keys=["term", "measure"]),
        constructs=arrange(of_constructs, keys=["dimension", "measure"]),
        pairs=arrange(quantity_rows(pairs, solution, base), keys=["term", "measure"]),
        cases=scored,
        fit=arrange(fit_rows(solution, base), keys=["measure"]),
        solution=solution,
        base=base,
    )


def _answers(responses: pd.DataFrame, specification: Specification, scale: Scales) -> Array:
    """Answers of all items, from 0 at the low end of their scale to 100 at the high one."""
    scales, answers = scaled_answers(responses, specification.items, scale)
    columns = [(answers[item] - low) / (high - low) for item, (low, high) in scales.items()]
    return 100 * np.column_stack(columns)


def _moments(products: CrossProducts, specification: Specification) -> Moments:
    """Moments with one model along the first axis, where all items have spread."""
    n = int(products.n[0, 0])
    if n < 3:
        raise DataError.because(
            f"{n} respondents answered every item of the model.",
            "Expected at least 3.",
            "Leave out the items with most gaps, or fill these beforehand.",
        )
    moments = products.moments()
    spread = np.isfinite(np.diag(moments.correlation))
    if not spread.all():
        equal = [item for item, has in zip(specification.items, spread, strict=True) if not has]
        raise DataError.because(
            f"All {n} complete answers are equal in: {', '.join(equal)}.",
            "Expected items whose answers differ.",
            "Leave these items out of their blocks.",
        )
    return Moments(moments.mean[None], moments.covariance[None], moments.correlation[None])


def _scored(
    responses: pd.DataFrame, answers: Array, moments: Moments, solution: Solution
) -> pd.DataFrame:
    """Responses with the scores and indices of every respondent who answered all items."""
    names, member = solution.specification.names, solution.specification.member
    complete = np.where(np.isnan(answers).any(axis=1, keepdims=True), np.nan, answers)
    spread = np.sqrt(np.diag(moments.covariance[0]))
    scores = (complete - moments.mean) / spread * solution.weights @ member
    indices = complete * solution.index_weights @ member
    added = {f"{name}_score": column for name, column in zip(names, scores.T, strict=True)}
    added |= {f"{name}_index": column for name, column in zip(names, indices.T, strict=True)}
    taken = [name for name in added if name in responses]
    if taken:
        raise DataError.because(
            f"The table already has: {', '.join(taken)}.",
            "Expected free names for the scores and indices.",
            "Rename these columns, or the construct.",
        )
    return responses.assign(**added)
