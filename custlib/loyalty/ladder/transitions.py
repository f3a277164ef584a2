"""Moves from one period to the next: counts, shares with intervals, and moves up and down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from custlib.checks import require_columns, require_conf_level, require_list
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.groups import group_rows
from custlib.loyalty.ladder.periods import in_order, require_no_gaps
from custlib.loyalty.ladder.stages import NEVER, stage_names

Array = np.ndarray
NO_MOVE, STAYS = "nobody was seen to go on from here", "no way out by declaration"


@dataclass(frozen=True, slots=True)
class LadderTransitions:
    """Shares of moves between stages; moves up, down and out; pairs of periods used."""

    estimates: pd.DataFrame
    moves: pd.DataFrame
    pairs: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Steps:
    """Pairs of periods that follow each other: codes of both stages, when, and what is lost."""

    start: Array
    end: Array
    period: Array  # of the first of the two, from 0
    previous: Array  # stage one period before the start, −1 where it is not known
    possible: int
    skipped_from: Array  # pairs without an end, by their start


def ladder_transitions(
    stages: pd.DataFrame,
    *,
    customer: str = "customer",
    period: str = "period",
    stage: str = "stage",
    ladder: Sequence[str] | None = None,
    absorbing: Sequence[str] = (),
    by: str | None = None,
    prior: float | None = None,
    conf_level: float = 0.95,
) -> LadderTransitions:
    """Share (0–1) of the customers of each stage that stand on each stage one period later.

    Parameters
    ----------
    stages : DataFrame, one row a customer and period
        Rows without a stage are periods not observed.
    customer, period, stage : str
        Periods are numbers, dates, ordered categories, or texts whose numbers give one order
        (2024 Q2, Q2 2024, 7); all that occur follow each other, in every segment alike.
    ladder : list of str, optional
        Stages from the lowest up; by default the categories of the column, else those found.
    absorbing : list of str
        Stages that nobody leaves, such as "gone"; they are no rung.
    by : str, optional
        Column of segments.
    prior : float, optional
        What is added to each count of a row for the intervals; by default 1 over the number of
        stages, so that the prior weighs as much as one transition.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    LadderTransitions
        `.estimates`: stage, next_stage, estimate, std_error, ci_low, ci_high, conf_level,
        prior_count, n, n_missing, numerator, denominator, method, note, a row for every pair.
        `.moves`: stage, measure (up, stay, down, leave, retention), the same columns. `.pairs`:
        measure (possible, observed, skipped), n.

    Raises
    ------
    DataError
        There is no row, periods sort in more than one way, a customer has two rows for a period, a
        stage is not on the ladder, all of them absorb, somebody left an absorbing one, or no pair
        of periods is observed (a segment without one keeps its rows).

    Notes
    -----
    A pair with a period not observed is skipped, not bridged; n_missing counts those whose end is
    lacking. p = n_ij/n_i with error √(p(1 − p)/n_i); intervals are those of the Beta marginals of
    Dirichlet(n_i + prior), widened to the estimate where it is 0 or 1. Customers who differ for
    good make them too short.

    Assumes: the chain has order one, moves of a stage are independent with one row of shares, a
    period not observed has no reason in the stage.

    Not for: the far future where shares drift or customers differ (`ladder_tests`), rows of few
    moves, or two classings of two dates: `class_migration` has its intervals.

    References
    ----------
    Anderson, T. & Goodman, L. (1957). Ann. Math. Statist. 28:89–110.
    doi:10.1214/aoms/1177707039. Berger, J., Bernardo, J. & Sun, D. (2015). Bayesian Analysis
    10:189–221. doi:10.1214/14-BA915

    Examples
    --------
    >>> seen = pd.DataFrame({"customer": list("aaabbb"), "period": [1, 2, 3] * 2,
    ...                      "stage": ["low", "high", "high", "low", "low", None]})
    >>> found = ladder_transitions(seen, ladder=["low", "high"])  # R: prop.table(table(...), 1)
    >>> found.estimates[["stage", "next_stage", "numerator", "denominator"]].values.tolist()
    [['low', 'low', 1, 2], ['low', 'high', 1, 2], ['high', 'low', 0, 1], ['high', 'high', 1, 1]]
    """
    require_conf_level(conf_level)
    names = stage_names_of(stages, stage, ladder, absorbing)
    order = periods_of(stages, customer, period)
    weight = 1 / len(names) if prior is None else prior
    if not (weight > 0 and np.isfinite(weight)):
        raise ParameterError.because(
            f"prior is {prior!r}.",
            "Expected a number above 0, added to each count.",
            "Pass 0.5 for Jeffreys, 1 for a flat prior, or leave it out.",
        )
    shares: list[dict] = []
    moves: list[dict] = []
    pairs: list[dict] = []
    for group, inside in group_rows(stages, by):
        key = {} if by is None else {by: group}
        steps = observed_steps(stages[inside], customer, period, stage, names, order)
        if by is None and not len(steps.start):
            raise _nothing_observed(steps.possible)
        counts = step_counts(steps, len(names))
        require_stays(counts, names, absorbing)
        table = _Table(names, counts, steps.skipped_from, [*absorbing], weight, conf_level)
        shares += [key | row for row in table.shares()]
        moves += [key | row for row in table.moves()]
        used = {"possible": steps.possible, "observed": len(steps.start)}
        used["skipped"] = steps.possible - len(steps.start)
        pairs += [key | {"measure": name, "n": size} for name, size in used.items()]
    keys = [] if by is None else [by]
    return LadderTransitions(
        arrange(shares, keys=[*keys, "stage", "next_stage"]),
        arrange(moves, keys=[*keys, "stage", "measure"]),
        arrange(pairs, keys=[*keys, "measure"]),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """The counts of one group, and rows of results made of them."""

    names: list[str]
    counts: Array
    skipped: Array
    absorbing: list[str]
    prior: float
    conf_level: float

    def shares(self) -> list[dict]:
        return [
            {"stage": name, "next_stage": other} | self._share(at, {to})
            for at, name in enumerate(self.names)
            for to, other in enumerate(self.names)
        ]

    def moves(self) -> list[dict]:
        rungs = [at for at, name in enumerate(self.names) if name not in self.absorbing]
        ends = set(range(len(self.names))) - set(rungs)
        rows = []
        for at in rungs:
            ways = {"up": {to for to in rungs if to > at}, "stay": {at}}
            ways |= {"down": {to for to in rungs if to < at}}
            ways |= {"leave": ends, "retention": {*rungs}} if ends else {}
            for measure, targets in ways.items():
                rows.append({"stage": self.names[at], "measure": measure})
                rows[-1] |= self._share(at, targets)
        return rows

    def _share(self, at: int, targets: set[int]) -> dict[str, Any]:
        """Share that goes from a stage to any of the targets."""
        count, n = int(self.counts[at, [*targets]].sum()), int(self.counts[at].sum())
        fixed = self.names[at] in self.absorbing
        row: dict = {"conf_level": self.conf_level, "prior_count": 0.0 if fixed else self.prior}
        row |= {"n": n, "n_missing": int(self.skipped[at]), "numerator": count, "denominator": n}
        if fixed:
            own = float(at in targets)
            return row | {"estimate": own, "method": "by declaration", "note": STAYS}
        row["method"] = f"Dirichlet, prior {self.prior:.3g} a stage"
        row["prior_count"] = self.prior * len(targets)
        if not n:
            return row | {"note": NEVER if not self.counts[:, at].any() else NO_MOVE}
        share, k = count / n, len(self.names)
        row |= {"estimate": share, "std_error": (share * (1 - share) / n) ** 0.5, "note": ""}
        if 0 < len(targets) < k:
            added = self.prior * len(targets)
            shape = count + added, n - count + self.prior * k - added
            ends = (1 - self.conf_level) / 2, (1 + self.conf_level) / 2
            low, high = (special.betaincinv(*shape, end) for end in ends)
            row |= {"ci_low": min(float(low), share), "ci_high": max(float(high), share)}
        return row


def stage_names_of(
    stages: pd.DataFrame, stage: str, ladder: Sequence[str] | None, absorbing: Sequence[str]
) -> list[str]:
    """Stages from the lowest up, among them every absorbing one."""
    require_columns(stages, [stage])
    require_list("absorbing", absorbing)
    require_list("ladder", ladder)
    names = stage_names(stages, stage, ladder, absorbing)
    strangers = [name for name in absorbing if name not in names]
    if strangers:
        raise ParameterError.not_one_of("absorbing", strangers[0], names)
    return names


def periods_of(stages: pd.DataFrame, customer: str, period: str) -> list:
    """Periods that occur, the first one first; each row has one, and a customer."""
    require_columns(stages, [customer, period])
    require_no_gaps(stages[customer], "rows")
    return in_order(stages, period)


def observed_steps(
    stages: pd.DataFrame, customer: str, period: str, stage: str, names: list[str], order: list
) -> Steps:
    """Pairs of periods that follow each other in this order, both observed."""
    who, _ = pd.factorize(stages[customer], sort=False)
    places = {label: at for at, label in enumerate(order)}
    when = stages[period].astype(object).map(places).to_numpy(int)
    place = who * len(order) + when
    _require_one_row_each(stages, place, customer, period)
    grid = np.full((int(who.max(initial=-1)) + 1, len(order)), -2)  # −2: no row, −1: not observed
    grid[who, when] = pd.Categorical(stages[stage], categories=names).codes
    listed = grid > -2
    last = len(order) - 1 - listed[:, ::-1].argmax(axis=1)
    possible = int((last - listed.argmax(axis=1)).sum()) if len(grid) else 0
    first, second = grid[:, :-1], grid[:, 1:]
    rows, columns = np.nonzero((first >= 0) & (second >= 0))
    before = np.where(columns > 0, grid[rows, columns - 1], -1)
    inside = np.arange(len(order) - 1) < last[:, None]
    lacking = first[(first >= 0) & (second < 0) & inside]
    skipped = np.bincount(lacking, minlength=len(names))
    pair = first[rows, columns], second[rows, columns]
    return Steps(*pair, columns, np.maximum(before, -1), possible, skipped)


def step_counts(steps: Steps, k: int) -> Array:
    """How often each stage was followed by each, shape (k, k)."""
    return np.bincount(steps.start * k + steps.end, minlength=k * k).reshape(k, k)


def _nothing_observed(possible: int) -> DataError:
    return DataError.because(
        f"Of {possible} pairs of periods that follow each other none is observed.",
        "Expected customers seen in two periods that follow each other.",
        "Pass more periods, or shorter ones.",
    )


def _require_one_row_each(stages: pd.DataFrame, place: Array, customer: str, period: str) -> None:
    twice = np.flatnonzero(pd.Series(place).duplicated())
    if len(twice):
        rows = stages.iloc[twice[:5]]
        pairs = [f"{who} in {when}" for who, when in zip(rows[customer], rows[period], strict=True)]
        raise DataError.because(
            f"{len(twice)} rows repeat a customer and period; first: {', '.join(pairs)}.",
            "Expected one row for each customer and period.",
            "Keep the stage that counts.",
        )


def require_stays(counts: Array, names: list[str], absorbing: Sequence[str]) -> None:
    for name in absorbing:
        at = names.index(name)
        left = counts[at].copy()
        left[at] = 0
        if left.any():
            ways = [f"{name} → {names[to]} ({left[to]})" for to in np.flatnonzero(left)[:5]]
            raise DataError.because(
                f"{int(left.sum())} transitions leave {name!r}, which is declared absorbing:"
                f" {', '.join(ways)}.",
                "Expected that nobody leaves an absorbing stage.",
                "Leave it out of absorbing, or correct the rule that gives the stage.",
            )
