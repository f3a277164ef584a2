"""What makes customers leave sooner: Cox's proportional hazards, and whether they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_columns, require_one_of
from custlib.columns import arrange
from custlib.errors import DataError, FitError
from custlib.groups import group_codes
from custlib.loyalty.retention.concordance import concordant_share
from custlib.loyalty.retention.durations import Spells, read_spells
from custlib.loyalty.retention.likelihood import Maximum, climb
from custlib.loyalty.retention.limits import z_quantile
from custlib.loyalty.retention.proportionality import drift_points, proportionality_tests
from custlib.loyalty.retention.risk_sums import TIES, RiskSums
from custlib.loyalty.retention.terms import Terms, complete_rows, constant_term, model_terms

Array = np.ndarray
FEW_EVENTS = 5  # a coefficient below which its interval is not to be relied on


@dataclass(frozen=True, slots=True)
class ChurnHazards:
    """Hazard ratios, how well they fit, and whether they are the same at all times."""

    estimates: pd.DataFrame
    fit: pd.DataFrame
    proportionality: pd.DataFrame
    drift: pd.DataFrame


def churn_hazards(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    terms: Sequence[str],
    event_value: object = None,
    reference: Mapping[str, object] | None = None,
    entry: str | None = None,
    stratum: str | None = None,
    cluster: str | None = None,
    ties: str = "efron",
    conf_level: float = 0.95,
) -> ChurnHazards:
    """Log hazard ratios of leaving, per unit of a number or against a reference level.

    Parameters
    ----------
    customers, duration, event, event_value, entry : as in survival_curve
    terms : list of str
        Numbers and truth values as they are; labels against a reference level.
    reference : mapping, optional
        Reference by term; else the first category, or of plain labels the most frequent. A term
        of numbers named here is taken as labels.
    stratum, cluster : str, optional
        Strata have a hazard of their own each. Customers of a cluster may leave together: errors
        are then sandwich errors between clusters.
    ties : {"efron", "breslow"}
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    ChurnHazards
        `.estimates`: term, contrast, measure ("log_hazard_ratio"), estimate, std_error, ci_low,
        ci_high, conf_level, statistic (z), p_value, effect, effect_low, effect_high, effect_kind
        ("hazard_ratio"), events, n, n_missing, method, note. `.fit`: measure
        (log_likelihood_null, log_likelihood, likelihood_ratio, wald, score, concordance),
        estimate, statistic, df, p_value, events, n, iterations, denominator (pairs).
        `.proportionality`: a test a term, and of all. `.drift`: term, contrast, time, measure,
        estimate: each event's reading of the log hazard ratio, to plot.

    Raises
    ------
    DataError, ParameterError, FitError
        As in survival_curve; nobody left, a constant term, collinear terms, or a level of which
        nobody left, so that the likelihood has no maximum.

    Notes
    -----
    h(t | x) = h₀(t) e^(x b); L = Π_t Π_l e^(x_l b)/[Σ_risk e^(x b) − (l/d) Σ_left e^(x b)], l from
    0 to d − 1 over the d who left at t ("breslow": without l/d); hazard ratio = e^b; V = I⁻¹,
    between clusters = I⁻¹ (Σ u u') I⁻¹ m/(m − 1). I is the information at b, by Newton's method; u
    are the m clusters' sums of score residuals; at risk at t is who began before and was still
    there. Likelihood-ratio and score tests, and those of proportionality, do without clusters. Of
    600 samples of 100, 95 % intervals held the truth in 0.95; between 40 clusters of five, alike
    within, in 0.92 (without `cluster` in 0.82).

    Assumes: hazards of two customers keep one ratio at all times (`.proportionality`), log hazards
    are linear in numbers, censoring says nothing of leaving, rows or clusters are independent.

    Not for: terms known only later (they look ahead), ratios that drift (a stratum, or
    `compare_survival` by mean time), fewer than 5 events a coefficient (noted; 10 is the commoner
    rule), or causes.

    References
    ----------
    Cox, D. (1972). J. R. Statist. Soc. B 34:187–220. Efron, B. (1977). JASA 72:557–565. Grambsch,
    P. & Therneau, T. (1994). Biometrika 81:515–526. doi:10.1093/biomet/81.3.515. Vittinghoff, E. &
    McCulloch, C. (2007). Am. J. Epidemiology 165:710–718. doi:10.1093/aje/kwk052

    Examples
    --------
    >>> base = pd.DataFrame({"months": [1, 3, 2, 4], "left": 1, "visits": [0, 1, 1, 0]})
    >>> found = churn_hazards(base, duration="months", event="left", terms=["visits"])
    >>> float(found.estimates["estimate"].round(4).item())  # R: coxph(Surv(months, left) ~ visits)
    0.4812
    """
    require_one_of("ties", ties, TIES)
    z_quantile(conf_level)
    require_columns(customers, [stratum, cluster])
    complete = complete_rows(customers, terms)
    for column in (stratum, cluster):
        if column is not None:
            complete = complete & customers[column].notna().to_numpy()
    spells = read_spells(
        customers, duration=duration, event=event, event_value=event_value, entry=entry
    )
    spells = spells.only(complete[spells.rows])
    _require_events(spells, event)
    named = [*terms, *(one for one in (stratum, cluster) if one is not None)]
    used = customers[list(dict.fromkeys(named))].iloc[spells.rows]
    model = model_terms(used, terms, reference)
    scale = _scales(model, len(used))
    strata = group_codes(used, stratum)[0]
    centred = (model.values - model.values.mean(axis=0)) / scale
    sums = RiskSums(centred, spells, strata, ties=ties)
    top = climb(
        sums, [f"{one} ({other})" for one, other in zip(model.term, model.contrast, strict=True)]
    )
    covariance = np.linalg.inv(top.sums.information())
    if cluster is not None:
        covariance = _sandwich(sums, top, covariance, group_codes(used, cluster)[0], cluster)
    counts = {"events": int(spells.event.sum()), "n": len(spells)}
    missing = {"n_missing": len(customers) - len(spells)}
    method = f"Cox, {ties.title()}" + ("" if cluster is None else ", clusters")
    rows = _coefficient_rows(model, top, covariance, scale, conf_level)
    estimates = pd.DataFrame(rows).assign(method=method, **counts, **missing)
    if counts["events"] < FEW_EVENTS * len(scale):
        estimates["note"] = f"fewer than {FEW_EVENTS} events a coefficient"
    fit = pd.DataFrame(_fit_rows(sums, top, covariance, spells, strata)).assign(**counts)
    return ChurnHazards(
        estimates=arrange(estimates, keys=["term", "contrast", "measure"]),
        fit=arrange(fit.assign(iterations=top.iterations, method=method), keys=["measure"]),
        proportionality=proportionality_tests(model, sums, top.sums, spells),
        drift=drift_points(model, sums, top.sums, top.beta, scale),
    )


def _require_events(spells: Spells, event: str) -> None:
    if not len(spells):
        raise DataError.because(
            "No customer has a duration, an event and every term.",
            "Expected complete rows.",
            "Look at n_missing column by column, and leave out terms that are mostly missing.",
        )
    if not spells.event.any():
        raise FitError.because(
            f"Nobody of the {len(spells)} customers used was seen to leave ({event!r}).",
            "Expected at least one who left.",
            "Wait for a longer record, or look at the coding of the event.",
        )


def _scales(model: Terms, n: int) -> Array:
    """Standard deviations, so that no unit of a term decides what counts as small."""
    spread = model.values.std(axis=0)
    size = np.abs(model.values).max(axis=0)
    flat = spread <= 1e-12 * size
    if flat.any():
        raise constant_term(list(dict.fromkeys(np.asarray(model.term, object)[flat].tolist())), n)
    return spread


def _sandwich(sums: RiskSums, top: Maximum, covariance: Array, codes: Array, cluster: str) -> Array:
    m = int(codes.max()) + 1
    if m < 2:
        raise DataError.because(
            f"{cluster!r} has one cluster.",
            "Expected at least two clusters, better thirty.",
            "Leave cluster out, or name another column.",
        )
    residuals = sums.score_residuals(top.sums, top.beta)
    totals = np.column_stack([np.bincount(codes, weights=one) for one in residuals.T])
    return covariance @ (totals.T @ totals) @ covariance * (m / (m - 1))


def _coefficient_rows(
    model: Terms, top: Maximum, covariance: Array, scale: Array, conf_level: float
) -> list[dict]:
    z = z_quantile(conf_level)
    beta, errors = top.beta / scale, np.sqrt(np.diag(covariance)) / scale
    rows = []
    for term, contrast, b, error in zip(model.term, model.contrast, beta, errors, strict=True):
        ends = (b, b - z * error, b + z * error)
        row: dict = {"term": term, "contrast": contrast, "measure": "log_hazard_ratio"}
        row |= dict(zip(("estimate", "ci_low", "ci_high"), ends, strict=True))
        row |= {"std_error": error, "conf_level": conf_level, "statistic": b / error}
        row |= {"p_value": 2 * stats.norm.sf(abs(b / error)), "effect_kind": "hazard_ratio"}
        with np.errstate(over="ignore"):
            row |= dict(zip(("effect", "effect_low", "effect_high"), np.exp(ends), strict=True))
        rows.append(row | {"note": ""})
    return rows


def _fit_rows(
    sums: RiskSums, top: Maximum, covariance: Array, spells: Spells, strata: Array
) -> list[dict]:
    start, slope = top.at_zero, sums.slope(top.at_zero)
    statistics = {
        "likelihood_ratio": 2 * (top.sums.log_likelihood - start.log_likelihood),
        "wald": float(top.beta @ np.linalg.solve(covariance, top.beta)),
        "score": float(slope @ np.linalg.solve(start.information(), slope)),
    }
    df = len(top.beta)
    rows: list[dict] = [
        {"measure": "log_likelihood_null", "estimate": start.log_likelihood},
        {"measure": "log_likelihood", "estimate": top.sums.log_likelihood},
    ]
    for measure, statistic in statistics.items():
        p_value = float(stats.chi2.sf(statistic, df))
        rows.append({"measure": measure, "statistic": statistic, "df": df, "p_value": p_value})
    share, pairs = concordant_share(sums.terms @ top.beta, spells, strata)
    return [*rows, {"measure": "concordance", "estimate": share, "denominator": pairs}]
