"""BG/NBD and MBG/NBD: customers buy at a rate of their own and may leave after each purchase."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from custlib.loyalty.value.records import Records

Array = np.ndarray
# Nearer than this to a = 1, or to a + b = 1, the closed form of an expectation loses its digits.
TOO_NEAR = 0.005
SHIFTS = np.array([-4, -3, -2, -1, 1, 2, 3, 4]) / 100
# Lagrange's weights of a polynomial through the shifts, at 0.
LAGRANGE = np.array(
    [np.prod(others / (others - one)) for one in SHIFTS for others in [SHIFTS[one != SHIFTS]]]
)
# Above this a, powers of the closed form leave what a number can hold, and chances differ so little
# that Gauss's nodes for them have all digits.
LARGE, NODES = 30, 24
BLOCK = 8192  # distinct rows whose terms are held at once, so that they stay in the cache
LEAST_CHANCE = 1e-12  # a chance of leaving below this is none within any horizon


@dataclass(frozen=True, slots=True)
class BetaGeometric:
    """Chance of leaving Beta(a, b) after each purchase, rate of buying Gamma(r, alpha) while there.

    `chances` is 0 where the first chance to leave comes after the first repeat purchase (BG/NBD)
    and 1 where it comes right after the very first one (MBG/NBD).
    """

    chances: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return ("r", "alpha", "a", "b")

    def start(self, records: Records) -> tuple[Array, Array]:
        """Logarithms to begin with, and the usual size that alpha takes from the unit of time."""
        span = np.log(max(float(records.count @ records.age) / records.count.sum(), 1e-12))
        return np.array([-0.7, span - 0.7, 0.0, 0.7]), np.array([0.0, span, 0.0, 0.0])

    def likelihood(self, theta: Array, records: Records) -> tuple[float, Array, Array]:
        """Log-likelihood, gradient and Hessian in the logarithms of r, alpha, a, b."""
        p = np.exp(theta)
        value, gradient, hessian = self._by_counts(p, records)
        # Nobody can have left before the first chance to.
        parts = self._of_leaving(p, records if self.chances else records.buyers)
        value, gradient = value + parts[0], p * (gradient + parts[1])
        return value, gradient, np.outer(p, p) * (hessian + parts[2]) + np.diag(gradient)

    def _by_counts(self, p: Array, records: Records) -> tuple[float, Array, Array]:
        """Of the likelihood of being there still, which needs x and T by themselves alone."""
        r, alpha, a, b = p
        x, age = records.xs, records.ages
        many, (at_age, bought) = records.at_x, records.at_age
        times = x + self.chances
        n, late = many.sum(), 1 / (alpha + age)
        power = r * at_age + bought
        value = many @ (special.gammaln(r + x) + special.betaln(a, b + times))
        value += n * (r * np.log(alpha) - special.gammaln(r) - special.betaln(a, b))
        value += power @ np.log(late)
        psi, curve = special.digamma, lambda z: special.polygamma(1, z)
        whole = n * psi(a + b) - many @ psi(a + b + times)
        gradient = np.array(
            [
                many @ psi(r + x) + n * (np.log(alpha) - psi(r)) + at_age @ np.log(late),
                n * r / alpha - power @ late,
                whole,
                whole + many @ psi(b + times) - n * psi(b),
            ]
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = many @ curve(r + x) - n * curve(r)
        hessian[0, 1] = hessian[1, 0] = n / alpha - at_age @ late
        hessian[1, 1] = power @ late**2 - n * r / alpha**2
        hessian[2:, 2:] = n * curve(a + b) - many @ curve(a + b + times)
        hessian[3, 3] += many @ curve(b + times) - n * curve(b)
        return float(value), gradient, hessian

    def _of_leaving(self, p: Array, records: Records) -> tuple[float, Array, Array]:
        """Of log(1 + odds of having left at the last purchase), in blocks of distinct rows."""
        r, alpha, a, b = p
        early, late = 1 / (alpha + records.recencies), 1 / (alpha + records.ages)
        log_early, log_late = np.log(early), np.log(late)
        trials = b + records.xs + self.chances - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            per_trial, log_trials = 1 / trials, np.log(trials)
        rates, log_odds = r + records.xs, np.log(a) - log_trials
        value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
        for first in range(0, len(records.count), BLOCK):
            rows = slice(first, first + BLOCK)
            x_at, t_at, age_at = records.x_at[rows], records.recency_at[rows], records.age_at[rows]
            rate, to_last, to_now = rates[x_at], early[t_at], late[age_at]
            logs, gaps = log_early[t_at] - log_late[age_at], to_last - to_now
            odds = log_odds[x_at] + rate * logs
            # One exponential serves both log(1 + e^odds) and the chance of having left.
            small = np.exp(-np.abs(odds))
            gone = np.where(odds > 0, 1.0, small) / (1 + small)
            value += records.count[rows] @ (np.maximum(odds, 0) + np.log1p(small))
            weight = records.count[rows] * gone
            slopes = np.array([logs, -rate * gaps, np.full(len(logs), 1 / a), -per_trial[x_at]])
            gradient += slopes @ weight
            hessian += (slopes * (weight * (1 - gone))) @ slopes.T
            hessian[0, 1] -= weight @ gaps
            hessian[1, 1] += (weight * rate) @ (gaps * (to_last + to_now))
            hessian[2, 2] -= weight.sum() / a**2
            hessian[3, 3] += weight @ per_trial[x_at] ** 2
        hessian[1, 0] = hessian[0, 1]
        return float(value), gradient, hessian

    def alive(self, p: Array, x: Array, recency: Array, age: Array) -> Array:
        """Probability that the customer has not left, 0–1."""
        r, alpha, a, b = p
        trials = b + x + self.chances - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            odds = np.log(a / trials) + (r + x) * np.log((alpha + age) / (alpha + recency))
        return np.where(x + self.chances > 0, special.expit(-odds), 1.0)

    def expected(self, p: Array, x: Array, recency: Array, age: Array, time: Array) -> Array:
        """Expected purchases within `time` from now, by what the customer did so far."""
        return self.alive(p, x, recency, age) * self.ahead(p, x, age, time)

    def ahead(self, p: Array, x: Array, age: Array, time: Array) -> Array:
        """Expected purchases within `time` from now of a customer who has not left."""
        r, alpha, a, b = p
        return _expected_from_here(r + x, alpha + age, a, b + x + self.chances, time)

    def expected_new(self, p: Array, time: Array) -> Array:
        """Expected repeat purchases of somebody in `time` after the first purchase."""
        r, alpha, a, b = p
        stays = (b / (a + b)) ** self.chances
        return stays * _expected_from_here(r, alpha, a, b + self.chances, time)

    def purchase_times(
        self,
        p: Array,
        rows: tuple[Array, Array, Array],
        at: Array,
        horizon: float,
        random: np.random.Generator,
    ) -> tuple[Array, Array]:
        """Draw a future of each customer, who has row `at`: whose purchases, and when from now."""
        r, alpha, a, b = p
        there = random.random(len(at)) < self.alive(p, *rows)[at]
        x, age = rows[0][at], rows[2][at]
        rate = random.standard_gamma(r + x) / (alpha + age)
        chance = np.clip(random.beta(a, b + x + self.chances), LEAST_CHANCE, 1)
        calls = np.where(there, random.poisson(rate * horizon), 0)
        last = random.geometric(chance)
        who = np.repeat(np.arange(len(x)), calls)
        # Sorting who + share puts the times of each customer in order by one sort.
        share = np.sort(who + random.random(len(who))) - who
        turn = np.arange(len(who)) - np.repeat(np.cumsum(calls) - calls, calls)
        kept = turn < last[who]
        return who[kept], share[kept] * horizon


def _expected_from_here(shape: Array, scale: Array, a: float, b: Array, time: Array) -> Array:
    """E[(1 − e^(−λpt))/p] over λ ~ Gamma(shape, scale) and p ~ Beta(a, b)."""
    if a > LARGE:
        chance, weight = _chances(a, np.asarray(b, float))
        power, spans = (np.asarray(one)[..., None] for one in (shape, time / scale))
        return np.sum(-weight * np.expm1(-power * np.log1p(chance * spans)) / chance, axis=-1)
    c = a + np.asarray(b, float) - 1
    closed = _closed_form(shape, scale, a, b, time)
    hidden = (abs(a - 1) < TOO_NEAR) | (np.abs(c) < TOO_NEAR)
    if not hidden.any():
        return closed
    # Smooth in a, also where the closed form is 0/0: the polynomial through values beside it.
    around = sum(
        weight * _closed_form(shape, scale, a + shift, b, time)
        for shift, weight in zip(SHIFTS, LAGRANGE, strict=True)
    )
    return np.where(hidden, around, closed)


def _closed_form(shape: Array, scale: Array, a: float, b: Array, time: Array) -> Array:
    z, c = time / (scale + time), np.asarray(a + b - 1, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Euler's transformation: small parameters, so that many purchases cost no digits.
        less = (1 - z) ** (a - 1) * special.hyp2f1(c - shape, a - 1, c, z)
        return c / (a - 1) * (1 - less)


def _chances(a: float, b: Array) -> tuple[Array, Array]:
    """Gauss's nodes and weights for Beta(a, b): eigenvalues of what Jacobi's polynomials obey."""
    different, at = np.unique(b, return_inverse=True)
    k, b, both = np.arange(NODES), different[:, None], a + different[:, None] - 2
    size = 2 * k + both
    matrix = np.zeros((len(different), NODES, NODES))
    matrix[:, k, k] = (1 + (a - b) * both / (size * (size + 2))) / 2
    k, size = k[1:], size[:, 1:]
    beside = k * (k + a - 1) * (k + b - 1) * (k + both) / (size**2 - 1)
    matrix[:, k, k - 1] = np.sqrt(beside) / size
    chances, ways = np.linalg.eigh(matrix)
    return chances[at], ways[:, 0][at] ** 2
