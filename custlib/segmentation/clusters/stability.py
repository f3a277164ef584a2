"""Would other customers of the same kind show the same segments, and would noise do so too?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_seed, require_whole
from custlib.columns import arrange
from custlib.errors import FitError, ParameterError
from custlib.intervals import t_interval, wilson
from custlib.segmentation.clusters.partition import COARSE, Partition, partitions
from custlib.segmentation.clusters.points import Points, read_points
from custlib.segmentation.clusters.segments import note_of, segmented

Array = np.ndarray
Stream = np.random.SeedSequence
STABLE, PATTERN, DISSOLVED = 0.75, 0.6, 0.5
RESTARTS = 5  # random starts in a resample
NOISE_RESAMPLES = 3  # few, so that a noise table's mean varies more than the segments' own
CHANCE = 0.05  # noise may reach a segment this often
NO_MORE = "no more stable than noise"
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Noise:
    """Mean Jaccard of the segments of each table of one kind of noise, NaN if it failed."""

    kind: str
    jaccard: Array

    @property
    def mean(self) -> float:
        """Over the tables that could be cut; NaN if none."""
        tables = self.jaccard[~np.isnan(self.jaccard)]
        return float(tables.mean()) if len(tables) else np.nan

    def chance(self, jaccard: float) -> float:
        """Share of tables, the customers' own counted in, that are as stable."""
        tables = self.jaccard[~np.isnan(self.jaccard)]
        return (1 + int((tables >= jaccard - ROUNDING).sum())) / (1 + len(tables))


