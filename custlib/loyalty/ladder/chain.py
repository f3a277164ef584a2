"""The ladder as a Markov chain: its matrix, draws from its posterior, and where it can lead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least, require_columns, require_conf_level, require_seed
from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.stages import NEVER

Array = np.ndarray
NUMBERS = ("estimate", "std_error", "ci_low", "ci_high")
NEEDED = ["stage", "next_stage", "numerator", "prior_count"]


@dataclass(frozen=True, slots=True)
class Chain:
    """Counts, prior counts and the matrix of shares, all (k, k); which stages absorb."""

    names: list[str]
    counts: Array
    prior: Array
    matrix: Array
    absorbing: Array

    @property
    def k(self) -> int:
        return len(self.names)

    def draws(self, n_draws: int, seed: int) -> Array:
        """Matrices from the posterior, shape (n_draws, k, k): each row Dirichlet(count + prior)."""
        require_at_least("n_draws", n_draws, 100)
        random = np.random.default_rng(require_seed(seed))
        matrices = random.standard_gamma(self.counts + self.prior, (n_draws, self.k, self.k))
        matrices[:, self.absorbing] = np.eye(self.k)[self.absorbing]
        return matrices / matrices.sum(axis=2, keepdims=True)

    def lead_out(self) -> Array:
        """From which stages an absorbing one can be reached by moves that were seen."""
        return np.asarray(reachable(self.matrix)[:, self.absorbing].any(axis=1))


@dataclass(frozen=True, slots=True)
class Ladder:
    """All stages of a table of transitions, and the chain of those that can be computed."""

    names: list[str]
    notes: list[str]
    totals: Array
    absorbing: Array
    kept: Array  # positions of the chain's stages
    chain: Chain

    def spread(self, values: Array) -> Array:
        """Numbers of the chain's stages at the places of all stages, the last axis; else NaN."""
        wide = np.full((*values.shape[:-1], len(self.names)), np.nan)
        wide[..., self.kept] = values
        return wide

    def vector(self, name: str, given: Mapping | Sequence, *, what: str) -> Array:
        """A number for each stage, from a mapping or from a list in the ladder's order.

        Absorbing stages that are not named have none; any other must be.
        """
        if isinstance(given, pd.DataFrame):
            require_columns(given, ["stage", "estimate"])
            given = dict(zip(given["stage"], given["estimate"], strict=True))
        if isinstance(given, Mapping):
            strangers = [one for one in given if one not in self.names]
            if strangers:
                raise ParameterError.not_one_of(f"A stage of {name}", strangers[0], self.names)
            needed = zip(self.names, self.absorbing, strict=True)
            lacking = [one for one, ends in needed if one not in given and not ends]
            if not lacking:
                given, lacking = [given.get(one, 0.0) for one in self.names], self.names
        else:
            lacking = self.names
        try:
            values = np.asarray(given if isinstance(given, Sequence | Array) else [], float)
        except (TypeError, ValueError):
            values = np.empty(0)
        if values.shape != (len(self.names),) or not np.isfinite(values).all():
            raise ParameterError.because(
                f"{name} is {given!r}.",
                f"Expected {what} for each stage: {', '.join(map(str, lacking))}.",
                "Pass a list in that order, or a mapping by stage.",
            )
        return values

    def customers(self, given: Mapping | Sequence) -> Array:
        """Customers on each stage, none below zero; stages not named have none."""
        values = self.vector("customers", self.filled(given), what="a number of customers")
        if (values < 0).any() or not values.any():
            raise ParameterError.because(
                f"customers is {given!r}.",
                "Expected numbers not below 0, at least one above.",
                "Pass how many customers stand on each stage.",
            )
        return values

    def standing(self, given: Mapping | Sequence) -> Array:
        """Customers on the stages of the chain; none may stand elsewhere."""
        values = self.customers(given)
        left = [at for at in np.flatnonzero(values) if self.notes[at]]
        if left:
            raise ParameterError.because(
                f"{values[left[0]]:g} customers stand on {self.names[left[0]]!r}:"
                f" {self.notes[left[0]]}.",
                f"Expected customers on: {', '.join(map(str, self.chain.names))}.",
                "Leave them out, and say so, or pass more periods.",
            )
        return values[self.kept]

    def filled(self, given: Mapping | Sequence) -> Mapping | Sequence:
        """A mapping with 0 for the stages it does not name."""
        if not isinstance(given, Mapping):
            return given
        return dict.fromkeys(self.names, 0.0) | dict(given)

    def position(self, name: str, stage: Any) -> int:
        """Place of a stage in the chain."""
        if stage not in self.chain.names:
            if stage in self.names:
                why = self.notes[self.names.index(stage)]
                raise DataError.because(
                    f"{name} is {stage!r}: {why}.",
                    f"Expected one of: {', '.join(map(str, self.chain.names))}.",
                    "Choose a stage whose moves are known.",
                )
            raise ParameterError.not_one_of(name, stage, self.chain.names)
        return self.chain.names.index(stage)


