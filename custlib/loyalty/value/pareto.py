"""Pareto/NBD: customers buy at a rate of their own and may leave at any moment."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from custlib.loyalty.value.records import Records

Array = np.ndarray
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
BLOCK = 2048  # distinct rows whose nodes are held at once
FALL = 42.0  # beyond exp(−42) of its largest value nothing of an integrand counts


@dataclass(frozen=True, slots=True)
class Pareto:
    """Rates of leaving Gamma(s, beta), and of buying Gamma(r, alpha) until then."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return ("r", "alpha", "s", "beta")

    def start(self, records: Records) -> tuple[Array, Array]:
        """Logarithms to begin with, and the usual sizes that the unit of time gives."""
        span = np.log(max(float(records.count @ records.age) / records.count.sum(), 1e-12))
        return np.array([-0.7, span - 0.7, -0.7, span - 0.7]), np.array([0.0, span, 0.0, span])

    def likelihood(self, theta: Array, records: Records) -> tuple[float, Array, Array]:
        """Log-likelihood, gradient and Hessian in the logarithms of r, alpha, s, beta."""
        p = np.exp(theta)
        value, gradient, hessian = self._by_counts(p, records)
        for first in range(0, len(records.count), BLOCK):
            rows = slice(first, first + BLOCK)
            parts = _sums(p, records, rows)
            value, gradient, hessian = value + parts[0], gradient + parts[1], hessian + parts[2]
        gradient = p * gradient
        return value, gradient, np.outer(p, p) * hessian + np.diag(gradient)

    def _by_counts(self, p: Array, records: Records) -> tuple[float, Array, Array]:
        """What needs the number of purchases alone."""
        r, alpha, s, beta = p
        x, many = records.xs, records.at_x
        n = many.sum()
        value = many @ special.gammaln(r + x)
        value += n * (r * np.log(alpha) - special.gammaln(r) + s * np.log(beta))
        from_r = many @ special.digamma(r + x) + n * (np.log(alpha) - special.digamma(r))
        gradient = np.array([from_r, n * r / alpha, n * np.log(beta), n * s / beta])
        hessian = np.diag([0, -n * r / alpha**2, 0, -n * s / beta**2])
        hessian[0, 0] = many @ special.polygamma(1, r + x) - n * special.polygamma(1, r)
        hessian[0, 1] = hessian[1, 0] = n / alpha
        hessian[2, 3] = hessian[3, 2] = n / beta
        return float(value), gradient, hessian

    def alive(self, p: Array, x: Array, recency: Array, age: Array) -> Array:
        """Probability that the customer has not left, 0–1."""
        x, recency, age = np.broadcast_arrays(
            *(np.asarray(one, float) for one in (x, recency, age))
        )
        shares = np.empty(x.size)
        for first in range(0, x.size, BLOCK):
            rows = slice(first, first + BLOCK)
            ways = _ways(p, x.ravel()[rows], recency.ravel()[rows], age.ravel()[rows])[1]
            shares[rows] = np.exp(ways[:, 0] - special.logsumexp(ways, axis=1))
        return shares.reshape(x.shape)

    def expected(self, p: Array, x: Array, recency: Array, age: Array, time: Array) -> Array:
        """Expected purchases within `time` from now, by what the customer did so far."""
        return self.alive(p, x, recency, age) * self.ahead(p, x, age, time)

    def ahead(self, p: Array, x: Array, age: Array, time: Array) -> Array:
        """Expected purchases within `time` from now of a customer who has not left."""
        r, alpha, s, beta = p
        return (r + x) / (alpha + age) * _time_left(s, beta + age, time)

    def expected_new(self, p: Array, time: Array) -> Array:
        """Expected repeat purchases of somebody in `time` after the first purchase."""
        r, alpha, s, beta = p
        return r / alpha * _time_left(s, beta, time)

    def purchase_times(
        self,
        p: Array,
        rows: tuple[Array, Array, Array],
        at: Array,
        horizon: float,
        random: np.random.Generator,
    ) -> tuple[Array, Array]:
        """Draw a future of each customer, who has row `at`: whose purchases, and when from now."""
        r, alpha, s, beta = p
        there = random.random(len(at)) < self.alive(p, *rows)[at]
        x, age = rows[0][at], rows[2][at]
        rate = random.standard_gamma(r + x) / (alpha + age)
        leaving = random.standard_gamma(s, len(x)) / (beta + age)
        with np.errstate(divide="ignore"):
            stay = np.minimum(random.standard_exponential(len(x)) / leaving, horizon)
        calls = random.poisson(np.where(there, rate * stay, 0))
        who = np.repeat(np.arange(len(x)), calls)
        return who, random.random(len(who)) * stay[who]


