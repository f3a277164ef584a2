"""What to mend first: importance against performance, and how sure each quadrant is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_distinct,
    require_ends,
    require_numeric,
    require_one_of,
    require_scale,
    require_whole,
)
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.groups import group_rows
from custlib.resampling import Resamples
from custlib.survey.axes import Axes
from custlib.survey.drivers.decompositions import METHODS
from custlib.survey.moments import CrossProducts
from custlib.survey.profile import Scales, scaled_answers
from custlib.survey.ranking.unplaced import share_places_left
from custlib.variance import FEW_CLUSTERS, Sample

Array = np.ndarray
AXES = ("importance", "performance")
# By whether the item is important, and whether it performs.
QUADRANTS = {
    (True, False): "concentrate here",
    (True, True): "keep up the good work",
    (False, False): "low priority",
    (False, True): "possible overkill",
}
CROSSHAIRS = ("mean", "median", "midpoint")
ROUNDING = 1e-12  # part of the line's value within which an item lies on it


@dataclass(frozen=True, slots=True)
class ImportancePerformance:
    """Both axes of every item, the probability of each quadrant, and where the lines cross."""

    estimates: pd.DataFrame
    quadrants: pd.DataFrame
    crosshair: pd.DataFrame


def importance_performance(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    scale: Scales,
    outcome: str | None = None,
    stated: Mapping[str, str] | None = None,
    stated_scale: tuple[float, float] | None = None,
    stated_best: str = "high",
    method: str = "lmg",
    missing: str = "listwise",
    crosshair: str = "mean",
    by: str | None = None,
    design: SurveyDesign | None = None,
    n_boot: int,
    seed: int,
    conf_level: float = 0.95,
) -> ImportancePerformance:
    """Importance and performance of each item, and probability (0–1) of each quadrant.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items, scale : list of str, (low, high) or a mapping from item to (low, high)
        Performance is the mean answer; from 0 to 100 where items have unlike scales.
    outcome, method, missing : optional
        Derived importance: each item's share in what all explain of it, see `driver_shares`.
        Who skipped an item is then, by "listwise", left out of the performance of all.
    stated, stated_scale, stated_best : mapping from item to column, (low, high), {"high", "low"}
        Stated importance: mean rating; of places in a ranking ("low" is best) low + high − mean,
        where items that a person left without a place share the places left over.
    crosshair : {"mean", "median", "midpoint"}
        Of the items on each axis; midpoint: middle of the scale, 1/items if derived.
    by, design
        Column of groups, each with a crosshair of its own; the survey design.
    n_boot, seed : int
        Resamples of whole clusters: both axes and the crosshair come from the same ones.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    ImportancePerformance
        `.estimates`: item, measure ("importance", "performance"), estimate, std_error, ci_low,
        ci_high, conf_level, n, n_missing, note. `.quadrants`: item, quadrant, estimate (share of
        the resamples), n, numerator, denominator (resamples), verdict (quadrant of the
        estimates), note. `.crosshair`: measure and its numbers. All begin with `by` if given.

    Raises
    ------
    DataError
        A column is absent, an answer is off the scale, or the design does not fit the table.
    ParameterError
        Both or neither of outcome and stated, or an argument outside its choices.

    Notes
    -----
    performance = Σ w y/Σ w; stated importance = Σ w y/Σ w, or low + high − Σ w place/Σ w; derived
    importance = LMG_j/Σ LMG; P(quadrant) = resamples with the item in it/resamples. y is the answer
    or, of unlike scales, 100 (y − low)/(high − low); LMG or another method as in `driver_shares`.
    An item on a line counts as above it. Intervals are percentiles; raked weights stay as they are
    in resamples. Items and groups too thin keep noted rows. `missing` is about derived importance;
    the mean of a rating takes all who gave one.

    Assumes: the crosshair means something to the reader, as each other one moves the quadrants;
    derived importance rests on all that `driver_shares` takes for granted.

    Not for: an item near a line taken for sure (its share of the resamples says how near),
    priorities across groups whose crosshairs differ, or needs that bend: see `penalty_reward`,
    `kano_categories`.

    References
    ----------
    Martilla, J. & James, J. (1977). Journal of Marketing 41:77–79. doi:10.2307/1250495

    Examples
    --------
    >>> answers = pd.DataFrame({"price": [1, 2, 1], "speed": [5, 4, 5],
    ...                         "price_matters": [5, 5, 4], "speed_matters": [1, 2, 1]})
    >>> stated = {"price": "price_matters", "speed": "speed_matters"}
    >>> found = importance_performance(answers, items=["price", "speed"], scale=(1, 5),
    ...                                stated=stated, stated_scale=(1, 5), n_boot=99, seed=1)
    >>> found.quadrants.query("estimate == 1")[["item", "quadrant"]].values.tolist()
    [['price', 'concentrate here'], ['speed', 'possible overkill']]
    """
    require_one_of("crosshair", crosshair, CROSSHAIRS)
    require_one_of("stated_best", stated_best, ("high", "low"))
    require_one_of("method", method, METHODS)
    require_one_of("missing", missing, ("listwise", "pairwise"))
    require_distinct(items, outcome=outcome, at_least=2)
    require_whole("n_boot", n_boot, 2)
    _require_one_importance(items, outcome, stated, stated_scale)
    require_columns(responses, [outcome, *(stated or {}).values()])
    columns, middle = _performance(responses, items, scale)
    shared = np.zeros((len(responses), len(items)), bool)
    if stated is not None and stated_scale is not None:
        low, high = require_ends(stated_scale, "stated_scale")
        rated = [require_scale(responses, stated[item], low=low, high=high) for item in items]
        if stated_best == "low":
            places, shared = share_places_left(rated, scale=stated_scale)
            rated = [low + high - place for place in places]
        columns += rated
        how = Axes(None, True, crosshair, ((low + high) / 2, middle))
    else:
        columns.append(require_numeric(responses, str(outcome)))
        how = Axes(method, missing == "pairwise", crosshair, (1 / len(items), middle))
    sample = (design or SurveyDesign()).sample(responses)
    tables: tuple[list[dict], ...] = ([], [], [])
    for group, members in group_rows(responses, by):
        inside = replace(sample, domain=sample.within_domain(members))
        drawn = _drawn(how, np.column_stack(columns), len(items), inside, n_boot, seed)
        counts = (shared & inside.domain[:, None]).sum(axis=0)
        found = _rows(drawn, dict(zip(items, counts, strict=True)), conf_level)
        for table, rows in zip(tables, found, strict=True):
            table += [({by: group} if by else {}) | row for row in rows]
    first, keys = [by] if by else [], (["item", "measure"], ["item", "quadrant"], ["measure"])
    arranged = (arrange(rows, keys=[*first, *k]) for rows, k in zip(tables, keys, strict=True))
    return ImportancePerformance(*arranged)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Places (2, items) and lines (2) of a group with their resamples, or why there are none."""

    places: Resamples
    lines: Resamples
    n: Array
    n_missing: Array
    note: str


