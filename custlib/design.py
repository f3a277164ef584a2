"""How the sample was drawn: weights, strata, clusters and finite populations."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric, require_weights
from custlib.errors import DataError, ParameterError
from custlib.groups import group_codes
from custlib.variance import Sample

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class SurveyDesign:
    """Columns that say how respondents came into the sample, like R's `svydesign`.

    Parameters
    ----------
    weight : str, optional
        Column of survey weights, positive. Without it every respondent weighs the same.
    stratum : str, optional
        Column of strata sampled separately.
    cluster : str, optional
        Column of primary sampling units, such as the firm several respondents belong to.
    population : str, int or mapping, optional
        Clusters in the population (respondents, where there is no cluster): a column, one
        number, or a number per stratum. Gives the finite population correction.
    cluster_population : str, optional
        Column with the number of people in each cluster: adds the second stage's variance.
    base_weight : str, optional
        Weights before raking; set by `rake`. Without it all were equal.
    margins : tuple of str, or of tuples of str for crossed columns
        Columns raked on; standard errors then use the residuals on these margins.
    domain : str, optional
        Column of true and false: results are about the true rows, the variance about all.

    Notes
    -----
    The variance of a weighted total sum(z) is
    sum_h (1 - n_h/N_h) n_h/(n_h - 1) sum_i (z_hi - mean z_h)^2 over clusters i in strata h,
    z_hi being the cluster's sum; any other estimate enters through its linearized values.
    Raked weights replace z/w by its residual from the regression on the margins weighted with
    the base weights (Deville & Särndal 1992). A domain keeps every cluster: rows outside it
    have z = 0. A respondent without a cluster is a cluster of one; rows without a stratum form
    a stratum of their own.

    References
    ----------
    Cochran, W. (1977). Sampling Techniques, 3rd ed. Wiley.
    Deville, J.-C. & Särndal, C.-E. (1992). JASA 87:376–382. doi:10.1080/01621459.1992.10475217

    Examples
    --------
    >>> firms = pd.DataFrame({"firm": ["a", "a", "b", "c"], "rating": [4, 5, 2, 3]})
    >>> sample = SurveyDesign(cluster="firm", population=10).sample(firms)
    >>> round(sample.mean(firms["rating"]).std_error, 3)  # R: svydesign(~firm, fpc = ~N)
    0.653
    """

    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    population: str | int | Mapping | None = None
    cluster_population: str | None = None
    base_weight: str | None = None
    margins: tuple[str | tuple[str, ...], ...] = ()
    domain: str | None = None

    def sample(self, responses: pd.DataFrame) -> Sample:
        """Bind the design to a table: checked weights, strata, clusters and corrections."""
        column = self.population if isinstance(self.population, str) else None
        named = [self.weight, self.stratum, self.cluster, column, self.cluster_population]
        crossed = [(name,) if isinstance(name, str) else name for name in self.margins]
        named += [self.base_weight, self.domain, *(name for names in crossed for name in names)]
        require_columns(responses, named)
        n = len(responses)
        weights = require_weights(responses, self.weight)
        base = require_weights(responses, self.base_weight)
        strata, names = group_codes(responses, self.stratum)
        if self.cluster is None:
            clusters = np.arange(n)
        else:
            clusters, _ = group_codes(responses, self.cluster, missing_alone=True)
        of_cluster = _stratum_of_clusters(responses, strata, clusters, self)
        sizes = np.bincount(of_cluster, minlength=len(names))
        fraction = _sampled_fraction(responses, self.population, strata, names, sizes)
        _require_two_clusters(names, sizes, fraction, self.stratum)
        second = None
        if self.cluster_population is not None:
            second = _second_stage(responses, self.cluster_population, clusters)
        margins = np.column_stack(
            [_indicators(responses, names) for names in crossed] or [np.empty((n, 0))]
        )
        based = base[:, None] * margins
        # Margins overlap (each sums to 1), so the normal equations need the pseudo-inverse.
        projection = np.linalg.pinv(margins.T @ based, rcond=1e-12, hermitian=True) @ based.T
        sampled = (weights, strata, clusters, of_cluster, fraction, second)
        return Sample(*sampled, margins, projection, _domain(responses, self.domain))


def _domain(responses: pd.DataFrame, column: str | None) -> Array:
    """Rows that results are about; a gap is neither inside nor outside."""
    if column is None:
        return np.ones(len(responses), bool)
    unclear = np.flatnonzero(~responses[column].isin([True, False]))
    if len(unclear):
        rows = responses.index[unclear[:5]].tolist()
        raise DataError.because(
            f"The domain {column!r} is neither true nor false in {len(unclear)} rows; first at "
            f"rows {rows}.",
            "Expected true or false in every row.",
            "Decide for each row whether results are about it.",
        )
    return responses[column].to_numpy(bool)


def _indicators(responses: pd.DataFrame, columns: tuple[str, ...]) -> Array:
    """One column of zeros and ones per combination of categories that occurs."""
    codes, _ = group_codes(responses, columns[0])
    for column in columns[1:]:
        more, others = group_codes(responses, column)
        codes = codes * len(others) + more
    codes = np.unique(codes, return_inverse=True)[1]
    return np.eye(codes.max(initial=-1) + 1)[codes]


def _stratum_of_clusters(
    responses: pd.DataFrame, strata: Array, clusters: Array, design: SurveyDesign
) -> Array:
    first = np.unique(clusters, return_index=True)[1]
    of_cluster = strata[first]
    torn = np.flatnonzero(of_cluster[clusters] != strata)
    if len(torn):
        names = responses[design.cluster].iloc[torn].drop_duplicates().head(5).tolist()
        raise DataError.because(
            f"Clusters of {design.cluster!r} in more than one stratum of {design.stratum!r}; "
            f"first: {', '.join(map(str, names))}.",
            "Expected every cluster to lie in one stratum.",
            "Correct the stratum of these rows, or give the parts of a cluster names of their own.",
        )
    return of_cluster


def _sampled_fraction(
    responses: pd.DataFrame,
    population: str | int | Mapping | None,
    strata: Array,
    names: list,
    sizes: Array,
) -> Array:
    """Sampled share of each stratum's clusters; zero where the population is not known."""
    if population is None:
        return np.zeros(len(names))
    if isinstance(population, str):
        known = _constant_per_group(responses, population, strata, names)
    elif isinstance(population, Mapping):
        lost = [name for name in names if name not in population]
        if lost:
            raise ParameterError.because(
                f"population has no number for: {', '.join(map(str, lost))}.",
                f"Expected one for each stratum: {', '.join(map(str, names))}.",
                "Add the missing strata to population.",
            )
        known = np.array([population[name] for name in names], float)
    elif len(names) > 1:
        raise ParameterError.because(
            f"population is {population}, one number for {len(names)} strata.",
            "Expected one number for each stratum.",
            f"Pass a mapping with the keys {', '.join(map(str, names))}.",
        )
    else:
        known = np.array([population], float)
    short = np.flatnonzero(~(known >= sizes))
    if len(short):
        listed = ", ".join(f"{names[at]} ({sizes[at]} of {known[at]:g})" for at in short[:5])
        raise DataError.because(
            f"More clusters in the sample than in the population: {listed}.",
            "Expected the population to be at least as large as the sample in every stratum.",
            "Correct the population sizes, or leave the population out.",
        )
    return sizes / known


