"""Do groups of customers leave alike? Log-rank tests, trends, pairs, and by how much."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_columns, require_one_of
from custlib.columns import arrange
from custlib.errors import DataError, FitError, ParameterError
from custlib.groups import MISSING, group_codes, group_rows
from custlib.intervals import ADJUSTMENTS, adjust_p
from custlib.loyalty.retention.durations import Spells, read_spells
from custlib.loyalty.retention.group_counts import (
    GroupCounts,
    count_groups,
    expected_events,
    weighted_scores,
)
from custlib.loyalty.retention.lifetimes import common_horizon, mean_until
from custlib.loyalty.retention.likelihood import climb
from custlib.loyalty.retention.limits import z_quantile
from custlib.loyalty.retention.risk_sums import RiskSums
from custlib.loyalty.retention.terms import level_name

Array = np.ndarray
NO_EVENTS = "nobody was seen to leave: no test"
NO_CHANCE = "never two groups at risk when somebody left: no test"


@dataclass(frozen=True, slots=True)
class SurvivalComparison:
    """Events of each group beside those expected, the tests, and the groups two by two."""

    estimates: pd.DataFrame
    tests: pd.DataFrame
    contrasts: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Groups:
    """Spells of customers with a group, their codes, and what the test is to be made with."""

    spells: Spells
    codes: Array
    names: list
    strata: Array
    stratified: bool
    rho: float

    def pair(self, first: int, second: int) -> "_Groups":
        inside = np.isin(self.codes, (first, second))
        codes = np.where(self.codes[inside] == first, 0, 1)
        names = [self.names[first], self.names[second]]
        spells, strata = self.spells.only(inside), self.strata[inside]
        return _Groups(spells, codes, names, strata, self.stratified, self.rho)


def compare_survival(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    by: str,
    event_value: object = None,
    entry: str | None = None,
    stratum: str | None = None,
    rho: float = 0.0,
    trend: bool = False,
    adjust: str = "holm",
    horizon: float | None = None,
    conf_level: float = 0.95,
) -> SurvivalComparison:
    """Whether groups leave at the same pace, and differences in mean time stayed and in hazard.

    Parameters
    ----------
    customers, duration, event, event_value, entry : as in survival_curve
    by : str
        Groups; a customer without one is left out.
    stratum : str, optional
        Groups are compared within each stratum only.
    rho : float, at least 0, default 0
        Weight S(t−)^rho of each time: 0 log-rank; 1 Peto and Peto, for early differences.
    trend : bool, default False
        Also test for a trend over the groups, which are then numbers or ordered categories.
    adjust : {"holm", "bh", "bonferroni", "hochberg", "by", "none"}
        For the p values of the pairs.
    horizon, conf_level : as in restricted_mean

    Returns
    -------
    SurvivalComparison
        `.estimates`, a row a group: `by`, measure ("events_ratio"), estimate (events over those
        expected), expected_events, events, censored, n, note. `.tests`: measure ("difference",
        "trend"), statistic (chi-square), df, p_value, events, n, n_missing, method, note.
        `.contrasts`, a row a pair: contrast, measure ("restricted_mean_difference"), estimate,
        std_error, ci_low, ci_high, conf_level, statistic, df, p_value, p_adjusted (tests of the
        pair), effect, effect_low, effect_high, effect_kind ("hazard_ratio"), horizon, events, n,
        method, note. Intervals are of one pair; with `stratum` there is no difference of means.

    Raises
    ------
    DataError, ParameterError
        As in survival_curve; fewer than two groups; a trend over groups without order.

    Notes
    -----
    U = sum w_j (d_gj − d_j n_gj/n_j), chi-square U' V⁻ U, V hypergeometric; trend (a'U)²/(a'Va),
    a the groups' numbers or ranks. Hazard ratio by Cox's likelihood, ties by Efron, whatever rho.

    Assumes: being last seen has nothing to do with leaving, in any group; customers are
    independent; groups are known at the start. The hazard ratio adds proportional hazards.

    Not for: curves that cross, where the log-rank test can miss even large differences, and
    restricted_mean_difference too where the areas even out: look at the curves (`survival_curve`
    with `by`); groups that form later, like "renewed twice"; differences to adjust for
    (`churn_hazards`).

    References
    ----------
    Mantel, N. (1966). Cancer Chemother. Rep. 50:163–170. Peto, R. & Peto, J. (1972). J. R. Statist.
    Soc. A 135:185–207. doi:10.2307/2344317. Harrington, D. & Fleming, T. (1982). Biometrika
    69:553–566.

    Examples
    --------
    >>> base = pd.DataFrame({"months": [1, 3, 2, 4], "left": 1, "plan": list("aabb")})
    >>> found = compare_survival(base, duration="months", event="left", by="plan")
    >>> found.tests["statistic"].round(4).tolist()  # R: survdiff(Surv(months, left) ~ plan)
    [0.6154]
    """
    require_one_of("adjust", adjust, ADJUSTMENTS)
    require_at_least("rho", rho, 0)
    z_quantile(conf_level)
    require_columns(customers, [by, stratum])
    spells = read_spells(
        customers, duration=duration, event=event, event_value=event_value, entry=entry
    )
    groups, scores = _read_groups(customers, spells, by, stratum, rho, trend)
    sizes = {"n": len(groups.spells), "n_missing": len(customers) - len(groups.spells)}
    sizes |= {"events": int(groups.spells.event.sum())}
    counts = count_groups(groups.spells, groups.codes, groups.strata, k=len(groups.names), rho=rho)
    tests = [_test_row("difference", counts, None)]
    if scores is not None:
        tests.append(_test_row("trend", counts, scores))
    parts = [groups.spells.only(groups.codes == at) for at in range(len(groups.names))]
    until = common_horizon(parts, horizon)
    pairs = [
        _pair_row(groups.pair(*two), until, conf_level)
        for two in combinations(range(len(groups.names)), 2)
    ]
    contrasts = pd.DataFrame(pairs)
    contrasts["p_adjusted"] = adjust_p(contrasts["p_value"].to_numpy(), adjust)
    method = _method(rho, stratum)
    return SurvivalComparison(
        arrange(_group_rows(groups, parts, expected_events(counts), by), keys=[by, "measure"]),
        arrange(pd.DataFrame(tests).assign(method=method, **sizes), keys=["measure"]),
        arrange(contrasts.assign(method=f"{method}; {adjust}"), keys=["contrast", "measure"]),
    )


def _read_groups(
    customers: pd.DataFrame, spells: Spells, by: str, stratum: str | None, rho: float, trend: bool
) -> tuple[_Groups, Array | None]:
    column = customers[by]
    named = group_rows(customers, by)
    if pd.api.types.is_numeric_dtype(column):
        named.sort(key=lambda one: (one[0] is MISSING, one[0] if one[0] is not MISSING else 0))
    codes = np.full(len(customers), -1)
    for at, (name, mask) in enumerate(named):
        codes[mask] = -1 if name is MISSING else at
    inside = codes[spells.rows] >= 0
    if stratum is not None:
        inside &= customers[stratum].notna().to_numpy()[spells.rows]
    kept = spells.only(inside)
    present, recoded = np.unique(codes[kept.rows], return_inverse=True)
    names = [named[at][0] for at in present]
    if len(names) < 2:
        raise DataError.because(
            f"{by!r} gives {len(names)} group{'s' if len(names) != 1 else ''} with a known duration"
            + (f": {names[0]!r}." if names else "."),
            "Expected at least two groups.",
            "Name another column, or describe the one group with survival_curve.",
        )
    strata = group_codes(customers, stratum)[0][kept.rows]
    scores = _trend_scores(column, present, names) if trend else None
    return _Groups(kept, recoded, names, strata, stratum is not None, rho), scores


def _trend_scores(column: pd.Series, present: Array, names: list) -> Array:
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return present + 1.0
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return np.asarray(names, float)
    raise ParameterError.because(
        f"trend is True, but the groups of {column.name!r} have no order.",
        "Expected numbers, or an ordered categorical column.",
        "Order them: pd.Categorical(values, categories=[…], ordered=True).",
    )


def _test_row(measure: str, counts: GroupCounts, direction: Array | None) -> dict:
    row = {"measure": measure} | dict.fromkeys(("statistic", "df", "p_value"), np.nan)
    if not len(counts.events):
        return row | {"note": NO_EVENTS}
    scores, covariance = weighted_scores(counts)
    if direction is not None:
        # Centred, so that large numbers (years) lose no digits.
        a = (direction - direction.mean())[:, None]
        scores, covariance = scores @ a, a.T @ covariance @ a
    # Groups never at risk beside one another say nothing of each other and take no freedom.
    values, vectors = np.linalg.eigh(covariance)
    told = values > 1e-10 * max(values.max(), 1e-10)
    if not told.any():
        return row | {"note": NO_CHANCE}
    statistic = float(((scores @ vectors[:, told]) ** 2 / values[told]).sum())
    df = int(told.sum())
    found = {"statistic": statistic, "df": df, "p_value": float(stats.chi2.sf(statistic, df))}
    return row | found | {"note": ""}


def _group_rows(groups: _Groups, parts: list[Spells], expected: Array, by: str) -> list[dict]:
    rows = []
    for name, part, due in zip(groups.names, parts, expected, strict=True):
        events = int(part.event.sum())
        row = {by: name, "measure": "events_ratio", "estimate": events / due if due else np.nan}
        row |= {"expected_events": due, "events": events, "censored": len(part) - events}
        note = "" if due else "no event while the group was at risk"
        rows.append(row | {"n": len(part), "note": note})
    return rows


def _pair_row(pair: _Groups, horizon: float, conf_level: float) -> dict:
    counts = count_groups(pair.spells, pair.codes, pair.strata, k=2, rho=pair.rho)
    test = _test_row("difference", counts, None)
    row = test | {"measure": "restricted_mean_difference", "horizon": horizon}
    contrast = " - ".join(level_name(name) for name in pair.names)
    row |= {"contrast": contrast, "conf_level": conf_level}
    row |= {"events": int(pair.spells.event.sum()), "n": len(pair.spells)}
    z, notes = z_quantile(conf_level), [test["note"]]
    estimate = error = np.nan
    if pair.stratified:
        notes.append("no difference of means: strata")
    else:
        means = [mean_until(pair.spells.only(pair.codes == at), horizon) for at in (0, 1)]
        estimate = means[0].area - means[1].area
        variances = [mean.variance for mean in means]
        # A group of which nobody left shows no spread, which is not the same as having none.
        error = sum(variances) ** 0.5 if min(variances) > 0 else np.nan
        notes += [mean.note for mean in means]
    row |= {"estimate": estimate, "std_error": error}
    row |= {"ci_low": estimate - z * error, "ci_high": estimate + z * error}
    beta, beta_error = _log_hazard_ratio(pair) if row["events"] else (np.nan, np.nan)
    notes.append("" if beta == beta else "no hazard ratio: a group had no event beside the other")
    ends = np.exp([beta, beta - z * beta_error, beta + z * beta_error])
    row |= dict(zip(("effect", "effect_low", "effect_high"), ends, strict=True))
    note = "; ".join(dict.fromkeys(note for note in notes if note))
    return row | {"effect_kind": "hazard_ratio", "note": note}


def _log_hazard_ratio(pair: _Groups) -> tuple[float, float]:
    """Cox's, of the first group to the second, with its error; NaN where there is none."""
    first = (pair.codes == 0).astype(float)[:, None]
    try:
        top = climb(RiskSums(first, pair.spells, pair.strata, ties="efron"), ["group"])
    except FitError:
        return np.nan, np.nan
    return float(top.beta[0]), float(top.sums.information()[0, 0] ** -0.5)


def _method(rho: float, stratum: str | None) -> str:
    name = {0.0: "log-rank", 1.0: "Peto-Peto"}.get(float(rho), f"Fleming-Harrington {rho:g}")
    return name if stratum is None else f"{name}, stratified"
