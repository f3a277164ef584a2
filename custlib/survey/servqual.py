"""Service quality as customers measure it: what they find less what they expect."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from custlib import checks
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.groups import group_rows
from custlib.survey.comparison.rank_tests import NO_SAMPLING
from custlib.survey.indices.gaps import gap_row
from custlib.survey.moments import CrossProducts
from custlib.survey.profile import mean_row, scaled_answers
from custlib.variance import Sample

Array = np.ndarray
OVERALL = "overall"
POINTS, ROUNDED = 100, 0.1  # how far rounded points may miss 100
MEANS = ("expectation", "expectation_sd", "perception", "perception_sd")
PRINTED = (*MEANS, "gap", "ci_low", "ci_high", "statistic")


def servqual_gaps(
    responses: pd.DataFrame,
    *,
    expectations: Mapping[str, str],
    perceptions: Mapping[str, str],
    dimensions: Mapping[str, Sequence[str]],
    importance: Mapping[str, str | float] | None = None,
    scale: tuple[float, float] | None = None,
    by: str | None = None,
    design: SurveyDesign | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Mean expectation, perception and gap (perception less expectation), in scale points.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    expectations, perceptions : mapping from item to column
    dimensions : mapping from dimension to list of items
    importance : mapping from dimension to column, or to number, optional
        100 points, divided among the dimensions by each respondent or once for all.
    scale, by : (low, high), str, optional
        Ends of the scale, off which answers raise; column of groups.
    design, conf_level : SurveyDesign, optional; float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, per group three rows (expectation, perception, gap) for each item, dimension, overall
        The `by` column if given, dimension ("overall" last), item ("" for a dimension), measure,
        estimate, std_error, ci_low, ci_high, conf_level, statistic (t of no gap), df, p_value,
        effect (d_z), effect_kind, n, n_effective, n_missing, note. With `importance` also
        importance (points) of each dimension and weighted_… of all three overall.

    Raises
    ------
    DataError, ParameterError
        Answers not numeric or off the scale; points negative or not summing to 100; an item without
        a dimension, an expectation or a perception; a dimension without points.

    Notes
    -----
    gap = P − E; x_d = Σ item/items; overall = Σ x_d/dimensions, weighted = Σ w_d x_d/Σ w_d; d_z =
    mean gap/standard deviation of gaps. Each is made per respondent who answered all of it: every
    gap is paired. Perceptions alone are SERVPERF (Cronin & Taylor 1992).

    Assumes: paired answers on one scale; items weigh alike; rows or clusters are independent.

    Not for: expectations nearly all at the top, where perceptions alone say as much; gaps as
    drivers, as differences are less reliable than their parts (give `driver_shares` perceptions).

    References
    ----------
    Parasuraman, A., Zeithaml, V. & Berry, L. (1988). J. Retailing 64:12–40. Cronin, J. & Taylor, S.
    (1992). J. Marketing 56(3):55–68.

    Examples
    --------
    >>> answers = pd.DataFrame({"e": [5, 5, 4, 5], "p": [4, 3, 4, 4]})
    >>> gaps = servqual_gaps(answers, expectations={"on time": "e"}, perceptions={"on time": "p"},
    ...     dimensions={"reliability": ["on time"]})  # R: t.test(p, e, paired = TRUE)
    >>> gaps.loc[gaps["measure"] == "gap", ["item", "estimate", "statistic"]].head(1).round(3)
          item  estimate  statistic
    2  on time      -1.0     -2.449
    """
    checks.require_conf_level(conf_level)
    _require_complete(expectations, perceptions, dimensions, importance)
    columns = {"expectation": expectations, "perception": perceptions}
    named = [side[item] for side in columns.values() for item in side]
    checks.require_distinct(named)
    checks.require_columns(responses, named)
    if scale is not None:
        scaled_answers(responses, named, scale)
    answers = {
        measure: {item: checks.require_numeric(responses, column) for item, column in side.items()}
        for measure, side in columns.items()
    }
    points = _points(responses, importance, list(dimensions))
    sample = (design or SurveyDesign()).sample(responses)
    rows = []
    for group, members in group_rows(responses, by):
        inside = sample.within_domain(members)
        for keys, values in _quantities(answers, dimensions, points):
            row = _mean_row(sample, values, inside, conf_level, gap=keys["measure"].endswith("gap"))
            rows.append(({by: group} if by else {}) | keys | row)
    return arrange(rows, keys=[*([by] if by else []), "dimension", "item", "measure"])