def _constant_per_group(responses: pd.DataFrame, column: str, codes: Array, names: list) -> Array:
    values = require_numeric(responses, column, finite=False)
    found = np.full(len(names), np.nan)
    found[codes] = values
    wrong = np.flatnonzero(~(values == found[codes]))
    if len(wrong):
        rows = responses.index[wrong[:5]].tolist()
        raise DataError.because(
            f"{column!r} is missing or differs between rows of one group, first at rows {rows}.",
            "Expected one number that is the same in all rows of a stratum (or cluster).",
            "Correct the column, or pass the sizes as a mapping.",
        )
    return found


def _require_two_clusters(names: list, sizes: Array, fraction: Array, stratum: str | None) -> None:
    lonely = np.flatnonzero((sizes == 1) & (fraction < 1))
    if stratum is not None and len(lonely):
        raise DataError.because(
            f"Strata of {stratum!r} with a single cluster: "
            f"{', '.join(str(names[at]) for at in lonely[:5])}.",
            "Expected at least two clusters in every stratum, or its variance is unknown.",
            "Merge the stratum with its nearest neighbour before the analysis.",
        )


def _second_stage(responses: pd.DataFrame, column: str, clusters: Array) -> Array:
    names = list(range(int(clusters.max()) + 1))
    people = _constant_per_group(responses, column, clusters, names)
    sizes = np.bincount(clusters)
    short = np.flatnonzero(people < sizes)
    if len(short):
        rows = responses.index[np.isin(clusters, short)][:5].tolist()
        raise DataError.because(
            f"{column!r} is smaller than the respondents of its cluster, first at rows {rows}.",
            "Expected the number of all people in the cluster.",
            "Correct the column, or leave cluster_population out.",
        )
    return sizes / people