def _time_left(s: float, beta: Array, time: Array) -> Array:
    """Mean of the smaller of `time` and the time to leaving, for rates Gamma(s, beta)."""
    grown, power = np.log1p(np.asarray(time, float) / beta), s - 1
    # (1 − e^(−power·grown))/power, which at s = 1 is the logarithm itself.
    return beta * (grown if power == 0 else -np.expm1(-power * grown) / power)


def _ways(p: Array, x: Array, recency: Array, age: Array) -> tuple[Array, Array]:
    """Times, and log-weights of the ways to have bought so: still there, or gone at that time.

    Shape (rows, 1 + nodes). The integral over the time of leaving, which others write with two
    hypergeometric functions, is Gauss–Legendre in the logarithm of time, up to where it has died.
    """
    r, alpha, s, beta = p
    low, power = min(alpha, beta), r + x

    def fall(logs: Array) -> Array:
        time = (low + recency) * np.exp(logs) - low
        drop = power * np.log((alpha + time) / (alpha + recency))
        return drop + (s + 1) * np.log((beta + time) / (beta + recency)) - logs - FALL

    span = np.log((low + age) / (low + recency))
    for _ in range(8):
        # The fall is convex: Newton's way from the right never cuts off too much.
        time = (low + recency) * np.exp(span) - low
        slope = (low + time) * (power / (alpha + time) + (s + 1) / (beta + time)) - 1
        over = fall(span)
        span = np.where(over > 0, span - over / np.where(slope > 0, slope, np.inf), span)
    span = np.maximum(span, 0)[:, None]
    times = np.empty((len(x), 1 + len(NODES)))
    times[:, 0] = age
    # Measured from the last purchase, short gaps keep their digits.
    times[:, 1:] = recency[:, None] + (low + recency)[:, None] * np.expm1(span * (NODES + 1) / 2)
    ways = -power[:, None] * np.log(alpha + times) - s * np.log(beta + times)
    with np.errstate(divide="ignore"):
        room = np.log(s * WEIGHTS / 2 * span)
    ways[:, 1:] += room + np.log((low + times[:, 1:]) / (beta + times[:, 1:]))
    return times, ways


def _sums(p: Array, records: Records, rows: slice) -> tuple[float, Array, Array]:
    """Over a block of rows: log of the sum over ways, its gradient and Hessian in p itself."""
    r, alpha, s, beta = p
    x, count = records.xs[records.x_at[rows]], records.count[rows]
    recency = records.recencies[records.recency_at[rows]]
    age = records.ages[records.age_at[rows]]
    times, ways = _ways(p, x, recency, age)
    total = special.logsumexp(ways, axis=1)
    share = np.exp(ways - total[:, None])
    weight = share * count[:, None]
    gone = np.ones(times.shape[1])
    gone[0] = 0
    buying, leaving = 1 / (alpha + times), 1 / (beta + times)
    power, falls = (r + x)[:, None], s + gone
    slopes = np.stack(
        [
            -np.log(alpha + times),
            -power * buying,
            -np.log(beta + times) + gone / s,
            -falls * leaving,
        ],
        axis=-1,
    )
    means = np.einsum("nk,nki->ni", share, slopes)
    flat = slopes.reshape(-1, 4)
    hessian = flat.T @ (flat * weight.reshape(-1, 1)) - means.T @ (means * count[:, None])
    hessian[0, 1] -= np.sum(weight * buying)
    hessian[1, 0] = hessian[0, 1]
    hessian[1, 1] += np.sum(weight * power * buying**2)
    hessian[2, 2] -= np.sum(weight * gone) / s**2
    hessian[2, 3] -= np.sum(weight * leaving)
    hessian[3, 2] = hessian[2, 3]
    hessian[3, 3] += np.sum(weight * falls * leaving**2)
    return float(count @ total), count @ means, hessian
