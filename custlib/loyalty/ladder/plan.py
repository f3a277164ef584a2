"""What a file of events allows a study of the ladder: what is asked of it, and what is lacking."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from custlib.columns import arrange
from custlib.errors import DataError, ParameterError, nearest
from custlib.loyalty.ladder.budget import ladder_budget
from custlib.loyalty.ladder.climb import ladder_climb, ladder_rungs
from custlib.loyalty.ladder.gains import ladder_gains
from custlib.loyalty.ladder.lifetimes import ladder_lifetimes
from custlib.loyalty.ladder.occupancy import ladder_occupancy
from custlib.loyalty.ladder.order import ladder_tests
from custlib.loyalty.ladder.rules import Rules, lacking_kinds, ladder_of, stage_rules
from custlib.loyalty.ladder.stages import ladder_shares, ladder_stages
from custlib.loyalty.ladder.transitions import LadderTransitions, ladder_transitions
from custlib.loyalty.ladder.value import ladder_margins, ladder_value

OPTIONAL = ("event", "amount")
ROLES = ("customer", "date", *OPTIONAL)


@dataclass(frozen=True, slots=True)
class LadderPlan:
    """Stages and moves of one file, and every question asked of them with the same options.

    A question that the file does not allow gives None, and is one more of the `gaps`.
    """

    stages: pd.DataFrame
    found: LadderTransitions
    shares: pd.DataFrame
    customer: str
    asked: dict[str, Any]  # of transitions
    drawn: dict[str, Any]  # of every interval
    money: dict[str, Any]
    step: dict[str, Any]
    min_base: int
    gaps: list[str]

    @property
    def moves(self) -> pd.DataFrame:
        """Shares that go from stage to stage."""
        return self.found.estimates

    @property
    def standing(self) -> dict[str, float]:
        """Customers on each stage in the last period, without those lost."""
        last = self.shares[self.shares["period"] == self.shares["period"].max()]
        counts = dict(zip(last["stage"], last["numerator"].astype(float), strict=True))
        return {name: n for name, n in counts.items() if name not in self.asked["absorbing"]}

    def readable(self, results: pd.DataFrame) -> pd.DataFrame:
        """Rows with a number that rests on moves enough."""
        enough = results["n"].ge(self.min_base) & results["estimate"].notna()
        return results[enough & ~results["stage"].isin(self.asked["absorbing"])]

    def compared(self, rungs: pd.DataFrame) -> pd.DataFrame:
        """Rows of the climb that tells rungs apart: ever, or up where every climb is certain."""
        read = self.readable(rungs)
        ever = read[read["measure"] == "ever"]
        return read[read["measure"] == "up"] if ever["estimate"].eq(1).all() else ever

    def rungs(self) -> pd.DataFrame | None:
        """Who climbs from each rung, see `ladder_rungs`."""
        return self._try("no rungs", lambda: ladder_rungs(self.moves, **self.drawn))

    def climb(self) -> pd.DataFrame | None:
        """Who reaches which rung and when, see `ladder_climb`."""
        return self._try("no climb", lambda: ladder_climb(self.moves, **self.drawn))

    def tests(self) -> pd.DataFrame | None:
        """Pearson's tests of order and stationarity by drawn tables, see `ladder_tests`."""
        options: dict[str, Any] = {name: self.asked[name] for name in ("ladder", "absorbing")}
        options |= {name: self.drawn[name] for name in ("n_draws", "seed")}
        options["customer"] = self.customer
        tests = self._try("no tests", lambda: ladder_tests(self.stages, **options))
        return None if tests is None else tests[tests["method"].str.startswith("Pearson")]

    def fit(self) -> tuple[pd.DataFrame, pd.DataFrame] | None:
        """Shares of the first period's customers as counted, and as the matrix has them."""
        period = self.stages["period"]
        began = self.stages.loc[period == period.min(), self.customer]
        seen = ladder_shares(self.stages[self.stages[self.customer].isin(began)])
        seen["period"] = seen["period"].rank(method="dense").astype(int) - 1
        start = seen[seen["period"] == 0].set_index("stage")["estimate"].to_dict()
        ahead: dict[str, Any] = {"customers": start, "periods": int(seen["period"].max())}
        ahead |= self.drawn
        expected = self._try("no forecast", lambda: ladder_occupancy(self.moves, **ahead))
        return None if expected is None else (seen, expected)

    def lifetimes(self) -> pd.DataFrame | None:
        """How long customers stay, see `ladder_lifetimes`."""
        options: dict[str, Any] = {"customers": self.standing} | self.drawn
        return self._try("no length of stay", lambda: ladder_lifetimes(self.moves, **options))

    def value(self) -> pd.DataFrame | None:
        """What stages are worth, see `ladder_value`."""
        options: dict[str, Any] = {"customers": self.standing} | self.money | self.drawn
        return self._worth("no values", lambda: ladder_value(self.moves, **options))

    def gains(self, **other: Any) -> pd.DataFrame | None:
        """What a point more is worth, see `ladder_gains`; other options replace those planned."""
        moves = other.pop("moves", self.moves)
        options: dict[str, Any] = {"customers": self.standing} | self.money | self.step
        options |= self.drawn | other
        return self._worth("no value of a step", lambda: ladder_gains(moves, **options))

    def budget(
        self, budget: float, *, reach_points: float, cost_per_customer: float, **other: Any
    ) -> pd.DataFrame | None:
        """The best split of a budget, see `ladder_budget`, with a scale for each customer."""
        moves = other.pop("moves", self.moves)
        standing = self.standing
        scale = {name: cost_per_customer * max(n, 1) for name, n in standing.items()}
        options: dict[str, Any] = {"budget": budget, "reach_points": reach_points, "scale": scale}
        options |= {"customers": standing} | self.money | self.step | self.drawn | other
        return self._worth("no split", lambda: ladder_budget(moves, **options))

    def views(self, budget: float, **spent: float) -> pd.DataFrame | None:
        """Under one other choice at a time: where a point is worth most, where most money goes.

        choice, measure (point, spend), stage, next_stage, estimate, ci_low, ci_high, n.
        """
        flat = ladder_transitions(self.stages, **self.asked | {"prior": 1.0}).estimates
        rate = min(2 * self.money["discount"], 1.0)
        others: dict[str, dict[str, Any]] = {"as chosen": {}, "twice the rate": {"discount": rate}}
        others |= {"four periods to come": {"horizon": 4}, "steps stay wide": {"lasting": None}}
        others |= {"donor: those who stay": {"donor": "stay"}, "prior of 1": {"moves": flat}}
        rows = []
        for name, other in others.items():
            gains, split = self.gains(**other), self.budget(budget, **spent, **other)
            if gains is None or split is None:
                return None
            point = gains[gains["measure"] == "base"].assign(measure="point")
            spend = split[(split["measure"] == "spend") & (split["stage"] != "all")]
            for part in (point, spend):
                best = part.loc[part["estimate"].idxmax()].to_dict()
                kept = ("measure", "stage", "next_stage", "estimate", "ci_low", "ci_high", "n")
                rows.append({"choice": name} | {column: best[column] for column in kept})
        return arrange(rows, keys=["choice", "measure", "stage", "next_stage"])

    def _worth(self, what: str, question: Callable[[], pd.DataFrame]) -> pd.DataFrame | None:
        """An answer that needs margins; that they are lacking was said once."""
        return None if self.money["margins"] is None else self._try(what, question)

    def _try(self, what: str, question: Callable[[], pd.DataFrame]) -> pd.DataFrame | None:
        try:
            return question()
        except DataError as problem:
            gap = f"{what}: {problem.found}"
            if gap not in self.gaps:
                self.gaps.append(gap)
            return None