def ladder_chain(transitions: pd.DataFrame) -> Ladder:
    """The chain behind `.estimates` of `ladder_transitions`.

    Stages that nobody reached, or from which a stage can be reached that nobody was seen to go on
    from, cannot be computed: they keep their place in the results, without numbers.
    """
    table = getattr(transitions, "estimates", transitions)
    require_columns(table, NEEDED)
    names = list(dict.fromkeys(table["stage"]))
    pairs = list(zip(table["stage"], table["next_stage"], strict=True))
    if pairs != [(one, other) for one in names for other in names]:
        raise DataError.because(
            f"The transitions have {len(pairs)} rows for {len(names)} stages.",
            "Expected one row for each pair of stages, in the order of the ladder.",
            "Pass the table of ladder_transitions as it is; of several segments, one at a time.",
        )
    k = len(names)
    counts = table["numerator"].to_numpy(float).reshape(k, k).copy()
    prior = table["prior_count"].to_numpy(float).reshape(k, k)
    absorbing = ~prior.any(axis=1)
    counts[absorbing] *= np.eye(k)[absorbing]
    totals = counts.sum(axis=1)
    matrix = np.divide(counts, totals[:, None], out=np.zeros((k, k)), where=totals[:, None] > 0)
    matrix[absorbing] = np.eye(k)[absorbing]
    unknown = (totals == 0) & ~absorbing
    stuck = reachable(matrix)[:, unknown].any(axis=1) & ~unknown
    blamed = [name for name, lost in zip(names, unknown, strict=True) if lost]
    arrived = counts.any(axis=0)
    notes = []
    for at in range(k):
        why = f"leads to a stage that nobody was seen to go on from: {', '.join(map(str, blamed))}"
        own = NEVER if not arrived[at] else "nobody was seen to go on from here"
        notes.append(own if unknown[at] else why if stuck[at] else "")
    kept = np.flatnonzero(~unknown & ~stuck)
    if not (~absorbing[kept]).any():
        raise DataError.because(
            "There is no stage whose moves are known.",
            "Expected at least one stage that customers were seen to go on from.",
            "Pass more periods, or fewer stages.",
        )
    part = np.ix_(kept, kept)
    own_names = [names[at] for at in kept]
    parts = (counts[part], prior[part], matrix[part], absorbing[kept])
    return Ladder(names, notes, totals, absorbing, kept, Chain(own_names, *parts))


def reachable(matrix: Array) -> Array:
    """Whether each stage leads to each by steps that are possible; every stage to itself."""
    steps = (matrix > 0) | np.eye(len(matrix), dtype=bool)
    for _ in range(len(matrix).bit_length()):  # each round doubles the steps
        steps = (steps.astype(int) @ steps.astype(int)) > 0
    return steps


def require_exit(ladder: Ladder) -> Array:
    """Which stages lead out, once it is known that some do."""
    chain = ladder.chain
    if not chain.absorbing.any():
        raise DataError.because(
            "No stage of the ladder is absorbing.",
            "Expected a stage that nobody leaves, such as gone: without an exit customers stay"
            " for ever.",
            "Name it in ladder_transitions(absorbing=[...]), or ask for values with a discount.",
        )
    out = chain.lead_out()
    if not (out & ~chain.absorbing).any():
        ends = [name for name, ends in zip(chain.names, chain.absorbing, strict=True) if ends]
        raise DataError.because(
            f"Nobody was seen to go to {', '.join(map(str, ends))}.",
            "Expected at least one stage with a way out.",
            "Pass more periods, or ask for values with a discount, which need no exit.",
        )
    return out


def posterior_ends(
    statistic: Callable[[Array], Array], chain: Chain, drawn: Array, *, conf_level: float
) -> tuple[Array, Array, Array, Array]:
    """Estimate, its error and the ends of its interval, from draws of the matrix.

    `statistic` takes matrices (…, k, k) to numbers (…, m).
    """
    require_conf_level(conf_level)
    best = statistic(chain.matrix[None])[0]
    return best, *ends_of(statistic(drawn), best, conf_level)


def ends_of(drawn: Array, best: Array, conf_level: float) -> tuple[Array, Array, Array]:
    """Standard deviation and percentile interval of draws.

    The interval is widened to the estimate, which is that of the shares as counted and may lie
    outside where little was seen.
    """
    tail = (1 - conf_level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return drawn.std(axis=0, ddof=1), np.fmin(low, best), np.fmax(high, best)


def numbers_row(best: Array, drawn: Array, conf_level: float) -> dict[str, float]:
    """The numbers of one row, from its estimate and draws of it."""
    ends = ends_of(drawn, np.asarray(best), conf_level)
    return dict(zip(NUMBERS, map(float, (best, *ends)), strict=True))
