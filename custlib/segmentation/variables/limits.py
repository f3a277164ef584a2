"""The limits a variable is held against, and the verdict an interval gives beside a limit."""

from dataclasses import dataclass

import numpy as np

from custlib.errors import ParameterError

PASSES, FAILS, OPEN = "passes", "fails", "not certain"


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """Limits of the four criteria; each is a convention, and a parameter for that reason.

    Parameters
    ----------
    relationship : float, default 0.09
        Most variation a variable may share with the relationship: a correlation of 0.3, the
        medium effect of Cohen (1988).
    missing : float, default 0.10
        Largest share of customers without a value; above 10 % analyses are likely to be biased
        (Bennett 2001).
    agreement : float, default 0.60
        Least agreement of two measurements: "substantial" for kappa (Landis & Koch 1977), "good"
        for the intraclass correlation (Cicchetti 1994).
    group : float, default 0.02
        Least share of customers in the smallest group: custlib's own convention.
    redundancy : float, default 0.50
        Most variation two variables may share: above it they are more alike than different.
    variance_inflation : float, default 5
        Largest variance inflation factor, 80 % of the variation repeated (a common convention; a
        factor alone condemns no regression, O'Brien 2007).
    buying : float, default 0.06
        Least share of the variation of some behaviour that the groups explain: the medium effect
        of Cohen (1988), f = 0.25.

    Raises
    ------
    ParameterError
        A share is outside 0–1, or the variance inflation factor below 1.

    Notes
    -----
    Assumes: one limit suits all candidates, whatever their level of measurement and however many
    customers there are.

    Not for: limits moved once the verdicts are known, or read as tests: how sure a verdict is comes
    from the intervals of `audit_variables`.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis. Landis, J. & Koch, G. (1977). Biometrics
    33:159–174. Cicchetti, D. (1994). Psychol. Assess. 6:284–290. Bennett, D. (2001). Aust. N. Z.
    J. Public Health 25:464–469. O'Brien, R. (2007). Qual. Quant. 41:673–690.

    Examples
    --------
    >>> AuditLimits(missing=0.05).missing
    0.05
    """

    relationship: float = 0.09
    missing: float = 0.10
    agreement: float = 0.60
    group: float = 0.02
    redundancy: float = 0.50
    variance_inflation: float = 5.0
    buying: float = 0.06

    def __post_init__(self) -> None:
        for name in ("relationship", "missing", "agreement", "group", "redundancy", "buying"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError.because(
                    f"The limit {name} is {getattr(self, name)!r}.",
                    "Expected a share from 0 to 1.",
                    "Give 10 % as 0.1; for a limit of a correlation pass its square.",
                )
        if not self.variance_inflation >= 1:
            raise ParameterError.because(
                f"The limit variance_inflation is {self.variance_inflation!r}.",
                "Expected a factor of at least 1.",
                "Pass 5, or the factor you accept.",
            )


def at_most(low: float, high: float, limit: float) -> str:
    """Verdict where the quantity should not exceed the limit."""
    if np.isnan(low) or np.isnan(high):
        return OPEN
    if high <= limit:
        return PASSES
    return FAILS if low > limit else OPEN


def at_least(low: float, high: float, limit: float) -> str:
    """Verdict where the quantity should reach the limit."""
    if np.isnan(low) or np.isnan(high):
        return OPEN
    if low >= limit:
        return PASSES
    return FAILS if high < limit else OPEN