def ladder_plan(
    events: pd.DataFrame,
    *,
    rules: Rules,
    roles: Mapping[str, str],
    lost: str | None = None,
    margins: Sequence[float] | None = None,
    margin_share: float = 1.0,
    discount: float = 0.0,
    horizon: int | None = None,
    lasting: int | None = None,
    donor: str | None = None,
    prior: float | None = None,
    min_base: int = 30,
    n_draws: int = 2000,
    seed: int,
    conf_level: float = 0.95,
    **reading: Any,
) -> LadderPlan:
    """Stages and moves of a file of events, and the questions that can be asked of them.

    Parameters
    ----------
    events : DataFrame, one row an event
    rules : list of str or mappings
        As in `ladder_stages`.
    roles : mapping
        Columns by role: customer, date, and event and amount where the file has them. Other roles
        of a data set are not used.
    lost : str, optional
        Stage that nobody leaves; where no rule names it, that is a gap.
    margins : list of float, optional
        By stage from the lowest up; by default means of the amounts times `margin_share`.
    margin_share : float, default 1
        What is left of an amount, as a share of it.
    discount, horizon, lasting, donor, prior, n_draws, seed, conf_level
        As in `ladder_value`, `ladder_gains` and `ladder_transitions`.
    min_base : int, default 30
        Moves that a stage needs before it is read.
    reading
        Further options of `ladder_stages`, such as period and until.

    Returns
    -------
    LadderPlan
        What one question lacks is no error: the question gives None, and is one of the gaps.

    Raises
    ------
    DataError
        What no question can do without: a column of customers or days, two periods of somebody.
    ParameterError
        A rule that cannot be read or asks for amounts that the file lacks, or a role misspelt.

    Examples
    --------
    >>> days = ["2024-01-01", "2024-04-01", "2024-05-01"]
    >>> events = pd.DataFrame({"who": [1, 1, 2], "date": days})
    >>> roles = {"customer": "who", "date": "date", "event": "event", "amount": "amount"}
    >>> plan = ladder_plan(events, rules=["buyer: order >= 1", "idle: otherwise"], roles=roles,
    ...                    seed=1)
    >>> plan.standing, plan.gaps[0]
    ({'idle': 0.0, 'buyer': 2.0}, 'no kinds of event: every row counts as an order')
    """
    strange = [role for role in roles if role not in ROLES and nearest(role, ROLES)]
    if strange:
        raise ParameterError.not_one_of("A role", strange[0], ROLES)
    # A column under a name of its own was meant; one that nobody named may be lacking.
    assumed = [role for role in OPTIONAL if roles.get(role) == role]
    present = {r: name for r, name in roles.items() if r not in assumed or name in events}
    present = {r: name for r, name in present.items() if r in ROLES}
    read = stage_rules(rules)
    ladder = ladder_of(read)
    ends = [lost] if lost in ladder else []
    columns: dict[str, Any] = {"event": None} | present
    stages = ladder_stages(events, rules=read, **columns, **reading)
    asked: dict[str, Any] = {"ladder": ladder, "absorbing": ends, "prior": prior}
    asked |= {"conf_level": conf_level, "customer": present["customer"]}
    found = ladder_transitions(stages, **asked)
    paid: Any = margins
    if margins is None and "amount" in present:
        own: dict[str, Any] = {"margin_share": margin_share, "customer": present["customer"]}
        paid = ladder_margins(stages, conf_level=conf_level, **own)
    occurring = events[present["event"]].astype(str).unique() if "event" in present else ["order"]
    lacking = lacking_kinds(read, occurring)
    told = {
        "no kinds of event: every row counts as an order": "event" not in present,
        f"no rule gives the stage {lost!r}: nobody leaves for good": bool(lost) and not ends,
        f"kinds that rules count and that never occur: {', '.join(lacking)}": bool(lacking),
        "no values: neither amounts nor margins": paid is None,
    }
    for row in found.moves.drop_duplicates("stage").itertuples():
        told[f"too few moves from {row.stage} to be read: {row.n}"] = row.n < min_base
    return LadderPlan(
        stages=stages,
        found=found,
        shares=ladder_shares(stages, conf_level=conf_level),
        customer=present["customer"],
        asked=asked,
        drawn={"n_draws": n_draws, "seed": seed, "conf_level": conf_level},
        money={"margins": paid, "discount": discount, "horizon": horizon},
        step={"lasting": lasting, "donor": donor},
        min_base=min_base,
        gaps=[text for text, holds in told.items() if holds],
    )
