"""Expectation and maximization of latent classes, all starts at once, with extrapolated steps."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from custlib.segmentation.latent.patterns import Patterns

Array = np.ndarray

SAME_MAXIMUM = 1e-4  # of the log-likelihood: starts that end so near have found the same
TOLERANCE = 1e-10  # change of the log-likelihood in a step of EM, at which it stops
FIRST_LIMIT = 4.0  # of an extrapolation's length, and the factor by which the limit moves
# Multiplications in one start's product of matrices: more would wake the threads of the linear
# algebra library, which cost such small matrices up to ten times what they save.
BLOCK_PRODUCTS = 2**17
SMALLEST = 1e-300  # stands for a probability of 0, whose logarithm the matrix product cannot take


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the starts ended: shares (starts, classes), probabilities (starts, classes, answers).

    The classes of each start are in decreasing order of their shares.
    """

    shares: Array
    answers: Array
    loglik: Array
    rounds: Array
    converged: Array

    @property
    def best(self) -> int:
        """The first start with the highest log-likelihood; one that converged, if it is as high."""
        return int(np.argmax(np.where(self.converged, self.loglik, self.loglik - SAME_MAXIMUM)))


def climb(patterns: Patterns, *, k: int, n_starts: int, max_rounds: int, seed: int) -> Ends:
    """Maximize the likelihood from each start.

    Rounds of SQUAREM (Varadhan & Roland 2008): two steps of EM, an extrapolation along them, and
    a step of EM from there; where the extrapolation lowers the likelihood it is not taken.
    """
    point = random_starts(patterns, k=k, n_starts=n_starts, seed=seed)
    end, loglik = point.copy(), np.full(n_starts, -np.inf)
    rounds, converged = np.zeros(n_starts, int), np.zeros(n_starts, bool)
    running, limit = np.arange(n_starts), np.full(n_starts, FIRST_LIMIT)
    for _ in range(max_rounds):
        first, value = em_step(patterns, point, k)
        second, better = em_step(patterns, first, k)
        rounds[running] += 1
        done = better - value <= np.maximum(TOLERANCE, 8 * np.finfo(float).eps * np.abs(better))
        end[running], loglik[running], converged[running] = second, better, done
        running, left = running[~done], ~done
        if not len(running):
            break
        steps = point[left], first[left], second[left]
        point, limit = _extrapolated(patterns, steps, better[left], limit[left], k)
    shares, answers = _parts(end, k)
    order = _order(shares, answers)
    return Ends(
        np.take_along_axis(shares, order, axis=1),
        np.take_along_axis(answers, order[:, :, None], axis=1),
        loglik,
        rounds,
        converged,
    )


def random_starts(patterns: Patterns, *, k: int, n_starts: int, seed: int) -> Array:
    """Equal shares, probabilities from a flat Dirichlet distribution; one stream a start."""
    points = []
    for stream in np.random.SeedSequence(seed).spawn(n_starts):
        drawn = np.random.default_rng(stream).exponential(size=(k, len(patterns.item_of_answer)))
        totals = np.add.reduceat(drawn, patterns.starts, axis=1)
        answers = drawn / totals[:, patterns.item_of_answer]
        points.append(answers)
    return _point(np.full((n_starts, k), 1 / k), np.array(points))


def em_step(patterns: Patterns, points: Array, k: int) -> tuple[Array, Array]:
    """One step of EM from each point, and the log-likelihood of where it started."""
    shares, answers = _parts(points, k)
    totals, members = np.zeros_like(answers), np.zeros_like(shares)
    loglik = np.zeros(len(points))
    for block in _blocks(len(patterns.codes), k * answers.shape[2]):
        posterior, logs = memberships(patterns.indicators[block], shares, answers)
        weights = patterns.weights[block]
        loglik += logs @ weights
        posterior *= weights
        members += posterior.sum(axis=2)
        totals += posterior @ patterns.indicators[block]
    answered = np.add.reduceat(totals, patterns.starts, axis=2)[:, :, patterns.item_of_answer]
    # A class without members keeps the probabilities it has.
    moved = np.divide(totals, answered, out=answers.copy(), where=answered > 0)
    shares = members / members.sum(axis=1, keepdims=True)
    return _point(shares, moved), loglik


def memberships(indicators: Array, shares: Array, answers: Array) -> tuple[Array, Array]:
    """Posterior of the classes (starts, classes, patterns) and log-likelihood of each pattern."""
    joint = np.log(np.maximum(answers, SMALLEST)) @ indicators.T
    joint += np.log(np.maximum(shares, SMALLEST))[:, :, None]
    top = joint.max(axis=1)
    joint -= top[:, None]
    np.exp(joint, out=joint)
    total = joint.sum(axis=1)
    joint /= total[:, None]
    np.log(total, out=total)
    return joint, total + top


def _extrapolated(
    patterns: Patterns, steps: tuple[Array, Array, Array], floor: Array, limit: Array, k: int
) -> tuple[Array, Array]:
    """The step of EM from the extrapolated point, or the second step where that is no better.

    The limit on the length of the extrapolation grows where it pays and shrinks where it fails.
    """
    point, first, second = steps
    change = first - point
    curve = second - first - change
    bend = np.maximum(np.sqrt((curve**2).sum(axis=1)), SMALLEST)
    wanted = np.maximum(np.sqrt((change**2).sum(axis=1)) / bend, 1.0)
    length = np.minimum(wanted, limit)[:, None]
    ahead = point + 2 * length * change + length**2 * curve
    # Outside of the probabilities the second step of EM stands in; then all sum to 1 again.
    shares, answers = _parts(np.where(ahead > 0, ahead, second), k)
    shares = shares / shares.sum(axis=1, keepdims=True)
    totals = np.add.reduceat(answers, patterns.starts, axis=2)
    answers = answers / totals[:, :, patterns.item_of_answer]
    moved, value = em_step(patterns, _point(shares, answers), k)
    taken = value >= floor
    grown = np.where(wanted >= limit, limit * FIRST_LIMIT, limit)
    shrunk = np.maximum(length[:, 0] / FIRST_LIMIT, 1.0)
    return np.where(taken[:, None], moved, second), np.where(taken, grown, shrunk)


def _point(shares: Array, answers: Array) -> Array:
    return np.hstack([shares, answers.reshape(len(shares), -1)])


def _parts(points: Array, k: int) -> tuple[Array, Array]:
    return points[:, :k], points[:, k:].reshape(len(points), k, -1)


def _blocks(count: int, width: int) -> Iterator[slice]:
    size = max(BLOCK_PRODUCTS // width, 1)
    return (slice(at, at + size) for at in range(0, count, size))


def _order(shares: Array, answers: Array) -> Array:
    """Order of the classes by decreasing share; equal shares by their answers."""
    keys = np.concatenate([np.round(answers, 6), np.round(-shares, 9)[:, :, None]], axis=2)
    return np.array([np.lexsort(each.T) for each in keys])
