"""Who climbs: the chance to reach a rung, how long it takes, and which rung is the narrowest."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from custlib.checks import require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.chain import NUMBERS, Ladder, ends_of, ladder_chain, reachable

Array = np.ndarray
MODES = ("at_least", "exactly")
NOT_SEEN = "nobody was seen to get there from here"


def ladder_climb(
    transitions: pd.DataFrame,
    *,
    reach: str = "at_least",
    within: int | None = None,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Probability (0–1) that a customer ever reaches a rung, and the periods it takes them.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    reach : {"at_least", "exactly"}
        That rung or a higher one, from those below; or that very stage, from every other.
    within : int, optional
        Adds the probability to get there within so many periods.
    n_draws : int, default 2000
        Matrices drawn from the posterior, at least 100.
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, next_stage (the rung), measure, estimate, std_error, ci_low, ci_high, conf_level,
        n, method, note. measure: ever (probability), periods (expected until the first time,
        among those who get there), within.

    Raises
    ------
    DataError
        No two stages, one above the other, or none whose moves are known.

    Notes
    -----
    h = (I − Q)⁻¹ b, the chance ever to climb; periods = (I − Q)⁻¹ h/h. With Q among the stages that
    are neither the goal nor absorbing and b the chance to step into the goal, these are by stage.
    Some leave before they climb, so that the mean over all would be infinite: it is that of those
    who climb, and by itself says nothing of how many do.

    Assumes: a chain of order one whose shares stay as they are, alike for all on a stage
    (`ladder_tests`).

    Not for: customers who differ for good, where quick ones climb early and the mean time deceives;
    or periods without the share that ever climbs beside them (`ladder_rungs` has it).

    References
    ----------
    Kemeny, J. & Snell, J. (1976). Finite Markov Chains. Springer. Norris, J. (1997). Markov
    Chains. Cambridge University Press. doi:10.1017/CBO9780511810633

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": list("aabbccdd"), "period": [1, 2] * 4,
    ...                      "stage": ["a", "a", "a", "b", "a", "gone", "b", "gone"]})
    >>> moves = ladder_transitions(seen, absorbing=["gone"]).estimates
    >>> ladder_climb(moves, seed=1)["estimate"].round(6).tolist()  # up or gone, 1/3 each
    [0.5, 1.5]
    >>> # R: markovchain::firstPassage
    """
    require_one_of("reach", reach, MODES)
    require_conf_level(conf_level)
    if within is not None and not (within >= 1 and within % 1 == 0):
        raise ParameterError.because(
            f"within is {within!r}.", "Expected a whole number of periods from 1.", "Correct it."
        )
    ladder = ladder_chain(transitions)
    chain = ladder.chain
    drawn = chain.draws(n_draws, seed)
    rungs = _rungs(ladder)
    rows = []
    for goal in rungs:
        below = [at for at in rungs if at < goal or (reach == "exactly" and at != goal)]
        for measure, values in _passages(ladder, drawn, goal, reach, within, conf_level).items():
            rows += [
                _row(ladder, at, goal, measure, values[:, at]) | {"conf_level": conf_level}
                for at in below
            ]
    # Both measures of a pair stand together, in the order of the ladder.
    places = {name: at for at, name in enumerate(ladder.names)}
    rows.sort(key=lambda row: (places[row["next_stage"]], places[row["stage"]]))
    return arrange(rows, keys=["stage", "next_stage", "measure"])


def ladder_rungs(
    transitions: pd.DataFrame, *, n_draws: int = 2000, seed: int, conf_level: float = 0.95
) -> pd.DataFrame:
    """How many climb from each stage to a higher one, and how surely which rung is narrowest.

    Parameters
    ----------
    transitions : DataFrame
        `.estimates` of `ladder_transitions`.
    n_draws : int, default 2000
        Matrices drawn from the posterior, at least 100.
    seed : int
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame
        stage, next_stage (the next rung), measure (ever, up), estimate (share, 0–1), std_error,
        ci_low, ci_high, conf_level, probability_first, n, method, note. ever: reaches that rung or
        a higher one some day; up: in the next period. probability_first is how often in the draws
        the rung alone has the smallest share.

    Raises
    ------
    DataError
        No two stages, one above the other, or none whose moves are known.

    Notes
    -----
    ever = (I − Q)⁻¹ b; up = b. Q are the moves among the stages below the next rung, b the chances
    to step onto it or above (`ladder_climb`). The last rung has nobody to climb to. Rungs without
    numbers take no part in the comparison. Where nobody leaves, every climb is certain some day:
    none is the narrowest by "ever".

    Assumes: the next stage hangs on the present one alone, for an endless time; rows are drawn from
    independent Dirichlet posteriors.

    Not for: where effort pays: the narrowest rung may be cheap or dear to widen, and `ladder_gains`
    counts in money. Two rungs nearly alike share probability_first.

    References
    ----------
    Norris, J. (1997). Markov Chains. Cambridge University Press. doi:10.1017/CBO9780511810633

    Examples
    --------
    >>> from custlib.loyalty import ladder_transitions
    >>> seen = pd.DataFrame({"customer": list("aabbccdd"), "period": [1, 2] * 4,
    ...                      "stage": ["a", "a", "a", "b", "a", "gone", "b", "gone"]})
    >>> moves = ladder_transitions(seen, absorbing=["gone"]).estimates
    >>> ladder_rungs(moves, seed=1)[["stage", "measure", "estimate"]].round(3).values.tolist()
    [['a', 'ever', 0.5], ['a', 'up', 0.333]]
    >>> # R: markovchain::hittingProbabilities
    """
    require_conf_level(conf_level)
    ladder = ladder_chain(transitions)
    drawn = ladder.chain.draws(n_draws, seed)
    rungs = _rungs(ladder)
    pairs = list(pairwise(rungs))
    rows = []
    for measure in ("ever", "up"):
        samples, bests = [], []
        for start, goal in pairs:
            sampled, counted = _ways(ladder, goal, "at_least")
            one = Passage.ever if measure == "ever" else Passage.up
            known = 1.0 if sampled.goals.any() else np.nan
            samples.append(known * ladder.spread(one(sampled, drawn))[..., start])
            best = one(counted, ladder.chain.matrix[None])[0]
            bests.append(known * ladder.spread(best)[start])
        first = _first(np.array(samples))
        for at, (start, goal) in enumerate(pairs):
            ends = ends_of(samples[at], np.array(bests[at]), conf_level)
            numbers = np.array([bests[at], *ends])
            row = _row(ladder, start, goal, measure, numbers) | {"conf_level": conf_level}
            rows.append(row | {"probability_first": first[at]})
    rows.sort(key=lambda row: ladder.names.index(row["stage"]))
    return arrange(rows, keys=["stage", "next_stage", "measure"])


