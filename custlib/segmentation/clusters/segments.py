"""Customers put into segments by their resemblance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_new_columns, require_seed, require_whole
from custlib.columns import arrange
from custlib.segmentation.clusters.dispersion import (
    calinski_harabasz,
    distances_to_centres,
    silhouettes,
    sums_of_squares,
)
from custlib.segmentation.clusters.partition import Partition, partitions
from custlib.segmentation.clusters.points import Points, read_points
from custlib.segmentation.clusters.profiles import quantities

Array = np.ndarray
SILHOUETTE_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class CustomerClusters:
    """Centres of the segments, the customers with their segment, and how well they separate."""

    estimates: pd.DataFrame
    cases: pd.DataFrame
    fit: pd.DataFrame


def cluster_customers(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    k: int,
    method: str = "kmeans",
    scale: str | None = None,
    segment: str = "segment",
    n_starts: int = 10,
    seed: int,
) -> CustomerClusters:
    """Segments "1", "2", … of customers that resemble each other, the largest first.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    variables : list of str
        Numbers; with method "gower" also text, categories, and true or false.
    k : int
        Segments wanted.
    method : {"kmeans", "ward", "gaussian_mixture", "gower"}, default "kmeans"
        "ward" takes at most 10,000 customers, "gower" (average linkage) at most 5,000.
    scale : {"z", "rank", "none"}, optional
        "z", the default: over the standard deviation with n − 1, R's `scale`; "rank": ranks, then
        z. Not with "gower", which divides by the range.
    segment : str, default "segment"
        Name of the column of labels; the other new columns begin with it.
    n_starts : int, default 10
        Random starts of k-means and the mixture; the best is kept, that of k-means after moves
        of single customers while one helps (Hartigan).
    seed : int

    Returns
    -------
    CustomerClusters
        `.estimates`: segment, item, group (category, "" for a number), measure ("mean", "share"),
        estimate in the variable's own unit, n, n_missing.
        `.cases`: the rows, and segment, segment_distance (to the segment's mean, on the scale
        used; "gower": mean distance to the segment's others) or segment_probability (mixture),
        segment_note (why a customer has no segment).
        `.fit`: measure (within_ss, between_ss, calinski_harabasz on the scale used; silhouette;
        merge_height for trees; log_likelihood, bic for the mixture), estimate, df, n, n_missing,
        method, note.

    Raises
    ------
    DataError
        Text without "gower", infinite or constant values, fewer different rows than k.
    FitError
        The mixture did not converge.

    Notes
    -----
    A customer without a value in some variable has no segment, and counts in n_missing; "gower"
    compares what two customers both have. Segments of equal size are ordered by their means. bic =
    −2 log L + df log n. The smaller the better, covariances are full; where a variable takes few
    values a component can collapse on one, which makes it far too good. Above 20,000 customers the
    silhouette is that of a sample.

    Assumes: one row a customer; nearness on `scale` means likeness, each variable weighing alike.
    k-means and Ward look for round segments of like spread, the mixture for normal clouds.

    Not for: proof that segments exist, as k are found in noise too (`segment_stability`), codes of
    answers (`latent_classes`, or "gower"), or money with a long tail on scale "z" (take ranks or
    logarithms).

    References
    ----------
    Ward, J. (1963). JASA 58:236–244. Gower, J. (1971). Biometrics 27:857–871.

    Examples
    --------
    >>> firms = pd.DataFrame({"n_orders": [1, 2, 1, 30, 31], "amount": [10, 12, 11, 90, 95]})
    >>> found = cluster_customers(firms, variables=["n_orders", "amount"], k=2, seed=1)
    >>> found.cases["segment"].tolist()  # R: kmeans(scale(firms), 2)
    ['1', '1', '1', '2', '2']
    """
    seed, k = require_seed(seed), require_whole("k", k, 1)
    n_starts = require_whole("n_starts", n_starts, 1)
    measure = "probability" if method == "gaussian_mixture" else "distance"
    require_new_columns(customers, [segment, f"{segment}_{measure}", f"{segment}_note"])
    points = read_points(customers, variables=variables, method=method, scale=scale)
    part = segmented(points, k, n_starts=n_starts, seed=seed)
    return CustomerClusters(
        _centres(customers, variables, points, part.labels),
        _cases(customers, variables, points, part, (segment, f"{segment}_{measure}")),
        _fit(points, part, k, n_starts, seed),
    )


def segmented(points: Points, k: int, *, n_starts: int, seed: int) -> Partition:
    """The points cut into k parts, numbered from the largest; equals in order of their means."""
    points.require_distinct_rows(k)
    part = partitions(points, [k], n_starts=n_starts, seed=np.random.SeedSequence(seed))[0]
    count = part.labels.max() + 1
    members = [np.flatnonzero(part.labels == label) for label in range(count)]

    def rank(label: int) -> tuple:
        at = members[label]
        # Codes of categories have no mean; the points are sorted, so their first row decides.
        means = points.values[at].mean(axis=0) if points.distances is None else at[:1]
        return (-len(at), *means)

    place = np.empty(count, int)
    place[sorted(range(count), key=rank)] = np.arange(count)
    heights = {"log_likelihood": part.log_likelihood, "height": part.height}
    return Partition(place[part.labels], part.probability, parameters=part.parameters, **heights)


def note_of(points: Points) -> str:
    """How many customers have no segment, in words."""
    lacking = int(points.lacking.sum())
    if not lacking:
        return ""
    left_out = "1 customer has" if lacking == 1 else f"{lacking} customers have"
    return f"{left_out} no segment, since a value is missing"


def undefined(measure: str, k: int) -> str:
    """Why a measure of so many segments has no number, in words."""
    one = k == 1 or measure == "silhouette"
    return "not defined for one segment" if one else "no spread inside the segments"


def sampled(points: Points, size: int, seed: int) -> Array:
    """Positions of at most `size` points drawn without replacement, ascending."""
    if len(points) <= size:
        return np.arange(len(points))
    draw = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(size,)))
    return np.sort(draw.choice(len(points), size, replace=False))


def _centres(
    customers: pd.DataFrame, variables: Sequence[str], points: Points, labels: Array
) -> pd.DataFrame:
    rows = []
    codes = np.full(len(customers), -1)
    codes[points.where] = labels
    columns = {name: quantities(customers[name]) for name in variables}
    for label in range(labels.max() + 1):
        inside = codes == label
        for name, (measure, levels) in columns.items():
            for group, values in levels:
                present = values[inside & ~np.isnan(values)]
                row = {"segment": str(label + 1), "item": name, "group": group}
                row |= {"measure": measure, "n": len(present)}
                row["estimate"] = present.mean() if len(present) else np.nan
                rows.append(row | {"n_missing": int(inside.sum()) - len(present)})
    return arrange(rows, keys=["segment", "item", "group", "measure"])


def _cases(
    customers: pd.DataFrame,
    variables: Sequence[str],
    points: Points,
    part: Partition,
    names: tuple[str, str],
) -> pd.DataFrame:
    label = np.full(len(customers), None, object)
    label[points.where] = [str(one + 1) for one in part.labels]
    measured = np.full(len(customers), np.nan)
    measured[points.where] = _closeness(points, part)
    note = np.full(len(customers), "", object)
    absent = customers[list(variables)].isna().to_numpy()
    for at in np.flatnonzero(points.lacking):
        lacking = [name for name, gone in zip(variables, absent[at], strict=True) if gone]
        note[at] = f"missing: {', '.join(map(str, lacking))}"
    segment, closeness = names
    return customers.assign(
        **{
            segment: pd.array(label, dtype="str"),
            closeness: measured,
            f"{segment}_note": pd.array(note, dtype="str"),
        }
    )


def _closeness(points: Points, part: Partition) -> Array:
    if part.probability is not None:
        return part.probability
    if points.distances is None:
        return distances_to_centres(points.values, part.labels)
    same = np.eye(part.labels.max() + 1)[part.labels]
    others = np.bincount(part.labels)[part.labels] - 1
    total = (points.distances @ same)[np.arange(len(points)), part.labels]
    return np.where(others > 0, total / np.maximum(others, 1), np.nan)


def _fit(points: Points, part: Partition, k: int, n_starts: int, seed: int) -> pd.DataFrame:
    n, note = len(points), note_of(points)
    common = {"n": n, "n_missing": int(points.lacking.sum()), "note": note}
    starts = (
        f", best of {n_starts} starts" if points.method in ("kmeans", "gaussian_mixture") else ""
    )
    common["method"] = f"{points.method}, scale {points.scale}{starts}"
    rows = []
    if points.distances is None:
        within, between = sums_of_squares(points.values, part.labels)
        index = calinski_harabasz(within, between, n, k)
        rows += [("within_ss", within), ("between_ss", between), ("calinski_harabasz", index)]
    if points.method in ("ward", "gower"):
        rows.append(("merge_height", part.height))
    at = sampled(points, SILHOUETTE_ROWS, seed)
    width = silhouettes(points.rows(at), [part.labels[at]])[0]
    rows.append(("silhouette", width))
    sample = f"of a sample of {len(at)} customers" if len(at) < n else ""
    table = []
    for name, value in rows:
        said = [note, sample if name == "silhouette" else ""]
        said += [undefined(name, k)] * bool(np.isnan(value))
        row = {"measure": name, "estimate": value, "note": "; ".join(filter(None, said))}
        table.append(common | row)
    if part.probability is not None:
        bic = part.parameters * np.log(n) - 2 * part.log_likelihood
        for name, value in (("log_likelihood", part.log_likelihood), ("bic", bic)):
            table.append(common | {"measure": name, "estimate": value, "df": part.parameters})
    return arrange(table, keys=["measure"])