def servqual_table_check(
    table: pd.DataFrame, *, n: int, decimals: int = 2, conf_level: float = 0.95
) -> pd.DataFrame:
    """What the numbers of a printed gap table imply of one another, and whether they agree.

    Parameters
    ----------
    table : DataFrame, one row per dimension
        dimension, expectation, expectation_sd, perception, perception_sd, gap, ci_low, ci_high,
        statistic (paired t), as printed.
    n, decimals, conf_level : int, int, float in (0, 1)
        Respondents behind every row; digits after the point; level of the printed intervals.

    Returns
    -------
    DataFrame, six rows per dimension and one overall
        dimension, measure, estimate, n, verdict. Measures: gap_from_means, std_error_from_ci,
        std_error_from_t, t_from_ci, correlation_from_t (of expectation and perception), d_z_from_t;
        overall gap_from_means. Verdict, of gap, t and correlation alone: agrees, does not fit.

    Raises
    ------
    DataError
        A column is absent or not numeric, no row, an interval's ends exchanged.

    Notes
    -----
    se = (ci_high − ci_low)/(2 quantile), or |gap/t|; t = gap/se; d_z = t/√n; r = (s_E² + s_P² − n
    (gap/t)²)/(2 s_E s_P). A printed number stands for all that round to it: t fits if some such gap
    and interval give it; a gap within 1.5 units of the last digit of its means; r if some such gap,
    t and deviations put it within −1 to 1 (no verdict where the gap or t rounds to 0).

    Assumes: t is that of paired gaps, and n is the n of each row.

    Not for: proof of a false table: unlike n by row explain much.

    Examples
    --------
    >>> printed = {"dimension": ["assurance"], "expectation": 4.50, "expectation_sd": 0.46,
    ...     "perception": 4.32, "perception_sd": 0.49, "gap": -0.18, "ci_low": -0.23,
    ...     "ci_high": -0.13, "statistic": -4.87}
    >>> check = servqual_table_check(pd.DataFrame(printed), n=386)
    >>> check.loc[check["measure"] == "t_from_ci", ["estimate", "verdict"]].round(2)
       estimate       verdict
    3     -7.08  does not fit
    >>> # R: -.18 / (.05 / qt(.975, 385))
    """
    checks.require_conf_level(conf_level)
    checks.require_at_least("n", n, 2)
    checks.require_columns(table, ["dimension", *PRINTED])
    checks.require_rows(table, "dimensions")
    printed = (checks.require_numeric(table, name) for name in PRINTED)
    expected, expected_sd, perceived, perceived_sd, gap, low, high, t = printed
    if (turned := np.flatnonzero(low > high)).size:
        raise DataError.because(
            f"ci_low is above ci_high in rows {table.index[turned[:5]].tolist()}.",
            "Expected the lower end of each in ci_low.",
            "Exchange the two columns, or correct the row.",
        )
    quantile = stats.t.ppf((1 + conf_level) / 2, n - 1)
    from_means, from_ci = perceived - expected, (high - low) / 2 / quantile
    # Gap, both ends of the interval and t are each up to half a unit of the last digit off.
    unit = 10.0**-decimals
    widths = np.array([high - low + unit, np.maximum(high - low - unit, 0)])
    sizes, t_sizes = np.abs([gap, t])[:, None] + np.array([[-unit / 2], [unit / 2]])
    with np.errstate(divide="ignore", invalid="ignore"):
        least, most = sizes * 2 * quantile / widths
        spreads = sizes / t_sizes[::-1] * n**0.5
        from_t, t_from_ci = np.abs(gap / t), gap / from_ci
    off = (t_sizes[1] < least) | (t_sizes[0] > most) | (t * gap < 0)
    squares = expected_sd**2 + perceived_sd**2
    correlation = (squares - from_t**2 * n) / (2 * expected_sd * perceived_sd)
    found = {"gap_from_means": from_means, "std_error_from_ci": from_ci, "std_error_from_t": from_t}
    found |= {"t_from_ci": t_from_ci, "correlation_from_t": correlation, "d_z_from_t": t / n**0.5}
    wrong = {"gap_from_means": np.abs(from_means - gap) > 1.5 * unit + 1e-12, "t_from_ci": off}
    # Gaps spread between the difference of the deviations and their sum.
    apart, together = np.abs(expected_sd - perceived_sd), expected_sd + perceived_sd
    wrong["correlation_from_t"] = (spreads[0] > together + unit) | (spreads[1] < apart - unit)
    known = np.minimum(sizes[0], t_sizes[0]) > 0
    rows = []
    for at, dimension in enumerate(table["dimension"]):
        for measure, values in found.items():
            row = {"dimension": dimension, "measure": measure, "estimate": values[at], "n": n}
            judged = measure in wrong and not np.isnan(values[at] + gap[at] + t[at])
            judged &= known[at] or measure != "correlation_from_t"
            verdict = ("agrees", "does not fit")[int(wrong[measure][at])] if judged else ""
            rows.append(row | {"verdict": verdict})
    whole = {"dimension": OVERALL, "measure": "gap_from_means", "n": n, "verdict": ""}
    return arrange([*rows, whole | {"estimate": from_means.mean()}], keys=["dimension", "measure"])


