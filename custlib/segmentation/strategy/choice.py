"""The strategy that pays most for each customer, and what is lost if the effects turn out other."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_new_columns,
    require_seed,
    require_whole,
)
from custlib.columns import arrange
from custlib.segmentation.strategy import policies
from custlib.segmentation.strategy.gains import (
    LEAVE,
    OPTIONS,
    STRATEGIES,
    Effects,
    Range,
    Stakes,
    draw_effects,
    expected_effects,
    read_effects,
)
from custlib.segmentation.strategy.inputs import Columns, read_stakes

Array = np.ndarray
NONE = "(none)"  # the segment of customers without one
ADDED = [f"gain_{name}" for name in STRATEGIES]
ADDED += ["strategy", "probability_best", "regret", "strategy_note"]


@dataclass(frozen=True, slots=True)
class AssignedStrategies:
    """Strategy of each customer, totals by strategy, policies compared, options by segment."""

    cases: pd.DataFrame
    estimates: pd.DataFrame
    policies: pd.DataFrame
    segments: pd.DataFrame


def assign_strategies(
    customers: pd.DataFrame,
    *,
    value: str,
    revenue: str,
    potential: str,
    risk: str,
    cost_to_serve: str,
    effects: Mapping[str, Range],
    margin: Range,
    costs: Mapping[str, float | str],
    seed: int,
    harm: Range = 0.0,
    segment: str | None = None,
    n_draws: int = 1000,
    conf_level: float = 0.95,
) -> AssignedStrategies:
    """Expected gain of three strategies for each customer, in the unit of its value, and the best.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    value, revenue, potential, risk, cost_to_serve : str
        Columns: profit from the customer; its revenue and the revenue it could give, 0 or more;
        probability that it leaves, 0-1; what serving it costs. One unit, one span of time.
    effects : mapping of "raise_loyalty", "stimulate_sales", "cut_costs" to a share or (low, high)
        Share of the expected loss prevented, of the unused potential gained, of the cost saved.
    margin, harm : share or (low, high)
        Profit in a unit of new revenue; share of the value lost where costs are cut (default 0).
    costs : mapping of the three strategies to a number, or a column
        Cost of the action for one customer.
    seed : int
    segment : str, optional
        Column of segments, for the policy of one strategy a segment.
    n_draws : int, default 1000
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    AssignedStrategies
        `cases`: the rows with gain_<strategy>, strategy, probability_best, regret, strategy_note.
        `estimates`: strategy, measure (gain, gain_per_customer, regret, probability_best),
        estimate, ci_low, ci_high, conf_level, customer_share, n, n_missing, note. `policies`:
        policy, measure (gain, regret, regret_share). `segments`: the gain of each option in each.

    Raises
    ------
    DataError, ParameterError
        A number, share or range outside its bounds; a column that is absent or would be replaced.

    Notes
    -----
    raise_loyalty = effect × risk × value − cost; stimulate_sales = effect × (potential − revenue)₊
    × margin − cost; cut_costs = effect × cost to serve − harm × value − cost; regret = mean over
    draws of (best gain − gain of the choice). That is what knowing the effects is worth.
    leave_as_is gains 0 and is chosen where nothing gains. Of a value below zero, harm counts as a
    gain, and less risk as a loss: to lose such a customer saves money. Ranges are drawn uniformly,
    one draw for all customers.

    Assumes: effects, margin and harm are alike for all customers and stated by the user; a customer
    gets one strategy; risk was estimated without the action.

    Not for: effects nobody has tried on part of the base with the rest left alone, or a budget for
    several contacts (`allocate_contacts`). The risk itself comes from elsewhere, such as
    `churn_hazards`.

    Examples
    --------
    >>> firm = pd.DataFrame({"profit": [100.0], "sales": [500.0], "could": [900.0], "risk": [0.2],
    ...     "service": [30.0]})
    >>> found = assign_strategies(firm, value="profit", revenue="sales", potential="could",
    ...     risk="risk", cost_to_serve="service", margin=0.3, seed=1,
    ...     effects={"raise_loyalty": 0.5, "stimulate_sales": 0.1, "cut_costs": 0.2},
    ...     costs=dict.fromkeys(STRATEGIES, 4))
    >>> found.cases["strategy"].tolist()  # 0.5×0.2×100−4 = 6, 0.1×400×0.3−4 = 8, 0.2×30−4 = 2
    ['stimulate_sales']
    """
    require_conf_level(conf_level)
    n_draws = require_whole("n_draws", n_draws, 2)
    require_new_columns(customers, ADDED)
    require_columns(customers, [segment])
    ranges = read_effects(effects, margin, harm)
    columns = Columns(value, revenue, potential, risk, cost_to_serve)
    stakes, complete, notes = read_stakes(customers, columns, costs)
    drawn = draw_effects(ranges, n_draws=n_draws, seed=require_seed(seed))
    expected = stakes.gains(expected_effects(ranges))[:, :, 0]
    chosen = policies.best_option(expected)
    outlook = _outlook(stakes, chosen, drawn)
    labels, names = _labels(customers, segment, complete)
    n_missing = int((~complete).sum())
    choices = _choices(chosen, stakes, expected, labels if segment else None)
    return AssignedStrategies(
        _cases(customers, complete, notes, expected, chosen, outlook),
        _estimates(stakes, drawn, expected, chosen, outlook, n_missing, conf_level),
        policies.policy_table(
            choices, stakes, drawn, expected, outlook.total, n_missing, conf_level
        ),
        policies.segment_table(labels, names, stakes, drawn, expected, conf_level),
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of each customer: how often the choice is best and its mean regret; and the best total."""

    probability: Array
    regret: Array
    total: Array  # one a draw
    regret_by_option: Array  # shape (options, draws)


