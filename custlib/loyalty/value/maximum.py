"""The maximum of a likelihood in the logarithms of its parameters, and how sharp it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from custlib.errors import FitError

Array = np.ndarray
Objective = Callable[[Array], tuple[float, Array, Array]]
# What it would mean that these parameters run away together; the first that applies is told.
Edges = Sequence[tuple[set[str], str]]
MOST_ROUNDS = 100
LONGEST_STEP = 2.0  # in logarithms: a parameter changes by a factor of seven at most
NEAR = 1e-9  # what is still to be gained of the log-likelihood at the maximum
EDGE = np.log(1e5)  # a parameter further than this from its usual size runs away
BEYOND = EDGE + LONGEST_STEP  # where it is held while another, which goes along, is followed
STALLED = np.log(100)  # or further than this, where the way up ends without a top
PROFILE_ROUNDS = 40
ROUNDING = 1e-13  # of the sums over customers that a log-likelihood is made of
ON_RIDGE = 1e-4  # what is still to be gained where the ridge is taken as a parabola
EXACT_ROOT = 1e-5  # of the root of a likelihood ratio, which is near 2


@dataclass(frozen=True, slots=True)
class Maximum:
    """Logarithms of the parameters at the maximum, and the likelihood and slopes there."""

    names: tuple[str, ...]
    theta: Array
    value: float
    gradient: Array
    hessian: Array
    rounds: int

    @property
    def parameters(self) -> Array:
        """The parameters themselves."""
        return np.exp(self.theta)

    @property
    def covariance(self) -> Array:
        """Of the logarithms, by the observed information."""
        return np.linalg.inv(-self.hessian)


def climb(
    objective: Objective, start: Array, centre: Array, names: Sequence[str], edges: Edges = ()
) -> Maximum:
    """Newton's way to the maximum; a FitError where there is none inside.

    `objective` gives the log-likelihood, its gradient and its Hessian in the logarithms; `centre`
    is the usual size of each, from which one may not stray by a factor beyond reason.
    """
    theta = np.array(start, float)
    value, gradient, hessian = objective(theta)
    for rounds in range(1, MOST_ROUNDS + 1):
        step = _uphill(gradient, hessian)
        gain = gradient @ step
        if gain < NEAR and np.linalg.eigvalsh(hessian)[-1] < 0:
            found = Maximum(tuple(names), theta, value, gradient, hessian, rounds)
            _require_sharp(found)
            return found
        new = _accepted(objective, theta, (value, gradient, hessian), step)
        if new is None:
            break
        theta, (value, gradient, hessian) = new
        _require_inside(theta, centre, names, edges, EDGE)
    # Far out the surface is so flat that steps drown in rounding.
    _require_inside(theta, centre, names, edges, STALLED)
    raise FitError.because(
        f"After {rounds} rounds the gradient of the log-likelihood is still"
        f" {np.abs(gradient).max():.3g} (largest slope in the log of a parameter).",
        "Expected a gradient near zero: a maximum of the likelihood.",
        "Look for customers unlike all others, try another model, or gather more repeat orders.",
    )


def profile_ends(objective: Objective, top: Maximum, at: int, *, conf_level: float) -> Array:
    """Ends of the likelihood interval of one parameter: what the others cannot make up for.

    0 or infinity where the likelihood never falls so far on that side.
    """
    z = stats.norm.ppf((1 + conf_level) / 2)
    way = z * top.covariance[:, at] / np.sqrt(top.covariance[at, at])
    way *= min(1.0, LONGEST_STEP / way[at])
    low = _profile_end(objective, top, at, -z, top.theta - way)
    # As far as the ridge strays from a straight line on one side, it does so on the other.
    bend = low - (top.theta - way)
    bend = bend if abs(bend[at]) < way[at] / 2 else np.zeros_like(way)
    high = _profile_end(objective, top, at, z, top.theta + way + bend)
    return np.exp([low[at], high[at]])


def _uphill(gradient: Array, hessian: Array) -> Array:
    """Newton's step; where the surface is not a hill, as if it curved down by as much."""
    sizes, directions = np.linalg.eigh(-hessian)
    sizes = np.maximum(np.abs(sizes), 1e-10 * np.abs(sizes).max() + 1e-300)
    step = directions @ ((directions.T @ gradient) / sizes)
    return step * min(1.0, LONGEST_STEP / np.abs(step).max()) if np.abs(step).max() else step


def _accepted(
    objective: Objective, theta: Array, here: tuple[float, Array, Array], step: Array
) -> tuple[Array, tuple[float, Array, Array]] | None:
    """The step, or as much of it as leads up."""
    value, gradient, hessian = here
    # Near the top a gain drowns in the rounding of sums over all customers, which may be far
    # larger than what they add up to: that is 0 in some unit of the amounts.
    noise = ROUNDING * (abs(value) + np.abs(hessian).max())
    gain, share = gradient @ step, 1.0
    while share > 1e-8:
        new = theta + share * step
        there = objective(new)
        if np.isfinite(there[0]) and there[0] >= value + 1e-4 * share * gain - noise:
            return new, there
        share /= 4
    return None