def _rungs(ladder: Ladder) -> list[int]:
    """Positions of the stages that customers leave, of which one lies above another."""
    rungs = [at for at, ends in enumerate(ladder.absorbing) if not ends]
    if len(rungs) < 2:
        raise DataError.because(
            f"The ladder has {len(rungs)} stages between which customers can move.",
            "Expected at least two, one above the other.",
            "Add a rule for a further stage.",
        )
    return rungs


def _first(samples: Array) -> Array:
    """How often each alone has the smallest number, over the draws; NaN where it has none."""
    if not len(samples):
        return np.empty(0)
    known = ~np.isnan(samples).any(axis=1)
    ranked = np.where(known[:, None], samples, np.inf)
    least = ranked == ranked.min(axis=0)
    return np.where(known, (least & (least.sum(axis=0) == 1)).mean(axis=1), np.nan)


def _passages(
    ladder: Ladder, drawn: Array, goal: int, reach: str, within: int | None, conf_level: float
) -> dict[str, Array]:
    """Estimate, error and ends of each measure, shape (4, stages), towards one goal."""
    sampled, counted = _ways(ladder, goal, reach)
    measures: dict[str, Callable[[Passage, Array], Array]] = {"ever": Passage.ever}
    measures["periods"] = Passage.periods
    if within is not None:
        measures["within"] = lambda way, matrices: way.within(matrices, within)
    found = {}
    for measure, statistic in measures.items():
        values = np.full((4, ladder.chain.k), np.nan)
        if sampled.goals.any():
            best = statistic(counted, ladder.chain.matrix[None])[0]
            ends = ends_of(statistic(sampled, drawn), best, conf_level)
            values = np.where(np.isnan(best), np.nan, [best, *ends])
        found[measure] = ladder.spread(values)
    return found


@dataclass(frozen=True, slots=True)
class Passage:
    """The way to a goal: which of the chain's stages are it, which lie before it, and from which
    it is reached for certain, as none of the ways leads elsewhere."""

    goals: Array
    before: Array
    certain: Array

    def ever(self, matrices: Array) -> Array:
        """Probability to get there; 0 from where no way leads."""
        inside = np.flatnonzero(self.before)
        part = np.eye(len(inside)) - matrices[..., inside[:, None], inside]
        values = np.zeros(matrices.shape[:-1])
        values[..., inside] = np.linalg.solve(part, self.up(matrices)[..., inside, None])[..., 0]
        values[..., self.certain] = 1.0
        return values.clip(0, 1)

    def periods(self, matrices: Array) -> Array:
        """Periods until the first time, of those who get there."""
        inside = np.flatnonzero(self.before)
        part = np.eye(len(inside)) - matrices[..., inside[:, None], inside]
        chance = self.ever(matrices)[..., inside]
        values = np.full(matrices.shape[:-1], np.nan)
        values[..., inside] = np.linalg.solve(part, chance[..., None])[..., 0] / chance
        return values

    def within(self, matrices: Array, periods: int) -> Array:
        """Probability to get there within so many periods."""
        stopped = matrices.copy()
        stopped[..., self.goals, :] = np.eye(len(self.goals))[self.goals]
        return self.up(np.linalg.matrix_power(stopped, periods))

    def up(self, matrices: Array) -> Array:
        """Probability to get there in one step."""
        return matrices[..., self.goals].sum(axis=-1)


def _ways(ladder: Ladder, goal: int, reach: str) -> tuple[Passage, Passage]:
    """The way as the draws have it, where every step is possible, and as the counts have it."""
    chain = ladder.chain
    places = ladder.kept
    goals = (places >= goal if reach == "at_least" else places == goal) & ~chain.absorbing
    return _way(chain.counts + chain.prior, goals), _way(chain.matrix, goals)


def _way(steps: Array, goals: Array) -> Passage:
    """The way by steps above 0, from the stages that get there at all.

    A stage that never does would leave the equations without a solution.
    """
    ways = reachable(np.where(goals[:, None], 0, steps))
    leading = ways[:, goals].any(axis=1)
    astray = ways[:, ~leading].any(axis=1)
    return Passage(goals, leading & ~goals, np.asarray(leading & ~astray))


def _row(ladder: Ladder, start: int, goal: int, measure: str, numbers: Array) -> dict:
    row: dict = {"stage": ladder.names[start], "next_stage": ladder.names[goal], "measure": measure}
    row |= dict(zip(NUMBERS, numbers.tolist(), strict=True))
    note = ladder.notes[start]
    if not note and np.isnan(numbers[0]):
        note = ladder.notes[goal] or NOT_SEEN
    row |= {"n": int(ladder.totals[start]), "method": "first passage, posterior draws"}
    return row | {"note": note}