def _drawn(how: Axes, columns: Array, count: int, sample: Sample, n_boot: int, seed: int) -> _Drawn:
    """Both axes in the sample's domain; items without answers are left out of them."""
    answered = (~np.isnan(columns) & sample.domain[:, None]).sum(axis=0)
    stated = how.method is None
    of_importance = answered[count:] if stated else np.broadcast_to(answered[-1], count)
    kept = np.flatnonzero((answered[:count] > 0) & (of_importance > 0))
    more = kept + count if stated else [count]
    products = CrossProducts.of(columns[:, [*kept, *more]], sample, pairwise=how.pairwise)
    note = how.why_thin(products, len(kept))
    place, places = np.full((2, count), np.nan), np.full((n_boot, 2, count), np.nan)
    line, lines = np.full(2, np.nan), np.full((n_boot, 2), np.nan)
    if not note:
        place[:, kept] = how.places(products.moments(), len(kept))
        blocks = products.replicates(n_boot=n_boot, seed=seed)
        places[:, :, kept] = np.concatenate([how.places(block, len(kept)) for block in blocks])
        line, lines = how.lines(place[:, kept]), how.lines(places[:, :, kept])
    n = np.vstack([of_importance, answered[:count]])
    own = np.diag(products.n)
    n[:, kept] = own.reshape(2, -1)[::-1] if stated else [products.n[-1, :-1], own[:-1]]
    n_missing = int(sample.domain.sum()) - n
    return _Drawn(Resamples(place, places), Resamples(line, lines), n, n_missing, note)


