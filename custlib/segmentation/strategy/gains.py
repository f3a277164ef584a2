"""Gain of each strategy for each customer: linear in effects that are drawn and known ranges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from custlib.errors import ParameterError

Array = np.ndarray
Range = float | tuple[float, float]
STRATEGIES = ("raise_loyalty", "stimulate_sales", "cut_costs")
LEAVE = "leave_as_is"
OPTIONS = (*STRATEGIES, LEAVE)
BLOCK_CELLS = 2**21  # gains of one strategy held at once


@dataclass(frozen=True, slots=True)
class Effects:
    """Values of the uncertain effects: one column a quantity, one row a draw."""

    prevented: Array
    gained: Array
    saved: Array
    harm: Array

    @property
    def factors(self) -> Array:
        """What the terms of the customers are multiplied with, shape (draws, 5)."""
        ones = np.ones(len(self.saved))
        return np.column_stack([self.prevented, self.gained, self.saved, -self.harm, -ones])


@dataclass(frozen=True, slots=True)
class Stakes:
    """What each customer puts at stake: terms that the effects multiply, and costs of acting."""

    at_risk: Array
    headroom: Array
    cost_to_serve: Array
    value: Array
    costs: Array  # shape (customers, 3)

    def terms(self, strategy: int) -> Array:
        """Terms of one strategy, shape (customers, 5), in the order of `Effects.factors`."""
        found = np.zeros((len(self.value), 5))
        if strategy < len(STRATEGIES):
            found[:, strategy] = (self.at_risk, self.headroom, self.cost_to_serve)[strategy]
            found[:, 4] = self.costs[:, strategy]
        if strategy == 2:
            found[:, 3] = self.value
        return found

    def gains(self, effects: Effects) -> Array:
        """Gain of every option, shape (options, customers, draws); to leave as is gains 0."""
        factors = effects.factors.T
        return np.stack([self.terms(at) @ factors for at in range(len(OPTIONS))])

    def totals(self, chosen: Array, effects: Effects) -> Array:
        """Gain of all customers together under the option chosen for each, one a draw."""
        sums = sum(self.terms(at)[chosen == at].sum(axis=0) for at in range(len(OPTIONS)))
        return effects.factors @ np.asarray(sums)

    def blocks(self, draws: int) -> Iterator[tuple[slice, "Stakes"]]:
        """Customers in parts small enough to hold a gain for every draw."""
        step = max(BLOCK_CELLS // draws, 1)
        for start in range(0, len(self.value), step):
            part = slice(start, start + step)
            yield (
                part,
                Stakes(
                    self.at_risk[part],
                    self.headroom[part],
                    self.cost_to_serve[part],
                    self.value[part],
                    self.costs[part],
                ),
            )


def read_range(name: str, given: Range) -> tuple[float, float]:
    """Both ends of a share given as a number or as (low, high)."""
    ends = given if isinstance(given, tuple | list) else (given, given)
    good = len(ends) == 2 and all(isinstance(end, int | float) for end in ends)
    if not (good and 0 <= ends[0] <= ends[1] <= 1):
        raise ParameterError.because(
            f"{name} is {given!r}.",
            "Expected a share from 0 to 1, or (low, high) of such shares.",
            "Give 10 to 30 % as (0.1, 0.3).",
        )
    return float(ends[0]), float(ends[1])


def read_effects(effects: Mapping[str, Range], margin: Range, harm: Range) -> list[tuple]:
    """Ranges of the five uncertain shares: three effects, margin and harm."""
    require_strategies("effects", effects)
    ranges = [read_range(f"effects[{name!r}]", effects[name]) for name in STRATEGIES]
    return [*ranges, read_range("margin", margin), read_range("harm", harm)]


def draw_effects(ranges: list[tuple], *, n_draws: int, seed: int) -> Effects:
    """Independent uniform draws; every customer shares the draw, so errors do not average out."""
    low, high = np.array(ranges).T
    drawn = low + (high - low) * np.random.default_rng(seed).random((n_draws, len(ranges)))
    return Effects(drawn[:, 0], drawn[:, 1] * drawn[:, 3], drawn[:, 2], drawn[:, 4])


def expected_effects(ranges: list[tuple]) -> Effects:
    """The mean of the effects as a single draw: gains are linear in independent shares."""
    middle = np.array(ranges).mean(axis=1)[:, None]
    return Effects(middle[0], middle[1] * middle[3], middle[2], middle[4])


def require_strategies(name: str, given: Mapping[str, object]) -> None:
    """There is an entry for each of the three strategies and no other."""
    if set(given) != set(STRATEGIES):
        raise ParameterError.because(
            f"{name} has: {', '.join(map(str, given)) or 'nothing'}.",
            f"Expected an entry for each of: {', '.join(STRATEGIES)}.",
            "Add what is missing; for a strategy without effect pass 0.",
        )