def _quantities(
    answers: Mapping[str, dict[str, Array]],
    dimensions: Mapping[str, Sequence[str]],
    points: Array | None,
) -> Iterator[tuple[dict, Array]]:
    """Keys and values per respondent of every row of the table; a gap in a part is a gap."""
    blocks = []
    for at, (dimension, items) in enumerate(dimensions.items()):
        sides = np.array([[side[item] for item in items] for side in answers.values()])
        # A pair with one half missing is missing, so that P − E and the gap are of the same people.
        sides = np.where(np.isnan(sides).any(axis=0), np.nan, sides)
        for place, item in enumerate(items):
            yield from _three({"dimension": dimension, "item": item}, sides[:, place])
        blocks.append(sides.mean(axis=1))
        yield from _three({"dimension": dimension, "item": ""}, blocks[-1])
        if points is not None:
            yield {"dimension": dimension, "item": "", "measure": "importance"}, points[at]
    whole = np.array(blocks)  # dimensions, sides, respondents
    keys = {"dimension": OVERALL, "item": ""}
    yield from _three(keys, whole.mean(axis=0))
    if points is not None:
        weighted = (whole * points[:, None]).sum(axis=0) / points.sum(axis=0)
        yield from _three(keys, weighted, "weighted_")


def _three(keys: dict, sides: Array, prefix: str = "") -> Iterator[tuple[dict, Array]]:
    expected, perceived = sides
    measures = {"expectation": expected, "perception": perceived, "gap": perceived - expected}
    for measure, values in measures.items():
        yield keys | {"measure": prefix + measure}, values


def _mean_row(
    sample: Sample, values: Array, inside: Array, conf_level: float, *, gap: bool
) -> dict:
    """Row of a mean; of a gap with its paired t test and standardized size."""
    mean = sample.mean(values, inside)
    if not gap:
        return mean_row(mean, conf_level)
    row = gap_row(mean, conf_level) | {"effect": np.nan, "effect_kind": "d_z"}
    if row["note"] in ("", NO_SAMPLING):  # gaps that differ have a size, tested or not
        moments = CrossProducts.of(np.where(inside, values, np.nan)[:, None], sample).moments()
        row["effect"] = row["estimate"] / float(moments.covariance[0, 0]) ** 0.5
    return row


def _points(
    responses: pd.DataFrame, importance: Mapping[str, str | float] | None, dimensions: list[str]
) -> Array | None:
    """Points per dimension and respondent, NaN for a respondent who left one of them open."""
    if importance is None:
        return None
    given = [importance[dimension] for dimension in dimensions]
    checks.require_columns(responses, [one for one in given if isinstance(one, str)])
    flat, read = np.ones(len(responses)), checks.require_numeric
    points = np.array([read(responses, g) if isinstance(g, str) else g * flat for g in given])
    points[:, np.isnan(points).any(axis=0)] = np.nan
    total = points.sum(axis=0)
    wrong = np.flatnonzero((points < 0).any(axis=0) | (np.abs(total - POINTS) > ROUNDED))
    if len(wrong):
        first = wrong[:5]
        shown = ", ".join(f"row {responses.index[at]}: {points[:, at].tolist()}" for at in first)
        raise DataError.because(
            f"Points negative or not summing to {POINTS} in {len(wrong)} rows; first: {shown}.",
            f"Expected {POINTS} points divided among: {', '.join(dimensions)}.",
            "Correct these rows, or rescale the points before.",
        )
    return points


def _require_complete(
    expectations: Mapping[str, str],
    perceptions: Mapping[str, str],
    dimensions: Mapping[str, Sequence[str]],
    importance: Mapping[str, str | float] | None,
) -> None:
    """Every item has a dimension and both columns; every dimension items, and points if any."""
    for name, block in dimensions.items():
        checks.require_list(f"dimensions[{name!r}]", block)
    items = [item for block in dimensions.values() for item in block]
    checks.require_distinct(items)
    checks.require_distinct([*dimensions, OVERALL])
    odd = set(items) ^ set(expectations) | set(items) ^ set(perceptions)
    odd |= {name for name, block in dimensions.items() if not block}
    odd |= set() if importance is None else set(dimensions) ^ set(importance)
    if odd:
        raise ParameterError.because(
            f"Without a counterpart: {', '.join(sorted(map(str, odd)))}.",
            "Expected each item in one dimension, expectations and perceptions; each dimension "
            "with items, and with an importance if any has one.",
            "Add what is missing, or leave the item or dimension out.",
        )
