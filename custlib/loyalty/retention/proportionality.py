"""Does a term's effect on the hazard change with time? Score tests, and residuals to look at."""

import numpy as np
import pandas as pd
from scipy import stats

from custlib.columns import arrange
from custlib.loyalty.retention.durations import Spells
from custlib.loyalty.retention.risk_sets import count_at_risk, product_limit
from custlib.loyalty.retention.risk_sums import RiskSums, Sums
from custlib.loyalty.retention.terms import Terms

Array = np.ndarray
ALL_TERMS = "(all terms)"


def share_gone(spells: Spells, times: Array) -> Array:
    """1 − S(t−) at each time, all strata together: the clock of the test (transform "km")."""
    found = product_limit(count_at_risk(spells))
    place = np.searchsorted(found.sets.times, times, side="left") - 1
    return 1 - np.append(found.share, 1.0)[place]


def proportionality_tests(terms: Terms, sums: RiskSums, at: Sums, spells: Spells) -> pd.DataFrame:
    """Chi-square of each term, and of all, against an effect that drifts with the share gone.

    Score test of adding term × g(t) to the model (Grambsch & Therneau 1994, in the exact form
    of survival >= 3.0 with the covariances at each time, not their average).
    """
    clock = share_gone(spells, sums.times)[sums.at]
    # Centring changes nothing, as the slope is 0 at the maximum, but loses fewer digits.
    clock = clock - clock.mean()
    p = terms.values.shape[1]
    schoenfeld = sums.schoenfeld(at)
    slope = clock @ schoenfeld
    plain, cross, double = (at.information(w) for w in (None, clock, clock**2))
    rows = []
    for term, own in (terms.owned() | {ALL_TERMS: list(range(p))}).items():
        spread = double[np.ix_(own, own)] - cross[own] @ np.linalg.solve(plain, cross[:, own])
        row = {"term": term, "measure": "drift", "df": len(own), "events": len(clock)}
        if not spread.any() or np.linalg.eigvalsh(spread)[0] <= 1e-12 * np.abs(double).max():
            row |= {"statistic": np.nan, "p_value": np.nan}
            rows.append(row | {"note": "too few times with an event"})
            continue
        statistic = float(slope[own] @ np.linalg.solve(spread, slope[own]))
        p_value = float(stats.chi2.sf(statistic, len(own)))
        rows.append(row | {"statistic": statistic, "p_value": p_value, "note": ""})
    method = "score test, effect x share gone"
    return arrange(pd.DataFrame(rows).assign(method=method), keys=["term", "measure"])


def drift_points(terms: Terms, sums: RiskSums, at: Sums, beta: Array, scale: Array) -> pd.DataFrame:
    """Scaled Schoenfeld residuals plus the coefficient: each event's reading of log hazard ratio.

    A smooth line through them follows the effect over time; flat means proportional hazards.
    """
    scaled = sums.schoenfeld(at) @ np.linalg.inv(at.information()) * len(sums.at)
    readings = (beta + scaled) / scale
    times = sums.times[sums.at]
    order = np.argsort(times, kind="stable")
    tables = [
        pd.DataFrame(
            {
                "term": terms.term[j],
                "contrast": terms.contrast[j],
                "time": times[order],
                "measure": "log_hazard_ratio",
                "estimate": readings[order, j],
            }
        )
        for j in range(len(terms.term))
    ]
    return arrange(pd.concat(tables), keys=["term", "contrast", "time", "measure"])