def _outlook(stakes: Stakes, chosen: Array, drawn: Effects) -> Outlook:
    n, draws = len(chosen), len(drawn.saved)
    found = Outlook(np.empty(n), np.empty(n), np.zeros(draws), np.zeros((len(OPTIONS), draws)))
    for part, block in stakes.blocks(draws):
        gains = block.gains(drawn)
        best = gains.max(axis=0)
        own = gains[chosen[part], np.arange(len(best))]
        found.probability[part] = (own == best).mean(axis=1)
        found.regret[part] = (best - own).mean(axis=1)
        found.total[:] += best.sum(axis=0)
        for at in range(len(OPTIONS)):
            inside = chosen[part] == at
            found.regret_by_option[at] += (best - own)[inside].sum(axis=0)
    return found


def _labels(customers: pd.DataFrame, segment: str | None, complete: Array) -> tuple[Array, Array]:
    """Place of each complete customer's segment; those without one form a segment of their own."""
    if segment is None:
        return np.zeros(int(complete.sum()), int), np.array([], dtype=object)
    given = customers.loc[complete, segment].astype(object)
    labels, names = pd.factorize(given.where(given.notna(), NONE), sort=False)
    return labels, np.asarray(names, dtype=object)


def _choices(
    chosen: Array, stakes: Stakes, expected: Array, labels: Array | None
) -> dict[str, tuple[Array, str]]:
    """Choice of every policy, with what a reader must know of it."""
    choices = {"own_best": (chosen, "")}
    if labels is not None:
        choices["segment_best"] = (policies.segment_rule(labels, expected), "")
    if len(chosen):
        choices["value_by_potential"] = policies.quadrant_rule(stakes)
    choices |= {f"all_{name}": (np.full(len(chosen), at), "") for at, name in enumerate(STRATEGIES)}
    return choices | {f"all_{LEAVE}": (np.full(len(chosen), len(STRATEGIES)), "")}


def _cases(
    customers: pd.DataFrame,
    complete: Array,
    notes: list[str],
    expected: Array,
    chosen: Array,
    outlook: Outlook,
) -> pd.DataFrame:
    added = {name: np.full(len(customers), np.nan) for name in ADDED if name != "strategy"}
    for at, name in enumerate(STRATEGIES):
        added[f"gain_{name}"][complete] = expected[at]
    added["probability_best"][complete] = outlook.probability
    added["regret"][complete] = outlook.regret
    names = np.full(len(customers), None, dtype=object)
    names[complete] = np.array(OPTIONS, dtype=object)[chosen]
    return customers.assign(**(dict.fromkeys(ADDED) | added | {"strategy": names})).assign(
        strategy_note=notes
    )


def _estimates(
    stakes: Stakes,
    drawn: Effects,
    expected: Array,
    chosen: Array,
    outlook: Outlook,
    n_missing: int,
    conf_level: float,
) -> pd.DataFrame:
    rows = []
    for at, option in enumerate(OPTIONS):
        inside = chosen == at
        n = int(inside.sum())
        gain = stakes.totals(np.where(inside, at, OPTIONS.index(LEAVE)), drawn)
        exact = float(expected[at, inside].sum())
        each = policies.spread(gain / n, conf_level, exact / n) if n else policies.UNKNOWN
        measures = {
            "gain": policies.spread(gain, conf_level, exact),
            "gain_per_customer": each,
            "regret": policies.spread(outlook.regret_by_option[at], conf_level),
            "probability_best": policies.UNKNOWN
            | {"estimate": float(outlook.probability[inside].mean()) if n else np.nan},
        }
        about = {
            "conf_level": conf_level,
            "customer_share": n / len(chosen) if len(chosen) else np.nan,
            "n": n,
            "n_missing": n_missing,
            "note": "" if n else "no customer",
        }
        rows += [
            {"strategy": option, "measure": name} | one | about for name, one in measures.items()
        ]
    return arrange(rows, keys=["strategy", "measure"])