def _rows(
    drawn: _Drawn, shared: Mapping[str, int], conf_level: float
) -> tuple[list[dict], list[dict], list[dict]]:
    """Rows of estimates, quadrants and crosshair; `shared`: places left over, of each item."""
    items = list(shared)
    notes = np.where(np.isnan(drawn.places.estimate).any(axis=0), drawn.note or "no answers", "")
    places, lines = (_numbers(one, conf_level) for one in (drawn.places, drawn.lines))
    unsure = (np.isnan(one["std_error"]) & ~np.isnan(one["estimate"]) for one in (places, lines))
    thin, thin_lines = (np.where(where, FEW_CLUSTERS, "") for where in unsure)
    estimates, quadrants, common = [], [], {"conf_level": conf_level}
    for at, item in enumerate(items):
        for axis, measure in enumerate(AXES):
            row = common | {"item": item, "measure": measure, "note": notes[at] or thin[axis, at]}
            if measure == "importance" and shared[item] and not row["note"]:
                row["note"] = f"{shared[item]} without a place share the places left over"
            row |= {"n": drawn.n[axis, at], "n_missing": drawn.n_missing[axis, at]}
            estimates.append(row | {name: values[axis, at] for name, values in places.items()})
    crosshair = [
        common | {"measure": measure, "note": note} | {n: v[axis] for n, v in lines.items()}
        for axis, (measure, few) in enumerate(zip(AXES, thin_lines, strict=True))
        for note in [drawn.note or few]
    ]
    above = _at_least(drawn.places.estimate, drawn.lines.estimate)
    resampled = _at_least(drawn.places.replicates, drawn.lines.replicates)
    known = ~np.isnan(resampled).any(axis=1)
    for at, item in enumerate(items):
        verdict = "" if notes[at] else QUADRANTS[bool(above[0, at]), bool(above[1, at])]
        denominator = int(known[:, at].sum())
        note = notes[at] or ("" if denominator else "too few clusters to tell how sure it is")
        row = {"item": item, "verdict": verdict, "note": note, "n": drawn.n[:, at].min()}
        for sides, quadrant in QUADRANTS.items():
            numerator = int((resampled[:, :, at] == sides).all(axis=1).sum())
            share = numerator / denominator if denominator else np.nan
            counts = {"estimate": share, "numerator": numerator, "denominator": denominator}
            quadrants.append(row | {"quadrant": quadrant} | counts)
    return estimates, quadrants, crosshair


def _numbers(drawn: Resamples, conf_level: float) -> dict[str, Array]:
    low, high = drawn.interval(conf_level=conf_level)
    numbers = {"estimate": drawn.estimate, "std_error": drawn.std_error}
    return numbers | {"ci_low": low, "ci_high": high}


def _at_least(places: Array, lines: Array) -> Array:
    """1 where a place lies on or above its line, 0 below it, NaN where it is unknown."""
    line = lines[..., None]
    above = (places >= line - ROUNDING * np.abs(line)).astype(float)
    return np.where(np.isnan(places) | np.isnan(line), np.nan, above)


def _performance(
    responses: pd.DataFrame, items: Sequence[str], scale: Scales
) -> tuple[list[Array], float]:
    """Answers of the items and the middle of their scale; 0–100 where scales differ."""
    scales, answers = scaled_answers(responses, items, scale)
    if len(set(scales.values())) == 1:
        return list(answers.values()), sum(scales[items[0]]) / 2
    limits = [scales[item] for item in items]
    columns = zip(answers.values(), limits, strict=True)
    return [(rated - low) / (high - low) * 100 for rated, (low, high) in columns], 50.0


def _require_one_importance(
    items: Sequence[str], outcome: str | None, stated: Mapping[str, str] | None, limits: object
) -> None:
    """Importance is either derived, or stated for every item."""
    options = {"outcome": outcome, "stated": stated, "stated_scale": limits}
    given = [name for name, value in options.items() if value is not None]
    lacking = [item for item in items if stated is not None and item not in stated]
    if lacking or given not in (["outcome"], ["stated", "stated_scale"]):
        found = f"stated has no column for: {', '.join(lacking)}."
        raise ParameterError.because(
            found if lacking else f"Given: {', '.join(given) or 'neither outcome nor stated'}.",
            "Expected outcome, or stated (a column for every item) with stated_scale.",
            "For derived importance pass outcome alone; for stated importance the other two.",
        )
