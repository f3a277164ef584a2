"""Association of groups and answers in a two-way table, plain and under a survey design."""

import numpy as np
from scipy import stats

from custlib.survey.comparison.effect_sizes import share_explained
from custlib.survey.comparison.rank_tests import ALL_EQUAL, FEW_CLUSTERS
from custlib.variance import Sample

Array = np.ndarray
Row = dict[str, float | str]


def cross_table(codes: Array, answers: Array, weights: Array | None = None) -> Array:
    """Weighted counts of groups (rows) by answers (columns); empty ones of either are left out."""
    shape = int(codes.max()) + 1, int(answers.max()) + 1
    cells = np.bincount(codes * shape[1] + answers, weights, minlength=shape[0] * shape[1])
    counts = cells.reshape(shape).astype(float)
    return counts[counts.any(axis=1)][:, counts.any(axis=0)]


def expected_counts(table: Array) -> Array:
    """Counts that margins alone would give."""
    return np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()


def chi_square(answers: Array, codes: Array, sample: Sample | None, conf_level: float) -> Row:
    """Do the groups spread their answers differently? Order of the answers is not used."""
    inside = codes >= 0
    n = int(inside.sum())
    weights = np.ones(n) if sample is None else sample.weights[inside]
    table = cross_table(codes[inside], answers[inside], weights * n / weights.sum())
    row: Row = {"effect_kind": "Cramér's V", "method": "chi-square"}
    if min(table.shape) < 2:
        return row | {"note": ALL_EQUAL}
    expected = expected_counts(table)
    pearson = float(((table - expected) ** 2 / expected).sum())
    squared = pearson / (n * (min(table.shape) - 1))
    effect = float(np.sqrt(squared))
    row |= {"estimate": effect, "effect": effect}
    if sample is None:
        statistic, df = pearson, float((table.shape[0] - 1) * (table.shape[1] - 1))
        row |= {"statistic": statistic, "df": df, "p_value": stats.chi2.sf(statistic, df)}
    else:
        row["method"] = "Rao–Scott second order, F"
        trace, df = _generalized_effects(answers, codes, table, sample)
        denominator = df * sample.degrees_of_freedom(inside)
        if not (denominator > 0 and trace > 0):
            return row | {"note": FEW_CLUSTERS}
        statistic = pearson / trace * df
        row |= {"statistic": pearson / trace, "df": df, "df_denominator": denominator}
        row["p_value"] = stats.f.sf(pearson / trace, df, denominator)
    low, high = share_explained(squared, statistic, df, conf_level=conf_level)[1]
    few = int((expected < 5).sum())
    note = f"{few} of {expected.size} expected counts below 5" if few else ""
    ends: Row = {"ci_low": low, "ci_high": high, "effect_low": low, "effect_high": high}
    return row | ends | {"note": note}


def _generalized_effects(
    answers: Array, codes: Array, table: Array, sample: Sample
) -> tuple[float, float]:
    """Sum of the generalized design effects and the numerator df (sum squared / sum of squares)."""
    inside = codes >= 0
    n, weights = int(inside.sum()), sample.weights[inside]
    shares = table.ravel() / table.sum()
    contrasts = _interaction(*table.shape)
    scaled = np.divide(1, shares, out=np.zeros_like(shares), where=shares > 0)[:, None] * contrasts
    cells = _position(codes[inside]) * table.shape[1] + _position(answers[inside])
    influence = np.zeros((len(codes), contrasts.shape[1]))
    influence[inside] = (scaled[cells] - shares @ scaled) * (weights / weights.sum())[:, None]
    effects = np.linalg.solve(contrasts.T @ scaled / n, sample.covariance(influence))
    trace = float(np.trace(effects))
    return trace, trace**2 / float(np.trace(effects @ effects)) if trace > 0 else np.nan


def _position(codes: Array) -> Array:
    """Place of each code among the codes that occur."""
    return (np.cumsum(np.bincount(codes) > 0) - 1)[codes]


def _interaction(rows: int, columns: int) -> Array:
    """Interaction contrasts of the cells that are orthogonal to both margins."""
    cells = [np.repeat(np.eye(rows), columns, axis=0), np.tile(np.eye(columns), (rows, 1))]
    margins = np.hstack(cells)
    products = np.einsum("ij,ik->ijk", cells[0][:, 1:], cells[1][:, 1:]).reshape(len(margins), -1)
    return products - margins @ np.linalg.lstsq(margins, products, rcond=None)[0]
