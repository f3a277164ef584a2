"""Likelihood of the shifted beta-geometric law, its peak, and how far it falls around it.

At renewal j (from 0) the share a/(a + b + j) of those still there leaves, so the likelihood is one
of binomials and needs nothing but those lost and kept at each age.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from custlib.errors import FitError
from custlib.loyalty.retention.geometric.renewals import Renewals

Array = np.ndarray
FAR = 25.0  # how far from the peak, in logarithms, an end of a profile interval is looked for
FLAT = 1e-7  # gradient in log a and log b, per customer, at which a peak is one
STARTS = [(p * size, (1 - p) * size) for p in (0.05, 0.3, 0.7) for size in (0.5, 5.0, 50.0)]


@dataclass(frozen=True, slots=True)
class Peak:
    """Maximum of the likelihood; `covariance` is that of log a and log b."""

    a: float
    b: float
    log_likelihood: float
    covariance: Array

    @property
    def logs(self) -> Array:
        """Logarithms of the two, in which the likelihood is close to a paraboloid."""
        return np.log([self.a, self.b])


def log_likelihood(logs: Array, renewals: Renewals) -> tuple[float, Array, Array]:
    """Log-likelihood at log a and log b, with its gradient and its matrix of second derivatives."""
    a, b = np.exp(logs)
    lost, kept, faced = renewals.lost, renewals.kept, renewals.faced
    ages = np.arange(len(lost))
    stay, whole = b + ages, a + b + ages
    value = lost.sum() * np.log(a) + (kept * np.log(stay)).sum() - (faced * np.log(whole)).sum()
    by_whole, bend = (faced / whole).sum(), (faced / whole**2).sum()
    gradient = np.array([lost.sum() - a * by_whole, b * ((kept / stay).sum() - by_whole)])
    # Second derivatives in the logarithms: x·f' + x²·f'' on the diagonal, a·b·f'' off it.
    second = np.array([[bend - lost.sum() / a**2, bend], [bend, bend - (kept / stay**2).sum()]])
    hessian = np.outer([a, b], [a, b]) * second + np.diag(gradient)
    return float(value), gradient, hessian


def constant_churn(renewals: Renewals) -> tuple[float, float]:
    """Churn and log-likelihood of the geometric law, under which all customers are alike."""
    lost, faced = renewals.lost.sum(), renewals.faced.sum()
    share = lost / faced
    return float(share), float(lost * np.log(share) + (faced - lost) * np.log1p(-share))


def find_peak(renewals: Renewals) -> Peak:
    """Peak of the likelihood; a FitError where there is none inside, or it was not reached."""
    _require_inner_peak(renewals)
    best = max(STARTS, key=lambda start: log_likelihood(np.log(start), renewals)[0])
    found = optimize.minimize(
        lambda logs: -log_likelihood(logs, renewals)[0],
        np.log(best),
        jac=lambda logs: -log_likelihood(logs, renewals)[1],
        hess=lambda logs: -log_likelihood(logs, renewals)[2],
        method="trust-exact",
        options={"gtol": FLAT * renewals.n / 100, "maxiter": 500},
    )
    value, gradient, hessian = log_likelihood(found.x, renewals)
    curved = np.linalg.eigvalsh(-hessian).min() > 0
    if np.abs(gradient).max() > FLAT * renewals.n or not curved:
        raise FitError.because(
            f"At a = {np.exp(found.x[0]):.4g}, b = {np.exp(found.x[1]):.4g} the gradient is "
            f"{np.abs(gradient).max():.2g}; {found.message}",
            "Expected a peak of the likelihood, with a gradient of 0 and curved downwards.",
            "Nothing is predicted. Look at the counts by age, or fit fewer of them.",
        )
    a, b = np.exp(found.x)
    return Peak(float(a), float(b), value, np.linalg.inv(-hessian))


def profile_interval(
    peak: Peak, renewals: Renewals, which: int, drop: float
) -> tuple[float, float]:
    """Where the likelihood, at its best over the other parameter, is `drop` below the peak."""
    ends = []
    for side in (-1.0, 1.0):
        reach = np.sqrt(peak.covariance[which, which])
        while reach < FAR and _fall(peak, renewals, which, side * reach) < drop:
            reach *= 2
        if reach >= FAR:
            ends.append(0.0 if side < 0 else np.inf)
            continue
        far = optimize.brentq(
            lambda step, side=side: _fall(peak, renewals, which, side * step) - drop, 0.0, reach
        )
        ends.append(float(np.exp(peak.logs[which] + side * far)))
    return ends[0], ends[1]


def _fall(peak: Peak, renewals: Renewals, which: int, step: float) -> float:
    """Loss of likelihood with one logarithm moved by `step` and the other one at its best."""
    logs, other = peak.logs, 1 - which
    logs[which] += step

    def slope(value: float) -> float:
        logs[other] = value
        return float(log_likelihood(logs, renewals)[1][other])

    # The slope is positive far below the best value and negative far above it.
    logs[other] = optimize.brentq(slope, peak.logs[other] - 2 * FAR, peak.logs[other] + 2 * FAR)
    return peak.log_likelihood - log_likelihood(logs, renewals)[0]


def _require_inner_peak(renewals: Renewals) -> None:
    """Customers differ by what the counts say, and not so much that a or b would vanish."""
    lost, kept, faced = renewals.lost, renewals.kept, renewals.faced
    told = f"Of {renewals.n:g} customers who faced a renewal {lost.sum():g} left"
    if not lost.sum():
        raise _no_peak(f"{told}: all are still there.", "Wait until some have left.")
    if not kept.sum():
        raise _no_peak(f"{told}, all of them at the first.", "Use shorter periods.")
    if len(lost) < 2 or not faced[1:].sum():
        raise _no_peak(
            f"{told}; nobody has faced a second renewal.",
            "Use shorter periods, or wait: one churn cannot tell customers apart.",
        )
    if not lost[1:].sum():
        raise _no_peak(
            f"{told}, all at the first renewal, none of the {faced[1:].sum():g} times later.",
            "Customers leave at once or never here: report the two shares instead.",
        )
    share, _ = constant_churn(renewals)
    # Slope of the likelihood in 1/(a + b) where that is 0, all customers being alike.
    ages = np.arange(len(lost))
    slope = float((ages * (kept * share / (1 - share) - lost)).sum())
    if slope <= 0:
        raise _no_peak(
            f"{told}, and churn does not fall with age.",
            f"Customers do not differ by their leaving: a constant churn of {share:.3g} a "
            "period fits as well as any a and b.",
        )


def _no_peak(found: str, do: str) -> FitError:
    return FitError.because(
        found,
        "Expected customers lost and kept at two ages or more, and a churn that falls with age: "
        "else the likelihood rises towards a limit and has no peak.",
        f"{do} Nothing is predicted.",
    )