def _require_inside(
    theta: Array, centre: Array, names: Sequence[str], edges: Edges, most: float
) -> None:
    far = np.flatnonzero(np.abs(theta - centre) > most).tolist()
    if far:
        ways = [f"{names[at]} to {'infinity' if theta[at] > centre[at] else '0'}" for at in far]
        meant = next((f", as if {words}" for ran, words in edges if ran <= set(ways)), "")
        raise FitError.because(
            f"The likelihood grows without end as parameters run away ({', '.join(ways)}){meant}.",
            "Expected a maximum with every parameter between 0 and infinity.",
            "Take in more customers or a longer time, or try another model: these do not differ"
            " from each other as this one says.",
        )


def _require_sharp(found: Maximum) -> None:
    """A ridge on which a parameter may be anything is no maximum either."""
    errors = np.sqrt(np.diag(found.covariance))
    loose = [name for name, error in zip(found.names, errors, strict=True) if not error < EDGE]
    if loose:
        raise FitError.because(
            f"The likelihood hardly changes with {', '.join(loose)}: standard errors of the"
            f" logarithms up to {np.nanmax(errors):.3g}.",
            "Expected data that tell the parameters apart.",
            "Gather more customers with repeat orders, or a longer time of watching.",
        )


def _profile_end(objective: Objective, top: Maximum, at: int, z: float, start: Array) -> Array:
    """Where the signed root of the likelihood ratio is z, on the ridge of the other parameters."""
    side, others = np.sign(z), np.arange(len(start)) != at
    theta = start
    for _ in range(PROFILE_ROUNDS):
        if abs(theta[at] - top.theta[at]) > EDGE:
            break
        theta = np.clip(theta, top.theta - BEYOND, top.theta + BEYOND)
        theta, value, slope, hessian, free = _on_ridge(objective, theta, others, top.theta)
        root = side * np.sqrt(max(2 * (top.value - value), 0.0))
        if abs(root - z) < EXACT_ROOT:
            return theta
        # The root is nearly a straight line in the parameter; its pace follows from the slope.
        pace, move = -slope / root if root else 0.0, side * LONGEST_STEP
        ways = np.where(others, 0.0, 1.0)
        ways[free] = -np.linalg.solve(hessian[np.ix_(free, free)], hessian[free, at])
        if pace > 1e-8:
            move, bent = (z - root) / pace, _bent(top, at, theta, root, pace, z)
            # Where line and curve hardly differ, the curve is nearer still than they are.
            if abs(bent - move) * pace < EXACT_ROOT:
                return theta + bent * ways
            # Far from the end it may lead anywhere.
            move = bent if abs(bent - move) < abs(move) / 2 else move
        theta = theta + np.clip(move, -LONGEST_STEP, LONGEST_STEP) * ways
    return np.where(others, theta, side * np.inf)


def _bent(top: Maximum, at: int, theta: Array, root: float, pace: float, z: float) -> float:
    """How far it is from here to the end by the cubic (Hermite) from the top through here."""
    u, error = z / root, np.sqrt(top.covariance[at, at])
    from_top = root * error * (u**3 - 2 * u**2 + u) + root / pace * (u**3 - u**2)
    return (theta[at] - top.theta[at]) * (3 * u**2 - 2 * u**3 - 1) + from_top


def _on_ridge(
    objective: Objective, theta: Array, others: Array, top: Array
) -> tuple[Array, float, float, Array, Array]:
    """The best of the other parameters while one is held; the value, and its slope in that one.

    Last, which of the others moved freely. A ridge may have no top: of parameters that run away
    together the furthest stays where it is, and the rest go on until they suit it.
    """
    value, gradient, hessian = objective(theta)
    for _ in range(MOST_ROUNDS):
        far = np.where(others, np.abs(theta - top), 0.0)
        free = others & ~((far > BEYOND) & (np.arange(len(far)) == far.argmax()))
        step = np.zeros_like(theta)
        step[free] = _uphill(gradient[free], hessian[np.ix_(free, free)])
        gain = gradient @ step
        if gain < ON_RIDGE:
            break
        new = _accepted(objective, theta, (value, gradient, hessian), step)
        if new is None:
            break
        theta, (value, gradient, hessian) = new
    # Of a short step it is known what it brings.
    left = step if gain < ON_RIDGE else np.zeros_like(step)
    slope = (gradient + hessian @ left)[~others]
    return theta + left, value + gradient @ left / 2, slope.item(), hessian, free
