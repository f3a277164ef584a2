"""How many segments: what each rule says, one segment included."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from custlib.checks import require_seed, require_whole
from custlib.columns import arrange
from custlib.errors import FitError, ParameterError
from custlib.segmentation.clusters.dispersion import (
    calinski_harabasz,
    log_dispersion,
    silhouettes,
    sums_of_squares,
)
from custlib.segmentation.clusters.partition import COARSE, Partition, partitions
from custlib.segmentation.clusters.points import LARGEST, Points, read_points
from custlib.segmentation.clusters.segments import SILHOUETTE_ROWS, note_of, sampled, undefined

Array = np.ndarray
GAP_ROWS = 5_000


def cluster_choice(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    k_range: tuple[int, int] = (1, 8),
    method: str = "kmeans",
    scale: str | None = None,
    n_reference: int = 50,
    distance_power: int = 2,
    n_starts: int = 5,
    seed: int,
) -> pd.DataFrame:
    """Silhouette, gap, Calinski–Harabasz and BIC per number of segments, and what each takes.

    Parameters
    ----------
    customers, variables, method, scale, seed : as in `cluster_customers`
    k_range : (int, int), default (1, 8)
        Fewest and most segments; the gap always begins at 1, since its rules do.
    n_reference : int, default 50
        Uniform tables the gap compares with; 0 leaves it out. k-means and Ward only.
    n_starts : int, default 5
        Random starts, of the customers' fits and of the reference's alike.
    distance_power : {2, 1}, default 2
        Power of the distances in the gap; 2 is the paper's, 1 the default of R's `clusGap`.

    Returns
    -------
    DataFrame, one row per number of segments and measure
        clusters, measure (silhouette, calinski_harabasz, bic, gap, log_dispersion), estimate,
        std_error (gap: s_k), n (customers it rests on), n_missing, verdict (the rules that take
        this number: "largest silhouette", "largest calinski_harabasz", "smallest bic",
        "firstSEmax", "Tibs2001SEmax", "globalSEmax"; "" if none), method, note.

    Raises
    ------
    DataError, ParameterError
        As in `cluster_customers`, or a range that is not one.

    Notes
    -----
    Only the gap and BIC can say one. gap(k) = mean of log W(k) over uniform tables − log W(k) of
    the data, W half the pooled within-segment sum of squares. Uniform is in the box of the
    principal components ("scaledPCA"); s_k = sd √(1 + 1/n_reference). "Tibs2001SEmax": the smallest
    k with gap(k) ≥ gap(k+1) − s_(k+1); "firstSEmax": the smallest k within one s of the first local
    maximum; "globalSEmax": the smallest k within one s of the largest gap. The first two stop at
    one where the gap dips at two, as segments of unequal size can make it; the third says more than
    one of a uniform square in one table of four. Long tails are no uniform box: on skewed amounts
    the gap sees many segments; take scale="rank" or logarithms. Above 5,000 customers the gap,
    above 20,000 the silhouette, is that of a sample. BIC: −2 log L + df log n.

    Assumes: segments are compact on the scale used: round and of like spread for silhouette and
    Calinski–Harabasz, normal clouds for BIC.

    Not for: a count of votes: rules that differ say that no number is clear (`segment_stability`
    for each). Answers in categories have their own, `latent_class_choice`.

    References
    ----------
    Tibshirani, R., Walther, G. & Hastie, T. (2001). J. R. Statist. Soc. B 63:411–423.
    doi:10.1111/1467-9868.00293. Dudoit, S. & Fridlyand, J. (2002). Genome Biology 3:0036.

    Examples
    --------
    >>> firms = pd.DataFrame({"n_orders": [1, 2, 3, 30, 31, 32], "amount": [9, 8, 9, 70, 80, 75]})
    >>> found = cluster_choice(firms, variables=["n_orders", "amount"], k_range=(1, 4), seed=1)
    >>> found.loc[found["verdict"] == "largest silhouette", "clusters"].tolist()
    [2]
    >>> # R: cluster::silhouette
    """
    seed, n_starts = require_seed(seed), require_whole("n_starts", n_starts, 1)
    n_reference = require_whole("n_reference", n_reference, 2 if n_reference else 0)
    if distance_power not in (1, 2):
        raise ParameterError.not_one_of("distance_power", distance_power, [1, 2])
    _require_range(k_range)
    points = read_points(customers, variables=variables, method=method, scale=scale)
    ks = [*range(int(k_range[0]), int(k_range[1]) + 1)]
    points.require_distinct_rows(ks[-1])
    note, lacking = note_of(points), int(points.lacking.sum())
    common = {"n_missing": lacking, "method": f"{method}, scale {points.scale}", "verdict": ""}
    common |= {"n": len(points), "note": note}
    rows = [common | row for row in _fits(points, ks, n_starts, seed)]
    if n_reference and method in ("kmeans", "ward"):
        at = sampled(points, min(GAP_ROWS, LARGEST.get(method, GAP_ROWS)), seed)
        drawn = {"n": len(at), "note": _joined(note, len(at), len(points))}
        options = (n_reference, distance_power, n_starts, seed)
        rows += [common | drawn | row for row in _gaps(points.rows(at), ks[-1], *options)]
    table = arrange(rows, keys=["clusters", "measure"])
    return table.sort_values("clusters", kind="stable", ignore_index=True)


def first_se_max(gap: Array, error: Array) -> int:
    """Smallest k within one standard error of the first local maximum (R's `firstSEmax`)."""
    falls = np.flatnonzero(np.diff(gap) <= 0)
    return _within_one(gap, error, falls[0] if len(falls) else len(gap) - 1)


def global_se_max(gap: Array, error: Array) -> int:
    """Smallest k within one standard error of the largest gap (R's `globalSEmax`)."""
    return _within_one(gap, error, int(gap.argmax()))


def tibshirani_se_max(gap: Array, error: Array) -> int:
    """Smallest k whose gap is within one standard error of the next (R's `Tibs2001SEmax`)."""
    found = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(found[0]) + 1 if len(found) else len(gap)


def _within_one(gap: Array, error: Array, peak: int) -> int:
    return int(np.flatnonzero(gap[: peak + 1] >= gap[peak] - error[peak])[0]) + 1


GAP_RULES = {
    "firstSEmax": first_se_max,
    "Tibs2001SEmax": tibshirani_se_max,
    "globalSEmax": global_se_max,
}


def _fits(points: Points, ks: list[int], n_starts: int, seed: int) -> list[dict]:
    """Rows of the measures of one table: silhouette, Calinski–Harabasz, BIC."""
    parts = _parts(points, ks, n_starts, seed)
    found = [at for at, part in enumerate(parts) if part is not None]
    at = sampled(points, SILHOUETTE_ROWS, seed)
    widths = silhouettes(points.rows(at), [part.labels[at] for part in parts if part])
    drawn = {"n": len(at), "note": _joined(note_of(points), len(at), len(points))}
    width = dict(zip(found, widths, strict=True))
    values = {"silhouette": [width.get(one, np.nan) for one in range(len(ks))]}
    if points.distances is None:
        both = zip(parts, ks, strict=True)
        values["calinski_harabasz"] = [_index(points, part, k) for part, k in both]
    if _mixture(points):
        values["bic"] = [_bic(part, len(points)) for part in parts]
    rows = []
    for measure, numbers in values.items():
        wanted = _best(np.array(numbers), smallest=measure == "bic")
        rule = f"{'smallest' if measure == 'bic' else 'largest'} {measure}"
        for one, k in enumerate(ks):
            row = {"clusters": k, "measure": measure, "estimate": numbers[one]}
            row |= drawn if measure == "silhouette" else {}
            if parts[one] is None:
                row["note"] = "the mixture did not converge, or left a part empty"
            elif np.isnan(numbers[one]):
                noted = [str(row.get("note", note_of(points))), undefined(measure, k)]
                row["note"] = "; ".join(filter(None, noted))
            rows.append(row | ({"verdict": rule} if one == wanted else {}))
    return rows


def _gaps(
    points: Points, most: int, n_reference: int, power: int, n_starts: int, seed: int
) -> list[dict]:
    """Rows of the gap and of log W from one segment to the most."""
    ks = [*range(1, most + 1)]
    first, *streams = np.random.SeedSequence(seed).spawn(n_reference + 1)

    def dispersions(one: Points, stream: np.random.SeedSequence, end: float = 0) -> list[float]:
        parts = partitions(one, ks, n_starts=n_starts, seed=stream, tolerance=end)
        return [log_dispersion(one.values, part.labels, power) for part in parts]

    observed = np.array(dispersions(points, first))
    reference = [dispersions(_uniform(points, stream), stream, COARSE) for stream in streams]
    gap = np.mean(reference, axis=0) - observed
    error = np.std(reference, axis=0, ddof=1) * np.sqrt(1 + 1 / n_reference)
    taken: dict[int, list[str]] = {k: [] for k in ks}
    for name, rule in GAP_RULES.items():
        taken[rule(gap, error)].append(name)
    rows = []
    for at, k in enumerate(ks):
        row = {"clusters": k, "measure": "gap", "estimate": gap[at], "std_error": error[at]}
        rows.append(row | {"verdict": ", ".join(taken[k])})
        rows.append({"clusters": k, "measure": "log_dispersion", "estimate": observed[at]})
    return rows


def _uniform(points: Points, stream: np.random.SeedSequence) -> Points:
    """As many points, uniform in the box of the principal components."""
    centre = points.values.mean(axis=0)
    turned = np.linalg.svd(points.values - centre, full_matrices=False)[2]
    along = (points.values - centre) @ turned.T
    draw = np.random.default_rng(stream).uniform(along.min(0), along.max(0), along.shape)
    return points.with_values(draw @ turned + centre)


def _parts(points: Points, ks: list[int], n_starts: int, seed: int) -> list[Partition | None]:
    """The points cut into each number of parts; None where a mixture did not converge."""
    stream = np.random.SeedSequence(seed)
    if not _mixture(points):
        return [*partitions(points, ks, n_starts=n_starts, seed=stream)]
    found: list[Partition | None] = []
    for k in ks:
        try:
            found += partitions(points, [k], n_starts=n_starts, seed=stream)
        except FitError:
            found.append(None)
    return found


def _index(points: Points, part: Partition | None, k: int) -> float:
    if part is None:
        return np.nan
    return calinski_harabasz(*sums_of_squares(points.values, part.labels), len(points), k)


def _bic(part: Partition | None, n: int) -> float:
    if part is None:
        return np.nan
    return part.parameters * np.log(n) - 2 * part.log_likelihood


def _best(values: Array, *, smallest: bool) -> int:
    """Place of the best value, the first of equals; -1 where none is defined."""
    if np.isnan(values).all():
        return -1
    return int(np.nanargmin(values) if smallest else np.nanargmax(values))


def _mixture(points: Points) -> bool:
    return points.method == "gaussian_mixture"


def _joined(note: str, drawn: int, n: int) -> str:
    return "; ".join(filter(None, [note, f"of a sample of {drawn} customers" if drawn < n else ""]))


def _require_range(k_range: tuple[int, int]) -> None:
    low, high = k_range
    if not 1 <= low <= high or high < 2 or low != int(low) or high != int(high):
        raise ParameterError.because(
            f"k_range is {tuple(k_range)}.",
            "Expected two whole numbers, the fewest segments (1 or more) and the most (2 or more).",
            "Pass k_range=(1, 8), or another.",
        )
