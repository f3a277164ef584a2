"""Do groups of customers answer differently? Tests with effect sizes, plain and under a design."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_distinct,
    require_numeric,
    require_one_of,
)
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError
from custlib.groups import group_rows
from custlib.intervals import ADJUSTMENTS, adjust_p
from custlib.survey.comparison.mean_tests import welch
from custlib.survey.comparison.rank_tests import brunner_munzel, kruskal_wallis, mann_whitney
from custlib.survey.comparison.table_tests import chi_square
from custlib.variance import Sample

Array = np.ndarray
Groups = list[tuple[object, Array]]

PAIRWISE = {"brunner_munzel": brunner_munzel, "welch": welch, "mann_whitney": mann_whitney}
OVERALL = {"kruskal_wallis": kruskal_wallis, "chi_square": chi_square}
MEASURES = {
    "brunner_munzel": "probability",
    "mann_whitney": "probability",
    "welch": "difference",
    "kruskal_wallis": "epsilon squared",
    "chi_square": "Cramér's V",
}
ALL_GROUPS = "all groups"
FEW_ANSWERS = 10  # Brunner & Munzel (2000) ask for ten a group before their t is trusted
MOST_CATEGORIES = 100
APART = {
    "brunner_munzel": "p value and interval disagree: they are of two scales",
    "mann_whitney": "p value and interval disagree: the test's error is that of groups alike",
}
COLUMNS = [
    *("estimate", "std_error", "ci_low", "ci_high", "statistic", "df", "df_denominator"),
    *("p_value", "effect", "effect_low", "effect_high"),
]


def compare_groups(
    responses: pd.DataFrame,
    *,
    items: Sequence[str],
    by: str,
    method: str,
    design: SurveyDesign | None = None,
    adjust: str = "holm",
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Difference between groups in each item: estimate, test and effect size, with intervals.

    Parameters
    ----------
    responses : DataFrame, one row per respondent
    items : list of str
        Numeric answers; ordered categories for the rank methods, any values for chi_square.
    by : str
        Column of groups. Rows without a group are left out and counted in `note`.
    method : {"brunner_munzel", "mann_whitney", "welch", "kruskal_wallis", "chi_square"}
        The first three give a row per pair of groups, the others one row over all groups.
    design : SurveyDesign, optional
        Gives each method its design-based form (see Notes); a pair keeps the whole design.
    adjust : {"holm", "bh", "bonferroni", "hochberg", "by", "none"}, default "holm"
        Over all rows of the result that have a p value.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per item and contrast ("first - second", in the order of the groups)
        item, contrast, measure, estimate, std_error, ci_low, ci_high, conf_level, statistic, df,
        df_denominator, p_value, p_adjusted, effect, effect_low, effect_high, effect_kind, n,
        n_missing, method, note. The measure is "probability" for the rank methods on pairs:
        P(first higher) + P(equal)/2, 0–1; "difference" for welch: first mean less second; over
        all groups the effect size itself.

    Raises
    ------
    DataError
        A column is absent or not numeric, or fewer than two groups have respondents.
    ParameterError
        An unknown method or adjustment, or no items.

    Notes
    -----
    brunner_munzel: W = (p − ½)/s, spreads may differ; mann_whitney: tie and continuity corrected,
    its standard error that of groups that do not differ, so intervals of a clear difference are
    better taken from brunner_munzel. Both give Cliff's delta, 2p − 1, on one interval, symmetric
    on the logit scale of p; the tests are not on that scale, and mann_whitney's has its own error,
    so near the level interval and p value (unadjusted) may disagree, which is noted. welch: Hedges'
    g (pooled spread). kruskal_wallis: epsilon squared, H/(n − 1). chi_square: Cramér's V. Intervals
    of g, epsilon squared and V come from the noncentral t and chi-square.
    Under a design: linearized p, from which mann_whitney has its error and interval, not its test;
    difference of domain means with their covariance (R's `svyttest`); rank tests on weighted
    midranks (`svyranktest`, but ties get one rank whatever the order of the rows); second-order
    Rao–Scott F (`svychisq`).

    Assumes: nobody is in two groups, and rows (or the design's clusters) are independent. welch
    also takes steps of the scale as equal; rank methods need their order alone.

    Not for: fewer than ten answers a group by rank (noted; Brunner & Munzel), the same people asked
    twice (`gap_scores`, or the person as cluster), other traits to be held equal
    (`cumulative_logit`), or a cause.

    References
    ----------
    Neubert, K. & Brunner, E. (2007). Comput. Statist. Data Anal. 51:5192–5204.
    doi:10.1016/j.csda.2006.05.024 (corrects Brunner & Munzel 2000). Lumley, T. & Scott, A.
    (2013). Biometrika 100:831–842. Rao, J. & Scott, A. (1984). Ann. Statist. 12:46–60.
    doi:10.1214/aos/1176346391

    Examples
    --------
    >>> pain = pd.DataFrame({"pain": [1, 2, 1, 1, 4, 3, 3, 4, 3, 5], "drug": list("yyyyynnnnn")})
    >>> found = compare_groups(pain, items=["pain"], by="drug", method="brunner_munzel")
    >>> found[["contrast", "estimate", "effect"]].round(2)  # R: wilcox.test(y, n)$statistic / 25
      contrast  estimate  effect
    0    y - n      0.14   -0.72
    """
    require_conf_level(conf_level)
    require_one_of("method", method, MEASURES)
    require_one_of("adjust", adjust, ADJUSTMENTS)
    require_distinct(items)
    require_columns(responses, [*items, by])
    domain, sample = drawn(responses, design)
    groups, ungrouped = _groups(responses, by, domain)
    compare = _pairs if method in PAIRWISE else _overall
    rows = [
        {"item": item, "measure": MEASURES[method]} | row
        for item in items
        for row in compare(_answers(responses, item, method), groups, method, sample, conf_level)
    ]
    table = pd.DataFrame(rows)
    table["p_adjusted"] = adjust_p(table["p_value"].to_numpy(float), adjust)
    table["conf_level"] = conf_level
    if ungrouped:
        left_out = f"{ungrouped} rows without {by} left out"
        table["note"] = [_joined(note, left_out) for note in table["note"]]
    return arrange(table, keys=["item", "contrast", "measure"])


