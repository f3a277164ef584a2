"""What ways to act gain over the best single strategy, and what other assumptions would change."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.segmentation.customer_checks import ascending, require_own_rows
from custlib.segmentation.strategy.choice import NONE, assign_strategies
from custlib.segmentation.strategy.gains import (
    LEAVE,
    OPTIONS,
    Range,
    draw_effects,
    expected_effects,
    read_effects,
    read_range,
    require_strategies,
)
from custlib.segmentation.strategy.inputs import Columns, read_stakes
from custlib.segmentation.strategy.policies import best_option, spread

SINGLE = "all_"


def policy_contrast(
    customers: pd.DataFrame, *, effects: Mapping[str, Range], **stakes: Any
) -> pd.DataFrame:
    """Gain of the own best strategy of each customer over the best one for all.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    effects, **stakes : as in `assign_strategies`
        Without a segment.

    Returns
    -------
    DataFrame, one row
        contrast ("own_best - all_<strategy>"), measure ("gain"), estimate, ci_low, ci_high,
        conf_level, n (customers for whom the two differ), n_missing, note.

    Raises
    ------
    DataError, ParameterError
        As in `assign_strategies`; a segment is passed.

    Notes
    -----
    estimate = Σ (gain of the own best − gain of the best for all). The gains are those of
    `assign_strategies` at the middle of each range. Only customers for whom the two differ decide.
    Both gains are computed in every draw of the effects, and the interval is the middle of the
    draws of their difference. It may reach below zero: a strategy chosen by its expected gain can
    turn out worse.

    Assumes: effects are those of acting on customers like these, such as from a trial, and their
    stated ends are honest; customers do not influence one another; `value` and the costs are right.

    Not for: proof that choosing for each pays: gains of the two policies share the stakes and
    effects given, and an error in these is not in the interval. Nor for choosing the policy by its
    gain here and reporting that same gain as expected.

    Examples
    --------
    >>> firms = pd.DataFrame({"profit": [100.0, 10.0], "sales": [500.0, 50.0],
    ...     "could": [500.0, 950.0], "risk": [0.2, 0.2], "service": [30.0, 3.0]})
    >>> columns = {"value": "profit", "revenue": "sales", "potential": "could", "risk": "risk",
    ...     "cost_to_serve": "service"}
    >>> effects = {"raise_loyalty": 0.5, "stimulate_sales": 0.1, "cut_costs": 0}
    >>> costs = dict.fromkeys(effects, 4)
    >>> found = policy_contrast(firms, effects=effects, **columns, costs=costs, margin=0.3, seed=1)
    >>> found[["contrast", "estimate"]]  # all sales: −4 + 23 = 19; own: 6 + 23 = 29
                             contrast  estimate
    0  own_best - all_stimulate_sales      10.0
    """
    if "segment" in stakes:
        raise ParameterError.because(
            "A segment is passed.", "Expected none here.", "Leave segment= out."
        )
    plan = assign_strategies(customers, effects=effects, **stakes)
    gains = _gains(plan.policies)
    # From the last option to the first, so that where no strategy gains all are left as they are.
    single = gains[gains.index.str.startswith(SINGLE)]["estimate"][::-1].idxmax()
    strategy = plan.cases["strategy"]
    differs = strategy.notna() & strategy.ne(single.removeprefix(SINGLE))
    row: dict[str, Any] = {"contrast": f"own_best - {single}", "measure": "gain"}
    row |= {"estimate": 0.0, "ci_low": 0.0, "ci_high": 0.0}
    row |= {"conf_level": gains["conf_level"].iloc[0], "n": int(differs.sum())}
    row |= {"n_missing": int(strategy.isna().sum()), "note": "" if differs.any() else "no customer"}
    if differs.any():
        at = OPTIONS.index(single.removeprefix(SINGLE))
        row |= _more_than(customers[differs], at, effects=effects, **stakes)
    return arrange([row], keys=["contrast", "measure"])


def strategy_scenarios(
    customers: pd.DataFrame,
    *,
    effects: Mapping[str, Range],
    costs: Mapping[str, float],
    **stakes: Any,
) -> pd.DataFrame:
    """Share of customers by their best strategy (0–1) as given and under other assumptions.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    effects, costs, **stakes : as in `assign_strategies`
        Costs are numbers.

    Returns
    -------
    DataFrame, one row per scenario and strategy
        policy (the scenario: "as given", "effects halved", "costs doubled", "effects at upper
        ends", "effects at lower ends"), strategy, customer_share, n (customers of the strategy),
        n_missing.

    Raises
    ------
    DataError, ParameterError
        As in `assign_strategies`.

    Notes
    -----
    customer_share = customers of the strategy/customers with one. Each has the strategy of the
    largest expected gain in `assign_strategies`. The scenarios move all three strategies together;
    which of them wins may change even so, since the costs of acting stay.

    Assumes: all effects, or all costs, are wrong in one direction and by one factor; stakes stay as
    given.

    Not for: a range of what will happen: no scenario has a probability, and errors of a single
    effect, which can turn the choice as well, are not among them (`policy_contrast` draws each
    effect).

    Examples
    --------
    >>> firm = pd.DataFrame({"profit": [100.0], "sales": [500.0], "could": [900.0], "risk": [0.2],
    ...     "service": [30.0]})
    >>> found = strategy_scenarios(firm, value="profit", revenue="sales", potential="could",
    ...     risk="risk", cost_to_serve="service", margin=0.3, seed=1,
    ...     effects={"raise_loyalty": 0.5, "stimulate_sales": 0.1, "cut_costs": 0},
    ...     costs={"raise_loyalty": 6, "stimulate_sales": 6, "cut_costs": 0})
    >>> found.loc[found["customer_share"] == 1, ["policy", "strategy"]].to_numpy().tolist()[:2]
    [['as given', 'stimulate_sales'], ['effects halved', 'leave_as_is']]
    """
    require_strategies("effects", effects)
    ends = {name: read_range(f"effects[{name!r}]", given) for name, given in effects.items()}
    scenarios: dict[str, tuple[Mapping, Mapping]] = {
        "as given": (effects, costs),
        "effects halved": (
            {name: (low / 2, high / 2) for name, (low, high) in ends.items()},
            costs,
        ),
        "costs doubled": (effects, {name: 2 * cost for name, cost in costs.items()}),
        "effects at upper ends": ({name: high for name, (_, high) in ends.items()}, costs),
        "effects at lower ends": ({name: low for name, (low, _) in ends.items()}, costs),
    }
    rows = []
    for name, (given, paid) in scenarios.items():
        chosen = assign_strategies(customers, effects=given, costs=paid, **stakes).cases["strategy"]
        counts = chosen.value_counts()
        for option in OPTIONS:
            n = int(counts.get(option, 0))
            row = {"policy": name, "strategy": option, "n": n}
            row |= {"customer_share": n / counts.sum() if len(counts) else np.nan}
            rows.append(row | {"n_missing": int(chosen.isna().sum())})
    return arrange(rows, keys=["policy", "strategy"])


def strategy_split(customers: pd.DataFrame, *, segment: str = "segment") -> pd.DataFrame:
    """Share of customers (0–1) by their best strategy, with gain and regret, in each segment.

    Parameters
    ----------
    customers : DataFrame
        The cases of `assign_strategies`.
    segment : str, default "segment"
        Column of segments; customers without one form "(none)".

    Returns
    -------
    DataFrame, one row per segment and strategy, the segment "all" last
        segment, strategy, measure ("gain"), estimate (expected gain of these customers together),
        customer_share (of the segment), probability_best (their mean), regret (their sum), n,
        n_missing (customers of the segment without a strategy), note.

    Raises
    ------
    DataError
        A column is absent, or holds no numbers; a segment is called "all".

    Notes
    -----
    customer_share = n/(customers of the segment with a strategy); estimate = Σ gain of the strategy
    over its n customers. A strategy that nobody has keeps its row, with share 0.

    Assumes: as `assign_strategies`, whose cases these are.

    Not for: segments as causes of gain, or sums with ranges (`assign_strategies` has them).

    Examples
    --------
    >>> cases = pd.DataFrame({"segment": list("aab"), "probability_best": [0.5, 0.7, 0.9],
    ...     "strategy": ["cut_costs", "cut_costs", "leave_as_is"], "regret": [1.0, 2.0, 0.0],
    ...     "gain_raise_loyalty": 0.0, "gain_stimulate_sales": 0.0, "gain_cut_costs": [4.0, 5, -1]})
    >>> found = strategy_split(cases)
    >>> found.loc[found["n"] > 0, ["segment", "strategy", "estimate", "customer_share"]]
       segment     strategy  estimate  customer_share
    2        a    cut_costs       9.0        1.000000
    7        b  leave_as_is       0.0        1.000000
    10     all    cut_costs       9.0        0.666667
    11     all  leave_as_is       0.0        0.333333
    """
    gains = {option: f"gain_{option}" for option in OPTIONS if option != LEAVE}
    numbers = ["probability_best", "regret", *gains.values()]
    require_columns(customers, [segment, "strategy", *numbers])
    customers = customers.assign(**{name: require_numeric(customers, name) for name in numbers})
    labels = customers[segment].astype(object).where(customers[segment].notna(), NONE)
    codes, found = pd.factorize(labels.to_numpy(object))
    parts = {name: customers[codes == code] for code, name in enumerate(found)}
    named = [*[NONE] * (NONE in parts), *ascending(one for one in found if one != NONE), "all"]
    require_own_rows(named)
    rows = []
    for name in named:
        within = parts.get(name, customers)  # only "all" is no segment
        known = int(within["strategy"].notna().sum())
        for option in OPTIONS:
            chosen = within[within["strategy"] == option]
            gain = chosen[gains[option]].sum() if option in gains else 0.0
            row = {"segment": name, "strategy": option, "measure": "gain", "n": len(chosen)}
            row |= {"estimate": float(gain)}
            row |= {"customer_share": len(chosen) / known if known else np.nan}
            row |= {"probability_best": chosen["probability_best"].mean()}
            row |= {"regret": chosen["regret"].sum(), "n_missing": len(within) - known}
            rows.append(row | {"note": "" if len(chosen) else "no customer"})
    return arrange(rows, keys=["segment", "strategy", "measure"])


def _more_than(
    customers: pd.DataFrame,
    single: int,
    *,
    effects: Mapping[str, Range],
    margin: Range,
    costs: Mapping[str, float | str],
    seed: int,
    harm: Range = 0.0,
    n_draws: int = 1000,
    conf_level: float = 0.95,
    **columns: str,
) -> dict:
    """Gain of the own best options over one for all: expected, and the middle of the draws."""
    ranges = read_effects(effects, margin, harm)
    held, _, _ = read_stakes(customers, Columns(**columns), costs)
    expected = held.gains(expected_effects(ranges))[:, :, 0]
    own = best_option(expected)
    drawn = draw_effects(ranges, n_draws=n_draws, seed=seed)
    apart = held.totals(own, drawn) - held.totals(np.full(len(own), single), drawn)
    exact = float((np.choose(own, expected) - expected[single]).sum())
    return spread(apart, conf_level, exact)


def _gains(policies: pd.DataFrame) -> pd.DataFrame:
    """Gain of each policy; to leave all as they are is one."""
    return policies[policies["measure"] == "gain"].set_index("policy")