def segment_stability(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str],
    k: int,
    method: str = "kmeans",
    scale: str | None = None,
    n_boot: int = 100,
    n_noise: int = 20,
    n_starts: int = 10,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Jaccard (0–1) of each segment with its like in resamples, and the same for pure noise.

    Parameters
    ----------
    customers, variables, k, method, scale, n_starts, seed : as in `cluster_customers`
        The same arguments give the same segments.
    n_boot : int, default 100
        Resamples of the customers.
    n_noise : int, default 20
        Tables of each kind of noise, at least 19; 0 leaves noise out, and verdicts say so.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        segment, measure, estimate, monte_carlo_error, ci_low, ci_high, conf_level, p_value, n,
        n_missing, numerator, denominator, verdict, method, note. Per segment: jaccard (verdict
        "stable" from .75, "pattern" from .60, else "doubtful"; "no more stable than noise"),
        recovered and dissolved (share of resamples above .75, and up to .5). Segment "all":
        jaccard (mean of the segments; p_value: how often noise reaches it; verdict "more stable
        than noise", or not), and noise_normal and noise_uniform, or noise_shuffled (mean over the
        tables), each also with _largest.

    Raises
    ------
    DataError, ParameterError, FitError
        As in `cluster_customers`, or no segments to compare (k below 2).

    Notes
    -----
    A resample draws n customers with replacement; one drawn more than once is kept once, and both
    partitions are compared on the customers drawn (fpc's `clusterboot`, its default). Scaling is
    that of the whole table. The interval of jaccard is that of its mean over resamples, from
    chance alone. Two halves of noise can be very stable: noise is normal, or uniform in a box,
    with the variables' covariances, or with "gower" the columns shuffled. p_value =
    (1 + noise tables at least as stable)/(1 + tables), the larger of the kinds. Above .05 no
    segment is called stable, nor is one that is below the mean of the noise. Skewed variables are
    neither kind: a long tail makes a stable segment without a gap; take scale="rank". Real
    segments may fail, as the halves of a long cloud come back just as surely: two more than three,
    and in small tables. `cluster_choice` looks at the gap between them instead.

    Assumes: customers are independent draws, each once; the noise stands for what a base without
    segments can look like.

    Not for: usefulness, or truth, of segments: what comes back may be a cut through one cloud.
    Agreement of two given labelings is `segment_agreement`.

    References
    ----------
    Hennig, C. (2007). Comput. Statist. Data Anal. 52:258–271. doi:10.1016/j.csda.2006.11.025

    Examples
    --------
    >>> firms = pd.DataFrame({"n_orders": [1, 2, 3, 4, 30, 31, 32, 33]})
    >>> found = segment_stability(firms, variables=["n_orders"], k=2, n_noise=0, seed=1)
    >>> found.loc[found["measure"] == "jaccard", "verdict"].tolist()
    ['noise not looked at', 'stable', 'stable']
    """
    require_conf_level(conf_level)
    seed, k, n_boot = (
        require_seed(seed),
        require_whole("k", k, 2),
        require_whole("n_boot", n_boot, 2),
    )
    n_starts, n_noise = require_whole("n_starts", n_starts, 1), require_whole("n_noise", n_noise, 0)
    _require_noise(n_noise)
    points = read_points(customers, variables=variables, method=method, scale=scale)
    labels = segmented(points, k, n_starts=n_starts, seed=seed).labels
    resamples, *tables = Stream(seed).spawn(1 + 2 * n_noise)
    drawn = _jaccards(points, labels, k, n_boot, resamples)
    noises = [*_noises(points, k, n_starts, tables)] if n_noise else []
    how = f"{method}, scale {points.scale}, {n_boot} resamples"
    lacking = int(points.lacking.sum())
    common = {"n_missing": lacking, "conf_level": conf_level, "method": how}
    whole = _jaccard_row(drawn.mean(axis=1), conf_level)
    p_value = max((noise.chance(whole["estimate"]) for noise in noises), default=np.nan)
    level = max((noise.mean for noise in noises), default=np.nan)
    rows = [{"segment": "all", "n": len(points), "p_value": p_value} | whole]
    rows[0]["verdict"] = _whole_verdict(p_value)
    for at, size in enumerate(np.bincount(labels, minlength=k)):
        for row in _segment_rows(drawn[:, at], conf_level):
            if row["measure"] == "jaccard":
                row["verdict"] = _verdict(row["estimate"], p_value, level)
            rows.append({"segment": str(at + 1), "n": int(size)} | row)
    for noise in noises:
        rows += [
            {"segment": "all", "n": len(points)} | row for row in _noise_rows(noise, conf_level)
        ]
    rows = [common | {"verdict": ""} | row for row in rows]
    for row in rows:
        row["note"] = _joined(note_of(points), row.get("note", ""))
    return arrange(rows, keys=["segment", "measure"])


def jaccard_of_best_match(first: Array, second: Array, k: int) -> Array:
    """Of each part of the first labels, its largest Jaccard with a part of the second.

    A part none of whose members was drawn has 0, as in fpc.
    """
    cells = np.bincount(first * (second.max() + 1) + second, minlength=k * (second.max() + 1))
    both = cells.reshape(k, -1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return (both / np.maximum(either, 1)).max(axis=1)


def _jaccards(points: Points, labels: Array, k: int, n_boot: int, seed: Stream) -> Array:
    """Jaccard per resample and segment; NaN where the mixture did not converge."""
    result = np.full((n_boot, k), np.nan)
    for row, stream in zip(result, seed.spawn(n_boot), strict=True):
        random = np.random.default_rng(stream)
        at = np.unique(random.integers(len(points), size=len(points)))
        few = points.rows(at)
        try:
            found = _cut(few, k, RESTARTS, stream, tolerance=COARSE)
        except FitError:
            continue
        row[:] = jaccard_of_best_match(labels[at], found.labels, k)
    return result


def _cut(points: Points, k: int, n_starts: int, seed: Stream, *, tolerance: float) -> Partition:
    """The points cut into k parts, or into as many as they have different rows."""
    k = min(k, points.distinct)
    return partitions(points, [k], n_starts=n_starts, seed=seed, tolerance=tolerance)[0]


def _noises(points: Points, k: int, n_starts: int, tables: list[Stream]) -> Iterator[Noise]:
    """The same for tables without structure, cut as carefully as the customers were."""
    n_noise = len(tables) // 2
    kinds = ("normal", "uniform") if points.distances is None else ("shuffled",)
    for turn, kind in enumerate(kinds):
        means = np.full(n_noise, np.nan)
        for at, stream in enumerate(tables[turn * n_noise : (turn + 1) * n_noise]):
            table = points.with_values(_noise_values(points, kind, np.random.default_rng(stream)))
            main, resamples = stream.spawn(2)
            try:
                part = _cut(table, k, n_starts, main, tolerance=0)
            except FitError:
                continue
            drawn = _jaccards(table, part.labels, k, NOISE_RESAMPLES, resamples)
            used = drawn[~np.isnan(drawn).any(axis=1)]
            means[at] = used.mean() if len(used) else np.nan
        yield Noise(kind, means)


def _noise_values(points: Points, kind: str, random: np.random.Generator) -> Array:
    values = points.values
    if kind == "shuffled":
        return random.permuted(values, axis=0)
    box = 3**0.5  # half a side of the uniform of variance one
    flat = random.uniform(-box, box, values.shape)
    standard = random.normal(size=values.shape) if kind == "normal" else flat
    return spread_like(values, standard)


def spread_like(values: Array, standard: Array) -> Array:
    """Standard noise turned and stretched until it has the covariances of the values."""
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(values, rowvar=False)))
    return standard * np.sqrt(np.maximum(variances, 0)) @ axes.T


def _jaccard_row(drawn: Array, conf_level: float) -> dict:
    used = drawn[~np.isnan(drawn)]
    lost = len(drawn) - len(used)
    note = f"{lost} resamples without a usable mixture" if lost else ""
    return {"measure": "jaccard", "note": note} | _mean_row(used, conf_level)


def _segment_rows(drawn: Array, conf_level: float) -> list[dict]:
    rows, used = [_jaccard_row(drawn, conf_level)], drawn[~np.isnan(drawn)]
    if not len(used):
        return rows
    for measure, hit in (("recovered", used > STABLE), ("dissolved", used <= DISSOLVED)):
        low, high = wilson(hit.mean(), len(used), conf_level=conf_level)
        row = {"measure": measure, "estimate": hit.mean(), "ci_low": low, "ci_high": high}
        rows.append(row | {"numerator": int(hit.sum()), "denominator": len(used)})
    return rows


def _noise_rows(noise: Noise, conf_level: float) -> list[dict]:
    tables = noise.jaccard[~np.isnan(noise.jaccard)]
    note = f"{len(tables)} tables, {NOISE_RESAMPLES} resamples each"
    largest = float(tables.max()) if len(tables) else np.nan
    return [
        {"measure": f"noise_{noise.kind}", "note": note} | _mean_row(tables, conf_level),
        {"measure": f"noise_{noise.kind}_largest", "note": note, "estimate": largest},
    ]


def _mean_row(values: Array, conf_level: float) -> dict:
    if len(values) < 2:
        return dict.fromkeys(["estimate", "monte_carlo_error", "ci_low", "ci_high"], np.nan)
    mean, error = float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5)
    low, high = t_interval(mean, error, len(values) - 1, conf_level=conf_level)
    ends = {"ci_low": max(low, 0.0), "ci_high": min(high, 1.0)}
    return {"estimate": mean, "monte_carlo_error": error} | ends


def _whole_verdict(p_value: float) -> str:
    if np.isnan(p_value):
        return "noise not looked at"
    return "more stable than noise" if p_value <= CHANCE else NO_MORE


def _verdict(jaccard: float, p_value: float, noise: float) -> str:
    if np.isnan(jaccard):
        return ""
    if jaccard < PATTERN:
        return "doubtful"
    # Where noise was not looked at both are NaN, and the limits alone decide.
    if p_value > CHANCE or jaccard <= noise:
        return NO_MORE
    return "stable" if jaccard >= STABLE else "pattern"


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _require_noise(n_noise: int) -> None:
    if n_noise and n_noise < 1 / CHANCE - 1:
        raise ParameterError.because(
            f"n_noise is {n_noise}.",
            f"Expected 0, or at least {1 / CHANCE - 1:.0f}: fewer cannot show a chance of "
            f"{CHANCE:g}.",
            "Pass n_noise=20, or 0 to leave noise out.",
        )