def drawn(responses: pd.DataFrame, design: SurveyDesign | None) -> tuple[Array, Sample | None]:
    """Rows the results are about, and the sample; none where the plain test is the exact one."""
    design = design or SurveyDesign()
    # A design that says nothing but its domain is a simple random sample of those rows.
    if replace(design, domain=None) != SurveyDesign():
        sample = design.sample(responses)
        return sample.domain, sample
    require_columns(responses, [design.domain])
    whole = np.ones(len(responses), bool)
    return whole if design.domain is None else responses[design.domain].to_numpy(bool), None


def _groups(responses: pd.DataFrame, by: str, domain: Array) -> tuple[Groups, int]:
    """Groups in their order within the domain, and the number of its rows that have none."""
    missing = responses[by].isna().to_numpy()
    groups = [(name, rows & domain) for name, rows in group_rows(responses, by)]
    groups = groups[:-1] if missing.any() else groups
    ungrouped = int((missing & domain).sum())
    filled = [(name, int(rows.sum())) for name, rows in groups if rows.any()]
    if len(filled) < 2:
        found = ", ".join(f"{name} ({count} rows)" for name, count in filled) or "none"
        raise DataError.because(
            f"Groups of {by!r} with respondents: {found}; {ungrouped} rows without a group.",
            "Expected at least two groups.",
            "Choose another column of groups, or describe the sample with satisfaction_profile.",
        )
    return groups, ungrouped


def _answers(responses: pd.DataFrame, item: str, method: str) -> Array:
    """Answers as numbers, NaN where missing; but for welch counted from 0 in order, −1 missing."""
    column = responses[item]
    if method != "welch" and isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return column.cat.codes.to_numpy().astype(int)
    if method == "chi_square":
        codes, kinds = pd.factorize(column)
        _require_categories(item, len(kinds))
        return codes
    numbers = require_numeric(responses, item)
    return numbers if method == "welch" else pd.factorize(numbers, sort=True)[0]


def _require_categories(item: str, found: int) -> None:
    if found > MOST_CATEGORIES:
        raise DataError.because(
            f"{item!r} has {found} different answers.",
            f"Expected at most {MOST_CATEGORIES} for chi_square.",
            "Group the answers, or use a method for numbers.",
        )


def _pairs(
    values: Array, groups: Groups, method: str, sample: Sample | None, conf_level: float
) -> Iterator[dict]:
    """A row for each pair of groups."""
    answered = _answered(values)
    for (first, in_first), (second, in_second) in combinations(groups, 2):
        both = in_first | in_second
        inside = both & answered
        sizes = {first: int((in_first & inside).sum()), second: int((in_second & inside).sum())}
        row = _empty_row(f"{first} - {second}", inside, both)
        short = {name: size for name, size in sizes.items() if size < 2}
        if short:
            yield row | {"method": method, "note": f"{_sizes(short)}: two are needed"}
            continue
        row |= PAIRWISE[method](values, in_first, inside, sample, conf_level)
        few = {name: size for name, size in sizes.items() if size < FEW_ANSWERS}
        split = APART[method] if method in APART and _disagree(row, conf_level) else ""
        yield row | {"note": _joined(row["note"], split, f"only {_sizes(few)}" if few else "")}


def _disagree(row: dict, conf_level: float) -> bool:
    """Whether p value and interval of a probability say different things of one half."""
    below, above = row["ci_low"] <= 0.5, row["ci_high"] >= 0.5
    return below and above if row["p_value"] < 1 - conf_level else below != above


def _overall(
    values: Array, groups: Groups, method: str, sample: Sample | None, conf_level: float
) -> Iterator[dict]:
    """One row over all groups that have at least two answers."""
    answered = _answered(values)
    sizes = {name: int((rows & answered).sum()) for name, rows in groups}
    codes = np.full(len(values), -1)
    anyone = np.zeros(len(values), bool)
    for code, (name, rows) in enumerate(groups):
        anyone |= rows
        if sizes[name] > 1:
            codes[rows & answered] = code
    row = _empty_row(ALL_GROUPS, codes >= 0, anyone)
    row["n_missing"] = int((anyone & ~answered).sum())
    short = {name: size for name, size in sizes.items() if size < 2}
    left_out = f"left out: {_sizes(short)}" if short else ""
    if len(sizes) - len(short) < 2:
        yield row | {"method": method, "note": _joined("fewer than two groups", left_out)}
        return
    row |= OVERALL[method](values, codes, sample, conf_level)
    yield row | {"note": _joined(row["note"], left_out)}


def _answered(values: Array) -> Array:
    return ~np.isnan(values) if values.dtype.kind == "f" else values >= 0


def _empty_row(contrast: str, inside: Array, rows: Array) -> dict:
    """A row with its counts and no numbers yet."""
    n = int(inside.sum())
    counts = {"n": n, "n_missing": int(rows.sum()) - n, "effect_kind": "", "note": ""}
    return dict.fromkeys(COLUMNS, np.nan) | {"contrast": contrast} | counts


def _sizes(groups: dict) -> str:
    return ", ".join(
        f"{size or 'no'} answer{'' if size == 1 else 's'} in {name}"
        for name, size in groups.items()
    )


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
